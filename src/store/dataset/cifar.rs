//! CIFAR-10: six batches, in the binary or the Python layout, unpacked or in the published archive.

use std::path::{Path, PathBuf};

use crate::dataset::{
    Error, Name, Split,
    file::{self, File},
    pickle, tar,
};

const SET: Name = Name::Cifar10;

/// The batches in their order: five train, the last one tests.
const BATCHES: [&str; 6] =
    ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"];

/// Images in every published batch.
pub const PER_BATCH: usize = 10_000;

/// Folders of a data directory in which people keep the set; the first is the one that messages name.
const HOMES: [&str; 4] = ["cifar10", "", "cifar-10", "CIFAR10"];

/// The two layouts, each in its folder and its archive, as published.
const LAYOUTS: [(Layout, &str, &str); 2] = [
    (Layout::Binary, "cifar-10-batches-bin", "cifar-10-binary.tar.gz"),
    (Layout::Python, "cifar-10-batches-py", "cifar-10-python.tar.gz"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Records of a label and its pixels.
    Binary,
    /// Pickled dictionaries.
    Python,
}

/// Where a copy lies, whole or in part.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    layout: Layout,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Archive,
}

impl Place {
    /// The folder or the archive.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many of the six batches can be expected here.
    fn batches(&self) -> usize {
        match self.kind {
            Kind::Folder => BATCHES.iter().filter(|batch| self.batch(batch).is_file()).count(),
            Kind::Archive if self.path.is_file() => BATCHES.len(),
            Kind::Archive => 0,
        }
    }

    fn batch(&self, batch: &str) -> PathBuf {
        self.path.join(self.layout.file(batch))
    }
}

impl Layout {
    fn file(self, batch: &str) -> String {
        match self {
            Self::Binary => format!("{batch}.bin"),
            Self::Python => batch.to_owned(),
        }
    }
}

/// The place that holds most of the set; folders before archives, which take longer to read.
pub fn find(data_dir: &Path) -> Option<Place> {
    let here = places(data_dir).into_iter().rev().filter(|place| place.batches() > 0);
    here.max_by_key(Place::batches)
}

/// Every place that is looked at, the likeliest first.
fn places(data_dir: &Path) -> Vec<Place> {
    let mut places = Vec::new();
    for kind in [Kind::Folder, Kind::Archive] {
        for home in HOMES.map(|home| data_dir.join(home)) {
            for (layout, folder, archive) in LAYOUTS {
                let name = if kind == Kind::Folder { folder } else { archive };
                places.push(Place { path: home.join(name), layout, kind });
            }
        }
    }
    for (layout, ..) in LAYOUTS {
        places.push(Place { path: data_dir.join(HOMES[0]), layout, kind: Kind::Folder });
    }
    places
}

/// The training split and the test split.
pub fn splits(data_dir: &Path) -> Result<[Split; 2], Error> {
    splits_of(data_dir, PER_BATCH)
}

fn splits_of(data_dir: &Path, per_batch: usize) -> Result<[Split; 2], Error> {
    let Some(place) = find(data_dir) else {
        return Err(missing(Layout::Binary, BATCHES[0], looked(data_dir)));
    };
    let mut batches = match place.kind {
        Kind::Folder => from_folder(&place, per_batch)?,
        Kind::Archive => from_archive(&place, per_batch)?,
    };
    let test = batches.split_off(BATCHES.len() - 1);
    Ok([file::join(batches, SET.shape()), file::join(test, SET.shape())])
}

fn from_folder(place: &Place, per_batch: usize) -> Result<Vec<Split>, Error> {
    let batch = |name: &&str| {
        let path = place.batch(name);
        if !path.is_file() {
            return Err(missing(place.layout, name, vec![place.path.clone()]));
        }
        decode(place.layout, &file::read(SET, &path)?, per_batch)
    };
    BATCHES.iter().map(batch).collect()
}

fn from_archive(place: &Place, per_batch: usize) -> Result<Vec<Split>, Error> {
    let archive = file::read(SET, &place.path)?;
    let entries = tar::entries(&archive)?;
    let batch = |name: &&str| {
        let file = place.layout.file(name);
        let entry = entries.iter().find(|entry| entry.name.rsplit('/').next() == Some(&file));
        let Some(entry) = entry else {
            return Err(missing(place.layout, name, vec![place.path.clone()]));
        };
        let path = place.path.join(&entry.name);
        let bytes = archive.bytes[entry.bytes.clone()].to_vec();
        decode(place.layout, &File { set: SET, path, bytes }, per_batch)
    };
    BATCHES.iter().map(batch).collect()
}

fn decode(layout: Layout, file: &File, per_batch: usize) -> Result<Split, Error> {
    match layout {
        Layout::Binary => decode_binary(file, per_batch),
        Layout::Python => pickle::decode(file, per_batch),
    }
}

fn decode_binary(file: &File, per_batch: usize) -> Result<Split, Error> {
    let shape = SET.shape();
    let record = 1 + shape.values();
    file.check_len((per_batch * record) as u64)?;
    let records = || file.bytes.chunks_exact(record);
    let labels: Vec<u8> = records().map(|record| record[0]).collect();
    file.check_labels(&labels)?;
    let mut images = Vec::with_capacity(per_batch * shape.values());
    records().for_each(|record| images.extend_from_slice(&record[1..]));
    Ok(Split { images, labels, shape })
}

