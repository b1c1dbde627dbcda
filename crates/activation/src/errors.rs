use kit::Coded;
use store::StoreError;

/// One thing that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, e.g. `options.batch_size`.
    pub place: String,
    /// What is expected there. Never repeats an option's value, which may be a secret.
    pub message: String,
}

impl Problem {
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.place, self.message)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the destination has {} problem(s): {}", .0.len(), summary(.0))]
    Invalid(Vec<Problem>),
    #[error("there is a destination `{name}` already")]
    Exists { name: String },
    #[error("there is no destination `{name}`")]
    Unknown { name: String },
    #[error("a delivery task broke off")]
    Broken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "destination_invalid",
            Self::Exists { .. } => "destination_exists",
            Self::Unknown { .. } => "destination_not_found",
            Self::Broken => "delivery_broken",
            Self::Store(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::Broken => true,
            _ => false,
        }
    }
}

fn summary(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    lines.join("; ")
}
