//! What is made of the training images before anything is learned from them, as options.

use elth_store::dataset::choice::{Amount, Choice};

/// Options of everything that reads training images.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(next_help_heading = "Images")]
pub struct ChoiceArgs {
    /// Sets N training images aside to select by; nothing is learned from them
    #[arg(long, value_name = "N", default_value_t = 0)]
    validation: usize,

    /// Learns from a part of the rest: a share such as 0.1, or how many of each class
    #[arg(long, value_name = "PART", value_parser = str::parse::<Amount>)]
    subsample: Option<Amount>,

    /// Draws the labels of this share of them anew, from all classes alike
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, allow_negative_numbers = true)]
    label_noise: f64,

    /// Where these three come from, apart from the other seeds
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=i64::MAX.cast_unsigned()))]
    data_seed: u64,
}

impl ChoiceArgs {
    /// What was asked for.
    pub fn choice(&self) -> Choice {
        let Self { validation, subsample, label_noise, data_seed: seed } = *self;
        Choice { validation, subsample, label_noise, seed }
    }
}
