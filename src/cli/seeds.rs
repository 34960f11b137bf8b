//! Options of chance: one seed, or the four streams one by one.

use elth_core::chance::Seeds;

/// Seeds as options, for every command that draws by chance.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(next_help_heading = "Chance")]
pub struct SeedArgs {
    /// Derives the seeds of all four streams
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed())]
    seed: u64,

    /// Seed of initial weights [default: derived from --seed]
    #[arg(long, value_name = "N", value_parser = seed())]
    seed_init: Option<u64>,

    /// Seed of the data's order [default: derived from --seed]
    #[arg(long, value_name = "N", value_parser = seed())]
    seed_order: Option<u64>,

    /// Seed of crops, shifts and flips [default: derived from --seed]
    #[arg(long, value_name = "N", value_parser = seed())]
    seed_augment: Option<u64>,

    /// Seed of random masks and orders [default: derived from --seed]
    #[arg(long, value_name = "N", value_parser = seed())]
    seed_mask: Option<u64>,
}

/// Whole numbers that TOML holds.
fn seed() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(..=i64::MAX.cast_unsigned())
}

impl SeedArgs {
    /// The four seeds: those given, the others derived.
    pub fn seeds(&self) -> Seeds {
        let derived = Seeds::derive(self.seed);
        Seeds {
            init: self.seed_init.unwrap_or(derived.init),
            order: self.seed_order.unwrap_or(derived.order),
            augment: self.seed_augment.unwrap_or(derived.augment),
            mask: self.seed_mask.unwrap_or(derived.mask),
        }
    }
}
