//! Screens: from the model to cells, one file each.

pub mod compare;
pub mod demo;
pub mod launch;
pub mod look;
pub mod run;
pub mod runs;
pub mod shelf;
pub mod spot;
pub mod ticket;
pub mod transform;
