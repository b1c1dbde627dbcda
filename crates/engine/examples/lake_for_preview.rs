//! Makes the lake of `./dev bench preview`: 180 days of events of a shop, and the views of its people, written by the house's own writer.
//!
//!     lake_for_preview FOLDER [EVENTS] [PEOPLE]        10,000,000 and 1,000,000 where nothing is said
//!
//! The same arguments give the same rows. It prints what it made as one JSON object.

use std::path::Path;
use std::sync::Arc;

use kit::{DAY_MS, MINUTE_MS, Timestamp};
use lake::{EventRow, FactRows, IdentifierRow, Lake, LakeError, ProfileRow, TraitRow};
use model::{EventKind, Ordinal, Seq};

const DAYS: i64 = 180;

/// The first moment of the world; its last day ends at the `NOW` of `preview.rs`.
const START: &str = "2026-01-01T00:00:00Z";

/// Facts in one append, as many as the server lays down at once.
const EVENTS_AT_ONCE: u64 = 200_000;

/// Event names with their shares in a thousand.
const LABELS: [(&str, EventKind, u64); 6] = [
    ("page", EventKind::Page, 560),
    ("Product Viewed", EventKind::Track, 240),
    ("Product Added", EventKind::Track, 70),
    ("Order Completed", EventKind::Track, 50),
    ("Email Opened", EventKind::Track, 60),
    ("Product Searched", EventKind::Track, 20),
];

/// Countries with their shares in a hundred.
const COUNTRIES: [(&str, u64); 5] = [("DE", 30), ("FR", 25), ("GB", 20), ("ES", 15), ("NL", 10)];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = arguments();
    let folder = arguments.next().ok_or("say in which folder")?;
    let mut number = |otherwise: u64| arguments.next().map_or(Ok(otherwise), |text| text.parse());
    let world = World { events: number(10_000_000)?, people: number(1_000_000)?, start: Timestamp::parse(START)? };
    let lake = Lake::open(Path::new(&folder))?;
    world.write_events(&lake)?;
    world.write_views(&lake)?;
    let snapshot = lake.snapshot();
    let files: usize = snapshot.tables().map(|(_, files)| files.len()).sum();
    println!("{}", serde_json::json!({ "events": world.events, "people": world.people, "days": DAYS, "files": files }));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "an example is a program of its own")]
fn arguments() -> impl Iterator<Item = String> {
    std::env::args().skip(1)
}

struct World {
    events: u64,
    people: u64,
    start: Timestamp,
}

impl World {
    fn write_events(&self, lake: &Lake) -> Result<(), LakeError> {
        let source: Arc<str> = "web".into();
        let mut first = lake.facts_through() + 1;
        while first <= self.events {
            let through = (first + EVENTS_AT_ONCE - 1).min(self.events);
            let events = (first..=through).map(|seq| self.event(seq, &source)).collect();
            lake.append(&FactRows { events, ..FactRows::default() }, through)?;
            lake.compact()?;
            first = through + 1;
        }
        Ok(())
    }

    /// Events arrive in order of time; a few people are busy, most are not.
    fn event(&self, seq: Seq, source: &Arc<str>) -> EventRow {
        let mut draw = Draw(seq);
        let owner = self.busy_person(&mut draw);
        let (label, kind) = self.label(&mut draw);
        let time = self.start.plus_ms((seq - 1) as i64 * (DAYS * DAY_MS) / self.events as i64);
        EventRow {
            seq,
            owner,
            event: label.to_owned(),
            kind,
            name: (kind == EventKind::Track).then(|| label.to_owned()),
            source: source.clone(),
            message_id: format!("{:016x}-{seq:x}", draw.next()),
            time,
            received_at: time.plus_ms(draw.below(2 * MINUTE_MS as u64) as i64),
            properties: Some(properties(label, &mut draw)),
            context: None,
        }
    }

    /// The square of an even draw: a tenth of the people does about a third of all.
    fn busy_person(&self, draw: &mut Draw) -> Ordinal {
        let even = draw.below(1 << 24) as f64 / (1 << 24) as f64;
        1 + (even * even * self.people as f64) as Ordinal
    }

    fn label(&self, draw: &mut Draw) -> (&'static str, EventKind) {
        let mut left = draw.below(1_000);
        for (label, kind, share) in LABELS {
            if left < share {
                return (label, kind);
            }
            left -= share;
        }
        (LABELS[0].0, LABELS[0].1)
    }

    fn write_views(&self, lake: &Lake) -> Result<(), LakeError> {
        let people = || 1..=self.people as Ordinal;
        let profile = |profile| ProfileRow {
            profile,
            identifiers: 1,
            first_seen: self.start,
            last_seen: self.start.plus_ms(DAYS * DAY_MS),
        };
        let identifier = |ordinal| IdentifierRow {
            ordinal,
            kind: "email".to_owned(),
            value: format!("person.{ordinal}@example.com"),
            profile: ordinal,
        };
        lake.replace_view(self.events, people().map(profile))?;
        lake.replace_view(self.events, people().map(identifier))?;
        lake.replace_view(self.events, people().flat_map(|person| self.traits(person)))?;
        Ok(())
    }

    /// Everyone has a country and an age; one in fifty has taken the newsletter back.
    fn traits(&self, profile: Ordinal) -> Vec<TraitRow> {
        let mut draw = Draw(u64::from(profile) << 32);
        let mut told = vec![("country", format!("\"{}\"", country(&mut draw))), ("age", draw.below(60).to_string())];
        if draw.below(50) == 0 {
            told.push(("unsubscribed", "true".to_owned()));
        }
        let row = |(name, value): (&str, String)| TraitRow {
            profile,
            name: name.to_owned(),
            value,
            source: "crm".into(),
            time: self.start,
        };
        told.into_iter().map(row).collect()
    }
}

fn country(draw: &mut Draw) -> &'static str {
    let mut left = draw.below(100);
    for (country, share) in COUNTRIES {
        if left < share {
            return country;
        }
        left -= share;
    }
    COUNTRIES[0].0
}

fn properties(label: &str, draw: &mut Draw) -> String {
    let product = draw.below(5_000);
    match label {
        "Order Completed" => {
            let total = (500 + draw.below(15_000)) as f64 / 100.0;
            format!(
                r#"{{"order_id":"o{:x}","total":{total},"currency":"EUR","items":{}}}"#,
                draw.next(),
                1 + draw.below(6)
            )
        }
        "page" => format!(r#"{{"path":"/products/{product}","referrer":"search"}}"#),
        "Product Searched" => format!(r#"{{"query":"boots {product}"}}"#),
        _ => format!(r#"{{"product_id":"{product}","price":{}}}"#, 1 + draw.below(200)),
    }
}

/// SplitMix64, seeded by what is drawn for: rows do not depend on each other.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
