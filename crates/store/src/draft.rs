use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::backend::Visit;
use crate::{Backend, Keep, Range, Read, StoreError, Table, Write};

type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Writes that nobody else sees yet, over the state as it is. Reads see the draft's own writes.
///
/// One draft may be open per set of tables: the walker's over views, a route's over definitions.
#[derive(Debug)]
pub struct Draft<'a> {
    base: &'a dyn Backend,
    /// The opening of the state that it builds on.
    opening: u64,
    tables: HashMap<&'static str, Rows>,
    lasting: bool,
}

impl<'a> Draft<'a> {
    pub(crate) fn over(base: &'a dyn Backend, opening: u64) -> Self {
        Self { base, opening, tables: HashMap::new(), lasting: false }
    }

    pub(crate) fn opening(&self) -> u64 {
        self.opening
    }

    pub fn put_bytes(&mut self, table: &'static Table, key: impl Into<Vec<u8>>, value: Vec<u8>) {
        self.write(table, key.into(), Some(value));
    }

    /// Writes a value as postcard.
    pub fn put<T: Serialize>(&mut self, table: &'static Table, key: impl Into<Vec<u8>>, value: &T) {
        let bytes = postcard::to_stdvec(value).expect("plain data always encodes");
        self.write(table, key.into(), Some(bytes));
    }

    /// Writes a value that holds free JSON.
    pub fn put_json<T: Serialize>(&mut self, table: &'static Table, key: impl Into<Vec<u8>>, value: &T) {
        let bytes = serde_json::to_vec(value).expect("plain data always encodes");
        self.write(table, key.into(), Some(bytes));
    }

    pub fn remove(&mut self, table: &'static Table, key: impl Into<Vec<u8>>) {
        self.write(table, key.into(), None);
    }

    /// How many rows the draft changes.
    pub fn len(&self) -> usize {
        self.tables.values().map(BTreeMap::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the draft must survive a power cut, e.g. because it touches a table that must.
    pub(crate) fn is_lasting(&self) -> bool {
        self.lasting
    }

    pub(crate) fn must_last(&mut self) {
        self.lasting = true;
    }

    pub(crate) fn into_writes(self) -> Vec<Write> {
        let rows = self.tables.into_iter();
        rows.flat_map(|(table, rows)| rows.into_iter().map(move |(key, value)| Write { table, key, value })).collect()
    }

    fn write(&mut self, table: &'static Table, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.lasting |= table.keep == Keep::Lasting;
        self.tables.entry(table.name).or_default().insert(key, value);
    }
}

impl Read for Draft<'_> {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.tables.get(table.name).and_then(|rows| rows.get(key)) {
            Some(own) => Ok(own.clone()),
            None => self.base.get(table, key),
        }
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        let Some(own) = self.tables.get(table.name) else { return self.base.scan(table, range, visit) };
        let mut ahead = own_rows(own, range).into_iter().peekable();
        let mut go_on = true;
        self.base.scan(table, range, &mut |key, value| {
            while let Some((own_key, own_value)) = ahead.next_if(|(own_key, _)| comes_before(own_key, key, range)) {
                let Some(bytes) = own_value else { continue };
                go_on = visit(own_key, bytes)?;
                if !go_on {
                    return Ok(false);
                }
            }
            go_on = match ahead.next_if(|(own_key, _)| own_key.as_slice() == key) {
                Some((_, Some(own_value))) => visit(key, own_value)?,
                Some((_, None)) => true,
                None => visit(key, value)?,
            };
            Ok(go_on)
        })?;
        for (own_key, own_value) in ahead {
            if !go_on {
                break;
            }
            if let Some(bytes) = own_value {
                go_on = visit(own_key, bytes)?;
            }
        }
        Ok(())
    }
}

/// The draft's rows of a range, in the order of the scan.
fn own_rows<'r>(rows: &'r Rows, range: Range<'_>) -> Vec<(&'r Vec<u8>, Option<&'r Vec<u8>>)> {
    let from_prefix = rows.range(range.prefix.to_vec()..);
    let held = from_prefix.take_while(|(key, _)| key.starts_with(range.prefix)).filter(|(key, _)| range.holds(key));
    let mut held: Vec<_> = held.map(|(key, value)| (key, value.as_ref())).collect();
    if range.backward {
        held.reverse();
    }
    held
}

fn comes_before(own_key: &[u8], key: &[u8], range: Range<'_>) -> bool {
    if range.backward { own_key > key } else { own_key < key }
}
