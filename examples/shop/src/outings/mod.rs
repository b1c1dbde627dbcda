//! When the people of a household go to the shop's website and app, on which device, and whether they buy.

mod device;

pub use device::{BROWSERS, Device, Place};

use kit::{DAY_MS, MINUTE_MS};

use crate::Settings;
use crate::draw::Draw;
use crate::people::Household;

/// One person's visit on one device.
#[derive(Debug)]
pub struct Visit {
    /// Index into the household's people.
    pub person: usize,
    /// Index into the household's devices.
    pub device: usize,
    pub starts_ms: i64,
    pub buys: bool,
}

/// The longest visit; none begins later than this before the world's end.
pub const LONGEST_VISIT_MS: i64 = 40 * MINUTE_MS;

/// What a household owns and how it uses it. Visits are in the order of time.
#[derive(Debug)]
pub struct Outings {
    pub devices: Vec<Device>,
    pub visits: Vec<Visit>,
}

impl Outings {
    pub fn draw(draw: &mut Draw, settings: &Settings, household: &Household) -> Self {
        let mut outings = Self { devices: Vec::new(), visits: Vec::new() };
        let address = device::ip(draw);
        let family_computer = household.family_computer.then(|| outings.add(Device::family_computer(draw, &address)));
        for person in 0..household.people.len() {
            let own = Own::draw(draw, settings, &mut outings, household, person, &address);
            outings.go(draw, settings, household, person, &Choice { own, family_computer });
        }
        outings.visits.sort_by_key(|visit| visit.starts_ms);
        outings
    }

    fn add(&mut self, device: Device) -> usize {
        self.devices.push(device);
        self.devices.len() - 1
    }

    fn go(&mut self, draw: &mut Draw, settings: &Settings, household: &Household, person: usize, choice: &Choice) {
        let (who, end) = (&household.people[person], settings.end.as_ms() - LONGEST_VISIT_MS);
        let until = who.left.min(end);
        let first_look = (who.joined - (draw.exponential(5.0) * DAY_MS as f64) as i64).max(settings.start().as_ms());
        let passes_by = (!who.is_known()).then_some(first_look);
        for starts_ms in moments(draw, who.visits_per_day, first_look, until).into_iter().chain(passes_by) {
            let device = choice.for_browsing(draw);
            self.visits.push(Visit { person, device, starts_ms, buys: false });
        }
        if who.customer_id.is_some() {
            for starts_ms in moments(draw, who.orders_per_day, who.joined, until) {
                let device = choice.for_buying(draw);
                self.visits.push(Visit { person, device, starts_ms, buys: true });
            }
        }
        if let Some(kiosk) = choice.own.kiosk {
            for _ in 0..draw.between(2, 5) {
                let starts_ms = draw.between(first_look, end);
                self.visits.push(Visit { person, device: kiosk, starts_ms, buys: false });
            }
        }
    }
}

/// Indices of the devices that a person has alone, and of the kiosk that they pass.
#[derive(Debug)]
struct Own {
    web: usize,
    second_web: Option<usize>,
    app: Option<usize>,
    kiosk: Option<usize>,
}

impl Own {
    fn draw(
        draw: &mut Draw,
        settings: &Settings,
        all: &mut Outings,
        home: &Household,
        person: usize,
        ip: &str,
    ) -> Self {
        let who = &home.people[person];
        let span = who.joined..settings.end.as_ms();
        let web = all.add(Device::browser(draw, ip, &span));
        let elsewhere = device::ip(draw);
        let second_web = draw.chance(0.4).then(|| all.add(Device::browser(draw, &elsewhere, &span)));
        let app = draw.chance(0.585).then(|| all.add(Device::app(draw)));
        let kiosk = who.kiosk(settings.people).map(|number| all.add(Device::kiosk(number)));
        Self { web, second_web, app, kiosk }
    }
}

/// What a person may choose from for a visit.
#[derive(Debug)]
struct Choice {
    own: Own,
    family_computer: Option<usize>,
}

impl Choice {
    fn for_browsing(&self, draw: &mut Draw) -> usize {
        let own = &self.own;
        let candidates = [(own.app, 0.42), (self.family_computer, 0.4), (own.second_web, 0.35)];
        candidates.into_iter().find_map(|(device, share)| device.filter(|_| draw.chance(share))).unwrap_or(own.web)
    }

    /// People buy where they are used to signing in: on the app and on their first device, more rarely on the family's.
    fn for_buying(&self, draw: &mut Draw) -> usize {
        let candidates = [(self.own.app, 0.41), (self.family_computer, 0.25)];
        candidates.into_iter().find_map(|(device, share)| device.filter(|_| draw.chance(share))).unwrap_or(self.own.web)
    }
}

/// Moments of a Poisson process, each moved to a likely hour of its day.
pub fn moments(draw: &mut Draw, per_day: f64, from_ms: i64, until_ms: i64) -> Vec<i64> {
    let mut moments = Vec::new();
    let mut at = from_ms as f64;
    loop {
        at += draw.exponential(DAY_MS as f64 / per_day);
        if at >= until_ms as f64 {
            return moments;
        }
        moments.push(at_likely_hour(draw, at as i64).clamp(from_ms, until_ms - 1));
    }
}

/// Weights of the hours of a day, in UTC.
const HOURS: [u32; 24] = [4, 2, 1, 1, 1, 2, 5, 9, 12, 14, 15, 15, 17, 16, 15, 15, 16, 19, 23, 27, 28, 24, 16, 9];

fn at_likely_hour(draw: &mut Draw, at_ms: i64) -> i64 {
    let hour = draw.weighted(&HOURS) as i64;
    at_ms - at_ms.rem_euclid(DAY_MS) + hour * kit::HOUR_MS + at_ms.rem_euclid(kit::HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_at_their_rate_and_keep_their_bounds() {
        let (mut draw, from, until) = (Draw::new(1, 1), 5 * DAY_MS + 7, 905 * DAY_MS);
        let moments = moments(&mut draw, 2.0, from, until);
        assert!((1_650..1_950).contains(&moments.len()), "{}", moments.len());
        assert!(moments.iter().all(|at| (from..until).contains(at)));
        let evening = moments.iter().filter(|at| (18..22).contains(&(*at % DAY_MS / kit::HOUR_MS))).count();
        assert!(evening * 4 > moments.len(), "a quarter of all visits in the evening");
    }
}
