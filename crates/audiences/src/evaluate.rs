use std::collections::{BTreeMap, BTreeSet};

use kit::Timestamp;
use lang::View;
use model::{Membership, Move, MoveCause, ProfileId};
use store::{Draft, Key, Range, Read, ReadExt, StoreError, read_time, read_u32};

use crate::InForce;
use crate::tables::{CHECKS, MEMBER_OF, MEMBERSHIPS, TIMERS};

/// What is new about a profile, so that only those audiences are asked that could answer differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The profile is new, merged, parted, or its rules changed: ask all.
    Everything,
    /// Only these events' labels and these traits.
    Parts { labels: BTreeSet<String>, traits: BTreeSet<String> },
    /// Only the answers of these audiences, because their time has come.
    Due(BTreeSet<String>),
}

impl Changed {
    pub fn nothing() -> Self {
        Self::Parts { labels: BTreeSet::new(), traits: BTreeSet::new() }
    }

    /// Adds what else has changed.
    pub fn and(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Parts { labels, traits }, Self::Parts { labels: more_labels, traits: more_traits }) => {
                labels.extend(more_labels);
                traits.extend(more_traits);
            }
            (Self::Due(names), Self::Due(more)) => names.extend(more),
            (kept @ Self::Parts { .. }, other) if is_nothing(kept) => *kept = other,
            (_, other) if is_nothing(&other) => {}
            // Two different reasons at once are rare: asking all audiences is right, and simple.
            (kept, _) => *kept = Self::Everything,
        }
    }
}

/// Brings a profile's memberships and timers up to date, and returns who moved.
pub fn evaluate(
    draft: &mut Draft<'_>,
    in_force: &InForce,
    profile: ProfileId,
    changed: &Changed,
    view: &dyn View,
    now: Timestamp,
    cause: MoveCause,
) -> Result<Vec<Move>, StoreError> {
    let concerned = in_force.concerned(changed);
    if concerned.is_empty() {
        return Ok(Vec::new());
    }
    let before = Answers::read(draft, profile)?;
    let mut moves = Vec::new();
    for audience in concerned {
        let outcome = lang::evaluate(&audience.rule, in_force, view, now);
        move_timer(draft, profile, &audience.name, before.due(&audience.name), outcome.changes_at);
        if outcome.member != before.is_member(&audience.name) {
            moves.push(set(draft, &audience.name, profile, outcome.member, now, cause));
        }
    }
    Ok(moves)
}

/// How a profile stands: one look at its rows, however many audiences are asked.
struct Answers {
    member_of: BTreeSet<String>,
    due: BTreeMap<String, Timestamp>,
}

impl Answers {
    fn read(read: &dyn Read, profile: ProfileId) -> Result<Self, StoreError> {
        let prefix = profile.0.to_be_bytes();
        let (mut member_of, mut due) = (BTreeSet::new(), BTreeMap::new());
        read.scan(&MEMBER_OF, Range::prefix(&prefix), &mut |key, _| {
            member_of.insert(audience_in(key, 4).to_owned());
            Ok(true)
        })?;
        read.scan(&CHECKS, Range::prefix(&prefix), &mut |key, value| {
            due.extend(read_time(value, 0).map(|at| (audience_in(key, 4).to_owned(), at)));
            Ok(true)
        })?;
        Ok(Self { member_of, due })
    }

    fn is_member(&self, audience: &str) -> bool {
        self.member_of.contains(audience)
    }

    fn due(&self, audience: &str) -> Option<Timestamp> {
        self.due.get(audience).copied()
    }
}

/// Takes a profile that is no more out of all audiences.
pub fn leave(draft: &mut Draft<'_>, profile: ProfileId, at: Timestamp) -> Result<Vec<Move>, StoreError> {
    let mut moves = Vec::new();
    for membership in memberships(draft, profile)? {
        moves.push(set(draft, &membership.audience, profile, false, at, MoveCause::Identity));
    }
    for (audience, due) in Answers::read(draft, profile)?.due {
        move_timer(draft, profile, &audience, Some(due), None);
    }
    Ok(moves)
}

/// Takes up to `limit` members out of an audience that is no more in force; nobody is left when fewer moves come back.
pub fn dissolve(draft: &mut Draft<'_>, audience: &str, at: Timestamp, limit: usize) -> Result<Vec<Move>, StoreError> {
    let members = members(draft, audience, None, limit)?;
    let leave = |member: Membership| set(draft, audience, member.profile, false, at, MoveCause::Definition);
    Ok(members.into_iter().map(leave).collect())
}

/// Forgets a timer, e.g. of an audience that is no more in force.
pub fn drop_timer(draft: &mut Draft<'_>, profile: ProfileId, audience: &str) -> Result<(), StoreError> {
    let due = Answers::read(draft, profile)?.due(audience);
    move_timer(draft, profile, audience, due, None);
    Ok(())
}

