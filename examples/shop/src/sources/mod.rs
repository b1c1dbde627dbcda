//! What each of the retailer's systems writes down about the people who come.
//!
//! A [`Desk`] is what they all write on. Each source is a function of a household or a person, and of nothing that another source wrote.

mod ads;
mod bots;
mod crm;
mod ecommerce;
mod email;
mod loyalty;
mod session;
mod stream;
mod support;
mod web;
mod wire;

use kit::Timestamp;

use crate::catalogue::Catalogue;
use crate::draw::Draw;
use crate::people::{Household, Person};
use crate::sink::{File, Sink};
use crate::tables::Tables;
use crate::{Error, Hazards, Settings};

/// What every source needs at hand.
#[derive(Debug)]
pub struct Desk<'a> {
    pub settings: &'a Settings,
    pub tables: &'a Tables,
    pub catalogue: &'a Catalogue,
    pub sink: &'a mut Sink,
    pub hazards: &'a mut Hazards,
    pub next: Numbers,
}

/// The next free number of what is numbered in the order of people.
#[derive(Debug)]
pub struct Numbers {
    pub contact: u64,
    pub order: u64,
    pub receipt: u64,
    pub ticket: u64,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { contact: 100_000, order: 50_000, receipt: 900_000, ticket: 7_000 }
    }
}

impl Desk<'_> {
    /// Lets a household live its months, and every source take its notes.
    pub fn note(&mut self, draw: &mut Draw, household: &Household) -> Result<(), Error> {
        self.count(household);
        for person in &household.people {
            crm::note(self, draw, household, person)?;
            ecommerce::note_customer(self, draw, household, person)?;
            loyalty::note(self, draw, household, person)?;
            email::note(self, draw, person)?;
            support::note(self, draw, person)?;
        }
        web::note(self, draw, household)
    }

    /// Lets bot number `number` crawl the website.
    pub fn note_bot(&mut self, draw: &mut Draw, number: u64) -> Result<(), Error> {
        bots::note(self, draw, number)
    }

    fn count(&mut self, household: &Household) {
        let people = household.people.len() as u64;
        let hazards = &mut self.hazards;
        hazards.shared_mailboxes += u64::from(household.one_mailbox);
        hazards.people_with_shared_mailbox += if household.one_mailbox { people } else { 0 };
        hazards.people_who_moved +=
            household.people.iter().filter(|person| person.former_home.is_some()).count() as u64;
        let users = household.people.iter().filter(|person| person.kiosk(self.settings.people).is_some());
        hazards.kiosk_users += users.count() as u64;
    }

    fn truth(&mut self, person: &str, source: &str, id: &str, household: &str) -> Result<(), Error> {
        self.sink.csv(File::Truth, 0, &[person, source, id, household])
    }

    fn truth_of(&mut self, household: &Household, person: &Person, source: &str, id: &str) -> Result<(), Error> {
        self.truth(&person.id(), source, id, &household.id)
    }

    /// A moment some days after the person joined, and before the end.
    fn soon_after_joining(&self, draw: &mut Draw, person: &Person, days: f64) -> i64 {
        let at = person.joined + (draw.exponential(days) * kit::DAY_MS as f64) as i64;
        at.min(self.settings.end.as_ms() - 1)
    }
}

fn text(at_ms: i64) -> String {
    Timestamp::from_ms(at_ms).to_string()
}

/// `2026-01-31`.
fn date(at_ms: i64) -> String {
    let mut text = text(at_ms);
    text.truncate(10);
    text
}

/// `True` or `False`, as these systems export it.
fn yes(flag: bool) -> &'static str {
    if flag { "True" } else { "False" }
}
