use std::collections::BTreeMap;

use consent::permit;
use kit::{Coded, Digest, Timestamp};
use model::{Action, Delivery, Event, Forwarded, Ordinal, ProfileId, Raw, Seq};
use store::{Draft, StoreError};

use crate::definitions::definitions;
use crate::outbox::{Mark, Waiting};
use crate::plan::{Planned, enqueue};
use crate::{Definition, People};

/// An event that was walked, and the number of the identifier that owns it.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    pub seq: Seq,
    pub owner: Ordinal,
    pub event: &'a Event,
}

/// Plans what destinations that follow events are told of a batch, in its order. Called once for each batch, before its `step`.
///
/// Each event is planned once, be the journal walked again: those up to the mark were planned before. A destination hears of what was received
/// since it was made. `body` writes an event as it is told; `at` is the walker's time, `through` the last position of the batch.
pub fn forward(
    draft: &mut Draft<'_>,
    happened: &[Happened<'_>],
    people: &dyn People,
    body: &dyn Fn(&Event) -> Raw,
    at: Timestamp,
    through: Seq,
) -> Result<Vec<Planned>, StoreError> {
    let mut followers = definitions(draft)?;
    followers.retain(|definition| definition.events.is_some());
    if followers.is_empty() {
        return Ok(Vec::new());
    }
    let mark = Mark::read(draft)?;
    let mut plan = Forwarding { draft, people, at, refusals: BTreeMap::new() };
    let mut planned = Vec::new();
    let mut next = mark.next;
    for happened in happened.iter().filter(|happened| happened.seq > mark.seq) {
        for definition in followers.iter().filter(|definition| is_told(definition, happened.event)) {
            if let Some((waiting, refusal)) = plan.waiting(definition, happened, body)? {
                let (blocked, reason) = (refusal.is_some(), refusal.unwrap_or_default());
                planned.push(enqueue(plan.draft, definition, next, waiting, blocked, reason)?);
                next += 1;
            }
        }
    }
    if next != mark.next {
        Mark { seq: through, at, next }.write(draft);
    }
    Ok(planned)
}

fn is_told(definition: &Definition, event: &Event) -> bool {
    let follows = definition.events.as_ref().is_some_and(|events| events.hold(event));
    follows && event.received_at >= definition.created_at
}

struct Forwarding<'p, 'd> {
    draft: &'p mut Draft<'d>,
    people: &'p dyn People,
    at: Timestamp,
    /// What consent says about a profile and a purpose, asked once for a batch.
    refusals: BTreeMap<(ProfileId, String), Option<&'static str>>,
}

impl Forwarding<'_, '_> {
    /// What is to wait for the destination, and why it is blocked, if it is. `None` where nobody holds the owner.
    fn waiting(
        &mut self,
        definition: &Definition,
        happened: &Happened<'_>,
        body: &dyn Fn(&Event) -> Raw,
    ) -> Result<Option<(Waiting, Option<&'static str>)>, StoreError> {
        let Happened { seq, owner, event } = *happened;
        let Some(profile) = self.people.holder(&*self.draft, owner)? else { return Ok(None) };
        let refusal = self.refusal(definition, profile)?;
        let forwarded = Forwarded { owner, message_id: event.message_id.clone(), body: body(event) };
        let delivery = Delivery {
            id: delivery_id(definition, seq),
            destination: definition.name.clone(),
            audience: String::new(),
            profile,
            action: Action::Forward,
            identifiers: event.identifiers.clone(),
            traits: Default::default(),
            at: self.at,
            event: Some(Box::new(forwarded)),
        };
        let waiting = Waiting { turn: 0, delivery, attempts: 0, next_try_at: self.at, suspected: 0 };
        Ok(Some((waiting, refusal)))
    }

    fn refusal(&mut self, definition: &Definition, profile: ProfileId) -> Result<Option<&'static str>, StoreError> {
        let key = (profile, definition.purpose.clone());
        if let Some(known) = self.refusals.get(&key) {
            return Ok(*known);
        }
        let members = self.people.members(&*self.draft, profile)?;
        let decision = consent::decision(&*self.draft, &members, &definition.purpose)?;
        let refusal = permit((), &decision).err().map(|refusal| refusal.code());
        self.refusals.insert(key, refusal);
        Ok(refusal)
    }
}

/// The same for the same event at the same destination.
fn delivery_id(definition: &Definition, seq: Seq) -> String {
    Digest::of(&[&definition.name, &definition.created_at.to_string(), "forward", &seq.to_string()]).to_string()
}
