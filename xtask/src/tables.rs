//! Who writes which table. `docs/reference/tables.md` is made from the sources; `UPDATE=1 cargo nextest run -p xtask` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use crate::house::{assert_none, files, read, root};

const PAGE: &str = "docs/reference/tables.md";

const HEAD: &str = "# Tables

Every table of the house: who writes it, by what a person is found in it, and what erasing a person does to it.
Made from the sources; `UPDATE=1 cargo nextest run -p xtask` writes it anew.
";

const STATE_HEAD: &str = "
## Keyed state

In `DIR/state/`. A *view* is a function of the journal and may be dropped and rebuilt; the rows of a *passing* one end by themselves; what is *lasting* is neither.

| table | writer | what a row says | person key | erasure | kept as |
|---|---|---|---|---|---|
";

const LAKE_HEAD: &str = "
## The lake

In `DIR/lake/`, as Parquet: what `sonder sql` and other tools see. Types with `?` may be null; JSON is text; times are in milliseconds, UTC.
";

/// A declaration `NAME: Table = Table { … };` somewhere in the sources.
struct Declared {
    krate: String,
    path: String,
    body: String,
}

#[test]
fn every_table_of_keyed_state_names_its_crate_as_writer() {
    let is_foreign = |table: &Declared| table.text("writer") != table.krate;
    let told = |table: Declared| format!("{}: `{}` names `{}`", table.path, table.text("name"), table.text("writer"));
    let found: Vec<_> = keyed().into_iter().filter(is_foreign).map(told).collect();
    assert_none(&found, "tables whose writer is not the crate that declares them");
}

/// One key-value database holds them all, each under its name.
#[test]
fn no_two_tables_of_keyed_state_share_a_name() {
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for table in keyed() {
        by_name.entry(table.text("name")).or_default().push(table.path);
    }
    let shared = by_name.into_iter().filter(|(_, paths)| paths.len() > 1);
    let found: Vec<_> = shared.map(|(name, paths)| format!("`{name}`: {}", paths.join(", "))).collect();
    assert_none(&found, "tables that would be one and the same");
}

#[test]
fn every_table_of_the_lake_names_a_crate_as_writer() {
    let is_nobody = |table: &Declared| !root().join("crates").join(table.text("writer")).is_dir();
    let found: Vec<_> = of_lake().into_iter().filter(is_nobody).map(|table| table.text("name")).collect();
    assert_none(&found, "tables of the lake whose writer is no crate");
}

#[test]
fn the_reference_is_what_the_sources_say() {
    let page = page();
    #[expect(clippy::disallowed_methods, reason = "how one asks a test to write")]
    let is_update = std::env::var("UPDATE").is_ok();
    if is_update {
        let path = root().join(PAGE);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, &page).expect("the page can be written");
    }
    assert!(
        read(PAGE) == page,
        "`{PAGE}` is not what the sources say; `UPDATE=1 cargo nextest run -p xtask` writes it anew"
    );
}

impl Declared {
    /// The text of a field, or the texts of a list.
    fn text(&self, field: &str) -> String {
        let value = self.field(field);
        let texts = texts(value.lines().next().unwrap_or_default());
        assert!(!texts.is_empty(), "{}: a table has no text for `{field}`", self.path);
        texts.join(", ")
    }

    /// The variant of an enum: `Keep::View` gives `View`.
    fn variant(&self, field: &str) -> String {
        let value = self.field(field);
        let (_, variant) = value.split_once("::").unwrap_or_else(|| panic!("{}: `{field}` is no variant", self.path));
        variant.chars().take_while(|c| c.is_alphanumeric()).collect()
    }

    /// What stands behind a field's name.
    fn field(&self, field: &str) -> &str {
        let at = self.body.find(&format!("\n    {field}:"));
        let at = at.unwrap_or_else(|| panic!("{}: a table has no `{field}`", self.path));
        self.body[at + field.len() + 6..].trim_start()
    }

