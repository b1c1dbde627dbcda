//! Pulls from folders and from a real bucket: new files only, each once.

use std::io::Write;
use std::path::Path;

use collect::pull::{self, Pull};
use expect_test::expect;
use kit::Coded;
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;

use crate::pull_world::{World, figures, parsed};
use crate::s3_server::S3Server;

const MAP: &str = r#"
map:
  version: 1
  event:
    name: Bought
    identifiers: { email: "{mail}" }
    properties: { total: { column: total, as: number } }
"#;

fn folder_pull(folder: &Path, options: &str) -> Pull {
    let path = folder.display();
    parsed(&format!("version: 1\npull: shop\nfrom:\n  folder:\n    path: {path}\n    settle: 0s\n{options}\n{MAP}"))
}

fn bucket_pull(endpoint: &str, secret: &str, options: &str) -> Pull {
    parsed(&format!(
        "version: 1\npull: shop\nfrom:\n  s3:\n    endpoint: {endpoint}\n    bucket: exports\n    prefix: daily/\n    \
         access_key_id: key\n    secret_access_key: {secret}\n{options}\n{MAP}"
    ))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn parquet() -> Vec<u8> {
    use arrow::array::{ArrayRef, Float64Array, StringArray};
    use std::sync::Arc;
    let columns: [(&str, ArrayRef); 2] =
        [("mail", Arc::new(StringArray::from(vec!["p@x"]))), ("total", Arc::new(Float64Array::from(vec![4.5])))];
    let batch = arrow::record_batch::RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a schema");
    writer.write(&batch).expect("a batch");
    writer.close().expect("a file");
    bytes
}

/// The same exports wherever they lie.
fn exports() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("daily/01/a.csv", b"mail,total\nann@x,1\nben@x,2\n".to_vec()),
        ("daily/01/b.ndjson.gz", gzip("{\"mail\":\"cem@x\",\"total\":3}\n{\"mail\":\"\",\"total\":3}\n")),
        ("daily/02/c.parquet", parquet()),
        ("daily/02/notes.txt", b"not one of them".to_vec()),
        // Equal rows of two files are two messages.
        ("daily/02/d.csv", b"mail,total\nann@x,1\n".to_vec()),
        ("daily/02/broken.csv", b"other\n1\n".to_vec()),
        ("daily/empty.csv", b"mail,total\n".to_vec()),
    ]
}

const TOTALS: &str = r#"
    Bought of email:ann@x {"total":1}
    Bought of email:ann@x {"total":1}
    Bought of email:ben@x {"total":2}
    Bought of email:cem@x {"total":3}
    Bought of email:p@x {"total":4.5}"#;

/// What was told, without times: these are those of the files.
fn told(world: &World) -> String {
    let without_time = |line: &str| {
        let (head, tail) = line.split_once(" at ").expect("a line has a time");
        format!("\n    {head} {}", tail.split_once(' ').expect("and more").1)
    };
    let mut lines: Vec<_> = world.told().lines().map(without_time).collect();
    lines.sort();
    lines.concat()
}

