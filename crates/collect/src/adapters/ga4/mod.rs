//! Google Analytics 4: the Measurement Protocol of servers and apps, and what gtag.js sends from the browser.

mod check;
mod gtag;
mod person;
mod protocol;

use super::words::{Object, put_page};
use super::{Adapter, Does, Entrance, Message, Method, Outcome, Reply, Request};

pub static ADAPTER: Adapter = Adapter {
    name: "ga4",
    about: "Google Analytics 4: its Measurement Protocol and gtag.js (tried: requests as documented; there is no library).",
    entrances: &[
        Entrance {
            method: Method::Post,
            path: "/mp/collect",
            about: "Events of the Measurement Protocol",
            does: Does::Take { read: protocol::read, answer },
        },
        Entrance {
            method: Method::Post,
            path: "/debug/mp/collect",
            about: "What would be wrong with such events; nothing is stored",
            does: Does::Tell(check::validate),
        },
        Entrance {
            method: Method::Get,
            path: "/g/collect",
            about: "One event of gtag.js",
            does: Does::Take { read: gtag::read, answer },
        },
        Entrance {
            method: Method::Post,
            path: "/g/collect",
            about: "Events of gtag.js, one a line",
            does: Does::Take { read: gtag::read, answer },
        },
    ],
};

/// Google never says what came of it; `/debug/mp/collect` does.
fn answer(_: &Request<'_>, _: &Outcome<'_>) -> Reply {
    Reply::empty(204)
}

/// Says the event in the words of the spec: `page_view` and `screen_view` have their own, all others are tracked.
fn named(
    name: &str,
    mut properties: Object<'_>,
    page: [Option<&str>; 3],
    screen: Option<String>,
    message: Message,
) -> Message {
    match name {
        "page_view" => {
            put_page(&mut properties, page);
            Message { kind: "page", properties: properties.raw(), ..message }
        }
        "screen_view" => Message { kind: "screen", name: screen, properties: properties.raw(), ..message },
        _ => Message { kind: "track", event: Some(name.to_owned()), properties: properties.raw(), ..message },
    }
}
