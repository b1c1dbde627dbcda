use collect::TABLES;
use collect::plans::{Kind, PlansInForce};
use collect::quarantine::{self, Filter, Mend, Replayed, State};
use expect_test::{Expect, expect};
use kit::Coded;
use model::{Event, Identifier};
use proptest::prelude::*;
use store::Store;

use crate::plans::{event, in_force, now, order, shop};

/// A house with a plan in force and events that it holds back.
struct World {
    store: Store,
    plans: PlansInForce,
}

impl World {
    fn new() -> Self {
        let store = Store::in_memory(TABLES);
        let plans = in_force(&store, &shop("quarantine"));
        Self { store, plans }
    }

    fn hold(&self, event: Event) -> quarantine::Kept {
        let judged = self.plans.judge(event);
        assert!(judged.held);
        let mut draft = self.store.draft();
        let kept = quarantine::keep(&mut draft, &judged.event, &judged.broken, now()).expect("memory does not fail");
        self.store.commit(draft).expect("memory does not fail");
        kept
    }

    fn replay(&self, numbers: &[u64], mend: Option<&str>) -> Replayed {
        let mend = mend.map(mending);
        let mut draft = self.store.draft();
        let replayed = quarantine::replay(&mut draft, "web", numbers, mend.as_ref(), Some(&self.plans), now());
        self.store.commit(draft).expect("memory does not fail");
        replayed.expect("memory does not fail")
    }

    fn counts(&self) -> (u64, u64, u64) {
        let counts = quarantine::counts(&self.store, "web").expect("memory does not fail");
        (counts.waiting, counts.replayed, counts.dropped)
    }
}

fn mending(text: &str) -> Mend {
    let (mend, problems) = Mend::parse(text);
    mend.unwrap_or_else(|| panic!("{problems:?}"))
}

