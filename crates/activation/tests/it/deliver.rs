use std::sync::Arc;

use activation::{Report, delete};
use expect_test::expect;
use serde_json::json;
use store::{Range, ReadExt};

use crate::receiver::{Answer::*, Receiver};
use crate::world::{Op::*, World, edit, files, ledger, shown};

#[tokio::test]
async fn consent_is_asked_again_at_the_moment_of_sending() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    expect![[r#"
        enter P1
        exit P1 consent_denied
    "#]]
    .assert_eq(&shown(&world.happen(&[Decides(1, true), Buys(1), Decides(1, false)])));
    let report = world.deliverer().run_due().await.unwrap();
    assert_eq!(report, Report { blocked: 2, ..Report::default() });
    assert!(receiver.calls().is_empty(), "whom it was never told about, it is not told to forget");
    expect![[r#"
        waiting: 0 delivered, 2 blocked, 0 waiting, 0 dead
        exit P1: blocked after 0, "never_told"
        enter P1: blocked after 0, "consent_denied"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn who_was_perhaps_told_about_is_taken_back() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    let deliverer = world.deliverer();
    world.happen(&[Decides(1, true), Buys(1)]);
    receiver.answer([Status(500)]);
    deliverer.run_due().await.unwrap();
    world.happen(&[Decides(1, false)]);
    world.clock.advance_ms(5_000);
    let report = deliverer.run_due().await.unwrap();
    assert_eq!(report, Report { blocked: 1, delivered: 1, ..Report::default() });
    expect![[r#"
        enter P1 1@x
        exit P1 1@x
    "#]]
    .assert_eq(&receiver.story());
}

#[tokio::test]
async fn a_kill_between_sending_and_the_receipt_repeats_the_same_ids() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    world.happen(&[Decides(1, true), Decides(2, true), Buys(1), Buys(2)]);
    receiver.answer([Hang]);
    let killed = world.deliverer();
    tokio::select! {
        _ = killed.run_due() => panic!("the receiver has not answered"),
        () = receiver.called() => {}
    }
    expect![[r#"
        waiting: 0 delivered, 0 blocked, 2 waiting, 0 dead
        enter P2: waiting after 0, ""
        enter P1: waiting after 0, ""
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));

    world.happen(&[Returns(1)]);
    assert_eq!(world.deliverer().run_due().await.unwrap().delivered, 3);
    let ids = receiver.ids();
    assert_eq!(ids[..2], ids[2..4]);
    assert_eq!(receiver.people(), ["2@x"]);
    expect![[r#"
        ok: 3 delivered, 0 blocked, 0 waiting, 0 dead
        exit P1: delivered after 1, "200"
        enter P2: delivered after 2, "200"
        enter P1: delivered after 2, "200"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));
}

#[tokio::test]
async fn a_slow_destination_keeps_nobody_waiting_and_is_not_served_twice() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    let deliverer = world.deliverer();
    world.happen(&[Decides(1, true), Buys(1)]);
    receiver.answer([Hang]);
    let slow = tokio::spawn({
        let deliverer = deliverer.clone();
        async move { deliverer.run_due().await }
    });
    receiver.called().await;
    world.create("files", "file", json!({ "format": "ndjson" }));
    world.happen(&[Decides(2, true), Buys(2)]);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    assert_eq!(files(&world.dir.path().join("files")).len(), 1);
    assert_eq!(receiver.calls().len(), 1);
    receiver.release();
    slow.await.unwrap().unwrap();
    deliverer.run_due().await.unwrap();
    expect![[r#"
        enter P1 1@x
        enter P2 2@x
    "#]]
    .assert_eq(&receiver.story());
}

#[tokio::test]
async fn files_are_whole_in_order_and_replaced_by_their_repetition() {
    let mut world = World::new();
    world.create("ads", "file", json!({ "format": "csv", "batch_size": 2 }));
    world.create("lake", "file", json!({ "format": "parquet", "folder": "else/where" }));
    world.happen(&[Decides(1, true), Decides(2, true), Buys(1), Buys(2), Returns(1)]);
    let report = world.deliverer().run_due().await.unwrap();
    assert_eq!((report.delivered, report.retried), (6, 0));
    let dir = world.dir.path().join("ads");
    let names = files(&dir);
    assert!(names.len() == 2 && names.iter().all(|name| name.ends_with(".csv")), "{names:?}");
    let rows = |name: &String| {
        std::fs::read_to_string(dir.join(name))
            .unwrap()
            .lines()
            .skip(1)
            .map(|row| row[33..].to_owned() + "\n")
            .collect::<String>()
    };
    expect![[r#"
        enter,buyers,P1,"[""email:1@x""]","{""number"":1}",2026-09-21T14:13:23.000Z
        enter,buyers,P2,"[""email:2@x""]","{""number"":2}",2026-09-21T14:13:24.000Z
        exit,buyers,P1,"[""email:1@x""]",,2026-09-21T14:13:25.000Z
    "#]]
    .assert_eq(&names.iter().map(rows).collect::<String>());
    assert_eq!(files(&world.dir.path().join("else/where")).len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_while_the_views_are_rebuilt() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    world.happen(&[Decides(1, true), Buys(1)]);
    world.store.drop_views().unwrap();
    let deliverer = world.deliverer();
    assert_eq!(deliverer.run_due().await.unwrap(), Report { held: true, ..Report::default() });
    assert_eq!(shown(&world.rebuild()), "");
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    assert_eq!(receiver.people(), ["1@x"]);
}

#[tokio::test]
async fn what_waits_for_a_deleted_destination_is_given_up() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    let deliverer = world.deliverer();
    world.happen(&[Decides(1, true), Buys(1), Decides(2, true), Buys(2)]);
    edit(&world.store, |draft| delete(draft, "ads").unwrap());
    world.clock.advance_ms(1);
    world.create("ads", "file", json!({}));
    assert_eq!(deliverer.run_due().await.unwrap().dead, 2);
    assert_eq!(deliverer.run_due().await.unwrap(), Report::default());
    expect![[r#"
        waiting: 0 delivered, 0 blocked, 0 waiting, 0 dead
        enter P2: dead after 0, "destination deleted"
        enter P1: dead after 0, "destination deleted"
    "#]]
    .assert_eq(&ledger(&world.store, "ads"));

    expect![[r#"
        enter P1
    "#]]
    .assert_eq(&shown(&world.happen(&[Buys(1)])));
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    let lines = activation::lines(&world.store, None, None, 10).unwrap();
    let ids: std::collections::BTreeSet<_> = lines.iter().map(|(_, line)| &line.id).collect();
    assert_eq!(ids.len(), 3, "the second destination of that name has ids of its own");
}

#[tokio::test]
async fn the_ledger_holds_nothing_personal_and_the_outbox_is_emptied() {
    let receiver = Receiver::start().await;
    let mut world = World::with_webhook(&receiver.url);
    world.happen(&[Decides(1, true), Buys(1), Buys(2), Returns(1)]);
    world.deliverer().run_due().await.unwrap();
    let rows = |name: &str| {
        let table = activation::TABLES.iter().find(|table| table.name == name).unwrap();
        world.store.rows(table, Range::default(), usize::MAX).unwrap()
    };
    let ledger = rows("ledger");
    assert_eq!(ledger.len(), 3);
    assert!(ledger.iter().all(|(_, row)| !String::from_utf8_lossy(row).contains("@x")));
    assert!(rows("outbox").is_empty() && rows("dead_letters").is_empty());
}

#[test]
fn a_deliverer_can_be_sent_to_a_task() {
    fn check<T: Send + Sync + Clone>(_: &T) {}
    let world = World::new();
    check(&Arc::new(world.deliverer()));
}
