//! What is added to an event at the door: the user agent, the Client Hints and the address, a line each, then the context.
#![no_main]

use std::sync::LazyLock;

use collect::enrich::{Enricher, Options, Origin, Truncate};
use model::{Event, Raw};
use serde_json::{Map, Value};

static ENRICHERS: LazyLock<[Enricher; 2]> = LazyLock::new(|| {
    let always = Options { truncate_ip: Truncate::Always, ..Options::default() };
    [Enricher::new(Options::default(), None), Enricher::new(always, None)]
});
static EVENT: LazyLock<Event> = LazyLock::new(|| fuzz::events().remove(0));

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut parts = text.splitn(4, '\n');
    let [agent, hints, ip] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let context = parts.next().and_then(sound);
    let header = |name: &str| match name {
        "user-agent" => Some(agent),
        name if name.starts_with("sec-ch-ua") => Some(hints),
        _ => None,
    };
    let origin = Origin::of_request(ip.parse().ok(), &header);
    for enricher in &*ENRICHERS {
        let mut event = Event { context: context.clone(), ..EVENT.clone() };
        enricher.enrich(&mut event, &origin);
        check(context.as_ref(), &event);
    }
});

/// A context as it comes through the door.
fn sound(text: &str) -> Option<Raw> {
    let message = format!(r#"{{"event":"e","userId":"u","context":{text}}}"#);
    let accepted = collect::spec::accept(collect::spec::Route::Track, message.as_bytes(), &fuzz::door());
    accepted.ok()?.events.pop()?.context
}

/// The client's own words stay, but for `ip` and what is ours.
fn check(sent: Option<&Raw>, event: &Event) {
    fuzz::check_event(event);
    let own = |raw: Option<&Raw>| -> Map<String, Value> {
        let mut words = raw.map(Raw::object).unwrap_or_default();
        words.remove("ip");
        words.remove("enriched");
        words
    };
    assert_eq!(own(event.context.as_ref()), own(sent));
}
