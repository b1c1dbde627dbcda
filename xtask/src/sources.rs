//! What a source file may be.

use std::collections::BTreeMap;

use crate::house::{File, assert_none, files};

const MOST_LINES: usize = 600;

/// In code that ships, for each thousand lines of a crate.
const MOST_UNWRAPS: f64 = 2.0;

#[test]
fn files_are_short() {
    let long = |file: &File| (file.text.lines().count() > MOST_LINES).then(|| file.path.clone());
    let found: Vec<_> = files(".rs").iter().filter(|file| file.is_shipped_rust()).filter_map(long).collect();
    assert_none(&found, "files of more than 600 lines (find the second noun in it, and give it a file)");
}

#[test]
fn nothing_is_left_for_later() {
    // Made from parts, so that this file does not find itself.
    let unfinished = [format!("{}!(", "todo"), format!("{}!(", "unimplemented"), format!("#[{}", "ignore")];
    let mut found = Vec::new();
    for file in files(".rs") {
        for (number, line) in file.text.lines().enumerate() {
            if unfinished.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert_none(&found, "unfinished code and tests that do not run");
}

#[test]
fn unwraps_are_rare() {
    let mut crates: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for file in files(".rs").iter().filter(|file| file.is_shipped_rust() && file.krate() != Some("xtask")) {
        let (lines, unwraps) = crates.entry(file.krate().unwrap_or_default().to_owned()).or_default();
        for line in file.shipped_lines().filter(|line| !line.trim_start().starts_with("//")) {
            *lines += 1;
            *unwraps += line.matches(".unwrap()").count();
        }
    }
    let is_over = |(lines, unwraps): &(usize, usize)| *unwraps as f64 > *lines as f64 * MOST_UNWRAPS / 1_000.0;
    let told = |(name, (lines, unwraps))| format!("{name}: {unwraps} in {lines} lines");
    let found: Vec<_> = crates.into_iter().filter(|(_, counts)| is_over(counts)).map(told).collect();
    assert_none(
        &found,
        "crates with more than 2 `unwrap()` a thousand lines (use an error, or `expect` with the reason)",
    );
}
