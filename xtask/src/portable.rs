//! What would hold on one machine only.

use crate::house::{assert_none, files, root};

#[test]
fn no_file_names_a_place_on_one_machine() {
    let here = format!("{}/", root().display());
    // Made from parts, so that this file does not find itself.
    let homes = ["root", "home", "Users", "work"].map(|folder| format!("/{folder}/"));
    let mut found = Vec::new();
    for file in files("") {
        for (number, line) in file.text.lines().enumerate() {
            if line.contains(&here) || homes.iter().any(|home| starts_a_path(line, home)) {
                found.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    assert_none(&found, "lines with an absolute path of a machine");
}

#[test]
fn lock_files_hold_no_download_address() {
    let address = format!("\"{}\": \"http", "resolved");
    let locks = files("package-lock.json");
    let found: Vec<_> =
        locks.iter().filter(|file| file.text.contains(&address)).map(|file| file.path.clone()).collect();
    assert_none(&found, "lock files with download addresses (`.npmrc` should leave them out)");
}

/// Whether a path starts with this folder: `"/x/y"` does with `/x/`, `a/x/y` does not.
fn starts_a_path(line: &str, folder: &str) -> bool {
    let is_start =
        |at: usize| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._-/~@}$*".contains(before));
    line.match_indices(folder).any(|(at, _)| is_start(at))
}

#[test]
fn only_the_start_of_a_path_counts() {
    let folder = "/x/";
    assert!(starts_a_path("see /x/y", folder) && starts_a_path("\"/x/y\"", folder) && starts_a_path("/x/", folder));
    assert!(!starts_a_path("a/x/y", folder) && !starts_a_path("~/x/y", folder) && !starts_a_path("/v1/x/y", folder));
}
