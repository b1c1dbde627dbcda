//! Updates of profiles: what is said of people, and of groups.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::event::Who;
use crate::adapters::Message;
use crate::adapters::words::{self, Object, Unit};
use crate::spec::{Fields, Refusal};

const PLACED: &[&str] =
    &["$token", "token", "$distinct_id", "$user_id", "$device_id", "$time", "$ip", "$set", "$set_once", "$unset"];

/// Operations that are no traits (`$add`, `$append`, `$union`, `$remove`, `$delete`, …) are kept as properties under their own names.
///
/// Errors: `event_too_large`, `wrong_type`, `invalid_json`, `invalid_time`.
pub(super) fn person(raw: &RawValue, key: &mut Option<String>) -> Result<Message, Refusal> {
    let update = words::item(raw)?;
    let Who { user_id, anonymous_id, is_distinct_id_kept } = Who::of(&update, "$distinct_id")?;
    let mut message = updated(&update, key)?;
    let mut properties = Object::except(&update, PLACED);
    properties.put("$distinct_id", update.get("$distinct_id").filter(|_| is_distinct_id_kept));
    message.properties = properties.raw();
    Ok(Message { kind: "identify", user_id, anonymous_id, ..message })
}

/// Such an update names nobody, and every message needs someone: an anonymous id that stands for the group itself.
///
/// Errors: as [`person`], and `missing_field`.
pub(super) fn group(raw: &RawValue, key: &mut Option<String>) -> Result<Message, Refusal> {
    let update = words::item(raw)?;
    let kind = words::id(&update, "$group_key")?.ok_or(Refusal::MissingField { field: "$group_key" })?;
    let group_id = words::id(&update, "$group_id")?.ok_or(Refusal::MissingField { field: "$group_id" })?;
    let properties = Object::except(&update, &[PLACED, &["$group_id"]].concat()).raw();
    let anonymous_id = Some(format!("${kind}_{group_id}"));
    Ok(Message { kind: "group", anonymous_id, group_id: Some(group_id), properties, ..updated(&update, key)? })
}

fn updated(update: &Fields<'_>, key: &mut Option<String>) -> Result<Message, Refusal> {
    words::agree(key, words::text(update, "$token").or_else(|| words::text(update, "token")))?;
    let mut context = Object::default();
    context.put("ip", update.get("$ip"));
    Ok(Message {
        timestamp: words::moment(update, "$time", Unit::SecondsOrMilliseconds)?,
        traits: traits(update)?.raw(),
        context: context.raw(),
        ..Message::default()
    })
}

/// `$set` over `$set_once`; what is in `$unset` becomes `null`.
fn traits<'a>(update: &Fields<'a>) -> Result<Object<'a>, Refusal> {
    let mut traits = Object::default();
    traits.put_all(&reserved(words::object(update, "$set")?));
    traits.put_all(&reserved(words::said(words::object(update, "$set_once")?)));
    let names = words::value(update, "$unset").map(RawValue::get).unwrap_or("[]");
    let names: Vec<String> = serde_json::from_str(names)
        .map_err(|_| Refusal::WrongType { field: "$unset", expected: "an array of strings" })?;
    for name in names {
        traits.put_value(spec_name(Cow::Owned(name)), &());
    }
    Ok(traits)
}

fn reserved<'a>(fields: Fields<'a>) -> Fields<'a> {
    Fields(fields.0.into_iter().map(|(name, value)| (spec_name(name), value)).collect())
}

/// The spec's word for what Mixpanel reserves another one for.
fn spec_name(name: Cow<'_, str>) -> Cow<'_, str> {
    Cow::Borrowed(match name.as_ref() {
        "$email" => "email",
        "$phone" => "phone",
        "$name" => "name",
        "$first_name" => "firstName",
        "$last_name" => "lastName",
        "$avatar" => "avatar",
        "$created" => "createdAt",
        _ => return name,
    })
}
