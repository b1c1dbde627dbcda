//! Kinds of destination. A new one is a folder here and a line in `ALL`.

mod file;
mod webhook;

use std::path::PathBuf;
use std::pin::Pin;

use consent::Permitted;
use model::Delivery;
use serde_json::Value;

use crate::Problem;
use crate::options::{OptionSet, redacted};

/// Every kind of destination.
pub static ALL: &[Kind] = &[Kind::of::<webhook::Webhook>(), Kind::of::<file::File>()];

/// Something that is told who enters and who leaves an audience, or what happens.
///
/// The contract, checked for all kinds by one suite: one verdict for each delivery, in order; what comes after a delivery that is to
/// be tried again is to be tried again too, so that order is kept; the same delivery may come twice, with the same id; a reason never holds
/// a personal value or a secret.
pub trait Destination: Send + Sync + std::fmt::Debug {
    /// Most deliveries in one call of `send`, at least 1.
    fn batch_size(&self) -> usize;

    fn send<'a>(&'a self, batch: &'a [Permitted<Delivery>]) -> Sending<'a>;
}

pub type Sending<'a> = Pin<Box<dyn Future<Output = Vec<Verdict>> + Send + 'a>>;

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Delivered { reason: String },
    /// It may arrive later: not before `after_ms`, if the receiver said so. `suspect` says that what was sent may be why it failed: after
    /// some such failures each delivery is tried alone.
    Retry { reason: String, after_ms: Option<u64>, suspect: bool },
    /// It will never arrive as it is.
    Refused { reason: String },
}

/// A destination that can be made from options.
pub(crate) trait Made: Destination + Sized + 'static {
    type Options: OptionSet;
    const NAME: &'static str;
    const TITLE: &'static str;
    /// The page about it, in Markdown.
    const PAGE: &'static str;
    /// Whether it can be told of events. A batch holds either events alone, or none.
    const TAKES_EVENTS: bool = false;

    fn make(options: Self::Options, context: &Context) -> Self;
}

/// What destinations are made with.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where files go whose folder is not absolute.
    pub deliveries_dir: PathBuf,
    http: reqwest::Client,
}

impl Context {
    pub fn new(deliveries_dir: PathBuf) -> Self {
        // No proxy from the environment (only the binary reads that), and no redirects: a receiver must not send people's data elsewhere.
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let http = client.user_agent("sonder").build().expect("the TLS roots are compiled in");
        Self { deliveries_dir, http }
    }
}

/// A value, or everything that is wrong with what it was to be made of.
pub type Checked<T> = Result<T, Vec<Problem>>;

/// A kind of destination, as the catalogue shows it.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    pub title: &'static str,
    /// The page about it, in Markdown.
    pub page: &'static str,
    /// Whether a destination of this kind may follow events.
    pub takes_events: bool,
    schema: fn() -> Value,
    check: fn(&Value) -> Checked<Value>,
    make: fn(&Value, &Context) -> Checked<Box<dyn Destination>>,
}

impl Kind {
    /// The JSON Schema of the options.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }

    /// Returns the options with their defaults filled in, or everything that is wrong with them.
    pub fn check(&self, options: &Value) -> Checked<Value> {
        (self.check)(options)
    }

    /// Returns the options as they may be shown: secrets as `***`.
    pub fn shown(&self, options: &Value) -> Value {
        redacted(options, &self.schema())
    }

    pub fn make(&self, options: &Value, context: &Context) -> Checked<Box<dyn Destination>> {
        (self.make)(options, context)
    }

    const fn of<D: Made>() -> Self {
        Self {
            name: D::NAME,
            title: D::TITLE,
            page: D::PAGE,
            takes_events: D::TAKES_EVENTS,
            schema: D::Options::schema,
            check: |options| D::Options::read(options).map(|read| read.write()),
            make: |options, context| {
                let options = D::Options::read(options)?;
                Ok(Box::new(D::make(options, context)) as Box<dyn Destination>)
            },
        }
    }
}

/// Returns a kind by its name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use kit::Timestamp;
    use model::{Action, Delivery, Forwarded, Identifier, ProfileId, Raw};
    use serde_json::{Map, json};

    /// A person who enters, with values that need care on the wire.
    pub fn enter(number: u32) -> Delivery {
        let traits = json!({ "name": "Ann \"Nan\" O'Hara, 3rd", "spent": 12.5, "tags": ["a", "ü"] });
        Delivery { action: Action::Enter, traits: traits.as_object().cloned().unwrap_or_default(), ..exit(number) }
    }

    pub fn exit(number: u32) -> Delivery {
        Delivery {
            id: format!("{number:032}"),
            destination: "ads".to_owned(),
            audience: "buyers".to_owned(),
            profile: ProfileId(number),
            action: Action::Exit,
            identifiers: vec![Identifier::new("email", "ann@example.com"), Identifier::new("crm_id", "urn:7")],
            traits: Map::new(),
            at: Timestamp::from_ms(1_764_000_000_000 + i64::from(number)),
            event: None,
        }
    }

    /// Something that happened.
    pub fn forward(number: u32) -> Delivery {
        let body = Raw::from_text(format!(r#"{{"type":"track","event":"e","total":{number}.50}}"#)).unwrap();
        let event = Forwarded { owner: number, message_id: format!("m{number}"), body };
        Delivery { action: Action::Forward, audience: String::new(), event: Some(Box::new(event)), ..exit(number) }
    }
}
