//! Prebid's clients: truthful empty answers in the shapes of their modules.

use serde_json::json;

use crate::visit::{Visit, captured};

#[test]
fn its_client_hears_that_nothing_is_known() {
    let Some(visits) = captured("prebid-js", &["/prebid/", "/openrtb2/"]) else { return };
    let told: Vec<_> = visits.iter().map(|visit| (visit.url.as_str(), visit.make())).collect();
    for (url, visited) in &told {
        assert_eq!(visited.header("cache-control"), Some("no-store"), "{url}");
        let expected = match url.split('?').next().expect("a path") {
            "/prebid/rtd" => {
                json!({"status": "ok", "version": "1.0.0", "results": false, "items": [], "expires_at": 0})
            }
            "/prebid/keywords" => json!({"s": [], "t": []}),
            "/prebid/unifiedid" => json!({}),
            _ => {
                assert_eq!((visited.reply.status, visited.reply.body.len()), (204, 0), "{url}");
                continue;
            }
        };
        assert_eq!(visited.json(), expected, "{url}");
    }
    assert_eq!(told.len(), 5);
}

#[test]
fn nothing_of_a_request_is_taken() {
    for body in ["", "{", "null", r#"{"id":"a","user":{"eids":[{"uids":[{"id":"ann"}]}]}}"#] {
        let visit = Visit { url: "/openrtb2/auction/".to_owned(), body: body.into(), ..Visit::default() };
        let visited = visit.make();
        assert_eq!((visited.reply.status, visited.accepted.events.len()), (204, 0));
    }
    assert_eq!(Visit::get("/prebid/keywords/").make().json(), json!({"s": [], "t": []}));
}
