use model::{ConsentChange, Event, Record};

/// Brings what an event says about purposes into canonical form. Called at the door, before the journal.
pub fn mark(event: &mut Event) {
    tidy(&mut event.consents);
}

/// The same for a record.
pub fn mark_record(record: &mut Record) {
    tidy(&mut record.consents);
}

/// Returns the one way to write a purpose: trimmed, lower-case, each run of spaces and hyphens an `_`. May be empty.
///
/// `" E-Mail marketing "` is `e_mail_marketing`.
pub fn canonical(purpose: &str) -> String {
    let lower = purpose.to_lowercase();
    let words = lower.split(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '-');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// Drops empty purposes; a repeated one is kept once, and means no where the two contradict each other.
pub(crate) fn tidy(consents: &mut Vec<ConsentChange>) {
    let mut kept: Vec<ConsentChange> = Vec::with_capacity(consents.len());
    for change in consents.drain(..) {
        let purpose = canonical(&change.purpose);
        match kept.iter_mut().find(|other| other.purpose == purpose) {
            Some(other) => other.granted &= change.granted,
            None if purpose.is_empty() => {}
            None => kept.push(ConsentChange { purpose, granted: change.granted }),
        }
    }
    *consents = kept;
}
