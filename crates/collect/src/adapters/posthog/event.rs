//! From one captured event to one message.

use serde_json::value::RawValue;

use super::Envelope;
use crate::adapters::Message;
use crate::adapters::words::{self, ExternalId, Object, Place, Unit};
use crate::spec::{Fields, Refusal};
use kit::Timestamp;

/// Stands in place of an id where a page captures without cookies: it is the same for everyone.
const COOKIELESS: &str = "$posthog_cookieless";

/// Words of the event itself that have their place in a message.
const PLACED: &[&str] = &[
    "api_key",
    "token",
    "event",
    "properties",
    "distinct_id",
    "$distinct_id",
    "uuid",
    "timestamp",
    "sent_at",
    "offset",
    "$set",
    "$set_once",
    "$unset",
    "$anon_distinct_id",
];

/// Words of its properties that have their place in every message.
const PLACED_PROPERTIES: &[&str] = &["token", "distinct_id", "$set", "$set_once", "$unset"];

const PLACES: &[Place] = &[
    ("page", "url", "$current_url"),
    ("page", "path", "$pathname"),
    ("page", "title", "title"),
    ("page", "title", "$title"),
    ("campaign", "source", "utm_source"),
    ("campaign", "medium", "utm_medium"),
    ("campaign", "name", "utm_campaign"),
    ("campaign", "term", "utm_term"),
    ("campaign", "content", "utm_content"),
    ("library", "name", "$lib"),
    ("library", "version", "$lib_version"),
    ("os", "name", "$os"),
    ("os", "version", "$os_version"),
    ("screen", "width", "$screen_width"),
    ("screen", "height", "$screen_height"),
    ("device", "id", "$device_id"),
    ("device", "type", "$device_type"),
    ("device", "manufacturer", "$device_manufacturer"),
    ("device", "model", "$device_model"),
    ("device", "name", "$device_name"),
    ("app", "name", "$app_name"),
    ("app", "version", "$app_version"),
    ("app", "build", "$app_build"),
    ("app", "namespace", "$app_namespace"),
    ("network", "carrier", "$network_carrier"),
    ("network", "wifi", "$network_wifi"),
    ("network", "cellular", "$network_cellular"),
    ("location", "country", "$geoip_country_name"),
    ("location", "region", "$geoip_subdivision_1_name"),
    ("location", "city", "$geoip_city_name"),
    ("location", "latitude", "$geoip_latitude"),
    ("location", "longitude", "$geoip_longitude"),
    ("", "locale", "$browser_language"),
    ("", "locale", "$locale"),
    ("", "timezone", "$timezone"),
    ("", "userAgent", "$raw_user_agent"),
    ("", "ip", "$ip"),
];

/// Errors: `event_too_large`, `wrong_type`, `invalid_json`, `missing_field`, `invalid_time`.
pub(super) fn message(raw: &RawValue, envelope: &Envelope<'_>, key: &mut Option<String>) -> Result<Message, Refusal> {
    let event = words::item(raw)?;
    let properties = words::object(&event, "properties")?;
    for told in [words::text(&event, "api_key"), words::text(&event, "token"), words::text(&properties, "token")] {
        words::agree(key, told)?;
    }
    let name = words::word(&event, "event")?.ok_or(Refusal::MissingField { field: "event" })?;
    let captured = Captured { event, properties };
    let message = captured.common(envelope)?;
    captured.meant(name, message)
}

struct Captured<'a> {
    event: Fields<'a>,
    properties: Fields<'a>,
}

