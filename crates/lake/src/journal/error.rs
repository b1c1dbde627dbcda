use std::io;
use std::sync::Arc;

use kit::Coded;

/// What can go wrong between a fact and the disk.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Too many bytes already wait for the disk. Nothing was taken; try again later.
    #[error("the journal is busy: {waiting_bytes} bytes wait for the disk")]
    Busy { waiting_bytes: usize },
    /// The disk refused a write or a sync. The facts are not acknowledged (a crash right now may still bring them
    /// back, see the module's rules); later appends work again as soon as the disk does.
    #[error("the journal cannot be written")]
    Unavailable(#[source] Arc<io::Error>),
    #[error("a fact has {bytes} bytes, more than the {max_bytes} that a frame may hold")]
    TooLarge { bytes: usize, max_bytes: usize },
    #[error("a fact cannot be written as JSON")]
    Encode(#[source] Arc<serde_json::Error>),
    #[error("the journal is closed")]
    Closed,
    /// Another process has the folder open.
    #[error("the journal in `{folder}` is open in another process")]
    InUse { folder: String },
    #[error("segment `{segment}` has format version {version}, this program reads up to {newest}")]
    UnknownVersion { segment: String, version: u32, newest: u32 },
    /// The disk refused a read, or recovery could not cut a torn tail.
    #[error("the journal cannot be read")]
    Unreadable(#[source] Arc<io::Error>),
    /// A frame is whole, but what it holds is no fact of its format version.
    #[error("fact {seq} is whole on disk but is no fact of this format")]
    NotAFact { seq: u64, source: Arc<serde_json::Error> },
}

impl JournalError {
    pub(super) fn unavailable(error: io::Error) -> Self {
        Self::Unavailable(Arc::new(error))
    }

    pub(super) fn unreadable(error: io::Error) -> Self {
        Self::Unreadable(Arc::new(error))
    }
}

impl Coded for JournalError {
    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "journal_busy",
            Self::Unavailable(_) => "journal_unavailable",
            Self::TooLarge { .. } => "fact_too_large",
            Self::Encode(_) => "fact_not_json",
            Self::Closed => "journal_closed",
            Self::InUse { .. } => "journal_in_use",
            Self::UnknownVersion { .. } => "journal_version_unknown",
            Self::Unreadable(_) => "journal_unreadable",
            Self::NotAFact { .. } => "journal_fact_unknown",
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unavailable(_))
    }
}
