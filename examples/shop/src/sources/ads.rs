use kit::Timestamp;
use serde::Serialize;

use super::{Desk, text};
use crate::Error;
use crate::draw::Draw;
use crate::outings::Device;
use crate::people::Person;
use crate::sink::File;

#[derive(Serialize)]
struct Sync<'a> {
    partner: &'a str,
    partner_uid: &'a str,
    #[serde(rename = "anonymousId")]
    anonymous_id: &'a str,
    ts: Timestamp,
}

/// Tells the shop which cookie the exchange knows the device by, at its first visit; for one in twelve it never does.
pub fn sync(desk: &mut Desk, draw: &mut Draw, device: &mut Device, at_ms: i64) -> Result<(), Error> {
    match &device.adx_cookie {
        Some(cookie) if draw.chance(0.92) => {
            device.synced = true;
            let (anonymous_id, ts) = (&*device.anonymous_id, Timestamp::from_ms(at_ms));
            desk.sink.json(File::CookieSyncs, at_ms, &Sync { partner: "adx", partner_uid: cookie, anonymous_id, ts })
        }
        _ => Ok(()),
    }
}

/// Writes the ads that the device was shown elsewhere, between two moments.
pub fn note(desk: &mut Desk, draw: &mut Draw, who: &Person, device: &Device, from: i64, to: i64) -> Result<(), Error> {
    let Some(cookie) = &device.adx_cookie else { return Ok(()) };
    let count = (draw.exponential(6.0) as usize).min(40);
    if !device.ever_login || !device.synced {
        desk.hazards.anonymous_impressions += count as u64;
    }
    (0..count).try_for_each(|_| {
        let at_ms = draw.between(from, to);
        impression(desk, draw, who, device, cookie, at_ms)
    })
}

fn impression(
    desk: &mut Desk,
    draw: &mut Draw,
    who: &Person,
    device: &Device,
    cookie: &str,
    at: i64,
) -> Result<(), Error> {
    let category =
        if draw.chance(0.6) { who.tastes[draw.below(3)] } else { draw.below(desk.catalogue.categories.len()) };
    let price = format!("{:.3}", (0.7 * (0.6 * draw.normal()).exp()).clamp(0.05, 9.0));
    let site = *draw.pick(&["news.example", "weather.example", "recipes.example", "sports.example"]);
    let size = *draw.pick(&["300x250", "728x90", "160x600"]);
    let click = if draw.chance(0.004) { "1" } else { "0" };
    let row = [
        &*draw.hex(16),
        &text(at),
        cookie,
        &device.ip,
        device.agent,
        site,
        size,
        &price,
        desk.catalogue.categories[category],
        click,
    ];
    desk.sink.csv(File::AdImpressions, at, &row)
}
