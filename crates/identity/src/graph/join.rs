//! Whether two components may become one, and making them one.

use std::collections::BTreeMap;

use model::{Ordinal, ProfileId, Seq, Verdict};
use store::{Draft, Key, Read, StoreError};

use super::rows::{self, Edge, IdChange, Member, Refusal, Standing, Totals};
use crate::Rules;
use crate::tables::{COMPONENTS, EDGES, HISTORY, NODES, TOTALS};

/// Identifiers that are one person, while they are being put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub members: Vec<Member>,
}

impl Group {
    pub fn root(&self) -> Ordinal {
        self.members.iter().map(|member| member.ordinal).min().expect("a group has a member")
    }

    pub fn is_known(&self, rules: &Rules) -> bool {
        self.members.iter().any(|member| !rules.is_device(&member.kind))
    }
}

/// Returns why the two groups must not become one; `None` when they may.
pub(super) fn objection(
    read: &dyn Read,
    rules: &Rules,
    one: &Group,
    other: &Group,
) -> Result<Option<Refusal>, StoreError> {
    if parted_by_word(read, one, other)? {
        return Ok(Some(Refusal::Never));
    }
    Ok(over_limit(rules, one, other).map(Refusal::Limit))
}

/// Whether an operator said `always` about the two ends themselves.
pub(super) fn is_always(read: &dyn Read, a: Ordinal, b: Ordinal) -> Result<bool, StoreError> {
    Ok(rows::words(read, a)?.iter().any(|(other, word)| *other == b && word.verdict == Verdict::Always))
}

fn parted_by_word(read: &dyn Read, one: &Group, other: &Group) -> Result<bool, StoreError> {
    let (few, many) = if one.members.len() <= other.members.len() { (one, other) } else { (other, one) };
    for member in &few.members {
        for (end, word) in rows::words(read, member.ordinal)? {
            let is_other = many.members.iter().any(|member| member.ordinal == end);
            if is_other && word.verdict == Verdict::Never {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn over_limit(rules: &Rules, one: &Group, other: &Group) -> Option<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for member in one.members.iter().chain(&other.members) {
        *counts.entry(&member.kind).or_default() += 1;
    }
    let has = |group: &Group, kind: &str| group.members.iter().any(|member| member.kind == kind);
    let over = |(kind, count): &(&str, u32)| *count > rules.kind(kind).limit && has(one, kind) && has(other, kind);
    counts.into_iter().find(over).map(|(kind, _)| kind.to_owned())
}

/// Writes an edge, both ways round.
pub(super) fn write_edge(draft: &mut Draft<'_>, a: Ordinal, b: Ordinal, edge: &Edge) {
    draft.put(&EDGES, rows::pair(a, b), edge);
    draft.put(&EDGES, rows::pair(b, a), edge);
}

/// Says how an edge stands now.
pub(super) fn restate(draft: &mut Draft<'_>, a: Ordinal, b: Ordinal, edge: &Edge, standing: Standing) {
    if edge.standing != standing {
        write_edge(draft, a, b, &Edge { standing, ..edge.clone() });
    }
}

/// Writes a group as a profile: its component, and the root of each of its members.
pub(super) fn write_group(draft: &mut Draft<'_>, group: &Group) -> Result<(), StoreError> {
    let root = group.root();
    draft.put(&COMPONENTS, root.to_be_bytes(), &group.members);
    for member in &group.members {
        if let Some(mut node) = rows::node(draft, member.ordinal)?.filter(|node| node.root != root) {
            node.root = root;
            draft.put(&NODES, member.ordinal.to_be_bytes(), &node);
        }
    }
    Ok(())
}

/// Writes down how a profile's id came or went. `number` tells apart what one fact does to one profile.
pub(super) fn note_history(draft: &mut Draft<'_>, profile: ProfileId, seq: Seq, number: u32, change: &IdChange) {
    draft.put(&HISTORY, Key::new().u32(profile.0).u64(seq).u32(number), change);
}

/// Moves the totals by what groups were there before and are there after.
pub(super) fn count(
    draft: &mut Draft<'_>,
    rules: &Rules,
    before: &[Group],
    after: &[Group],
    new_identifiers: u32,
) -> Result<(), StoreError> {
    let known = |groups: &[Group]| groups.iter().filter(|group| group.is_known(rules)).count() as u32;
    let held = rows::totals(draft)?;
    let totals = Totals {
        identifiers: held.identifiers + new_identifiers,
        profiles: held.profiles + after.len() as u32 - before.len() as u32,
        known: held.known + known(after) - known(before),
    };
    if totals != held {
        draft.put(&TOTALS, *b"all", &totals);
    }
    Ok(())
}
