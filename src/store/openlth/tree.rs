//! Where the official code's files lie: folders with weights, and what their paths say of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use elth_core::schedule::Step;

use crate::openlth::{
    branch,
    log::{self, Hparams},
};

/// Folders within folders that are followed: the official trees have six.
const DEEPEST: usize = 16;

/// A folder with files of weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// `mask.pth`, where it is there.
    pub mask: Option<PathBuf>,
    /// `model_ep…_it….pth`, the earliest first.
    pub models: Vec<(Step, PathBuf)>,
    /// Other files named `*.pth`.
    pub others: Vec<PathBuf>,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// What.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// Every folder with weights below a path, in the order of their names; links are not followed.
pub fn folders(root: &Path, skipped: &mut Vec<Skipped>) -> Vec<Folder> {
    let mut found = Vec::new();
    walk(root, 0, &mut found, skipped);
    found
}

/// The folder's files, where it has weights.
#[must_use]
pub fn folder(path: &Path, files: &[PathBuf]) -> Option<Folder> {
    let mut folder =
        Folder { path: path.to_owned(), mask: None, models: Vec::new(), others: Vec::new() };
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match log::step_of(&name) {
            _ if name == "mask.pth" => folder.mask = Some(file.clone()),
            Some(step) => folder.models.push((step, file.clone())),
            None if name.ends_with(".pth") => folder.others.push(file.clone()),
            None => {}
        }
    }
    folder.models.sort_by_key(|(step, _)| (step.epochs, step.iterations));
    let empty = folder.mask.is_none() && folder.models.is_empty() && folder.others.is_empty();
    (!empty).then_some(folder)
}

fn walk(path: &Path, depth: usize, found: &mut Vec<Folder>, skipped: &mut Vec<Skipped>) {
    let mut skip = |path: &Path, reason: &str| {
        skipped.push(Skipped { path: path.to_owned(), reason: reason.to_owned() });
    };
    let entries = match fs::read_dir(path) {
        Ok(entries) if depth < DEEPEST => entries,
        Ok(_) => return skip(path, "lies deeper than any official tree goes"),
        Err(error) => return skip(path, &format!("cannot be read: {error}")),
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let (mut files, mut inner) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => inner.push(entry.path()),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            Ok(kind) if kind.is_symlink() => {
                skip(&entry.path(), "is a link, which could lead out of the tree");
            }
            _ => skip(&entry.path(), "is no file"),
        }
    }
    found.extend(folder(path, &files));
    for path in inner {
        walk(&path, depth + 1, found, skipped);
    }
}

/// What a folder's path says of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// `lottery_SUM` or `train_SUM`.
    pub experiment: Option<String>,
    /// `replicate_R`: the folder itself.
    pub replicate: Option<PathBuf>,
    /// The level it belongs to: its number and its folder.
    pub level: Option<(u32, PathBuf)>,
    /// The branch it is.
    pub branch: Option<branch::Folder>,
    /// What else tells it from its neighbours, such as `level_pretrain` or `seed_118`.
    pub more: Vec<String>,
}

impl Place {
    /// Reads a path from the root on.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let mut place = Self::default();
        let mut at = PathBuf::new();
        for part in path.components() {
            at.push(part);
            let name = part.as_os_str().to_string_lossy();
            let level = name.strip_prefix("level_").and_then(|digits| digits.parse().ok());
            if let Some(branch) = branch::Folder::parse(&name) {
                place.branch = Some(branch);
            } else if let Some(level) = level {
                place.level = Some((level, at.clone()));
            } else if name.starts_with("replicate_") {
                place.replicate = Some(at.clone());
            } else if name.starts_with("lottery_") || name.starts_with("train_") {
                place = Self { experiment: Some(name.into_owned()), ..Self::default() };
            } else if name == "level_pretrain" || place.branch.is_some() {
                place.more.push(name.into_owned());
            }
        }
        place
    }

    /// A name for what is made of the folder: `replicate_1-level_3-change_depth_1d5745ea`.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let replicate = self.replicate.as_ref().and_then(|path| path.file_name());
        let replicate = replicate.map(|name| name.to_string_lossy().into_owned());
        let level = self.level.as_ref().map(|(level, _)| format!("level_{level}"));
        let branch = self.branch.as_ref().map(|it| format!("{}_{}", it.kind, &it.sum[..8]));
        let parts: Vec<String> =
            [replicate, level, branch].into_iter().flatten().chain(self.more.clone()).collect();
        (!parts.is_empty()).then(|| parts.join("-"))
    }

    /// The folder of the dense weights at the rewind step.
    #[must_use]
    pub fn pretrain(&self) -> Option<PathBuf> {
        Some(self.replicate.as_ref()?.join("level_pretrain/main"))
    }
}

/// The hyper-parameters that a folder's tree was made with: its own, or those of level 0.
#[must_use]
pub fn hparams(folder: &Path, place: &Place) -> Hparams {
    let level_0 = place.replicate.as_ref().map(|path| path.join("level_0/main"));
    // A level that was copied without its replicate may have level 0 beside it.
    let beside =
        place.level.as_ref().and_then(|(_, path)| Some(path.parent()?.join("level_0/main")));
    let mut folders = [Some(folder.to_owned()), level_0, beside].into_iter().flatten();
    let text = folders.find_map(|folder| small_text(&folder.join("hparams.log")));
    text.map(|text| Hparams::parse(&text)).unwrap_or_default()
}

/// A text file of no more than 64 MiB, where it is there.
#[must_use]
pub fn small_text(path: &Path) -> Option<String> {
    let about = fs::symlink_metadata(path).ok()?;
    let fits = about.is_file() && about.len() <= 64 << 20;
    if fits { fs::read_to_string(path).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_a_folder_is() {
        let sum = "1d5745ea74fad846836e1b54827a81f6";
        let path =
            format!("/x/lottery_{sum}/replicate_2/level_3/lottery_branch_change_depth_{sum}");
        let place = Place::of(Path::new(&path));
        assert_eq!(place.experiment, Some(format!("lottery_{sum}")));
        assert_eq!(place.level.as_ref().map(|(level, _)| *level), Some(3));
        assert_eq!(place.branch.as_ref().map(|it| it.kind.as_str()), Some("change_depth"));
        assert_eq!(place.name().unwrap(), "replicate_2-level_3-change_depth_1d5745ea");
        let dense = Place::of(Path::new("/x/replicate_2/level_pretrain/main"));
        assert_eq!(dense.name().unwrap(), "replicate_2-level_pretrain");
        assert_eq!(Place::of(Path::new("/x/y")).name(), None);
    }
}
