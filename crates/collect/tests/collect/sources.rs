//! Who may send, and by which keys.

use collect::TABLES;
use collect::sources::{self, SourceDefinition, SourceError, SourceOptions, WriteKeys};
use expect_test::expect;
use kit::{Coded, Timestamp};
use proptest::prelude::*;
use store::{Draft, Store, Table};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T12:00:00Z").expect("a time")
}

fn house() -> Store {
    Store::in_memory(TABLES)
}

/// Writes through one draft.
fn write<T>(house: &Store, step: impl FnOnce(&mut Draft<'_>) -> T) -> T {
    let mut draft = house.draft();
    let result = step(&mut draft);
    house.commit(draft).expect("a store in memory commits");
    result
}

fn make(house: &Store, name: &str, given: Option<&str>) -> Result<SourceDefinition, SourceError> {
    write(house, |draft| sources::create(draft, name, given, SourceOptions::default(), now()))
}

fn add(house: &Store, name: &str, given: Option<&str>) -> Result<String, SourceError> {
    write(house, |draft| sources::add_key(draft, name, given)).map(|key| key.expose().to_owned())
}

fn remove(house: &Store, name: &str, key: &str) -> Result<(), SourceError> {
    write(house, |draft| sources::remove_key(draft, name, key))
}

fn owner(house: &Store, key: &str) -> Option<String> {
    let keys = WriteKeys::load(&house.snapshot()).expect("readable");
    keys.source_of(key).map(ToString::to_string)
}

fn keys(house: &Store, name: &str) -> Vec<String> {
    let source = sources::definition(&house.snapshot(), name).expect("readable").expect("there");
    source.write_keys.iter().map(|key| key.expose().to_owned()).collect()
}

fn code<T>(result: Result<T, SourceError>) -> &'static str {
    result.err().map_or("none", |error| error.code())
}

fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).expect("a table of the room")
}

#[test]
fn a_source_has_the_key_that_was_given_or_a_fresh_one() {
    let house = house();
    let web = make(&house, "web", Some("WRITEKEY")).expect("made");
    assert_eq!((web.write_keys.len(), web.write_keys[0].expose()), (1, "WRITEKEY"));
    assert!(!web.options.tells_profiles);
    let app = make(&house, "app", None).expect("made");
    assert!(app.write_keys[0].expose().starts_with("wk_"));
    assert_eq!(owner(&house, "WRITEKEY").as_deref(), Some("web"));
    assert_eq!(owner(&house, app.write_keys[0].expose()).as_deref(), Some("app"));
    assert_eq!(owner(&house, "writekey"), None);
    let told = format!("{web:?}");
    assert!(!told.contains("WRITEKEY"), "{told}");
}

#[test]
fn keys_come_and_go() {
    let house = house();
    make(&house, "web", Some("key:one")).expect("made");
    assert_eq!(add(&house, "web", Some("key-two")).expect("added"), "key-two");
    let fresh = add(&house, "web", None).expect("added");
    assert_eq!(keys(&house, "web"), ["key:one", "key-two", &fresh]);
    assert_eq!(add(&house, "web", Some("key-two")).expect("no change"), "key-two");
    assert_eq!(keys(&house, "web").len(), 3);
    remove(&house, "web", "key:one").expect("removed");
    assert_eq!((owner(&house, "key:one"), owner(&house, "key-two").as_deref()), (None, Some("web")));
    assert_eq!(code(remove(&house, "web", "key:one")), "write_key_not_found");
    make(&house, "app", Some("key:one")).expect("the key is free again");
    assert_eq!(code(remove(&house, "web", "key:one")), "write_key_not_found");
    assert_eq!(owner(&house, "key:one").as_deref(), Some("app"));
}

#[test]
fn a_source_without_keys_may_be_made_again() {
    let house = house();
    make(&house, "web", Some("key-one")).expect("made");
    assert_eq!(code(make(&house, "web", None)), "source_exists");
    remove(&house, "web", "key-one").expect("the last one");
    assert_eq!(keys(&house, "web"), [] as [&str; 0]);
    let later = now().plus_ms(1000);
    let tells = SourceOptions { tells_profiles: true, ..SourceOptions::default() };
    let again = write(&house, |draft| sources::create(draft, "web", Some("key-one"), tells, later)).expect("made");
    assert_eq!((again.created_at, again.options, keys(&house, "web")), (now(), tells, vec!["key-one".to_owned()]));
}

