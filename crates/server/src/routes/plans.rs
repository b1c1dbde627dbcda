use api::{
    ErrorBody, InferPlan, InferredPlan, NewPlan, PlanCheck, PlanCheckRequest, PlanHistory, PlanList, PlanText,
    SavedPlan, TextProblems, ViolationList,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use collect::plans::DefineError;

use super::App;
use crate::errors::{Body, DoorError, Path, Problem};
use crate::plans::{self, blocking};

/// Lists the tracking plans in force.
#[utoipa::path(get, path = "/v1/plans", tag = "plans", responses((status = 200, body = PlanList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<PlanList>, Problem> {
    Ok(Json(blocking(move || plans::list(&app.house)).await?))
}

/// Saves a plan as its next version and puts it in force, or tells every mistake of its text with its line and column.
#[utoipa::path(
    put, path = "/v1/plans/{name}", tag = "plans", params(("name" = String, Path)), request_body = NewPlan,
    responses((status = 200, body = SavedPlan), (status = 422, body = TextProblems)), security(("token" = []))
)]
pub async fn define(
    State(app): State<App>,
    Path(name): Path<String>,
    Body(new): Body<NewPlan>,
) -> Result<Json<SavedPlan>, Problem> {
    let now = app.house.clock.now();
    let saved = blocking(move || {
        let version = app.house.plans.define(&name, &new.plan, now)?;
        Ok::<_, DefineError>(SavedPlan { name, version })
    });
    Ok(Json(saved.await?))
}

/// Shows a plan's text in force, and all of its versions.
#[utoipa::path(
    get, path = "/v1/plans/{name}", tag = "plans", params(("name" = String, Path)),
    responses((status = 200, body = PlanHistory), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<PlanHistory>, Problem> {
    plans::history(&app.house, &name)?.map(Json).ok_or_else(|| unknown(&name))
}

/// Takes a plan out of force; its versions, and what it holds back, stay.
#[utoipa::path(
    delete, path = "/v1/plans/{name}", tag = "plans", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn withdraw(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let now = app.house.clock.now();
    blocking(move || app.house.plans.withdraw(&name, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the text of a version as it was saved.
#[utoipa::path(
    get, path = "/v1/plans/{name}/versions/{version}", tag = "plans",
    params(("name" = String, Path), ("version" = u32, Path)),
    responses((status = 200, body = PlanText), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn version(
    State(app): State<App>,
    Path((name, version)): Path<(String, u32)>,
) -> Result<Json<PlanText>, Problem> {
    let text = plans::text(&app.house, &name, version)?;
    text.map(Json).ok_or_else(|| {
        Problem::not_found(
            "plan_version_not_found",
            format!("there is no text of version {version} of a plan `{name}`"),
        )
    })
}

/// Lists how often events broke a plan, in which ways, with samples.
#[utoipa::path(
    get, path = "/v1/plans/{name}/violations", tag = "plans", params(("name" = String, Path)),
    responses((status = 200, body = ViolationList), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn violations(State(app): State<App>, Path(name): Path<String>) -> Result<Json<ViolationList>, Problem> {
    let asked = name.clone();
    let found = blocking(move || plans::violations(&app.house, &asked)).await?;
    found.map(Json).ok_or_else(|| unknown(&name))
}

/// Infers a plan from what the events of the last days look like. It is to be read, and saved, by a person.
#[utoipa::path(
    post, path = "/v1/plans/infer", tag = "plans", request_body = InferPlan,
    responses((status = 200, body = InferredPlan), (status = 503, body = ErrorBody)), security(("token" = []))
)]
pub async fn infer(State(app): State<App>, Body(wanted): Body<InferPlan>) -> Result<Json<InferredPlan>, Problem> {
    Ok(Json(plans::infer(&app.house, &wanted).await.map_err(DoorError::from)?))
}

/// Tells what a plan would say of an event. Nothing is saved, counted or stored.
#[utoipa::path(
    post, path = "/v1/plans/check", tag = "plans", request_body = PlanCheckRequest,
    responses((status = 200, body = PlanCheck)), security(("token" = []))
)]
pub async fn check(State(app): State<App>, Body(asked): Body<PlanCheckRequest>) -> Json<PlanCheck> {
    let now = app.house.clock.now();
    Json(blocking(move || plans::check(&asked, now)).await)
}

impl From<DefineError> for Problem {
    fn from(error: DefineError) -> Self {
        match error {
            DefineError::Store(error) => error.into(),
            DefineError::Unknown { name } => unknown(&name),
            DefineError::Plan(ref found) => Self::unprocessable(&error).with(plans::problems(found)),
            DefineError::Name { .. } => Self::unprocessable(&error),
        }
    }
}

fn unknown(name: &str) -> Problem {
    Problem::not_found("plan_not_found", format!("there is no plan `{name}`"))
}