#[tokio::test]
async fn a_folder_is_read_file_by_file_each_once() {
    let (world, folder) = (World::new(), tempfile::tempdir().expect("a folder"));
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    };
    exports().iter().for_each(|(name, bytes)| put(name, bytes));
    let pull = folder_pull(&folder.path().join("daily"), "    pattern: \"**/*.[!t]*\"");
    assert_eq!(figures(&world.run(&pull).await.expect("a folder")), "", "no brackets in patterns");
    let pull = folder_pull(&folder.path().join("daily"), "");
    let foreseen = world.dry_run(&pull).await.expect("a folder");
    assert_eq!(world.told(), "");
    let report = world.run(&pull).await.expect("a folder");
    assert_eq!(report, foreseen);
    assert_eq!(figures(&report), "6 rows, 5 events, 1 refused, 7 files, 2 files refused");
    let before = world.comes_to();
    assert_eq!(told(&world), TOTALS);
    let errors = world.errors(&pull);
    let codes: Vec<_> = errors.lines().map(|line| line.split("\"message\"").next().unwrap_or_default()).collect();
    let mut codes: Vec<_> = codes.iter().map(|code| code.replace(folder.path().to_str().expect("plain"), "")).collect();
    codes.sort();
    expect![[r#"
        {"file":"01/b.ndjson.gz","line":2,"row":2,"code":"no_identifier",
        {"file":"02/broken.csv","line":0,"row":0,"code":"missing_columns",
        {"file":"02/notes.txt","line":0,"row":0,"code":"missing_columns","#]]
    .assert_eq(&codes.join("\n"));

    // Nothing is new; then a file is, and one has grown: its old rows are the same messages.
    assert_eq!(figures(&world.run(&pull).await.expect("a folder")), "");
    put("daily/03/e.csv", b"mail,total\neve@x,5\n");
    put("daily/01/a.csv", b"mail,total\nann@x,1\nben@x,2\nfay@x,6\n");
    assert_eq!(figures(&world.run(&pull).await.expect("a folder")), "4 rows, 4 events, 2 files");
    let (after, known) = (world.comes_to(), |id: &&String| before.contains_key(*id));
    assert_eq!((before.len(), after.len(), after.keys().filter(known).count()), (5, 4, 2));
    let progress = world.heard.lock().expect("nobody panicked").last().cloned().expect("progress was told");
    assert_eq!((progress.files, progress.files_total, progress.bytes_total), (2, Some(2), Some(progress.bytes)));
}

#[tokio::test]
async fn records_of_a_file_are_of_the_time_of_the_file() {
    let (world, folder) = (World::new(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("people.csv");
    std::fs::write(&path, "id,mail\n1,ann@x\n").expect("a file");
    let changed = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_780_000_000_123);
    std::fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(changed)).expect("a time");
    let text = format!(
        "{{\"version\": 1, \"pull\": \"people\", \"source\": \"crm\", \"from\": {{\"folder\": {{\"path\": {:?}}}}},
          \"map\": {{\"version\": 1, \"record\": {{\"key\": \"{{id}}\", \"identifiers\": {{\"email\": \"{{mail}}\"}}}}}}}}",
        folder.path().to_str().expect("plain")
    );
    let pull = parsed(&text);
    world.run(&pull).await.expect("a folder");
    assert_eq!(world.told(), "Upsert 1 at 2026-05-28T20:26:40.123Z of email:ann@x -");
}

#[tokio::test]
async fn a_file_that_is_still_being_written_waits() {
    let (world, folder) = (World::new(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "mail,total\nann@x,1\n").expect("a file");
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_millis(world.clock_ms());
    std::fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(now)).expect("a time");
    let text = format!("version: 1\npull: shop\nfrom: {{ folder: {{ path: {} }} }}\n{MAP}", folder.path().display());
    let pull = parsed(&text);
    assert_eq!(figures(&world.run(&pull).await.expect("a folder")), "1 files waiting");
    world.clock.advance_ms(10_000);
    assert_eq!(figures(&world.run(&pull).await.expect("a folder")), "1 rows, 1 events, 1 files");
}

#[tokio::test]
async fn a_folder_run_that_dies_doubles_nothing() {
    let (world, whole, folder) = (World::new(), World::new(), tempfile::tempdir().expect("a folder"));
    for file in 0..3 {
        let rows: String = (0..5_000).map(|row| format!("u{row}@x,{file}\n")).collect();
        std::fs::write(folder.path().join(format!("{file}.csv")), format!("mail,total\n{rows}")).expect("a file");
    }
    let pull = folder_pull(folder.path(), "");
    whole.run(&pull).await.expect("a folder");
    world.die_after(&pull, 1).await;
    world.die_after(&pull, 3).await;
    world.run(&pull).await.expect("a folder");
    assert_eq!(world.comes_to(), whole.comes_to());
    assert_eq!(whole.comes_to().len(), 15_000);
    assert_eq!(figures(&world.run(&pull).await.expect("a folder")), "");
}

#[tokio::test]
async fn a_folder_that_is_not_there_says_so() {
    let (world, folder) = (World::new(), tempfile::tempdir().expect("a folder"));
    let error = world.run(&folder_pull(&folder.path().join("none"), "")).await.expect_err("there is none");
    assert_eq!(error.code(), "origin_not_found");
}

#[tokio::test]
async fn a_bucket_is_read_object_by_object_each_once() {
    let Some(server) = S3Server::start() else { return };
    let (world, bucket) = (World::new(), server.bucket());
    for (name, bytes) in exports() {
        bucket.put(&Key::from(name), bytes.into()).await.expect("the server takes it");
    }
    bucket.put(&Key::from("other/z.csv"), b"mail,total\nz@x,1\n".to_vec().into()).await.expect("the server takes it");
    let pull = bucket_pull(&server.endpoint, "secret", "    pattern: \"**/*.*s*\"");
    assert_eq!(
        figures(&world.dry_run(&pull).await.expect("a bucket")),
        "5 rows, 4 events, 1 refused, 5 files, 1 files refused"
    );
    let pull = bucket_pull(&server.endpoint, "secret", "");
    let report = world.run(&pull).await.expect("a bucket");
    assert_eq!(figures(&report), "6 rows, 5 events, 1 refused, 7 files, 2 files refused");
    assert_eq!(told(&world), TOTALS);
    let left = std::fs::read_dir(world.folder.path().join("scratch")).into_iter().flatten().count();
    assert_eq!(left, 0, "nothing is left on this machine");
    assert_eq!(figures(&world.run(&pull).await.expect("a bucket")), "");
    bucket.put(&Key::from("daily/e.csv"), b"mail,total\neve@x,5\n".to_vec().into()).await.expect("the server takes it");
    assert_eq!(figures(&world.run(&pull).await.expect("a bucket")), "1 rows, 1 events, 1 files");
}

#[tokio::test]
async fn a_bucket_run_that_dies_doubles_nothing() {
    let Some(server) = S3Server::start() else { return };
    let (world, whole, bucket) = (World::new(), World::new(), server.bucket());
    for file in 0..3 {
        let rows: String = (0..3_000).map(|row| format!("u{row}@x,{file}\n")).collect();
        let name = Key::from(format!("daily/{file}.csv"));
        bucket.put(&name, format!("mail,total\n{rows}").into_bytes().into()).await.expect("the server takes it");
    }
    let pull = bucket_pull(&server.endpoint, "secret", "");
    whole.run(&pull).await.expect("a bucket");
    world.die_after(&pull, 2).await;
    world.run(&pull).await.expect("a bucket");
    assert_eq!(world.comes_to(), whole.comes_to());
    assert_eq!(whole.comes_to().len(), 9_000);
}

#[tokio::test]
async fn a_bucket_that_cannot_be_read_says_why() {
    let Some(server) = S3Server::start() else { return };
    let world = World::new();
    let none = format!("http://127.0.0.1:{}", crate::postgres_server::free_port());
    let missing = parsed(&format!(
        "version: 1\npull: shop\nfrom: {{ s3: {{ endpoint: {}, bucket: nothing, access_key_id: a, secret_access_key: b }} }}\n{MAP}",
        server.endpoint
    ));
    for (pull, code) in [(missing, "origin_not_found"), (bucket_pull(&none, "hidden", ""), "origin_unreachable")] {
        let error = world.run(&pull).await.expect_err("it cannot be read");
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains("hidden"));
        let state = pull::state(&world.store, "shop").expect("a state");
        assert!(matches!(&state.runs[0].ended, pull::Ended::Failed { code: told, .. } if told == code));
    }
}
