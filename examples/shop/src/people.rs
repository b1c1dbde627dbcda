use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use kit::DAY_MS;

use crate::Settings;
use crate::draw::Draw;
use crate::tables::Tables;

/// The people under one roof: the unit in which a world is drawn.
#[derive(Debug)]
pub struct Household {
    pub id: String,
    pub people: Vec<Person>,
    /// One web device that all of them use.
    pub family_computer: bool,
    /// One e-mail address that all of them give.
    pub one_mailbox: bool,
}

/// Somebody, as they truly are. What a source writes down about them is another matter.
#[derive(Debug)]
pub struct Person {
    /// `P1`, `P2` … in the truth.
    pub number: u32,
    pub given: &'static str,
    pub surname: String,
    pub birth_year: i64,
    pub email: String,
    pub other_email: Option<String>,
    /// Ten digits.
    pub phone: String,
    pub home: Address,
    /// Where they lived when the CRM met them, if they moved since.
    pub former_home: Option<Address>,
    /// When the shop first knew them, in ms.
    pub joined: i64,
    /// When they lost interest, in ms; often after the world's end.
    pub left: i64,
    pub in_crm: bool,
    pub customer_id: Option<String>,
    pub loyalty_id: Option<String>,
    /// How much they like the shop, as a standard normal.
    pub zeal: f64,
    pub orders_per_day: f64,
    pub receipts_per_day: f64,
    pub visits_per_day: f64,
    /// Categories, the dearest first; one may appear twice.
    pub tastes: [usize; 3],
    pub bargain_hunter: bool,
    pub opted_in: bool,
}

#[derive(Debug, Clone)]
pub struct Address {
    pub street: String,
    pub town: String,
    pub state: &'static str,
    pub code: String,
}

/// Draws households one after another, and remembers which e-mails and phones are taken.
#[derive(Debug)]
pub struct Registry<'a> {
    settings: &'a Settings,
    tables: &'a Tables,
    /// Hashes of the addresses: 16 MB for a million people.
    mails: HashSet<u64>,
    phones: HashSet<u32>,
}

/// Areas `200` to `999` with their 10,000 numbers behind `555` each.
const AREAS: usize = 800;
/// Of 1,000 households, how many have 1, 2, 3, 4 people.
const SIZES: [u32; 4] = [952, 42, 5, 1];

impl<'a> Registry<'a> {
    pub fn new(settings: &'a Settings, tables: &'a Tables) -> Self {
        Self { settings, tables, mails: HashSet::new(), phones: HashSet::new() }
    }

    /// Draws a household of at most `room` people, whose first is person number `first`.
    pub fn household(&mut self, draw: &mut Draw, first: u32, room: u32) -> Household {
        let size = (1 + draw.weighted(&SIZES) as u32).min(room);
        let mut people: Vec<Person> = (first..first + size).map(|number| self.person(draw, number)).collect();
        let family = size > 1;
        let one_mailbox = family && draw.chance(0.35);
        let one_phone = family && draw.chance(0.2);
        if let [head, rest @ ..] = &mut people[..] {
            if one_mailbox {
                head.email = self.mailbox(draw, "family", &head.surname, head.birth_year);
                head.other_email = None;
            }
            rest.iter_mut().for_each(|person| live_with(draw, head, person, one_mailbox, one_phone));
        }
        Household { id: draw.hex(10), people, family_computer: family && draw.chance(0.95), one_mailbox }
    }

    fn person(&mut self, draw: &mut Draw, number: u32) -> Person {
        let given = *draw.pick_zipf(&self.tables.given, 15.0);
        let surname = self.tables.surname(draw);
        let birth_year = draw.between(1945, 2008);
        let start = self.settings.start().as_ms();
        let joined =
            start + (draw.unit() * 0.6 * f64::from(self.settings.days)) as i64 * DAY_MS + draw.between(0, DAY_MS);
        let zeal = draw.normal();
        let shared_zeal = |draw: &mut Draw, mean: f64, sigma: f64| {
            let own = 0.7 * zeal + 0.714 * draw.normal();
            mean * (sigma * own - sigma * sigma / 2.0).exp()
        };
        Person {
            number,
            given,
            birth_year,
            email: self.mailbox(draw, given, &surname, birth_year),
            other_email: draw.chance(0.35).then(|| self.mailbox(draw, &given[..1], &surname, birth_year)),
            surname,
            phone: self.phone(draw),
            home: self.address(draw),
            former_home: draw.chance(0.06).then(|| self.address(draw)),
            joined,
            left: joined + (draw.exponential(110.0) * DAY_MS as f64) as i64,
            in_crm: draw.chance(0.605),
            customer_id: draw.chance(0.695).then(|| format!("cus_{:012x}", scrambled(number, 0x5851_f42d_4c95, 48))),
            loyalty_id: draw.chance(0.444).then(|| format!("L{}", 10_000_000 + scrambled(number, 0x2c9_277b5, 26))),
            zeal,
            orders_per_day: shared_zeal(draw, 0.033, 1.1).min(0.25),
            receipts_per_day: shared_zeal(draw, 0.05, 1.1).min(0.4),
            visits_per_day: shared_zeal(draw, 0.097, 0.8).min(1.0),
            tastes: [0; 3].map(|_| draw.below(16)),
            bargain_hunter: draw.chance(0.25),
            opted_in: draw.chance(0.6),
        }
    }

