//! Tracking plans at the doors: what each mode does, what is counted, and how a plan comes to be.

use expect_test::expect;
use lake::journal::Entry;
use model::{Event, Fact};
use serde_json::{Value, json};

use crate::World;

/// A plan for orders of the sources `web` and `app`.
pub fn shop(mode: &str) -> Value {
    let plan = format!(
        "
        version: 1
        sources: [web, app]
        mode: {mode}
        rules:
          - track: Order Completed
            schema:
              properties:
                properties:
                  required: [total]
                  properties: {{ total: {{ type: number }}, colour: {{ enum: [red, blue] }} }}
        "
    );
    json!({ "plan": plan })
}

/// A message about an order.
pub fn order(id: &str, properties: Value) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": "u1", "messageId": id,
        "timestamp": "2026-11-20T10:00:00Z", "properties": properties
    })
}

impl World {
    /// A world with a source `web` and a plan for it.
    pub async fn with_plan(mode: &str) -> Self {
        let world = Self::new();
        for name in ["web", "crm"] {
            let source = json!({ "name": name, "write_key": format!("KEY-OF-{name}") });
            assert_eq!(world.post("/v1/sources", source).await.0, 201);
        }
        assert_eq!(
            world.ask("PUT", "/v1/plans/shop", shop(mode)).await,
            (200, json!({ "name": "shop", "version": 1 }))
        );
        world
    }

    /// Sends messages as `web`, and returns the answer with its verdicts.
    pub async fn send(&self, messages: &[Value]) -> Value {
        self.send_as("web", messages).await
    }

