use api::{
    AudienceList, AudienceRow, Cursor, ErrorBody, MemberList, MemberRow, NewAudience, Preview, PreviewRequest, Why,
};
use audiences::{Audience, DefineError, InForce};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::ProfileId;
use serde::Deserialize;
use store::StoreError;

use super::{App, profiles};
use crate::errors::{Body, Path, Problem, Query};
use crate::{House, questions};

/// Lists every audience with its size now.
#[utoipa::path(get, path = "/v1/audiences", tag = "audiences", responses((status = 200, body = AudienceList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<AudienceList>, Problem> {
    let in_force = app.house.in_force();
    let rows = in_force.iter().map(|audience| row(&app.house, audience)).collect::<Result<_, _>>()?;
    Ok(Json(AudienceList { data: rows }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Writes an audience of this name anew, if there is one.
    #[serde(default)]
    #[param(required = false)]
    replace: bool,
}

/// Defines an audience; the answer comes when everyone has been asked.
#[utoipa::path(
    post, path = "/v1/audiences", tag = "audiences", params(Create), request_body = NewAudience,
    responses((status = 201, body = AudienceRow), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn create(
    State(app): State<App>,
    Query(how): Query<Create>,
    Body(new): Body<NewAudience>,
) -> Result<(StatusCode, Json<AudienceRow>), Problem> {
    if !how.replace {
        InForce::load(&app.house.store)?.check_free(&new.name)?;
    }
    let audience = questions::define(&app.house, &new.name, &new.rule, &new.description)?;
    app.walker.redefine().await;
    Ok((StatusCode::CREATED, Json(row(&app.house, &audience)?)))
}

/// Gives the exact size of a rule without defining an audience, or the problems of its text.
#[utoipa::path(
    post, path = "/v1/audiences/preview", tag = "audiences", request_body = PreviewRequest,
    responses((status = 200, body = Preview), (status = 503, body = ErrorBody)), security(("token" = []))
)]
pub async fn preview(State(app): State<App>, Body(request): Body<PreviewRequest>) -> Result<Json<Preview>, Problem> {
    Ok(Json(questions::preview(&app.house, &request.rule).await?))
}

/// Removes an audience: everyone leaves it.
#[utoipa::path(
    delete, path = "/v1/audiences/{name}", tag = "audiences", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn remove(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    questions::undefine(&app.house, &name)?;
    app.walker.redefine().await;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists an audience's members in the order of their ids.
#[utoipa::path(
    get, path = "/v1/audiences/{name}/members", tag = "audiences", params(("name" = String, Path), profiles::Page),
    responses((status = 200, body = MemberList), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn members(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(page): Query<profiles::Page>,
) -> Result<Json<MemberList>, Problem> {
    let house = &app.house;
    if house.in_force().get(&name).is_none() {
        return Err(unknown(&name));
    }
    let read = house.store.snapshot();
    let limit = page.limit();
    let after = page.next.as_deref().map(profiles::parse_id).transpose()?;
    let mut found = audiences::members(&read, &name, after, limit + 1)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|member| member.profile.to_string());
    let member = |member: model::Membership| {
        let label = profiles::label(&read, member.profile)?;
        Ok::<_, StoreError>(MemberRow { id: member.profile.to_string(), label, since: member.since.to_string() })
    };
    Ok(Json(MemberList {
        data: found.into_iter().map(member).collect::<Result<_, _>>()?,
        cursor: Cursor { has_more, limit: limit as u64, next },
        total: house.with_members(|members| members.size(&name)),
    }))
}

/// Tells why a profile is, or is not, in an audience, with the evidence for each part of the rule.
#[utoipa::path(
    get, path = "/v1/audiences/{name}/why/{profile}", tag = "audiences",
    params(("name" = String, Path), ("profile" = String, Path, description = "`P17` or `kind:value`")),
    responses((status = 200, body = Why), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn why(State(app): State<App>, Path((name, profile)): Path<(String, String)>) -> Result<Json<Why>, Problem> {
    let profile: ProfileId = profiles::find(&app.house, &profile)?;
    questions::why(&app.house, &name, profile)?.map(Json).ok_or_else(|| unknown(&name))
}

impl From<DefineError> for Problem {
    fn from(error: DefineError) -> Self {
        match error {
            DefineError::Store(error) => error.into(),
            DefineError::Unknown { name } => unknown(&name),
            error @ DefineError::Exists { .. } => Self::of(&error, StatusCode::CONFLICT),
            other => Self::unprocessable(&other),
        }
    }
}

fn unknown(name: &str) -> Problem {
    Problem::not_found("audience_not_found", format!("there is no audience `{name}`"))
}

fn row(house: &House, audience: &Audience) -> Result<AudienceRow, Problem> {
    let size = house.with_members(|members| members.size(&audience.name));
    let all = identity::totals(&house.store)?.profiles;
    let destinations = activation::definitions(&house.store)?.into_iter();
    Ok(AudienceRow {
        name: audience.name.clone(),
        description: audience.description.clone(),
        rule: audience.rule.to_string(),
        rule_json: serde_json::to_value(&audience.rule).unwrap_or_default(),
        size,
        share: if all == 0 { 0.0 } else { size as f64 / f64::from(all) },
        destinations: destinations.filter(|one| one.audience == audience.name).map(|one| one.name).collect(),
        created_at: audience.created_at.to_string(),
    })
}
