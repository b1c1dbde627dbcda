//! Mapping files under a name: versions, and what is refused.

use collect::mappings::{self, Named};
use kit::{Coded, Timestamp};
use store::Store;

const FIRST: &str = "{version: 1, segment: {}}";
const SECOND: &str = "{version: 1, record: {key: \"{id}\", identifiers: {crm_id: \"{id}\"}}}";

fn put(store: &Store, name: &str, text: &str, at_ms: i64) -> Result<Named, &'static str> {
    let mut draft = store.draft();
    let named = mappings::put(&mut draft, name, text, Timestamp::from_ms(at_ms)).map_err(|error| error.code())?;
    store.commit(draft).expect("memory takes it");
    Ok(named)
}

#[test]
fn each_change_is_a_version_and_the_latest_holds() {
    let store = Store::in_memory(collect::TABLES);
    assert_eq!(put(&store, "crm", FIRST, 1).map(|named| named.version), Ok(1));
    assert_eq!(put(&store, "crm", FIRST, 2).map(|named| (named.version, named.saved_at.as_ms())), Ok((1, 1)));
    assert_eq!(put(&store, "crm", SECOND, 3).map(|named| named.version), Ok(2));
    assert_eq!(put(&store, "crm2", FIRST, 4).map(|named| named.version), Ok(1));
    let known = mappings::get(&store, "crm").expect("it is there");
    assert_eq!((known.version, known.mapping().expect("a good mapping").columns()), (2, &["id".to_owned()][..]));
    let names: Vec<_> =
        mappings::all(&store).expect("memory").into_iter().map(|named| (named.name, named.version)).collect();
    assert_eq!(names, [("crm".to_owned(), 2), ("crm2".to_owned(), 1)]);
}

#[test]
fn one_that_is_taken_away_can_come_again() {
    let store = Store::in_memory(collect::TABLES);
    put(&store, "crm", FIRST, 1).expect("a good mapping");
    let remove = || {
        let mut draft = store.draft();
        mappings::remove(&mut draft, "crm", Timestamp::from_ms(2)).map_err(|error| error.code())?;
        store.commit(draft).map_err(|error| error.code())
    };
    assert_eq!(remove(), Ok(()));
    assert_eq!(remove(), Err("mapping_not_found"));
    assert!(mappings::all(&store).expect("memory").is_empty());
    assert_eq!(put(&store, "crm", FIRST, 3).map(|named| named.version), Ok(3));
}

#[test]
fn what_is_no_mapping_is_not_kept() {
    let store = Store::in_memory(collect::TABLES);
    assert_eq!(put(&store, "crm", "version: 2", 1), Err("mapping_invalid"));
    assert_eq!(put(&store, "A B", FIRST, 1), Err("mapping_name_invalid"));
    assert_eq!(put(&store, "crm", &"#".repeat(300_000), 1), Err("mapping_too_large"));
    let mut draft = store.draft();
    let error = mappings::put(&mut draft, "crm", "version: 1\nsegment: { x: 1 }\ny: 1", Timestamp::from_ms(1));
    let message = error.expect_err("two problems").to_string();
    assert!(message.contains("2 problem(s)") && message.contains("line 2") && message.contains("line 3"), "{message}");
}
