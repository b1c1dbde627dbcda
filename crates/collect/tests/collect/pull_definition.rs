//! Definitions of pulls: what is wrong is said at once, with places; what is saved keeps its secrets.

use collect::pull::{self, Mode, Origin, Pull};
use expect_test::{Expect, expect};
use kit::{Coded, Timestamp};
use store::{ReadExt, Store};

const GOOD: &str = r#"
version: 1
pull: crm
source: salesforce
from:
  postgres:
    url: postgres://reader@db.example.com/crm
    password: hidden
    query: select * from contacts;
    key: [id, tenant]
    mode: incremental
    cursor: updated_at
    overlap: 10m
    deletes: key_set
at: "02:00"
time_zone: Europe/Berlin
map:
  version: 1
  record: { key: "{id}", identifiers: { crm_id: "{id}" } }
"#;

fn check(text: &str, expected: Expect) {
    let (pull, problems) = Pull::parse(text);
    assert_eq!(pull.is_some(), problems.is_empty());
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_good_definition_says_what_it_says() {
    let pull = Pull::parse(GOOD).0.expect("a good definition");
    let Origin::Postgres(from) = &pull.origin else { panic!("{pull:?}") };
    assert_eq!((pull.name.as_str(), pull.source.as_str()), ("crm", "salesforce"));
    assert_eq!(pull.schedule.as_ref().map(ToString::to_string).as_deref(), Some("at 02:00 Europe/Berlin"));
    assert!(matches!(&from.mode, Mode::Incremental(cursor) if cursor.overlap_ms == 600_000));
    assert_eq!(pull.origin.place(), "postgres://reader@db.example.com/crm query");
    assert!(!format!("{pull:?}").contains("hidden"), "a secret is never printed");
}

#[test]
fn the_shortest_ones() {
    for text in [
        "version: 1\npull: a\nfrom: { folder: { path: /srv/exports } }\nmap: { version: 1, segment: {} }",
        "version: 1\npull: a\nfrom: { s3: { bucket: b } }\nevery: 6h\nmap: |\n  version: 1\n  segment: {}",
        "version: 1\npull: a\nfrom: { postgres: { url: 'host=localhost user=me', table: t, key: id } }\nmap: { version: 1, segment: {} }",
    ] {
        check(text, expect![""]);
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    check(
        r#"
version: 2
pull: CRM
from:
  postgres:
    url: postgres://me:secret@host/db
    tls: maybe
    ca: none
    table: a
    query: b
    key: []
    mode: incremental
    overlap: soon
    deletes: all
every: 1s
at: "25:00"
colour: red
map:
  version: 1
  record: { key: "{row}", identifiers: { email: "{mail" } }
"#,
        expect![[r#""#]],
    );
    check(
        r#"
version: 1
pull: a
from:
  s3: { endpoint: "minio:9000", access_key_id: k, virtual_hosted: maybe, pattern: "" }
  folder: { path: exports }
at: "02:00"
time_zone: Berlin
map: |
  version: 1
  events: {}
"#,
        expect![[r#""#]],
    );
    check(
        r#"
version: 1
pull: a
from:
  s3: { endpoint: "minio:9000", access_key_id: k, virtual_hosted: maybe, pattern: "" }
every: 1s
time_zone: Europe/Berlin
map: |
  version: 1
  events: {}
"#,
        expect![[r#""#]],
    );
    check(
        r#"
version: 1
pull: a
from:
  postgres: { url: "postgres://h/d", table: t, key: id, cursor: c, deletes: key_set }
map: { version: 1, event: { name: "{row}", identifiers: { email: "{mail}" } } }
"#,
        expect![[r#""#]],
    );
    check("version: 1\npull: a\nfrom: { folder: { path: exports, settle: long } }\nmap: {}", expect![[r#""#]]);
    check("[]", expect![[r#""#]]);
    check("{\"version\": 1,", expect![[r#""#]]);
}

#[test]
fn definitions_are_saved_replaced_and_removed() {
    let store = Store::in_memory(collect::TABLES);
    let now = Timestamp::parse("2026-11-24").expect("a time");
    let create = |text: &str, replace: bool| {
        let mut draft = store.draft();
        let pull = pull::create(&mut draft, text, replace, now)?;
        store.commit(draft)?;
        Ok::<_, pull::PullsError>(pull.name)
    };
    assert_eq!(create(GOOD, false).expect("a good one"), "crm");
    assert_eq!(create(GOOD, false).expect_err("it is there").code(), "pull_exists");
    assert_eq!(create("version: 1", true).expect_err("it is none").code(), "pull_invalid");
    let other = GOOD.replace("\"02:00\"", "\"03:00\"");
    create(&other, true).expect("a good one");
    let (pull, saved) = pull::get(&store, "crm").expect("the store answers").expect("it was saved");
    assert_eq!(pull.schedule.map(|schedule| schedule.to_string()).as_deref(), Some("at 03:00 Europe/Berlin"));
    assert!(!format!("{saved:?}").contains("hidden"));
    assert_eq!(pull::all(&store).expect("the store answers").len(), 1);
    let mut draft = store.draft();
    pull::remove(&mut draft, "crm").expect("it is there");
    store.commit(draft).expect("memory takes it");
    assert!(pull::all(&store).expect("the store answers").is_empty());
    for table in store.tables() {
        assert!(store.rows(table, store::Range::default(), 9).expect("the store answers").is_empty(), "{}", table.name);
    }
    let mut draft = store.draft();
    assert_eq!(pull::remove(&mut draft, "crm").expect_err("it is gone").code(), "pull_not_found");
}
