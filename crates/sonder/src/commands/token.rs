use std::path::Path;

use crate::hall::Hall;

pub fn run(data: &Path, afresh: bool) -> anyhow::Result<()> {
    let hall = Hall::open(data, std::sync::Arc::new(kit::SystemClock), None)?;
    match server::first_token(&hall.house.store, afresh)? {
        Some(token) => println!("{}", token.0.expose()),
        None => anyhow::bail!("there is a token already; `--afresh` makes another one"),
    }
    Ok(())
}
