//! The cursor on a ticket's picture: where it is and how it moves.

use crate::{
    keymap::Action,
    model::ticket::Zoom,
    portrait::{StagePortrait, TensorPortrait},
    study::grid::sides,
    widgets::heatmap,
};

/// A place in a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Number of the stage, the stem's and the head's too.
    pub stage: usize,
    /// Number of the unit in the stage.
    pub unit: usize,
    /// Number of the tensor in the unit.
    pub tensor: usize,
    /// Output channel.
    pub output: usize,
    /// Input channel.
    pub input: usize,
}

/// Stages as they lie below one another, several side by side in a row.
#[must_use]
pub fn rows(stages: &[StagePortrait], columns: usize) -> Vec<Vec<usize>> {
    let elastic = stages.iter().filter(|stage| stage.elastic).count();
    let beside = heatmap::beside(columns, elastic);
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for (at, stage) in stages.iter().enumerate() {
        let joins = |row: &&mut Vec<usize>| {
            stage.elastic && row.len() < beside && row.iter().all(|other| stages[*other].elastic)
        };
        match rows.last_mut().filter(joins) {
            Some(row) => row.push(at),
            None => rows.push(vec![at]),
        }
    }
    rows
}

impl Cursor {
    /// The first tensor of the first elastic stage.
    #[must_use]
    pub fn first(stages: &[StagePortrait]) -> Self {
        let stage = stages.iter().position(|stage| stage.elastic).unwrap_or(0);
        Self { stage, ..Self::default() }
    }

    /// The same place, or the nearest that there is in these stages.
    #[must_use]
    pub fn within(self, stages: &[StagePortrait]) -> Self {
        let stage = self.stage.min(stages.len().saturating_sub(1));
        let units = stages.get(stage).map_or(&[][..], |stage| &stage.units);
        let unit = self.unit.min(units.len().saturating_sub(1));
        let tensors = units.get(unit).map_or(&[][..], |unit| &unit.tensors);
        let tensor = self.tensor.min(tensors.len().saturating_sub(1));
        let (outputs, inputs) = tensors.get(tensor).map_or((1, 1), channels);
        let (output, input) = (self.output.min(outputs - 1), self.input.min(inputs - 1));
        Self { stage, unit, tensor, output, input }
    }

    /// Where an arrow leads among stages, units and tensors; nothing where it leads off the top.
    #[must_use]
    pub fn step(
        self,
        stages: &[StagePortrait],
        zoom: Zoom,
        columns: usize,
        action: Action,
    ) -> Option<Self> {
        let to = match zoom {
            Zoom::Unit => self.among_tensors(stages, action),
            Zoom::Stage => self.in_stage(stages, action),
            _ => self.among_stages(stages, columns, action),
        };
        let moved = (to?.stage, to?.unit, to?.tensor) != (self.stage, self.unit, self.tensor);
        let to = to?.within(stages);
        Some(if moved { Self { output: 0, input: 0, ..to } } else { to })
    }

    fn among_tensors(self, stages: &[StagePortrait], action: Action) -> Option<Self> {
        match action {
            Action::Up if self.tensor > 0 => Some(Self { tensor: self.tensor - 1, ..self }),
            Action::Down => {
                let unit = stages.get(self.stage)?.units.get(self.unit)?;
                let last = unit.tensors.len().saturating_sub(1);
                Some(Self { tensor: (self.tensor + 1).min(last), ..self })
            }
            Action::Left if self.unit > 0 => Some(Self { unit: self.unit - 1, ..self }),
            Action::Right => Some(Self { unit: self.unit + 1, ..self }),
            Action::Up => None,
            _ => Some(self),
        }
    }

    fn in_stage(self, stages: &[StagePortrait], action: Action) -> Option<Self> {
        let stage = stages.get(self.stage)?;
        match action {
            Action::Up if self.unit > 0 => Some(Self { unit: self.unit - 1, ..self }),
            Action::Down => Some(Self { unit: self.unit + 1, ..self }),
            Action::Left if self.tensor > 0 => Some(Self { tensor: self.tensor - 1, ..self }),
            Action::Left if self.stage > 0 => {
                Some(Self { stage: self.stage - 1, tensor: usize::MAX, ..self })
            }
            Action::Right if self.tensor + 1 < stage.units.get(self.unit)?.tensors.len() => {
                Some(Self { tensor: self.tensor + 1, ..self })
            }
            Action::Right if self.stage + 1 < stages.len() => {
                Some(Self { stage: self.stage + 1, tensor: 0, ..self })
            }
            Action::Up => None,
            _ => Some(self),
        }
    }

