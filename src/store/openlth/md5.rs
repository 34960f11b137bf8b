//! MD5 (RFC 1321), which the official code names its folders by; for nothing that has to be safe.

/// The sum of bytes, in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - bytes.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let length = (bytes.len() as u64).wrapping_mul(8).to_le_bytes();
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&length);
    let sums = padded.chunks_exact(64).fold(START, round);
    let bytes = sums.iter().flat_map(|sum| sum.to_le_bytes());
    bytes.fold(String::new(), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
        text
    })
}

const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// How far each of the four kinds of steps turns its bits.
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

fn round(state: [u32; 4], block: &[u8]) -> [u32; 4] {
    let word = |at: usize| {
        let four = &block[4 * at..4 * at + 4];
        four.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
    };
    let [mut a, mut b, mut c, mut d] = state;
    for step in 0..64 {
        let (mixed, at) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
            2 => (b ^ c ^ d, (3 * step + 5) % 16),
            _ => (c ^ (b | !d), 7 * step % 16),
        };
        let sum = a.wrapping_add(mixed).wrapping_add(constant(step)).wrapping_add(word(at));
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(TURNS[step / 16][step % 4]));
    }
    let next = [a, b, c, d];
    std::array::from_fn(|at| state[at].wrapping_add(next[at]))
}

/// ⌊2³² · |sin(step + 1)|⌋.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the number is below 2^32 by its definition, and steps are below 64"
)]
fn constant(step: usize) -> u32 {
    (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standard() {
        for (text, sum) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            assert_eq!(hex(text.as_bytes()), sum, "{text}");
        }
    }
}
