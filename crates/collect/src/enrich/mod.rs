#![doc = include_str!("README.md")]

mod address;
mod agent;
mod bots;
mod campaign;
mod device;
mod geo;
mod hints;
mod options;
mod origin;
mod referrer;
mod region;
mod signals;
mod words;
mod written;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use model::{Event, Raw};

pub use address::{Truncate, plain, truncated};
pub use geo::{Geo, GeoError};
pub use hints::ClientHints;
pub use options::Options;
pub use origin::Origin;

use address::Said;
use agent::{Agent, Agents};
use campaign::Campaign;
use geo::Place;
use hints::Hints;
use referrer::{Opened, Referrer};
use words::Words;
use written::{Address, Enriched, Ip};

pub(crate) use written::KEY;

/// Adds to events what can be known about them at the door. One for the house; any number of threads may use it.
#[derive(Debug)]
pub struct Enricher {
    options: Options,
    agents: Agents,
    geo: Geo,
}

impl Enricher {
    /// `geo`: an operator's databases; without them the country alone is told.
    pub fn new(options: Options, geo: Option<Geo>) -> Self {
        let agents = Agents::new(&options.bots, options.agents_remembered);
        Self { options, agents, geo: geo.unwrap_or_default() }
    }

    /// Reads the lists, so that the first event does not wait for them: about a tenth of a second, once in a process.
    pub fn warm(&self) {
        agent::warm();
        bots::warm();
    }

    /// Adds `context.enriched`, and cuts `context.ip` where it must be. The client's other words stay as they were written.
    pub fn enrich(&self, event: &mut Event, origin: &Origin) {
        if let Some(context) = self.enriched(event, origin) {
            event.context = Some(context);
        }
    }

    fn enriched(&self, event: &Event, origin: &Origin) -> Option<Raw> {
        let context = event.context.as_ref().map(|raw| Words::of(raw.text())).unwrap_or_default();
        let agent = self.agent(&context, origin);
        let shown = agent.as_deref().filter(|_| self.options.agent);
        let located = self.located(event, &context, origin);
        let page = Page::of(&context);
        let campaign = page.campaign(&context);
        let opened = page.opened(&campaign, &self.options);
        let referrer = opened.filter(|_| self.options.referrer).map(|opened| Referrer::of(&opened));
        let campaign = if context.raw("campaign").is_some() { campaign.click_only() } else { campaign };
        let enriched = Enriched {
            os: shown.and_then(|agent| agent.os.as_ref()),
            browser: shown.and_then(|agent| agent.browser.as_ref()),
            device: shown.and_then(|agent| agent.device.as_ref()),
            bot: agent.as_deref().filter(|_| self.options.bot).map(|agent| agent.bot),
            ip: located.ip,
            geo: located.place.filter(|place| !place.is_empty()),
            campaign: Some(&campaign).filter(|campaign| self.options.campaign && !campaign.is_empty()),
            referrer,
        };
        written::context(&context, &enriched, located.replaced)
    }

    /// The user agent that the context tells is the person's; the request's own is so only where it came from their device.
    fn agent(&self, context: &Words<'_>, origin: &Origin) -> Option<Arc<Agent>> {
        if !self.options.agent && !self.options.bot {
            return None;
        }
        let said = context.text("userAgent");
        let sent = || origin.user_agent.as_deref().filter(|_| origin.is_device).map(Cow::Borrowed);
        let is_sent = said.is_none();
        let agent = said.or_else(sent).map(|user_agent| self.agents.read(&user_agent));
        let hints = match context.object("userAgentData") {
            Some(data) => Some(Hints::of_context(&data)),
            None if is_sent && origin.is_device => Some(Hints::of_headers(&origin.client_hints)),
            None => None,
        };
        corrected(agent, hints)
    }

