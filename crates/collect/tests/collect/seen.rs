//! Which messages come again: against a plain model, and whatever passes when.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use collect::TABLES;
use collect::seen::{self, Recall};
use collect::sources::{self, SourceOptions};
use collect::ways::{self, Way};
use kit::{DAY_MS, HOUR_MS, SECOND_MS, Timestamp};
use model::{Event, EventKind, Identifier, Seq};
use proptest::prelude::*;
use store::{Memory, Range, ReadExt, Store, Table};

const START_MS: i64 = 1_700_000_000 * SECOND_MS;

fn message(source: &str, id: &str, received_ms: i64) -> Event {
    let received_at = Timestamp::from_ms(received_ms);
    Event {
        message_id: id.to_owned(),
        source: source.into(),
        kind: EventKind::Page,
        name: None,
        identifiers: vec![Identifier::new("anonymous_id", "a")],
        time: received_at,
        received_at,
        sent_at: None,
        original_timestamp: None,
        traits: None,
        properties: None,
        context: None,
        integrations: None,
        as_sent: None,
        consents: Vec::new(),
    }
}

fn make(house: &Store, source: &str, days: Option<u32>) {
    let options = SourceOptions { dedupe_days: days, ..SourceOptions::default() };
    let mut draft = house.draft();
    sources::create(&mut draft, source, None, options, Timestamp::from_ms(START_MS)).expect("a fresh name");
    house.commit(draft).expect("committed");
}

/// Walks one batch; returns the positions of the messages that count.
fn walk(house: &Store, batch: &[(Seq, Event)]) -> Vec<Seq> {
    let mut draft = house.draft();
    let mut recall = Recall::load(&draft).expect("readable");
    let mut counted = Vec::new();
    for (seq, event) in batch {
        recall.note_time(event.received_at);
        if !recall.is_repeated(&mut draft, event, *seq).expect("readable") {
            counted.push(*seq);
        }
    }
    recall.write_down(&mut draft);
    let through = batch.last().map_or(0, |(seq, _)| *seq);
    house.commit_through(draft, through).expect("committed");
    counted
}

/// Whether each of these messages, a batch each, counts.
fn each_counts(house: &Store, messages: &[(&str, &str, i64)]) -> Vec<bool> {
    let first = house.applied().expect("readable") + 1;
    let walk = |(at, (source, id, ms)): (usize, &(&str, &str, i64))| {
        !walk(house, &[(first + at as u64, message(source, id, START_MS + ms))]).is_empty()
    };
    messages.iter().enumerate().map(walk).collect()
}

fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).expect("a table of the room")
}

#[test]
fn the_first_one_within_the_window_wins() {
    let house = Store::in_memory(TABLES);
    make(&house, "web", None);
    make(&house, "app", Some(1));
    let after = |days: i64, ms: i64| days * DAY_MS + ms;
    let counts = each_counts(
        &house,
        &[
            ("web", "m", 0),
            ("app", "m", 0),
            ("files", "m", 0),
            ("app", "m", after(1, -1)),
            ("web", "m", after(1, 0)),
            ("app", "m", after(1, 0)),
            ("app", "m", after(2, -1)),
            ("web", "m", after(30, -1)),
            ("web", "m", after(30, 0)),
            ("web", "m", after(60, -1)),
            ("files", "m", after(3_000, 0)),
        ],
    );
    assert_eq!(counts, [true, true, true, false, false, true, false, false, true, false, false]);
}

#[test]
fn a_message_that_arrives_behind_its_time_is_taken_as_late_as_the_one_before() {
    let house = Store::in_memory(TABLES);
    make(&house, "web", Some(1));
    let counts = each_counts(
        &house,
        &[("web", "a", 0), ("web", "b", DAY_MS), ("web", "a", HOUR_MS), ("web", "a", 2 * DAY_MS - 1)],
    );
    assert_eq!(counts, [true, true, true, false], "the journal's time never goes back");
}

#[test]
fn another_window_holds_for_what_comes_first_from_then_on() {
    let house = Store::in_memory(TABLES);
    make(&house, "web", Some(10));
    assert_eq!(each_counts(&house, &[("web", "a", 0)]), [true]);
    let mut draft = house.draft();
    let write_key = sources::definition(&house, "web").expect("readable").expect("there").write_keys[0].clone();
    sources::remove_key(&mut draft, "web", write_key.expose()).expect("removed");
    house.commit(draft).expect("committed");
    make(&house, "web", Some(1));
    let counts = each_counts(&house, &[("web", "b", 0), ("web", "a", 9 * DAY_MS), ("web", "b", 9 * DAY_MS)]);
    assert_eq!(counts, [true, false, true]);
}

#[test]
fn what_was_remembered_is_known_after_a_restart_and_when_a_batch_is_walked_again() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let batch =
        [(1, message("web", "a", START_MS)), (2, message("web", "b", START_MS)), (3, message("web", "a", START_MS))];
    for round in 0..3 {
        let house = Store::open(dir.path(), TABLES).expect("it opens");
        assert_eq!(walk(&house, &batch), [1, 2], "round {round}");
        assert_eq!(seen::position(&house, "web", "a").expect("readable"), Some(1));
        assert_eq!(seen::position(&house, "app", "a").expect("readable"), None);
    }
}

