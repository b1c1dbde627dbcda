//! The neighbours' contracts: what other platforms' clients send, turned into messages of the spec, and the answers that they wait for.
//!
//! One adapter is one folder, and one line in [`ALL`]. It is pure: a request in, a [`Letter`] out, and later a [`Reply`] from what came of it.
//! Every message then goes through the one reader of the spec, so that identifiers, times, limits and refusals mean the same at every door.

mod amplitude;
mod ga4;
mod jitsu;
mod letter;
mod mixpanel;
mod posthog;
mod prebid;
mod request;
mod rudderstack;
mod segment;
mod snowplow;
mod unomi;
mod words;

use crate::spec::Refusal;

pub use letter::{Letter, Message};
pub use request::Request;

/// Every adapter, in the order in which they are documented.
pub static ALL: &[&Adapter] = &[
    &posthog::ADAPTER,
    &mixpanel::ADAPTER,
    &amplitude::ADAPTER,
    &ga4::ADAPTER,
    &segment::ADAPTER,
    &rudderstack::ADAPTER,
    &jitsu::ADAPTER,
    &snowplow::ADAPTER,
    &unomi::ADAPTER,
    &prebid::ADAPTER,
];

/// One neighbour.
#[derive(Debug)]
pub struct Adapter {
    /// A lower-case word, e.g. `posthog`.
    pub name: &'static str,
    /// Whose clients these are, in one sentence, with the versions that were tried.
    pub about: &'static str,
    pub entrances: &'static [Entrance],
}

/// One address at which a neighbour's clients knock.
#[derive(Debug)]
pub struct Entrance {
    pub method: Method,
    /// Without trailing slash, which is taken too; `{word}` stands for one segment.
    pub path: &'static str,
    pub about: &'static str,
    pub does: Does,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Brings events, and answers once they are on disk.
    Take { read: fn(&Request<'_>) -> Result<Letter, Refusal>, answer: fn(&Request<'_>, &Outcome<'_>) -> Reply },
    /// Answers without storing anything: a client's configuration.
    Tell(fn(&Request<'_>) -> Reply),
}

/// What came of a letter.
#[derive(Debug)]
pub struct Outcome<'a> {
    pub accepted: usize,
    pub refused: &'a [crate::spec::Refused],
    /// The person that the letter was about, where it asked for them ([`Letter::about`]).
    pub person: Option<Person>,
}

/// A person as an answer may tell of them.
#[derive(Debug, Clone, Default)]
pub struct Person {
    pub profile: String,
    /// The winning traits: name → value.
    pub traits: serde_json::Map<String, serde_json::Value>,
    /// Names of the audiences that hold them.
    pub audiences: Vec<String>,
}

/// An answer as it goes back to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(body: &serde_json::Value) -> Self {
        Self { status: 200, content_type: "application/json", headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    pub fn text(body: &str) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", headers: Vec::new(), body: body.into() }
    }

    /// A script of a page, which may be kept for an hour.
    pub fn script(body: &[u8]) -> Self {
        Self {
            status: 200,
            content_type: "application/javascript; charset=utf-8",
            headers: vec![("cache-control", "public, max-age=3600".to_owned())],
            body: body.to_vec(),
        }
    }

    /// One transparent pixel.
    pub fn pixel() -> Self {
        Self { status: 200, content_type: "image/gif", headers: Vec::new(), body: PIXEL.to_vec() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", headers: Vec::new(), body: Vec::new() }
    }

    pub fn with(mut self, header: &'static str, value: String) -> Self {
        self.headers.push((header, value));
        self
    }
}

/// GIF89a, one pixel, transparent.
const PIXEL: [u8; 43] =
    *b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
