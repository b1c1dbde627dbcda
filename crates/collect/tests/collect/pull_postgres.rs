//! Pulls from a real PostgreSQL.

use std::path::Path;

use collect::pull::{self, Ended, Pull};
use expect_test::expect;
use kit::{Coded, HOUR_MS};

use crate::postgres_server::{PASSWORD, PostgresServer};
use crate::pull_world::{World, figures, memory_bytes, parsed};

const CONTACTS: &str = "
    create table contacts (
        id bigint primary key, email text, score numeric, updated_at timestamptz not null, status text
    );
    insert into contacts values
        (1, 'Ann@x.example', 2.50, '2026-01-01 08:00:00.000001+00', null),
        (2, 'ben@x.example', null, '2026-01-01 08:00:00.000002+00', null),
        (3, 'cem@x.example', 7, '2026-01-02 08:00:00+01', 'test');
";

const MAP: &str = r#"
map:
  version: 1
  skip_when: { column: status, is: test }
  record:
    key: "{id}"
    version: "{updated_at}"
    identifiers: { crm_id: "{id}", email: "{email}" }
    traits: { email: "{email}", score: { column: score, as: number } }
"#;

fn pull_of(server: &PostgresServer, options: &str, map: &str) -> Pull {
    parsed(&text_of(server, options, map))
}

fn text_of(server: &PostgresServer, options: &str, map: &str) -> String {
    let url = server.url();
    format!("version: 1\npull: crm\nfrom:\n  postgres:\n    url: {url}\n    password: {PASSWORD}\n{options}\n{map}")
}

const FULL: &str = "    table: contacts\n    key: id\n    deletes: key_set";
const INCREMENTAL: &str =
    "    table: contacts\n    key: [id]\n    mode: incremental\n    cursor: updated_at\n    deletes: key_set";

