//! A world is the same each time, its files can be read, and its truth is whole.

use std::collections::HashSet;

use kit::{Coded, Timestamp};
use serde_json::Value;
use shop::truth::Truth;
use shop::{Error, File, Progress, Settings, World};

use crate::support::{Home, header, settings, text};

#[test]
fn same_settings_same_bytes() {
    let [one, two, other] = [Home::of(1_000, 7), Home::of(1_000, 7), Home::of(1_000, 8)];
    assert_eq!(one.summary, two.summary);
    for file in File::ALL {
        let [a, b, c] = [&one, &two, &other].map(|home| std::fs::read(home.path().join(file.name())).unwrap());
        assert!(a == b, "{} differs between two runs", file.name());
        assert!(a != c, "{} does not know the seed", file.name());
    }
    let names = std::fs::read_dir(one.path()).unwrap().count();
    assert_eq!(names, File::ALL.len() + 1, "nothing but the files and world.json is left");
}

#[test]
fn settings_out_of_range_are_refused() {
    let code = |people, days| {
        let error = World::generate(&Settings { people, days, ..settings(1_000, 1) }).unwrap_err();
        (error.code(), error.is_retryable())
    };
    assert_eq!(code(999, 180), ("shop_people_out_of_range", false));
    assert_eq!(code(1_000_001, 180), ("shop_people_out_of_range", false));
    assert_eq!(code(1_000, 29), ("shop_days_out_of_range", false));
}

#[test]
fn progress_runs_to_the_end() {
    let (dir, mut seen) = (tempfile::tempdir().unwrap(), Vec::new());
    World::generate(&settings(1_000, 1)).unwrap().write_to(dir.path(), &mut |step| seen.push(step)).unwrap();
    let last = |what| seen.iter().rfind(|step: &&Progress| step.what == what).map(|step| (step.done, step.total));
    assert_eq!(last("people"), Some((1_000, 1_000)));
    assert_eq!(last("files"), Some((10, 10)));
    assert!(seen.iter().filter(|step| step.what == "people").is_sorted_by_key(|step| step.done));
    assert!(seen.len() > 100);
}

#[test]
fn a_world_knows_its_end_and_without_its_summary_its_youngest_time() {
    let home = Home::of(1_000, 3);
    assert_eq!(World::end_of(home.path()).unwrap(), settings(1_000, 3).end);
    std::fs::remove_file(home.path().join("world.json")).unwrap();
    let youngest = World::end_of(home.path()).unwrap();
    let before_ms = settings(1_000, 3).end.since_ms(youngest);
    assert!((1..kit::HOUR_MS * 12).contains(&before_ms), "{youngest}");
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(World::end_of(empty.path()), Err(Error::Io { .. })));
}

#[test]
fn files_have_their_columns_and_as_many_rows_as_the_summary_says() {
    let home = Home::of(1_000, 5);
    for file in File::ALL {
        let path = home.path().join(file.name());
        let rows = text(&path).lines().count() - usize::from(!file.header().is_empty());
        assert_eq!(rows as u64, home.summary.rows[file.name()], "{}", file.name());
        assert!(rows > 20, "{}", file.name());
        if !file.header().is_empty() {
            assert_eq!(header(&path), file.header());
        }
    }
    assert_eq!(home.summary.people, Truth::read(&home.path().join("truth.csv.gz")).unwrap().people());
}

