//! Whatever bytes come, collect answers; and what it takes can be read again.

use collect::files::{ImportContext, Mapping, Row, open};
use collect::spec::{Door, Route, accept, key_from_authorization, key_from_body};
use kit::Timestamp;
use model::Fact;
use proptest::prelude::*;

const VALID: &str = r#"{"batch":[{"type":"track","event":"Order Completed","userId":"u1","anonymousId":null,"messageId":"m1",
"timestamp":"2026-01-10T11:00:00.123+01:00","properties":{"revenue":99.50,"products":[{"id":"p\u00e9","n":2}]},
"context":{"traits":{"email":"ann@example.com","phone":"+12015550123"},"device":{"advertisingId":"A","adTrackingEnabled":true},
"externalIds":[{"id":"1","type":"crm","collection":"users","encoding":"none"}],"consent":{"categoryPreferences":{"ads":true}}},
"integrations":{"All":true}}],"sentAt":"2026-01-10T10:00:01Z","context":{"ip":"::1"},"writeKey":"k"}"#;

const ROUTES: [Route; 4] = [Route::Track, Route::Identify, Route::Alias, Route::Batch];

fn survives(body: &[u8]) {
    let door = Door::live("web".into(), Timestamp::from_ms(1_768_000_000_000));
    for route in ROUTES {
        let Ok(accepted) = accept(route, body, &door) else { continue };
        for event in accepted.events {
            assert!(!event.identifiers.is_empty() && !event.message_id.is_empty());
            let fact = Fact::Event(event);
            let written = serde_json::to_string(&fact).expect("facts can be written");
            assert_eq!(serde_json::from_str::<Fact>(&written).expect("and read again"), fact);
            serde_json::from_str::<serde_json::Value>(&written).expect("to the last value");
        }
    }
    let _ = key_from_body(body);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&body);
    }

    #[test]
    fn json_like_bytes_are_answered(body in r#"[\[\]{}:,"\\0-9eE.+a-z -]{0,120}"#) {
        survives(body.as_bytes());
    }

    #[test]
    fn a_spoilt_batch_is_answered(changes in proptest::collection::vec((0..VALID.len(), any::<u8>()), 1..4)) {
        let mut body = VALID.as_bytes().to_vec();
        for (at, byte) in changes {
            body[at] = byte;
        }
        survives(&body);
    }

    #[test]
    fn a_cut_batch_is_answered(from in 0..VALID.len(), len in 0..VALID.len()) {
        survives(VALID.as_bytes().get(from..from + len).unwrap_or_default());
    }

    #[test]
    fn any_header_is_answered(header in ".{0,80}") {
        let _ = key_from_authorization(&header);
    }

    #[test]
    fn any_mapping_is_answered(text in r#"(version: 1\n)?([a-z_]{1,8}: ?["{}\[\]a-z|>&*!,:-]{0,12}\n( {1,4})?){0,8}"#) {
        let (mapping, problems) = Mapping::parse(&text);
        prop_assert_eq!(mapping.is_some(), problems.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    /// Every line of a spoilt file is in a fact or in a refusal, and the good rows before and after are not lost.
    #[test]
    fn a_spoilt_file_keeps_its_other_rows(noise in proptest::collection::vec(any::<u8>(), 0..40)) {
        let (Some(mapping), _) = Mapping::parse("version: 1\nformat: csv\nrecord: { key: '{a}', identifiers: { crm_id: '{a}' } }") else {
            panic!("the mapping is good");
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.csv");
        let content = [b"a,b\nfirst,1\n".as_slice(), &noise, b"\nlast,9\n"].concat();
        std::fs::write(&path, content).expect("a file");
        let rows = open(&path, &mapping, ImportContext::new("crm".into(), Timestamp::from_ms(0))).expect("a header");
        let rows: Vec<Row> = rows.collect();
        let key = |row: &Row| matches!(row, Row::Fact(fact) if matches!(&**fact, Fact::Record(record) if record.key == "first"));
        prop_assert!(key(&rows[0]));
        let last = rows.iter().any(|row| matches!(row, Row::Fact(fact) if matches!(&**fact, Fact::Record(record) if record.key == "last")));
        prop_assert!(last, "{:?}", rows);
    }
}
