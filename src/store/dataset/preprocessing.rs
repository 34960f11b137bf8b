//! From a stored image to what enters a network: padding, crop, flip, and the constants of normalisation.

use elth_core::blueprint::{Family, Input};

use crate::dataset::{Name, framing};

/// What is done to a set's images; padding and crops come first, on raw values, padded with raw zeros.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preprocessing {
    /// What raw values are divided by, before the mean is taken off and the rest divided by `std`.
    pub divide_by: f32,
    /// Mean of each stored channel.
    pub mean: &'static [f32],
    /// Standard deviation of each stored channel.
    pub std: &'static [f32],
    /// Training images are padded by this on every side, then cropped at random.
    pub padding: usize,
    /// Whether training images are mirrored, before they are cropped.
    pub mirror: Mirror,
}

/// Whether training images are mirrored left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mirror {
    /// Never: a mirrored digit is none.
    Never,
    /// Every second time, by chance.
    Half,
}

/// The preprocessing of a set.
#[must_use]
pub fn of(name: Name) -> Preprocessing {
    match name {
        Name::Digits => Preprocessing {
            divide_by: 16.0,
            mean: &[0.3053],
            std: &[0.3761],
            // A shift by up to one pixel.
            padding: 1,
            mirror: Mirror::Never,
        },
        Name::Mnist => Preprocessing {
            divide_by: 255.0,
            mean: &[0.1307],
            std: &[0.3081],
            padding: 0,
            mirror: Mirror::Never,
        },
        Name::FashionMnist => Preprocessing {
            divide_by: 255.0,
            mean: &[0.2860],
            std: &[0.3530],
            padding: 4,
            mirror: Mirror::Half,
        },
        // ImageNet's constants, as in the official code.
        Name::Cifar10 => Preprocessing {
            divide_by: 255.0,
            mean: &[0.485, 0.456, 0.406],
            std: &[0.229, 0.224, 0.225],
            padding: 4,
            mirror: Mirror::Half,
        },
        Name::Imagenet | Name::Folder(_) => Preprocessing {
            divide_by: 255.0,
            mean: &[0.485, 0.456, 0.406],
            std: &[0.229, 0.224, 0.225],
            padding: 0,
            mirror: Mirror::Half,
        },
        Name::Cifar10Im => Preprocessing {
            divide_by: 255.0,
            mean: &[0.4914, 0.4822, 0.4465],
            std: &[0.2023, 0.1994, 0.2010],
            padding: 0,
            mirror: Mirror::Half,
        },
        Name::Cifar100 => Preprocessing {
            divide_by: 255.0,
            mean: &[0.5071, 0.4865, 0.4409],
            std: &[0.2673, 0.2564, 0.2762],
            padding: 4,
            mirror: Mirror::Half,
        },
        // As the official code has it, house numbers mirrored too.
        Name::Svhn => Preprocessing {
            divide_by: 255.0,
            mean: &[0.438, 0.444, 0.473],
            std: &[0.198, 0.201, 0.197],
            padding: 4,
            mirror: Mirror::Half,
        },
        Name::TinyImagenet => Preprocessing {
            divide_by: 255.0,
            mean: &[0.4802, 0.4481, 0.3975],
            std: &[0.2764, 0.2689, 0.2816],
            padding: 8,
            mirror: Mirror::Half,
        },
    }
}

impl Preprocessing {
    /// The value that stands for a raw one in the network.
    #[must_use]
    pub fn normalise(&self, raw: u8, channel: usize) -> f32 {
        (f32::from(raw) / self.divide_by - self.mean[channel]) / self.std[channel]
    }
}

/// The shape in which a set's images enter networks of a family: grey ones are repeated over three channels and
/// 28×28 ones padded to 32×32 for convolutions, flat networks take the image as it is.
#[must_use]
pub fn entering_shape(name: Name, family: Family) -> Input {
    let stored = name.shape();
    if family.is_flat() && framing::of(name).is_none() {
        return stored;
    }
    match name {
        Name::Cifar10Im => Input::new(3, 224, 224),
        Name::Mnist | Name::FashionMnist => Input::new(3, 32, 32),
        _ => Input::new(3, stored.height, stored.width),
    }
}

/// How a set's images enter networks of one family.
///
/// The stored image is padded with raw zeros by `padding` on every side, and a window of the entering size is cut
/// out of it: the one in the middle for evaluation, any of `positions()²` for training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entrance {
    /// Shape of a stored image.
    pub from: Input,
    /// Shape of what enters.
    pub to: Input,
    /// Zeros on every side.
    pub padding: usize,
    /// Whether training images are mirrored.
    pub mirror: Mirror,
}

/// Which part of the padded image enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First row of the padded image.
    pub top: usize,
    /// First column of the padded image.
    pub left: usize,
    /// Whether the stored image is mirrored before it is padded.
    pub mirrored: bool,
}

impl Entrance {
    /// The entrance of a set into networks of a family.
    #[must_use]
    pub fn new(name: Name, family: Family) -> Self {
        let (from, to) = (name.shape(), entering_shape(name, family));
        let preprocessing = of(name);
        // What enters may be larger than the image where nothing is cropped.
        let padding = preprocessing.padding.max(to.height.saturating_sub(from.height).div_ceil(2));
        Self { from, to, padding, mirror: preprocessing.mirror }
    }

