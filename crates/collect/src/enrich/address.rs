//! Internet addresses: read from what clients write, and cut so that they name a neighbourhood and no household.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Where the end of an address is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truncate {
    Always,
    /// In the EU, the EEA, the United Kingdom and Switzerland, and wherever the country is not known.
    #[default]
    EuAndUk,
    Never,
}

/// Cuts an address to what may be kept: 24 bits of IPv4, 56 of IPv6. An IPv4 address inside an IPv6 one is cut as IPv4.
pub fn truncated(address: IpAddr) -> IpAddr {
    match plain(address) {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << 8))),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - kept_bits(v6))))),
    }
}

/// Writes an IPv4 address that came in IPv6 clothes (`::ffff:192.0.2.1`) as what it is.
pub fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// A 6to4 address (`2002:`) has the whole IPv4 address behind its first 16 bits.
fn kept_bits(address: Ipv6Addr) -> u32 {
    match address.segments()[0] {
        0x2002 => 16 + 24,
        _ => 56,
    }
}

/// What a client wrote as `context.ip`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing, or that the address of the connection is meant (`1`, as Mixpanel writes it).
    Nothing,
    /// That no address is wanted: `0`, `0.0.0.0`, `::`, an empty text.
    Unwanted,
    Address(IpAddr),
    /// Something that might hold an address, but cannot be read as one.
    Unreadable,
}

impl Said {
    pub fn of(value: Option<&RawValue>) -> Self {
        let Some(value) = value.map(RawValue::get) else { return Self::Nothing };
        match value {
            "null" | "1" | "true" => Self::Nothing,
            "0" | "false" => Self::Unwanted,
            _ => serde_json::from_str(value).map_or(Self::Unreadable, |text: Cow<'_, str>| Self::of_text(text.trim())),
        }
    }

    fn of_text(text: &str) -> Self {
        match text {
            "1" => Self::Nothing,
            "" | "0" => Self::Unwanted,
            _ => match address(text).map(plain) {
                None => Self::Unreadable,
                Some(address) if address.is_unspecified() => Self::Unwanted,
                Some(address) => Self::Address(address),
            },
        }
    }
}

/// Reads the first address of a text, with or without a port, brackets or a zone.
fn address(text: &str) -> Option<IpAddr> {
    let first = text.split(',').next().unwrap_or_default().trim();
    let port = || first.parse::<SocketAddr>().map(|socket| socket.ip()).ok();
    let bare = || {
        let inner = first.trim_start_matches('[').trim_end_matches(']');
        inner.split('%').next().unwrap_or_default().parse().ok()
    };
    first.parse().ok().or_else(port).or_else(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Said {
        let raw = RawValue::from_string(json.to_owned()).expect("JSON");
        Said::of(Some(&raw))
    }

    #[test]
    fn what_clients_write() {
        let address = |text: &str| Said::Address(text.parse().expect("an address"));
        assert_eq!(said(r#""203.0.113.7""#), address("203.0.113.7"));
        assert_eq!(said(r#"" 203.0.113.7:443 ""#), address("203.0.113.7"));
        assert_eq!(said(r#""203.0.113.7, 10.0.0.1""#), address("203.0.113.7"));
        assert_eq!(said(r#""::ffff:203.0.113.7""#), address("203.0.113.7"));
        assert_eq!(said(r#""[2001:db8::1]:443""#), address("2001:db8::1"));
        assert_eq!(said(r#""[2001:db8::1]""#), address("2001:db8::1"));
        assert_eq!(said(r#""fe80::1%eth0""#), address("fe80::1"));
        for text in ["0", "\"0\"", "\"\"", "\"0.0.0.0\"", "\"::\"", "\"::ffff:0.0.0.0\"", "false"] {
            assert_eq!(said(text), Said::Unwanted, "{text}");
        }
        for text in ["null", "1", "\"1\"", "true"] {
            assert_eq!(said(text), Said::Nothing, "{text}");
        }
        for text in ["3405803783", "[\"203.0.113.7\"]", "{}", "\"203.0.113\"", "\"home 203.0.113.7\""] {
            assert_eq!(said(text), Said::Unreadable, "{text}");
        }
    }
}
