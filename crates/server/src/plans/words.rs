//! Plans as the routes and the command line show them.

use api::{
    BrokenPlan, PlanCheck, PlanCheckRequest, PlanHistory, PlanList, PlanRow, PlanText, PlanVersionRow, TextProblem,
    Violation, ViolationList, ViolationRow,
};
use collect::plans::{self, Broken, Judged, Plan, PlansInForce, Problem, Sources, violations as counted};
use collect::spec::{self, Door, Route};
use kit::Timestamp;
use model::Event;
use serde_json::json;
use store::{Read, StoreError};

use crate::house::House;

/// Returns the plans in force.
pub fn list(house: &House) -> Result<PlanList, StoreError> {
    house.plans.write_counts()?;
    let read = house.store.snapshot();
    let rows = house.plans.in_force().iter().map(|plan| row(&read, plan)).collect::<Result<_, _>>()?;
    Ok(PlanList { data: rows })
}

/// Returns everything that was ever saved of a plan.
pub fn history(house: &House, name: &str) -> Result<Option<PlanHistory>, StoreError> {
    let versions = plans::versions(&house.store, name)?;
    let Some(last) = versions.last() else { return Ok(None) };
    let plan = plans::text_of(&house.store, name, last.version)?;
    let version = |version: &plans::PlanVersion| PlanVersionRow {
        version: version.version,
        saved_at: version.saved_at.to_string(),
        withdrawn: version.withdrawn,
    };
    Ok(Some(PlanHistory { name: name.to_owned(), plan, versions: versions.iter().map(version).collect() }))
}

/// Returns the text of a version as it was saved.
pub fn text(house: &House, name: &str, version: u32) -> Result<Option<PlanText>, StoreError> {
    let text = plans::text_of(&house.store, name, version)?;
    Ok(text.map(|plan| PlanText { name: name.to_owned(), version, plan }))
}

/// Returns how often events broke a plan, up to this moment; nothing where there never was such a plan.
pub fn violations(house: &House, name: &str) -> Result<Option<ViolationList>, StoreError> {
    if plans::versions(&house.store, name)?.is_empty() {
        return Ok(None);
    }
    house.plans.write_counts()?;
    let counts = counted::list(&house.store, Some(name))?;
    let total = counts.iter().map(|count| count.count).sum();
    Ok(Some(ViolationList { data: counts.into_iter().map(violation_row).collect(), total }))
}

/// Tells what a plan would say of an event. Nothing is saved, counted or stored.
pub fn check(asked: &PlanCheckRequest, now: Timestamp) -> PlanCheck {
    let (plan, found) = Plan::parse("check", 1, &asked.plan);
    let Some(plan) = plan else { return PlanCheck { problems: problems(&found), ..PlanCheck::default() } };
    let source = match (&asked.source, &plan.sources) {
        (Some(source), _) => source.clone(),
        (None, Sources::These(names)) => names.first().cloned().unwrap_or_default(),
        (None, Sources::All) => "check".to_owned(),
    };
    match message(asked, Door::live(source.into(), now)) {
        Ok(event) => checked(PlansInForce::only(plan).judge(event)),
        Err(message) => {
            PlanCheck { verdict: Some("refused".to_owned()), message: Some(message), ..PlanCheck::default() }
        }
    }
}

pub(crate) fn broken(broken: &Broken) -> BrokenPlan {
    BrokenPlan {
        plan: broken.plan.clone(),
        version: broken.version,
        violations: broken.violations.iter().map(violation).collect(),
        more: broken.more as u64,
    }
}

pub(crate) fn problems(problems: &[Problem]) -> Vec<TextProblem> {
    let wire = |problem: &Problem| TextProblem {
        line: problem.line as u64,
        column: problem.column as u64,
        message: problem.message.clone(),
    };
    problems.iter().map(wire).collect()
}

fn message(asked: &PlanCheckRequest, door: Door) -> Result<Event, String> {
    let batch = json!({ "batch": [asked.event] }).to_string();
    let mut taken = spec::accept(Route::Batch, batch.as_bytes(), &door).map_err(|refusal| refusal.to_string())?;
    match (taken.events.pop(), taken.refused.pop()) {
        (Some(mut event), _) => {
            consent::mark(&mut event);
            Ok(event)
        }
        (None, refused) => Err(refused.map(|refused| refused.message).unwrap_or_default()),
    }
}

fn checked(judged: Judged) -> PlanCheck {
    let broken = judged.broken.first();
    PlanCheck {
        verdict: Some(if judged.held { "quarantined" } else { "stored" }.to_owned()),
        violations: broken.map(|broken| broken.violations.iter().map(violation).collect()).unwrap_or_default(),
        more: broken.map_or(0, |broken| broken.more as u64),
        removed: judged.removed.iter().map(|removed| removed.pointer.clone()).collect(),
        event: serde_json::to_value(&judged.event).ok(),
        ..PlanCheck::default()
    }
}

fn row(read: &dyn Read, plan: &Plan) -> Result<PlanRow, StoreError> {
    let saved = plans::versions(read, &plan.name)?.pop();
    let violations = counted::list(read, Some(&plan.name))?.iter().map(|count| count.count).sum();
    Ok(PlanRow {
        name: plan.name.clone(),
        version: plan.version,
        sources: match &plan.sources {
            Sources::All => None,
            Sources::These(names) => Some(names.clone()),
        },
        mode: plan.mode.as_str().to_owned(),
        unplanned_events: plan.unplanned_events.as_str().to_owned(),
        rules: plan.rules().len() as u64,
        saved_at: saved.map(|saved| saved.saved_at.to_string()).unwrap_or_default(),
        violations,
    })
}

fn violation(violation: &plans::Violation) -> Violation {
    Violation {
        rule: violation.rule.clone(),
        pointer: violation.pointer.clone(),
        kind: violation.kind.as_str().to_owned(),
        expected: violation.expected.clone(),
        mode: violation.mode.as_str().to_owned(),
    }
}

fn violation_row(count: counted::ViolationCount) -> ViolationRow {
    ViolationRow {
        version: count.version,
        event: count.event,
        kind: count.kind.as_str().to_owned(),
        pointer: count.pointer,
        count: count.count,
        first_seen: count.first_seen.to_string(),
        last_seen: count.last_seen.to_string(),
        samples: count.samples,
    }
}
