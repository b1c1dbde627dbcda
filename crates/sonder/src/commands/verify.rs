use std::path::Path;
use std::sync::Arc;

use kit::SystemClock;

use crate::hall::Hall;
use crate::screen::count;

pub fn run(data: &Path) -> anyhow::Result<()> {
    let hall = Hall::open(data, Arc::new(SystemClock), None)?;
    let damages = hall.house.journal.verify()?;
    println!("{} facts are durable", count(hall.house.journal.durable_seq()));
    for damage in &damages {
        println!(
            "segment {} at byte {}: facts {} to {} cannot be read ({} bytes)",
            damage.segment, damage.offset, damage.first_missing_seq, damage.last_missing_seq, damage.bytes
        );
    }
    anyhow::ensure!(damages.is_empty(), "{} place(s) of the journal cannot be read", damages.len());
    Ok(())
}
