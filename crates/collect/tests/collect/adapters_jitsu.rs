//! Jitsu's clients.

use expect_test::expect;
use serde_json::json;

use crate::knock::show;
use crate::visit::{Visit, captured, shown};

#[test]
fn its_node_client_is_understood() {
    let Some(visits) = captured("jitsu-js-node", &["/api/s/"]) else { return };
    expect![[r#"
        identify by user_id:u1, email:ann@example.com, anonymous_id:d510c02b-3a20-4019-992f-126e85ae599e at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com"}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"node"},"page":{},"clientIds":{},"campaign":{}}
        track `Order Completed` by user_id:u1, email:ann@example.com, anonymous_id:d510c02b-3a20-4019-992f-126e85ae599e at 2026-11-23T17:59:59.999Z
          traits {"email":"ann@example.com"}
          properties {"revenue":99.5}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"node"},"traits":{"email":"ann@example.com"},"page":{},"clientIds":{},"campaign":{}}
        page by user_id:u1, email:ann@example.com, anonymous_id:d510c02b-3a20-4019-992f-126e85ae599e at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com"}
          properties {"name":"Home","url":"https://shop.example/","path":"/"}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"node"},"traits":{"email":"ann@example.com"},"page":{"path":"/","url":"https://shop.example/"},"clientIds":{},"campaign":{}}
        group by user_id:u1, anonymous_id:d510c02b-3a20-4019-992f-126e85ae599e at 2026-11-23T18:00:00.000Z
          traits {"name":"Acme"}
          properties {"group_id":"g1"}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"node"},"page":{},"clientIds":{},"campaign":{}}
    "#]].assert_eq(&shown(&visits));
}

