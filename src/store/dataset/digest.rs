//! The sum that names a set's contents, whatever files they were read from.

use elth_core::digest::{Digest, Summer};

use crate::dataset::{Name, Split};

/// Images summed at a time: the number in one published batch of CIFAR-10.
const BLOCK: usize = 10_000;

/// Sums the decoded contents: of each split its shape and the SHA-256 of every 10,000 records, a record being a
/// label and its pixels.
///
/// Such a block of CIFAR-10 is one of its published files, so its published sums give the published digest.
#[must_use]
pub fn of(train: &Split, test: &Split) -> Digest {
    let blocks = [train, test].map(block_sums);
    let shapes = [train, test].map(|split| format!("{}x{}", split.len(), split.shape));
    of_blocks(&shapes, &blocks)
}

fn of_blocks(shapes: &[String; 2], blocks: &[Vec<Digest>; 2]) -> Digest {
    let mut summer = Summer::new();
    summer.bytes(b"elth data 1\0");
    for (shape, blocks) in shapes.iter().zip(blocks) {
        summer.bytes(shape.as_bytes());
        summer.bytes(&[0]);
        for block in blocks {
            summer.bytes(&block.bytes());
        }
    }
    summer.finish()
}

fn block_sums(split: &Split) -> Vec<Digest> {
    let values = split.shape.values();
    let images = split.images.chunks(BLOCK * values);
    let labels = split.labels.chunks(BLOCK);
    labels.zip(images).map(|(labels, images)| block_sum(labels, images, values)).collect()
}

fn block_sum(labels: &[u8], images: &[u8], values: usize) -> Digest {
    let mut summer = Summer::new();
    for (label, image) in labels.iter().zip(images.chunks(values)) {
        summer.bytes(&[*label]);
        summer.bytes(image);
    }
    summer.finish()
}

/// The digest of a set as its authors publish it.
#[must_use]
pub fn published(name: Name) -> &'static str {
    match name {
        Name::Digits => "c9f6df57e04920fabd66cc388860f8c92d3b7f56f08238c0f00d91a6998b9754",
        Name::Mnist => "401a68db8a718ce58d2a7af3cfe7fb12e7a0174e187f24ca4a9d00441bfd3591",
        Name::FashionMnist => "2437c000405fa44015c766002f5d81999b0c480d9b8d0f8678590a61d683b505",
        Name::Cifar10 => "29fa48631ae6ad5dfbce0d185acc16b769b8ea1b9a7f21f1b0a155c9eb79d15b",
    }
}

/// How people are shown a set: by its name, with the start of its digest where it is not the published copy.
#[must_use]
pub fn shown_name(dataset: &str, data_digest: &str) -> String {
    let name: Option<Name> = dataset.parse().ok();
    if name.is_some_and(|name| published(name) == data_digest) {
        return dataset.to_owned();
    }
    let short: String = data_digest.chars().take(8).collect();
    format!("{dataset}+{short}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of the files in the authors' `cifar-10-binary.tar.gz` (itself c4a38c50…), in their order; other
    /// projects that check their downloads list the same sums, torchvision for Ruby among them.
    const CIFAR10_FILES: [[&str; 5]; 2] = [
        [
            "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
            "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
            "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
            "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
            "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        ],
        ["8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b", "", "", "", ""],
    ];

    #[test]
    fn another_copy_is_shown_with_the_start_of_its_digest() {
        let digest = published(Name::Mnist);
        for (dataset, shown) in [
            ("mnist", "mnist"),
            ("fashion-mnist", "fashion-mnist+401a68db"),
            ("imagenet", "imagenet+401a68db"),
        ] {
            assert_eq!(shown_name(dataset, digest), shown);
        }
    }

    #[test]
    fn the_published_digest_of_cifar10_follows_from_the_sums_of_its_files() {
        let blocks =
            CIFAR10_FILES.map(|files| files.iter().filter_map(|sum| Digest::parse(sum)).collect());
        let shapes = ["50000x3x32x32", "10000x3x32x32"].map(str::to_owned);
        assert_eq!(of_blocks(&shapes, &blocks).to_string(), published(Name::Cifar10));
    }
}
