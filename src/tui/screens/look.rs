//! What the selected node of the shelf looks like: a ticket's masks, numbers and lineage, or a model's shape.

use elth_core::{
    blueprint::Family,
    ticket::{About, Count, Outside, lineage::Act},
};
use elth_store::{run::dir::RunDir, ticket_file::Summary};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    keymap::{Action, Context},
    layout,
    model::{
        Model,
        runs::task,
        shelf::{ModelLine, Node, count, stem},
    },
    portrait::{Portrait, StagePortrait, TensorPortrait},
    theme::styles::Styles,
    widgets::{
        heatmap,
        pane::{self, Focus},
        text::{brief, fit, number, percent, right, wrap},
    },
};

/// Draws the right pane of the shelf.
pub fn draw(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let width = usize::from(layout::inside(area).width).saturating_sub(1);
    let (title, lines) = match &model.shelf.selected {
        Some(Node::Ticket(path)) => {
            let ticket = model.shelf.ticket();
            let lines = ticket.map_or(Vec::new(), |ticket| of_ticket(model, ticket, width, styles));
            (stem(path), lines)
        }
        Some(Node::Model(name)) => {
            let line = model.shelf.model(name);
            (name.clone(), line.map_or(Vec::new(), |line| of_model(line, styles)))
        }
        Some(Node::Family(name)) => {
            let family = Family::ALL.into_iter().find(|family| family.name() == *name);
            ((*name).to_owned(), family.map_or(Vec::new(), |family| of_family(family, width)))
        }
        Some(Node::Run(dir)) => (dir.id(), of_run(model, dir, width, styles)),
        Some(Node::Unreadable) => {
            let listing = model.shelf.listing.as_ref();
            let files = listing.map_or(&[][..], |listing| &listing.unreadable);
            ("no tickets".to_owned(), unreadable(files, width, styles))
        }
        None => ("nothing selected".to_owned(), welcome(model, width)),
    };
    let inside = pane::frame(buffer, area, &title, Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    pane::lines(buffer, inside, &lines, model.shelf.scrolled, styles);
}

fn of_ticket(
    model: &Model,
    ticket: &Summary,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let mut lines: Vec<Line> =
        wrap(&facts(&ticket.about), width).into_iter().map(Line::from).collect();
    match model.portraits.get(&ticket.path) {
        Some(Ok(portrait)) => lines.extend(of_portrait(portrait, width, styles)),
        Some(Err(reason)) => {
            let said = wrap(&format!("✗ {reason}"), width);
            lines.extend(said.into_iter().map(|line| Line::styled(line, styles.bad())));
        }
        None => {
            lines.extend(count(ticket).map_or(Vec::new(), |count| kept(count, width, styles)));
            lines.push(Line::styled("reading the masks…", styles.faint()));
        }
    }
    lines.push(Line::default());
    lines.extend(
        wrap(&format!("file {}", ticket.path.display()), width)
            .into_iter()
            .map(|line| Line::styled(line, styles.faint())),
    );
    lines
}

fn of_portrait(portrait: &Portrait, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let mut lines = kept(portrait.count(), width, styles);
    lines.push(Line::default());
    lines.extend(heatmap::stages(&portrait.stages, |_, unit| unit.to_string(), width, styles));
    lines.extend(heatmap::fixed(&portrait.stages, width, styles));
    lines.push(heatmap::legend(styles));
    lines.extend(dead(&portrait.stages, width, styles));
    lines.push(Line::default());
    lines.extend(table(&portrait.stages, styles));
    lines.push(Line::default());
    lines.push(Line::styled("lineage, the oldest act first", styles.faint()));
    for (at, act) in portrait.about.lineage.acts().iter().enumerate() {
        let text = wrap(&format!("{}. {}", at + 1, act_text(act)), width);
        lines.extend(text.into_iter().map(Line::from));
    }
    let digest = wrap(&format!("digest {}", portrait.digest), width);
    lines.extend(digest.into_iter().map(|line| Line::styled(line, styles.faint())));
    lines
}

/// Kept weights, density and sparsity with their words, because the field mixes them up; in two lines where it is narrow.
#[must_use]
pub fn kept(count: Count, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let (kept, all) = (number(count.kept), number(count.weights));
    let kept = Span::styled(format!("{kept} of {all} weights kept"), styles.strong());
    let density = Span::raw(format!("density {}", percent(count.density())));
    let sparsity =
        Span::styled(format!(", sparsity {}", percent(count.sparsity())), styles.faint());
    let used = kept.width() + density.width() + sparsity.width() + 2;
    if used <= width {
        return vec![Line::from_iter([kept, Span::raw(", "), density, sparsity])];
    }
    vec![Line::from(kept), Line::from_iter([density, sparsity])]
}

/// What no longer lets anything through: output channels without a kept weight, and whole tensors.
#[must_use]
pub fn dead(stages: &[StagePortrait], width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let tensors = || stages.iter().flat_map(|stage| &stage.units).flat_map(|unit| &unit.tensors);
    let channels: usize = tensors().map(|tensor| tensor.dead).sum();
    let empty: Vec<_> = tensors().filter(|t| t.is_empty()).map(|t| t.name.as_str()).collect();
    let mut lines = Vec::new();
    if channels > 0 {
        let all: usize = tensors().map(TensorPortrait::outputs).sum();
        let text =
            format!("! {} of {} output channels keep no weight", number(channels), number(all));
        lines.extend(wrap(&text, width).into_iter().map(|line| Line::styled(line, styles.warn())));
    }
    if !empty.is_empty() {
        let text = format!("✗ empty tensors: {}", empty.join(", "));
        lines.extend(wrap(&text, width).into_iter().map(|line| Line::styled(line, styles.bad())));
    }
    lines
}

fn facts(about: &About) -> String {
    let outside = match about.outside {
        Outside::Dense => "dense rewind weights",
        Outside::Masked => "zeros outside the mask",
    };
    let facts = [
        Some(about.blueprint.name.clone()),
        about.dataset.as_deref().map(elth_core::quote::quote),
        about.level.map(|level| format!("level {level}")),
        about.rewind.map(|step| format!("rewound to {step}")),
        Some(outside.to_owned()),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A line for each stage, and one for all.
fn table(stages: &[StagePortrait], styles: Styles<'_>) -> Vec<Line<'static>> {
    let row = |name: &str, kept: &str, weights: &str, density: &str, sparsity: &str| {
        format!(
            "{} {} {} {} {}",
            fit(name, 6),
            right(kept, 9),
            right(weights, 9),
            right(density, 7),
            right(sparsity, 8)
        )
    };
    let head = row("stage", "kept", "weights", "density", "sparsity");
    let mut lines = vec![Line::styled(head, styles.faint())];
    for stage in stages {
        let count = stage.count();
        let (kept, weights) = (number(count.kept), number(count.weights));
        let (density, sparsity) = (brief(count.density()), brief(count.sparsity()));
        lines.push(Line::raw(row(&stage.name, &kept, &weights, &density, &sparsity)));
    }
    lines
}

fn act_text(act: &Act) -> String {
    let arguments = act.arguments.iter().map(|(name, value)| format!("{name} {value}"));
    let inputs = act
        .inputs
        .iter()
        .map(|(role, digest)| format!("{role} {}", digest.chars().take(8).collect::<String>()));
    let words: Vec<_> =
        arguments.chain(inputs).map(|text| elth_core::quote::quote(&text)).collect();
    format!("{}  {}", elth_core::quote::quote(&act.act), words.join(", "))
}

/// How a run stands, in short.
fn of_run(model: &Model, dir: &RunDir, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let Some(run) = model.runs.standing(dir) else { return Vec::new() };
    let mut lines = vec![Line::styled(run.state.name(), styles.state(run.state))];
    let said = &run.said;
    let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
    let share = |value: Option<f64>| value.map_or("-".to_owned(), percent);
    let facts = [
        task(run),
        format!("model {}", run.recipe.model),
        format!("step {} of {}", number(said.step), number(said.steps)),
        format!("last test accuracy {}", share(said.test_accuracy)),
        said.test_loss.map_or(String::new(), |loss| format!("last test loss {loss:.4}")),
        run.reason.clone().unwrap_or_default(),
    ];
    let said = facts.iter().filter(|fact| !fact.is_empty()).flat_map(|fact| wrap(fact, width));
    lines.extend(said.map(Line::from));
    let key = model.keys.key_for(Context::Shelf, Action::Show);
    lines.push(Line::default());
    lines.push(Line::styled(format!("{key} opens its log and curves"), styles.faint()));
    lines
}

fn of_model(model: &ModelLine, styles: Styles<'_>) -> Vec<Line<'static>> {
    let fact = |name: &str, value: String| {
        Line::from_iter([Span::styled(fit(name, 18), styles.faint()), Span::raw(value)])
    };
    let depths: Vec<_> = model.depths.iter().map(ToString::to_string).collect();
    vec![
        fact("family", model.family.to_string()),
        fact("units a stage", depths.join(" · ")),
        fact("prunable weights", number(model.prunable)),
        fact("parameters", number(model.parameters)),
        fact("FLOPs an image", number(model.flops)),
        fact("images", model.input.clone()),
        fact("classes", model.classes.to_string()),
    ]
}

fn of_family(family: Family, width: usize) -> Vec<Line<'static>> {
    let text = match family {
        Family::CifarResnet => {
            "Residual networks of three stages: cifar_resnet_N[_W] has N = 6 D + 2 layers, D units a stage and W channels in the first. A ticket can become one of any other depth of the same width."
        }
        Family::CifarVgg => {
            "Convolutions in five stages between poolings: cifar_vgg_N[_W] has N = 11, 13, 16 or 19 layers and W channels in the first stage. The first layer of a stage stays, the others can be replicated."
        }
        Family::CifarVggnfc => {
            "VGG networks whose fully connected layers are replicated: cifar_vggnfc_D_W_F has the convolutions of cifar_vgg_D_W and F fully connected layers, the last of which stays."
        }
        Family::CifarMobilenetv1 => {
            "Depthwise-separable blocks: cifar_mobilenetv1[_N] repeats its block of 512 channels N times, 5 without a number. Any of them can be replicated or dropped."
        }
        Family::ImagenetResnet => {
            "Residual networks of four stages for large images: imagenet_resnet_N[_W] with N = 18, 26 or 34 has two convolutions a block, with 50, 101, 152 or 200 three; a ticket stays among the one or the other."
        }
        Family::CifarheResnet => {
            "The ImageNet networks with a stem for small images: cifarhe_resnet_N[_W] enters through one 3 by 3 convolution and no pooling."
        }
        Family::MnistLenet => {
            "Fully connected networks: mnist_lenet_A_B… names the width of each hidden layer. Layers whose width stays the same can be replicated."
        }
    };
    wrap(text, width).into_iter().map(Line::from).collect()
}

fn unreadable(files: &[String], width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let lines = files.iter().flat_map(|reason| wrap(&format!("✗ {reason}"), width));
    lines.map(|line| Line::styled(line, styles.bad())).collect()
}

fn welcome(model: &Model, width: usize) -> Vec<Line<'static>> {
    let help = model.keys.key_for(Context::Shelf, Action::Help);
    let text = format!(
        "Tickets lie here once `elth imp` or `elth prune` made some. {help} lists the keys."
    );
    wrap(&text, width).into_iter().map(Line::from).collect()
}
