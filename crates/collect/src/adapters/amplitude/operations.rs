//! What `user_properties` and `group_properties` do to traits.

use std::borrow::Cow;

use crate::adapters::words::{self, Object};
use crate::spec::{Fields, Refusal};

/// Operations that give or take traits.
const SAYING: [&str; 3] = ["$set", "$setOnce", "$unset"];
/// Operations that depend on what is held already; they are kept beside the traits.
const COUNTING: [&str; 8] =
    ["$add", "$append", "$prepend", "$preInsert", "$postInsert", "$remove", "$clearAll", "$delete"];

/// `$set` and plain properties over `$setOnce`; what is in `$unset` becomes `null`. Errors: `wrong_type`.
pub(super) fn traits<'a>(properties: &Fields<'a>) -> Result<Object<'a>, Refusal> {
    let mut traits = Object::default();
    traits.put_all(&words::object(properties, "$set")?);
    traits.put_all(&Fields(properties.0.iter().filter(|(name, _)| !is_operation(name)).cloned().collect()));
    traits.put_all(&words::said(words::object(properties, "$setOnce")?));
    for (name, _) in words::object(properties, "$unset")?.0 {
        traits.put_value(name, &());
    }
    Ok(traits)
}

/// The operations that are no traits, under their own names.
pub(super) fn others<'a>(properties: &Fields<'a>) -> Object<'a> {
    let mut others = Object::default();
    for name in COUNTING {
        others.put(Cow::Borrowed(name), properties.get(name));
    }
    others
}

fn is_operation(name: &str) -> bool {
    SAYING.contains(&name) || COUNTING.contains(&name)
}
