//! How pictures of any size become images of one: a part drawn by chance for training, the middle for testing.

use elth_core::chance;
use elth_unpack::{Picture, picture::Part};

use crate::dataset::{Name, Split};

/// What is done to the pictures of a set, as torchvision does it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framing {
    /// Rows and columns of what enters networks.
    pub size: usize,
    /// Length of a test picture's shorter side before its middle is cut out.
    pub shorter: usize,
    /// Share of a training picture's area that its part covers: least and most.
    pub scale: [f64; 2],
    /// Width of the part over its height: least and most.
    pub ratio: [f64; 2],
}

/// How one picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Its middle, for testing.
    Middle,
    /// What these random bits choose, for training.
    Drawn(u64),
}

/// The framing of a set whose pictures are brought to one size; nothing of the others.
#[must_use]
pub fn of(name: Name) -> Option<Framing> {
    let imagenet = Framing { size: 224, shorter: 256, scale: [0.1, 1.0], ratio: [0.8, 1.25] };
    match name {
        Name::Imagenet | Name::Folder(_) => Some(imagenet),
        // torchvision's own numbers, which the official code leaves as they are here.
        Name::Cifar10Im => {
            Some(Framing { scale: [0.08, 1.0], ratio: [3.0 / 4.0, 4.0 / 3.0], ..imagenet })
        }
        _ => None,
    }
}

/// An image that is in memory as a picture.
///
/// # Panics
/// Where there is no such image.
#[must_use]
pub fn picture(split: &Split, example: usize) -> Picture {
    Picture::of_planes(split.image(example), split.shape.height, split.shape.width)
}

impl Framing {
    /// The image that enters networks: a function of the picture and the look alone.
    #[must_use]
    pub fn frame(&self, picture: &Picture, look: Look) -> Picture {
        let size = self.size;
        match look {
            Look::Middle => {
                let [height, width] = self.shrunk(picture.height, picture.width);
                let whole = picture.resized(Part::all(picture), height, width);
                let [top, left] = [height - size, width - size].map(half_to_even);
                whole.cut(Part { top, left, height: size, width: size })
            }
            Look::Drawn(bits) => {
                let mut stream = chance::stream(bits, "frame");
                let part = self.part(picture.height, picture.width, &mut stream);
                let mut image = picture.resized(part, size, size);
                if stream.next_u64() >> 63 == 1 {
                    image.mirror();
                }
                image
            }
        }
    }

    /// The size whose shorter side is as it is wanted; torchvision rounds the longer one down.
    fn shrunk(&self, height: usize, width: usize) -> [usize; 2] {
        let longer = |long: usize, short: usize| (self.shorter * long / short).max(self.shorter);
        if height <= width {
            [self.shorter, longer(width, height)]
        } else {
            [longer(height, width), self.shorter]
        }
    }

    /// A part of random area and shape; the middle where ten of them did not fit.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sides of pictures are positive and far below 2^53"
    )]
    fn part(&self, height: usize, width: usize, stream: &mut chance::Stream) -> Part {
        let mut between = |[least, most]: [f64; 2]| least + stream.uniform() * (most - least);
        let area = (height * width) as f64;
        let shapes: Vec<[f64; 2]> = (0..10)
            .map(|_| [area * between(self.scale), between(self.ratio.map(f64::ln)).exp()])
            .collect();
        for [area, ratio] in shapes {
            let [w, h] = [(area * ratio).sqrt(), (area / ratio).sqrt()]
                .map(|side| side.round_ties_even() as usize);
            if (1..=width).contains(&w) && (1..=height).contains(&h) {
                let mut place = |room: usize| stream.below(room as u64 + 1) as usize;
                let (top, left) = (place(height - h), place(width - w));
                return Part { top, left, height: h, width: w };
            }
        }
        let ratio = width as f64 / height as f64;
        let [h, w] = match ratio {
            _ if ratio < self.ratio[0] => [(width as f64 / self.ratio[0]).round() as usize, width],
            _ if ratio > self.ratio[1] => {
                [height, (height as f64 * self.ratio[1]).round() as usize]
            }
            _ => [height, width],
        };
        let (h, w) = (h.clamp(1, height), w.clamp(1, width));
        Part { top: (height - h) / 2, left: (width - w) / 2, height: h, width: w }
    }
}

/// Half of a number, as Python rounds it.
fn half_to_even(room: usize) -> usize {
    room / 2 + usize::from(room % 4 == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(height: usize, width: usize) -> Picture {
        let values = (0..3 * height * width).map(|at| u8::try_from(at * 7 % 251).unwrap());
        Picture { height, width, values: values.collect() }
    }

    #[test]
    fn sizes_and_middles_are_torchvisions() {
        let framing = of(Name::Imagenet).unwrap();
        for (from, to) in [
            ([500, 375], [341, 256]),
            ([375, 500], [256, 341]),
            ([32, 32], [256, 256]),
            ([1, 3], [256, 768]),
            ([300, 299], [256, 256]),
        ] {
            assert_eq!(framing.shrunk(from[0], from[1]), to, "{from:?}");
        }
        assert_eq!([32, 117, 33, 35, 34].map(half_to_even), [16, 58, 16, 18, 17]);
        for look in [Look::Middle, Look::Drawn(3)] {
            let image = framing.frame(&picture(40, 30), look);
            assert_eq!([image.height, image.width], [224, 224], "{look:?}");
        }
    }

    #[test]
    fn parts_lie_in_the_picture_and_cover_what_they_should() {
        let framing = of(Name::Imagenet).unwrap();
        let (mut mirrored, mut areas) = (0, Vec::new());
        for bits in 0..2_000 {
            let mut stream = chance::stream(bits, "frame");
            let part = framing.part(60, 90, &mut stream);
            assert!(part.top + part.height <= 60 && part.left + part.width <= 90, "{part:?}");
            areas.push(part.height * part.width);
            mirrored += stream.next_u64() >> 63;
        }
        assert!(areas.iter().all(|area| (500..=5_400).contains(area)));
        assert!((900..1_100).contains(&mirrored), "{mirrored}");
        let thin = framing.part(2, 900, &mut chance::stream(1, "frame"));
        assert!(thin.height <= 2 && thin.width <= 3, "{thin:?}");
    }

    #[test]
    fn the_same_bits_give_the_same_image_and_others_another() {
        let framing = of(Name::Cifar10Im).unwrap();
        let picture = picture(32, 32);
        let frame = |bits| framing.frame(&picture, Look::Drawn(bits));
        assert_eq!(frame(9), frame(9));
        assert_ne!(frame(9), frame(10));
    }
}
