//! An index changes how long a listing takes, never what it says.

use std::{
    fs::{self, File, FileTimes},
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use elth_core::{
    blueprint::Blueprint,
    initialise::initialise,
    schedule::Step,
    ticket::{
        About, Outside, Ticket, full_masks,
        lineage::{Act, Lineage},
    },
    trained::{self, Trained},
};
use tempfile::TempDir;

use super::{Shelf, index::KIND, list, list_indexed};
use crate::{remembered::Place, ticket_file};

/// Enough tickets for an index to be worth its while.
const MANY: u32 = 40;

struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A folder of tickets that have rested for a minute, with trained weights and a file that is neither among them.
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(desk.tickets()).unwrap();
        for level in 0..MANY {
            desk.write(&format!("ticket-{level}"), &ticket(level));
        }
        let blueprint = Blueprint::new("mnist_lenet_3_2", None, None).unwrap();
        let weights = initialise(&blueprint, 1);
        let (dataset, data_digest, step, test_accuracy, ticket) = (None, None, None, None, None);
        let trained =
            Trained { blueprint, dataset, data_digest, step, test_accuracy, ticket, weights };
        fs::write(desk.file("trained"), trained::encode(&trained)).unwrap();
        fs::write(desk.file("torn"), "half a ticket").unwrap();
        for file in fs::read_dir(desk.tickets()).unwrap() {
            rest(&file.unwrap().path());
        }
        desk
    }

    fn tickets(&self) -> PathBuf {
        self.folder.path().join("tickets")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.tickets().join(format!("{name}.safetensors"))
    }

    fn write(&self, name: &str, ticket: &Ticket) {
        ticket_file::write(&self.file(name), ticket).unwrap();
    }

    fn place(&self) -> Place {
        place(&self.folder.path().join("cache"))
    }

    /// Lists with the index, tells it the news, and compares with a listing that has none; says whether there were news.
    #[track_caller]
    fn check(&self) -> bool {
        self.check_at(&self.place())
    }

    #[track_caller]
    fn check_at(&self, place: &Place) -> bool {
        let (listed, news) = list_indexed(&[self.tickets()], place);
        let is_news = news.is_some();
        // One that cannot be written is done without.
        let _ = news.map(|news| news.tell(place));
        same(&listed, &list(&[self.tickets()]));
        is_news
    }

    /// An index that knows everything.
    fn indexed() -> Self {
        let desk = Self::new();
        // The kernel's own clock says when a file changed, and nobody can set that back.
        thread::sleep(Duration::from_millis(2_100));
        assert!(desk.check(), "nothing was known yet");
        assert!(!desk.check(), "everything is known");
        desk
    }
}

fn place(folder: &Path) -> Place {
    Place { folder: folder.to_owned(), home: "home".to_owned(), build: "1".to_owned() }
}

#[track_caller]
fn same(one: &Shelf, other: &Shelf) {
    let reasons = |shelf: &Shelf| -> Vec<String> {
        shelf.unreadable.iter().map(ToString::to_string).collect()
    };
    assert_eq!((&one.tickets, reasons(one)), (&other.tickets, reasons(other)));
}

/// Sets a file's times back by a minute.
fn rest(path: &Path) {
    let then = SystemTime::now() - Duration::from_mins(1);
    let file = File::options().write(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(then)).unwrap();
}

fn ticket(level: u32) -> Ticket {
    let blueprint = Blueprint::new("mnist_lenet_3_2", None, None).unwrap();
    let weights = initialise(&blueprint, level.into());
    let act = Act::new("imp").with("levels", level.to_string()).with("näme", "\"a\\b\"\n");
    let about = About {
        dataset: level.is_multiple_of(2).then(|| "mnist \"odd\"".to_owned()),
        data_digest: None,
        level: (!level.is_multiple_of(3)).then_some(level),
        rewind: (!level.is_multiple_of(4)).then(|| Step::iterations(u64::from(level))),
        outside: if level.is_multiple_of(5) { Outside::Masked } else { Outside::Dense },
        lineage: Lineage::new(vec![act; level as usize % 3]),
        blueprint: blueprint.clone().into(),
    };
    Ticket::assemble(about, weights, full_masks(&blueprint)).unwrap()
}

