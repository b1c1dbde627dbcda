//! A file with the input's bytes, and what holds of its rows.

use std::path::PathBuf;

use collect::files::{ImportContext, Mapping, Row, open};
use model::Fact;

use crate::{NOW, check_event, check_fact};

/// A mapping that uses all that the language has, in this format (`csv`, `ndjson`, `parquet`).
pub fn record(format: &str) -> Mapping {
    mapping(&format!(
        r#"
version: 1
format: {format}
empty: ["NULL"]
skip_when: {{ column: status, is: [gone] }}
record:
  key: "{{id}}"
  version: {{ column: changed, as: time }}
  delete_when: {{ column: status, is: [deleted] }}
  identifiers: {{ crm_id: "{{id}}", email: "{{mail}}" }}
  traits: {{ name: "{{id}} {{mail}}", amount: {{ column: amount, as: number, default: "0" }}, address.city: "{{status}}" }}
"#
    ))
}

/// A mapping to events.
pub fn event(format: &str) -> Mapping {
    mapping(&format!(
        r#"
version: 1
format: {format}
event:
  name: "{{status}}"
  time: {{ column: changed, as: time }}
  identifiers: {{ crm_id: "{{id}}", email: "{{mail}}" }}
  properties: {{ amount: {{ column: amount, as: json }} }}
"#
    ))
}

/// Rows that are messages of the spec.
pub fn segment() -> Mapping {
    mapping("version: 1\nformat: ndjson\nsegment: {}\n")
}

/// Reads the bytes as a file, and checks that its rows come out one by one, in order, each taken or refused.
pub fn check_rows(bytes: &[u8], mapping: &Mapping) {
    let path = path();
    std::fs::write(&path, bytes).expect("a file in the folder for temporary files");
    let context = ImportContext::new("crm".into(), NOW);
    let Ok(import) = open(&path, mapping, context) else { return };
    let mut last_line = 0;
    for (at, row) in import.enumerate() {
        match row {
            Row::Skipped => {}
            Row::Fact(fact) => {
                check_fact(&fact);
                if let Fact::Event(event) = &*fact {
                    check_event(event);
                }
            }
            Row::Refused(error) => {
                assert_eq!(error.row, at as u64 + 1, "{error}");
                assert!(error.code == "unreadable_file" || error.line >= last_line, "{error}");
                assert!(!error.message.is_empty());
                last_line = error.line;
            }
        }
    }
}

/// One file for each process, in memory where the machine has such a folder.
fn path() -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    let folder = if shm.is_dir() { shm } else { std::env::temp_dir() };
    folder.join(format!("sonder-fuzz-{}", std::process::id()))
}

fn mapping(text: &str) -> Mapping {
    let (mapping, problems) = Mapping::parse(text);
    mapping.unwrap_or_else(|| panic!("{problems:?}"))
}
