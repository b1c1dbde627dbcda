//! The room at its boundary: facts in, traits, timelines and search out.

use kit::Timestamp;
use model::{Change, Event, EventKind, Fact, Identifier, Ordinal, ProfileId, Raw, Record, Seq};
use profiles::{Found, Holders, Left, PersonView, Place, Views};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::{Store, StoreError};

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

    /// Whom a search finds where each identifier is a profile of its own, and whether there are more.
    fn find(&self, query: &str, limit: usize) -> (Vec<u32>, bool) {
        struct Alone;
        impl Holders for Alone {
            fn profile(&self, ordinal: Ordinal) -> Result<ProfileId, StoreError> {
                Ok(ProfileId(ordinal))
            }

            fn members(&self, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
                Ok(vec![profile.0])
            }
        }
        let Found { profiles, truncated } =
            profiles::search(&self.store, query, limit, &Alone).expect("memory does not fail");
        (profiles.into_iter().map(|profile| profile.0).collect(), truncated)
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
        as_sent: None,
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
fn what_a_group_is_said_to_be_is_no_claim_about_its_members() {
    let mut world = World::new();
    world.take(1, &event("A", 10, json!({ "name": "Ann" })));
    let Fact::Event(told) = event("A", 20, json!({ "name": "Acme", "employees": 12 })) else { unreachable!() };
    world.take(1, &Fact::Event(Event { kind: EventKind::Group, ..told }));
    assert_eq!(world.traits(&[1]), json!({ "name": "Ann" }));
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
    let find = |query: &str| world.find(query, 10).0;
    assert_eq!(find("MAR"), [1, 2]);
    assert_eq!(find("joh mar"), [1]);
    assert_eq!(find("mark@exam"), [1]);
    assert_eq!(find("zoe"), Vec::<u32>::new());
    assert_eq!(find(" "), Vec::<u32>::new());
}

#[test]
fn a_rare_word_finds_its_person_among_thousands_with_the_other_one() {
    let mut world = World::new();
    for owner in 1..=7_000 {
        let name = if owner == 6_999 { "Mark Zyx" } else { "Mark Stone" };
        world.take(owner, &event("A", 1, json!({ "name": name })));
    }
    assert_eq!(world.find("mark zyx", 10), (vec![6_999], false));
    assert_eq!(world.find("mark", 10), ((1..=10).collect(), true), "more than are shown");
    assert_eq!(world.find("zyx", 1), (vec![6_999], false));
    assert_eq!(world.find("sto mark", 2), (vec![1, 2], true));
}

#[test]
fn words_of_two_identifiers_of_one_person_are_brought_together() {
    struct Pairs;
    impl Holders for Pairs {
        fn profile(&self, ordinal: Ordinal) -> Result<ProfileId, StoreError> {
            Ok(ProfileId(ordinal - (ordinal + 1) % 2))
        }

        fn members(&self, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
            Ok(vec![profile.0, profile.0 + 1])
        }
    }
    let mut world = World::new();
    for (owner, name) in [(1, "Ann"), (2, "Lee"), (3, "Ann"), (4, "Kay")] {
        world.take(owner, &event("A", 1, json!({ "name": name })));
    }
    let found = profiles::search(&world.store, "ann lee", 5, &Pairs).expect("memory does not fail");
    assert_eq!((found.profiles, found.truncated), (vec![ProfileId(1)], false));
}

#[test]
fn a_record_that_passes_to_another_identifier_takes_its_claims_along() {
    let mut world = World::new();
    world.take(1, &record("c1", 10, Change::Upsert, json!({ "city": "Ulm", "plan": "pro" })));
    let step = world.take(2, &record("c1", 20, Change::Upsert, json!({ "city": "Bonn" })));
    assert_eq!(step.traits, ["city"]);
    assert_eq!(step.left, Some(Left { owner: 1, traits: vec!["city".to_owned(), "plan".to_owned()] }));
    assert_eq!((world.traits(&[1]), world.traits(&[2])), (json!({}), json!({ "city": "Bonn" })));
    let step = world.take(1, &record("c1", 15, Change::Upsert, json!({ "city": "Late" })));
    assert_eq!((step, world.traits(&[1])), (profiles::Step::default(), json!({})), "an older version adds nothing");
    world.take(3, &record("c1", 30, Change::Delete, json!({})));
    world.take(2, &record("c1", 25, Change::Upsert, json!({ "city": "Late" })));
    assert_eq!(world.traits(&[1, 2, 3]), json!({}), "nor does it bring a deleted record back");
}

#[test]
fn a_value_that_is_given_again_is_news_only_where_another_one_wins() {
    let mut world = World::new();
    let (profile, members) = (ProfileId(1), [1, 2]);
    let mut views = Views::new(1 << 20);
    world.take(1, &event("A", 10, json!({ "plan": "basic" })));
    views.get(&world.store, profile, &members).expect("memory does not fail");
    let mut news = |world: &mut World, owner, fact: &Fact| {
        let mut step = world.take(owner, fact);
        views.note_traits(profile, &mut step);
        views.get(&world.store, profile, &members).expect("memory does not fail");
        step.traits
    };
    assert!(news(&mut world, 1, &event("A", 20, json!({ "plan": "basic" }))).is_empty());
    assert_eq!(news(&mut world, 2, &record("c1", 30, Change::Upsert, json!({ "plan": "pro" }))), ["plan"]);
    assert!(news(&mut world, 2, &record("c1", 35, Change::Upsert, json!({ "plan": "pro" }))).is_empty());
    assert_eq!(news(&mut world, 1, &event("A", 40, json!({ "plan": "basic" }))), ["plan"], "it wins again");
    assert_eq!(news(&mut world, 2, &record("c1", 50, Change::Upsert, json!({}))), ["plan"], "it is taken back");
}

#[test]
fn views_are_bounded_by_their_bytes() {
    const MOST: usize = 20_000;
    let mut world = World::new();
    let mut views = Views::new(MOST);
    views.set_labels(["A".to_owned()].into());
    for owner in 1..=200 {
        world.take(owner, &event("A", 10, json!({})));
        world.take(owner, &event("A", 20, json!({ "note": "x".repeat(500) })));
        views.get(&world.store, ProfileId(owner), &[owner]).expect("memory does not fail");
        assert!(views.bytes() <= MOST, "{} bytes after {owner}", views.bytes());
    }
    assert!(views.bytes() > MOST / 2, "what fits is kept: {}", views.bytes());
    world.take(201, &event("A", 10, json!({ "note": "x".repeat(2 * MOST) })));
    views.get(&world.store, ProfileId(201), &[201]).expect("memory does not fail");
    views.forget(ProfileId(201));
    assert_eq!(views.bytes(), 0, "a view that is too large was held alone, and is gone without rest");
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
        let mut views = Views::new(1 << 20);
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

    /// Records pass between identifiers, come late, are deleted and come again: what each set of identifiers says is what the latest
    /// versions alone would say, and a view that was kept by news alone is the view that is read anew.
    #[test]
    fn records_leave_nothing_behind(
        rows in proptest::collection::vec((0usize..2, 1u32..4, 0i64..8, 0u8..4, 0usize..3), 1..30),
    ) {
        let (keys, plans) = (["a", "b"], ["basic", "pro", "max"]);
        let mut world = World::new();
        let mut views = Views::new(1 << 20);
        let profile = ProfileId(1);
        let members = [1, 2, 3];
        views.get(&world.store, profile, &members).expect("memory does not fail");
        let mut latest = std::collections::BTreeMap::new();
        for (key, owner, version, what, plan) in rows {
            let (change, traits) = match what {
                0 => (Change::Delete, json!({})),
                1 => (Change::Upsert, json!({ "city": plans[plan] })),
                _ => (Change::Upsert, json!({ "plan": plans[plan] })),
            };
            let mut step = world.take(owner, &record(keys[key], version, change, traits.clone()));
            if step.left.is_some() {
                views.forget(profile);
            }
            views.note_traits(profile, &mut step);
            let place = (version, world.seq);
            let held = latest.entry(key).or_insert((place, owner, traits.clone()));
            if place >= held.0 {
                *held = (place, owner, traits);
            }
            let fresh = PersonView::load(&world.store, &members, &Default::default()).expect("memory does not fail");
            let kept = views.get(&world.store, profile, &members).expect("memory does not fail");
            for name in ["plan", "city"] {
                prop_assert_eq!(lang::View::trait_value(kept, name), lang::View::trait_value(&fresh, name));
            }
        }
        for members in [vec![1], vec![2], vec![3], vec![1, 2], vec![1, 2, 3]] {
            let mut records: Vec<_> = latest.values().filter(|(_, owner, _)| members.contains(owner)).collect();
            records.sort_by_key(|(place, ..)| *place);
            let mut expected = serde_json::Map::new();
            records.into_iter().for_each(|(.., traits)| expected.extend(traits.as_object().cloned().unwrap_or_default()));
            prop_assert_eq!(world.traits(&members), Value::Object(expected));
        }
    }
}
