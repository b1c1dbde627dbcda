use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use activation::{Context, Deliverer, NewDefinition, People, Planned, Touched, create, step};
use kit::{Backoff, Clock, ManualClock, SECOND_MS, Timestamp};
use model::{ConsentChange, Event, EventKind, Fact, Identifier, Ordinal, ProfileId, Seq};
use serde_json::{Map, Value, json};
use store::{Draft, Read, Store, StoreError};

pub const BACKOFF: Backoff = Backoff { base_ms: 1_000, max_ms: 60_000, attempts: 5 };

/// Something that happens to people. Each person's identifier `n` is `n@x`; whoever holds a buyer's identifier is in audience `buyers`.
#[derive(Debug, Clone, Copy)]
pub enum Op {
    Buys(Ordinal),
    Returns(Ordinal),
    Decides(Ordinal, bool),
    /// The profiles of two identifiers become one.
    Merge(Ordinal, Ordinal),
    /// Each identifier of a profile is one of its own again.
    Split(Ordinal),
}

/// The views: pure functions of what happened.
#[derive(Debug, Default)]
pub struct Town(Mutex<Views>);

#[derive(Debug, Default)]
struct Views {
    profiles: BTreeMap<Ordinal, ProfileId>,
    buyers: BTreeSet<Ordinal>,
}

/// A house with people, one store and one clock.
#[derive(Debug)]
pub struct World {
    pub store: Store,
    pub town: Arc<Town>,
    pub clock: Arc<ManualClock>,
    pub dir: tempfile::TempDir,
    ops: Vec<Op>,
}

impl World {
    pub fn new() -> Self {
        let tables: Vec<_> = activation::TABLES.iter().chain(consent::TABLES).copied().collect();
        Self {
            store: Store::in_memory(&tables),
            town: Arc::default(),
            clock: Arc::new(ManualClock::at(at(0))),
            dir: tempfile::tempdir().unwrap(),
            ops: Vec::new(),
        }
    }

    /// A world in which a webhook follows the buyers.
    pub fn with_webhook(url: &str) -> Self {
        let world = Self::new();
        world.create("ads", "webhook", json!({ "url": url, "token": "t0ken" }));
        world
    }

    pub fn create(&self, name: &str, kind: &str, options: Value) {
        let mut draft = self.store.draft();
        create(&mut draft, definition(name, kind, options), self.clock.now()).unwrap();
        self.store.commit(draft).unwrap();
    }

    pub fn deliverer(&self) -> Deliverer {
        self.deliverer_with(BACKOFF)
    }

    pub fn deliverer_with(&self, backoff: Backoff) -> Deliverer {
        let context = Context::new(self.dir.path().to_owned());
        Deliverer::with_backoff(self.store.clone(), self.town.clone(), self.clock.clone(), context, backoff)
    }

    /// Lets things happen, one after the other, and returns what was planned.
    pub fn happen(&mut self, ops: &[Op]) -> Vec<Planned> {
        let mut planned = Vec::new();
        for op in ops {
            self.ops.push(*op);
            planned.extend(self.walk(self.ops.len() as Seq, *op));
        }
        planned
    }

    /// Throws all views away and walks the whole way again. Returns what was planned.
    pub fn rebuild(&mut self) -> Vec<Planned> {
        self.store.drop_views().unwrap();
        *self.town.0.lock().unwrap() = Views::default();
        self.ops.iter().enumerate().flat_map(|(before, op)| self.walk(before as Seq + 1, *op)).collect()
    }

    pub fn touch(&self, touched: &[Touched]) -> Vec<Planned> {
        let mut draft = self.store.draft();
        let seq = self.ops.len() as Seq;
        let planned = step(&mut draft, touched, &*self.town, at(seq), seq).unwrap();
        self.store.commit(draft).unwrap();
        planned
    }

    /// The identifiers that a receiver should know: of buyers who granted.
    pub fn should_know(&self) -> Vec<String> {
        self.identifiers(|views, members| members.iter().any(|member| views.buyers.contains(member)))
    }

    /// The identifiers that may be named to a receiver: of all who granted.
    pub fn may_know(&self) -> Vec<String> {
        self.identifiers(|_, _| true)
    }

    fn identifiers(&self, is_wanted: impl Fn(&Views, &[Ordinal]) -> bool) -> Vec<String> {
        let views = self.town.0.lock().unwrap();
        let knows = |ordinal: &Ordinal| {
            let members = views.members(views.profile(*ordinal));
            let decision = consent::decision(&self.store, &members, "ads").unwrap();
            decision.is_granted() && is_wanted(&views, &members)
        };
        views.profiles.keys().filter(|ordinal| knows(ordinal)).map(|ordinal| format!("{ordinal}@x")).collect()
    }

    fn walk(&self, seq: Seq, op: Op) -> Vec<Planned> {
        if self.clock.now() < at(seq) {
            self.clock.set(at(seq));
        }
        let mut draft = self.store.draft();
        let touched = self.town.0.lock().unwrap().apply(op);
        if let Op::Decides(ordinal, granted) = op {
            consent::step(&mut draft, ordinal, &decides(ordinal, granted, at(seq)), seq).unwrap();
        }
        let planned = step(&mut draft, &touched, &*self.town, at(seq), seq).unwrap();
        self.store.commit_through(draft, seq).unwrap();
        planned
    }
}

impl Views {
    fn profile(&self, ordinal: Ordinal) -> ProfileId {
        self.profiles.get(&ordinal).copied().unwrap_or(ProfileId(ordinal))
    }

