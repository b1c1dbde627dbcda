//! The engine at its boundary: questions over a tiny lake.

use std::time::Duration;

use expect_test::{Expect, expect};
use kit::{Coded, DAY_MS, Timestamp};
use lake::{
    Engine, EngineError, EventRow, FactRows, IdentifierRow, Lake, MembershipRow, ProfileRow, Question, Snapshot,
    TABLES, TraitRow,
};
use model::{EventKind, Seq};

const MINUTE: Duration = Duration::from_secs(60);

/// Three people: the first two bought things, the third only looked.
fn tiny_lake() -> (tempfile::TempDir, Lake) {
    // A folder whose name would mislead anything that takes it for a pattern.
    let folder = tempfile::Builder::new().prefix("a [lake]* %41 ü").tempdir().expect("a folder");
    let lake = Lake::open(folder.path()).expect("an empty folder");
    lake.append(&FactRows { events: (1..=12).map(event).collect(), ..FactRows::default() }, 12).expect("a sane disk");
    let profile = |profile| ProfileRow { profile, identifiers: 1, first_seen: at(0), last_seen: at(9) };
    lake.replace_view(12, (1..=3).map(profile)).expect("a sane disk");
    let identifier = |ordinal: u32| IdentifierRow {
        ordinal,
        kind: "email".to_owned(),
        value: format!("p{ordinal}@example.com"),
        profile: ordinal,
    };
    lake.replace_view(12, (1..=3).map(identifier)).expect("a sane disk");
    let country = |profile: u32| TraitRow {
        profile,
        name: "country".to_owned(),
        value: if profile == 2 { r#""FR""# } else { r#""DE""# }.to_owned(),
        source: "crm".into(),
        time: at(0),
    };
    lake.replace_view(12, (1..=3).map(country)).expect("a sane disk");
    (folder, lake)
}

fn at(day: i64) -> Timestamp {
    Timestamp::parse("2026-01-25").expect("a date").plus_ms(day * DAY_MS)
}

fn event(seq: Seq) -> EventRow {
    let owner = (seq % 3 + 1) as u32;
    let name = if owner == 3 { "Product Viewed" } else { "Order Completed" };
    EventRow {
        seq,
        owner,
        event: name.to_owned(),
        kind: EventKind::Track,
        name: Some(name.to_owned()),
        source: "web".into(),
        message_id: format!("m{seq}"),
        time: at(seq as i64),
        received_at: at(seq as i64),
        properties: (seq != 6).then(|| format!(r#"{{"revenue":{}.5,"cart":{{"id":"c{seq}"}}}}"#, seq * 10)),
        context: None,
    }
}

fn engine() -> engine::Local {
    engine::Local::new(2, 256 << 20).expect("threads can be started")
}

fn ask(engine: &dyn Engine, snapshot: &Snapshot, sql: &str, deadline: Duration) -> Result<lake::Answer, EngineError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(engine.query(snapshot, Question::new(sql, deadline)))
}

/// Asks the tiny lake, and compares the answer, or the error's code and message.
fn check(sql: &str, expected: Expect) {
    let (_folder, lake) = tiny_lake();
    let told = match ask(&engine(), &lake.snapshot(), sql, MINUTE) {
        Ok(answer) => answer.to_text(),
        Err(error) => format!("{}: {error}\n", error.code()),
    };
    expected.assert_eq(&told);
}

#[test]
fn counts_and_groups() {
    check(
        "SELECT owner, event, count(*) AS n, max(time) AS last FROM events GROUP BY owner, event ORDER BY owner",
        expect![[r#"
            owner  event            n  last
            ─────  ───────────────  ─  ────────────────────────
                1  Order Completed  4  2026-02-06T00:00:00.000Z
                2  Order Completed  4  2026-02-04T00:00:00.000Z
                3  Product Viewed   4  2026-02-05T00:00:00.000Z
        "#]],
    );
    check(
        "SELECT i.value AS who, sum(json_number(e.properties, 'revenue')) AS spent
         FROM events e JOIN identifiers i ON i.ordinal = e.owner
         WHERE e.event = 'Order Completed' GROUP BY who ORDER BY who",
        expect![[r#"
            who             spent
            ──────────────  ─────
            p1@example.com  241.5
            p2@example.com  222.0
        "#]],
    );
}

#[test]
fn json_values_are_at_hand() {
    check(
        "SELECT seq, json_text(properties, 'cart.id') AS cart, json_text(properties, 'revenue') AS revenue,
                json_number(properties, 'cart') AS none
         FROM events WHERE seq IN (5, 6) ORDER BY seq",
        expect![[r#"
            seq  cart  revenue  none
            ───  ────  ───────  ────
              5  c5    50.5
              6
        "#]],
    );
    check(
        "SELECT json_text('{\"a\":\"x\"}', 'a') AS a, json_number(NULL, 'a') AS b",
        expect![[r#"
        a  b
        ─  ─
        x
    "#]],
    );
    check(
        "SELECT json_text(properties, event) FROM events",
        expect![[r#"
        sql_invalid: the question cannot be understood: Error during planning: the second argument of `json_text` must be a constant text
    "#]],
    );
}

#[test]
fn conditions_of_the_question_language_are_asked_of_rows() {
    let holds = |json: &str, condition: &str| {
        let column = json.split('.').next_back().unwrap_or_default();
        format!(
            "SELECT seq, {column} IS NULL AS is_null FROM events WHERE sonder_holds({json}, '{condition}') ORDER BY seq"
        )
    };
    let over_90 = r#"{"property":"revenue","is":{"op":">","value":90}}"#;
    check(
        &holds("properties", over_90),
        expect![[r#"
        seq  is_null
        ───  ───────
          9  false
         10  false
         11  false
         12  false
    "#]],
    );
    check(
        &holds("properties", &format!(r#"{{"not":{over_90}}}"#)),
        expect![[r#"
        seq  is_null
        ───  ───────
          1  false
          2  false
          3  false
          4  false
          5  false
          6  true
          7  false
          8  false
    "#]],
    );
    check(
        &holds("properties", r#"{"property":"revenue","is":{"op":"~"}}"#),
        expect![[r#"
            sql_invalid: the question cannot be understood: Error during planning: `sonder_holds`: the JSON form cannot be read: a check has an `op` of `=`, `!=`, `<`, `<=`, `>`, `>=`, `contains` or `starts with` (a text) and its `value`, or `in` and its `values`, or `exists` alone
        "#]],
    );
    check(
        "SELECT count(*) FROM events WHERE sonder_holds(properties, event)",
        expect![[r#"
        engine_failed: the question could not be answered: Parquet error: External: Compute error: Error evaluating filter predicate: Plan("the second argument of `sonder_holds` must be a constant text")
    "#]],
    );
}

#[test]
fn every_table_is_there_even_without_rows() {
    let (_folder, lake) = tiny_lake();
    let engine = engine();
    assert!(ask(&engine, &lake.snapshot(), "SHOW TABLES", MINUTE).is_ok_and(|answer| answer.rows() >= TABLES.len()));
    for table in TABLES {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let answer = ask(&engine, &lake.snapshot(), &format!("SELECT * FROM {}", table.name), MINUTE);
        assert_eq!(answer.expect("the table is there").columns(), columns);
    }
    check(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
        expect![[r#"
            table_name
            ───────────
            consents
            events
            identifiers
            links
            memberships
            profiles
            records
            traits
        "#]],
    );
    check(
        "DESCRIBE consents",
        expect![[r#"
        column_name  data_type             is_nullable
        ───────────  ────────────────────  ───────────
        profile      UInt32                NO
        purpose      Utf8View              NO
        granted      Boolean               NO
        source       Utf8View              NO
        time         Timestamp(ms, "UTC")  NO
    "#]],
    );
}

#[test]
fn only_reading_is_allowed() {
    let (_folder, lake) = tiny_lake();
    let engine = engine();
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE VIEW v AS SELECT 1",
        "SELECT 1 INTO t",
        "INSERT INTO events SELECT * FROM events",
        "DELETE FROM events",
        "UPDATE events SET seq = 1",
        "DROP TABLE events",
        "TRUNCATE TABLE events",
        "COPY events TO 'stolen.csv'",
        "COPY (SELECT 1) TO 'stolen.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 'stolen.csv'",
        "EXPLAIN INSERT INTO events SELECT * FROM events",
        "SET datafusion.execution.batch_size = 1",
        "BEGIN",
        "PREPARE p AS SELECT 1",
    ] {
        let told = ask(&engine, &lake.snapshot(), sql, MINUTE).map(|answer| answer.to_text());
        assert!(matches!(told, Err(EngineError::SqlNotReadOnly { .. })), "{sql}: {told:?}");
    }
    for sql in [
        "",
        "SELEKT 1",
        "SELECT 1; SELECT 2",
        "SELECT x FROM events",
        "SELECT 1 FROM '/etc/passwd'",
        "SELECT 'a' + 1 FROM nothing",
    ] {
        let told = ask(&engine, &lake.snapshot(), sql, MINUTE).map(|answer| answer.to_text());
        assert!(matches!(told, Err(EngineError::SqlInvalid { .. })), "{sql}: {told:?}");
    }
}

#[test]
fn a_question_ends_at_its_deadline_and_within_its_memory() {
    let (_folder, lake) = tiny_lake();
    let engine = engine::Local::new(1, 4 << 20).expect("a thread can be started");
    let endless = "SELECT count(*) FROM generate_series(1, 1000000000000) a WHERE a.value * a.value = -1";
    let told = ask(&engine, &lake.snapshot(), endless, Duration::from_millis(100));
    assert_eq!(told, Err(EngineError::DeadlineExceeded { deadline_ms: 100 }));
    let large = "SELECT count(*) FROM generate_series(1, 3000000) a JOIN generate_series(1, 3000000) b USING (value)";
    let told = ask(&engine, &lake.snapshot(), large, MINUTE);
    assert!(matches!(told, Err(EngineError::EngineFailed { .. })), "{told:?}");
    let told = ask(&engine, &lake.snapshot(), "SELECT count(*) FROM events", MINUTE);
    assert_eq!(told.ok().and_then(|answer| answer.value()), Some(12.into()), "the next question is answered");
}

#[test]
fn a_question_for_some_rows_does_not_wait_for_all() {
    let (_folder, lake) = tiny_lake();
    let question = Question::new("SELECT value FROM generate_series(1, 1000000000000)", MINUTE).at_most(10);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let answer = runtime.block_on(engine().query(&lake.snapshot(), question)).expect("the first rows come at once");
    assert!((11..1_000_000).contains(&answer.rows()), "{}", answer.rows());
}

#[test]
fn an_engine_may_be_dropped_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async { drop(engine()) });
}

/// The part of a plan that says which pages and row groups are skipped.
fn pruning(lake: &Lake, condition: &str) -> String {
    let sql = format!("EXPLAIN FORMAT INDENT SELECT seq FROM events WHERE {condition}");
    let answer = ask(&engine(), &lake.snapshot(), &sql, MINUTE).expect("a plan");
    let plan = answer.to_objects().iter().map(|row| row["plan"].to_string()).collect::<String>();
    let part =
        |from: &str| plan.split(from).nth(1).and_then(|rest| rest.split(", ").next()).unwrap_or("nothing").to_owned();
    format!(
        "{} | {}",
        part("pruning_predicate="),
        if plan.contains("CAST(time") { "casts the column" } else { "plain" }
    )
}

#[test]
fn moments_in_sql_skip_what_lies_outside() {
    let (_folder, lake) = tiny_lake();
    let forms = [
        "time > to_timestamp_millis(1769990400000)",
        "time > TIMESTAMP '2026-02-02T00:00:00Z'",
        "time > '2026-02-02T00:00:00Z'",
        "time > '2026-02-02'",
        "time > arrow_cast(1769990400000, 'Timestamp(Millisecond, Some(\"UTC\"))')",
        "event = 'Order Completed'",
    ];
    let told: Vec<String> = forms.iter().map(|form| format!("{form}: {}", pruning(&lake, form))).collect();
    expect![[r#"
        time > to_timestamp_millis(1769990400000): time_null_count@1 != row_count@2 AND time_max@0 > 1769990400000 | plain
        time > TIMESTAMP '2026-02-02T00:00:00Z': time_null_count@1 != row_count@2 AND time_max@0 > 1769990400000 | plain
        time > '2026-02-02T00:00:00Z': time_null_count@1 != row_count@2 AND time_max@0 > 1769990400000 | plain
        time > '2026-02-02': time_null_count@1 != row_count@2 AND time_max@0 > 1769990400000 | plain
        time > arrow_cast(1769990400000, 'Timestamp(Millisecond, Some("UTC"))'): time_null_count@1 != row_count@2 AND time_max@0 > 1769990400000 | plain
        event = 'Order Completed': event_null_count@2 != row_count@3 AND event_min@0 <= Order Completed AND Order Completed <= event_max@1 | plain"#]].assert_eq(&told.join("\n"));
    for form in &forms[..5] {
        let sql = format!("SELECT count(*) FROM events WHERE {form}");
        let answer = ask(&engine(), &lake.snapshot(), &sql, MINUTE).expect("an answer");
        assert_eq!(answer.value(), Some(4.into()), "{form}");
    }
}

#[test]
fn plans_of_the_question_language_run_as_they_are() {
    struct Alone;
    impl lang::Rules for Alone {
        fn rule(&self, _name: &str) -> Option<&lang::Rule> {
            None
        }
    }
    let (_folder, lake) = tiny_lake();
    let members = |text: &str| {
        let parsed = lang::parse(text);
        let rule = parsed.rule.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems));
        let plan = lang::plan(&rule, &Alone, at(12));
        let answer = ask(&engine(), &lake.snapshot(), &format!("{} ORDER BY profile", plan.members_sql()), MINUTE);
        let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}\n{}", plan.members_sql()));
        answer.to_objects().iter().filter_map(|row| row["profile"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!(members("country = 'DE'"), [1, 3]);
    assert_eq!(members("not country = 'DE'"), [2]);
    assert_eq!(members("count('Order Completed') >= 4"), [1, 2]);
    assert_eq!(members("count('Order Completed' where revenue > 90 in last 30 days) >= 2"), [1]);
    assert_eq!(members("count('Order Completed' in last 2 days) = 0"), [2, 3]);
    assert_eq!(members("country = 'DE' and not count('Product Viewed')"), [1]);
    assert_eq!(members("in audience 'nobody'"), [0_u64; 0]);
}

#[test]
fn compaction_changes_no_answer() {
    let (_folder, lake) = tiny_lake();
    for seq in 13..=40 {
        let events = vec![event(seq)];
        lake.append(&FactRows { events, ..FactRows::default() }, seq).expect("a sane disk");
    }
    lake.replace_view(40, [MembershipRow { audience: "a".to_owned(), profile: 1, since: at(0) }]).expect("a sane disk");
    let engine = engine();
    let sql = "SELECT * FROM events ORDER BY seq";
    let before = lake.snapshot();
    let rows = ask(&engine, &before, sql, MINUTE).expect("an answer").to_objects();
    assert_eq!(rows.len(), 40);
    assert!(!lake.compact().expect("a sane disk").is_empty());
    assert!(before.files("events").len() > lake.snapshot().files("events").len());
    for snapshot in [&before, &lake.snapshot()] {
        assert_eq!(ask(&engine, snapshot, sql, MINUTE).expect("an answer").to_objects(), rows);
    }
}
