//! From a run directory to a supervisor that works on it.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    atomic::CannotWrite,
    run::{
        control::{self, Control, Wanted},
        dir::RunDir,
        ending::{self, Waiting},
        launch::CannotLaunch,
        lease::{self, Holder, Lease},
        standing::{self, State},
    },
};

/// A supervisor that has not taken its lock after this long never will.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a starter looks whether the supervisor is up.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How a run came to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// Its trainer was told to; it answers with this wish's number.
    Told(Control),
    /// It has a new supervisor.
    Started,
}

/// Starts the run's supervisor in the background and returns when it holds its lock, or has ended.
///
/// # Errors
/// When the run is alive or done, or the supervisor cannot be started.
pub fn start(dir: &RunDir, elth: &Path) -> Result<(), CannotLaunch> {
    let failed = |error| CannotWrite::at(&dir.launcher_lease(), error);
    let Some(_launcher) = Lease::take(&dir.launcher_lease()).map_err(failed)? else {
        return Err(CannotLaunch::Alive(dir.id()));
    };
    if standing::is_worked_on(dir) {
        return Err(CannotLaunch::Alive(dir.id()));
    }
    prepare(dir)?;
    let mut child = spawn(dir, elth)?;
    wait_until_up(dir, &mut child)?;
    // Somebody must ask how it ended, or it stays in the process table for as long as we live.
    thread::spawn(move || child.wait());
    Ok(())
}

/// Lets a run go on that is paused, stopped, lost or failed; returns at once.
///
/// # Errors
/// When it goes on already, is done, or cannot be started.
pub fn resume(dir: &RunDir, elth: &Path) -> Result<Resumed, CannotLaunch> {
    let (state, _, _) = standing::state_of(dir);
    let wanted = control::read(dir).map_or(Wanted::Run, |control| control.wanted);
    let held_back = wanted == Wanted::Pause;
    match state {
        State::Done => Err(CannotLaunch::Done(dir.id())),
        State::Paused if wanted == Wanted::Stop => Err(CannotLaunch::Stopping(dir.id())),
        State::Paused => Ok(Resumed::Told(control::ask(dir, Wanted::Run)?)),
        State::Waiting | State::Running if held_back => {
            Ok(Resumed::Told(control::ask(dir, Wanted::Run)?))
        }
        State::Waiting | State::Running => Err(CannotLaunch::Alive(dir.id())),
        State::Stopped | State::Failed | State::Lost => start(dir, elth).map(|()| Resumed::Started),
    }
}

/// Forgets how it ended last time, and notes what was said until now: a new trainer says the rest.
fn prepare(dir: &RunDir) -> Result<(), CannotLaunch> {
    let (state, said) = standing::left_behind(dir);
    match state {
        State::Done => return Err(CannotLaunch::Done(dir.id())),
        State::Lost if ending::read(dir).is_none() => check_host(dir)?,
        _ => {}
    }
    control::ask(dir, Wanted::Run)?;
    let reason = "its supervisor is starting".to_owned();
    ending::write_waiting(dir, &Waiting { reason, heard: said.heard, device_uuid: None })?;
    match fs::remove_file(dir.result()) {
        Err(error) if dir.result().exists() => Err(CannotWrite::at(&dir.result(), error).into()),
        _ => Ok(()),
    }
}

/// A lock may not be seen from another host: what was held there and never ended may be alive.
pub(crate) fn check_host(dir: &RunDir) -> Result<(), CannotLaunch> {
    let here = lease::host();
    for path in [dir.lease(), dir.supervisor_lease()] {
        if let Some(Holder { host, .. }) = lease::holder(&path).filter(|it| it.host != here) {
            return Err(CannotLaunch::Elsewhere { run: dir.id(), host, lease: path });
        }
    }
    Ok(())
}

fn spawn(dir: &RunDir, elth: &Path) -> Result<Child, CannotLaunch> {
    Command::new(elth)
        .arg("supervise")
        .arg(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| CannotLaunch::Spawn { program: elth.to_owned(), run: dir.id(), error })
}

fn wait_until_up(dir: &RunDir, child: &mut Child) -> Result<(), CannotLaunch> {
    let since = Instant::now();
    let is_up = || lease::is_held(&dir.supervisor_lease()) || dir.result().exists();
    while !is_up() {
        let gone = matches!(child.try_wait(), Ok(Some(_)));
        // It may have ended between the two questions.
        if gone && is_up() {
            break;
        }
        if gone || since.elapsed() > PATIENCE {
            // One that hangs shall not come up when nobody expects it any more.
            let _ = child.kill();
            return Err(CannotLaunch::NotUp(dir.id()));
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ending::Ending;

    fn run() -> (tempfile::TempDir, RunDir) {
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path().join("imp-1"));
        fs::create_dir(dir.path()).unwrap();
        (folder, dir)
    }

    /// Starts the run with this program in place of `elth`, and expects it not to come up.
    fn check(dir: &RunDir, elth: &str, words: &str) {
        let error = start(dir, Path::new(elth)).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
        assert!(!standing::is_alive(dir));
    }

    #[test]
    fn a_supervisor_that_does_not_come_up_is_named() {
        let (_folder, dir) = run();
        check(&dir, "/nowhere/elth", "cannot start `/nowhere/elth` for the run `imp-1`: ");
        check(&dir, "/bin/false", "the supervisor of run `imp-1` did not come up");
    }

    #[test]
    fn a_run_that_is_done_is_not_started_again() {
        let (_folder, dir) = run();
        let (state, at) = ("done".to_owned(), String::new());
        ending::write(&dir, &Ending { state, at, reason: None, exit: Some(0) }).unwrap();
        check(&dir, "/bin/false", "run `imp-1` is done");
        assert!(dir.result().exists(), "what it came to is kept");
    }

    #[test]
    fn a_run_that_another_host_may_still_hold_is_not_started() {
        let (_folder, dir) = run();
        let sign = |host: &str| {
            let holder = Holder { host: host.to_owned(), ..Holder::this_process() };
            fs::write(dir.lease(), serde_json::json!(holder).to_string()).unwrap();
        };
        sign("elsewhere");
        check(&dir, "/bin/false", "run `imp-1` was held by host `elsewhere`, and whether it lives");
        sign(&lease::host());
        check(&dir, "/bin/false", "the supervisor of run `imp-1` did not come up");
        sign("elsewhere");
        let (state, at) = ("stopped".to_owned(), String::new());
        ending::write(&dir, &Ending { state, at, reason: None, exit: None }).unwrap();
        check(&dir, "/bin/false", "the supervisor of run `imp-1` did not come up");
    }
}
