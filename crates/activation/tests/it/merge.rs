use expect_test::{Expect, expect};
use serde_json::json;

use crate::receiver::Receiver;
use crate::world::{Op, Op::*, World, shown};

/// What is planned when profiles merge and part.
fn check(before: &[Op], ops: &[Op], expected: Expect) {
    let mut world = World::new();
    world.create("ads", "file", json!({}));
    world.happen(before);
    expected.assert_eq(&shown(&world.happen(ops)));
}

#[test]
fn who_lives_on_in_an_entered_profile_does_not_leave() {
    let both_in = [Decides(1, true), Decides(2, true), Buys(1), Buys(2)];
    check(
        &both_in,
        &[Merge(1, 2)],
        expect![[r#"
        enter P1
    "#]],
    );
    let only_younger_in = [Decides(2, true), Buys(2)];
    check(
        &only_younger_in,
        &[Merge(1, 2)],
        expect![[r#"
        enter P1
    "#]],
    );
}

#[test]
fn who_becomes_part_of_a_profile_that_may_not_stand_leaves() {
    let younger_in_elder_denies_later = [Decides(2, true), Buys(2), Decides(1, false)];
    check(
        &younger_in_elder_denies_later,
        &[Merge(1, 2)],
        expect![[r#"
        exit P2
        blocked P1 consent_denied
    "#]],
    );
}

#[test]
fn a_split_takes_back_what_no_longer_belongs() {
    let one_buyer = [Decides(1, true), Buys(1), Merge(1, 2)];
    check(
        &one_buyer,
        &[Split(1)],
        expect![[r#"
        exit P1
        enter P1
    "#]],
    );
    let both_buyers = [Decides(1, true), Decides(2, true), Buys(1), Buys(2), Merge(1, 2)];
    check(
        &both_buyers,
        &[Split(1)],
        expect![[r#"
        exit P1
        enter P1
        enter P2
    "#]],
    );
}

#[tokio::test]
async fn the_receiver_keeps_the_person_through_a_merge_and_loses_the_stranger_at_the_split() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    let deliverer = world.deliverer();
    for ops in [&[Decides(2, true), Buys(2)][..], &[Merge(1, 2)], &[Returns(2), Buys(1)], &[Split(1)]] {
        world.happen(ops);
        deliverer.run_due().await.unwrap();
        assert_eq!(receiver.people(), world.should_know(), "{}", receiver.story());
    }
    expect![[r#"
        enter P2 2@x
        enter P1 1@x, 2@x
        exit P1 1@x, 2@x | enter P1 1@x, 2@x
        exit P1 1@x, 2@x
    "#]]
    .assert_eq(&receiver.story());
}
