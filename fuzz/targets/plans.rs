//! A tracking plan, and behind `---` the properties of an event that is held against it, beside events of every kind.
#![no_main]

use std::sync::LazyLock;

use collect::plans::{Judged, Plan, PlansInForce};
use model::{Event, Raw};
use store::Store;

static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(fuzz::events);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (text, properties) = fuzz::halves(text);
    let (plan, problems) = Plan::parse("shop", 1, text);
    assert_eq!(plan.is_some(), problems.is_empty());
    assert!(problems.iter().all(|problem| problem.line >= 1 && problem.column >= 1));
    if plan.is_none() {
        return;
    }
    let plans = in_force(text);
    for event in EVENTS.iter().cloned().chain(with(properties)) {
        check(&event, plans.judge(event.clone()));
    }
});

/// A plan that can be read can be saved, and is in force from then on.
fn in_force(text: &str) -> PlansInForce {
    let store = Store::in_memory(collect::TABLES);
    let mut draft = store.draft();
    PlansInForce::define(&mut draft, "shop", text, fuzz::NOW).expect("it was read before");
    store.commit(draft).expect("memory");
    PlansInForce::load(&store, &PlansInForce::default()).expect("what was saved can be read")
}

fn with(properties: &str) -> Option<Event> {
    let message = format!(r#"{{"event":"Order Completed","userId":"u","messageId":"m","properties":{properties}}}"#);
    let accepted = collect::spec::accept(collect::spec::Route::Track, message.as_bytes(), &fuzz::door());
    accepted.ok().and_then(|mut accepted| accepted.events.pop())
}

fn check(event: &Event, judged: Judged) {
    fuzz::check_event(&judged.event);
    assert!(!judged.held || (&judged.event == event && judged.removed.is_empty()));
    assert!(!judged.held || !judged.broken.is_empty());
    assert!(!judged.broken.is_empty() || &judged.event == event, "an event as planned stays as it is");
    let (before, after) = (fields(event), fields(&judged.event));
    assert!(judged.removed.is_empty() || after < before, "{before} fields, of which {after} stay");
    assert_eq!((&judged.event.message_id, judged.event.time), (&event.message_id, event.time));
}

/// How many values properties and traits hold at any depth.
fn fields(event: &Event) -> usize {
    fn count(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Object(fields) => fields.values().map(|value| 1 + count(value)).sum(),
            serde_json::Value::Array(items) => items.iter().map(count).sum(),
            _ => 0,
        }
    }
    let objects = [&event.properties, &event.traits].into_iter().flatten().map(Raw::object);
    objects.map(|object| count(&object.into())).sum()
}
