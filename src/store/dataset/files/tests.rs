//! Folders that are sets, and those that are none.

use super::*;

/// A picture: any bytes do until it is used.
fn write(root: &Path, files: &[&str]) {
    for file in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
}

const WHOLE: [&str; 6] = [
    "train/wren/b.jpg",
    "train/wren/a.PNG",
    "train/wren/notes.txt",
    "train/finch/z.JPEG",
    "val/wren/1.jpeg",
    "val/finch/2.png",
];

fn load_from(root: &Path) -> Result<Dataset, Error> {
    load(format!("folder:{}", root.display()).parse().unwrap(), Path::new("nowhere"))
}

#[test]
fn classes_are_the_sorted_folders_and_files_come_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &WHOLE);
    let set = load_from(dir.path()).unwrap();
    assert_eq!((set.train.labels, set.test.labels), (vec![0, 1, 1], vec![0, 1]));
    let Images::Files(files) = set.train.images else { panic!("the pictures are in files") };
    let names: Vec<_> =
        files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["z.JPEG", "a.PNG", "b.jpg"]);
}

#[test]
fn the_digest_is_of_paths_and_contents_and_not_of_the_place() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for dir in &dirs {
        write(dir.path(), &WHOLE);
    }
    let [here, there] = [0, 1].map(|at: usize| load_from(dirs[at].path()).unwrap().digest);
    assert_eq!(here, there);
    fs::write(dirs[0].path().join("val/wren/1.jpeg"), "another").unwrap();
    assert_ne!(load_from(dirs[0].path()).unwrap().digest, there);
    fs::rename(dirs[1].path().join("val/wren/1.jpeg"), dirs[1].path().join("val/wren/3.jpeg"))
        .unwrap();
    assert_ne!(load_from(dirs[1].path()).unwrap().digest, there);
}

fn check(files: &[&str], words: &str) {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), files);
    let error = load_from(dir.path()).unwrap_err().to_string();
    assert!(error.contains(words) && !error.contains('\n'), "{error}");
}

#[test]
fn what_is_no_set_is_refused_in_one_line() {
    check(&[], "lacks `train` (looked in");
    check(&WHOLE[..4], "lacks `val` (looked in");
    check(&WHOLE[..5], "val` lacks the class `finch`");
    check(&[&WHOLE[..], &["val/owl/1.png"]].concat(), "train` lacks the class `owl`");
    check(
        &[&WHOLE[..], &["val/owl/1.txt", "train/owl/1.png"]].concat(),
        "val/owl` is damaged or cut (it holds no",
    );
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("imagenet"), &WHOLE);
    let error = load(Name::Imagenet, dir.path()).unwrap_err().to_string();
    assert!(error.contains("it has 2 classes, not 1000"), "{error}");
}
