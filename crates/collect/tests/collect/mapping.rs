//! The mapping language: what is wrong with a file is said at once, with places and alternatives.

use collect::files::Mapping;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    let (mapping, problems) = Mapping::parse(text);
    assert_eq!(mapping.is_some(), problems.is_empty());
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_good_mapping_has_no_problems() {
    check(
        r#"
version: 1
format: csv
delimiter: ";"
phone_region: DE
empty: [NULL, "-"]
skip_when: [{ column: test, is: "1" }, { text: "{a}{b}", empty: false }]
record:
  key: "{id}"
  version: { column: changed, as: time, format: "%d.%m.%Y" }
  delete_when: { column: status, is: [deleted] }
  identifiers: { crm_id: "{id}", email: ["{Mail}", "{Mail 2}"] }
  traits: { name: "{First} {Last}", address.city: "{City}", vip: { column: VIP, as: boolean, default: "no" } }
  consents: [{ purpose: mail, column: Opt, granted: [J], denied: [N] }]
"#,
        expect![""],
    );
}

#[test]
fn columns_are_known_by_name() {
    let (mapping, _) =
        Mapping::parse(r#"{version: 1, event: {name: "{{x}} {a}", message_id: "{row}-{b}", identifiers: {u: "{a}"}}}"#);
    assert_eq!(mapping.expect("a good mapping").columns(), ["a", "b"]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    check(
        r#"
version: 2
colour: red
format: xml
delimiter: ";;"
phone_region: Germany
only_when: { column: a }
record:
  version: { column: b, as: integer }
  identifiers: { E-Mail: "{a}", group_id: "{b}" }
  traits: { x: { column: c, as: decimal }, y: "{c", z: [], x: "{c}", x.y: "{c}" }
  consents: [{ purpose: mail, column: Opt }]
  consents: []
"#,
        expect![[r#"
            line 2, column 10: the only `version` is `1`
            line 3, column 1: `colour` is unknown in a mapping (known: `version`, `format`, `delimiter`, `phone_region`, `empty`, `only_when`, `skip_when`, `record`, `event`, `segment`)
            line 4, column 9: `xml` is not one of `csv`, `ndjson`, `parquet`
            line 5, column 12: `delimiter` must be one ASCII character
            line 6, column 15: `Germany` is not a country code (use two capital letters, e.g. `US`)
            line 7, column 12: exactly one of `is`, `is_not` and `empty` is needed
            line 9, column 3: `record` needs `key`
            line 9, column 12: this value must be a time
            line 10, column 18: `E-Mail` is no kind of identifier (use lower-case letters, digits and `_`)
            line 10, column 33: `group_id` cannot identify a person (put it among the properties)
            line 11, column 33: `decimal` is not one of `text`, `number`, `integer`, `boolean`, `time`, `json`
            line 11, column 47: `{` without `}` after it (write `{{` for the brace itself)
            line 11, column 56: a text like `"{Column}"`, or `{ column: … }`, is expected
            line 11, column 60: `x` is there twice
            line 11, column 70: `x.y` is there twice, or is empty between its dots
            line 12, column 14: a consent needs `granted` or `denied`, each a list of texts
            line 13, column 3: `consents` is there twice"#]],
    );
}

#[test]
fn exactly_one_target() {
    check("", expect!["line 1, column 1: a mapping must be a map of keys and values"]);
    check("version: 1", expect!["line 1, column 1: exactly one of `record`, `event` and `segment` is needed"]);
    check(
        "version: 1\nsegment: { x: 1 }\nevent: {}\n",
        expect!["line 1, column 1: exactly one of `record`, `event` and `segment` is needed"],
    );
    check("version: 1\nsegment: { x: 1 }", expect!["line 2, column 12: `x` is unknown: `segment` takes no keys"]);
    check(
        "version: 1\nevent: { kind: purchase }",
        expect![[r#"
            line 2, column 8: `identifiers` needs at least one entry, e.g. `email: "{Email}"`
            line 2, column 16: `purchase` is not one of `track`, `page`, `screen`, `identify`, `group`, `consent`"#]],
    );
}

#[test]
fn what_is_no_yaml_is_said_with_its_place() {
    let (mapping, problems) = Mapping::parse("version: 1\nrecord: [\n");
    assert!(mapping.is_none());
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.starts_with("not valid YAML: "), "{}", problems[0]);
    check("a: &x 1\nb: *x", expect!["line 2, column 4: aliases are not allowed"]);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(Mapping::parse(&deep).1.len(), 1);
}