    /// A line for each column: its name, its type and what it holds.
    fn columns(&self) -> Vec<(String, String, String)> {
        // An argument on a line of its own stands deeper than the columns do.
        let columns = self.field("columns").split("\n    ]").next().unwrap_or_default().replace("\n            ", " ");
        let found: Vec<_> = columns.split("\n        ").filter_map(column).collect();
        assert_eq!(found.len(), columns.matches("ColumnKind::").count(), "{}: a column cannot be read", self.path);
        found
    }
}

fn column(line: &str) -> Option<(String, String, String)> {
    let (how, arguments) = line.split_once('(').filter(|(how, _)| ["column", "optional"].contains(how))?;
    let [name, doc] = texts(arguments).try_into().ok()?;
    let kind = arguments.split_once("ColumnKind::")?.1.split(',').next()?;
    let mark = if how == "optional" { "?" } else { "" };
    Some((name, format!("{kind}{mark}"), doc))
}

fn page() -> String {
    let mut page = format!("{HEAD}{STATE_HEAD}");
    for table in keyed() {
        let (name, writer, about) = (table.text("name"), table.text("writer"), table.text("about"));
        let (key, erasure) = (table.text("person_key"), erasure_words(&table.variant("erasure")));
        let keep = table.variant("keep").to_lowercase();
        let _ = writeln!(page, "| `{name}` | {writer} | {} | {key} | {erasure} | {keep} |", about.replace('|', "\\|"));
    }
    page.push_str(LAKE_HEAD);
    for table in of_lake() {
        let _ = writeln!(page, "\n### {}\n\n{}.\n", table.text("name"), table.text("doc"));
        let (writer, key, sort) = (table.text("writer"), table.text("person_key"), table.text("sort"));
        let _ = writeln!(
            page,
            "Values by {writer} · sorted by {sort} · person key {key} · erasure: {}\n",
            table.text("erasure")
        );
        page.push_str("| column | type | |\n|---|---|---|\n");
        for (name, kind, doc) in table.columns() {
            let _ = writeln!(page, "| `{name}` | {kind} | {doc} |");
        }
    }
    page
}

fn erasure_words(variant: &str) -> &'static str {
    match variant {
        "Remove" => "rows are removed",
        "Recompute" => "computed anew without the person",
        "NotPersonal" => "nothing personal",
        "Pseudonymise" => "kept as proof, by digest",
        other => panic!("`Erasure::{other}` has no words here yet"),
    }
}

fn keyed() -> Vec<Declared> {
    declared(|krate| krate != "lake")
}

fn of_lake() -> Vec<Declared> {
    declared(|krate| krate == "lake")
}

fn declared(is_wanted: impl Fn(&str) -> bool) -> Vec<Declared> {
    let mut found = Vec::new();
    for file in files(".rs").iter().filter(|file| file.is_shipped_rust() && file.path.starts_with("crates/")) {
        let krate = file.krate().unwrap_or_default();
        let text = file.shipped_lines().fold(String::new(), |text, line| text + line + "\n");
        for (_, rest) in text.match_indices(": Table = Table {").map(|(at, start)| text.split_at(at + start.len())) {
            let body = rest.split("\n};").next().unwrap_or_default().to_owned();
            if is_wanted(krate) {
                found.push(Declared { krate: krate.to_owned(), path: file.path.clone(), body });
            }
        }
    }
    assert!(found.len() > 5, "the declarations of tables were not found");
    found
}

/// The texts in quotes in a piece of Rust.
fn texts(rust: &str) -> Vec<String> {
    let (mut found, mut inside, mut is_escaped) = (Vec::new(), None::<String>, false);
    for c in rust.chars() {
        match (&mut inside, c) {
            (Some(text), _) if is_escaped => {
                text.push(c);
                is_escaped = false;
            }
            (Some(_), '\\') => is_escaped = true,
            (Some(_), '"') => found.extend(inside.take()),
            (Some(text), _) => text.push(c),
            (None, '"') => inside = Some(String::new()),
            (None, _) => {}
        }
    }
    found
}
