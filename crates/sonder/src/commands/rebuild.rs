use std::path::Path;

use super::import;
use crate::hall::Hall;
use crate::screen::Step;

pub async fn run(data: &Path) -> anyhow::Result<()> {
    let hall = Hall::rebuild(data)?;
    import::walk(&hall, Step::start("rebuild")).await;
    Ok(())
}
