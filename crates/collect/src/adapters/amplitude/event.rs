//! From one event to one message.

use serde_json::value::RawValue;

use super::operations;
use crate::adapters::Message;
use crate::adapters::words::{self, Object, Place, Unit};
use crate::spec::{Fields, Refusal};

/// Words of an event that have their place in a message; all others are kept in `context.amplitude`.
const PLACED: &[&str] = &[
    "user_id",
    "device_id",
    "event_type",
    "event_properties",
    "user_properties",
    "group_properties",
    "insert_id",
    "time",
    "library",
    "idfa",
    "adid",
    "group_type",
    "group_value",
];

/// Words beside `event_properties` that are properties of the event all the same.
const BESIDE: [&str; 7] = ["revenue", "price", "quantity", "productId", "revenueType", "currency", "session_id"];

const PLACES: &[Place] = &[
    ("app", "version", "app_version"),
    ("os", "name", "os_name"),
    ("os", "version", "os_version"),
    ("device", "manufacturer", "device_manufacturer"),
    ("device", "model", "device_model"),
    ("device", "brand", "device_brand"),
    ("network", "carrier", "carrier"),
    ("location", "country", "country"),
    ("location", "region", "region"),
    ("location", "city", "city"),
    ("location", "latitude", "location_lat"),
    ("location", "longitude", "location_lng"),
    ("", "locale", "language"),
    ("", "ip", "ip"),
    ("", "userAgent", "user_agent"),
];

/// What Amplitude's browser library tells of a page, and the spec's words for it.
const PAGE: [(&str, &str); 4] = [
    ("url", "[Amplitude] Page Location"),
    ("url", "[Amplitude] Page URL"),
    ("path", "[Amplitude] Page Path"),
    ("title", "[Amplitude] Page Title"),
];

/// Errors: `event_too_large`, `wrong_type`, `invalid_json`, `missing_field`, `invalid_time`.
pub(super) fn message(raw: &RawValue) -> Result<Message, Refusal> {
    let told = Told::of(raw)?;
    let name = words::word(&told.event, "event_type")?.ok_or(Refusal::MissingField { field: "event_type" })?;
    match name.as_str() {
        "$identify" => told.identify(),
        "$groupidentify" => told.group(),
        "[Amplitude] Page Viewed" => told.page(),
        "[Amplitude] Screen Viewed" => {
            let name = words::text(&told.properties, "[Amplitude] Screen Name");
            Ok(Message { kind: "screen", name, ..told.happened()? })
        }
        _ => Ok(Message { kind: "track", event: Some(name), ..told.happened()? }),
    }
}

/// What is said of a person without an event. Errors: as [`message`].
pub(super) fn identification(raw: &RawValue) -> Result<Message, Refusal> {
    Told::of(raw)?.identify()
}

/// What is said of a group without an event or a person: an anonymous id stands for the group itself. Errors: as [`message`].
pub(super) fn group_identification(raw: &RawValue) -> Result<Message, Refusal> {
    let told = Told::of(raw)?;
    let kind = words::id(&told.event, "group_type")?.ok_or(Refusal::MissingField { field: "group_type" })?;
    let value = words::id(&told.event, "group_value")?.ok_or(Refusal::MissingField { field: "group_value" })?;
    told.group_of(&kind, value)
}

struct Told<'a> {
    event: Fields<'a>,
    properties: Fields<'a>,
    user: Fields<'a>,
}

impl<'a> Told<'a> {
    fn of(raw: &'a RawValue) -> Result<Self, Refusal> {
        let event = words::item(raw)?;
        let properties = words::object(&event, "event_properties")?;
        let user = words::object(&event, "user_properties")?;
        Ok(Self { event, properties, user })
    }

    fn identify(&self) -> Result<Message, Refusal> {
        let (traits, context) = (operations::traits(&self.user)?.raw(), self.context().raw());
        Ok(Message { kind: "identify", traits, context, ..self.common()? })
    }

    /// What happened; what it says of its person besides goes along in the context.
    fn happened(&self) -> Result<Message, Refusal> {
        let mut context = self.context();
        context.put_object("traits", operations::traits(&self.user)?);
        Ok(Message { context: context.raw(), ..self.common()? })
    }

