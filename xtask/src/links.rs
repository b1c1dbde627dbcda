//! Links between the Markdown files.

use std::path::Path;

use crate::house::{assert_none, files, root};

#[test]
fn every_relative_link_leads_somewhere() {
    let mut found = Vec::new();
    for file in files(".md") {
        let folder = root().join(Path::new(&file.path).parent().unwrap_or(Path::new("")));
        for target in links(&file.text) {
            if !folder.join(&target).exists() {
                found.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert_none(&found, "links that lead nowhere");
}

/// The files that a page links to, without anchors, addresses and paths of Rust.
fn links(page: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in page.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code || line.starts_with("    ") {
            continue;
        }
        // Parts at odd places stand between backticks.
        let prose: Vec<_> = line.split('`').step_by(2).collect();
        found.extend(prose.join("`").split("](").skip(1).filter_map(target));
    }
    found
}

fn target(rest: &str) -> Option<String> {
    let whole = rest.split([')', ' ']).next()?;
    let file = whole.split('#').next()?;
    let is_file = !file.is_empty() && !["://", "::", "mailto:"].iter().any(|other| file.contains(other));
    is_file.then(|| file.to_owned())
}

#[test]
fn links_are_found_in_prose_only() {
    let page = "[a](x.md) and ![b](y.png \"title\") [`c`](z.md#part) [d](https://example.com) [e](#here) [f](kit::Coded) \
                `[g](no.md)`\n```\n[h](no.md)\n```\n    [i](no.md)\n";
    assert_eq!(links(page), ["x.md", "y.png", "z.md"]);
}
