//! The layers, and what every file of the checkout promises: `src/README.md` says why.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const TORCH: &[&str] = &["tch::", "torch_sys::", "elth_shim::", "elth_worker::"];
const TERMINAL: &[&str] = &["ratatui::", "crossterm::", "elth_tui::"];
const ASYNC: &[&str] = &["tokio::", "futures::", "async", ".await"];

/// Folders and files with what their code must never name.
const LAYERS: &[(&[&str], &[&[&str]])] = &[
    (
        &["src/core/"],
        &[
            TORCH,
            TERMINAL,
            ASYNC,
            &["elth_store::", "clap::", "fs::", "env::", "io::", "net::", "process::", "thread::"],
            &["Instant", "SystemTime", "thread_rng", "from_entropy", "from_os_rng", "println!"],
            &["eprintln!", "env!", "static mut", "Mutex", "RefCell"],
        ],
    ),
    (
        &["src/unpack/"],
        &[
            TORCH,
            TERMINAL,
            ASYNC,
            &[
                "elth_core::",
                "elth_store::",
                "clap::",
                "fs::",
                "env::",
                "net::",
                "process::",
                "thread::",
            ],
        ],
    ),
    (&["src/store/"], &[TORCH, TERMINAL, ASYNC, &["clap::"]]),
    (&["src/tui/"], &[TORCH, &["clap::"]]),
    (
        &["src/tui/model", "src/tui/message", "src/tui/effect", "src/tui/update"],
        &[ASYNC, &["ratatui::widgets", "Frame", "perform::", "view::", "fs::", "process::"]],
    ),
    (
        &[
            "src/tui/view",
            "src/tui/widgets",
            "src/tui/layout",
            "src/tui/screens",
            "src/tui/overlays",
        ],
        &[ASYNC, &["&mut Model", "perform::", "fs::", "process::", "thread::"]],
    ),
    (&["src/worker/"], &[TERMINAL, ASYNC]),
    (&["src/shim/"], &[TERMINAL, ASYNC, &["elth_core::", "elth_store::"]]),
    (&["src/cli/", "src/main.rs"], &[TORCH]),
];

/// Where `serde` may be named in the core: what goes to disk, nothing else.
const SERIALISED: &[&str] = &["src/core/safetensors.rs", "src/core/ticket/"];

/// A file of the checkout with its path from the root.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Lines of code: no comments, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Lines of code before the file's own tests.
    fn product(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut lines = self.code().peekable();
        std::iter::from_fn(move || {
            let (number, line) = lines.next()?;
            // `#[cfg(test)] mod tests { … }` closes a file; `#[cfg(test)] mod name;` names one of its own.
            let tests = line.starts_with("#[cfg(test)]")
                && lines.peek().is_some_and(|(_, next)| next.ends_with('{'));
            (!tests).then_some((number, line))
        })
    }

    /// Files that are compiled for tests alone, as this one declares them.
    fn test_modules(&self) -> Vec<String> {
        let lines: Vec<_> = self.code().map(|(_, line)| line.trim()).collect();
        let behind = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
        let names = behind.filter_map(|pair| pair[1].strip_suffix(';')?.split("mod ").nth(1));
        let folder = match self.path.strip_suffix("lib.rs").or(self.path.strip_suffix("main.rs")) {
            Some(folder) => folder.to_owned(),
            None => format!("{}/", self.path.trim_end_matches(".rs")),
        };
        names.map(|name| format!("{folder}{name}")).collect()
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `src` and `tests`.
fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in ["src", "tests"] {
        walk(&root().join(folder), &mut paths);
    }
    let rust = paths.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    let sources = rust.map(|path| Source {
        text: fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned(),
    });
    sources.collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, paths) } else { paths.push(path) }
    }
}

/// Whether the word stands in the line as a word of its own.
fn names(line: &str, word: &str) -> bool {
    let inside = |letter: Option<char>| letter.is_some_and(|l| l.is_alphanumeric() || l == '_');
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line[..at].chars().last(), line[at + word.len()..].chars().next());
        let glued_before = word.starts_with(char::is_alphanumeric) && inside(before);
        let glued_after = word.ends_with(char::is_alphanumeric) && inside(after);
        !glued_before && !glued_after
    })
}

fn check(rule: &str, offenders: impl IntoIterator<Item = String>) {
    let offenders: Vec<_> = offenders.into_iter().collect();
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

/// Places where one of the words stands in code, of tests too or of the product only.
fn naming<'a>(sources: impl Iterator<Item = &'a Source>, words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources.filter(|source| source.path != "tests/architecture.rs") {
        for (number, line) in source.code() {
            if let Some(word) = words.iter().find(|word| names(line, word)) {
                places.push(format!("{}:{number} names `{word}`", source.path));
            }
        }
    }
    places
}

#[test]
fn every_layer_knows_only_what_it_may() {
    let sources = sources();
    let mut offenders = Vec::new();
    for (places, words) in LAYERS {
        let here = || sources.iter().filter(|source| source.is_in(places));
        offenders.extend(naming(here(), &words.concat()));
    }
    check("a layer names what it must not know", offenders);
}

