//! The shelf: families, their models, and the tickets of each, as the rows of a tree.

pub mod offspring;
pub mod order;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use elth_core::{
    blueprint::{Blueprint, Family},
    ticket::Count,
};
use elth_store::ticket_file::Summary;
use tui_input::Input;

use self::{
    offspring::{Child, Offspring},
    order::{Order, searched},
};
use crate::fuzzy::Search;
use elth_store::run::dir::RunDir;

/// What is known of the shelf and where one is on it.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// What is there; nothing before it was read.
    pub listing: Option<Listing>,
    /// Which listing was asked for last.
    pub generation: u64,
    /// The selected node: by what it is, because rows come and go.
    pub selected: Option<Node>,
    /// Families, models and tickets that were closed by hand: they show nothing below them.
    pub closed: BTreeSet<Node>,
    /// Families without tickets and runs that were opened by hand: they are closed at first.
    pub opened: BTreeSet<Node>,
    /// Words that the shown tickets have.
    pub filter: Input,
    /// Whether keys go to the filter.
    pub is_filtering: bool,
    /// Lines that the right pane is scrolled by.
    pub scrolled: usize,
    /// The tickets that are marked for comparing, in the order in which they were.
    pub marked: Vec<PathBuf>,
    /// What the tickets of a model are ordered by.
    pub order: Order,
    /// What was made of the tickets.
    pub offspring: Offspring,
}

/// What lies on the shelf.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// The listed models and those that tickets are of, family by family.
    pub models: Vec<ModelLine>,
    /// Every ticket, by header.
    pub tickets: Vec<Summary>,
    /// Files that are no tickets, with the reason.
    pub unreadable: Vec<String>,
}

/// A model in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelLine {
    /// The official name.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// Units of each elastic stage.
    pub depths: Vec<usize>,
    /// Prunable weights.
    pub prunable: usize,
    /// Values that training changes.
    pub parameters: usize,
    /// Multiplications and additions of one image.
    pub flops: usize,
    /// Shape of an image.
    pub input: String,
    /// Outputs.
    pub classes: usize,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A family, by its official prefix.
    Family(&'static str),
    /// A model, by its official name.
    Model(String),
    /// A ticket, by its file.
    Ticket(PathBuf),
    /// A run that retrains a ticket.
    Run(RunDir),
    /// Files that are no tickets.
    Unreadable,
}

/// A row of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Row<'a> {
    /// A family with the number of its tickets.
    Family(Family, usize, Branch),
    /// A model with the number of its tickets.
    Model(&'a ModelLine, usize, Branch),
    /// A ticket.
    Ticket(&'a Summary),
    /// A run that retrains the ticket above.
    Run(&'a Child),
    /// So many files that are no tickets.
    Unreadable(usize),
}

/// Whether what lies below a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// It is.
    Open,
    /// It is not.
    Closed,
}

/// Tickets by the name of their model.
type Found<'a> = HashMap<&'a str, Vec<&'a Summary>>;

impl ModelLine {
    /// A model in a line.
    #[must_use]
    pub fn of(blueprint: &Blueprint) -> Self {
        Self {
            name: blueprint.name.clone(),
            family: blueprint.family,
            depths: blueprint.depths(),
            prunable: blueprint.prunable_weights(),
            parameters: blueprint.parameters(),
            flops: blueprint.flops(),
            input: blueprint.input.to_string(),
            classes: blueprint.classes,
        }
    }
}

impl Row<'_> {
    /// What the row is.
    #[must_use]
    pub fn node(&self) -> Node {
        match self {
            Self::Family(family, ..) => Node::Family(family.name()),
            Self::Model(model, ..) => Node::Model(model.name.clone()),
            Self::Ticket(ticket) => Node::Ticket(ticket.path.clone()),
            Self::Run(run) => Node::Run(run.dir.clone()),
            Self::Unreadable(_) => Node::Unreadable,
        }
    }

    /// Whether the row is that node; many rows are asked.
    #[must_use]
    pub fn is(&self, node: &Node) -> bool {
        match (self, node) {
            (Self::Family(family, ..), Node::Family(name)) => family.name() == *name,
            (Self::Model(model, ..), Node::Model(name)) => model.name == *name,
            (Self::Ticket(ticket), Node::Ticket(path)) => ticket.path.as_os_str() == path,
            (Self::Run(run), Node::Run(dir)) => run.dir == *dir,
            (Self::Unreadable(_), Node::Unreadable) => true,
            _ => false,
        }
    }
}

