//! Images on the device, and batches gathered from them: crop, mirror and normalisation in one pass.

mod stream;

use anyhow::{Result, bail, ensure};
use elth_core::{
    blueprint::Family,
    chance::{self, Seeds},
};
use elth_store::dataset::{
    Name, Split,
    framing::{self, Look},
    preprocessing::{self, Entrance, Window},
};
use tch::{Device, Kind, Tensor};

use stream::{Row, Stream};

/// One split of a data set, ready for networks of a family.
#[derive(Debug)]
pub struct Images {
    /// How many there are.
    pub examples: usize,
    source: Source,
    labels: Tensor,
    divide_by: f64,
    mean: Tensor,
    std: Tensor,
    device: Device,
}

/// Where images come from.
#[derive(Debug)]
enum Source {
    /// The device, padded.
    Held {
        entrance: Entrance,
        /// Raw values: (examples · padded height · padded width, channels).
        pixels: Tensor,
    },
    /// Pictures of any size, brought to one by threads.
    Streamed(Stream),
}

/// What one step learns from.
#[derive(Debug)]
pub struct Batch {
    /// Normalised: (batch, channels, height, width).
    pub images: Tensor,
    /// Classes: (batch).
    pub labels: Tensor,
}

/// Which examples come in which order, and how each is looked at.
#[derive(Debug)]
pub struct Course {
    order: Tensor,
    views: Views,
}

/// How the examples of a course are looked at.
#[derive(Debug)]
enum Views {
    Windows {
        /// Number of the pixel that a window begins with.
        starts: Tensor,
        /// Distance to the next column: -1 where the image is mirrored.
        strides: Tensor,
    },
    Framed(Row),
}

impl Images {
    /// Puts a split onto a device, ready for networks of that family.
    pub fn new(name: Name, split: &Split, family: Family, device: Device) -> Result<Self> {
        ensure!(!split.is_empty(), "`{name}` has no images there: fetch it again");
        let preprocessing = preprocessing::of(name);
        let classes: Vec<i64> = split.labels.iter().map(|label| i64::from(*label)).collect();
        Ok(Self {
            examples: split.len(),
            source: match framing::of(name) {
                Some(framing) => Source::Streamed(Stream::new(name, split, framing)),
                None => held(split, Entrance::new(name, family), device),
            },
            labels: Tensor::from_slice(&classes).to_device(device),
            divide_by: f64::from(preprocessing.divide_by),
            mean: Tensor::from_slice(preprocessing.mean).to_device(device),
            std: Tensor::from_slice(preprocessing.std).to_device(device),
            device,
        })
    }

    /// An epoch of training: a pure function of seeds, epoch and example.
    ///
    /// Example `i` is looked at through the window that draw `i` of the stream `augment` chooses
    /// ([`Entrance::window`]: bits 0-23 the row, 24-47 the column, 63 the mirror; [`framing::Framing::frame`]).
    pub fn epoch(&self, seeds: &Seeds, epoch: u64) -> Course {
        let order = chance::order(seeds.order, epoch, self.examples);
        let examples: Vec<usize> = order.into_iter().map(|example| example as usize).collect();
        self.augmented(seeds, epoch, &examples)
    }

    /// These examples in this order, looked at as an epoch of training does.
    pub fn augmented(&self, seeds: &Seeds, epoch: u64, examples: &[usize]) -> Course {
        let draws = chance::draws(seeds.augment, "augment", epoch, self.examples);
        self.course(examples.iter().map(|&at| (at, Look::Drawn(draws[at]))))
    }

    /// These examples in this order, each in the middle of its padding.
    pub fn plain(&self, examples: &[usize]) -> Course {
        self.course(examples.iter().map(|&at| (at, Look::Middle)))
    }

    /// The first `count` images as they are, each in the middle of its padding.
    pub fn in_sequence(&self, count: usize) -> Course {
        self.course((0..count.min(self.examples)).map(|example| (example, Look::Middle)))
    }

    /// The batch of a course that begins with its `start`-th example, or what is left of it.
    ///
    /// Fails where an image comes from a file and that is damaged.
    pub fn batch(&self, course: &Course, start: usize, size: usize) -> Result<Batch> {
        let left = course.len() - start.min(course.len());
        let length = size.min(left);
        let part = |tensor: &Tensor| tensor.narrow(0, signed(start), signed(length));
        let raw = match (&self.source, &course.views) {
            (Source::Held { entrance, pixels }, Views::Windows { starts, strides }) => {
                self.gather(*entrance, pixels, &part(starts), &part(strides))
            }
            (Source::Streamed(stream), Views::Framed(row)) => {
                stream.batch(row, start, length)?.to_device(self.device)
            }
            _ => bail!("a course of other images: make one of these"),
        }; // (batch, height, width, channels)
        let values = (raw.to_kind(Kind::Float) / self.divide_by - &self.mean) / &self.std;
        let images = values.permute([0, 3, 1, 2]);
        // (batch, channels, height, width), channels last in memory
        let labels = self.labels.index_select(0, &part(&course.order));
        Ok(Batch { images: self.repeated(images), labels })
    }

