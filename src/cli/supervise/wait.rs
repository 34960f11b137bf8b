//! What a run waits for before its trainer starts: its inputs, its turn on a device, and to be let go on.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use elth_store::{
    device::{
        self, Grant, Turn, Wish,
        queue::{self, Cores},
    },
    run::{
        control::{self, Wanted},
        dir::RunDir,
        ending,
        lease::Lease,
        recipe::{BadRecipe, Recipe, Task},
    },
};

/// 200 ms: a stop feels immediate, and two files read so often cost nothing.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// 2 s: the driver's tool takes up to half a second to answer.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// What `waiting.json` says, kept up to date.
pub struct Waiting<'a> {
    dir: &'a RunDir,
    said: ending::Waiting,
}

impl<'a> Waiting<'a> {
    /// Takes over from whoever started this supervisor.
    pub fn of(dir: &'a RunDir) -> Self {
        Self { dir, said: ending::read_waiting(dir).unwrap_or_default() }
    }

    /// Lines of the event log that belong to earlier trainers.
    pub fn heard(&self) -> u64 {
        self.said.heard
    }

    /// Notes the device that the trainer is started on.
    pub fn granted(&mut self, grant: &Grant) -> Result<()> {
        if let Grant::Gpu { gpu, .. } = grant {
            self.said.device_uuid = Some(gpu.uuid.clone());
        }
        self.say("its trainer is starting")
    }

    fn say(&mut self, reason: &str) -> Result<()> {
        if self.said.reason == reason {
            return Ok(());
        }
        reason.clone_into(&mut self.said.reason);
        Ok(ending::write_waiting(self.dir, &self.said)?)
    }
}

/// What a run was given to work on; the leases are held as long as this lives.
#[derive(Debug)]
pub struct Given {
    /// The device.
    pub grant: Grant,
    /// Cores, where the device is the CPU.
    pub cores: Vec<Lease>,
}

/// Waits until all is there, and gives the device; nothing when the run is told to stop before.
pub fn for_all(dir: &RunDir, recipe: &Recipe, waiting: &mut Waiting) -> Result<Option<Given>> {
    let wish: Wish = recipe.device.parse().map_err(|_| BadRecipe::Value {
        key: "device",
        value: recipe.device.clone(),
        wanted: "device (auto, cpu, cuda or cuda:N)",
    })?;
    let pause = if asks_a_driver(wish) { ASK_EVERY } else { Duration::ZERO };
    let mut asked: Option<Instant> = None;
    loop {
        let wanted = control::read(dir).map_or(Wanted::Run, |control| control.wanted);
        if wanted == Wanted::Stop {
            return Ok(None);
        }
        if let Some(reason) = missing(dir, recipe, wanted) {
            waiting.say(&reason)?;
        } else if asked.is_none_or(|asked| asked.elapsed() >= pause) {
            asked = Some(Instant::now());
            match turn(dir, recipe, wish)? {
                Ok(given) => return Ok(Some(given)),
                Err(reason) => waiting.say(&reason)?,
            }
        }
        thread::sleep(LOOK_EVERY);
    }
}

fn asks_a_driver(wish: Wish) -> bool {
    wish != Wish::Cpu && (wish != Wish::Auto || device::has_driver())
}

/// Asks once for a device, and for cores where that is the CPU; says why it has to wait.
fn turn(dir: &RunDir, recipe: &Recipe, wish: Wish) -> Result<Result<Given, String>> {
    let grant = match device::ask(wish)? {
        Turn::Granted(grant) => grant,
        Turn::Later(reason) => return Ok(Err(reason)),
    };
    if matches!(grant, Grant::Gpu { .. }) {
        return Ok(Ok(Given { grant, cores: Vec::new() }));
    }
    let runs = dir.path().parent().unwrap_or(dir.path());
    let cores = queue::ask(runs, &dir.id(), recipe.threads).context(
        "cannot queue for the CPU: set ELTH_LOCKS to a folder of yours, or ELTH_CORES=0",
    )?;
    Ok(match cores {
        Cores::Granted(cores) => Ok(Given { grant, cores }),
        Cores::Later(reason) => Err(reason),
    })
}

fn missing(dir: &RunDir, recipe: &Recipe, wanted: Wanted) -> Option<String> {
    if wanted == Wanted::Pause {
        return Some(format!("it was paused before it began: `elth run resume {}`", dir.id()));
    }
    let needs_ticket = matches!(recipe.task, Task::Train { .. });
    let absent = needs_ticket && !dir.input_ticket().exists();
    absent.then(|| format!("its ticket `{}` is not there yet", dir.input_ticket().display()))
}
