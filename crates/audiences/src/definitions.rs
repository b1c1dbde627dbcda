use std::collections::{BTreeMap, BTreeSet};

use kit::{Coded, Timestamp};
use lang::{Needs, Problem, Rule, Rules};
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::tables::AUDIENCES;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audience {
    pub name: String,
    pub description: String,
    pub rule: Rule,
    pub created_at: Timestamp,
}

/// The audiences in force, with what each of them asks for.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    audiences: BTreeMap<String, Audience>,
    needs: BTreeMap<String, Needs>,
}

impl InForce {
    pub fn load(read: &dyn Read) -> Result<Self, StoreError> {
        let mut audiences = BTreeMap::new();
        for (_, bytes) in read.rows(&AUDIENCES, Range::default(), usize::MAX)? {
            let audience: Audience = serde_json::from_slice(&bytes)
                .map_err(|_| StoreError::Corrupt { table: AUDIENCES.name, reason: "not a definition".to_owned() })?;
            audiences.insert(audience.name.clone(), audience);
        }
        Ok(Self::of(audiences))
    }

    /// Checks a definition against the others and writes it down. It is in force after the draft is committed and `load` is called again.
    pub fn define(
        &self,
        draft: &mut Draft<'_>,
        name: &str,
        rule: &str,
        description: &str,
        now: Timestamp,
    ) -> Result<Audience, DefineError> {
        if !is_word(name) {
            return Err(DefineError::Name { name: name.to_owned() });
        }
        let rule = self.check(name, rule).map_err(DefineError::Rule)?;
        let audience = Audience { name: name.to_owned(), description: description.to_owned(), rule, created_at: now };
        draft.put_json(&AUDIENCES, Key::new().text(name), &audience);
        Ok(audience)
    }

    /// Reads a rule and checks what it refers to; `name` is the audience that it is for, or empty.
    pub fn check(&self, name: &str, rule: &str) -> Result<Rule, Vec<Problem>> {
        let parsed = lang::parse(rule);
        match parsed.rule {
            Some(rule) if parsed.problems.is_empty() => {
                let problems = lang::check_references(&rule, name, self);
                if problems.is_empty() { Ok(rule) } else { Err(problems) }
            }
            _ => Err(parsed.problems),
        }
    }

    /// Removes a definition, unless another audience asks for it.
    pub fn remove(&self, draft: &mut Draft<'_>, name: &str) -> Result<(), DefineError> {
        if !self.audiences.contains_key(name) {
            return Err(DefineError::Unknown { name: name.to_owned() });
        }
        let mut others = self.audiences.values().filter(|other| other.name != name);
        if let Some(user) = others.find(|other| other.rule.audiences().contains(name)) {
            return Err(DefineError::InUse { name: name.to_owned(), by: user.name.clone() });
        }
        draft.remove(&AUDIENCES, Key::new().text(name));
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<&Audience> {
        self.audiences.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Audience> {
        self.audiences.values()
    }

    pub fn len(&self) -> usize {
        self.audiences.len()
    }

    pub fn is_empty(&self) -> bool {
        self.audiences.is_empty()
    }

    /// Every event label that some audience asks for.
    pub fn labels(&self) -> BTreeSet<String> {
        self.needs.values().flat_map(|needs| needs.labels.iter().cloned()).collect()
    }

    /// The event labels that one audience asks for, itself or through others.
    pub fn labels_of(&self, name: &str) -> BTreeSet<String> {
        self.needs.get(name).map(|needs| needs.labels.clone()).unwrap_or_default()
    }

    /// An audience, and all that ask for it, itself or through others: those whose answers may change with its rule.
    pub fn asking(&self, name: &str) -> BTreeSet<String> {
        let mut asking = BTreeSet::from([name.to_owned()]);
        loop {
            let asks = |audience: &&Audience| !audience.rule.audiences().is_disjoint(&asking);
            let more: Vec<_> = self.iter().filter(asks).map(|audience| audience.name.clone()).collect();
            let known = asking.len();
            asking.extend(more);
            if asking.len() == known {
                return asking;
            }
        }
    }

    pub(crate) fn needs(&self, name: &str) -> Option<&Needs> {
        self.needs.get(name)
    }

    fn of(audiences: BTreeMap<String, Audience>) -> Self {
        let mut in_force = Self { audiences, needs: BTreeMap::new() };
        let needs = in_force.iter().map(|audience| (audience.name.clone(), Needs::through(&audience.rule, &in_force)));
        in_force.needs = needs.collect();
        in_force
    }
}

impl Rules for InForce {
    fn rule(&self, audience: &str) -> Option<&Rule> {
        self.audiences.get(audience).map(|audience| &audience.rule)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DefineError {
    #[error("`{name}` is no name for an audience (use a lower-case word of letters, digits and `_`, at most 64)")]
    Name { name: String },
    #[error("the rule has {} problem(s): {}", .0.len(), summary(.0))]
    Rule(Vec<Problem>),
    #[error("there is no audience `{name}`")]
    Unknown { name: String },
    #[error("audience `{name}` is asked for by audience `{by}`")]
    InUse { name: String, by: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for DefineError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "audience_name_invalid",
            Self::Rule(_) => "rule_invalid",
            Self::Unknown { .. } => "audience_not_found",
            Self::InUse { .. } => "audience_in_use",
            Self::Store(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

fn summary(problems: &[Problem]) -> String {
    let lines: Vec<_> =
        problems.iter().map(|problem| format!("at {}: {}", problem.at.start, problem.message)).collect();
    lines.join("; ")
}

fn is_word(name: &str) -> bool {
    let starts = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    starts
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
