use std::io;
use std::path::Path;

use arrow::error::ArrowError;
use kit::Coded;
use parquet::errors::ParquetError;

/// What can go wrong with the lake's files.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    #[error("`{path}` cannot be read or written")]
    Io { path: String, source: io::Error },
    #[error("rows cannot be laid out as columns")]
    Arrow(#[from] ArrowError),
    #[error("a parquet file cannot be read or written")]
    Parquet(#[from] ParquetError),
    #[error("`{path}` is no manifest of a lake")]
    Manifest { path: String, source: serde_json::Error },
    #[error("the lake's manifest has version {version}, this program reads up to {newest}")]
    UnknownVersion { version: u32, newest: u32 },
    /// Another process writes the lake.
    #[error("the lake in `{folder}` is open in another process")]
    InUse { folder: String },
    #[error("rows of fact {seq} were given for a batch that ends with fact {through}")]
    BeyondBatch { seq: u64, through: u64 },
}

impl LakeError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }
}

impl Coded for LakeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "lake_unavailable",
            Self::Arrow(_) => "lake_rows_invalid",
            Self::Parquet(_) => "lake_file_invalid",
            Self::Manifest { .. } => "lake_manifest_invalid",
            Self::UnknownVersion { .. } => "lake_version_unknown",
            Self::InUse { .. } => "lake_in_use",
            Self::BeyondBatch { .. } => "lake_rows_beyond_batch",
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Io { .. })
    }
}
