//! The networks' forward passes in plain Rust and double precision, for laws about what a ticket computes.

use elth_core::{blueprint::Family, ticket::Ticket};

/// Maps of one image: channels, rows, columns.
#[derive(Debug, Clone)]
pub struct Maps {
    sizes: [usize; 3],
    values: Vec<f64>,
}

impl Maps {
    /// An image from its values.
    pub fn new(sizes: [usize; 3], values: Vec<f64>) -> Self {
        assert_eq!(values.len(), sizes.iter().product::<usize>());
        Self { sizes, values }
    }

    fn at(&self, channel: usize, row: isize, column: isize) -> f64 {
        let [_, height, width] = self.sizes;
        match (usize::try_from(row), usize::try_from(column)) {
            (Ok(row), Ok(column)) if row < height && column < width => {
                self.values[(channel * height + row) * width + column]
            }
            _ => 0.0,
        }
    }

    fn made(sizes: [usize; 3], mut value: impl FnMut(usize, usize, usize) -> f64) -> Self {
        let [channels, height, width] = sizes;
        let mut values = Vec::with_capacity(channels * height * width);
        for channel in 0..channels {
            for row in 0..height {
                values.extend((0..width).map(|column| value(channel, row, column)));
            }
        }
        Self { sizes, values }
    }

    fn relu(mut self) -> Self {
        self.values.iter_mut().for_each(|value| *value = value.max(0.0));
        self
    }

    fn plus(mut self, other: &Self) -> Self {
        assert_eq!(self.sizes, other.sizes);
        self.values.iter_mut().zip(&other.values).for_each(|(one, two)| *one += two);
        self
    }

    /// The largest of each 2×2, or of each 3×3 around every second place.
    fn pooled(&self, kernel: usize) -> Self {
        let [channels, height, width] = self.sizes;
        let padding = isize::from(kernel == 3);
        let side = |side: usize| (side + 2 * usize::from(kernel == 3) - kernel) / 2 + 1;
        Self::made([channels, side(height), side(width)], |channel, row, column| {
            let [row, column] = [row, column].map(|at| 2 * at.cast_signed() - padding);
            let near = (0..kernel * kernel).map(|at| {
                let (down, right) = ((at / kernel).cast_signed(), (at % kernel).cast_signed());
                (row + down, column + right)
            });
            let inside = near.filter(|(row, column)| {
                (0..height.cast_signed()).contains(row) && (0..width.cast_signed()).contains(column)
            });
            inside.map(|(row, column)| self.at(channel, row, column)).fold(f64::MIN, f64::max)
        })
    }

    fn means(&self) -> Vec<f64> {
        let [_, height, width] = self.sizes;
        let size = f64::from(u32::try_from(height * width).unwrap());
        self.values.chunks(height * width).map(|map| map.iter().sum::<f64>() / size).collect()
    }
}

/// What a ticket's network says about an image, its batch norms by their running statistics.
pub fn logits(ticket: &Ticket, image: &Maps) -> Vec<f64> {
    let net = Net(ticket);
    match ticket.blueprint().family {
        Family::CifarResnet => {
            let maps = net.norm("bn", &net.conv("conv", image, 1)).relu();
            let depths = ticket.blueprint().depths();
            let blocks = depths.iter().enumerate().flat_map(|(stage, depth)| {
                (0..*depth).map(move |unit| if stage > 0 && unit == 0 { 2 } else { 1 })
            });
            let last = blocks.enumerate().fold(maps, |maps, (block, stride)| {
                net.residual(&format!("blocks.{block}"), &maps, stride, "shortcut")
            });
            net.linear("fc", &last.means())
        }
        Family::ImagenetResnet | Family::CifarheResnet => net.large(image),
        Family::CifarVgg | Family::CifarVggnfc => net.vgg(image),
        Family::CifarMobilenetv1 => net.mobile(image),
        Family::MnistLenet => {
            let layers = ticket.blueprint().depths()[0];
            let hidden = (0..layers).fold(image.values.clone(), |values, layer| {
                relu(net.linear(&format!("fc_layers.{layer}"), &values))
            });
            net.linear("fc", &hidden)
        }
    }
}

fn relu(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|value| value.max(0.0)).collect()
}

struct Net<'a>(&'a Ticket);

