//! What happened, in words for the console's Live page and for `trace`.

use api::{LiveEffect, LiveEvent};
use collect::ways::WayStep;
use model::{Action, Fact, Move, Ordinal, ProfileId, Seq};
use serde_json::Value;
use store::{Read, StoreError};

pub fn told(step: &profiles::Step, decided: bool) -> Vec<String> {
    let mut words = Vec::new();
    if !step.traits.is_empty() {
        words.push(format!("set {}", step.traits.join(", ")));
    }
    if decided {
        words.push("noted a decision about consent".to_owned());
    }
    words
}

pub fn moves(moves: &[Move], profile: ProfileId) -> Vec<String> {
    let word = |step: &Move| format!("{} {}", if step.entered { "entered" } else { "left" }, step.audience);
    moves.iter().filter(|step| step.profile == profile).map(word).collect()
}

pub fn planned(planned: &[activation::Planned], profile: ProfileId) -> Vec<String> {
    let word = |plan: &activation::Planned| match (plan.blocked, plan.action) {
        (true, _) => format!("nothing to {}: {}", plan.destination, plan.reason),
        (false, Action::Enter) => format!("due to {}: entered {}", plan.destination, plan.audience),
        (false, Action::Exit) => format!("due to {}: left {}", plan.destination, plan.audience),
        (false, Action::Forward) => format!("due to {}: what happened", plan.destination),
    };
    let mut words: Vec<_> = planned.iter().filter(|plan| plan.profile == profile).map(word).collect();
    words.dedup();
    words
}

/// Returns an event as the Live page shows it.
pub fn event(
    read: &dyn Read,
    seq: Seq,
    fact: &Fact,
    owner: Option<Ordinal>,
    steps: &[WayStep],
) -> Result<LiveEvent, StoreError> {
    let profile = owner.map(|owner| identity::holder(read, owner)).transpose()?.flatten();
    let effect = |step: &WayStep| {
        let room = step.room.clone();
        step.what.iter().map(move |text| LiveEffect { room: room.clone(), text: text.clone() }).collect::<Vec<_>>()
    };
    let (kind, name, source, time, message_id) = match fact {
        Fact::Event(event) => {
            (event.kind.as_str(), event.label(), event.source.as_ref(), event.time, event.message_id.as_str())
        }
        Fact::Record(record) => ("record", record.key.as_str(), record.source.as_ref(), record.version, ""),
        Fact::Link(link) => ("link", link.reason.as_str(), link.by.as_str(), link.received_at, ""),
    };
    let body = serde_json::to_value(fact).unwrap_or(Value::Null);
    Ok(LiveEvent {
        seq,
        message_id: message_id.to_owned(),
        kind: kind.to_owned(),
        event: name.to_owned(),
        source: source.to_owned(),
        time: time.to_string(),
        received_at: fact.received_at().to_string(),
        profile: profile.map(|profile| profile.to_string()).unwrap_or_default(),
        identifiers: fact.identifiers().iter().map(ToString::to_string).collect(),
        effects: steps.iter().flat_map(effect).collect(),
        body: body.get(fact.kind()).cloned().unwrap_or(body),
    })
}
