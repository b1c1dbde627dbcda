use std::ops::Range;

use crate::draw::Draw;

/// A browser or an app, under the identity that it has at the moment.
#[derive(Debug)]
pub struct Device {
    pub place: Place,
    pub anonymous_id: String,
    pub ip: String,
    /// The user agent of a browser, empty for an app.
    pub agent: &'static str,
    /// Nobody signs in here, unless to buy.
    pub private: bool,
    /// The cookie that the ad exchange knows it by, and whether the exchange told us.
    pub adx_cookie: Option<String>,
    pub synced: bool,
    /// When its cookies will be deleted.
    pub forgets_at: Option<i64>,
    /// Index of the person who is signed in.
    pub login: Option<usize>,
    pub ever_login: bool,
    /// Everybody who used it under this identity.
    pub users: Vec<usize>,
    /// When it was first seen under this identity.
    pub since_ms: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Browser,
    FamilyComputer,
    Kiosk,
    /// With its advertising id; zeros where the owner limits tracking.
    Ios(String),
    Android(String),
}

pub const BROWSERS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
];

pub const NO_ADVERTISING_ID: &str = "00000000-0000-0000-0000-000000000000";

impl Device {
    pub fn browser(draw: &mut Draw, ip: &str, span: &Range<i64>) -> Self {
        let agent = *draw.pick(&BROWSERS);
        let mut device = Self::new(draw, Place::Browser, ip, agent);
        device.private = draw.chance(0.25);
        device.forgets_at = draw.chance(0.2).then(|| draw.between(span.start, span.end));
        device.adx_cookie = draw.chance(0.37).then(|| draw.hex(24));
        device
    }

    pub fn family_computer(draw: &mut Draw, ip: &str) -> Self {
        let agent = *draw.pick(&BROWSERS[..2]);
        let mut device = Self::new(draw, Place::FamilyComputer, ip, agent);
        device.adx_cookie = draw.chance(0.37).then(|| draw.hex(24));
        device
    }

    pub fn app(draw: &mut Draw) -> Self {
        let ios = draw.chance(0.6);
        let advertising_id = if ios && draw.chance(0.1) { NO_ADVERTISING_ID.to_owned() } else { draw.uuid() };
        let place = if ios { Place::Ios(advertising_id) } else { Place::Android(advertising_id) };
        let ip = ip(draw);
        let mut device = Self::new(draw, place, &ip, "");
        device.private = draw.chance(0.4);
        device
    }

    /// A screen in a store: the same identity for whoever stands before it.
    pub fn kiosk(number: u32) -> Self {
        let anonymous_id = format!("00000000-0000-4000-a000-{:012x}", 0xbeef + number);
        Self::named(anonymous_id, Place::Kiosk, &format!("198.51.100.{}", number % 250 + 1), BROWSERS[0])
    }

    pub fn is_app(&self) -> bool {
        matches!(self.place, Place::Ios(_) | Place::Android(_))
    }

    pub fn advertising_id(&self) -> Option<&str> {
        match &self.place {
            Place::Ios(id) | Place::Android(id) => Some(id),
            _ => None,
        }
    }

    /// The name of its identifiers' source in the truth.
    pub fn source(&self) -> &'static str {
        match self.place {
            Place::Ios(_) => "anonymous_ios",
            Place::Android(_) => "anonymous_android",
            _ => "anonymous_web",
        }
    }

    /// Becomes a device that nobody has seen before, as after its cookies were deleted.
    pub fn forget(&mut self, draw: &mut Draw) {
        let fresh = Self::new(draw, self.place.clone(), &self.ip, self.agent);
        let adx_cookie = self.adx_cookie.is_some().then(|| draw.hex(24));
        *self = Self { private: self.private, adx_cookie, ..fresh };
    }

    fn new(draw: &mut Draw, place: Place, ip: &str, agent: &'static str) -> Self {
        Self::named(draw.uuid(), place, ip, agent)
    }

    fn named(anonymous_id: String, place: Place, ip: &str, agent: &'static str) -> Self {
        Self {
            place,
            anonymous_id,
            ip: ip.to_owned(),
            agent,
            private: false,
            adx_cookie: None,
            synced: false,
            forgets_at: None,
            login: None,
            ever_login: false,
            users: Vec::new(),
            since_ms: None,
        }
    }
}

/// An address from the ranges that are kept for documentation.
pub fn ip(draw: &mut Draw) -> String {
    let range = ["198.51.100", "203.0.113"][draw.below(2)];
    format!("{range}.{}", draw.between(1, 255))
}
