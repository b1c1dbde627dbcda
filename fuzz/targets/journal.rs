//! A journal that is opened on a spoilt disk. An even first byte: the input is a segment. An odd one: facts are appended, the next bytes say where
//! their segment is spoilt.
#![no_main]

use std::sync::{Arc, LazyLock};

use fuzz::disk::MemoryDisk;
use lake::journal::{Entry, Frames, Journal, Options};
use model::Fact;

static FACTS: LazyLock<Vec<Fact>> = LazyLock::new(|| fuzz::events().into_iter().map(Fact::Event).collect());

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let disk = MemoryDisk::default();
    match first % 2 {
        0 => disk.put("00000000000000000001.seg", rest.to_vec()),
        _ => {
            append(&disk, usize::from(*first) / 2 % 8);
            disk.spoil(|bytes| spoil(bytes, rest));
        }
    }
    let Ok((journal, recovery)) = open(&disk) else { return };
    let (facts, last) = read(&journal);
    assert_eq!(last, recovery.last_seq);
    assert!(first % 2 == 0 || facts.iter().all(|(seq, fact)| *fact == FACTS[(seq - 1) as usize % FACTS.len()]));
    drop(journal);
    goes_on(&disk, &facts, last);
});

/// A journal that could be opened takes facts again, and has lost none that it showed.
fn goes_on(disk: &MemoryDisk, facts: &[(u64, Fact)], last: u64) {
    let (journal, _) = open(disk).expect("it could be opened before");
    let receipt = journal.append_blocking(Frames::of(&FACTS[..1]).expect("a fact")).expect("memory takes everything");
    assert_eq!(receipt.first_seq, last + 1);
    drop(journal);
    let (journal, recovery) = open(disk).expect("it could be opened before");
    assert_eq!(recovery.last_seq, last + 1);
    let (mut again, _) = read(&journal);
    assert_eq!(again.pop(), Some((last + 1, FACTS[0].clone())));
    assert_eq!(again, facts);
}

fn append(disk: &MemoryDisk, appends: usize) {
    let (journal, _) = open(disk).expect("an empty disk");
    for append in 0..appends {
        let at = append % FACTS.len();
        journal.append_blocking(Frames::of(&FACTS[at..=at]).expect("a fact")).expect("memory takes everything");
    }
}

/// Triples: where (two bytes), and what is written there.
fn spoil(bytes: &mut [u8], input: &[u8]) {
    for triple in input.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([triple[0], triple[1]]));
        if let Some(byte) = bytes.get_mut(at) {
            *byte = triple[2];
        }
    }
}

fn open(disk: &MemoryDisk) -> Result<(Journal, lake::journal::Recovery), lake::journal::JournalError> {
    let options = Options { segment_bytes: 8 << 10, ..Options::default() };
    Journal::open_on(Arc::new(disk.clone()), options)
}

/// Every fact that can be read, in ascending order, and the last number that was met.
fn read(journal: &Journal) -> (Vec<(u64, Fact)>, u64) {
    let mut facts: Vec<(u64, Fact)> = Vec::new();
    let mut reader = journal.reader(1);
    for entry in reader.by_ref() {
        if let Ok(Entry::Fact { seq, fact }) = entry {
            assert!(facts.last().is_none_or(|(before, _)| *before < seq), "{seq} comes twice");
            facts.push((seq, fact));
        }
    }
    (facts, reader.position())
}
