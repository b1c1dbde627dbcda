//! Snowplow's trackers.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use expect_test::expect;
use serde_json::{Value, json};

use crate::knock::show;
use crate::visit::{Visit, Visited, captured, shown};

const TP2: &str = "/com.snowplowanalytics.snowplow/tp2";

fn sent(event: Value) -> Visited {
    Visit::post(
        TP2,
        &json!({"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": [event]}),
    )
    .make()
}

fn described(schema: &str, data: Value) -> String {
    let event = json!({"schema": schema, "data": data});
    json!({"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": event}).to_string()
}

#[test]
fn its_browser_tracker_is_understood() {
    let Some(visits) = captured("snowplow-browser", &[TP2]) else { return };
    expect![[r#"
        page by user_id:u1, anonymous_id:532b2981-4094-47b4-94ae-9c120c90da6b at 2026-11-23T17:59:59.931Z
          properties {"url":"http://localhost:33903/?api=127.0.0.1:40919&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/","title":"Home"}
          context {"locale":"en-US","timezone":"UTC","page":{"url":"http://localhost:33903/?api=127.0.0.1:40919&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/","title":"Home"},"library":{"name":"snowplow","version":"js-4.10.1"},"campaign":{"source":"mail","name":"spring"},"screen":{"width":1280,"height":720},"snowplow":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"4b05020c-fccc-4a28-ae16-81ec439381f4"}},{"schema":"iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0","data":{"viewport":"1280x720","documentSize":"1280x720","resolution":"1280x720","colorDepth":24,"devicePixelRatio":1,"cookiesEnabled":true,"online":true,"browserLanguage":"en-US","documentLanguage":"","webdriver":true,"deviceMemory":16,"hardwareConcurrency":2,"tabId":"e72b11df-4fa2-4b9f-b6c9-dad46664b8d7"}},{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"532b2981-4094-47b4-94ae-9c120c90da6b","sessionId":"48db664a-09e9-42ef-908d-261b54c3253d","eventIndex":1,"sessionIndex":1,"previousSessionId":null,"storageMechanism":"COOKIE_1","firstEventId":"051d6857-c547-4463-bce7-7c2b9e76fa1c","firstEventTimestamp":"2026-11-23T17:41:22.947Z"}}],"snowplow_parameters":{"tna":"sp","aid":"shop","p":"web","cookie":"1","cs":"windows-1252","cd":"24","vp":"1280x720","ds":"1280x720","vid":"1","sid":"48db664a-09e9-42ef-908d-261b54c3253d"}}
        track `add-to-basket` by user_id:u1, anonymous_id:532b2981-4094-47b4-94ae-9c120c90da6b at 2026-11-23T17:59:59.998Z
          properties {"category":"shop","label":"p1","value":2}
          context {"locale":"en-US","timezone":"UTC","page":{"url":"http://localhost:33903/?api=127.0.0.1:40919&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/"},"library":{"name":"snowplow","version":"js-4.10.1"},"campaign":{"source":"mail","name":"spring"},"screen":{"width":1280,"height":720},"snowplow":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"4b05020c-fccc-4a28-ae16-81ec439381f4"}},{"schema":"iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0","data":{"viewport":"1280x720","documentSize":"1280x720","resolution":"1280x720","colorDepth":24,"devicePixelRatio":1,"cookiesEnabled":true,"online":true,"browserLanguage":"en-US","documentLanguage":"","webdriver":true,"deviceMemory":16,"hardwareConcurrency":2,"tabId":"e72b11df-4fa2-4b9f-b6c9-dad46664b8d7"}},{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"532b2981-4094-47b4-94ae-9c120c90da6b","sessionId":"48db664a-09e9-42ef-908d-261b54c3253d","eventIndex":2,"sessionIndex":1,"previousSessionId":null,"storageMechanism":"COOKIE_1","firstEventId":"051d6857-c547-4463-bce7-7c2b9e76fa1c","firstEventTimestamp":"2026-11-23T17:41:22.947Z"}}],"snowplow_parameters":{"tna":"sp","aid":"shop","p":"web","cookie":"1","cs":"windows-1252","cd":"24","vp":"1280x720","ds":"1280x720","vid":"1","sid":"48db664a-09e9-42ef-908d-261b54c3253d"}}
        track `order_completed` by user_id:u1, anonymous_id:532b2981-4094-47b4-94ae-9c120c90da6b at 2026-11-23T17:59:59.998Z
          properties {"orderId":"o-1","revenue":99.5,"$schema":"iglu:com.example/order_completed/jsonschema/1-0-0"}
          context {"locale":"en-US","timezone":"UTC","page":{"url":"http://localhost:33903/?api=127.0.0.1:40919&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/"},"library":{"name":"snowplow","version":"js-4.10.1"},"campaign":{"source":"mail","name":"spring"},"screen":{"width":1280,"height":720},"snowplow":[{"schema":"iglu:com.example/user/jsonschema/1-0-0","data":{"email":"ann@example.com"}},{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"4b05020c-fccc-4a28-ae16-81ec439381f4"}},{"schema":"iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0","data":{"viewport":"1280x720","documentSize":"1280x720","resolution":"1280x720","colorDepth":24,"devicePixelRatio":1,"cookiesEnabled":true,"online":true,"browserLanguage":"en-US","documentLanguage":"","webdriver":true,"deviceMemory":16,"hardwareConcurrency":2,"tabId":"e72b11df-4fa2-4b9f-b6c9-dad46664b8d7"}},{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"532b2981-4094-47b4-94ae-9c120c90da6b","sessionId":"48db664a-09e9-42ef-908d-261b54c3253d","eventIndex":3,"sessionIndex":1,"previousSessionId":null,"storageMechanism":"COOKIE_1","firstEventId":"051d6857-c547-4463-bce7-7c2b9e76fa1c","firstEventTimestamp":"2026-11-23T17:41:22.947Z"}}],"snowplow_parameters":{"tna":"sp","aid":"shop","p":"web","cookie":"1","cs":"windows-1252","cd":"24","vp":"1280x720","ds":"1280x720","vid":"1","sid":"48db664a-09e9-42ef-908d-261b54c3253d"}}
    "#]].assert_eq(&shown(&visits));
    let visited = visits[0].make();
    assert_eq!(visited.keys, (None, Some("shop".to_owned())));
    assert_eq!(
        (visited.reply.status, visited.reply.body.as_slice(), visited.header("set-cookie")),
        (200, b"ok".as_slice(), None)
    );
}

