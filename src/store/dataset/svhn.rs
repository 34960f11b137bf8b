//! SVHN's cropped digits: two MATLAB files, each an array of images and one of labels.

mod matlab;

use std::path::{Path, PathBuf};

use crate::dataset::{
    Error, Name, Split,
    file::{self, File},
};
use matlab::Array;

const SET: Name = Name::Svhn;

/// The files as their authors name them.
const FILES: [&str; 2] = ["train_32x32.mat", "test_32x32.mat"];

/// Folders of a data directory in which people keep the set; the first is the one that messages name.
const HOMES: [&str; 3] = ["svhn", "SVHN", ""];

const EXPECTED: &str = "a MATLAB file of 32x32 images and their labels";

/// The training split and the test split.
pub fn splits(data_dir: &Path) -> Result<[Split; 2], Error> {
    splits_of(data_dir, SET.published_sizes())
}

/// The folder that holds most of the files.
pub fn find(data_dir: &Path) -> Option<PathBuf> {
    let files = |folder: &PathBuf| FILES.iter().filter(|file| folder.join(file).is_file()).count();
    let homes = HOMES.iter().rev().map(|home| data_dir.join(home));
    homes.filter(|folder| files(folder) > 0).max_by_key(files)
}

fn splits_of(data_dir: &Path, sizes: [usize; 2]) -> Result<[Split; 2], Error> {
    let folder = find(data_dir).unwrap_or_else(|| data_dir.join(HOMES[0]));
    let [train, test] = FILES.map(|name| folder.join(name));
    Ok([split(&train, sizes[0])?, split(&test, sizes[1])?])
}

fn split(path: &Path, size: usize) -> Result<Split, Error> {
    if !path.is_file() {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let looked = path.parent().map(Path::to_owned).into_iter().collect();
        return Err(Error::Missing { set: SET, file, looked });
    }
    let file = File { set: SET, path: path.to_owned(), bytes: file::packed(path)? };
    let arrays = matlab::arrays(&file.bytes, file::MOST_BYTES)
        .map_err(|error| file::damaged(SET, path, &error))?
        .ok_or_else(|| file.foreign(EXPECTED))?;
    let array = |name| arrays.iter().find(|array| array.name == name);
    let (Some(images), Some(labels)) = (array("X"), array("y")) else {
        return Err(file.foreign(EXPECTED));
    };
    let images = planes(images).ok_or_else(|| file.foreign(EXPECTED))?;
    let labels = digits(labels).ok_or_else(|| file.foreign(EXPECTED))?;
    let count = images.len() / SET.shape().values();
    if labels.len() != count {
        return Err(file.counts(count, labels.len()));
    }
    file.check_labels(&labels)?;
    if count == size {
        return Ok(Split { images: images.into(), labels, shape: SET.shape() });
    }
    Err(file.images(count, size))
}

/// The images in this program's order: MATLAB runs down the columns of a plane, and image by image last.
fn planes(array: &Array) -> Option<Vec<u8>> {
    let [32, 32, 3, count] = *array.sizes else { return None };
    if array.values.len() != count.checked_mul(SET.shape().values())? {
        return None;
    }
    let mut images = vec![0; array.values.len()];
    for (to, from) in images.chunks_exact_mut(1_024).zip(array.values.chunks_exact(1_024)) {
        for (at, value) in to.iter_mut().enumerate() {
            *value = from[at % 32 * 32 + at / 32];
        }
    }
    Some(images)
}

/// The labels: the authors write the digit 0 as 10.
fn digits(array: &Array) -> Option<Vec<u16>> {
    let [count, 1] = *array.sizes else { return None };
    let digit = |label: &u8| if *label == 10 { 0 } else { u16::from(*label) };
    (array.values.len() == count).then(|| array.values.iter().map(digit).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn images(count: usize) -> Vec<u8> {
        (0..count * 3_072).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
    }

    fn mat(labels: &[u8]) -> Vec<u8> {
        let arrays = [
            matlab::tests::array("X", &[32, 32, 3, labels.len()], &images(labels.len())),
            matlab::tests::array("y", &[labels.len(), 1], labels),
        ];
        matlab::tests::file(&arrays)
    }

    fn load(folder: &str, train: &[u8], test: &[u8]) -> Result<[Split; 2], Error> {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in FILES.iter().zip([train, test]) {
            if !bytes.is_empty() {
                fs::write(folder.join(name), bytes).unwrap();
            }
        }
        splits_of(dir.path(), [3, 2])
    }

    #[test]
    fn images_are_turned_and_ten_is_zero() {
        let [train, test] = load("SVHN", &mat(&[1, 10, 9]), &mat(&[2, 10])).unwrap();
        assert_eq!((&*train.labels, &*test.labels), (&[1, 0, 9][..], &[2, 0][..]));
        let (from, to) = (images(3), train.values());
        // Column 5 of row 2 of the green plane of the second image.
        assert_eq!(to[3_072 + 1_024 + 2 * 32 + 5], from[3_072 + 1_024 + 5 * 32 + 2]);
    }

    fn check(train: &[u8], words: &str) {
        let error = load("svhn", train, &mat(&[1, 2])).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.contains("`elth data fetch svhn`"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_refused_with_the_way_out() {
        let whole = mat(&[1, 2, 3]);
        check(&[], "`svhn` lacks `train_32x32.mat` (looked in");
        check(&whole[..whole.len() - 9], "svhn/train_32x32.mat` is ");
        check(&whole[..200], "is damaged or cut");
        check(&whole[..100], "is not a MATLAB file of 32x32 images");
        check(&mat(&[1, 2]), "holds 2 images, `svhn` has 3 there");
        check(&mat(&[1, 11, 2]), "labels image 1 as 11, `svhn` has the classes 0 to 9");
        let other = matlab::tests::array("X", &[32, 32, 3, 1], &images(1));
        check(&matlab::tests::file(&[other]), "is not a MATLAB file of 32x32 images");
    }
}
