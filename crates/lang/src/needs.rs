use std::collections::BTreeSet;

use crate::{Question, Rule, Rules, Window, value};

/// What the answer to a rule depends on, beside time: for an index from facts to the rules that they may touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// Labels of counted events.
    pub labels: BTreeSet<String>,
    /// Names of traits whose value may be read: for `address.city` both `address.city` and `address`.
    pub trait_names: BTreeSet<String>,
    /// Audiences that are mentioned.
    pub audiences: BTreeSet<String>,
    /// Whether an event is counted for a limited time only.
    pub has_window: bool,
}

impl Needs {
    /// What the rule's own questions depend on.
    pub fn of(rule: &Rule) -> Self {
        let mut needs = Self::default();
        rule.leaves().into_iter().for_each(|question| needs.add(question));
        needs
    }

    /// What the rule and the audiences that it mentions, directly or not, depend on.
    pub fn through(rule: &Rule, rules: &dyn Rules) -> Self {
        let mut needs = Self::of(rule);
        let mut due: Vec<String> = needs.audiences.iter().cloned().collect();
        while let Some(audience) = due.pop() {
            let Some(rule) = rules.rule(&audience) else { continue };
            let further = Self::of(rule);
            due.extend(further.audiences.difference(&needs.audiences).cloned());
            needs.join(further);
        }
        needs
    }

    fn add(&mut self, question: &Question) {
        match question {
            Question::Trait { name, .. } => self.trait_names.extend(value::keys(name).map(str::to_owned)),
            Question::Audience(name) => drop(self.audiences.insert(name.clone())),
            Question::Count(count) => {
                self.labels.insert(count.event.clone());
                self.has_window |= matches!(count.window, Window::LastMs(_));
            }
        }
    }

    fn join(&mut self, other: Self) {
        self.labels.extend(other.labels);
        self.trait_names.extend(other.trait_names);
        self.audiences.extend(other.audiences);
        self.has_window |= other.has_window;
    }
}

impl Rule {
    /// Audiences that the rule itself mentions.
    pub fn audiences(&self) -> BTreeSet<String> {
        Needs::of(self).audiences
    }
}