#[test]
fn values_have_their_form() {
    let home = Home::of(1_000, 5);
    let (start, end) = (settings(1_000, 5).start(), settings(1_000, 5).end);
    let in_time = |text: &str| (start..end).contains(&Timestamp::parse(text).unwrap());
    for row in home.rows(File::CrmContacts) {
        assert!(row[3].is_empty() || is_reserved(&row[3]), "{}", &row[3]);
        assert!(row[4].is_empty() || is_phone(&row[4]), "{}", &row[4]);
        assert!(row[8].len() == 5 && in_time(&row[10]) && ["True", "False"].contains(&&row[12]));
    }
    for row in home.rows(File::LoyaltyMembers) {
        assert!(is_phone(&row[3]) && ["Blue", "Silver", "Gold"].contains(&&row[4]) && row[0].len() == 9);
    }
    for row in home.rows(File::EcommerceOrders) {
        assert!(
            row[4].parse::<f64>().unwrap() > 0.0 && row[4].split_once('.').unwrap().1.len() == 2 && in_time(&row[3])
        );
    }
    for row in home.rows(File::AdImpressions) {
        assert!(is_documentation_ip(&row[3]) && in_time(&row[1]));
    }
    for call in [File::WebEvents, File::MobileEvents].into_iter().flat_map(|file| home.lines(file)) {
        assert!(is_documentation_ip(call["context"]["ip"].as_str().unwrap()));
        assert!(in_time(call["timestamp"].as_str().unwrap()));
        let named = call["event"].is_string() || call["name"].is_string() || call["traits"].is_object();
        assert!(named && call["messageId"].as_str().unwrap().len() == 36);
    }
}

#[test]
fn orders_are_told_by_the_file_and_by_one_event_each() {
    let home = Home::of(1_000, 5);
    let orders = home.rows(File::EcommerceOrders);
    let mut told: HashSet<(String, String)> = HashSet::new();
    for call in [File::WebEvents, File::MobileEvents].into_iter().flat_map(|file| home.lines(file)) {
        if call["event"] == "Order Completed" {
            let properties = &call["properties"];
            let products = properties["products"].as_array().unwrap().len() as u64;
            assert_eq!(properties["products_count"].as_u64(), Some(products));
            told.insert((
                properties["order_id"].as_str().unwrap().to_owned(),
                format!("{:.2}", properties["revenue"].as_f64().unwrap()),
            ));
        }
    }
    let kept: HashSet<_> = orders.iter().map(|row| (row[0].to_owned(), row[4].to_owned())).collect();
    assert_eq!((kept.len(), &kept), (orders.len(), &told));
    let items: HashSet<String> = home.rows(File::EcommerceOrderItems).iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(items, kept.into_iter().map(|(order, _)| order).collect());
}

#[test]
fn truth_lists_every_identifier_that_the_files_hold() {
    let home = Home::of(1_000, 6);
    let truth = Truth::read(&home.path().join("truth.csv.gz")).unwrap();
    let known: HashSet<(&str, &str)> =
        truth.identifiers().filter_map(|(source, id)| shop::truth::identifier_of(source, id)).collect();
    let check = |kind: &str, id: &str| assert!(known.contains(&(kind, id)), "{kind}:{id}");
    for (file, kind, column) in [
        (File::CrmContacts, "crm_id", 0),
        (File::EcommerceCustomers, "user_id", 0),
        (File::EcommerceOrders, "user_id", 1),
        (File::LoyaltyMembers, "loyalty_id", 0),
        (File::PosReceipts, "loyalty_id", 1),
        (File::AdImpressions, "adx_id", 2),
    ] {
        home.rows(file).iter().for_each(|row| check(kind, &row[column]));
    }
    for call in [File::WebEvents, File::MobileEvents, File::CookieSyncs].into_iter().flat_map(|file| home.lines(file)) {
        let advertising = call["context"]["device"]["advertisingId"].as_str().filter(|id| !id.starts_with("00000000-"));
        let text = |key: &str| call.get(key).and_then(Value::as_str);
        check("anonymous_id", text("anonymousId").unwrap());
        text("userId").iter().for_each(|id| check("user_id", id));
        text("partner_uid").iter().for_each(|id| check("adx_id", id));
        advertising.iter().for_each(|id| check("advertising_id", id));
    }
}

fn is_reserved(email: &str) -> bool {
    let host = email.split_once('@').map(|(_, host)| host.to_lowercase()).unwrap_or_default();
    ["example.com", "example.org", "example.net"].contains(&&*host) || host.ends_with(".example")
}

fn is_phone(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(&digits);
    national.len() == 10 && &national[3..6] == "555"
}

fn is_documentation_ip(ip: &str) -> bool {
    ["192.0.2.", "198.51.100.", "203.0.113."].iter().any(|range| ip.starts_with(range))
}
