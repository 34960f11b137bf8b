//! Fuzzy search, the same in every list: `r20 l3` finds `cifar_resnet_20 level 3`.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// What is searched for.
#[derive(Debug)]
pub struct Search {
    pattern: Pattern,
    matcher: Matcher,
    letters: Vec<char>,
}

impl Search {
    /// All words have to be found, each with its letters in their order.
    #[must_use]
    pub fn of(words: &str) -> Self {
        let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
        Self { pattern, matcher: Matcher::new(Config::DEFAULT), letters: Vec::new() }
    }

    /// How well a text fits; nothing where a word is not in it.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(text, &mut self.letters), &mut self.matcher)
    }

    /// The numbers of the letters of a text that were searched for, in order; none where it does not fit.
    pub fn places(&mut self, text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        let text = Utf32Str::new(text, &mut self.letters);
        if self.pattern.indices(text, &mut self.matcher, &mut places).is_none() {
            return Vec::new();
        }
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()
    }
}

/// The things whose text fits, the best first; all in their order where nothing is searched for.
#[must_use]
pub fn ranked<T>(words: &str, things: Vec<T>, text: impl Fn(&T) -> String) -> Vec<T> {
    if words.trim().is_empty() {
        return things;
    }
    let mut search = Search::of(words);
    let scored = things.into_iter().filter_map(|thing| Some((search.score(&text(&thing))?, thing)));
    let mut scored: Vec<_> = scored.collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, thing)| thing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_their_order_are_enough_and_the_best_comes_first() {
        let things = ["cifar_resnet_20 level 3", "cifar_resnet_32 level 13", "mnist_lenet"];
        for (words, found) in [
            ("r20 l3", vec![things[0]]),
            ("level 13", vec![things[1]]),
            ("LENET", vec![things[2]]),
            ("", things.to_vec()),
            ("qq", vec![]),
        ] {
            let ranked = ranked(words, things.to_vec(), |thing| (*thing).to_owned());
            assert_eq!(ranked, found, "{words}");
        }
        assert_eq!(Search::of("ab d").places("xabcd"), [1, 2, 4]);
        assert_eq!(Search::of("qq").places("xabcd"), [0_usize; 0]);
    }
}
