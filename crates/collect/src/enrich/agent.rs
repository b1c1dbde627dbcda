//! Operating system, browser and device from a user agent.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use lru::LruCache;
use serde::Serialize;
use ua_parser::{Regexes, os, user_agent};

use super::bots::Bots;
use super::device::{self, Device};
use super::origin::AGENT_BYTES;
use super::words;

/// What a user agent says about what runs where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Agent {
    pub os: Option<Product>,
    pub browser: Option<Product>,
    pub device: Option<Device>,
    pub bot: bool,
}

/// A product and its version, as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Product {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Reads each user agent once, and remembers the last ones.
pub(super) struct Agents {
    bots: Bots,
    remembered: Mutex<LruCache<Box<str>, Arc<Agent>>>,
}

impl Agents {
    pub fn new(bots: &[String], remembered: usize) -> Self {
        let remembered = NonZeroUsize::new(remembered).unwrap_or(NonZeroUsize::MIN);
        Self { bots: Bots::new(bots), remembered: Mutex::new(LruCache::new(remembered)) }
    }

    pub fn read(&self, user_agent: &str) -> Arc<Agent> {
        let user_agent = words::cut(user_agent.trim(), AGENT_BYTES);
        if let Some(agent) = self.remembered().get(user_agent) {
            return agent.clone();
        }
        let agent = Arc::new(self.parsed(user_agent));
        self.remembered().put(user_agent.into(), agent.clone());
        agent
    }

    fn parsed(&self, user_agent: &str) -> Agent {
        let os = EXPRESSIONS.systems.extract(user_agent).map(system);
        let browser = EXPRESSIONS.browsers.extract(user_agent).map(browser);
        let bot = self.bots.has(user_agent);
        let device = device::of(user_agent, os.as_ref()).filter(|_| !bot);
        Agent { os, browser, device, bot }
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, LruCache<Box<str>, Arc<Agent>>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agents").finish_non_exhaustive()
    }
}

/// Makes the expressions ready, so that the first event does not wait for them (a tenth of a second, once in a process).
pub(super) fn warm() {
    LazyLock::force(&EXPRESSIONS);
}

static EXPRESSIONS: LazyLock<Expressions> = LazyLock::new(|| {
    let text = include_str!("lists/regexes.yaml");
    let regexes: Regexes<'static> = serde_saphyr::from_str(text).expect("the list in this folder can be read");
    Expressions::new(regexes).expect("the expressions in this folder are sound")
});

struct Expressions {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
}

impl Expressions {
    fn new(regexes: Regexes<'static>) -> Result<Self, ua_parser::Error> {
        let browsers = user_agent::Builder::new().push_all(regexes.user_agent_parsers)?;
        let systems = os::Builder::new().push_all(regexes.os_parsers)?;
        Ok(Self { browsers: browsers.build()?, systems: systems.build()? })
    }
}

fn browser(found: user_agent::ValueRef<'_>) -> Product {
    let version = [found.major, found.minor, found.patch];
    Product { name: found.family.into_owned(), version: version_of(version.into_iter().flatten()) }
}

/// Calls Apple's system by the name that Client Hints use.
fn system(found: os::ValueRef<'_>) -> Product {
    let name = match found.os.as_ref() {
        "Mac OS X" | "Mac OS" => "macOS",
        name => name,
    };
    let version = [found.major, found.minor, found.patch];
    Product { name: name.to_owned(), version: version_of(version.iter().flatten().map(AsRef::as_ref)) }
}

fn version_of<'v>(parts: impl Iterator<Item = &'v str>) -> Option<String> {
    let version = parts.collect::<Vec<_>>().join(".");
    (!version.is_empty()).then_some(version)
}