#[test]
fn a_listing_is_the_same_with_an_index_as_without() {
    let desk = Desk::indexed();
    let (shelf, _) = list_indexed(&[desk.tickets()], &desk.place());
    assert_eq!((shelf.tickets.len(), shelf.unreadable.len()), (MANY as usize, 1));
}

#[test]
fn a_file_that_is_new_or_gone_or_another_is_read_again() {
    let desk = Desk::indexed();
    let changes: [(&str, &dyn Fn()); 5] = [
        ("replaced", &|| desk.write("ticket-3", &ticket(30))),
        ("gone", &|| fs::remove_file(desk.file("ticket-4")).unwrap()),
        ("moved", &|| fs::rename(desk.file("ticket-5"), desk.file("moved")).unwrap()),
        ("copied", &|| assert!(fs::copy(desk.file("ticket-6"), desk.file("ticket-7")).is_ok())),
        ("damaged", &|| fs::write(desk.file("ticket-8"), "").unwrap()),
    ];
    for (what, change) in changes {
        change();
        desk.check();
        let (shelf, _) = list_indexed(&[desk.tickets()], &desk.place());
        assert_eq!(shelf.tickets, list(&[desk.tickets()]).tickets, "{what}");
    }
}

#[test]
fn a_file_of_the_same_size_and_modification_time_is_read_again() {
    let desk = Desk::indexed();
    let path = desk.file("ticket-1");
    let (before, modified) =
        (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    // In place, so that the inode stays too.
    let text = b"\\\"levels\\\":\\\"1\\\"";
    let at = before.windows(text.len()).position(|part| part == text).unwrap();
    let mut changed = before.clone();
    changed[at + text.len() - 3] = b'9';
    fs::write(&path, &changed).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_times(FileTimes::new().set_modified(modified)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
    desk.check();
}

#[test]
fn a_file_that_has_just_been_written_is_not_noted() {
    let desk = Desk::indexed();
    desk.write("ticket-2", &ticket(20));
    // Known is all but the young one: so the index is written once without it, and is no news any more.
    assert!(desk.check());
    assert!(!desk.check());
    let text = fs::read_to_string(desk.place().file(KIND)).unwrap();
    assert!(!text.contains("ticket-2.") && text.contains("ticket-3."));
}

#[test]
fn an_index_that_is_torn_or_foreign_or_old_knows_nothing() {
    let desk = Desk::indexed();
    let path = desk.place().file(KIND);
    let whole = fs::read_to_string(&path).unwrap();
    let cases = [
        String::new(),
        "{}".to_owned(),
        whole[..whole.len() / 2].to_owned(),
        whole[..whole.len() - 1].to_owned(),
        whole.replacen("index 2", "index 1", 1),
        whole.replacen("ticket-1", "ticket-9", 1),
        whole.replacen("\"level\":7", "\"level\":8", 1),
        format!("{whole}\n"),
    ];
    for case in cases {
        fs::write(&path, &case).unwrap();
        assert!(desk.check(), "{}", &case[..case.len().min(60)]);
        assert_eq!(fs::read_to_string(&path).unwrap(), whole, "written anew");
    }
    fs::write(&path, [0xFF, 0xFE]).unwrap();
    assert!(desk.check());
    let other = Place { build: "2".to_owned(), ..desk.place() };
    assert!(desk.check_at(&other), "another build reads for itself");
}

#[test]
fn where_no_index_can_be_written_the_listing_is_the_same() {
    let desk = Desk::new();
    let file = desk.folder.path().join("file");
    fs::write(&file, "").unwrap();
    for folder in [file, PathBuf::from("/proc/no")] {
        let place = place(&folder);
        desk.check_at(&place);
        desk.check_at(&place);
    }
}

#[test]
fn few_tickets_need_no_index() {
    let desk = Desk::indexed();
    fs::remove_file(desk.place().file(KIND)).unwrap();
    for level in 0..MANY - 3 {
        fs::remove_file(desk.file(&format!("ticket-{level}"))).unwrap();
    }
    assert!(!desk.check());
}

#[test]
fn several_at_once_write_a_whole_index() {
    let desk = Desk::indexed();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    // Whoever finds no index, or half of one, writes it.
                    let _ = fs::remove_file(desk.place().file(KIND));
                    desk.check();
                }
            });
        }
    });
    desk.check();
    assert!(!desk.check(), "what is left is whole");
}
