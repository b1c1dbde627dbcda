use std::path::Path;

use api::{NewKey, NewSource, SourceKey, SourceList};
use collect::sources::{self, SourceOptions};
use kit::Clock;

use crate::args::Sources;
use crate::hall::{self, Hall};
use crate::remote::Remote;
use crate::screen::count;

pub async fn run(data: &Path, command: Sources) -> anyhow::Result<()> {
    match Hall::open(data, std::sync::Arc::new(kit::SystemClock), None) {
        Ok(hall) => here(&hall, command),
        Err(error) if hall::is_locked(&error) => at_server(&Remote::of(data)?, command).await,
        Err(error) => Err(error),
    }
}

fn here(hall: &Hall, command: Sources) -> anyhow::Result<()> {
    match command {
        Sources::List => {
            for (name, _, tally) in sources::all(&hall.house.store)? {
                let last = tally.last_seen.map_or("never".to_owned(), |at| at.to_string());
                println!("{name:<16} {:>12} facts  {last}", count(tally.facts()));
            }
        }
        Sources::Create { name, write_key, tells_profiles, dedupe_days } => {
            let mut draft = hall.house.store.draft();
            let options = SourceOptions { tells_profiles, dedupe_days };
            let now = kit::SystemClock.now();
            let source = sources::create(&mut draft, &name, write_key.as_deref(), options, now)?;
            hall.house.store.commit(draft)?;
            println!("{}", source.write_keys.first().map(|key| key.expose().to_owned()).unwrap_or_default());
        }
        Sources::AddKey { name, write_key } => {
            let mut draft = hall.house.store.draft();
            let key = sources::add_key(&mut draft, &name, write_key.as_deref())?;
            hall.house.store.commit(draft)?;
            println!("{}", key.expose());
        }
    }
    Ok(())
}

async fn at_server(remote: &Remote, command: Sources) -> anyhow::Result<()> {
    match command {
        Sources::List => {
            let list: SourceList = remote.get("/v1/sources").await?;
            for source in list.data {
                let last = source.last_seen.unwrap_or_else(|| "never".to_owned());
                println!("{:<16} {:>12} facts  {last}", source.name, count(source.facts));
            }
        }
        Sources::Create { name, write_key, tells_profiles, dedupe_days } => {
            let new = NewSource { name, write_key, tells_profiles, dedupe_days };
            let made: SourceKey = remote.post("/v1/sources", &new).await?;
            println!("{}", made.write_key);
        }
        Sources::AddKey { name, write_key } => {
            let made: SourceKey = remote.post(&format!("/v1/sources/{name}/keys"), &NewKey { write_key }).await?;
            println!("{}", made.write_key);
        }
    }
    Ok(())
}
