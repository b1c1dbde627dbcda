//! What a door asks of the plans. Where none applies, or all is as planned, that costs a look; else events are marked, relieved of fields, or held
//! back. What is held back or removed is on disk before the door goes on; what comes while the disk is busy goes with the next commit, all together.

use std::sync::{Arc, PoisonError};

use collect::plans::{Broken, Judged, Mode, PlansInForce};
use collect::quarantine;
use kit::Timestamp;
use model::{Event, Identifier};
use store::{Draft, StoreError};
use tokio::sync::oneshot;

use super::{Plans, blocking};
use crate::DoorError;

/// What may wait for the disk on its way into the quarantine, as much as before the journal; above that a door says that it is busy.
const MOST_WAITING_BYTES: usize = 64 << 20;
/// Of an event beside its raw parts.
const EVENT_BYTES: usize = 500;

/// Events as they go on, and what stays.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub events: Vec<Event>,
    pub held: Vec<HeldBack>,
}

/// An event that a plan holds back. It is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// Its place among the events that were asked about, from 0.
    pub at: usize,
    pub message_id: String,
    pub plan: String,
    /// How it breaks the plan, e.g. `wrong_type`.
    pub code: &'static str,
    /// Where, and what the plan asks for; no value of the event.
    pub message: String,
}

/// Judged events that wait for the disk.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    parcels: Vec<Parcel>,
    bytes: usize,
}

/// The events of one request, and who waits for them.
#[derive(Debug)]
struct Parcel {
    events: Vec<Seen>,
    at: Timestamp,
    reply: oneshot::Sender<Result<Vec<Seen>, StoreError>>,
}

/// An event that was judged.
#[derive(Debug)]
struct Seen {
    judged: Judged,
    /// Those with which it came: one of them may have gone with its field.
    identifiers: Vec<Identifier>,
}

impl Plans {
    /// Asks the plans in force about the events of a request.
    pub(crate) async fn ask(self: &Arc<Self>, events: Vec<Event>, now: Timestamp) -> Result<Asked, DoorError> {
        let in_force = self.in_force();
        if events.iter().all(|event| in_force.is_sound(event)) {
            return Ok(Asked { events, held: Vec::new() });
        }
        // What breaks a plan may be long to weigh: the doors' threads go on with others meanwhile.
        let plans = self.clone();
        let seen = blocking(move || plans.judge(&in_force, events)).await;
        let seen = if seen.iter().any(Seen::is_to_be_kept) { self.keep(seen, now).await? } else { seen };
        Ok(Asked::of(seen))
    }

    fn judge(&self, in_force: &PlansInForce, events: Vec<Event>) -> Vec<Seen> {
        let see = |event: Event| Seen { identifiers: event.identifiers.clone(), judged: in_force.judge(event) };
        let seen: Vec<_> = events.into_iter().map(see).collect();
        let mut counts = self.counting();
        seen.iter().for_each(|seen| counts.note(&seen.judged));
        seen
    }

    /// Returns the events once what is to be kept of them is on disk.
    async fn keep(self: &Arc<Self>, events: Vec<Seen>, at: Timestamp) -> Result<Vec<Seen>, DoorError> {
        let (reply, kept) = oneshot::channel();
        self.push(Parcel { events, at, reply })?;
        let plans = self.clone();
        blocking(move || plans.keep_waiting()).await;
        // Whoever came first has kept this parcel too. It has no answer only where that one panicked.
        let lost = || StoreError::Backend("events could not be put into the quarantine".to_owned());
        Ok(kept.await.unwrap_or_else(|_| Err(lost()))?)
    }

    fn push(&self, parcel: Parcel) -> Result<(), DoorError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.bytes > MOST_WAITING_BYTES {
            return Err(DoorError::QuarantineBusy);
        }
        waiting.bytes += parcel.events.iter().map(Seen::bytes).sum::<usize>();
        waiting.parcels.push(parcel);
        Ok(())
    }

    /// Keeps everything that waits under one commit.
    fn keep_waiting(&self) {
        let mut parcels = Vec::new();
        let kept = self.draft(|draft| {
            let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            parcels = waiting.parcels;
            parcels.iter().try_for_each(|parcel: &Parcel| parcel.write(draft))
        });
        for Parcel { events, reply, .. } in parcels {
            // Who has hung up sends again.
            let _ = reply.send(kept.clone().map(|()| events));
        }
    }
}

impl Parcel {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        for Seen { judged, identifiers } in &self.events {
            if judged.held {
                quarantine::keep(draft, &judged.event, &judged.broken, self.at)?;
            } else {
                quarantine::set_aside(draft, &judged.event, identifiers, &judged.removed, self.at)?;
            }
        }
        Ok(())
    }
}

impl Seen {
    fn is_to_be_kept(&self) -> bool {
        self.judged.held || !self.judged.removed.is_empty()
    }

    fn bytes(&self) -> usize {
        let event = &self.judged.event;
        let parts = [&event.properties, &event.traits, &event.context, &event.integrations];
        EVENT_BYTES + parts.into_iter().flatten().map(|raw| raw.text().len()).sum::<usize>()
    }
}

impl Asked {
    fn of(seen: Vec<Seen>) -> Self {
        let mut asked = Self::default();
        for (at, Seen { judged, .. }) in seen.into_iter().enumerate() {
            if judged.held {
                asked.held.push(HeldBack::of(at, judged));
            } else {
                asked.events.push(judged.event);
            }
        }
        asked
    }
}

impl HeldBack {
    fn of(at: usize, judged: Judged) -> Self {
        let holding = |broken: &Broken| {
            let violation = broken.violations.iter().find(|violation| violation.mode == Mode::Quarantine)?;
            Some((broken.plan.clone(), violation.clone()))
        };
        let (plan, violation) =
            judged.broken.iter().find_map(holding).expect("an event is held for a violation that is told");
        let message = format!("{} at `{}`: {}", violation.rule, violation.pointer, violation.expected);
        Self { at, message_id: judged.event.message_id, plan, code: violation.kind.as_str(), message }
    }
}
