//! From one event to one message, and who a Mixpanel id is.

use serde_json::value::RawValue;

use crate::adapters::Message;
use crate::adapters::words::{self, ExternalId, Object, Place, Unit};
use crate::spec::{Fields, Refusal};

/// In front of the id of a device where nobody is known yet.
const DEVICE: &str = "$device:";

const PLACED: &[&str] = &["token", "$token", "time", "$insert_id", "$user_id", "$device_id"];

const PLACES: &[Place] = &[
    ("page", "url", "$current_url"),
    ("page", "path", "current_url_path"),
    ("page", "search", "current_url_search"),
    ("page", "title", "current_page_title"),
    ("page", "referrer", "$referrer"),
    ("campaign", "source", "utm_source"),
    ("campaign", "medium", "utm_medium"),
    ("campaign", "name", "utm_campaign"),
    ("campaign", "term", "utm_term"),
    ("campaign", "content", "utm_content"),
    ("library", "name", "mp_lib"),
    ("library", "version", "$lib_version"),
    ("os", "name", "$os"),
    ("os", "version", "$os_version"),
    ("screen", "width", "$screen_width"),
    ("screen", "height", "$screen_height"),
    ("device", "manufacturer", "$manufacturer"),
    ("device", "model", "$model"),
    ("app", "version", "$app_version_string"),
    ("app", "build", "$app_build_number"),
    ("network", "carrier", "$carrier"),
    ("network", "wifi", "$wifi"),
    ("location", "country", "mp_country_code"),
    ("location", "region", "$region"),
    ("location", "city", "$city"),
    ("", "ip", "ip"),
    ("", "ip", "$ip"),
];

/// Errors: `event_too_large`, `wrong_type`, `invalid_json`, `missing_field`, `invalid_time`.
pub(super) fn message(raw: &RawValue, key: &mut Option<String>) -> Result<Message, Refusal> {
    let event = words::item(raw)?;
    let properties = words::object(&event, "properties")?;
    words::agree(key, words::text(&properties, "token").or_else(|| words::text(&properties, "$token")))?;
    let name = words::word(&event, "event")?.ok_or(Refusal::MissingField { field: "event" })?;
    let who = Who::of(&properties, "distinct_id")?;
    let mut context = Object::default();
    context.put_places(PLACES, &properties);
    context.put_object("mixpanel", Object::except(&event, &["event", "properties"]));
    let message = Message {
        message_id: words::text(&properties, "$insert_id"),
        timestamp: words::moment(&properties, "time", Unit::SecondsOrMilliseconds)?,
        ..Message::default()
    };
    meant(name, Told { properties, who, context }, message)
}

struct Told<'a> {
    properties: Fields<'a>,
    who: Who,
    context: Object<'a>,
}

fn meant(name: String, told: Told<'_>, message: Message) -> Result<Message, Refusal> {
    match name.as_str() {
        "$identify" => told.identify(message),
        "$create_alias" => told.alias(message),
        "$merge" => told.merge(message),
        "$mp_web_page_view" => Ok(told.page(message)),
        _ => Ok(Message { kind: "track", event: Some(name), ..told.kept(message, &[]) }),
    }
}

