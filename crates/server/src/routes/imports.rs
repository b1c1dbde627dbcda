use std::path::PathBuf;

use api::{ErrorBody, ImportList, ImportReport};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use collect::mappings;
use collect::sources::is_word;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::App;
use crate::errors::{Path, Problem, Query};
use crate::house::House;
use crate::imports;

/// The longest end of a file's name that is kept: its format is told by it.
const NAME_LETTERS: usize = 60;
/// What is read of a file at once, to be sent.
const PIECE_BYTES: usize = 64 * 1024;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct Import {
    /// The source that the facts are of: a lower-case word.
    source: String,
    /// The mapping that is kept under this name; without it the one of the source's name.
    mapping: Option<String>,
    /// What the file is called: `.csv`, `.tsv`, `.ndjson`, `.parquet` tell its format, else its contents do.
    name: Option<String>,
}

/// Brings a file in. The body is the file: CSV, NDJSON or Parquet, packed with gzip or not, of any length.
///
/// The answer comes once every fact is on disk. Rows that cannot be read are counted, kept, and listed at `/v1/imports/{id}/errors`. A file that is
/// whole here is brought in even if nobody waits for the answer.
#[utoipa::path(
    post, path = "/v1/imports", tag = "imports", params(Import),
    request_body(content = String, content_type = "application/octet-stream", description = "the file"),
    responses(
        (status = 200, body = ImportReport), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 503, body = ErrorBody)
    ),
    security(("token" = []))
)]
pub async fn create(
    State(app): State<App>,
    Query(wanted): Query<Import>,
    body: Body,
) -> Result<Json<ImportReport>, Problem> {
    let Import { source, mapping, name } = wanted;
    if !is_word(&source) {
        let message = "a source has a name of lower-case letters, digits, `_` and `-`, at most 64";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "source_name_invalid", message));
    }
    let mapping = mappings::get(&app.house.store, mapping.as_deref().unwrap_or(&source))?.mapping()?;
    let upload = Upload::receive(&app.house, name.as_deref().unwrap_or_default(), body).await?;
    let house = app.house.clone();
    let brought = tokio::task::spawn_blocking(move || {
        let report = imports::import(&house, &upload.path, &mapping, &source, &mut |_| {});
        drop(upload);
        report
    });
    let failed = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "import_failed", "the import ended half-way");
    Ok(Json(brought.await.map_err(failed)??))
}

/// Lists the latest imports, newest first, with how far each is.
#[utoipa::path(get, path = "/v1/imports", tag = "imports", responses((status = 200, body = ImportList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<ImportList>, Problem> {
    Ok(Json(ImportList { data: imports::list(&app.house)? }))
}

/// Gives the rows of an import that were refused: one JSON object a line, with its line, the reason and the row itself.
#[utoipa::path(
    get, path = "/v1/imports/{id}/errors", tag = "imports", params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "application/x-ndjson", body = String), (status = 404, body = ErrorBody)
    ),
    security(("token" = []))
)]
pub async fn errors(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("import_not_found", "there is no import of this id");
    let path = imports::refused_rows(&app.house, &id)?.ok_or_else(unknown)?;
    let body = match File::open(&path).await {
        Ok(file) => Body::from_stream(pieces(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Body::empty(),
        Err(_) => {
            let message = "the refused rows cannot be read";
            return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "quarantine_unreadable", message));
        }
    };
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// A file piece by piece.
fn pieces(file: File) -> impl Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(piece), file)))
    })
}

/// A file that was sent, in a folder of the house; it goes with this value.
#[derive(Debug)]
struct Upload {
    path: PathBuf,
}

impl Upload {
    /// Writes a body down piece by piece. Errors: one that breaks off; a disk that takes no more.
    async fn receive(house: &House, name: &str, body: Body) -> Result<Self, Problem> {
        let unwritable = |error: std::io::Error| {
            tracing::warn!(%error, "an upload cannot be written");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "upload_unwritable", "the file cannot be kept on this disk")
        };
        let folder = house.uploads_dir();
        tokio::fs::create_dir_all(&folder).await.map_err(unwritable)?;
        let upload = Self { path: folder.join(format!("{}-{}", house.imports.next_upload(), safe(name))) };
        let mut file = made(&upload.path).await.map_err(unwritable)?;
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let broken = |_| Problem::new(StatusCode::BAD_REQUEST, "body_unreadable", "the body broke off");
            file.write_all(&piece.map_err(broken)?).await.map_err(unwritable)?;
        }
        file.flush().await.map_err(unwritable)?;
        Ok(upload)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Only its owner may read what people are in.
async fn made(path: &std::path::Path) -> std::io::Result<File> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

/// The end of a name, without anything that a path could be made of.
fn safe(name: &str) -> String {
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let letters: Vec<char> = name.chars().filter(allowed).collect();
    letters[letters.len().saturating_sub(NAME_LETTERS)..].iter().collect()
}
