//! The only loop: wait, update, perform, draw.
//!
//! No ticker: the loop sleeps until a key, an answer or news comes. Threads and one channel, no async runtime:
//! everything that is waited for here is a file or a key, and a thread that blocks on it costs nothing.

use std::{
    env, io, panic,
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use crossterm::event::{self, Event as Input};
use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
    iterator::Signals,
    low_level,
};

use crate::{
    Left, Options,
    clipboard::{self, Between},
    config::Config,
    effect::Effect,
    key::Key,
    layout::Size,
    message::Message,
    model::{Model, Places},
    perform::Hands,
    pointer::{Clicks, Pointer},
    state::State,
    terminal::{self, Terminal},
    theme::{
        self, Named,
        level::{Ability, Detail, Signs},
        styles::Styles,
    },
    update::{open, update},
    view::view,
};

/// How long what is remembered may take to be written when the workbench is left.
const PARTING: Duration = Duration::from_millis(500);

/// How often frames come, and how long they wait to be the only one.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// News are drawn this often at the most.
    news: Duration,
    /// The first frame waits this long for the shelf; a slow disk gets one without it.
    opening: Duration,
    /// A key's frame waits this long for what the key asked for, so that nothing flickers.
    settling: Duration,
}

impl Pace {
    fn of(config: &Config) -> Self {
        let news = Duration::from_secs_f64(1.0 / config.updates);
        // 5 ms: what was asked for is mostly there, and with drawing a key is on the screen within 8.
        let (opening, settling) = (Duration::from_millis(40), Duration::from_millis(5));
        if config.low_bandwidth {
            // On a thin line a frame costs more than the wait for a whole one.
            let (opening, settling) = (10 * opening, 24 * settling);
            return Self { news: news.max(Duration::from_secs(1)), opening, settling };
        }
        Self { news, opening, settling }
    }
}

/// What comes through the one channel.
#[derive(Debug)]
pub enum Report {
    /// Something happened.
    Happened(Message),
    /// An effect was carried out, with or without anything to say.
    Finished(Option<Message>),
    /// The shell lets us go on.
    Continued,
}

/// Opens the workbench and returns when the user leaves. Runs go on.
///
/// # Errors
/// When there is no such theme, or the terminal cannot be taken or is gone.
pub fn run(options: Options) -> Result<Left> {
    let (themes, problems) = theme::all(options.themes.as_deref());
    let theme = match &options.config.theme {
        Some(wanted) => theme::named(&themes, &problems, wanted).map_err(anyhow::Error::msg)?,
        None => 0,
    };
    let (columns, rows) =
        crossterm::terminal::size().context("cannot ask for the terminal's size")?;
    let names = themes.iter().map(|named| named.name.clone()).collect();
    let places = Places { home: options.home.clone(), data_dir: options.data_dir.clone() };
    let mut model = Model::new(Size::new(columns, rows), places, names, options.demo.clone());
    model.theme = theme;
    model.access = options.access;
    model.keys = options.config.keys.clone();
    model.has_mouse = options.config.mouse;
    if let Some(folder) = options.state.as_deref().filter(|_| !options.is_fresh) {
        State::read(folder).restore(&mut model, options.config.theme.as_deref());
    }
    if let Some(problem) = problems.first() {
        model.complain(problem.clone());
    }
    let left = on_terminal(model, &themes, options)?;
    if let Left::Signalled(signal) = left {
        // Whoever sent it shall see that it was heard.
        low_level::emulate_default_handler(signal)?;
    }
    Ok(left)
}