fn missing(layout: Layout, batch: &str, looked: Vec<PathBuf>) -> Error {
    Error::Missing { set: SET, file: layout.file(batch), looked }
}

/// The places that a message names: those in the first home.
fn looked(data_dir: &Path) -> Vec<PathBuf> {
    LAYOUTS.iter().map(|(_, folder, _)| data_dir.join(HOMES[0]).join(folder)).collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const RECORD: usize = 3_073;

    /// Six batches of two images: labels and pixels that differ from batch to batch.
    fn batches() -> Vec<(String, Vec<u8>, Vec<u8>)> {
        let batch = |(at, name): (u8, &&str)| {
            let images =
                (0..2 * 3_072).map(|pixel| u8::try_from(pixel % 251).unwrap() ^ at).collect();
            ((*name).to_owned(), vec![at, 9], images)
        };
        (0..).zip(&BATCHES).map(batch).collect()
    }

    fn binary(labels: &[u8], images: &[u8]) -> Vec<u8> {
        let records = labels.iter().zip(images.chunks(3_072));
        records.flat_map(|(label, image)| [&[*label], image].concat()).collect()
    }

    fn files(layout: Layout) -> Vec<(String, Vec<u8>)> {
        let encode = |(name, labels, images): (String, Vec<u8>, Vec<u8>)| match layout {
            Layout::Binary => (layout.file(&name), binary(&labels, &images)),
            Layout::Python => (name, pickle::tests::pickled(&labels, &images)),
        };
        batches().into_iter().map(encode).collect()
    }

    fn archive(layout: Layout, folder: &str) -> Vec<u8> {
        let mut tar = tar::tests::entry(&format!("{folder}/"), b'5', &[]);
        for (name, bytes) in files(layout) {
            tar.extend(tar::tests::entry(&format!("{folder}/{name}"), b'0', &bytes));
        }
        tar.extend([0; 1_024]);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&tar).unwrap();
        encoder.finish().unwrap()
    }

    fn load(files: Vec<(String, Vec<u8>)>) -> Result<[Split; 2], Error> {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        splits_of(dir.path(), 2)
    }

    fn within(folder: &str, layout: Layout) -> Vec<(String, Vec<u8>)> {
        let inside = |(name, bytes)| (format!("{folder}/{name}"), bytes);
        files(layout).into_iter().map(inside).collect()
    }

    #[test]
    fn every_layout_gives_the_same_set() {
        let [train, test] = load(within("cifar10/cifar-10-batches-bin", Layout::Binary)).unwrap();
        assert_eq!(train.labels, [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]);
        assert_eq!((test.labels.as_slice(), test.image(0)[1]), ([5, 9].as_slice(), 4));
        let others = [
            within("cifar-10-batches-bin", Layout::Binary),
            within("cifar10", Layout::Binary),
            within("cifar-10-batches-py", Layout::Python),
            within("cifar10/cifar-10-batches-py", Layout::Python),
            LAYOUTS
                .map(|(layout, folder, file)| (format!("cifar10/{file}"), archive(layout, folder)))
                [..1]
                .to_vec(),
            LAYOUTS.map(|(layout, folder, file)| (file.to_owned(), archive(layout, folder)))[1..]
                .to_vec(),
        ];
        for files in others {
            let place = files[0].0.clone();
            assert_eq!(load(files).unwrap(), [train.clone(), test.clone()], "{place}");
        }
    }

    fn check(which: usize, change: impl Fn(&mut Vec<u8>), words: &str) {
        let mut files = within("cifar10/cifar-10-batches-bin", Layout::Binary);
        change(&mut files[which].1);
        files.retain(|(_, bytes)| !bytes.is_empty());
        let error = load(files).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.contains("`elth data fetch cifar10`"), "{error}");
    }

    #[test]
    fn a_damaged_batch_is_refused_with_the_way_out() {
        check(0, |bytes| bytes.truncate(bytes.len() - 16), "data_batch_1.bin` is 16 bytes short");
        check(5, |bytes| bytes.push(1), "test_batch.bin` is 1 byte too long");
        check(2, |bytes| bytes.truncate(RECORD), "data_batch_3.bin` is 3073 bytes short");
        check(
            4,
            |bytes| bytes[RECORD] = 10,
            "labels image 1 as 10, `cifar10` has the classes 0 to 9",
        );
        check(3, Vec::clear, "`cifar10` lacks `data_batch_4.bin` (looked in");
    }

    #[test]
    fn a_damaged_archive_is_refused_with_the_way_out() {
        let (layout, folder, file) = LAYOUTS[0];
        let whole = archive(layout, folder);
        for cut in [whole.len() - 1, whole.len() / 2, 20] {
            let error = load(vec![(format!("cifar10/{file}"), whole[..cut].to_vec())]).unwrap_err();
            assert!(error.to_string().contains("is damaged or cut"), "{error}");
        }
    }

    #[test]
    fn a_set_that_is_nowhere_names_the_places() {
        let error = load(Vec::new()).unwrap_err().to_string();
        assert!(error.contains("`cifar10` lacks `data_batch_1.bin` (looked in"), "{error}");
    }
}