#[test]
fn its_browser_client_is_understood() {
    let Some(visits) = captured("jitsu-js-npm", &["/api/s/"]) else { return };
    expect![[r#"
        page by anonymous_id:4c146678-4b69-4e4c-b81b-56c5997353de at 2026-11-23T18:00:00.000Z
          traits {}
          properties {"title":"Shop","url":"http://localhost:35289/?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/","hash":"","search":"?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","width":1280,"height":720}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"browser"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","screen":{"width":1280,"height":720,"innerWidth":1280,"innerHeight":720,"density":1},"traits":{},"page":{"path":"/","referrer":"","referring_domain":"","host":"localhost:35289","search":"?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:35289/?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","encoding":"windows-1252"},"clientIds":{},"campaign":{"source":"mail","name":"spring"}}
        identify by user_id:u1, email:ann@example.com, anonymous_id:4c146678-4b69-4e4c-b81b-56c5997353de at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com"}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"browser"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","screen":{"width":1280,"height":720,"innerWidth":1280,"innerHeight":720,"density":1},"page":{"path":"/","referrer":"","referring_domain":"","host":"localhost:35289","search":"?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:35289/?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","encoding":"windows-1252"},"clientIds":{},"campaign":{"source":"mail","name":"spring"}}
        track `Order Completed` by user_id:u1, email:ann@example.com, anonymous_id:4c146678-4b69-4e4c-b81b-56c5997353de at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com"}
          properties {"revenue":99.5}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"browser"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","screen":{"width":1280,"height":720,"innerWidth":1280,"innerHeight":720,"density":1},"traits":{"email":"ann@example.com"},"page":{"path":"/","referrer":"","referring_domain":"","host":"localhost:35289","search":"?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:35289/?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","encoding":"windows-1252"},"clientIds":{},"campaign":{"source":"mail","name":"spring"}}
        group by user_id:u1, anonymous_id:4c146678-4b69-4e4c-b81b-56c5997353de at 2026-11-23T18:00:00.000Z
          traits {"name":"Acme"}
          properties {"group_id":"g1"}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"browser"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","screen":{"width":1280,"height":720,"innerWidth":1280,"innerHeight":720,"density":1},"page":{"path":"/","referrer":"","referring_domain":"","host":"localhost:35289","search":"?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:35289/?api=127.0.0.1:34783&utm_source=mail&utm_campaign=spring&gclid=abc123","encoding":"windows-1252"},"clientIds":{},"campaign":{"source":"mail","name":"spring"}}
    "#]].assert_eq(&shown(&visits));
}

#[test]
fn its_script_is_understood() {
    let Some(visits) = captured("jitsu-js-snippet", &["/api/s/"]) else { return };
    expect![[r#"
        page by anonymous_id:417fa3c5-ef22-4951-b64d-9419ca70d03d at 2026-11-23T18:00:00.000Z
          traits {}
          properties {"title":"Shop","url":"http://localhost:37339/?api=127.0.0.1:45907&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/","hash":"","search":"?api=127.0.0.1:45907&utm_source=mail&utm_campaign=spring&gclid=abc123","width":1280,"height":720}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"browser"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","screen":{"width":1280,"height":720,"innerWidth":1280,"innerHeight":720,"density":1},"traits":{},"page":{"path":"/","referrer":"","referring_domain":"","host":"localhost:37339","search":"?api=127.0.0.1:45907&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:37339/?api=127.0.0.1:45907&utm_source=mail&utm_campaign=spring&gclid=abc123","encoding":"windows-1252"},"clientIds":{},"campaign":{"source":"mail","name":"spring"}}
        track `Order Completed` by anonymous_id:417fa3c5-ef22-4951-b64d-9419ca70d03d at 2026-11-23T18:00:00.000Z
          traits {}
          properties {"revenue":99.5}
          context {"library":{"name":"@jitsu/js","version":"1.11.0","env":"browser"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","screen":{"width":1280,"height":720,"innerWidth":1280,"innerHeight":720,"density":1},"traits":{},"page":{"path":"/","referrer":"","referring_domain":"","host":"localhost:37339","search":"?api=127.0.0.1:45907&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:37339/?api=127.0.0.1:45907&utm_source=mail&utm_campaign=spring&gclid=abc123","encoding":"windows-1252"},"clientIds":{},"campaign":{"source":"mail","name":"spring"}}
    "#]].assert_eq(&shown(&visits));
}

#[test]
fn the_masked_key_of_a_body_says_nothing() {
    let Some(visits) = captured("jitsu-js-npm", &["/api/s/page"]) else { return };
    let visited = visits[0].make();
    assert_eq!(visited.keys, (Some("KEYID:SECRET".to_owned()), None));
    assert_eq!(visited.json(), json!({"ok": true}));
    let told =
        |url: &str, key: &str| Visit::post(url, &json!({"userId": "u1", "event": "E", "writeKey": key})).make().keys.1;
    assert_eq!(told("/api/s/track", "id:secret").as_deref(), Some("id:secret"));
    assert_eq!(told("/api/s/track?writekey=k", "id:***").as_deref(), Some("k"));
    assert_eq!(told("/api/s/s2s/track", ""), None);
}

#[test]
fn a_batch_is_answered_with_its_counts() {
    let message = |event: &str| json!({"type": "track", "event": event, "userId": "u1", "messageId": event});
    let body =
        |batch: &[serde_json::Value]| json!({"batch": batch, "context": {"ip": "1.2.3.4"}, "writeKey": "id:***"});
    for url in ["/api/s/batch", "/api/s/s2s/batch/"] {
        let visited = Visit::post(url, &body(&[message("A"), message("B")])).make();
        assert_eq!(visited.json(), json!({"ok": true, "receivedEvents": 2, "okEvents": 2}));
        assert_eq!(visited.keys, (None, None));
        let visited = Visit::post(url, &body(&[message("A"), json!({"type": "track"})])).make();
        assert_eq!(
            visited.json(),
            json!({"ok": false, "receivedEvents": 2, "okEvents": 1, "errors": ["event 1: missing_field"]})
        );
    }
}

#[test]
fn the_address_says_the_kind_unless_it_knows_none() {
    let of = |url: &str, body: serde_json::Value| Visit::post(url, &body).make();
    let page = of(
        "/api/s/page",
        json!({"type": "track", "anonymousId": "a1", "category": "Docs", "name": "Home", "x": 1, "y": null}),
    );
    expect![[r#"
        page `Home` by anonymous_id:a1 at 2026-11-23T18:00:00.000Z
          properties {"category":"Docs"}
          context {"jitsu":{"x":1}}
    "#]]
    .assert_eq(&show(page.only()));
    assert_eq!(
        of("/api/s/event", json!({"type": "track", "event": "E", "userId": "u"})).only().name.as_deref(),
        Some("E")
    );
    let refused = of("/api/s/event", json!({"type": "event", "userId": "u"}));
    assert_eq!(
        (refused.codes(), refused.json()),
        (vec!["unknown_type"], json!({"ok": false, "error": "unknown_type"}))
    );
    assert_eq!(of("/api/s/alias", json!({"userId": "u", "previousId": "a"})).only().identifiers.len(), 2);
}

#[test]
fn the_script_is_ours() {
    let visited = Visit::get("/p.js").make();
    let script = String::from_utf8(visited.reply.body.clone()).expect("UTF-8");
    assert_eq!(visited.reply.content_type, "application/javascript; charset=utf-8");
    for word in ["X-Write-Key", "/api/s/", "__eventn_id", "data-write-key"] {
        assert!(script.contains(word), "{word}");
    }
    assert!(script.len() < 12_000, "{}", script.len());
}
