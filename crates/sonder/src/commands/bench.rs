//! Ceilings of this machine, for the side-by-side runs in `bench/`.

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use collect::spec::{self, Door, Route};
use kit::{Clock, SystemClock};
use tokio::net::TcpListener;

use crate::args::Bench;

pub async fn run(bench: Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Disk { dir, bytes, writes } => disk(&dir, bytes, writes),
        Bench::Ceiling { listen } => ceiling(listen).await,
    }
}

fn disk(dir: &Path, bytes: usize, writes: usize) -> anyhow::Result<()> {
    let ceiling = lake::journal::disk_ceiling(dir, bytes, writes)?;
    println!(
        "{}",
        serde_json::to_string(&serde_json::json!({
            "writes_per_second": ceiling.writes_per_s,
            "bytes_per_second": ceiling.bytes_per_s,
        }))?
    );
    Ok(())
}

/// Serves `/bare`, which looks at nothing, and `/parse/{track,batch}`, which read the bodies as the doors do and store nothing.
async fn ceiling(listen: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new()
        .route("/bare", post(|_: Bytes| async { StatusCode::OK }))
        .route("/parse/track", post(parse).with_state(Route::Track))
        .route("/parse/batch", post(parse).with_state(Route::Batch));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn parse(State(route): State<Route>, body: Bytes) -> StatusCode {
    let door = Door::live("bench".into(), SystemClock.now());
    match spec::accept(route, &body, &door) {
        Ok(accepted) => {
            std::hint::black_box(accepted.events);
            StatusCode::OK
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}
