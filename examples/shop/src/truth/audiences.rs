use std::collections::{HashMap, HashSet};
use std::path::Path;

use kit::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Truth, files};
use crate::{AUDIENCES, Error, File};

/// An audience and how many people truly belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audience {
    pub name: &'static str,
    /// The same in the house's question language. Rows of `ecommerce_orders` are events `Order Placed` there, with the number `total`:
    /// the website and the app report the same orders as `Order Completed`, which must not be counted again.
    pub rule: &'static str,
    pub people: u64,
}

/// Counts the audiences of the world in `dir` at `end`, from its files and its truth alone.
///
/// A window of the last N days holds `end - N days < time <= end`. Purchases are web orders, whatever became of them; tills do not count.
/// E-mails belong to whoever gave them, in a record, an order or at sign-in: opens of a mailbox that several people gave count for each of
/// them, and a mailbox that nobody gave is one more person. A repeated `messageId` counts once.
///
/// # Errors
/// [`Error::Io`], [`Error::Column`] or [`Error::Row`] when a file is not what it should be.
pub fn audiences(dir: &Path, end: Timestamp) -> Result<Vec<Audience>, Error> {
    let truth = Truth::read(&dir.join(File::Truth.name()))?;
    let orders = Orders::read(dir, &truth, end)?;
    let people = [orders.vips(), openers(dir, &truth, end)?, orders.lapsed(), gold(dir, &truth)?];
    let audience = |((name, rule), people)| Audience { name, rule, people: people as u64 };
    Ok(AUDIENCES.into_iter().zip(people).map(audience).collect())
}

/// What people bought in the web shop.
#[derive(Default)]
struct Orders {
    buyers: HashSet<u32>,
    recent: HashSet<u32>,
    /// Recent orders above 50, by person.
    large: HashMap<u32, u32>,
}

impl Orders {
    fn read(dir: &Path, truth: &Truth, end: Timestamp) -> Result<Self, Error> {
        let mut orders = Self::default();
        let columns = ["customer_id", "created_at", "total"];
        files::csv(&dir.join(File::EcommerceOrders.name()), columns, |[customer, at, total]| {
            let at = Timestamp::parse(at).unwrap_or(Timestamp::MAX);
            for person in truth.owners("ecommerce", customer).iter().filter(|_| at <= end) {
                orders.add(*person, is_within(at, end, 90), total.parse().unwrap_or(0.0));
            }
        })?;
        Ok(orders)
    }

    fn add(&mut self, person: u32, is_recent: bool, total: f64) {
        self.buyers.insert(person);
        if is_recent {
            self.recent.insert(person);
            *self.large.entry(person).or_default() += u32::from(total > 50.0);
        }
    }

    fn vips(&self) -> usize {
        self.large.values().filter(|orders| **orders >= 3).count()
    }

    fn lapsed(&self) -> usize {
        self.buyers.difference(&self.recent).count()
    }
}

fn gold(dir: &Path, truth: &Truth) -> Result<usize, Error> {
    let mut people = HashSet::<u32>::new();
    files::csv(&dir.join(File::LoyaltyMembers.name()), ["LoyaltyId", "Tier"], |[id, tier]| {
        if tier == "Gold" {
            people.extend(truth.owners("loyalty", id));
        }
    })?;
    Ok(people.len())
}

fn openers(dir: &Path, truth: &Truth, end: Timestamp) -> Result<usize, Error> {
    let (opens, mailboxes) = (opens(dir, end)?, mailboxes(dir, truth)?);
    let (mut by_person, mut nobodys) = (HashMap::<u32, u32>::new(), 0);
    for (email, count) in opens {
        match mailboxes.get(&email) {
            Some(people) => people.iter().for_each(|person| *by_person.entry(*person).or_default() += count),
            None => nobodys += usize::from(count >= 2),
        }
    }
    Ok(nobodys + by_person.values().filter(|count| **count >= 2).count())
}

#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "messageId")]
    message_id: String,
    timestamp: Timestamp,
    context: WithTraits,
}

#[derive(Deserialize)]
struct WithTraits {
    traits: WithEmail,
}

#[derive(Deserialize)]
struct WithEmail {
    email: String,
}

/// Opened e-mails of the last 30 days, by address.
fn opens(dir: &Path, end: Timestamp) -> Result<HashMap<String, u32>, Error> {
    let (mut seen, mut opens) = (HashSet::new(), HashMap::new());
    files::json(&dir.join(File::EmailEvents.name()), "\"Email Opened\"", |event: Opened| {
        if is_within(event.timestamp, end, 30) && seen.insert(event.message_id) {
            *opens.entry(event.context.traits.email.to_lowercase()).or_default() += 1;
        }
    })?;
    Ok(opens)
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(rename = "userId")]
    user_id: Option<String>,
    traits: Option<WithEmail>,
}

/// The people who gave each address.
fn mailboxes(dir: &Path, truth: &Truth) -> Result<HashMap<String, HashSet<u32>>, Error> {
    let mut mailboxes = HashMap::<String, HashSet<u32>>::new();
    let mut gives = |source: &str, id: &str, email: &str| {
        if !email.is_empty() {
            mailboxes.entry(email.to_lowercase()).or_default().extend(truth.owners(source, id));
        }
    };
    for (file, source, columns) in [
        (File::CrmContacts, "crm", ["ContactId", "Email"]),
        (File::EcommerceCustomers, "ecommerce", ["customer_id", "email"]),
        (File::EcommerceOrders, "ecommerce", ["customer_id", "email"]),
        (File::LoyaltyMembers, "loyalty", ["LoyaltyId", "EmailAddress"]),
    ] {
        files::csv(&dir.join(file.name()), columns, |[id, email]| gives(source, id, email))?;
    }
    for file in [File::WebEvents, File::MobileEvents] {
        files::json(&dir.join(file.name()), "\"type\":\"identify\"", |call: SignIn| {
            if let (Some(id), Some(traits)) = (call.user_id, call.traits) {
                gives("ecommerce", &id, &traits.email);
            }
        })?;
    }
    Ok(mailboxes)
}

fn is_within(time: Timestamp, end: Timestamp, days: i64) -> bool {
    end.minus_ms(days * DAY_MS) < time && time <= end
}