    fn among_stages(
        self,
        stages: &[StagePortrait],
        columns: usize,
        action: Action,
    ) -> Option<Self> {
        let rows = rows(stages, columns);
        let row = rows.iter().position(|row| row.contains(&self.stage))?;
        let column = rows[row].iter().position(|stage| *stage == self.stage)?;
        let stage = stages.get(self.stage)?;
        let beside = |column: usize| rows[row].get(column).copied();
        let below = |row: usize| Some(rows.get(row)?[column.min(rows[row].len() - 1)]);
        match action {
            Action::Up if self.unit > 0 => Some(Self { unit: self.unit - 1, ..self }),
            Action::Up => {
                let stage = below(row.checked_sub(1)?)?;
                Some(Self { stage, unit: usize::MAX, ..self })
            }
            Action::Down if self.unit + 1 < stage.units.len() => {
                Some(Self { unit: self.unit + 1, ..self })
            }
            Action::Down => match below(row + 1) {
                Some(stage) => Some(Self { stage, unit: 0, ..self }),
                None => Some(self),
            },
            Action::Left if self.tensor > 0 => Some(Self { tensor: self.tensor - 1, ..self }),
            Action::Left => match column.checked_sub(1).and_then(beside) {
                Some(stage) => Some(Self { stage, tensor: usize::MAX, ..self }),
                None => Some(self),
            },
            Action::Right if self.tensor + 1 < stage.units.get(self.unit)?.tensors.len() => {
                Some(Self { tensor: self.tensor + 1, ..self })
            }
            Action::Right => match beside(column + 1) {
                Some(stage) => Some(Self { stage, tensor: 0, ..self }),
                None => Some(self),
            },
            _ => Some(self),
        }
    }
}

/// Output and input channels of a tensor, one at least.
#[must_use]
pub fn channels(tensor: &TensorPortrait) -> (usize, usize) {
    let (outputs, inputs, _) = sides(&tensor.shape);
    (outputs, inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{portrait, trying::ticket};
    use Action::{Down, Left, Right, Up};

    fn stages() -> Vec<StagePortrait> {
        portrait::of(&ticket("cifar_resnet_14_4", 0.9, 1)).stages
    }

    #[track_caller]
    fn check(zoom: Zoom, from: (usize, usize, usize), action: Action, to: (usize, usize, usize)) {
        let from = Cursor { stage: from.0, unit: from.1, tensor: from.2, ..Cursor::default() };
        let moved = from.step(&stages(), zoom, 76, action).unwrap();
        assert_eq!((moved.stage, moved.unit, moved.tensor), to, "{from:?} {action:?}");
    }

    #[test]
    fn stages_lie_side_by_side_as_far_as_there_is_room() {
        assert_eq!(rows(&stages(), 76), [vec![0], vec![1, 2, 3], vec![4]]);
        assert_eq!(rows(&stages(), 25), [vec![0], vec![1, 2], vec![3], vec![4]]);
        assert_eq!(rows(&stages(), 5), [vec![0], vec![1], vec![2], vec![3], vec![4]]);
    }

    #[test]
    fn arrows_go_where_they_point() {
        let all = Zoom::Ticket;
        assert_eq!(Cursor::first(&stages()).stage, 1);
        check(all, (1, 0, 0), Right, (1, 0, 1));
        check(all, (1, 0, 1), Right, (2, 0, 0));
        // The shortcut is the third tensor of the unit that widens.
        check(all, (3, 0, 0), Left, (2, 0, 2));
        check(all, (3, 1, 1), Right, (3, 1, 1));
        check(all, (2, 0, 2), Down, (2, 1, 1));
        check(all, (2, 1, 0), Down, (4, 0, 0));
        check(all, (4, 0, 0), Up, (1, 1, 0));
        check(all, (2, 0, 0), Up, (0, 0, 0));
        check(Zoom::Stage, (2, 1, 1), Right, (3, 1, 0));
        check(Zoom::Stage, (2, 1, 0), Down, (2, 1, 0));
        check(Zoom::Unit, (2, 0, 0), Down, (2, 0, 1));
        check(Zoom::Unit, (2, 0, 2), Down, (2, 0, 2));
        check(Zoom::Unit, (2, 0, 2), Right, (2, 1, 1));
        for zoom in [Zoom::Ticket, Zoom::Stage, Zoom::Unit] {
            assert_eq!(Cursor::default().step(&stages(), zoom, 76, Up), None, "{zoom:?}");
        }
    }

    #[test]
    fn a_place_that_is_not_there_becomes_the_nearest() {
        let far = Cursor { stage: 9, unit: 9, tensor: 9, output: 999, input: 999 };
        let near = Cursor { stage: 4, unit: 0, tensor: 0, output: 9, input: 15 };
        assert_eq!(far.within(&stages()), near);
        assert_eq!(far.within(&[]), Cursor::default());
    }
}
