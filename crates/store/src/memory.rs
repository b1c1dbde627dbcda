use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::backend::Visit;
use crate::{Backend, Range, Read, StoreError, Table, Write};

/// A backend without a disk: the twin of the embedded one in tests, and the state of previews.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Tables>);

type Tables = HashMap<&'static str, BTreeMap<Vec<u8>, Vec<u8>>>;

impl Memory {
    fn copy(&self) -> Tables {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Backend for Memory {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(tables.get(table.name).and_then(|rows| rows.get(key)).cloned())
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.snapshot().scan(table, range, visit)
    }

    fn apply(&self, writes: Vec<Write>, _sync: bool) -> Result<(), StoreError> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for write in writes {
            let rows = tables.entry(write.table).or_default();
            match write.value {
                Some(value) => rows.insert(write.key, value),
                None => rows.remove(&write.key),
            };
        }
        Ok(())
    }

    fn snapshot(&self) -> Box<dyn Read + '_> {
        Box::new(Frozen(self.copy()))
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

struct Frozen(Tables);

impl Read for Frozen {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(table.name).and_then(|rows| rows.get(key)).cloned())
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        let Some(rows) = self.0.get(table.name) else { return Ok(()) };
        let mut held: Vec<_> = rows.iter().filter(|(key, _)| range.holds(key)).collect();
        if range.backward {
            held.reverse();
        }
        for (key, value) in held {
            if !visit(key, value)? {
                break;
            }
        }
        Ok(())
    }
}