    /// A grey image repeated over the channels of a network that takes colours.
    fn repeated(&self, images: Tensor) -> Tensor {
        match &self.source {
            Source::Held { entrance, .. } if entrance.from.channels != entrance.to.channels => {
                images.expand([-1, signed(entrance.to.channels), -1, -1], false)
            }
            _ => images,
        }
    }

    fn gather(&self, at: Entrance, pixels: &Tensor, starts: &Tensor, strides: &Tensor) -> Tensor {
        let [channels, height, width] = [at.from.channels, at.to.height, at.to.width].map(signed);
        let count = |end: i64| Tensor::arange(end, (Kind::Int64, self.device));
        let rows = count(height) * padded_width(at);
        let columns = strides.unsqueeze(1) * count(width).unsqueeze(0); // (batch, width)
        let firsts = starts.unsqueeze(1) + rows.unsqueeze(0); // (batch, height)
        let places = firsts.unsqueeze(2) + columns.unsqueeze(1); // (batch, height, width)
        pixels.index_select(0, &places.view([-1])).view([-1, height, width, channels])
    }

    fn course(&self, looks: impl Iterator<Item = (usize, Look)>) -> Course {
        let place = |values: &[i64]| Tensor::from_slice(values).to_device(self.device);
        let looks: Vec<_> = looks.collect();
        let order: Vec<i64> = looks.iter().map(|(example, _)| signed(*example)).collect();
        let Source::Held { entrance, .. } = &self.source else {
            return Course { order: place(&order), views: Views::Framed(Row::new(looks)) };
        };
        let (mut starts, mut strides) = (Vec::new(), Vec::new());
        for (example, look) in looks {
            let window = match look {
                Look::Middle => entrance.middle(),
                Look::Drawn(bits) => entrance.window(bits),
            };
            starts.push(start(*entrance, example, window));
            strides.push(if window.mirrored { -1_i64 } else { 1 });
        }
        let views = Views::Windows { starts: place(&starts), strides: place(&strides) };
        Course { order: place(&order), views }
    }
}

/// Puts a split onto a device, padded as its windows need it.
fn held(split: &Split, entrance: Entrance, device: Device) -> Source {
    let from = entrance.from;
    let sizes = [split.len(), from.channels, from.height, from.width].map(signed);
    let padding = signed(entrance.padding);
    let pixels = Tensor::from_slice(split.values())
        .view(sizes)
        .permute([0, 2, 3, 1])
        .constant_pad_nd([0, 0, padding, padding, padding, padding])
        .contiguous(); // (examples, padded height, padded width, channels)
    Source::Held { entrance, pixels: pixels.view([-1, sizes[1]]).to_device(device) }
}

/// Columns are mirrored over the whole padded row, which is as wide on both sides.
fn start(entrance: Entrance, example: usize, window: Window) -> i64 {
    let (width, left) = (padded_width(entrance), signed(window.left));
    let height = signed(entrance.from.height + 2 * entrance.padding);
    let column = if window.mirrored { width - 1 - left } else { left };
    (signed(example) * height + signed(window.top)) * width + column
}

fn padded_width(entrance: Entrance) -> i64 {
    signed(entrance.from.width + 2 * entrance.padding)
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
            images: (0..examples * shape.values()).map(value).collect::<Vec<_>>().into(),
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
                let batch = images.batch(&course, start, 20).unwrap();
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
        for name in Name::ALL.into_iter().filter(|name| framing::of(*name).is_none()) {
            for family in Family::ALL {
                check(name, family);
            }
        }
    }

    #[test]
    fn framed_batches_are_the_stores_whatever_batch_is_asked_for_first() {
        let (name, split) = (Name::Cifar10Im, split(Name::Cifar10Im.shape(), 20));
        let images = Images::new(name, &split, Family::ImagenetResnet, Device::Cpu).unwrap();
        let seeds = Seeds::derive(3);
        let draws = chance::draws(seeds.augment, "augment", 1, 20);
        let order = chance::order(seeds.order, 1, 20);
        let course = images.epoch(&seeds, 1);
        let preprocessing = preprocessing::of(name);
        for start in [0, 6, 12, 0, 18] {
            let batch = images.batch(&course, start, 6).unwrap();
            let found = crate::network::on_host(&batch.images).unwrap();
            let mut expected = Vec::new();
            for &example in &order[start..(start + 6).min(20)] {
                let picture = elth_store::dataset::framing::picture(&split, example as usize);
                let look = Look::Drawn(draws[example as usize]);
                let planes = framing::of(name).unwrap().frame(&picture, look).planes();
                let values = planes.iter().enumerate();
                let normal =
                    |(at, raw): (usize, &u8)| preprocessing.normalise(*raw, at / 224 / 224);
                expected.extend(values.map(normal));
            }
            assert_eq!(found.len(), expected.len());
            let apart = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f32::max) < 1e-5, "from {start}");
        }
    }
}
