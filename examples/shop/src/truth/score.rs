use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use super::pairs::{Pairs, runs};
use super::{PlainUnion, Truth};

/// How well a grouping of identifiers into profiles fits the truth, pair by pair.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Score {
    /// Pairs of identifiers that at least one person has both of.
    pub pairs_true: u64,
    /// Pairs of identifiers that the grouping puts together.
    pub pairs_found: u64,
    /// Pairs that are true and found.
    pub pairs_right: u64,
    /// `pairs_right / pairs_found`, 1 where nothing was found.
    pub precision: f64,
    /// `pairs_right / pairs_true`, 1 where there was nothing to find.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// Groups, those of one identifier included.
    pub clusters: u64,
    /// Identifiers in the largest group.
    pub biggest: u64,
    /// The most people that one group mixes up; identifiers of several people do not count here.
    pub most_people: u64,
    /// Identifiers that were scored.
    pub identifiers: u64,
    /// Of these, how many the grouping does not know. Each counts as a group of its own.
    pub missing: u64,
}

/// How much of the truth the files give away at all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reach {
    pub pairs_true: u64,
    pub pairs_reachable: u64,
    /// `pairs_reachable / pairs_true`: no grouping by evidence in the files can have a higher recall.
    pub recall: f64,
}

impl Truth {
    /// Scores a grouping, given as `(source, source id, profile)`. Identifiers that the truth does not know are left out; where one is
    /// given twice, the last profile holds. To ask rather than to be told:
    ///
    /// ```
    /// # let truth = shop::truth::Truth::of([("P1", "crm", "C-1"), ("P1", "loyalty", "L1")]);
    /// # let profile_of = |kind: &str, value: &str| Some(17);
    /// let asked = truth.identifiers().filter_map(|(source, id)| {
    ///     let (kind, value) = shop::truth::identifier_of(source, id)?;
    ///     Some((source, id, profile_of(kind, value)?))
    /// });
    /// assert_eq!(truth.score(asked).pairs_right, 1);
    /// ```
    pub fn score<S, I, P>(&self, assignments: impl IntoIterator<Item = (S, I, P)>) -> Score
    where
        S: AsRef<str>,
        I: AsRef<str>,
        P: Hash + Eq,
    {
        self.score_where(|_| true, assignments)
    }

    /// Scores a grouping over the identifiers of some sources alone, e.g. [`super::KNOWN_SOURCES`].
    pub fn score_only<S, I, P>(&self, sources: &[&str], assignments: impl IntoIterator<Item = (S, I, P)>) -> Score
    where
        S: AsRef<str>,
        I: AsRef<str>,
        P: Hash + Eq,
    {
        self.score_where(|source| sources.contains(&source), assignments)
    }

    /// Returns the bound that the files set to recall: devices on which nobody ever signed in cannot be told apart.
    ///
    /// A true pair is reachable when both identifiers are joined by facts to something that names a person, or when facts join them to
    /// each other. What joins what is taken from `evidence`, the plain union of everything that occurs in one fact.
    pub fn reach(&self, evidence: &PlainUnion) -> Reach {
        const NAMED: u32 = u32::MAX;
        let joined = self.identifiers().filter_map(|(source, id)| {
            let group = evidence.group(source, id)?;
            Some((source, id, if evidence.names_a_person(group) { NAMED } else { group }))
        });
        let Score { pairs_true, pairs_right, recall, .. } = self.score(joined);
        Reach { pairs_true, pairs_reachable: pairs_right, recall }
    }

    fn score_where<S, I, P>(&self, wanted: impl Fn(&str) -> bool, all: impl IntoIterator<Item = (S, I, P)>) -> Score
    where
        S: AsRef<str>,
        I: AsRef<str>,
        P: Hash + Eq,
    {
        let ids = self.identifiers().enumerate().filter(|(_, (source, _))| wanted(source));
        let ids: Vec<usize> = ids.map(|(id, _)| id).collect();
        let (groups, first_single) = self.groups(all);
        let pairs = Pairs::count(self, &ids, &groups);
        let sizes = runs(ids.iter().map(|&id| groups[id].into()));
        let rate = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        Score {
            pairs_true: pairs.together_in_truth,
            pairs_found: pairs.together_in_guess,
            pairs_right: pairs.right,
            precision: rate(pairs.right, pairs.together_in_guess),
            recall: rate(pairs.right, pairs.together_in_truth),
            f1: rate(2 * pairs.right, pairs.together_in_guess + pairs.together_in_truth),
            clusters: sizes.len() as u64,
            biggest: sizes.into_iter().max().unwrap_or(0),
            most_people: self.most_people(&ids, &groups),
            identifiers: ids.len() as u64,
            missing: ids.iter().filter(|&&id| groups[id] >= first_single).count() as u64,
        }
    }

    /// Returns a group for each identifier, and the first of the groups that were made up for those without one.
    fn groups<S, I, P>(&self, assignments: impl IntoIterator<Item = (S, I, P)>) -> (Vec<u32>, u32)
    where
        S: AsRef<str>,
        I: AsRef<str>,
        P: Hash + Eq,
    {
        const NONE: u32 = u32::MAX;
        let (mut groups, mut numbers) = (vec![NONE; self.ids.len()], HashMap::new());
        for (source, id, profile) in assignments {
            if let Some(id) = self.find(source.as_ref(), id.as_ref()) {
                let next = numbers.len() as u32;
                groups[id] = *numbers.entry(profile).or_insert(next);
            }
        }
        let first_single = numbers.len() as u32;
        let singles = groups.iter_mut().filter(|group| **group == NONE);
        singles.zip(first_single..).for_each(|(group, single)| *group = single);
        (groups, first_single)
    }

    fn most_people(&self, ids: &[usize], groups: &[u32]) -> u64 {
        let single = |&id: &usize| match self.owners_of(id) {
            [person] => Some((groups[id], *person)),
            _ => None,
        };
        let mut cells: Vec<(u32, u32)> = ids.iter().filter_map(single).collect();
        cells.sort_unstable();
        cells.dedup();
        runs(cells.into_iter().map(|(group, _)| group.into())).into_iter().max().unwrap_or(0)
    }
}
