//! `.libtorch`: the one place where a checkout's builds look for libtorch.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail};

use super::libtorch::Libtorch;

/// The checkout that this program was built from, if it is still there.
pub fn checkout() -> Option<&'static Path> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    checkout.join("src/worker/Cargo.toml").is_file().then_some(checkout)
}

/// The libtorch that the checkout is linked to, if it can be used.
pub fn current(checkout: &Path) -> Option<Libtorch> {
    Libtorch::read(&place(checkout).join("torch")).ok()
}

/// Points the checkout's link at a folder that holds `torch`, in one step.
pub fn point(checkout: &Path, folder: &Path) -> Result<()> {
    let place = place(checkout);
    if fs::read_link(&place).is_ok_and(|target| target == folder) {
        return Ok(());
    }
    if place.is_dir() && !place.is_symlink() {
        bail!("`{}` is a folder that set-up did not make: move it away", place.display());
    }
    let fresh = checkout.join(format!(".libtorch.{}", process::id()));
    symlink(folder, &fresh)
        .and_then(|()| fs::rename(&fresh, &place))
        .with_context(|| format!("`{}` can't be linked: make it writable", place.display()))
}

fn place(checkout: &Path) -> PathBuf {
    checkout.join(".libtorch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_moves_and_a_folder_in_its_place_is_never_touched() {
        let checkout = tempfile::tempdir().unwrap();
        let place = checkout.path().join(".libtorch");
        for target in ["/one", "/two", "/two"] {
            point(checkout.path(), Path::new(target)).unwrap();
            assert_eq!(fs::read_link(&place).unwrap(), Path::new(target));
        }
        fs::remove_file(&place).unwrap();
        fs::create_dir(&place).unwrap();
        let refused = point(checkout.path(), Path::new("/one")).unwrap_err().to_string();
        assert!(refused.ends_with("set-up did not make: move it away"), "{refused}");
    }
}
