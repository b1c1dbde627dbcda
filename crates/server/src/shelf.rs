//! Lays facts and views down as Parquet, so that SQL, previews and other tools see them.

use std::sync::Arc;

use kit::Coded;
use lake::journal::{Entry, JournalError};
use lake::{
    ConsentRow, EventRow, FactRows, IdentifierRow, LakeError, LinkRow, MembershipRow, ProfileRow, RecordRow, Snapshot,
    TraitRow,
};
use model::{Fact, Ordinal, ProfileId, Seq};
use store::{Read, Store, StoreError};

use crate::house::House;
use collect::seen;

/// What is laid down: the journal position of the facts, and a mark of the views' state.
#[derive(Debug, Default)]
pub struct Laid {
    views_through: Option<(Seq, u64)>,
}

/// People whose identifiers are held in memory while views are written.
const PEOPLE_AT_ONCE: usize = 10_000;

/// Facts that are held in memory before they are written as files.
const FACTS_AT_ONCE: usize = 200_000;

/// As [`lay`], for those who must not block: laying down reads the journal and writes files.
pub async fn laid(house: &Arc<House>) -> Result<Snapshot, ShelfError> {
    let house = house.clone();
    match tokio::task::spawn_blocking(move || lay(&house)).await {
        Ok(laid) => laid,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

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
        let (seq, fact) = match entry {
            Ok(Entry::Fact { seq, fact }) => (seq, fact),
            // The walker has told of it, and went on.
            Ok(Entry::Damage(_)) | Err(JournalError::NotAFact { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
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
            // A message that came again is in the journal, but in no view and in no table.
            if let Some(owner) = seen::owner(store, seq)? {
                rows.events.push(EventRow::of(seq, owner, event));
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

/// Writes each view by going through everyone once: memory does not grow with the number of people.
fn lay_views(house: &House, as_of: Seq) -> Result<(), ShelfError> {
    let read = house.store.snapshot();
    house.lake.try_replace_view(as_of, for_everyone(&read, identifier_rows))?;
    house
        .lake
        .try_replace_view(as_of, for_everyone(&read, |read, person| profile_row(read, person).map(|row| vec![row])))?;
    house.lake.try_replace_view(as_of, for_everyone(&read, trait_rows))?;
    house.lake.try_replace_view(as_of, for_everyone(&read, consent_rows))?;
    house.lake.try_replace_view(as_of, membership_rows(house, &read))?;
    Ok(())
}

/// A profile and the identifiers that it consists of.
struct Person {
    profile: ProfileId,
    ordinals: Vec<Ordinal>,
}

/// The rows of everyone, newest profile first.
fn for_everyone<'r, R: 'r>(
    read: &'r dyn Read,
    rows: impl Fn(&dyn Read, &Person) -> Result<Vec<R>, StoreError> + 'r,
) -> impl Iterator<Item = Result<R, ShelfError>> + 'r {
    let rows = move |person: Result<Person, StoreError>| or_error(person.and_then(|person| rows(read, &person)));
    everyone(read).flat_map(rows).map(|row| Ok(row?))
}

fn everyone(read: &dyn Read) -> impl Iterator<Item = Result<Person, StoreError>> + '_ {
    let mut before = None;
    let pieces = std::iter::from_fn(move || {
        let piece = people_before(read, before);
        before = piece.as_ref().ok().and_then(|people| people.last()).map(|person| person.profile);
        match piece {
            Ok(people) if people.is_empty() => None,
            piece => Some(piece),
        }
    });
    // After an error there is nothing to go on with.
    pieces.flat_map(or_error)
}

fn people_before(read: &dyn Read, before: Option<ProfileId>) -> Result<Vec<Person>, StoreError> {
    let mut people = Vec::new();
    identity::each_profile(read, before, &mut |profile, members| {
        people.push(Person { profile, ordinals: members.iter().map(|member| member.ordinal).collect() });
        Ok(people.len() < PEOPLE_AT_ONCE)
    })?;
    Ok(people)
}

fn or_error<T>(rows: Result<Vec<T>, StoreError>) -> Vec<Result<T, StoreError>> {
    match rows {
        Ok(rows) => rows.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}

fn identifier_rows(read: &dyn Read, person: &Person) -> Result<Vec<IdentifierRow>, StoreError> {
    let row = |ordinal: &Ordinal| {
        let node = identity::node(read, *ordinal)?.expect("a member is a node");
        Ok(IdentifierRow { ordinal: *ordinal, kind: node.kind, value: node.value, profile: person.profile.0 })
    };
    person.ordinals.iter().map(row).collect()
}

fn profile_row(read: &dyn Read, person: &Person) -> Result<ProfileRow, StoreError> {
    let mut first_seen = kit::Timestamp::MAX;
    for ordinal in &person.ordinals {
        let node = identity::node(read, *ordinal)?.expect("a member is a node");
        first_seen = first_seen.min(node.first_seen);
    }
    let activity = profiles::activity(read, &person.ordinals)?;
    Ok(ProfileRow {
        profile: person.profile.0,
        identifiers: person.ordinals.len() as u32,
        first_seen: activity.map_or(first_seen, |activity| activity.first.min(first_seen)),
        last_seen: activity.map_or(first_seen, |activity| activity.last),
    })
}

fn trait_rows(read: &dyn Read, person: &Person) -> Result<Vec<TraitRow>, StoreError> {
    let row = |(name, winner): (String, profiles::Winner)| TraitRow {
        profile: person.profile.0,
        name,
        value: winner.claim.value.to_string(),
        source: winner.claim.source,
        time: winner.claim.time,
    };
    Ok(profiles::winners(read, &person.ordinals)?.into_iter().map(row).collect())
}

fn consent_rows(read: &dyn Read, person: &Person) -> Result<Vec<ConsentRow>, StoreError> {
    let row = |(purpose, decision): (String, consent::Decision)| {
        let given = decision.given()?;
        let (source, time) = (given.source.clone(), given.time);
        Some(ConsentRow { profile: person.profile.0, purpose, granted: decision.is_granted(), source, time })
    };
    Ok(consent::decisions(read, &person.ordinals)?.into_iter().filter_map(row).collect())
}

fn membership_rows<'r>(
    house: &House,
    read: &'r dyn Read,
) -> impl Iterator<Item = Result<MembershipRow, ShelfError>> + 'r {
    let row = |member: model::Membership| MembershipRow {
        audience: member.audience,
        profile: member.profile.0,
        since: member.since,
    };
    let names: Vec<String> = house.in_force().iter().map(|audience| audience.name.clone()).collect();
    let members = move |name: String| {
        let members = audiences::members(read, &name, None, usize::MAX);
        or_error(members.map(|members| members.into_iter().map(row).collect()))
    };
    names.into_iter().flat_map(members).map(|row| Ok(row?))
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
