//! Tiny `ImageNet`: a folder of JPEG files a class, and a list of labels for the test half; unpacked or in its zip file.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    thread,
};

use elth_unpack::{Archive, Picture};

use crate::dataset::{Error, Name, Split, file};

const SET: Name = Name::TinyImagenet;

/// The folder, and the archive that holds it.
const FOLDER: &str = "tiny-imagenet-200";
const ARCHIVE: &str = "tiny-imagenet-200.zip";

/// Names and labels of the test half.
const ANNOTATIONS: &str = "val/val_annotations.txt";

/// Folders of a data directory in which people keep the set; the first is the one that messages name.
const HOMES: [&str; 2] = ["tiny-imagenet", ""];

/// 1 MiB: a hundred times a file of the set.
const MOST_BYTES: u64 = 1 << 20;

/// A file and its class.
type Example = (String, u16);

/// The training split and the test split.
pub fn splits(data_dir: &Path) -> Result<[Split; 2], Error> {
    splits_of(data_dir, SET.published_sizes())
}

/// The folder or the archive that is read.
pub fn find(data_dir: &Path) -> Option<PathBuf> {
    let mut places: Vec<_> = HOMES.iter().map(|home| data_dir.join(home).join(FOLDER)).collect();
    places.push(data_dir.join(HOMES[0]));
    places.retain(|place| place.join("train").is_dir());
    let archives = HOMES.iter().map(|home| data_dir.join(home).join(ARCHIVE));
    places.extend(archives.filter(|archive| archive.is_file()));
    places.into_iter().next()
}

fn splits_of(data_dir: &Path, sizes: [usize; 2]) -> Result<[Split; 2], Error> {
    let Some(path) = find(data_dir) else {
        let looked = HOMES.iter().map(|home| data_dir.join(home)).collect();
        return Err(Error::Missing { set: SET, file: ARCHIVE.to_owned(), looked });
    };
    if path.is_dir() {
        let list = || folder_files(&path);
        return read(&path, sizes, list, |name| {
            fs::read(path.join(name)).map_err(|error| error.to_string())
        });
    }
    let bytes = file::packed(&path)?;
    let archive = Archive::open(&bytes).map_err(|why| damaged(&path, why))?;
    let list = || {
        Ok(archive
            .names()
            .filter_map(|name| name.strip_prefix(FOLDER)?.strip_prefix('/'))
            .map(str::to_owned)
            .collect())
    };
    // Directories are shared: a copy for each file costs next to nothing.
    let member = |name: &str| archive.clone().member(&format!("{FOLDER}/{name}"), MOST_BYTES);
    read(&path, sizes, list, member)
}

/// The training files below a folder, and the list of the test half.
fn folder_files(root: &Path) -> Result<Vec<String>, Error> {
    let inside = |folder: &Path| -> Result<Vec<String>, Error> {
        let unreadable = |source| Error::Unreadable { path: folder.to_owned(), source };
        let entries = fs::read_dir(folder).map_err(unreadable)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect::<Result<_, _>>().map_err(unreadable)
    };
    let mut files = Vec::new();
    for class in inside(&root.join("train"))? {
        let folder = format!("train/{class}/images");
        if root.join(&folder).is_dir() {
            let names = inside(&root.join(&folder))?.into_iter();
            files.extend(names.map(|name| format!("{folder}/{name}")));
        }
    }
    Ok(files)
}

/// Lists, labels and decodes both halves; `bytes` gives a file by its path in the set.
fn read(
    path: &Path,
    sizes: [usize; 2],
    list: impl Fn() -> Result<Vec<String>, Error>,
    bytes: impl Fn(&str) -> Result<Vec<u8>, String> + Sync,
) -> Result<[Split; 2], Error> {
    let (classes, train) = training(list()?);
    if classes.len() != SET.classes() {
        let why = format!("it has {} classes, not {}", classes.len(), SET.classes());
        return Err(damaged(&path.join("train"), why));
    }
    let annotations = bytes(ANNOTATIONS).map_err(|why| damaged(&path.join(ANNOTATIONS), why))?;
    let test = testing(&String::from_utf8_lossy(&annotations), &classes).map_err(|line| {
        damaged(
            &path.join(ANNOTATIONS),
            format!("`{}` names no image and class", elth_core::quote::quote(&line)),
        )
    })?;
    let mut halves = Vec::new();
    for (half, examples, expected) in [("train", train, sizes[0]), ("val", test, sizes[1])] {
        if examples.len() != expected {
            let found = examples.len();
            return Err(Error::Images { set: SET, path: path.join(half), found, expected });
        }
        halves.push(decode(path, &examples, &bytes)?);
    }
    let test = halves.pop().expect("there are two halves");
    Ok([halves.pop().expect("there are two halves"), test])
}

/// The classes in the order of their names, and the training files with theirs.
fn training(mut files: Vec<String>) -> (Vec<String>, Vec<Example>) {
    files.sort_unstable();
    let (mut classes, mut examples) = (Vec::<String>::new(), Vec::new());
    for file in files {
        let parts: Vec<_> = file.split('/').collect();
        let ["train", class, "images", name] = *parts.as_slice() else { continue };
        if !Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jpeg")) {
            continue;
        }
        if classes.last().is_none_or(|last| last != class) {
            classes.push(class.to_owned());
        }
        let label = u16::try_from(classes.len() - 1).unwrap_or(u16::MAX);
        examples.push((file, label));
    }
    (classes, examples)
}

/// The test files with their classes, as the list says; else the line that says nothing.
fn testing(annotations: &str, classes: &[String]) -> Result<Vec<Example>, String> {
    let example = |line: &str| {
        let (name, rest) = line.split_once('\t')?;
        let class = rest.split('\t').next()?;
        let label = classes.iter().position(|known| known == class)?;
        let inside = !name.contains(['/', '\\']) && name != "..";
        inside.then_some((format!("val/images/{name}"), u16::try_from(label).ok()?))
    };
    let lines = annotations.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| example(line).ok_or_else(|| line.to_owned())).collect()
}

/// Decodes the files on every core, in their order.
fn decode(
    root: &Path,
    examples: &[Example],
    bytes: &(impl Fn(&str) -> Result<Vec<u8>, String> + Sync),
) -> Result<Split, Error> {
    let shape = SET.shape();
    let mut images = vec![0; examples.len() * shape.values()];
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let part = examples.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let parts = images.chunks_mut(part * shape.values()).zip(examples.chunks(part));
        let workers: Vec<_> = parts
            .map(|(images, examples)| {
                scope.spawn(move || {
                    let places = images.chunks_mut(shape.values());
                    examples.iter().zip(places).try_for_each(|((name, _), place)| {
                        let picture = bytes(name).and_then(|bytes| {
                            Picture::decode(&bytes).map_err(|error| error.to_string())
                        });
                        let picture = picture.map_err(|why| damaged(&root.join(name), why))?;
                        if [picture.height, picture.width] != [shape.height, shape.width] {
                            let why =
                                format!("it is {}x{}, not 64x64", picture.height, picture.width);
                            return Err(damaged(&root.join(name), why));
                        }
                        place.copy_from_slice(&picture.planes());
                        Ok(())
                    })
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("decoding does not panic"))
    })?;
    Ok(Split {
        images: images.into(),
        labels: examples.iter().map(|example| example.1).collect(),
        shape,
    })
}

fn damaged(path: &Path, why: String) -> Error {
    Error::Damaged { set: SET, path: path.to_owned(), why }
}

#[cfg(test)]
mod tests;
