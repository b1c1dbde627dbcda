//! Whether the audiences that a rule mentions are there, and do not run in circles.

use crate::text::Reference;
use crate::{Parsed, Problem, Question, Rule, Rules, parse};

/// How many audiences may stand inside each other.
pub(crate) const MAX_AUDIENCE_DEPTH: usize = 16;

/// Finds mentions of audiences that are not there, that lead back to the audience `name` itself or run in another circle, or that
/// reach through more than 16 audiences. Places are those in the rule's canonical text (`rule.to_string()`).
pub fn check_references(rule: &Rule, name: &str, rules: &dyn Rules) -> Vec<Problem> {
    parse(&rule.to_string()).check_references(name, rules)
}

impl Parsed {
    /// Like [`check_references`], with places in the text that was read.
    pub fn check_references(&self, name: &str, rules: &dyn Rules) -> Vec<Problem> {
        self.references.iter().filter_map(|reference| problem(reference, name, rules)).collect()
    }
}

fn problem(reference: &Reference, name: &str, rules: &dyn Rules) -> Option<Problem> {
    let mut walk = Walk { rules, way: vec![name], sound: Vec::new() };
    let (code, message) = walk.follow(&reference.audience).err()?;
    Some(Problem::new(reference.at.clone(), code, message, &[]))
}

struct Walk<'a> {
    rules: &'a dyn Rules,
    /// The audiences from the first to the present one.
    way: Vec<&'a str>,
    /// Audiences without a finding, each with the number of audiences that stand inside each other from it on.
    sound: Vec<(&'a str, usize)>,
}

impl<'a> Walk<'a> {
    /// Returns how many audiences stand inside each other, `audience` included.
    fn follow(&mut self, audience: &'a str) -> Result<usize, (&'static str, String)> {
        if self.way.contains(&audience) {
            return Err(("audience_cycle", format!("the audience `{audience}` would contain itself")));
        }
        let known = self.sound.iter().find(|(sound, _)| *sound == audience).map(|&(_, levels)| levels);
        if self.way.len() + known.unwrap_or(1) > MAX_AUDIENCE_DEPTH + 1 {
            let message = format!("more than {MAX_AUDIENCE_DEPTH} audiences stand inside each other");
            return Err(("audiences_too_deep", message));
        }
        match known {
            Some(levels) => Ok(levels),
            None => self.enter(audience),
        }
    }

    fn enter(&mut self, audience: &'a str) -> Result<usize, (&'static str, String)> {
        let Some(rule) = self.rules.rule(audience) else {
            return Err(("unknown_audience", format!("there is no audience `{audience}`")));
        };
        self.way.push(audience);
        let mut below = 0;
        for question in rule.leaves() {
            if let Question::Audience(inner) = question {
                below = below.max(self.follow(inner)?);
            }
        }
        self.way.pop();
        self.sound.push((audience, below + 1));
        Ok(below + 1)
    }
}
