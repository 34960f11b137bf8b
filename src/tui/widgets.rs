//! Widgets: each borrows data and draws it, owns nothing, decides nothing, knows no model.

pub mod bar;
pub mod bits;
pub mod chart;
pub mod finder;
pub mod form;
pub mod heatmap;
pub mod map;
pub mod mapping;
pub mod pane;
pub mod plain;
pub mod profile;
pub mod schedule;
pub mod spread;
pub mod text;