impl Captured<'_> {
    fn meant(&self, name: String, message: Message) -> Result<Message, Refusal> {
        match name.as_str() {
            "$identify" => self.identify(message),
            "$set" => self.set(message),
            "$create_alias" => self.alias(message),
            "$merge_dangerously" => self.merge(message),
            "$groupidentify" => self.group(message),
            "$pageview" => {
                Ok(Message { kind: "page", properties: self.page_words().raw(), ..self.with_traits(message)? })
            }
            "$screen" => {
                let name = words::text(&self.properties, "$screen_name");
                Ok(Message { kind: "screen", name, ..self.with_traits(message)? })
            }
            _ => Ok(Message { kind: "track", event: Some(name), ..self.with_traits(message)? }),
        }
    }

    /// What every message says: who, when, which, and the properties as they are.
    fn common(&self, envelope: &Envelope<'_>) -> Result<Message, Refusal> {
        let mut message = Message { properties: self.properties(&[]).raw(), ..self.who()? };
        let insert_id = || words::text(&self.properties, "$insert_id");
        message.message_id = words::text(&self.event, "uuid").or_else(insert_id);
        let is_as_written = envelope.is_historical || words::flag(&self.properties, "$ignore_sent_at") == Some(true);
        let own_sent_at = words::moment(&self.event, "sent_at", Unit::Milliseconds).ok().flatten();
        let sent_at = envelope.sent_at.clone().or(own_sent_at);
        message.timestamp = self.timestamp(sent_at.as_deref())?;
        message.sent_at = sent_at.filter(|_| !is_as_written);
        Ok(message)
    }

    /// `timestamp`, else `offset`: how many milliseconds before its sending the event happened.
    fn timestamp(&self, sent_at: Option<&str>) -> Result<Option<String>, Refusal> {
        let written = words::moment(&self.event, "timestamp", Unit::Milliseconds)?;
        let ago_ms = || words::text(&self.event, "offset")?.parse::<i64>().ok();
        let before = || Some(Timestamp::parse(sent_at?).ok()?.minus_ms(ago_ms()?).to_string());
        Ok(written.or_else(before))
    }

    fn distinct_id(&self) -> Result<Option<String>, Refusal> {
        let own = words::id(&self.event, "distinct_id")?.or(words::id(&self.event, "$distinct_id")?);
        let id = own.or(words::id(&self.properties, "distinct_id")?);
        Ok(id.filter(|id| id != COOKIELESS))
    }

    /// The id is a person's own, unless it is that of the device, or the client says that it knows nobody yet.
    fn who(&self) -> Result<Message, Refusal> {
        let id = self.distinct_id()?;
        let is_anonymous = id.is_some() && self.is_anonymous(id.as_deref());
        Ok(match is_anonymous {
            true => Message { anonymous_id: id, ..Message::default() },
            false => Message { user_id: id, ..Message::default() },
        })
    }

    fn is_anonymous(&self, id: Option<&str>) -> bool {
        let denied = |name: &str| words::flag(&self.properties, name) == Some(false);
        words::text(&self.properties, "$device_id").as_deref() == id
            || denied("$is_identified")
            || denied("$process_person_profile")
    }

    fn identify(&self, message: Message) -> Result<Message, Refusal> {
        let user_id = self.distinct_id()?;
        let before = words::id(&self.properties, "$anon_distinct_id")?.or(words::id(&self.event, "$anon_distinct_id")?);
        let anonymous_id = before.filter(|id| Some(id) != user_id.as_ref() && id != COOKIELESS);
        let properties = self.properties(&["$anon_distinct_id"]).raw();
        self.set(Message { user_id, anonymous_id, properties, ..message })
    }

    fn set(&self, message: Message) -> Result<Message, Refusal> {
        let (traits, context) = (self.traits()?.raw(), self.context().raw());
        Ok(Message { kind: "identify", traits, context, ..message })
    }

    /// Which of the two ids is the person's: `distinct_id`, but in Python `alias` (there `distinct_id` is the previous one), and in the
    /// browser whichever is not the anonymous one.
    fn alias(&self, message: Message) -> Result<Message, Refusal> {
        let (id, alias) = self.pair()?;
        let is_previous = words::text(&self.properties, "$lib").as_deref() == Some("posthog-python");
        let (user_id, previous_id) = match is_previous || self.is_anonymous(id.as_deref()) {
            true => (alias, id),
            false => (id, alias),
        };
        self.joined(Message { user_id, previous_id, ..message }, &[])
    }

    /// Both are people's own ids.
    fn merge(&self, message: Message) -> Result<Message, Refusal> {
        let (user_id, previous_id) = self.pair()?;
        let other = previous_id.clone().map(|id| ExternalId::new("user_id", id));
        self.joined(Message { user_id, previous_id, ..message }, other.as_slice())
    }

    fn pair(&self) -> Result<(Option<String>, Option<String>), Refusal> {
        let id = words::id(&self.properties, "distinct_id")?.or(self.distinct_id()?);
        Ok((id, words::id(&self.properties, "alias")?))
    }

    fn joined(&self, message: Message, others: &[ExternalId]) -> Result<Message, Refusal> {
        let mut context = self.context();
        context.put_object("traits", self.traits()?);
        if !others.is_empty() {
            context.put_value("externalIds", others);
        }
        let properties = self.properties(&["alias"]).raw();
        Ok(Message { kind: "alias", anonymous_id: None, properties, context: context.raw(), ..message })
    }

    fn group(&self, message: Message) -> Result<Message, Refusal> {
        let mut traits = Object::default();
        traits.put_all(&words::object(&self.properties, "$group_set")?);
        let group_id = words::id(&self.properties, "$group_key")?;
        let message = self.with_traits(self.nobody_in_person(message, group_id.as_deref()))?;
        let properties = self.properties(&["$group_key", "$group_set"]).raw();
        Ok(Message { kind: "group", group_id, traits: traits.raw(), properties, ..message })
    }

    /// Server libraries must give an id with a group, and make one up: node `$company_g1`, Python a random UUID. Nobody is known by these.
    fn nobody_in_person(&self, message: Message, group_id: Option<&str>) -> Message {
        let Some(id) = &message.user_id else { return message };
        let kind = words::text(&self.properties, "$group_type").unwrap_or_default();
        let is_of_group = *id == format!("${kind}_{}", group_id.unwrap_or_default());
        let is_python = words::text(&self.properties, "$lib").as_deref() == Some("posthog-python");
        match is_of_group || is_python && is_uuid(id) {
            true => Message { anonymous_id: message.user_id, user_id: None, ..message },
            false => message,
        }
    }

    /// What an event says of its person besides goes along in the context.
    fn with_traits(&self, message: Message) -> Result<Message, Refusal> {
        let mut context = self.context();
        context.put_object("traits", self.traits()?);
        Ok(Message { context: context.raw(), ..message })
    }

    /// `$set` over `$set_once`; what is in `$unset` becomes `null`. A `null` that was to be set once would only take away.
    fn traits(&self) -> Result<Object<'_>, Refusal> {
        let mut traits = Object::default();
        for fields in [&self.event, &self.properties] {
            traits.put_all(&words::object(fields, "$set")?);
        }
        for fields in [&self.event, &self.properties] {
            traits.put_all(&words::said(words::object(fields, "$set_once")?));
        }
        for fields in [&self.event, &self.properties] {
            let names = words::value(fields, "$unset").map(RawValue::get).unwrap_or("[]");
            let names: Vec<String> = serde_json::from_str(names)
                .map_err(|_| Refusal::WrongType { field: "$unset", expected: "an array of strings" })?;
            names.into_iter().for_each(|name| traits.put_value(name, &()));
        }
        Ok(traits)
    }

    fn properties(&self, placed: &[&str]) -> Object<'_> {
        Object::except(&self.properties, &[PLACED_PROPERTIES, placed].concat())
    }

    fn page_words(&self) -> Object<'_> {
        let mut properties = self.properties(&[]);
        properties.put("url", self.properties.get("$current_url"));
        properties.put("path", self.properties.get("$pathname"));
        properties.put("title", self.properties.get("$title"));
        properties.put_text("referrer", self.referrer().as_deref());
        properties
    }

    /// `$direct` is PostHog's word for none.
    fn referrer(&self) -> Option<String> {
        words::text(&self.properties, "$referrer").filter(|referrer| referrer != "$direct")
    }

    fn context(&self) -> Object<'_> {
        let mut context = Object::default();
        context.put_places(PLACES, &self.properties);
        if let Some(referrer) = self.referrer() {
            context.within("page").put_text("referrer", Some(&referrer));
        }
        context.put("groupId", self.only_group());
        context.put_object("posthog", Object::except(&self.event, PLACED));
        context
    }

    /// The group in which this happened, where it is one.
    fn only_group(&self) -> Option<&RawValue> {
        let groups = Fields::of(self.properties.get("$groups")?.get());
        match groups.0[..] {
            [(_, group)] => Some(group),
            _ => None,
        }
    }
}

fn is_uuid(id: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.len() == 36 && id.bytes().enumerate().all(is_right)
}
