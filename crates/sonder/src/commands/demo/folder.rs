//! The folder of a demo. It says itself that a demo made it, so that nothing else is ever deleted or gone on with.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use kit::Coded;

/// Stands in every folder that a demo made.
const MARKER: &str = "demo.json";

/// Why a demo does not enter a folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("the folder `{}` was not made by a demo (it has no `{MARKER}`); name one that is empty, or that is not there yet", .0.display())]
    Foreign(PathBuf),
    #[error("the folder `{}` is open in another process", .0.display())]
    InUse(PathBuf),
    #[error("the folder `{}` cannot be used: {}", .0.display(), .1)]
    Unusable(PathBuf, #[source] io::Error),
}

impl Coded for FolderError {
    fn code(&self) -> &'static str {
        match self {
            Self::Foreign(_) => "demo_folder_foreign",
            Self::InUse(_) => "data_folder_locked",
            Self::Unusable(..) => "data_folder_unusable",
        }
    }
}

/// Makes a demo's folder, or finds it as an earlier demo left it; with `afresh` that one is deleted first. Returns whether there is a house in it.
pub fn enter(dir: &Path, afresh: bool) -> Result<bool, FolderError> {
    let unusable = |error| FolderError::Unusable(dir.to_owned(), error);
    if !is_empty(dir).map_err(unusable)? {
        if !dir.join(MARKER).is_file() {
            return Err(FolderError::Foreign(dir.to_owned()));
        }
        if !afresh {
            return Ok(dir.join("state").exists());
        }
        clear(dir)?;
    }
    fs::create_dir_all(dir).map_err(unusable)?;
    fs::write(dir.join(MARKER), "{\"made_by\":\"sonder demo\"}\n").map_err(unusable)?;
    Ok(false)
}

/// Deletes what is in the folder, the marker last: whatever stops this, the next demo may go on.
fn clear(dir: &Path) -> Result<(), FolderError> {
    let _lock = lock(dir)?;
    let unusable = |error| FolderError::Unusable(dir.to_owned(), error);
    for entry in fs::read_dir(dir).map_err(unusable)? {
        let path = entry.map_err(unusable)?.path();
        if path.file_name().is_none_or(|name| name != MARKER) {
            remove(&path).map_err(unusable)?;
        }
    }
    Ok(())
}

/// Takes the lock of the journal in the folder, which every process that has the folder open holds.
fn lock(dir: &Path) -> Result<Option<File>, FolderError> {
    let unusable = |error| FolderError::Unusable(dir.to_owned(), error);
    let file = match File::open(dir.join("journal").join("lock")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let is_dir = fs::symlink_metadata(path)?.is_dir();
    if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn is_empty(dir: &Path) -> io::Result<bool> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(outcome: Result<bool, FolderError>) -> &'static str {
        outcome.expect_err("is refused").code()
    }

    #[test]
    fn a_folder_that_no_demo_made_is_left_alone() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let letters = dir.path().join("letters.txt");
        fs::write(&letters, "dear").expect("a file");
        assert_eq!(code(enter(dir.path(), true)), "demo_folder_foreign");
        assert_eq!(code(enter(dir.path(), false)), "demo_folder_foreign");
        assert_eq!(fs::read_to_string(&letters).expect("still there"), "dear");
    }

    #[test]
    fn a_demo_is_gone_on_with_or_deleted_as_asked() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let demo = dir.path().join("new").join("demo");
        assert!(!enter(&demo, true).expect("is made"));
        fs::create_dir_all(demo.join("state")).expect("a folder");
        fs::write(demo.join("address"), "x").expect("a file");
        assert!(enter(&demo, false).expect("is found"));
        assert!(!enter(&demo, true).expect("is made anew"));
        assert!(!demo.join("state").exists() && !demo.join("address").exists());
        assert!(demo.join(MARKER).is_file());
    }

    #[test]
    fn a_demo_that_is_open_is_not_deleted() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        enter(dir.path(), false).expect("is made");
        fs::create_dir_all(dir.path().join("journal")).expect("a folder");
        let held = File::create(dir.path().join("journal").join("lock")).expect("a file");
        held.try_lock().expect("is free");
        assert_eq!(code(enter(dir.path(), true)), "data_folder_locked");
        drop(held);
        assert!(!enter(dir.path(), true).expect("is free again"));
    }
}
