//! How a ticket came to be: the chain of acts, oldest first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Acts from the first weights to this ticket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lineage(pub Vec<Act>);

/// One thing that was done: what, with which arguments, to which inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// `imp`, `transform`, `control`, `prune`, …
    pub act: String,
    /// Arguments by name, as they would be typed.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
    /// Digests of what went in, by role.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
}

impl Act {
    /// Names an act without arguments and inputs yet.
    #[must_use]
    pub fn new(act: &str) -> Self {
        Self { act: act.to_owned(), arguments: BTreeMap::new(), inputs: BTreeMap::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.arguments.insert(name.to_owned(), value.into());
        self
    }

    /// Adds an input by its digest.
    #[must_use]
    pub fn of(mut self, role: &str, digest: &Digest) -> Self {
        self.inputs.insert(role.to_owned(), digest.to_string());
        self
    }
}

impl Lineage {
    /// The chain with one more act.
    #[must_use]
    pub fn then(&self, act: Act) -> Self {
        Self(self.0.iter().cloned().chain([act]).collect())
    }

    /// The chain as the JSON of a header: an array of objects with sorted keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    /// Reads the JSON of a header.
    ///
    /// # Errors
    /// When it is not an array of acts.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map(Self).map_err(|error| error.to_string())
    }
}
