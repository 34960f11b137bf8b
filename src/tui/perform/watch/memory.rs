//! What is known of runs that rest from the last time the workbench was open.

use elth_store::{
    remembered::{News, Place, Remembered},
    run::{
        dir::RunDir,
        index::{self, KIND, Resting},
    },
};

use super::Known;

/// So few runs are read as quickly as an index is.
const WORTH: usize = 4;

/// What is known, and where it is kept.
pub struct Memory {
    place: Place,
    index: Remembered,
}

impl Memory {
    /// Reads what is kept there.
    pub fn read(place: Place) -> Self {
        Self { index: Remembered::read(&place, KIND), place }
    }

    /// How the run stands, where it rests since.
    pub fn recall(&self, dir: &RunDir) -> Option<Resting> {
        index::recall(&self.index, dir)
    }

    /// What is to be kept, where that is another than what is.
    pub fn news<'a>(&self, known: impl Iterator<Item = &'a Known> + Clone) -> Option<News> {
        let resting = known.filter(|known| known.whole.is_none() && known.rest.is_some());
        let count = resting.clone().count();
        let is_known = count == self.index.len() && resting.clone().all(|known| known.is_recalled);
        if count < WORTH || is_known {
            return None;
        }
        let mut news = News::of(KIND);
        for known in resting {
            let Some(rest) = known.rest.clone() else { continue };
            let (standing, tail) = (known.standing.clone(), known.tail.clone());
            index::note(&mut news, &Resting { standing, tail, rest });
        }
        (!news.is_in(&self.index)).then_some(news)
    }

    /// Keeps it; what cannot be written is done without.
    pub fn tell(&self, news: &News) {
        let _ = news.tell(&self.place);
    }
}