#[test]
fn its_browser_tracker_is_understood_in_addresses() {
    let Some(visits) = captured("snowplow-browser-get", &["/i"]) else { return };
    expect![[r#"
        page by user_id:u1, anonymous_id:af67413b-c957-4171-a6f8-bd600a3c1476 at 2026-11-23T17:59:59.979Z
          properties {"url":"http://localhost:39455/?api=127.0.0.1:36913&get=1&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/","title":"Home"}
          context {"locale":"en-US","timezone":"UTC","page":{"url":"http://localhost:39455/?api=127.0.0.1:36913&get=1&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/","title":"Home"},"library":{"name":"snowplow","version":"js-4.10.1"},"campaign":{"source":"mail","name":"spring"},"screen":{"width":1280,"height":720},"snowplow":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"2e35ef0d-ccb4-460e-83af-aaab20a45aa4"}},{"schema":"iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0","data":{"viewport":"1280x720","documentSize":"1280x720","resolution":"1280x720","colorDepth":24,"devicePixelRatio":1,"cookiesEnabled":true,"online":true,"browserLanguage":"en-US","documentLanguage":"","webdriver":true,"deviceMemory":16,"hardwareConcurrency":2,"tabId":"a26b1337-bf55-483b-8add-9bb4d68d6143"}},{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"af67413b-c957-4171-a6f8-bd600a3c1476","sessionId":"06a85883-9493-42c9-85d5-7ffd79024b6f","eventIndex":1,"sessionIndex":1,"previousSessionId":null,"storageMechanism":"COOKIE_1","firstEventId":"e33f4b6c-83d6-4739-9a21-a5d788abccb5","firstEventTimestamp":"2026-11-23T17:41:26.878Z"}}],"snowplow_parameters":{"tna":"sp","aid":"shop","p":"web","cookie":"1","cs":"windows-1252","cd":"24","vp":"1280x720","ds":"1280x720","vid":"1","sid":"06a85883-9493-42c9-85d5-7ffd79024b6f"}}
        track `add-to-basket` by user_id:u1, anonymous_id:af67413b-c957-4171-a6f8-bd600a3c1476 at 2026-11-23T17:59:59.908Z
          properties {"category":"shop","label":"p1","value":2}
          context {"locale":"en-US","timezone":"UTC","page":{"url":"http://localhost:39455/?api=127.0.0.1:36913&get=1&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/"},"library":{"name":"snowplow","version":"js-4.10.1"},"campaign":{"source":"mail","name":"spring"},"screen":{"width":1280,"height":720},"snowplow":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"2e35ef0d-ccb4-460e-83af-aaab20a45aa4"}},{"schema":"iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0","data":{"viewport":"1280x720","documentSize":"1280x720","resolution":"1280x720","colorDepth":24,"devicePixelRatio":1,"cookiesEnabled":true,"online":true,"browserLanguage":"en-US","documentLanguage":"","webdriver":true,"deviceMemory":16,"hardwareConcurrency":2,"tabId":"a26b1337-bf55-483b-8add-9bb4d68d6143"}},{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"af67413b-c957-4171-a6f8-bd600a3c1476","sessionId":"06a85883-9493-42c9-85d5-7ffd79024b6f","eventIndex":2,"sessionIndex":1,"previousSessionId":null,"storageMechanism":"COOKIE_1","firstEventId":"e33f4b6c-83d6-4739-9a21-a5d788abccb5","firstEventTimestamp":"2026-11-23T17:41:26.878Z"}}],"snowplow_parameters":{"tna":"sp","aid":"shop","p":"web","cookie":"1","cs":"windows-1252","cd":"24","vp":"1280x720","ds":"1280x720","vid":"1","sid":"06a85883-9493-42c9-85d5-7ffd79024b6f"}}
        track `order_completed` by user_id:u1, anonymous_id:af67413b-c957-4171-a6f8-bd600a3c1476 at 2026-11-23T17:59:59.854Z
          properties {"orderId":"o-1","revenue":99.5,"$schema":"iglu:com.example/order_completed/jsonschema/1-0-0"}
          context {"locale":"en-US","timezone":"UTC","page":{"url":"http://localhost:39455/?api=127.0.0.1:36913&get=1&utm_source=mail&utm_campaign=spring&gclid=abc123","path":"/"},"library":{"name":"snowplow","version":"js-4.10.1"},"campaign":{"source":"mail","name":"spring"},"screen":{"width":1280,"height":720},"snowplow":[{"schema":"iglu:com.example/user/jsonschema/1-0-0","data":{"email":"ann@example.com"}},{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"2e35ef0d-ccb4-460e-83af-aaab20a45aa4"}},{"schema":"iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0","data":{"viewport":"1280x720","documentSize":"1280x720","resolution":"1280x720","colorDepth":24,"devicePixelRatio":1,"cookiesEnabled":true,"online":true,"browserLanguage":"en-US","documentLanguage":"","webdriver":true,"deviceMemory":16,"hardwareConcurrency":2,"tabId":"a26b1337-bf55-483b-8add-9bb4d68d6143"}},{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{"userId":"af67413b-c957-4171-a6f8-bd600a3c1476","sessionId":"06a85883-9493-42c9-85d5-7ffd79024b6f","eventIndex":3,"sessionIndex":1,"previousSessionId":null,"storageMechanism":"COOKIE_1","firstEventId":"e33f4b6c-83d6-4739-9a21-a5d788abccb5","firstEventTimestamp":"2026-11-23T17:41:26.878Z"}}],"snowplow_parameters":{"tna":"sp","aid":"shop","p":"web","cookie":"1","cs":"windows-1252","cd":"24","vp":"1280x720","ds":"1280x720","vid":"1","sid":"06a85883-9493-42c9-85d5-7ffd79024b6f"}}
    "#]].assert_eq(&shown(&visits));
    assert!(visits[0].make().is_pixel());
}

