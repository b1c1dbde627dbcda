//! Files come in; what cannot be read is kept aside and stops nothing.

use e2e::{run, world};
use serde_json::Value;

const CONTACTS: &str = "\
id,email,score,changed
1,ann@example.com,10,2026-01-01
2,ben@example.com,many,2026-01-02
3,cem@example.com,30,yesterday
4,dan@example.com,40,2026-01-04,surplus
5,eve@example.com,50,2026-01-05
";

const MAP: &str = r#"
version: 1
record:
  key: "{id}"
  version: "{changed}"
  identifiers: { crm_id: "{id}", email: "{email}" }
  traits: { email: "{email}", score: { column: score, as: number } }
"#;

#[test]
fn bad_rows_are_kept_in_quarantine_and_the_rest_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, map, data) =
        (folder.path().join("contacts.csv"), folder.path().join("map.yaml"), folder.path().join("data"));
    std::fs::write(&file, CONTACTS).expect("a file");
    std::fs::write(&map, MAP).expect("a file");
    let (file, map) = (file.to_str().expect("plain"), map.to_str().expect("plain"));
    let report = run(&data, &["import", file, "--source", "crm", "--map", map, "--json"]).well().json();
    let figure = |name: &str| report[name].as_u64().expect("a figure");
    let (rows, facts, refused) = (figure("rows"), figure("facts"), figure("refused"));
    assert_eq!((rows, facts + refused), (5, 5));
    assert!(refused >= 2, "a time that is none, and a row with a cell too many: {report}");
    let quarantine = data.join(report["quarantine"].as_str().expect("a file"));
    let kept = std::fs::read_to_string(quarantine).expect("a file");
    let kept: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect();
    assert_eq!(kept.len() as u64, refused);
    for row in &kept {
        assert!(row["line"].is_u64() && row["code"].is_string() && row["raw"].is_string(), "{row}");
    }
    assert!(kept.iter().any(|row| row["line"] == 4), "line 4 has no time: {kept:?}");
    let emails = "select value from identifiers where kind = 'email' order by value";
    let found = run(&data, &["sql", emails, "--output", "csv"]).well().stdout;
    assert!(found.contains("ann@example.com") && found.contains("eve@example.com"), "{found}");
    assert!(!found.contains("cem@example.com"), "{found}");

    // The same file again brings nothing new.
    run(&data, &["import", file, "--source", "crm", "--map", map]).well();
    assert_eq!(run(&data, &["sql", emails, "--output", "csv"]).well().stdout, found);
}

#[test]
fn online_retail_is_right_to_the_cent() {
    let Some(file) = world::shared("insights/online-retail/online_retail.csv.gz") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let map = world::repository("examples/online-retail/map.yaml");
    let (file, map) = (file.to_str().expect("plain"), map.to_str().expect("plain"));
    let report = run(&data, &["import", file, "--source", "retail", "--map", map, "--json"]).well().json();
    assert_eq!((&report["rows"], &report["refused"]), (&541_909.into(), &0.into()), "{report}");
    assert_eq!(sql(&data, "select count(*) from events where event = 'Order Line'"), "541909");
    let sold = "from events where event = 'Order Line' and json_number(properties, 'quantity') > 0
        and json_number(properties, 'unit_price') > 0 and json_text(properties, 'customer_id') is not null";
    assert_eq!(sql(&data, &format!("select count(*) {sold}")), "397884");
    assert_eq!(sql(&data, &format!("select count(distinct owner) {sold}")), "4338");
    let sum = "round(sum(json_number(properties, 'quantity') * json_number(properties, 'unit_price')), 2)";
    assert_eq!(sql(&data, &format!("select {sum} {sold}")), "8911407.9");
    let buyers = "count('Order Line' where quantity > 0 and unit_price > 0 and exists(customer_id)) >= 1";
    let preview = run(&data, &["audiences", "preview", buyers, "--json"]).well().json();
    assert_eq!(preview["size"], 4_338);
}

/// Asks for one value.
fn sql(data: &std::path::Path, statement: &str) -> String {
    let answer = run(data, &["sql", statement, "--output", "csv"]).well().stdout;
    answer.lines().next_back().unwrap_or_default().to_owned()
}
