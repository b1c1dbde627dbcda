//! Each hazard is there, in about its share, and the summary counts it as the files show it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use shop::truth::Truth;
use shop::{File, Hazards};

use crate::support::{Home, time};

#[test]
fn hazards_have_their_share() {
    let Home { summary, .. } = Home::of(3_000, 7);
    let rows = |file: File| summary.rows[file.name()];
    let events = rows(File::WebEvents) + rows(File::MobileEvents) + rows(File::EmailEvents);
    let records = rows(File::CrmContacts) + rows(File::LoyaltyMembers);
    let hazards = summary.hazards;
    let check = |name: &str, count: u64, of: u64, low: f64, high: f64| {
        let share = count as f64 / of as f64;
        assert!((low..high).contains(&share), "{name}: {count} of {of} is {share:.4}, not {low} to {high}");
    };
    let Hazards { family_computers, shared_mailboxes, people_with_shared_mailbox, .. } = hazards;
    check("family computers", family_computers, summary.households, 0.01, 0.04);
    check("borrowed logins", hazards.borrowed_logins, family_computers, 0.05, 4.0);
    check("shared mailboxes", shared_mailboxes, summary.households, 0.008, 0.03);
    check("people with a shared mailbox", people_with_shared_mailbox, shared_mailboxes, 2.0, 2.6);
    check("nicknames", hazards.nicknames, records, 0.04, 0.10);
    check("typos", hazards.typos, records, 0.08, 0.20);
    check("reversed names", hazards.reversed_names, rows(File::EcommerceCustomers), 0.04, 0.08);
    check("e-mails in upper case", hazards.upper_case_emails, records, 0.04, 0.10);
    check("missing e-mails", hazards.missing_emails, records, 0.10, 0.18);
    check("missing phones", hazards.missing_phones, rows(File::CrmContacts), 0.17, 0.27);
    check("CRM duplicates", hazards.crm_duplicates, rows(File::CrmContacts), 0.06, 0.10);
    check("people who moved", hazards.people_who_moved, summary.people, 0.04, 0.08);
    check("bot events", hazards.bot_events, rows(File::WebEvents), 0.005, 0.08);
    check("late events", hazards.late_events, events, 0.005, 0.02);
    check("events out of order", hazards.out_of_order_events, events, 0.004, 0.008);
    check("repeated messages", hazards.repeated_messages, events, 0.003, 0.005);
    check("changed messages", hazards.changed_messages, events, 0.000_03, 0.000_6);
    check("consents withdrawn", hazards.consents_withdrawn, hazards.consents_granted, 0.04, 0.09);
    check("cookies deleted", hazards.cookies_deleted, summary.people, 0.06, 0.16);
    check("silent devices", hazards.silent_devices, summary.people, 0.7, 1.2);
    check("apps without advertising id", hazards.zero_advertising_ids, summary.people, 0.015, 0.045);
    check("anonymous impressions", hazards.anonymous_impressions, rows(File::AdImpressions), 0.35, 0.75);
    let phones: u64 = hazards.phone_forms.iter().sum();
    hazards.phone_forms.iter().for_each(|&form| check("a phone form", form, phones, 0.16, 0.24));
    assert_eq!((hazards.kiosks, hazards.kiosk_users, hazards.bots), (1, 50, 6));
}

#[test]
fn a_kiosk_and_family_computers_belong_to_several_people() {
    let home = Home::of(1_000, 7);
    let truth = Truth::read(&home.path().join("truth.csv.gz")).unwrap();
    let owners = |id: &(&str, &str)| truth.owners(id.0, id.1).len();
    let shared: Vec<usize> = truth.identifiers().map(|id| owners(&id)).filter(|owners| *owners > 1).collect();
    assert_eq!(shared.iter().filter(|&&owners| owners == 50).count(), 1, "{shared:?}");
    let computers = truth.identifiers().filter(|id| id.0 == "anonymous_web" && (2..=4).contains(&owners(id)));
    assert_eq!(computers.count() as u64, home.summary.hazards.family_computers);
}

#[test]
fn streams_arrive_in_order_but_for_the_late() {
    let home = Home::of(1_000, 7);
    let mut late = 0;
    for file in [File::WebEvents, File::MobileEvents, File::EmailEvents] {
        let times: Vec<_> = home.lines(file).iter().map(time).collect();
        let mut youngest = times[0];
        for &time in &times {
            youngest = youngest.max(time);
            late += u64::from(youngest.since_ms(time) >= kit::HOUR_MS);
        }
        let backwards = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!(backwards * 20 < times.len(), "{}: {backwards} of {} steps go back", file.name(), times.len());
    }
    let planned = home.summary.hazards.late_events;
    assert!((planned * 8 / 10..=planned * 11 / 10).contains(&late), "{late} of {planned} planned are seen to be late");
    let sorted = |file: File, column: usize| home.rows(file).is_sorted_by_key(|row| row[column].to_owned());
    assert!(sorted(File::EcommerceOrders, 3) && sorted(File::PosReceipts, 3) && sorted(File::Consents, 3));
}

#[test]
fn message_ids_repeat_with_the_same_and_with_another_body() {
    let home = Home::of(1_000, 7);
    let (mut bodies, mut same, mut changed) = (HashMap::<String, Value>::new(), 0, 0);
    for event in [File::WebEvents, File::MobileEvents, File::EmailEvents].into_iter().flat_map(|file| home.lines(file))
    {
        let id = event["messageId"].as_str().unwrap().to_owned();
        match bodies.get(&id) {
            Some(body) if *body == event => same += 1,
            Some(_) => changed += 1,
            None => drop(bodies.insert(id, event)),
        }
    }
    let hazards = home.summary.hazards;
    assert_eq!((same, changed), (hazards.repeated_messages, hazards.changed_messages));
    assert!(same > 50 && changed > 2, "{same} {changed}");
}

#[test]
fn bots_read_much_and_never_sign_in() {
    let home = Home::of(1_000, 7);
    let bots = home.rows(File::Truth);
    let bots: HashSet<&str> = bots.iter().filter(|row| &row[3] == "bots").map(|row| &row[2]).collect();
    assert_eq!(bots.len(), 2);
    let calls = home.lines(File::WebEvents);
    let theirs: Vec<&Value> =
        calls.iter().filter(|call| bots.contains(call["anonymousId"].as_str().unwrap())).collect();
    assert!(theirs.len() > 150, "{}", theirs.len());
    assert!(theirs.iter().all(|call| call["type"] == "page" && call["userId"].is_null()));
}
