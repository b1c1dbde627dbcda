use kit::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use serde::Serialize;

use super::stream::Arrival;
use super::{Desk, text};
use crate::Error;
use crate::draw::Draw;
use crate::people::Person;
use crate::sink::File;

/// Writes the person's consent to e-mails, the e-mails of each week, and what became of them.
pub fn note(desk: &mut Desk, draw: &mut Draw, person: &Person) -> Result<(), Error> {
    if !person.opted_in || !person.is_known() {
        return Ok(());
    }
    let withdrawn = consents(desk, draw, person)?;
    let openness = (0.68 + 0.18 * draw.normal()).clamp(0.02, 0.97);
    for (week, sent_ms) in campaigns(desk).enumerate() {
        if sent_ms > person.joined && withdrawn.is_none_or(|at| sent_ms < at) && draw.chance(0.53) {
            let interest = if sent_ms < person.left { 1.0 } else { 0.5 };
            campaign(desk, draw, person, week, sent_ms, openness * interest)?;
        }
    }
    Ok(())
}

/// Returns when the person withdrew their consent, if they did. A few grant it again; the e-mail tool does not notice.
fn consents(desk: &mut Desk, draw: &mut Draw, person: &Person) -> Result<Option<i64>, Error> {
    consent(desk, person, "granted", person.joined, "signup_form")?;
    let end = desk.settings.end.as_ms();
    let withdrawn = draw.chance(0.06).then(|| draw.between(person.joined + HOUR_MS, end));
    if let Some(at_ms) = withdrawn {
        consent(desk, person, "withdrawn", at_ms, "unsubscribe_link")?;
        if draw.chance(0.12) {
            consent(desk, person, "granted", draw.between(at_ms, end), "signup_form")?;
        }
    }
    Ok(withdrawn)
}

fn consent(desk: &mut Desk, person: &Person, status: &str, at_ms: i64, source: &str) -> Result<(), Error> {
    let count =
        if status == "granted" { &mut desk.hazards.consents_granted } else { &mut desk.hazards.consents_withdrawn };
    *count += 1;
    desk.sink.csv(File::Consents, at_ms, &[&person.email, "email_marketing", status, &text(at_ms), source])
}

/// Every week at nine, from the second day on.
fn campaigns(desk: &Desk) -> impl Iterator<Item = i64> + use<> {
    let (start, end) = (desk.settings.start().as_ms(), desk.settings.end.as_ms());
    let first = start - start.rem_euclid(DAY_MS) + DAY_MS + 9 * HOUR_MS;
    (first..end).step_by(7 * DAY_MS as usize)
}

fn campaign(
    desk: &mut Desk,
    draw: &mut Draw,
    who: &Person,
    week: usize,
    sent_ms: i64,
    openness: f64,
) -> Result<(), Error> {
    let campaign = format!("wk{week:02}");
    let delivered_ms = sent_ms + draw.between(0, 10 * MINUTE_MS);
    say(desk, draw, who, "Email Delivered", &campaign, delivered_ms)?;
    if draw.chance(openness) {
        let opened_ms = delivered_ms + (draw.exponential(6.0) * HOUR_MS as f64) as i64;
        say(desk, draw, who, "Email Opened", &campaign, opened_ms)?;
        if draw.chance(0.15) {
            let clicked_ms = opened_ms + draw.between(5 * SECOND_MS, 10 * MINUTE_MS);
            say(desk, draw, who, "Email Link Clicked", &campaign, clicked_ms)?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'a str,
    event: &'a str,
    #[serde(rename = "messageId")]
    message_id: String,
    timestamp: Timestamp,
    context: Context<'a>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    traits: Traits<'a>,
}

#[derive(Serialize)]
struct Traits<'a> {
    email: &'a str,
}

#[derive(Serialize)]
struct Properties<'a> {
    campaign_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

fn say(desk: &mut Desk, draw: &mut Draw, who: &Person, event: &str, campaign: &str, at_ms: i64) -> Result<(), Error> {
    if at_ms >= desk.settings.end.as_ms() {
        return Ok(());
    }
    let line = Line {
        r#type: "track",
        event,
        message_id: draw.uuid(),
        timestamp: Timestamp::from_ms(at_ms),
        context: Context { traits: Traits { email: &who.email } },
        properties: Properties {
            campaign_id: campaign,
            url: event.contains("Clicked").then_some("https://shop.example/sale"),
        },
    };
    let late_ms = if draw.chance(0.005) { draw.between(HOUR_MS, 36 * HOUR_MS) } else { 0 };
    Arrival { file: File::EmailEvents, at_ms, late_ms }.push(desk, draw, &line)
}
