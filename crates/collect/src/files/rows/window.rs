//! A sliding view of a stream that holds at least the row at hand, and never much more.

use std::io::{self, Read};

const CHUNK_BYTES: usize = 64 * 1024;

/// The longest row, in bytes: 1 MiB. A longer one is refused, and not held in memory.
pub(super) const ROW_BYTES: usize = 1024 * 1024;

pub(crate) struct Window {
    stream: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    /// The line at which the view starts, from 1.
    pub line: u64,
}

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Window {
    pub fn new(stream: Box<dyn Read + Send>) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, line: 1 }
    }

    /// What has been read and not yet consumed.
    pub fn view(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Reads more; false at the end of the stream.
    pub fn fill(&mut self) -> io::Result<bool> {
        if self.start >= CHUNK_BYTES {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let held = self.buffer.len();
        self.buffer.resize(held + CHUNK_BYTES, 0);
        let read = self.stream.read(&mut self.buffer[held..]);
        self.buffer.truncate(held + read.as_ref().copied().unwrap_or(0));
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            read => read.map(|bytes| bytes > 0),
        }
    }

    /// Moves the start of the view, counting lines.
    pub fn consume(&mut self, bytes: usize) {
        let consumed = &self.view()[..bytes];
        let lines = consumed.iter().filter(|byte| **byte == b'\n').count();
        self.line += lines as u64;
        self.start += bytes;
    }

    /// Consumes line ends and a byte order mark; false when nothing is left.
    pub fn skip_blank(&mut self) -> io::Result<bool> {
        loop {
            let blank = self.view().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.consume(blank);
            if !self.view().is_empty() {
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    pub fn skip_bom(&mut self) -> io::Result<()> {
        while self.view().len() < 3 && self.fill()? {}
        if self.view().starts_with("\u{feff}".as_bytes()) {
            self.consume(3);
        }
        Ok(())
    }

    /// Reads until the view holds a line end, or the line is longer than a row may be. Returns the length of the line without its end.
    pub fn line_len(&mut self) -> io::Result<LineLen> {
        let mut searched = 0;
        loop {
            let found = self.view()[searched..].iter().position(|byte| *byte == b'\n');
            if let Some(at) = found {
                let len = searched + at;
                return Ok(if len > ROW_BYTES { LineLen::TooLong } else { LineLen::Is(len) });
            }
            searched = self.view().len();
            if searched > ROW_BYTES {
                return Ok(LineLen::TooLong);
            }
            if !self.fill()? {
                return Ok(LineLen::Is(searched));
            }
        }
    }

    /// Consumes the rest of a line that is too long, and returns its first bytes.
    pub fn drop_line(&mut self) -> io::Result<Vec<u8>> {
        let view = self.view();
        let head = view[..view.len().min(ROW_BYTES)].to_vec();
        loop {
            let end = self.view().iter().position(|byte| *byte == b'\n');
            self.consume(end.unwrap_or(self.view().len()));
            if end.is_some() || !self.fill()? {
                return Ok(head);
            }
        }
    }
}

pub(crate) enum LineLen {
    Is(usize),
    TooLong,
}
