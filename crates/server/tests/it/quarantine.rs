//! Events that a plan holds back: nothing of them is lost, and each leaves once.

use collect::plans::PlansInForce;
use collect::quarantine;
use kit::{Clock, DAY_MS};
use lake::journal::Frames;
use model::Fact;
use serde_json::{Value, json};
use server::App;

use crate::World;
use crate::plans::{order, shop};

const TO_NUMBER: &str = "version: 1\nmend: [{ cast: /properties/total, as: number }]";

fn bad(id: &str) -> Value {
    order(id, json!({ "total": "12.50" }))
}

impl World {
    async fn replay(&self, request: Value) -> Value {
        let (status, report) = self.post("/v1/quarantine/replay", request).await;
        assert_eq!(status, 200, "{report}");
        report
    }

    /// The message ids of a person's timeline, newest first.
    async fn timeline(&self) -> Vec<String> {
        self.walked().await;
        let (_, events) = self.get("/v1/profiles/user_id:u1/events?limit=200").await;
        let events = events["data"].as_array().expect("a list").iter();
        events.map(|event| event["message_id"].as_str().expect("a text").to_owned()).collect()
    }
}

#[tokio::test]
async fn what_is_held_is_listed_mended_and_replayed_once_with_its_own_id_and_times() {
    let world = World::with_plan("quarantine").await;
    world.send(&[bad("b1"), order("b2", json!({ "colour": "red" }))]).await;
    let (_, shown) = world.get("/v1/quarantine/web/1").await;
    assert_eq!((&shown["state"], &shown["event"]), (&json!("waiting"), &json!("Order Completed")));
    assert_eq!(shown["body"]["properties"], json!({ "total": "12.50" }));
    assert_eq!(
        (&shown["broken"][0]["plan"], &shown["broken"][0]["violations"][0]["kind"]),
        (&json!("shop"), &json!("wrong_type"))
    );
    world.clock.advance_ms(DAY_MS);

    let all = |more: Value| {
        let mut request = json!({ "source": "web", "filter": {} });
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        request
    };
    let report = world.replay(all(json!({}))).await;
    assert_eq!(
        (&report["replayed"], &report["stayed"], &report["reasons"][0]["code"]),
        (&json!(0), &json!(2), &json!("still_held"))
    );
    let tried = world.replay(all(json!({ "mend": TO_NUMBER, "dry_run": true }))).await;
    assert_eq!((&tried["replayed"], &tried["samples"][0]["properties"]), (&json!(1), &json!({ "total": 12.5 })));
    assert_eq!(
        (world.journal().len(), world.get("/v1/quarantine/web/1").await.1["state"].clone()),
        (0, json!("waiting"))
    );

    let report = world.replay(all(json!({ "mend": TO_NUMBER }))).await;
    assert_eq!(
        (&report["replayed"], &report["stayed"], &report["reasons"][0]["number"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let report = world.replay(json!({ "source": "web", "numbers": [1], "mend": TO_NUMBER })).await;
    assert_eq!((&report["replayed"], &report["stayed"]), (&json!(0), &json!(0)), "it left already");
    let [event] = &world.journal()[..] else { panic!("once") };
    assert_eq!((event.message_id.as_str(), event.time.to_string()), ("b1", "2026-11-20T10:00:00.000Z".to_owned()));
    assert_eq!(event.received_at.to_string(), "2026-11-24T00:00:00.000Z", "when it came, not when it was replayed");
    assert_eq!(event.properties.as_ref().map(|raw| raw.text().to_owned()), Some(r#"{"total":12.50}"#.to_owned()));
    assert_eq!(world.timeline().await, ["b1"]);
    assert_eq!(world.send(&[bad("b1")]).await["quarantined"], 1, "a late retry is known, and not held again");
    let (_, waiting) = world.get("/v1/quarantine?source=web&state=waiting&kind=required_missing&plan=shop").await;
    assert_eq!((&waiting["data"][0]["number"], waiting["data"].as_array().map(Vec::len)), (&json!(2), Some(1)));
}

#[tokio::test]
async fn a_stop_between_journal_and_commit_doubles_nothing() {
    let world = World::with_plan("quarantine").await;
    world.send(&[bad("b1"), bad("b2"), bad("b3")]).await;
    // What a replay does before it is killed: the events are in the journal, the draft is gone.
    let mend = quarantine::Mend::parse(TO_NUMBER).0.expect("a sound file");
    let mut draft = world.house.store.draft();
    let plans: &PlansInForce = &world.house.plans.in_force();
    let replayed = quarantine::replay(&mut draft, "web", &[1, 2, 3], Some(&mend), Some(plans), world.clock.now());
    drop(draft);
    let facts: Vec<_> = replayed.expect("the state can be read").events.into_iter().map(Fact::Event).collect();
    let frames = Frames::of(&facts).expect("events can be written");
    world.house.journal.append_frames(frames).await.expect("the disk writes");

    let report = world.replay(json!({ "source": "web", "filter": {}, "mend": TO_NUMBER })).await;
    assert_eq!(report["replayed"], 3);
    assert_eq!(world.journal_ids(), ["b1", "b2", "b3", "b1", "b2", "b3"]);
    let mut timeline = world.timeline().await;
    timeline.sort();
    assert_eq!(timeline, ["b1", "b2", "b3"]);
    let (_, sources) = world.get("/v1/sources").await;
    let web = sources["data"].as_array().expect("a list").iter().find(|row| row["name"] == "web").expect("is there");
    assert_eq!((&web["facts"], &web["repeated"], &web["quarantined"]), (&json!(3), &json!(3), &json!(0)));
}

#[tokio::test]
async fn a_large_replay_keeps_the_order_over_its_pieces() {
    let world = World::with_plan("quarantine").await;
    let ids: Vec<_> = (0..1_200).map(|at| format!("b{at:04}")).collect();
    for ids in ids.chunks(600) {
        world.send(&ids.iter().map(|id| bad(id)).collect::<Vec<_>>()).await;
    }
    assert_eq!(world.ask("PUT", "/v1/plans/shop", shop("warn")).await.0, 200, "as it is, under another plan");
    let report = world.replay(json!({ "source": "web", "filter": { "event": "Order Completed" } })).await;
    assert_eq!((&report["replayed"], &report["stayed"]), (&json!(1_200), &json!(0)));
    assert_eq!(world.journal_ids(), ids);
    let mark = &world.journal()[0].context.as_ref().expect("a mark").object()["plan_violations"][0];
    assert_eq!((&mark["version"], &mark["mode"]), (&json!(2), &json!("warn")));
}

#[tokio::test]
async fn two_replays_at_once_replay_each_event_once() {
    let world = World::with_plan("quarantine").await;
    world.send(&(0..300).map(|at| bad(&format!("b{at}"))).collect::<Vec<_>>()).await;
    let request = json!({ "source": "web", "filter": {}, "without_plans": true });
    let (one, other) = tokio::join!(world.replay(request.clone()), world.replay(request.clone()));
    let replayed = |report: &Value| report["replayed"].as_u64().expect("a number");
    assert_eq!((replayed(&one) + replayed(&other), world.journal().len()), (300, 300));
}

#[tokio::test]
async fn what_is_given_up_can_be_looked_at_for_a_month() {
    let world = World::with_plan("quarantine").await;
    world.send(&[bad("b1"), bad("b2")]).await;
    let (_, dropped) =
        world.post("/v1/quarantine/drop", json!({ "source": "web", "filter": { "message_id": "b1" } })).await;
    assert_eq!(dropped, json!({ "dropped": 1 }));
    assert_eq!(world.replay(json!({ "source": "web", "numbers": [1], "without_plans": true })).await["replayed"], 0);
    let open_again = || drop(server::router(App::new(world.house.clone(), world.walker.clone())));
    for (days, status) in [(29, 200), (2, 404)] {
        world.clock.advance_ms(days * DAY_MS);
        open_again();
        assert_eq!(world.get("/v1/quarantine/web/1").await.0, status);
    }
    assert_eq!(world.get("/v1/quarantine/web/2").await.1["state"], "waiting", "what waits stays");
}

#[tokio::test]
async fn what_is_asked_wrongly_has_a_code_and_how_many_are_held_is_exposed() {
    let world = World::with_plan("quarantine").await;
    world.send(&[bad("b1"), bad("b2")]).await;
    for (body, code) in [
        (json!({ "source": "web" }), "selection_missing"),
        (json!({ "source": "web", "numbers": [1], "filter": {} }), "selection_missing"),
        (json!({ "source": "web", "filter": { "kind": "worse" } }), "kind_unknown"),
        (json!({ "source": "web", "filter": { "knid": "pattern" } }), "body_invalid"),
        (
            json!({ "source": "web", "numbers": [1], "mend": "version: 1\nmend: [{ drop: /properties/a }]" }),
            "mend_invalid",
        ),
    ] {
        assert_eq!(world.post("/v1/quarantine/replay", body).await, (422, json!(code)));
    }
    assert_eq!(world.get("/v1/quarantine?state=gone").await, (422, json!("state_unknown")));
    assert_eq!(world.get("/v1/quarantine?sate=waiting").await, (400, json!("query_invalid")));
    assert_eq!(world.get("/v1/quarantine/web/7").await, (404, json!("held_event_not_found")));
    let (_, first) = world.get("/v1/quarantine?limit=1").await;
    let next = first["cursor"]["next"].as_str().expect("there is more");
    let (_, second) = world.get(&format!("/v1/quarantine?limit=1&cursor={next}")).await;
    assert_eq!((&first["data"][0]["number"], &second["data"][0]["number"]), (&json!(1), &json!(2)));
    let request = axum::http::Request::get("/metrics").header("authorization", format!("Bearer {}", world.token));
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let answer = tower::ServiceExt::oneshot(world.routes.clone(), request).await.expect("an answer");
    let text = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    let text = String::from_utf8(text.to_vec()).expect("a text");
    assert!(text.contains("sonder_quarantined_events_total{source=\"web\"} 2\n"), "{text}");
    assert!(text.contains("sonder_quarantine_events{source=\"web\",state=\"waiting\"} 2\n"), "{text}");
}

#[tokio::test]
async fn what_comes_all_at_once_is_held_each_under_its_own_number() {
    let world = World::with_plan("quarantine").await;
    let batches: Vec<_> =
        (0..40).map(|at| [bad(&format!("b{at}")), order(&format!("g{at}"), json!({ "total": 1 }))]).collect();
    let answers = futures_util::future::join_all(batches.iter().map(|batch| world.send(batch))).await;
    assert!(answers.iter().all(|answer| answer["accepted"] == 1 && answer["quarantined"] == 1));
    let (_, list) = world.get("/v1/quarantine?limit=200").await;
    let numbers: Vec<_> = list["data"].as_array().expect("a list").iter().map(|row| row["number"].as_u64()).collect();
    assert_eq!((numbers, world.journal().len()), ((1..=40).map(Some).collect(), 40));
}
