//! Downloads from files that stand for servers: what is kept, and what a second try goes on from.

use super::*;

/// SHA-256 of `abc`.
const SUM: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// What lies where before and after.
struct Case {
    served: Option<&'static str>,
    partial: Option<&'static str>,
    there: Option<&'static str>,
}

const NOTHING: Case = Case { served: None, partial: None, there: None };

fn check(case: &Case, words: &str, kept: Option<&str>) {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("served");
    let target = dir.path().join("cifar10/file");
    let partial = dir.path().join("cifar10/file.partial");
    fs::create_dir(dir.path().join("cifar10")).unwrap();
    for (path, text) in [(&source, case.served), (&partial, case.partial), (&target, case.there)] {
        if let Some(text) = text {
            fs::write(path, text).unwrap();
        }
    }
    let file = Published {
        place: "cifar10/file".to_owned(),
        urls: vec![
            format!("file://{}.elsewhere", source.display()),
            format!("file://{}", source.display()),
        ],
        sum: SUM,
        sum_of: SumOf::File,
    };
    let got = get(Name::Cifar10, &file, dir.path(), &mut |_, _| ());
    let said = got.err().map_or_else(String::new, |error| error.to_string());
    assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{said}");
    assert_eq!(fs::read_to_string(&target).ok().as_deref(), kept);
    let left = fs::read_to_string(&partial).unwrap_or_default();
    let wanted = if case.served.is_none() { case.partial.unwrap_or_default() } else { "" };
    assert!(left == wanted || kept == Some("abc"), "`{left}` is left half-fetched");
}

fn has_curl() -> bool {
    Command::new("curl").arg("--version").output().is_ok()
}

#[test]
fn a_file_is_kept_only_with_the_published_sum() {
    if !has_curl() {
        return;
    }
    check(&Case { served: Some("abc"), ..NOTHING }, "", Some("abc"));
    check(&Case { served: Some("abc"), there: Some("abd"), ..NOTHING }, "", Some("abc"));
    check(&Case { there: Some("abc"), ..NOTHING }, "", Some("abc"));
    check(&Case { served: Some("abd"), ..NOTHING }, "get it elsewhere and put it at", None);
    check(&NOTHING, "could not be downloaded (curl: (37)", None);
    let old = Case { served: Some("abd"), there: Some("old"), ..NOTHING };
    check(&old, "could not be downloaded", Some("old"));
}

#[test]
fn a_second_try_goes_on_from_what_came_or_starts_anew() {
    if !has_curl() {
        return;
    }
    for partial in ["a", "ab", "abc", "xy", "much longer than it"] {
        check(&Case { served: Some("abc"), partial: Some(partial), ..NOTHING }, "", Some("abc"));
    }
    check(&Case { partial: Some("abc"), ..NOTHING }, "", Some("abc"));
    check(&Case { partial: Some("ab"), ..NOTHING }, "ask again to go on from what came", None);
    check(&Case { served: Some("abd"), partial: Some("ab"), ..NOTHING }, "could not be", None);
}

#[test]
fn two_processes_never_write_to_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let partial = dir.path().join("partial");
    let _first = reserve(&partial).unwrap();
    let said = reserve(&partial).unwrap_err().to_string();
    assert!(said.contains("is being downloaded by another process"), "{said}");
}

#[test]
fn everything_can_be_carried_over_by_hand() {
    let files = by_hand(Name::Mnist, Path::new("data"));
    assert_eq!(files.len(), 4);
    assert_eq!(files[0].1, Path::new("data/mnist/train-images-idx3-ubyte.gz"));
    assert!(by_hand(Name::Digits, Path::new("data")).is_empty());
    for name in Name::ALL.into_iter().filter(|name| ![Name::Digits, Name::Imagenet].contains(name))
    {
        assert!(!by_hand(name, Path::new("data")).is_empty(), "{name}");
    }
}
