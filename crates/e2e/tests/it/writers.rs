//! Clients that send as much as they can, and know what was taken.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use e2e::Server;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const WRITERS: usize = 8;
const REFUSED_WAIT: Duration = Duration::from_millis(50);

/// What all writers are told, and what they have met.
#[derive(Debug)]
pub struct Load {
    pub stop: AtomicBool,
    /// The longest text of an event, in bytes.
    pub text_bytes: AtomicUsize,
    /// How many times the answer was 503.
    pub refused: AtomicU64,
    /// How many times it was 200.
    pub taken: AtomicU64,
}

impl Load {
    pub fn of(text_bytes: usize) -> Arc<Self> {
        let (stop, text_bytes) = (AtomicBool::new(false), AtomicUsize::new(text_bytes));
        Arc::new(Self { stop, text_bytes, refused: AtomicU64::new(0), taken: AtomicU64::new(0) })
    }
}

/// A client that keeps every message until it is acknowledged, and sends it again with the same id.
#[derive(Debug)]
pub struct Writer {
    user: String,
    made: u64,
    pending: Vec<Value>,
    pub acknowledged: BTreeSet<String>,
    dice: ChaCha8Rng,
}

impl Writer {
    pub fn all(seed: u64) -> Vec<Self> {
        (0..WRITERS).map(|number| Self::new(number, seed)).collect()
    }

    fn new(number: usize, seed: u64) -> Self {
        let dice = ChaCha8Rng::seed_from_u64(seed + 1 + number as u64);
        Self { user: format!("client-{number}"), made: 0, pending: Vec::new(), acknowledged: BTreeSet::new(), dice }
    }

    /// Makes a single message, or a batch of them that is not too large.
    fn make_messages(&mut self, text_bytes: usize) {
        const BATCH_BYTES: usize = 400_000;
        let most = (BATCH_BYTES / (text_bytes + 200)).clamp(3, 60);
        let count = if self.dice.random_bool(0.5) { 1 } else { self.dice.random_range(2..most) };
        for _ in 0..count {
            self.made += 1;
            let id = format!("{}-{}", self.user, self.made);
            let properties = json!({ "number": self.made, "text": "x".repeat(self.dice.random_range(0..text_bytes)) });
            let message = json!({
                "type": "track", "event": "Tried", "userId": self.user, "messageId": id, "properties": properties
            });
            self.pending.push(message);
        }
    }

    /// Sends what is pending until it is taken; `false` when it was not, because the server is gone or the load has stopped.
    async fn deliver(&mut self, server: &Server, key: &str, load: &Load) -> bool {
        let (door, body) = match self.pending.as_slice() {
            [] => return true,
            [one] => ("track", one.to_string()),
            many => ("batch", json!({ "batch": many }).to_string()),
        };
        loop {
            let Ok(reply) = server.try_send(key, door, body.clone().into_bytes()).await else { return false };
            if reply.status != 503 {
                load.taken.fetch_add(1, Ordering::Relaxed);
                self.acknowledge(&reply.well());
                return true;
            }
            let seconds = reply.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
            assert!(seconds.is_some_and(|seconds| seconds > 0), "503 says when to come again");
            load.refused.fetch_add(1, Ordering::Relaxed);
            if load.stop.load(Ordering::Relaxed) {
                return false;
            }
            tokio::time::sleep(REFUSED_WAIT).await;
        }
    }

    fn acknowledge(&mut self, accepted: &Value) {
        assert_eq!(accepted["accepted"], self.pending.len());
        let ids = self.pending.drain(..).map(|message| message["messageId"].as_str().expect("an id").to_owned());
        self.acknowledged.extend(ids);
    }
}

/// Lets all writers send, until the load stops or the server is gone.
pub fn send(server: &Arc<Server>, key: &str, writers: Vec<Writer>, load: &Arc<Load>) -> Vec<JoinHandle<Writer>> {
    let send = |mut writer: Writer| {
        let (server, key, load) = (Arc::clone(server), key.to_owned(), Arc::clone(load));
        tokio::spawn(async move {
            while writer.deliver(&server, &key, &load).await && !load.stop.load(Ordering::Relaxed) {
                writer.make_messages(load.text_bytes.load(Ordering::Relaxed));
            }
            writer
        })
    };
    writers.into_iter().map(send).collect()
}

/// Takes the writers back who were sending, with the server that they sent to.
pub async fn take_back(server: Arc<Server>, sending: Vec<JoinHandle<Writer>>) -> (Server, Vec<Writer>) {
    let mut writers = Vec::new();
    for writer in sending {
        writers.push(writer.await.expect("a writer does not panic"));
    }
    (Arc::into_inner(server).expect("all writers are done"), writers)
}

/// Checks that what was acknowledged is what is stored, each once, wherever one looks.
pub async fn check(server: &Server, key: &str, writers: &mut [Writer]) {
    let load = Load::of(1);
    for writer in writers.iter_mut() {
        assert!(writer.deliver(server, key, &load).await, "the server takes what is sent again");
    }
    server.walked().await;
    let acknowledged: BTreeSet<String> = writers.iter().flat_map(|writer| writer.acknowledged.clone()).collect();
    println!("{} events acknowledged by {} writers", acknowledged.len(), writers.len());
    assert!(!acknowledged.is_empty(), "writers were served");
    check_lake(server, &acknowledged).await;
    for writer in writers.iter() {
        check_timeline(server, writer).await;
    }
}

/// The lake holds exactly the acknowledged ids, each once.
async fn check_lake(server: &Server, acknowledged: &BTreeSet<String>) {
    let statement = "select count(*) as n, count(distinct message_id) as ids from events";
    let rows = server.sql(statement).await;
    let expected = json!({ "n": acknowledged.len(), "ids": acknowledged.len() });
    let doubled = "select message_id, count(*) as n from events group by message_id having count(*) > 1 limit 5";
    assert_eq!(rows, [expected], "doubled: {:?}", server.sql(doubled).await);
    let home = server.get("/v1/home").await.well();
    assert_eq!(home["events"], acknowledged.len());
}

/// A person's timeline, read page by page, holds exactly what the person's writer knows to be taken.
async fn check_timeline(server: &Server, writer: &Writer) {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/profiles/user_id:{}/events?limit=200{next}", writer.user)).await.well();
        let ids = page["data"].as_array().expect("a page has rows").iter();
        found.extend(ids.filter_map(|event| event["message_id"].as_str().map(str::to_owned)));
        let Some(cursor) = page["cursor"]["next"].as_str() else { break };
        next = format!("&next={cursor}");
    }
    let distinct: BTreeSet<_> = found.iter().cloned().collect();
    assert_eq!(found.len(), distinct.len(), "no event is shown twice");
    assert_eq!(distinct, writer.acknowledged);
}
