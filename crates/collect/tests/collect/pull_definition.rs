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
        expect![[r#"
            line 2, column 10: the only `version` is `1`
            line 3, column 7: `CRM` is no name (use a lower-case word of letters, digits, `_` and `-`, at most 64)
            line 6, column 5: exactly one of `table` and `query` is needed
            line 6, column 5: `mode: incremental` needs a `cursor`: a column that grows with each change
            line 6, column 10: the password does not belong into `url`, which is shown (put it into `password`)
            line 7, column 10: `maybe` is not one of `verify`, `off`
            line 8, column 9: `ca` holds no certificates (PEM: `-----BEGIN CERTIFICATE-----` …)
            line 11, column 10: `key` names the columns that tell rows apart, e.g. `[id]`
            line 13, column 14: `soon` is no span of time (write `30s`, `15m`, `6h` or `1d`)
            line 14, column 14: `all` is not one of `key_set`
            line 15, column 8: `every` is at least `5s`
            line 16, column 5: only one of `every` and `at` can be said
            line 16, column 5: `at` is a time of day, written `"02:00"`
            line 17, column 1: `colour` is unknown in a pull (known: `version`, `pull`, `source`, `from`, `every`, `at`, `time_zone`, `map`)
            line 20, column 11: `identifiers` needs at least one entry, e.g. `email: "{Email}"`
            line 20, column 49: `{` without `}` after it (write `{{` for the brace itself)"#]],
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
        expect![[r#"
            line 5, column 3: exactly one of `postgres`, `folder`, `s3` is needed
            line 8, column 12: `Berlin` is no time zone (write it like `Europe/Berlin`)
            line 10, column 3: in `map`: line 1, column 1: exactly one of `record`, `event` and `segment` is needed
            line 10, column 3: in `map`: line 2, column 1: `events` is unknown in a mapping (known: `version`, `format`, `delimiter`, `phone_region`, `empty`, `only_when`, `skip_when`, `record`, `event`, `segment`)"#]],
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
        expect![[r#"
            line 5, column 7: `bucket` is missing
            line 5, column 7: `access_key_id` and `secret_access_key` belong together
            line 5, column 19: `endpoint` is written `https://host:port`, without a user
            line 5, column 67: `true` or `false` is expected
            line 5, column 83: a text is expected, and this one is empty
            line 7, column 12: `time_zone` belongs to `at`
            line 9, column 3: in `map`: line 1, column 1: exactly one of `record`, `event` and `segment` is needed
            line 9, column 3: in `map`: line 2, column 1: `events` is unknown in a mapping (known: `version`, `format`, `delimiter`, `phone_region`, `empty`, `only_when`, `skip_when`, `record`, `event`, `segment`)"#]],
    );
    check(
        r#"
version: 1
pull: a
from:
  postgres: { url: "postgres://h/d", table: t, key: id, cursor: c, deletes: key_set }
map: { version: 1, event: { name: "{row}", identifiers: { email: "{mail}" } } }
"#,
        expect![[r#"
            line 5, column 65: `cursor` belongs to `mode: incremental`
            line 6, column 6: rows of a table have no number: `{row}` is for files
            line 6, column 6: `deletes` needs a `record`: what happened cannot be taken back"#]],
    );
    check(
        "version: 1\npull: a\nfrom: { folder: { path: exports, settle: long } }\nmap: {}",
        expect![[r#"
        line 3, column 25: `path` must be absolute: the house runs where it was started
        line 3, column 42: `long` is no span of time (write `30s`, `15m`, `6h` or `1d`)
        line 4, column 6: `version` is missing (write `version: 1`)
        line 4, column 6: exactly one of `record`, `event` and `segment` is needed"#]],
    );
    check("[]", expect!["line 1, column 1: a pull must be a map of keys and values"]);
    check("{\"version\": 1,", expect!["line 1, column 14: not valid JSON"]);
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
