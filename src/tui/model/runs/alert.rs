//! What somebody who watches runs must be told: once, by word and bell.

use elth_store::run::standing::{Standing, State};
use serde::{Deserialize, Serialize};

use super::duration;

/// What is wrong with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alert {
    /// A loss is no number any more.
    NotANumber,
    /// The device or the host had no memory left.
    OutOfMemory,
    /// Nothing was heard for so many seconds, much longer than usual.
    Silent(u64),
    /// The masks are other ones than at the beginning.
    MaskChanged,
    /// It failed by something else.
    Failed,
    /// Its trainer died without a word.
    Lost,
}

impl Alert {
    /// The words for it.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::NotANumber => "loss became NaN".to_owned(),
            Self::OutOfMemory => "out of memory".to_owned(),
            #[expect(clippy::cast_precision_loss, reason = "a silence is shorter than 2^53 s")]
            Self::Silent(seconds) => format!("silent for {}", duration(seconds as f64)),
            Self::MaskChanged => "its mask changed".to_owned(),
            Self::Failed => "failed".to_owned(),
            Self::Lost => "lost".to_owned(),
        }
    }

    /// Whether both are of one kind: a silence that goes on is no news.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// What is wrong with a run, as far as its standing says.
#[must_use]
pub fn of(standing: &Standing) -> Option<Alert> {
    let reason = standing.reason.as_deref().unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    let is_odd = standing.said.train_loss.is_some_and(|loss| !loss.is_finite());
    match standing.state {
        State::Failed if says(&["out of memory", "cannot allocate", "bad_alloc"]) => {
            Some(Alert::OutOfMemory)
        }
        State::Failed if says(&["nan", "infinite"]) => Some(Alert::NotANumber),
        State::Failed => Some(Alert::Failed),
        State::Lost => Some(Alert::Lost),
        State::Running | State::Paused if is_odd => Some(Alert::NotANumber),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trying::standing;

    fn check(state: State, reason: &str, expected: Option<Alert>) {
        let mut run = standing("train-1", state, 10);
        run.reason = Some(reason.to_owned());
        assert_eq!(of(&run), expected, "{reason}");
    }

    #[test]
    fn ends_are_told_apart_by_their_reasons() {
        check(State::Failed, "loss became NaN at step 7", Some(Alert::NotANumber));
        check(State::Failed, "CUDA out of memory. Tried to allocate", Some(Alert::OutOfMemory));
        check(State::Failed, "std::bad_alloc", Some(Alert::OutOfMemory));
        check(State::Failed, "cannot read `x`", Some(Alert::Failed));
        check(State::Lost, "nothing works on it any more", Some(Alert::Lost));
        check(State::Running, "", None);
        check(State::Done, "", None);
    }

    #[test]
    fn a_loss_that_is_no_number_is_told_while_the_run_works() {
        let mut run = standing("train-1", State::Running, 10);
        run.said.train_loss = Some(f64::NAN);
        assert_eq!(of(&run), Some(Alert::NotANumber));
        assert!(Alert::Silent(3).is_like(Alert::Silent(900)));
    }
}
