//! Sets of many files, `train/CLASS/*` and `val/CLASS/*`: listed, summed, and read picture by picture later.

mod known;

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use elth_core::digest::{self, Digest, Summer};

use crate::dataset::{Dataset, Error, Images, Name, Split};

/// The halves as people name them.
const HALVES: [&str; 2] = ["train", "val"];

/// What pictures are called; everything else beside them is left alone.
const ENDINGS: [&str; 3] = ["jpeg", "jpg", "png"];

/// Folders of a data directory in which people keep `imagenet`; the first is the one that messages name.
const HOMES: [&str; 4] =
    ["imagenet", "imagenet/ILSVRC/Data/CLS-LOC", "ILSVRC2012", "ILSVRC/Data/CLS-LOC"];

/// One half: its files with their classes, in the order of their paths.
struct Half {
    files: Vec<PathBuf>,
    labels: Vec<u16>,
}

/// The folder that holds the two halves.
pub fn find(name: Name, data_dir: &Path) -> Option<PathBuf> {
    places(name, data_dir).into_iter().find(|place| place.join(HALVES[0]).is_dir())
}

fn places(name: Name, data_dir: &Path) -> Vec<PathBuf> {
    match name {
        Name::Folder(folder) => vec![folder.path().to_owned()],
        _ => HOMES.map(|home| data_dir.join(home)).to_vec(),
    }
}

/// Lists and sums the set.
pub fn load(name: Name, data_dir: &Path) -> Result<Dataset, Error> {
    let missing = |half: &str, looked| Error::Missing { set: name, file: half.to_owned(), looked };
    let root = find(name, data_dir).ok_or_else(|| missing(HALVES[0], places(name, data_dir)))?;
    if !root.join(HALVES[1]).is_dir() {
        return Err(missing(HALVES[1], vec![root]));
    }
    let [train, val] = HALVES.map(|half| classes(&root.join(half)));
    let (train, val) = (train?, val?);
    check_classes(name, &root, &train, &val)?;
    let [learn, test] = HALVES.map(|half| list(name, &root.join(half), &train));
    let (learn, test) = (learn?, test?);
    let digest = match known::read(&root, [&learn.files, &test.files]) {
        Some(digest) => digest,
        None => sum(&root, [&learn.files, &test.files])?,
    };
    known::write(&root, [&learn.files, &test.files], digest);
    let split = |half: Half| {
        let images = Images::Files(Arc::new(half.files));
        Split { images, labels: half.labels, shape: name.shape() }
    };
    Ok(Dataset { name, train: split(learn), test: split(test), digest })
}

/// The sum, where it was taken before and no file has changed since.
pub fn known_digest(name: Name, data_dir: &Path) -> Option<Digest> {
    let root = find(name, data_dir)?;
    let train = classes(&root.join(HALVES[0])).ok()?;
    let half = |half| list(name, &root.join(half), &train);
    let (learn, test) = (half(HALVES[0]).ok()?, half(HALVES[1]).ok()?);
    known::read(&root, [&learn.files, &test.files])
}

/// The names in a folder that are not hidden, sorted.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |source| Error::Unreadable { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let name = |entry: std::io::Result<fs::DirEntry>| {
        Ok(entry?.file_name().to_string_lossy().into_owned())
    };
    let mut names: Vec<String> = entries.map(name).collect::<Result<_, _>>().map_err(unreadable)?;
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    Ok(names)
}

fn classes(half: &Path) -> Result<Vec<String>, Error> {
    let mut names = names(half)?;
    names.retain(|name| half.join(name).is_dir());
    Ok(names)
}

/// Both halves hold the same classes, `imagenet` all of its own.
fn check_classes(name: Name, root: &Path, train: &[String], val: &[String]) -> Result<(), Error> {
    for (half, here, there) in [(HALVES[1], val, train), (HALVES[0], train, val)] {
        if let Some(class) = there.iter().find(|class| here.binary_search(class).is_err()) {
            return Err(Error::Class {
                half: root.join(half),
                class: elth_core::quote::quote(class),
            });
        }
    }
    let expected = if name == Name::Imagenet { name.classes() } else { train.len().max(1) };
    if train.len() != expected || u16::try_from(train.len()).is_err() {
        let why = format!("it has {} classes, not {expected}", train.len());
        return Err(Error::Damaged { set: name, path: root.join(HALVES[0]), why });
    }
    Ok(())
}

fn list(name: Name, half: &Path, classes: &[String]) -> Result<Half, Error> {
    let is_picture = |file: &String| {
        let ending =
            Path::new(file).extension().map(|ending| ending.to_string_lossy().to_lowercase());
        ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
    };
    let (mut files, mut labels) = (Vec::new(), Vec::new());
    for (label, class) in (0..).zip(classes) {
        let folder = half.join(class);
        let before = files.len();
        files.extend(names(&folder)?.into_iter().filter(is_picture).map(|file| folder.join(file)));
        if files.len() == before {
            let why = "it holds no JPEG or PNG file".to_owned();
            return Err(Error::Damaged { set: name, path: folder, why });
        }
        labels.resize(files.len(), label);
    }
    Ok(Half { files, labels })
}

/// SHA-256 over every file's path below the root, size and own SHA-256, in the order of the paths.
fn sum(root: &Path, halves: [&Vec<PathBuf>; 2]) -> Result<Digest, Error> {
    let files: Vec<&PathBuf> = halves.into_iter().flatten().collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let part = files.len().div_ceil(threads).max(1);
    let sums: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(part)
            .map(|files| {
                scope.spawn(|| {
                    files.iter().map(|file| file_sum(file)).collect::<Result<Vec<_>, _>>()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("summing does not panic")).collect()
    });
    let mut summer = Summer::new();
    summer.bytes(b"elth files 1\0");
    let sums = sums.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    for (file, (size, sum)) in files.into_iter().zip(sums) {
        let below = file.strip_prefix(root).unwrap_or(file);
        summer.bytes(below.as_os_str().as_encoded_bytes());
        summer.bytes(&[0]);
        summer.bytes(&size.to_le_bytes());
        summer.bytes(&sum.bytes());
    }
    Ok(summer.finish())
}

fn file_sum(path: &Path) -> Result<(u64, Digest), Error> {
    let bytes =
        fs::read(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    Ok((bytes.len() as u64, digest::of_bytes(&bytes)))
}

#[cfg(test)]
mod tests;
