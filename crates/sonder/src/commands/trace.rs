use std::path::Path;

use anyhow::bail;
use api::Trace;

use crate::hall::{self, Hall};
use crate::remote::Remote;

pub async fn run(data: &Path, message_id: &str) -> anyhow::Result<()> {
    let traces: Vec<Trace> = match Hall::for_a_question(data).await {
        Ok(hall) => server::trace(&hall.house, message_id)?,
        Err(error) if hall::is_locked(&error) => Remote::of(data)?.get(&format!("/v1/trace/{message_id}")).await?,
        Err(error) => return Err(error),
    };
    if traces.is_empty() {
        bail!("no message with this id has been walked");
    }
    for trace in traces {
        println!("{} from {} is fact {} of {}", trace.message_id, trace.source, trace.seq, trace.profile);
        for step in trace.steps {
            println!("  {}  {:<11} {:>8} µs  {}", step.at, step.room, step.took_us, step.what);
        }
    }
    Ok(())
}
