//! The sum that names a set's contents, whatever files they were read from.

use elth_core::digest::{Digest, Summer};

use crate::dataset::{Name, Split};

/// Images summed at a time: the number in one published file of the CIFAR sets.
fn block(name: Name) -> usize {
    if name == Name::Cifar100 { 50_000 } else { 10_000 }
}

/// The coarse label of each fine one: the authors write both before an image.
const COARSE: [u8; 100] = [
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15,
    3, 15, 0, 11, 1, 10, 12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4,
    2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13,
    16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13,
];

/// Sums the decoded contents: of each split its shape and the SHA-256 of blocks of records, a record being a label
/// and its pixels (of `cifar100` the coarse label, the fine one and the pixels).
///
/// A block of a CIFAR set is one of its published files, so its published sums give the published digest.
#[must_use]
pub fn of(name: Name, train: &Split, test: &Split) -> Digest {
    let blocks = [train, test].map(|split| block_sums(name, split));
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

fn block_sums(name: Name, split: &Split) -> Vec<Digest> {
    let (values, block) = (split.shape.values(), block(name));
    let images = split.values().chunks(block * values);
    let labels = split.labels.chunks(block);
    labels.zip(images).map(|(labels, images)| block_sum(name, labels, images, values)).collect()
}

fn block_sum(name: Name, labels: &[u16], images: &[u8], values: usize) -> Digest {
    let mut summer = Summer::new();
    for (label, image) in labels.iter().zip(images.chunks(values)) {
        let [label, more] = label.to_le_bytes();
        match name {
            Name::Cifar100 => summer.bytes(&[COARSE[usize::from(label) % COARSE.len()], label]),
            _ if more > 0 => summer.bytes(&[label, more]),
            _ => summer.bytes(&[label]),
        }
        summer.bytes(image);
    }
    summer.finish()
}

/// The digest of a set as its authors publish it, where it is known: of `svhn` and `tiny-imagenet` only the packed
/// files' sums are, of folders nothing, so copies of these are always shown with their digest.
#[must_use]
pub fn published(name: Name) -> Option<&'static str> {
    Some(match name {
        Name::Digits => "c9f6df57e04920fabd66cc388860f8c92d3b7f56f08238c0f00d91a6998b9754",
        Name::Mnist => "401a68db8a718ce58d2a7af3cfe7fb12e7a0174e187f24ca4a9d00441bfd3591",
        Name::FashionMnist => "2437c000405fa44015c766002f5d81999b0c480d9b8d0f8678590a61d683b505",
        Name::Cifar10 | Name::Cifar10Im => {
            "29fa48631ae6ad5dfbce0d185acc16b769b8ea1b9a7f21f1b0a155c9eb79d15b"
        }
        Name::Cifar100 => "63a13054d4d9df5ba684fa103d989188a6743fea75e77fe3935584ca1e355180",
        Name::Svhn | Name::TinyImagenet | Name::Imagenet | Name::Folder(_) => return None,
    })
}

/// How people are shown a set: by its name, with the start of its digest where it is not the published copy.
#[must_use]
pub fn shown_name(dataset: &str, data_digest: &str) -> String {
    let name: Option<Name> = dataset.parse().ok();
    if name.is_some_and(|name| published(name) == Some(data_digest)) {
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
        let digest = published(Name::Mnist).unwrap();
        for (dataset, shown) in [
            ("mnist", "mnist"),
            ("fashion-mnist", "fashion-mnist+401a68db"),
            ("imagenet", "imagenet+401a68db"),
            ("folder:/birds", "folder:/birds+401a68db"),
        ] {
            assert_eq!(shown_name(dataset, digest), shown);
        }
    }

    #[test]
    fn the_published_digest_of_cifar10_follows_from_the_sums_of_its_files() {
        let blocks =
            CIFAR10_FILES.map(|files| files.iter().filter_map(|sum| Digest::parse(sum)).collect());
        let shapes = ["50000x3x32x32", "10000x3x32x32"].map(str::to_owned);
        assert_eq!(Some(&*of_blocks(&shapes, &blocks).to_string()), published(Name::Cifar10));
    }

    /// SHA-256 of `train.bin` and `test.bin` in the authors' `cifar-100-binary.tar.gz` (itself 58a81ae1…), as
    /// torchvision for Ruby lists them.
    #[test]
    fn the_published_digest_of_cifar100_follows_from_the_sums_of_its_files() {
        let blocks = [
            "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
            "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
        ];
        let blocks = blocks.map(|sum| vec![Digest::parse(sum).unwrap()]);
        let shapes = ["50000x3x32x32", "10000x3x32x32"].map(str::to_owned);
        assert_eq!(Some(&*of_blocks(&shapes, &blocks).to_string()), published(Name::Cifar100));
    }
}
