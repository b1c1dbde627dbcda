//! What is added to an event at the door: a context and a request, and what stands under `enriched` afterwards.

use std::net::IpAddr;

use collect::enrich::{ClientHints, Enricher, Options, Origin, Truncate};
use expect_test::{Expect, expect};
use kit::Timestamp;
use model::{Event, EventKind, Identifier, Raw, kinds};
use serde_json::Value;

/// An event with this context, and nothing else to say.
pub fn event(context: &str) -> Event {
    let time = Timestamp::from_ms(1_768_000_000_000);
    Event {
        message_id: "m1".into(),
        source: "web".into(),
        kind: EventKind::Page,
        name: None,
        identifiers: vec![Identifier::new(kinds::ANONYMOUS_ID, "a1")],
        time,
        received_at: time,
        sent_at: None,
        original_timestamp: None,
        traits: None,
        properties: None,
        context: (!context.is_empty()).then(|| Raw::from_text(context.to_owned()).expect("JSON")),
        integrations: None,
        consents: Vec::new(),
        as_sent: None,
    }
}

/// The context as it is written afterwards.
pub fn context(options: Options, sent: &str, origin: &Origin) -> String {
    let mut event = event(sent);
    Enricher::new(options, None).enrich(&mut event, origin);
    event.context.map(|raw| raw.text().to_owned()).unwrap_or_default()
}

fn enriched(options: Options, sent: &str, origin: &Origin) -> Value {
    let context = context(options, sent, origin);
    let mut context: Value = serde_json::from_str(&context).unwrap_or_default();
    context["enriched"].take()
}

fn device(ip: &str) -> Origin {
    let ip: IpAddr = ip.parse().expect("an address");
    Origin { ip: Some(ip), is_device: true, ..Origin::default() }
}

/// No addresses, no places: the rest alone.
fn without_places() -> Options {
    Options { geo: false, peer_ip: false, ..Options::default() }
}

const AGENTS: [&str; 29] = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/115.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/470.0;]",
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)",
    "okhttp/4.12.0",
    "MyShop/3.2 CFNetwork/1568.100.1 Darwin/24.0.0",
    "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
    "Mozilla/5.0 (PlayStation 5 3.20) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.7204.168 Safari/537.36 DatadogSynthetics",
    "curl/8.9.1",
    "node",
    "-",
    "ExampleMonitor/3",
];

