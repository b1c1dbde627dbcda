//! The files of the house.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold what was made or fetched, not written.
const NOT_OURS: [&str; 8] =
    ["target", "node_modules", ".venv", ".git", "dist", "test-results", "sonder-data", "__pycache__"];

/// A text file and its path from the root, with `/` between names.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The crate that the file is a part of: `crates/lake/src/lib.rs` is of `lake`.
    pub fn krate(&self) -> Option<&str> {
        let mut parts = self.path.split('/');
        match (parts.next(), parts.next()) {
            (Some("crates" | "examples"), Some(name)) => Some(name),
            (Some("xtask"), _) => Some("xtask"),
            _ => None,
        }
    }

    /// Whether it is code that ships: Rust, and no test, example or bench.
    pub fn is_shipped_rust(&self) -> bool {
        let is_test = |part: &str| ["tests", "tests.rs", "benches"].contains(&part);
        self.path.ends_with(".rs") && self.path.contains("/src/") && !self.path.split('/').any(is_test)
    }

    /// Its lines before the module of tests at its end.
    pub fn shipped_lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]")
    }
}

pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("the package lies in the root folder").to_owned()
}

/// Every text file of the house that somebody wrote and whose name ends so, in the order of their paths.
pub fn files(ending: &str) -> Vec<File> {
    let (root, mut found) = (root(), Vec::new());
    collect(&root, &root, ending, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "there is no file that ends with `{ending}`");
    found
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("`{path}` cannot be read: {error}"))
}

/// Fails with every line, so that one run shows all that is to be mended.
pub fn assert_none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

fn collect(root: &Path, folder: &Path, ending: &str, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder of the house can be listed") {
        let entry = entry.expect("a folder of the house can be listed");
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        match entry.file_type().expect("a file has a type") {
            kind if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) => collect(root, &path, ending, found),
            kind if kind.is_file() && name.ends_with(ending) => found.extend(text_file(root, &path)),
            _ => {}
        }
    }
}

/// `None` for what is not text: pictures, Parquet, packed worlds.
fn text_file(root: &Path, path: &Path) -> Option<File> {
    let text = fs::read_to_string(path).ok()?;
    let path = path.strip_prefix(root).expect("lies below the root").to_string_lossy().replace('\\', "/");
    Some(File { path, text })
}