fn on_terminal(mut model: Model, themes: &[Named], options: Options) -> Result<Left> {
    let (sender, reports) = mpsc::channel();
    // Reading begins before the terminal is taken: the disk is slower.
    let (state, config) = (options.state.clone(), options.config.clone());
    let hands = Hands::new(options, sender.clone());
    let opening = open(&mut model);
    watch_signals(sender.clone())?;
    restore_on_panic();
    let mut ability = Ability::read(|name| env::var(name).ok());
    if config.low_bandwidth {
        ability.detail = Detail::Coarse;
    }
    if config.ascii {
        ability.signs = Signs::Ascii;
    }
    let terminal =
        Terminal::take(model.size, ability, config.mouse).context("cannot take the terminal")?;
    let mut workbench = Workbench {
        model,
        themes,
        terminal,
        hands,
        reports,
        // The watcher's first look at the runs.
        unanswered: 1,
        fresh: Fresh::Answer,
        drawn: Instant::now(),
        was_suspended: false,
        state,
        pace: Pace::of(&config),
    };
    read_input(sender);
    let outcome = workbench.carry_out(opening).and_then(|()| workbench.live());
    terminal::give_back();
    if let Some(folder) = workbench.state.take() {
        remember(State::of(&workbench.model, config.theme.as_deref()), folder);
    }
    let left = outcome?;
    say_what_goes_on(&workbench.model, left);
    Ok(left)
}

/// Nobody is kept here by what is only convenient to remember: a disk that hangs is not waited for.
fn remember(state: State, folder: PathBuf) {
    let (sender, written) = mpsc::channel();
    thread::spawn(move || sender.send(state.write(&folder)));
    let _ = written.recv_timeout(PARTING);
}

fn say_what_goes_on(model: &Model, left: Left) {
    let alive = model.runs.alive();
    if alive > 0 && !matches!(left, Left::Signalled(_)) {
        let what = if alive == 1 { "1 run goes".to_owned() } else { format!("{alive} runs go") };
        println!("{what} on: `elth runs` shows what runs");
    }
}

/// What has not been drawn yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fresh {
    Nothing,
    News,
    Answer,
}

struct Workbench<'a> {
    model: Model,
    themes: &'a [Named],
    terminal: Terminal,
    hands: Hands,
    reports: Receiver<Report>,
    unanswered: usize,
    fresh: Fresh,
    drawn: Instant,
    was_suspended: bool,
    state: Option<PathBuf>,
    pace: Pace,
}

