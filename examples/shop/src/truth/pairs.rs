use std::collections::HashMap;

use super::Truth;

/// Pairs of identifiers, counted without being listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Pairs that one person has.
    pub together_in_truth: u64,
    /// Pairs in one group.
    pub together_in_guess: u64,
    /// Pairs that are both.
    pub right: u64,
}

impl Pairs {
    /// Counts over some identifiers, given each one's group.
    ///
    /// Pairs of one person are counted by person, those of one group by group, and those of both by group and person. A pair that
    /// several people have both of is counted once for each of them there, so the surplus is taken off again; that can only be two
    /// identifiers which are both shared, of which a person has few.
    pub fn count(truth: &Truth, ids: &[usize], groups: &[u32]) -> Self {
        let owned = || ids.iter().flat_map(|&id| truth.owners_of(id).iter().map(move |&person| (id, person)));
        let surplus = Surplus::count(truth, ids, groups);
        let by_person = pairs_of_equals(owned().map(|(_, person)| u64::from(person)));
        let by_cell = pairs_of_equals(owned().map(|(id, person)| u64::from(groups[id]) << 32 | u64::from(person)));
        Self {
            together_in_truth: by_person - surplus.in_truth,
            together_in_guess: pairs_of_equals(ids.iter().map(|&id| u64::from(groups[id]))),
            right: by_cell - surplus.right,
        }
    }
}

/// How many pairs were counted more than once.
#[derive(Debug, Default)]
struct Surplus {
    in_truth: u64,
    right: u64,
}

impl Surplus {
    fn count(truth: &Truth, ids: &[usize], groups: &[u32]) -> Self {
        let mut shared_by_person: HashMap<u32, Vec<usize>> = HashMap::new();
        for &id in ids.iter().filter(|id| truth.owners_of(**id).len() > 1) {
            truth.owners_of(id).iter().for_each(|person| shared_by_person.entry(*person).or_default().push(id));
        }
        let mut common: HashMap<(usize, usize), u64> = HashMap::new();
        for shared in shared_by_person.values() {
            for (place, &a) in shared.iter().enumerate() {
                shared[place + 1..].iter().for_each(|&b| *common.entry((a.min(b), a.max(b))).or_default() += 1);
            }
        }
        let in_truth = common.values().map(|people| people - 1).sum();
        let same_group = common.iter().filter(|((a, b), _)| groups[*a] == groups[*b]);
        Self { in_truth, right: same_group.map(|(_, people)| people - 1).sum() }
    }
}

/// Lengths of the runs of equal values.
pub fn runs(values: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut sorted: Vec<u64> = values.collect();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| run.len() as u64).collect()
}

fn pairs_of_equals(values: impl Iterator<Item = u64>) -> u64 {
    runs(values).into_iter().map(|n| n * (n - 1) / 2).sum()
}
