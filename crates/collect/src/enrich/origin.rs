//! What the request around an event says.

use std::fmt;
use std::net::IpAddr;

use super::hints::ClientHints;

/// The longest user agent that is looked at; real ones have up to about 300 bytes.
pub(super) const AGENT_BYTES: usize = 512;

/// What is known about the sender besides the event itself; one for each request, whatever number of events it carries.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the sender, with forwarding by one's own proxies already resolved.
    pub ip: Option<IpAddr>,
    /// The country of that address as a proxy in front tells it (`CF-IPCountry`), if one's own proxy is trusted to: ISO 3166-1 alpha-2.
    pub country_hint: Option<String>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
    /// The headers `Sec-CH-UA*`.
    pub client_hints: ClientHints,
    /// The header `Sec-GPC: 1`.
    pub gpc: bool,
    /// Whether the sender is a person's own device. A server that speaks for people has an address and a user agent too, but they are not theirs.
    pub is_device: bool,
}

impl Origin {
    /// Reads the headers of a request; `header` looks one up by its lower-case name. The country stays open, for only an operator knows
    /// whether to trust one.
    pub fn of_request<'h>(ip: Option<IpAddr>, header: &dyn Fn(&str) -> Option<&'h str>) -> Self {
        let user_agent = header("user-agent").map(str::to_owned);
        Self {
            ip,
            country_hint: None,
            is_device: user_agent.as_deref().is_some_and(is_devices),
            user_agent,
            client_hints: ClientHints::of_request(header),
            gpc: header("sec-gpc").is_some_and(|value| value.trim() == "1"),
        }
    }

    /// The country that the proxy tells; `XX` (unknown) and `T1` (Tor) are Cloudflare's words for none.
    pub(super) fn country(&self) -> Option<&str> {
        let code = self.country_hint.as_deref()?.trim();
        let is_country = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        (is_country && !code.eq_ignore_ascii_case("XX")).then_some(code)
    }
}

/// Whether a user agent is a browser's or an app's, and not a server library's.
fn is_devices(user_agent: &str) -> bool {
    let starts = [
        "Mozilla/",
        "Opera/",
        "Dalvik/",
        "okhttp/",
        "analytics-ios/",
        "analytics-android/",
        "analytics-kotlin/",
        "Dart/",
    ];
    let holds = ["CFNetwork/", "Darwin/", "Android", "iOS"];
    starts.iter().any(|start| user_agent.starts_with(start)) || holds.iter().any(|word| user_agent.contains(word))
}

impl fmt::Debug for Origin {
    /// Without the address and the agent, which are a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin").field("gpc", &self.gpc).field("is_device", &self.is_device).finish_non_exhaustive()
    }
}