    fn page(&self) -> Result<Message, Refusal> {
        let mut properties = self.event_properties();
        for (name, word) in PAGE {
            properties.put(name, self.properties.get(word));
        }
        properties.put("referrer", self.properties.get("referrer"));
        Ok(Message { kind: "page", properties: properties.raw(), ..self.happened()? })
    }

    fn group(&self) -> Result<Message, Refusal> {
        let groups = words::object(&self.event, "groups")?;
        let (kind, group) = groups.0.first().ok_or(Refusal::MissingField { field: "groups" })?;
        let wrong = Refusal::WrongType { field: "groups", expected: "an object of ids" };
        self.group_of(kind, words::text_of(first(group)).ok_or(wrong)?)
    }

    fn group_of(&self, kind: &str, group_id: String) -> Result<Message, Refusal> {
        let said = words::object(&self.event, "group_properties")?;
        let mut properties = self.event_properties();
        properties.put_text("group_type", Some(kind));
        let mut context = self.context();
        let others = operations::others(&said);
        if !others.is_empty() {
            context.within("amplitude").put_object("group_properties", others);
        }
        context.put_object("traits", operations::traits(&self.user)?);
        let mut message = self.common()?;
        if message.user_id.is_none() && message.anonymous_id.is_none() {
            message.anonymous_id = Some(format!("${kind}_{group_id}"));
        }
        Ok(Message {
            kind: "group",
            traits: operations::traits(&said)?.raw(),
            group_id: Some(group_id),
            properties: properties.raw(),
            context: context.raw(),
            ..message
        })
    }

    fn common(&self) -> Result<Message, Refusal> {
        Ok(Message {
            user_id: words::id(&self.event, "user_id")?,
            anonymous_id: words::id(&self.event, "device_id")?,
            message_id: words::text(&self.event, "insert_id"),
            timestamp: words::moment(&self.event, "time", Unit::Milliseconds)?,
            properties: self.event_properties().raw(),
            ..Message::default()
        })
    }

    fn event_properties(&self) -> Object<'_> {
        let mut properties = Object::except(&self.properties, &[]);
        for word in BESIDE {
            properties.put(word, self.event.get(word));
        }
        properties
    }

    fn context(&self) -> Object<'_> {
        let mut context = Object::default();
        context.put_places(PLACES, &self.event);
        if let Some(library) = words::text(&self.event, "library") {
            let (name, version) = library.rsplit_once('/').unwrap_or((&library, ""));
            context.within("library").put_text("name", Some(name));
            context.within("library").put_text("version", Some(version));
        }
        if let Some(advertising_id) = self.advertising_id() {
            context.within("device").put("advertisingId", Some(advertising_id));
        }
        context.put_places(&[("page", "url", PAGE[0].1), ("page", "url", PAGE[1].1)], &self.properties);
        context.put_places(&[("page", "path", PAGE[2].1), ("page", "title", PAGE[3].1)], &self.properties);
        context.put("groupId", self.only_group());
        context.put_object("amplitude", self.rest());
        context
    }

    /// A device that does not want to be followed has an id of zeros.
    fn advertising_id(&self) -> Option<&'a RawValue> {
        let known = |raw: &&RawValue| raw.get().chars().any(|letter| !matches!(letter, '0' | '-' | '"'));
        ["idfa", "adid"].into_iter().find_map(|word| words::value(&self.event, word).filter(known))
    }

    /// What has no place of its own, or none left: a `revenue` beside another one in `event_properties`.
    fn rest(&self) -> Object<'_> {
        let beside = BESIDE.into_iter().filter(|word| self.properties.get(word).is_none());
        let placed = PLACES.iter().map(|(_, _, word)| *word);
        let placed: Vec<&str> = PLACED.iter().copied().chain(beside).chain(placed).collect();
        let mut rest = Object::except(&self.event, &placed);
        rest.put_object("user_properties", operations::others(&self.user));
        rest
    }

    /// The group in which this happened, where it is one.
    fn only_group(&self) -> Option<&'a RawValue> {
        let groups = Fields::of(self.event.get("groups")?.get());
        match groups.0[..] {
            [(_, group)] if words::text_of(group).is_some() => Some(group),
            _ => None,
        }
    }
}

/// The first of several ids.
fn first(raw: &RawValue) -> &RawValue {
    let several: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    several.first().copied().unwrap_or(raw)
}
