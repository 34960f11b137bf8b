//! The CIFAR sets: batches in the binary or the Python layout, unpacked or in the published archive.

use std::path::{Path, PathBuf};

use crate::dataset::{
    Error, Name, Split,
    file::{self, File},
    pickle, tar,
};

/// What is published of a set.
struct Series {
    set: Name,
    /// The batches in their order; the last one tests.
    batches: &'static [&'static str],
    /// Images in each of them.
    sizes: &'static [usize],
    /// Folders of a data directory in which people keep the set; the first is the one that messages name.
    homes: [&'static str; 4],
    /// The two layouts, each in its folder and its archive.
    layouts: [(Layout, &'static str, &'static str); 2],
    /// Labels before each image in the binary layout; the last one counts.
    labels: usize,
}

const CIFAR10: Series = Series {
    set: Name::Cifar10,
    batches: &[
        "data_batch_1",
        "data_batch_2",
        "data_batch_3",
        "data_batch_4",
        "data_batch_5",
        "test_batch",
    ],
    sizes: &[10_000; 6],
    homes: ["cifar10", "", "cifar-10", "CIFAR10"],
    layouts: [
        (Layout::Binary, "cifar-10-batches-bin", "cifar-10-binary.tar.gz"),
        (Layout::Python, "cifar-10-batches-py", "cifar-10-python.tar.gz"),
    ],
    labels: 1,
};

/// Coarse labels stand before the fine ones.
const CIFAR100: Series = Series {
    set: Name::Cifar100,
    batches: &["train", "test"],
    sizes: &[50_000, 10_000],
    homes: ["cifar100", "", "cifar-100", "CIFAR100"],
    layouts: [
        (Layout::Binary, "cifar-100-binary", "cifar-100-binary.tar.gz"),
        (Layout::Python, "cifar-100-python", "cifar-100-python.tar.gz"),
    ],
    labels: 2,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Records of labels and pixels.
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
pub fn find(set: Name, data_dir: &Path) -> Option<Place> {
    series(set).find(data_dir)
}

/// The training split and the test split.
pub fn splits(set: Name, data_dir: &Path) -> Result<[Split; 2], Error> {
    series(set).splits(data_dir)
}

fn series(set: Name) -> Series {
    if set == Name::Cifar100 { CIFAR100 } else { CIFAR10 }
}

impl Series {
    fn find(&self, data_dir: &Path) -> Option<Place> {
        let here = self.places(data_dir).into_iter().rev();
        here.filter(|place| self.count(place) > 0).max_by_key(|place| self.count(place))
    }

    /// How many of the batches can be expected in a place.
    fn count(&self, place: &Place) -> usize {
        match place.kind {
            Kind::Folder => {
                self.batches.iter().filter(|batch| place.batch(batch).is_file()).count()
            }
            Kind::Archive if place.path.is_file() => self.batches.len(),
            Kind::Archive => 0,
        }
    }

    /// Every place that is looked at, the likeliest first.
    fn places(&self, data_dir: &Path) -> Vec<Place> {
        let mut places = Vec::new();
        for kind in [Kind::Folder, Kind::Archive] {
            for home in self.homes.map(|home| data_dir.join(home)) {
                for (layout, folder, archive) in self.layouts {
                    let name = if kind == Kind::Folder { folder } else { archive };
                    places.push(Place { path: home.join(name), layout, kind });
                }
            }
        }
        for (layout, ..) in self.layouts {
            places.push(Place { path: data_dir.join(self.homes[0]), layout, kind: Kind::Folder });
        }
        places
    }

    fn splits(&self, data_dir: &Path) -> Result<[Split; 2], Error> {
        let Some(place) = self.find(data_dir) else {
            return Err(self.missing(Layout::Binary, self.batches[0], self.looked(data_dir)));
        };
        let mut batches = match place.kind {
            Kind::Folder => self.read_folder(&place)?,
            Kind::Archive => self.read_archive(&place)?,
        };
        let test = batches.split_off(self.batches.len() - 1);
        Ok([file::join(batches, self.set.shape()), file::join(test, self.set.shape())])
    }

    fn read_folder(&self, place: &Place) -> Result<Vec<Split>, Error> {
        let batch = |(name, size): (&&str, &usize)| {
            let path = place.batch(name);
            if !path.is_file() {
                return Err(self.missing(place.layout, name, vec![place.path.clone()]));
            }
            self.decode(place.layout, &file::read(self.set, &path)?, *size)
        };
        self.batches.iter().zip(self.sizes).map(batch).collect()
    }

    fn read_archive(&self, place: &Place) -> Result<Vec<Split>, Error> {
        let archive = file::read(self.set, &place.path)?;
        let entries = tar::entries(&archive)?;
        let batch = |(name, size): (&&str, &usize)| {
            let file = place.layout.file(name);
            let entry = entries.iter().find(|entry| entry.name.rsplit('/').next() == Some(&file));
            let Some(entry) = entry else {
                return Err(self.missing(place.layout, name, vec![place.path.clone()]));
            };
            let path = place.path.join(&entry.name);
            let bytes = archive.bytes[entry.bytes.clone()].to_vec();
            self.decode(place.layout, &File { set: self.set, path, bytes }, *size)
        };
        self.batches.iter().zip(self.sizes).map(batch).collect()
    }

    fn decode(&self, layout: Layout, file: &File, images: usize) -> Result<Split, Error> {
        match layout {
            Layout::Binary => self.decode_binary(file, images),
            Layout::Python => pickle::decode(file, images),
        }
    }

    fn decode_binary(&self, file: &File, count: usize) -> Result<Split, Error> {
        let shape = self.set.shape();
        let record = self.labels + shape.values();
        file.check_len((count * record) as u64)?;
        let records = || file.bytes.chunks_exact(record);
        let labels: Vec<u16> = records().map(|record| record[self.labels - 1].into()).collect();
        file.check_labels(&labels)?;
        let mut images = Vec::with_capacity(count * shape.values());
        records().for_each(|record| images.extend_from_slice(&record[self.labels..]));
        Ok(Split { images: images.into(), labels, shape })
    }

    fn missing(&self, layout: Layout, batch: &str, looked: Vec<PathBuf>) -> Error {
        Error::Missing { set: self.set, file: layout.file(batch), looked }
    }

    /// The places that a message names: those in the first home.
    fn looked(&self, data_dir: &Path) -> Vec<PathBuf> {
        let home = data_dir.join(self.homes[0]);
        self.layouts.iter().map(|(_, folder, _)| home.join(folder)).collect()
    }
}

#[cfg(test)]
mod tests;
