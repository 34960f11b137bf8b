//! SHA-256 of tensors: a name for what is in a file, whatever its metadata say.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 sum, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The sum as it is.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// The first eight digits, as people are shown them.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Sums bytes as they come.
#[derive(Debug, Clone, Default)]
pub struct Summer(Sha256);

impl Summer {
    /// Starts with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one tensor: name, element type and shape, each closed by a zero byte, then its bytes.
    pub fn tensor(&mut self, name: &str, dtype: &str, shape: &[usize], bytes: &[u8]) {
        let shape: Vec<String> = shape.iter().map(ToString::to_string).collect();
        for text in [name, dtype, &shape.join(",")] {
            self.0.update(text.as_bytes());
            self.0.update([0]);
        }
        self.0.update(bytes);
    }

    /// Adds plain bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all that was added.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// The sum of plain bytes.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> Digest {
    let mut summer = Summer::new();
    summer.bytes(bytes);
    summer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_published_sum_and_reads_back() {
        let sum = of_bytes(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sum.to_string(), text);
        assert_eq!(Digest::parse(text), Some(sum));
        for wrong in ["", "ba78", &text.replace('b', "g")] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }
}
