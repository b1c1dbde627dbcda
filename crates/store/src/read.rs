use serde::de::DeserializeOwned;

use crate::backend::Visit;
use crate::{Range, StoreError, Table};

/// Reading of tables: from a snapshot, or through a draft that sees its own writes.
pub trait Read {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError>;
}

/// Typed reading. Values are postcard; those that hold free JSON are JSON.
pub trait ReadExt: Read {
    fn read<T: DeserializeOwned>(&self, table: &Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.get(table, key)?.map(|bytes| from_bytes(table, &bytes)).transpose()
    }

    fn read_json<T: DeserializeOwned>(&self, table: &Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.get(table, key)?.map(|bytes| decode_json(table, &bytes)).transpose()
    }

    /// Returns all rows of a range, at most `limit`.
    fn rows(&self, table: &Table, range: Range<'_>, limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let mut rows = Vec::new();
        if limit == 0 {
            return Ok(rows);
        }
        self.scan(table, range, &mut |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            Ok(rows.len() < limit)
        })?;
        Ok(rows)
    }
}

impl<R: Read + ?Sized> ReadExt for R {}

/// Reads a value that was written by `Draft::put`.
pub fn from_bytes<T: DeserializeOwned>(table: &Table, bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Corrupt { table: table.name, reason: error.to_string() })
}

pub(crate) fn decode_json<T: DeserializeOwned>(table: &Table, bytes: &[u8]) -> Result<T, StoreError> {
    // The position says where; the message of serde may quote a value, so it stays out.
    serde_json::from_slice(bytes).map_err(|error| StoreError::Corrupt {
        table: table.name,
        reason: format!("not the expected JSON at column {}", error.column()),
    })
}
