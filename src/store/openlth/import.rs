//! Official files become tickets and trained weights: what each folder holds, and what was left out and why.

mod assemble;

use std::{
    io,
    path::{Path, PathBuf},
};

use elth_core::{schedule::Step, ticket::Ticket, trained::Trained};

use crate::{
    atomic::{self, CannotWrite},
    openlth::{
        log,
        pth::CannotRead,
        tree::{self, Folder, Place, Skipped},
    },
    ticket_file,
};
pub use assemble::CannotAssemble;

/// What whoever imports knows of the files.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The model, where it is named.
    pub model: Option<String>,
    /// Classes, where they are named.
    pub classes: Option<usize>,
    /// Whether files that are there may be replaced.
    pub replace: bool,
}

/// A ticket that was made.
#[derive(Debug, Clone)]
pub struct MadeTicket {
    /// The file.
    pub output: PathBuf,
    /// What it holds.
    pub ticket: Ticket,
    /// The folder it was made of.
    pub source: PathBuf,
}

/// A file of weights that was made.
#[derive(Debug, Clone)]
pub struct MadeWeights {
    /// The file.
    pub output: PathBuf,
    /// The model.
    pub model: String,
    /// Iterations behind the weights, where files tell.
    pub step: Option<u64>,
    /// The official file.
    pub source: PathBuf,
}

/// A log that was taken over.
#[derive(Debug, Clone)]
pub struct MadeCurves {
    /// The file: lines of metric, step and value.
    pub output: PathBuf,
    /// The `logger`.
    pub source: PathBuf,
}

/// Everything that an import did.
#[derive(Debug, Default)]
pub struct Report {
    /// Tickets.
    pub tickets: Vec<MadeTicket>,
    /// Weights.
    pub weights: Vec<MadeWeights>,
    /// Logs.
    pub curves: Vec<MadeCurves>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
}

/// Why nothing can be imported.
#[derive(Debug, thiserror::Error)]
pub enum CannotImport {
    /// There is nothing there.
    #[error("`{}` cannot be read: {error}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file that was named cannot be taken.
    #[error("`{}` {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Something is there already.
    #[error("`{}` is there already: choose another folder, or `--force`", .0.display())]
    There(PathBuf),
    /// Nothing can be written.
    #[error(transparent)]
    Write(#[from] CannotWrite),
}

/// Imports files, level folders and whole trees into a folder, which is made where it is missing.
///
/// # Errors
/// When a path that was named cannot be read or taken, or nothing can be written; what a tree holds besides is skipped.
pub fn import(paths: &[PathBuf], wishes: &Wishes, out: &Path) -> Result<Report, CannotImport> {
    let mut importer = Importer { wishes, out, report: Report::default() };
    for path in paths {
        let unreadable = |error| CannotImport::Path { path: path.clone(), error };
        let whole = path.canonicalize().map_err(unreadable)?;
        if whole.is_dir() {
            for folder in tree::folders(&whole, &mut importer.report.skipped) {
                importer.folder(&folder)?;
            }
        } else {
            importer.file(path, &whole)?;
        }
    }
    Ok(importer.report)
}

struct Importer<'a> {
    wishes: &'a Wishes,
    out: &'a Path,
    report: Report,
}