#[test]
fn a_wrong_key_is_refused_and_not_repeated() {
    let house = house();
    make(&house, "web", Some("taken")).expect("made");
    make(&house, "app", None).expect("made");
    let (longest, too_long) = ("x".repeat(200), "x".repeat(201));
    let given = ["taken", "", "abc", "a bc", " abcd", "abcd\n", "ab\tcd", "schlüssel", "abc\u{7f}", &too_long];
    let mut shown = String::new();
    for given in given {
        let before = keys(&house, "app");
        let added = add(&house, "app", Some(given)).expect_err("refused");
        let made = make(&house, "new", Some(given)).expect_err("refused");
        assert_eq!((added.code(), added.to_string()), (made.code(), made.to_string()));
        assert_eq!(keys(&house, "app"), before);
        assert!(sources::definition(&house.snapshot(), "new").expect("readable").is_none());
        let start: String = given.chars().take(10).collect();
        shown += &format!("{start:?} {}\n", added.code());
    }
    expect![[r#"
        "taken" write_key_taken
        "" write_key_invalid
        "abc" write_key_invalid
        "a bc" write_key_invalid
        " abcd" write_key_invalid
        "abcd\n" write_key_invalid
        "ab\tcd" write_key_invalid
        "schlüssel" write_key_invalid
        "abc\u{7f}" write_key_invalid
        "xxxxxxxxxx" write_key_invalid
    "#]]
    .assert_eq(&shown);
    let said = |given| add(&house, "app", Some(given)).expect_err("refused").to_string();
    assert_eq!(said("taken"), "another source has this write key");
    assert_eq!(said("abc"), "a write key has 4 to 200 printable ASCII letters, without spaces");
    for given in ["abcd", "~!@#", "KEYID:SECRET", &longest] {
        assert_eq!(add(&house, "app", Some(given)).expect("taken"), given);
    }
    assert_eq!(code(add(&house, "nobody", None)), "source_not_found");
    assert_eq!(code(remove(&house, "nobody", "taken")), "source_not_found");
    assert_eq!(code(make(&house, "No Word", Some("abcd5"))), "source_name_invalid");
}

/// Every past form of a row, as it was written.
#[test]
fn rows_of_every_version_are_read() {
    let rows = [
        ("web", r#"{"name":"web","write_key":"wk_0123","created_at":"2026-11-24T12:00:00.000Z"}"#, "wk_0123", false),
        ("files", r#"{"name":"files","write_key":null,"created_at":"2026-11-24T12:00:00.000Z"}"#, "", false),
        (
            "app",
            r#"{"name":"app","write_keys":["a123","b123"],"options":{"tells_profiles":true},"created_at":"2026-11-24T12:00:00.000Z"}"#,
            "a123 b123",
            true,
        ),
        (
            "bare",
            r#"{"name":"bare","write_keys":["a123"],"options":{},"created_at":"2026-11-24T12:00:00.000Z"}"#,
            "a123",
            false,
        ),
    ];
    let house = house();
    for (name, row, write_keys, tells_profiles) in rows {
        let key = store::Key::new().text(name);
        write(&house, |draft| draft.put_bytes(table("sources"), key, row.as_bytes().to_vec()));
        let source = sources::definition(&house.snapshot(), name).expect("readable").expect("there");
        assert_eq!((source.name.as_str(), source.created_at), (name, now()));
        assert_eq!(
            (keys(&house, name).join(" ").as_str(), source.options.tells_profiles),
            (write_keys, tells_profiles)
        );
    }
    add(&house, "web", Some("second")).expect("added");
    assert_eq!(keys(&house, "web"), ["wk_0123", "second"]);
    let written = r#"{"name":"web","write_keys":["wk_0123","second"],"options":{"tells_profiles":false},"created_at":"2026-11-24T12:00:00.000Z"}"#;
    assert_eq!(row(&house, "web"), written);
}

fn row(house: &Store, name: &str) -> String {
    let row = store::Read::get(&house.snapshot(), table("sources"), store::Key::new().text(name).as_slice());
    String::from_utf8(row.expect("readable").expect("there")).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    /// Whatever comes and goes, a key belongs to the one source that lists it.
    #[test]
    fn definitions_and_keys_agree(steps in proptest::collection::vec((0usize..3, 0usize..3, 0usize..4), 0..40)) {
        let (names, given) = (["web", "app", "crm"], ["key0", "key1", "key2", "key3"]);
        let house = house();
        for (what, name, key) in steps {
            let (name, key) = (names[name], given[key]);
            match what {
                0 => drop(make(&house, name, Some(key))),
                1 => drop(add(&house, name, Some(key))),
                _ => drop(remove(&house, name, key)),
            }
        }
        for key in given {
            let is_there = |name: &str| sources::definition(&house.snapshot(), name).expect("readable").is_some();
            let lists = |name: &&str| is_there(name) && keys(&house, name).iter().any(|own| own == key);
            let listed: Vec<&str> = names.into_iter().filter(lists).collect();
            prop_assert!(listed.len() <= 1);
            prop_assert_eq!(owner(&house, key), listed.first().map(|name| (*name).to_owned()));
        }
    }

    #[test]
    fn any_key_is_taken_or_refused(given in ".{0,12}") {
        let house = house();
        let fits = given.len() >= 4 && given.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        prop_assert_eq!(make(&house, "web", Some(&given)).is_ok(), fits);
    }
}