    fn members(&self, profile: ProfileId) -> Vec<Ordinal> {
        self.profiles.iter().filter(|(_, of)| **of == profile).map(|(ordinal, _)| *ordinal).collect()
    }

    fn apply(&mut self, op: Op) -> Vec<Touched> {
        let (Op::Buys(first) | Op::Returns(first) | Op::Decides(first, _) | Op::Merge(first, _) | Op::Split(first)) =
            op;
        let here = *self.profiles.entry(first).or_insert(ProfileId(first));
        match op {
            Op::Buys(ordinal) => _ = self.buyers.insert(ordinal),
            Op::Returns(ordinal) => _ = self.buyers.remove(&ordinal),
            Op::Decides(..) => {}
            Op::Merge(_, second) => {
                let there = *self.profiles.entry(second).or_insert(ProfileId(second));
                return self.merge(here.min(there), here.max(there));
            }
            Op::Split(_) => return self.split(here),
        }
        vec![Touched::profile(here)]
    }

    fn merge(&mut self, older: ProfileId, younger: ProfileId) -> Vec<Touched> {
        if older == younger {
            return vec![Touched::profile(older)];
        }
        self.profiles.values_mut().filter(|profile| **profile == younger).for_each(|profile| *profile = older);
        vec![Touched::gone(younger, older), Touched::profile(older)]
    }

    fn split(&mut self, profile: ProfileId) -> Vec<Touched> {
        let members = self.members(profile);
        let apart = members.iter().map(|ordinal| ProfileId(*ordinal));
        self.profiles.extend(members.iter().copied().zip(apart.clone()));
        apart.map(Touched::profile).collect()
    }
}

impl People for Town {
    fn members(&self, _: &dyn Read, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
        Ok(self.0.lock().unwrap().members(profile))
    }

    fn holder(&self, _: &dyn Read, owner: Ordinal) -> Result<Option<ProfileId>, StoreError> {
        Ok(self.0.lock().unwrap().profiles.get(&owner).copied())
    }

    fn identifiers(&self, read: &dyn Read, profile: ProfileId) -> Result<Vec<Identifier>, StoreError> {
        Ok(self
            .members(read, profile)?
            .iter()
            .map(|ordinal| Identifier::new("email", format!("{ordinal}@x")))
            .collect())
    }

    fn traits(&self, _: &dyn Read, profile: ProfileId) -> Result<Map<String, Value>, StoreError> {
        Ok(Map::from_iter([("number".to_owned(), json!(profile.0))]))
    }

    fn is_member(&self, read: &dyn Read, audience: &str, profile: ProfileId) -> Result<bool, StoreError> {
        let members = self.members(read, profile)?;
        let views = self.0.lock().unwrap();
        Ok(audience == "buyers" && members.iter().any(|member| views.buyers.contains(member)))
    }
}

pub fn at(seq: Seq) -> Timestamp {
    Timestamp::from_ms(1_790_000_000_000 + seq as i64 * SECOND_MS)
}

pub fn definition(name: &str, kind: &str, options: Value) -> NewDefinition {
    let text = str::to_owned;
    NewDefinition {
        name: text(name),
        kind: text(kind),
        audience: text("buyers"),
        events: None,
        purpose: text("Ads"),
        options,
    }
}

/// What was planned, a line each: `enter P1`, `exit P1 consent_denied`, `blocked P1 consent_unknown`.
pub fn shown(planned: &[Planned]) -> String {
    let line = |planned: &Planned| {
        let what = if planned.blocked { "blocked".to_owned() } else { format!("{:?}", planned.action).to_lowercase() };
        format!("{what} {} {}", planned.profile, planned.reason).trim_end().to_owned() + "\n"
    };
    planned.iter().map(line).collect()
}

/// A destination's counts, and the last lines of the ledger, newest first.
pub fn ledger(read: &dyn Read, name: &str) -> String {
    let status = activation::statuses(read).unwrap().into_iter().find(|status| status.definition.name == name).unwrap();
    let (health, activation::Status { delivered, blocked, waiting, dead, .. }) = (status.health.as_str(), &status);
    let mut shown = format!("{health}: {delivered} delivered, {blocked} blocked, {waiting} waiting, {dead} dead\n");
    for (_, line) in activation::lines(read, Some(name), 100).unwrap() {
        let action = format!("{:?}", line.action).to_lowercase();
        let (outcome, attempts) = (line.outcome.as_str(), line.attempts);
        shown += &format!("{action} {}: {outcome} after {attempts}, {:?}\n", line.profile, line.reason);
    }
    shown
}

pub fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub fn decides(ordinal: Ordinal, granted: bool, time: Timestamp) -> Fact {
    Fact::Event(Event {
        message_id: format!("m-{time}"),
        source: "web".into(),
        kind: EventKind::Consent,
        name: None,
        identifiers: vec![Identifier::new("email", format!("{ordinal}@x"))],
        time,
        received_at: time,
        sent_at: None,
        original_timestamp: None,
        traits: None,
        properties: None,
        context: None,
        integrations: None,
        consents: vec![ConsentChange { purpose: "ads".to_owned(), granted }],
        as_sent: None,
    })
}

/// A draft, for tests that write into a store by hand.
pub fn edit(store: &Store, edit: impl FnOnce(&mut Draft<'_>)) {
    let mut draft = store.draft();
    edit(&mut draft);
    store.commit(draft).unwrap();
}
