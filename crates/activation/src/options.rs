//! Options of destinations: written once as a struct, from which come the reader, the writer and the JSON Schema of the console's form.

use kit::Secret;
use serde_json::{Map, Value, json};

use crate::Problem;

/// A set of options, as made by `options!`.
pub trait OptionSet: Sized {
    /// Reads options, or says everything that is wrong with them.
    fn read(given: &Value) -> Result<Self, Vec<Problem>>;

    /// Writes all options, defaults and secrets included: for the store.
    fn write(&self) -> Value;

    /// The JSON Schema; secrets are `writeOnly`.
    fn schema() -> Value;
}

/// The type of one option.
pub trait Field: Sized {
    fn schema() -> Value;

    /// Reads a value, or says what is expected, without repeating the value.
    fn read(given: &Value) -> Result<Self, String>;

    fn write(&self) -> Value;

    /// What the option is when it is not given and has no default.
    fn absent() -> Option<Self> {
        None
    }
}

/// Makes a struct of options and its `OptionSet`. A field without a default is required, unless its type is an `Option`.
macro_rules! options {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty $(= $default:expr)?, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $name { $( $(#[doc = $doc])+ pub $field: $type, )+ }

        impl $crate::options::OptionSet for $name {
            fn read(given: &serde_json::Value) -> Result<Self, Vec<$crate::Problem>> {
                let mut reader = $crate::options::Reader::new(given, &[$(stringify!($field)),+]);
                $( let $field: Option<$type> = reader.field(stringify!($field), options!(@default $($default)?)); )+
                reader.finish()?;
                Ok(Self { $( $field: $field.expect("a field that is no problem has a value") ),+ })
            }

            fn write(&self) -> serde_json::Value {
                let fields = [$( (stringify!($field), $crate::options::Field::write(&self.$field)) ),+];
                let given = fields.into_iter().filter(|(_, value)| !value.is_null());
                serde_json::Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect())
            }

            fn schema() -> serde_json::Value {
                $crate::options::object_schema(&[$(
                    $crate::options::property::<$type>(
                        stringify!($field), concat!($($doc),+), options!(@default $($default)?),
                    )
                ),+])
            }
        }
    };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
}
pub(crate) use options;

/// Shows options as their schema allows: secrets as `***`.
pub fn redacted(options: &Value, schema: &Value) -> Value {
    let mut shown = options.clone();
    for (name, value) in shown.as_object_mut().into_iter().flatten() {
        if schema["properties"][name]["writeOnly"] == json!(true) {
            *value = json!("***");
        }
    }
    shown
}

/// Reads one field after the other and collects the problems.
pub struct Reader<'a> {
    given: Map<String, Value>,
    known: &'a [&'a str],
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub fn new(given: &Value, known: &'a [&'a str]) -> Self {
        let (given, problems) = match given {
            Value::Object(given) => (given.clone(), Vec::new()),
            Value::Null => (Map::new(), Vec::new()),
            _ => (Map::new(), vec![Problem::new("options", "an object is expected")]),
        };
        Self { given, known, problems }
    }

    pub fn field<T: Field>(&mut self, name: &str, default: Option<T>) -> Option<T> {
        let read = match self.given.remove(name) {
            Some(value) => T::read(&value),
            None => default.or_else(T::absent).ok_or_else(|| "this option is required".to_owned()),
        };
        read.map_err(|message| self.problems.push(Problem::new(format!("options.{name}"), message))).ok()
    }

    /// Reports what nobody asked for, together with everything before.
    pub fn finish(mut self) -> Result<(), Vec<Problem>> {
        for name in self.given.keys() {
            let message = format!("there is no such option (there are {})", listed(self.known));
            self.problems.push(Problem::new(format!("options.{name}"), message));
        }
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems) }
    }
}

/// One property of a schema: its name, its schema, whether it is required.
pub type Property = (&'static str, Value, bool);

pub fn property<T: Field>(name: &'static str, about: &str, default: Option<T>) -> Property {
    let mut schema = T::schema();
    schema["description"] = json!(about.trim());
    let is_required = default.is_none() && T::absent().is_none();
    if let Some(default) = default {
        schema["default"] = default.write();
    }
    (name, schema, is_required)
}

pub fn object_schema(properties: &[Property]) -> Value {
    let required: Vec<_> = properties.iter().filter(|(.., required)| *required).map(|(name, ..)| name).collect();
    let named: Map<_, _> = properties.iter().map(|(name, schema, _)| ((*name).to_owned(), schema.clone())).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": named,
    })
}

/// Names in back-ticks, for messages.
pub fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// A whole number between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within<const MIN: u64, const MAX: u64>(pub u64);

impl<const MIN: u64, const MAX: u64> Field for Within<MIN, MAX> {
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }

    fn read(given: &Value) -> Result<Self, String> {
        let number = given.as_u64().filter(|number| (MIN..=MAX).contains(number));
        number.map(Self).ok_or_else(|| format!("a whole number from {MIN} to {MAX} is expected"))
    }

    fn write(&self) -> Value {
        json!(self.0)
    }
}

/// Never shown; a header's value, so printable ASCII.
impl Field for Secret {
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1, "format": "password", "writeOnly": true })
    }

    fn read(given: &Value) -> Result<Self, String> {
        let is_printable = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let text = given.as_str().filter(is_printable);
        text.map(Self::new).ok_or_else(|| "a text of printable ASCII without spaces is expected".to_owned())
    }

    fn write(&self) -> Value {
        json!(self.expose())
    }
}

impl<T: Field> Field for Option<T> {
    fn schema() -> Value {
        T::schema()
    }

    fn read(given: &Value) -> Result<Self, String> {
        if given.is_null() { Ok(None) } else { T::read(given).map(Some) }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}
