//! What holds of dropped fields for every plan and event.

use collect::plans::{Kind, Plan, Violation};
use model::Event;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::plans::{judge, order, plan};

fn field() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "type": "integer" })),
        Just(json!({ "type": "string", "pattern": "^x" })),
        Just(json!({ "enum": [1, "x"] })),
        Just(json!(false)),
        Just(json!({ "not": { "type": "string" } })),
        Just(json!({})),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![object_schema(inner.clone()), inner.prop_map(|items| json!({ "type": "array", "items": items })),]
    })
}

fn object_schema(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let fields = proptest::collection::btree_map("[a-d]", inner, 0..4);
    let required = proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..3);
    let clause = prop_oneof![
        4 => Just(json!({})),
        1 => Just(json!({ "dependencies": { "a": { "properties": { "b": { "type": "integer" } } } } })),
        1 => Just(json!({ "if": { "required": ["c"] }, "then": { "required": ["d"] } })),
        1 => Just(json!({ "minProperties": 2 })),
        1 => Just(json!({ "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] })),
    ];
    (fields, required, any::<bool>(), clause).prop_map(|(fields, required, closed, clause)| {
        let mut schema = clause.as_object().cloned().unwrap_or_default();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), Value::Object(fields.into_iter().collect::<Map<_, _>>()));
        schema.insert("required".to_owned(), json!(required));
        schema.insert("additionalProperties".to_owned(), json!(!closed));
        Value::Object(schema)
    })
}

fn instance() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(1)), Just(json!("x")), Just(json!("y")), Just(json!(null)), Just(json!(true))];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::btree_map("[a-e]", inner.clone(), 0..5).prop_map(|fields| json!(fields)),
            proptest::collection::vec(inner, 0..3).prop_map(Value::from),
        ]
    })
}

fn text_of(schema: &Value) -> String {
    let schema = json!({ "properties": { "properties": schema } });
    json!({ "version": 1, "sources": "all", "mode": "drop_field", "rules": [{ "track": "Order Completed", "schema": schema }] })
        .to_string()
}

fn found(plan: &Plan, event: &Event) -> Vec<Violation> {
    let mut violations = plan.check(event).violations;
    violations.sort();
    violations
}

/// The event with a field removed by hand.
fn without(properties: &Value, pointer: &str) -> Value {
    let mut left = properties.clone();
    let inner = pointer.strip_prefix("/properties").expect("a field of the properties");
    let (parent, name) = inner.rsplit_once('/').expect("a field has a parent");
    let parent = left.pointer_mut(parent).and_then(Value::as_object_mut).expect("a field of an object");
    parent.remove(name).expect("the field is there");
    left
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn dropping_breaks_nothing_new_and_takes_no_more_than_needed(
        schema in object_schema(field()),
        properties in proptest::collection::btree_map("[a-e]", instance(), 0..5),
    ) {
        let text = text_of(&schema);
        let properties = json!(properties);
        let plan = plan(&text);
        let before = order(&properties.to_string());
        let judged = judge(&text, before.clone());
        let (old, left) = (found(&plan, &before), found(&plan, &judged.event));
        prop_assert!(left.iter().all(|one| old.contains(one)), "new violations: {left:?}");
        prop_assert!(judged.removed.is_empty() || left.len() < old.len());

        // Nothing more can be dropped: each offending field that is left could only go by breaking something else.
        let left_properties: Value = serde_json::from_str(judged.event.properties.as_ref().expect("properties").text()).expect("JSON");
        for one in left.iter().filter(|one| one.kind != Kind::RequiredMissing) {
            let name = one.pointer.rsplit('/').next().unwrap_or_default();
            if one.pointer == "/properties" || name.parse::<usize>().is_ok() {
                continue;
            }
            let fewer = found(&plan, &order(&without(&left_properties, &one.pointer).to_string()));
            prop_assert!(fewer.iter().any(|new| !left.contains(new)), "`{}` could go", one.pointer);
        }

        // And each field that went had to: by itself, back in its place, it breaks something.
        for removed in &judged.removed {
            let mut with = left_properties.clone();
            let inner = removed.pointer.strip_prefix("/properties").expect("a field of the properties");
            let (parent, name) = inner.rsplit_once('/').expect("a field has a parent");
            let Some(parent) = with.pointer_mut(parent).and_then(Value::as_object_mut) else { continue };
            let value = serde_json::from_str(removed.value.text()).expect("JSON");
            parent.insert(name.to_owned(), value);
            let again = found(&plan, &order(&with.to_string()));
            prop_assert!(again.iter().any(|one| !left.contains(one)), "`{}` could have stayed", removed.pointer);
        }
    }
}