    fn located(&self, event: &Event, context: &Words<'_>, origin: &Origin) -> Located {
        let is_denied = signals::deny(event, context, origin.gpc);
        let peer = origin.ip.filter(|_| self.options.peer_ip && origin.is_device);
        let (address, is_said) = match (Said::of(context.raw("ip")), peer) {
            (Said::Address(address), _) => (address, true),
            (Said::Nothing, Some(peer)) => (plain(peer), false),
            (Said::Unreadable, _) => {
                return Located::unreadable(is_denied || self.options.truncate_ip != Truncate::Never);
            }
            (Said::Nothing | Said::Unwanted, _) => return Located::default(),
        };
        let hint = origin.country();
        let is_cut = is_denied || self.is_cut_in(address, hint, context);
        let kept = if is_cut { truncated(address) } else { address };
        let place = self.options.geo.then(|| self.place(kept, hint.filter(|_| !is_said)));
        let replaced = (is_said && is_cut).then_some(Address::Cut(kept));
        Located { ip: Some(Ip::kept(kept, is_cut, is_said)), place, replaced }
    }

    /// One voice for Europe is enough, and where no voice names a country, it counts as Europe too.
    fn is_cut_in(&self, address: IpAddr, hint: Option<&str>, context: &Words<'_>) -> bool {
        match self.options.truncate_ip {
            Truncate::Always => return true,
            Truncate::Never => return false,
            Truncate::EuAndUk => {}
        }
        let told = self.geo.place(address).country;
        let countries = [told.as_deref(), hint, geo::allocated(address)];
        let mut countries = countries.into_iter().flatten().peekable();
        let is_unknown = countries.peek().is_none();
        let is_in_zone = || context.text("timezone").is_some_and(|zone| region::holds_zone(&zone));
        is_unknown || countries.any(region::holds_country) || is_in_zone()
    }

    /// Asks only with what is kept of an address, so that nothing is told that the rest could not tell again.
    fn place(&self, kept: IpAddr, hint: Option<&str>) -> Place {
        let mut place = self.geo.place(kept);
        let others = [(hint, "proxy"), (geo::allocated(kept).filter(|code| *code != "EU"), "registry")];
        if place.country.is_none() {
            let found = others.into_iter().find_map(|(code, source)| Some((code?.to_ascii_uppercase(), source)));
            (place.country, place.source) = found.unzip();
        }
        place
    }
}

fn corrected(agent: Option<Arc<Agent>>, hints: Option<Hints<'_>>) -> Option<Arc<Agent>> {
    let Some(hints) = hints.filter(|hints| !hints.are_empty()) else { return agent };
    let mut agent = agent.map(Arc::unwrap_or_clone).unwrap_or_default();
    hints.correct(&mut agent);
    Some(Arc::new(agent))
}

/// What came of an address.
#[derive(Debug, Default)]
struct Located {
    ip: Option<Ip>,
    place: Option<Place>,
    /// What stands in `context.ip` from now on.
    replaced: Option<Address>,
}

impl Located {
    /// A text that may hold an address and cannot be cut is not kept.
    fn unreadable(is_cut: bool) -> Self {
        let replaced = is_cut.then_some(Address::Gone);
        Self { ip: is_cut.then(Ip::gone), place: None, replaced }
    }
}

/// The addresses that a context tells about its page.
#[derive(Debug)]
struct Page<'a> {
    /// Without a page nobody came from anywhere, which is not the same as directly.
    is_there: bool,
    url: Option<Cow<'a, str>>,
    search: Option<Cow<'a, str>>,
    referrer: Option<Cow<'a, str>>,
}

impl<'a> Page<'a> {
    fn of(context: &Words<'a>) -> Self {
        let page = context.object("page").unwrap_or_default();
        let referrer = page.text("referrer").or_else(|| context.object("referrer")?.text("url"));
        let is_there = page.raw("url").is_some() || page.raw("referrer").is_some() || referrer.is_some();
        Self { is_there, url: page.text("url"), search: page.text("search"), referrer }
    }

    fn campaign(&self, context: &Words<'a>) -> Campaign<'_> {
        let query = self.search.as_deref().or_else(|| campaign::query(self.url.as_deref()?));
        let mut campaign = query.map(Campaign::of_query).unwrap_or_default();
        if context.raw("campaign").is_some() {
            campaign.said(&context.object("campaign").unwrap_or_default());
        }
        campaign
    }

    fn opened<'t, 'c>(&'t self, campaign: &'c Campaign<'t>, options: &'c Options) -> Option<Opened<'t, 'c>> {
        let (url, referrer) = (self.url.as_deref(), self.referrer.as_deref());
        self.is_there.then_some(Opened { url, referrer, campaign, own_domains: &options.own_domains })
    }
}
