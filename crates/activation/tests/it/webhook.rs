use activation::Deliverer;
use expect_test::expect;
use kit::Backoff;
use serde_json::json;

use crate::receiver::{Answer::*, Receiver};
use crate::world::{BACKOFF, Op::*, World, ledger};

/// One person who may enter, and a receiver.
async fn start() -> (Receiver, World, Deliverer) {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    world.happen(&[Decides(1, true), Buys(1)]);
    let deliverer = world.deliverer();
    (receiver, world, deliverer)
}

#[tokio::test]
async fn an_enter_and_an_exit_arrive() {
    let (receiver, mut world, deliverer) = start().await;
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    assert_eq!(receiver.people(), ["1@x"]);
    world.happen(&[Decides(1, false)]);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    assert!(receiver.people().is_empty());

    let calls = receiver.calls();
    let mut body = calls[0].body.clone();
    body["deliveries"][0]["id"] = json!("…");
    expect![[r#"{"audience":"buyers","deliveries":[{"action":"enter","at":"2026-09-21T14:13:22.000Z","id":"…","identifiers":[{"id":"1@x","type":"email"}],"profile":"P1","traits":{"number":1}}],"destination":"ads"}"#]].assert_eq(&body.to_string());
    assert_eq!(calls[0].headers["authorization"], "Bearer t0ken");
    assert_eq!(calls[0].headers["content-type"], "application/json");
    assert_eq!(calls[1].body["deliveries"][0]["traits"], json!({}));
    expect![[r#"
        ok: 2 delivered, 0 blocked, 0 waiting, 0 dead
        exit P1: delivered after 1, "200"
        enter P1: delivered after 1, "200"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn what_fails_is_sent_again_later_with_the_same_ids() {
    let (receiver, world, deliverer) = start().await;
    receiver.answer([Status(500), Status(429)]);
    assert_eq!(deliverer.run_due().await.unwrap().retried, 1);
    expect![[r#"
        failing: 0 delivered, 0 blocked, 1 waiting, 0 dead
        enter P1: waiting after 1, "500"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
    assert_eq!(deliverer.run_due().await.unwrap().retried, 0, "not yet due");
    world.clock.advance_ms(1_000);
    assert_eq!(deliverer.run_due().await.unwrap().retried, 1);
    world.clock.advance_ms(2_000);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    let (ids, calls) = (receiver.ids(), receiver.calls());
    assert!(ids.len() == 3 && ids.iter().all(|id| id == &ids[0]), "{ids:?}");
    assert_eq!(calls[0].headers["idempotency-key"], calls[2].headers["idempotency-key"]);
    expect![[r#"
        ok: 1 delivered, 0 blocked, 0 waiting, 0 dead
        enter P1: delivered after 3, "200"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let (receiver, world, deliverer) = start().await;
    receiver.answer([With(503, "retry-after", "120".to_owned())]);
    deliverer.run_due().await.unwrap();
    world.clock.advance_ms(119_999);
    deliverer.run_due().await.unwrap();
    assert_eq!(receiver.calls().len(), 1);
    world.clock.advance_ms(1);
    deliverer.run_due().await.unwrap();
    assert_eq!(receiver.people(), ["1@x"]);
}

#[tokio::test]
async fn order_is_kept_while_something_waits() {
    let (receiver, mut world, deliverer) = start().await;
    receiver.answer([Status(500)]);
    deliverer.run_due().await.unwrap();
    world.happen(&[Returns(1), Decides(2, true), Buys(2)]);
    world.clock.advance_ms(-2_500);
    assert_eq!(deliverer.run_due().await.unwrap(), Default::default());
    world.clock.advance_ms(10_000);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 3);
    expect![[r#"
        enter P1 1@x
        enter P1 1@x | exit P1 1@x | enter P2 2@x
    "#]]
    .assert_eq(&receiver.story());
}

#[tokio::test]
async fn what_is_refused_is_a_dead_letter_that_can_be_put_back() {
    let (receiver, world, deliverer) = start().await;
    receiver.answer([Status(400)]);
    assert_eq!(deliverer.run_due().await.unwrap().dead, 1);
    world.clock.advance_ms(1_000_000);
    assert_eq!(deliverer.run_due().await.unwrap(), Default::default());
    expect![[r#"
        failing: 0 delivered, 0 blocked, 0 waiting, 1 dead
        enter P1: dead after 1, "400"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
    assert_eq!(deliverer.retry_dead("ads").unwrap(), 1);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    assert_eq!(deliverer.retry_dead("ads").unwrap(), 0);
    expect![[r#"
        ok: 1 delivered, 0 blocked, 0 waiting, 0 dead
        enter P1: delivered after 1, "200"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
    assert_eq!(kit::Coded::code(&deliverer.retry_dead("nobody").unwrap_err()), "destination_not_found");
}

#[tokio::test]
async fn after_the_last_attempt_a_delivery_is_dead_and_others_go_on() {
    let (receiver, mut world, _) = start().await;
    let deliverer = world.deliverer_with(Backoff { base_ms: 1_000, max_ms: 1_000, attempts: 2 });
    world.happen(&[Decides(2, true)]);
    receiver.answer([Status(500), Status(500)]);
    deliverer.run_due().await.unwrap();
    world.happen(&[Buys(2)]);
    world.clock.advance_ms(1_000);
    let report = deliverer.run_due().await.unwrap();
    assert_eq!((report.dead, report.retried), (1, 1), "the second person was tried once");
    world.clock.advance_ms(1_000);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    assert_eq!(receiver.people(), ["2@x"]);
}

#[tokio::test]
async fn a_dead_letter_that_life_has_overtaken_stays_dead() {
    let (receiver, mut world, deliverer) = start().await;
    receiver.answer([Status(400)]);
    deliverer.run_due().await.unwrap();
    world.happen(&[Returns(1)]);
    assert_eq!(deliverer.retry_dead("ads").unwrap(), 0);
    deliverer.run_due().await.unwrap();
    assert!(receiver.people().is_empty());
    expect![[r#"
        ok: 1 delivered, 0 blocked, 0 waiting, 1 dead
        exit P1: delivered after 1, "200"
        enter P1: dead after 1, "superseded"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn one_bad_delivery_does_not_take_its_batch_with_it() {
    let (receiver, mut world, deliverer) = start().await;
    world.happen(&[2, 3, 4, 5].map(|person| Decides(person, true)));
    world.happen(&[2, 3, 4, 5].map(Buys));
    receiver.answer([RefuseProfile("P4")]);
    let report = deliverer.run_due().await.unwrap();
    assert_eq!((report.delivered, report.dead), (4, 1));
    assert_eq!(receiver.people(), ["1@x", "2@x", "3@x", "5@x"]);
    expect![[r#"
        enter P1 1@x | enter P2 2@x | enter P3 3@x | enter P4 4@x | enter P5 5@x
        enter P1 1@x | enter P2 2@x
        enter P3 3@x | enter P4 4@x | enter P5 5@x
        enter P3 3@x
        enter P4 4@x | enter P5 5@x
        enter P4 4@x
        enter P5 5@x
    "#]]
    .assert_eq(&receiver.story());
}

#[tokio::test]
async fn what_breaks_the_receiver_goes_alone_in_the_end() {
    let (receiver, mut world, deliverer) = start().await;
    world.happen(&[2, 3, 4].map(|person| Decides(person, true)));
    world.happen(&[2, 3, 4].map(Buys));
    receiver.answer([FailProfile("P3")]);
    for _ in 0..BACKOFF.attempts {
        deliverer.run_due().await.unwrap();
        world.clock.advance_ms(BACKOFF.max_ms as i64);
    }
    expect![[r#"
        enter P1 1@x | enter P2 2@x | enter P3 3@x | enter P4 4@x
        enter P1 1@x | enter P2 2@x | enter P3 3@x | enter P4 4@x
        enter P1 1@x | enter P2 2@x | enter P3 3@x | enter P4 4@x
        enter P1 1@x
        enter P2 2@x
        enter P3 3@x
        enter P3 3@x
        enter P4 4@x
    "#]]
    .assert_eq(&receiver.story());
    expect![[r#"
        ok: 3 delivered, 0 blocked, 0 waiting, 1 dead
        enter P4: delivered after 4, "200"
        enter P3: dead after 5, "500"
        enter P2: delivered after 4, "200"
        enter P1: delivered after 4, "200"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn a_wrong_token_or_address_is_tried_again_and_shown() {
    for (status, reason) in [
        (401, "401 (the token is not accepted)"),
        (403, "403 (the receiver forbids it)"),
        (404, "404 (nothing answers at this address)"),
    ] {
        let (receiver, world, deliverer) = start().await;
        receiver.answer([Status(status)]);
        assert_eq!(deliverer.run_due().await.unwrap().retried, 1, "{status}");
        let shown = || {
            let status = activation::statuses(&world.store).unwrap().remove(0);
            (status.health.as_str(), status.failure)
        };
        assert_eq!(shown(), ("failing", Some(reason.to_owned())));
        world.clock.advance_ms(1_000);
        assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
        assert_eq!(shown(), ("ok", None));
    }
}

#[tokio::test]
async fn batches_hold_no_more_than_the_option_says() {
    let receiver = Receiver::start().await;
    let mut world = World::new();
    world.create("ads", "webhook", json!({ "url": receiver.url, "batch_size": 2 }));
    world.happen(&[1, 2, 3, 4, 5].map(|person| Decides(person, true)));
    world.happen(&[1, 2, 3, 4, 5].map(Buys));
    assert_eq!(world.deliverer().run_due().await.unwrap().delivered, 5);
    expect![[r#"
        enter P1 1@x | enter P2 2@x
        enter P3 3@x | enter P4 4@x
        enter P5 5@x
    "#]]
    .assert_eq(&receiver.story());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (receiver, world, deliverer) = start().await;
    let elsewhere = Receiver::start().await;
    receiver.answer([With(307, "location", elsewhere.url.clone())]);
    assert_eq!(deliverer.run_due().await.unwrap().dead, 1);
    assert!(elsewhere.calls().is_empty());
    expect![[r#"
        failing: 0 delivered, 0 blocked, 0 waiting, 1 dead
        enter P1: dead after 1, "307 (redirects are not followed)"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again() {
    let mut world = World::with_webhook("http://127.0.0.1:1/");
    world.happen(&[Decides(1, true), Buys(1)]);
    assert_eq!(world.deliverer().run_due().await.unwrap().retried, 1);
    expect![[r#"
        failing: 0 delivered, 0 blocked, 1 waiting, 0 dead
        enter P1: waiting after 1, "no connection"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}
