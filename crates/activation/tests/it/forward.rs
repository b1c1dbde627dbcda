use activation::{Events, Happened, NewDefinition, create, forward};
use consent::permit;
use expect_test::expect;
use kit::Clock;
use model::{Event, EventKind, Fact, Identifier, Ordinal, Raw, Seq};
use serde_json::json;

use crate::receiver::{Answer::*, Receiver};
use crate::world::{Op, Op::*, World, at, decides, definition, edit, ledger, shown};

#[tokio::test]
async fn events_are_told_in_order_as_they_were_sent_where_consent_allows_it() {
    let receiver = Receiver::start().await;
    let mut world = following(&receiver.url, &[], &[]);
    world.happen(&[Decides(1, true), Decides(2, false), Buys(3)]);
    expect![[r#"
        forward P1
        blocked P2 consent_denied
        blocked P3 consent_unknown
        forward P1
    "#]]
    .assert_eq(&told(&world, &[(10, 1, "A"), (11, 2, "B"), (12, 3, "C"), (13, 1, "D")]));
    assert_eq!(world.deliverer().run_due().await.unwrap().delivered, 2);
    let calls = receiver.calls();
    let bodies: Vec<_> = calls.iter().map(|call| call.body.to_string()).collect();
    assert_eq!(bodies, [r#"{"event":"A"}"#, r#"{"event":"D"}"#]);
    assert_eq!(calls[1].headers["idempotency-key"], "m13");
    expect![[r#"
        ok: 2 delivered, 2 blocked, 0 waiting, 0 dead
        forward P1: delivered after 1, "200"
        forward P3: blocked after 0, "consent_unknown"
        forward P2: blocked after 0, "consent_denied"
        forward P1: delivered after 1, "200"
    "#]]
    .assert_eq(&ledger(&world.store, "hook"));
}

#[tokio::test]
async fn what_fails_waits_and_holds_back_what_comes_after_it() {
    let receiver = Receiver::start().await;
    let mut world = following(&receiver.url, &[], &[]);
    world.happen(&[Decides(1, true)]);
    told(&world, &[(10, 1, "A"), (11, 1, "B"), (12, 1, "C")]);
    receiver.answer([Status(200), Status(503), Status(400)]);
    let deliverer = world.deliverer();
    let report = deliverer.run_due().await.unwrap();
    assert_eq!((report.delivered, report.retried), (1, 2), "C is put off with B");
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 0, "B waits, and C behind it");
    world.clock.advance_ms(60_000);
    let report = deliverer.run_due().await.unwrap();
    assert_eq!((report.dead, report.delivered), (1, 1), "B is refused for what it is, and C arrives");
    assert_eq!(deliverer.retry_dead("hook").unwrap(), 1);
    assert_eq!(deliverer.run_due().await.unwrap().delivered, 1);
    let events: Vec<_> = receiver.calls().iter().map(|call| call.body["event"].to_string()).collect();
    assert_eq!(events.join(" "), r#""A" "B" "B" "C" "B""#);
}

#[tokio::test]
async fn whose_owner_went_to_another_profile_goes_by_that_ones_will() {
    let receiver = Receiver::start().await;
    let mut world = following(&receiver.url, &[], &[]);
    world.happen(&[Decides(1, true), Decides(2, true), Buys(1), Buys(2)]);
    told(&world, &[(5, 2, "A"), (6, 2, "B")]);
    receiver.answer([Status(200), Status(503)]);
    let deliverer = world.deliverer();
    deliverer.run_due().await.unwrap();
    world.happen(&[Merge(1, 2), Decides(1, false)]);
    world.clock.advance_ms(60_000);
    assert_eq!(deliverer.run_due().await.unwrap().blocked, 1);
    assert_eq!(receiver.calls().len(), 2, "A, and B which was refused; nothing after the withdrawal");
}

#[test]
fn each_event_is_planned_once_though_the_journal_is_walked_again() {
    let mut world = following("http://127.0.0.1:9/", &[], &[]);
    world.happen(&[Decides(1, true)]);
    let events = [(10, 1, "A"), (11, 1, "B")];
    expect![[r#"
        forward P1
        forward P1
    "#]]
    .assert_eq(&told(&world, &events));
    assert_eq!(told(&world, &events), "");
    expect![[r#"
        forward P1
    "#]]
    .assert_eq(&told(&world, &[(11, 1, "B"), (12, 1, "C")]));
}

#[test]
fn a_destination_hears_of_what_it_follows_since_it_was_made() {
    let mut world = following("http://127.0.0.1:9/", &["A", "page"], &["web"]);
    world.happen(&[Decides(1, true)]);
    expect![[r#"
        forward P1
    "#]]
    .assert_eq(&told(&world, &[(10, 1, "A"), (11, 1, "B")]));
    let early = Event { received_at: at(0).minus_ms(1), ..event(12, 1, "A") };
    let foreign = Event { source: "crm".into(), ..event(13, 1, "A") };
    let page = Event { kind: EventKind::Page, ..event(14, 1, "A") };
    expect![[r#"
        forward P1
    "#]]
    .assert_eq(&told_of(&world, &[(12, 1, early), (13, 1, foreign), (14, 1, page)]));
}

#[test]
fn a_destination_follows_one_thing_and_only_where_its_kind_can() {
    let world = World::new();
    let problems = |kind: &str, audience: &str, events: Option<Events>| {
        let options = if kind == "webhook" { json!({ "url": "http://127.0.0.1:9/" }) } else { json!({}) };
        let new = NewDefinition { audience: audience.to_owned(), events, ..definition("hook", kind, options) };
        let mut draft = world.store.draft();
        create(&mut draft, new, at(0)).err().map(|error| error.to_string()).unwrap_or_default() + "\n"
    };
    let all = Some(Events::default());
    let found = [
        problems("webhook", "", None),
        problems("webhook", "buyers", all.clone()),
        problems("file", "", all.clone()),
        problems("webhook", "", all),
    ];
    expect![[r#"
        the destination has 1 problem(s): `audience`: the name of an audience is expected, or `events`
        the destination has 1 problem(s): `events`: a destination follows an audience or events, not both
        the destination has 1 problem(s): `events`: a destination of kind `file` is told of audiences only

    "#]]
    .assert_eq(&found.concat());
}

#[test]
fn a_body_is_only_permitted_as_a_whole() {
    let mut world = following("http://127.0.0.1:9/", &[], &[]);
    world.happen(&[Decides(1, true), Op::Decides(1, false)]);
    let decision = consent::decision(&world.store, &[1], "ads").unwrap();
    assert!(permit(event(1, 1, "A"), &decision).is_err());
}

/// A world in which a webhook follows events.
fn following(url: &str, names: &[&str], sources: &[&str]) -> World {
    let world = World::new();
    let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let events = Events { names: words(names), sources: words(sources) };
    let new = definition("hook", "webhook", json!({ "url": url }));
    let new = NewDefinition { audience: String::new(), events: Some(events), ..new };
    edit(&world.store, |draft| _ = create(draft, new, at(0)).unwrap());
    world
}

fn told(world: &World, events: &[(Seq, Ordinal, &str)]) -> String {
    let events: Vec<_> = events.iter().map(|(seq, owner, name)| (*seq, *owner, event(*seq, *owner, name))).collect();
    told_of(world, &events)
}

fn told_of(world: &World, events: &[(Seq, Ordinal, Event)]) -> String {
    let happened: Vec<_> =
        events.iter().map(|(seq, owner, event)| Happened { seq: *seq, owner: *owner, event }).collect();
    let through = events.last().map_or(0, |(seq, ..)| *seq);
    let body = |event: &Event| Raw::of(&json!({ "event": event.name })).unwrap();
    if world.clock.now() < at(through) {
        world.clock.set(at(through));
    }
    let mut draft = world.store.draft();
    let planned = forward(&mut draft, &happened, &*world.town, &body, at(through), through).unwrap();
    world.store.commit_through(draft, through).unwrap();
    shown(&planned)
}

fn event(seq: Seq, owner: Ordinal, name: &str) -> Event {
    let Fact::Event(consent) = decides(owner, true, at(seq)) else { unreachable!("a decision is an event") };
    let identifiers = vec![Identifier::new("email", format!("{owner}@x"))];
    let (message_id, name) = (format!("m{seq}"), Some(name.to_owned()));
    Event { message_id, kind: EventKind::Track, name, identifiers, consents: Vec::new(), ..consent }
}
