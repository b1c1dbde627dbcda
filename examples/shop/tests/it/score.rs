//! The score counts pairs without listing them; its twin lists them.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use shop::truth::{Score, Truth};

/// Rows of the truth, as (person, source, id), and the profile of each identifier that has one.
type Case = (Vec<(u8, u8, u8)>, HashMap<(u8, u8), u8>);

const SOURCES: [&str; 3] = ["crm", "loyalty", "anonymous_web"];

fn case() -> impl Strategy<Value = Case> {
    let row = (0u8..6, 0u8..3, 0u8..5);
    let profiles = proptest::collection::hash_map((0u8..3, 0u8..7), 0u8..5, 0..18);
    (proptest::collection::vec(row, 0..30), profiles)
}

fn fast((rows, profiles): &Case, sources: &[&str]) -> Score {
    let named =
        rows.iter().map(|(person, source, id)| (format!("P{person}"), SOURCES[usize::from(*source)], format!("{id}")));
    let named: Vec<_> = named.collect();
    let truth = Truth::of(named.iter().map(|(person, source, id)| (&**person, *source, &**id)));
    let given = profiles.iter().map(|((source, id), profile)| (SOURCES[usize::from(*source)], id.to_string(), profile));
    if sources.len() == SOURCES.len() { truth.score(given) } else { truth.score_only(sources, given) }
}

/// Pairs true, found and right, clusters, the biggest, identifiers and the missing, by looking at each pair.
fn slow((rows, profiles): &Case, sources: &[&str]) -> [u64; 7] {
    let mut owners: HashMap<(u8, u8), HashSet<u8>> = HashMap::new();
    for &(person, source, id) in rows.iter().filter(|row| sources.contains(&SOURCES[usize::from(row.1)])) {
        owners.entry((source, id)).or_default().insert(person);
    }
    let ids: Vec<_> = owners.keys().collect();
    let group = |id: &(u8, u8)| profiles.get(id).map_or((0, *id), |profile| (1, (*profile, 0)));
    let mut pairs = [0; 3];
    for (place, a) in ids.iter().enumerate() {
        for b in &ids[place + 1..] {
            let (is_true, is_found) = (!owners[a].is_disjoint(&owners[b]), group(a) == group(b));
            pairs[0] += u64::from(is_true);
            pairs[1] += u64::from(is_found);
            pairs[2] += u64::from(is_true && is_found);
        }
    }
    let mut sizes = HashMap::new();
    ids.iter().for_each(|id| *sizes.entry(group(id)).or_insert(0) += 1);
    let missing = ids.iter().filter(|id| !profiles.contains_key(id)).count();
    let biggest = sizes.values().copied().max().unwrap_or(0);
    [pairs[0], pairs[1], pairs[2], sizes.len() as u64, biggest, ids.len() as u64, missing as u64]
}

proptest! {
    #[test]
    fn fast_and_slow_agree(case in case()) {
        for sources in [&SOURCES[..], &SOURCES[..1], &SOURCES[1..]] {
            let score = fast(&case, sources);
            let Score { pairs_true, pairs_found, pairs_right, clusters, biggest, identifiers, missing, .. } = score;
            let counts = [pairs_true, pairs_found, pairs_right, clusters, biggest, identifiers, missing];
            prop_assert_eq!(counts, slow(&case, sources));
            prop_assert!((0.0..=1.0).contains(&score.precision) && (0.0..=1.0).contains(&score.recall));
        }
    }
}

#[test]
fn a_family_computer_is_no_bridge() {
    let truth = Truth::of([
        ("Ann", "crm", "C-1"),
        ("Ann", "anonymous_web", "w"),
        ("Bob", "crm", "C-2"),
        ("Bob", "anonymous_web", "w"),
    ]);
    let one_profile = truth.score([("crm", "C-1", 1), ("crm", "C-2", 1), ("anonymous_web", "w", 1)]);
    assert_eq!((one_profile.pairs_true, one_profile.pairs_found, one_profile.pairs_right), (2, 3, 2));
    assert_eq!((one_profile.most_people, one_profile.recall), (2, 1.0));
    let with_ann = truth.score([("crm", "C-1", 1), ("crm", "C-2", 2), ("anonymous_web", "w", 1)]);
    assert_eq!((with_ann.precision, with_ann.recall, with_ann.most_people), (1.0, 0.5, 1));
    assert_eq!((with_ann.clusters, with_ann.biggest), (2, 2));
}

#[test]
fn what_is_not_there_is_neither_right_nor_wrong() {
    let nothing = Truth::default();
    assert_eq!(nothing.score([("crm", "C-1", 1)]), Score { precision: 1.0, recall: 1.0, f1: 1.0, ..Score::default() });
    let truth = Truth::of([("Ann", "crm", "C-1"), ("Ann", "crm", "C-2")]);
    let silent = truth.score(std::iter::empty::<(&str, &str, u8)>());
    assert_eq!((silent.missing, silent.clusters, silent.recall, silent.precision), (2, 2, 0.0, 1.0));
}
