use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kit::{Clock, ManualClock, SystemClock, Timestamp};
use server::App;
use tokio::net::TcpListener;

use crate::args::Serve;
use crate::hall::{self, Hall};
use crate::remote::ADDRESS_FILE;

/// How often the deliverer looks for what is due.
const DELIVER_EVERY: Duration = Duration::from_millis(500);

pub async fn run(data: &Path, args: &Serve) -> anyhow::Result<()> {
    let identity = args.identity.as_deref().map(hall::read_rules).transpose()?;
    let clock: Arc<dyn Clock> = match &args.as_of {
        Some(text) => Arc::new(ManualClock::at(Timestamp::parse(text)?)),
        None => Arc::new(SystemClock),
    };
    let hall = Hall::open(data, clock, identity)?;
    if hall.house.recovery.cut_bytes > 0 {
        tracing::info!(
            bytes = hall.house.recovery.cut_bytes,
            "an append that was never acknowledged was cut from the journal's end"
        );
    }
    let token = server::first_token(&hall.house.store, false)?;
    open_doors(hall, args.listen, |address| {
        eprintln!("sonder is open at http://{address}");
        if let Some(token) = token {
            eprintln!("the administrator's token, shown this once: {}", token.0.expose());
        }
    })
    .await
}

/// Serves until Ctrl-C, then lets every room finish what it is at.
pub async fn open_doors(hall: Hall, listen: SocketAddr, opened: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen at `{listen}`"))?;
    let address = listener.local_addr()?;
    let address_file = hall.house.path().join(ADDRESS_FILE);
    std::fs::write(&address_file, address.to_string())?;
    hall.house.open_doors();
    let app = App::new(hall.house.clone(), hall.walker.clone());
    let deliverer = app.deliverer.clone();
    let delivering = tokio::spawn(async move { deliverer.keep_delivering(DELIVER_EVERY).await });
    opened(address);
    axum::serve(listener, server::router(app)).with_graceful_shutdown(stopped()).await?;
    delivering.abort();
    let _ = std::fs::remove_file(address_file);
    Ok(())
}

async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
    // Streams to open pages have no end of their own: after a moment the process ends with them.
    tokio::spawn(async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        std::process::exit(0);
    });
}
