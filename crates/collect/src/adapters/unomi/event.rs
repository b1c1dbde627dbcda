//! From one event of Unomi's to one message.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::body::Caller;
use crate::adapters::Message;
use crate::adapters::words::{self, Object, Unit};
use crate::spec::{Fields, Refusal};

/// Words of an event that have their place in every message; all others are kept in `context.unomi`.
const PLACED: &[&str] = &["eventType", "itemId", "timeStamp", "properties"];

/// Words of an event that become properties.
const AS_PROPERTIES: [&str; 2] = ["target", "flattenedProperties"];

/// Fields of a form that are a profile's properties at Unomi, whoever named the form. What else was filled in says nothing of its person.
const OF_PROFILE: &[&str] = &[
    "firstName",
    "lastName",
    "email",
    "phoneNumber",
    "gender",
    "birthDate",
    "jobTitle",
    "company",
    "address",
    "city",
    "zipCode",
    "countryName",
    "nationality",
];

/// Reads one event; `page` is the source of the request, the page on which it was made.
///
/// Errors: `event_too_large`, `wrong_type`, `invalid_json`, `missing_field`, `invalid_time`.
pub(super) fn message(raw: &RawValue, page: &Fields<'_>, caller: &Caller) -> Result<Message, Refusal> {
    let event = words::item(raw)?;
    let kind = words::word(&event, "eventType")?.ok_or(Refusal::MissingField { field: "eventType" })?;
    let (target, source) = (words::object(&event, "target")?, words::object(&event, "source")?);
    let properties = words::object(&event, "properties")?;
    let pages = if kind == "view" { [&target, &source] } else { [&source, page] };
    let page = pages.into_iter().map(page_info).find(|info| !info.0.is_empty()).unwrap_or_default();
    let said = Said { event, target, properties, page, caller };
    match kind.as_str() {
        "view" => said.view(),
        "login" | "identify" => said.user(kind),
        "contactInfoSubmitted" => said.contact(kind),
        "updateProperties" => said.update(kind),
        "form" => said.form(kind),
        "modifyConsent" => said.consent(kind),
        _ => said.track(kind, Object::default()),
    }
}

struct Said<'a> {
    event: Fields<'a>,
    target: Fields<'a>,
    properties: Fields<'a>,
    /// `pageInfo` of the page that was viewed, or on which it happened.
    page: Fields<'a>,
    caller: &'a Caller,
}