#[test]
fn user_agents() {
    let options = Options { bots: vec!["exampleMONITOR/".into()], ..without_places() };
    let enricher = Enricher::new(options, None);
    let told = AGENTS.map(|agent| {
        let mut event = event(&serde_json::json!({ "userAgent": agent }).to_string());
        enricher.enrich(&mut event, &Origin::default());
        let context = event.context.expect("a context").object();
        format!("{}\n", context["enriched"])
    });
    expect![[r#"
        {"bot":false,"browser":{"name":"Chrome","version":"156.0.0"},"device":{"type":"desktop"},"os":{"name":"Linux"}}
        {"bot":true,"browser":{"name":"HeadlessChrome","version":"156.0.0"},"os":{"name":"Linux"}}
        {"bot":false,"browser":{"name":"Edge","version":"131.0.2903"},"device":{"type":"desktop"},"os":{"name":"Windows","version":"10"}}
        {"bot":false,"browser":{"name":"Opera","version":"115.0.0"},"device":{"type":"desktop"},"os":{"name":"Windows","version":"10"}}
        {"bot":false,"browser":{"name":"Firefox","version":"132.0"},"device":{"type":"desktop"},"os":{"name":"Windows","version":"10"}}
        {"bot":false,"browser":{"name":"Safari","version":"18.1"},"device":{"brand":"Apple","model":"Mac","type":"desktop"},"os":{"name":"macOS","version":"10.15.7"}}
        {"bot":false,"browser":{"name":"Chrome","version":"131.0.0"},"device":{"type":"desktop"},"os":{"name":"Chrome OS","version":"14541.0.0"}}
        {"bot":false,"browser":{"name":"Mobile Safari","version":"18.1"},"device":{"brand":"Apple","model":"iPhone","type":"mobile"},"os":{"name":"iOS","version":"18.1"}}
        {"bot":false,"browser":{"name":"Facebook","version":"470.0"},"device":{"brand":"Apple","model":"iPhone","type":"mobile"},"os":{"name":"iOS","version":"17.5"}}
        {"bot":false,"browser":{"name":"Mobile Safari","version":"16.6"},"device":{"brand":"Apple","model":"iPad","type":"tablet"},"os":{"name":"iOS","version":"16.6"}}
        {"bot":false,"browser":{"name":"Chrome Mobile","version":"131.0.0"},"device":{"type":"mobile"},"os":{"name":"Android","version":"10"}}
        {"bot":false,"browser":{"name":"Samsung Internet","version":"26.0"},"device":{"model":"SM-S921B","type":"mobile"},"os":{"name":"Android","version":"14"}}
        {"bot":false,"browser":{"name":"Chrome","version":"131.0.0"},"device":{"model":"SM-X700","type":"tablet"},"os":{"name":"Android","version":"13"}}
        {"bot":false,"browser":{"name":"Chrome Mobile WebView","version":"131.0.0"},"device":{"model":"Pixel 8","type":"mobile"},"os":{"name":"Android","version":"14"}}
        {"bot":false,"browser":{"name":"Firefox Mobile","version":"132.0"},"device":{"type":"mobile"},"os":{"name":"Android","version":"14"}}
        {"bot":false,"browser":{"name":"Android","version":"14"},"device":{"model":"Pixel 8"},"os":{"name":"Android","version":"14"}}
        {"bot":false,"browser":{"name":"okhttp","version":"4.12.0"}}
        {"bot":false,"browser":{"name":"MyShop","version":"3.2"},"os":{"name":"iOS"}}
        {"bot":false,"browser":{"name":"Chrome","version":"94.0.4606"},"device":{"brand":"LG","type":"tv"},"os":{"name":"Web0S"}}
        {"bot":false,"browser":{"name":"Apple Mail","version":"605.1.15"},"device":{"brand":"Sony","model":"PlayStation","type":"console"}}
        {"bot":true,"browser":{"name":"Googlebot","version":"2.1"}}
        {"bot":true,"browser":{"name":"GPTBot","version":"1.2"}}
        {"bot":true}
        {"bot":true,"browser":{"name":"FacebookBot","version":"1.1"}}
        {"bot":true,"browser":{"name":"Chrome","version":"138.0.7204"},"os":{"name":"Linux"}}
        {"bot":true,"browser":{"name":"curl","version":"8.9.1"}}
        {"bot":false}
        {"bot":false}
        {"bot":true}
    "#]].assert_eq(&told.concat());
}

#[test]
fn hints_correct_the_user_agent() {
    let edge = r#"{"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "userAgentData":{"brands":[{"brand":"Not;A Brand","version":"99"},{"brand":"Microsoft Edge","version":"131"},{"brand":"Chromium","version":"131"}],
        "fullVersionList":[{"brand":"Microsoft Edge","version":"131.0.2903.51"}],"mobile":false,"platform":"Windows","platformVersion":"15.0.0","model":""}}"#;
    hints(
        edge,
        &Origin::default(),
        expect![[
            r#"{"bot":false,"browser":{"name":"Edge","version":"131.0.2903.51"},"device":{"type":"desktop"},"os":{"name":"Windows","version":"11"}}"#
        ]],
    );
    let phone = Origin {
        user_agent: Some(AGENTS[10].into()),
        client_hints: ClientHints {
            brands: Some(r#""Google Chrome";v="131", "Chromium";v="131", "Not(A,Brand";v="24""#.into()),
            mobile: Some("?1".into()),
            platform: Some("\"Android\"".into()),
            platform_version: Some("\"14.0.0\"".into()),
            model: Some("\"Pixel 8\"".into()),
            ..ClientHints::default()
        },
        is_device: true,
        ..Origin::default()
    };
    hints(
        "{}",
        &phone,
        expect![[
            r#"{"bot":false,"browser":{"name":"Chrome Mobile","version":"131.0.0"},"device":{"model":"Pixel 8","type":"mobile"},"os":{"name":"Android","version":"14.0.0"}}"#
        ]],
    );
    // What a server library says of itself is not the person's.
    hints("{}", &Origin { is_device: false, ..phone }, expect!["null"]);
    let alone = r#"{"userAgentData":{"brands":[{"brand":"HeadlessChrome","version":"131"}],"mobile":false,"platform":"Linux"}}"#;
    hints(
        alone,
        &Origin::default(),
        expect![[r#"{"bot":true,"browser":{"name":"HeadlessChrome","version":"131"},"os":{"name":"Linux"}}"#]],
    );
}

fn hints(sent: &str, origin: &Origin, expected: Expect) {
    expected.assert_eq(&enriched(without_places(), sent, origin).to_string());
}

#[test]
fn requests_are_read_by_their_headers() {
    let headers = [
        ("user-agent", AGENTS[0]),
        ("sec-ch-ua", r#""Chromium";v="156""#),
        ("sec-ch-ua-platform", "\"Linux\""),
        ("sec-gpc", "1"),
    ];
    let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let origin = Origin::of_request(None, &header);
    assert!(origin.is_device && origin.gpc);
    assert_eq!(origin.client_hints.platform.as_deref(), Some("\"Linux\""));
    assert!(!format!("{origin:?}").contains("Linux"));
    for (agent, is_device) in [("analytics-python/2.4.0", false), ("node", false), ("okhttp/4.12.0", true)] {
        assert_eq!(Origin::of_request(None, &|name| (name == "user-agent").then_some(agent)).is_device, is_device);
    }
}

#[test]
fn addresses_are_cut_where_the_rules_hold() {
    let cases: &[(&str, Origin)] = &[
        (r#"{"ip":"194.232.104.150"}"#, Origin::default()),
        (r#"{"ip":"8.8.8.8"}"#, Origin::default()),
        (r#"{"ip":"8.8.8.8","timezone":"Europe/Vienna"}"#, Origin::default()),
        (r#"{"ip":"8.8.8.8"}"#, Origin { country_hint: Some("de".into()), ..Origin::default() }),
        (r#"{"ip":"10.1.2.3"}"#, Origin::default()),
        (r#"{"ip":"10.1.2.3"}"#, Origin { country_hint: Some("XX".into()), ..Origin::default() }),
        (r#"{"ip":"::ffff:194.232.104.150"}"#, Origin::default()),
        (r#"{"ip":"2a02:8388:1234:5678:9abc::1"}"#, Origin::default()),
        (r#"{"ip":"2001:4860:4860::8888"}"#, Origin::default()),
        (r#"{"ip":"home 8.8.8.8"}"#, Origin::default()),
        (r#"{"ip":"194.232.104.150","ip":"0"}"#, Origin::default()),
        ("{}", device("194.232.104.150")),
        ("{}", device("8.8.8.8")),
        ("{}", Origin { is_device: false, ..device("8.8.8.8") }),
        (r#"{"ip":"0.0.0.0"}"#, device("8.8.8.8")),
        ("", device("8.8.8.8")),
        (r#"{"ip":"8.8.8.8"}"#, Origin { gpc: true, ..Origin::default() }),
        (r#"{"ip":"8.8.8.8","consent":{"categoryPreferences":{"ads":true}}}"#, Origin::default()),
        (r#"{"ip":"8.8.8.8","consent":{"categoryPreferences":{"ads":false}}}"#, Origin::default()),
        (r#"{"ip":"8.8.8.8","consent":"yes"}"#, Origin::default()),
        (r#"{"ip":"8.8.8.8","gpc":true}"#, Origin::default()),
    ];
    let told = cases.iter().map(|(sent, origin)| context(Options::default(), sent, origin) + "\n");
    expect![[r#"
        {"ip":"194.232.104.0","enriched":{"ip":{"address":"194.232.104.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"AT","source":"registry"}}}
        {"ip":"8.8.8.8","enriched":{"ip":{"address":"8.8.8.8","version":4,"truncated":false,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.0","timezone":"Europe/Vienna","enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.0","enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"10.1.2.0","enriched":{"ip":{"address":"10.1.2.0","version":4,"truncated":true,"source":"context"}}}
        {"ip":"10.1.2.0","enriched":{"ip":{"address":"10.1.2.0","version":4,"truncated":true,"source":"context"}}}
        {"ip":"194.232.104.0","enriched":{"ip":{"address":"194.232.104.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"AT","source":"registry"}}}
        {"ip":"2a02:8388:1234:5600::","enriched":{"ip":{"address":"2a02:8388:1234:5600::","version":6,"truncated":true,"source":"context"},"geo":{"country":"AT","source":"registry"}}}
        {"ip":"2001:4860:4860::8888","enriched":{"ip":{"address":"2001:4860:4860::8888","version":6,"truncated":false,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":null,"enriched":{"ip":{"truncated":true,"source":"context"}}}
        {"ip":"0"}
        {"enriched":{"ip":{"address":"194.232.104.0","version":4,"truncated":true,"source":"peer"},"geo":{"country":"AT","source":"registry"}}}
        {"enriched":{"ip":{"address":"8.8.8.8","version":4,"truncated":false,"source":"peer"},"geo":{"country":"US","source":"registry"}}}
        {}
        {"ip":"0.0.0.0"}
        {"enriched":{"ip":{"address":"8.8.8.8","version":4,"truncated":false,"source":"peer"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.0","enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.8","consent":{"categoryPreferences":{"ads":true}},"enriched":{"ip":{"address":"8.8.8.8","version":4,"truncated":false,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.0","consent":{"categoryPreferences":{"ads":false}},"enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.0","consent":"yes","enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"US","source":"registry"}}}
        {"ip":"8.8.8.0","gpc":true,"enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"US","source":"registry"}}}
    "#]].assert_eq(&told.collect::<String>());
}

#[test]
fn the_choice_of_the_operator_holds() {
    let told = [Truncate::Always, Truncate::EuAndUk, Truncate::Never].map(|truncate_ip| {
        let options = Options { truncate_ip, geo: false, ..Options::default() };
        context(options, r#"{"ip":"194.232.104.150"}"#, &Origin::default()) + "\n"
    });
    expect![[r#"
        {"ip":"194.232.104.0","enriched":{"ip":{"address":"194.232.104.0","version":4,"truncated":true,"source":"context"}}}
        {"ip":"194.232.104.0","enriched":{"ip":{"address":"194.232.104.0","version":4,"truncated":true,"source":"context"}}}
        {"ip":"194.232.104.150","enriched":{"ip":{"address":"194.232.104.150","version":4,"truncated":false,"source":"context"}}}
    "#]].assert_eq(&told.concat());
    let never = Options { truncate_ip: Truncate::Never, ..Options::default() };
    let denied = context(never.clone(), r#"{"ip":"8.8.8.8"}"#, &Origin { gpc: true, ..Origin::default() });
    assert!(denied.starts_with(r#"{"ip":"8.8.8.0","#), "{denied}");
    let unreadable = context(never, r#"{"ip":"home"}"#, &Origin::default());
    assert_eq!(unreadable, r#"{"ip":"home"}"#);
}

#[test]
fn campaigns_and_referrers() {
    let cases = [
        r#"{"page":{"url":"https://shop.example/?utm_source=mail&utm_medium=email&utm_campaign=spr%C3%BCng&utm_id=7&utm_term=a+b#x?utm_source=no","referrer":""}}"#,
        r#"{"page":{"url":"https://shop.example/","search":"?gclid=abc&utm_source=google","referrer":"https://www.google.com/"}}"#,
        r#"{"page":{"url":"https://shop.example/?utm_source=x&gclid=abc"},"campaign":{"source":"mail","medium":"newsletter"}}"#,
        r#"{"page":{"url":"https://shop.example/?fbclid=abc","referrer":"https://l.facebook.com/l.php"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"https://www.shop.example/b"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"https://blog.shop.example/b"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"https://pay.example/b"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"https://WWW.Google.co.uk:443/search?q=x"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"https://google.com@evil.example/"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"android-app://com.google.android.gm/"}}"#,
        r#"{"page":{"url":"https://shop.example/a","referrer":"$direct"}}"#,
        r#"{"page":{"url":"https://shop.example/?utm_source=qr","referrer":""}}"#,
        r#"{"referrer":{"url":"https://t.co/abc"}}"#,
        r#"{"page":{"title":"Shop"}}"#,
        r#"{"page":"https://shop.example/?gclid=abc"}"#,
    ];
    let options = Options { own_domains: vec!["pay.example".into()], ..without_places() };
    let told = cases.map(|sent| enriched(options.clone(), sent, &Origin::default()).to_string() + "\n");
    expect![[r#"
        {"campaign":{"id":"7","medium":"email","name":"sprüng","source":"mail","term":"a b"},"referrer":{"kind":"email"}}
        {"campaign":{"gclid":"abc","source":"google"},"referrer":{"domain":"google.com","kind":"paid","source":"Google"}}
        {"campaign":{"gclid":"abc"},"referrer":{"kind":"paid","source":"Google Ads"}}
        {"campaign":{"fbclid":"abc"},"referrer":{"domain":"l.facebook.com","kind":"social","source":"Facebook"}}
        {"referrer":{"domain":"shop.example","kind":"internal"}}
        {"referrer":{"domain":"blog.shop.example","kind":"internal"}}
        {"referrer":{"domain":"pay.example","kind":"internal"}}
        {"referrer":{"domain":"google.co.uk","kind":"search","source":"Google"}}
        {"referrer":{"domain":"evil.example","kind":"other"}}
        {"referrer":{"domain":"com.google.android.gm","kind":"email","source":"Gmail"}}
        {"referrer":{"kind":"direct"}}
        {"campaign":{"source":"qr"},"referrer":{"kind":"other"}}
        {"referrer":{"domain":"t.co","kind":"social","source":"X"}}
        null
        null
    "#]].assert_eq(&told.concat());
}

#[test]
fn what_was_sent_stays_as_it_was_written() {
    let sent = r#"{ "price" : 8911407.90, "big":1e400, "t\u00e4g":"\u00fc",  "userAgent":"node", "a":{"b" : [1 , 2]},"a":1,"enriched":{"bot":"forged"} }"#;
    let told = context(without_places(), sent, &Origin::default());
    expect![[r#"{"price":8911407.90,"big":1e400,"täg":"\u00fc","userAgent":"node","a":{"b" : [1 , 2]},"a":1,"enriched":{"bot":false}}"#]].assert_eq(&told);
}

#[test]
fn nothing_to_add_changes_nothing() {
    for sent in ["", "{ }", r#"{ "locale" : "de-AT" }"#] {
        assert_eq!(context(Options::default(), sent, &Origin::default()), sent);
    }
    let off = Options { agent: false, bot: false, geo: false, campaign: false, referrer: false, ..Options::default() };
    let sent = r#"{ "userAgent":"curl/8", "page":{"url":"https://shop.example/?gclid=a"} }"#;
    assert_eq!(context(off, sent, &Origin::default()), sent);
}

#[test]
fn options_are_read_with_their_defaults() {
    let read = |text| serde_json::from_str::<Options>(text);
    assert_eq!(read("{}").ok(), Some(Options::default()));
    assert_eq!(read(r#"{"truncate_ip":"never"}"#).map(|options| options.truncate_ip).ok(), Some(Truncate::Never));
    assert!(read(r#"{"truncate":"never"}"#).is_err());
}

/// Prints what an event costs; asserts nothing, for machines differ. See `docs/decisions/0010-enrichment.md`.
#[test]
fn what_an_event_costs() {
    let enricher = Enricher::new(Options::default(), None);
    let started = std::time::Instant::now();
    enricher.warm();
    eprintln!("lists read in {:?}", started.elapsed());
    let sent = |agent: &str| {
        let page = serde_json::json!({"url": "https://shop.example/?utm_source=mail&gclid=a", "referrer": "https://www.google.at/",
            "path": "/", "search": "", "title": "Shop"});
        let library = serde_json::json!({"name": "analytics.js", "version": "npm:next-1.84.3"});
        event(&serde_json::json!({"userAgent": agent, "page": page, "library": library, "locale": "de-AT", "ip": "194.232.104.150"}).to_string())
    };
    let events = AGENTS.map(sent);
    cost("new user agents", &enricher, &events, 1);
    cost("known user agents", &enricher, &events, 200);
    let without = Enricher::new(without_places(), None);
    cost("known user agents, without places", &without, &events, 200);
}

fn cost(what: &str, enricher: &Enricher, events: &[Event], rounds: usize) {
    let mut copies: Vec<Event> = (0..rounds).flat_map(|_| events.iter().cloned()).collect();
    let started = std::time::Instant::now();
    for event in &mut copies {
        enricher.enrich(event, &Origin::default());
    }
    eprintln!("{what}: {:?} an event", started.elapsed() / copies.len() as u32);
}
