//! Segment's clients beside their messages: the pixel, the script that a page loads, and the settings without which analytics.js sends nothing.
//!
//! The addresses of the messages themselves (`/v1/track`, `/v1/batch` and so on) are the house's own, and stand in the server.

mod pixel;
mod settings;
pub(super) mod site;
pub(super) mod spoken;

use super::{Adapter, Does, Entrance, Method, Reply, Request};

pub static ADAPTER: Adapter = Adapter {
    name: "segment",
    about: "Segment's clients: the pixel, the script of the snippet, and the settings of analytics.js and the mobile libraries (tried: @segment/analytics-next 1.84.3).",
    entrances: &[
        Entrance {
            method: Method::Get,
            path: "/v1/pixel/{type}",
            about: "One message in the address of a picture",
            does: Does::Take { read: pixel::read, answer: pixel::answer },
        },
        Entrance {
            method: Method::Get,
            path: "/v1/projects/{key}/settings",
            about: "What a client asks before it sends anything",
            does: Does::Tell(settings::tell),
        },
        Entrance {
            method: Method::Get,
            path: "/settings",
            about: "The same, with the key in `writeKey`",
            does: Does::Tell(settings::tell),
        },
        Entrance {
            method: Method::Get,
            path: "/analytics.js/v1/{key}/analytics.min.js",
            about: "The script that Segment's snippet loads",
            does: Does::Tell(script),
        },
    ],
};

/// Written for this house: it speaks as Segment's own does, and loads no destinations. It finds its key in its own address.
const SCRIPT: &[u8] = include_bytes!("analytics.js");

fn script(_: &Request<'_>) -> Reply {
    Reply::script(SCRIPT)
}
