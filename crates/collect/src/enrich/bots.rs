//! Which user agents are programs of their own.

use std::fmt;
use std::sync::LazyLock;

/// Libraries through which apps speak, and whose people are people.
const OF_APPS: [&str; 3] = ["okhttp", "httpurlconnection", "^java/"];

/// The crate's list of 2022, less what apps speak through.
static KNOWN: LazyLock<isbot::Bots> = LazyLock::new(|| {
    let mut bots = isbot::Bots::default();
    bots.remove(&OF_APPS);
    bots
});

pub(super) struct Bots {
    /// Words of those that came since, and the operator's own, in lower case.
    more: Vec<String>,
}

impl Bots {
    pub fn new(own: &[String]) -> Self {
        let since = include_str!("lists/bots.txt").lines().filter(|line| !line.starts_with('#'));
        let words = since.chain(own.iter().map(String::as_str)).map(str::trim).filter(|word| !word.is_empty());
        Self { more: words.map(str::to_lowercase).collect() }
    }

    pub fn has(&self, user_agent: &str) -> bool {
        KNOWN.is_bot(user_agent) || self.has_more(&user_agent.to_lowercase())
    }

    fn has_more(&self, lowered: &str) -> bool {
        self.more.iter().any(|word| lowered.contains(word.as_str()))
    }
}

impl fmt::Debug for Bots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bots").field("more", &self.more.len()).finish_non_exhaustive()
    }
}

pub(super) fn warm() {
    LazyLock::force(&KNOWN);
}
