//! What every screen looks like, on a small terminal and on a larger one.
