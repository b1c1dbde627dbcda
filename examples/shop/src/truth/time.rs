use std::path::Path;

use kit::Timestamp;

use super::files;
use crate::{Error, File};

/// Returns the youngest time in a world's streams.
pub fn youngest_time(dir: &Path) -> Result<Option<Timestamp>, Error> {
    let mut youngest = None;
    let mut see = |text: &str| {
        if let Ok(time) = Timestamp::parse(text) {
            youngest = youngest.max(Some(time));
        }
    };
    for (file, column) in [
        (File::EcommerceOrders, "created_at"),
        (File::SupportTickets, "created_at"),
        (File::PosReceipts, "ts"),
        (File::Consents, "ts"),
        (File::AdImpressions, "ts"),
    ] {
        files::csv(&dir.join(file.name()), [column], |[time]| see(time))?;
    }
    for file in [File::WebEvents, File::MobileEvents, File::EmailEvents] {
        files::lines(&dir.join(file.name()), |line| {
            timestamp(line).into_iter().for_each(&mut see);
            Ok(())
        })?;
    }
    Ok(youngest)
}

/// Returns the text of the first `timestamp` in a line of JSON.
fn timestamp(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("\"timestamp\":\"")?;
    rest.split_once('"').map(|(time, _)| time)
}
