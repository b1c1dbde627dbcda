//! One fact's step through the graph.

use kit::Timestamp;
use model::{Fact, Identifier, Link, Ordinal, ProfileId, Seq, Source};
use store::{Draft, Read, StoreError};

use super::join::{self, Group, is_always, note_history, objection, write_edge, write_group};
use super::replay::{Replayed, replay};
use super::rows::{self, Edge, IdChange, Member, Node, Refusal, Standing, Word};
use crate::Rules;
use crate::tables::{COMPONENTS, HUBS, IDENTIFIERS, LINKS, NODES, WITNESSES};

/// What a fact did to the graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The identifier that owns the fact; `None` when all that it carries is blocked.
    pub owner: Option<Ordinal>,
    /// The owner's profile after the step.
    pub profile: Option<ProfileId>,
    /// Identifiers seen for the first time.
    pub fresh: Vec<(Ordinal, Identifier)>,
    /// Profiles whose identifiers are not what they were, the new ones included.
    pub changed: Vec<ProfileId>,
    /// Profiles that are no more, each with the one that now holds its oldest identifier.
    pub gone: Vec<(ProfileId, ProfileId)>,
    /// What happened, in words for people; identifiers by kind only.
    pub effects: Vec<String>,
}

/// Takes one fact into the graph.
pub fn step(draft: &mut Draft<'_>, rules: &Rules, fact: &Fact, seq: Seq) -> Result<Step, StoreError> {
    match fact {
        Fact::Event(event) => {
            let identifiers = rules.by_priority(&event.identifiers);
            carry(draft, rules, fact, &identifiers, seq, event.time, &event.source)
        }
        Fact::Record(record) => {
            let identifiers = rules.of_record(&record.identifiers);
            carry(draft, rules, fact, &identifiers, seq, record.version, &record.source)
        }
        Fact::Link(link) => word(draft, rules, link, seq),
    }
}

/// Links the identifiers that a fact carries together: a star around the first, which owns the fact.
fn carry(
    draft: &mut Draft<'_>,
    rules: &Rules,
    fact: &Fact,
    identifiers: &[Identifier],
    seq: Seq,
    time: Timestamp,
    source: &Source,
) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let mut ordinals = Vec::with_capacity(identifiers.len());
    for identifier in identifiers {
        ordinals.push(meet(draft, rules, identifier, time, source, &mut step)?);
    }
    for ordinal in &ordinals {
        witness(draft, rules, *ordinal, identifiers, fact, seq, &mut step)?;
    }
    let Some(owner) = owner(draft, &ordinals)? else { return Ok(step) };
    step.owner = Some(owner);
    for (place, other) in ordinals.iter().enumerate() {
        if *other != owner && rows::edge(draft, owner, *other)?.is_none() {
            let edge = Edge { seq, place: place as u16, time, source: source.clone(), standing: Standing::Holds };
            link(draft, rules, owner, *other, edge, &mut step)?;
        }
    }
    step.profile = rows::node(draft, owner)?.map(|node| ProfileId(node.root));
    Ok(step)
}

/// Returns the most telling identifier that is no hub; where all are hubs, the most telling.
fn owner(draft: &Draft<'_>, ordinals: &[Ordinal]) -> Result<Option<Ordinal>, StoreError> {
    for ordinal in ordinals {
        if !rows::is_hub(draft, *ordinal)? {
            return Ok(Some(*ordinal));
        }
    }
    Ok(ordinals.first().copied())
}