/// Returns whether a profile is in an audience now.
pub fn is_member(read: &dyn Read, audience: &str, profile: ProfileId) -> Result<bool, StoreError> {
    Ok(read.get(&MEMBERSHIPS, membership_key(audience, profile).as_slice())?.is_some())
}

/// Returns the audiences that a profile is in, by name.
pub fn memberships(read: &dyn Read, profile: ProfileId) -> Result<Vec<Membership>, StoreError> {
    let rows = read.rows(&MEMBER_OF, Range::prefix(&profile.0.to_be_bytes()), usize::MAX)?;
    let membership = |(key, value): (Vec<u8>, Vec<u8>)| {
        Some(Membership { audience: audience_in(&key, 4).to_owned(), profile, since: read_time(&value, 0)? })
    };
    Ok(rows.into_iter().filter_map(membership).collect())
}

/// Returns an audience's members beyond `after`, in the order of their ids.
pub fn members(
    read: &dyn Read,
    audience: &str,
    after: Option<ProfileId>,
    limit: usize,
) -> Result<Vec<Membership>, StoreError> {
    let prefix = Key::new().text(audience);
    let after = after.map(|profile| Vec::from(membership_key(audience, profile)));
    let range = Range::prefix(prefix.as_slice()).after(after.as_deref());
    let membership = |(key, value): (Vec<u8>, Vec<u8>)| {
        let profile = ProfileId(read_u32(&key, key.len().checked_sub(4)?)?);
        Some(Membership { audience: audience.to_owned(), profile, since: read_time(&value, 0)? })
    };
    Ok(read.rows(&MEMBERSHIPS, range, limit)?.into_iter().filter_map(membership).collect())
}

/// Returns the profiles and audiences whose time has come at `now`, at most `limit` of them, earliest first.
pub fn due(read: &dyn Read, now: Timestamp, limit: usize) -> Result<Vec<(ProfileId, String)>, StoreError> {
    let mut found = Vec::new();
    read.scan(&TIMERS, Range::default(), &mut |key, _| {
        let is_due = read_time(key, 0).is_some_and(|at| at <= now);
        if let (true, Some(profile)) = (is_due, read_u32(key, 8)) {
            found.push((ProfileId(profile), audience_in(key, 12).to_owned()));
        }
        Ok(is_due && found.len() < limit)
    })?;
    Ok(found)
}

/// Returns when the next timer falls due.
pub fn next_due(read: &dyn Read) -> Result<Option<Timestamp>, StoreError> {
    Ok(read.rows(&TIMERS, Range::default(), 1)?.first().and_then(|(key, _)| read_time(key, 0)))
}

fn set(
    draft: &mut Draft<'_>,
    audience: &str,
    profile: ProfileId,
    entered: bool,
    at: Timestamp,
    cause: MoveCause,
) -> Move {
    let by_person = Key::new().u32(profile.0).text(audience);
    let key = membership_key(audience, profile);
    if entered {
        let since = Vec::from(Key::new().time(at));
        draft.put_bytes(&MEMBERSHIPS, key, since.clone());
        draft.put_bytes(&MEMBER_OF, by_person, since);
    } else {
        draft.remove(&MEMBERSHIPS, key);
        draft.remove(&MEMBER_OF, by_person);
    }
    Move { audience: audience.to_owned(), profile, entered, at, cause }
}

fn move_timer(
    draft: &mut Draft<'_>,
    profile: ProfileId,
    audience: &str,
    before: Option<Timestamp>,
    due: Option<Timestamp>,
) {
    if before == due {
        return;
    }
    let check = Key::new().u32(profile.0).text(audience);
    let timer = |at| Key::new().time(at).u32(profile.0).text(audience);
    if let Some(before) = before {
        draft.remove(&TIMERS, timer(before));
        draft.remove(&CHECKS, check.clone());
    }
    if let Some(due) = due {
        draft.put_bytes(&TIMERS, timer(due), Vec::new());
        draft.put_bytes(&CHECKS, check, Key::new().time(due).into());
    }
}

fn membership_key(audience: &str, profile: ProfileId) -> Key {
    Key::new().text(audience).u32(profile.0)
}

/// Reads the audience's name that stands in a key from `at` on.
fn audience_in(key: &[u8], at: usize) -> &str {
    let text = key.get(at..).unwrap_or_default();
    std::str::from_utf8(text).unwrap_or_default().trim_end_matches('\0')
}

fn is_nothing(changed: &Changed) -> bool {
    matches!(changed, Changed::Parts { labels, traits } if labels.is_empty() && traits.is_empty())
}
