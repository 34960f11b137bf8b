//! The workbench under a shell in a pseudo-terminal: keys go in, a terminal emulator looks at what comes out.

use std::{
    io::{Read as _, Write},
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use elth_store::home::Home;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// Nothing that is waited for takes this long, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a frame ends with.
const FRAME: &[u8] = b"\x1b[?2026l";

/// What the shell does: the workbench, then a look at what it left behind.
const SCRIPT: &str = "\"$ELTH\"; echo \"left $?\"; stty -a; echo over";

/// A terminal with the workbench in it.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
}

/// What came out so far.
struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

/// Opens the workbench, with these variables on top of a plain terminal's.
pub fn open(home: &Home, size: (u16, u16), variables: &[(&str, &str)]) -> Session {
    open_with(SCRIPT, home, size, variables)
}

/// Opens a shell with a script that starts the workbench as `$ELTH`.
pub fn open_with(
    script: &str,
    home: &Home,
    (columns, rows): (u16, u16),
    variables: &[(&str, &str)],
) -> Session {
    let pair = native_pty_system().openpty(sized(columns, rows)).unwrap();
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", script]);
    command.env_clear();
    let plain = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin")];
    for (name, value) in plain.iter().chain(variables) {
        command.env(name, value);
    }
    command.env("ELTH", env!("CARGO_BIN_EXE_elth"));
    command.env("ELTH_HOME", home.path());
    command.env("HOME", home.path());
    command.cwd(home.path());
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let screen = vt100::Parser::new(rows, columns, 0);
    let seen = Arc::new(Mutex::new(Seen { screen, bytes: Vec::new() }));
    let mut output = pair.master.try_clone_reader().unwrap();
    let watched = Arc::clone(&seen);
    thread::spawn(move || {
        let mut piece = vec![0; 1 << 16];
        while let Ok(read @ 1..) = output.read(&mut piece) {
            let mut seen = watched.lock().unwrap();
            seen.bytes.extend(&piece[..read]);
            seen.screen.process(&piece[..read]);
        }
    });
    let keys = pair.master.take_writer().unwrap();
    Session { child, master: pair.master, keys, seen }
}

fn sized(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

impl Session {
    /// Types bytes as a terminal sends them.
    pub fn types(&mut self, bytes: &str) -> &mut Self {
        self.keys.write_all(bytes.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// Waits until the screen has this text.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until the screen has this text nowhere.
    #[track_caller]
    pub fn hides(&mut self, text: &str) -> &mut Self {
        self.until(&format!("no {text}"), |screen| !screen.contents().contains(text))
    }

    /// Waits until something can be said of the screen.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let since = Instant::now();
        while !is_so(self.seen.lock().unwrap().screen.screen()) {
            let screen = self.screen();
            assert!(since.elapsed() < PATIENCE, "waited for `{what}` in vain on\n{screen}");
            thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// Something to be asked of the screen now.
    pub fn ask<T>(&self, question: impl FnOnce(&vt100::Screen) -> T) -> T {
        question(self.seen.lock().unwrap().screen.screen())
    }

    /// Every byte that came out.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.lock().unwrap().bytes.clone()
    }

    /// Frames that came out.
    pub fn frames(&self) -> usize {
        self.bytes().windows(FRAME.len()).filter(|window| *window == FRAME).count()
    }

    /// Another size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.seen.lock().unwrap().screen.screen_mut().set_size(rows, columns);
        self.master.resize(sized(columns, rows)).unwrap();
        self
    }

    /// Sends the workbench a signal.
    pub fn signal(&mut self, signal: Signal) -> &mut Self {
        kill_process(Pid::from_raw(self.workbench()).unwrap(), signal).unwrap();
        self
    }

    /// The workbench's process: the shell's only child.
    #[track_caller]
    pub fn workbench(&self) -> i32 {
        let shell = self.child.process_id().unwrap();
        let children = format!("/proc/{shell}/task/{shell}/children");
        let children = std::fs::read_to_string(children).unwrap();
        children.trim().parse().unwrap()
    }

    /// The shell says how the workbench ended, and has its terminal back as it was.
    #[track_caller]
    pub fn is_left_clean(&mut self, status: i32) {
        self.shows("over").shows(&format!("left {status}"));
        let screen = self.screen();
        for mode in ["icanon", "echo", "isig", "opost"] {
            let is_off = screen
                .split_whitespace()
                .any(|word| word.trim_end_matches(';') == format!("-{mode}"));
            assert!(!is_off, "-{mode}:\n{screen}");
        }
        self.ask(|screen| {
            assert!(!screen.alternate_screen(), "still on the alternate screen");
            assert!(!screen.hide_cursor(), "no cursor");
            assert!(!screen.bracketed_paste(), "pastes are still bracketed");
            let mouse = screen.mouse_protocol_mode();
            assert_eq!(mouse, vt100::MouseProtocolMode::None, "the mouse is still ours");
        });
        self.child.wait().unwrap();
    }

    /// Takes the terminal away, as a closed window or a lost connection does; returns the workbench's process.
    pub fn vanish(self) -> i32 {
        let workbench = self.workbench();
        drop((self.keys, self.master));
        // The reader holds the terminal open; the hang-up comes from the session leader's death.
        let mut shell = self.child;
        shell.kill().unwrap();
        shell.wait().unwrap();
        workbench
    }
}

/// Waits until there is no such process.
#[track_caller]
pub fn is_gone(process: i32) {
    let since = Instant::now();
    let stat = format!("/proc/{process}/stat");
    let lives =
        || std::fs::read_to_string(Path::new(&stat)).is_ok_and(|stat| !stat.contains(") Z "));
    while lives() {
        assert!(since.elapsed() < PATIENCE, "process {process} is still there");
        thread::sleep(Duration::from_millis(10));
    }
}
