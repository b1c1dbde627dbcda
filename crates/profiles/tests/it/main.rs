//! The room at its boundary: facts in, traits, timelines and search out.

use kit::Timestamp;
use model::{Change, Event, EventKind, Fact, Identifier, Ordinal, ProfileId, Raw, Record, Seq};
use profiles::{PersonView, Place, Views};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::Store;

struct World {
    store: Store,
    seq: Seq,
}

impl World {
    fn new() -> Self {
        Self { store: Store::in_memory(profiles::TABLES), seq: 0 }
    }

    fn take(&mut self, owner: Ordinal, fact: &Fact) -> profiles::Step {
        self.seq += 1;
        let mut draft = self.store.draft();
        let fresh = [(owner, fact.identifiers()[0].clone())];
        let step = profiles::step(&mut draft, owner, &fresh, fact, self.seq).expect("memory does not fail");
        self.store.commit(draft).expect("memory does not fail");
        step
    }

    fn traits(&self, members: &[Ordinal]) -> Value {
        Value::Object(profiles::traits(&self.store, members).expect("memory does not fail"))
    }

    fn labels(&self, members: &[Ordinal], before: Option<Place>, limit: usize) -> Vec<(String, Place)> {
        let entries = profiles::timeline(&self.store, members, before, limit, &|_| true).expect("memory does not fail");
        entries.into_iter().map(|entry| (entry.event.label().to_owned(), entry.place)).collect()
    }
}

fn event(name: &str, time_ms: i64, traits: Value) -> Fact {
    Fact::Event(Event {
        message_id: String::from("m"),
        source: "web".into(),
        kind: EventKind::Track,
        name: Some(name.to_owned()),
        identifiers: vec![Identifier::new("user_id", "u")],
        time: Timestamp::from_ms(time_ms),
        received_at: Timestamp::from_ms(time_ms),
        sent_at: None,
        original_timestamp: None,
        traits: Some(Raw::of(&traits).expect("JSON")),
        properties: None,
        context: None,
        integrations: None,
        consents: Vec::new(),
    })
}

fn record(key: &str, version_ms: i64, change: Change, traits: Value) -> Fact {
    Fact::Record(Record {
        source: "crm".into(),
        key: key.to_owned(),
        version: Timestamp::from_ms(version_ms),
        change,
        identifiers: vec![Identifier::new("crm_id", key)],
        traits: Some(Raw::of(&traits).expect("JSON")),
        consents: Vec::new(),
        received_at: Timestamp::from_ms(version_ms),
    })
}

#[test]
fn the_latest_claim_wins_whoever_makes_it_and_the_others_are_shown() {
    let mut world = World::new();
    world.take(1, &event("A", 10, json!({ "plan": "basic", "city": "Ulm" })));
    world.take(2, &record("c1", 30, Change::Upsert, json!({ "plan": "pro" })));
    world.take(1, &event("A", 20, json!({ "plan": "late" })));
    assert_eq!(world.traits(&[1, 2]), json!({ "plan": "pro", "city": "Ulm" }));
    assert_eq!(world.traits(&[1]), json!({ "plan": "late", "city": "Ulm" }), "apart, each is what it was");
    let winners = profiles::winners(&world.store, &[1, 2]).expect("memory does not fail");
    let plan = &winners["plan"];
    assert_eq!((plan.ordinal, plan.claim.source.as_ref()), (2, "crm"));
    assert_eq!(plan.others.iter().map(|claim| &claim.value).collect::<Vec<_>>(), [&json!("late")]);
}

#[test]
fn a_newer_record_replaces_what_the_older_said_and_a_deleted_one_says_nothing() {
    let mut world = World::new();
    world.take(1, &record("c1", 10, Change::Upsert, json!({ "city": "Ulm", "phone": "1" })));
    let step = world.take(1, &record("c1", 20, Change::Upsert, json!({ "city": "Bonn" })));
    assert_eq!(step.traits, ["city", "phone"]);
    assert_eq!(world.traits(&[1]), json!({ "city": "Bonn" }));
    world.take(1, &record("c1", 15, Change::Upsert, json!({ "city": "Late" })));
    assert_eq!(world.traits(&[1]), json!({ "city": "Bonn" }), "an older version that comes late changes nothing");
    world.take(1, &record("c1", 30, Change::Delete, json!({})));
    assert_eq!(world.traits(&[1]), json!({}));
}

#[test]
fn people_are_found_by_the_beginnings_of_their_words() {
    let mut world = World::new();
    world.take(1, &event("A", 1, json!({ "name": "Mark Johnson", "email": "mark@example.com" })));
    world.take(2, &event("A", 2, json!({ "name": "Marla Stone" })));
    let find = |query: &str| {
        let mut found = profiles::search(&world.store, query, 10, &mut Ok).expect("memory does not fail");
        found.sort_unstable();
        found
    };
    assert_eq!(find("MAR"), [1, 2]);
    assert_eq!(find("joh mar"), [1]);
    assert_eq!(find("mark@exam"), [1]);
    assert_eq!(find("zoe"), Vec::<u32>::new());
}

#[test]
fn labels_prefer_names() {
    let label = |traits: Value| profiles::label(traits.as_object().expect("an object"));
    assert_eq!(label(json!({ "first_name": "Ann", "last_name": "Lee", "email": "a@b.c" })).as_deref(), Some("Ann Lee"));
    assert_eq!(label(json!({ "email": "a@b.c" })).as_deref(), Some("a@b.c"));
    assert_eq!(label(json!({ "plan": "pro" })), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Pages of any size, laid end to end, are the whole timeline, newest first, once each.
    #[test]
    fn pages_make_the_timeline(times in proptest::collection::vec((1u32..4, -50i64..50), 0..150), limit in 1usize..40) {
        let mut world = World::new();
        let mut truth = Vec::new();
        for (owner, time) in times {
            world.take(owner, &event("E", time, json!({})));
            truth.push(Place { time: Timestamp::from_ms(time), seq: world.seq });
        }
        truth.sort_unstable_by(|a, b| b.cmp(a));
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = world.labels(&[1, 2, 3], before, limit);
            let Some((_, last)) = page.last() else { break };
            before = Some(*last);
            seen.extend(page.into_iter().map(|(_, place)| place));
        }
        prop_assert_eq!(seen, truth);
    }

    /// A view that was kept up to date event by event is the view that is read anew.
    #[test]
    fn a_kept_view_equals_a_fresh_one(events in proptest::collection::vec((0usize..3, -20i64..20), 1..40)) {
        let names = ["A", "B", "C"];
        let wanted = ["A", "B"].map(str::to_owned).into();
        let mut world = World::new();
        let mut views = Views::new(1_000);
        views.set_labels(["A", "B"].map(str::to_owned).into());
        let profile = ProfileId(1);
        views.get(&world.store, profile, &[1]).expect("memory does not fail");
        for (name, time) in events {
            let fact = event(names[name], time, json!({}));
            world.take(1, &fact);
            if let Fact::Event(event) = &fact {
                views.note(profile, event, world.seq);
            }
        }
        let fresh = PersonView::load(&world.store, &[1], &wanted).expect("memory does not fail");
        let kept = views.get(&world.store, profile, &[1]).expect("memory does not fail");
        for name in names {
            prop_assert_eq!(lang::View::occurrences(kept, name), lang::View::occurrences(&fresh, name));
        }
    }
}
