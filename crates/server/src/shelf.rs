//! Lays facts and views down as Parquet, so that SQL, previews and other tools see them.

use kit::Coded;
use lake::journal::{Entry, JournalError};
use lake::{
    ConsentRow, EventRow, FactRows, IdentifierRow, LakeError, LinkRow, MembershipRow, ProfileRow, RecordRow, Snapshot,
    TraitRow,
};
use model::{Fact, ProfileId, Seq};
use store::{Store, StoreError};

use crate::house::House;
use collect::seen;

/// What is laid down: the journal position of the facts, and a mark of the views' state.
#[derive(Debug, Default)]
pub struct Laid {
    views_through: Option<(Seq, u64)>,
}

/// Facts that are held in memory before they are written as files.
const FACTS_AT_ONCE: usize = 200_000;

/// Brings the lake up to the state of the views, and returns what a question reads. Does nothing where nothing has changed.
pub fn lay(house: &House) -> Result<Snapshot, ShelfError> {
    let mut laid = house.shelf.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let applied = house.store.applied()?;
    lay_facts(house, applied)?;
    let mark = (applied, house.with_members(|members| members.version()));
    if laid.views_through != Some(mark) {
        lay_views(house, applied)?;
        laid.views_through = Some(mark);
    }
    Ok(house.lake.snapshot())
}

fn lay_facts(house: &House, through: Seq) -> Result<(), ShelfError> {
    let from = house.lake.facts_through() + 1;
    if from > through {
        return Ok(());
    }
    let mut rows = FactRows::default();
    let mut count = 0;
    for entry in house.journal.reader(from) {
        let Entry::Fact { seq, fact } = entry? else { continue };
        if seq > through {
            break;
        }
        add(&house.store, &mut rows, seq, &fact)?;
        count += 1;
        if count % FACTS_AT_ONCE == 0 {
            house.lake.append(&std::mem::take(&mut rows), seq)?;
        }
    }
    house.lake.append(&rows, through)?;
    house.lake.compact()?;
    Ok(())
}

fn add(store: &Store, rows: &mut FactRows, seq: Seq, fact: &Fact) -> Result<(), ShelfError> {
    match fact {
        Fact::Event(event) => {
            let way = seen::way_of(store, &event.source, &event.message_id)?;
            // A message that came again is in the journal, but in no view and in no table.
            if let Some(way) = way.filter(|way| way.seq == seq) {
                rows.events.push(EventRow::of(seq, way.owner.unwrap_or(0), event));
            }
        }
        Fact::Record(record) => {
            let owner = record.identifiers.first().map(|first| identity::ordinal(store, first)).transpose()?.flatten();
            rows.records.push(RecordRow::of(seq, owner.unwrap_or(0), record));
        }
        Fact::Link(link) => rows.links.push(LinkRow::of(seq, link)),
    }
    Ok(())
}

fn lay_views(house: &House, as_of: Seq) -> Result<(), ShelfError> {
    let read = house.store.snapshot();
    let mut identifiers = Vec::new();
    let mut people = Vec::new();
    let mut traits = Vec::new();
    let mut consents = Vec::new();
    identity::each_profile(&read, None, &mut |profile, members| {
        let ordinals: Vec<_> = members.iter().map(|member| member.ordinal).collect();
        let mut first_seen = kit::Timestamp::MAX;
        for ordinal in &ordinals {
            let node = identity::node(&read, *ordinal)?.expect("a member is a node");
            first_seen = first_seen.min(node.first_seen);
            let (kind, value) = (node.kind, node.value);
            identifiers.push(IdentifierRow { ordinal: *ordinal, kind, value, profile: profile.0 });
        }
        let activity = profiles::activity(&read, &ordinals)?;
        people.push(ProfileRow {
            profile: profile.0,
            identifiers: ordinals.len() as u32,
            first_seen: activity.map_or(first_seen, |activity| activity.first.min(first_seen)),
            last_seen: activity.map_or(first_seen, |activity| activity.last),
        });
        traits.extend(trait_rows(&read, profile, &ordinals)?);
        consents.extend(consent_rows(&read, profile, &ordinals)?);
        Ok(true)
    })?;
    let memberships = membership_rows(house, &read)?;
    house.lake.replace_view(as_of, identifiers)?;
    house.lake.replace_view(as_of, people)?;
    house.lake.replace_view(as_of, traits)?;
    house.lake.replace_view(as_of, consents)?;
    house.lake.replace_view(as_of, memberships)?;
    Ok(())
}

fn trait_rows(
    read: &dyn store::Read,
    profile: ProfileId,
    ordinals: &[u32],
) -> Result<impl Iterator<Item = TraitRow> + use<>, StoreError> {
    let winners = profiles::winners(read, ordinals)?;
    Ok(winners.into_iter().map(move |(name, winner)| TraitRow {
        profile: profile.0,
        name,
        value: winner.claim.value.to_string(),
        source: winner.claim.source,
        time: winner.claim.time,
    }))
}

fn consent_rows(
    read: &dyn store::Read,
    profile: ProfileId,
    ordinals: &[u32],
) -> Result<impl Iterator<Item = ConsentRow> + use<>, StoreError> {
    let decisions = consent::decisions(read, ordinals)?;
    Ok(decisions.into_iter().filter_map(move |(purpose, decision)| {
        let given = decision.given()?;
        let (source, time) = (given.source.clone(), given.time);
        Some(ConsentRow { profile: profile.0, purpose, granted: decision.is_granted(), source, time })
    }))
}

fn membership_rows(house: &House, read: &dyn store::Read) -> Result<Vec<MembershipRow>, StoreError> {
    let mut rows = Vec::new();
    for audience in house.in_force().iter() {
        let members = audiences::members(read, &audience.name, None, usize::MAX)?;
        rows.extend(members.into_iter().map(|member| MembershipRow {
            audience: member.audience,
            profile: member.profile.0,
            since: member.since,
        }));
    }
    Ok(rows)
}

/// Why the lake could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl Coded for ShelfError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Journal(error) => error.code(),
            Self::Lake(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        true
    }
}
