//! Guesses: what files of several kinds and languages are taken for, and that what is proposed can be used as it is.

use std::path::{Path, PathBuf};

use collect::files::guess::{GuessOptions, Proposal, SURE};
use collect::files::{ImportContext, Mapping, Row, guess as files_guess, open};
use expect_test::{Expect, expect};
use kit::Timestamp;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T00:00:00Z").expect("a time")
}

fn guess(path: &Path) -> Proposal {
    files_guess::guess(path, &GuessOptions::at(now())).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// Returns how many facts the proposed mapping makes of the file, and what it refuses.
fn import(path: &Path, proposal: &Proposal) -> (u64, Vec<String>) {
    let (mapping, problems) = Mapping::parse(&proposal.mapping);
    assert_eq!(problems, [], "{}", proposal.mapping);
    let context = ImportContext::new("guessed".into(), now());
    let rows = open(path, &mapping.expect("there are no problems"), context).expect("the columns are there");
    let (mut facts, mut refused) = (0, Vec::new());
    for row in rows {
        match row {
            Row::Fact(_) => facts += 1,
            Row::Skipped => {}
            Row::Refused(error) => refused.push(error.to_string()),
        }
    }
    (facts, refused)
}

fn file(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("the disk takes it");
    (folder, path)
}

/// Each column in one line, with what is decided; and everything can be imported.
fn check(name: &str, content: &str, expected: Expect) {
    let (_folder, path) = file(name, content);
    let proposal = guess(&path);
    expected.assert_eq(&shown(&proposal));
    let (facts, refused) = import(&path, &proposal);
    assert_eq!(refused, Vec::<String>::new(), "{}", proposal.mapping);
    assert_eq!(facts, proposal.rows, "{name}");
}

fn shown(proposal: &Proposal) -> String {
    let mut lines = vec![format!("{}, {:.2}", proposal.shape.as_str(), proposal.confidence())];
    for column in &proposal.columns {
        let becomes: Vec<_> = column.becomes.iter().map(ToString::to_string).collect();
        lines.push(format!(
            "{}: {} ({:.2}) {}",
            column.column,
            becomes.join(" + "),
            column.confidence,
            column.samples.join(" ")
        ));
    }
    lines.join("\n")
}

#[test]
fn people_in_german() {
    check(
        "kunden.csv",
        "Kundennummer;Anrede;Vorname;Nachname;E-Mail-Adresse;Telefon;Straße;PLZ;Ort;Geburtsdatum;Angelegt am;Newsletter;Umsatz;Notiz\n\
         K001;Frau;Änne;Müller;aenne.mueller@example.de;030 901820;Hauptstr. 1;01067;Dresden;03.04.1980;15.01.2024;ja;12.50;\n\
         K002;Herr;Jörg;Weiß;joerg@example.de;+49 89 2180 0;Am Ring 7;80331;München;13.12.1975;16.02.2024;nein;7;\n\
         K003;Frau;Eva;Groß;eva@example.de;;Weg 3;20095;Hamburg;01.02.1990;17.03.2025;ja;0;\n",
        expect![[r#"
            records, 0.90
            Kundennummer: key + identifier user_id (0.85) …01 …02 …03
            Anrede: trait salutation (0.95) F… H…
            Vorname: trait first_name (0.95) Ä… J… E…
            Nachname: trait last_name (0.95) M… W… G…
            E-Mail-Adresse: identifier email + trait email (0.99) a…@e… j…@e… e…@e…
            Telefon: identifier phone + trait phone (0.99) …20 …00
            Straße: trait address.street (0.95) H… 1… A… R… 7… W… 3…
            PLZ: trait address.postal_code (0.95) …67 …31 …95
            Ort: trait address.city (0.95) D… M… H…
            Geburtsdatum: trait birthday (time) (0.95) …80 …75 …90
            Angelegt am: version + trait angelegt_am (time) (0.97) 15.01.2024 16.02.2024 17.03.2025
            Newsletter: trait newsletter (0.70) j… n…
            Umsatz: trait umsatz (number) (0.95) 12.50 7 0
            Notiz: - (0.95) "#]],
    );
}

#[test]
fn orders_in_several_languages() {
    check(
        "commandes.csv",
        "Numéro de commande,Courriel,Date de commande,Montant,Devise\n\
         F-1,anne@example.fr,13/01/2025 10:00,12.5,EUR\n\
         F-2,luc@example.fr,14/02/2025 11:30,8,EUR\n\
         F-3,anne@example.fr,28/02/2025 09:15,20,EUR\n",
        expect![[r#"
            events, 0.60
            Numéro de commande: message id + property order_id (0.90) F…
            Courriel: identifier email (0.99) a…@e… l…@e…
            Date de commande: time (0.97) 13/01/2025 10:00 14/02/2025 11:30 28/02/2025 09:15
            Montant: property total (number) (0.95) 12.5 8 20
            Devise: property currency (0.95) EUR"#]],
    );
    check(
        "pedidos.csv",
        "Número de pedido,Correo electrónico,Teléfono,Fecha de compra,Importe,Tienda\n\
         P1,ana@example.es,+34 911 23 45 67,2025-01-13,12.5,Madrid\n\
         P2,,+34 911 23 45 68,2025-01-14,3,Sevilla\n\
         P3,jose@example.es,,2025-01-15,4,Madrid\n",
        expect![[r#"
            events, 0.60
            Número de pedido: message id + property order_id (0.90) P…
            Correo electrónico: identifier email (0.99) a…@e… j…@e…
            Teléfono: identifier phone (0.99) …67 …68
            Fecha de compra: time (0.97) 2025-01-13 2025-01-14 2025-01-15
            Importe: property total (number) (0.95) 12.5 3 4
            Tienda: property tienda (0.70) M… S…"#]],
    );
    check(
        "bestellingen.tsv",
        "Bestelnummer\tKlantnummer\tBesteldatum\tBedrag\tAantal\n1\tk9\t2025-01-13T10:00:00\t9.95\t2\n2\tk9\t2025-01-14T10:00:00\t5\t1\n3\tk8\t2025-01-15T10:00:00\t5\t1\n",
        expect![[r#"
            events, 0.60
            Bestelnummer: message id + property order_id (0.90) …1 …2 …3
            Klantnummer: identifier user_id (0.85) k…
            Besteldatum: time (0.97) 2025-01-13T10:00:00 2025-01-14T10:00:00 2025-01-15T10:00:00
            Bedrag: property total (number) (0.95) 9.95 5
            Aantal: property quantity (integer) (0.95) 2 1"#]],
    );
    check(
        "clienti.csv",
        "Codice cliente,Nome,Cognome,Posta elettronica,Città,CAP,Data di nascita,Creato il\n\
         C1,Anna,Rossi,anna@example.it,Roma,00118,1980-04-03,2024-01-15\n\
         C2,Luca,Bianchi,luca@example.it,Torino,10121,1975-12-13,2024-02-16\n",
        expect![[r#"
            records, 0.90
            Codice cliente: key + identifier user_id (0.85) C…
            Nome: trait name (0.95) A… L…
            Cognome: trait last_name (0.95) R… B…
            Posta elettronica: identifier email + trait email (0.99) a…@e… l…@e…
            Città: trait address.city (0.95) R… T…
            CAP: trait address.postal_code (0.95) …18 …21
            Data di nascita: trait birthday (0.95) …03 …13
            Creato il: version + trait creato_il (time) (0.97) 2024-01-15 2024-02-16"#]],
    );
}

#[test]
fn events_in_json() {
    check(
        "events.ndjson",
        r#"{"event":"Signed Up","user":{"id":"u1","email":"ann@example.com"},"ts":1735689600,"plan":"pro","tags":["a"],"paid":true}
{"event":"Bought","user":{"id":"u1"},"ts":1735689700,"plan":null,"tags":[],"paid":false}
{"event":"Bought","user":{"id":"u2","email":"bob@example.com"},"ts":1735689800,"paid":true}
"#,
        expect![[r#"
            events, 0.90
            event: event name (0.90) Signed Up Bought
            user.id: identifier user_id (0.85) u…
            user.email: identifier email (0.95) a…@e… b…@e…
            ts: time (0.97) 1735689600 1735689700 1735689800
            plan: property plan (0.70) p…
            tags: property tags (json) (0.70) […
            paid: property paid (boolean) (0.70) true false"#]],
    );
}

#[test]
fn rows_that_are_taken_away() {
    check(
        "contacts.csv",
        "id,email,deleted,updated_at\n1,a@example.com,False,2025-01-01\n2,b@example.com,True,2025-01-02\n3,c@example.com,False,2025-01-03\n",
        expect![[r#"
            records, 0.85
            id: key + identifier record_id (0.90) …1 …2 …3
            email: identifier email + trait email (0.99) a…@e… b…@e… c…@e…
            deleted: delete marker (0.85) False True
            updated_at: version + trait updated_at (time) (0.97) 2025-01-01 2025-01-02 2025-01-03"#]],
    );
    check(
        "changes.csv",
        "op,customer_id,first_name,modified_at\nc,1,Ann,2025-01-01T00:00:00Z\nu,2,Bob,2025-01-02T00:00:00Z\nd,3,,2025-01-03T00:00:00Z\n",
        expect![[r#"
            records, 0.85
            op: delete marker (0.85) c u d
            customer_id: key + identifier user_id (0.85) …1 …2 …3
            first_name: trait first_name (0.95) A… B…
            modified_at: version + trait modified_at (time) (0.97) 2025-01-01T00:00:00Z 2025-01-02T00:00:00Z 2025-01-03T00:00:00Z"#]],
    );
}

#[test]
fn names_that_a_mapping_cannot_write_plainly() {
    check(
        "odd.csv",
        "row,{a},,Name,Name,a.b,a,NULL col\n1,x,,Ann,Ann,1,2,NULL\n2,y,,Bob,Bob,2,3,4\n3,z,,Cy,Cy,3,4,5\n",
        expect![[r#"
            records, 0.10
            row: trait row (integer) (0.70) 1 2 3
            {a}: trait a (0.70) x… y… z…
            : - (0.90) 
            Name: trait name (0.95) A… B… C…
            Name: - (0.90) A… B… C…
            a.b: trait a_b (integer) (0.70) 1 2 3
            a: trait a_2 (integer) (0.70) 2 3 4
            NULL col: trait null_col (integer) (0.70) 4 5"#]],
    );
}

#[test]
fn day_and_month_are_not_chosen_where_they_cannot_be_told_apart() {
    let (_folder, path) = file(
        "sales.csv",
        "email,date,total\na@example.com,01/02/2025,1\nb@example.com,03/04/2025,2\na@example.com,05/06/2025,2\n",
    );
    let proposal = guess(&path);
    let open: Vec<_> =
        proposal.open_decisions(SURE).map(|decision| (decision.about, decision.reasons.last())).collect();
    let reason = "day and month cannot be told apart: say which with `format`".to_owned();
    assert!(open.contains(&("time", Some(&reason))), "{open:?}");
    assert_eq!(import(&path, &proposal).1, Vec::<String>::new());
}

#[test]
fn what_a_person_told_is_certain() {
    let (_folder, path) = file("x.csv", "id,email,at\n1,a@example.com,2025-01-01\n2,a@example.com,2025-01-02\n");
    let options = GuessOptions {
        source: Some("till".to_owned()),
        event_name: Some("Bought {x}".to_owned()),
        unmasked: true,
        ..GuessOptions::at(now())
    };
    let proposal = files_guess::guess(&path, &options).expect("it is readable");
    let about =
        |about: &str| proposal.decisions.iter().find(|decision| decision.about == about).map(|found| found.confidence);
    assert_eq!(about("event name"), Some(1.0));
    assert_eq!(proposal.columns[1].samples, ["a@example.com"]);
    assert_eq!(import(&path, &proposal), (2, Vec::new()));
}

#[test]
fn no_mapping_holds_a_value_of_a_person() {
    let people = "ContactId,FirstName,Email,Phone,Street,City,Zip,Birthday,Note\n";
    let row = |at: u32| {
        format!(
            "C{at},Firstname{at},mail{at}@example.com,+1201555{:04},Street{at} 7,City{at},{at}1234,1980-01-{:02},note{at}\n",
            100 + at,
            at
        )
    };
    let rows: String = (1..20).map(row).collect();
    let (_folder, path) = file("people.csv", &format!("{people}{rows}"));
    let proposal = guess(&path);
    let masked: Vec<&str> = proposal.columns.iter().flat_map(|column| &column.samples).map(String::as_str).collect();
    let told = format!("{}{}", proposal.mapping, masked.join(" "));
    for at in 1..20 {
        for value in [
            format!("Firstname{at}"),
            format!("mail{at}@"),
            format!("Street{at}"),
            format!("City{at}"),
            format!("note{at}"),
            format!("1980-01-{at:02}"),
        ] {
            assert!(!told.contains(&value), "{value}: {told}");
        }
    }
}

#[test]
fn a_guess_is_a_mapping_file_with_its_reasons() {
    let (_folder, path) = file(
        "orders.csv",
        "order_id,customer_id,created_at,total,coupon\n7,c1,2025-01-01T00:00:00Z,1.5,\n8,c2,2025-01-02T00:00:00Z,2,\n9,c1,2025-01-03T00:00:00Z,3,\n",
    );
    expect![[r##"
        # A guess for `orders`. Each line says how sure it is (0 to 1) and why: read it, and change what is wrong.
        version: 1
        # 0.92: each row is a thing of its own, with a time and somebody whom it is of
        event:
          # 0.60: from the file's name: say what happened
          name: "Orders"
          # 0.90: the name is of an id of a thing
          message_id: "{order_id}"
          # 0.97: the name is `created at` (en); all values are times
          time: "{created_at}"
          identifiers:
            # 0.85: the name is `customer id` (en)
            user_id: "{customer_id}"
          properties:
            # 0.90: the name is of an id of a thing
            order_id: "{order_id}"
            # 0.95: the name is `total` (en); numbers
            total: { column: "total", as: number }
        # left out: "coupon": empty in every row seen
    "##]]
    .assert_eq(&guess(&path).mapping);
}

/// What each column becomes by a mapping file, as `role name`; consents, and identifiers of several columns, are left out.
fn roles(text: &str) -> Vec<(String, String)> {
    let file: serde_json::Value = serde_saphyr::from_str(text).expect("a mapping file is YAML");
    let mut roles = Vec::new();
    if let Some(target) = file.get("record").or_else(|| file.get("event")) {
        for (section, value) in target.as_object().expect("a map") {
            match section.as_str() {
                "consents" | "kind" => {}
                "identifiers" | "fallback_identifiers" | "traits" | "properties" | "context" => {
                    let role = section.trim_end_matches('s').replace("propertie", "property");
                    for (name, value) in value.as_object().expect("a map") {
                        roles.extend(columns(value).into_iter().map(|column| (column, format!("{role} {name}"))));
                    }
                }
                role => roles.extend(columns(value).into_iter().map(|column| (column, role.to_owned()))),
            }
        }
    }
    roles
}

/// The column of a value that is made of one.
fn columns(value: &serde_json::Value) -> Vec<String> {
    let text = match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(values) => return values.iter().flat_map(columns).collect(),
        other => {
            return other.get("column").and_then(|column| column.as_str()).map(str::to_owned).into_iter().collect();
        }
    };
    let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned());
    let names: Vec<_> = names.filter(|name| name != "row").collect();
    if names.len() == 1 { names } else { Vec::new() }
}

/// How many columns are guessed as a person has mapped them, and those that are not.
fn compare(map: &str, data: &str, source: &str) -> Option<String> {
    let by_hand = std::fs::read_to_string(shared_map(map)).expect("the mapping is part of the repository");
    let path = crate::shared::data(data)?;
    let options = GuessOptions { source: Some(source.to_owned()), ..GuessOptions::at(now()) };
    let proposal = files_guess::guess(&path, &options).expect("the file is readable");
    let (facts, refused) = import(&path, &proposal);
    assert_eq!(refused, Vec::<String>::new(), "{data}");
    assert!(facts > 0, "{data}");
    if by_hand.contains("segment:") {
        return Some(format!("{map}: {}, {:.2}", proposal.shape.as_str(), proposal.confidence()));
    }
    let (by_hand, guessed) = (roles(&by_hand), roles(&proposal.mapping));
    let of = |all: &[(String, String)], column: &str| {
        let mut roles: Vec<String> =
            all.iter().filter(|(name, _)| name == column).map(|(_, role)| role.clone()).collect();
        roles.sort();
        roles
    };
    let bare = |roles: &[String]| {
        roles.iter().map(|role| role.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let (mut same, mut same_role, mut other) = (0, 0, Vec::new());
    for column in &proposal.columns {
        let (hand, mine) = (of(&by_hand, &column.column), of(&guessed, &column.column));
        match (hand == mine, bare(&hand) == bare(&mine)) {
            (true, _) => same += 1,
            (false, true) => same_role += 1,
            (false, false) => other.push(format!("\n  {}: {} | {}", column.column, hand.join(" + "), mine.join(" + "))),
        }
    }
    let all = proposal.columns.len();
    Some(format!(
        "{map}: {}, {:.2}: of {all} columns {same} alike, {same_role} alike but for the name{}",
        proposal.shape.as_str(),
        proposal.confidence(),
        other.concat()
    ))
}

fn shared_map(map: &str) -> PathBuf {
    match map {
        "online-retail" => crate::shared::repository("examples/online-retail/map.yaml"),
        map => crate::shared::repository(&format!("examples/shop/maps/shared/{map}.yaml")),
    }
}

#[test]
fn guesses_agree_with_mappings_made_by_hand() {
    const FILES: [(&str, &str, &str); 14] = [
        ("crm", "shop/crm_contacts.csv.gz", "crm"),
        ("shop", "shop/ecommerce_customers.csv.gz", "shop"),
        ("orders", "shop/ecommerce_orders.csv.gz", "orders"),
        ("order_items", "shop/ecommerce_order_items.csv.gz", "order_items"),
        ("loyalty", "shop/loyalty_members.csv.gz", "loyalty"),
        ("pos", "shop/pos_receipts.csv.gz", "pos"),
        ("support", "shop/support_tickets.csv.gz", "support"),
        ("consents", "shop/consents.csv.gz", "consents"),
        ("ad_impressions", "shop/ad_impressions.csv.gz", "adx"),
        ("cookie_syncs", "shop/cookie_syncs.jsonl.gz", "adx"),
        ("email", "shop/email_events.jsonl.gz", "email"),
        ("web", "shop/web_events.jsonl.gz", "web"),
        ("mobile", "shop/mobile_events.jsonl.gz", "mobile"),
        ("online-retail", "insights/online-retail/online_retail.csv.gz", "shop"),
    ];
    let lines: Option<Vec<String>> = FILES.iter().map(|(map, data, source)| compare(map, data, source)).collect();
    let Some(lines) = lines else { return };
    expect![[r#"
        crm: records, 0.90: of 13 columns 11 alike, 1 alike but for the name
          CreatedOn: version | trait created_on + version
        shop: records, 0.90: of 6 columns 6 alike, 0 alike but for the name
        orders: events, 0.60: of 8 columns 8 alike, 0 alike but for the name
        order_items: records, 0.10: of 5 columns 0 alike, 0 alike but for the name
          order_id: identifier order_id + property order_id | trait order_id
          product_id: property product_id | trait product_id
          category: property category | trait category
          price: property price | trait price
          quantity: property quantity | trait quantity
        loyalty: records, 0.90: of 8 columns 5 alike, 2 alike but for the name
          JoinDate: version | trait join_date + version
        pos: events, 0.60: of 9 columns 9 alike, 0 alike but for the name
        support: events, 0.60: of 7 columns 7 alike, 0 alike but for the name
        consents: events, 0.60: of 5 columns 2 alike, 1 alike but for the name
          purpose:  | property purpose
          status:  | property status
        ad_impressions: events, 0.60: of 10 columns 6 alike, 3 alike but for the name
          impression_id: message_id | fallback_identifier impression_id + message_id + property impression_id
        cookie_syncs: events, 0.60: of 4 columns 3 alike, 1 alike but for the name
        email: messages, 0.98
        web: messages, 0.98
        mobile: messages, 0.98
        online-retail: events, 0.60: of 8 columns 5 alike, 1 alike but for the name
          InvoiceNo: fallback_identifier invoice_no + message_id + property invoice_no | fallback_identifier invoice_no + property invoice_no
          CustomerID: identifier user_id + property customer_id | identifier user_id"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn files_that_nobody_has_mapped_are_read_without_a_refusal() {
    const FILES: [&str; 16] = [
        "people/splink/fake_1000.csv",
        "people/splink/fake_1000_labels.csv",
        "people/febrl/dataset1.csv.gz",
        "people/febrl/dataset3.csv.gz",
        "people/febrl/dataset4b.csv.gz",
        "insights/hillstrom/hillstrom.csv.gz",
        "insights/telco-churn/telco_churn.csv.gz",
        "insights/cdnow/example_transactions.csv.gz",
        "insights/cdnow/cdnow_customers_summary.csv.gz",
        "insights/complete-journey/transactions_sample.csv.gz",
        "insights/complete-journey/campaigns.csv.gz",
        "insights/complete-journey/campaign_descriptions.csv.gz",
        "insights/complete-journey/products.csv.gz",
        "insights/complete-journey/demographics.csv.gz",
        "insights/complete-journey/coupon_redemptions.csv.gz",
        "insights/complete-journey/promotions_sample.csv.gz",
    ];
    let mut lines = Vec::new();
    for data in FILES {
        let Some(path) = crate::shared::data(data) else { return };
        let proposal = guess(&path);
        let (facts, refused) = import(&path, &proposal);
        let open: Vec<_> = proposal.open_decisions(SURE).map(|open| open.about).collect();
        lines.push(format!(
            "{data}: {}, {facts} facts, {} refused, open: {}",
            proposal.shape.as_str(),
            refused.len(),
            open.join(", ")
        ));
    }
    expect![[r#"
        people/splink/fake_1000.csv: records, 1000 facts, 0 refused, open: 
        people/splink/fake_1000_labels.csv: records, 3176 facts, 0 refused, open: key, who, rows
        people/febrl/dataset1.csv.gz: records, 1000 facts, 0 refused, open: 
        people/febrl/dataset3.csv.gz: records, 5000 facts, 0 refused, open: 
        people/febrl/dataset4b.csv.gz: records, 5000 facts, 0 refused, open: 
        insights/hillstrom/hillstrom.csv.gz: records, 64000 facts, 0 refused, open: key, who, rows
        insights/telco-churn/telco_churn.csv.gz: records, 7043 facts, 0 refused, open: 
        insights/cdnow/example_transactions.csv.gz: events, 15273 facts, 0 refused, open: who, event name
        insights/cdnow/cdnow_customers_summary.csv.gz: records, 2357 facts, 0 refused, open: rows
        insights/complete-journey/transactions_sample.csv.gz: events, 75000 facts, 0 refused, open: event name
        insights/complete-journey/campaigns.csv.gz: events, 6589 facts, 0 refused, open: time, rows, event name
        insights/complete-journey/campaign_descriptions.csv.gz: events, 27 facts, 0 refused, open: who, event name, rows
        insights/complete-journey/products.csv.gz: records, 92331 facts, 0 refused, open: who, rows, key
        insights/complete-journey/demographics.csv.gz: records, 801 facts, 0 refused, open: 
        insights/complete-journey/coupon_redemptions.csv.gz: events, 2102 facts, 0 refused, open: event name
        insights/complete-journey/promotions_sample.csv.gz: records, 360535 facts, 0 refused, open: key, who, rows"#]]
    .assert_eq(&lines.join("\n"));
}