    pub async fn send_as(&self, source: &str, messages: &[Value]) -> Value {
        let key = format!("KEY-OF-{source}");
        let batch = json!({ "batch": messages });
        let (status, answer) = self.ask_as("POST", "/v1/batch?verdicts=1", ("x-write-key", &key), batch).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Every event of the journal.
    pub fn journal(&self) -> Vec<Event> {
        let entries = self.house.journal.reader(1).map(|entry| entry.expect("the journal is sound"));
        let event = |entry| match entry {
            Entry::Fact { fact: Fact::Event(event), .. } => event,
            other => panic!("no event: {other:?}"),
        };
        entries.map(event).collect()
    }

    pub fn journal_ids(&self) -> Vec<String> {
        self.journal().into_iter().map(|event| event.message_id).collect()
    }

    pub async fn walked(&self) {
        self.walker.wait_for(self.house.journal.durable_seq()).await;
    }
}

fn verdicts(answer: &Value) -> Vec<&str> {
    let verdicts = answer["verdicts"].as_array().expect("there are verdicts").iter();
    verdicts.map(|verdict| verdict["verdict"].as_str().expect("a word")).collect()
}

#[tokio::test]
async fn each_mode_does_what_it_says() {
    let mut found = String::new();
    for mode in ["allow", "warn", "drop_field", "quarantine"] {
        let world = World::with_plan(mode).await;
        let messages = [order("good", json!({ "total": 1 })), order("bad", json!({ "colour": "green", "total": 1 }))];
        let answer = world.send(&messages).await;
        found += &format!("{mode}: {:?}\n", verdicts(&answer));
        for event in world.journal() {
            let context = event.context.map(|raw| raw.object()).unwrap_or_default();
            let marks = context.get("plan_violations").and_then(Value::as_array).cloned().unwrap_or_default();
            let marks: Vec<_> = marks.iter().map(|mark| format!("{} {}", mark["kind"], mark["mode"])).collect();
            let properties = event.properties.expect("properties");
            found +=
                &format!("  {} {} {}\n", event.message_id, properties.text(), marks.join(", ")).replace(" \n", "\n");
        }
    }
    expect![[r#"
        allow: ["stored", "stored"]
          good {"total":1}
          bad {"colour":"green","total":1}
        warn: ["stored", "stored"]
          good {"total":1}
          bad {"colour":"green","total":1} "not_in_enum" "warn"
        drop_field: ["stored", "stored"]
          good {"total":1}
          bad {"total":1} "not_in_enum" "drop_field"
        quarantine: ["stored", "quarantined"]
          good {"total":1}
    "#]]
    .assert_eq(&found);
}

#[tokio::test]
async fn in_a_batch_each_message_has_its_verdict_and_a_retry_changes_nothing() {
    let world = World::with_plan("quarantine").await;
    let bad = |id: &str| order(id, json!({ "total": "a lot" }));
    let good = |id: &str| order(id, json!({ "total": 3 }));
    let batch = [bad("b1"), json!({ "type": "dance" }), good("g1"), bad("b2"), json!(7), good("g2")];
    let expected = ["quarantined", "refused", "stored", "quarantined", "refused", "stored"];
    for _ in 0..2 {
        let answer = world.send(&batch).await;
        assert_eq!(verdicts(&answer), expected);
        assert_eq!((&answer["accepted"], &answer["quarantined"]), (&json!(2), &json!(2)));
        assert_eq!(
            answer["verdicts"][3],
            json!({
                "index": 3, "verdict": "quarantined", "message_id": "b2", "plan": "shop", "code": "wrong_type",
                "message": "track: Order Completed at `/properties/total`: type: \"number\""
            })
        );
    }
    let (_, held) = world.get("/v1/quarantine").await;
    let ids: Vec<_> = held["data"].as_array().expect("a list").iter().map(|row| &row["message_id"]).collect();
    assert_eq!(ids, ["b1", "b2"], "a retry holds nothing twice");
    assert_eq!(world.journal_ids(), ["g1", "g2", "g1", "g2"], "the walker knows those that came again");
    world.walked().await;
    let (_, sources) = world.get("/v1/sources").await;
    let web = sources["data"].as_array().expect("a list").iter().find(|row| row["name"] == "web").expect("is there");
    assert_eq!((&web["facts"], &web["repeated"], &web["quarantined"]), (&json!(2), &json!(2), &json!(2)));
}

#[tokio::test]
async fn a_single_message_that_is_held_is_a_success_and_other_sources_are_not_asked() {
    let world = World::with_plan("quarantine").await;
    let bad = order("b1", json!({}));
    let key = ("x-write-key", "KEY-OF-web");
    let answer = world.ask_as("POST", "/v1/track", key, bad.clone()).await;
    assert_eq!(answer, (200, json!({ "success": true, "accepted": 0, "quarantined": 1 })));
    assert_eq!(verdicts(&world.send_as("crm", &[bad]).await), ["stored"]);
}

#[tokio::test]
async fn a_neighbours_client_hears_that_what_is_held_was_taken() {
    let world = World::with_plan("quarantine").await;
    let batch = json!({ "batch": [order("b1", json!({}))] });
    let (status, answer) = world.ask_as("POST", "/api/s/batch", ("x-write-key", "KEY-OF-web"), batch).await;
    assert_eq!((status, &answer["ok"], &answer["okEvents"]), (200, &json!(true), &json!(1)), "{answer}");
    assert_eq!((world.journal().len(), world.get("/v1/quarantine/web/1").await.0), (0, 200));
}

#[tokio::test]
async fn a_no_never_waits() {
    let world = World::with_plan("quarantine").await;
    let mut message = order("no", json!({ "total": "a lot" }));
    message["context"] = json!({ "consent": { "categoryPreferences": { "ads": false } } });
    let answer = world.send(&[message]).await;
    let [event] = &world.journal()[..] else { panic!("it is in the journal") };
    assert_eq!((verdicts(&answer), event.consents.iter().any(|change| !change.granted)), (vec!["stored"], true));
    let marked = event.context.as_ref().expect("a context").object();
    assert_eq!(marked["plan_violations"][0]["kind"], "wrong_type");
}

#[tokio::test]
async fn violations_are_counted_with_samples_and_the_counts_outlive_the_routes() {
    let world = World::with_plan("warn").await;
    let bad = |id: &str| order(id, json!({ "total": 1, "colour": "green" }));
    world.send(&[bad("m1"), bad("m2"), order("m3", json!({}))]).await;
    let (_, counted) = world.get("/v1/plans/shop/violations").await;
    let time = "2026-11-24T00:00:00.000Z";
    let row = |kind: &str, pointer: &str, samples: &[&str]| {
        json!({
            "version": 1, "event": "Order Completed", "kind": kind, "pointer": pointer, "count": samples.len(),
            "first_seen": time, "last_seen": time, "samples": samples
        })
    };
    let rows = [
        row("not_in_enum", "/properties/colour", &["m1", "m2"]),
        row("required_missing", "/properties/total", &["m3"]),
    ];
    assert_eq!(counted, json!({ "data": rows, "total": 3 }));
    world.send(&[bad("m4")]).await;
    let World { house, routes, app, .. } = world;
    drop((routes, app));
    let counts = collect::plans::violations::list(&house.store, Some("shop")).expect("the state can be read");
    assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 4, "the last ones are written at the end");
}

#[tokio::test]
async fn every_mistake_of_a_plan_is_told_with_its_place() {
    let world = World::new();
    let wrong = "version: 1\nsources: web\nmode: perhaps\nrules:\n  - track: A\n    schema: { type: 7 }\n";
    let request = axum::http::Request::put("/v1/plans/shop").header("authorization", format!("Bearer {}", world.token));
    let request = request.body(axum::body::Body::from(json!({ "plan": wrong }).to_string())).expect("a request");
    let answer = tower::ServiceExt::oneshot(world.routes.clone(), request).await.expect("an answer");
    assert_eq!(answer.status(), 422);
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let places = body["problems"].as_array().expect("a list").iter();
    let places: Vec<_> = places.map(|problem| (&problem["line"], &problem["column"])).collect();
    assert_eq!((&body["error"]["code"], places.len()), (&json!("plan_invalid"), 3), "{body}");
    assert_eq!((places[0], places[1].0, places[2].0), ((&json!(2), &json!(10)), &json!(3), &json!(6)));
    assert_eq!(world.get("/v1/plans").await, (200, json!({ "data": [] })), "nothing was saved");
    assert_eq!(world.ask("PUT", "/v1/plans/My%20Plan", shop("warn")).await, (422, json!("plan_name_invalid")));
    for path in ["/v1/plans/shop", "/v1/plans/shop/violations"] {
        assert_eq!(world.get(path).await, (404, json!("plan_not_found")));
    }
    assert_eq!(world.get("/v1/plans/shop/versions/1").await, (404, json!("plan_version_not_found")));
}

#[tokio::test]
async fn versions_stay_and_a_plan_that_is_withdrawn_holds_nothing() {
    let world = World::with_plan("quarantine").await;
    let (_, saved) = world.ask("PUT", "/v1/plans/shop", shop("warn")).await;
    assert_eq!(saved["version"], 2);
    let (_, first) = world.get("/v1/plans/shop/versions/1").await;
    assert_eq!(first["plan"], shop("quarantine")["plan"]);
    let (_, list) = world.get("/v1/plans").await;
    let row = json!({
        "name": "shop", "version": 2, "sources": ["web", "app"], "mode": "warn", "unplanned_events": "allow",
        "rules": 1, "saved_at": "2026-11-24T00:00:00.000Z", "violations": 0
    });
    assert_eq!(list, json!({ "data": [row] }));
    assert_eq!(world.ask("DELETE", "/v1/plans/shop", Value::Null).await.0, 204);
    assert_eq!(world.ask("DELETE", "/v1/plans/shop", Value::Null).await, (404, json!("plan_not_found")));
    let (_, history) = world.get("/v1/plans/shop").await;
    let withdrawn: Vec<_> =
        history["versions"].as_array().expect("a list").iter().map(|one| &one["withdrawn"]).collect();
    assert_eq!((history.get("plan"), withdrawn), (None, vec![&json!(false), &json!(false), &json!(true)]));
    assert_eq!(verdicts(&world.send(&[order("b1", json!({}))]).await), ["stored"]);
    assert_eq!(world.ask("PUT", "/v1/plans/shop", shop("quarantine")).await.1["version"], 4);
    assert_eq!(verdicts(&world.send(&[order("b2", json!({}))]).await), ["quarantined"]);
}

#[tokio::test]
async fn a_plan_that_is_inferred_takes_what_it_was_inferred_from() {
    let world = World::with_plan("allow").await;
    let messages = |of: std::ops::Range<usize>| -> Vec<Value> {
        of.map(|at| order(&format!("m{at}"), json!({ "total": at, "colour": (["red", "blue"][at % 2]) }))).collect()
    };
    world.send(&[order("old", json!({ "total": "a lot" }))]).await;
    world.clock.advance_ms(8 * kit::DAY_MS);
    world.send(&messages(0..40)).await;
    world.send_as("crm", &[order("other", json!({ "size": 1 }))]).await;
    let (_, inferred) = world.post("/v1/plans/infer", json!({ "source": "web", "closed": true })).await;
    assert_eq!((&inferred["events"], &inferred["partial"]), (&json!(40), &json!(false)), "{inferred}");
    assert_eq!(inferred["seen"][0]["event"], "Order Completed");
    let (_, all) = world.post("/v1/plans/infer", json!({ "days": 30 })).await;
    assert_eq!(all["events"], 42);
    let plan = inferred["plan"].as_str().expect("a text").replace(r#""mode": "warn""#, r#""mode": "quarantine""#);
    let saved = world.ask("PUT", "/v1/plans/learnt", json!({ "plan": plan })).await;
    assert_eq!(saved, (200, json!({ "name": "learnt", "version": 1 })));
    let answer = world.send(&messages(40..60)).await;
    assert!(verdicts(&answer).iter().all(|verdict| *verdict == "stored"), "{answer}");
    let others = [
        order("x", json!({ "total": 1, "colour": "green" })),
        order("y", json!({ "total": 1, "colour": "red", "size": 1 })),
    ];
    assert_eq!(verdicts(&world.send(&others).await), ["quarantined", "quarantined"]);
}

#[tokio::test]
async fn a_plan_can_be_tried_on_an_event() {
    let world = World::new();
    let check = async |event: Value| {
        let asked = json!({ "plan": shop("drop_field")["plan"], "event": event });
        let (status, mut checked) = world.post("/v1/plans/check", asked).await;
        assert_eq!(status, 200);
        let event = checked.as_object_mut().expect("an object").remove("event");
        (checked, event.map(|event| event["properties"].clone()))
    };
    let (checked, event) = check(order("m1", json!({ "total": 1, "colour": "green" }))).await;
    let violation = json!({
        "rule": "track: Order Completed", "pointer": "/properties/colour", "kind": "not_in_enum",
        "expected": "enum: [\"red\",\"blue\"]", "mode": "drop_field"
    });
    let expected =
        json!({ "verdict": "stored", "violations": [violation], "more": 0, "removed": ["/properties/colour"] });
    assert_eq!(checked, expected);
    assert_eq!(event, Some(json!({ "total": 1 })));
    assert_eq!(check(json!({ "type": "track", "event": "E" })).await.0["verdict"], "refused");
    let (_, wrong) = world.post("/v1/plans/check", json!({ "plan": "version: 2", "event": {} })).await;
    assert_eq!((wrong.get("verdict"), wrong["problems"].as_array().map(Vec::is_empty)), (None, Some(false)));
    assert_eq!(world.get("/v1/plans").await.1, json!({ "data": [] }));
}
