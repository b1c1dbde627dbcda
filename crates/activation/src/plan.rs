use std::collections::{BTreeMap, BTreeSet};

use consent::permit;
use kit::{Coded, Digest, Timestamp};
use model::{Action, Delivery, ProfileId, Seq};
use store::{Draft, StoreError};
use tracing::info;

use crate::definitions::definitions;
use crate::ledger::{self, Outcome};
use crate::outbox::{self, Mark, Number, Waiting};
use crate::standing::{Standing, Turn, What, Wish};
use crate::{Definition, People, Touched};

/// What a step decided about one profile at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The delivery's id.
    pub id: String,
    pub destination: String,
    pub audience: String,
    pub profile: ProfileId,
    pub action: Action,
    /// Whether consent refused it, so that nothing will be sent.
    pub blocked: bool,
    /// The code of consent's refusal, where it is the cause; else empty.
    pub reason: String,
}

/// Compares how each touched profile should stand at each destination with how it stands, and plans what follows.
///
/// Should stand: is a member of the destination's audience, and consent for its purpose is granted. All of a split's or merge's profiles
/// belong in one step: exits are planned before enters, so that an identifier that moved is not taken back from its new profile.
///
/// `at` is the walker's time, which never goes back; `seq` is the journal position of the fact that it works on, or worked on last.
/// Standings outlive the views: a walker that walks the journal again is not listened to before it is where it was.
pub fn step(
    draft: &mut Draft<'_>,
    touched: &[Touched],
    people: &dyn People,
    at: Timestamp,
    seq: Seq,
) -> Result<Vec<Planned>, StoreError> {
    let mark = Mark::read(draft)?;
    if touched.is_empty() || (seq, at) < (mark.seq, mark.at) {
        return Ok(Vec::new());
    }
    let definitions = definitions(draft)?;
    let mut plan = Plan { draft, people, at, next: mark.next, changed: false, planned: Vec::new() };
    let gone = gone(touched);
    let here: BTreeSet<_> = touched.iter().map(|touched| survivor(&gone, touched.profile)).collect();
    for definition in definitions.iter().filter(|definition| definition.events.is_none()) {
        plan.follow(definition, &here, &gone)?;
    }
    let Plan { next, changed, planned, .. } = plan;
    if changed {
        Mark { seq, at, next }.write(draft);
    }
    Ok(planned)
}

struct Plan<'p, 'd> {
    draft: &'p mut Draft<'d>,
    people: &'p dyn People,
    at: Timestamp,
    next: Number,
    /// Whether some standing changed, be it without a delivery.
    changed: bool,
    planned: Vec<Planned>,
}

type Gone = BTreeMap<ProfileId, ProfileId>;

impl Plan<'_, '_> {
    fn follow(&mut self, definition: &Definition, here: &BTreeSet<ProfileId>, gone: &Gone) -> Result<(), StoreError> {
        let mut turns = Vec::new();
        for profile in here {
            let wish = self.wish(definition, *profile)?;
            let at = self.at;
            turns.extend(self.change(definition, *profile, |standing| standing.meet(wish, at))?);
        }
        for profile in gone.keys() {
            let survivor = Standing::read(self.draft, definition, survivor(gone, *profile))?;
            turns.extend(self.change(definition, *profile, |standing| standing.give_way(&survivor))?);
        }
        turns.sort_by_key(|(_, turn)| !matches!(turn.what, What::Exit(_)));
        for (profile, turn) in turns {
            self.write(definition, profile, turn)?;
        }
        Ok(())
    }

    fn wish(&self, definition: &Definition, profile: ProfileId) -> Result<Wish, StoreError> {
        let read: &Draft<'_> = self.draft;
        if !self.people.is_member(read, &definition.audience, profile)? {
            return Ok(Wish::Out);
        }
        let members = self.people.members(read, profile)?;
        let decision = consent::decision(read, &members, &definition.purpose)?;
        match permit((), &decision) {
            Ok(_) => Ok(Wish::In(self.people.identifiers(read, profile)?.into_iter().collect())),
            Err(refusal) => Ok(Wish::Refused(refusal.code())),
        }
    }

