//! The way of a fact through the house. Each verb is one room.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use activation::{Happened, Touched};
use audiences::{Changed, InForce};
use collect::enrich::Origin;
use collect::seen::{self, Recall};
use collect::sources::{self, Tally};
use collect::spec::{self, Refused};
use collect::ways::{self, Way, WayStep};
use kit::Timestamp;
use lake::journal::AppendReceipt;
use model::{Fact, Move, MoveCause, ProfileId, Seq};
use profiles::Views;
use store::{Draft, StoreError};

use crate::house::House;
use crate::pending::Pending;
use crate::people::Rooms;
use crate::plans::{Asked, HeldBack};
use crate::{DoorError, live_words};

/// What the door answers: the events are durable.
#[derive(Debug)]
pub struct Received {
    /// How many are in the journal.
    pub accepted: u64,
    pub refused: Vec<Refused>,
    /// Those that a plan holds back: on disk as well, in the quarantine.
    pub held: Vec<HeldBack>,
    pub receipt: Option<AppendReceipt>,
}

/// Before the answer: what a door has read, checked and stamped gets its marks of what may be done and what can be known here, is held against the
/// plans of its source, and is made durable: in the journal, or in the quarantine. Then the caller may go.
///
/// The quarantine comes first. Where the journal then fails the caller sends all of it again, and what is held knows its message ids.
pub async fn keep(house: &House, mut taken: spec::Accepted, origin: &Origin) -> Result<Received, DoorError> {
    for event in &mut taken.events {
        consent::mark(event);
        house.enricher.enrich(event, origin);
    }
    let Asked { events, held } = house.plans.ask(taken.events, house.clock.now()).await?;
    let accepted = events.len() as u64;
    let facts: Vec<Fact> = events.into_iter().map(Fact::Event).collect();
    let receipt = match facts.is_empty() {
        true => None,
        false => Some(house.journal.append(facts).await?),
    };
    Ok(Received { accepted, refused: taken.refused, held, receipt })
}

/// What walking some facts did.
#[derive(Debug, Default)]
pub struct Walked {
    pub moves: Vec<Move>,
    pub shown: Vec<api::LiveEvent>,
}

/// When a batch is walked.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The walker's time.
    pub now: Timestamp,
    /// The journal position that the views have reached with the batch: its last fact, or damage behind it.
    pub through: Seq,
    /// How many of the last facts are shown live.
    pub show: usize,
    /// The opening of the state ([`store::Store::opening`]) in which the walker found its place.
    pub opening: u64,
}

/// After the answer: every room takes its step with each fact, in journal order, on one draft. Nothing of it is visible before the commit, which
/// carries the journal position with it.
pub fn walk(
    house: &House,
    in_force: &InForce,
    views: &mut Views,
    batch: &[(Seq, Fact)],
    moment: Moment,
) -> Result<Walked, StoreError> {
    let Moment { now, through, show, opening } = moment;
    let mut draft = house.store.draft_of(opening);
    let recall = Recall::load(&draft)?;
    let mut walk = Walk { now, recall, touched: Touch::default(), ways: Vec::new(), tallies: BTreeMap::new() };
    for (seq, fact) in batch {
        walk.take(&mut draft, house, views, *seq, fact)?;
    }
    let started = Instant::now();
    let moves = walk.touched.answer(&mut draft, in_force, views, now, MoveCause::Fact)?;
    let audiences_us = micros(started);
    let started = Instant::now();
    let happened = walk.happened(batch);
    let mut planned = activation::forward(&mut draft, &happened, &Rooms, &spec::envelope, now, through)?;
    planned.extend(activation::step(&mut draft, &walk.touched.people(), &Rooms, now, through)?);
    let activation_us = micros(started);
    walk.tell_effects(&moves, &planned, audiences_us, activation_us);
    let shown = walk.shown(&draft, batch, show)?;
    walk.write_down(&mut draft, batch);
    house.store.commit_through(draft, through)?;
    Ok(Walked { moves, shown })
}

