//! The mapping files of the examples read the files that they are made for.

use collect::files::{Import, ImportContext, Mapping, Row, open};
use kit::Timestamp;
use model::Fact;

use crate::shared;

/// The mapping, the file, the source.
const SHOP: [(&str, &str, &str); 13] = [
    ("crm", "crm_contacts.csv.gz", "crm"),
    ("shop", "ecommerce_customers.csv.gz", "shop"),
    ("orders", "ecommerce_orders.csv.gz", "orders"),
    ("order_items", "ecommerce_order_items.csv.gz", "order_items"),
    ("loyalty", "loyalty_members.csv.gz", "loyalty"),
    ("pos", "pos_receipts.csv.gz", "pos"),
    ("email", "email_events.jsonl.gz", "email"),
    ("support", "support_tickets.csv.gz", "support"),
    ("web", "web_events.jsonl.gz", "web"),
    ("mobile", "mobile_events.jsonl.gz", "mobile"),
    ("consents", "consents.csv.gz", "consents"),
    ("cookie_syncs", "cookie_syncs.jsonl.gz", "adx"),
    ("ad_impressions", "ad_impressions.csv.gz", "adx"),
];

fn import(map: &str, data: &str, source: &str) -> Option<Import> {
    let text = std::fs::read_to_string(shared::repository(map)).expect("the mapping is part of the repository");
    let (mapping, problems) = Mapping::parse(&text);
    assert_eq!(problems, [], "{map}");
    let context = ImportContext::new(source.into(), Timestamp::parse("2026-11-24T00:00:00Z").expect("a time"));
    let mapping = mapping.expect("there are no problems");
    Some(open(&shared::data(data)?, &mapping, context).unwrap_or_else(|error| panic!("{map}: {error}")))
}

fn facts(import: Import, most: usize) -> Vec<Fact> {
    let facts = import.take(most).map(|row| match row {
        Row::Fact(fact) => *fact,
        Row::Skipped => panic!("no row is skipped"),
        Row::Refused(error) => panic!("{error}"),
    });
    facts.collect()
}

fn first(map: &str) -> Option<Fact> {
    let (map, file, source) = SHOP.iter().find(|(name, ..)| *name == map).expect("a known mapping");
    let import = import(&format!("examples/shop/maps/shared/{map}.yaml"), &format!("shop/{file}"), source)?;
    facts(import, 1).pop()
}

fn told(fact: &Fact) -> String {
    serde_json::to_string(fact).expect("a fact can be written")
}

#[test]
fn every_file_of_the_shared_shop_is_read() {
    for (map, file, source) in SHOP {
        let Some(import) = import(&format!("examples/shop/maps/shared/{map}.yaml"), &format!("shop/{file}"), source)
        else {
            return;
        };
        let facts = facts(import, 1_000);
        assert!(facts.len() == 1_000 || map == "support", "{map}: {}", facts.len());
    }
}

