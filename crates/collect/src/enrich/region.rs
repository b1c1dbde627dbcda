//! Where Europe's rules about personal data hold: the EU with its outermost regions, the EEA, the United Kingdom and Switzerland.

/// ISO 3166-1 codes; `EU` is what registries write where the country is not told.
const COUNTRIES: [&str; 46] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", // EU
    "AX", "BL", "GF", "GP", "MF", "MQ", "RE", "YT", "EU", // its regions with codes of their own
    "IS", "LI", "NO", // EEA
    "GB", "UK", "GG", "GI", "IM", "JE", // United Kingdom, its neighbours under the same rules
    "CH",
];

/// Time zones of these countries that do not begin with `Europe/`.
const ZONES: [&str; 17] = [
    "Africa/Ceuta",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Marigot",
    "America/Martinique",
    "America/St_Barthelemy",
    "Arctic/Longyearbyen",
    "Asia/Famagusta",
    "Asia/Nicosia",
    "Atlantic/Azores",
    "Atlantic/Canary",
    "Atlantic/Madeira",
    "Atlantic/Reykjavik",
    "GB",
    "Iceland",
    "Indian/Mayotte",
    "Indian/Reunion",
];

/// Whether the rules hold in a country, by its code in any case.
pub(super) fn holds_country(code: &str) -> bool {
    COUNTRIES.iter().any(|country| country.eq_ignore_ascii_case(code))
}

/// Whether a device's time zone speaks for one of these countries. `Europe/Moscow` does too: a cut too many does no harm.
pub(super) fn holds_zone(zone: &str) -> bool {
    zone.starts_with("Europe/") || ZONES.contains(&zone)
}
