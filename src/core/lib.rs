//! Families, masks, tickets and transformations: pure data in, pure data out.