#[test]
fn a_row_is_as_short_as_its_journal_position() {
    let house = Store::in_memory(TABLES);
    let positions = [1, 255, 256, 100_000_000, Seq::MAX];
    for seq in positions {
        walk(&house, &[(seq, message("web", &seq.to_string(), START_MS))]);
        assert_eq!(seen::position(&house, "web", &seq.to_string()).expect("readable"), Some(seq));
    }
    let rows = house.rows(table("seen"), Range::default(), usize::MAX).expect("readable");
    let mut bytes: Vec<_> = rows.iter().map(|(key, value)| (key.len(), value.len())).collect();
    bytes.sort_unstable();
    assert_eq!(bytes, [(16, 5), (16, 5), (16, 6), (16, 8), (16, 12)]);
}

#[test]
fn old_ways_are_forgotten_piece_by_piece_and_the_rest_stays() {
    let house = Store::in_memory(TABLES);
    let mut draft = house.draft();
    for seq in 1..=7u64 {
        let walked_at = Timestamp::from_ms(seq as i64);
        ways::note(&mut draft, seq, &Way { walked_at, owner: Some(seq as u32), steps: Vec::new() });
    }
    house.commit(draft).expect("committed");
    let forget = |before: i64| {
        let mut draft = house.draft();
        let forgotten = ways::forget_before(&mut draft, Timestamp::from_ms(before), 3).expect("readable");
        house.commit(draft).expect("committed");
        forgotten
    };
    assert_eq!([forget(6), forget(6), forget(6), forget(7)], [3, 2, 0, 1]);
    let is_there = |seq: &Seq| ways::of(&house, *seq).expect("readable").is_some();
    assert_eq!((1..=7).filter(is_there).collect::<Vec<_>>(), [7]);
}

/// A message of the property's world, and what happens behind it.
#[derive(Debug, Clone)]
struct Arrival {
    source: &'static str,
    id: u8,
    later_ms: i64,
    ends_batch: bool,
    /// Which of the rows that have passed are taken away behind the batch: one in so many, none for 0.
    takes_away: u8,
}

fn arrival() -> impl Strategy<Value = Arrival> {
    let source = prop::sample::select(vec!["web", "app", "files"]);
    let later = prop_oneof![8 => 0..6 * HOUR_MS, 2 => -4 * HOUR_MS..0, 1 => 0..3 * DAY_MS];
    (source, 0..12u8, later, prop::bool::weighted(0.3), 0..4u8).prop_map(
        |(source, id, later_ms, ends_batch, takes_away)| Arrival { source, id, later_ms, ends_batch, takes_away },
    )
}

/// The plain model: whole seconds, a time that never goes back, and nothing is ever forgotten.
fn model(messages: &[(Seq, Event)], windows: &HashMap<&str, u32>) -> Vec<Seq> {
    let (mut first, mut now, mut counted) = (HashMap::new(), 0, Vec::new());
    for (seq, event) in messages {
        now = now.max(event.received_at.as_ms());
        let window_s = i64::from(windows[&*event.source]) * (DAY_MS / SECOND_MS);
        let key = (event.source.clone(), event.message_id.clone());
        let is_repeated = first.get(&key).is_some_and(|first_ms| now / SECOND_MS - first_ms / SECOND_MS < window_s);
        if !is_repeated {
            first.insert(key, now);
            counted.push(*seq);
        }
    }
    counted
}

/// Takes rows away that have passed, as a store may.
fn take_away(house: &Store, one_in: u8) {
    let now = (seen::journal_time(house).expect("readable").as_ms() / SECOND_MS) as u32;
    house.let_go(Timestamp::from_ms(i64::from(now) * SECOND_MS)).expect("nothing to wait for");
    let mut draft = house.draft();
    for (key, value) in house.rows(table("seen"), Range::default(), usize::MAX).expect("readable") {
        let has_passed = store::read_u32(&value, 0).expect("a second") <= now;
        if has_passed && one_in > 0 && key[0] % one_in == 0 {
            draft.remove(table("seen"), key);
        }
    }
    house.commit(draft).expect("committed");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn whatever_passes_when_the_same_messages_count(
        arrivals in prop::collection::vec(arrival(), 1..200),
        web in 1..6u32,
        app in 1..3u32,
    ) {
        let windows = HashMap::from([("web", web), ("app", app), ("files", 3_650)]);
        let backend: Arc<Memory> = Arc::default();
        let open = || Store::over(backend.clone(), TABLES).expect("it opens");
        make(&open(), "web", Some(web));
        make(&open(), "app", Some(app));
        let (mut time_ms, mut messages, mut counted, mut walked) = (START_MS, Vec::new(), Vec::new(), 0);
        for (at, arrival) in arrivals.iter().enumerate() {
            time_ms += arrival.later_ms;
            messages.push((at as Seq + 1, message(arrival.source, &arrival.id.to_string(), time_ms)));
            if arrival.ends_batch || at + 1 == arrivals.len() {
                let house = open();
                counted.extend(walk(&house, &messages[walked..]));
                take_away(&house, arrival.takes_away);
                walked = messages.len();
            }
        }
        prop_assert_eq!(&counted, &model(&messages, &windows));
        let unique: BTreeSet<_> = counted.iter().collect();
        prop_assert_eq!(unique.len(), counted.len());
    }
}
