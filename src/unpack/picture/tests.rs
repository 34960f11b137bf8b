//! Pictures that are read, and files that are refused by name.

use png::ColorType;

use crate::picture::{Part, Picture};

/// A JPEG of 16×16 pixels, grey on the left and lighter on the right, as Pillow writes it.
const JPEG: &[u8] = include_bytes!("tests/small.jpg");

fn png_of(color: ColorType, values: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(values).unwrap();
    writer.finish().unwrap();
    bytes
}

fn check(bytes: &[u8], expected: Result<[usize; 2], &str>) {
    match (Picture::decode(bytes), expected) {
        (Ok(picture), Ok([height, width])) => {
            assert_eq!([picture.height, picture.width], [height, width]);
            assert_eq!(picture.values.len(), 3 * height * width);
        }
        (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
        (found, expected) => panic!("{found:?} instead of {expected:?}"),
    }
}

#[test]
fn what_is_no_whole_picture_is_refused_in_one_line() {
    check(JPEG, Ok([16, 16]));
    check(&JPEG[..JPEG.len() / 2], Err("ends too early"));
    check(&JPEG[..30], Err("ends too early"));
    check(b"GIF89a", Err("neither JPEG nor PNG"));
    check(b"", Err("neither JPEG nor PNG"));
    let png = png_of(ColorType::Rgb, &[9; 3 * 6], 3, 2);
    check(&png, Ok([2, 3]));
    check(&png[..png.len() - 20], Err("damaged"));
    check(&png[..20], Err("damaged"));
    let mut huge = JPEG.to_vec();
    let at = huge.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    huge[at + 5..at + 9].copy_from_slice(&[0xff; 4]);
    check(&huge, Err("it claims 65535x65535 pixels"));
    let mut huge = png;
    huge[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    check(&huge, Err(""));
}

#[test]
fn every_byte_of_a_picture_may_be_wrong_without_a_crash() {
    for bytes in [JPEG.to_vec(), png_of(ColorType::Grayscale, &[9; 64], 8, 8)] {
        for at in 0..bytes.len() {
            for value in [0, 0xff, bytes[at] ^ 0x10] {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _picture_or_reason = Picture::decode(&changed);
            }
        }
    }
}

#[test]
fn every_kind_of_png_becomes_colour() {
    for (color, pixel, expected) in [
        (ColorType::Rgb, vec![1, 2, 3], [1, 2, 3]),
        (ColorType::Rgba, vec![1, 2, 3, 9], [1, 2, 3]),
        (ColorType::Grayscale, vec![7], [7, 7, 7]),
        (ColorType::GrayscaleAlpha, vec![7, 9], [7, 7, 7]),
    ] {
        let picture = Picture::decode(&png_of(color, &pixel, 1, 1)).unwrap();
        assert_eq!(picture.values, expected, "{color:?}");
    }
}

#[test]
fn planes_and_pixels_are_the_same_values() {
    let planes: Vec<u8> = (0..3 * 6).collect();
    let picture = Picture::of_planes(&planes, 2, 3);
    assert_eq!(picture.values[..6], [0, 6, 12, 1, 7, 13]);
    assert_eq!(picture.planes(), planes);
    assert_eq!(Picture::of_planes(&[4, 5], 1, 2).values, [4, 4, 4, 5, 5, 5]);
    let mut mirrored = picture.clone();
    mirrored.mirror();
    assert_eq!(mirrored.values[..6], [2, 8, 14, 1, 7, 13]);
}

/// Numbers that Pillow 13 gives for the same picture (`crop`, then `resize` with `BILINEAR`), to the last rounding.
#[test]
fn a_resized_part_is_what_pillow_makes_of_it() {
    let values: Vec<u8> =
        (0..5 * 4).flat_map(|at: u32| [u8::try_from(at * 37 % 251).unwrap(), 0, 9]).collect();
    let picture = Picture { width: 5, height: 4, values };
    let check = |part: Part, size: [usize; 2], expected: &[u8]| {
        let resized = picture.resized(part, size[0], size[1]);
        let red: Vec<u8> = resized.values.iter().step_by(3).copied().collect();
        let apart = red.iter().zip(expected).map(|(ours, theirs)| ours.abs_diff(*theirs)).max();
        assert!(apart <= Some(1), "{part:?} to {size:?}: {red:?} instead of {expected:?}");
    };
    for (part, size, expected) in PILLOW {
        let [top, left, height, width] = *part;
        check(Part { top, left, height, width }, *size, expected);
    }
}

/// Part, size, red values.
type Resized = ([usize; 4], [usize; 2], &'static [u8]);

const PILLOW: &[Resized] = &[
    (
        [0, 0, 4, 5],
        [8, 10],
        &[
            0, 9, 28, 46, 65, 83, 102, 120, 139, 148, 46, 55, 74, 77, 64, 67, 86, 104, 123, 132,
            139, 148, 167, 138, 63, 34, 53, 71, 90, 99, 169, 178, 197, 168, 93, 63, 82, 85, 72, 66,
            136, 145, 164, 166, 154, 156, 175, 146, 71, 33, 103, 112, 131, 149, 168, 186, 205, 176,
            101, 62, 70, 79, 98, 116, 135, 153, 172, 174, 162, 155, 53, 62, 81, 99, 118, 136, 155,
            173, 192, 201,
        ],
    ),
    ([0, 0, 4, 5], [2, 3], &[112, 87, 100, 116, 146, 135]),
    (
        [1, 1, 2, 3],
        [4, 4],
        &[222, 88, 22, 45, 206, 111, 68, 91, 173, 156, 161, 184, 156, 179, 207, 230],
    ),
    ([1, 2, 3, 3], [2, 2], &[91, 79, 166, 153]),
    (
        [0, 0, 4, 5],
        [4, 5],
        &[0, 37, 74, 111, 148, 185, 222, 8, 45, 82, 119, 156, 193, 230, 16, 53, 90, 127, 164, 201],
    ),
];
