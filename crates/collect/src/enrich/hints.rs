//! Client Hints: what a browser says in so many words, and what its user agent no longer does.

use std::borrow::Cow;
use std::fmt;

use super::agent::{Agent, Product};
use super::words::{self, Words};

/// The longest hint that is looked at.
const HINT_BYTES: usize = 512;

/// The headers `Sec-CH-UA*`, as they came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientHints {
    /// `Sec-CH-UA`: brands with their major versions.
    pub brands: Option<String>,
    /// `Sec-CH-UA-Full-Version-List`.
    pub full_versions: Option<String>,
    /// `Sec-CH-UA-Mobile`: `?1` or `?0`.
    pub mobile: Option<String>,
    /// `Sec-CH-UA-Platform`.
    pub platform: Option<String>,
    /// `Sec-CH-UA-Platform-Version`.
    pub platform_version: Option<String>,
    /// `Sec-CH-UA-Model`.
    pub model: Option<String>,
}

impl ClientHints {
    /// Reads the headers of a request; `header` looks one up by its lower-case name. A browser that gives hints gives its brands first.
    pub fn of_request<'h>(header: &dyn Fn(&str) -> Option<&'h str>) -> Self {
        let read = |name| header(name).map(str::to_owned);
        let Some(brands) = read("sec-ch-ua") else { return Self::default() };
        Self {
            brands: Some(brands),
            full_versions: read("sec-ch-ua-full-version-list"),
            mobile: read("sec-ch-ua-mobile"),
            platform: read("sec-ch-ua-platform"),
            platform_version: read("sec-ch-ua-platform-version"),
            model: read("sec-ch-ua-model"),
        }
    }
}

impl fmt::Debug for ClientHints {
    /// Without the hints, which are a person's device.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHints").finish_non_exhaustive()
    }
}

/// Hints from either side, in one form.
#[derive(Debug, Default)]
pub(super) struct Hints<'a> {
    browser: Option<(&'static str, Cow<'a, str>)>,
    is_headless: bool,
    is_mobile: Option<bool>,
    platform: Option<Cow<'a, str>>,
    platform_version: Option<Cow<'a, str>>,
    model: Option<Cow<'a, str>>,
}

impl<'a> Hints<'a> {
    /// Reads `context.userAgentData`, as `navigator.userAgentData` and its high entropy values give it.
    pub fn of_context(data: &Words<'a>) -> Self {
        let mut hints = Self::default();
        for list in ["brands", "fullVersionList"] {
            data.raw(list).into_iter().flat_map(brand_list).for_each(|(brand, version)| hints.add(&brand, version));
        }
        hints.is_mobile = data.raw("mobile").and_then(|raw| serde_json::from_str(raw.get()).ok());
        hints.platform = data.text("platform");
        hints.platform_version = data.text("platformVersion");
        hints.model = data.text("model");
        hints
    }

    pub fn of_headers(headers: &'a ClientHints) -> Self {
        let mut hints = Self::default();
        for list in [&headers.brands, &headers.full_versions].into_iter().flatten() {
            header_brands(list).for_each(|(brand, version)| hints.add(brand, Cow::Borrowed(version)));
        }
        hints.is_mobile = headers.mobile.as_deref().and_then(|mobile| match mobile.trim() {
            "?1" => Some(true),
            "?0" => Some(false),
            _ => None,
        });
        hints.platform = headers.platform.as_deref().and_then(unquoted);
        hints.platform_version = headers.platform_version.as_deref().and_then(unquoted);
        hints.model = headers.model.as_deref().and_then(unquoted);
        hints
    }

    /// The list with full versions comes second, and counts.
    fn add(&mut self, brand: &str, version: Cow<'a, str>) {
        self.is_headless |= brand == "HeadlessChrome";
        if let Some(name) = browser_name(brand) {
            self.browser = Some((name, version));
        }
    }

    pub fn are_empty(&self) -> bool {
        let texts = [&self.platform, &self.platform_version, &self.model];
        self.browser.is_none() && self.is_mobile.is_none() && texts.iter().all(|text| text.is_none())
    }

