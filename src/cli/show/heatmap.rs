//! Masks drawn with shades: units as rows, tensors as blocks, output channels downwards.
//!
//! ```text
//! stage1
//!           conv1                 conv2
//!   unit 0  ▒░ ░▓                 ░░▒▓█
//!           █▓▒░░                  ░ ░▒
//! ```

use elth_core::{
    blueprint::TensorPlan,
    mask::{Mask, share},
    ticket::Ticket,
};
use serde_json::{Value, json};

use crate::cli::paper::{Paper, percent};

/// Cells of a block, at most: three blocks and their labels fit 80 columns.
const COLUMNS: usize = 22;
/// Rows of a block, at most: nine units of a stage fit a screen.
const ROWS: usize = 4;
/// Room for `  unit 17  `.
const LABEL: usize = 11;

/// Share of surviving weights in each part of a tensor, seen as outputs by inputs.
struct Block {
    name: String,
    part: String,
    unit: usize,
    cells: Vec<Vec<f64>>,
}

/// The drawing as numbers, stage by stage.
pub fn document(ticket: &Ticket, stages: &[usize]) -> Value {
    let stage = |index: usize| {
        let blocks = blocks(ticket, index).into_iter();
        let blocks = blocks.map(
            |block| json!({ "unit": block.unit, "tensor": block.name, "densities": block.cells }),
        );
        let name = &ticket.blueprint().stages[index].name;
        json!({ "stage": name, "blocks": blocks.collect::<Value>() })
    };
    stages.iter().map(|index| stage(*index)).collect()
}

/// The drawing of some stages, with what its shades mean.
pub fn text(ticket: &Ticket, stages: &[usize], paper: Paper) -> String {
    // Of all stages, also where one is drawn: pictures of two stages can be laid side by side.
    let all: Vec<Vec<Block>> = ticket.stages().map(|(stage, _)| blocks(ticket, stage)).collect();
    let cells = all.iter().flatten().flat_map(|block| block.cells.iter().flatten());
    let most = cells.copied().fold(0.0, f64::max);
    let drawn: Vec<Vec<Block>> = stages.iter().map(|stage| blocks(ticket, *stage)).collect();
    let mut text = legend(most, paper);
    for (index, blocks) in stages.iter().zip(&drawn) {
        let name = &ticket.blueprint().stages[*index].name;
        let density = percent(ticket.count_in_stage(*index).density());
        let title = format!("\n{}  density {density}\n", paper.bold(name));
        text += &(title + &stage_text(blocks, most, paper));
    }
    text
}

fn blocks(ticket: &Ticket, stage: usize) -> Vec<Block> {
    let tensors = ticket.blueprint().prunable().filter(|tensor| tensor.slot.stage == stage);
    let block = |tensor: &TensorPlan| {
        let cells = ticket.masks().get(&tensor.name).map(|mask| cells(mask, tensor));
        let part = tensor.slot.part.strip_suffix(".weight");
        let part = part.unwrap_or(tensor.name.trim_end_matches(".weight"));
        Block {
            name: tensor.name.clone(),
            part: part.to_owned(),
            unit: tensor.slot.unit,
            cells: cells.unwrap_or_default(),
        }
    };
    tensors.map(block).collect()
}

fn cells(mask: &Mask, tensor: &TensorPlan) -> Vec<Vec<f64>> {
    let outputs = tensor.shape.first().copied().unwrap_or(1);
    let inputs = tensor.len() / outputs.max(1);
    let cell = |rows: &std::ops::Range<usize>, columns: std::ops::Range<usize>| {
        let counts = rows.clone().map(|row| {
            let start = row * inputs;
            mask.kept_in(start + columns.start..start + columns.end)
        });
        share(counts.sum(), rows.len() * columns.len())
    };
    let row = |rows| parts(inputs, COLUMNS).map(|columns| cell(&rows, columns)).collect();
    parts(outputs, ROWS).map(row).collect()
}

/// Cuts a length into at most so many parts of equal size, give or take one.
fn parts(length: usize, most: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let parts = length.min(most);
    (0..parts).map(move |part| part * length / parts..(part + 1) * length / parts)
}

fn legend(most: f64, paper: Paper) -> String {
    let steps = steps(most).into_iter().zip(shades(paper).into_iter().skip(1));
    let steps = steps.map(|(step, shade)| format!("  {shade} up to {:.1} %", step * 100.0));
    format!("kept: blank none{}\n", steps.collect::<Vec<_>>().concat())
}

/// Where each shade ends: three times the one before, because densities of stages differ by as much.
fn steps(most: f64) -> [f64; 4] {
    [most / 27.0, most / 9.0, most / 3.0, most]
}

fn stage_text(blocks: &[Block], most: f64, paper: Paper) -> String {
    let units = blocks.iter().map(|block| block.unit).max().map_or(0, |last| last + 1);
    let mut text = String::new();
    let mut titles = Vec::new();
    for unit in 0..units {
        let row: Vec<&Block> = blocks.iter().filter(|block| block.unit == unit).collect();
        let parts: Vec<&str> = row.iter().map(|block| block.part.as_str()).collect();
        if parts != titles {
            text += &line("", parts.iter().map(|part| (*part).to_owned()));
            titles = parts;
        }
        for at in 0..row.iter().map(|block| block.cells.len()).max().unwrap_or(0) {
            let label = if at == 0 { format!("  unit {unit}") } else { String::new() };
            text += &line(&label, row.iter().map(|block| shaded(block, at, most, paper)));
        }
    }
    text
}

fn line(label: &str, blocks: impl Iterator<Item = String>) -> String {
    let wide = |block: String| format!("{block:<width$}", width = COLUMNS + 2);
    let blocks = blocks.map(wide).collect::<Vec<_>>().concat();
    format!("{label:<LABEL$}{blocks}").trim_end().to_owned() + "\n"
}

fn shaded(block: &Block, row: usize, most: f64, paper: Paper) -> String {
    let cells = block.cells.get(row).into_iter().flatten();
    cells.map(|density| shade(*density, most, paper)).collect()
}

/// The shade of a density: blank for nothing.
fn shade(density: f64, most: f64, paper: Paper) -> char {
    let passed = steps(most)[..3].iter().filter(|step| density > **step).count();
    if density > 0.0 { shades(paper)[passed + 1] } else { ' ' }
}

fn shades(paper: Paper) -> [char; 5] {
    if paper.unicode { [' ', '░', '▒', '▓', '█'] } else { [' ', '.', ':', '*', '#'] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_grow_threefold_and_blank_means_none() {
        let paper = Paper { styled: false, unicode: true };
        let cases =
            [(0.0, 0.0, ' '), (0.0, 1.0, ' '), (0.001, 1.0, '░'), (0.3, 1.0, '▓'), (0.2, 0.2, '█')];
        for (density, most, drawn) in cases {
            assert_eq!(shade(density, most, paper), drawn, "{density} of {most}");
        }
    }

    #[test]
    fn parts_cover_a_length_once() {
        for (length, most) in [(1, 4), (3, 22), (27, 22), (432, 22), (64, 4)] {
            let all: Vec<usize> = parts(length, most).flatten().collect();
            assert_eq!(all, (0..length).collect::<Vec<_>>());
        }
    }
}
