//! The target's own tickets: what the controls are made from that a search in the ticket's own model has to give.

use std::path::Path;

use elth_core::{
    control::Change,
    ticket::{About, Outside},
};
use elth_store::ticket_file::Summary;

use crate::model::shelf::{Shelf, run_of};

/// The target's own ticket that such a control is made from.
///
/// # Errors
/// When there is none on the shelf, with what gives one.
pub fn source<'a>(
    change: Change,
    ticket: &Path,
    about: &About,
    on: &'a Shelf,
) -> Result<&'a Summary, String> {
    let (model, kind) = (&about.blueprint.name, change.name());
    if about.lineage.acts().last().is_some_and(|act| act.act == "imp") {
        return Err(format!(
            "a search found this ticket in {model} itself: control {kind} is of a ticket that came from elsewhere"
        ));
    }
    let tickets = on.listing.as_ref().map_or(&[][..], |listing| &listing.tickets);
    let found = tickets.iter().filter(|other| {
        let is_found = other.about.lineage.acts().last().is_some_and(|act| act.act == "imp");
        is_found
            && *other.about.blueprint == *about.blueprint
            && other.about.dataset == about.dataset
    });
    let (chosen, what) = match change {
        Change::OwnLevel => {
            let level = about.level;
            let what = level
                .map_or("a ticket that says its level, and that level".to_owned(), |level| {
                    format!("level {level}")
                });
            let mut same = found.filter(|other| level.is_some() && other.about.level == level);
            (same.next(), what)
        }
        Change::OwnImp => {
            let kept = on.ticket_at(ticket).and_then(|ticket| ticket.kept);
            // A run's tickets have the trained weights beside them that the last round prunes by.
            let trained = found.filter(|other| run_of(&other.path).is_some());
            let denser = trained.filter(|other| other.kept >= kept);
            (denser.min_by_key(|other| other.kept), "a level that keeps as much".to_owned())
        }
        _ => {
            let dense = found.filter(|other| other.about.outside == Outside::Dense);
            (dense.min_by_key(|other| other.about.level), "rewind weights".to_owned())
        }
    };
    chosen.ok_or_else(|| {
        format!("control {kind} needs {what} of a search in {model} itself: start `search` first")
    })
}

#[cfg(test)]
mod tests {
    use elth_core::ticket::lineage::Act;

    use super::*;
    use crate::{
        model::{
            launch::{Launch, kinds, label},
            shelf::Listing,
        },
        trying::{shelf_of, summary, ticket},
    };

    /// Three levels of a search in the run's own folder, and a ticket that came from elsewhere; it keeps as much as level 2.
    fn shelf() -> Shelf {
        let mut shelf = shelf_of(0).model.shelf;
        let mut tickets = Vec::new();
        for level in 0..4_u32 {
            let sparsity = 1.0 - 0.8_f64.powi(i32::try_from(level).unwrap());
            let path = format!("/home/me/runs/imp-1/tickets/level_{level}.safetensors");
            tickets.push(summary(&path, &ticket("cifar_resnet_14_8", sparsity, level)));
        }
        let mut moved = tickets[2].clone();
        moved.path = "/home/me/tickets/moved.safetensors".into();
        moved.digest = Some("moved".to_owned());
        moved.about.lineage = moved.about.lineage.then(Act::new("transform"));
        tickets.push(moved);
        let models = shelf.listing.take().unwrap().models;
        shelf.listing = Some(Listing { models, tickets, unreadable: Vec::new() });
        shelf
    }

    fn launch(shelf: &Shelf, name: &str) -> Launch {
        let mut tickets = shelf.listing.as_ref().unwrap().tickets.iter();
        let found = tickets.find(|ticket| ticket.path.ends_with(name)).unwrap();
        Launch::open(&found.path, &found.about, shelf)
    }

    /// The ticket that a control of that kind is made from.
    fn check(kind: &'static str, expected: &str) {
        let shelf = shelf();
        let mut launch = launch(&shelf, "moved.safetensors");
        launch.form.set(label::CONTROL, kind);
        let places = shelf_of(0).model.places;
        let plan = launch.plan(&shelf, &places).unwrap();
        let made = plan.commands[0].join(" ");
        let own = format!("--kind {kind} --own /home/me/runs/imp-1/tickets/{expected}.safetensors");
        assert!(made.contains(&own), "{made}");
        assert!(plan.commands[1].join(" ").contains(&format!("moved-{kind}.safetensors")));
    }

    #[test]
    fn controls_of_the_targets_own_are_made_from_its_search() {
        check("own-weights", "level_0");
        check("own-imp", "level_2");
        check("own-dense", "level_0");
        check("own-level", "level_2");
    }

    #[test]
    fn where_there_is_no_such_search_the_dialog_says_what_gives_one() {
        let mut shelf = shelf();
        let refused = |launch: &Launch, shelf: &Shelf| {
            let places = shelf_of(0).model.places;
            launch.plan(shelf, &places).unwrap_err().join(" ")
        };
        let mut found = launch(&shelf, "level_2.safetensors");
        found.form.set(label::CONTROL, "own-imp");
        assert!(refused(&found, &shelf).contains("a search found this ticket in"), "its own");
        let mut moved = launch(&shelf, "moved.safetensors");
        shelf.listing.as_mut().unwrap().tickets.retain(|ticket| run_of(&ticket.path).is_none());
        moved.form.set(label::CONTROL, "own-weights");
        assert!(refused(&moved, &shelf).contains("start `search` first"));
        let left_out = kinds::left_out(kinds::CONTROLS, &moved, &shelf).join("; ");
        assert!(left_out.contains("own-weights") && left_out.contains("own-imp"), "{left_out}");
        assert!(left_out.contains("permuted-copies"), "{left_out}");
        let started = kinds::of(kinds::CONTROLS, &moved, &shelf).unwrap();
        assert_eq!(started, ["permuted", "reinit", "random", "dense", "random-mask"]);
    }
}
