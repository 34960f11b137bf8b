//! What the official code writes beside its weights: `hparams.log`, `logger`, and steps in the names of files.

use std::collections::BTreeMap;

use elth_core::schedule::Step;

/// The groups of `hparams.log`: title to names and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hparams(BTreeMap<String, BTreeMap<String, String>>);

impl Hparams {
    /// Reads the file: a title a group, and lines of `* name => value`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (mut groups, mut title) = (BTreeMap::new(), String::new());
        for line in text.lines() {
            match line.trim().strip_prefix("* ").and_then(|rest| rest.split_once(" => ")) {
                Some((name, value)) => {
                    let group: &mut BTreeMap<_, _> = groups.entry(title.clone()).or_default();
                    group.insert(name.to_owned(), value.to_owned());
                }
                None => line.trim().trim_end_matches(" Hyperparameters").clone_into(&mut title),
            }
        }
        Self(groups)
    }

    /// A value of a group such as `Model` or `Pretraining Training`.
    #[must_use]
    pub fn value(&self, group: &str, name: &str) -> Option<&str> {
        self.0.get(group)?.get(name).map(String::as_str)
    }

    /// Every value under `group name`, as a lineage tells it.
    pub fn all(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().flat_map(|(group, values)| {
            let group = group.to_lowercase().replace(' ', "-");
            values.iter().map(move |(name, value)| {
                (format!("{group}-{}", name.replace('_', "-")), value.as_str())
            })
        })
    }
}

/// One value of a `logger`.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Such as `test_accuracy`.
    pub metric: String,
    /// Iterations behind it.
    pub iteration: u64,
    /// What was measured.
    pub value: f64,
}

/// Reads a `logger`: lines of `name,iteration,value`; a line that is none is left out.
#[must_use]
pub fn points(text: &str) -> Vec<Point> {
    let point = |line: &str| {
        let mut parts = line.split(',');
        let (metric, iteration, value) = (parts.next()?, parts.next()?, parts.next()?);
        let (iteration, value) = (iteration.parse().ok()?, value.parse().ok()?);
        parts.next().is_none().then_some(Point { metric: metric.to_owned(), iteration, value })
    };
    text.lines().filter_map(point).collect()
}

/// The step in a name such as `model_ep2_it218.pth`.
#[must_use]
pub fn step_of(name: &str) -> Option<Step> {
    let (epochs, iterations) =
        name.strip_prefix("model_ep")?.strip_suffix(".pth")?.split_once("_it")?;
    Some(Step { epochs: epochs.parse().ok()?, iterations: iterations.parse().ok()? })
}

/// How many iterations an epoch has, as a log says whose last point is that of the last step.
#[must_use]
pub fn iterations_per_epoch(points: &[Point], last: Step) -> Option<u64> {
    let end = points.iter().map(|point| point.iteration).max()?;
    let whole = end.checked_sub(last.iterations)?;
    (last.epochs > 0 && whole.is_multiple_of(last.epochs)).then(|| whole / last.epochs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn official_logs_are_read() {
        let text = "Dataset Hyperparameters\n    * dataset_name => cifar10\nPretraining Training Hyperparameters\n    * training_steps => 3it";
        let hparams = Hparams::parse(text);
        assert_eq!(hparams.value("Dataset", "dataset_name"), Some("cifar10"));
        assert_eq!(hparams.value("Pretraining Training", "training_steps"), Some("3it"));
        assert_eq!(hparams.value("Model", "model_name"), None);
        let points = points("test_loss,3,2.5\ntest_accuracy,16,0.25\ntorn,1");
        assert_eq!(points.len(), 2);
        assert_eq!(iterations_per_epoch(&points, Step::epochs(2)), Some(8));
        assert_eq!(iterations_per_epoch(&points, Step::iterations(3)), None);
    }

    #[test]
    fn names_of_files_tell_steps() {
        for (name, step) in [
            ("model_ep2_it218.pth", Some(Step { epochs: 2, iterations: 218 })),
            ("model_ep0_it0.pth", Some(Step::iterations(0))),
            ("model_ep2_it.pth", None),
            ("mask.pth", None),
        ] {
            assert_eq!(step_of(name), step, "{name}");
        }
    }
}
