//! Who may ask: the administrator's token, and write keys that only write.

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::{Digest, Secret};
use store::{Draft, Erasure, Keep, Range, Read, ReadExt, Store, StoreError, Table};

use crate::errors::Problem;
use crate::routes::App;

pub(crate) static TOKENS: Table = Table {
    name: "tokens",
    about: "a token of the admin API: digest of the token → nothing",
    writer: "server",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// A token that was just made. It is shown once; only its digest is kept.
#[derive(Debug)]
pub struct Token(pub Secret);

/// Makes the administrator's token when the house has none yet, or when `afresh` asks for another one.
pub fn first_token(store: &Store, afresh: bool) -> Result<Option<Token>, StoreError> {
    if !afresh && !store.rows(&TOKENS, Range::default(), 1)?.is_empty() {
        return Ok(None);
    }
    let random = |_| StoreError::Backend("the operating system gives no random bytes".to_owned());
    let token = Secret::generate("sonder").map_err(random)?;
    let mut draft: Draft<'_> = store.draft();
    draft.put_bytes(&TOKENS, *digest(token.expose()).as_bytes(), Vec::new());
    store.commit(draft)?;
    Ok(Some(Token(token)))
}

/// Lets a request pass that carries an administrator's token.
pub(crate) async fn admins_only(State(app): State<App>, request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    match token.map(|token| is_admin(&app.house.store, token)) {
        Some(Ok(true)) => next.run(request).await,
        Some(Err(error)) => Problem::from(error).into_response(),
        Some(Ok(false)) => Problem::unauthorized("token_unknown", "this token opens nothing").into_response(),
        None => Problem::unauthorized("token_missing", "this needs an administrator's token").into_response(),
    }
}

fn is_admin(store: &Store, token: &str) -> Result<bool, StoreError> {
    Ok(store.get(&TOKENS, digest(token).as_bytes())?.is_some())
}

fn digest(token: &str) -> Digest {
    Digest::of(&["token", token])
}
