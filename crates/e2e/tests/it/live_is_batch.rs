//! The live and the batch path agree: for random facts and random rules, asking each person alone (`lang::evaluate`) and asking the lake for
//! everyone (`lang::plan`, run by the engine over Parquet) give the same people.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use kit::Timestamp;
use lake::{EventRow, FactRows, IdentifierRow, Lake, ProfileRow, TraitRow};
use lang::Rule;
use model::EventKind;
use proptest::prelude::*;

use crate::random;
use crate::world::World;

/// An identifier's ordinal is its profile's, or so much more: everyone has two.
const SECOND: u32 = 100;
const DEADLINE: Duration = Duration::from_secs(60);

static ENGINE: LazyLock<engine::Local> =
    LazyLock::new(|| engine::Local::new(2, 256 << 20).expect("threads can be started"));

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn asking_everyone_at_once_is_asking_each(
        people in prop::collection::vec(random::world(), 1..8),
        rules in prop::collection::vec(random::small_rule(), 1..5),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let lake = lay(folder.path(), &people);
        for rule in &rules {
            prop_assert_eq!(live(rule, &people), batch(rule, &people[0], &lake), "{}", rule);
        }
    }
}

/// The time and the audiences in force are the first person's.
fn live(rule: &Rule, people: &[World]) -> BTreeSet<u32> {
    let holds = |person: &World| lang::evaluate(rule, &people[0], person, people[0].now).member;
    (1..).zip(people).filter(|(_, person)| holds(person)).map(|(profile, _)| profile).collect()
}

fn batch(rule: &Rule, first: &World, lake: &Lake) -> BTreeSet<u32> {
    let sql = lang::plan(rule, first, first.now).members_sql();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let snapshot = lake.snapshot();
    let answer = runtime.block_on(lake::Engine::query(&*ENGINE, &snapshot, lake::Question::new(&sql, DEADLINE)));
    let answer = answer.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let profile = |row: serde_json::Map<String, serde_json::Value>| row["profile"].as_u64().expect("an id") as u32;
    answer.to_objects().into_iter().map(profile).collect()
}

/// Lays the people out as a lake.
fn lay(folder: &std::path::Path, people: &[World]) -> Lake {
    let lake = Lake::open(folder).expect("an empty folder");
    let people = || (1u32..).zip(people);
    let events: Vec<_> = people().flat_map(|(profile, person)| events(profile, person)).collect();
    let events: Vec<_> = (1..).zip(events).map(|(seq, event)| EventRow { seq, ..event }).collect();
    let through = events.len() as u64;
    lake.append(&FactRows { events, ..FactRows::default() }, through).expect("a sane disk");
    lake.replace_view(through, people().map(|(profile, _)| profile_row(profile))).expect("a sane disk");
    lake.replace_view(through, people().flat_map(|(profile, _)| identifiers(profile))).expect("a sane disk");
    lake.replace_view(through, people().flat_map(|(profile, person)| traits(profile, person))).expect("a sane disk");
    lake
}

fn events(profile: u32, person: &World) -> Vec<EventRow> {
    let all = person.events.iter().flat_map(|(label, events)| events.iter().map(move |event| (label, event)));
    let row = |(label, event): (&String, &lang::Occurrence)| EventRow {
        seq: 0,
        owner: profile + SECOND * (event.seq % 2) as u32,
        event: label.clone(),
        kind: if label == "page" { EventKind::Page } else { EventKind::Track },
        name: (label != "page").then(|| label.clone()),
        source: "web".into(),
        message_id: format!("{profile}-{}", event.seq),
        time: event.time,
        received_at: event.time,
        properties: event.properties.as_ref().map(|raw| raw.text().to_owned()),
        context: None,
    };
    all.map(row).collect()
}

fn traits(profile: u32, person: &World) -> Vec<TraitRow> {
    let row = |(name, value): (&String, &serde_json::Value)| TraitRow {
        profile,
        name: name.clone(),
        value: value.to_string(),
        source: "crm".into(),
        time: Timestamp::default(),
    };
    person.traits.iter().map(row).collect()
}

fn identifiers(profile: u32) -> [IdentifierRow; 2] {
    [profile, profile + SECOND].map(|ordinal| IdentifierRow {
        ordinal,
        kind: "email".to_owned(),
        value: format!("p{ordinal}@example.com"),
        profile,
    })
}

fn profile_row(profile: u32) -> ProfileRow {
    ProfileRow { profile, identifiers: 2, first_seen: Timestamp::default(), last_seen: Timestamp::default() }
}
