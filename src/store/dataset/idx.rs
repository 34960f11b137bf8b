//! MNIST and its relatives: four idx files, compressed or not.

use std::path::{Path, PathBuf};

use elth_core::blueprint::Input;

use crate::dataset::{
    Error, Name, Split,
    file::{self, File},
};

/// The files as their authors name them, without `.gz`: images, then labels, of each split.
const FILES: [[&str; 2]; 2] = [
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
    ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
];

/// Unsigned bytes in three dimensions, and in one.
const MAGIC_IMAGES: u32 = 0x0803;
const MAGIC_LABELS: u32 = 0x0801;

/// The training split and the test split.
pub fn splits(set: Name, data_dir: &Path) -> Result<[Split; 2], Error> {
    let [train, test] = FILES;
    Ok([split(set, data_dir, train)?, split(set, data_dir, test)?])
}

/// The folder that holds most of the set's files; the first one where several hold as many.
pub fn find(set: Name, data_dir: &Path) -> Option<PathBuf> {
    let files = |folder: &PathBuf| {
        FILES.as_flattened().iter().filter(|file| path(folder, file).is_some()).count()
    };
    let folders = folders(set, data_dir).into_iter().rev();
    folders.filter(|folder| files(folder) > 0).max_by_key(files)
}

/// Where the files may lie: as published, as torchvision keeps them, as in the authors' repository.
fn folders(set: Name, data_dir: &Path) -> Vec<PathBuf> {
    let folders: &[&str] = match set {
        Name::FashionMnist => &[
            "fashion-mnist",
            "FashionMNIST/raw",
            "fashion-mnist/raw",
            "fashion-mnist/data/fashion",
        ],
        _ => &["mnist", "MNIST/raw", "mnist/raw"],
    };
    folders.iter().map(|folder| data_dir.join(folder)).collect()
}

fn split(set: Name, data_dir: &Path, [images, labels]: [&str; 2]) -> Result<Split, Error> {
    let images_file = open(set, data_dir, images)?;
    let labels_file = open(set, data_dir, labels)?;
    let images = read_images(&images_file)?;
    let labels = read_labels(&labels_file)?;
    let count = images.len() / set.shape().values();
    if labels.len() != count || count == 0 {
        return Err(labels_file.counts(count, labels.len()));
    }
    Ok(Split { images: images.to_vec().into(), labels, shape: set.shape() })
}

fn open(set: Name, data_dir: &Path, file: &str) -> Result<File, Error> {
    let found = find(set, data_dir);
    if let Some(path) = found.as_ref().and_then(|folder| path(folder, file)) {
        return file::read(set, &path);
    }
    let looked = found.map_or_else(|| folders(set, data_dir), |folder| vec![folder]);
    Err(Error::Missing { set, file: format!("{file}.gz"), looked })
}

