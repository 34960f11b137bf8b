//! The keys that hold: those of the table, or what a preset or the user says instead.

use strum::IntoEnumIterator as _;

use super::{Action, Context, Entry, TABLE};
use crate::key::Key;

/// Which keys ask for what, place by place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(Vec<Bound>);

/// A line of the table in one place, with its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Where.
    pub context: Context,
    /// What, in which words.
    pub entry: &'static Entry,
    /// Keys, the one that is shown first.
    pub keys: Vec<String>,
}

impl Default for Keymap {
    fn default() -> Self {
        let of_entry = |entry: &'static Entry| {
            let keys: Vec<String> = entry.keys.iter().map(|key| (*key).to_owned()).collect();
            entry.contexts.iter().map(move |context| Bound {
                context: *context,
                entry,
                keys: keys.clone(),
            })
        };
        Self(TABLE.iter().flat_map(of_entry).collect())
    }
}

impl Keymap {
    /// What can be asked for in a place, in the order of the table.
    pub fn entries(&self, context: Context) -> impl Iterator<Item = &Bound> {
        self.0.iter().filter(move |bound| bound.context == context)
    }

    /// What a key asks for there.
    #[must_use]
    pub fn lookup(&self, context: Context, key: &Key) -> Option<Action> {
        let found = self.entries(context).find(|bound| bound.keys.iter().any(|k| k == key.name()));
        found.map(|bound| bound.entry.action)
    }

    /// The key to press for an action there, as a sentence names it; empty where there is none.
    #[must_use]
    pub fn key_for(&self, context: Context, action: Action) -> &str {
        let found = self.entries(context).find(|bound| bound.entry.action == action);
        found.and_then(|bound| bound.keys.first()).map_or("", String::as_str)
    }

    /// Gives an action other keys there; says whether it can be asked for there.
    pub fn bind(&mut self, context: Context, action: Action, keys: &[String]) -> bool {
        let mut there = self.0.iter_mut().filter(|b| b.context == context);
        let found = there.find(|bound| bound.entry.action == action);
        found.map(|bound| keys.clone_into(&mut bound.keys)).is_some()
    }

    /// A key that asks for two things in one place.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict> {
        Context::iter().find_map(|context| {
            let all: Vec<_> = self.entries(context).collect();
            all.iter().enumerate().find_map(|(at, bound)| {
                let others = &all[at + 1..];
                let shared = |key: &String| others.iter().find(|other| other.keys.contains(key));
                bound.keys.iter().find_map(|key| {
                    let actions = [bound.entry.action, shared(key)?.entry.action];
                    Some(Conflict { key: key.clone(), context, actions })
                })
            })
        })
    }
}

/// A key that asks for two things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The key.
    pub key: String,
    /// Where.
    pub context: Context,
    /// What it asks for.
    pub actions: [Action; 2],
}
