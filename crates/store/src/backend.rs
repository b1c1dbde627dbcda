use kit::Coded;

use crate::Table;

/// One change of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub table: &'static str,
    pub key: Vec<u8>,
    /// `None` removes the row.
    pub value: Option<Vec<u8>>,
}

/// Which rows a scan visits: those whose key starts with `prefix`, beyond `after` in the direction of the scan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range<'a> {
    pub prefix: &'a [u8],
    /// A whole key; the scan starts with the next one.
    pub after: Option<&'a [u8]>,
    /// Largest key first.
    pub backward: bool,
}

impl<'a> Range<'a> {
    pub fn prefix(prefix: &'a [u8]) -> Self {
        Self { prefix, after: None, backward: false }
    }

    #[must_use]
    pub fn after(self, key: Option<&'a [u8]>) -> Self {
        Self { after: key, ..self }
    }

    #[must_use]
    pub fn backward(self) -> Self {
        Self { backward: true, ..self }
    }

    pub(crate) fn holds(&self, key: &[u8]) -> bool {
        key.starts_with(self.prefix)
            && self.after.is_none_or(|after| if self.backward { key < after } else { key > after })
    }

    /// The smallest key that no longer starts with the prefix, if there is one.
    pub(crate) fn end(&self) -> Option<Vec<u8>> {
        let mut end = self.prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Some(end);
            }
        }
        None
    }
}

/// Visits a row (key, value); returns whether to go on.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError>;

/// The seam behind which keyed state lives. All of a call to `apply` becomes visible at once, or nothing of it.
pub trait Backend: Send + Sync + std::fmt::Debug {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError>;

    /// Makes all writes visible atomically. With `sync`, returns only when they would survive a power cut.
    fn apply(&self, writes: Vec<Write>, sync: bool) -> Result<(), StoreError>;

    /// Rows of passing tables that mean nothing any more from this second since 1970 on, or earlier, may go. Returns only when all that was
    /// applied so far would survive a power cut: state never goes back to before what let the rows go. A backend may keep the rows.
    fn let_go(&self, _until: u32) -> Result<(), StoreError> {
        Ok(())
    }

    /// Which opening of the state this is. With a new one, commits that were not synced may be gone, the last ones first.
    fn opening(&self) -> u64 {
        0
    }

    /// Like `apply`, but only while the state is of this opening: what was read of an earlier one may not be true any more.
    fn apply_in(&self, _opening: u64, writes: Vec<Write>, sync: bool) -> Result<(), StoreError> {
        self.apply(writes, sync)
    }

    /// Returns a reader of the state as it is now.
    fn snapshot(&self) -> Box<dyn crate::Read + '_>;

    /// Bytes on disk.
    fn disk_bytes(&self) -> u64;
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("the state database failed: {0}")]
    Backend(String),
    #[error("another process has the data folder `{0}` open")]
    Locked(String),
    #[error("a row of table `{table}` cannot be read: {reason}")]
    Corrupt { table: &'static str, reason: String },
}

impl Coded for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Backend(_) => "store_unavailable",
            Self::Locked(_) => "data_folder_locked",
            Self::Corrupt { .. } => "store_corrupt",
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Backend(_))
    }
}