    fn change(
        &mut self,
        definition: &Definition,
        profile: ProfileId,
        change: impl FnOnce(&mut Standing) -> Vec<Turn>,
    ) -> Result<Vec<(ProfileId, Turn)>, StoreError> {
        let before = Standing::read(self.draft, definition, profile)?;
        let mut standing = before.clone();
        let turns = change(&mut standing);
        if standing != before {
            standing.write(self.draft, definition, profile);
            self.changed = true;
        }
        Ok(turns.into_iter().map(|turn| (profile, turn)).collect())
    }

    fn write(&mut self, definition: &Definition, profile: ProfileId, turn: Turn) -> Result<(), StoreError> {
        let delivery = self.delivery(definition, profile, &turn)?;
        let blocked = turn.what == What::Block;
        let waiting = Waiting { turn: turn.number, delivery, attempts: 0, next_try_at: self.at, suspected: 0 };
        self.planned.push(enqueue(self.draft, definition, self.next, waiting, blocked, turn.reason)?);
        self.next += 1;
        Ok(())
    }

    fn delivery(&self, definition: &Definition, profile: ProfileId, turn: &Turn) -> Result<Delivery, StoreError> {
        let (action, identifiers, traits) = match &turn.what {
            What::Exit(told) => (Action::Exit, told.iter().cloned().collect(), Default::default()),
            What::Enter(now) => {
                (Action::Enter, now.iter().cloned().collect(), self.people.traits(&*self.draft, profile)?)
            }
            What::Block => (Action::Enter, Vec::new(), Default::default()),
        };
        Ok(Delivery {
            id: delivery_id(definition, profile, turn),
            destination: definition.name.clone(),
            audience: definition.audience.clone(),
            profile,
            action,
            identifiers,
            traits,
            at: self.at,
            event: None,
        })
    }
}

/// Puts a delivery into the outbox; what consent blocks only has its line in the ledger.
pub(crate) fn enqueue(
    draft: &mut Draft<'_>,
    definition: &Definition,
    number: Number,
    waiting: Waiting,
    blocked: bool,
    reason: &str,
) -> Result<Planned, StoreError> {
    let outcome = if blocked { Outcome::Blocked } else { Outcome::Waiting };
    ledger::note(draft, number, &waiting.delivery, outcome, 0, reason);
    let mut tally = ledger::Planned::read(draft, definition)?;
    if blocked {
        tally.blocked += 1;
        log_refusal(&waiting.delivery, reason);
    } else {
        tally.queued += 1;
        outbox::put(draft, definition, number, &waiting);
    }
    tally.write(draft, definition);
    Ok(planned(waiting.delivery, blocked, reason))
}

/// Says, once for each delivery that consent refuses, that nothing leaves and why.
pub(crate) fn log_refusal(delivery: &Delivery, code: &str) {
    let Delivery { id, destination, audience, profile, .. } = delivery;
    info!(%destination, %audience, %profile, id, code, "delivery refused by consent");
}

/// The same whenever the same turn of the same standing is planned.
fn delivery_id(definition: &Definition, profile: ProfileId, turn: &Turn) -> String {
    let what = match turn.what {
        What::Exit(_) => "exit",
        What::Enter(_) => "enter",
        What::Block => "block",
    };
    let created_at = definition.created_at.to_string();
    Digest::of(&[&definition.name, &created_at, &profile.to_string(), what, &turn.number.to_string()]).to_string()
}

fn planned(delivery: Delivery, blocked: bool, reason: &str) -> Planned {
    let Delivery { id, destination, audience, profile, action, .. } = delivery;
    Planned { id, destination, audience, profile, action, blocked, reason: reason.to_owned() }
}

fn gone(touched: &[Touched]) -> Gone {
    let gone = touched.iter().filter_map(|touched| touched.gone_into.map(|into| (touched.profile, into)));
    gone.filter(|(profile, into)| profile != into).collect()
}

/// Follows a profile to the one in which it lives on.
fn survivor(gone: &Gone, profile: ProfileId) -> ProfileId {
    let mut survivor = profile;
    for _ in 0..gone.len() {
        match gone.get(&survivor) {
            Some(into) => survivor = *into,
            None => break,
        }
    }
    survivor
}
