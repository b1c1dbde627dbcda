//! Audiences, counted in a world small enough to count by hand.

use std::path::Path;

use kit::Timestamp;
use shop::truth::audiences;

use crate::support::{Home, write};

/// Ann and Bob share a mailbox; Cy has none on record, and somebody unknown opens e-mails too.
const FILES: [(&str, &str); 6] = [
    (
        "truth.csv.gz",
        "person_id,source,source_id,household\nP1,ecommerce,cus_1,h\nP1,crm,C-1,h\nP2,ecommerce,cus_2,h\nP3,loyalty,L3,i\nP1,loyalty,L1,h\n",
    ),
    ("crm_contacts.csv.gz", "ContactId,Email\nC-1,HOME@example.com\n"),
    ("ecommerce_customers.csv.gz", "customer_id,email\ncus_1,ann@example.com\ncus_2,home@example.com\n"),
    ("loyalty_members.csv.gz", "LoyaltyId,EmailAddress,Tier\nL1,,Gold\nL3,,Silver\n"),
    (
        "ecommerce_orders.csv.gz",
        "order_id,customer_id,email,created_at,total\n\
         1,cus_1,ann@example.com,2026-05-01T00:00:00.000Z,50.01\n\
         2,cus_1,ann@example.com,2026-05-02T00:00:00.000Z,99.00\n\
         3,cus_1,ann@example.com,2026-03-01T00:00:00.001Z,51.00\n\
         4,cus_1,ann@example.com,2026-03-01T00:00:00.000Z,80.00\n\
         5,cus_2,home@example.com,2026-03-01T00:00:00.000Z,80.00\n\
         6,cus_2,home@example.com,2026-05-31T00:00:00.000Z,80.00\n",
    ),
    (
        "web_events.jsonl.gz",
        "{\"type\":\"identify\",\"userId\":\"cus_2\",\"traits\":{\"email\":\"bob@example.com\"}}\n{\"type\":\"page\"}\n",
    ),
];

fn opened(message_id: &str, email: &str, time: &str) -> String {
    format!(
        "{{\"event\":\"Email Opened\",\"messageId\":\"{message_id}\",\"timestamp\":\"{time}\",\"context\":{{\"traits\":{{\"email\":\"{email}\"}}}}}}\n"
    )
}

fn tiny_world(dir: &Path) {
    FILES.iter().for_each(|(name, text)| write(&dir.join(name), text));
    write(&dir.join("mobile_events.jsonl.gz"), "");
    let opens = [
        opened("m1", "home@example.com", "2026-05-10T00:00:00.000Z"),
        opened("m2", "ann@example.com", "2026-05-11T00:00:00.000Z"),
        opened("m2", "ann@example.com", "2026-05-11T00:00:00.000Z"),
        opened("m3", "bob@example.com", "2026-04-30T00:00:00.000Z"),
        opened("m4", "who@example.com", "2026-05-12T00:00:00.000Z"),
        opened("m5", "Who@example.com", "2026-05-30T00:00:00.000Z"),
    ];
    write(&dir.join("email_events.jsonl.gz"), &opens.concat());
}

#[test]
fn each_rule_counts_people_within_its_window() {
    let dir = tempfile::tempdir().unwrap();
    tiny_world(dir.path());
    let sizes = audiences(dir.path(), Timestamp::parse("2026-05-30").unwrap()).unwrap();
    let sizes: Vec<_> = sizes.iter().map(|audience| (audience.name, audience.people)).collect();
    // Ann's third large order is one ms inside the window; order 6 lies behind the end. Ann opened two (`m2` once), Bob's `m3` is a
    // ms too old for a second, and somebody opened two.
    assert_eq!(sizes, [("vip_buyers", 1), ("email_openers", 2), ("lapsed", 1), ("loyal_gold", 1)]);
}

#[test]
fn a_made_world_has_people_in_each_audience() {
    let home = Home::of(1_000, 7);
    for audience in audiences(home.path(), home.summary.end).unwrap() {
        let share = audience.people as f64 / home.summary.people as f64;
        assert!((0.02..0.30).contains(&share), "{}: {}", audience.name, audience.people);
    }
}
