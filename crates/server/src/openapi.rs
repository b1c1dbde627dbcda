use axum::Json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Info, InfoBuilder, OpenApi, Ref, Response, ResponseBuilder, Server,
};

use crate::routes;

/// Returns the OpenAPI 3.1 document of the whole API, made from the handlers.
pub fn document() -> OpenApi {
    let mut document = routes::described();
    name_operations(&mut document);
    operations(&mut document).for_each(add_common_answers);
    document.info = info();
    document.servers = Some(vec![Server::new("/")]);
    let http = |scheme| SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
    let mut components = document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    components.add_security_scheme("token", http(HttpAuthScheme::Bearer));
    components.add_security_scheme("write_key", http(HttpAuthScheme::Basic));
    document.components = Some(components);
    document
}

/// Handlers of two rooms may have one name; with the room before it, it is unique.
fn name_operations(document: &mut OpenApi) {
    for operation in operations(document) {
        let room = operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
        operation.operation_id = operation.operation_id.take().map(|name| format!("{room}_{name}"));
    }
}

fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    let items = document.paths.paths.values_mut();
    items.flat_map(|item| [&mut item.get, &mut item.post, &mut item.put, &mut item.delete]).flatten()
}

/// What the layers and readers around every handler may answer, unless the handler says more of it: no right to ask, what cannot be read, what
/// is too large, what is readable and means nothing, and a state that cannot be read or written now.
fn add_common_answers(operation: &mut Operation) {
    let (has_body, is_asked) = (operation.request_body.is_some(), operation.parameters.is_some());
    let answers = [
        (401, "the token or the write key is missing or unknown", operation.security.is_some()),
        (400, "the path, the query or the body cannot be read", has_body || is_asked),
        (413, "the body is too large", has_body),
        (422, "it can be read, and is not what it should be", has_body || is_asked),
        (429, "too much waits for the disk; `Retry-After` says when to come again", has_body),
        (500, "the state is damaged", true),
        (503, "the state cannot be read or written now; `Retry-After` says when to come again", true),
    ];
    for (status, about, _) in answers.into_iter().filter(|(.., may_be)| *may_be) {
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| problem(about).into());
    }
}

fn problem(about: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    ResponseBuilder::new().description(about).content("application/json", content).build()
}

pub(crate) async fn serve() -> Json<OpenApi> {
    Json(document())
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Sonder")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Both halves of customer data in one process: collect, identity, profiles, audiences, activation.",
        ))
        .build()
}
