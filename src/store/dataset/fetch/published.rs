//! Where the sets are published, and the sums of what is published there.

use crate::dataset::Name;

/// One published file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Where it belongs in the data directory.
    pub place: String,
    /// Addresses, the authors' own or best kept first.
    pub urls: Vec<String>,
    /// SHA-256 of the file or of its contents.
    pub sum: &'static str,
    /// Which of them.
    pub sum_of: SumOf,
}

/// What a published sum is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumOf {
    /// The file as it is downloaded.
    File,
    /// What it unpacks to: mirrors compress the same contents differently.
    Contents,
}

type Sums = [(&'static str, &'static str)];

const MNIST: &[&str] = &[
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
];
const MNIST_SUMS: &Sums = &[
    (
        "train-images-idx3-ubyte.gz",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    (
        "train-labels-idx1-ubyte.gz",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
];

const FASHION_MNIST: &[&str] = &[
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
];
const FASHION_MNIST_SUMS: &Sums = &[
    (
        "train-images-idx3-ubyte.gz",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    (
        "train-labels-idx1-ubyte.gz",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
];

const CIFAR10: &[&str] = &["https://www.cs.toronto.edu/~kriz"];
/// The archive as several projects that check their downloads list it; it is read as it is, packed.
const CIFAR10_SUMS: &Sums = &[(
    "cifar-10-binary.tar.gz",
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
)];

const CIFAR100_SUMS: &Sums = &[(
    "cifar-100-binary.tar.gz",
    "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
)];

const SVHN: &[&str] = &["http://ufldl.stanford.edu/housenumbers"];
/// As torchvision's prototypes list them.
const SVHN_SUMS: &Sums = &[
    ("train_32x32.mat", "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
    ("test_32x32.mat", "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"),
];

const TINY_IMAGENET: &[&str] = &["http://cs231n.stanford.edu"];
/// As several projects that check their downloads list it; it is read as it is, packed.
const TINY_IMAGENET_SUMS: &Sums = &[(
    "tiny-imagenet-200.zip",
    "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821",
)];

/// The files of a set, none for an embedded one.
pub fn files(name: Name) -> Vec<Published> {
    let (mirrors, sums, sum_of) = match name {
        Name::Digits | Name::Imagenet | Name::Folder(_) => return Vec::new(),
        Name::Cifar10Im => return files(Name::Cifar10),
        Name::Mnist => (MNIST, MNIST_SUMS, SumOf::Contents),
        Name::FashionMnist => (FASHION_MNIST, FASHION_MNIST_SUMS, SumOf::Contents),
        Name::Cifar10 => (CIFAR10, CIFAR10_SUMS, SumOf::File),
        Name::Cifar100 => (CIFAR10, CIFAR100_SUMS, SumOf::File),
        Name::Svhn => (SVHN, SVHN_SUMS, SumOf::File),
        Name::TinyImagenet => (TINY_IMAGENET, TINY_IMAGENET_SUMS, SumOf::File),
    };
    let one = |(file, sum): &(&str, &'static str)| Published {
        place: format!("{name}/{file}"),
        urls: mirrors.iter().map(|mirror| format!("{mirror}/{file}")).collect(),
        sum,
        sum_of,
    };
    sums.iter().map(one).collect()
}