    /// How many rows, and columns, a window may start at.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.from.height + 2 * self.padding - self.to.height + 1
    }

    /// The window in the middle, for evaluation.
    #[must_use]
    pub fn middle(&self) -> Window {
        let at = (self.positions() - 1) / 2;
        Window { top: at, left: at, mirrored: false }
    }

    /// The window that 64 random bits choose, every one as likely as the others.
    #[must_use]
    pub fn window(&self, bits: u64) -> Window {
        // 24 bits for each number leave a bias of less than a millionth.
        let place = |bits: u64| (((bits & 0x00ff_ffff) * self.positions() as u64) >> 24) as usize;
        let mirrored = self.mirror == Mirror::Half && bits >> 63 == 1;
        Window { top: place(bits), left: place(bits >> 24), mirrored }
    }

    /// Cuts a window out of a stored image: raw values in the entering shape, grey ones repeated.
    #[must_use]
    pub fn enter(&self, image: &[u8], window: Window) -> Vec<u8> {
        let mut entering = Vec::with_capacity(self.to.values());
        for channel in 0..self.to.channels {
            let plane = channel % self.from.channels;
            for row in 0..self.to.height {
                for column in 0..self.to.width {
                    entering.push(self.value(image, plane, window, [row, column]));
                }
            }
        }
        entering
    }

    fn value(&self, image: &[u8], plane: usize, window: Window, [row, column]: [usize; 2]) -> u8 {
        let Input { height, width, .. } = self.from;
        let row = (window.top + row).wrapping_sub(self.padding);
        let column = (window.left + column).wrapping_sub(self.padding);
        if row >= height || column >= width {
            return 0;
        }
        let column = if window.mirrored { width - 1 - column } else { column };
        image[(plane * height + row) * width + column]
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dataset;

    const MLP: Family = Family::MnistLenet;
    const CONVOLUTIONS: Family = Family::CifarResnet;

    #[test]
    fn images_enter_in_the_contracts_shapes() {
        let cases = [
            (Name::Digits, CONVOLUTIONS, "3x8x8", 3),
            (Name::Digits, MLP, "1x8x8", 3),
            (Name::Mnist, CONVOLUTIONS, "3x32x32", 1),
            (Name::Mnist, MLP, "1x28x28", 1),
            (Name::FashionMnist, CONVOLUTIONS, "3x32x32", 5),
            (Name::FashionMnist, MLP, "1x28x28", 9),
            (Name::Cifar10, CONVOLUTIONS, "3x32x32", 9),
            (Name::Cifar10, MLP, "3x32x32", 9),
            (Name::Cifar100, CONVOLUTIONS, "3x32x32", 9),
            (Name::Svhn, CONVOLUTIONS, "3x32x32", 9),
            (Name::TinyImagenet, CONVOLUTIONS, "3x64x64", 17),
        ];
        for (name, family, shape, positions) in cases {
            let entrance = Entrance::new(name, family);
            assert_eq!(entrance.to.to_string(), shape, "{name}");
            assert_eq!(entrance.positions(), positions, "{name} into {family}");
        }
    }

    #[test]
    fn the_middle_window_is_the_image_itself_or_padded_evenly() {
        let image: Vec<u8> = (0..64).collect();
        let entrance = Entrance::new(Name::Digits, MLP);
        assert_eq!(entrance.enter(&image, entrance.middle()), image);
        let entrance = Entrance::new(Name::Mnist, CONVOLUTIONS);
        let entering = entrance.enter(&[9; 784], entrance.middle());
        let inside = |at: usize| (2..30).contains(&(at / 32 % 32)) && (2..30).contains(&(at % 32));
        assert!((0..3 * 1_024).all(|at| entering[at] == if inside(at) { 9 } else { 0 }));
    }

    #[test]
    fn a_window_shifts_and_mirrors_and_leaves_zeros() {
        let image: Vec<u8> = (1..=64).collect();
        let entrance = Entrance::new(Name::Digits, MLP);
        let corner = Window { top: 0, left: 2, mirrored: false };
        let entering = entrance.enter(&image, corner);
        assert_eq!(entering[..8], [0; 8], "shifted down");
        assert_eq!(entering[8..16], [2, 3, 4, 5, 6, 7, 8, 0], "and to the left");
        let mirrored = entrance.enter(&image, Window { mirrored: true, ..entrance.middle() });
        assert_eq!(mirrored[..8], [8, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn bits_choose_every_window_and_never_mirror_a_digit() {
        let spread = |bits: u64| bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let windows = |name| {
            let entrance = Entrance::new(name, CONVOLUTIONS);
            let mut windows: Vec<_> =
                (0..20_000).map(|bits| entrance.window(spread(bits))).collect();
            windows.sort_unstable_by_key(|window| (window.top, window.left, window.mirrored));
            windows.dedup();
            windows
        };
        assert_eq!(windows(Name::Cifar10).len(), 9 * 9 * 2);
        assert_eq!(windows(Name::Digits).len(), 3 * 3);
        assert_eq!(windows(Name::Mnist).len(), 1);
    }

    #[test]
    fn normalised_digits_have_mean_zero_and_deviation_one() {
        let digits = dataset::load(Name::Digits, Path::new("")).unwrap();
        let raw = || digits.train.values().iter().chain(digits.test.values());
        let values = || raw().map(|raw| f64::from(of(Name::Digits).normalise(*raw, 0)));
        let mean = values().sum::<f64>() / 115_008.0;
        let variance = values().map(|value| value * value).sum::<f64>() / 115_008.0;
        assert!(mean.abs() < 1e-3 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
    }
}
