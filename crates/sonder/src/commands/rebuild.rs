use std::path::Path;
use std::sync::Arc;

use kit::SystemClock;

use super::import;
use crate::hall::Hall;
use crate::screen::Step;

pub async fn run(data: &Path) -> anyhow::Result<()> {
    {
        let hall = Hall::open(data, Arc::new(SystemClock), None)?;
        hall.catch_up().await;
        hall.house.store.drop_views()?;
        server::clear_shelf(&hall.house)?;
    }
    let hall = Hall::open(data, Arc::new(SystemClock), None)?;
    import::walk(&hall, Step::start("rebuild")).await;
    Ok(())
}
