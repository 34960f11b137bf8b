//! The UCI optical digits, embedded: for trying things with no file at hand.

use elth_unpack::inflate;

use crate::dataset::{Name, Split};

/// Rows of 64 grey values and a label; `data/README.md` names the source.
const PACKED: &[u8] = include_bytes!("../data/digits.csv.gz");

/// The training split and the test split.
pub fn splits() -> [Split; 2] {
    let csv = inflate::gzip(PACKED, 1 << 20).expect("the embedded file is intact");
    let csv = String::from_utf8_lossy(&csv);
    let [train, test] = Name::Digits.published_sizes();
    let rows: Vec<Vec<u8>> = csv.lines().map(row).collect();
    assert_eq!(rows.len(), train + test, "the embedded file is whole");
    [split(&rows[..train]), split(&rows[train..])]
}

fn row(line: &str) -> Vec<u8> {
    line.split(',').map(|value| value.parse().expect("the embedded file holds numbers")).collect()
}

fn split(rows: &[Vec<u8>]) -> Split {
    let shape = Name::Digits.shape();
    let values = shape.values();
    Split {
        images: rows.iter().flat_map(|row| &row[..values]).copied().collect::<Vec<_>>().into(),
        labels: rows.iter().map(|row| row[values].into()).collect(),
        shape,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_whole_and_in_range() {
        let [train, test] = splits();
        assert_eq!([train.len(), test.len()], [1_347, 450]);
        for split in [train, test] {
            assert_eq!(split.values().len(), split.len() * 64);
            assert!(split.values().iter().all(|value| *value <= 16));
            assert!(split.labels.iter().all(|label| *label < 10));
        }
    }
}
