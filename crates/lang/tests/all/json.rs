//! The JSON form as others write and read it.

use expect_test::{Expect, expect};
use lang::{Condition, Rule};

use crate::world::rule;

fn check(text: &str, expected: Expect) {
    let rule = rule(text);
    let json = serde_json::to_string(&rule).expect("a rule can be written");
    assert_eq!(serde_json::from_str::<Rule>(&json).expect("and read"), rule);
    expected.assert_eq(&json);
}

#[test]
fn shapes() {
    check(
        "country = 'DE' and not vip = true",
        expect![[
            r#"{"and":[{"trait":"country","is":{"op":"=","value":"DE"}},{"not":{"trait":"vip","is":{"op":"=","value":true}}}]}"#
        ]],
    );
    check(
        "a > 1.5 or b in ('x', 2) or exists(c.d) or e starts with 'f' or g contains 3",
        expect![[
            r#"{"or":[{"trait":"a","is":{"op":">","value":1.5}},{"trait":"b","is":{"op":"in","values":["x",2]}},{"trait":"c.d","is":{"op":"exists"}},{"trait":"e","is":{"op":"starts with","value":"f"}},{"trait":"g","is":{"op":"contains","value":3}}]}"#
        ]],
    );
    check(
        "count('Order Completed' where revenue > 50 and exists(coupon) in last 30 days) >= 3",
        expect![[
            r#"{"count":{"event":"Order Completed","where":{"and":[{"property":"revenue","is":{"op":">","value":50}},{"property":"coupon","is":{"op":"exists"}}]},"window":{"last_ms":2592000000}},"op":">=","number":3}"#
        ]],
    );
    check(
        "count(page) or count(page since '2026-01-01') = 0",
        expect![[
            r#"{"or":[{"count":{"event":"page"},"op":">=","number":1},{"count":{"event":"page","window":{"since":"2026-01-01T00:00:00.000Z"}},"op":"=","number":0}]}"#
        ]],
    );
    check(
        "count(page between '2026-01-01' and '2026-02-01T10:00:00Z') < 2",
        expect![[
            r#"{"count":{"event":"page","window":{"between":["2026-01-01T00:00:00.000Z","2026-02-01T10:00:00.000Z"]}},"op":"<","number":2}"#
        ]],
    );
    check(
        "seen < time('2026-01-01') and in audience 'x'",
        expect![[
            r#"{"and":[{"trait":"seen","is":{"op":"<","value":{"time":"2026-01-01T00:00:00.000Z"}}},{"audience":"x"}]}"#
        ]],
    );
}

#[test]
fn lenient_where_nothing_is_lost() {
    let same = |json: &str, text: &str| assert_eq!(serde_json::from_str::<Rule>(json).expect("a rule"), rule(text));
    same(r#"{"and": [{"audience": "x"}]}"#, "in audience 'x'");
    same(r#"{"count": {"event": "x"}}"#, "count('x') >= 1");
    same(r#"{"trait": "t", "is": {"op": "=", "value": {"time": "2026-01-01"}}}"#, "t = time('2026-01-01')");
}

#[test]
fn mistakes_have_a_message() {
    let mistakes = [
        r#"{"trait": "a"}"#,
        r#"{"trait": "a", "is": {"op": "like", "value": 1}}"#,
        r#"{"trait": "a", "is": {"op": "=", "value": [1]}}"#,
        r#"{"trait": "a", "is": {"op": "=", "value": 1, "case": false}}"#,
        r#"{"trait": "a", "is": {"op": "<", "value": true}}"#,
        r#"{"trait": "a", "is": {"op": "in", "values": []}}"#,
        r#"{"trait": "", "is": {"op": "exists"}}"#,
        r#"{"and": [], "or": []}"#,
        r#"{"and": []}"#,
        r#"{"xor": []}"#,
        r#"{"count": {"event": "x", "within": 3}}"#,
        r#"{"count": {"event": "x", "window": {"last_days": 3}}}"#,
        r#"{"count": {"event": "x", "window": {"last_ms": 0}}}"#,
        r#"{"count": {"event": "x"}, "op": ">="}"#,
        r#"{"count": {"event": "x"}, "op": "contains", "number": 1}"#,
        r#"{"count": {"event": "x"}, "op": ">", "number": -1}"#,
        r#"{"count": {"event": "x", "where": {"trait": "a", "is": {"op": "exists"}}}}"#,
        "[]",
    ];
    let message = |json: &str| serde_json::from_str::<Rule>(json).expect_err(json).to_string();
    let messages: Vec<_> = mistakes.into_iter().map(|json| format!("{json}\n  {}", message(json))).collect();
    expect![[r#"
        {"trait": "a"}
          a question has `trait` and `is`, or `count`, `op` and `number`, or `audience`
        {"trait": "a", "is": {"op": "like", "value": 1}}
          a check has an `op` of `=`, `!=`, `<`, `<=`, `>`, `>=`, `contains` or `starts with` (a text) and its `value`, or `in` and its `values`, or `exists` alone
        {"trait": "a", "is": {"op": "=", "value": [1]}}
          a value is a text, a number, `true`, `false` or `{"time": "2026-01-01"}`
        {"trait": "a", "is": {"op": "=", "value": 1, "case": false}}
          unknown field `case`, expected one of `op`, `value`, `values`
        {"trait": "a", "is": {"op": "<", "value": true}}
          `true` and `false` have no order: use `=` or `!=`
        {"trait": "a", "is": {"op": "in", "values": []}}
          `in (…)` needs at least one value
        {"trait": "", "is": {"op": "exists"}}
          the name of the trait is empty
        {"and": [], "or": []}
          `and` stands alone in its object
        {"and": []}
          `and` needs at least one part
        {"xor": []}
          unknown field `xor`, expected one of `trait`, `is`, `count`, `op`, `number`, `audience`
        {"count": {"event": "x", "within": 3}}
          unknown field `within`, expected one of `event`, `where`, `window`
        {"count": {"event": "x", "window": {"last_days": 3}}}
          unknown variant `last_days`, expected one of `last_ms`, `since`, `between`
        {"count": {"event": "x", "window": {"last_ms": 0}}}
          a window of no length holds nothing
        {"count": {"event": "x"}, "op": ">="}
          a count is compared with both `op` and `number`, or with neither
        {"count": {"event": "x"}, "op": "contains", "number": 1}
          a count is compared by `=`, `!=`, `<`, `<=`, `>` or `>=`
        {"count": {"event": "x"}, "op": ">", "number": -1}
          invalid value: integer `-1`, expected u32
        {"count": {"event": "x", "where": {"trait": "a", "is": {"op": "exists"}}}}
          unknown field `trait`, expected `property` or `is`
        []
          a rule is an object: `and`, `or`, `not` or a question"#]].assert_eq(&messages.join("\n"));
}

#[test]
fn deep_json_is_refused() {
    let nested = |levels: usize| format!("{}{{\"audience\":\"x\"}}{}", "{\"not\":".repeat(levels), "}".repeat(levels));
    assert!(serde_json::from_str::<Rule>(&nested(40)).is_ok());
    assert!(serde_json::from_str::<Rule>(&nested(60)).is_err());
    assert!(serde_json::from_str::<Rule>(&nested(10_000)).is_err());
}

#[test]
fn conditions_are_coded_errors() {
    use kit::Coded;
    let error = Condition::from_json("{\"property\":\"a\"}").expect_err("`is` is missing");
    assert_eq!((error.code(), error.is_retryable()), ("invalid_rule_json", false));
    expect!["the JSON form cannot be read: missing field `is`"].assert_eq(&error.to_string());
}
