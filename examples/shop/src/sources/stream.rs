use kit::{HOUR_MS, MINUTE_MS, SECOND_MS};
use serde::Serialize;

use super::Desk;
use crate::Error;
use crate::draw::Draw;
use crate::sink::File;

/// When a line of a stream happens and how much later it arrives.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    pub file: File,
    pub at_ms: i64,
    pub late_ms: i64,
}

impl Arrival {
    /// Puts the line into its stream: sometimes a little out of order, sometimes twice.
    pub fn push(mut self, desk: &mut Desk, draw: &mut Draw, line: &impl Serialize) -> Result<(), Error> {
        if self.late_ms == 0 && draw.chance(0.006) {
            self.late_ms = draw.between(3 * SECOND_MS, 90 * SECOND_MS);
            desk.hazards.out_of_order_events += 1;
        }
        desk.hazards.late_events += u64::from(self.late_ms >= HOUR_MS);
        self.put(desk, line)?;
        if draw.chance(0.004) {
            desk.hazards.repeated_messages += 1;
            self.again(draw).put(desk, line)?;
        }
        Ok(())
    }

    /// Puts a line into its stream that a faulty client sent again, changed, under the same `messageId`.
    pub fn push_changed(self, desk: &mut Desk, draw: &mut Draw, line: &impl Serialize) -> Result<(), Error> {
        desk.hazards.changed_messages += 1;
        self.again(draw).put(desk, line)
    }

    fn again(self, draw: &mut Draw) -> Self {
        Self { late_ms: self.late_ms + draw.between(2 * MINUTE_MS, 12 * MINUTE_MS), ..self }
    }

    /// What would arrive after the end arrives just before it.
    fn put(self, desk: &mut Desk, line: &impl Serialize) -> Result<(), Error> {
        desk.sink.json(self.file, (self.at_ms + self.late_ms).min(desk.settings.end.as_ms() - 1), line)
    }
}
