use collect::TABLES;
use collect::plans::{Judged, Plan, PlansInForce, violations};
use collect::spec::{Door, Route, accept};
use expect_test::{Expect, expect};
use kit::Timestamp;
use model::Event;
use store::Store;

pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T12:00:00Z").expect("a time")
}

pub fn event(source: &str, message: &str) -> Event {
    let taken =
        accept(Route::Batch, format!(r#"{{"batch":[{message}]}}"#).as_bytes(), &Door::live(source.into(), now()));
    taken.expect("a batch").events.pop().expect("a message that is taken")
}

/// A track `Order Completed` of user `u1` with these properties.
pub fn order(properties: &str) -> Event {
    event(
        "web",
        &format!(
            r#"{{"type":"track","event":"Order Completed","userId":"u1","messageId":"m1","properties":{properties}}}"#
        ),
    )
}

pub fn plan(text: &str) -> Plan {
    let (plan, problems) = Plan::parse("shop", 1, text);
    plan.unwrap_or_else(|| panic!("{problems:?}"))
}

pub fn in_force(store: &Store, text: &str) -> PlansInForce {
    let mut draft = store.draft();
    PlansInForce::define(&mut draft, "shop", text, now()).expect("a sound plan");
    store.commit(draft).expect("memory does not fail");
    PlansInForce::load(store, &PlansInForce::default()).expect("memory does not fail")
}

pub fn judge(text: &str, event: Event) -> Judged {
    in_force(&Store::in_memory(TABLES), text).judge(event)
}

pub const SHOP: &str = r##"
version: 1
sources: [web]
mode: MODE
rules:
  - track: Order Completed
    schema:
      properties:
        properties:
          type: object
          required: [total]
          additionalProperties: false
          properties:
            total: { type: number, minimum: 0 }
            currency: { enum: [EUR, USD] }
            coupon: { type: [string, "null"], pattern: "^[A-Z]{3}" }
            paid_at: { type: string, format: date-time }
            products:
              type: array
              items: { $ref: "#/definitions/product" }
      definitions:
        product:
          type: object
          required: [sku]
          properties: { sku: { type: string }, price: { type: number } }
"##;

pub fn shop(mode: &str) -> String {
    SHOP.replace("MODE", mode)
}

fn check(properties: &str, expected: Expect) {
    let verdict = plan(&shop("warn")).check(&order(properties));
    let lines = verdict
        .violations
        .iter()
        .map(|violation| format!("{} {} ({})\n", violation.kind.as_str(), violation.pointer, violation.expected));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn an_event_as_planned_breaks_nothing() {
    check(r#"{"total":8911407.90,"currency":"EUR","coupon":null,"products":[{"sku":"a"}]}"#, expect![""]);
}

#[test]
fn each_violation_is_told_with_its_kind_and_place() {
    check(
        r#"{"total":"12","currency":"GBP","coupon":"abc","paid_at":"today","colour":"red","products":[{"sku":"a","price":"x"},{}]}"#,
        expect![[r#"
            unplanned_property /properties/colour (must not be there)
            pattern /properties/coupon (pattern: "^[A-Z]{3}")
            not_in_enum /properties/currency (enum: ["EUR","USD"])
            pattern /properties/paid_at (format: "date-time")
            wrong_type /properties/products/0/price (type: "number")
            required_missing /properties/products/1/sku (must be there)
            wrong_type /properties/total (type: "number")
        "#]],
    );
    check(
        r#"{"total":-1}"#,
        expect![[r#"
        other /properties/total (minimum: 0)
    "#]],
    );
}

#[test]
fn what_is_required_is_missed_even_without_any_properties() {
    let event = event("web", r#"{"type":"track","event":"Order Completed","userId":"u1"}"#);
    let verdict = plan(&shop("warn")).check(&event);
    assert_eq!(verdict.violations[0].pointer, "/properties/total");
}

#[test]
fn names_that_look_like_addresses_are_not_told() {
    check(
        r#"{"total":1,"ann@example.com":1,"4917612345678":2}"#,
        expect![[r#"
        unplanned_property /properties/* (must not be there)
        unplanned_property /properties/* (must not be there)
    "#]],
    );
}

#[test]
fn rules_speak_of_their_own_events() {
    let text = "
version: 1
sources: all
unplanned_events: warn
rules:
  - common: all
    schema: { properties: { context: { required: [app] } } }
  - identify: all
    schema: { properties: { traits: { required: [plan] } } }
  - page: all
    schema: { properties: { properties: { required: [url] } } }
  - page: Home
    schema: { properties: { properties: { required: [hero] } } }
  - screen: Start
    schema: { required: [userId] }
";
    let plan = plan(text);
    let told = |message: &str| {
        let verdict = plan.check(&event("web", message));
        verdict
            .violations
            .iter()
            .map(|one| format!("{}: {} {}\n", one.rule, one.kind.as_str(), one.pointer))
            .collect::<String>()
    };
    let all: String = [
        told(r#"{"type":"identify","userId":"u"}"#),
        told(r#"{"type":"page","name":"Home","userId":"u","context":{"app":1}}"#),
        told(r#"{"type":"page","userId":"u","context":{"app":1}}"#),
        told(r#"{"type":"screen","name":"Start","anonymousId":"a","context":{"app":1}}"#),
        told(r#"{"type":"track","event":"Surprise","anonymousId":"a","context":{"app":1}}"#),
        told(r#"{"type":"alias","userId":"u","previousId":"v"}"#),
    ]
    .concat();
    expect![[r#"
        common: required_missing /context/app
        identify: required_missing /traits/plan
        page: all: required_missing /properties/url
        page: Home: required_missing /properties/hero
        page: all: required_missing /properties/url
        screen: Start: required_missing /userId
        unplanned_events: unplanned_event /event
        common: required_missing /context/app
    "#]]
    .assert_eq(&all);
}

#[test]
fn modes_do_as_they_say() {
    let broken = r#"{"total":8911407.90,"currency":"GBP","colour":"red","z":[1, 2]}"#;
    let shown = |mode: &str| {
        let judged = judge(&shop(mode), order(broken));
        let text = |raw: &Option<model::Raw>| raw.as_ref().map_or("-".to_owned(), |raw| raw.text().to_owned());
        let removed: Vec<_> =
            judged.removed.iter().map(|one| format!("{}={}", one.pointer, one.value.text())).collect();
        let marks = text(&judged.event.context).matches("\"kind\"").count();
        format!(
            "{mode}: held {}, broken {}, {}, marks {marks}, removed {removed:?}\n",
            judged.held,
            judged.broken[0].violations.len(),
            text(&judged.event.properties),
        )
    };
    let all: String = ["allow", "warn", "drop_field", "quarantine"].into_iter().map(shown).collect();
    expect![[r#"
        allow: held false, broken 3, {"total":8911407.90,"currency":"GBP","colour":"red","z":[1, 2]}, marks 0, removed []
        warn: held false, broken 3, {"total":8911407.90,"currency":"GBP","colour":"red","z":[1, 2]}, marks 3, removed []
        drop_field: held false, broken 3, {"total":8911407.90}, marks 3, removed ["/properties/colour=\"red\"", "/properties/currency=\"GBP\"", "/properties/z=[1, 2]"]
        quarantine: held true, broken 3, {"total":8911407.90,"currency":"GBP","colour":"red","z":[1, 2]}, marks 0, removed []
    "#]]
    .assert_eq(&all);
}

#[test]
fn a_required_field_is_never_dropped() {
    let judged = judge(&shop("drop_field"), order(r#"{"total":"12","products":[{"sku":1,"price":"x"}]}"#));
    let properties = judged.event.properties.expect("properties");
    assert_eq!(properties.text(), r#"{"total":"12","products":[{"sku":1}]}"#);
    assert_eq!(judged.removed.len(), 1);
}

#[test]
fn an_identifier_goes_with_the_field_it_came_from_unless_it_is_the_only_one() {
    let text = "{version: 1, sources: all, mode: drop_field, rules: [{identify: all, schema: {properties: {traits: {properties: {email: {pattern: '@shop[.]de$'}}}}}}]}";
    let identifiers = |message: &str| {
        let judged = judge(text, event("web", message));
        judged.event.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let text_of = |user: &str| format!(r#"{{"type":"identify",{user}"traits":{{"email":"ann@example.com"}}}}"#);
    assert_eq!(identifiers(&text_of(r#""userId":"u1","#)), "user_id:u1");
    assert_eq!(identifiers(&text_of("")), "email:ann@example.com");
}

#[test]
fn a_no_never_waits() {
    let message = |granted: bool| {
        format!(
            r#"{{"type":"track","event":"Order Completed","userId":"u1","context":{{"consent":{{"categoryPreferences":{{"ads":{granted}}}}}}}}}"#
        )
    };
    assert!(judge(&shop("quarantine"), event("web", &message(true))).held);
    let judged = judge(&shop("quarantine"), event("web", &message(false)));
    assert!(!judged.held && judged.event.context.expect("a mark").text().contains("required_missing"));
}

#[test]
fn plans_apply_to_their_sources() {
    let message = r#"{"type":"track","event":"Order Completed","userId":"u1"}"#;
    assert!(judge(&shop("quarantine"), event("crm", message)).broken.is_empty());
    assert!(!judge(&shop("quarantine"), event("web", message)).broken.is_empty());
}

#[test]
fn every_save_is_a_version_and_old_ones_stay() {
    let store = Store::in_memory(TABLES);
    let first = in_force(&store, &shop("warn"));
    let second = PlansInForce::load(&store, &first).expect("memory does not fail");
    assert!(std::sync::Arc::ptr_eq(first.get("shop").expect("a plan"), second.get("shop").expect("a plan")));
    let third = in_force(&store, &shop("allow"));
    assert_eq!(third.get("shop").map(|plan| plan.version), Some(2));
    let mut draft = store.draft();
    PlansInForce::withdraw(&mut draft, "shop", now()).expect("it is in force");
    assert!(PlansInForce::withdraw(&mut draft, "shop", now()).is_err());
    store.commit(draft).expect("memory does not fail");
    assert!(PlansInForce::load(&store, &third).expect("memory does not fail").get("shop").is_none());
    let versions = collect::plans::versions(&store, "shop").expect("memory does not fail");
    assert_eq!(
        versions.iter().map(|one| (one.version, one.withdrawn)).collect::<Vec<_>>(),
        [(1, false), (2, false), (3, true)]
    );
    assert_eq!(collect::plans::text_of(&store, "shop", 1).expect("memory does not fail"), Some(shop("warn")));
    assert_eq!(in_force(&store, &shop("warn")).get("shop").map(|plan| plan.version), Some(4));
}

#[test]
fn violations_are_counted_with_samples_and_no_values() {
    let store = Store::in_memory(TABLES);
    let plans = in_force(&store, &shop("warn"));
    for round in 0..2 {
        let mut counts = violations::Counts::default();
        for at in 0..4 {
            let mut event = order(r#"{"total":1,"currency":"GBP"}"#);
            event.message_id = format!("m{round}{at}");
            event.received_at = now().plus_ms(round * 10 + at);
            counts.note(&plans.judge(event));
        }
        let mut draft = store.draft();
        counts.write(&mut draft).expect("memory does not fail");
        assert!(counts.is_empty());
        store.commit(draft).expect("memory does not fail");
    }
    let counts = violations::list(&store, Some("shop")).expect("memory does not fail");
    expect![[r#"
        [
            ViolationCount {
                plan: "shop",
                version: 1,
                event: "Order Completed",
                kind: NotInEnum,
                pointer: "/properties/currency",
                count: 8,
                first_seen: Timestamp(
                    1795521600000,
                ),
                last_seen: Timestamp(
                    1795521600013,
                ),
                samples: [
                    "m03",
                    "m10",
                    "m11",
                    "m12",
                    "m13",
                ],
            },
        ]
    "#]]
    .assert_debug_eq(&counts);
}

#[test]
fn counts_stay_bounded_whatever_names_come() {
    let store = Store::in_memory(TABLES);
    let plans = in_force(&store, &shop("allow"));
    for round in 0..3 {
        let mut counts = violations::Counts::default();
        for at in 0..1_500 {
            counts.note(&plans.judge(order(&format!(r#"{{"total":1,"x{round}_{at}":1}}"#))));
        }
        let mut draft = store.draft();
        counts.write(&mut draft).expect("memory does not fail");
        store.commit(draft).expect("memory does not fail");
    }
    let counts = violations::list(&store, None).expect("memory does not fail");
    assert_eq!(counts.len(), 2_001);
    assert_eq!((counts[0].pointer.as_str(), counts[0].count), ("*", 2_500));
}
