//! What a user agent says about the device; makers and models only where they stand in it in so many words.

use std::borrow::Cow;

use serde::Serialize;

use super::agent::Product;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Device {
    /// `desktop`, `mobile`, `tablet`, `tv` or `console`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Cow<'static, str>>,
}

/// A word of a user agent, and the device for which it stands: type, brand, model. The first word found counts.
const WORDS: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("PlayStation", "console", Some("Sony"), Some("PlayStation")),
    ("Xbox", "console", Some("Microsoft"), Some("Xbox")),
    ("Nintendo", "console", Some("Nintendo"), None),
    ("AppleTV", "tv", Some("Apple"), Some("Apple TV")),
    ("Web0S", "tv", Some("LG"), None),
    ("BRAVIA", "tv", Some("Sony"), Some("BRAVIA")),
    ("Roku", "tv", Some("Roku"), None),
    ("CrKey", "tv", Some("Google"), Some("Chromecast")),
    ("SmartTV", "tv", None, None),
    ("SMART-TV", "tv", None, None),
    ("Smart TV", "tv", None, None),
    ("Android TV", "tv", None, None),
    ("GoogleTV", "tv", None, None),
    ("HbbTV", "tv", None, None),
    ("; AFT", "tv", Some("Amazon"), Some("Fire TV")),
    ("iPad", "tablet", Some("Apple"), Some("iPad")),
    ("iPhone", "mobile", Some("Apple"), Some("iPhone")),
    ("iPod", "mobile", Some("Apple"), Some("iPod")),
    ("Macintosh", "desktop", Some("Apple"), Some("Mac")),
];

const DESKTOPS: [&str; 6] = ["Windows", "macOS", "Linux", "Ubuntu", "Chrome OS", "Fedora"];

pub(super) fn of(user_agent: &str, os: Option<&Product>) -> Option<Device> {
    if let Some((_, kind, brand, model)) = WORDS.iter().find(|(word, ..)| user_agent.contains(word)) {
        return Some(Device {
            kind: Some(Cow::Borrowed(*kind)),
            brand: brand.map(Cow::Borrowed),
            model: model.map(Cow::Borrowed),
        });
    }
    if user_agent.contains("Android") {
        return Some(android(user_agent));
    }
    let kind = if user_agent.contains("Tablet") {
        "tablet"
    } else if user_agent.contains("Mobi") {
        "mobile"
    } else {
        let os = os?;
        DESKTOPS.contains(&os.name.as_str()).then_some("desktop")?
    };
    Some(Device { kind: Some(Cow::Borrowed(kind)), ..Device::default() })
}

/// Browsers on Android say `Mobile` on telephones alone; an app's own user agent (`Dalvik/`) does not say.
fn android(user_agent: &str) -> Device {
    let kind = match (user_agent.contains("Mobile"), user_agent.starts_with("Mozilla/")) {
        (true, _) => Some(Cow::Borrowed("mobile")),
        (false, true) => Some(Cow::Borrowed("tablet")),
        (false, false) => None,
    };
    Device { kind, brand: None, model: android_model(user_agent).map(|model| Cow::Owned(model.to_owned())) }
}

/// Takes the model out of `(Linux; Android 14; SM-S921B Build/…)`. Chrome writes `K` for every model.
fn android_model(user_agent: &str) -> Option<&str> {
    let (_, after) = user_agent.split_once("Android")?;
    let inside = after.split(')').next()?;
    let model = inside.split(';').nth(1)?.split(" Build/").next()?.trim();
    let says_no_model = ["K", "wv", "Mobile", "Tablet"].contains(&model) || model.starts_with("rv:");
    (!model.is_empty() && !says_no_model).then_some(model)
}
