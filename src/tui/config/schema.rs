//! The JSON schema of the configuration, from the tables that read it: editors complete and check by it.

use serde_json::{Map, Value, json};
use strum::IntoEnumIterator as _;

use super::{Kind, SETTINGS, Setting, UPDATES, keys::PRESETS};
use crate::keymap::{Context, Keymap};

/// The schema.
#[must_use]
pub fn document() -> Value {
    let settings = SETTINGS.iter().map(|setting| (setting.name.to_owned(), of_setting(setting)));
    let mut properties: Map<String, Value> = settings.collect();
    properties.insert("keys".to_owned(), of_keys());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "elth's configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "$defs": { "keys": {
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
            ],
        } },
    })
}

fn of_setting(setting: &Setting) -> Value {
    let mut value = match setting.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Folder => json!({ "type": "string", "pattern": "^[/~]" }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Rate => {
            json!({ "type": "number", "minimum": UPDATES.start(), "maximum": UPDATES.end() })
        }
    };
    value["description"] = setting.help.into();
    value
}

fn of_keys() -> Value {
    let keymap = Keymap::default();
    let mut properties = Map::new();
    for context in Context::iter() {
        let there: Map<String, Value> = keymap
            .entries(context)
            .map(|bound| {
                let entry = bound.entry;
                let line = json!({ "$ref": "#/$defs/keys", "description": entry.help });
                (entry.action.name().to_owned(), line)
            })
            .collect();
        if !context.types() {
            properties.extend(there.clone());
        }
        let place = json!({ "type": "object", "additionalProperties": false, "properties": there });
        properties.insert(context.name().to_owned(), place);
    }
    let presets = PRESETS.map(|(name, _)| name);
    properties.insert("preset".to_owned(), json!({ "enum": presets }));
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_settings_presets_places_and_actions() {
        let schema = document();
        let keys = &schema["properties"]["keys"]["properties"];
        assert_eq!(schema["properties"]["mouse"]["type"], "boolean");
        assert_eq!(keys["preset"]["enum"][1], "vim");
        assert_eq!(keys["shelf"]["properties"]["transform"]["$ref"], "#/$defs/keys");
        assert_eq!(keys["quit"]["$ref"], "#/$defs/keys");
    }
}
