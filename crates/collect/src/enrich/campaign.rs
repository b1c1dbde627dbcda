//! What brought a person here, from the address of the page.

use std::borrow::Cow;

use serde::Serialize;

use super::words::{self, Words};

/// The longest query that is read, and the longest value that is kept.
const QUERY_BYTES: usize = 8 * 1024;
const VALUE_BYTES: usize = 500;

/// Ids that networks put behind the addresses in their links, with the network, and whether it sets them on paid links alone.
const CLICK_IDS: [(&str, &str, bool); 15] = [
    ("gclid", "Google Ads", true),
    ("gbraid", "Google Ads", true),
    ("wbraid", "Google Ads", true),
    ("dclid", "Google Marketing Platform", true),
    ("msclkid", "Microsoft Advertising", true),
    ("fbclid", "Facebook", false),
    ("ttclid", "TikTok", true),
    ("twclid", "X", true),
    ("li_fat_id", "LinkedIn", true),
    ("epik", "Pinterest", false),
    ("rdt_cid", "Reddit", true),
    ("ScCid", "Snapchat", true),
    ("yclid", "Yandex", true),
    ("irclickid", "impact.com", true),
    ("awc", "Awin", true),
];

/// `context.enriched.campaign`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Campaign<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<Cow<'a, str>>,
    /// `utm_campaign`; the spec calls it the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    term: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Cow<'a, str>>,
    /// The first click id of the address, under the name of its parameter.
    #[serde(flatten, serialize_with = "written")]
    click: Option<Click<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Click<'a> {
    parameter: &'static str,
    value: Cow<'a, str>,
    network: &'static str,
    is_paid: bool,
}

impl<'a> Campaign<'a> {
    /// Reads a query, with or without its `?`.
    pub fn of_query(query: &'a str) -> Self {
        let mut campaign = Self::default();
        let query = words::cut(query.trim_start_matches('?'), QUERY_BYTES);
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            if !value.trim().is_empty() && value.len() <= VALUE_BYTES {
                campaign.add(&key, value);
            }
        }
        campaign
    }

    /// Takes a client's own `context.campaign`, which is kept where it stands.
    pub fn said(&mut self, said: &Words<'a>) {
        *self = Self {
            source: said.text("source"),
            medium: said.text("medium"),
            click: self.click.take(),
            ..Self::default()
        };
    }

    /// The network of a click id: its name, and whether the click was paid for.
    pub fn network(&self) -> Option<(&'static str, bool)> {
        self.click.as_ref().map(|click| (click.network, click.is_paid))
    }

    /// Only what does not stand in the client's own words already.
    pub fn click_only(self) -> Self {
        Self { click: self.click, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A parameter that stands there twice counts as it stands first.
    fn add(&mut self, key: &str, value: Cow<'a, str>) {
        let place = match key {
            "utm_source" => &mut self.source,
            "utm_medium" => &mut self.medium,
            "utm_campaign" => &mut self.name,
            "utm_term" => &mut self.term,
            "utm_content" => &mut self.content,
            "utm_id" => &mut self.id,
            _ => return self.add_click(key, value),
        };
        place.get_or_insert(value);
    }

    fn add_click(&mut self, key: &str, value: Cow<'a, str>) {
        let known = CLICK_IDS.iter().find(|(parameter, ..)| *parameter == key);
        if let (Some((parameter, network, is_paid)), None) = (known, &self.click) {
            self.click = Some(Click { parameter, value, network, is_paid: *is_paid });
        }
    }
}

fn written<S: serde::Serializer>(click: &Option<Click<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(click.iter().map(|click| (click.parameter, &click.value)))
}

/// The query of an address, without what stands behind `#`.
pub(super) fn query(url: &str) -> Option<&str> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    Some(query)
}
