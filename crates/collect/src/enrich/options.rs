//! What an operator chooses.

use serde::{Deserialize, Serialize};

use super::address::Truncate;

/// What is added to events at the door. Every part has a switch, and everything that is added stands under `context.enriched`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Add `os`, `browser` and `device`, read from the user agent and its Client Hints.
    pub agent: bool,
    /// Add `bot`: whether the user agent is a program's own and not a person's. Such events are marked, never refused.
    pub bot: bool,
    /// More words by which a bot is known, in any case, e.g. `ExampleMonitor/`.
    pub bots: Vec<String>,
    /// Where the end of an internet address is cut off: `always`, `eu_and_uk` (also the EEA, Switzerland, and where the country is not known)
    /// or `never`. Where a person denied a purpose or their browser sends Global Privacy Control, it is cut off in any case.
    pub truncate_ip: Truncate,
    /// Use the address of the connection where the client says none.
    pub peer_ip: bool,
    /// Add `geo`: the country, and with an operator's database the region, the city and the network.
    pub geo: bool,
    /// Add `campaign` from the address of the page: `utm_*` where the client sent no `context.campaign`, and click ids.
    pub campaign: bool,
    /// Add `referrer`: the domain that the person came from, and what kind of place it is.
    pub referrer: bool,
    /// Domains of one's own, e.g. `shop.example`: people who come from there come from within. The page's own domain always is one.
    pub own_domains: Vec<String>,
    /// How many user agents are remembered, so that each is read once. One takes about 500 bytes.
    pub agents_remembered: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            agent: true,
            bot: true,
            bots: Vec::new(),
            truncate_ip: Truncate::EuAndUk,
            peer_ip: true,
            geo: true,
            campaign: true,
            referrer: true,
            own_domains: Vec::new(),
            agents_remembered: 4096,
        }
    }
}