/// The file under the names that it goes by: as published, unpacked, and with the dot of some unpackers.
fn path(folder: &Path, file: &str) -> Option<PathBuf> {
    let dotted = file.replacen("-idx", ".idx", 1);
    let names = [format!("{file}.gz"), file.to_owned(), format!("{dotted}.gz"), dotted];
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

fn read_images(file: &File) -> Result<&[u8], Error> {
    let [count, height, width] = header(file, MAGIC_IMAGES, "an idx file of images")?;
    let found = Input::new(1, height, width);
    if found != file.set.shape() {
        return Err(file.shape(found));
    }
    contents(file, 16, count * found.values())
}

fn read_labels(file: &File) -> Result<Vec<u16>, Error> {
    let [count] = header(file, MAGIC_LABELS, "an idx file of labels")?;
    let labels =
        contents(file, 8, count)?.iter().map(|label| u16::from(*label)).collect::<Vec<_>>();
    file.check_labels(&labels)?;
    Ok(labels)
}

/// The sizes that follow the magic number; all numbers are big-endian.
fn header<const N: usize>(
    file: &File,
    magic: u32,
    expected: &'static str,
) -> Result<[usize; N], Error> {
    let word = |at: usize| file.bytes.get(4 * at..4 * at + 4).map(big_endian);
    if word(0).is_some_and(|found| found != magic) {
        return Err(file.foreign(expected));
    }
    let mut sizes = [0; N];
    for (at, size) in sizes.iter_mut().enumerate() {
        let short = || Error::Short {
            set: file.set,
            path: file.path.clone(),
            missing: (4 * (N + 1)).saturating_sub(file.bytes.len()) as u64,
        };
        *size = word(at + 1).ok_or_else(short)? as usize;
    }
    Ok(sizes)
}

fn big_endian(word: &[u8]) -> u32 {
    word.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn contents(file: &File, start: usize, len: usize) -> Result<&[u8], Error> {
    file.check_len((start + len) as u64)?;
    Ok(&file.bytes[start..])
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::dataset::{self, Dataset};

    type Change<'a> = &'a dyn Fn(&mut Vec<u8>);

    fn idx(magic: u32, sizes: &[u32], values: usize) -> Vec<u8> {
        let header = [&[magic], sizes].concat();
        let contents = (0..values).map(|at| u8::try_from(at % 10).unwrap());
        header.iter().flat_map(|word| word.to_be_bytes()).chain(contents).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The four files with three training images and two test images.
    fn four() -> [(&'static str, Vec<u8>); 4] {
        [
            (FILES[0][0], idx(MAGIC_IMAGES, &[3, 28, 28], 3 * 784)),
            (FILES[0][1], idx(MAGIC_LABELS, &[3], 3)),
            (FILES[1][0], idx(MAGIC_IMAGES, &[2, 28, 28], 2 * 784)),
            (FILES[1][1], idx(MAGIC_LABELS, &[2], 2)),
        ]
    }

    fn load(
        folder: &str,
        pack: Option<&str>,
        which: usize,
        change: Change,
    ) -> Result<Dataset, Error> {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        for (at, (name, mut bytes)) in four().into_iter().enumerate() {
            let name = format!("{name}{}", pack.unwrap_or_default());
            bytes = if pack.is_some() { gzip(&bytes) } else { bytes };
            if at == which {
                change(&mut bytes);
            }
            if !bytes.is_empty() {
                fs::write(folder.join(name), bytes).unwrap();
            }
        }
        dataset::load(Name::Mnist, dir.path())
    }

    #[test]
    fn every_layout_gives_the_same_set() {
        let usual = load("mnist", Some(".gz"), 9, &|_| ()).unwrap();
        assert_eq!([usual.train.len(), usual.test.len()], [3, 2]);
        assert_eq!(usual.train.image(1)[..3], [4, 5, 6]);
        for (folder, pack) in [("mnist", None), ("MNIST/raw", None), ("MNIST/raw", Some(".gz"))] {
            assert_eq!(load(folder, pack, 9, &|_| ()).unwrap(), usual, "{folder}");
        }
    }

    fn check(pack: Option<&str>, which: usize, change: Change, words: &str) {
        let error = load("mnist", pack, which, change).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.contains("`elth data fetch mnist`"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_refused_with_the_way_out() {
        let shorter: Change = &|bytes| bytes.truncate(bytes.len() - 1);
        let longer: Change = &|bytes| bytes.push(0);
        let gone: Change = &Vec::clear;
        check(None, 0, shorter, "mnist/train-images-idx3-ubyte` is 1 byte short");
        check(None, 3, longer, "mnist/t10k-labels-idx1-ubyte` is 1 byte too long");
        check(None, 0, &|bytes| bytes.truncate(10), "is 6 bytes short");
        check(None, 1, &|bytes| bytes.truncate(2), "is 6 bytes short");
        check(None, 2, gone, "`mnist` lacks `t10k-images-idx3-ubyte.gz` (looked in");
        check(None, 1, &|bytes| bytes[3] = 3, "is not an idx file of labels");
        check(None, 0, &|bytes| bytes[0] = 1, "is not an idx file of images");
        check(None, 0, &|bytes| bytes[11] = 27, "holds images of 1x27x28, `mnist` has 1x28x28");
        check(
            None,
            1,
            &|bytes| bytes[9] = 10,
            "labels image 1 as 10, `mnist` has the classes 0 to 9",
        );
        check(None, 0, &|bytes| bytes[4] = 0xff, "bytes short");
        let fewer: Change = &|bytes| *bytes = idx(MAGIC_LABELS, &[2], 2);
        check(None, 1, fewer, "holds 2 labels for 3 images");
        check(None, 1, &|bytes| *bytes = idx(MAGIC_LABELS, &[0], 0), "holds 0 labels for 3 images");
    }

    #[test]
    fn a_damaged_gzip_file_is_refused_with_the_way_out() {
        let gz = Some(".gz");
        check(
            gz,
            0,
            &|bytes| bytes.truncate(bytes.len() - 1),
            "damaged or cut (it ends too early)",
        );
        check(gz, 0, &|bytes| bytes.truncate(bytes.len() - 9), "damaged or cut");
        check(gz, 0, &|bytes| bytes.push(7), "damaged or cut");
        check(gz, 1, &|bytes| bytes[12] ^= 1, "damaged or cut");
        let end: Change = &|bytes| {
            let crc = bytes.len() - 8;
            bytes[crc] ^= 1;
        };
        check(gz, 1, end, "damaged or cut");
        check(gz, 3, &|bytes| *bytes = vec![1, 2, 3, 4], "is not an idx file of labels");
    }

    #[test]
    fn a_set_that_is_nowhere_names_the_places() {
        let error =
            dataset::load(Name::FashionMnist, Path::new("nowhere")).unwrap_err().to_string();
        assert!(error.contains("`fashion-mnist` lacks `train-images-idx3-ubyte.gz`"), "{error}");
        assert!(error.contains("`nowhere/fashion-mnist`, `nowhere/FashionMNIST/raw`"), "{error}");
    }
}
