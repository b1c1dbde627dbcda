//! What holds for every address and every context.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use collect::enrich::{ClientHints, Enricher, Geo, Options, Origin, Truncate, plain, truncated};
use model::Raw;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::enrich::{context, event};

fn address() -> impl Strategy<Value = IpAddr> {
    let v4 = any::<u32>().prop_map(Ipv4Addr::from_bits);
    let v6 = any::<u128>().prop_map(Ipv6Addr::from_bits);
    let mapped = v4.clone().prop_map(|v4| IpAddr::V6(v4.to_ipv6_mapped()));
    let six_to_four = any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(0x2002 << 112 | bits >> 16)));
    prop_oneof![v4.prop_map(IpAddr::V4), v6.prop_map(IpAddr::V6), mapped, six_to_four]
}

fn always() -> Options {
    Options { truncate_ip: Truncate::Always, ..Options::default() }
}

/// A context of words that enrichment looks at, with whatever in them.
fn hostile() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        prop::sample::select(vec![
            "ip",
            "userAgent",
            "userAgentData",
            "page",
            "campaign",
            "consent",
            "timezone",
            "enriched",
            "gpc"
        ]),
        prop::sample::select(vec![
            "url",
            "referrer",
            "search",
            "brands",
            "platform",
            "mobile",
            "categoryPreferences",
            "brand"
        ]),
    ];
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        address().prop_map(|address| Value::from(address.to_string())),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        "https?://[a-zA-Z.:@%/?#&=é]{0,40}(\\?utm_source=.{0,9})?".prop_map(Value::from),
        "Mozilla/5.0 \\([A-Za-z0-9;. _é]{0,40}\\)( Android.{0,20})?".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 24, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
        let object = prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..6);
        prop_oneof![list, object.prop_map(|map| Value::Object(map.into_iter().collect()))]
    });
    value.prop_map(|value| value.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn never_more_bits_than_allowed(address in address()) {
        match truncated(address) {
            IpAddr::V4(v4) => prop_assert_eq!(v4.to_bits() & 0xff, 0),
            IpAddr::V6(v6) if v6.segments()[0] == 0x2002 => prop_assert_eq!(v6.to_bits() << 40, 0),
            IpAddr::V6(v6) => prop_assert_eq!(v6.to_bits() << 56, 0),
        }
    }

    #[test]
    fn what_is_kept_is_the_addresss_own(address in address()) {
        match (plain(address), truncated(address)) {
            (IpAddr::V4(whole), IpAddr::V4(cut)) => prop_assert_eq!(whole.to_bits() >> 8, cut.to_bits() >> 8),
            (IpAddr::V6(whole), IpAddr::V6(cut)) => prop_assert_eq!(whole.to_bits() >> 88, cut.to_bits() >> 88),
            _ => prop_assert!(false, "an address stays of its kind"),
        }
    }

    #[test]
    fn cutting_twice_is_cutting_once(address in address()) {
        prop_assert_eq!(truncated(truncated(address)), truncated(address));
    }

    #[test]
    fn addresses_of_one_neighbourhood_are_one(a in any::<u32>(), end in any::<u8>()) {
        let b = a & !0xff | u32::from(end);
        prop_assert_eq!(truncated(Ipv4Addr::from_bits(a).into()), truncated(Ipv4Addr::from_bits(b).into()));
    }

    #[test]
    fn a_cut_address_is_nowhere_whole(address in address(), doubled in any::<bool>()) {
        let whole = plain(address);
        prop_assume!(whole != truncated(whole));
        let first = if doubled { format!(r#""ip":"{address}","#) } else { String::new() };
        let sent = format!(r#"{{{first}"a":1,"\u0069p":"{address}"}}"#);
        let told = context(always(), &sent, &Origin::default());
        prop_assert!(!told.contains(&format!("\"{whole}\"")) && !told.contains(&format!("\"{address}\"")), "{}", told);
        let peer = Origin { ip: Some(address), is_device: true, ..Origin::default() };
        let told = context(always(), "{}", &peer);
        prop_assert!(!told.contains(&format!("\"{whole}\"")), "{}", told);
    }

    #[test]
    fn enriching_twice_is_enriching_once(sent in hostile()) {
        let enricher = Enricher::new(always(), None);
        let mut once = event(&sent);
        enricher.enrich(&mut once, &Origin::default());
        let mut twice = once.clone();
        enricher.enrich(&mut twice, &Origin::default());
        let ip = |event: &model::Event| event.context.as_ref().map(|raw| raw.object().remove("ip"));
        prop_assert_eq!(ip(&once), ip(&twice));
    }

    #[test]
    fn any_context_is_enriched_and_its_words_stay(sent in hostile(), agent in any::<String>(), hint in any::<String>()) {
        let hints = ClientHints { brands: Some(hint.clone()), platform_version: Some(hint.clone()), model: Some(hint.clone()), ..ClientHints::default() };
        let origin = Origin { user_agent: Some(agent), client_hints: hints, country_hint: Some(hint), is_device: true, ..Origin::default() };
        let told = context(Options::default(), &sent, &origin);
        serde_json::from_str::<Value>(&told).expect("JSON again");
        let words = |text: &str| serde_json::from_str::<std::collections::BTreeMap<String, Box<RawValue>>>(text).unwrap_or_default();
        let after = words(&told);
        for (key, value) in words(&sent) {
            if !["ip", "enriched"].contains(&key.as_str()) {
                prop_assert_eq!(after[&key].get(), value.get());
            }
        }
    }

    #[test]
    fn any_text_in_a_place_is_answered(text in r#"[\[\]{}:,"\\0-9eE.+a-z -]{0,60}"#) {
        if let Ok(raw) = Raw::from_text(text) {
            context(Options::default(), raw.text(), &Origin::default());
        }
    }

    #[test]
    fn any_bytes_are_no_database(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Geo::new([bytes]).is_err());
    }
}
