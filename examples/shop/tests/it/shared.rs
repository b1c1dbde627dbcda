//! The world that was made elsewhere, beside ours.

use std::path::Path;

use shop::truth::{KNOWN_SOURCES, PlainUnion, Score, Truth, audiences};
use shop::{File, World};

use crate::support::{Home, header, shared, text};

fn score(dir: &Path, guess: &PlainUnion, known_only: bool) -> Score {
    let truth = Truth::read(&dir.join("truth.csv.gz")).unwrap();
    let groups = truth.identifiers().filter_map(|(source, id)| Some((source, id, guess.group(source, id)?)));
    if known_only { truth.score_only(&KNOWN_SOURCES, groups) } else { truth.score(groups) }
}

fn check_near(what: &str, value: f64, expected: f64) {
    assert!((value - expected).abs() < 0.01, "{what} is {value:.4}, not {expected}");
}

#[test]
fn plain_union_of_the_shared_records_scores_as_it_is_known_to() {
    let Some(dir) = shared() else { return };
    let score = score(&dir, &PlainUnion::of_records(&dir).unwrap(), true);
    check_near("precision", score.precision, 0.885);
    check_near("recall", score.recall, 0.852);
    check_near("f1", score.f1, 0.868);
    assert_eq!((score.identifiers, score.missing), (9_436, 0));
}

#[test]
fn devices_that_never_sign_in_bound_the_recall() {
    let Some(dir) = shared() else { return };
    let (truth, all) = (Truth::read(&dir.join("truth.csv.gz")).unwrap(), PlainUnion::of_everything(&dir).unwrap());
    let (score, reach) = (score(&dir, &all, false), truth.reach(&all));
    assert_eq!((truth.people(), score.identifiers, score.pairs_true), (5_250, 25_530, reach.pairs_true));
    check_near("recall of the plain union", score.recall, 0.48);
    check_near("bound", reach.recall, 0.517);
    assert!(score.most_people > 10, "the plain union merges the users of the kiosk");
}

#[test]
fn audiences_of_the_shared_world() {
    let Some(dir) = shared() else { return };
    let end = World::end_of(&dir).unwrap();
    assert_eq!(end.to_string(), "2026-05-30T04:36:48.651Z");
    let sizes: Vec<_> = audiences(&dir, end).unwrap().iter().map(|audience| (audience.name, audience.people)).collect();
    assert_eq!(sizes, [("vip_buyers", 429), ("email_openers", 574), ("lapsed", 499), ("loyal_gold", 224)]);
}

#[test]
fn both_worlds_have_the_same_columns_and_words() {
    let Some(dir) = shared() else { return };
    let home = Home::of(1_000, 2);
    for file in File::ALL {
        let [ours, theirs] = [home.path(), &dir].map(|dir| dir.join(file.name()));
        if !file.header().is_empty() {
            assert_eq!(header(&ours), header(&theirs), "{}", file.name());
            continue;
        }
        let [ours, theirs] = [ours, theirs].map(|path| paths(&text(&path)));
        let missing: Vec<_> = theirs.difference(&ours).collect();
        assert!(missing.is_empty(), "{}: ours has no {missing:?}", file.name());
    }
}

/// The keys of the first lines, with their parents: `context.ip`.
fn paths(text: &str) -> std::collections::BTreeSet<String> {
    fn walk(parent: &str, value: &serde_json::Value, paths: &mut std::collections::BTreeSet<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = format!("{parent}.{key}");
            walk(&path, value, paths);
            paths.insert(path);
        }
    }
    let mut found = std::collections::BTreeSet::new();
    text.lines().take(10_000).for_each(|line| walk("", &serde_json::from_str(line).unwrap(), &mut found));
    found
}

#[test]
fn our_world_is_about_as_hard_as_the_shared_one() {
    let home = Home::of(3_000, 7);
    let records = score(home.path(), &PlainUnion::of_records(home.path()).unwrap(), true);
    assert!((0.86..0.95).contains(&records.precision) && (0.82..0.92).contains(&records.recall), "{records:?}");
    let all = score(home.path(), &PlainUnion::of_everything(home.path()).unwrap(), false);
    assert!((0.75..0.90).contains(&all.precision) && (0.42..0.58).contains(&all.recall), "{all:?}");
    assert!(all.most_people > 8, "the plain union merges the users of the kiosk: {all:?}");
}
