//! The truth twin: decides everything from scratch after each fact, with plain vectors and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use identity::{Hub, Kind, Rules};
use model::{Fact, Identifier, Verdict};
use proptest::prelude::*;

use crate::{World, event, link};

/// Returns the groups that these facts must give, each as sorted `kind:value` texts.
fn decide(rules: &Rules, facts: &[Fact]) -> BTreeSet<Vec<String>> {
    let carried: Vec<Vec<Identifier>> = facts.iter().map(|fact| by_priority(rules, fact)).collect();
    let hub_since = hubs(rules, &carried);
    let mut groups: Vec<BTreeSet<Identifier>> = Vec::new();
    for identifier in carried.iter().flatten().chain(linked(facts).iter()) {
        if !groups.iter().any(|group| group.contains(identifier)) {
            groups.push(BTreeSet::from([identifier.clone()]));
        }
    }
    let words = words(facts);
    for ((a, b), verdict) in &words {
        if *verdict == Verdict::Always {
            unite(&mut groups, a, b);
        }
    }
    for (at, identifiers) in carried.iter().enumerate() {
        let is_hub_then = |identifier: &&Identifier| hub_since.get(identifier).is_some_and(|since| *since <= at);
        let owner = identifiers.iter().find(|identifier| !is_hub_then(identifier)).or(identifiers.first());
        for (owner, other) in owner.iter().flat_map(|owner| identifiers.iter().map(move |other| (*owner, other))) {
            let is_hub = [owner, other].iter().any(|end| hub_since.contains_key(*end));
            if !is_hub && may_unite(rules, &words, &groups, owner, other) {
                unite(&mut groups, owner, other);
            }
        }
    }
    groups.iter().map(|group| group.iter().map(ToString::to_string).collect()).collect()
}

fn by_priority(rules: &Rules, fact: &Fact) -> Vec<Identifier> {
    let Fact::Event(event) = fact else { return Vec::new() };
    let mut kept: Vec<_> = event.identifiers.iter().filter(|one| !rules.is_blocked(one)).cloned().collect();
    kept.sort_by_key(|identifier| rules.kind(identifier.kind()).priority);
    kept.dedup();
    kept
}

/// Every identifier that turns out to be a hub, with the fact that shows it.
fn hubs(rules: &Rules, carried: &[Vec<Identifier>]) -> BTreeMap<Identifier, usize> {
    let mut met: BTreeMap<(Identifier, String), BTreeSet<String>> = BTreeMap::new();
    let mut hubs = BTreeMap::new();
    for (at, identifiers) in carried.iter().enumerate() {
        for identifier in identifiers {
            for Hub { meets, most } in &rules.kind(identifier.kind()).hubs {
                let values = met.entry((identifier.clone(), meets.clone())).or_default();
                values.extend(identifiers.iter().filter(|one| one.kind() == meets).map(|one| one.value().to_owned()));
                if values.len() > *most {
                    hubs.entry(identifier.clone()).or_insert(at);
                }
            }
        }
    }
    hubs
}

fn linked(facts: &[Fact]) -> Vec<Identifier> {
    facts.iter().filter(|fact| matches!(fact, Fact::Link(_))).flat_map(Fact::identifiers).collect()
}

fn words(facts: &[Fact]) -> Vec<((Identifier, Identifier), Verdict)> {
    let mut words: Vec<((Identifier, Identifier), Verdict)> = Vec::new();
    for fact in facts {
        let Fact::Link(link) = fact else { continue };
        let mut pair = [link.a.clone(), link.b.clone()];
        pair.sort();
        let [a, b] = pair;
        words.retain(|(other, _)| *other != (a.clone(), b.clone()));
        words.push(((a, b), link.verdict));
    }
    words
}

