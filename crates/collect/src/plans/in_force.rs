use std::collections::BTreeMap;
use std::sync::Arc;

use kit::{Coded, Timestamp};
use store::{Draft, Erasure, Keep, Read, StoreError, Table};

use super::{Plan, Problem};
use crate::sources::is_word;
use crate::versioned::{self, Saved, summary};

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

impl PlansInForce {
    /// Loads what is in force. Versions that `before` has compiled are taken from there.
    pub fn load(read: &dyn Read, before: &Self) -> Result<Self, StoreError> {
        let mut plans = BTreeMap::new();
        for (name, version, saved) in versioned::latest(read, &PLANS)? {
            let known = before.0.get(&name).filter(|plan| plan.version == version);
            let plan = match known {
                Some(plan) => Some(plan.clone()),
                None => compiled(&name, version, saved)?,
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
        let version = versioned::last(draft, &PLANS, name)?.map_or(0, |(version, _)| version) + 1;
        let (plan, problems) = Plan::parse(name, version, text);
        let plan = plan.ok_or(DefineError::Plan(problems))?;
        let saved = Saved { text: Some(text.to_owned()), saved_at: now };
        versioned::put(draft, &PLANS, name, version, &saved);
        Ok(plan)
    }

    /// Takes a plan out of force; its versions stay.
    pub fn withdraw(draft: &mut Draft<'_>, name: &str, now: Timestamp) -> Result<(), DefineError> {
        let known = versions(draft, name)?;
        let last = known.last().filter(|version| !version.withdrawn);
        let last = last.ok_or_else(|| DefineError::Unknown { name: name.to_owned() })?;
        versioned::put(draft, &PLANS, name, last.version + 1, &Saved { text: None, saved_at: now });
        Ok(())
    }
}

/// Returns every version of a plan, oldest first.
pub fn versions(read: &dyn Read, name: &str) -> Result<Vec<PlanVersion>, StoreError> {
    let plan_version =
        |(version, Saved { text, saved_at })| PlanVersion { version, saved_at, withdrawn: text.is_none() };
    Ok(versioned::all_of(read, &PLANS, name)?.into_iter().map(plan_version).collect())
}

/// Returns the text of a version as it was saved.
pub fn text_of(read: &dyn Read, name: &str, version: u32) -> Result<Option<String>, StoreError> {
    Ok(versioned::get(read, &PLANS, name, version)?.and_then(|saved| saved.text))
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

fn compiled(name: &str, version: u32, saved: Saved) -> Result<Option<Arc<Plan>>, StoreError> {
    let Some(text) = saved.text else { return Ok(None) };
    let (plan, _) = Plan::parse(name, version, &text);
    let corrupt = || StoreError::Corrupt { table: PLANS.name, reason: "not a plan that can be read".to_owned() };
    plan.map(|plan| Some(Arc::new(plan))).ok_or_else(corrupt)
}
