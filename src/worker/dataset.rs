//! Images on the device, and batches gathered from them: crop, mirror and normalisation in one pass.

use anyhow::{Result, ensure};
use elth_core::{
    blueprint::Family,
    chance::{self, Seeds},
};
use elth_store::dataset::{
    Name, Split,
    preprocessing::{self, Entrance, Window},
};
use tch::{Device, Kind, Tensor};

/// One split of a data set, padded, on a device.
#[derive(Debug)]
pub struct Images {
    /// How many there are.
    pub examples: usize,
    entrance: Entrance,
    /// Raw values: (examples · padded height · padded width, channels).
    pixels: Tensor,
    labels: Tensor,
    divide_by: f64,
    mean: Tensor,
    std: Tensor,
    device: Device,
}

/// What one step learns from.
#[derive(Debug)]
pub struct Batch {
    /// Normalised: (batch, channels, height, width).
    pub images: Tensor,
    /// Classes: (batch).
    pub labels: Tensor,
}

/// Which examples come in which order, and where each is looked at.
#[derive(Debug)]
pub struct Course {
    order: Tensor,
    /// Number of the pixel that a window begins with.
    starts: Tensor,
    /// Distance to the next column: -1 where the image is mirrored.
    strides: Tensor,
}

impl Images {
    /// Puts a split onto a device, ready for networks of that family.
    pub fn new(name: Name, split: &Split, family: Family, device: Device) -> Result<Self> {
        ensure!(!split.is_empty(), "`{name}` has no images there: fetch it again");
        let entrance = Entrance::new(name, family);
        let from = entrance.from;
        let sizes = [split.len(), from.channels, from.height, from.width].map(signed);
        let padding = signed(entrance.padding);
        let pixels = Tensor::from_slice(&split.images)
            .view(sizes)
            .permute([0, 2, 3, 1])
            .constant_pad_nd([0, 0, padding, padding, padding, padding])
            .contiguous(); // (examples, padded height, padded width, channels)
        let preprocessing = preprocessing::of(name);
        let classes: Vec<i64> = split.labels.iter().map(|label| i64::from(*label)).collect();
        let labels = Tensor::from_slice(&classes);
        Ok(Self {
            examples: split.len(),
            entrance,
            pixels: pixels.view([-1, sizes[1]]).to_device(device),
            labels: labels.to_device(device),
            divide_by: f64::from(preprocessing.divide_by),
            mean: Tensor::from_slice(preprocessing.mean).to_device(device),
            std: Tensor::from_slice(preprocessing.std).to_device(device),
            device,
        })
    }

    /// An epoch of training: a pure function of seeds, epoch and example.
    ///
    /// Example `i` is looked at through the window that draw `i` of the stream `augment` chooses
    /// ([`Entrance::window`]: bits 0-23 the row, 24-47 the column, 63 the mirror).
    pub fn epoch(&self, seeds: &Seeds, epoch: u64) -> Course {
        let order = chance::order(seeds.order, epoch, self.examples);
        let draws = chance::draws(seeds.augment, "augment", epoch, self.examples);
        let windows = order.iter().map(|&example| {
            let example = example as usize;
            (example, self.entrance.window(draws[example]))
        });
        self.course(windows)
    }

    /// These examples in this order, looked at as an epoch of training does.
    pub fn augmented(&self, seeds: &Seeds, epoch: u64, examples: &[usize]) -> Course {
        let draws = chance::draws(seeds.augment, "augment", epoch, self.examples);
        self.course(examples.iter().map(|&at| (at, self.entrance.window(draws[at]))))
    }

    /// These examples in this order, each in the middle of its padding.
    pub fn plain(&self, examples: &[usize]) -> Course {
        self.course(examples.iter().map(|&at| (at, self.entrance.middle())))
    }

    /// The first `count` images as they are, each in the middle of its padding.
    pub fn in_sequence(&self, count: usize) -> Course {
        self.course((0..count.min(self.examples)).map(|example| (example, self.entrance.middle())))
    }

    /// The batch of a course that begins with its `start`-th example, or what is left of it.
    pub fn batch(&self, course: &Course, start: usize, size: usize) -> Batch {
        let left = course.len() - start.min(course.len());
        let (start, length) = (signed(start), signed(size.min(left)));
        let part = |tensor: &Tensor| tensor.narrow(0, start, length);
        let order = part(&course.order);
        Batch {
            images: self.gather(&part(&course.starts), &part(&course.strides)),
            labels: self.labels.index_select(0, &order),
        }
    }

