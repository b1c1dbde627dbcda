//! What every kind of destination must hold. A new one is checked by being in `ALL`, and by being aimed at a world here.

use activation::{ALL, Context, Destination, Kind, Verdict};
use consent::{Permitted, permit};
use model::{Action, Delivery, Identifier, ProfileId};
use serde_json::{Map, Value, json};

use crate::receiver::{Answer, Receiver};
use crate::world::{Op, World, at};

const MARKER: &str = "s3cret-marker";

/// Options with which a kind reaches a receiver that takes everything.
fn aimed(kind: &Kind, receiver: &Receiver, world: &World) -> Value {
    match kind.name {
        "webhook" => json!({ "url": receiver.url, "token": MARKER }),
        "file" => json!({ "folder": world.dir.path().join("out") }),
        other => panic!("teach the contract how to aim `{other}`"),
    }
}

/// Makes what the options reach fail for a while.
fn break_down(kind: &Kind, receiver: &Receiver, world: &World) {
    match kind.name {
        "webhook" => receiver.answer([Answer::Status(503)]),
        "file" => std::fs::write(world.dir.path().join("out"), "in the way").unwrap(),
        other => panic!("teach the contract how to break `{other}`"),
    }
}

fn made(kind: &Kind, options: &Value) -> Box<dyn Destination> {
    kind.make(options, &Context::new(std::env::temp_dir())).unwrap()
}

fn delivery(number: u32) -> Delivery {
    Delivery {
        id: format!("{number:032}"),
        destination: "ads".to_owned(),
        audience: "buyers".to_owned(),
        profile: ProfileId(number),
        action: Action::Enter,
        identifiers: vec![Identifier::new("email", "ann@example.com")],
        traits: Map::from_iter([("city".to_owned(), json!("Cologne"))]),
        at: at(1),
        event: None,
    }
}

fn batch(world: &mut World) -> Vec<Permitted<Delivery>> {
    world.happen(&[Op::Decides(1, true)]);
    let granted = consent::decision(&world.store, &[1], "ads").unwrap();
    (1..=3).map(|number| permit(delivery(number), &granted).unwrap()).collect()
}

fn reason(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Delivered { reason } | Verdict::Retry { reason, .. } | Verdict::Refused { reason } => reason,
    }
}

#[test]
fn the_catalogue_tells_what_a_form_needs() {
    for kind in ALL {
        assert!(kind.name.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", kind.name);
        assert!(!kind.title.is_empty() && kind.page.len() > 200, "{}", kind.name);
        assert!(activation::kind(kind.name).is_some_and(|found| std::ptr::eq(found, kind)));
        let schema = kind.schema();
        assert_eq!(schema["additionalProperties"], false);
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["type"].is_string(), "{} {name}", kind.name);
            let about = property["description"].as_str().unwrap();
            assert!(about.ends_with('.') && about.trim() == about, "{} {name}: {about}", kind.name);
        }
    }
    let names: std::collections::BTreeSet<_> = ALL.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), ALL.len());
}

#[tokio::test]
async fn options_round_trip() {
    for kind in ALL {
        let (receiver, world) = (Receiver::start().await, World::new());
        let given = aimed(kind, &receiver, &world);
        let full = kind.check(&given).unwrap();
        assert_eq!(kind.check(&full).as_ref(), Ok(&full), "{}", kind.name);
        for (name, value) in given.as_object().unwrap() {
            assert_eq!(&full[name], value, "{} {name}", kind.name);
        }
        for (name, property) in kind.schema()["properties"].as_object().unwrap() {
            let default = &property["default"];
            assert!(default.is_null() || &full[name] == default, "{} {name}", kind.name);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_place() {
    for kind in ALL {
        let names: Vec<_> = kind.schema()["properties"].as_object().unwrap().keys().cloned().collect();
        let mut wrong: Map<_, _> = names.iter().map(|name| (name.clone(), json!([MARKER]))).collect();
        wrong.insert("nonsense".to_owned(), json!(MARKER));
        let problems = kind.check(&Value::Object(wrong)).unwrap_err();
        let mut places: Vec<_> = problems.iter().map(|problem| problem.place.clone()).collect();
        places.sort();
        let mut expected: Vec<_> =
            names.iter().chain([&"nonsense".to_owned()]).map(|name| format!("options.{name}")).collect();
        expected.sort();
        assert_eq!(places, expected, "{}", kind.name);
        assert!(problems.iter().all(|problem| !problem.to_string().contains(MARKER)), "{problems:?}");
    }
}

#[tokio::test]
async fn secrets_are_hidden() {
    for kind in ALL {
        let (receiver, world) = (Receiver::start().await, World::new());
        let options = kind.check(&aimed(kind, &receiver, &world)).unwrap();
        assert!(!kind.shown(&options).to_string().contains(MARKER), "{}", kind.name);
        assert!(!kind.schema().to_string().contains(MARKER));
        assert!(!format!("{:?}", made(kind, &options)).contains(MARKER), "{}", kind.name);
        let is_secret = |(_, property): (&String, &Value)| property["writeOnly"] == true;
        let secrets = kind.schema()["properties"].as_object().unwrap().iter().filter(|pair| is_secret(*pair)).count();
        assert_eq!(kind.shown(&options).to_string().matches("***").count(), secrets, "{}", kind.name);
    }
}

#[tokio::test]
async fn there_is_a_verdict_for_each_delivery_and_again_for_the_same() {
    for kind in ALL {
        let (receiver, mut world) = (Receiver::start().await, World::new());
        let destination = made(kind, &aimed(kind, &receiver, &world));
        assert!(destination.batch_size() >= 1);
        let batch = batch(&mut world);
        for _ in 0..2 {
            let verdicts = destination.send(&batch).await;
            assert_eq!(verdicts.len(), 3, "{}", kind.name);
            assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Delivered { .. })), "{verdicts:?}");
            assert!(verdicts.iter().all(|verdict| !reason(verdict).is_empty()), "{verdicts:?}");
        }
    }
}

#[tokio::test]
async fn a_receiver_that_is_down_is_tried_again_and_no_reason_is_personal() {
    for kind in ALL {
        let (receiver, mut world) = (Receiver::start().await, World::new());
        let destination = made(kind, &aimed(kind, &receiver, &world));
        break_down(kind, &receiver, &world);
        let verdicts = destination.send(&batch(&mut world)).await;
        assert_eq!(verdicts.len(), 3, "{}", kind.name);
        assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Retry { .. })), "{verdicts:?}");
        let personal = ["ann", "Cologne", MARKER, &world.dir.path().display().to_string()].map(str::to_owned);
        for verdict in &verdicts {
            assert!(personal.iter().all(|value| !reason(verdict).contains(value)), "{verdict:?}");
        }
    }
}

#[tokio::test]
async fn the_batch_size_is_an_option() {
    for kind in ALL {
        let (receiver, world) = (Receiver::start().await, World::new());
        let mut options = aimed(kind, &receiver, &world);
        options["batch_size"] = json!(7);
        assert_eq!(made(kind, &options).batch_size(), 7, "{}", kind.name);
    }
}