fn bad(id: &str) -> Event {
    let mut event = order(r#"{"total":"12.50","products":[{"sku":"a"}]}"#);
    event.message_id = id.to_owned();
    event.received_at = now().minus_ms(5_000);
    event
}

const TO_NUMBER: &str = "version: 1\nmend: [{ cast: /properties/total, as: number }]";

#[test]
fn held_events_are_listed_by_pages_and_filters() {
    let world = World::new();
    let numbers: Vec<_> = ["a", "b", "c"].map(|id| world.hold(bad(id)).number).into();
    assert_eq!(numbers, [1, 2, 3]);
    let again = world.hold(bad("b"));
    assert_eq!((again.number, again.repeated), (2, true));
    let page = |filter: &Filter, cursor: Option<&str>| {
        quarantine::list(&world.store, filter, cursor, 2).expect("memory does not fail")
    };
    let ids =
        |page: &quarantine::Page| page.events.iter().map(|held| held.event.message_id.clone()).collect::<Vec<_>>();
    let first = page(&Filter::default(), None);
    assert_eq!(ids(&first), ["a", "b"]);
    let second = page(&Filter::default(), first.next.as_deref());
    assert_eq!((ids(&second), second.next), (vec!["c".to_owned()], None));
    let fits = |filter: Filter| ids(&page(&filter, None)).len();
    assert_eq!(fits(Filter { kind: Some(Kind::WrongType), ..Filter::default() }), 2);
    assert_eq!(fits(Filter { kind: Some(Kind::Pattern), ..Filter::default() }), 0);
    assert_eq!(
        fits(Filter { message_id: Some("c".to_owned()), source: Some("web".to_owned()), ..Filter::default() }),
        1
    );
    assert_eq!(fits(Filter { source: Some("we".to_owned()), ..Filter::default() }), 0);
    assert_eq!(fits(Filter { state: Some(State::Dropped), ..Filter::default() }), 0);
    assert_eq!(format!("{:?}", first.events[0]), r#"Held { source: "web", number: 1, state: Waiting }"#);
}

#[test]
fn a_replay_gives_mended_events_once_in_their_order() {
    let world = World::new();
    let before: Vec<_> = ["a", "b", "c"].map(bad).into();
    before.iter().for_each(|event| assert!(!world.hold(event.clone()).repeated));
    assert_eq!(world.replay(&[1, 2, 3], None).stayed.len(), 3);
    assert_eq!(world.counts(), (3, 0, 0));
    let replayed = world.replay(&[3, 1, 1], Some(TO_NUMBER));
    let ids: Vec<_> = replayed.events.iter().map(|event| event.message_id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
    let mended = &replayed.events[0];
    assert_eq!(mended.properties.as_ref().expect("properties").text(), r#"{"total":12.50,"products":[{"sku":"a"}]}"#);
    assert_eq!((mended.time, mended.received_at), (before[0].time, before[0].received_at));
    assert_eq!(world.replay(&[1, 2, 3], Some(TO_NUMBER)).events.len(), 1);
    assert_eq!(world.replay(&[1, 2, 3], Some(TO_NUMBER)), Replayed::default());
    assert_eq!(world.counts(), (0, 3, 0));
    assert!(world.hold(bad("a")).repeated);
    assert_eq!(world.counts(), (0, 3, 0));
}

#[test]
fn dropped_events_are_not_replayed_and_are_swept_later() {
    let world = World::new();
    ["a", "b"].into_iter().for_each(|id| assert!(!world.hold(bad(id)).repeated));
    let mut draft = world.store.draft();
    assert_eq!(quarantine::drop(&mut draft, "web", &[1, 7], now()).expect("memory does not fail"), 1);
    assert_eq!(quarantine::drop(&mut draft, "web", &[1], now()).expect("memory does not fail"), 0);
    world.store.commit(draft).expect("memory does not fail");
    assert_eq!(world.replay(&[1], Some(TO_NUMBER)), Replayed::default());
    assert_eq!(world.counts(), (1, 0, 1));
    let mut draft = world.store.draft();
    let stale = quarantine::stale(&draft, now().plus_ms(1), 10).expect("memory does not fail");
    assert!(quarantine::stale(&draft, now(), 10).expect("memory does not fail").is_empty());
    let swept = quarantine::sweep(&mut draft, stale).expect("memory does not fail");
    world.store.commit(draft).expect("memory does not fail");
    assert_eq!((swept.events, world.counts()), (1, (1, 0, 0)));
    assert_eq!(world.hold(bad("c")).number, 3);
}

#[test]
fn a_person_is_erased_from_all_of_it() {
    let world = World::new();
    world.hold(bad("a"));
    let mut other = bad("b");
    other.identifiers = vec![Identifier::new("user_id", "u2")];
    world.hold(other);
    let dropping = crate::plans::judge(&shop("drop_field"), order(r#"{"total":1,"colour":"red"}"#));
    let mut draft = world.store.draft();
    let identifiers = dropping.event.identifiers.clone();
    quarantine::set_aside(&mut draft, &dropping.event, &identifiers, &dropping.removed, now())
        .expect("memory does not fail");
    let aside = quarantine::aside_of(&draft, "web", "m1").expect("memory does not fail").expect("it was set aside");
    assert_eq!((aside.removed[0].pointer.as_str(), aside.removed[0].value.text()), ("/properties/colour", r#""red""#));
    let erased = quarantine::erase(&mut draft, &|identifier| identifier.value() == "u1").expect("memory does not fail");
    world.store.commit(draft).expect("memory does not fail");
    assert_eq!((erased.events, erased.removed_fields), (1, 1));
    let left = quarantine::list(&world.store, &Filter::default(), None, 10).expect("memory does not fail");
    assert_eq!(left.events.iter().map(|held| held.event.message_id.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(!world.hold(bad("a")).repeated);
}

fn mend(steps: &str, properties: &str, expected: Expect) {
    let mend = mending(&format!("version: 1\nmend:\n{steps}"));
    let shown = match mend.mended(&order(properties)) {
        Ok(event) => format!("{}: {}", event.name.unwrap_or_default(), event.properties.expect("properties").text()),
        Err(error) => format!("{} ({})", error, error.code()),
    };
    expected.assert_eq(&shown);
}

#[test]
fn steps_put_events_right() {
    mend(
        "- { rename: /properties/totl, to: /properties/sum/total }",
        r#"{"totl":1.10,"x":[ 1 ]}"#,
        expect![[r#"Order Completed: {"x":[ 1 ],"sum":{"total":1.10}}"#]],
    );
    mend(
        "- { rename: /properties/a, to: /properties/b }",
        r#"{"a":1,"b":2}"#,
        expect!["step 1: there is a field at the new place already (place_taken)"],
    );
    mend(
        "- { set: /properties/a, value: { b: [1, no, null] } }\n- { set: /event, value: Order Paid }",
        r#"{"a":1}"#,
        expect![[r#"Order Paid: {"a":{"b":[1,"no",null]}}"#]],
    );
    mend(
        "- { set: /properties/a/b, value: 1 }",
        r#"{"a":"text"}"#,
        expect!["step 1: nothing can be put there (no_such_place)"],
    );
    mend("- { set: /name, value: Home }", "{}", expect!["step 1: nothing can be put there (no_such_place)"]);
    mend(
        "- { delete: /properties/l/0 }\n- { delete: /properties/none }",
        r#"{"l":[1,2]}"#,
        expect![[r#"Order Completed: {"l":[2]}"#]],
    );
    mend(
        "- { cast: /properties/a, as: integer }\n- { cast: /properties/b, as: boolean }\n- { cast: /properties/c, as: text }\n- { cast: /properties/d, as: time }\n- { cast: /properties/e, as: number }",
        r#"{"a":"12","b":"Yes","c":1.50,"d":0,"e":null}"#,
        expect![[r#"Order Completed: {"a":12,"b":true,"c":"1.50","d":"1970-01-01T00:00:00.000Z","e":null}"#]],
    );
    mend(
        "- { cast: /properties/a, as: number }",
        r#"{"a":"twelve"}"#,
        expect!["step 1: the value cannot be read as that type (cannot_cast)"],
    );
}

#[test]
fn identifiers_follow_mended_traits() {
    let mended = |steps: &str, message: &str| {
        let mend = mending(&format!("version: 1\nmend: [{steps}]"));
        let event = mend.mended(&event("web", message)).map_err(|error| error.code())?;
        Ok::<_, &str>(event.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    let message = r#"{"type":"identify","userId":"u","anonymousId":"a","traits":{"e_mail":" Ann@Example.com"}}"#;
    assert_eq!(
        mended("{ rename: /traits/e_mail, to: /traits/email }", message).as_deref(),
        Ok("user_id:u email:ann@example.com anonymous_id:a")
    );
    let only = r#"{"type":"identify","traits":{"email":"ann@example.com"}}"#;
    assert_eq!(mended("{ delete: /traits/email }", only), Err("no_identifier"));
}

#[test]
fn all_mistakes_of_a_mending_file_are_told() {
    let (mend, problems) = Mend::parse(
        "
version: 1
phone_region: Germany
mend:
  - { rename: /properties/a, value: 1 }
  - { cast: properties.a, as: float }
  - { set: /userId, value: x }
  - { delete: /properties }
  - { erase: /properties/a }
  - { rename: /properties/a, to: /properties/a/b }
",
    );
    assert!(mend.is_none());
    let lines: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    expect![[r#"
        line 3, column 15: `Germany` is not a country code (use two capital letters, e.g. `US`)
        line 5, column 5: `rename` needs `to`
        line 5, column 37: `value` belongs to `set`, not to `rename`
        line 6, column 13: a pointer is written `/properties/total` (`~1` for `/`, `~0` for `~`), with at most 64 steps
        line 6, column 31: `float` is not one of `text`, `number`, `integer`, `boolean`, `time`
        line 7, column 12: a field lies inside one of `properties`, `traits`, `context`, `integrations`, e.g. `/properties/total`
        line 8, column 15: a field lies inside one of `properties`, `traits`, `context`, `integrations`, e.g. `/properties/total`
        line 9, column 5: exactly one of `rename`, `set`, `delete`, `cast` is needed
        line 10, column 15: a field cannot be renamed into itself
    "#]]
    .assert_eq(&lines);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// However held events are asked for, and however often, each goes out once.
    #[test]
    fn every_event_is_replayed_exactly_once(
        ids in proptest::collection::vec("[a-f]", 1..10),
        asked in proptest::collection::vec(proptest::collection::vec(0u64..12, 0..6), 1..6),
    ) {
        let world = World::new();
        ids.iter().for_each(|id| { world.hold(bad(id)); });
        let mut replayed = Vec::new();
        for numbers in &asked {
            let events = world.replay(numbers, Some(TO_NUMBER)).events;
            replayed.extend(events.into_iter().map(|event| event.message_id));
        }
        let mut distinct = replayed.clone();
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), replayed.len());
        let everything: Vec<u64> = (0..12).collect();
        let rest = world.replay(&everything, Some(TO_NUMBER)).events;
        let mut all: Vec<_> = replayed.into_iter().chain(rest.into_iter().map(|event| event.message_id)).collect();
        let mut held = ids.clone();
        all.sort();
        held.sort();
        held.dedup();
        prop_assert_eq!(all, held);
        prop_assert_eq!(world.replay(&everything, None), Replayed::default());
    }
}
