use std::path::{Path, PathBuf};

/// Why a world could not be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("`people` is {people}, but a world has 1,000 to 1,000,000 people")]
    People { people: u32 },
    #[error("`days` is {days}, but a world lasts 30 to 730 days")]
    Days { days: u32 },
    #[error("`{path}` could not be read or written: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("`{path}`, row {row}, cannot be read: {reason}")]
    Row { path: PathBuf, row: u64, reason: String },
    #[error("`{path}` has no column `{column}`")]
    Column { path: PathBuf, column: String },
    #[error("`{path}` holds no moment in time, so the world's end is unknown")]
    NoEnd { path: PathBuf },
}

impl Error {
    /// Returns a function that adds the path to an IO error: `file.read(…).map_err(Error::at(path))`.
    pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path: path.clone(), source }
    }
}

impl kit::Coded for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::People { .. } => "shop_people_out_of_range",
            Self::Days { .. } => "shop_days_out_of_range",
            Self::Io { .. } => "shop_io",
            Self::Row { .. } => "shop_row_unreadable",
            Self::Column { .. } => "shop_column_missing",
            Self::NoEnd { .. } => "shop_end_unknown",
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Io { .. })
    }
}
