//! A plan from what the events of the last days look like.

use std::ops::RangeInclusive;
use std::sync::Arc;

use api::{InferPlan, InferredPlan, SeenSort};
use collect::plans::Sources;
use collect::plans::infer::{self, Sketch};
use kit::{DAY_MS, Timestamp};
use lake::journal::{Entry, Journal, JournalError};
use model::{Event, Fact, Seq};

use super::blocking;
use crate::house::House;

/// Facts that are read at most: some seconds. Of a longer time these are pieces, spread evenly.
const MOST_FACTS: u64 = 200_000;
const PIECE_FACTS: u64 = 4_000;
/// A fact that was replayed is older than its place: the latest of so many says when they came.
const FACTS_OF_A_TIME: usize = 8;

/// Infers a plan from the journal's last days. Memory is bounded, and so is what is read. Nothing is saved.
pub async fn infer(house: &Arc<House>, wanted: &InferPlan) -> Result<InferredPlan, JournalError> {
    let (house, wanted) = (house.clone(), wanted.clone());
    blocking(move || {
        let since = house.clock.now().minus_ms(i64::from(wanted.days) * DAY_MS);
        let mut read = Reading { since, source: wanted.source, facts: 0, events: 0, sketch: Sketch::default() };
        let (first, last) = (first_since(&house.journal, since)?, house.journal.durable_seq());
        for piece in pieces(first, last, MOST_FACTS, PIECE_FACTS) {
            read.piece(&house.journal, &piece)?;
        }
        Ok(read.plan(wanted.closed, last + 1 - first > MOST_FACTS))
    })
    .await
}

/// What was read so far.
struct Reading {
    since: Timestamp,
    source: Option<String>,
    facts: u64,
    events: u64,
    sketch: Sketch,
}

impl Reading {
    fn piece(&mut self, journal: &Journal, piece: &RangeInclusive<Seq>) -> Result<(), JournalError> {
        for entry in journal.reader(*piece.start()) {
            let (seq, fact) = match entry {
                Ok(Entry::Fact { seq, fact }) => (seq, fact),
                Ok(Entry::Damage(_)) | Err(JournalError::NotAFact { .. }) => continue,
                Err(error) => return Err(error),
            };
            if seq > *piece.end() {
                break;
            }
            self.facts += 1;
            if let Fact::Event(event) = fact
                && self.is_meant(&event)
            {
                self.events += 1;
                self.sketch.see(&event);
            }
        }
        Ok(())
    }

    fn is_meant(&self, event: &Event) -> bool {
        event.received_at >= self.since && self.source.as_deref().is_none_or(|source| *source == *event.source)
    }

    fn plan(self, closed: bool, is_more: bool) -> InferredPlan {
        let sources = self.source.map_or(Sources::All, |source| Sources::These(vec![source]));
        let sort = |seen: infer::SeenSort| SeenSort {
            kind: seen.kind.as_str().to_owned(),
            event: seen.name,
            events: seen.events,
            fields: seen.fields as u64,
            first_seen: seen.first_seen.to_string(),
            last_seen: seen.last_seen.to_string(),
        };
        InferredPlan {
            plan: self.sketch.plan(&sources, &infer::Options { closed, ..infer::Options::default() }),
            events: self.events,
            facts: self.facts,
            since: self.since.to_string(),
            partial: is_more || self.sketch.is_partial(),
            seen: self.sketch.seen().into_iter().map(sort).collect(),
        }
    }
}

/// The first fact that was received at a time or later, by halving.
fn first_since(journal: &Journal, since: Timestamp) -> Result<Seq, JournalError> {
    let (mut first, mut end) = (1, journal.durable_seq() + 1);
    while first < end {
        let middle = first + (end - first) / 2;
        match received_about(journal, middle)? {
            Some(at) if at < since => first = middle + 1,
            _ => end = middle,
        }
    }
    Ok(first)
}

fn received_about(journal: &Journal, seq: Seq) -> Result<Option<Timestamp>, JournalError> {
    let facts = journal.reader(seq).filter_map(|entry| match entry {
        Ok(Entry::Fact { fact, .. }) => Some(Ok(fact.received_at())),
        Ok(Entry::Damage(_)) | Err(JournalError::NotAFact { .. }) => None,
        Err(error) => Some(Err(error)),
    });
    let times: Vec<_> = facts.take(FACTS_OF_A_TIME).collect::<Result<_, _>>()?;
    Ok(times.into_iter().max())
}

/// All facts from the first to the last, or, where there are more than `most`, pieces of them from the first to the last.
fn pieces(first: Seq, last: Seq, most: u64, piece: u64) -> Vec<RangeInclusive<Seq>> {
    let facts = (last + 1).saturating_sub(first);
    if facts <= most {
        return vec![first..=last];
    }
    let count = most / piece;
    let start = |number: u64| first + (facts - piece) * number / (count - 1).max(1);
    (0..count).map(|number| start(number)..=start(number) + piece - 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_read_in_pieces_from_the_first_fact_to_the_last() {
        assert_eq!(pieces(1, 0, 10, 2), [1..=0]);
        assert_eq!(pieces(3, 12, 10, 2), [3..=12]);
        assert_eq!(pieces(1, 101, 10, 2), [1..=2, 25..=26, 50..=51, 75..=76, 100..=101]);
    }
}
