use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use collect::enrich::{self, Enricher, Geo};
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
    let hall = Hall::for_events(data, clock, identity, enricher(args)?, Some(args.trace_days))?;
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

/// What the doors add to events: by default everything that needs no file of the operator's.
fn enricher(args: &Serve) -> anyhow::Result<Enricher> {
    let options = match &args.enrich {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let read = serde_saphyr::from_str(&text);
            read.with_context(|| format!("`{}` does not hold options for enrichment", path.display()))?
        }
        None => enrich::Options::default(),
    };
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()));
    let files = args.geo.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let geo = if files.is_empty() { None } else { Some(Geo::new(files)?) };
    Ok(Enricher::new(options, geo))
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
    let (house, walker) = (hall.house.clone(), hall.walker.clone());
    let delivering = tokio::spawn(async move {
        let caught_up = || walker.wait_for(house.journal.durable_seq());
        deliverer.keep_delivering(DELIVER_EVERY, caught_up).await
    });
    let pulling = tokio::spawn(app.pulls.clone().keep_pulling());
    opened(address);
    axum::serve(listener, server::router(app).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped())
        .await?;
    delivering.abort();
    pulling.abort();
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