/// Time passed: asks again the answers that were to change by now.
pub fn wake(
    house: &House,
    in_force: &InForce,
    views: &mut Views,
    due: Vec<(ProfileId, String)>,
    now: Timestamp,
) -> Result<Vec<Move>, StoreError> {
    let mut draft = house.store.draft();
    let mut touched = Touch::default();
    for (profile, audience) in due {
        if in_force.get(&audience).is_some() {
            touched.change(profile, Changed::Due(BTreeSet::from([audience])));
        } else {
            audiences::drop_timer(&mut draft, profile, &audience)?;
        }
    }
    let moves = touched.answer(&mut draft, in_force, views, now, MoveCause::Time)?;
    let last = house.store.applied()?;
    activation::step(&mut draft, &touched.people(), &Rooms, now, last)?;
    house.store.commit(draft)?;
    Ok(moves)
}

/// A definition is new: asks it about the next profiles.
pub(crate) fn ask(
    house: &House,
    in_force: &InForce,
    pending: Pending,
    now: Timestamp,
) -> Result<Vec<Move>, StoreError> {
    let profiles = pending.profiles(house)?;
    let mut draft = house.store.draft();
    let mut touched = Touch::default();
    let mut views = Views::new(usize::MAX);
    views.set_labels(in_force.labels_of(&pending.audience));
    for profile in &profiles {
        touched.change(*profile, Changed::Due(BTreeSet::from([pending.audience.clone()])));
    }
    let moves = touched.answer(&mut draft, in_force, &mut views, now, MoveCause::Definition)?;
    let last = house.store.applied()?;
    activation::step(&mut draft, &touched.people(), &Rooms, now, last)?;
    pending.done(&mut draft, profiles.last().copied(), profiles.len());
    house.store.commit(draft)?;
    Ok(moves)
}

/// An audience is no more: takes the next members out of it.
pub(crate) fn dissolve(house: &House, pending: Pending, now: Timestamp) -> Result<Vec<Move>, StoreError> {
    let mut draft = house.store.draft();
    let moves = audiences::dissolve(&mut draft, &pending.audience, now, pending.limit())?;
    let people: Vec<_> = moves.iter().map(|step| Touched::profile(step.profile)).collect();
    let last = house.store.applied()?;
    activation::step(&mut draft, &people, &Rooms, now, last)?;
    pending.done(&mut draft, moves.last().map(|step| step.profile), moves.len());
    house.store.commit(draft)?;
    Ok(moves)
}

/// The views were built anew: plans what every destination was told otherwise. Profiles that are no more come first, so that nobody who lives
/// on in another profile is taken back after having entered with it.
pub(crate) fn reconcile(house: &House, pending: Pending, now: Timestamp) -> Result<(), StoreError> {
    const PEOPLE_AT_ONCE: usize = 1_000;
    let read = house.store.snapshot();
    let mut people = activation::standing_profiles(&read)?;
    for definition in activation::definitions(&read)? {
        let members = audiences::members(&read, &definition.audience, None, usize::MAX)?;
        people.extend(members.into_iter().map(|member| member.profile));
    }
    let (mut gone, mut here) = (Vec::new(), Vec::new());
    for profile in people {
        let list = if identity::members(&read, profile)?.is_empty() { &mut gone } else { &mut here };
        list.push(Touched::profile(profile));
    }
    gone.append(&mut here);
    let last = house.store.applied()?;
    for piece in gone.chunks(PEOPLE_AT_ONCE) {
        let mut draft = house.store.draft();
        activation::step(&mut draft, piece, &Rooms, now, last)?;
        house.store.commit(draft)?;
    }
    let mut draft = house.store.draft();
    pending.done(&mut draft, None, 0);
    house.store.commit(draft)
}

