use activation::{Touched, standing_profiles};
use expect_test::{Expect, expect};
use model::ProfileId;
use serde_json::json;

use crate::world::{Op, Op::*, World, ledger, shown};

/// Lets things happen in a world where one file follows the buyers, and says what was planned.
fn check(ops: &[Op], expected: Expect) -> World {
    let mut world = World::new();
    world.create("ads", "file", json!({}));
    expected.assert_eq(&shown(&world.happen(ops)));
    world
}

#[test]
fn only_buyers_who_consent_enter() {
    check(
        &[Decides(1, true), Buys(1)],
        expect![[r#"
        enter P1
    "#]],
    );
    check(
        &[Decides(1, true), Buys(1), Buys(1), Decides(1, true), Returns(1), Returns(1)],
        expect![[r#"
        enter P1
        exit P1
    "#]],
    );
    check(
        &[Buys(1), Decides(1, true), Decides(1, false), Decides(1, true)],
        expect![[r#"
        blocked P1 consent_unknown
        enter P1
        exit P1 consent_denied
        enter P1
    "#]],
    );
}

#[test]
fn a_refusal_is_noted_once_for_each_reason() {
    let world = check(
        &[Buys(1), Buys(1), Decides(1, false), Buys(1), Returns(1), Buys(1)],
        expect![[r#"
        blocked P1 consent_unknown
        blocked P1 consent_denied
        blocked P1 consent_denied
    "#]],
    );
    expect![[r#"
        waiting: 0 delivered, 3 blocked, 0 waiting, 0 dead
        enter P1: blocked after 0, "consent_denied"
        enter P1: blocked after 0, "consent_denied"
        enter P1: blocked after 0, "consent_unknown"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[test]
fn who_gains_identifiers_enters_again_with_all() {
    check(
        &[Decides(1, true), Buys(1), Merge(1, 2)],
        expect![[r#"
        enter P1
        enter P1
    "#]],
    );
}

#[test]
fn nobody_is_planned_without_a_destination_and_all_are_once_there_is_one() {
    let mut world = World::new();
    assert!(world.happen(&[Decides(1, true), Buys(1), Buys(2)]).is_empty());
    world.create("ads", "file", json!({}));
    let all = [1, 2, 3].map(|profile| Touched::profile(ProfileId(profile)));
    expect![[r#"
        enter P1
        blocked P2 consent_unknown
    "#]]
    .assert_eq(&shown(&world.touch(&all)));
    world.create("more", "file", json!({}));
    expect![[r#"
        enter P1
        blocked P2 consent_unknown
    "#]]
    .assert_eq(&shown(&world.touch(&all)));
    assert!(world.touch(&all).is_empty());
    assert_eq!(standing_profiles(&world.store).unwrap(), [1, 2].map(ProfileId).into());
}

#[test]
fn ids_are_the_same_in_the_same_world_and_never_used_twice() {
    let ops = [Decides(1, true), Buys(1), Decides(1, false), Decides(1, true), Returns(1), Buys(1), Buys(2)];
    let ids = || {
        let mut world = World::new();
        world.create("ads", "file", json!({}));
        world.happen(&ops).into_iter().map(|planned| planned.id).collect::<Vec<_>>()
    };
    let (mut once, again) = (ids(), ids());
    assert_eq!((&once, once.len()), (&again, 6));
    once.sort();
    once.dedup();
    assert_eq!(once.len(), again.len());
}

#[test]
fn a_walk_over_the_same_facts_again_plans_nothing() {
    let ops = [
        Buys(1),
        Decides(1, true),
        Buys(2),
        Decides(2, true),
        Merge(1, 2),
        Returns(2),
        Returns(1),
        Buys(3),
        Decides(3, true),
    ];
    let mut world = check(
        &ops,
        expect![[r#"
        blocked P1 consent_unknown
        enter P1
        blocked P2 consent_unknown
        enter P2
        enter P1
        exit P1
        blocked P3 consent_unknown
        enter P3
    "#]],
    );
    let before = ledger(&world.store, "ads");
    assert_eq!(shown(&world.rebuild()), "");
    assert_eq!(ledger(&world.store, "ads"), before);
    expect![[r#"
        exit P3
    "#]]
    .assert_eq(&shown(&world.happen(&[Returns(3)])));
}

#[test]
fn the_ledger_is_read_page_by_page_newest_first() {
    let mut world = World::new();
    world.create("ads", "file", json!({}));
    world.create("more", "file", json!({}));
    world.happen(&[Buys(1), Buys(2), Buys(3)]);
    let page = |destination, limit| {
        let lines = activation::lines(&world.store, destination, limit).unwrap();
        lines.iter().map(|(number, line)| format!("{number} {} {}", line.destination, line.profile)).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 2), ["6 more P3", "5 ads P3"]);
    assert_eq!(page(Some("ads"), 10), ["5 ads P3", "3 ads P2", "1 ads P1"]);
    assert!(page(Some("none"), 10).is_empty() && page(None, 0).is_empty());
}