/// Returns an identifier's number; one that is met for the first time becomes a profile of its own.
fn meet(
    draft: &mut Draft<'_>,
    rules: &Rules,
    identifier: &Identifier,
    time: Timestamp,
    source: &Source,
    step: &mut Step,
) -> Result<Ordinal, StoreError> {
    if let Some(ordinal) = rows::ordinal(draft, identifier)? {
        return Ok(ordinal);
    }
    let ordinal = rows::totals(draft)?.identifiers + 1;
    let node = Node {
        kind: identifier.kind().to_owned(),
        value: identifier.value().to_owned(),
        first_seen: time,
        source: source.clone(),
        root: ordinal,
    };
    draft.put_bytes(&IDENTIFIERS, rows::identifier_key(identifier), ordinal.to_be_bytes().to_vec());
    draft.put(&NODES, ordinal.to_be_bytes(), &node);
    let alone = Group { members: vec![Member { ordinal, kind: node.kind }] };
    write_group(draft, &alone)?;
    join::count(draft, rules, &[], &[alone], 1)?;
    step.changed.push(ProfileId(ordinal));
    step.fresh.push((ordinal, identifier.clone()));
    Ok(ordinal)
}

/// Notes whom an identifier met on this fact. When it has now met too many, it is a hub: it leaves the graph, and what it had joined is
/// decided again.
fn witness(
    draft: &mut Draft<'_>,
    rules: &Rules,
    ordinal: Ordinal,
    company: &[Identifier],
    fact: &Fact,
    seq: Seq,
    step: &mut Step,
) -> Result<(), StoreError> {
    let Some(node) = rows::node(draft, ordinal)? else { return Ok(()) };
    for hub in &rules.kind(&node.kind).hubs {
        let mut is_new = false;
        for value in hub.values(company, fact) {
            let key = rows::witness_key(ordinal, &hub.meets).text(&value);
            is_new |= draft.get(&WITNESSES, key.as_slice())?.is_none();
            draft.put_bytes(&WITNESSES, key, Vec::new());
        }
        if !is_new || rows::is_hub(draft, ordinal)? {
            continue;
        }
        let met = rows::witnesses(draft, ordinal, &hub.meets)?;
        if met > hub.most {
            draft.put(&HUBS, ordinal.to_be_bytes(), &seq);
            step.effects.push(format!("{} met {met} different `{}` and links nobody any more", node.kind, hub.meets));
            decide_again(draft, rules, &[ordinal], seq, step)?;
        }
    }
    Ok(())
}

/// Weighs one new edge, the last in journal order.
fn link(
    draft: &mut Draft<'_>,
    rules: &Rules,
    a: Ordinal,
    b: Ordinal,
    edge: Edge,
    step: &mut Step,
) -> Result<(), StoreError> {
    if rows::is_hub(draft, a)? || rows::is_hub(draft, b)? {
        write_edge(draft, a, b, &Edge { standing: Standing::Refused(Refusal::Hub), ..edge });
        return Ok(());
    }
    let (one, other) = (group_of(draft, a)?, group_of(draft, b)?);
    let via = super::via(draft, rules, a, b)?;
    let objection = match one == other || is_always(draft, a, b)? {
        true => None,
        false => objection(draft, rules, &one, &other)?,
    };
    let seq = edge.seq;
    let standing = objection.clone().map_or(Standing::Holds, Standing::Refused);
    write_edge(draft, a, b, &Edge { standing, ..edge });
    match objection {
        Some(refusal) => step.effects.push(format!("{via} not linked: {refusal}")),
        None if one != other => unite(draft, rules, one, other, seq, &via, step)?,
        None => {}
    }
    Ok(())
}

fn unite(
    draft: &mut Draft<'_>,
    rules: &Rules,
    one: Group,
    other: Group,
    seq: Seq,
    via: &str,
    step: &mut Step,
) -> Result<(), StoreError> {
    let mut members = [one.members.as_slice(), other.members.as_slice()].concat();
    members.sort();
    let joined = Group { members };
    write_group(draft, &joined)?;
    join::count(draft, rules, &[one.clone(), other.clone()], std::slice::from_ref(&joined), 0)?;
    let (kept, lost) = (joined.root(), one.root().max(other.root()));
    draft.remove(&COMPONENTS, lost.to_be_bytes());
    // An identifier that this very fact brought had no profile before: nothing merged, something was added.
    if step.fresh.iter().any(|(ordinal, _)| *ordinal == lost) {
        step.effects.push(format!("{via} added to {}", ProfileId(kept)));
    } else {
        note_merge(draft, ProfileId(kept), ProfileId(lost), seq, step);
    }
    step.changed.retain(|profile| profile.0 != lost);
    note_changed(step, ProfileId(kept));
    Ok(())
}

