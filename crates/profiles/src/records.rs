use kit::Timestamp;
use model::{Ordinal, Record, Seq};
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Read, ReadExt, StoreError};

use crate::tables::RECORDS;

/// Who owns a record's latest version. Kept for deleted records too, so that an older version that comes late does not bring one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub owner: Ordinal,
    pub version: Timestamp,
    pub seq: Seq,
}

pub(crate) fn holder(read: &dyn Read, record: &Record) -> Result<Option<Holder>, StoreError> {
    read.read(&RECORDS, key(record).as_slice())
}

pub(crate) fn hold(draft: &mut Draft<'_>, record: &Record, holder: Holder) {
    draft.put(&RECORDS, key(record), &holder);
}

fn key(record: &Record) -> Key {
    Key::new().text(&record.source).text(&record.key)
}
