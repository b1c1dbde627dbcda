//! How what was added is written beside what was sent.

use std::net::IpAddr;

use model::Raw;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::agent::Product;
use super::campaign::Campaign;
use super::device::Device;
use super::geo::Place;
use super::referrer::Referrer;
use super::words::Words;

/// The key under which everything stands. A client's own value there is left out, for what is read there is ours.
pub(crate) const KEY: &str = "enriched";

/// `context.enriched`; what is not known is not there.
#[derive(Debug, Serialize)]
pub(super) struct Enriched<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<&'a Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<&'a Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<&'a Device>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<Ip>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<&'a Campaign<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<Referrer<'a>>,
}

impl Enriched<'_> {
    fn is_empty(&self) -> bool {
        let words = [self.os.is_some(), self.browser.is_some(), self.device.is_some(), self.bot.is_some()];
        let more = [self.ip.is_some(), self.geo.is_some(), self.campaign.is_some(), self.referrer.is_some()];
        !words.into_iter().chain(more).any(|is_there| is_there)
    }
}

/// `context.enriched.ip`: what is kept of the address.
#[derive(Debug, Serialize)]
pub(super) struct Ip {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    /// Whether its end was cut off, by the operator's choice or the person's.
    truncated: bool,
    /// `context` (the client said it) or `peer` (the connection's).
    source: &'static str,
}

impl Ip {
    pub fn kept(address: IpAddr, truncated: bool, is_said: bool) -> Self {
        let version = if address.is_ipv4() { 4 } else { 6 };
        let source = if is_said { "context" } else { "peer" };
        Self { address: Some(address), version: Some(version), truncated, source }
    }

    /// An address that could not be read, of which nothing is kept.
    pub fn gone() -> Self {
        Self { address: None, version: None, truncated: true, source: "context" }
    }
}

/// What takes the place of `context.ip`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Address {
    Cut(IpAddr),
    Gone,
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Cut(address) => address.serialize(serializer),
            Self::Gone => serializer.serialize_none(),
        }
    }
}

/// Writes a context again with what was added; `None` where it stays as it is.
pub(super) fn context(sent: &Words<'_>, enriched: &Enriched<'_>, replaced: Option<Address>) -> Option<Raw> {
    let of_key = |wanted| sent.entries().filter(move |(key, _)| *key == wanted).count();
    let stays = of_key(KEY) == 0 && of_key("ip") < 2;
    if enriched.is_empty() && replaced.is_none() && stays {
        return None;
    }
    let written = Written { sent, enriched, replaced };
    Some(Raw::of(&written).expect("text keys and JSON texts can be written"))
}

struct Written<'a> {
    sent: &'a Words<'a>,
    enriched: &'a Enriched<'a>,
    replaced: Option<Address>,
}

impl Serialize for Written<'_> {
    /// Of an `ip` that stands there twice the last is written, as it was read: no address hides behind another.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.sent.entries() {
            match (key, self.replaced) {
                (KEY, _) => {}
                ("ip", _) if !self.sent.is_last(key, value) => {}
                ("ip", Some(address)) => map.serialize_entry(key, &address)?,
                _ => map.serialize_entry(key, value)?,
            }
        }
        if !self.enriched.is_empty() {
            map.serialize_entry(KEY, self.enriched)?;
        }
        map.end()
    }
}
