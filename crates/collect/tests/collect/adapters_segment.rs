//! Segment's pixel and settings.

use collect::adapters::Request;
use expect_test::expect;
use serde_json::json;

use crate::knock::show;
use crate::visit::{Visit, captured, shown};

#[test]
fn a_captured_picture_is_a_message() {
    let Some(visits) = captured("http-shapes", &["/v1/pixel/"]) else { return };
    expect![[r#"
        track `Email Opened` by user_id:u1 at 2026-11-23T18:00:00.000Z
    "#]]
    .assert_eq(&shown(&visits));
    let visited = visits[0].make();
    assert!(visited.is_pixel());
    assert_eq!(visited.keys, (None, Some("WRITEKEY".to_owned())));
}

#[test]
fn a_picture_says_its_words_in_any_way() {
    let of = |url: &str| show(Visit::get(url).make().only());
    let plain = "/v1/pixel/track?writeKey=k&userId=u1&event=Email+Opened&properties.campaign=spring&issue=7&messageId=m1&context.ip=1.2.3.4";
    expect![[r#"
        track `Email Opened` by user_id:u1 at 2026-11-23T18:00:00.000Z
          properties {"issue":"7","campaign":"spring"}
          context {"ip":"1.2.3.4"}
    "#]]
    .assert_eq(&of(plain));
    expect![[r#"
        identify by email:ann@example.com, anonymous_id:a1 at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com","plan":"pro"}
          properties {"n":8911407.90}
    "#]]
    .assert_eq(&of(
        "/v1/pixel/identify?anonymousId=a1&plan=pro&traits.email=ann@example.com&properties=%7B%22n%22:8911407.90%7D",
    ));
    expect![[r#"
        page `Home` by user_id:u1 at 2026-11-23T18:00:00.000Z
          properties {"url":"x","n":8911407.90,"category":"Docs"}
    "#]]
    .assert_eq(&of(
        "/v1/pixel/page?userId=u1&name=Home&category=Docs&properties=%7B%22n%22:8911407.90%7D&properties.url=x",
    ));
    let json = "/v1/pixel/track?data=%7B%22userId%22:%22u1%22,%22event%22:%22E%22,%22channel%22:%22mail%22,%22integrations%22:%7B%22All%22:false%7D%7D";
    expect![[r#"
        track `E` by user_id:u1 at 2026-11-23T18:00:00.000Z
          context {"segment":{"channel":"mail"}}
          integrations {"All":false}
    "#]]
    .assert_eq(&of(json));
}

#[test]
fn a_picture_is_answered_whatever_came_of_it() {
    for (url, codes) in [
        ("/v1/pixel/track", vec!["missing_field"]),
        ("/v1/pixel/track?event=E", vec!["no_identifier"]),
        ("/v1/pixel/track?userId=u1", vec!["missing_field"]),
        ("/v1/pixel/unknown?userId=u1", vec!["missing_field"]),
        ("/v1/pixel/unknown?userId=u1&type=unknown", vec!["unknown_type"]),
        ("/v1/pixel/track?userId=u1&event=E&timestamp=soon", vec!["invalid_time"]),
        ("/v1/pixel/track?data=%7B%22userId%22:true,%22event%22:%22E%22%7D", vec!["wrong_type"]),
        ("/v1/pixel/track?data=%7B%22userId%22:%22u%22,%22event%22:%22E%22,%22timestamp%22:5%7D", vec!["invalid_time"]),
    ] {
        let visited = Visit::get(url).make();
        assert_eq!(visited.codes(), codes, "{url}");
        assert!(visited.is_pixel(), "{url}");
    }
    let long = format!("/v1/pixel/track?userId=u1&event=E&x={}", "x".repeat(40_000));
    assert!(Visit::get(&long).try_make().is_err());
    for data in ["eyJ1", "%7B", "%00", "%5B1,2%5D", "%7B%7D%7B%7D", "5"] {
        let result = Visit::get(&format!("/v1/pixel/track?data={data}")).try_make();
        assert!(result.is_err(), "{data}");
    }
}

#[test]
fn settings_name_the_host_at_which_they_were_asked_for() {
    let Some(visits) = captured("segment-next-npm", &["/v1/projects/"]) else { return };
    let visited = visits[0].make();
    let settings = visited.json();
    let segment = &settings["integrations"]["Segment.io"];
    let host =
        visits[0].headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.as_str()).expect("a host");
    assert_eq!(segment["apiHost"], format!("{host}/v1"));
    assert_eq!((&segment["apiKey"], &segment["protocol"]), (&json!("WRITEKEY"), &json!("http")));
    assert_eq!(settings["plan"]["track"]["__default"]["enabled"], true);
    assert_eq!(segment["httpConfig"]["backoffConfig"]["statusCodeOverrides"]["429"], "retry");
    assert_eq!(visited.header("cache-control"), Some("public, max-age=300"));
}

#[test]
fn settings_find_the_protocol_and_never_a_strangers_host() {
    let told = |visit: Visit| {
        let settings = visit.make().json();
        let segment = &settings["integrations"]["Segment.io"];
        [&segment["apiKey"], &segment["protocol"], &segment["apiHost"]]
            .map(|value| value.as_str().unwrap_or_default().to_owned())
    };
    let asked = || Visit::get("/settings?writeKey=k%22x");
    assert_eq!(told(asked()), ["k\"x", "http", "localhost/v1"]);
    assert_eq!(
        told(asked().with("host", "cdp.example").with("x-forwarded-proto", "https,http")),
        ["k\"x", "https", "cdp.example/v1"]
    );
    assert_eq!(told(asked().with("host", "cdp.example").with("origin", "https://shop.example"))[1], "https");
    assert_eq!(told(asked().with("host", "127.0.0.1:80").with("origin", "https://shop.example"))[1], "http");
    assert_eq!(told(asked().with("host", "a/b\"c"))[2], "localhost/v1");
    assert_eq!(told(asked().with("host", "[::1]:8000"))[2], "[::1]:8000/v1");
    assert_eq!(told(Visit::get("/v1/projects/k2/settings/"))[0], "k2");
}

#[test]
fn the_snippet_finds_its_script() {
    let Some(visits) = captured("segment-next-snippet", &["/analytics.js/"]) else { return };
    let visited = visits[0].make();
    assert_eq!(visited.reply.content_type, "application/javascript; charset=utf-8");
    assert_eq!(visited.header("cache-control"), Some("public, max-age=3600"));
    let script = String::from_utf8(visited.reply.body).expect("UTF-8");
    for word in ["ajs_anonymous_id", "ajs_user_id", "text/plain", "keepalive", "Retry-After"] {
        assert!(script.contains(word), "{word}");
    }
    assert!(!script.contains("segment.com") && !script.contains("segment.io/"), "a page would send to the neighbour");
    assert_eq!(Visit::get("/analytics.js/v1/any%22key/analytics.min.js").make().reply.status, 200);
}

/// A future that holds a request may move between threads.
#[test]
fn requests_can_be_sent_between_threads() {
    fn is_sendable<T: Send>(_: &T) {}
    let header = |_: &str| None;
    is_sendable(&Request::new("/settings", "", &header, b"").expect("readable"));
}