/// The facts of one batch on their way.
struct Walk {
    now: Timestamp,
    recall: Recall,
    touched: Touch,
    ways: Vec<Option<OnTheWay>>,
    tallies: BTreeMap<String, Tally>,
}

/// One fact's way so far; `None` in the list of ways stands for a message that came again.
struct OnTheWay {
    owner: Option<u32>,
    profile: Option<ProfileId>,
    steps: Vec<WayStep>,
}

impl Walk {
    fn take(
        &mut self,
        draft: &mut Draft<'_>,
        house: &House,
        views: &mut Views,
        seq: Seq,
        fact: &Fact,
    ) -> Result<(), StoreError> {
        let repeated = self.is_repeated(draft, seq, fact)?;
        self.count(draft, fact, repeated)?;
        if repeated {
            self.ways.push(None);
            return Ok(());
        }
        let started = Instant::now();
        let step = identity::step(draft, &house.rules, fact, seq)?;
        let mut steps = vec![way_step("identity", started, step.effects.clone())];
        self.touched.regroup(views, &step);
        if let Some(owner) = step.owner {
            let started = Instant::now();
            let told = profiles::step(draft, owner, &step.fresh, fact, seq)?;
            let decided = consent::step(draft, owner, fact, seq)?;
            steps.push(way_step("profiles", started, live_words::told(&told, decided)));
            if let Some(left) = told.left.as_ref()
                && let Some(profile) = identity::holder(draft, left.owner)?
            {
                self.touched.take_back(views, profile, left);
            }
            if let Some(profile) = step.profile {
                self.touched.note(views, profile, fact, seq, told);
            }
        }
        if let Fact::Event(_) = fact {
            seen::store(draft, seq, step.owner);
        }
        self.ways.push(Some(OnTheWay { owner: step.owner, profile: step.profile, steps }));
        Ok(())
    }

    /// The events that came for the first time and belong to somebody.
    fn happened<'b>(&self, batch: &'b [(Seq, Fact)]) -> Vec<Happened<'b>> {
        let ways = batch.iter().zip(&self.ways);
        let owned = ways.filter_map(|((seq, fact), way)| match fact {
            Fact::Event(event) => Some(Happened { seq: *seq, owner: way.as_ref()?.owner?, event }),
            Fact::Record(_) | Fact::Link(_) => None,
        });
        owned.collect()
    }

    fn is_repeated(&mut self, draft: &mut Draft<'_>, seq: Seq, fact: &Fact) -> Result<bool, StoreError> {
        self.recall.note_time(fact.received_at());
        match fact {
            Fact::Event(event) => self.recall.is_repeated(draft, event, seq),
            Fact::Record(_) | Fact::Link(_) => Ok(false),
        }
    }

    fn count(&mut self, draft: &Draft<'_>, fact: &Fact, repeated: bool) -> Result<(), StoreError> {
        let source: &str = match fact {
            Fact::Event(event) => &event.source,
            Fact::Record(record) => &record.source,
            Fact::Link(link) => &link.by,
        };
        if !self.tallies.contains_key(source) {
            self.tallies.insert(source.to_owned(), sources::tally(draft, source)?);
        }
        let tally = self.tallies.get_mut(source).expect("was just put there");
        match fact {
            _ if repeated => tally.repeated += 1,
            Fact::Event(_) => tally.events += 1,
            Fact::Record(_) => tally.records += 1,
            Fact::Link(_) => tally.links += 1,
        }
        tally.last_seen = tally.last_seen.max(Some(fact.received_at()));
        Ok(())
    }

    /// Tells the last fact of each profile what the batch did to it; the profile moved once, after all of them.
    fn tell_effects(&mut self, moves: &[Move], planned: &[activation::Planned], audiences_us: u32, activation_us: u32) {
        let mut told = BTreeSet::new();
        for way in self.ways.iter_mut().rev().flatten() {
            let Some(profile) = way.profile.filter(|profile| told.insert(*profile)) else { continue };
            let what = live_words::moves(moves, profile);
            way.steps.push(WayStep { room: "audiences".to_owned(), took_us: audiences_us, what });
            let what = live_words::planned(planned, profile);
            way.steps.push(WayStep { room: "activation".to_owned(), took_us: activation_us, what });
        }
    }

    fn shown(&self, draft: &Draft<'_>, batch: &[(Seq, Fact)], show: usize) -> Result<Vec<api::LiveEvent>, StoreError> {
        let from = batch.len().saturating_sub(show);
        let ways = batch.iter().zip(&self.ways).skip(from);
        let walked = ways.filter_map(|((seq, fact), way)| Some((seq, fact, way.as_ref()?)));
        walked.map(|(seq, fact, way)| live_words::event(draft, *seq, fact, way.owner, &way.steps)).collect()
    }

    fn write_down(self, draft: &mut Draft<'_>, batch: &[(Seq, Fact)]) {
        for ((seq, fact), way) in batch.iter().zip(self.ways) {
            if let (Fact::Event(_), Some(way)) = (fact, way) {
                ways::note(draft, *seq, &Way { walked_at: self.now, owner: way.owner, steps: way.steps });
            }
        }
        self.recall.write_down(draft);
        for (source, tally) in &self.tallies {
            sources::put_tally(draft, source, tally);
        }
    }
}

