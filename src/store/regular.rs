//! Files that are files: a pipe keeps whoever opens it waiting for ever, and a device has no end.

use std::{
    env,
    fs::File,
    io::{self, Read as _},
    path::Path,
    thread,
    time::Duration,
};

/// More than any recipe, result or list of settings holds.
pub const SMALL: u64 = 4 << 20;

/// Opens a file for reading.
///
/// # Errors
/// When there is none, the system refuses, or something else goes by that name.
pub fn open(path: &Path) -> io::Result<File> {
    wait_when_told(path);
    if path.metadata()?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"))
    }
}

/// All of a file that holds at most so many bytes.
///
/// # Errors
/// As [`open`], and when it holds more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    if file.metadata()?.len() > most {
        let reason = format!("it is longer than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As [`read`], as text.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text"))
}

/// Lets a test see what a disk that hangs holds up; not in a released program.
fn wait_when_told(path: &Path) {
    let is_log = || path.file_name().is_some_and(|name| name == "events.jsonl");
    if cfg!(debug_assertions) && env::var_os("ELTH_TEST_SLOW_DISK").is_some() && is_log() {
        thread::sleep(Duration::from_mins(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_or_too_long_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(read_text(&file, 4).unwrap(), "text");
        assert!(read(&file, 3).is_err());
        for path in [folder.path(), Path::new("/dev/zero"), &folder.path().join("none")] {
            assert!(read(path, SMALL).is_err(), "{}", path.display());
        }
        std::fs::write(&file, [0xFF]).unwrap();
        assert!(read_text(&file, 4).is_err());
    }
}
