//! From one event of the tracker protocol to one message.

use serde_json::value::RawValue;

use super::schema::{Described, embedded};
use crate::adapters::Message;
use crate::adapters::words::{self, ExternalId, Object, Place, Unit};
use crate::spec::{Fields, Refusal};

/// Words that have their place in every message; all others, but those of the event's own kind, are kept in `context.snowplow_parameters`.
const PLACED: &[&str] =
    &["e", "k", "uid", "duid", "nuid", "tnuid", "eid", "page", "url", "refr", "lang", "tz", "ua", "ip", "tv"];

const PLACES: &[Place] = &[("", "locale", "lang"), ("", "timezone", "tz"), ("", "userAgent", "ua"), ("", "ip", "ip")];

/// A parameter, the property that it becomes, and whether it is a number (the protocol sends all values as texts).
type Property = (&'static str, &'static str, bool);

const PING: &[Property] =
    &[("pp_mix", "pp_mix", true), ("pp_max", "pp_max", true), ("pp_miy", "pp_miy", true), ("pp_may", "pp_may", true)];

const STRUCTURED: &[Property] =
    &[("se_ca", "category", false), ("se_la", "label", false), ("se_pr", "property", false), ("se_va", "value", true)];

const TRANSACTION: &[Property] = &[
    ("tr_id", "order_id", false),
    ("tr_af", "affiliation", false),
    ("tr_tt", "total", true),
    ("tr_tx", "tax", true),
    ("tr_sh", "shipping", true),
    ("tr_ci", "city", false),
    ("tr_st", "state", false),
    ("tr_co", "country", false),
    ("tr_cu", "currency", false),
];

const ITEM: &[Property] = &[
    ("ti_id", "order_id", false),
    ("ti_sk", "sku", false),
    ("ti_nm", "name", false),
    ("ti_ca", "category", false),
    ("ti_pr", "price", true),
    ("ti_qu", "quantity", true),
    ("ti_cu", "currency", false),
];

/// Reads one event; `network` is the id in the collector's cookie.
///
/// Errors: `missing_field`, `wrong_type`, `invalid_time`, `invalid_json`, `too_deep`.
pub(super) fn message(fields: &Fields<'_>, network: Option<&str>) -> Result<Message, Refusal> {
    let kind = words::word(fields, "e")?.ok_or(Refusal::MissingField { field: "e" })?;
    let contexts = embedded(fields, "co", "cx").ok().flatten();
    let said = Said { fields, contexts: contexts.as_deref().map(Fields::of).unwrap_or_default(), network };
    match kind.as_str() {
        "pv" => said.page(),
        "pp" => said.track("Page Ping".to_owned(), PING),
        "se" => {
            let action = words::word(fields, "se_ac")?.ok_or(Refusal::MissingField { field: "se_ac" })?;
            said.track(action, STRUCTURED)
        }
        "ue" => said.described(),
        "tr" => said.track("Transaction".to_owned(), TRANSACTION),
        "ti" => said.track("Transaction Item".to_owned(), ITEM),
        _ => Err(Refusal::WrongType { field: "e", expected: "one of `pv`, `pp`, `se`, `ue`, `tr` and `ti`" }),
    }
}

struct Said<'a> {
    fields: &'a Fields<'a>,
    /// What is around the contexts; they are its `data`.
    contexts: Fields<'a>,
    network: Option<&'a str>,
}

