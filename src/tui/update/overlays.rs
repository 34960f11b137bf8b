//! What keys do to what lies over a screen.

use elth_store::run::control::Wanted;
use tui_input::Input;

use super::{act as act_below, go, moved, page, runs, shelf, ticket};
use crate::{
    effect::Effect,
    header::Root,
    keymap::Action,
    model::{
        Model, Overlay, Question,
        palette::{self, Choice},
        shelf::Node,
    },
    overlays::help,
};

/// Opens the help of the visible screen.
pub fn open_help(model: &mut Model) {
    let context = model.context();
    model.overlay = Some(Overlay::Help { context, search: Input::default(), selected: 0 });
}

/// Opens the palette over the visible screen.
pub fn open_palette(model: &mut Model) {
    let context = model.context();
    model.overlay = Some(Overlay::Palette { context, search: Input::default(), selected: 0 });
}

/// Changes what is searched for.
pub fn search(model: &mut Model, change: impl FnOnce(&mut Input)) {
    if let Some((search, selected)) = model.overlay.as_mut().and_then(Overlay::searched) {
        change(search);
        *selected = 0;
    }
}

/// The number of the chosen line.
#[must_use]
pub fn chosen(model: &Model) -> Option<usize> {
    match &model.overlay {
        Some(
            Overlay::Help { selected, .. }
            | Overlay::Palette { selected, .. }
            | Overlay::Others { selected, .. },
        ) => Some(*selected),
        Some(Overlay::Themes { .. }) => Some(model.theme),
        Some(Overlay::Confirm(_)) | None => None,
    }
}

/// Chooses a line.
pub fn choose(model: &mut Model, line: usize) {
    match &mut model.overlay {
        Some(Overlay::Themes { .. }) => model.theme = line,
        Some(overlay) => {
            if let Some((_, selected)) = overlay.searched() {
                *selected = line;
            }
        }
        None => {}
    }
}

/// Does what the chosen line says.
fn accept(model: &mut Model) -> Vec<Effect> {
    match model.overlay.take() {
        Some(Overlay::Help { context, search, selected }) => {
            let lines = help::lines(&model.keys, context, search.value());
            let chosen = lines.get(selected).map(|bound| bound.entry.action);
            chosen.map_or(Vec::new(), |action| act_below(model, action))
        }
        Some(Overlay::Palette { context, search, selected }) => {
            let mut lines = palette::lines(model, context, search.value());
            let has_line = selected < lines.len();
            if has_line { take(model, lines.swap_remove(selected).choice) } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// Goes to a thing, or does something.
fn take(model: &mut Model, choice: Choice) -> Vec<Effect> {
    let node = match choice {
        Choice::Do(action) => return act_below(model, action),
        Choice::Run(dir) => {
            let mut effects = go(model, Root::Runs);
            effects.extend(runs::show(model, dir));
            return effects;
        }
        Choice::Ticket(path) => Node::Ticket(path),
        Choice::Model(name) => Node::Model(name),
    };
    let mut effects = go(model, Root::Shelf);
    effects.extend(shelf::reveal(model, node));
    effects
}

/// Does what is asked for over the screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = page(model);
    let themes = model.themes.len();
    match (&mut model.overlay, action) {
        (Some(Overlay::Themes { before }), Action::Back) => {
            model.theme = *before;
            model.overlay = None;
        }
        (_, Action::Back) => model.overlay = None,
        (Some(Overlay::Others { .. }), _) => return ticket::choose(model, action),
        (_, Action::Accept) => return accept(model),
        (Some(Overlay::Themes { .. }), _) => {
            model.theme = moved(model.theme, action, themes, page).unwrap_or(model.theme);
        }
        (Some(Overlay::Confirm(question)), Action::Agree) => {
            let effect = agreed(question);
            model.overlay = None;
            return vec![effect];
        }
        (Some(Overlay::Help { context, search, selected }), action) => {
            let lines = help::lines(&model.keys, *context, search.value()).len();
            *selected = moved(*selected, action, lines, page).unwrap_or(*selected);
        }
        (Some(Overlay::Palette { .. }), action) => {
            let (Some(at), Some(lines)) = (chosen(model), palette_lines(model)) else {
                return Vec::new();
            };
            choose(model, moved(at, action, lines, page).unwrap_or(at));
        }
        _ => {}
    }
    Vec::new()
}

fn palette_lines(model: &Model) -> Option<usize> {
    let Some(Overlay::Palette { context, search, .. }) = &model.overlay else { return None };
    Some(palette::lines(model, *context, search.value()).len())
}

fn agreed(question: &Question) -> Effect {
    match question {
        Question::Stop(dir) => Effect::Ask(dir.clone(), Wanted::Stop),
        Question::Delete(dir) => Effect::Delete(dir.clone()),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        effect::Effect,
        message::Message,
        model::Screen,
        trying::{given, shelf_of, standing},
    };
    use elth_store::run::standing::State;

    #[test]
    fn the_palette_does_what_is_chosen_and_shows_its_key() {
        given(shelf_of(3))
            .press(":")
            .types("stretch")
            .shows("transform ")
            .press("enter")
            .shows("2←1");
        given(shelf_of(3)).press("t ctrl-p").types("save").press("esc").shows("› transform");
    }

    #[test]
    fn the_palette_goes_to_tickets_models_and_runs() {
        let runs = vec![standing("train-7", State::Done, 40)];
        let bench =
            given(shelf_of(3)).happens(Message::Stood { standings: runs, broken: Vec::new() });
        let bench = bench.press("g h tab :").types("ticket-3").press("enter").shows("┌ ticket-3");
        let bench = bench.press("t ctrl-p").types("lenet").press("enter");
        let bench = bench.shows("┌ mnist_lenet_300_100").press(":").types("train-7").press("enter");
        assert!(matches!(bench.model.screen(), Screen::Run { .. }), "{:?}", bench.model.screen());
        assert_eq!(bench.model.screens.len(), 2);
        bench
            .press("ctrl-p")
            .types("qqq")
            .shows("nothing here has these letters")
            .press("enter esc");
    }

    #[test]
    fn the_help_is_searched_by_key_and_by_word() {
        let bench = given(shelf_of(3)).press("?").types("t");
        let first = |bench: &crate::trying::Bench| {
            let screen = bench.screen();
            screen.lines().find(|line| line.contains("› ")).unwrap().to_owned()
        };
        assert!(first(&bench).contains("stretch, squeeze"), "{}", first(&bench));
        let bench = given(shelf_of(3)).press("?").types("clipboard");
        assert!(first(&bench).contains("copy the ticket"), "{}", first(&bench));
    }

    #[test]
    fn what_is_selected_is_copied_and_said() {
        let path = "/home/me/tickets/ticket-1.safetensors";
        let bench = given(shelf_of(3)).press("y").asks(&[Effect::Copy(path.to_owned())]);
        let told = Message::Copied { text: path.to_owned(), file: None, is_sent: true };
        bench.happens(told).shows("copied `/home/me/tickets/ticket-1");
        let bench = given(shelf_of(3)).press("Y");
        let [Effect::Copy(digest)] = bench.effects.as_slice() else {
            panic!("{:?}", bench.effects)
        };
        assert_eq!(digest.len(), 64);
    }
}
