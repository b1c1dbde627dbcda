use std::collections::BTreeMap;
use std::sync::Arc;

use kit::{Coded, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table, read_u32};

use super::{Plan, Problem};
use crate::sources::is_word;

pub(crate) static PLANS: Table = Table {
    name: "plans",
    about: "a tracking plan as it was saved: name text, version u32 → its text (absent: withdrawn), time of saving (JSON)",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// The latest version of every plan that is not withdrawn, its schemas compiled once.
#[derive(Debug, Clone, Default)]
pub struct PlansInForce(BTreeMap<String, Arc<Plan>>);

/// A plan as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanVersion {
    pub version: u32,
    pub saved_at: Timestamp,
    /// From here on there is no such plan, until it is saved again.
    pub withdrawn: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Saved {
    text: Option<String>,
    saved_at: Timestamp,
}

impl PlansInForce {
    /// Loads what is in force. Versions that `before` has compiled are taken from there.
    pub fn load(read: &dyn Read, before: &Self) -> Result<Self, StoreError> {
        let mut latest = BTreeMap::new();
        read.scan(&PLANS, Range::default(), &mut |key, bytes| {
            let (name, version) = parts(key)?;
            latest.insert(name, (version, bytes.to_vec()));
            Ok(true)
        })?;
        let mut plans = BTreeMap::new();
        for (name, (version, bytes)) in latest {
            let known = before.0.get(&name).filter(|plan| plan.version == version);
            let plan = match known {
                Some(plan) => Some(plan.clone()),
                None => compiled(&name, version, &bytes)?,
            };
            plans.extend(plan.map(|plan| (name, plan)));
        }
        Ok(Self(plans))
    }

    /// One plan alone, in force nowhere: for trials.
    pub fn only(plan: Plan) -> Self {
        Self(BTreeMap::from([(plan.name.clone(), Arc::new(plan))]))
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Plan>> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.0.values()
    }

    /// The plans that apply to a source, by name.
    pub fn of_source(&self, source: &str) -> impl Iterator<Item = &Arc<Plan>> {
        self.iter().filter(move |plan| plan.sources.hold(source))
    }

    /// Writes a plan down as its next version. It is in force after the draft is committed and `load` is called again.
    pub fn define(draft: &mut Draft<'_>, name: &str, text: &str, now: Timestamp) -> Result<Plan, DefineError> {
        if !is_word(name) {
            return Err(DefineError::Name { name: name.to_owned() });
        }
        let version = last_version(draft, name)? + 1;
        let (plan, problems) = Plan::parse(name, version, text);
        let plan = plan.ok_or(DefineError::Plan(problems))?;
        let saved = Saved { text: Some(text.to_owned()), saved_at: now };
        draft.put_json(&PLANS, key(name, version), &saved);
        Ok(plan)
    }

    /// Takes a plan out of force; its versions stay.
    pub fn withdraw(draft: &mut Draft<'_>, name: &str, now: Timestamp) -> Result<(), DefineError> {
        let known = versions(draft, name)?;
        let last = known.last().filter(|version| !version.withdrawn);
        let last = last.ok_or_else(|| DefineError::Unknown { name: name.to_owned() })?;
        draft.put_json(&PLANS, key(name, last.version + 1), &Saved { text: None, saved_at: now });
        Ok(())
    }
}

/// Returns every version of a plan, oldest first.
pub fn versions(read: &dyn Read, name: &str) -> Result<Vec<PlanVersion>, StoreError> {
    let prefix = Key::new().text(name);
    let rows = read.rows(&PLANS, Range::prefix(prefix.as_slice()), usize::MAX)?;
    let version = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let saved = saved(&bytes)?;
        let withdrawn = saved.text.is_none();
        Ok(PlanVersion { version: parts(&key)?.1, saved_at: saved.saved_at, withdrawn })
    };
    rows.into_iter().map(version).collect()
}

/// Returns the text of a version as it was saved.
pub fn text_of(read: &dyn Read, name: &str, version: u32) -> Result<Option<String>, StoreError> {
    let row: Option<Saved> = read.read_json(&PLANS, key(name, version).as_slice())?;
    Ok(row.and_then(|saved| saved.text))
}

#[derive(Debug, thiserror::Error)]
pub enum DefineError {
    #[error("`{name}` is no name for a plan (use a lower-case word of letters, digits, `_` and `-`, at most 64)")]
    Name { name: String },
    #[error("the plan has {} problem(s): {}", .0.len(), summary(.0))]
    Plan(Vec<Problem>),
    #[error("there is no plan `{name}`")]
    Unknown { name: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for DefineError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "plan_name_invalid",
            Self::Plan(_) => "plan_invalid",
            Self::Unknown { .. } => "plan_not_found",
            Self::Store(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

fn summary(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

fn compiled(name: &str, version: u32, bytes: &[u8]) -> Result<Option<Arc<Plan>>, StoreError> {
    let Some(text) = saved(bytes)?.text else { return Ok(None) };
    let (plan, _) = Plan::parse(name, version, &text);
    let plan = plan.ok_or_else(|| corrupt("not a plan that can be read"))?;
    Ok(Some(Arc::new(plan)))
}

fn last_version(read: &dyn Read, name: &str) -> Result<u32, StoreError> {
    let prefix = Key::new().text(name);
    let last = read.rows(&PLANS, Range::prefix(prefix.as_slice()).backward(), 1)?;
    Ok(last.first().map(|(key, _)| parts(key)).transpose()?.map_or(0, |(_, version)| version))
}

fn key(name: &str, version: u32) -> Key {
    Key::new().text(name).u32(version)
}

fn parts(key: &[u8]) -> Result<(String, u32), StoreError> {
    let at = key.len().saturating_sub(4);
    let name = key.get(..at.saturating_sub(1)).unwrap_or_default();
    let version = read_u32(key, at).ok_or_else(|| corrupt("a key without a version"))?;
    Ok((String::from_utf8_lossy(name).into_owned(), version))
}

fn saved(bytes: &[u8]) -> Result<Saved, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| corrupt("not a saved plan"))
}

fn corrupt(reason: &str) -> StoreError {
    StoreError::Corrupt { table: PLANS.name, reason: reason.to_owned() }
}
