use std::collections::{BTreeMap, BTreeSet, HashMap};

use kit::{Coded, Timestamp};
use lang::{Needs, Problem, Rule, Rules};
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::Changed;
use crate::tables::AUDIENCES;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audience {
    pub name: String,
    pub description: String,
    pub rule: Rule,
    pub created_at: Timestamp,
}

/// The audiences in force, and which of them ask for what.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    audiences: BTreeMap<String, Audience>,
    by_label: Index,
    by_trait: Index,
}

/// Which audiences ask for a label, or for a trait.
type Index = HashMap<String, BTreeSet<String>>;

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

    /// Refuses a name that an audience has already, for callers who do not mean to replace one.
    pub fn check_free(&self, name: &str) -> Result<(), DefineError> {
        match self.get(name) {
            Some(_) => Err(DefineError::Exists { name: name.to_owned() }),
            None => Ok(()),
        }
    }

    /// Reads a rule and checks what it refers to; `name` is the audience that it is for, or empty.
    pub fn check(&self, name: &str, rule: &str) -> Result<Rule, Vec<Problem>> {
        let mut parsed = lang::parse(rule);
        if parsed.problems.is_empty() {
            parsed.problems = parsed.check_references(name, self);
        }
        match parsed.rule {
            Some(rule) if parsed.problems.is_empty() => Ok(rule),
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
        self.by_label.keys().cloned().collect()
    }

    /// The event labels that one audience asks for, itself or through others.
    pub fn labels_of(&self, name: &str) -> BTreeSet<String> {
        self.get(name).map(|audience| Needs::through(&audience.rule, self).labels).unwrap_or_default()
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

    /// The audiences that could answer otherwise now, by name.
    pub(crate) fn concerned(&self, changed: &Changed) -> Vec<&Audience> {
        match changed {
            Changed::Everything => self.audiences.values().collect(),
            Changed::Due(names) => names.iter().filter_map(|name| self.get(name)).collect(),
            Changed::Parts { labels, traits } => {
                let by_label = labels.iter().filter_map(|label| self.by_label.get(label));
                let by_trait = traits.iter().filter_map(|name| self.by_trait.get(name));
                let names: BTreeSet<_> = by_label.chain(by_trait).flatten().collect();
                names.into_iter().filter_map(|name| self.get(name)).collect()
            }
        }
    }

    fn of(audiences: BTreeMap<String, Audience>) -> Self {
        let mut in_force = Self { audiences, ..Self::default() };
        let (mut by_label, mut by_trait) = (Index::new(), Index::new());
        for audience in in_force.iter() {
            let needs = Needs::through(&audience.rule, &in_force);
            index(&mut by_label, needs.labels, &audience.name);
            index(&mut by_trait, needs.trait_names, &audience.name);
        }
        in_force.by_label = by_label;
        in_force.by_trait = by_trait;
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
    #[error("there is an audience `{name}` already")]
    Exists { name: String },
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
            Self::Exists { .. } => "audience_exists",
            Self::Unknown { .. } => "audience_not_found",
            Self::InUse { .. } => "audience_in_use",
            Self::Store(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

fn index(index: &mut Index, asked: BTreeSet<String>, audience: &str) {
    for name in asked {
        index.entry(name).or_default().insert(audience.to_owned());
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
