//! A home of one's own with a trainer that stands in for the real one.

use std::{
    env,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use elth_store::run::{
    dir::RunDir,
    ending, launch, lease,
    standing::{self, State},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub const ELTH: &str = env!("CARGO_BIN_EXE_elth");

/// The build that a trainer must be of.
pub const BUILD: &str = env!("ELTH_BUILD");

/// A run of the stand-in takes half a second unless it is told otherwise; loaded machines take longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Options of a training that any data set is large enough for.
pub const SMALL: &str =
    "--model cifar_resnet_8_2 --levels 1 --training-steps 20it --rewinding-steps 2it";

/// A home, a trainer, and what is set in the environment.
pub struct Bench {
    folder: TempDir,
    worker: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Bench {
    /// A home without runs, and a trainer of this build that does nothing but count.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let worker = script(folder.path(), "elth-worker", include_str!("trainer.sh"));
        // Nobody waits for cores unless that is what is looked at.
        let variables = [("FAKE_BUILD", BUILD), ("ELTH_CORES", "0")];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { folder, worker, variables }
    }

    /// The same with another trainer.
    pub fn with_worker(worker: PathBuf) -> Self {
        let mut bench = Self::new();
        bench.worker = worker;
        bench
    }

    /// The trainer's program.
    pub fn worker(&self) -> &Path {
        &self.worker
    }

    /// The same with a variable set.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.retain(|(other, _)| *other != name);
        self.variables.push((name, value.into()));
        self
    }

    /// A file or folder in the bench's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a program before all others of its name.
    pub fn install(&self, name: &str, text: &str) {
        script(self.folder.path(), name, text);
    }

    /// Where the runs lie.
    pub fn runs(&self) -> PathBuf {
        self.path("home/runs")
    }

    /// The directory of a run.
    pub fn dir(&self, id: &str) -> RunDir {
        RunDir::at(self.runs().join(id))
    }

    /// The command with the words of a line, not yet run.
    pub fn command(&self, line: &str) -> Command {
        let path = env::var("PATH").unwrap_or_default();
        let mut command = Command::new(ELTH);
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .env("ELTH_HOME", self.path("home"))
            .env("ELTH_LOCKS", self.path("locks"))
            .env("ELTH_WORKER", &self.worker)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs `elth` with the words of a line.
    pub fn elth(&self, line: &str) -> Answer {
        Answer::of(self.command(line).output().unwrap())
    }

    /// The JSON answer to the words of a line.
    pub fn json(&self, line: &str) -> Value {
        let answer = self.elth(&format!("{line} --json"));
        assert_eq!(answer.status, Some(0), "{answer:?}");
        serde_json::from_str(&answer.out).unwrap()
    }

    /// Starts a run that goes on for a minute unless it is told otherwise, and waits until its trainer is up.
    pub fn long_run(self) -> Self {
        let bench = self.with("FAKE_STEPS", "3000");
        bench.elth(&format!("imp {SMALL} --detach")).is_done();
        bench.wait_for("imp-1", State::Running);
        bench
    }

    /// Waits until a run is in this state and, where it runs, its trainer has done a step.
    pub fn wait_for(&self, id: &str, expected: State) {
        let dir = self.dir(id);
        self.until(&format!("{id} is {expected}"), || {
            let (state, _, said) = standing::state_of(&dir);
            let heard = ending::read_waiting(&dir).map_or(0, |start| start.heard);
            let works = said.began_at > heard && said.step.is_some_and(|step| step > 0);
            state == expected && (state != State::Running || works)
        });
    }

    /// Waits until nothing holds a run.
    pub fn wait_until_free(&self, id: &str) {
        self.until("it is free", || !standing::is_alive(&self.dir(id)));
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let since = Instant::now();
        while !is_so() {
            assert!(since.elapsed() < PATIENCE, "not so: {what}; {}", self.elth("runs").out);
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Bench {
    /// No process of a test outlives it.
    fn drop(&mut self) {
        for dir in launch::list(&self.runs()) {
            for lock in [dir.supervisor_lease(), dir.lease()] {
                if lease::is_held(&lock) {
                    kill(&lock, Signal::KILL);
                }
            }
        }
    }
}

/// Sends a signal to the process that signed a lease.
pub fn kill(lock: &Path, signal: Signal) {
    if let Some(holder) = lease::holder(lock) {
        let process = Pid::from_raw(i32::try_from(holder.process).unwrap()).unwrap();
        // It may be gone in this moment.
        let _ = kill_process(process, signal);
    }
}

/// The end of a process within a time that only a mistake exceeds.
pub fn wait(mut child: Child) -> Answer {
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(since.elapsed() < PATIENCE, "the command does not end");
        thread::sleep(Duration::from_millis(10));
    }
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().map(|mut pipe| pipe.read_to_string(&mut out).unwrap());
    child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut err).unwrap());
    Answer { status: child.wait().unwrap().code(), out, err }
}

impl Answer {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Checks that the command succeeded.
    pub fn is_done(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
    }

    /// Checks status and the words of the first line on standard error.
    pub fn refuses(&self, status: i32, words: &str) {
        let first = self.err.lines().next().unwrap_or_default();
        assert_eq!(self.status, Some(status), "{self:?}");
        assert!(first.starts_with("error: ") && first.contains(words), "{first:?} lacks {words:?}");
        assert_eq!(self.out, "", "{self:?}");
    }
}

fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}
