//! The routes: words in, one call of a room, words out.

mod activation;
mod audiences;
mod collect;
mod home;
mod imports;
mod links;
mod live;
mod mappings;
mod neighbours;
mod plans;
mod profiles;
mod pulls;
mod quarantine;
mod sources;
mod sql;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::admins_only;
use crate::cross_origin::CrossOrigin;
use crate::errors::Problem;
use crate::plans::Keeper;
use crate::{House, Pulls, Walker, console, metrics, openapi};

/// What the body of an administrator's request may have: a plan of 16 MiB as a JSON text.
const MOST_ADMIN_BODY_BYTES: usize = 20 << 20;

/// What every route can reach.
#[derive(Debug, Clone)]
pub struct App {
    pub house: Arc<House>,
    pub walker: Arc<Walker>,
    pub deliverer: ::activation::Deliverer,
    pub pulls: Arc<Pulls>,
    /// Works as long as there are routes.
    _keeper: Option<Arc<Keeper>>,
}

impl App {
    pub fn new(house: Arc<House>, walker: Arc<Walker>) -> Self {
        let deliverer = house.deliverer();
        let keeper = Keeper::start(house.clone()).inspect_err(|error| {
            tracing::error!(error = %error, "counts of violations are not written, the quarantine is not swept: there is no thread for it");
        });
        let pulls = Arc::new(Pulls::new(house.clone()));
        Self { house, walker, deliverer, pulls, _keeper: keeper.ok().map(Arc::new) }
    }
}

/// Returns the house's routes: doors for events (write keys), the admin API (token), the console, and what watches over it.
pub fn router(app: App) -> Router {
    let (doors, _) = doors().split_for_parts();
    let doors = doors.merge(collect::short_forms()).merge(neighbours::router());
    let doors = doors.layer(CrossOrigin::new());
    let (admin, _) = admin().split_for_parts();
    let admin = admin.layer(axum::extract::DefaultBodyLimit::max(MOST_ADMIN_BODY_BYTES));
    let admin = admin.layer(from_fn_with_state(app.clone(), admins_only));
    Router::new()
        .merge(doors)
        .merge(admin)
        .route("/healthz", get(metrics::health))
        .route("/metrics", get(metrics::expose).layer(from_fn_with_state(app.clone(), admins_only)))
        .route("/openapi.json", get(openapi::serve))
        .route("/v1/{*rest}", axum::routing::any(unknown))
        .fallback(console::serve)
        .with_state(app)
}

/// The whole API as an OpenAPI 3.1 document, made from the handlers.
pub(crate) fn described() -> OpenApi {
    let (_, mut doors) = doors().split_for_parts();
    let (_, admin) = admin().split_for_parts();
    doors.merge(admin);
    doors
}

fn doors() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(collect::identify))
        .routes(routes!(collect::track))
        .routes(routes!(collect::page))
        .routes(routes!(collect::screen))
        .routes(routes!(collect::group))
        .routes(routes!(collect::alias))
        .routes(routes!(collect::batch))
}

fn admin() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(home::home))
        .routes(routes!(live::latest))
        .routes(routes!(live::stream))
        .routes(routes!(live::trace))
        .routes(routes!(profiles::list))
        .routes(routes!(profiles::traits))
        .routes(routes!(profiles::external_ids))
        .routes(routes!(profiles::events))
        .routes(routes!(profiles::metadata))
        .routes(routes!(profiles::audiences))
        .routes(routes!(profiles::graph))
        .routes(routes!(links::say))
        .routes(routes!(audiences::list, audiences::create))
        .routes(routes!(audiences::preview))
        .routes(routes!(audiences::remove))
        .routes(routes!(audiences::members))
        .routes(routes!(audiences::why))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::verdicts))
        .routes(routes!(sources::add_key))
        .routes(routes!(sources::remove_key))
        .routes(routes!(plans::list))
        .routes(routes!(plans::infer))
        .routes(routes!(plans::check))
        .routes(routes!(plans::define, plans::show, plans::withdraw))
        .routes(routes!(plans::version))
        .routes(routes!(plans::violations))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::replay))
        .routes(routes!(quarantine::drop))
        .routes(routes!(quarantine::show))
        .routes(routes!(mappings::list))
        .routes(routes!(mappings::show, mappings::put, mappings::remove))
        .routes(routes!(imports::list, imports::create))
        .routes(routes!(imports::errors))
        .routes(routes!(pulls::list, pulls::create))
        .routes(routes!(pulls::dry_run_of))
        .routes(routes!(pulls::show, pulls::remove))
        .routes(routes!(pulls::run))
        .routes(routes!(pulls::dry_run))
        .routes(routes!(pulls::errors))
        .routes(routes!(activation::list, activation::create))
        .routes(routes!(activation::kinds))
        .routes(routes!(activation::remove))
        .routes(routes!(activation::retry))
        .routes(routes!(activation::deliveries))
        .routes(routes!(sql::ask))
}

async fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "route_not_found", "there is no such route; `/openapi.json` lists all of them")
}
