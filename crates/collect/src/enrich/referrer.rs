//! Where a person came from, and what kind of place that is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::campaign::Campaign;

/// `context.enriched.referrer`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Referrer<'a> {
    /// In lower case, without `www.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Cow<'a, str>>,
    kind: Kind,
    /// The name of the place, e.g. `Google`.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Search,
    Social,
    Email,
    Paid,
    /// From one's own pages.
    Internal,
    /// From nowhere that is told.
    Direct,
    Other,
}

/// A page as it was opened.
#[derive(Debug)]
pub(super) struct Opened<'a, 'c> {
    pub url: Option<&'a str>,
    pub referrer: Option<&'a str>,
    pub campaign: &'c Campaign<'a>,
    pub own_domains: &'c [String],
}

impl<'a> Referrer<'a> {
    /// Decides in this order: one's own pages, what the campaign says about itself, the list of places.
    pub fn of(opened: &Opened<'a, '_>) -> Self {
        let domain = opened.referrer.and_then(domain);
        let known = domain.as_deref().and_then(known);
        let network = opened.campaign.network();
        let kind = match (&domain, known) {
            (Some(domain), _) if is_own(domain, opened) => Kind::Internal,
            (_, known) => {
                tagged(opened.campaign).or(known.map(|(kind, _)| kind)).unwrap_or_else(|| rest(&domain, opened))
            }
        };
        let source = known.map(|(_, source)| source).or(network.map(|(name, _)| name));
        Self { domain, kind, source: source.filter(|_| kind != Kind::Internal) }
    }
}

fn is_own(domain: &str, opened: &Opened<'_, '_>) -> bool {
    let is_pages = |page: Cow<'_, str>| is_within(domain, &page) || is_within(&page, domain);
    opened.own_domains.iter().any(|own| is_within(domain, own))
        || opened.url.and_then(self::domain).is_some_and(is_pages)
}

/// Whether a domain is another one or lies below it.
fn is_within(domain: &str, above: &str) -> bool {
    let rest = domain.len().checked_sub(above.len());
    let Some((before, end)) = rest.and_then(|at| domain.split_at_checked(at)) else { return false };
    end.eq_ignore_ascii_case(above) && (before.is_empty() || before.ends_with('.'))
}

/// What a campaign says about itself: a click that was paid for, or its medium.
fn tagged(campaign: &Campaign<'_>) -> Option<Kind> {
    if campaign.network().is_some_and(|(_, is_paid)| is_paid) {
        return Some(Kind::Paid);
    }
    let medium = campaign.medium.as_deref()?.trim().to_ascii_lowercase();
    match medium.as_str() {
        "cpc" | "ppc" | "cpm" | "cpv" | "cpa" | "display" | "banner" | "retargeting" | "affiliate" => Some(Kind::Paid),
        medium if medium.starts_with("paid") => Some(Kind::Paid),
        "email" | "e-mail" | "e_mail" | "newsletter" => Some(Kind::Email),
        "social" | "social-network" | "social-media" | "sm" => Some(Kind::Social),
        "organic" => Some(Kind::Search),
        _ => None,
    }
}

fn rest(domain: &Option<Cow<'_, str>>, opened: &Opened<'_, '_>) -> Kind {
    match (domain, opened.campaign.network()) {
        (Some(_), _) => Kind::Other,
        (None, Some(_)) => Kind::Social,
        (None, None) if opened.campaign.source.is_some() => Kind::Other,
        (None, None) => Kind::Direct,
    }
}

/// The host of an address (of an app: `android-app://com.example`).
fn domain(url: &str) -> Option<Cow<'_, str>> {
    let (_, after) = url.trim().split_once("://")?;
    let host = after.split(['/', '?', '#', '\\']).next()?;
    let host = host.rsplit('@').next()?.split(':').next()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let is_sound = (1..=253).contains(&host.len()) && host.chars().all(|c| c.is_alphanumeric() || "-._".contains(c));
    let lowered = host.bytes().any(|byte| byte.is_ascii_uppercase());
    is_sound.then(|| if lowered { Cow::Owned(lower(host)) } else { Cow::Borrowed(host) })
}

fn lower(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
}

type Places = HashMap<&'static str, (Kind, &'static str)>;

/// The longest entry of the list above a domain.
fn known(domain: &str) -> Option<(Kind, &'static str)> {
    let mut rest = domain;
    loop {
        if let Some(place) = PLACES.exact.get(rest).or_else(|| in_any_country(rest)) {
            return Some(*place);
        }
        rest = rest.split_once('.')?.1;
    }
}

/// `google.*` is `google.com`, `google.at`, `google.co.uk` and `google.com.br`.
fn in_any_country(domain: &str) -> Option<&'static (Kind, &'static str)> {
    let (name, ending) = domain.split_once('.')?;
    let mut parts = ending.split('.');
    let is_ending = match (parts.next()?, parts.next(), parts.next()) {
        (only, None, _) => only == "com" || only.len() == 2,
        (first, Some(second), None) => ["co", "com"].contains(&first) && second.len() == 2,
        _ => false,
    };
    PLACES.in_any_country.get(name).filter(|_| is_ending)
}

struct Lists {
    exact: Places,
    in_any_country: Places,
}

static PLACES: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists { exact: Places::new(), in_any_country: Places::new() };
    for line in include_str!("lists/referrers.csv").lines().filter(|line| !line.starts_with('#')).skip(1) {
        let mut words = line.splitn(3, ',');
        let (Some(domain), Some(kind), Some(source)) = (words.next(), words.next().and_then(kind), words.next()) else {
            continue;
        };
        match domain.strip_suffix(".*") {
            Some(name) => lists.in_any_country.insert(name, (kind, source)),
            None => lists.exact.insert(domain, (kind, source)),
        };
    }
    lists
});

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "search" => Kind::Search,
        "social" => Kind::Social,
        "email" => Kind::Email,
        "paid" => Kind::Paid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_can_be_read() {
        let lines = include_str!("lists/referrers.csv").lines().filter(|line| !line.starts_with('#')).skip(1);
        assert_eq!(PLACES.exact.len() + PLACES.in_any_country.len(), lines.count());
    }

    #[test]
    fn a_place_is_known_by_its_longest_name() {
        let source = |domain| known(domain).map(|(_, source)| source);
        assert_eq!(source("google.co.uk"), Some("Google"));
        assert_eq!(source("mail.google.com"), Some("Gmail"));
        assert_eq!(source("news.google.at"), Some("Google"));
        assert_eq!(source("google.evil.example"), None);
        assert_eq!(source("notgoogle.com"), None);
        assert_eq!(source("m.facebook.com"), Some("Facebook"));
        assert_eq!(source("com"), None);
    }
}
