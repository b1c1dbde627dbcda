use std::time::{Duration, Instant};

use collect::plans::Plan;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::plans::{order, plan};

fn problems(text: &str) -> String {
    let (plan, problems) = Plan::parse("shop", 1, text);
    assert_eq!(plan.is_some(), problems.is_empty());
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

fn refused(text: &str, expected: Expect) {
    expected.assert_eq(&problems(text));
}

fn with_schema(schema: &Value) -> String {
    json!({ "version": 1, "sources": "all", "rules": [{ "track": "Order Completed", "schema": schema }] }).to_string()
}

fn schema_problems(schema: Value) -> String {
    let text = problems(&with_schema(&schema));
    text.lines().map(|line| format!("{}\n", line.split_once(": ").map_or(line, |(_, message)| message))).collect()
}

#[test]
fn all_mistakes_are_told_at_once() {
    refused(
        "
version: 2
sources: [Web Shop]
mode: block
colour: red
rules:
  - track: A
    schema: { properties: { properties: { type: objekt } } }
  - identify: someone
    schema: { $schema: 'http://json-schema.org/draft-04/schema#' }
  - track: B
    page: all
    mode: quarantine
    schema: { pattern: '(?=x)y' }
  - track: A
    schema: { minimum: low, minimum: 1 }
  - group: all
",
        expect![[r#"
            line 2, column 10: the only `version` is `1`
            line 3, column 11: `Web Shop` is no name for a source
            line 4, column 7: `block` is not one of `allow`, `warn`, `drop_field`, `quarantine`
            line 5, column 1: `colour` is unknown in a plan (known: `version`, `description`, `sources`, `mode`, `unplanned_events`, `rules`)
            line 8, column 49: this is not valid under any of the schemas listed in the 'anyOf' keyword
            line 9, column 15: `identify` has no names (write `identify: all`)
            line 10, column 24: `$schema` is `http://json-schema.org/draft-07/schema#` (taken when absent) or `https://json-schema.org/draft/2020-12/schema`
            line 11, column 5: exactly one of `common`, `track`, `identify`, `group`, `page`, `screen` is needed
            line 14, column 24: a pattern must be readable in linear time (no look-around, no back-references) and at most 256 KiB when compiled
            line 16, column 29: `minimum` is there twice
            line 17, column 5: a rule needs a `schema`
        "#]],
    );
}

#[test]
fn json_problems_have_places_too() {
    refused(
        "{\n  \"version\": 1,\n  \"sources\": \"al\\u006c\",\n  \"rules\": [ {\"track\": \"😀\", \"schemes\": 1} ]\n}",
        expect![[r#"
        line 4, column 14: a rule needs a `schema`
        line 4, column 29: `schemes` is unknown in a rule (known: `common`, `track`, `identify`, `group`, `page`, `screen`, `description`, `mode`, `schema`)
    "#]],
    );
    refused(
        "{\"version\": 1,,}",
        expect![[r#"
        line 1, column 15: not valid JSON
    "#]],
    );
    refused(
        "{\"version\": \"\\ud800\"}",
        expect![[r#"
        line 1, column 13: not a text that can be read
    "#]],
    );
}

#[test]
fn nothing_is_fetched() {
    let outside = json!({ "properties": {
        "a": { "$ref": "http://127.0.0.1:9/x.json" },
        "b": { "$ref": "file:///etc/passwd" },
        "c": { "$ref": "other.json#/x" },
        "d": { "$ref": "#/nowhere" },
        "e": { "$id": "http://127.0.0.1:9/", "$ref": "#/x" },
        "f": { "$dynamicRef": "#x" },
    }});
    expect![[r##"
        a `$ref` must lead into its own schema, e.g. `#/$defs/money`: nothing is fetched
        a `$ref` must lead into its own schema, e.g. `#/$defs/money`: nothing is fetched
        a `$ref` must lead into its own schema, e.g. `#/$defs/money`: nothing is fetched
        this `$ref` leads nowhere
        `$id`, `$anchor`, `$dynamicRef` and `$recursiveRef` are not taken (use `$ref: "#/$defs/…"`)
        this `$ref` leads nowhere
        `$id`, `$anchor`, `$dynamicRef` and `$recursiveRef` are not taken (use `$ref: "#/$defs/…"`)
    "##]]
    .assert_eq(&schema_problems(outside));
}

#[test]
fn circles_and_bombs_are_refused() {
    let circle = "this `$ref` leads in a circle\n";
    assert_eq!(schema_problems(json!({ "allOf": [{ "$ref": "#" }] })), circle);
    assert_eq!(schema_problems(json!({ "properties": { "a": { "not": { "$ref": "#/properties/a" } } } })), circle);
    let two = json!({ "$ref": "#/definitions/a", "definitions": {
        "a": { "items": { "$ref": "#/definitions/b" } }, "b": { "$ref": "#/definitions/a" } } });
    assert!(schema_problems(two).contains(circle.trim()));
    let doubling = |levels: usize| {
        let next = |level: usize| json!({ "$ref": format!("#/definitions/d{}", level + 1) });
        let level = |level: usize| (format!("d{level}"), json!({ "allOf": [next(level), next(level)] }));
        let mut definitions: serde_json::Map<_, _> = (0..levels).map(level).collect();
        definitions.insert(format!("d{levels}"), json!({ "type": "object" }));
        json!({ "$ref": "#/definitions/d0", "definitions": definitions })
    };
    assert!(schema_problems(doubling(14)).contains("too large"));
    assert_eq!(schema_problems(doubling(6)), "");
    let chain = |links: usize| {
        let link = |link: usize| (format!("c{link}"), json!({ "$ref": format!("#/definitions/c{}", link + 1) }));
        let mut definitions: serde_json::Map<_, _> = (0..links).map(link).collect();
        definitions.insert(format!("c{links}"), json!(true));
        json!({ "$ref": "#/definitions/c0", "definitions": definitions })
    };
    assert!(schema_problems(chain(5_000)).contains("nested too deeply"));
    assert_eq!(schema_problems(chain(10)), "");
}

#[test]
fn deep_nesting_is_refused_in_either_form() {
    let deep = (0..60).fold(json!({}), |inner, _| json!({ "not": inner }));
    assert!(schema_problems(deep).contains("nested too deeply"));
    let yaml = |open: &str, close: &str| {
        let schema = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
        problems(&format!("version: 1\nsources: all\nrules: [{{track: A, schema: {schema}}}]"))
    };
    assert!(yaml("[", "]").contains("recursion limit exceeded"));
    assert!(yaml("{a: ", "}").contains("nested too deeply"));
    let json = format!("{{\"rules\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(problems(&json).contains("too deeply"));
    assert!(problems(&"a: 1\n".repeat(4 << 20)).contains("at most 16 MiB"));
    assert!(problems("a: &x [1]\nb: *x").contains("aliases are not allowed"));
}

#[test]
fn patterns_are_read_in_linear_time_or_refused() {
    let pattern = |pattern: &str| {
        schema_problems(json!({ "properties": { "properties": { "properties": { "x": { "pattern": pattern } } } } }))
    };
    for refused in ["(?=a)b", "(a)\\1", "(?<!a)b", "(\\w{1000}){1000}", "("] {
        assert!(pattern(refused).contains("linear time"), "{refused}: {}", pattern(refused));
    }
    for taken in ["^(a+)+$", "(a|a)*b", "\\d{3}-\\d{4}", "^\\p{Lu}"] {
        assert_eq!(pattern(taken), "", "{taken}");
    }
    let plan = plan(&with_schema(
        &json!({ "properties": { "properties": { "properties": { "x": { "pattern": "^(a+)+$" } } } } }),
    ));
    let event = order(&format!(r#"{{"x":"{}!"}}"#, "a".repeat(30_000)));
    let started = Instant::now();
    assert_eq!(plan.check(&event).violations.len(), 1);
    assert!(started.elapsed() < Duration::from_secs(1));
    let many: serde_json::Map<_, _> = (0..501).map(|at| (format!("p{at}"), json!({ "pattern": "x" }))).collect();
    assert!(schema_problems(json!({ "properties": many })).contains("too many patterns"));
}

#[test]
fn either_draft_means_what_it_says() {
    let tuple = |draft: &str, key: &str| {
        let schema = json!({ "$schema": draft, "properties": { "properties": { "properties": { "x": { key: [{ "type": "string" }] } } } } });
        plan(&with_schema(&schema)).check(&order(r#"{"x":[1]}"#)).violations.len()
    };
    assert_eq!(tuple("http://json-schema.org/draft-07/schema#", "items"), 1);
    assert_eq!(tuple("https://json-schema.org/draft/2020-12/schema", "prefixItems"), 1);
}

#[test]
fn an_event_of_offending_fields_is_no_burden() {
    let text = crate::plans::shop("drop_field");
    let many: String = (0..2_500).map(|at| format!(r#","x{at}":{at}"#)).collect();
    let started = Instant::now();
    let judged = crate::plans::judge(&text, order(&format!(r#"{{"total":1{many}}}"#)));
    assert_eq!(judged.event.properties.expect("properties").text(), r#"{"total":1}"#);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = Plan::parse("shop", 1, &text);
        let _ = collect::quarantine::Mend::parse(&text);
    }

    #[test]
    fn no_spoilt_plan_panics(at in 0usize..900, with in "[\\{\\}\\[\\],:\"' \\n&*#-]{1,3}") {
        let mut text = crate::plans::shop("warn");
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.insert_str(at, &with);
        let (plan, problems) = Plan::parse("shop", 1, &text);
        prop_assert_eq!(plan.is_some(), problems.is_empty());
    }
}
