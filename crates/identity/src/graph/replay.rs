//! Deciding again, where something that an earlier decision rested on has changed: an operator's word, or a hub.
//!
//! The graph is a pure function of its edges in journal order, the words of operators and the hubs. A new edge is the last one, so deciding it
//! alone is the same as deciding all again. A new word or hub is not: then every component that the changed one touches, by edges that hold or
//! were refused, is taken apart and put together again. What lies beyond shares no edge with them and cannot come out otherwise.

use std::collections::{BTreeMap, BTreeSet};

use model::{Ordinal, Verdict};
use store::{Draft, Read, StoreError};

use super::join::{Group, objection, restate};
use super::rows::{self, Edge, Member, Refusal, Standing};
use crate::Rules;

/// What was taken apart, and what came out.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    pub before: Vec<Group>,
    pub after: Vec<Group>,
}

/// Decides all edges again that have to do with these identifiers.
pub(super) fn replay(draft: &mut Draft<'_>, rules: &Rules, around: &[Ordinal]) -> Result<Replayed, StoreError> {
    let before = reach(draft, around)?;
    let mut puzzle = Puzzle::of(draft, &before)?;
    for (a, b) in puzzle.always.clone() {
        puzzle.unite(a, b);
    }
    for (a, b, edge) in std::mem::take(&mut puzzle.edges) {
        let standing = puzzle.decide(draft, rules, a, b)?;
        if standing == Standing::Holds {
            puzzle.unite(a, b);
        }
        restate(draft, a, b, &edge, standing);
    }
    Ok(Replayed { before, after: puzzle.into_groups() })
}

/// Returns every component that can be reached from these identifiers over edges and words, whether they hold or not.
fn reach(read: &dyn Read, around: &[Ordinal]) -> Result<Vec<Group>, StoreError> {
    let mut roots = BTreeSet::new();
    let mut groups = Vec::new();
    let mut waiting: Vec<Ordinal> = around.to_vec();
    while let Some(ordinal) = waiting.pop() {
        let Some(node) = rows::node(read, ordinal)? else { continue };
        if !roots.insert(node.root) {
            continue;
        }
        let group = Group { members: rows::component(read, node.root)? };
        for member in &group.members {
            waiting.extend(beyond(read, member.ordinal)?);
        }
        groups.push(group);
    }
    Ok(groups)
}

/// Returns the other ends of an identifier's edges and words. A hub's edges lead nowhere any more.
fn beyond(read: &dyn Read, ordinal: Ordinal) -> Result<Vec<Ordinal>, StoreError> {
    let mut ends: Vec<_> = rows::words(read, ordinal)?.into_iter().map(|(end, _)| end).collect();
    let edges = rows::edges(read, ordinal)?;
    let dead = |edge: &Edge| edge.standing == Standing::Refused(Refusal::Hub);
    ends.extend(edges.into_iter().filter(|(_, edge)| !dead(edge)).map(|(end, _)| end));
    Ok(ends)
}

/// Identifiers, each for itself at first, and the edges that are to put them together.
struct Puzzle {
    groups: BTreeMap<Ordinal, Group>,
    group_of: BTreeMap<Ordinal, Ordinal>,
    edges: Vec<(Ordinal, Ordinal, Edge)>,
    always: Vec<(Ordinal, Ordinal)>,
}

impl Puzzle {
    fn of(read: &dyn Read, taken_apart: &[Group]) -> Result<Self, StoreError> {
        let members: Vec<Member> = taken_apart.iter().flat_map(|group| group.members.iter().cloned()).collect();
        let group_of: BTreeMap<_, _> = members.iter().map(|member| (member.ordinal, member.ordinal)).collect();
        let mut edges = Vec::new();
        let mut always = Vec::new();
        for Member { ordinal, .. } in &members {
            let inside = |end: &Ordinal| ordinal < end && group_of.contains_key(end);
            let of_one = rows::edges(read, *ordinal)?.into_iter().filter(|(end, _)| inside(end));
            edges.extend(of_one.map(|(end, edge)| (*ordinal, end, edge)));
            let words = rows::words(read, *ordinal)?.into_iter();
            let words = words.filter(|(end, word)| inside(end) && word.verdict == Verdict::Always);
            always.extend(words.map(|(end, word)| (word.seq, *ordinal, end)));
        }
        edges.sort_by_key(|(a, b, edge)| (edge.seq, edge.place, *a, *b));
        always.sort_unstable();
        let groups = members.into_iter().map(|member| (member.ordinal, Group { members: vec![member] })).collect();
        let always = always.into_iter().map(|(_, a, b)| (a, b)).collect();
        Ok(Self { groups, group_of, edges, always })
    }

    fn decide(&self, read: &dyn Read, rules: &Rules, a: Ordinal, b: Ordinal) -> Result<Standing, StoreError> {
        if rows::is_hub(read, a)? || rows::is_hub(read, b)? {
            return Ok(Standing::Refused(Refusal::Hub));
        }
        let (one, other) = (self.group_of[&a], self.group_of[&b]);
        if one == other {
            return Ok(Standing::Holds);
        }
        let objection = objection(read, rules, &self.groups[&one], &self.groups[&other])?;
        Ok(objection.map_or(Standing::Holds, Standing::Refused))
    }

    fn unite(&mut self, a: Ordinal, b: Ordinal) {
        let (one, other) = (self.group_of[&a], self.group_of[&b]);
        if one == other {
            return;
        }
        let joined = self.groups.remove(&other).expect("every group is listed under its name");
        for member in &joined.members {
            self.group_of.insert(member.ordinal, one);
        }
        let group = self.groups.get_mut(&one).expect("every group is listed under its name");
        group.members.extend(joined.members);
    }

    fn into_groups(self) -> Vec<Group> {
        let sorted = |mut group: Group| {
            group.members.sort();
            group
        };
        self.groups.into_values().map(sorted).collect()
    }
}