#[test]
fn its_node_tracker_is_understood() {
    let Some(visits) = captured("snowplow-node", &[TP2]) else { return };
    expect![[r#"
        page by user_id:u1 at 2026-11-23T17:59:59.999Z
          properties {"url":"https://shop.example/","path":"/","title":"Home","referrer":"https://g.example/"}
          context {"page":{"url":"https://shop.example/","path":"/","title":"Home","referrer":"https://g.example/"},"library":{"name":"snowplow","version":"node-4.8.0"},"snowplow_parameters":{"p":"srv","tna":"sp","aid":"shop"}}
        track `add-to-basket` by user_id:u1 at 2026-11-23T17:59:59.999Z
          properties {"category":"shop","label":"pbz1","property":"pc","value":2}
          context {"library":{"name":"snowplow","version":"node-4.8.0"},"snowplow_parameters":{"p":"srv","tna":"sp","aid":"shop"}}
        track `order_completed` by user_id:u1 at 2026-11-23T18:00:00.000Z
          properties {"orderId":"o-1","revenue":99.5,"$schema":"iglu:com.example/order_completed/jsonschema/1-0-0"}
          context {"library":{"name":"snowplow","version":"node-4.8.0"},"snowplow":[{"schema":"iglu:com.example/user/jsonschema/1-0-0","data":{"email":"ann@example.com"}}],"snowplow_parameters":{"p":"srv","tna":"sp","aid":"shop"}}
    "#]].assert_eq(&shown(&visits));
}

#[test]
fn its_python_tracker_is_understood() {
    let Some(visits) = captured("snowplow-python", &[TP2]) else { return };
    expect![[r#"
        page by user_id:u1 at 2026-11-23T18:00:00.744Z
          properties {"url":"https://shop.example/","path":"/","title":"Home"}
          context {"page":{"url":"https://shop.example/","path":"/","title":"Home"},"library":{"name":"snowplow","version":"py-1.1.0"},"snowplow_parameters":{"p":"srv","tna":"sp","aid":"shop"}}
        track `add` by user_id:u1 at 2026-11-23T18:00:00.744Z
          properties {"category":"shop","label":"x","value":2.0}
          context {"library":{"name":"snowplow","version":"py-1.1.0"},"snowplow_parameters":{"p":"srv","tna":"sp","aid":"shop"}}
        track `order_completed` by user_id:u1 at 2026-11-23T18:00:00.744Z
          properties {"orderId":"o-1","$schema":"iglu:com.example/order_completed/jsonschema/1-0-0"}
          context {"library":{"name":"snowplow","version":"py-1.1.0"},"snowplow":[{"schema": "iglu:com.example/user/jsonschema/1-0-0", "data": {"email": "ann@example.com"}}],"snowplow_parameters":{"p":"srv","tna":"sp","aid":"shop"}}
    "#]].assert_eq(&shown(&visits));
}

/// The server tracker names nobody unless it is told whom; such an event is nobody's.
#[test]
fn an_event_of_nobody_is_refused_and_answered() {
    let Some(visits) = captured("snowplow-node-get", &["/i"]) else { return };
    let visited = visits[0].make();
    assert_eq!(visited.codes(), ["no_identifier"]);
    assert!(visited.is_pixel());
}

#[test]
fn every_kind_of_event_has_its_words() {
    let of = |event: Value| show(sent(event).only());
    expect![[r#"
        track `Page Ping` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"pp_mix":0,"pp_max":7,"pp_miy":10,"pp_may":20}
          context {"page":{"url":"https://s.example/a?b","path":"/a"}}
    "#]].assert_eq(&of(json!({"e": "pp", "duid": "d", "pp_mix": "0", "pp_max": "7", "pp_miy": "10", "pp_may": "20", "url": "https://s.example/a?b"})));
    expect![[r#"
        track `Play` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"category":"Video","property":"hd","value":8911407.90}
    "#]]
    .assert_eq(&of(
        json!({"e": "se", "duid": "d", "se_ac": "Play", "se_ca": "Video", "se_pr": "hd", "se_va": "8911407.90"}),
    ));
    expect![[r#"
        track `Play` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"value":"007"}
          context {"snowplow_parameters":{"tr_id":"kept"}}
    "#]]
    .assert_eq(&of(json!({"e": "se", "duid": "d", "se_ac": "Play", "se_va": "007", "tr_id": "kept"})));
    expect![[r#"
        track `Transaction` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"order_id":"o1","total":99.50,"tax":5,"currency":"EUR"}
          context {"snowplow_parameters":{"tid":"1"}}
    "#]]
    .assert_eq(&of(
        json!({"e": "tr", "duid": "d", "tr_id": "o1", "tr_tt": "99.50", "tr_tx": 5, "tr_cu": "EUR", "tid": "1"}),
    ));
    expect![[r#"
        track `Transaction Item` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"order_id":"o1","sku":"p1","name":"Shoe","price":49.75,"quantity":2}
    "#]]
    .assert_eq(&of(
        json!({"e": "ti", "duid": "d", "ti_id": "o1", "ti_sk": "p1", "ti_nm": "Shoe", "ti_pr": "49.75", "ti_qu": "2"}),
    ));
    let screen =
        described("iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0", json!({"name": "Cart", "id": "1"}));
    expect![[r#"
        screen `Cart` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"id":"1","name":"Cart","$schema":"iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0"}
    "#]]
    .assert_eq(&of(json!({"e": "ue", "duid": "d", "ue_pr": screen})));
    let data = described("iglu:com.example/sizes/jsonschema/1-0-0", json!([1, 2]));
    expect![[r#"
        track `sizes` by anonymous_id:d at 2026-11-23T18:00:00.000Z
          properties {"value":[1,2],"$schema":"iglu:com.example/sizes/jsonschema/1-0-0"}
    "#]]
    .assert_eq(&of(json!({"e": "ue", "duid": "d", "ue_px": BASE64_URL_SAFE_NO_PAD.encode(data)})));
}

#[test]
fn ids_are_taken_in_their_order() {
    let who = |visit: Visit| {
        let visited = visit.make();
        visited.only().identifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let at = |query: &str| Visit::get(&format!("/i?e=pv&{query}"));
    assert_eq!(who(at("uid=u&duid=d&tnuid=t&nuid=n")), "user_id:u snowplow_network_id:t anonymous_id:d");
    assert_eq!(who(at("nuid=n")), "snowplow_network_id:n anonymous_id:n");
    assert_eq!(who(at("duid=d").with("cookie", "_sp_id.1=x; sp=0f-1")), "snowplow_network_id:0f-1 anonymous_id:d");
    assert_eq!(who(at("duid=d").with("cookie", "sp=0f-1").with("sp-anonymous", "*")), "anonymous_id:d");
    let session = json!({"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1", "data": [
        {"schema": "iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2", "data": {"userId": "installation"}},
    ]});
    assert_eq!(
        who(at(&format!("nuid=n&cx={}", BASE64_URL_SAFE_NO_PAD.encode(session.to_string())))),
        "snowplow_network_id:n anonymous_id:installation"
    );
}

#[test]
fn the_cookie_of_a_browser_lives_on_and_none_is_made() {
    let cookie = |visit: Visit| visit.make().header("set-cookie").map(str::to_owned);
    let at = || Visit::get("/ice.png?e=pv&duid=d");
    assert_eq!(cookie(at()), None);
    assert_eq!(cookie(at().with("cookie", "sp=bad value")), None);
    assert_eq!(cookie(at().with("cookie", "sp=0f-1").with("sp-anonymous", "*")), None);
    assert_eq!(
        cookie(at().with("cookie", "sp=0f-1")).as_deref(),
        Some("sp=0f-1; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
    );
    let secure = cookie(at().with("cookie", "sp=0f-1").with("x-forwarded-proto", "https"));
    assert_eq!(secure.as_deref(), Some("sp=0f-1; Path=/; Max-Age=31536000; HttpOnly; SameSite=None; Secure"));
}

#[test]
fn times_are_corrected_unless_they_are_true() {
    let time = |event: Value| sent(event).only().time.to_string();
    let (made, sent_at) = ("1795435200000", "1795435210000");
    assert_eq!(time(json!({"e": "pv", "duid": "d", "dtm": made, "stm": sent_at})), "2026-11-23T17:59:50.000Z");
    assert_eq!(time(json!({"e": "pv", "duid": "d", "dtm": made})), "2026-11-23T12:00:00.000Z");
    assert_eq!(
        time(json!({"e": "pv", "duid": "d", "dtm": made, "stm": sent_at, "ttm": "1795431600000"})),
        "2026-11-23T11:00:00.000Z"
    );
    assert_eq!(time(json!({"e": "pv", "duid": "d"})), "2026-11-23T18:00:00.000Z");
}

#[test]
fn the_app_is_the_key_where_nothing_else_is() {
    let at = |query: &str| Visit::get(&format!("/i?e=pv&duid=d&{query}"));
    assert_eq!(at("aid=shop").make().keys, (None, Some("shop".to_owned())));
    assert_eq!(at("aid=shop&k=k1").make().keys, (None, Some("k1".to_owned())));
    assert_eq!(at("aid=shop").with("x-write-key", "k2").make().keys, (Some("k2".to_owned()), None));
    let event = |app: &str| json!({"e": "pv", "duid": "d", "aid": app});
    let visited = Visit::post(TP2, &json!({"data": [event("shop"), event("blog"), event("shop")]})).make();
    assert_eq!(
        (visited.keys.1.as_deref(), visited.codes(), visited.accepted.events.len()),
        (Some("shop"), vec!["wrong_type"], 2)
    );
}

#[test]
fn what_cannot_be_taken_stands_for_itself() {
    let events = json!([
        5, {}, {"e": 5}, {"e": "xx", "duid": "d"}, {"e": "se", "duid": "d"}, {"e": "ue", "duid": "d"}, {"e": "ue", "duid": "d", "ue_pr": "{"},
        {"e": "ue", "duid": "d", "ue_px": "!"}, {"e": "ue", "duid": "d", "ue_pr": "{}"}, {"e": "ue", "duid": "d", "ue_pr": described("plain", json!({}))},
        {"e": "ue", "duid": "d", "ue_pr": format!("{}{}", "[".repeat(70), "]".repeat(70))}, {"e": "pv", "duid": {}}, {"e": "pv", "duid": "d", "dtm": "soon"},
        {"e": "pv", "duid": "d", "x": "x".repeat(40_000)}, {"e": "pv"}, {"e": "pv", "duid": "d", "co": "no context", "res": "wide"},
    ]);
    let visited = Visit::post(TP2, &json!({"data": events})).make();
    expect![[r#"
        [
            "wrong_type",
            "missing_field",
            "wrong_type",
            "wrong_type",
            "missing_field",
            "missing_field",
            "invalid_json",
            "wrong_type",
            "wrong_type",
            "wrong_type",
            "too_deep",
            "wrong_type",
            "invalid_time",
            "event_too_large",
            "no_identifier",
        ]
    "#]]
    .assert_debug_eq(&visited.codes());
    expect![[r#"
        page by anonymous_id:d at 2026-11-23T18:00:00.000Z
          context {"snowplow_parameters":{"co":"no context","res":"wide"}}
    "#]]
    .assert_eq(&show(&visited.accepted.events[0]));
    assert_eq!((visited.accepted.events.len(), visited.reply.body.as_slice()), (1, b"ok".as_slice()));
    for (body, expected) in
        [("", "invalid_json"), ("{}", "missing_field"), (r#"{"data":5}"#, "wrong_type"), ("[", "invalid_json")]
    {
        let visit = Visit { url: TP2.to_owned(), body: body.as_bytes().to_vec(), ..Visit::default() };
        assert_eq!(visit.try_make().map(|_| ()).map_err(|refusal| kit::Coded::code(&refusal)), Err(expected), "{body}");
    }
}
