use activation::{Error, create, definitions, delete, find};
use expect_test::{Expect, expect};
use kit::Coded;
use serde_json::{Value, json};
use store::Read;

use crate::world::{World, at, definition, edit};

fn check(name: &str, kind: &str, options: Value, expected: Expect) {
    let world = World::new();
    let made = create(&mut world.store.draft(), definition(name, kind, options), at(0));
    expected
        .assert_eq(&made.map_or_else(|error| format!("{}: {error}", error.code()), |made| made.options.to_string()));
}

#[test]
fn options_are_checked_and_defaults_filled_in() {
    check(
        "ads",
        "webhook",
        json!({ "url": "https://example.com/in?x=1" }),
        expect![[r#"{"batch_size":100,"timeout_ms":10000,"url":"https://example.com/in?x=1"}"#]],
    );
    check("ads", "file", json!({}), expect![[r#"{"batch_size":10000,"format":"csv"}"#]]);
    check("ads", "file", Value::Null, expect![[r#"{"batch_size":10000,"format":"csv"}"#]]);
    check(
        "ads",
        "file",
        json!({ "format": "parquet", "folder": null, "batch_size": 5 }),
        expect![[r#"{"batch_size":5,"format":"parquet"}"#]],
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_no_value_is_repeated() {
    let options = json!({ "token": "se cret", "batch_size": 0, "timeout_ms": "se cret", "retries": "se cret" });
    check(
        "Ads!",
        "webhook",
        options,
        expect![
            "destination_invalid: the destination has 6 problem(s): `name`: a lower-case word of letters, digits and `_`, at most 64, is expected; `options.url`: this option is required; `options.token`: a text of printable ASCII without spaces is expected; `options.batch_size`: a whole number from 1 to 1000 is expected; `options.timeout_ms`: a whole number from 100 to 60000 is expected; `options.retries`: there is no such option (there are `url`, `token`, `batch_size`, `timeout_ms`)"
        ],
    );
    check(
        "ads",
        "webhook",
        json!({ "url": "ftp://user:secret@example.com" }),
        expect![
            "destination_invalid: the destination has 1 problem(s): `options.url`: an address that starts with `https://` or `http://`, without a user, is expected"
        ],
    );
    check(
        "ads",
        "webhook",
        json!({ "url": "https://user:secret@example.com" }),
        expect![
            "destination_invalid: the destination has 1 problem(s): `options.url`: an address that starts with `https://` or `http://`, without a user, is expected"
        ],
    );
    check(
        "ads",
        "webhook",
        json!("secret"),
        expect![
            "destination_invalid: the destination has 2 problem(s): `options`: an object is expected; `options.url`: this option is required"
        ],
    );
    check(
        "ads",
        "file",
        json!({ "folder": "a/../../etc", "format": "xml", "batch_size": 1.5 }),
        expect![
            "destination_invalid: the destination has 3 problem(s): `options.format`: one of `csv`, `ndjson`, `parquet` is expected; `options.folder`: a path without `..` is expected; `options.batch_size`: a whole number from 1 to 100000 is expected"
        ],
    );
    check(
        "ads",
        "ftp",
        json!({}),
        expect![
            "destination_invalid: the destination has 1 problem(s): `kind`: there is no kind `ftp` (there are `webhook`, `file`)"
        ],
    );
}

#[test]
fn audience_and_purpose_are_required() {
    let mut new = definition("ads", "file", json!({}));
    (new.audience, new.purpose) = (String::new(), " - ".to_owned());
    let error = create(&mut World::new().store.draft(), new, at(0)).unwrap_err();
    expect!["the destination has 2 problem(s): `audience`: the name of an audience is expected, or `events`; `purpose`: a purpose is expected, e.g. `email_marketing`"].assert_eq(&error.to_string());
}

#[test]
fn names_are_taken_once_and_free_again() {
    let world = World::new();
    world.create("ads", "file", json!({}));
    let again = || create(&mut world.store.draft(), definition("ads", "file", json!({})), at(1));
    assert!(matches!(again(), Err(Error::Exists { name }) if name == "ads"));
    assert_eq!(
        find(&world.store, "ads").unwrap().map(|found| (found.purpose, found.created_at)),
        Some(("ads".to_owned(), at(0)))
    );
    edit(&world.store, |draft| delete(draft, "ads").unwrap());
    assert!(definitions(&world.store).unwrap().is_empty() && again().is_ok());
    assert!(matches!(delete(&mut world.store.draft(), "ads"), Err(Error::Unknown { .. })));
}

#[test]
fn a_secret_is_stored_but_never_shown() {
    let world = World::with_webhook("http://127.0.0.1:9/");
    let found = find(&world.store, "ads").unwrap().unwrap();
    assert_eq!(found.options["token"], "t0ken");
    assert_eq!(found.shown_options()["token"], "***");
    assert!(!format!("{found:?} {:?}", definition("ads", "webhook", json!("t0ken"))).contains("t0ken"));
    assert!((&world.store as &dyn Read).get(activation::TABLES[0], b"ads\0").unwrap().is_some());
}