    /// Puts the hints over what the user agent said.
    pub fn correct(self, agent: &mut Agent) {
        agent.bot |= self.is_headless;
        if let Some((name, version)) = self.browser {
            agent.browser = Some(browser(name, version, agent.browser.take()));
        }
        if let Some(os) = system(self.platform, self.platform_version, agent.os.take()) {
            agent.os = Some(os);
        }
        if agent.bot {
            return agent.device = None;
        }
        let device = agent.device.get_or_insert_default();
        if self.is_mobile == Some(true) && device.kind.as_deref() != Some("tablet") {
            device.kind = Some(Cow::Borrowed("mobile"));
        }
        if let Some(model) = self.model {
            device.model = Some(Cow::Owned(words::cut(model.trim(), HINT_BYTES).to_owned()));
        }
        agent.device.take_if(|device| *device == Default::default());
    }
}

/// The name by which the user agent's list calls a brand. `Chromium` is under all of them, and the made-up brand (`Not A;Brand`) is none.
fn browser_name(brand: &str) -> Option<&'static str> {
    Some(match brand {
        "Google Chrome" => "Chrome",
        "Microsoft Edge" => "Edge",
        "Opera" => "Opera",
        "Opera GX" => "Opera GX",
        "Brave" => "Brave",
        "Vivaldi" => "Vivaldi",
        "DuckDuckGo" => "DuckDuckGo",
        "Samsung Internet" => "Samsung Internet",
        "YaBrowser" | "Yandex" => "Yandex Browser",
        "Android WebView" => "Chrome Mobile WebView",
        "Microsoft Edge WebView2" => "Edge WebView2",
        "HeadlessChrome" => "HeadlessChrome",
        _ => return None,
    })
}

/// The user agent tells more of the same browser (`Chrome Mobile`), and a bare major version tells less than it.
fn browser(name: &str, version: Cow<'_, str>, agents: Option<Product>) -> Product {
    match agents.filter(|agents| agents.name.starts_with(name)) {
        None => product(name, Some(version)),
        Some(agents) if !version.contains('.') => agents,
        Some(agents) => product(&agents.name, Some(version)),
    }
}

/// A version belongs to the platform beside it. Windows says `13.0.0` and above for 11, and `1` to `10` for 10.
fn system(name: Option<Cow<'_, str>>, version: Option<Cow<'_, str>>, agents: Option<Product>) -> Option<Product> {
    let Some(name) = name.filter(|name| !name.trim().is_empty() && name != "Unknown") else { return agents };
    let name = match name.as_ref() {
        "Chromium OS" => "Chrome OS",
        "macOS" | "Mac OS X" => "macOS",
        name => name,
    };
    let version = match (name, version) {
        ("Windows", Some(version)) => windows(&version).map(Cow::Borrowed),
        (_, version) => version,
    };
    let agents = agents.filter(|agents| version.is_none() && agents.name == name);
    Some(agents.unwrap_or_else(|| product(name, version)))
}

fn windows(version: &str) -> Option<&'static str> {
    let major: u32 = version.split('.').next()?.parse().ok()?;
    match major {
        13.. => Some("11"),
        1..=10 => Some("10"),
        _ => None,
    }
}

fn product(name: &str, version: Option<Cow<'_, str>>) -> Product {
    let version = version.map(|version| words::cut(version.trim(), HINT_BYTES).to_owned());
    Product { name: words::cut(name, HINT_BYTES).to_owned(), version: version.filter(|version| !version.is_empty()) }
}

fn brand_list(list: &serde_json::value::RawValue) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let entries: Vec<&serde_json::value::RawValue> = serde_json::from_str(list.get()).unwrap_or_default();
    let brands = entries.into_iter().take(16).filter_map(|entry| {
        let entry = words::object(entry)?;
        Some((entry.text("brand")?, entry.text("version")?))
    });
    brands.collect()
}

/// Reads `"Chromium";v="156", "Not:A-Brand";v="8"`. A brand may hold a comma or a semicolon, so it is read by its quotes.
fn header_brands(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut quoted = words::cut(list, HINT_BYTES).split('"').skip(1).step_by(2);
    std::iter::from_fn(move || Some((quoted.next()?, quoted.next()?)))
}

fn unquoted(header: &str) -> Option<Cow<'_, str>> {
    let text = header.trim().trim_matches('"').trim();
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}