impl Shelf {
    /// The rows that are shown, from top to bottom.
    #[must_use]
    pub fn rows(&self) -> Vec<Row<'_>> {
        let Some(listing) = &self.listing else { return Vec::new() };
        let found = self.found(listing);
        let mut rows = Vec::new();
        for family in Family::ALL {
            self.family_rows((listing, &found), family, &mut rows);
        }
        if !listing.unreadable.is_empty() && !self.is_searched() {
            rows.push(Row::Unreadable(listing.unreadable.len()));
        }
        rows
    }

    fn family_rows<'a>(
        &'a self,
        (listing, found): (&'a Listing, &Found<'a>),
        family: Family,
        rows: &mut Vec<Row<'a>>,
    ) {
        let is_searched = self.is_searched();
        let of_model =
            |model: &ModelLine| found.get(model.name.as_str()).map_or(&[][..], Vec::as_slice);
        let models = listing.models.iter().filter(|model| model.family == family);
        let models: Vec<_> = models.map(|model| (model, of_model(model))).collect();
        let tickets = models.iter().map(|(_, tickets)| tickets.len()).sum();
        if models.is_empty() || (tickets == 0 && is_searched) {
            return;
        }
        let is_used = tickets > 0 || models.iter().any(|(it, _)| self.offspring.has_run(&it.name));
        let node = Node::Family(family.name());
        let is_open = is_used || is_searched || self.opened.contains(&node);
        let branch = if is_open { self.branch(&node) } else { Branch::Closed };
        rows.push(Row::Family(family, tickets, branch));
        for (model, tickets) in models {
            if branch == Branch::Closed || (tickets.is_empty() && is_searched) {
                continue;
            }
            let branch = self.branch(&Node::Model(model.name.clone()));
            rows.push(Row::Model(model, tickets.len(), branch));
            for ticket in tickets.iter().filter(|_| branch == Branch::Open) {
                rows.push(Row::Ticket(ticket));
                let runs = self.offspring.runs(ticket.digest.as_deref());
                if !runs.is_empty() && !self.closed.contains(&Node::Ticket(ticket.path.clone())) {
                    rows.extend(runs.iter().map(Row::Run));
                }
            }
        }
    }

    /// The tickets that fit what is searched for, the best first; all in their order where nothing is.
    fn found<'a>(&self, listing: &'a Listing) -> Found<'a> {
        let mut found = Found::new();
        let mut add = |ticket: &'a Summary| {
            found.entry(ticket.about.blueprint.name.as_str()).or_default().push(ticket);
        };
        if self.is_searched() {
            let mut search = Search::of(self.filter.value());
            let fit = |ticket: &'a Summary| Some((search.score(&searched(ticket))?, ticket));
            let mut fitting: Vec<_> = listing.tickets.iter().filter_map(fit).collect();
            fitting.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
            for (_, ticket) in fitting {
                add(ticket);
            }
            return found;
        }
        listing.tickets.iter().for_each(add);
        for tickets in found.values_mut() {
            self.order.sort(tickets, &self.offspring);
        }
        found
    }

    /// Whether anything is searched for.
    #[must_use]
    pub fn is_searched(&self) -> bool {
        !self.filter.value().trim().is_empty()
    }

    fn branch(&self, node: &Node) -> Branch {
        if !self.is_searched() && self.closed.contains(node) {
            Branch::Closed
        } else {
            Branch::Open
        }
    }

    /// Opens or closes a node by hand.
    pub fn fold(&mut self, node: Node, branch: Branch) {
        match branch {
            Branch::Open => {
                self.closed.remove(&node);
                self.opened.insert(node);
            }
            Branch::Closed => {
                self.opened.remove(&node);
                self.closed.insert(node);
            }
        }
    }

    /// Opens what a model or a ticket lies in.
    pub fn open_above(&mut self, node: &Node) {
        let line = match node {
            Node::Model(name) => self.model(name),
            Node::Ticket(path) => {
                let name = self.ticket_at(path).map(|it| it.about.blueprint.name.as_str());
                name.and_then(|name| self.model(name))
            }
            Node::Family(_) | Node::Run(_) | Node::Unreadable => None,
        };
        let Some((family, name)) = line.map(|line| (line.family.name(), line.name.clone())) else {
            return;
        };
        self.fold(Node::Family(family), Branch::Open);
        if matches!(node, Node::Ticket(_)) {
            self.fold(Node::Model(name), Branch::Open);
        }
    }

    /// The row number of the selected node.
    #[must_use]
    pub fn selected_row(&self, rows: &[Row<'_>]) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        rows.iter().position(|row| row.is(selected))
    }

    /// The selected ticket.
    #[must_use]
    pub fn ticket(&self) -> Option<&Summary> {
        match &self.selected {
            Some(Node::Ticket(path)) => self.ticket_at(path),
            _ => None,
        }
    }

    /// The ticket in that file.
    #[must_use]
    pub fn ticket_at(&self, path: &Path) -> Option<&Summary> {
        self.listing.as_ref()?.tickets.iter().find(|ticket| ticket.path.as_os_str() == path)
    }

    /// The model of that name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelLine> {
        self.listing.as_ref()?.models.iter().find(|model| model.name == name)
    }
}

/// Kept and all weights of a ticket, as far as its header says.
#[must_use]
pub fn count(ticket: &Summary) -> Option<Count> {
    // A header can say anything; more than all is nothing that it knows.
    let kept = ticket.kept.filter(|kept| *kept <= ticket.weights)?;
    Some(Count { kept, weights: ticket.weights })
}

/// The ticket's name: its file's stem, after the run's id where a run found it.
#[must_use]
pub fn stem(path: &Path) -> String {
    let part = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = match run_of(path) {
        Some(run) => format!("{}-{}", part(run), part(path)),
        None => part(path),
    };
    elth_core::quote::quote(&name)
}

/// How a command names the ticket: by its name where that is enough, else by its path.
#[must_use]
pub fn called(path: &Path) -> String {
    if run_of(path).is_some() { path.display().to_string() } else { stem(path) }
}

/// The directory of the run that wrote the file: `…/runs/ID/tickets/FILE`.
#[must_use]
pub fn run_of(path: &Path) -> Option<&Path> {
    let run = path.parent().filter(|folder| folder.ends_with("tickets"))?.parent()?;
    run.parent().is_some_and(|runs| runs.ends_with("runs")).then_some(run)
}
