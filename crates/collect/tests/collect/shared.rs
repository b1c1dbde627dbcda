//! The data that sessions of this project share, where it is present.

use std::path::{Path, PathBuf};

/// Returns a path below the shared data, or `None` (after saying so) where that is absent.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the shared data is")]
pub fn data(path: &str) -> Option<PathBuf> {
    let told = std::env::var("SONDER_SHARED").ok().map(PathBuf::from);
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared"));
    let found = told.into_iter().chain(near).map(|root| root.join("data").join(path)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: no shared data `{path}`");
    }
    found
}

/// A file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
