//! The demo's own receiver of webhooks, on a free port of this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

pub struct Receiver {
    pub url: String,
    told: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/people", listener.local_addr()?);
        let told = Arc::new(AtomicU64::new(0));
        let router = Router::new().route("/people", post(receive)).with_state(told.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, told, task })
    }

    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }

    pub fn stop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(told): State<Arc<AtomicU64>>, Json(body): Json<Value>) {
    let people = body["deliveries"].as_array().map_or(0, Vec::len);
    told.fetch_add(people as u64, Ordering::Relaxed);
}
