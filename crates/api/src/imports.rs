use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::collect::Refused;

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Names the import, e.g. for its refused rows.
    #[serde(default)]
    pub id: String,
    pub source: String,
    pub rows: u64,
    pub facts: u64,
    pub skipped: u64,
    pub refused: u64,
    /// Where the refused rows are, relative to the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<String>,
    /// The first few refusals.
    pub samples: Vec<Refused>,
}

/// An import and how far it is. `state` is `running`, `done`, `failed` (with the `code` of why), or `broken_off` (the process ended meanwhile).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportRow {
    pub id: String,
    pub source: String,
    pub state: String,
    pub started_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Of the file, how much has been read.
    pub bytes_read: u64,
    pub bytes_total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ImportReport>,
}

/// Imports, newest first: the latest 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportList {
    pub data: Vec<ImportRow>,
}

/// A mapping file that is kept under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MappingRow {
    pub name: String,
    /// From 1; each change of the text is the next one.
    pub version: u32,
    pub saved_at: String,
    /// The columns that it reads.
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MappingList {
    pub data: Vec<MappingRow>,
}

/// A mapping with its text, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MappingText {
    pub name: String,
    pub version: u32,
    pub saved_at: String,
    pub text: String,
}
