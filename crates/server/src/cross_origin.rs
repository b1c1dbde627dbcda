//! Pages on any origin may send events; the write key tells whose they are.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::{Method, Request, Response, header};
use futures_util::future::Either;
use tower::{Layer, Service};
use tower_http::cors::{AllowHeaders, AllowOrigin, Cors, CorsLayer, ResponseFuture};

/// Lets pages of any origin in. What a server sends (a POST that names no origin) goes straight through: nobody would read the headers.
#[derive(Debug, Clone)]
pub(crate) struct CrossOrigin(CorsLayer);

impl CrossOrigin {
    pub fn new() -> Self {
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::mirror_request())
            .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
            .allow_headers(AllowHeaders::mirror_request())
            .allow_credentials(true)
            .expose_headers([header::RETRY_AFTER])
            .max_age(Duration::from_secs(600));
        Self(layer)
    }
}

impl<S: Clone> Layer<S> for CrossOrigin {
    type Service = Doors<S>;

    fn layer(&self, inner: S) -> Doors<S> {
        Doors { for_pages: self.0.layer(inner.clone()), for_servers: inner }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Doors<S> {
    for_pages: Cors<S>,
    for_servers: S,
}

impl<S, B, R> Service<Request<B>> for Doors<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Either<ResponseFuture<S::Future>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        ready!(self.for_servers.poll_ready(context))?;
        Service::<Request<B>>::poll_ready(&mut self.for_pages, context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let is_servers = request.method() == Method::POST && !request.headers().contains_key(header::ORIGIN);
        if is_servers {
            Either::Right(self.for_servers.call(request))
        } else {
            Either::Left(self.for_pages.call(request))
        }
    }
}
