//! The page of the paper's experiments, `tests/experiments.md`, read as it would be run: by the shell, then by this parser.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

use clap::{CommandFactory as _, Parser as _};
use elth_core::{
    blueprint::Blueprint,
    reshape::{
        strategy::{Strategy, Units, plan},
        width::is_other_width,
    },
    unit_map::UnitMap,
};

use crate::cli::Cli;

const PAGE: &str = include_str!("../../tests/experiments.md");

/// A command that the page names before it is there; from then on it is read as all others are.
const AWAITED: &str = "lmc";

/// The page's commands as one script, one line each.
fn script() -> String {
    let blocks = PAGE.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.collect::<String>().replace("\\\n", " ")
}

/// A shell that carries nothing out, but knows what there would be.
#[derive(Debug, Default)]
struct Shell {
    variables: BTreeMap<String, String>,
    /// Models of the tickets that were made, by file or by run.
    models: BTreeMap<String, String>,
    searches: usize,
    commands: usize,
}

impl Shell {
    fn run(&mut self, lines: &[&str]) {
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at].trim();
            at += 1;
            if let Some(head) = line.strip_prefix("for ") {
                let end = at + end_of_loop(&lines[at..]);
                let (name, values) = head.trim_end_matches("; do").split_once(" in ").unwrap();
                for value in self.values(values) {
                    self.variables.insert(name.to_owned(), value);
                    self.run(&lines[at..end]);
                }
                at = end + 1;
            } else if let Some((name, command)) = line.split_once("=$(") {
                self.searches += 1;
                let run = format!("imp-{}", self.searches);
                let words = self.words(command.trim_end_matches(')'));
                self.obey(&words);
                self.models.insert(run.clone(), after(&words, "--model").unwrap().to_owned());
                self.variables.insert(name.to_owned(), run);
            } else if line.starts_with("elth ") {
                let words = self.words(line);
                self.obey(&words);
            } else if let Some((name, value)) = line.split_once('=') {
                self.variables.insert(name.to_owned(), value.to_owned());
            } else {
                assert!(line.is_empty(), "what is `{line}`?");
            }
        }
    }

    /// What a loop goes through.
    fn values(&self, text: &str) -> Vec<String> {
        match text.strip_prefix("$(seq ") {
            Some(numbers) => {
                let (first, last) = numbers.trim_end_matches(')').split_once(' ').unwrap();
                let numbers = first.parse::<u32>().unwrap()..=last.parse().unwrap();
                numbers.map(|number| number.to_string()).collect()
            }
            None => text.split_whitespace().map(|word| self.expanded(word)).collect(),
        }
    }

    fn words(&self, line: &str) -> Vec<String> {
        let quoted = line.split('\'').enumerate().flat_map(|(at, part)| {
            let words: Vec<String> = if at % 2 == 1 {
                vec![part.to_owned()]
            } else {
                part.split_whitespace().map(|word| self.expanded(word)).collect()
            };
            words
        });
        quoted.collect()
    }

    fn expanded(&self, word: &str) -> String {
        let mut parts = word.split('$');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
            let end = part.find(|sign| !is_name(sign)).unwrap_or(part.len());
            let value = self.variables.get(&part[..end]);
            text += value.unwrap_or_else(|| panic!("`{word}`: nothing set ${}", &part[..end]));
            text += &part[end..];
        }
        text
    }

    /// Parses the command, and checks that its ticket was made and that its mapping fits.
    fn obey(&mut self, words: &[String]) {
        self.commands += 1;
        if words[1] == AWAITED && Cli::command().find_subcommand(AWAITED).is_none() {
            return;
        }
        let line = words.join(" ");
        let parsed = Cli::try_parse_from(words);
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        let takes = ["transform", "control", "prune", "train", "lmc"];
        let mut made = None;
        if takes.contains(&words[1].as_str()) {
            let source =
                self.model_of(&words[2]).unwrap_or_else(|| panic!("{line}: no such ticket"));
            made = Some(if words[1] == "transform" { transformed(&source, words) } else { source });
        }
        let own = after(words, "--own").map(|own| self.model_of(own));
        assert!(own.is_none_or(|own| own == made), "{line}: of another model");
        if let (Some(file), Some(model)) = (after(words, "-o"), made) {
            self.models.insert(file.to_owned(), model);
        }
    }

    /// The model of a ticket that was made, or the model of that name.
    fn model_of(&self, ticket: &str) -> Option<String> {
        let run = ticket.split_once("-level_").map_or(ticket, |(run, _)| run);
        let made = self.models.get(run).or_else(|| self.models.get(ticket)).cloned();
        made.or_else(|| Blueprint::new(ticket, None, None).ok().map(|model| model.name))
    }
}

fn end_of_loop(lines: &[&str]) -> usize {
    let mut depth = 1;
    let end = lines.iter().position(|line| {
        let line = line.trim();
        depth += i32::from(line.starts_with("for ")) - i32::from(line == "done");
        depth == 0
    });
    end.expect("every loop ends")
}

/// The word after an option.
fn after<'a>(words: &'a [String], option: &str) -> Option<&'a str> {
    words.windows(2).find(|pair| pair[0] == option).map(|pair| pair[1].as_str())
}

/// The model that a transformation ends with, every hop tried.
fn transformed(source: &str, words: &[String]) -> String {
    let hops = words.windows(2).filter(|pair| pair[0] == "--to").map(|pair| &pair[1]);
    let model = |name: &str| Blueprint::new(name, Some(10), None).unwrap();
    hops.fold(source.to_owned(), |from, to| {
        let (from, to) = (model(&from), model(to));
        let strategy = after(words, "--strategy").map(|name| name.parse::<Strategy>().unwrap());
        let fits = match after(words, "--map") {
            Some(map) => UnitMap::parse(&from, &to, map).map_err(|error| error.to_string()).err(),
            None if is_other_width(&from, &to) => None,
            None => {
                plan(&from, &to, strategy, &Units::All).map_err(|error| error.to_string()).err()
            }
        };
        assert_eq!(fits, None, "{}", words.join(" "));
        to.name
    })
}

#[test]
fn every_command_of_the_papers_experiments_can_be_typed() {
    let mut shell = Shell::default();
    let script = script();
    shell.run(&script.lines().collect::<Vec<_>>());
    assert!(shell.searches > 15 && shell.commands > 500, "{} commands", shell.commands);
    for heading in ["Table 1", "Table 2", "Table 3", "Table 5", "Table 6", "Table 7"] {
        assert!(PAGE.contains(&format!("\n## {heading}")), "{heading}");
    }
    for figure in ["Figure 1", "Figure 3", "Figures 4 and 5", "Figure 6", "Figure 7", "Figure 8"] {
        assert!(PAGE.contains(&format!("\n## {figure}")), "{figure}");
    }
}

#[test]
fn the_page_is_a_script_that_a_shell_reads() {
    let check = Command::new("sh").args(["-n", "-c", &script()]).stdin(Stdio::null()).output();
    let check = check.unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}
