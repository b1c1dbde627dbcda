use kit::Secret;
use serde_json::{Value, json};

use crate::options::{Field, Within, options};

options! {
    /// How a webhook is called.
    pub struct Options {
        /// The address that receives `POST` requests, `https` or `http`.
        url: Address,
        /// Sent as `Authorization: Bearer …`.
        token: Option<Secret>,
        /// Most deliveries in one request.
        batch_size: Within<1, 1_000> = Within(100),
        /// How long to wait for an answer, in milliseconds.
        timeout_ms: Within<100, 60_000> = Within(10_000),
    }
}

/// An address of the web. Without a user or a password in it, which logs of proxies would show.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(pub reqwest::Url);

/// Only the host: the rest may hold a key.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({})", self.0.host_str().unwrap_or_default())
    }
}

impl Field for Address {
    fn schema() -> Value {
        json!({ "type": "string", "format": "uri", "pattern": "^https?://" })
    }

    fn read(given: &Value) -> Result<Self, String> {
        let url = given.as_str().and_then(|text| text.parse::<reqwest::Url>().ok());
        let is_fit = |url: &reqwest::Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        };
        let expected = || "an address that starts with `https://` or `http://`, without a user, is expected".to_owned();
        url.filter(is_fit).map(Self).ok_or_else(expected)
    }

    fn write(&self) -> Value {
        json!(self.0.as_str())
    }
}
