//! The CIFAR sets in every layout, and what is refused of them.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};

use super::*;

const RECORD: usize = 3_073;

/// Two images in every batch.
const SMALL: [Series; 2] =
    [Series { sizes: &[2; 6], ..CIFAR10 }, Series { sizes: &[2; 2], ..CIFAR100 }];

/// Batches of two images: labels and pixels that differ from batch to batch.
fn batches(series: &Series) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let batch = |(at, name): (u8, &&str)| {
        let images = (0..2 * 3_072).map(|pixel| u8::try_from(pixel % 251).unwrap() ^ at).collect();
        ((*name).to_owned(), vec![at, 9], images)
    };
    (0..).zip(series.batches).map(batch).collect()
}

/// Records; the label that does not count is another one.
fn binary(series: &Series, labels: &[u8], images: &[u8]) -> Vec<u8> {
    let records = labels.iter().zip(images.chunks(3_072));
    let coarse = &[77][..series.labels - 1];
    records.flat_map(|(label, image)| [coarse, &[*label], image].concat()).collect()
}

fn files(series: &Series, layout: Layout) -> Vec<(String, Vec<u8>)> {
    let key = if series.labels == 1 { "labels" } else { "fine_labels" };
    let encode = |(name, labels, images): (String, Vec<u8>, Vec<u8>)| match layout {
        Layout::Binary => (layout.file(&name), binary(series, &labels, &images)),
        Layout::Python => (name, pickle::tests::pickled(key, &labels, &images)),
    };
    batches(series).into_iter().map(encode).collect()
}

fn archive(series: &Series, which: usize) -> (String, Vec<u8>) {
    let (layout, folder, name) = series.layouts[which];
    let mut tar = tar::tests::entry(&format!("{folder}/"), b'5', &[]);
    for (name, bytes) in files(series, layout) {
        tar.extend(tar::tests::entry(&format!("{folder}/{name}"), b'0', &bytes));
    }
    tar.extend([0; 1_024]);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar).unwrap();
    (name.to_owned(), encoder.finish().unwrap())
}

fn load(series: &Series, files: Vec<(String, Vec<u8>)>) -> Result<[Split; 2], Error> {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    series.splits(dir.path())
}

fn within(series: &Series, folder: &str, layout: Layout) -> Vec<(String, Vec<u8>)> {
    let inside = |(name, bytes)| (format!("{folder}/{name}"), bytes);
    files(series, layout).into_iter().map(inside).collect()
}

#[test]
fn every_layout_gives_the_same_set() {
    for (series, labels) in SMALL.iter().zip([&[0, 9, 1, 9, 2, 9, 3, 9, 4, 9][..], &[0, 9]]) {
        let home = series.homes[0];
        let [(_, binary, _), (_, python, _)] = series.layouts;
        let usual = within(series, &format!("{home}/{binary}"), Layout::Binary);
        let [train, test] = load(series, usual).unwrap();
        assert_eq!(train.labels, labels);
        let last = u8::try_from(series.batches.len() - 1).unwrap();
        assert_eq!((test.labels[0], test.image(0)[1]), (last.into(), 1 ^ last));
        let packed = |which, home: &str| {
            let (name, bytes) = archive(series, which);
            vec![(format!("{home}{name}"), bytes)]
        };
        let others = [
            within(series, binary, Layout::Binary),
            within(series, home, Layout::Binary),
            within(series, python, Layout::Python),
            within(series, &format!("{home}/{python}"), Layout::Python),
            packed(0, &format!("{home}/")),
            packed(1, ""),
        ];
        for files in others {
            let place = files[0].0.clone();
            assert_eq!(load(series, files).unwrap(), [train.clone(), test.clone()], "{place}");
        }
    }
}

fn check(which: usize, change: impl Fn(&mut Vec<u8>), words: &str) {
    let series = &SMALL[0];
    let mut files = within(series, "cifar10/cifar-10-batches-bin", Layout::Binary);
    change(&mut files[which].1);
    files.retain(|(_, bytes)| !bytes.is_empty());
    let error = load(series, files).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert!(error.contains("`elth data fetch cifar10`"), "{error}");
}

#[test]
fn a_damaged_batch_is_refused_with_the_way_out() {
    check(0, |bytes| bytes.truncate(bytes.len() - 16), "data_batch_1.bin` is 16 bytes short");
    check(5, |bytes| bytes.push(1), "test_batch.bin` is 1 byte too long");
    check(2, |bytes| bytes.truncate(RECORD), "data_batch_3.bin` is 3073 bytes short");
    check(4, |bytes| bytes[RECORD] = 10, "labels image 1 as 10, `cifar10` has the classes 0 to 9");
    check(3, Vec::clear, "`cifar10` lacks `data_batch_4.bin` (looked in");
}

#[test]
fn a_damaged_archive_is_refused_with_the_way_out() {
    let (file, whole) = archive(&SMALL[0], 0);
    for cut in [whole.len() - 1, whole.len() / 2, 20] {
        let files = vec![(format!("cifar10/{file}"), whole[..cut].to_vec())];
        let error = load(&SMALL[0], files).unwrap_err();
        assert!(error.to_string().contains("is damaged or cut"), "{error}");
    }
}

#[test]
fn a_set_that_is_nowhere_names_the_places() {
    for (series, words) in
        SMALL.iter().zip(["cifar10` lacks `data_batch_1.bin`", "cifar100` lacks `train.bin`"])
    {
        let error = load(series, Vec::new()).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("(looked in"), "{error}");
    }
}
