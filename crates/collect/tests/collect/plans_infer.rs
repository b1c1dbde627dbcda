use collect::plans::infer::{Options, Sketch};
use collect::plans::{Plan, Sources};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::plans::event;
use model::Event;

fn track(name: &str, properties: &Value) -> Event {
    event(
        "web",
        &json!({ "type": "track", "event": name, "userId": "u", "messageId": "m", "properties": properties })
            .to_string(),
    )
}

fn plan_of(events: &[Event], options: &Options) -> String {
    Sketch::of(events).plan(&Sources::All, options)
}

#[test]
fn a_shop_becomes_a_plan() {
    let order = |at: u64| {
        let currency = if at.is_multiple_of(2) { "EUR" } else { "USD" };
        let mut properties = json!({
            "total": at as f64 + 0.5, "count": at, "currency": currency, "email": "ann@example.com", "first_name": "Ann",
            "shop": format!("Shop {}", at % 2), "seller": if at.is_multiple_of(2) { "Ann Lee" } else { "Bo Ek" }, "code": format!("c{at}"),
            "products": [{ "sku": "a", "price": 1 }, { "sku": "b", "price": 1.5 }],
        });
        if at.is_multiple_of(3) {
            properties["coupon"] = Value::Null;
        }
        track("Order Completed", &properties)
    };
    let events: Vec<_> = (0..12).map(order).collect();
    let text = plan_of(&events, &Options { closed: true, ..Options::default() });
    let plan: Value = serde_json::from_str(&text).expect("a plan is JSON");
    expect![[r#"{"additionalProperties":false,"properties":{"code":{"type":"string"},"count":{"type":"integer"},"coupon":{"type":"null"},"currency":{"enum":["EUR","USD"],"type":"string"},"email":{"type":"string"},"first_name":{"type":"string"},"products":{"items":{"additionalProperties":false,"properties":{"price":{"type":"number"},"sku":{"enum":["a","b"],"type":"string"}},"required":["price","sku"],"type":"object"},"type":"array"},"seller":{"type":"string"},"shop":{"enum":["Shop 0","Shop 1"],"type":"string"},"total":{"type":"number"}},"required":["code","count","currency","email","first_name","products","seller","shop","total"],"type":"object"}"#]]
        .assert_eq(&plan["rules"][0]["schema"]["properties"]["properties"].to_string());
    assert!(!text.contains("Ann") && !text.contains('@'));
}

#[test]
fn a_share_makes_rare_gaps_violations() {
    let events: Vec<_> = (0..20).map(|at| track("A", &if at == 7 { json!({}) } else { json!({ "x": 1 }) })).collect();
    let required = |share: f64| {
        let text = plan_of(&events, &Options { required_share: share, ..Options::default() });
        text.contains("\"required\"")
    };
    assert!(required(0.95) && !required(0.96));
}

#[test]
fn a_sketch_says_what_was_seen_and_prints_no_value() {
    let sketch = Sketch::of(&[track("A", &json!({ "x": { "secret": "red" } })), track("ann@example.com", &json!({}))]);
    assert_eq!(sketch.seen().len(), 1);
    assert_eq!((sketch.seen()[0].events, sketch.seen()[0].fields), (1, 2));
    assert!(sketch.is_partial());
    assert_eq!(format!("{sketch:?}"), "Sketch { sorts: 1, more: true }");
}

#[test]
fn memory_stays_bounded_and_the_plan_the_same_in_any_order() {
    let wide = |at: usize| {
        let fields = (0..300).map(|field| (format!("f{}", (field * 7 + at * 13) % 900), json!({ "deep": at })));
        track(&format!("E{}", at % 250), &Value::Object(fields.collect()))
    };
    let events: Vec<_> = (0..500).map(wide).collect();
    let forward = Sketch::of(&events);
    let backward = Sketch::of(events.iter().rev());
    assert!(forward == backward);
    assert_eq!(forward.seen().len(), 200);
    assert!(forward.seen().iter().all(|sort| sort.fields <= 200));
    let plan = Plan::parse("p", 1, &forward.plan(&Sources::All, &Options { closed: true, ..Options::default() }));
    let plan = plan.0.unwrap_or_else(|| panic!("{:?}", plan.1.first()));
    for event in &events {
        assert!(plan.check(event).violations.iter().all(|one| one.rule == "unplanned_events"));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-d]|\\PC{1,3}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let object = proptest::collection::btree_map("[a-d]", value(), 0..5);
    let event = ("[AB]|identify|page", object).prop_map(|(name, fields)| {
        let fields = Value::Object(fields.into_iter().collect());
        match name.as_str() {
            "identify" => event("web", &json!({ "type": "identify", "userId": "u", "traits": fields }).to_string()),
            "page" => event("web", &json!({ "type": "page", "userId": "u", "properties": fields }).to_string()),
            name => track(name, &fields),
        }
    });
    proptest::collection::vec(event, 1..12)
}

fn strict() -> Options {
    Options { required_share: 1.0, required_seen: 1, enum_values: 8, enum_seen: 1, closed: true }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_accepts_all_events_that_it_was_inferred_from(events in events()) {
        let text = plan_of(&events, &strict());
        let (plan, problems) = Plan::parse("p", 1, &text);
        let plan = plan.ok_or_else(|| TestCaseError::fail(format!("{problems:?} {text}")))?;
        for event in &events {
            prop_assert!(plan.check(event).is_sound(), "{text}");
        }
    }

    #[test]
    fn pieces_merge_into_the_whole(events in events(), cut in 0usize..12) {
        let cut = cut.min(events.len());
        let mut merged = Sketch::of(&events[cut..]);
        merged.merge(Sketch::of(&events[..cut]));
        prop_assert!(merged == Sketch::of(&events));
    }
}
