use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Told;
use model::Event;
use serde_json::Value;

use super::envelope::envelope;
use super::{Kind, Mode, Plan, Rule, Verdict, Violation, names};
use crate::fields::Pointer;

const MOST_VIOLATIONS: usize = 100;

/// What a validator found, with its exact place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// A place in the plan's rules.
    pub rule: usize,
    pub at: Pointer,
    pub kind: Kind,
    /// The keyword that was not kept, as a pointer into the rule's schema.
    pub keyword: String,
}

pub(super) fn verdict(plan: &Plan, event: &Event) -> Verdict {
    let envelope = envelope(event);
    let findings = findings(plan, event, &envelope);
    let unplanned = (!plan.plans(event)).then(|| unplanned_event(plan));
    let more = (findings.len() + usize::from(unplanned.is_some())).saturating_sub(MOST_VIOLATIONS);
    let mut violations: Vec<Violation> = unplanned.into_iter().collect();
    // The strongest stay, should there be too many to tell.
    let mut told: Vec<&Finding> = findings.iter().collect();
    told.sort_by_key(|finding| std::cmp::Reverse(plan.rules[finding.rule].mode));
    violations.extend(told.into_iter().map(|finding| violation(plan, finding)));
    violations.truncate(MOST_VIOLATIONS);
    Verdict { violations, more }
}

/// Returns everything that the rules for this event say against the envelope.
pub(super) fn findings(plan: &Plan, event: &Event, envelope: &Value) -> BTreeSet<Finding> {
    let broken = plan.rules_for(event).filter(|(_, rule)| !rule.validator.is_valid(envelope));
    broken.flat_map(|(at, rule)| rule_findings(at, rule, envelope)).collect()
}

fn rule_findings(at: usize, rule: &Rule, envelope: &Value) -> BTreeSet<Finding> {
    rule.validator.iter_errors(envelope).flat_map(|error| read(at, &error)).collect()
}

fn read(rule: usize, error: &ValidationError<'_>) -> Vec<Finding> {
    let at: Pointer = error.instance_path().as_str().parse().unwrap_or_default();
    let keyword = error.schema_path().as_str().to_owned();
    let finding = |at: Pointer, kind: Kind| Finding { rule, at, kind, keyword: keyword.clone() };
    match error.kind() {
        Told::AdditionalProperties { unexpected } | Told::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| finding(at.join(name), Kind::UnplannedProperty)).collect()
        }
        Told::Required { property } => {
            vec![finding(at.join(property.as_str().unwrap_or_default()), Kind::RequiredMissing)]
        }
        Told::FalseSchema => vec![finding(at, Kind::UnplannedProperty)],
        Told::Type { .. } => vec![finding(at, Kind::WrongType)],
        Told::Enum { .. } | Told::Constant { .. } => vec![finding(at, Kind::NotInEnum)],
        Told::Pattern { .. } | Told::Format { .. } => vec![finding(at, Kind::Pattern)],
        _ => vec![finding(at, Kind::Other)],
    }
}

fn violation(plan: &Plan, finding: &Finding) -> Violation {
    let rule = &plan.rules[finding.rule];
    Violation {
        rule: names::shortened(&rule.target.to_string()),
        pointer: names::shown(&finding.at),
        kind: finding.kind,
        expected: expected(rule, finding),
        mode: rule.mode,
    }
}

fn unplanned_event(plan: &Plan) -> Violation {
    Violation {
        rule: "unplanned_events".to_owned(),
        pointer: "/event".to_owned(),
        kind: Kind::UnplannedEvent,
        expected: "an event of the plan".to_owned(),
        mode: match plan.unplanned_events {
            Mode::DropField => Mode::Warn,
            mode => mode,
        },
    }
}

/// What the schema asks for: the keyword and its value, as the plan's author wrote them.
fn expected(rule: &Rule, finding: &Finding) -> String {
    match finding.kind {
        Kind::RequiredMissing => return "must be there".to_owned(),
        Kind::UnplannedProperty => return "must not be there".to_owned(),
        _ => {}
    }
    let keyword = finding.keyword.rsplit('/').next().unwrap_or_default();
    match rule.schema.pointer(&finding.keyword) {
        Some(value) => names::shortened(&format!("{keyword}: {value}")),
        None => keyword.to_owned(),
    }
}