    /// Claims an address that nobody has: `ann.smith`, else with the birth year, else with more and more digits.
    fn mailbox(&mut self, draw: &mut Draw, given: &str, surname: &str, birth_year: i64) -> String {
        const HOSTS: [&str; 6] =
            ["example.com", "mail.example", "post.example", "inbox.example", "example.org", "example.net"];
        let host = HOSTS[draw.weighted(&[82, 5, 5, 4, 2, 2])];
        let name = match given.len() {
            1 => format!("{given}{surname}{:02}", birth_year % 100).to_lowercase(),
            _ => format!("{given}.{surname}").to_lowercase(),
        };
        let tries = (0..20).map(|attempt| match attempt {
            0 => name.clone(),
            1 => format!("{name}{:02}", birth_year % 100),
            _ => format!("{name}{}", draw.below(10usize.pow(attempt.min(8)))),
        });
        let free = tries.map(|name| format!("{name}@{host}")).find(|mail| self.mails.insert(hash(mail)));
        free.expect("of twenty addresses with up to eight random digits one is free")
    }

    /// Claims a number that nobody has: at most one in eight is taken.
    fn phone(&mut self, draw: &mut Draw) -> String {
        let free =
            std::iter::repeat_with(|| draw.below(AREAS * 10_000) as u32).find(|number| self.phones.insert(*number));
        let number = free.expect("an endless search ends with a number");
        format!("{}555{:04}", 200 + number / 10_000, number % 10_000)
    }

    fn address(&self, draw: &mut Draw) -> Address {
        let (state, code) = self.tables.state_and_code(draw);
        Address { street: self.tables.street(draw), town: self.tables.town(draw), state, code }
    }
}

impl Person {
    /// The name of the person in the truth.
    pub fn id(&self) -> String {
        format!("P{}", self.number)
    }

    /// Whether any source knows who this is; the others only pass by.
    pub fn is_known(&self) -> bool {
        self.in_crm || self.customer_id.is_some() || self.loyalty_id.is_some()
    }

    /// The address that the person gives: the other one with the given probability, if there is another.
    pub fn email_given(&self, draw: &mut Draw, other: f64) -> &str {
        match &self.other_email {
            Some(email) if draw.chance(other) => email,
            _ => &self.email,
        }
    }

    /// Whether the person is one of the users of a kiosk, and of which: 50 people for each 5,000 of the world, but at least one kiosk.
    pub fn kiosk(&self, people: u32) -> Option<u32> {
        let users = 50 * kiosks(people);
        let (stride, place) = (people / users, self.number - 1);
        (place.is_multiple_of(stride) && place / stride < users).then_some(place / stride / 50)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}, {} {}", self.street, self.town, self.state, self.code)
    }
}

pub fn kiosks(people: u32) -> u32 {
    (people / 5_000).max(1)
}

fn live_with(draw: &mut Draw, head: &Person, person: &mut Person, one_mailbox: bool, one_phone: bool) {
    person.home = head.home.clone();
    person.former_home = head.former_home.clone();
    if draw.chance(0.8) {
        person.surname.clone_from(&head.surname);
    }
    if one_mailbox {
        person.email.clone_from(&head.email);
        person.other_email = None;
    }
    if one_phone {
        person.phone.clone_from(&head.phone);
    }
}

/// Maps a person's number to another of `bits` bits, one to one, so that ids look random and never meet.
fn scrambled(number: u32, odd: u64, bits: u32) -> u64 {
    u64::from(number).wrapping_mul(odd | 1) & ((1 << bits) - 1)
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(people: u32) -> Vec<Household> {
        let end = kit::Timestamp::parse("2026-05-30").expect("a date");
        let (settings, tables) = (Settings { people, seed: 3, end, days: 180 }, Tables::load());
        let mut registry = Registry::new(&settings, &tables);
        let (mut households, mut next) = (Vec::new(), 1);
        while next <= people {
            let mut draw = Draw::new(3, u64::from(next));
            households.push(registry.household(&mut draw, next, people + 1 - next));
            next += households.last().map_or(1, |household| household.people.len() as u32);
        }
        households
    }

    #[test]
    fn ids_mailboxes_and_phones_belong_to_one_household() {
        let households = crowd(20_000);
        let mut owner = std::collections::HashMap::new();
        for household in &households {
            for person in &household.people {
                let ids = [Some(&person.email), person.other_email.as_ref(), Some(&person.phone)];
                let ids = ids.into_iter().chain([person.customer_id.as_ref(), person.loyalty_id.as_ref()]).flatten();
                ids.for_each(|id| assert_eq!(owner.entry(id.clone()).or_insert(&household.id), &&household.id, "{id}"));
            }
        }
        assert_eq!(households.iter().map(|household| household.people.len()).sum::<usize>(), 20_000);
    }

    #[test]
    fn each_kiosk_has_fifty_users() {
        for people in [1_000, 5_250, 20_000] {
            let households = crowd(people);
            let mut users = vec![0; kiosks(people) as usize];
            households
                .iter()
                .flat_map(|home| &home.people)
                .filter_map(|person| person.kiosk(people))
                .for_each(|kiosk| users[kiosk as usize] += 1);
            assert!(users.iter().all(|&count| count == 50), "{people}: {users:?}");
        }
    }
}