fn note_merge(draft: &mut Draft<'_>, kept: ProfileId, lost: ProfileId, seq: Seq, step: &mut Step) {
    note_history(draft, lost, seq, 0, &IdChange::MergedInto(kept));
    note_history(draft, kept, seq, lost.0, &IdChange::Absorbed(lost));
    for (_, into) in step.gone.iter_mut().filter(|(_, into)| *into == lost) {
        *into = kept;
    }
    step.gone.push((lost, kept));
    step.effects.push(format!("{lost} merged into {kept}"));
}

/// Takes an operator's word about two identifiers.
fn word(draft: &mut Draft<'_>, rules: &Rules, link: &Link, seq: Seq) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let source: Source = link.by.as_str().into();
    let a = meet(draft, rules, &link.a, link.received_at, &source, &mut step)?;
    let b = meet(draft, rules, &link.b, link.received_at, &source, &mut step)?;
    step.owner = Some(a);
    if a != b {
        let (by, reason) = (link.by.clone(), link.reason.clone());
        let word = Word { verdict: link.verdict, seq, time: link.received_at, by, reason };
        draft.put(&LINKS, rows::pair(a, b), &word);
        draft.put(&LINKS, rows::pair(b, a), &word);
        decide_again(draft, rules, &[a, b], seq, &mut step)?;
    }
    step.profile = rows::node(draft, a)?.map(|node| ProfileId(node.root));
    Ok(step)
}

fn decide_again(
    draft: &mut Draft<'_>,
    rules: &Rules,
    around: &[Ordinal],
    seq: Seq,
    step: &mut Step,
) -> Result<(), StoreError> {
    let Replayed { before, after } = replay(draft, rules, around)?;
    join::count(draft, rules, &before, &after, 0)?;
    let old: Vec<&Group> = before.iter().filter(|group| !after.contains(group)).collect();
    let new: Vec<&Group> = after.iter().filter(|group| !before.contains(group)).collect();
    for group in &old {
        draft.remove(&COMPONENTS, group.root().to_be_bytes());
    }
    for group in &new {
        write_group(draft, group)?;
    }
    let roots = |groups: &[&Group]| groups.iter().map(|group| group.root()).collect::<Vec<_>>();
    let (old_roots, new_roots) = (roots(&old), roots(&new));
    for (number, root) in new_roots.iter().enumerate() {
        if !old_roots.contains(root) {
            note_parting(draft, &old, ProfileId(*root), seq, number as u32, step);
        }
        note_changed(step, ProfileId(*root));
    }
    for root in old_roots.iter().filter(|root| !new_roots.contains(root)) {
        let holder = after.iter().find(|group| group.members.iter().any(|member| member.ordinal == *root));
        let into = holder.expect("a replay keeps every identifier").root();
        step.changed.retain(|profile| profile.0 != *root);
        note_merge(draft, ProfileId(into), ProfileId(*root), seq, step);
    }
    Ok(())
}

fn note_parting(draft: &mut Draft<'_>, old: &[&Group], part: ProfileId, seq: Seq, number: u32, step: &mut Step) {
    let from = old.iter().find(|group| group.members.iter().any(|member| member.ordinal == part.0));
    let from = ProfileId(from.expect("a part was somewhere before").root());
    note_history(draft, part, seq, 0, &IdChange::PartedFrom(from));
    note_history(draft, from, seq, number + 1, &IdChange::Released(part));
    step.effects.push(format!("{part} parted from {from}"));
}

fn note_changed(step: &mut Step, profile: ProfileId) {
    if !step.changed.contains(&profile) {
        step.changed.push(profile);
    }
}

fn group_of(draft: &Draft<'_>, ordinal: Ordinal) -> Result<Group, StoreError> {
    let root = rows::node(draft, ordinal)?.map_or(ordinal, |node| node.root);
    Ok(Group { members: rows::component(draft, root)? })
}
