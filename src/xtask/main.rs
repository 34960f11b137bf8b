//! `elth`.

fn main() {}