/// Which profiles a batch touched, and how.
#[derive(Debug, Default)]
struct Touch {
    changed: BTreeMap<ProfileId, Changed>,
    gone: BTreeMap<ProfileId, ProfileId>,
}

impl Touch {
    fn change(&mut self, profile: ProfileId, changed: Changed) {
        self.changed.entry(profile).or_insert_with(Changed::nothing).and(changed);
    }

    fn regroup(&mut self, views: &mut Views, step: &identity::Step) {
        for profile in &step.changed {
            views.forget(*profile);
            self.gone.remove(profile);
            self.change(*profile, Changed::Everything);
        }
        for (profile, into) in &step.gone {
            views.forget(*profile);
            self.changed.remove(profile);
            self.gone.insert(*profile, *into);
        }
    }

    /// A record went over to another owner, and took along what it had said.
    fn take_back(&mut self, views: &mut Views, profile: ProfileId, left: &profiles::Left) {
        views.forget(profile);
        let traits = left.traits.iter().cloned().collect();
        self.change(profile, Changed::Parts { labels: BTreeSet::new(), traits });
    }

    fn note(&mut self, views: &mut Views, profile: ProfileId, fact: &Fact, seq: Seq, mut told: profiles::Step) {
        if let Fact::Event(event) = fact {
            views.note(profile, event, seq);
        }
        views.note_traits(profile, &mut told);
        let parts =
            Changed::Parts { labels: told.event.into_iter().collect(), traits: told.traits.into_iter().collect() };
        self.change(profile, parts);
    }

    fn answer(
        &self,
        draft: &mut Draft<'_>,
        in_force: &InForce,
        views: &mut Views,
        now: Timestamp,
        cause: MoveCause,
    ) -> Result<Vec<Move>, StoreError> {
        let mut moves = Vec::new();
        for profile in self.gone.keys() {
            moves.extend(audiences::leave(draft, *profile, now)?);
        }
        for (profile, changed) in &self.changed {
            let members = identity::members(draft, *profile)?;
            let view = views.get(draft, *profile, &members)?;
            moves.extend(audiences::evaluate(draft, in_force, *profile, changed, view, now, cause)?);
        }
        Ok(moves)
    }

    fn people(&self) -> Vec<Touched> {
        let gone = self.gone.iter().map(|(profile, into)| Touched::gone(*profile, *into));
        gone.chain(self.changed.keys().map(|profile| Touched::profile(*profile))).collect()
    }
}

fn way_step(room: &str, started: Instant, what: Vec<String>) -> WayStep {
    WayStep { room: room.to_owned(), took_us: micros(started), what }
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}
