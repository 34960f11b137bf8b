//! Every command explains itself with an example.

use crate::given::Desk;

#[test]
fn every_command_has_an_example_of_itself() {
    let desk = Desk::new();
    let help = desk.elth("--help");
    help.is_done();
    assert!(help.out.contains("Example"), "{}", help.out);
    let commands = help.out.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let names: Vec<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"transform"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let help = desk.elth(&format!("{name} --help"));
        help.is_done();
        let example = help.out.find("Example").map(|at| &help.out[at..]);
        let itself = format!("elth {name}");
        assert!(example.is_some_and(|text| text.contains(&itself)), "{name}: {}", help.out);
    }
}

#[test]
fn the_version_is_one_line() {
    let answer = Desk::new().elth("--version");
    answer.is_done();
    assert_eq!(answer.out, format!("elth {}\n", env!("CARGO_PKG_VERSION")));
}
