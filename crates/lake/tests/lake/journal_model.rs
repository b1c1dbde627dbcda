//! The journal against a model, while the disk fails and the machine loses power.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lake::journal::{Entry, Frames, Journal, JournalError};
use model::Seq;
use proptest::prelude::*;

use crate::faulty::{Fault, FaultyDisk};
use crate::journal::{event, message_id, options};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn holds_what_it_acknowledged_in_order_and_nothing_else(steps in prop::collection::vec(step(), 1..40)) {
        let mut twins = Twins::new();
        for step in steps {
            twins.take(step);
        }
        twins.restart(|disk| disk.revive());
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Appends of so many facts each, all at once.
    Append(Vec<u8>),
    Fail {
        fault: Fault,
        after: u32,
        times: u32,
    },
    Heal,
    Close,
    Kill,
    /// The process dies while it starts, then the power goes.
    FailedStart {
        fault: Fault,
        after: u32,
        seed: u64,
    },
    PowerLoss {
        seed: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let fault = || prop_oneof![Just(Fault::Write), Just(Fault::Sync)];
    prop_oneof![
        8 => prop::collection::vec(0..6u8, 1..5).prop_map(Step::Append),
        3 => (fault(), 0..4u32, 1..4u32).prop_map(|(fault, after, times)| Step::Fail { fault, after, times }),
        1 => Just(Step::Heal),
        1 => Just(Step::Close),
        1 => Just(Step::Kill),
        1 => (fault(), 0..4u32, any::<u64>()).prop_map(|(fault, after, seed)| Step::FailedStart { fault, after, seed }),
        2 => any::<u64>().prop_map(|seed| Step::PowerLoss { seed }),
    ]
}

/// A journal, and what must be true of it.
struct Twins {
    disk: FaultyDisk,
    journal: Option<Journal>,
    /// Facts that must be there for good, by number.
    durable: BTreeMap<Seq, String>,
    /// Facts that were refused, and may still be found after a crash.
    refused: BTreeSet<String>,
    /// Facts that must never be found again, since others took their numbers or a recovery did without them.
    gone: BTreeSet<String>,
    submitted: usize,
}

impl Twins {
    fn new() -> Self {
        let disk = FaultyDisk::default();
        let journal = Some(open(&disk).expect("an empty disk is fine"));
        let (durable, refused, gone) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { disk, journal, durable, refused, gone, submitted: 0 }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Append(sizes) => self.append(&sizes),
            Step::Fail { fault, after, times } => self.disk.fail(fault, after, times),
            Step::Heal => self.disk.heal(),
            Step::Close => {
                self.journal = None;
                self.restart(|disk| disk.revive());
            }
            Step::Kill => self.restart(|disk| disk.revive()),
            Step::PowerLoss { seed } => self.restart(|disk| disk.revive_after_power_loss(seed)),
            Step::FailedStart { fault, after, seed } => {
                self.stop();
                self.disk.revive();
                self.disk.fail(fault, after, 1);
                self.journal = open(&self.disk).ok();
                self.restart(|disk| disk.revive_after_power_loss(seed));
            }
        }
    }

    fn append(&mut self, sizes: &[u8]) {
        let appends: Vec<Vec<String>> = sizes.iter().map(|&facts| self.submit(facts)).collect();
        let journal = self.journal.as_ref().expect("the journal is open");
        let answers = std::thread::scope(|scope| {
            let waiting: Vec<_> =
                appends.iter().map(|ids| scope.spawn(|| journal.append_blocking(frames(ids)))).collect();
            waiting.into_iter().map(|thread| thread.join().expect("an append does not panic")).collect::<Vec<_>>()
        });
        if answers.iter().all(Result::is_ok) && appends.iter().any(|ids| !ids.is_empty()) {
            self.gone.append(&mut self.refused);
        }
        for (ids, answer) in appends.iter().zip(answers) {
            match answer {
                Ok(receipt) => {
                    assert_eq!(receipt.last_seq + 1 - receipt.first_seq, ids.len() as u64);
                    for (seq, id) in (receipt.first_seq..).zip(ids) {
                        assert_eq!(self.durable.insert(seq, id.clone()), None, "fact {seq} was given twice");
                    }
                }
                Err(error) => {
                    assert!(matches!(error, JournalError::Unavailable(_)), "{error:?}");
                    self.refused.extend(ids.iter().cloned());
                }
            }
        }
        assert_eq!(read(journal), self.durable, "readers see what is acknowledged, at once");
    }

    fn submit(&mut self, facts: u8) -> Vec<String> {
        let first = self.submitted;
        self.submitted += usize::from(facts);
        (first..self.submitted).map(|number| format!("m{number}")).collect()
    }

    fn stop(&mut self) {
        self.disk.die();
        self.journal = None;
    }

    fn restart(&mut self, revive: impl Fn(&FaultyDisk)) {
        self.stop();
        revive(&self.disk);
        let journal = open(&self.disk).expect("a sane disk is recovered");
        let found = read(&journal);
        for (seq, id) in &self.durable {
            assert_eq!(found.get(seq), Some(id), "acknowledged fact {seq}");
        }
        let ids: BTreeSet<String> = found.values().cloned().collect();
        assert_eq!(ids.len(), found.len(), "a fact is there at most once");
        let known: BTreeSet<String> = self.durable.values().cloned().chain(std::mem::take(&mut self.refused)).collect();
        assert!(ids.is_subset(&known), "what was never appended is not there");
        assert!(ids.is_disjoint(&self.gone), "what was gone stays gone");
        self.gone.extend(known.difference(&ids).cloned());
        self.durable = found;
        self.journal = Some(journal);
    }
}

fn open(disk: &FaultyDisk) -> Result<Journal, JournalError> {
    let (journal, recovery) = Journal::open_on(Arc::new(disk.clone()), options())?;
    assert_eq!(recovery.damages, [], "nothing is damaged, whatever was torn");
    Ok(journal)
}

fn frames(ids: &[String]) -> Frames {
    let facts: Vec<_> = ids.iter().map(|id| event(id)).collect();
    Frames::of(&facts).expect("facts are JSON")
}

/// Everything in the journal, which must be numbered without holes.
fn read(journal: &Journal) -> BTreeMap<Seq, String> {
    let facts: Vec<(Seq, String)> = journal
        .reader(1)
        .map(|entry| match entry.expect("a sane disk can be read") {
            Entry::Fact { seq, fact } => (seq, message_id(&fact)),
            Entry::Damage(damage) => panic!("{damage:?}"),
        })
        .collect();
    assert!(facts.iter().map(|(seq, _)| *seq).eq(1..=facts.len() as u64), "numbers have no holes");
    assert_eq!(journal.durable_seq(), facts.len() as u64);
    facts.into_iter().collect()
}
