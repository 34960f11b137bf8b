//! The only place that touches the world: carries out effects on threads and reports back as messages.

pub mod gpus;
mod listing;
pub(crate) mod study;
mod watch;

use std::{
    any::Any,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::Sender,
    },
    thread,
};

use anyhow::{Context as _, Result, bail};
use elth_core::{blueprint::Blueprint, reshape::reshape, unit_map::UnitMap};
use elth_store::{
    atomic,
    device::machine,
    masks::{self, Counts},
    run::{compare, control, dir::RunDir, launch},
    ticket_file::{self, CannotRead},
};

use crate::{
    Options,
    effect::{Effect, Transformation},
    message::Message,
    model::Access,
    portrait::{self, Portrait},
    runtime::Report,
};
use watch::Asking;

/// Portraits that may be read at once: those of older askings were scrolled past.
const PORTRAITS: u64 = 4;

/// Studies of tickets that may be under way at once: those of older askings were moved past.
const STUDIES: u64 = 8;

/// Carries out effects.
#[derive(Debug)]
pub struct Hands {
    options: Arc<Options>,
    reports: Sender<Report>,
    watcher: Sender<Asking>,
    newest: Arc<Newest>,
}

/// The newest askings of what is often asked for in a row.
#[derive(Debug, Default)]
struct Newest {
    portrait: AtomicU64,
    study: AtomicU64,
}

impl Hands {
    /// Hands that report there; the watcher begins to look at the runs.
    pub fn new(options: Options, reports: Sender<Report>) -> Self {
        gpus::watch(reports.clone());
        let watcher = watch::start(&options, reports.clone());
        Self { options: Arc::new(options), reports, watcher, newest: Arc::default() }
    }

    /// Carries out one effect in the background; returns how many answers are to be waited for.
    pub fn perform(&self, effect: Effect) -> usize {
        let asking = match effect {
            Effect::Follow(dir) => Asking::Follow(dir),
            Effect::Unfollow(dir) => Asking::Unfollow(dir),
            Effect::LookAtRuns => Asking::Look,
            other => {
                self.in_background(other);
                return 1;
            }
        };
        // A watcher that is gone has said so when it went.
        let _ = self.watcher.send(asking);
        0
    }

    /// Keeps what was copied in a file of that folder, for terminals that took no copy; returns the answers to wait for.
    pub fn keep_copy(&self, text: String, folder: Option<PathBuf>, is_sent: bool) -> usize {
        let reports = self.reports.clone();
        thread::spawn(move || {
            let file = folder.and_then(|folder| {
                let file = folder.join("copied");
                let made = fs::create_dir_all(folder).and_then(|()| fs::write(&file, &text));
                made.is_ok().then_some(file)
            });
            // A loop that is gone needs no answer.
            let _ = reports.send(Report::Finished(Some(Message::Copied { text, file, is_sent })));
        });
        1
    }

    fn in_background(&self, effect: Effect) {
        let (options, reports) = (Arc::clone(&self.options), self.reports.clone());
        let newest = Arc::clone(&self.newest);
        match effect {
            Effect::Portray { asking, .. } => newest.portrait.store(asking, Ordering::Relaxed),
            Effect::Study { asking, .. } => newest.study.store(asking, Ordering::Relaxed),
            _ => {}
        }
        let asking = effect.waited_for();
        let failed = move |reason: String| match asking {
            Some(asking) => Message::Refused(asking, reason),
            None => Message::Failed(reason),
        };
        thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| carry_out(effect, &options, &newest)));
            let message = match outcome {
                Ok(Ok(message)) => message,
                Ok(Err(error)) => Some(failed(format!("{error:#}"))),
                Err(panic) => Some(failed(panicked(panic.as_ref()))),
            };
            // A loop that is gone needs no answer.
            let _ = reports.send(Report::Finished(message));
        });
    }
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
    format!("elth made a mistake and goes on without the answer: {text}")
}

