//! `kill -9` at any moment, and a disk that is slow, broken or full, lose no acknowledged event and double none.
//!
//! `SONDER_KILLS` says how many times (6), `SONDER_SEED` which times (7). `./dev kill` runs it long.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use e2e::{Ground, Server, world};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::disk::{Faults, SmallDisk};
use crate::writers::{self, Load, Writer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_event_is_lost_or_doubled() {
    let (kills, seed) = settings();
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let desk = tempfile::tempdir().expect("a folder");
    let faults = Faults::prepare(desk.path());
    let environment = faults.iter().flat_map(Faults::environment).collect();
    let mut server = Server::start_on(Ground { environment, ..Ground::default() }, &[]).await;
    let key = server.source("web").await;
    let mut writers = Writer::all(seed);
    let mut refused = 0;
    server.kill();
    for kill in 0..kills {
        server.spawn();
        if dice.random_bool(0.25) {
            // Sometimes in the middle of the recovery from the time before.
            tokio::time::sleep(Duration::from_millis(dice.random_range(0..120))).await;
            server.kill();
            continue;
        }
        server.opened().await;
        let orders = disk_of(kill, &mut dice);
        faults.iter().for_each(|faults| faults.order(&orders));
        let load = Load::of(900);
        let load_ms = dice.random_range(20..900);
        (server, writers) = load_until_killed(server, &key, writers, &load, load_ms).await;
        refused += load.refused.load(Ordering::Relaxed);
        faults.iter().for_each(|faults| faults.order(""));
    }
    println!("{kills} kills with seed {seed}; {refused} times a faulty disk was answered with 503");
    server.restart().await;
    writers::check(&server, &key, &mut writers).await;
    verify(&mut server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_and_is_freed_needs_no_restart() {
    const DISK_MEBIBYTES: u32 = 900;
    const THIN_BYTES: usize = 900;
    const FAT_BYTES: usize = 28_000;
    let (kills, seed) = settings();
    let desk = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(&desk.path().join("disk"), DISK_MEBIBYTES) else { return };
    let ground = Ground { data: Some(disk.path().join("data")), ..Ground::default() };
    let mut server = Server::start_on(ground, &[]).await;
    let key = server.source("web").await;
    let mut writers = Writer::all(seed);
    // Each time takes a segment or two of the journal.
    for _ in 0..(kills / 50).clamp(1, 3) {
        let load = Load::of(THIN_BYTES);
        let shared = Arc::new(server);
        let sending = writers::send(&shared, &key, writers, &load);
        until("writers are served", || load.taken.load(Ordering::Relaxed) > 20).await;
        load.text_bytes.store(FAT_BYTES, Ordering::Relaxed);
        until("the disk is full", || {
            disk.fill();
            load.refused.load(Ordering::Relaxed) > 40
        })
        .await;
        load.text_bytes.store(THIN_BYTES, Ordering::Relaxed);
        assert!(shared.get("/healthz").await.status < 600, "the house answers meanwhile");
        disk.free();
        let taken = load.taken.load(Ordering::Relaxed);
        until("writers are served again", || load.taken.load(Ordering::Relaxed) > taken + 20).await;
        load.stop.store(true, Ordering::Relaxed);
        (server, writers) = writers::take_back(shared, sending).await;
        writers::check(&server, &key, &mut writers).await;
        // And what is there in this process is there in the next.
        server.restart().await;
    }
    writers::check(&server, &key, &mut writers).await;
    verify(&mut server);
}

fn settings() -> (u64, u64) {
    let number = |name, otherwise| world::setting(name).map_or(otherwise, |text| text.parse().expect("a number"));
    (number("SONDER_KILLS", 6), number("SONDER_SEED", 7))
}

/// Every third time the disk is sound, every third time slow, and else it breaks now and then.
fn disk_of(kill: u64, dice: &mut ChaCha8Rng) -> String {
    match kill % 3 {
        0 => String::new(),
        1 => format!("slow {}\n", dice.random_range(5..80)),
        _ => {
            let (full, broken, slow) = (dice.random_range(0..30), dice.random_range(5..40), dice.random_range(0..10));
            format!("full {full}\nbroken {broken}\nslow {slow}\n")
        }
    }
}

/// Lets all writers send until the server is killed under them.
async fn load_until_killed(
    server: Server,
    key: &str,
    writers: Vec<Writer>,
    load: &Arc<Load>,
    load_ms: u64,
) -> (Server, Vec<Writer>) {
    let server = Arc::new(server);
    let sending = writers::send(&server, key, writers, load);
    tokio::time::sleep(Duration::from_millis(load_ms)).await;
    server.kill_now();
    load.stop.store(true, Ordering::Relaxed);
    let (mut server, writers) = writers::take_back(server, sending).await;
    server.kill();
    (server, writers)
}

async fn until(wanted: &str, mut is_so: impl FnMut() -> bool) {
    const PATIENCE: Duration = Duration::from_secs(300);
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{wanted}: not after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The whole journal can be read.
fn verify(server: &mut Server) {
    server.kill();
    println!("{}", e2e::run(&server.data(), &["verify"]).well().stdout.trim());
}
