//! How a ticket came to be: the chain of acts, oldest first.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Acts from the first weights to this ticket.
///
/// One that was recalled is read when it is first asked for: a shelf holds a thousand, of which few are looked at.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    acts: OnceLock<Vec<Act>>,
    recalled: Option<Box<str>>,
}

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
    /// The chain of these acts, the oldest first.
    #[must_use]
    pub fn new(acts: Vec<Act>) -> Self {
        Self { acts: OnceLock::from(acts), recalled: None }
    }

    /// What [`Lineage::to_json`] wrote; a text that it did not write is the empty chain.
    #[must_use]
    pub fn recalled(json: &str) -> Self {
        Self { acts: OnceLock::new(), recalled: Some(json.into()) }
    }

    /// The acts, the oldest first.
    #[must_use]
    pub fn acts(&self) -> &[Act] {
        self.acts.get_or_init(|| {
            let acts = self.recalled.as_deref().map(serde_json::from_str);
            acts.and_then(Result::ok).unwrap_or_default()
        })
    }

    /// The chain with one more act.
    #[must_use]
    pub fn then(&self, act: Act) -> Self {
        Self::new(self.acts().iter().cloned().chain([act]).collect())
    }

    /// The chain as the JSON of a header: an array of objects with sorted keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!(self.acts()).to_string()
    }

    /// Reads the JSON of a header.
    ///
    /// # Errors
    /// When it is not an array of acts.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map(Self::new).map_err(|error| error.to_string())
    }
}

impl PartialEq for Lineage {
    fn eq(&self, other: &Self) -> bool {
        self.acts() == other.acts()
    }
}

impl Eq for Lineage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recalled_chain_is_the_one_that_was_written() {
        let chain = Lineage::new(vec![Act::new("imp").with("level", "1")]).then(Act::new("prune"));
        let recalled = Lineage::recalled(&chain.to_json());
        assert_eq!(recalled, chain);
        assert_eq!(recalled.clone().then(Act::new("control")).acts().len(), 3);
        assert_eq!(Lineage::recalled("no chain"), Lineage::default());
    }
}
