use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use crate::options::{Field, Within, listed, options};

options! {
    /// Where and how files are written.
    pub struct Options {
        /// What kind of file to write.
        format: Format = Format::Csv,
        /// The folder, made when it is missing. One that does not start with `/` is inside `deliveries` of the data folder; the destination's name by default.
        folder: Option<Folder>,
        /// Most deliveries in one file.
        batch_size: Within<1, 100_000> = Within(10_000),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
    Parquet,
}

impl Format {
    const NAMES: [&'static str; 3] = ["csv", "ndjson", "parquet"];

    /// The name, which is also the ending of file names.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl Field for Format {
    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::NAMES })
    }

    fn read(given: &Value) -> Result<Self, String> {
        let all = [Self::Csv, Self::Ndjson, Self::Parquet].into_iter();
        let mut matching = all.filter(|format| given.as_str() == Some(format.name()));
        matching.next().ok_or_else(|| format!("one of {} is expected", listed(&Self::NAMES)))
    }

    fn write(&self) -> Value {
        json!(self.name())
    }
}

/// A path that does not climb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(pub PathBuf);

impl Field for Folder {
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(given: &Value) -> Result<Self, String> {
        let climbs = |path: &Path| path.components().any(|part| part == Component::ParentDir);
        let path = given.as_str().filter(|text| !text.is_empty() && !text.contains('\0')).map(PathBuf::from);
        path.filter(|path| !climbs(path)).map(Self).ok_or_else(|| "a path without `..` is expected".to_owned())
    }

    fn write(&self) -> Value {
        json!(self.0)
    }
}
