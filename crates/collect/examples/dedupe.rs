//! What remembering message ids costs, by the walker's own path: drafts of 2,048 events, one commit each. `bench/dedupe.py` runs it.
//!
//!     dedupe DIR IDS TURNOVER
//!
//! fills the fresh folder DIR with IDS message ids, which take one window to come, asks for new and for repeated ones, then lets TURNOVER more come
//! while the oldest pass. Progress goes to standard error; each phase is one JSON line on standard output (figures of memory and processor: Linux).

use std::path::Path;
use std::time::{Duration, Instant};

use collect::seen::{self, Recall};
use collect::sources::{self, SourceOptions};
use kit::{DAY_MS, HOUR_MS, Timestamp};
use model::{Event, EventKind, Identifier, Seq};
use serde_json::json;
use store::Store;

/// As the walker takes them.
const BATCH: u64 = 2_048;
const ASKED: u64 = 500 * BATCH;
const WINDOW_MS: i64 = sources::DEDUPE_DAYS as i64 * DAY_MS;

fn main() {
    let [dir, ids, turnover] = &arguments()[..] else { panic!("usage: dedupe DIR IDS TURNOVER") };
    let number = |text: &str| text.parse::<u64>().expect("a number of ids");
    let (ids, turnover) = (number(ids), number(turnover));
    let mut bench = Bench::open(Path::new(dir), ids);
    bench.take("fill", ids, Which::New);
    bench.settle("filled");
    bench.take("new", ASKED, Which::New);
    bench.take("repeated", ASKED, Which::Old);
    bench.take("turn over", turnover, Which::New);
    bench.settle("turned over");
}

#[expect(clippy::disallowed_methods, reason = "an example is a program of its own")]
fn arguments() -> Vec<String> {
    std::env::args().skip(1).collect()
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Which {
    New,
    /// One of those that are remembered, by chance.
    Old,
}

struct Bench {
    store: Store,
    messages: Messages,
    let_go: Timestamp,
}

/// The messages of a source, at an even pace.
struct Messages {
    event: Event,
    seq: Seq,
    /// How many ids have come.
    known: u64,
    ids_a_window: u64,
}

impl Bench {
    fn open(dir: &Path, ids_a_window: u64) -> Self {
        let store = Store::open(dir, collect::TABLES).expect("a fresh folder opens");
        let mut draft = store.draft();
        let start = Timestamp::from_ms(0);
        sources::create(&mut draft, "web", None, SourceOptions::default(), start).expect("a fresh name");
        store.commit(draft).expect("the disk takes it");
        Self { store, messages: Messages { event: event(), seq: 0, known: 0, ids_a_window }, let_go: start }
    }

    /// Takes so many messages, batch by batch, and tells what that cost.
    fn take(&mut self, phase: &str, ids: u64, which: Which) {
        let (started, cpu, mut told) = (Instant::now(), cpu_time(), Instant::now());
        let mut batches = Vec::new();
        let mut repeated = 0;
        let mut left = ids;
        while left > 0 {
            let started = Instant::now();
            repeated += self.batch(left.min(BATCH), which);
            batches.push(started.elapsed());
            left -= left.min(BATCH);
            if told.elapsed() > Duration::from_secs(10) {
                eprintln!("{phase}: {} of {ids}, {} bytes", ids - left, self.store.disk_bytes());
                told = Instant::now();
            }
        }
        let us_an_id = |time: Duration| time.as_secs_f64() * 1e6 / ids as f64;
        batches.sort();
        let us_in = |part: usize| batches[batches.len() * part / 100].as_secs_f64() * 1e6 / BATCH as f64;
        tell(
            &self.store,
            json!({
                "phase": phase, "ids": ids, "repeated": repeated, "us": us_an_id(started.elapsed()),
                "cpu_us": us_an_id(cpu_time() - cpu), "batch_p50_us": us_in(50), "batch_p99_us": us_in(99),
            }),
        );
    }

    /// Walks one batch, and returns how many of its messages came again.
    fn batch(&mut self, ids: u64, which: Which) -> u64 {
        let mut draft = self.store.draft();
        let mut recall = Recall::load(&draft).expect("readable");
        let mut repeated = 0;
        for _ in 0..ids {
            let (event, seq) = self.messages.next(which);
            recall.note_time(event.received_at);
            repeated += u64::from(recall.is_repeated(&mut draft, event, seq).expect("readable"));
        }
        recall.write_down(&mut draft);
        self.store.commit_through(draft, self.messages.seq).expect("the disk takes it");
        let time = seen::journal_time(&self.store).expect("readable");
        if time.since_ms(self.let_go) > HOUR_MS {
            self.store.let_go(time).expect("the disk takes it");
            self.let_go = time;
        }
        repeated
    }

    /// Waits until the store has nothing to do any more.
    fn settle(&self, phase: &str) {
        let (mut bytes, mut since) = (0, Instant::now());
        while since.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(500));
            if bytes != self.store.disk_bytes() {
                (bytes, since) = (self.store.disk_bytes(), Instant::now());
            }
        }
        let ids = self.messages.ids_a_window;
        tell(&self.store, json!({ "phase": phase, "ids": ids, "bytes_per_id": bytes as f64 / ids as f64 }));
    }
}

impl Messages {
    /// The next message, and its journal position.
    fn next(&mut self, which: Which) -> (&Event, Seq) {
        self.seq += 1;
        let id = match which {
            Which::New => self.known,
            // Not from the older half: the oldest have passed.
            Which::Old => self.known - 1 - draw(!self.seq) % (self.ids_a_window / 2),
        };
        self.known += u64::from(which == Which::New);
        self.event.message_id = format!("{:016x}-{:016x}", draw(2 * id), draw(2 * id + 1));
        self.event.received_at = Timestamp::from_ms(WINDOW_MS * self.known as i64 / self.ids_a_window as i64);
        (&self.event, self.seq)
    }
}

fn event() -> Event {
    Event {
        message_id: String::new(),
        source: "web".into(),
        kind: EventKind::Page,
        name: None,
        identifiers: vec![Identifier::new("anonymous_id", "a")],
        time: Timestamp::from_ms(0),
        received_at: Timestamp::from_ms(0),
        sent_at: None,
        original_timestamp: None,
        traits: None,
        properties: None,
        context: None,
        integrations: None,
        as_sent: None,
        consents: Vec::new(),
    }
}

/// SplitMix64's mixing step: a number drawn for each number.
fn draw(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Prints a phase's figures, with the memory and the disk of this moment.
fn tell(store: &Store, mut figures: serde_json::Value) {
    figures["rss_mb"] = json!(memory_mb("VmRSS:"));
    figures["hwm_mb"] = json!(memory_mb("VmHWM:"));
    figures["disk_bytes"] = json!(store.disk_bytes());
    println!("{figures}");
}

fn memory_mb(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default() / 1_000.0
}

/// What all threads have had of the processor: `utime` and `stime`, in the hundredths of a second that Linux counts in.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_the_name = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = behind_the_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}
