use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::{files, identifier_of};
use crate::{Error, File};

/// The simplest grouping there is: all identifiers that ever occur together are one profile, e-mails in lower case and phones by their
/// last ten digits. It is the baseline that a guarded graph has to beat, and the evidence behind [`super::Truth::reach`].
#[derive(Debug, Default)]
pub struct PlainUnion {
    nodes: HashMap<String, u32>,
    parents: Vec<u32>,
    /// For each root, whether something in its group names a person.
    named: Vec<bool>,
}

/// A call of the website or the app, as far as it tells who is who.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    anonymous_id: String,
    user_id: Option<String>,
    traits: Option<Traits>,
    context: Context,
}

#[derive(Deserialize)]
struct Traits {
    email: Option<String>,
}

#[derive(Deserialize)]
struct Context {
    device: Option<Device>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    advertising_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sync {
    anonymous_id: String,
    #[serde(rename = "partner_uid")]
    adx_id: String,
}

impl PlainUnion {
    /// Groups what the records of the known sources say: contacts, customers with their orders, members.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Column`] or [`Error::Row`] when a file is not what it should be.
    pub fn of_records(dir: &Path) -> Result<Self, Error> {
        let mut union = Self::default();
        union.records(dir)?;
        Ok(union.finish())
    }

    /// Groups what all files say: records, tickets, events and cookie syncs.
    ///
    /// # Errors
    /// As [`PlainUnion::of_records`].
    pub fn of_everything(dir: &Path) -> Result<Self, Error> {
        let mut union = Self::default();
        union.records(dir)?;
        files::csv(&path(dir, File::SupportTickets), ["email", "phone"], |[email, phone]| {
            union.join([("email", email), ("phone", phone)]);
        })?;
        for file in [File::WebEvents, File::MobileEvents] {
            files::json(&path(dir, file), "", |call| union.call(&call))?;
        }
        files::json(&path(dir, File::CookieSyncs), "", |sync: Sync| {
            union.join([("anonymous_id", &*sync.anonymous_id), ("adx_id", &*sync.adx_id)]);
        })?;
        Ok(union.finish())
    }

    /// Returns the group of an identifier of the truth, if any file knows it.
    pub fn group(&self, source: &str, source_id: &str) -> Option<u32> {
        let (kind, value) = identifier_of(source, source_id)?;
        let node = self.nodes.get(&key(kind, value)?)?;
        Some(self.root(*node))
    }

    /// Whether a group holds anything but devices.
    pub fn names_a_person(&self, group: u32) -> bool {
        self.named.get(group as usize).copied().unwrap_or(false)
    }

    fn records(&mut self, dir: &Path) -> Result<(), Error> {
        files::csv(&path(dir, File::CrmContacts), ["ContactId", "Email", "Phone"], |[id, email, phone]| {
            self.join([("crm_id", id), ("email", email), ("phone", phone)]);
        })?;
        for file in [File::EcommerceCustomers, File::EcommerceOrders] {
            files::csv(&path(dir, file), ["customer_id", "email"], |[id, email]| {
                self.join([("user_id", id), ("email", email)]);
            })?;
        }
        files::csv(
            &path(dir, File::LoyaltyMembers),
            ["LoyaltyId", "EmailAddress", "MobileNumber"],
            |[id, email, phone]| {
                self.join([("loyalty_id", id), ("email", email), ("phone", phone)]);
            },
        )
    }

    fn call(&mut self, call: &Call) {
        let user = call.user_id.as_deref().unwrap_or_default();
        let email = call.traits.as_ref().and_then(|traits| traits.email.as_deref()).unwrap_or_default();
        let device = call.context.device.as_ref();
        let advertising = device.and_then(|device| device.advertising_id.as_deref()).unwrap_or_default();
        let ids = [
            ("anonymous_id", &*call.anonymous_id),
            ("user_id", user),
            ("email", email),
            ("advertising_id", advertising),
        ];
        self.join(ids);
    }

    /// Makes one group of the identifiers; empty ones are none.
    fn join<const N: usize>(&mut self, ids: [(&str, &str); N]) {
        let mut first = None;
        for key in ids.into_iter().filter_map(|(kind, value)| key(kind, value)) {
            let node = self.node(key);
            let root = self.root(*first.get_or_insert(node));
            let other = self.root(node);
            self.parents[other as usize] = root;
            self.shorten(node, root);
        }
    }

    fn node(&mut self, key: String) -> u32 {
        let next = self.parents.len() as u32;
        let node = *self.nodes.entry(key).or_insert(next);
        if node == next {
            self.parents.push(next);
        }
        node
    }

    fn root(&self, mut node: u32) -> u32 {
        while self.parents[node as usize] != node {
            node = self.parents[node as usize];
        }
        node
    }

    /// Lets all nodes on the way from `node` point at their root.
    fn shorten(&mut self, mut node: u32, root: u32) {
        while node != root {
            node = std::mem::replace(&mut self.parents[node as usize], root);
        }
    }

    fn finish(mut self) -> Self {
        self.named = vec![false; self.parents.len()];
        for (key, &node) in &self.nodes {
            if !["anonymous_id", "adx_id", "advertising_id"].iter().any(|kind| key.starts_with(kind)) {
                let root = self.root(node);
                self.named[root as usize] = true;
            }
        }
        self
    }
}

/// Returns the identifier in one text, made alike; `None` for what names nobody.
fn key(kind: &str, value: &str) -> Option<String> {
    let value = match kind {
        "email" => value.trim().to_lowercase(),
        "phone" => last_ten_digits(value),
        _ => value.to_owned(),
    };
    let names_nobody = value.bytes().all(|byte| byte == b'0' || byte == b'-');
    (!names_nobody).then(|| format!("{kind}:{value}"))
}

fn last_ten_digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(10)..].to_owned()
}

fn path(dir: &Path, file: File) -> std::path::PathBuf {
    dir.join(file.name())
}
