//! ASCII for the signs that are drawn, where the terminal's locale has no others.

/// ASCII letters, each with the signs that it stands for.
const LETTERS: [(char, &str); 17] = [
    ('-', "─━–—╌▃▎▍"),
    ('|', "│┃‖▏"),
    // A branch that can be opened is a plus, as in every tree of letters.
    ('+', "┌┐└┘├┤┬┴┼╭╮╰╯✓▅▋±▸"),
    ('>', "›▶→"),
    ('<', "‹←"),
    ('v', "▾↓"),
    ('^', "↑"),
    ('x', "×✗"),
    ('~', "…"),
    ('o', "◌●○•°"),
    ('#', "■█"),
    ('%', "▇"),
    (',', "▁"),
    (':', "▂"),
    ('.', "░·"),
    ('=', "▄▌"),
    ('*', "▆▊▉"),
];

/// The ASCII letter that stands for a sign.
#[must_use]
pub fn ascii(sign: &str) -> char {
    match sign.chars().next().unwrap_or(' ') {
        letter if letter.is_ascii() => letter,
        braille @ '\u{2800}'..='\u{28ff}' => dots(braille),
        other => LETTERS
            .iter()
            .find(|(_, signs)| signs.contains(other))
            .map_or('?', |(letter, _)| *letter),
    }
}

/// A cell of a curve with whole halves in place of dots; nothing where it is no such cell.
#[must_use]
pub fn coarse(sign: &str) -> Option<char> {
    let braille @ '\u{2801}'..='\u{28ff}' = sign.chars().next()? else { return None };
    let bits = u32::from(braille) - 0x2800;
    // Dots 1, 2, 4, 5 in the upper half; 3, 6, 7, 8 in the lower one.
    Some(match (bits & 0b0001_1011 != 0, bits & 0b1110_0100 != 0) {
        (true, true) => '⣿',
        (true, false) => '⠛',
        _ => '⣤',
    })
}

/// A cell of a curve: where its dots lie, roughly.
fn dots(braille: char) -> char {
    let bits = u32::from(braille) - 0x2800;
    // Dots 1, 4 in the top row; 7, 8 in the bottom row.
    let (top, bottom) = (bits & 0b0000_1001 != 0, bits & 0b1100_0000 != 0);
    match (bits, top, bottom) {
        (0, ..) => ' ',
        (_, true, true) => '|',
        (_, true, false) => '\'',
        (_, false, true) => '.',
        (_, false, false) => '-',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_curves_become_halves() {
        for (sign, half) in
            [("⠁", Some('⠛')), ("⡀", Some('⣤')), ("⢸", Some('⣿')), ("⠀", None), ("█", None)]
        {
            assert_eq!(coarse(sign), half, "{sign}");
        }
    }

    #[test]
    fn signs_have_ascii_letters() {
        for (sign, letter) in
            [("─", '-'), ("█", '#'), ("⠁", '\''), ("⣿", '|'), ("a", 'a'), ("漢", '?')]
        {
            assert_eq!(ascii(sign), letter);
        }
    }
}
