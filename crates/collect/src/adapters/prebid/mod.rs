//! Prebid's clients in a page: who it is, what is known of them, and a bid. Nothing is known here yet, and that is what they hear.

use serde_json::{Value, json};

use super::{Adapter, Does, Entrance, Method, Reply, Request};

pub static ADAPTER: Adapter = Adapter {
    name: "prebid",
    about: "Prebid.js: its unified id, real-time data, keywords and server modules (requests captured: prebid.js 11.36.0).",
    entrances: &[
        Entrance {
            method: Method::Get,
            path: "/prebid/unifiedid",
            about: "The id of a device (module unifiedId): there is none",
            does: Does::Tell(unified_id),
        },
        Entrance {
            method: Method::Get,
            path: "/prebid/rtd",
            about: "What bidders may know (module growthCodeRtd): nothing",
            does: Does::Tell(real_time_data),
        },
        Entrance {
            method: Method::Get,
            path: "/prebid/keywords",
            about: "Audiences and topics (module dgkeyword): none",
            does: Does::Tell(keywords),
        },
        Entrance {
            method: Method::Post,
            path: "/openrtb2/auction",
            about: "An auction (module prebidServer): no bid",
            does: Does::Tell(auction),
        },
    ],
};

/// Without `TDID` the client takes no id over.
fn unified_id(_: &Request<'_>) -> Reply {
    fresh(&json!({}))
}

/// `expires_at` in seconds since 1970: nothing is worth keeping.
fn real_time_data(_: &Request<'_>) -> Reply {
    fresh(&json!({ "status": "ok", "version": "1.0.0", "results": false, "items": [], "expires_at": 0 }))
}

fn keywords(_: &Request<'_>) -> Reply {
    fresh(&json!({ "s": [], "t": [] }))
}

/// OpenRTB's way to say that there is no bid.
fn auction(_: &Request<'_>) -> Reply {
    Reply::empty(204).with("cache-control", "no-store".to_owned())
}

/// Answers are about one person at one moment.
fn fresh(body: &Value) -> Reply {
    Reply::json(body).with("cache-control", "no-store".to_owned())
}
