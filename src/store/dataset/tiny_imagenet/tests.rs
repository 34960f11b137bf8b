//! A small copy of the set, unpacked and in its archive, and what is refused of it.

use std::{collections::BTreeMap, io::Write};

use super::*;

/// An orange and a grey picture of 64×64, as JPEG.
const ORANGE: &[u8] = include_bytes!("tests/orange.jpg");
const GREY: &[u8] = include_bytes!("tests/grey.jpg");

type Files = BTreeMap<String, Vec<u8>>;

/// 200 classes of one training image each, and two test images.
fn files() -> Files {
    let train = (0..200).map(|class| {
        let picture = if class == 7 { GREY } else { ORANGE };
        (format!("train/n{class:08}/images/n{class:08}_0.JPEG"), picture.to_vec())
    });
    let lists = ["val_0.JPEG\tn00000009\t0\t0\t9\t9\n", "val_1.JPEG\tn00000007\t0\t32\t44\t62\n"];
    let others = [
        ("train/n00000000/n00000000_boxes.txt", b"n00000000_0.JPEG\t0\t0\t9\t9\n".to_vec()),
        ("val/images/val_0.JPEG", ORANGE.to_vec()),
        ("val/images/val_1.JPEG", GREY.to_vec()),
        (ANNOTATIONS, lists.concat().into_bytes()),
    ];
    train.chain(others.map(|(name, bytes)| (name.to_owned(), bytes))).collect()
}

fn load(folder: &str, files: &Files) -> Result<[Split; 2], Error> {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(folder).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    splits_of(dir.path(), [200, 2])
}

fn load_packed(files: &Files) -> Result<[Split; 2], Error> {
    let dir = tempfile::tempdir().unwrap();
    let archive = fs::File::create(dir.path().join(ARCHIVE)).unwrap();
    let mut writer = zip::ZipWriter::new(archive);
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(format!("{FOLDER}/{name}"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    splits_of(dir.path(), [200, 2])
}

#[test]
fn every_layout_gives_the_same_set() {
    let usual = load("tiny-imagenet/tiny-imagenet-200", &files()).unwrap();
    let [train, test] = &usual;
    assert!(train.labels.iter().copied().eq(0..200));
    assert_eq!(test.labels, [9, 7]);
    assert!(train.image(7).iter().all(|value| *value == 77), "grey on all planes");
    assert_eq!(train.image(9), test.image(0));
    let near = |value: u8, expected: u8| value.abs_diff(expected) <= 2;
    assert!(near(train.image(0)[0], 200) && near(train.image(0)[4_096], 100));
    assert_eq!(load("tiny-imagenet-200", &files()).unwrap(), usual);
    assert_eq!(load_packed(&files()).unwrap(), usual);
}

fn check(change: impl Fn(&mut Files), words: &str) {
    let mut files = files();
    change(&mut files);
    let error = load_packed(&files).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert!(error.contains("elth data fetch tiny-imagenet") && !error.contains('\n'), "{error}");
}

#[test]
fn what_is_not_the_whole_set_is_refused_in_one_line() {
    let class = "train/n00000003/images/n00000003_0.JPEG";
    check(|files| drop(files.remove(class)), "it has 199 classes, not 200");
    check(
        |files| drop(files.insert(class.replace("_0", "_1"), GREY.to_vec())),
        "holds 201 images, `tiny-imagenet` has 200 there",
    );
    check(
        |files| files.get_mut(class).unwrap().truncate(400),
        "n00000003_0.JPEG` is damaged or cut (it ends too early)",
    );
    check(|files| *files.get_mut(class).unwrap() = vec![1, 2], "it is neither JPEG nor PNG");
    check(|files| drop(files.remove("val/images/val_1.JPEG")), "val_1.JPEG` is damaged or cut (");
    check(|files| drop(files.remove(ANNOTATIONS)), "val_annotations.txt` is damaged or cut (");
    for line in ["val_0.JPEG\tn1\t0\n", "val_0.JPEG\n", "../../etc/passwd\tn00000001\t0\n"] {
        check(
            |files| *files.get_mut(ANNOTATIONS).unwrap() = line.as_bytes().to_vec(),
            "names no image and class",
        );
    }
}

#[test]
fn a_set_that_is_nowhere_names_the_places() {
    let error = splits(Path::new("nowhere")).unwrap_err().to_string();
    assert!(error.contains("`tiny-imagenet` lacks `tiny-imagenet-200.zip` (looked in"), "{error}");
}