impl Told<'_> {
    /// Original identity merge: this person is the one whom the anonymous id was.
    fn identify(mut self, message: Message) -> Result<Message, Refusal> {
        let identified = words::id(&self.properties, "$identified_id")?;
        let before = words::id(&self.properties, "$anon_id")?.map(without_device);
        self.who.user_id = identified.or(self.who.user_id);
        self.who.anonymous_id = before.or(self.who.anonymous_id);
        Ok(Message { kind: "identify", ..self.kept(message, &["$identified_id", "$anon_id"]) })
    }

    /// `alias` is the new id of whom `distinct_id` was until now.
    fn alias(self, message: Message) -> Result<Message, Refusal> {
        let user_id = words::id(&self.properties, "alias")?;
        let previous_id = words::id(&self.properties, "distinct_id")?.map(without_device);
        let message = self.kept(message, &["alias", "distinct_id"]);
        Ok(Message { kind: "alias", user_id, previous_id, anonymous_id: None, ..message })
    }

    /// Both ids are people's own, unless one is a device's.
    fn merge(mut self, message: Message) -> Result<Message, Refusal> {
        let ids: Vec<&RawValue> = words::list(&self.properties, "$distinct_ids")?;
        let mut ids: Vec<String> = ids.into_iter().filter_map(words::text_of).collect();
        ids.sort_by_key(|id| id.starts_with(DEVICE));
        let [user_id, previous_id] = <[String; 2]>::try_from(ids)
            .map_err(|_| Refusal::WrongType { field: "$distinct_ids", expected: "an array of two ids" })?;
        if !previous_id.starts_with(DEVICE) {
            self.context.put_value("externalIds", &[ExternalId::new("user_id", previous_id.clone())]);
        }
        let message = self.kept(message, &["$distinct_ids"]);
        let (user_id, previous_id) = (Some(user_id), Some(without_device(previous_id)));
        Ok(Message { kind: "alias", user_id, previous_id, anonymous_id: None, ..message })
    }

    fn page(self, message: Message) -> Message {
        let found = [("url", "$current_url"), ("path", "current_url_path"), ("title", "current_page_title")];
        let found = found.map(|(name, word)| (name, words::value(&self.properties, word)));
        let referrer = words::value(&self.properties, "$referrer");
        let mut properties = Object::except(&self.properties, &self.placed(&[]));
        for (name, value) in found.into_iter().chain([("referrer", referrer)]) {
            properties.put(name, value);
        }
        let properties = properties.raw();
        Message { kind: "page", properties, ..self.kept(message, &[]) }
    }

    /// The message with its person, its context, and all properties that have no other place.
    fn kept(self, message: Message, placed: &[&'static str]) -> Message {
        let properties = Object::except(&self.properties, &self.placed(placed)).raw();
        let Who { user_id, anonymous_id, .. } = self.who;
        Message { user_id, anonymous_id, properties, context: self.context.raw(), ..message }
    }

    fn placed(&self, more: &[&'static str]) -> Vec<&'static str> {
        let distinct_id: &[&str] = if self.who.is_distinct_id_kept { &[] } else { &["distinct_id"] };
        [PLACED, more, distinct_id].concat()
    }
}

/// Whom an item is about.
pub(super) struct Who {
    pub user_id: Option<String>,
    pub anonymous_id: Option<String>,
    /// Whether `distinct_id` is neither of the two, so that it must be kept as it is.
    pub is_distinct_id_kept: bool,
}

impl Who {
    /// Simplified identity merge: `$user_id` and `$device_id` say it; else `distinct_id`, which is a person's own unless it is a device's.
    ///
    /// Errors: `wrong_type`.
    pub fn of(fields: &Fields<'_>, distinct_id: &'static str) -> Result<Self, Refusal> {
        let user = words::id(fields, "$user_id")?;
        let device = words::id(fields, "$device_id")?.map(without_device);
        let distinct = words::id(fields, distinct_id)?;
        let is_device = |id: &String| id.starts_with(DEVICE) || Some(id) == device.as_ref();
        let (of_device, own) = match distinct.clone() {
            Some(id) if is_device(&id) => (Some(without_device(id)), None),
            own => (None, own),
        };
        let (user_id, anonymous_id) = (user.or(own), device.or(of_device));
        let bare = distinct.map(without_device);
        let is_distinct_id_kept = bare.is_some() && bare != user_id && bare != anonymous_id;
        Ok(Self { user_id, anonymous_id, is_distinct_id_kept })
    }
}

fn without_device(id: String) -> String {
    id.strip_prefix(DEVICE).map(str::to_owned).unwrap_or(id)
}
