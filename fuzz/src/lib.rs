//! What the targets share: a door, a few facts to begin with, and what holds of everything that is taken.

pub mod disk;
pub mod files;
pub mod person;

use collect::spec::{Accepted, Door};
use kit::Timestamp;
use lake::journal::Frames;
use model::{Event, Fact};

/// 2026-11-24T12:00:00Z, at which everything arrives.
pub const NOW: Timestamp = Timestamp::from_ms(1_795_521_600_000);

/// A door with the usual limits.
pub fn door() -> Door {
    Door::live("web".into(), NOW)
}

/// What holds of a fact that was taken, whoever took it: it has an owner, it fits into the journal, and it is read again as it was written.
pub fn check_fact(fact: &Fact) {
    assert!(!fact.identifiers().is_empty(), "a fact without an identifier");
    let written = serde_json::to_string(fact).expect("a fact can be written");
    let read: Fact = serde_json::from_str(&written).expect("and read");
    assert_eq!(&read, fact);
    serde_json::from_str::<serde_json::Value>(&written).expect("to the last value");
    Frames::of([fact]).expect("it fits into the journal");
}

/// What holds of an event beside: ids and labels that say something, and a time that a calendar has.
pub fn check_event(event: &Event) {
    assert!(!event.message_id.is_empty() && !event.label().is_empty());
    assert!(event.time.has_date(), "{:?}", event.time);
    let mut marked = event.clone();
    consent::mark(&mut marked);
    check_fact(&Fact::Event(marked));
    check_fact(&Fact::Event(event.clone()));
}

/// What holds of a batch of so many messages: each was taken or refused, the refused ones stand in their order, and limits hold.
pub fn check_accepted(accepted: &Accepted, messages: usize, door: &Door) {
    assert_eq!(accepted.events.len() + accepted.refused.len(), messages);
    let indices: Vec<usize> = accepted.refused.iter().map(|refused| refused.index).collect();
    assert!(indices.is_sorted_by(|one, next| one < next), "{indices:?}");
    assert!(indices.iter().all(|index| *index < messages), "{indices:?} of {messages}");
    for refused in &accepted.refused {
        assert!(!refused.code.is_empty() && !refused.message.is_empty());
        assert!(refused.sample.chars().count() <= 500);
    }
    for event in &accepted.events {
        assert!(event.message_id.chars().count() <= door.limits.message_id_chars);
        check_event(event);
    }
}

/// Splits an input at the first `\n---\n`: two texts for a target that needs two.
pub fn halves(text: &str) -> (&str, &str) {
    text.split_once("\n---\n").unwrap_or((text, ""))
}

/// Events of every kind, for targets whose input is what judges or changes them.
pub fn events() -> Vec<Event> {
    let accepted = collect::spec::accept(collect::spec::Route::Batch, EVENTS.as_bytes(), &door()).expect("a batch");
    assert!(accepted.refused.is_empty(), "{:?}", accepted.refused);
    accepted.events
}

const EVENTS: &str = r#"{"batch":[
{"type":"track","event":"Order Completed","userId":"u1","messageId":"m1","timestamp":"2026-11-24T11:00:00Z",
 "properties":{"revenue":99.50,"total":"12","products":[{"id":"p","n":2},{"id":"q"}],"coupon":null,"a":{"b":{"c":1}}},
 "context":{"traits":{"email":"ann@example.com","phone":"+12015550123"},"page":{"url":"https://shop.example/a?utm_source=x"}}},
{"type":"identify","anonymousId":"a1","messageId":"m2","timestamp":"2026-11-24T11:00:00Z","traits":{"email":"b@example.com","vip":true}},
{"type":"page","name":"Home","userId":"u1","messageId":"m3","timestamp":"2026-11-24T11:00:00Z","properties":{"a":1,"b":"x"}},
{"type":"screen","userId":"u1","messageId":"m4","timestamp":"2026-11-24T11:00:00Z","properties":{}},
{"type":"group","groupId":"g1","userId":"u1","messageId":"m5","timestamp":"2026-11-24T11:00:00Z","traits":{"size":3}},
{"type":"alias","previousId":"a1","userId":"u1","messageId":"m6","timestamp":"2026-11-24T11:00:00Z",
 "context":{"consent":{"categoryPreferences":{"advertising":false}}}}]}"#;
