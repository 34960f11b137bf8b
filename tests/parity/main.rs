//! elth computes what the paper's own code computes: counts, ladders, mappings, and real outputs bit for bit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod counts;
mod golden;
mod mappings;
mod official;
mod pth;
mod pytorch;
mod refused;
