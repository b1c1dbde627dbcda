//! What surrounds a test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns a setting of the test run, e.g. `SONDER_KILLS`.
#[expect(clippy::disallowed_methods, reason = "a test run is set by its environment")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns a file or folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns a file or folder of the shared data: below `SONDER_SHARED`, or in a `shared/data` beside a folder above this one.
/// `None`, and a line that says so, where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared"));
    let roots = setting("SONDER_SHARED").map(PathBuf::from).into_iter().chain(beside);
    let places = roots.flat_map(|root| [root.join("data").join(path), root.join(path)]);
    let found = places.into_iter().find(|place| place.exists());
    if found.is_none() {
        eprintln!("skipped: there is no shared data `{path}`");
    }
    found
}

/// Whether a program can be started. A line says so where it cannot.
pub fn has_program(name: &str) -> bool {
    let started = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = started.is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: there is no `{name}`");
    }
    found
}
