//! Which of a message's values identify a person, in the order of their priority.

use model::{EventKind, Identifier, Raw, kinds};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Item, Text, object_words};
use super::{Door, Refusal};
use crate::normalise::{self, IDENTIFIER_CHARS};

object_words! {
    /// What the context says about people, read apart from the text that is kept.
    Context {
        "traits" => traits: Option<&'a RawValue>,
        "device" => device: Option<&'a RawValue>,
        "externalIds" => external_ids: Option<&'a RawValue>,
        "consent" => consent: Option<&'a RawValue>,
    }
}

object_words! {
    /// Addresses among a person's traits.
    Addresses {
        "email" => email: Text<'a>,
        "phone" => phone: Text<'a>,
    }
}

object_words! {
    /// The device at hand.
    Device {
        "advertisingId" => advertising_id: Text<'a>,
        "adTrackingEnabled" => ad_tracking_enabled: Option<&'a RawValue>,
    }
}

object_words! {
    /// An id of another system; it counts only with all four words.
    ExternalId {
        "id" => id: Text<'a>,
        "type" => kind: Text<'a>,
        "collection" => collection: Text<'a>,
        "encoding" => encoding: Text<'a>,
    }
}

/// Returns user id, e-mail, phone, other ids, anonymous id. Errors: `no_identifier`, `missing_field`, `wrong_type`, `identifier_too_long`.
pub(super) fn promoted(
    kind: EventKind,
    item: &Item<'_>,
    traits: Option<&Raw>,
    context: &Context<'_>,
    door: &Door,
) -> Result<Vec<Identifier>, Refusal> {
    let user = id(&item.user_id, "userId")?;
    let anonymous = id(&item.anonymous_id, "anonymousId")?;
    let previous = id(&item.previous_id, "previousId")?;
    if user.is_none() && anonymous.is_none() {
        return promoted_elsewhere(kind, traits, context, door);
    }
    require(kind, EventKind::Alias, "userId", user)?;
    require(kind, EventKind::Alias, "previousId", previous)?;
    let mut found = Found::new(door);
    found.add(kinds::USER_ID, user);
    found.add_addresses(kind, traits, context);
    if kind == EventKind::Alias {
        found.add(kinds::ANONYMOUS_ID, previous);
    }
    found.add(kinds::ANONYMOUS_ID, anonymous);
    Ok(found.identifiers)
}

/// Reads an id that must be text or a number and not too long.
pub(super) fn id<'t>(text: &'t Text<'_>, field: &'static str) -> Result<Option<&'t str>, Refusal> {
    if matches!(text, Text::Wrong) {
        return Err(Refusal::WrongType { field, expected: "a string or a number" });
    }
    let value = text.some();
    if value.is_some_and(|value| !normalise::fits(value)) {
        let limit = IDENTIFIER_CHARS;
        return Err(Refusal::IdentifierTooLong { field, limit });
    }
    Ok(value)
}

/// A message without `userId` and `anonymousId` may still name its person by an address or an external id.
fn promoted_elsewhere(
    kind: EventKind,
    traits: Option<&Raw>,
    context: &Context<'_>,
    door: &Door,
) -> Result<Vec<Identifier>, Refusal> {
    let mut found = Found::new(door);
    found.add_addresses(kind, traits, context);
    if found.identifiers.is_empty() || kind == EventKind::Alias {
        return Err(Refusal::NoIdentifier);
    }
    Ok(found.identifiers)
}

fn require(kind: EventKind, only: EventKind, field: &'static str, value: Option<&str>) -> Result<(), Refusal> {
    match value {
        None if kind == only => Err(Refusal::MissingField { field }),
        _ => Ok(()),
    }
}

/// Identifiers in the order in which they were found, each once.
struct Found<'d> {
    door: &'d Door,
    identifiers: Vec<Identifier>,
}

impl<'d> Found<'d> {
    fn new(door: &'d Door) -> Self {
        let identifiers = Vec::with_capacity(4);
        Self { door, identifiers }
    }

    fn add(&mut self, kind: &str, value: Option<&str>) {
        let normal = value.and_then(|value| normalise::identifier(kind, value, self.door.phone_region));
        let Some(value) = normal else { return };
        let known = |known: &Identifier| known.kind() == kind && known.value() == value;
        if !self.identifiers.iter().any(known) {
            self.identifiers.push(Identifier::new(kind, value));
        }
    }

    /// Adds e-mail and phone of the person's traits, external ids and the advertising id. A group's traits are not a person's.
    fn add_addresses(&mut self, kind: EventKind, traits: Option<&Raw>, context: &Context<'_>) {
        let own = traits.filter(|_| kind != EventKind::Group);
        let own: Addresses<'_> = own.map(|raw| object(raw.text())).unwrap_or_default();
        let shared: Addresses<'_> = context.traits.map(object_of).unwrap_or_default();
        self.add(kinds::EMAIL, own.email.some().or(shared.email.some()));
        self.add(kinds::PHONE, own.phone.some().or(shared.phone.some()));
        self.add_external(context);
        self.add_device(context);
    }

    fn add_external(&mut self, context: &Context<'_>) {
        let Some(raw) = context.external_ids else { return };
        let entries: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        for entry in entries {
            let external: ExternalId<'_> = object_of(entry);
            let ours = external.collection.some() == Some("users") && external.encoding.some() == Some("none");
            let kind = external.kind.some().map(str::to_lowercase);
            if let Some(kind) = kind.filter(|kind| ours && links_people(kind)) {
                self.add(&kind, external.id.some());
            }
        }
    }

    fn add_device(&mut self, context: &Context<'_>) {
        let Some(raw) = context.device else { return };
        let device: Device<'_> = object_of(raw);
        let refused = device.ad_tracking_enabled.is_some_and(|raw| raw.get() == "false");
        if !refused {
            self.add(kinds::ADVERTISING_ID, device.advertising_id.some());
        }
    }
}

/// Members of a group are different people.
fn links_people(kind: &str) -> bool {
    normalise::is_kind(kind) && kind != kinds::GROUP_ID
}

fn object_of<'a, T: Deserialize<'a> + Default>(raw: &'a RawValue) -> T {
    object(raw.get())
}

/// Reads a text where anything but the expected object says nothing.
fn object<'a, T: Deserialize<'a> + Default>(text: &'a str) -> T {
    if !text.starts_with('{') {
        return T::default();
    }
    serde_json::from_str(text).unwrap_or_default()
}
