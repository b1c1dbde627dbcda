//! The words of a Segment message as they arrive: read in one pass, borrowed where they can be, and never failing on a wrong type,
//! so that the refusal can name the field.

use std::borrow::Cow;
use std::fmt;

use model::Raw;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Defines a struct that is read from a JSON object: a key that stands there twice counts as it stands last (as in JavaScript; one client sends
/// `type` twice), other keys are passed over, or kept in order by the last line, and what is absent is the default.
macro_rules! object_words {
    ($(#[$doc:meta])* $name:ident { $($key:literal => $field:ident: $kind:ty,)* $(_ => $rest:ident,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $name<'a> {
            $(pub $field: $kind,)*
            $(pub $rest: $crate::spec::wire::Fields<'a>,)?
        }

        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Words<'a>(std::marker::PhantomData<$name<'a>>);

                impl<'de: 'a, 'a> serde::de::Visitor<'de> for Words<'a> {
                    type Value = $name<'a>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a JSON object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut all = $name::default();
                        while let Some(key) = map.next_key::<$crate::spec::wire::Key<'de>>()? {
                            match key.0.as_ref() {
                                $($key => all.$field = map.next_value()?,)*
                                _ => object_words!(@other all key map $($rest)?),
                            }
                        }
                        Ok(all)
                    }
                }

                deserializer.deserialize_map(Words(std::marker::PhantomData))
            }
        }
    };
    (@other $all:ident $key:ident $map:ident) => {
        drop($map.next_value::<serde::de::IgnoredAny>()?)
    };
    (@other $all:ident $key:ident $map:ident $rest:ident) => {
        $all.$rest.0.push(($key.0, $map.next_value()?))
    };
}
pub(super) use object_words;

object_words! {
    /// One message.
    Item {
        "type" => kind: Text<'a>,
        "event" => event: Text<'a>,
        "name" => name: Text<'a>,
        "category" => category: Text<'a>,
        "userId" => user_id: Text<'a>,
        "anonymousId" => anonymous_id: Text<'a>,
        "previousId" => previous_id: Text<'a>,
        "groupId" => group_id: Text<'a>,
        "messageId" => message_id: Text<'a>,
        "timestamp" => timestamp: Text<'a>,
        "originalTimestamp" => original_timestamp: Text<'a>,
        "sentAt" => sent_at: Text<'a>,
        "context" => context: Object,
        "traits" => traits: Object,
        "properties" => properties: Object,
        "integrations" => integrations: Object,
        _ => others,
    }
}

object_words! {
    /// A batch around its messages.
    Envelope {
        "batch" => batch: Items<'a>,
        "sentAt" => sent_at: Text<'a>,
        "context" => context: Object,
        "integrations" => integrations: Object,
    }
}

/// The messages of a batch, unread.
#[derive(Debug, Default)]
pub(super) enum Items<'a> {
    #[default]
    Absent,
    Are(Vec<&'a RawValue>),
    Wrong,
}

/// A string, or a number as its text. `null` counts as absent.
#[derive(Debug, Default)]
pub(super) enum Text<'a> {
    #[default]
    Absent,
    Is(Cow<'a, str>),
    Number(String),
    Wrong,
}

impl Text<'_> {
    /// Returns the trimmed text, unless nothing is left of it.
    pub fn some(&self) -> Option<&str> {
        let text = match self {
            Self::Is(text) => text.trim(),
            Self::Number(text) => text,
            Self::Absent | Self::Wrong => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

/// A JSON object as its text. `null` counts as absent.
#[derive(Debug, Default)]
pub(super) enum Object {
    #[default]
    Absent,
    Is(Raw),
    Wrong,
}

/// The entries of an object, each value as its text, in the order in which they were written.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Reads an object's text. Anything else gives no entries.
    pub fn of(text: &'a str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub fn get(&self, key: &str) -> Option<&'a RawValue> {
        let mut entries = self.0.iter().rev();
        entries.find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    /// Returns `self` with the entries of `under` that it does not have itself.
    pub fn over<'b>(&'b self, under: &'b Fields<'_>) -> Merged<'b> {
        Merged { over: self, under }
    }
}

/// Two objects as one; see [`Fields::over`].
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    over: &'a Fields<'a>,
    under: &'a Fields<'a>,
}

impl serde::Serialize for Merged<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inherited = self.under.0.iter();
        let inherited = inherited.filter(|(key, _)| self.over.get(key).is_none());
        serializer.collect_map(inherited.chain(&self.over.0).map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        Ok(match raw.text().as_bytes().first() {
            Some(b'{') => Self::Is(raw),
            Some(b'n') => Self::Absent,
            _ => Self::Wrong,
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text::Number(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Text::Number(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Text::Number(number.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Text::Absent)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::Wrong)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::Wrong)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<&RawValue>()? {
            items.push(item);
        }
        Ok(Items::Are(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Items::Wrong)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Items::Absent)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Items::Wrong)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Items::Wrong)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Items::Wrong)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Items::Wrong)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Items::Wrong)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            fields.push((key, value));
        }
        Ok(Fields(fields))
    }
}

/// A key, borrowed unless it is written with escapes (`Cow` alone would always copy).
#[derive(serde::Deserialize)]
pub(super) struct Key<'a>(#[serde(borrow)] pub Cow<'a, str>);
