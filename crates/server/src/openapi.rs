use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Info, InfoBuilder, OpenApi, Server};

use crate::routes;

/// Returns the OpenAPI 3.1 document of the whole API, made from the handlers.
pub fn document() -> OpenApi {
    let mut document = routes::described();
    document.info = info();
    document.servers = Some(vec![Server::new("/")]);
    let http = |scheme| SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
    let mut components = document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    components.add_security_scheme("token", http(HttpAuthScheme::Bearer));
    components.add_security_scheme("write_key", http(HttpAuthScheme::Basic));
    document.components = Some(components);
    document
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
