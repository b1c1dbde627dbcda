use kit::{DAY_MS, SECOND_MS, Timestamp};

use super::Desk;
use super::stream::Arrival;
use super::wire::{Context, Library, Line, Properties};
use crate::Error;
use crate::draw::Draw;
use crate::outings::BROWSERS;
use crate::sink::File;

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
    "pricewatch/0.9 (+https://prices.example)",
];

/// Lets a bot read product pages in a hurry, on a few days. It never signs in; one in five pretends to be a browser.
///
/// In the truth it is `B1`, `B2` …: nobody.
pub fn note(desk: &mut Desk, draw: &mut Draw, number: u64) -> Result<(), Error> {
    desk.hazards.bots += 1;
    let anonymous_id = draw.uuid();
    desk.truth(&format!("B{number}"), "anonymous_web", &anonymous_id, "bots")?;
    let agent = if draw.chance(0.2) { BROWSERS[0] } else { *draw.pick(&AGENTS) };
    let ip = format!("192.0.2.{}", draw.between(1, 255));
    let library = Library { name: "analytics.js", version: "1.0" };
    let context = Context { ip: &ip, locale: "en-US", library, user_agent: Some(agent), device: None, campaign: None };
    let context = context.to_raw();
    let (start, end) = (desk.settings.start().as_ms(), desk.settings.end.as_ms() - DAY_MS);
    for _ in 0..draw.between(1, 5) {
        let mut now_ms = draw.between(start, end);
        for _ in 0..draw.between(80, 320) {
            now_ms += draw.between(SECOND_MS, 4 * SECOND_MS);
            let call = page(desk, draw);
            let line = Line { anonymous_id: &anonymous_id, message_id: draw.uuid(), context: Some(&context), ..call };
            let line = Line { timestamp: Timestamp::from_ms(now_ms), ..line };
            desk.hazards.bot_events += 1;
            Arrival { file: File::WebEvents, at_ms: now_ms, late_ms: 0 }.push(desk, draw, &line)?;
        }
    }
    Ok(())
}

fn page<'a>(desk: &Desk<'a>, draw: &mut Draw) -> Line<'a> {
    let category = draw.below(desk.catalogue.categories.len());
    let product = desk.catalogue.pick(draw, category);
    let path = format!("/p/{}", product.id);
    let properties = Properties::Page { url: format!("https://shop.example{path}"), path };
    Line { name: Some("Product"), properties: Some(properties), ..Line::of("page") }
}
