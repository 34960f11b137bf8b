//! The `[keys]` table: a preset, then what the user binds otherwise, on every screen or in one place.
//!
//! ```toml
//! [keys]
//! preset = "vim"
//! quit = "Q"                      # on every screen
//! [keys.shelf]
//! transform = ["t", "ctrl-t"]     # there only
//! ```

use strum::IntoEnumIterator as _;
use toml::de::{DeTable, DeValue};

use super::{Mistake, mistake};
use crate::{
    key::Key,
    keymap::{Action, Context, Keymap, bindings::Conflict},
};

/// Keys to begin with, by name.
pub const PRESETS: [(&str, &str); 3] = [
    ("default", ""),
    ("vim", include_str!("../keymap/vim.toml")),
    ("arrows", include_str!("../keymap/arrows.toml")),
];

/// What was bound, and where in the file.
struct Written {
    at: usize,
    context: Context,
    action: Action,
}

/// The preset's name and the keys that hold then.
///
/// # Errors
/// When there is no such preset, place, action or key, or a key would ask for two things.
pub fn read(table: &DeTable<'_>) -> Result<(&'static str, Keymap), Mistake> {
    let (preset, mut keymap) = preset(table)?;
    let mut written = Vec::new();
    for (name, value) in table.iter().filter(|(name, _)| name.get_ref() != "preset") {
        let at = name.span().start;
        match (place(name.get_ref()), value.get_ref()) {
            (Some(context), DeValue::Table(bindings)) => {
                for (name, value) in bindings {
                    let (at, name) = (name.span().start, name.get_ref());
                    let action = bind_there(&mut keymap, context, name, value.get_ref());
                    written.push(Written {
                        at,
                        context,
                        action: action.map_err(|r| mistake(at, r))?,
                    });
                }
            }
            (_, value) => {
                let bound = bind_on_screens(&mut keymap, name.get_ref(), value);
                let (action, contexts) = bound.map_err(|reason| mistake(at, reason))?;
                written.extend(contexts.into_iter().map(|context| Written { at, context, action }));
            }
        }
    }
    match keymap.conflict() {
        Some(conflict) => Err(refused(&conflict, &written)),
        None => Ok((preset, keymap)),
    }
}

fn preset(table: &DeTable<'_>) -> Result<(&'static str, Keymap), Mistake> {
    let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == "preset") else {
        return Ok((PRESETS[0].0, Keymap::default()));
    };
    let wanted = value.get_ref().as_str().unwrap_or_default();
    let Some((preset, text)) = PRESETS.iter().find(|(preset, _)| *preset == wanted) else {
        let names = PRESETS.map(|(preset, _)| preset).join(", ");
        return Err(mistake(name.span().start, format!("`{wanted}` is no preset: choose {names}")));
    };
    let bindings = DeTable::parse(text).map_err(|error| mistake(0, error.message()))?;
    Ok((*preset, read(bindings.get_ref())?.1))
}

fn place(name: &str) -> Option<Context> {
    Context::iter().find(|context| context.name() == name)
}

fn bind_there(
    keymap: &mut Keymap,
    context: Context,
    name: &str,
    value: &DeValue<'_>,
) -> Result<Action, String> {
    let (action, keys) = (action(name)?, keys(name, value)?);
    let place = context.name();
    if let Some(key) = keys.iter().find(|key| context.types() && is_letter(key)) {
        return Err(format!(
            "`{key}` is typed into texts in `{place}`: choose a key with ctrl- or alt-"
        ));
    }
    if keys.is_empty() && matches!(action, Action::Back | Action::Interrupt) {
        return Err(format!("`{name}` needs a key in `{place}`: without one nobody gets out"));
    }
    if keymap.bind(context, action, &keys) {
        return Ok(action);
    }
    let known: Vec<_> = keymap.entries(context).map(|bound| bound.entry.action.name()).collect();
    Err(format!("`{name}` cannot be asked for in `{place}`: choose {}", known.join(", ")))
}