fn carry_out(effect: Effect, options: &Options, newest: &Newest) -> Result<Option<Message>> {
    if options.access == Access::ReadOnly && effect.writes() {
        bail!("this home is only looked at: open it without --read-only to change it");
    }
    Ok(match effect {
        Effect::ListShelf { generation } => {
            Some(Message::Shelved { generation, listing: listing::of(options) })
        }
        Effect::Portray { path, asking, generation } => {
            let is_overtaken = asking + PORTRAITS < newest.portrait.load(Ordering::Relaxed);
            let outcome = (!is_overtaken).then(|| portrayed(&path).map(Box::new));
            let outcome = outcome.map(|outcome| outcome.map_err(|error| error.to_string()));
            Some(Message::Portrayed { path, generation, outcome })
        }
        Effect::Study { study, asking, generation } => {
            let is_overtaken = asking + STUDIES < newest.study.load(Ordering::Relaxed);
            let outcome = (!is_overtaken).then(|| study::find(&study).map(Box::new));
            let outcome = outcome.map(|outcome| outcome.map_err(|error| format!("{error:#}")));
            Some(Message::Studied { study, generation, outcome })
        }
        Effect::SaveTransformed(asking, asked) => Some(Message::Saved(asking, save(&asked)?)),
        Effect::Command(asking, commands) => {
            Some(Message::Started(asking, commanded(&commands, options)?))
        }
        Effect::Ask(dir, wanted) => {
            let asked = control::ask(&dir, wanted)?.wanted;
            Some(Message::Done(format!("asked `{}` to {}", dir.id(), verb(asked))))
        }
        Effect::Resume(dir) => {
            let id = dir.id();
            Some(Message::Done(match launch::resume(&dir, &options.elth)? {
                launch::Resumed::Told(_) => format!("asked `{id}` to go on"),
                launch::Resumed::Started => format!("`{id}` goes on from its last checkpoint"),
            }))
        }
        Effect::Delete(dir) => {
            launch::delete(&dir)?;
            Some(Message::Done(format!("deleted `{}`", dir.id())))
        }
        Effect::ReadTicketOf(dir) => {
            let path = dir.input_ticket();
            let about = ticket_file::read_summary(&path)?.about;
            Some(Message::TicketOf(dir, path, Box::new(about)))
        }
        Effect::LookAtMachine => {
            Some(Message::Machine(Box::new(machine::look(&options.home.runs()))))
        }
        Effect::ReadHeaders(dirs) => {
            let read = |dir: RunDir| compare::header(&dir).map(|header| (dir, header));
            Some(Message::Headers(dirs.into_iter().filter_map(read).collect()))
        }
        // The loop and the watcher carry out these.
        Effect::Suspend
        | Effect::Ring(_)
        | Effect::Redraw
        | Effect::Copy(_)
        | Effect::Follow(_)
        | Effect::Unfollow(_)
        | Effect::LookAtRuns => None,
    })
}

/// What a ticket looks like: by what its masks keep; all of the file is read only where its header has no digest.
fn portrayed(path: &Path) -> Result<Portrait, CannotRead> {
    let Counts { about, digest, kept } = masks::count(path)?;
    match digest {
        Some(digest) => Ok(portrait::of_counts(&about, &kept, digest)),
        None => Ok(portrait::of(&ticket_file::read(path)?)),
    }
}

fn verb(wanted: control::Wanted) -> &'static str {
    match wanted {
        control::Wanted::Run => "go on",
        control::Wanted::Pause => "pause",
        control::Wanted::Stop => "stop",
    }
}

/// Transforms a ticket and saves it; a file that is there stays as it is.
fn save(asked: &Transformation) -> Result<PathBuf> {
    let output = &asked.output;
    if output.exists() {
        // What is there when it is made counts; this spares the work.
        return Err(atomic::CannotWrite::There(output.clone()).into());
    }
    let ticket = ticket_file::read(&asked.source)?;
    let source = ticket.blueprint();
    let target = Blueprint::new(&asked.target, Some(source.classes), Some(source.input))?;
    let map = UnitMap::new(source, &target, asked.map.clone())?;
    let made = reshape(&ticket, &target, &map)?;
    atomic::create_folder(output.parent().unwrap_or(Path::new(".")))?;
    ticket_file::create(output, &made)?;
    Ok(output.clone())
}

/// Runs commands of `elth` until one fails; returns the ids of the runs that they started.
fn commanded(commands: &[Vec<String>], options: &Options) -> Result<Vec<String>> {
    atomic::create_folder(&options.home.tickets())?;
    let mut started = Vec::new();
    for words in commands {
        let answer = match command(words, options) {
            Ok(answer) => answer,
            Err(error) if started.is_empty() => return Err(error),
            Err(error) => bail!("{error:#}; started before: {}", started.join(", ")),
        };
        let answer: Option<serde_json::Value> = serde_json::from_slice(&answer).ok();
        let run = answer.and_then(|answer| Some(answer.get("run")?.as_str()?.to_owned()));
        started.extend(run);
    }
    Ok(started)
}

/// Runs one command; returns what it answers, or the first line of what it complains of.
fn command(words: &[String], options: &Options) -> Result<Vec<u8>> {
    let done = Command::new(&options.elth)
        .args(words)
        .arg("--home")
        .arg(options.home.path())
        .arg("--data-dir")
        .arg(&options.data_dir)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", options.elth.display()))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let lines = said.lines().filter(|line| !line.trim().is_empty());
    let mut lines = lines.skip_while(|line| line.starts_with("warning: "));
    let line = lines.next().unwrap_or("no reason given");
    let name = words.first().map_or("", String::as_str);
    bail!("`elth {name}`: {}", line.strip_prefix("error: ").unwrap_or(line))
}

/// Names a run in a message.
fn named(dir: &RunDir, error: &dyn std::fmt::Display) -> (String, String) {
    (dir.id(), error.to_string())
}
