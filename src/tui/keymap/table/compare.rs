//! The part of the table that holds where runs are compared.

use super::{
    Action,
    Context::Compare,
    Entry,
    Place::{Footer, Help as InHelp},
    entry,
};

/// What can be asked for where runs are compared, in the order in which it is shown.
pub const COMPARE: &[Entry] = &[
    entry(
        Action::PanelOn,
        &["]"],
        &[Compare],
        Footer,
        "next panel",
        "from curves to accuracy by kept weights, the table over seeds, the recipes",
    ),
    entry(Action::PanelBack, &["["], &[Compare], InHelp, "panel before", "back through the panels"),
    entry(
        Action::Metric,
        &["m"],
        &[Compare],
        Footer,
        "metric",
        "draw accuracy, train loss, test loss, learning rate or the gradient's norm",
    ),
    entry(
        Action::Seeds,
        &["a"],
        &[Compare],
        Footer,
        "mean",
        "draw runs with equal recipes but seeds as their mean and spread, or one by one",
    ),
    entry(
        Action::Mark,
        &["space"],
        &[Compare],
        InHelp,
        "hide",
        "leave the selected run's curve out, or draw it again",
    ),
];
