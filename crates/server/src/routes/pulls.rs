use std::io::ErrorKind;

use api::{ErrorBody, NewPull, PullDetail, PullList, PullReport, PullRow};
use axum::Json;
use axum::body::{Body as Sent, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use collect::pull::{self, Pull, PullError, PullsError, RunRecord, Saved};
use futures_util::stream;
use kit::Coded;
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::App;
use crate::errors::{Body, Path, Problem, Query};
use crate::pull_words::{detail, report, row};
use crate::pulls;

/// Bytes of a download that are in memory at once.
const PIECE_BYTES: usize = 64 << 10;

/// Lists every pull, and how it fares.
#[utoipa::path(get, path = "/v1/pulls", tag = "pulls", responses((status = 200, body = PullList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<PullList>, Problem> {
    let pulls = pull::all(&app.house.store)?;
    let data =
        pulls.iter().map(|(pull, saved)| row(&app.house, Some(&app.pulls), pull, saved)).collect::<Result<_, _>>()?;
    Ok(Json(PullList { data }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Create {
    /// Puts the definition in the place of one of its name. What is known of rows and files stays, as long as it reads the same place.
    #[serde(default)]
    #[param(required = false)]
    replace: bool,
}

/// Saves a pull; it runs by its schedule from now on.
#[utoipa::path(
    post, path = "/v1/pulls", tag = "pulls", params(Create), request_body = NewPull,
    responses((status = 201, body = PullRow), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn create(
    State(app): State<App>,
    Query(how): Query<Create>,
    Body(new): Body<NewPull>,
) -> Result<(StatusCode, Json<PullRow>), Problem> {
    let mut draft = app.house.store.draft();
    let pull = pull::create(&mut draft, &new.definition, how.replace, app.house.clock.now())?;
    check_resting(&app, &pull.name)?;
    app.house.store.commit(draft)?;
    app.pulls.take_up();
    let (pull, saved) = known(&app, &pull.name)?;
    Ok((StatusCode::CREATED, Json(row(&app.house, Some(&app.pulls), &pull, &saved)?)))
}

/// Counts what a definition would bring if it were saved, and writes nothing.
#[utoipa::path(
    post, path = "/v1/pulls/dry-run", tag = "pulls", request_body = NewPull,
    responses((status = 200, body = PullReport), (status = 422, body = ErrorBody), (status = 503, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn dry_run_of(State(app): State<App>, Body(new): Body<NewPull>) -> Result<Json<PullReport>, Problem> {
    let (pull, problems) = Pull::parse(&new.definition);
    let pull = pull.ok_or(PullsError::Invalid { problems })?;
    Ok(Json(report(&pulls::dry_run(&app.house, &pull, &|_| {}).await?)))
}

/// Tells how a pull fares: its progress, and its last runs.
#[utoipa::path(
    get, path = "/v1/pulls/{name}", tag = "pulls", params(("name" = String, Path)),
    responses((status = 200, body = PullDetail), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<PullDetail>, Problem> {
    let (pull, saved) = known(&app, &name)?;
    Ok(Json(detail(&app.house, Some(&app.pulls), &pull, &saved)?))
}

/// Removes a pull, and what is known of its rows and files. The facts that it brought stay.
#[utoipa::path(
    delete, path = "/v1/pulls/{name}", tag = "pulls", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn remove(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    check_resting(&app, &name)?;
    let mut draft = app.house.store.draft();
    pull::remove(&mut draft, &name)?;
    app.house.store.commit(draft)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a pull run now. It is answered at once; `GET /v1/pulls/{name}` tells how the run fares.
#[utoipa::path(
    post, path = "/v1/pulls/{name}/run", tag = "pulls", params(("name" = String, Path)),
    responses((status = 202, body = PullRow), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn run(State(app): State<App>, Path(name): Path<String>) -> Result<(StatusCode, Json<PullRow>), Problem> {
    let (pull, saved) = known(&app, &name)?;
    if !app.pulls.ask_for(&name) {
        return Err(running(&name));
    }
    Ok((StatusCode::ACCEPTED, Json(row(&app.house, Some(&app.pulls), &pull, &saved)?)))
}

/// Counts what the next run would bring, and writes nothing.
#[utoipa::path(
    post, path = "/v1/pulls/{name}/dry-run", tag = "pulls", params(("name" = String, Path)),
    responses(
        (status = 200, body = PullReport), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 503, body = ErrorBody)
    ),
    security(("token" = []))
)]
pub async fn dry_run(State(app): State<App>, Path(name): Path<String>) -> Result<Json<PullReport>, Problem> {
    let (pull, _) = known(&app, &name)?;
    Ok(Json(report(&pulls::dry_run(&app.house, &pull, &|_| {}).await?)))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct WhichRun {
    /// The number of a run; the last one with rows that could not be read when absent.
    run: Option<u64>,
}

/// Downloads the rows that a run could not read: one JSON object a line, with the row, its place and the reason.
#[utoipa::path(
    get, path = "/v1/pulls/{name}/errors", tag = "pulls", params(("name" = String, Path), WhichRun),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson"), (status = 404, body = ErrorBody)
    ),
    security(("token" = []))
)]
pub async fn errors(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(which): Query<WhichRun>,
) -> Result<Response, Problem> {
    known(&app, &name)?;
    let runs = pull::state(&app.house.store, &name)?.runs;
    let is_meant = |run: &&RunRecord| run.errors.is_some() && which.run.is_none_or(|number| number == run.number);
    let none = || Problem::not_found("errors_not_found", "no such run of this pull has rows that could not be read");
    let file_name = runs.iter().find(is_meant).and_then(|run| run.errors.clone()).ok_or_else(none)?;
    let file = File::open(app.house.quarantine_dir().join(&file_name)).await.map_err(|error| match error.kind() {
        ErrorKind::NotFound => none(),
        _ => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "quarantine_unreadable", "the rows cannot be read"),
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")),
    ];
    Ok((headers, Sent::from_stream(stream::try_unfold(file, next_piece))).into_response())
}

async fn next_piece(mut file: File) -> std::io::Result<Option<(Bytes, File)>> {
    let mut piece = vec![0; PIECE_BYTES];
    let read = file.read(&mut piece).await?;
    piece.truncate(read);
    Ok((read > 0).then(|| (Bytes::from(piece), file)))
}

fn known(app: &App, name: &str) -> Result<(Pull, Saved), Problem> {
    let unknown = || PullsError::Unknown { name: name.to_owned() };
    Ok(pull::get(&app.house.store, name)?.ok_or_else(unknown)?)
}

/// A run that is under way works with the definition that it began with.
fn check_resting(app: &App, name: &str) -> Result<(), Problem> {
    if app.pulls.is_running(name) { Err(running(name)) } else { Ok(()) }
}

fn running(name: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "pull_running", format!("the pull `{name}` is running"))
}

impl From<PullsError> for Problem {
    fn from(error: PullsError) -> Self {
        match error {
            PullsError::Store(error) => Self::from(error),
            PullsError::Unknown { .. } => Self::of(&error, StatusCode::NOT_FOUND),
            PullsError::Exists { .. } => Self::of(&error, StatusCode::CONFLICT),
            PullsError::Invalid { .. } => Self::unprocessable(&error),
        }
    }
}

impl From<PullError> for Problem {
    fn from(error: PullError) -> Self {
        match error {
            PullError::Store(error) => Self::from(error),
            error if error.code() == "scratch_unwritable" => Self::of(&error, StatusCode::INTERNAL_SERVER_ERROR),
            error => Self::unprocessable(&error),
        }
    }
}