impl Importer<'_> {
    /// A file that was named: a mask with the weights beside it, or weights alone.
    fn file(&mut self, named: &Path, path: &Path) -> Result<(), CannotImport> {
        let refuse = |reason: String| CannotImport::File { path: named.to_owned(), reason };
        let parent = path.parent().unwrap_or(path);
        if path.file_name().is_some_and(|name| name == "mask.pth") {
            let mut skipped = Vec::new();
            let folders = tree::folders(parent, &mut skipped);
            let folder = folders.iter().find(|folder| folder.path == parent);
            let Some(folder) = folder.filter(|folder| !folder.models.is_empty()) else {
                return Err(refuse(
                    "is a mask without weights beside it: name its folder".to_owned(),
                ));
            };
            let ticket = assemble::ticket(folder, self.wishes);
            let ticket = ticket.map_err(|error| refuse(error.to_string()))?;
            return self.keep_ticket(folder, ticket);
        }
        let trained = assemble::trained(path, None, self.wishes);
        let trained = trained.map_err(|error| refuse(error.to_string()))?;
        self.keep_weights(path, &Self::stem(parent, path), &trained)
    }

    fn folder(&mut self, folder: &Folder) -> Result<(), CannotImport> {
        for path in &folder.others {
            let name = path.file_name().unwrap_or_default();
            self.skip(path, match name.to_string_lossy().as_ref() {
                "checkpoint.pth" => "is a checkpoint of a training under way; its start and end are taken",
                _ => "is neither a mask nor `model_ep…_it….pth`: name it alone if it holds weights",
            });
        }
        let mut ticket = None;
        match &folder.mask {
            Some(mask) if folder.models.is_empty() => self.skip(mask, "has no weights beside it"),
            Some(mask) => match assemble::ticket(folder, self.wishes) {
                Ok(made) => {
                    ticket = Some(made.digest());
                    self.keep_ticket(folder, made)?;
                }
                Err(error) => self.skip(mask, &error.to_string()),
            },
            None => {}
        }
        // The start lies in the ticket.
        let rest = if ticket.is_some() { &folder.models[1..] } else { &folder.models[..] };
        for (_, path) in rest {
            match assemble::trained(path, Some(folder), self.wishes) {
                Ok(trained) => {
                    let trained = Trained { ticket, ..trained };
                    self.keep_weights(path, &Self::stem(&folder.path, path), &trained)?;
                }
                Err(error) => self.skip(path, &error.to_string()),
            }
        }
        self.keep_curves(folder)
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.report.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_owned() });
    }

    /// What a file is called after its place in the tree, and after itself where its place says nothing.
    fn stem(folder: &Path, file: &Path) -> String {
        let own = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let own = own.strip_prefix("model_").unwrap_or(&own).to_owned();
        match Place::of(folder).name() {
            Some(place) => format!("{place}.{own}"),
            None => own,
        }
    }

    fn keep_ticket(&mut self, folder: &Folder, ticket: Ticket) -> Result<(), CannotImport> {
        let place = Place::of(&folder.path).name();
        let stem = place.unwrap_or_else(|| ticket.blueprint().name.clone());
        let output = self.output(&stem, "safetensors")?;
        ticket_file::write(&output, &ticket)?;
        self.report.tickets.push(MadeTicket { output, ticket, source: folder.path.clone() });
        Ok(())
    }

    fn keep_weights(
        &mut self,
        source: &Path,
        stem: &str,
        trained: &Trained,
    ) -> Result<(), CannotImport> {
        let output = self.output(&format!("{stem}.trained"), "safetensors")?;
        ticket_file::write_trained(&output, trained)?;
        let (model, iterations) = (trained.blueprint.name.clone(), trained.step);
        self.report.weights.push(MadeWeights {
            output,
            model,
            step: iterations,
            source: source.to_owned(),
        });
        Ok(())
    }

    fn keep_curves(&mut self, folder: &Folder) -> Result<(), CannotImport> {
        let source = folder.path.join("logger");
        let points = tree::small_text(&source).map(|text| log::points(&text)).unwrap_or_default();
        if points.is_empty() {
            return Ok(());
        }
        let stem = Place::of(&folder.path).name().unwrap_or_else(|| "logger".to_owned());
        let lines = points.iter().map(|point| {
            format!(
                "{},{},{}\n",
                elth_core::quote::quote(&point.metric),
                point.iteration,
                point.value
            )
        });
        let text =
            std::iter::once("metric,step,value\n".to_owned()).chain(lines).collect::<String>();
        let output = self.output(&stem, "csv")?;
        atomic::replace(&output, text.as_bytes())?;
        self.report.curves.push(MadeCurves { output, source });
        Ok(())
    }

    /// A file of the output folder that is not there yet; names come from folders, so only plain letters stay.
    fn output(&self, stem: &str, end: &str) -> Result<PathBuf, CannotImport> {
        atomic::create_folder(self.out)?;
        let plain = |letter: char| {
            if letter.is_ascii_alphanumeric() || "_-.".contains(letter) { letter } else { '_' }
        };
        let stem: String = stem.chars().map(plain).collect();
        let stem = stem.trim_start_matches('.');
        let names = std::iter::once(format!("{stem}.{end}"))
            .chain((2..).map(|number| format!("{stem}-{number}.{end}")));
        let mine = |path: &PathBuf| {
            let report = &self.report;
            report.tickets.iter().any(|made| made.output == *path)
                || report.weights.iter().any(|made| made.output == *path)
                || report.curves.iter().any(|made| made.output == *path)
        };
        let path = names.map(|name| self.out.join(name)).find(|path| !mine(path));
        let path = path.expect("there is always a further number");
        if path.symlink_metadata().is_ok() && !self.wishes.replace {
            return Err(CannotImport::There(path));
        }
        Ok(path)
    }
}

/// The step as the official hyper-parameters wrote it, where the file's name says the same one.
fn rewind(hparams: &log::Hparams, named: Step, per_epoch: Option<u64>) -> Step {
    let said = hparams.value("Pretraining Training", "training_steps");
    let said = said.and_then(|text| Step::parse(text).ok());
    let same =
        |step: &Step| *step == named || per_epoch.is_some_and(|per| step.at(per) == named.at(per));
    said.filter(same).unwrap_or(named)
}

impl From<CannotRead> for CannotAssemble {
    fn from(error: CannotRead) -> Self {
        Self::Read(error.to_string())
    }
}

#[cfg(test)]
mod official;
#[cfg(test)]
mod tests;
