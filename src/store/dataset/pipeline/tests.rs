//! The order of what comes out, whatever the threads do, and pictures that are none.

use elth_core::blueprint::Input;

use super::*;
use crate::dataset::framing;

fn split(dir: &Path, pictures: &[Vec<u8>]) -> Split {
    let write = |(at, bytes): (usize, &Vec<u8>)| -> PathBuf {
        let path = dir.join(format!("{at}.png"));
        fs::write(&path, bytes).unwrap();
        path
    };
    let files = pictures.iter().enumerate().map(write).collect();
    let shape = Input::new(3, 224, 224);
    Split { images: Images::Files(Arc::new(files)), labels: vec![0; pictures.len()], shape }
}

fn png(grey: u8, side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let value = |at: u32| grey.wrapping_add(u8::try_from(at % 13).unwrap());
    writer.write_image_data(&(0..side * side).map(value).collect::<Vec<_>>()).unwrap();
    writer.finish().unwrap();
    bytes
}

fn run(split: &Split, jobs: &[Job], threads: usize, ahead: usize) -> Vec<Result<Picture, String>> {
    let framing = framing::of(Name::Imagenet).unwrap();
    let pipeline = Pipeline::start(Name::Imagenet, split, framing, jobs.to_vec(), [threads, ahead]);
    pipeline.map(|image| image.map_err(|error| error.to_string())).collect()
}

#[test]
fn images_come_in_the_order_of_the_jobs_whatever_the_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let pictures: Vec<_> = (0..9_u8).map(|at| png(at * 20, 5 + 40 * u32::from(at % 3))).collect();
    let split = split(dir.path(), &pictures);
    let jobs: Vec<Job> = (0..24)
        .map(|at| (at * 5 % 9, if at % 4 == 0 { Look::Middle } else { Look::Drawn(at as u64) }))
        .collect();
    let alone = run(&split, &jobs, 1, 1);
    assert_eq!(alone.len(), jobs.len());
    let framing = framing::of(Name::Imagenet).unwrap();
    for (image, (example, look)) in alone.iter().zip(&jobs) {
        let expected = framing.frame(&Picture::decode(&pictures[*example]).unwrap(), *look);
        assert_eq!(image.as_ref().unwrap(), &expected);
    }
    for (threads, ahead) in [(2, 1), (4, 3), (8, 100)] {
        assert_eq!(run(&split, &jobs, threads, ahead), alone, "{threads} threads, {ahead} ahead");
    }
}

#[test]
fn a_picture_that_is_none_is_named_and_the_others_come() {
    let dir = tempfile::tempdir().unwrap();
    let whole = png(9, 8);
    let split =
        split(dir.path(), &[whole.clone(), whole[..50].to_vec(), b"GIF89a".to_vec(), whole]);
    let jobs: Vec<Job> = (0..4).map(|example| (example, Look::Middle)).collect();
    let images = run(&split, &jobs, 3, 2);
    assert!(images[0].is_ok() && images[3].is_ok());
    for (at, words) in [(1, "1.png` is damaged or cut ("), (2, "it is neither JPEG nor PNG")] {
        let error = images[at].as_ref().unwrap_err();
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
        assert!(error.ends_with("mend, replace or remove it"), "{error}");
    }
    assert_eq!(damaged(Name::Imagenet, &split).len(), 2);
}

#[test]
fn a_row_that_nobody_wants_any_more_ends_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let split = split(dir.path(), &[png(9, 8)]);
    let framing = framing::of(Name::Imagenet).unwrap();
    let jobs = vec![(0, Look::Middle); 1_000_000];
    let mut pipeline = Pipeline::start(Name::Imagenet, &split, framing, jobs, [2, 4]);
    assert!(pipeline.next().unwrap().is_ok());
    assert_eq!(pipeline.given(), 1);
    assert!(pipeline.desk.state().ready.len() <= 4);
}