impl Said<'_> {
    fn view(&self) -> Result<Message, Refusal> {
        let mut properties = self.properties();
        put_page(&mut properties, &self.page);
        let name = words::text(&self.page, "pageName");
        let context = self.context(&self.moved()).raw();
        Ok(Message { kind: "page", name, properties: properties.raw(), context, ..self.common()? })
    }

    /// The target of a login, or of what another system knows, is the user: its id, and its properties.
    fn user(&self, kind: String) -> Result<Message, Refusal> {
        let user_id = words::id(&self.target, "itemId")?.filter(|id| id != "null");
        let traits = words::object(&self.target, "properties")?;
        if user_id.is_none() && traits.0.is_empty() {
            return self.track(kind, Object::default());
        }
        let mut context = self.context(&["target"]);
        context.within("unomi").put_object("target", Object::except(&self.target, &["properties"]));
        let properties = Object::except(&self.properties, &[]);
        Ok(Message { user_id, ..self.identify(&kind, traits_of(&traits), properties, context)? })
    }

    /// Its properties are the person's.
    fn contact(&self, kind: String) -> Result<Message, Refusal> {
        match self.properties.0.is_empty() {
            true => self.track(kind, Object::default()),
            false => self.identify(&kind, traits_of(&self.properties), Object::default(), self.context(&[])),
        }
    }

    /// Changes the profile that `targetId` names, else the caller's own. A persona is nobody.
    fn update(&self, kind: String) -> Result<Message, Refusal> {
        let is_profile = words::text(&self.properties, "targetType").is_none_or(|word| word == "profile");
        let traits = self.changes()?;
        if traits.is_empty() || !is_profile {
            return self.track(kind, Object::default());
        }
        let properties = Object::except(&self.properties, &[]);
        let message = self.identify(&kind, traits, properties, self.context(&[]))?;
        let target = words::id(&self.properties, "targetId")?;
        Ok(Message { anonymous_id: target.or(message.anonymous_id.clone()), ..message })
    }

    /// `update` over `add`; what is in `delete` becomes `null`. Only what is below `properties.` is a profile's to tell.
    fn changes(&self) -> Result<Object<'_>, Refusal> {
        let mut told = words::object(&self.properties, "add")?.0;
        told.extend(words::object(&self.properties, "update")?.0);
        let mut traits = traits_of(&Fields(told.into_iter().filter_map(below_properties).collect()));
        let names = words::value(&self.properties, "delete").map_or("[]", RawValue::get);
        let names: Vec<String> = serde_json::from_str(names)
            .map_err(|_| Refusal::WrongType { field: "delete", expected: "an array of strings" })?;
        for name in words::not_too_many(names)? {
            if let Some(name) = name.strip_prefix(BELOW_PROPERTIES) {
                traits.put_value(name.to_owned(), &());
            }
        }
        Ok(traits)
    }

    /// A form that was sent is something that somebody did; what it tells of them goes along.
    fn form(&self, kind: String) -> Result<Message, Refusal> {
        let flattened = words::object(&self.event, "flattenedProperties")?;
        let fields = words::object(&flattened, "fields")?;
        let filled_in = self.properties.0.iter().chain(&fields.0);
        let told = filled_in.filter(|(name, _)| OF_PROFILE.contains(&name.as_ref())).cloned();
        self.track(kind, traits_of(&words::said(Fields(told.collect()))))
    }

    /// Consent to one purpose. What is not granted in so many words is denied.
    fn consent(&self, kind: String) -> Result<Message, Refusal> {
        let consent = words::object(&self.properties, "consent")?;
        let purpose =
            words::word(&consent, "typeIdentifier")?.ok_or(Refusal::MissingField { field: "typeIdentifier" })?;
        let is_granted = words::text(&consent, "status").as_deref() == Some("GRANTED");
        let mut context = self.context(&self.moved());
        context.within("consent").within("categoryPreferences").put_value(purpose, &is_granted);
        self.tracked(kind, context)
    }

    fn track(&self, kind: String, traits: Object<'_>) -> Result<Message, Refusal> {
        let mut context = self.context(&self.moved());
        context.put_object("traits", traits);
        self.tracked(kind, context)
    }

    fn tracked(&self, kind: String, context: Object<'_>) -> Result<Message, Refusal> {
        let properties = self.properties().raw();
        Ok(Message { kind: "track", event: Some(kind), properties, context: context.raw(), ..self.common()? })
    }

    /// The spec's `identify` has no name: the event's own is kept in the context.
    fn identify(
        &self,
        kind: &str,
        traits: Object<'_>,
        properties: Object<'_>,
        context: Object<'_>,
    ) -> Result<Message, Refusal> {
        let mut context = context;
        context.within("unomi").put_text("eventType", Some(kind));
        let (traits, properties, context) = (traits.raw(), properties.raw(), context.raw());
        Ok(Message { kind: "identify", traits, properties, context, ..self.common()? })
    }

    /// What every message says: who, when, which.
    fn common(&self) -> Result<Message, Refusal> {
        Ok(Message {
            anonymous_id: self.caller.id().map(str::to_owned),
            message_id: words::id(&self.event, "itemId")?,
            timestamp: words::moment(&self.event, "timeStamp", Unit::Milliseconds)?,
            ..Message::default()
        })
    }

    /// The properties of the event, and what it was about.
    fn properties(&self) -> Object<'_> {
        let mut properties = Object::except(&self.properties, &[]);
        for word in self.moved() {
            properties.put(word, self.event.get(word));
        }
        properties
    }

    /// The words of the event that become properties, unless a property has that name.
    fn moved(&self) -> Vec<&'static str> {
        AS_PROPERTIES.into_iter().filter(|word| self.properties.get(word).is_none()).collect()
    }

    fn context(&self, placed: &[&str]) -> Object<'_> {
        let (mut context, mut page) = (Object::default(), Object::default());
        put_page(&mut page, &self.page);
        context.put_object("page", page);
        context.put("locale", self.page.get("language"));
        if let Some(url) = words::text(&self.page, "destinationURL") {
            words::put_campaign(&mut context, &url);
        }
        let mut own = Object::except(&self.event, &[PLACED, placed].concat());
        own.put_text("sessionId", self.caller.session.as_deref());
        context.put_object("unomi", own);
        context
    }
}

fn page_info<'a>(item: &Fields<'a>) -> Fields<'a> {
    let properties = words::value(item, "properties").map(|raw| Fields::of(raw.get())).unwrap_or_default();
    words::value(&properties, "pageInfo").map(|raw| Fields::of(raw.get())).unwrap_or_default()
}

fn put_page(object: &mut Object<'_>, info: &Fields<'_>) {
    object.put_text("path", words::text(info, "pagePath").as_deref());
    let [url, title, referrer] = ["destinationURL", "pageName", "referringURL"].map(|word| words::text(info, word));
    words::put_page(object, [url.as_deref(), title.as_deref(), referrer.as_deref()]);
}

/// A profile's properties as traits, with its telephone number where the spec has it.
fn traits_of<'a>(fields: &Fields<'a>) -> Object<'a> {
    let mut traits = Object::default();
    traits.put_all(fields);
    traits.put("phone", words::value(fields, "phoneNumber"));
    traits
}

const BELOW_PROPERTIES: &str = "properties.";

/// The entry of a profile's property, without the prefix that says so.
fn below_properties<'a>((name, raw): (Cow<'a, str>, &'a RawValue)) -> Option<(Cow<'a, str>, &'a RawValue)> {
    let name = match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix(BELOW_PROPERTIES)?),
        Cow::Owned(name) => Cow::Owned(name.strip_prefix(BELOW_PROPERTIES)?.to_owned()),
    };
    Some((name, raw))
}
