//! What the workbench remembers from one time to the next: where one was, and how things were set.
//!
//! Nothing here matters enough to be an error: what is damaged, missing or of another version is as if never said.

use std::path::{Path, PathBuf};

use anyhow::Result;
use elth_core::blueprint::Family;
use elth_store::{
    atomic,
    regular::{self, SMALL},
    run::dir::RunDir,
};
use serde::{Deserialize, Serialize};
use tui_input::Input;

use crate::{
    header::{self, Root},
    model::{
        Axis, Model, Screen,
        lens::{Along, Lens},
        run::RunView,
        runs::{self, Looked, alert::Alert},
        shelf::{self, Node, Shelf},
        ticket::TicketView,
    },
};

/// The file in the platform's state folder.
const FILE: &str = "workbench.json";

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The home that the rest is of, but for looks.
    home: PathBuf,
    /// Whether one was among the runs.
    on_runs: bool,
    /// The ticket or the run that was open.
    open_ticket: Option<PathBuf>,
    open_run: Option<PathBuf>,
    ticket: Option<PathBuf>,
    model: Option<String>,
    family: Option<String>,
    run: Option<PathBuf>,
    closed_families: Vec<String>,
    opened_families: Vec<String>,
    closed_models: Vec<String>,
    closed_tickets: Vec<PathBuf>,
    filter: String,
    runs_filter: String,
    /// The theme, and the one that was asked for beforehand: who asks for another now gets that.
    theme: String,
    theme_asked: Option<String>,
    split: Option<u16>,
    logarithmic: bool,
    along: Along,
    smoothing: usize,
    order: shelf::order::Order,
    runs_order: runs::order::Order,
    /// What was wrong with runs, and whether somebody had looked at it.
    alerts: Option<Vec<(PathBuf, Alert, Looked)>>,
}

impl State {
    /// What is to be remembered of this model; `asked` is the theme that was asked for.
    #[must_use]
    pub fn of(model: &Model, asked: Option<&str>) -> Self {
        let mut state = Self {
            home: model.places.home.path().to_owned(),
            on_runs: header::here(model) == Some(Root::Runs),
            run: model.runs.selected.as_ref().map(|dir| dir.path().to_owned()),
            filter: model.shelf.filter.value().to_owned(),
            runs_filter: model.runs.filter.value().to_owned(),
            theme: model.themes.get(model.theme).cloned().unwrap_or_default(),
            theme_asked: asked.map(str::to_owned),
            split: model.split,
            logarithmic: model.axis == Axis::Logarithmic,
            along: model.lens.along,
            smoothing: model.lens.smoothing_number(),
            order: model.shelf.order,
            runs_order: model.runs.order,
            alerts: alerts(model),
            ..Self::default()
        };
        state.note_shelf(&model.shelf);
        for screen in &model.screens {
            match screen {
                Screen::Ticket(open) => state.open_ticket = Some(open.path.clone()),
                Screen::Run(view) => state.open_run = Some(view.dir.path().to_owned()),
                _ => {}
            }
        }
        state
    }

    fn note_shelf(&mut self, from: &Shelf) {
        match &from.selected {
            Some(Node::Ticket(path)) => self.ticket = Some(path.clone()),
            Some(Node::Model(name)) => self.model = Some(name.clone()),
            Some(Node::Family(name)) => self.family = Some((*name).to_owned()),
            _ => {}
        }
        for node in &from.closed {
            match node {
                Node::Family(name) => self.closed_families.push((*name).to_owned()),
                Node::Model(name) => self.closed_models.push(name.clone()),
                Node::Ticket(path) => self.closed_tickets.push(path.clone()),
                _ => {}
            }
        }
        for node in &from.opened {
            if let Node::Family(name) = node {
                self.opened_families.push((*name).to_owned());
            }
        }
    }