#[tokio::test]
async fn a_full_pull_says_what_has_changed_and_what_has_gone() {
    let Some(server) = PostgresServer::start().await else { return };
    let (world, pull) = (World::new(), pull_of(&server, FULL, MAP));
    server.execute(CONTACTS).await;

    assert_eq!(figures(&world.dry_run(&pull).await.expect("a good pull")), "3 rows, 2 records, 1 skipped");
    assert_eq!(world.told(), "", "a dry run writes nothing");
    assert_eq!(pull::state(&world.store, "crm").expect("a state"), pull::State::default());

    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "3 rows, 2 records, 1 skipped");
    expect![[r#"
        Upsert 1 at 2026-01-01T08:00:00.000Z of crm_id:1+email:ann@x.example {"email":"Ann@x.example","score":2.50}
        Upsert 2 at 2026-01-01T08:00:00.000Z of crm_id:2+email:ben@x.example {"email":"ben@x.example"}"#]]
    .assert_eq(&world.told());

    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "3 rows, 3 unchanged");
    server
        .execute(
            "update contacts set score = 3 where id = 1; delete from contacts where id = 2;
             update contacts set status = null where id = 3;",
        )
        .await;
    assert_eq!(figures(&world.dry_run(&pull).await.expect("a good pull")), "2 rows, 2 records, 1 deletes");
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "2 rows, 2 records, 1 deletes");
    expect![[r#"
        Delete 2 at 2026-01-01T08:00:00.000Z of crm_id:2 -
        Upsert 1 at 2026-01-01T08:00:00.000Z of crm_id:1+email:ann@x.example {"email":"Ann@x.example","score":3}
        Upsert 3 at 2026-01-02T07:00:00.000Z of crm_id:3+email:cem@x.example {"email":"cem@x.example","score":7}"#]]
    .assert_eq(&world.told());

    // A row that the mapping leaves out from now on has gone as well; one that comes back as it was is there again.
    server
        .execute(
            "update contacts set status = 'test' where id = 3;
             insert into contacts values (2, 'ben@x.example', null, '2026-01-01 08:00:00.000002+00', null);",
        )
        .await;
    let report = world.run(&pull).await.expect("a good pull");
    assert_eq!(figures(&report), "3 rows, 1 records, 1 deletes, 1 unchanged, 1 skipped");
    expect![[r#"
        Delete 3 at 2026-01-02T07:00:00.000Z of crm_id:3 -
        Upsert 2 at 2026-01-01T08:00:00.000Z of crm_id:2+email:ben@x.example {"email":"ben@x.example"}"#]]
    .assert_eq(&world.told());
}

#[tokio::test]
async fn an_incremental_pull_loses_no_tie_and_doubles_none() {
    let Some(server) = PostgresServer::start().await else { return };
    let (world, pull) = (World::new(), pull_of(&server, INCREMENTAL, MAP));
    server.execute(CONTACTS).await;
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "3 rows, 2 records, 1 skipped");
    world.told();

    // Same moment as the last row, and a smaller key; a moment before it, within the overlap; one long ago, which no cursor can see.
    server
        .execute(
            "insert into contacts values
                (0, 'eve@x.example', null, '2026-01-02 08:00:00+01', null),
                (9, 'fay@x.example', null, '2026-01-02 07:56:00+01', null),
                (8, 'old@x.example', null, '2025-01-01 00:00:00+00', null);",
        )
        .await;
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "3 rows, 2 records, 1 unchanged");
    expect![[r#"
        Upsert 0 at 2026-01-02T07:00:00.000Z of crm_id:0+email:eve@x.example {"email":"eve@x.example"}
        Upsert 9 at 2026-01-02T06:56:00.000Z of crm_id:9+email:fay@x.example {"email":"fay@x.example"}"#]]
    .assert_eq(&world.told());

    // What is dated into a far future does not stand in the way of what comes after it.
    server
        .execute(
            "update contacts set updated_at = 'infinity' where id = 2; delete from contacts where id = 1;
             update contacts set email = 'new@x.example', updated_at = '2026-01-03' where id = 9;",
        )
        .await;
    let report = world.run(&pull).await.expect("a good pull");
    assert_eq!(figures(&report), "3 rows, 1 records, 1 deletes, 2 unchanged");
    expect![[r#"
        Delete 1 at 2026-01-01T08:00:00.000Z of crm_id:1 -
        Upsert 9 at 2026-01-03T00:00:00.000Z of crm_id:9+email:new@x.example {"email":"new@x.example"}"#]]
    .assert_eq(&world.told());
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "1 rows, 1 unchanged");
}

#[tokio::test]
async fn who_is_erased_is_not_said_again_and_leaves_no_identifier() {
    let Some(server) = PostgresServer::start().await else { return };
    let (world, pull) = (World::new(), pull_of(&server, FULL, MAP));
    server.execute(CONTACTS).await;
    world.run(&pull).await.expect("a good pull");
    let mut draft = world.store.draft();
    let erased =
        pull::erase(&mut draft, &|identifier| identifier.to_string() == "crm_id:1").expect("the store answers");
    world.store.commit(draft).expect("memory takes it");
    assert_eq!(erased, 1);
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "3 rows, 3 unchanged");
    world.told();
    server.execute("delete from contacts").await;
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "1 deletes");
    assert!(world.told().starts_with("Delete 2 "));
}

#[tokio::test]
async fn a_changed_mapping_says_everything_anew() {
    let Some(server) = PostgresServer::start().await else { return };
    let world = World::new();
    server.execute(CONTACTS).await;
    for options in [FULL, INCREMENTAL] {
        world.run(&pull_of(&server, options, MAP)).await.expect("a good pull");
        let other = MAP.replace("score: { column: score, as: number }", "name: \"{id}\"");
        let report = world.run(&pull_of(&server, options, &other)).await.expect("a good pull");
        assert_eq!(figures(&report), "3 rows, 2 records, 1 skipped");
    }
}

#[tokio::test]
async fn every_type_that_the_database_can_show_can_be_read() {
    let Some(server) = PostgresServer::start().await else { return };
    server
        .execute(
            r#"
            create type mood as enum ('sad', 'happy');
            create domain positive as int check (value > 0);
            create type place as (street text, number int);
            create table kinds (
                "the id" uuid, "or""der" int, primary key ("the id", "or""der"),
                small smallint, big bigint, exact numeric, single real, double double precision, cash money,
                letters char(4), long text, flag boolean, day date, clock time, moment timestamp, zoned timestamptz,
                span interval, bytes bytea, doc json, bin jsonb, ints int[], texts text[], ip inet, net cidr, mac macaddr,
                bits bit(4), feeling mood, pos positive, home place, spot point, range int4range, words tsvector, x xml,
                nothing text
            );
            insert into kinds values (
                '5f3c9a52-0000-4000-8000-000000000001', 7,
                -3, 9223372036854775807, 12345678901234567890.123456789, 1.5, 'NaN', 12.5,
                'ab', E'line\nquote " back \\ ünï\u20ac', true, '2026-01-31', '08:15', '2026-01-31 08:00', '2026-01-31 08:00+02',
                '1 day 2 hours', '\x00ff', '{"a": [1, 2]}', '{"b": null}', '{1,2,null}', '{"x","y,z"}', '10.0.0.1', '10.0.0.0/8',
                '08:00:2b:01:02:03', B'1010', 'happy', 5, row('Main', 3), '(1,2)', '[1,5)', 'fat cat', '<a>b</a>', null
            );"#,
        )
        .await;
    let columns = "small big exact single double cash letters long flag day clock moment zoned span bytes doc bin ints texts ip net mac \
        bits feeling pos home spot range words x nothing";
    let traits: Vec<_> = columns
        .split_whitespace()
        .map(|column| format!("      {column}: {{ column: {column}, as: {} }}", kind_of(column)))
        .collect();
    let map = format!(
        "map:\n  version: 1\n  record:\n    key: \"{{the id}}/{{or\\\"der}}\"\n    version: \"{{zoned}}\"\n    \
         identifiers: {{ crm_id: \"{{the id}}\" }}\n    traits:\n{}\n      street: \"{{home.street}}\"\n",
        traits.join("\n")
    );
    let world = World::new();
    let options = "    table: public.kinds\n    key: [the id, 'or\"der']";
    let report = world.run(&pull_of(&server, options, &map)).await.expect("a good pull");
    assert_eq!(figures(&report), "1 rows, 1 records", "{:?}", report.samples);
    let told = world.told().replace(",\"", ",\n\"");
    expect![[r#"
        Upsert 5f3c9a52-0000-4000-8000-000000000001/7 at 2026-01-31T06:00:00.000Z of crm_id:5f3c9a52-0000-4000-8000-000000000001 {"small":-3,
        "big":9223372036854775807,
        "exact":12345678901234567890.123456789,
        "single":1.5,
        "double":"NaN",
        "cash":"$12.50",
        "letters":"ab  ",
        "long":"line\nquote \" back \\ ünï€",
        "flag":true,
        "day":"2026-01-31T00:00:00.000Z",
        "clock":"08:15:00",
        "moment":"2026-01-31T08:00:00.000Z",
        "zoned":"2026-01-31T06:00:00.000Z",
        "span":"P1DT2H",
        "bytes":"\\x00ff",
        "doc":{"a": [1, 2]},
        "bin":{"b": null},
        "ints":[1,2,null],
        "texts":["x",
        "y,z"],
        "ip":"10.0.0.1",
        "net":"10.0.0.0/8",
        "mac":"08:00:2b:01:02:03",
        "bits":"1010",
        "feeling":"happy",
        "pos":5,
        "home":{"street":"Main",
        "number":3},
        "spot":"(1,2)",
        "range":"[1,5)",
        "words":"'cat' 'fat'",
        "x":"<a>b</a>",
        "street":"Main"}"#]].assert_eq(&told);
}

fn kind_of(column: &str) -> &'static str {
    match column {
        "small" | "big" | "exact" | "single" | "pos" => "number",
        "flag" => "boolean",
        "moment" | "zoned" | "day" => "time",
        "doc" | "bin" | "ints" | "texts" | "home" => "json",
        _ => "text",
    }
}

#[tokio::test]
async fn events_of_a_table_have_the_ids_of_its_keys() {
    let Some(server) = PostgresServer::start().await else { return };
    server
        .execute(
            "create table orders (id int primary key, who text, at timestamp, total numeric);
             insert into orders values (1, 'a@x', '2026-01-01', 9.90), (2, null, '2026-01-02', 1), (3, 'c@x', null, 2)",
        )
        .await;
    let map = r#"
map: |
  version: 1
  event: { name: Bought, time: "{at}", identifiers: { email: "{who}" }, properties: { total: { column: total, as: number } } }
"#;
    let options = "    query: select * from orders where total > 0 -- all of them;\n    key: id\n    mode: incremental\n    cursor: id";
    let (world, pull) = (World::new(), pull_of(&server, options, map));
    let report = world.run(&pull).await.expect("a good pull");
    assert_eq!(figures(&report), "3 rows, 2 events, 1 refused");
    assert_eq!((report.samples[0].line, report.samples[0].code.as_str()), (2, "no_identifier"));
    let first = world.comes_to();
    expect![[r#"
        {"line":2,"row":2,"code":"no_identifier","message":"the row has none of its identifiers","raw":"{\"id\":2,\"who\":null,\"at\":\"2026-01-02T00:00:00\",\"total\":1}"}
    "#]]
    .assert_eq(&world.errors(&pull));
    server.execute("insert into orders values (4, 'd@x', '2026-01-04', 3)").await;
    assert_eq!(figures(&world.run(&pull).await.expect("a good pull")), "2 rows, 1 events, 1 unchanged");

    // Another house reads the same messages: their ids do not depend on the run.
    let other = World::new();
    other.run(&pull).await.expect("a good pull");
    assert_eq!((first.len(), other.comes_to()), (2, world.comes_to()));
}

#[tokio::test]
async fn a_run_that_dies_between_facts_and_state_doubles_nothing() {
    let Some(server) = PostgresServer::start().await else { return };
    server
        .execute(
            "create table contacts (id int primary key, email text, score int, updated_at timestamptz, status text);
             insert into contacts select n, n || '@x.example', n % 7, '2026-01-01'::timestamptz + n / 10 * interval '1 second', null
                from generate_series(1, 9000) n;",
        )
        .await;
    for options in [FULL, INCREMENTAL] {
        let (world, pull) = (World::new(), pull_of(&server, options, MAP));
        let whole = World::new();
        whole.run(&pull).await.expect("a good pull");
        world.die_after(&pull, 0).await;
        world.die_after(&pull, 1).await;
        let report = world.run(&pull).await.expect("a good pull");
        assert_eq!(world.comes_to(), whole.comes_to());
        assert_eq!(whole.comes_to().len(), 9_000);
        let portions = world.kept.portions.lock().expect("nobody panicked").clone();
        let said = portions.iter().sum::<usize>();
        // Two portions were said twice, and nothing else was.
        assert!(said > 9_000 && said <= 9_000 + 2 * portions[0].max(portions[1]), "{portions:?}");
        assert!(report.records < 9_000, "what was durable and written down is not said again");
        assert_eq!(figures(&world.run(&pull).await.expect("a good pull")).contains("records"), false);
    }
}

#[tokio::test]
async fn a_wide_table_is_read_in_little_memory() {
    let Some(server) = PostgresServer::start().await else { return };
    server
        .execute(
            "create table contacts (id int primary key, email text, score text, updated_at timestamptz, status text);
             insert into contacts select n, n || '@x.example', repeat(md5(n::text), 128), now(), null
                from generate_series(1, 50000) n;",
        )
        .await;
    let map = MAP.replace("score: { column: score, as: number }", "note: \"{score}\"");
    for options in [FULL, INCREMENTAL] {
        let mut world = World::new();
        world.kept.only_counts = true;
        let pull = pull_of(&server, options, &map);
        let before = memory_bytes();
        let report = world.run(&pull).await.expect("a good pull");
        assert_eq!((report.rows, report.records), (50_000, 50_000));
        assert!(report.bytes > 200 << 20, "{} bytes", report.bytes);
        let grew = world.kept.most_memory_bytes.lock().expect("nobody panicked").saturating_sub(before);
        eprintln!("{} MiB of rows, memory grew by {} MiB", report.bytes >> 20, grew >> 20);
        assert!(grew < 100 << 20, "memory grew by {grew} bytes");
        assert!(world.kept.portions.lock().expect("nobody panicked").iter().all(|facts| *facts <= 2_500));
        assert!(world.heard.lock().expect("nobody panicked").iter().any(|at| (1..50_000).contains(&at.rows)));
    }
}

#[tokio::test]
async fn a_connection_that_is_lost_in_the_middle_is_told_and_the_next_run_goes_on() {
    let Some(server) = PostgresServer::start().await else { return };
    server
        .execute(
            "create table contacts (id int primary key, email text, score int, updated_at timestamptz, status text);
             insert into contacts select n, n || '@x.example', n % 7, '2026-01-01'::timestamptz + n * interval '1 second', null
                from generate_series(1, 20000) n;",
        )
        .await;
    let (world, pull) = (World::new(), pull_of(&server, INCREMENTAL, MAP));
    // Another session cuts ours off while a portion waits for the disk.
    *world.kept.silent_after.lock().expect("nobody panicked") = None;
    let cut = async {
        let other = server.client().await;
        loop {
            if !world.kept.portions.lock().expect("nobody panicked").is_empty() {
                let cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sonder'";
                other.batch_execute(cut).await.expect("an administrator may");
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let (outcome, ()) = tokio::join!(world.run(&pull), cut);
    let error = outcome.expect_err("the connection is lost");
    assert_eq!((error.code(), error.is_retryable()), ("connection_lost", true), "{error}");
    let state = pull::state(&world.store, "crm").expect("a state");
    assert_eq!(state.failures, 1);
    assert!(
        matches!(&state.runs[0].ended, Ended::Failed { code, is_retryable: true, .. } if code == "connection_lost")
    );
    let before = world.comes_to().len() as u64;
    assert!((1..20_000).contains(&before), "{before} rows were kept");

    let report = world.run(&pull).await.expect("a good pull");
    assert_eq!(world.comes_to().len(), 20_000);
    assert!(report.records <= 20_000 - before, "what was kept is not said again");
    assert_eq!(pull::state(&world.store, "crm").expect("a state").failures, 0);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_holds_no_secret() {
    let Some(server) = PostgresServer::start().await else { return };
    server.execute(CONTACTS).await;
    let world = World::new();
    let text = text_of(&server, FULL, MAP);
    let none = format!("127.0.0.1:{}", crate::postgres_server::free_port());
    let mut said = String::new();
    for changed in [
        text.replace(PASSWORD, "wrong"),
        text.replace("sonder@", "nobody@"),
        text.replace("/postgres\n", "/nothing\n"),
        text.replace("table: contacts", "table: people"),
        text.replace("key: id", "key: number"),
        text.replace("\"{email}\"", "\"{mail}\""),
        text.replace("table: contacts", "query: selec 1"),
        text.replace("table: contacts", "query: select *, (email::int) as n from contacts"),
        text.replace("table: contacts", "query: with gone as (delete from contacts returning *) select * from gone"),
        text.replace("key: id", "key: id\n    tls: verify"),
        text.replace(&format!("127.0.0.1:{}", server.port), &none),
    ] {
        let error = world.run(&parsed(&changed)).await.expect_err("something is wrong");
        let shown = format!("{} ({}, retry: {})\n", error, error.code(), error.is_retryable());
        said += &shown.replace(&none, "NOWHERE").replace(&server.port.to_string(), "PORT");
    }
    assert!(!said.contains(PASSWORD) && !said.contains("@x.example"));
    expect![[r#"
        `postgres://sonder@127.0.0.1:PORT/postgres` refuses these credentials (origin_refuses, retry: false)
        `postgres://nobody@127.0.0.1:PORT/postgres` refuses these credentials (origin_refuses, retry: false)
        there is no `database` at `postgres://sonder@127.0.0.1:PORT/nothing` (origin_not_found, retry: false)
        the database cannot answer: relation "people" does not exist (42P01) (query_failed, retry: false)
        `contacts` lacks `number`; it has `id`, `email`, `score`, `updated_at`, `status` (missing_columns, retry: false)
        `contacts` lacks `mail`; it has `id`, `email`, `score`, `updated_at`, `status` (missing_columns, retry: false)
        the database cannot answer: syntax error at or near "1" (42601) (query_failed, retry: false)
        the database cannot answer: SQLSTATE 22P02 (query_failed, retry: false)
        the database cannot answer: SQLSTATE 0A000 (query_failed, retry: false)
        `postgres://sonder@127.0.0.1:PORT/postgres` does not speak TLS as it should: server does not support TLS (origin_tls_failed, retry: false)
        `postgres://sonder@NOWHERE/postgres` cannot be reached: Connection refused (os error 111) (origin_unreachable, retry: true)
    "#]].assert_eq(&said);
    let count = server.client().await.query_one("select count(*) from contacts", &[]).await.expect("a count");
    assert_eq!(count.get::<_, i64>(0), 3, "no query writes");
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_told_once() {
    let Some(server) = PostgresServer::start().await else { return };
    server
        .execute(
            "create table contacts (id int, email text, score text, updated_at timestamptz, status text);
             insert into contacts values (1, 'a@x', 'many', now(), null), (2, 'b@x', '2', now(), null), (2, 'c@x', '3', now(), null),
                (3, repeat('x', 2000000), '1', now(), null), (4, 'd@x', '4', now(), null);",
        )
        .await;
    let (world, pull) = (World::new(), pull_of(&server, FULL, MAP));
    let report = world.run(&pull).await.expect("a good pull");
    let mut codes: Vec<_> = report.samples.iter().map(|sample| sample.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(figures(&report), "5 rows, 2 records, 3 refused");
    assert_eq!(codes, ["key_not_unique", "row_too_long", "wrong_type"]);
    assert_eq!(world.errors(&pull).lines().count(), 3);
    // What one row said before it could not be read any more stands.
    world.clock.advance_ms(HOUR_MS);
    server.execute("delete from contacts where email = 'c@x'; update contacts set score = 'lots' where id = 4").await;
    world.told();
    let report = world.run(&pull).await.expect("a good pull");
    assert_eq!(report.refused, 1);
    assert!(!world.told().contains("Delete 4"), "a row that cannot be read takes nothing back");
}

#[tokio::test]
async fn a_server_with_a_certificate_is_asked_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((certificate, key)) = self_signed(folder.path()) else { return };
    let settings = |data: &Path, programs: &crate::postgres_server::Programs| {
        for (from, name) in [(&certificate, "server.crt"), (&key, "server.key")] {
            std::fs::copy(from, data.join(name)).expect("a file");
            programs.own(&data.join(name));
        }
        vec!["ssl=on".to_owned()]
    };
    let Some(server) = PostgresServer::start_with(settings).await else { return };
    server.execute(CONTACTS).await;
    let world = World::new();
    let pem = std::fs::read_to_string(&certificate).expect("a file").replace('\n', "\n      ");
    let trusting = format!("{FULL}\n    tls: verify\n    ca: |\n      {pem}");
    let report = world.run(&pull_of(&server, &trusting, MAP)).await.expect("the certificate is the one that is named");
    assert_eq!(report.records, 2);
    let strict = format!("{FULL}\n    tls: verify");
    let error = world.run(&pull_of(&server, &strict, MAP)).await.expect_err("no browser trusts this certificate");
    assert_eq!(error.code(), "origin_tls_failed", "{error}");
}

/// A certificate for this machine, and its key; `None`, after saying so, where there is no `openssl`.
fn self_signed(folder: &Path) -> Option<(std::path::PathBuf, std::path::PathBuf)> {
    let (certificate, key) = (folder.join("server.crt"), folder.join("server.key"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    let is_made = made.is_ok_and(|made| made.status.success());
    if !is_made {
        eprintln!("skipped: there is no `openssl`");
    }
    is_made.then_some((certificate, key))
}
