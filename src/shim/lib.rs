//! What tch does not expose, behind safe functions: the only place with unsafe code.