    /// Puts a model that has just been made where it was left.
    pub fn restore(self, model: &mut Model, asked: Option<&str>) {
        let theme = model.themes.iter().position(|name| *name == self.theme);
        if let Some(theme) = theme.filter(|_| self.theme_asked.as_deref() == asked) {
            model.theme = theme;
        }
        model.split = self.split;
        model.axis = if self.logarithmic { Axis::Logarithmic } else { Axis::Linear };
        model.lens = Lens::of(self.along, self.smoothing);
        model.shelf.order = self.order;
        model.runs.order = self.runs_order;
        if self.home == model.places.home.path() {
            self.restore_places(model);
        }
    }

    /// What is of this home alone.
    fn restore_places(self, model: &mut Model) {
        let selected = self.ticket.map(Node::Ticket).or(self.model.map(Node::Model));
        let family = self.family.as_deref().and_then(family).map(Node::Family);
        model.shelf.selected = selected.or(family);
        let families = self.closed_families.iter().filter_map(|name| family_node(name));
        let models = self.closed_models.into_iter().map(Node::Model);
        let tickets = self.closed_tickets.into_iter().map(Node::Ticket);
        model.shelf.closed = families.chain(models).chain(tickets).collect();
        let opened = self.opened_families.iter().filter_map(|name| family_node(name));
        model.shelf.opened = opened.collect();
        model.shelf.filter = Input::new(self.filter);
        model.runs.filter = Input::new(self.runs_filter);
        model.runs.selected = self.run.map(RunDir::at);
        model.runs.remembered = self.alerts.map(|alerts| {
            let alert = |(dir, alert, looked)| (RunDir::at(dir), (alert, looked));
            alerts.into_iter().map(alert).collect()
        });
        if model.demo.is_some() {
            return;
        }
        model.screens = vec![if self.on_runs { Screen::Runs } else { Screen::Shelf }];
        if let Some(path) = self.open_ticket {
            model.asked += 1;
            let view = TicketView::open(&path, model.asked);
            model.screens.push(Screen::Ticket(Box::new(view)));
        } else if let Some(dir) = self.open_run {
            let view = RunView::open(RunDir::at(dir), model.lens);
            model.screens.push(Screen::Run(Box::new(view)));
        }
    }

    /// What the folder remembers; nothing where it remembers nothing that can be read.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let text = regular::read(&folder.join(FILE), SMALL).unwrap_or_default();
        let mut state: Self = serde_json::from_slice(&text).unwrap_or_default();
        // What was open may be gone; then one begins where it lay.
        state.open_ticket = state.open_ticket.filter(|path| path.is_file());
        state.open_run = state.open_run.filter(|dir| dir.is_dir());
        state
    }

    /// Remembers it in the folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        atomic::create_folder(folder)?;
        Ok(atomic::replace(&folder.join(FILE), &serde_json::to_vec_pretty(self)?)?)
    }
}

/// What is wrong with runs; what was remembered, where the runs were not read yet.
fn alerts(model: &Model) -> Option<Vec<(PathBuf, Alert, Looked)>> {
    let runs = &model.runs;
    let known = if runs.all.is_some() { Some(&runs.alerts) } else { runs.remembered.as_ref() };
    let alert = |(dir, (alert, looked)): (&RunDir, &(Alert, Looked))| {
        (dir.path().to_owned(), *alert, *looked)
    };
    known.map(|alerts| alerts.iter().map(alert).collect())
}

fn family(name: &str) -> Option<&'static str> {
    Family::ALL.into_iter().map(Family::name).find(|known| *known == name)
}

