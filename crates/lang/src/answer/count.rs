//! Counting events in a window, and finding the moment at which time changes what the count says.

use kit::Timestamp;

use super::Outcome;
use crate::{Count, Occurrence, Window};

/// The events that a count counts now, and those that it will count later.
pub struct Tally<'a> {
    count: &'a Count,
    now: Timestamp,
    matching: Matching<'a>,
    /// How many of the matching ones have happened; the others lie in the future.
    present: usize,
}

impl<'a> Tally<'a> {
    /// `occurrences` are those of the count's label, oldest first. Only the window's part of them is looked at.
    pub fn of(count: &'a Count, occurrences: &'a [Occurrence], now: Timestamp) -> Self {
        let eligible = eligible(occurrences, count.window, now);
        let matching = match &count.condition {
            None => Matching::All(eligible),
            Some(condition) => {
                let holds = |event: &&Occurrence| condition.holds(event.properties.as_ref().map(model::Raw::text));
                Matching::Some(eligible.iter().filter(holds).collect())
            }
        };
        let present = matching.until(now);
        Self { count, now, matching, present }
    }

    /// How many events count now.
    pub fn number(&self) -> usize {
        self.present
    }

    /// The events that count now, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &'a Occurrence> {
        (0..self.present).rev().map(|place| self.matching.at(place))
    }

    pub fn outcome(&self) -> Outcome {
        Outcome { member: self.accepts(self.present), changes_at: self.changes_at() }
    }

    fn accepts(&self, number: usize) -> bool {
        self.count.comparison.accepts(number.cmp(&(self.count.number as usize)))
    }

    /// Walks through the moments at which events enter or leave, to the first at which the comparison says something else.
    fn changes_at(&self) -> Option<Timestamp> {
        let member = self.accepts(self.present);
        let (mut left, mut entered) = (0, self.present);
        loop {
            let moment = self.enters(entered).into_iter().chain(self.leaves(left, entered)).min()?;
            while self.enters(entered) == Some(moment) {
                entered += 1;
            }
            while self.leaves(left, entered) == Some(moment) {
                left += 1;
            }
            if self.accepts(entered - left) != member {
                return Some(moment).filter(|moment| *moment > self.now);
            }
        }
    }

    fn enters(&self, place: usize) -> Option<Timestamp> {
        (place < self.matching.len()).then(|| self.matching.at(place).time)
    }

    fn leaves(&self, place: usize, entered: usize) -> Option<Timestamp> {
        let Window::LastMs(ms) = self.count.window else { return None };
        (place < entered).then(|| self.matching.at(place).time.plus_ms(ms as i64))
    }
}

/// Oldest first.
enum Matching<'a> {
    All(&'a [Occurrence]),
    Some(Vec<&'a Occurrence>),
}

impl<'a> Matching<'a> {
    fn len(&self) -> usize {
        match self {
            Self::All(events) => events.len(),
            Self::Some(events) => events.len(),
        }
    }

    fn at(&self, place: usize) -> &'a Occurrence {
        match self {
            Self::All(events) => &events[place],
            Self::Some(events) => events[place],
        }
    }

    /// How many happened at `now` or before.
    fn until(&self, now: Timestamp) -> usize {
        match self {
            Self::All(events) => events.partition_point(|event| event.time <= now),
            Self::Some(events) => events.partition_point(|event| event.time <= now),
        }
    }
}

/// The events that the window holds now or will hold later.
fn eligible(occurrences: &[Occurrence], window: Window, now: Timestamp) -> &[Occurrence] {
    let before = |time: Timestamp| occurrences.partition_point(|event| event.time < time);
    match window {
        Window::Always => occurrences,
        Window::LastMs(ms) => &occurrences[before(now.minus_ms(ms as i64).plus_ms(1))..],
        Window::Since(from) => &occurrences[before(from)..],
        Window::Between(from, to) => &occurrences[before(from)..before(to).max(before(from))],
    }
}
