//! What is still to be asked about everyone. Each mark stands for one change of a definition and is removed only by the walker, when everyone
//! was asked since: a definition that changes once more meanwhile has a mark of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use model::ProfileId;
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table, read_u32, read_u64};

use crate::house::House;

pub(crate) static PENDING: Table = Table {
    name: "pending",
    about: "a change of an audience that is still to be asked about everyone: name text, number 8 bytes → the profile reached, going down",
    writer: "server",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// Profiles that are asked under one commit.
const PROFILES_AT_ONCE: usize = 1_000;

/// Stands in an audience's place, and is no name for one.
const RECONCILING: &str = "";

/// The numbers of marks: none is used twice.
#[derive(Debug)]
pub(crate) struct Numbers(AtomicU64);

impl Numbers {
    pub fn load(read: &dyn Read) -> Result<Self, StoreError> {
        let rows = read.rows(&PENDING, Range::default(), usize::MAX)?;
        let number = |(key, _): &(Vec<u8>, Vec<u8>)| read_u64(key, key.len().saturating_sub(8));
        Ok(Self(AtomicU64::new(rows.iter().filter_map(number).max().unwrap_or_default() + 1)))
    }
}

/// Work on one audience: to be asked about everyone below `reached`, or to be dissolved where it is no more in force.
#[derive(Debug)]
pub(crate) struct Pending {
    pub audience: String,
    key: Vec<u8>,
    reached: Option<ProfileId>,
}

/// Notes that an audience must be asked about everyone, or dissolved.
pub(crate) fn mark(draft: &mut Draft<'_>, numbers: &Numbers, audience: &str) {
    let number = numbers.0.fetch_add(1, Ordering::Relaxed);
    draft.put_bytes(&PENDING, Key::new().text(audience).u64(number), 0u32.to_be_bytes().to_vec());
}

/// Notes that the views are built anew, maybe otherwise: once they are where they were, every destination is told the difference.
pub(crate) fn mark_reconciling(draft: &mut Draft<'_>, numbers: &Numbers) {
    mark(draft, numbers, RECONCILING);
}

/// What is to be gone on with. Destinations are reconciled only by a walker that has caught up.
pub(crate) fn first(read: &dyn Read, has_caught_up: bool) -> Result<Option<Pending>, StoreError> {
    let rows = read.rows(&PENDING, Range::default(), usize::MAX)?;
    let pending = rows.into_iter().map(|(key, value)| {
        let name = &key[..key.len().saturating_sub(8)];
        let audience = String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
        Pending { audience, key, reached: read_u32(&value, 0).filter(|reached| *reached > 0).map(ProfileId) }
    });
    Ok(pending.into_iter().find(|pending| has_caught_up || !pending.is_reconciling()))
}

impl Pending {
    pub fn is_reconciling(&self) -> bool {
        self.audience == RECONCILING
    }

    /// The next profiles, newest first.
    pub fn profiles(&self, house: &House) -> Result<Vec<ProfileId>, StoreError> {
        let mut piece = Vec::new();
        identity::each_profile(&house.store, self.reached, &mut |profile, _| {
            piece.push(profile);
            Ok(piece.len() < PROFILES_AT_ONCE)
        })?;
        Ok(piece)
    }

    /// How many members are taken out of an audience at once.
    pub fn limit(&self) -> usize {
        PROFILES_AT_ONCE
    }

    /// Notes with the piece itself that it is done.
    pub fn done(self, draft: &mut Draft<'_>, through: Option<ProfileId>, asked: usize) {
        match through.filter(|_| asked == PROFILES_AT_ONCE) {
            Some(reached) => draft.put_bytes(&PENDING, self.key, reached.0.to_be_bytes().to_vec()),
            None => draft.remove(&PENDING, self.key),
        }
    }
}
