//! A file of steps that put held events right.
#![no_main]

use std::sync::LazyLock;

use collect::quarantine::Mend;
use model::Event;

static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(fuzz::events);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (mend, problems) = Mend::parse(text);
    assert_eq!(mend.is_some(), problems.is_empty());
    assert!(problems.iter().all(|problem| problem.line >= 1 && problem.column >= 1));
    let Some(mend) = mend else { return };
    for event in &*EVENTS {
        let Ok(mended) = mend.mended(event) else { continue };
        fuzz::check_event(&mended);
        let times = |event: &Event| (event.time, event.received_at, event.sent_at, event.original_timestamp);
        assert_eq!((&mended.message_id, mended.kind, times(&mended)), (&event.message_id, event.kind, times(event)));
    }
});