impl Net<'_> {
    fn floats(&self, name: &str) -> Vec<f64> {
        let values = self.0.weights().floats(name).unwrap();
        let mask = self.0.masks().get(name);
        let kept = |at: usize| mask.is_none_or(|mask| mask.keeps(at));
        (0..values.len()).map(|at| if kept(at) { f64::from(values[at]) } else { 0.0 }).collect()
    }

    fn has(&self, layer: &str) -> bool {
        self.0.weights().floats(&format!("{layer}.weight")).is_some()
    }

    /// A convolution; one input channel a kernel makes it depthwise, where there are more.
    fn conv(&self, layer: &str, maps: &Maps, stride: usize) -> Maps {
        let name = format!("{layer}.weight");
        let weights = self.floats(&name);
        let bias = self.has(layer).then(|| self.0.weights().floats(&format!("{layer}.bias")));
        let bias = bias.flatten().map(<[f32]>::to_vec);
        let shape = self.0.blueprint().tensor(&name).unwrap().shape.clone();
        let &[out, input, kernel, _] = shape.as_slice() else { panic!("{name}: {shape:?}") };
        let [channels, height, width] = maps.sizes;
        let depthwise = input == 1 && channels > 1 && channels == out;
        assert!(depthwise || input == channels, "{name}");
        let padding = (kernel / 2).cast_signed();
        Maps::made([out, height.div_ceil(stride), width.div_ceil(stride)], |to, row, column| {
            let mut sum = bias.as_ref().map_or(0.0, |bias| f64::from(bias[to]));
            let [row, column] = [row, column].map(|at| (at * stride).cast_signed() - padding);
            for from in 0..input {
                let kernel_at = (to * input + from) * kernel * kernel;
                let channel = if depthwise { to } else { from };
                for at in 0..kernel * kernel {
                    let (down, right) = ((at / kernel).cast_signed(), (at % kernel).cast_signed());
                    sum += weights[kernel_at + at] * maps.at(channel, row + down, column + right);
                }
            }
            sum
        })
    }

    fn norm(&self, layer: &str, maps: &Maps) -> Maps {
        let of = |part: &str| self.floats(&format!("{layer}.{part}"));
        let (scale, shift, mean, variance) =
            (of("weight"), of("bias"), of("running_mean"), of("running_var"));
        Maps::made(maps.sizes, |channel, row, column| {
            let value = maps.at(channel, row.cast_signed(), column.cast_signed());
            let normal = (value - mean[channel]) / (variance[channel] + 1e-5).sqrt();
            normal * scale[channel] + shift[channel]
        })
    }

    fn linear(&self, layer: &str, values: &[f64]) -> Vec<f64> {
        let (weights, bias) =
            (self.floats(&format!("{layer}.weight")), self.floats(&format!("{layer}.bias")));
        let rows = weights.chunks(values.len()).zip(bias);
        rows.map(|(row, bias)| bias + row.iter().zip(values).map(|(w, x)| w * x).sum::<f64>())
            .collect()
    }

    fn residual(&self, name: &str, maps: &Maps, stride: usize, shortcut: &str) -> Maps {
        let layer = |number: usize, maps: &Maps, stride: usize| {
            let conv = self.conv(&format!("{name}.conv{number}"), maps, stride);
            self.norm(&format!("{name}.bn{number}"), &conv)
        };
        let branch = if self.has(&format!("{name}.conv3")) {
            let across = layer(2, &layer(1, maps, 1).relu(), stride).relu();
            layer(3, &across, 1)
        } else {
            layer(2, &layer(1, maps, stride).relu(), 1)
        };
        let around = format!("{name}.{shortcut}");
        if self.has(&format!("{around}.0")) {
            let conv = self.conv(&format!("{around}.0"), maps, stride);
            branch.plus(&self.norm(&format!("{around}.1"), &conv)).relu()
        } else {
            branch.plus(maps).relu()
        }
    }

    fn large(&self, image: &Maps) -> Vec<f64> {
        let is_large = self.0.blueprint().family == Family::ImagenetResnet;
        let stem = self.conv("model.conv1", image, if is_large { 2 } else { 1 });
        let stem = self.norm("model.bn1", &stem).relu();
        let mut maps = if is_large { stem.pooled(3) } else { stem };
        for (stage, depth) in self.0.blueprint().depths().into_iter().enumerate() {
            for unit in 0..depth {
                let stride = if stage > 0 && unit == 0 { 2 } else { 1 };
                let name = format!("model.layer{}.{unit}", stage + 1);
                maps = self.residual(&name, &maps, stride, "downsample");
            }
        }
        self.linear("model.fc", &maps.means())
    }

    fn vgg(&self, image: &Maps) -> Vec<f64> {
        let (mut maps, mut layer) = (image.clone(), 0);
        let blueprint = self.0.blueprint();
        let stages = blueprint.stages.iter().filter(|stage| stage.name.starts_with("stage"));
        for (stage, plan) in stages.enumerate() {
            if stage > 0 {
                maps = maps.pooled(2);
                layer += 1;
            }
            for _ in &plan.units {
                let conv = self.conv(&format!("layers.{layer}.conv"), &maps, 1);
                maps = self.norm(&format!("layers.{layer}.bn"), &conv).relu();
                layer += 1;
            }
        }
        let hidden = (0..).map(|layer| format!("classifier.{}", 2 * layer));
        let hidden = hidden.take_while(|layer| self.has(layer));
        self.linear("fc", &hidden.fold(maps.means(), |it, layer| relu(self.linear(&layer, &it))))
    }

    fn mobile(&self, image: &Maps) -> Vec<f64> {
        let mut maps = self.norm("bn", &self.conv("conv", image, 1)).relu();
        for part in 1..4 {
            let there = |unit: &usize| self.has(&format!("layers_part{part}.{unit}.conv1"));
            for unit in (0..).take_while(there) {
                let name = format!("layers_part{part}.{unit}");
                let halves = (part == 1 && unit % 2 == 1) || (part == 3 && unit == 0);
                let each = self.conv(&format!("{name}.conv1"), &maps, if halves { 2 } else { 1 });
                let each = self.norm(&format!("{name}.bn1"), &each).relu();
                maps = self
                    .norm(&format!("{name}.bn2"), &self.conv(&format!("{name}.conv2"), &each, 1))
                    .relu();
            }
        }
        self.linear("fc", &maps.means())
    }
}
