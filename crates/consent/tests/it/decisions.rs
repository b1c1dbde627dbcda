use consent::{Decision, canonical, decision, decisions, mark};
use expect_test::expect;
use kit::Timestamp;
use model::{Change, Fact, Identifier, Record};
use proptest::prelude::*;

use crate::{change, event, shown, store, walk};

fn record(version_ms: i64, deleted: bool, says: Vec<(&str, bool)>) -> Fact {
    let version = Timestamp::from_ms(version_ms);
    Fact::Record(Record {
        source: "crm".into(),
        key: "7".to_owned(),
        version,
        change: if deleted { Change::Delete } else { Change::Upsert },
        identifiers: vec![Identifier::new("crm_id", "7")],
        traits: None,
        consents: says.into_iter().map(|(purpose, granted)| change(purpose, granted)).collect(),
        received_at: version,
    })
}

#[test]
fn purposes_have_one_spelling() {
    for (raw, purpose) in [
        ("email_marketing", "email_marketing"),
        ("  E-Mail  Marketing ", "e_mail_marketing"),
        ("sale--of data", "sale_of_data"),
        ("ÜBER\tads\0", "über_ads"),
        (" - ", ""),
    ] {
        assert_eq!(canonical(raw), purpose, "{raw:?}");
    }
}

#[test]
fn the_door_tidies_what_events_say() {
    let mut event =
        event(1, vec![change("E-mail", true), change("", true), change("ads", true), change(" e mail", false)]);
    mark(&mut event);
    assert_eq!(event.consents, [change("e_mail", false), change("ads", true)]);
}

#[test]
fn the_latest_word_of_any_identifier_holds() {
    let store = store();
    let changed = walk(
        &store,
        &[
            (1, Fact::Event(event(10, vec![change("ads", true), change("Email", true)])), 1),
            (2, Fact::Event(event(30, vec![change("ads", false)])), 2),
            (1, Fact::Event(event(20, vec![change("ads", true)])), 3),
            (1, Fact::Event(event(5, vec![change("email", false)])), 4),
            (1, Fact::Event(event(20, vec![change("ads", true)])), 3),
            (1, Fact::Event(event(40, vec![])), 5),
        ],
    );
    assert_eq!(changed, [true, true, true, false, false, false]);
    let of = |members: &[u32]| {
        let all = decisions(&store, members).unwrap();
        all.iter().map(|(purpose, decision)| format!("{purpose}: {}\n", shown(decision))).collect::<String>()
    };
    expect![[r#"
        ads: denied at 30 by 2 in web
        email: granted at 10 by 1 in web
    "#]]
    .assert_eq(&of(&[1, 2]));
    expect![[r#"
        ads: granted at 20 by 3 in web
        email: granted at 10 by 1 in web
    "#]]
    .assert_eq(&of(&[1]));
    assert_eq!(decision(&store, &[3], "ads").unwrap(), Decision::Unknown);
    assert_eq!(decision(&store, &[], "ads").unwrap(), Decision::Unknown);
    assert_eq!(shown(&decision(&store, &[1], "E-MAIL").unwrap()), "unknown");
    assert_eq!(shown(&decision(&store, &[1], " EMAIL ").unwrap()), "granted at 10 by 1 in web");
}

#[test]
fn a_decision_from_the_future_counts_as_of_its_receipt() {
    const HOUR_MS: i64 = 3_600_000;
    let ahead = |received_ms: i64, granted| {
        let received_at = Timestamp::from_ms(received_ms);
        let event = event(received_ms + 20 * HOUR_MS, vec![change("ads", granted)]);
        Fact::Event(model::Event { received_at, ..event })
    };
    let denial = |at_ms| Fact::Event(event(at_ms, vec![change("ads", false)]));
    for (members, facts) in [
        (vec![1], [(1, ahead(1_000, true), 1), (1, denial(301_000), 2)]),
        (vec![1, 2], [(2, ahead(1_000, true), 1), (1, denial(301_000), 2)]),
    ] {
        let store = store();
        walk(&store, &facts);
        assert_eq!(shown(&decision(&store, &members, "ads").unwrap()), "denied at 301000 by 2 in web");
    }
    let store = store();
    walk(&store, &[(1, denial(1_000), 1), (1, ahead(2_000, true), 2)]);
    assert_eq!(shown(&decision(&store, &[1], "ads").unwrap()), "granted at 2000 by 2 in web");
}

#[test]
fn at_one_moment_the_denial_wins() {
    let says = |granted| Fact::Event(event(5, vec![change("ads", granted)]));
    for facts in [[(1, says(false), 1), (1, says(true), 2)], [(1, says(true), 1), (2, says(false), 2)]] {
        let store = store();
        walk(&store, &facts);
        assert!(!decision(&store, &[1, 2], "ads").unwrap().is_granted());
    }
}

#[test]
fn a_record_that_falls_silent_takes_nothing_back() {
    let store = store();
    walk(&store, &[(1, record(10, false, vec![("ads", false)]), 1), (1, record(20, false, vec![]), 2)]);
    assert_eq!(shown(&decision(&store, &[1], "ads").unwrap()), "denied at 10 by 1 in crm");
    walk(&store, &[(1, record(30, true, vec![]), 3)]);
    assert_eq!(shown(&decision(&store, &[1], "ads").unwrap()), "denied at 10 by 1 in crm");
}

#[test]
fn a_deletion_may_deny_but_not_grant() {
    let store = store();
    walk(&store, &[(1, record(10, false, vec![("ads", true), ("email", false)]), 1)]);
    walk(&store, &[(1, record(20, true, vec![("ads", false), ("email", true)]), 2)]);
    assert_eq!(shown(&decision(&store, &[1], "ads").unwrap()), "denied at 20 by 2 in crm");
    assert_eq!(shown(&decision(&store, &[1], "email").unwrap()), "denied at 10 by 1 in crm");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Facts may arrive in any order and spread over any identifiers: the latest of all decides, and nothing else does.
    #[test]
    fn the_latest_decision_wins_in_any_order(
        words in proptest::collection::vec((1u32..4, 0i64..6, any::<bool>()), 1..12),
        order in any::<prop::sample::Index>(),
    ) {
        let facts: Vec<_> = words.iter().enumerate().map(|(at, (owner, time, granted))| {
            (*owner, Fact::Event(event(*time, vec![change("ads", *granted)])), at as u64 + 1)
        }).collect();
        let mut turned = facts.clone();
        turned.rotate_left(order.index(facts.len()));
        turned.reverse();
        let store = store();
        walk(&store, &turned);
        for members in [vec![1], vec![1, 2], vec![1, 2, 3], vec![3, 1, 2]] {
            let heard = words.iter().enumerate().filter(|(_, (owner, ..))| members.contains(owner));
            let latest = heard.max_by_key(|(at, (_, time, granted))| (*time, !granted, *at)).map(|(_, (.., granted))| *granted);
            let found = decision(&store, &members, "ads").unwrap();
            prop_assert_eq!(found.given().map(|_| found.is_granted()), latest);
            prop_assert_eq!(consent::permit((), &found).is_ok(), latest == Some(true));
        }
    }
}
