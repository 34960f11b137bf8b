//! PyTorch's own files, of both formats of `torch.save`: what is exported it loads, what it saves is imported bit for bit.
//!
//! Runs where `$ELTH_PYTHON`, or else `python3`, has torch.

use std::{fs, path::Path, process::Command};

use elth_core::ticket::Outside;
use elth_store::openlth::{
    import::{Wishes, import},
    write,
};

use crate::pytorch::{python, ticket};

#[test]
fn pytorch_loads_exports_and_its_old_and_new_files_are_imported_bit_for_bit() {
    let Some(python) = python() else { return };
    let desk = tempfile::tempdir().unwrap();
    let (exported, saved) = (desk.path().join("exported"), desk.path().join("saved"));
    fs::create_dir(&exported).unwrap();
    let ticket = ticket(Outside::Masked);
    for (name, bytes) in write::files(&ticket, 128) {
        fs::write(exported.join(name), bytes).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pytorch/pth.py");
    let loaded = Command::new(&python).arg(script).args([&exported, &saved]).output().unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let said = String::from_utf8(loaded.stdout).unwrap();
    let masks = format!("mask.pth OrderedDict {} {}", ticket.masks().len(), ticket.count().kept);
    let plain = said.contains(&masks.replace("OrderedDict", "dict"));
    assert!(said.contains(&masks) || plain, "{said}");
    let model = Some(ticket.blueprint().name.clone());
    let wishes = Wishes { model, ..Wishes::default() };
    for folder in ["zip", "old", "zip-views", "old-views"] {
        let out = desk.path().join(format!("made-{folder}"));
        let made = import(&[saved.join(folder)], &wishes, &out).unwrap();
        let [made] = made.tickets.as_slice() else { panic!("{folder}: {:?}", made.skipped) };
        assert_eq!(made.ticket.masks(), ticket.masks(), "{folder}");
        assert_eq!(made.ticket.weights(), ticket.weights(), "{folder}");
    }
    for file in ["half-zip.pth", "half-old.pth"] {
        let said = import(&[saved.join(file)], &wishes, &desk.path().join("none")).unwrap_err();
        assert!(said.to_string().contains("as half precision, not as single precision"), "{said}");
    }
    assert!(!desk.path().join("none").exists(), "nothing is written of what is refused");
}