impl Said<'_> {
    fn page(&self) -> Result<Message, Refusal> {
        let mut properties = Object::default();
        self.put_page(&mut properties);
        Ok(Message { kind: "page", properties: properties.raw(), ..self.common(&[])? })
    }

    fn track(&self, name: String, table: &[Property]) -> Result<Message, Refusal> {
        let mut properties = Object::default();
        for (word, property, is_number) in table {
            match number(self.fields, word).filter(|_| *is_number) {
                Some(number) => properties.put_value(*property, &number),
                None => properties.put(*property, words::value(self.fields, word)),
            }
        }
        let placed: Vec<&str> = table.iter().map(|(word, ..)| *word).chain(["se_ac"]).collect();
        Ok(Message { kind: "track", event: Some(name), properties: properties.raw(), ..self.common(&placed)? })
    }

    /// An event that says itself what it is: the name of its schema, and its data.
    fn described(&self) -> Result<Message, Refusal> {
        let text = embedded(self.fields, "ue_pr", "ue_px")?.ok_or(Refusal::MissingField { field: "ue_pr" })?;
        let around = Fields::of(&text);
        let event = words::value(&around, "data").and_then(Described::of);
        let event = event.ok_or(Refusal::WrongType { field: "ue_pr", expected: "a self-describing event" })?;
        let (vendor, name) = event
            .vendor_and_name()
            .ok_or(Refusal::WrongType { field: "schema", expected: "the address of a schema" })?;
        let message = Message { properties: properties(&event).raw(), ..self.common(&["ue_pr", "ue_px"])? };
        Ok(match is_screen_view(vendor, name) {
            true => Message { kind: "screen", name: words::text(&event.fields(), "name"), ..message },
            false => Message { kind: "track", event: Some(name.to_owned()), ..message },
        })
    }

    /// What every message says: who, when, which, where.
    fn common(&self, placed: &[&str]) -> Result<Message, Refusal> {
        let fields = self.fields;
        let message = Message {
            user_id: words::id(fields, "uid")?,
            anonymous_id: self.anonymous_id()?,
            message_id: words::id(fields, "eid")?,
            ..Message::default()
        };
        let is_true_time = words::value(fields, "ttm").is_some();
        let times: &[&str] = if is_true_time { &["ttm"] } else { &["dtm", "stm"] };
        let context = self.context(&[PLACED, placed, times].concat()).raw();
        let at = |field| words::moment(fields, field, Unit::Milliseconds);
        Ok(match is_true_time {
            true => Message { timestamp: at("ttm")?, context, ..message },
            false => Message {
                timestamp: at("dtm")?,
                original_timestamp: at("dtm")?,
                sent_at: at("stm")?,
                context,
                ..message
            },
        })
    }

    /// The id of the browser on this site, else that of the app's installation, else that of the network.
    fn anonymous_id(&self) -> Result<Option<String>, Refusal> {
        let own = words::id(self.fields, "duid")?.or_else(|| self.installation());
        Ok(own.or_else(|| self.network_id()))
    }

    /// Trackers in apps know their installation by the user of its sessions.
    fn installation(&self) -> Option<String> {
        let mut described = self.entities().into_iter().filter_map(Described::of);
        let session =
            described.find(|entity| entity.vendor_and_name().is_some_and(|(_, name)| name == "client_session"))?;
        words::text(&session.fields(), "userId")
    }

    fn network_id(&self) -> Option<String> {
        let told = ["tnuid", "nuid"].into_iter().find_map(|word| words::text(self.fields, word));
        told.or_else(|| self.network.map(str::to_owned))
    }

    fn entities(&self) -> Vec<&RawValue> {
        let data = words::value(&self.contexts, "data").map(RawValue::get).unwrap_or("[]");
        serde_json::from_str(data).unwrap_or_default()
    }

    fn context(&self, placed: &[&str]) -> Object<'_> {
        let mut context = Object::default();
        context.put_places(PLACES, self.fields);
        let mut page = Object::default();
        self.put_page(&mut page);
        context.put_object("page", page);
        if let Some(version) = words::text(self.fields, "tv") {
            context.within("library").put_text("name", Some("snowplow"));
            context.within("library").put_text("version", Some(&version));
        }
        if let Some(url) = words::text(self.fields, "url") {
            words::put_campaign(&mut context, &url);
        }
        if let Some(id) = self.network_id() {
            context.put_value("externalIds", &[ExternalId::new("snowplow_network_id", id)]);
        }
        self.put_own(&mut context, placed);
        context
    }

    /// Puts what the protocol has and the spec has not.
    fn put_own<'s>(&'s self, context: &mut Object<'s>, placed: &[&str]) {
        let (is_sized, is_read) = (self.put_screen(context), words::value(&self.contexts, "data").is_some());
        context.put("snowplow", words::value(&self.contexts, "data"));
        let mut taken = placed.to_vec();
        taken.extend(["res"].iter().filter(|_| is_sized));
        taken.extend(["co", "cx"].iter().filter(|_| is_read));
        context.put_object("snowplow_parameters", Object::except(self.fields, &taken));
    }

    /// Puts the size of the screen, where it can be read.
    fn put_screen(&self, context: &mut Object<'_>) -> bool {
        let size = words::text(self.fields, "res");
        let Some((width, height)) = size.as_deref().and_then(size_of) else { return false };
        context.within("screen").put_value("width", &width);
        context.within("screen").put_value("height", &height);
        true
    }

    fn put_page(&self, object: &mut Object<'_>) {
        let [url, title, referrer] = ["url", "page", "refr"].map(|word| words::text(self.fields, word));
        words::put_page(object, [url.as_deref(), title.as_deref(), referrer.as_deref()]);
    }
}

/// The data of an event, and its schema's address. Data that is no object stands in `value`.
fn properties<'a>(event: &Described<'a>) -> Object<'a> {
    let mut properties = Object::default();
    properties.put_all(&event.fields());
    let is_object = event.data.is_some_and(|raw| raw.get().starts_with('{'));
    properties.put("value", event.data.filter(|_| !is_object));
    properties.put_text("$schema", Some(&event.schema));
    properties
}

fn is_screen_view(vendor: &str, name: &str) -> bool {
    name == "screen_view" && vendor.starts_with("com.snowplowanalytics.")
}

/// A number, as it is written.
fn number(fields: &Fields<'_>, word: &str) -> Option<Box<RawValue>> {
    let text = words::text(fields, word)?;
    let is_number = serde_json::from_str::<f64>(&text).is_ok();
    is_number.then(|| RawValue::from_string(text).expect("a number is JSON"))
}

fn size_of(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}
