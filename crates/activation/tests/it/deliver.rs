use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use activation::{Context, Deliverer, People, Report, Touched, delete, step};
use expect_test::expect;
use model::{Identifier, Ordinal, ProfileId};
use serde_json::{Map, Value, json};
use store::{Erasure, Keep, Range, Read, ReadExt, Store, StoreError, Table};
use tokio::time::timeout;

use crate::receiver::{Answer::*, Receiver};
use crate::world::{BACKOFF, Op::*, World, at, decides, definition, edit, files, ledger, shown};

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
async fn deliveries_go_on_beside_a_destination_that_hangs() {
    let (slow, fast) = (Receiver::start().await, Receiver::start().await);
    let mut world = World::with_webhook(&slow.url);
    world.create("fast", "webhook", json!({ "url": fast.url }));
    world.happen(&[Decides(1, true), Buys(1)]);
    slow.answer([Hang]);
    let (at_slow, at_fast) = (slow.called(), fast.called());
    let deliverer = world.deliverer();
    let delivering =
        tokio::spawn(async move { deliverer.keep_delivering(Duration::from_millis(5), async || ()).await });
    let soon = Duration::from_secs(20);
    timeout(soon, async { tokio::join!(at_slow, at_fast) }).await.expect("both are called");
    for person in 2..5 {
        let again = fast.called();
        world.happen(&[Decides(person, true), Buys(person)]);
        timeout(soon, again).await.expect("the fast one is called though the slow one has not answered");
    }
    assert_eq!(slow.calls().len(), 1, "and the slow one by one run only");
    let rest = slow.called();
    slow.release();
    timeout(soon, rest).await.expect("what waited for the slow one is sent");
    delivering.abort();
    assert_eq!(fast.people(), ["1@x", "2@x", "3@x", "4@x"]);
}

static HOUSEHOLD: Table = Table {
    name: "household",
    about: "a profile's identifiers",
    writer: "test",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

/// People who are kept in the store; while the deliverer asks for the first time, the walker parts the second identifier from the first.
#[derive(Debug)]
struct Parting {
    store: Store,
    parted: AtomicBool,
}

impl Parting {
    fn part(&self) {
        if !self.parted.swap(true, Ordering::SeqCst) {
            edit(&self.store, |draft| draft.put(&HOUSEHOLD, *b"P1", &vec![1u32]));
        }
    }
}

impl People for Parting {
    fn holder(&self, _: &dyn Read, _: Ordinal) -> Result<Option<ProfileId>, StoreError> {
        Ok(Some(ProfileId(1)))
    }

    fn members(&self, read: &dyn Read, _: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
        Ok(read.read(&HOUSEHOLD, b"P1")?.unwrap_or_default())
    }

    fn identifiers(&self, read: &dyn Read, profile: ProfileId) -> Result<Vec<Identifier>, StoreError> {
        let members = self.members(read, profile)?;
        self.part();
        Ok(members.iter().map(|member| Identifier::new("email", format!("{member}@x"))).collect())
    }

    fn traits(&self, _: &dyn Read, _: ProfileId) -> Result<Map<String, Value>, StoreError> {
        Ok(Map::new())
    }

    fn is_member(&self, _: &dyn Read, _: &str, _: ProfileId) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[tokio::test]
async fn identifiers_and_their_consent_are_asked_of_one_moment() {
    let receiver = Receiver::start().await;
    let world = World::new();
    let tables: Vec<_> = activation::TABLES.iter().chain(consent::TABLES).copied().chain([&HOUSEHOLD]).collect();
    let store = Store::in_memory(&tables);
    let people = Arc::new(Parting { store: store.clone(), parted: AtomicBool::new(true) });
    edit(&store, |draft| {
        draft.put(&HOUSEHOLD, *b"P1", &vec![1u32, 2]);
        activation::create(draft, definition("ads", "webhook", json!({ "url": receiver.url })), at(0)).unwrap();
        consent::step(draft, 1, &decides(1, true, at(1)), 1).unwrap();
        step(draft, &[Touched::profile(ProfileId(1))], &*people, at(1), 1).unwrap();
    });
    let mut draft = store.draft();
    consent::step(&mut draft, 2, &decides(2, false, at(2)), 2).unwrap();
    store.commit_through(draft, 2).unwrap();
    people.parted.store(false, Ordering::SeqCst);
    let context = Context::new(world.dir.path().to_owned());
    let deliverer = Deliverer::with_backoff(store, people, world.clock.clone(), context, BACKOFF);
    world.clock.set(at(3));
    let report = deliverer.run_due().await.unwrap();
    assert_eq!(report, Report { blocked: 1, ..Report::default() }, "the second, who said no, was still one of them");
    assert!(receiver.calls().is_empty());
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
    let lines = activation::lines(&world.store, None, 10).unwrap();
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
