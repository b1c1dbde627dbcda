//! Messages that come again, over restarts and rebuilds, and what is forgotten.

use std::time::Duration;

use kit::DAY_MS;
use serde_json::{Value, json};

use super::World;

impl World {
    /// A world with a source that remembers for two days.
    async fn with_web() -> Self {
        let world = Self::new();
        let source = json!({ "name": "web", "write_key": "KEY-OF-WEB", "dedupe_days": 2 });
        assert_eq!(world.post("/v1/sources", source).await.0, 201);
        world
    }

    async fn say(&self, id: &str) {
        let page = json!({ "userId": "u", "messageId": id });
        assert_eq!(self.ask_as("POST", "/v1/page", ("x-write-key", "KEY-OF-WEB"), page).await.0, 200);
        self.catch_up().await;
    }

    /// How many messages of the source count, and how many came again.
    async fn tally(&self) -> (u64, u64) {
        let (_, sources) = self.get("/v1/sources").await;
        let number = |field: &str| sources["data"][0][field].as_u64().expect("a number");
        (number("facts"), number("repeated"))
    }

    /// The journal position of a message, and the rooms that are told of it.
    async fn trace(&self, id: &str) -> (u64, Vec<String>) {
        let (status, traces) = self.get(&format!("/v1/trace/{id}")).await;
        assert_eq!(status, 200, "{traces}");
        let room = |step: &Value| step["room"].as_str().expect("a room").to_owned();
        let steps = traces[0]["steps"].as_array().expect("steps");
        (traces[0]["seq"].as_u64().expect("a position"), steps.iter().map(room).collect())
    }
}

#[tokio::test]
async fn a_message_is_remembered_for_its_sources_window_over_restarts_and_rebuilds() {
    let mut world = World::with_web().await;
    world.say("m").await;
    world = world.reopen(false).await;
    world.clock.advance_ms(2 * DAY_MS - 1_000);
    world.say("m").await;
    assert_eq!((world.tally().await, world.trace("m").await.0), ((1, 1), 1));
    world.clock.advance_ms(1_000);
    world.say("m").await;
    world.say("m").await;
    assert_eq!((world.tally().await, world.trace("m").await.0), ((2, 2), 3));
    world = world.reopen(true).await;
    world.catch_up().await;
    assert_eq!((world.tally().await, world.trace("m").await.0), ((2, 2), 3), "a rebuild finds the same");
    let owners = [1, 2, 3, 4].map(|seq| collect::seen::owner(&world.house.store, seq).expect("readable"));
    assert_eq!(owners, [Some(1), None, Some(1), None], "what goes into the lake");
}

#[tokio::test]
async fn the_way_of_a_message_is_forgotten_after_some_days_and_the_message_is_not() {
    let world = World::with_web().await;
    world.say("m").await;
    let all = ["collect", "journal", "identity", "profiles", "audiences", "activation"];
    assert_eq!(world.trace("m").await, (1, all.map(String::from).to_vec()));
    world.clock.advance_ms(7 * DAY_MS + 1);
    while world.trace("m").await.1.len() == all.len() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.trace("m").await, (1, ["collect", "journal"].map(String::from).to_vec()));
    assert_eq!(world.tally().await, (1, 0));
}

#[tokio::test]
async fn a_window_that_no_source_may_have_is_refused() {
    let world = World::new();
    for days in [0, 3_651] {
        let source = json!({ "name": "web", "dedupe_days": days });
        assert_eq!(world.post("/v1/sources", source).await, (422, json!("dedupe_days_invalid")));
    }
    assert_eq!(world.post("/v1/sources", json!({ "name": "web", "dedupe_days": 3_650 })).await.0, 201);
}
