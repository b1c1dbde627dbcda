//! The definitions that are saved.

use kit::{Backoff, Coded, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

use super::{Ended, Problem, Pull, RunRecord, State, known, state, taken};

pub(crate) static PULLS: Table = Table {
    name: "pulls",
    about: "a pull's definition: name text → its text, with secrets, and time of creation (JSON)",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// Between a minute and an hour, without an end.
const TRY_AGAIN: Backoff = Backoff { base_ms: 60_000, max_ms: 3_600_000, attempts: u32::MAX };

/// A definition as it was given. On disk: `{"text", "created_at"}`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Saved {
    /// YAML or JSON, with its secrets.
    text: String,
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Saved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Saved {{ created_at: {} }}", self.created_at)
    }
}

/// Saves a definition. With `replace` it may take the place of one of its name; what is known of rows and files stays then, as long as it
/// is about the same place.
pub fn create(draft: &mut Draft<'_>, text: &str, replace: bool, now: Timestamp) -> Result<Pull, PullsError> {
    let (pull, problems) = Pull::parse(text);
    let Some(pull) = pull else { return Err(PullsError::Invalid { problems }) };
    let before = get(draft, &pull.name)?;
    if before.is_some() && !replace {
        return Err(PullsError::Exists { name: pull.name });
    }
    let created_at = before.as_ref().map_or(now, |(_, saved)| saved.created_at);
    if before.is_some_and(|(before, _)| before.origin.place() != pull.origin.place()) {
        forget(draft, &pull.name)?;
    }
    draft.put_json(&PULLS, Key::new().text(&pull.name), &Saved { text: text.to_owned(), created_at });
    Ok(pull)
}

/// Removes a definition, and what is known of its rows and files. The facts that it brought stay.
pub fn remove(draft: &mut Draft<'_>, name: &str) -> Result<(), PullsError> {
    if get(draft, name)?.is_none() {
        return Err(PullsError::Unknown { name: name.to_owned() });
    }
    draft.remove(&PULLS, Key::new().text(name));
    Ok(forget(draft, name)?)
}

/// Returns a saved pull. One that this version of the house cannot read counts as absent.
pub fn get(read: &dyn Read, name: &str) -> Result<Option<(Pull, Saved)>, StoreError> {
    let saved: Option<Saved> = read.read_json(&PULLS, Key::new().text(name).as_slice())?;
    Ok(saved.and_then(parsed))
}

/// Returns every saved pull, by name.
pub fn all(read: &dyn Read) -> Result<Vec<(Pull, Saved)>, StoreError> {
    let mut pulls = Vec::new();
    read.scan(&PULLS, Range::default(), &mut |_, bytes| {
        let saved = serde_json::from_slice(bytes)
            .map_err(|_| StoreError::Corrupt { table: PULLS.name, reason: "not a definition".to_owned() })?;
        pulls.extend(parsed(saved));
        Ok(true)
    })?;
    Ok(pulls)
}

/// When a pull runs next; `None` where it runs only when it is asked to.
///
/// A run that failed for a passing reason is tried again sooner, and later each time, as long as its schedule does not come first.
pub fn due_at(pull: &Pull, saved: &Saved, state: &State) -> Option<Timestamp> {
    let last = state.runs.first();
    let due = pull.schedule.as_ref()?.due_at(last.map(|run| run.started_at), saved.created_at);
    let Some(RunRecord { ended: Ended::Failed { is_retryable: true, .. }, ended_at, .. }) = last else {
        return Some(due);
    };
    let wait_ms = TRY_AGAIN.wait_ms(state.failures, ended_at.as_ms() as u64)?;
    Some(due.min(ended_at.plus_ms(wait_ms as i64)))
}

/// Why a definition cannot be saved or removed.
#[derive(Debug, thiserror::Error)]
pub enum PullsError {
    #[error("the definition has {} problem(s): {}", problems.len(), listed(problems))]
    Invalid { problems: Vec<Problem> },
    #[error("there is a pull `{name}` already")]
    Exists { name: String },
    #[error("there is no pull `{name}`")]
    Unknown { name: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for PullsError {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "pull_invalid",
            Self::Exists { .. } => "pull_exists",
            Self::Unknown { .. } => "pull_not_found",
            Self::Store(error) => error.code(),
        }
    }
}

fn parsed(saved: Saved) -> Option<(Pull, Saved)> {
    Pull::parse(&saved.text).0.map(|pull| (pull, saved))
}

fn forget(draft: &mut Draft<'_>, name: &str) -> Result<(), StoreError> {
    known::forget(draft, name)?;
    taken::forget(draft, name)?;
    state::forget(draft, name);
    Ok(())
}

fn listed(problems: &[Problem]) -> String {
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    problems.join("; ")
}