/// Binds wherever the action can be asked for and no letters are typed.
fn bind_on_screens(
    keymap: &mut Keymap,
    name: &str,
    value: &DeValue<'_>,
) -> Result<(Action, Vec<Context>), String> {
    if value.is_table() {
        let places: Vec<_> = Context::iter().map(Context::name).collect();
        return Err(format!("`{name}` is no place: choose {}", places.join(", ")));
    }
    let action = action(name)?;
    let has =
        |context: &Context| keymap.entries(*context).any(|bound| bound.entry.action == action);
    let contexts: Vec<_> = Context::iter().filter(|c| !c.types()).filter(has).collect();
    for context in &contexts {
        bind_there(keymap, *context, name, value)?;
    }
    if contexts.is_empty() {
        return Err(format!("`{name}` is asked for in dialogs only: bind it under [keys.PLACE]"));
    }
    Ok((action, contexts))
}

fn action(name: &str) -> Result<Action, String> {
    name.parse().map_err(|_| format!("`{name}` is no action: `elth config keys` lists them"))
}

/// One key, or several.
fn keys(name: &str, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let values = match value {
        DeValue::String(_) => vec![value],
        DeValue::Array(values) => values.iter().map(toml::Spanned::get_ref).collect(),
        _ => return Err(format!("`{name}` is no key: write \"x\" or [\"x\", \"ctrl-y\"]")),
    };
    let key = |value: &DeValue<'_>| {
        let written = value.as_str().unwrap_or_default();
        let key = Key::parse(written);
        let key = key.ok_or_else(|| {
            format!(
                "`{written}` is no key: write a letter, enter, space, page-up, ctrl-x, alt-x, …"
            )
        })?;
        Ok(key.name().to_owned())
    };
    values.into_iter().map(key).collect()
}

fn is_letter(key: &str) -> bool {
    Key::named(key).letter().is_some()
}

fn refused(conflict: &Conflict, written: &[Written]) -> Mistake {
    let Conflict { key, context, actions } = conflict;
    let is_one = |line: &&Written| line.context == *context && actions.contains(&line.action);
    let at = written.iter().rev().find(is_one).map_or(0, |line| line.at);
    let [one, other] = actions.map(Action::name);
    let place = context.name();
    mistake(
        at,
        format!(
            "`{key}` asks for both `{one}` and `{other}` in `{place}`: give one of them another key"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn keys_of(text: &str) -> Keymap {
        Config::parse("c.toml", text).unwrap().keys
    }

    #[test]
    fn every_preset_is_without_conflict() {
        for (name, _) in PRESETS {
            let config = Config::parse("c.toml", &format!("[keys]\npreset = \"{name}\"")).unwrap();
            assert_eq!(config.preset, name);
        }
        assert_eq!(keys_of("[keys]\npreset = \"default\""), Keymap::default());
    }

    #[test]
    fn a_key_is_bound_on_every_screen_or_in_one_place() {
        let keys = keys_of("[keys]\npreset = \"vim\"\nquit = \"Q\"\n[keys.shelf]\ntransform = []");
        for context in [Context::Shelf, Context::Runs, Context::Run] {
            assert_eq!(keys.lookup(context, &Key::named("Q")), Some(Action::Quit));
            assert_eq!(keys.lookup(context, &Key::named("q")), None);
        }
        assert_eq!(keys.key_for(Context::Shelf, Action::Down), "j");
        assert_eq!(keys.key_for(Context::Shelf, Action::Transform), "");
    }

    #[test]
    fn what_cannot_be_bound_is_told_in_one_line() {
        for (text, said) in [
            ("[keys]\npreset = \"emacs\"", "line 2: `emacs` is no preset: choose default, vim"),
            ("[keys]\nretrian = \"r\"", "line 2: `retrian` is no action: `elth config keys`"),
            ("[keys.attic]\nquit = \"q\"", "`attic` is no place: choose shelf, ticket, runs"),
            ("[keys.runs]\ntransform = \"t\"", "`transform` cannot be asked for in `runs`"),
            ("[keys]\nquit = \"contrl-q\"", "`contrl-q` is no key"),
            ("[keys]\nquit = 1", "`quit` is no key: write"),
            ("[keys.transform]\nsave = \"s\"", "`s` is typed into texts in `transform`"),
            ("[keys]\nback = []", "`back` needs a key in"),
            ("[keys]\n\nquit = \"j\"", "line 3: `j` asks for both `down` and `quit` in `shelf`"),
        ] {
            let reason = Config::parse("c.toml", text).unwrap_err();
            assert!(reason.contains(said) && !reason.contains('\n'), "{reason}");
        }
    }
}