impl Workbench<'_> {
    fn live(&mut self) -> Result<Left> {
        self.settle(self.pace.opening)?;
        self.draw()?;
        panic_when_told();
        loop {
            if let Some(report) = self.wait()? {
                self.take(report)?;
            }
            while let Ok(report) = self.reports.try_recv() {
                self.take(report)?;
            }
            if let Some(left) = self.model.left {
                return Ok(left);
            }
            if self.fresh == Fresh::Answer {
                self.settle(self.pace.settling)?;
            }
            let is_due = self.fresh == Fresh::News && self.drawn.elapsed() >= self.pace.news;
            if self.fresh == Fresh::Answer || is_due {
                self.draw()?;
            }
        }
    }

    /// Waits for the next report; no longer than until news are to be drawn.
    fn wait(&self) -> Result<Option<Report>> {
        if self.fresh == Fresh::Nothing {
            return Ok(Some(self.reports.recv()?));
        }
        let left = self.pace.news.saturating_sub(self.drawn.elapsed());
        match self.reports.recv_timeout(left) {
            Ok(report) => Ok(Some(report)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(gone @ RecvTimeoutError::Disconnected) => Err(gone.into()),
        }
    }

    /// Gives what was asked for a moment to come.
    fn settle(&mut self, moment: Duration) -> Result<()> {
        let until = Instant::now() + moment;
        while self.unanswered > 0 && self.model.left.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            match self.reports.recv_timeout(left) {
                Ok(report) => self.take(report)?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn take(&mut self, report: Report) -> Result<()> {
        let message = match report {
            Report::Happened(message) => Some(message),
            Report::Finished(message) => {
                self.unanswered = self.unanswered.saturating_sub(1);
                message
            }
            Report::Continued => {
                // Our own suspension has taken the terminal again already.
                if !std::mem::take(&mut self.was_suspended) {
                    self.terminal.take_again()?;
                    self.fresh = Fresh::Answer;
                }
                None
            }
        };
        let Some(message) = message else { return Ok(()) };
        let fresh = if message.is_news() { Fresh::News } else { Fresh::Answer };
        self.fresh = self.fresh.max(fresh);
        if let Message::Resized(size) = message {
            self.terminal.resize(size);
        }
        let effects = update(&mut self.model, message);
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            match effect {
                Effect::Suspend => self.suspend()?,
                Effect::Redraw => self.terminal.forget(),
                Effect::Copy(text) => self.copy(text)?,
                Effect::Ring(text) => Terminal::ring(&text)?,
                other => self.unanswered += self.hands.perform(other),
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> Result<()> {
        terminal::give_back();
        self.was_suspended = true;
        low_level::emulate_default_handler(SIGTSTP)?;
        self.terminal.take_again()?;
        let (columns, rows) = crossterm::terminal::size()?;
        self.model.size = Size::new(columns, rows);
        self.terminal.resize(self.model.size);
        Ok(())
    }

    fn copy(&mut self, text: String) -> Result<()> {
        let variable = |name: &str| env::var(name).ok();
        let is_sent = !clipboard::is_hopeless(&variable("TERM").unwrap_or_default());
        if is_sent {
            terminal::write(&clipboard::sequence(&text, Between::read(variable)))?;
        }
        self.unanswered += self.hands.keep_copy(text, self.state.clone(), is_sent);
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        self.fresh = Fresh::Nothing;
        self.drawn = Instant::now();
        let styles = Styles(&self.themes[self.model.theme].theme);
        let model = &self.model;
        self.terminal.draw(|buffer| view(model, styles, buffer))
    }
}

/// Keys, pastes and sizes, from a thread of their own until the terminal is gone.
fn read_input(sender: Sender<Report>) {
    thread::spawn(move || {
        let mut clicks = Clicks::default();
        loop {
            let message = match event::read() {
                Ok(Input::Key(key)) if key.is_press() || key.is_repeat() => {
                    Key::of(key).map(Message::Pressed)
                }
                Ok(Input::Mouse(event)) => Pointer::of(event)
                    .map(|pointer| Message::Pointed(clicks.counted(pointer, Instant::now()))),
                Ok(Input::Paste(text)) => Some(Message::Pasted(text)),
                Ok(Input::Resize(columns, rows)) => {
                    Some(Message::Resized(Size::new(columns, rows)))
                }
                Ok(_) => None,
                Err(_) => Some(Message::Dismissed(Left::Signalled(SIGHUP))),
            };
            let is_last = matches!(message, Some(Message::Dismissed(_)));
            let sent = message.map(|message| sender.send(Report::Happened(message)));
            if is_last || matches!(sent, Some(Err(_))) {
                return;
            }
        }
    });
}

fn watch_signals(sender: Sender<Report>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGQUIT, SIGINT, SIGCONT, SIGTSTP])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let report = match signal {
                SIGCONT => Report::Continued,
                SIGINT => Report::Happened(Message::Dismissed(Left::Interrupted)),
                SIGTSTP => Report::Happened(Message::Asked(crate::keymap::Action::Suspend)),
                other => Report::Happened(Message::Dismissed(Left::Signalled(other))),
            };
            if sender.send(report).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// A panic of the loop gives the terminal back before it is told; one of a helper is told on the screen instead.
fn restore_on_panic() {
    let (ours, before) = (thread::current().id(), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == ours {
            terminal::give_back();
            before(info);
        }
    }));
}

/// Lets a test see what a panic leaves behind; not in a released program.
fn panic_when_told() {
    let told = cfg!(debug_assertions) && env::var_os("ELTH_TEST_PANIC").is_some();
    assert!(!told, "a test asked for a panic");
}