#[test]
fn the_core_serialises_only_what_goes_to_disk() {
    let sources = sources();
    let core = sources.iter().filter(|source| source.is_in(&["src/core/"]));
    let elsewhere = core.filter(|source| !source.is_in(SERIALISED));
    check("serde outside the file formats", naming(elsewhere, &["serde", "serde_json"]));
}

#[test]
fn elth_links_no_torch() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "elth", "--offline", "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let packages = String::from_utf8(tree.stdout).unwrap();
    let torch = ["tch", "torch-sys", "elth-shim", "elth-worker"];
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    assert!(packages.lines().any(|line| name(line) == "elth-core"), "{packages}");
    let found = packages.lines().map(name).filter(|name| torch.contains(&name.as_str()));
    check("elth depends on torch", found);
}

#[test]
fn every_file_says_first_what_it_is_and_ends_before_line_400() {
    let mut offenders = Vec::new();
    for source in sources() {
        let first = source.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.len() < 12 {
            offenders.push(format!("{} does not open with `//! ` and what it is", source.path));
        }
        let lines = source.text.lines().count();
        if lines > 400 {
            offenders.push(format!("{} has {lines} lines", source.path));
        }
    }
    check("a file's first line and length", offenders);
}

#[test]
fn files_are_named_for_what_they_hold() {
    let vague = ["mod", "utils", "util", "common", "misc", "helpers"];
    let stem = |source: &Source| Path::new(&source.path).file_stem().unwrap().to_owned();
    let named = |source: &Source| vague.iter().any(|name| stem(source) == *name);
    check("a vague name", sources().into_iter().filter(named).map(|source| source.path));
}

#[test]
fn the_product_never_unwraps() {
    let (sources, mut offenders) = (sources(), Vec::new());
    let tests: Vec<_> = sources.iter().flat_map(Source::test_modules).collect();
    let is_test = |source: &&Source| {
        source.is_in(&["tests/"])
            || source.path.contains("/tests/")
            || tests.iter().any(|test| source.path.starts_with(test))
    };
    for source in sources.iter().filter(|source| !is_test(source)) {
        let unwraps = source.product().filter(|(_, line)| line.contains(".unwrap()"));
        offenders.extend(unwraps.map(|(number, _)| format!("{}:{number}", source.path)));
    }
    check("`unwrap` outside tests", offenders);
}

#[test]
fn colours_come_from_themes_alone() {
    let sources = sources();
    // Pictures and tests of real sessions read an emulator's colours; they choose none.
    let places = ["src/tui/theme", "src/xtask/pictures", "tests/workbench"];
    let others = sources.iter().filter(|source| !source.is_in(&places));
    check("a colour outside the themes", naming(others, &["Color::"]));
}

#[test]
fn unsafe_code_lives_in_the_shim_alone() {
    let sources = sources();
    let others = sources.iter().filter(|source| !source.is_in(&["src/shim/"]));
    check("unsafe code outside the shim", naming(others, &["unsafe"]));
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["TODO", "FIXME", "XXX", "todo!", "unimplemented!", "dbg!"];
    let attributes = ["#[ignore", "#[allow(", "#![allow(", "#[should_panic"];
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| source.path != "tests/architecture.rs") {
        for (number, line) in source.text.lines().enumerate() {
            let said = words.iter().find(|word| names(line, word));
            let set = attributes.iter().find(|attribute| line.contains(*attribute));
            if let Some(found) = said.or(set) {
                offenders.push(format!("{}:{} `{found}`", source.path, number + 1));
            }
        }
    }
    check("left for later or silenced", offenders);
}

#[test]
fn the_lower_layers_depend_on_little() {
    let manifest = |member: &str| -> toml::Table {
        let path = root().join("src").join(member).join("Cargo.toml");
        fs::read_to_string(path).unwrap().parse().unwrap()
    };
    for (member, most) in [("core", 5), ("store", 8)] {
        let manifest = manifest(member);
        let found: Vec<_> = manifest["dependencies"].as_table().unwrap().keys().cloned().collect();
        assert!(found.len() <= most, "{member} has {} dependencies: {found:?}", found.len());
    }
    for member in ["core", "unpack", "store", "tui", "worker", "xtask"] {
        let inherited = manifest(member)["lints"]["workspace"].as_bool();
        assert_eq!(inherited, Some(true), "{member} has lints of its own");
    }
}

#[test]
fn the_default_build_needs_no_libtorch() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let members = manifest["workspace"]["default-members"].as_array().unwrap();
    let heavy = |member: &&toml::Value| {
        ["src/worker", "src/shim"].iter().any(|name| member.as_str() == Some(name))
    };
    check("a default member needs libtorch", members.iter().filter(heavy).map(ToString::to_string));
    assert!(members.iter().any(|member| member.as_str() == Some(".")));
}