    fn gather(&self, starts: &Tensor, strides: &Tensor) -> Tensor {
        let (from, to) = (self.entrance.from, self.entrance.to);
        let [channels, height, width] = [from.channels, to.height, to.width].map(signed);
        let count = |end: i64| Tensor::arange(end, (Kind::Int64, self.device));
        let rows = count(height) * self.padded_width();
        let columns = strides.unsqueeze(1) * count(width).unsqueeze(0); // (batch, width)
        let firsts = starts.unsqueeze(1) + rows.unsqueeze(0); // (batch, height)
        let places = firsts.unsqueeze(2) + columns.unsqueeze(1); // (batch, height, width)
        let raw = self.pixels.index_select(0, &places.view([-1])).to_kind(Kind::Float);
        let values = (raw / self.divide_by - &self.mean) / &self.std;
        let images = values.view([-1, height, width, channels]).permute([0, 3, 1, 2]);
        // (batch, channels, height, width), channels last in memory
        if from.channels == to.channels {
            images
        } else {
            images.expand([-1, signed(to.channels), -1, -1], false)
        }
    }

    fn course(&self, windows: impl Iterator<Item = (usize, Window)>) -> Course {
        let (mut order, mut starts, mut strides) = (Vec::new(), Vec::new(), Vec::new());
        for (example, window) in windows {
            order.push(signed(example));
            starts.push(self.start(example, window));
            strides.push(if window.mirrored { -1_i64 } else { 1 });
        }
        let place = |values: &[i64]| Tensor::from_slice(values).to_device(self.device);
        Course { order: place(&order), starts: place(&starts), strides: place(&strides) }
    }

    /// Columns are mirrored over the whole padded row, which is as wide on both sides.
    fn start(&self, example: usize, window: Window) -> i64 {
        let (width, left) = (self.padded_width(), signed(window.left));
        let height = signed(self.entrance.from.height + 2 * self.entrance.padding);
        let column = if window.mirrored { width - 1 - left } else { left };
        (signed(example) * height + signed(window.top)) * width + column
    }

    fn padded_width(&self) -> i64 {
        signed(self.entrance.from.width + 2 * self.entrance.padding)
    }
}

impl Batch {
    /// Examples in the batch.
    pub fn len(&self) -> usize {
        usize::try_from(self.labels.size()[0]).unwrap_or(0)
    }
}

impl Course {
    /// Examples in the course.
    pub fn len(&self) -> usize {
        usize::try_from(self.order.size()[0]).unwrap_or(0)
    }
}

/// A count as torch takes it.
pub fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("counts of images and pixels are far below 2^63")
}

#[cfg(test)]
mod tests {
    use elth_core::blueprint::Input;

    use super::*;

    /// Images whose every value tells where it is, in the shape of a set's.
    fn split(shape: Input, examples: usize) -> Split {
        let value = |at: usize| u8::try_from(at * 7 % 251).unwrap();
        Split {
            images: (0..examples * shape.values()).map(value).collect(),
            labels: (0..examples).map(|at| u16::try_from(at % 10).unwrap()).collect(),
            shape,
        }
    }

    /// What the store says of the same windows, one value after the other.
    fn expected(
        name: Name,
        split: &Split,
        entrance: Entrance,
        seen: &[(usize, Window)],
    ) -> Vec<f32> {
        let preprocessing = preprocessing::of(name);
        let plane = entrance.to.height * entrance.to.width;
        let one = |(example, window): &(usize, Window)| {
            let entering = entrance.enter(split.image(*example), *window);
            let channel = |at: usize| at / plane % entrance.from.channels;
            let values = entering.iter().enumerate();
            values.map(|(at, raw)| preprocessing.normalise(*raw, channel(at))).collect::<Vec<_>>()
        };
        seen.iter().flat_map(one).collect()
    }

    fn check(name: Name, family: Family) {
        let split = split(name.shape(), 50);
        let images = Images::new(name, &split, family, Device::Cpu).unwrap();
        let entrance = Entrance::new(name, family);
        let seeds = Seeds::derive(3);
        let draws = chance::draws(seeds.augment, "augment", 4, 50);
        let order = chance::order(seeds.order, 4, 50);
        let augmented: Vec<_> =
            order.iter().map(|&at| (at as usize, entrance.window(draws[at as usize]))).collect();
        let plain: Vec<_> = (0..50).map(|at| (at, entrance.middle())).collect();
        for (course, seen) in
            [(images.epoch(&seeds, 4), augmented), (images.in_sequence(99), plain)]
        {
            for (start, length) in [(0, 20), (20, 20), (40, 10)] {
                let batch = images.batch(&course, start, 20);
                let seen = &seen[start..start + length];
                let expected = expected(name, &split, entrance, seen);
                let found = crate::network::on_host(&batch.images).unwrap();
                assert_eq!(found.len(), expected.len(), "{name}");
                let apart = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
                assert!(apart.fold(0.0, f32::max) < 1e-6, "{name} into {family}");
                let labels: Vec<i64> = Vec::try_from(&batch.labels).unwrap();
                let classes = seen.iter().map(|(example, _)| signed(example % 10));
                assert!(labels.into_iter().eq(classes), "{name}");
            }
        }
    }

    #[test]
    fn batches_are_the_windows_that_chance_names_in_the_order_it_names() {
        for name in Name::ALL {
            for family in Family::ALL {
                check(name, family);
            }
        }
    }
}