#[test]
fn the_facts_say_what_the_rows_say() {
    let Some(crm) = first("crm") else { return };
    expect_test::expect![[r#"{"record":{"source":"crm","key":"C-100000","version":"2025-12-27T00:00:00.000Z","change":"upsert","identifiers":["crm_id:C-100000","email:mark.johnson@example.com","phone:+15325552571","name_address:mark johnson 5161 maurice fort south davidside hi 96721"],"traits":{"first_name":"Mark","last_name":"Johnson","email":"MARK.JOHNSON@EXAMPLE.COM","phone":"(532) 555-2571","birth_year":1995,"address":{"street":"5161 Maurice Fort","city":"South Davidside","state":"HI","postal_code":"96721"},"lead_source":"Web","do_not_contact":false},"received_at":"2026-11-24T00:00:00.000Z"}}"#]].assert_eq(&told(&crm));
    let rest: Vec<_> =
        ["shop", "orders", "consents", "ad_impressions", "email"].iter().filter_map(|map| first(map)).collect();
    let rest: Vec<_> = rest.iter().map(told).collect();
    expect_test::expect![[r#"
        {"record":{"source":"shop","key":"cus_d69b7377c292","version":"2026-02-01T22:35:11.440Z","change":"upsert","identifiers":["user_id:cus_d69b7377c292","email:mark.johnson@example.com","name_address:mark johnson 51161 maurice fort south davidside hi 96721"],"traits":{"name":"Mark Johnson","email":"mark.johnson@example.com","address":"51161 Maurice Fort, South Davidside, HI 96721","created_at":"2026-02-01T22:35:11.440Z","marketing_opt_in":false},"consents":[{"purpose":"email_marketing","granted":false}],"received_at":"2026-11-24T00:00:00.000Z"}}
        {"event":{"message_id":"order-52322","source":"orders","kind":"track","name":"Order Placed","identifiers":["user_id:cus_3c4ccfe3f0c5","email:wmcdowell68@post.example"],"time":"2025-12-01T16:12:19.563Z","received_at":"2026-11-24T00:00:00.000Z","properties":{"order_id":"52322","total":169.98,"currency":"USD","status":"delivered"}}}
        {"event":{"message_id":"f072b2463e60192c7aa6dbbd5c061a70","source":"consents","kind":"consent","identifiers":["email:benjamin.stevens@example.com"],"time":"2025-12-01T01:30:22.864Z","received_at":"2026-11-24T00:00:00.000Z","properties":{"given_at":"signup_form"},"consents":[{"purpose":"email_marketing","granted":true}]}}
        {"event":{"message_id":"impression-c7f296924a23d691","source":"adx","kind":"track","name":"Ad Impression","identifiers":["adx_id:acf538ffabba8be6b6bc301d"],"time":"2025-12-01T00:10:21.751Z","received_at":"2026-11-24T00:00:00.000Z","properties":{"site":"weather.example","size":"160x600","price_cpm":0.828,"content_category":"housewares","clicked":false},"context":{"ip":"198.51.100.253","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"}}}
        {"event":{"message_id":"5da5ea25-0955-47bb-acc9-d2a31b3c19ea","source":"email","kind":"track","name":"Email Delivered","identifiers":["email:ryan.moore@example.com"],"time":"2025-12-02T09:00:00.000Z","received_at":"2026-11-24T00:00:00.000Z","original_timestamp":"2025-12-02T09:00:00.000Z","traits":{"email":"ryan.moore@example.com"},"properties":{"campaign_id":"wk00"},"context":{"traits":{"email":"ryan.moore@example.com"}},"as_sent":{"own_traits":[]}}}"#]].assert_eq(&rest.join("\n"));
}

#[test]
fn online_retail_is_exact_to_the_cent() {
    let Some(import) =
        import("examples/online-retail/map.yaml", "insights/online-retail/online_retail.csv.gz", "retail")
    else {
        return;
    };
    let (mut rows, mut sold, mut cents) = (0u32, 0u32, 0i64);
    let mut buyers = std::collections::HashSet::new();
    for fact in import {
        let Row::Fact(fact) = fact else { panic!("no row is refused") };
        let Fact::Event(event) = *fact else { panic!("rows are events") };
        rows += 1;
        let properties = event.properties.expect("every line has properties").object();
        let quantity = properties["quantity"].as_i64().expect("a whole number");
        let price_mills = (properties["unit_price"].as_f64().expect("a number") * 1_000.0).round() as i64;
        if event.identifiers[0].kind() == "user_id" && quantity > 0 && price_mills > 0 {
            sold += 1;
            cents += quantity * price_mills;
            buyers.insert(event.identifiers[0].value().to_owned());
        }
    }
    assert_eq!((rows, sold, buyers.len(), (cents as f64 / 10.0).round()), (541_909, 397_884, 4_338, 891_140_790.0));
}
