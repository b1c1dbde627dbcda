//! Which crate may use which.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::{assert_none, files, read};

const ROOMS: [&str; 5] = ["collect", "identity", "profiles", "audiences", "activation"];

/// Black-box tests: no arrow leaves them, but their own tests may use anything.
const TESTS_ONLY: &str = "e2e";
/// Beside the house: it asks whatever reads what comes from outside.
const FUZZ: &str = "fuzz";

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// What a manifest says.
struct Manifest {
    name: String,
    shipped: Vec<String>,
    in_tests: Vec<String>,
}

#[test]
fn every_edge_is_drawn() {
    let (arrows, manifests) = (drawn(), manifests());
    let ours: BTreeSet<_> = manifests.iter().map(|manifest| manifest.name.clone()).collect();
    let mut found = Vec::new();
    for manifest in manifests.iter().filter(|manifest| manifest.name != FUZZ) {
        let reach = reach(&arrows, &manifest.name);
        let tested = if manifest.name == TESTS_ONLY { &[][..] } else { &manifest.in_tests };
        for used in manifest.shipped.iter().chain(tested).filter(|used| ours.contains(*used)) {
            if !reach.contains(used) {
                found.push(format!("{} ─► {used}", manifest.name));
            }
        }
    }
    assert_none(&found, "edges that ARCHITECTURE.md (\"Rooms\") does not draw");
}

#[test]
fn every_crate_is_drawn_and_every_drawn_crate_is_there() {
    let arrows = drawn();
    let in_drawing: BTreeSet<_> = arrows.iter().flat_map(|(from, to)| to.iter().chain([from])).cloned().collect();
    let mut there: BTreeSet<_> = manifests().into_iter().map(|manifest| manifest.name).collect();
    for outside in [TESTS_ONLY, FUZZ, "xtask"] {
        there.remove(outside);
    }
    assert_eq!(in_drawing, there);
}

/// The drawing itself must not draw what the house forbids.
#[test]
fn the_drawing_keeps_the_walls() {
    let arrows = drawn();
    let may = |from: &str, to: &str| reach(&arrows, from).contains(to);
    let mut found = Vec::new();
    for from in arrows.keys() {
        for room in ROOMS.iter().filter(|room| may(from, room) && !["server", "sonder"].contains(&from.as_str())) {
            found.push(format!("{from} ─► {room}: only `server` and `sonder` know rooms"));
        }
        if may(from, "engine") && from != "sonder" {
            found.push(format!("{from} ─► engine: only `sonder` wires the engine"));
        }
        if may(from, from) {
            found.push(format!("{from} reaches itself"));
        }
    }
    found.extend(reach(&arrows, "kit").iter().map(|used| format!("kit ─► {used}: it knows nothing of ours")));
    assert_none(&found, "arrows that break a wall");
}

#[test]
fn only_the_engine_links_the_query_engine() {
    let is_linked = |manifest: &Manifest| {
        let mut used = manifest.shipped.iter().chain(&manifest.in_tests);
        used.any(|used| used.starts_with("datafusion"))
    };
    let linking: Vec<_> = manifests().into_iter().filter(is_linked).map(|manifest| manifest.name).collect();
    assert_eq!(linking, ["engine"]);
}

/// The arrows under the heading "Rooms" of ARCHITECTURE.md: lines of the form `a b ─► c d`.
fn drawn() -> Arrows {
    let page = read("ARCHITECTURE.md");
    let (_, rooms) = page.split_once("\n## Rooms").expect("the page has a chapter about rooms");
    let chapter = rooms.split("\n## ").next().unwrap_or_default();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut arrows = Arrows::new();
    for (left, right) in
        chapter.lines().filter(|line| line.starts_with("    ")).filter_map(|line| line.split_once("─►"))
    {
        for from in words(left) {
            arrows.entry(from).or_default().extend(words(right));
        }
    }
    assert!(arrows.len() > ROOMS.len(), "the drawing of the rooms was not found");
    arrows
}

/// Everything that a crate's arrows lead to.
fn reach(arrows: &Arrows, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<String> = arrows.get(from).into_iter().flatten().cloned().collect();
    while let Some(name) = next.pop() {
        if reached.insert(name.clone()) {
            next.extend(arrows.get(&name).into_iter().flatten().cloned());
        }
    }
    reached
}

fn manifests() -> Vec<Manifest> {
    let manifests: Vec<_> = files("Cargo.toml").iter().filter_map(|file| manifest(&file.text)).collect();
    assert!(manifests.len() > 15, "the manifests were not found");
    manifests
}

/// Reads the names of a manifest's dependencies; `None` for one without a package.
fn manifest(text: &str) -> Option<Manifest> {
    let (mut name, mut shipped, mut in_tests) = (None, Vec::new(), Vec::new());
    let mut section = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let key = || line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
        match (section, line.strip_prefix('[')) {
            (_, Some(header)) => section = header.trim_end_matches(']'),
            ("package", None) if key() == "name" => name = line.split('"').nth(1).map(str::to_owned),
            ("dependencies" | "build-dependencies", None) => shipped.push(key()),
            ("dev-dependencies", None) => in_tests.push(key()),
            _ => {}
        }
    }
    Some(Manifest { name: name?, shipped, in_tests })
}
