//! A folder of one's own to type commands in.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub const ELTH: &str = env!("CARGO_BIN_EXE_elth");

/// A working directory with a home of its own.
pub struct Desk {
    folder: TempDir,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Desk {
    /// An empty desk.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A desk with `ticket`: ResNet-14 of width 2 on small images, pruned by chance to a tenth.
    pub fn with_ticket() -> Self {
        let desk = Self::new();
        let typed = "prune cifar_resnet_14_2 --dataset digits --method random --sparsity 0.9 --seed 3 -o ticket";
        desk.elth(typed).is_done();
        desk
    }

    /// Where a file of that name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The bytes of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Puts a file onto the desk.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Names of all files and folders on the desk.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// The command with these words, not yet run.
    pub fn command<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>) -> Command {
        let mut command = Command::new(ELTH);
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder())
            .env("ELTH_HOME", self.path("home"))
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    /// Runs `elth` with the words of a line.
    pub fn elth(&self, line: &str) -> Answer {
        run(&mut self.command(line.split_whitespace()))
    }

    /// The JSON answer to the words of a line.
    pub fn json(&self, line: &str) -> Value {
        let answer = self.elth(&format!("{line} --json"));
        answer.is_done();
        serde_json::from_str(&answer.out).unwrap()
    }

    /// The desk's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Answer { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Answer {
    /// Checks that the command succeeded in silence on standard error.
    pub fn is_done(&self) {
        assert_eq!((self.status, self.err.as_str()), (Some(0), ""), "{self:?}");
    }
}
