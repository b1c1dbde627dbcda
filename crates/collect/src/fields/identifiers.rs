use model::{Event, EventKind, Identifier, Raw, kinds};
use serde_json::Value;

use crate::normalise::{self, Region};

/// An event must keep at least one identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoIdentifier;

/// Lets the identifiers follow `/traits/email` and `/traits/phone` after a change of the traits, as the door would have taken them.
///
/// An error leaves the identifiers as they were. The traits of a group are nobody's.
pub(crate) fn follow(event: &mut Event, before: Option<&Raw>, region: Region) -> Result<(), NoIdentifier> {
    if event.kind == EventKind::Group || before == event.traits.as_ref() {
        return Ok(());
    }
    let mut identifiers = event.identifiers.clone();
    for kind in [kinds::EMAIL, kinds::PHONE] {
        let (old, new) = (address(before, kind), address(event.traits.as_ref(), kind));
        if old != new {
            identifiers.retain(|identifier| identifier.kind() != kind);
            let new = new.and_then(|text| normalise::identifier(kind, &text, region));
            insert(&mut identifiers, new.map(|value| Identifier::new(kind, value)));
        }
    }
    if identifiers.is_empty() {
        return Err(NoIdentifier);
    }
    event.identifiers = identifiers;
    Ok(())
}

fn address(traits: Option<&Raw>, kind: &str) -> Option<String> {
    match traits?.object().remove(kind)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// By priority: user id, e-mail, phone, then all others.
fn insert(identifiers: &mut Vec<Identifier>, new: Option<Identifier>) {
    let Some(new) = new else { return };
    let before = identifiers.iter().take_while(|other| rank(other.kind()) <= rank(new.kind()));
    let at = before.count();
    identifiers.insert(at, new);
}

fn rank(kind: &str) -> u8 {
    match kind {
        kinds::USER_ID => 0,
        kinds::EMAIL => 1,
        kinds::PHONE => 2,
        _ => 3,
    }
}
