//! `kill -9` at any moment loses no acknowledged event and doubles none.
//!
//! `SONDER_KILLS` says how many times (8), `SONDER_SEED` which times (7). `./dev kill` runs it long.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2e::{Server, world};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const CLIENTS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_event_is_lost_or_doubled() {
    let number = |name, otherwise| world::setting(name).map_or(otherwise, |text| text.parse().expect("a number"));
    let (kills, seed) = (number("SONDER_KILLS", 8), number("SONDER_SEED", 7));
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut server = Server::start().await;
    let key = server.source("web").await;
    let mut clients: Vec<_> = (0..CLIENTS).map(|number| Client::new(number, seed)).collect();
    server.kill();
    for _ in 0..kills {
        server.spawn();
        if dice.random_bool(0.25) {
            // Sometimes in the middle of the recovery from the time before.
            tokio::time::sleep(Duration::from_millis(dice.random_range(0..120))).await;
            server.kill();
            continue;
        }
        server.opened().await;
        let load_ms = dice.random_range(20..900);
        (server, clients) = load_until_killed(server, &key, clients, load_ms).await;
    }
    server.restart().await;
    for client in &mut clients {
        assert!(client.deliver_pending(&server, &key).await, "the server takes what is sent again");
    }
    let acknowledged: BTreeSet<String> = clients.iter().flat_map(|client| client.acknowledged.clone()).collect();
    println!("{kills} kills with seed {seed}: {} events acknowledged", acknowledged.len());
    assert!(!acknowledged.is_empty(), "clients were served between kills");
    server.walked().await;
    check_lake(&server, &acknowledged).await;
    for client in &clients {
        check_timeline(&server, client).await;
    }
    server.kill();
    let verified = e2e::run(&server.data(), &["verify"]).well();
    println!("{}", verified.stdout.trim());
}

/// Lets all clients send until the server is killed under them.
async fn load_until_killed(server: Server, key: &str, clients: Vec<Client>, load_ms: u64) -> (Server, Vec<Client>) {
    let server = Arc::new(server);
    let stop = Arc::new(AtomicBool::new(false));
    let send = |mut client: Client| {
        let (server, key, stop) = (server.clone(), key.to_owned(), stop.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) && client.deliver_pending(&server, &key).await {
                client.make_messages();
            }
            client
        })
    };
    let sending: Vec<_> = clients.into_iter().map(send).collect();
    tokio::time::sleep(Duration::from_millis(load_ms)).await;
    server.kill_now();
    stop.store(true, Ordering::Relaxed);
    let mut clients = Vec::new();
    for client in sending {
        clients.push(client.await.expect("a client does not panic"));
    }
    let mut server = Arc::into_inner(server).expect("all clients are done");
    server.kill();
    (server, clients)
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

/// A person's timeline, read page by page, holds exactly what the person's client knows to be taken.
async fn check_timeline(server: &Server, client: &Client) {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/profiles/user_id:{}/events?limit=200{next}", client.user)).await.well();
        let ids = page["data"].as_array().expect("a page has rows").iter();
        found.extend(ids.filter_map(|event| event["message_id"].as_str().map(str::to_owned)));
        let Some(cursor) = page["cursor"]["next"].as_str() else { break };
        next = format!("&next={cursor}");
    }
    let distinct: BTreeSet<_> = found.iter().cloned().collect();
    assert_eq!(found.len(), distinct.len(), "no event is shown twice");
    assert_eq!(distinct, client.acknowledged);
}

/// A client that keeps every message until it is acknowledged, and sends it again with the same id.
struct Client {
    user: String,
    made: u64,
    pending: Vec<Value>,
    acknowledged: BTreeSet<String>,
    dice: ChaCha8Rng,
}

impl Client {
    fn new(number: usize, seed: u64) -> Self {
        let dice = ChaCha8Rng::seed_from_u64(seed + 1 + number as u64);
        Self { user: format!("client-{number}"), made: 0, pending: Vec::new(), acknowledged: BTreeSet::new(), dice }
    }

    /// Makes a single message, or a batch of them.
    fn make_messages(&mut self) {
        let count = if self.dice.random_bool(0.5) { 1 } else { self.dice.random_range(2..60) };
        for _ in 0..count {
            self.made += 1;
            let id = format!("{}-{}", self.user, self.made);
            let properties = json!({ "number": self.made, "text": "x".repeat(self.dice.random_range(0..900)) });
            let message = json!({
                "type": "track", "event": "Tried", "userId": self.user, "messageId": id, "properties": properties
            });
            self.pending.push(message);
        }
    }

    /// Sends what is pending; `false` when the server is gone before it said yes.
    async fn deliver_pending(&mut self, server: &Server, key: &str) -> bool {
        let (door, body) = match self.pending.as_slice() {
            [] => return true,
            [one] => ("track", one.to_string()),
            many => ("batch", json!({ "batch": many }).to_string()),
        };
        let Ok(reply) = server.try_send(key, door, body.into_bytes()).await else { return false };
        let accepted = reply.well();
        assert_eq!(accepted["accepted"], self.pending.len());
        let ids = self.pending.drain(..).map(|message| message["messageId"].as_str().expect("an id").to_owned());
        self.acknowledged.extend(ids);
        true
    }
}
