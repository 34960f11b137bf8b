//! Runs in folders of their own, for the other files of these tests.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use elth_core::{
    chance::Seeds,
    safetensors,
    schedule::{Step, Training},
    ticket::{Ticket, format},
};
use elth_store::{
    dataset::{Name, digest},
    run::{
        control::{self, Control, Wanted},
        dir::RunDir,
        event::Event,
        event_log, launch,
        recipe::{Recipe, SCHEMA, Task},
    },
};
use tempfile::TempDir;

/// The trainer under test.
pub const WORKER: &str = env!("CARGO_BIN_EXE_elth-worker");

/// A busy machine may take long; a hanging trainer takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A run in a folder that goes with it.
pub struct Run {
    pub dir: RunDir,
    _folder: TempDir,
}

/// Two epochs of 22 steps on the digits, rewound to step 5: seconds on one core.
pub fn training() -> Training {
    Training {
        batch_size: 64,
        training_steps: Step::epochs(2),
        rewinding_steps: Step::iterations(5),
        milestone_steps: vec![Step::iterations(30)],
        warmup_steps: Step::iterations(0),
        lr: 0.1,
        gamma: 0.1,
        momentum: 0.9,
        weight_decay: 1e-4,
    }
}

/// A recipe on the digits for the smallest ResNet.
pub fn recipe(task: Task) -> Recipe {
    Recipe {
        schema: SCHEMA,
        build: env!("ELTH_BUILD").to_owned(),
        trainer: WORKER.into(),
        model: "cifar_resnet_8_2".to_owned(),
        classes: 10,
        input: "3x8x8".to_owned(),
        dataset: "digits".to_owned(),
        data_digest: digest::published(Name::Digits).unwrap().to_owned(),
        data_dir: "/nowhere".into(),
        device: "cpu".to_owned(),
        threads: 1,
        precision: "exact".to_owned(),
        task,
        training: (&training()).into(),
        seeds: Seeds::derive(1).into(),
        choice: elth_store::dataset::choice::Choice::default(),
    }
}

/// Pruning to level 2.
pub fn pruning() -> Recipe {
    recipe(Task::Imp {
        levels: 2,
        pruning_fraction: 0.2,
        counting: "exact".to_owned(),
        snapshot_steps: Vec::new(),
        criterion: None,
    })
}

/// Retraining of a ticket from the step that it is rewound to.
pub fn retraining(ticket: &Ticket) -> Recipe {
    recipe(Task::Train {
        ticket: ticket.digest().to_string(),
        ticket_name: "level_1".to_owned(),
        start_at: "5it".to_owned(),
        moving: None,
    })
}

impl Run {
    /// Makes the run's directory and starts nothing.
    pub fn new(recipe: &Recipe, ticket: Option<&Ticket>) -> Self {
        let folder = TempDir::new().unwrap();
        let ticket = ticket.map(format::encode);
        let dir = launch::create(folder.path(), recipe, ticket.as_deref()).unwrap();
        Self { dir, _folder: folder }
    }

    /// The trainer's command for this run.
    pub fn command(&self) -> Command {
        let mut command = Command::new(WORKER);
        command.arg("run").arg(self.dir.path());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs the trainer to its end.
    pub fn go(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Runs the trainer to its end, which must be a good one.
    pub fn go_well(&self) {
        let output = self.go();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts the trainer with a checkpoint after every step.
    pub fn start(&self) -> Child {
        self.command().env("ELTH_CHECKPOINT_SECONDS", "0").spawn().unwrap()
    }

    /// All that the trainer has said.
    pub fn events(&self) -> Vec<Event> {
        event_log::read(&self.dir.events()).unwrap()
    }

    /// Waits until the trainer has said something.
    pub fn wait_for(&self, what: impl Fn(&Event) -> bool) {
        self.wait_until(|events| events.iter().any(&what));
    }

    /// Waits until what the trainer has said so far is enough.
    pub fn wait_until(&self, enough: impl Fn(&[Event]) -> bool) {
        let since = Instant::now();
        while !enough(&self.events()) {
            assert!(since.elapsed() < PATIENCE, "waited in vain: {:?}", self.events().last());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks for a state.
    pub fn ask(&self, wanted: Wanted) -> Control {
        control::ask(&self.dir, wanted).unwrap()
    }

    /// Every file in `tickets/` with its bytes.
    pub fn tickets(&self) -> Files {
        let entries = fs::read_dir(self.dir.tickets()).unwrap().map(|entry| entry.unwrap());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        // A killed trainer may leave the beginning of a file under a hidden name.
        let files = entries.map(|entry| entry.path()).filter(|path| !name(path).starts_with('.'));
        files.map(|path| (name(&path), fs::read(&path).unwrap())).collect()
    }
}

/// A ticket that a run wrote.
pub fn ticket(files: &Files, name: &str) -> Ticket {
    format::decode(&files[name]).unwrap()
}

/// What the short pruning writes where nobody disturbs it.
pub fn undisturbed() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let run = Run::new(&pruning(), None);
        run.go_well();
        run.tickets()
    })
}

/// Checks that two runs wrote the same; which metadata differ is easier to read than bytes.
pub fn assert_same(ones: &Files, others: &Files) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(ones), names(others));
    for (name, bytes) in ones {
        let header =
            |bytes: &[u8]| safetensors::read_header(bytes, bytes.len() as u64).unwrap().metadata;
        assert_eq!(header(bytes), header(&others[name]), "{name}");
        assert!(*bytes == others[name], "{name} has other tensors");
    }
}
