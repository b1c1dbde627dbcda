//! NDJSON: one JSON object a line. Blank lines are passed over.

use std::io;

use super::window::{LineLen, ROW_BYTES, Window};
use super::{Broken, Next};

#[derive(Debug)]
pub(crate) struct NdjsonRows {
    window: Window,
    pending: usize,
    line: u64,
}

impl NdjsonRows {
    pub fn open(mut window: Window) -> io::Result<Self> {
        window.skip_bom()?;
        Ok(Self { window, pending: 0, line: 1 })
    }

    pub fn advance(&mut self) -> io::Result<Next> {
        loop {
            self.window.consume(self.pending);
            self.pending = 0;
            if !self.window.skip_blank()? {
                return Ok(Next::End);
            }
            self.line = self.window.line;
            let LineLen::Is(len) = self.window.line_len()? else {
                let raw = self.window.drop_line()?;
                return Ok(Next::Broken { line: self.line, raw, broken: Broken::TooLong { limit_bytes: ROW_BYTES } });
            };
            self.pending = len;
            if !self.raw().is_empty() {
                return Ok(self.checked());
            }
        }
    }

    /// The row at hand: its line and its text.
    pub fn current(&self) -> (u64, &str) {
        (self.line, std::str::from_utf8(self.raw()).unwrap_or_default())
    }

    fn checked(&self) -> Next {
        match std::str::from_utf8(self.raw()) {
            Ok(_) => Next::Row,
            Err(_) => Next::Broken { line: self.line, raw: self.raw().to_vec(), broken: Broken::InvalidUtf8 },
        }
    }

    fn raw(&self) -> &[u8] {
        self.window.view()[..self.pending].trim_ascii()
    }
}