fn family_node(name: &str) -> Option<Node> {
    family(name).map(Node::Family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use crate::trying::{given, shelf_of, standing};

    #[test]
    fn what_was_left_is_found_again() {
        let runs = vec![standing("train-1", elth_store::run::standing::State::Done, 5)];
        let bench =
            given(shelf_of(3)).happens(Message::Stood { standings: runs, broken: Vec::new() });
        let mut left = bench.press("g h j T down down enter tab").model;
        left.split = Some(50);
        left.axis = Axis::Logarithmic;
        left.shelf.filter = Input::new("l2".to_owned());
        left.runs.filter = Input::new("done".to_owned());
        left.lens = Lens::of(Along::Time, 2);
        left.shelf.order = shelf::order::Order::Kept;
        left.runs.order = runs::order::Order::Accuracy;
        left.shelf.opened.extend(family_node("mnist_lenet"));
        let folder = tempfile::tempdir().unwrap();
        State::of(&left, None).write(&folder.path().join("new")).unwrap();
        let mut found = shelf_of(0).model;
        State::read(&folder.path().join("new")).restore(&mut found, None);
        assert_eq!(State::of(&found, None), State::of(&left, None));
        assert!(matches!(found.screen(), Screen::Runs) && found.theme == 2);
    }

    #[test]
    fn alerts_that_were_looked_at_stay_so_and_others_wait() {
        use elth_store::run::standing::State as Stands;
        let stood = |states: &[(&str, Stands)]| Message::Stood {
            standings: states.iter().map(|(id, state)| standing(id, *state, 5)).collect(),
            broken: Vec::new(),
        };
        let old = [("train-1", Stands::Failed), ("train-2", Stands::Lost)];
        let first = given(shelf_of(1)).happens(stood(&old));
        assert_eq!(first.model.runs.unseen_alerts(), 0, "nobody was here before");
        let first = first.happens(stood(&[("train-3", Stands::Running)]));
        let first = first.happens(stood(&[("train-3", Stands::Failed)]));
        assert_eq!(first.model.runs.unseen_alerts(), 1);
        let later = [&old[..], &[("train-3", Stands::Failed), ("train-4", Stands::Lost)]].concat();
        let mut second = shelf_of(1);
        State::of(&first.model, None).restore(&mut second.model, None);
        let unread = State::of(&second.model, None);
        assert_eq!(unread.alerts, State::of(&first.model, None).alerts, "runs were not read yet");
        let second = second.happens(stood(&later)).press("tab").shows("! 2 alerts");
        let second = second.press("g enter esc").shows("! 1 alert ");
        let mut third = shelf_of(1);
        State::of(&second.model, None).restore(&mut third.model, None);
        third.happens(stood(&later)).shows("! 1 alert ");
    }

    #[test]
    fn what_was_open_is_open_again_unless_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.safetensors");
        std::fs::write(&there, "").unwrap();
        for (path, is_open) in [(there, true), (folder.path().join("gone.safetensors"), false)] {
            let mut left = given(shelf_of(3)).press("enter").model;
            if let Some(Screen::Ticket(open)) = left.screens.last_mut() {
                open.path = path;
            }
            State::of(&left, None).write(folder.path()).unwrap();
            let mut found = shelf_of(0).model;
            State::read(folder.path()).restore(&mut found, None);
            assert_eq!(matches!(found.screen(), Screen::Ticket(_)), is_open);
            assert!(matches!(found.screens[0], Screen::Shelf));
        }
    }

    #[test]
    fn a_theme_that_is_asked_for_now_goes_before_the_one_that_was_left() {
        let left = given(shelf_of(1)).press("T down enter").model;
        for (asked, theme) in [(None, 1), (Some("light"), 0)] {
            let mut found = shelf_of(0).model;
            State::of(&left, None).restore(&mut found, asked);
            assert_eq!(found.theme, theme, "{asked:?}");
        }
    }

    #[test]
    fn what_is_of_another_home_keeps_its_looks_alone() {
        let mut left = given(shelf_of(3)).press("tab").model;
        left.split = Some(44);
        left.places.home = elth_store::home::Home::at(Path::new("/elsewhere"));
        let mut found = shelf_of(0).model;
        State::of(&left, None).restore(&mut found, None);
        assert!(matches!(found.screen(), Screen::Shelf));
        assert_eq!(found.split, Some(44));
    }

    #[test]
    fn a_damaged_or_older_file_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{", "[1]", "{\"split\": \"wide\"}", "\u{0}\u{1}", "{\"unknown\": 1}"] {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            assert_eq!(State::read(folder.path()), State::default(), "{text}");
        }
        assert_eq!(State::read(Path::new("/nowhere")), State::default());
    }
}