fn may_unite(
    rules: &Rules,
    words: &[((Identifier, Identifier), Verdict)],
    groups: &[BTreeSet<Identifier>],
    a: &Identifier,
    b: &Identifier,
) -> bool {
    let (one, other) = (group(groups, a), group(groups, b));
    if one == other {
        return true;
    }
    let (one, other) = (&groups[one], &groups[other]);
    let never = words.iter().any(|((a, b), verdict)| {
        *verdict == Verdict::Never && ((one.contains(a) && other.contains(b)) || (one.contains(b) && other.contains(a)))
    });
    let count = |group: &BTreeSet<Identifier>, kind: &str| group.iter().filter(|one| one.kind() == kind).count();
    let over = one.iter().any(|identifier| {
        let kind = identifier.kind();
        count(other, kind) > 0 && count(one, kind) + count(other, kind) > rules.kind(kind).limit as usize
    });
    !never && !over
}

fn unite(groups: &mut Vec<BTreeSet<Identifier>>, a: &Identifier, b: &Identifier) {
    let (one, other) = (group(groups, a), group(groups, b));
    if one != other {
        let joined = groups[other].clone();
        groups[one].extend(joined);
        groups.remove(other);
    }
}

fn group(groups: &[BTreeSet<Identifier>], identifier: &Identifier) -> usize {
    groups.iter().position(|group| group.contains(identifier)).expect("every identifier is in a group")
}

fn rules() -> Rules {
    let kind = |priority, limit, hubs| Kind { priority, limit, device: priority > 3, hubs };
    let hub = |meets: &str, most| vec![Hub { meets: meets.into(), most }];
    let kinds = [
        ("user_id", kind(1, 1, vec![])),
        ("email", kind(3, 2, hub("user_id", 1))),
        ("anonymous_id", kind(7, 3, hub("user_id", 2))),
    ];
    Rules { kinds: kinds.map(|(name, kind)| (name.to_owned(), kind)).into(), ..Rules::default() }
}

fn identifier() -> impl Strategy<Value = String> {
    (prop_oneof![Just("user_id"), Just("email"), Just("anonymous_id")], 0..5u8)
        .prop_map(|(kind, n)| format!("{kind}:v{n}x"))
}

fn fact() -> impl Strategy<Value = Fact> {
    let verdict = prop_oneof![Just(Verdict::Always), Just(Verdict::Never), Just(Verdict::Withdrawn)];
    prop_oneof![
        6 => proptest::collection::vec(identifier(), 1..4).prop_map(|identifiers| event(&identifiers.join(" "))),
        1 => (identifier(), verdict, identifier()).prop_map(|(a, verdict, b)| link(&a, verdict, &b)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_graph_equals_deciding_everything_from_scratch(facts in proptest::collection::vec(fact(), 1..25)) {
        let mut world = World::new(rules());
        for count in 1..=facts.len() {
            world.take(&facts[count - 1]);
            let groups: BTreeSet<Vec<String>> = world
                .shown()
                .lines()
                .map(|line| {
                    let mut names: Vec<_> = line.split(' ').skip(1).map(str::to_owned).collect();
                    names.sort();
                    names
                })
                .collect();
            let sorted = |group: Vec<String>| { let mut group = group; group.sort(); group };
            let truth: BTreeSet<Vec<String>> = decide(&world.rules, &facts[..count]).into_iter().map(sorted).collect();
            prop_assert_eq!(groups, truth, "after {} facts", count);
        }
    }

    #[test]
    fn a_word_and_its_withdrawal_leave_no_trace(
        facts in proptest::collection::vec(fact(), 1..20),
        a in identifier(),
        b in identifier(),
        always in any::<bool>(),
    ) {
        let mut world = World::new(rules());
        for fact in &facts {
            world.take(fact);
        }
        let pair = [a.as_str(), b.as_str()];
        prop_assume!(a != b && pair.iter().all(|one| world.profile(one).is_some()));
        let spoken = facts.iter().any(|fact| matches!(fact, Fact::Link(link)
            if pair.contains(&link.a.to_string().as_str()) && pair.contains(&link.b.to_string().as_str())));
        prop_assume!(!spoken);
        let before = (world.shown(), identity::totals(&world.store).expect("totals"));
        world.say(&a, if always { Verdict::Always } else { Verdict::Never }, &b);
        world.say(&a, Verdict::Withdrawn, &b);
        prop_assert_eq!((world.shown(), identity::totals(&world.store).expect("totals")), before);
    }
}
