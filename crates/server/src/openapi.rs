use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Info, InfoBuilder, OpenApi, Server};

use crate::routes;

/// Returns the OpenAPI 3.1 document of the whole API, made from the handlers.
pub fn document() -> OpenApi {
    let mut document = routes::described();
    name_operations(&mut document);
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
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let room = operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
            operation.operation_id = operation.operation_id.take().map(|name| format!("{room}_{name}"));
        }
    }
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
