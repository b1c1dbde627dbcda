//! The whole way once, held against the truth: the bars of the issue.

use std::path::Path;

use e2e::{run, world};
use serde_json::Value;

#[test]
fn a_generated_world_meets_the_bars() {
    let figures = demo(&["--people", "1000", "--seed", "7"]);
    check(&figures);
    assert!(figures["people"].as_u64().is_some_and(|people| people >= 900), "{}", figures["people"]);
    let made = &figures["deliveries"]["made"];
    assert!(made.as_u64().is_some_and(|made| made > 0), "somebody is told: {}", figures["deliveries"]);
}

#[test]
fn a_world_that_was_made_elsewhere_meets_the_bars() {
    let Some(folder) = world::shared("shop") else { return };
    let folder = folder.to_str().expect("a path of plain text");
    let figures = demo(&["--world", folder]);
    check(&figures);
    // It has 5,000 people.
    let peak = &figures["peak_memory_mb"];
    assert!(peak.as_f64().is_some_and(|peak| peak < 1_000.0), "the demo stays under 1 GB: {peak} MB");
}

fn demo(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let data: &Path = &folder.path().join("data");
    let all: Vec<_> = ["demo", "--once", "--json"].iter().chain(arguments).copied().collect();
    let figures = run(data, &all).well().json();
    println!("{figures}");
    figures
}

fn check(figures: &Value) {
    let number =
        |part: &str, name: &str| figures[part][name].as_f64().unwrap_or_else(|| panic!("{part}.{name}: {figures}"));
    let (known_f1, known_precision) = (number("known_sources", "f1"), number("known_sources", "precision"));
    assert!(known_f1 >= 0.87, "F1 over the records of known sources: {known_f1}");
    assert!(known_precision >= 0.90, "precision over the records of known sources: {known_precision}");
    let precision = number("all_identifiers", "precision");
    assert!(precision >= 0.90, "precision over all identifiers: {precision}");
    let most_people = number("biggest_profile", "people");
    assert!(most_people <= 60.0, "people in one profile: {most_people}");
    for part in ["identifiers", "profiles", "peak_memory_mb"] {
        assert!(figures[part].as_f64().is_some_and(|figure| figure > 0.0), "{part}: {figures}");
    }
    for audience in figures["audiences"].as_array().expect("a list of audiences") {
        assert!(audience["size"].is_u64() && audience["truth"].is_u64(), "{audience}");
    }
}
