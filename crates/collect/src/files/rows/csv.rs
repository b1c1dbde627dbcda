//! CSV: a header, then rows of as many fields.
//!
//! A row that is broken costs its own line only: when a field's quote is never closed, or the number of fields is wrong in a row of several
//! lines, the first of the lines is refused and reading goes on with the second.

use std::io;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::window::{LineLen, ROW_BYTES, Window};
use super::{Broken, Cells, Next, OpenError};

#[derive(Debug)]
pub(crate) struct CsvRows {
    window: Window,
    parser: Reader,
    delimiter: u8,
    /// The fields of the row at hand, one after the other, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    header: Vec<String>,
    /// For each column of the mapping, its place in the header.
    places: Vec<usize>,
    /// The length of the row at hand, consumed before the next one.
    pending: usize,
    line: u64,
}

impl CsvRows {
    /// Reads the header. Without `columns`, the cells of a row are all that it has. Errors: a column that is not there.
    pub fn open(mut window: Window, delimiter: u8, columns: Option<&[String]>) -> Result<Self, OpenError> {
        window.skip_bom()?;
        let mut rows = Self {
            window,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            fields: vec![0; 1024],
            ends: vec![0; 64],
            header: Vec::new(),
            places: Vec::new(),
            pending: 0,
            line: 1,
        };
        rows.header = match rows.parse()? {
            Parsed::Row { fields, len } => {
                rows.pending = len;
                rows.names(fields)?
            }
            _ => return Err(OpenError::NoHeader),
        };
        rows.places = match columns {
            Some(columns) => places(&rows.header, columns)?,
            None => (0..rows.header.len()).collect(),
        };
        Ok(rows)
    }

    /// The names of the columns, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    pub fn advance(&mut self) -> io::Result<Next> {
        self.window.consume(self.pending);
        self.pending = 0;
        let parsed = self.parse()?;
        self.line = self.window.line;
        match parsed {
            Parsed::End => Ok(Next::End),
            Parsed::Row { fields, len } => {
                self.pending = len;
                self.checked(fields)
            }
            Parsed::Open => self.refuse_first_line(Broken::UnclosedQuote),
            Parsed::TooLong => self.refuse_first_line(Broken::TooLong { limit_bytes: ROW_BYTES }),
        }
    }

    /// The row at hand: its line, its text as it stands in the file, its fields.
    pub fn current(&self) -> (u64, &str, Cells<'_>) {
        let ends = &self.ends[..self.header.len()];
        let used = ends.last().copied().unwrap_or(0);
        let fields = std::str::from_utf8(&self.fields[..used]).unwrap_or_default();
        let raw = std::str::from_utf8(self.raw()).unwrap_or_default();
        (self.line, raw, Cells::Fields { fields, ends, places: &self.places })
    }

    fn raw(&self) -> &[u8] {
        self.window.view()[..self.pending].trim_ascii_end()
    }

    fn checked(&mut self, fields: usize) -> io::Result<Next> {
        if std::str::from_utf8(self.raw()).is_err() {
            return Ok(self.refused(Broken::InvalidUtf8));
        }
        let several_lines = self.raw().contains(&b'\n');
        if several_lines && !well_quoted(self.raw(), self.delimiter) {
            return self.refuse_first_line(Broken::UnclosedQuote);
        }
        if fields == self.header.len() {
            return Ok(Next::Row);
        }
        let broken = Broken::WrongColumns { found: fields, expected: self.header.len() };
        match several_lines {
            true => self.refuse_first_line(broken),
            false => Ok(self.refused(broken)),
        }
    }

    fn refused(&self, broken: Broken) -> Next {
        Next::Broken { line: self.line, raw: self.raw().to_vec(), broken }
    }

    fn refuse_first_line(&mut self, broken: Broken) -> io::Result<Next> {
        self.parser.reset();
        let raw = match self.window.line_len()? {
            LineLen::Is(len) => {
                self.pending = len;
                self.raw().to_vec()
            }
            LineLen::TooLong => {
                self.pending = 0;
                self.window.drop_line()?
            }
        };
        Ok(Next::Broken { line: self.line, raw, broken })
    }

    /// Parses the row at the start of the window, reading more as needed, without consuming it.
    fn parse(&mut self) -> io::Result<Parsed> {
        if !self.window.skip_blank()? {
            return Ok(Parsed::End);
        }
        let (mut at, mut out, mut fields) = (0, 0, 0);
        loop {
            let at_end = at == self.window.view().len() && !self.window.fill()?;
            // A line end closes the last row of a file, unless a quote is still open.
            let input = if at_end { b"\n" } else { &self.window.view()[at..] };
            let (result, read, wrote, ended) =
                self.parser.read_record(input, &mut self.fields[out..], &mut self.ends[fields..]);
            at += if at_end { 0 } else { read };
            out += wrote;
            fields += ended;
            match result {
                ReadRecordResult::Record if at <= ROW_BYTES => return Ok(Parsed::Row { fields, len: at }),
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                _ if at > ROW_BYTES => return Ok(Parsed::TooLong),
                ReadRecordResult::InputEmpty if at_end => return Ok(Parsed::Open),
                _ => {}
            }
        }
    }

    fn names(&self, fields: usize) -> Result<Vec<String>, OpenError> {
        let mut start = 0;
        let mut names = Vec::with_capacity(fields);
        for end in &self.ends[..fields] {
            let name = std::str::from_utf8(&self.fields[start..*end]).map_err(|_| OpenError::NoHeader)?;
            names.push(name.trim().to_owned());
            start = *end;
        }
        Ok(names)
    }
}

enum Parsed {
    /// A row of so many fields and bytes.
    Row {
        fields: usize,
        len: usize,
    },
    /// A quote was opened and the file ended.
    Open,
    TooLong,
    End,
}

/// Whether every quoted field ends where its quote does. The parser is lenient here, and would take rows after a stray quote for a field's text.
fn well_quoted(raw: &[u8], delimiter: u8) -> bool {
    let ends_field = |byte: u8| byte == delimiter || matches!(byte, b'\r' | b'\n');
    let (mut field_starts, mut quoted, mut at) = (true, false, 0);
    while let Some(byte) = raw.get(at) {
        let doubled = raw.get(at + 1) == Some(&b'"');
        match (quoted, byte) {
            (true, b'"') if doubled => at += 1,
            (true, b'"') if raw.get(at + 1).is_some_and(|next| !ends_field(*next)) => return false,
            (true, b'"') => quoted = false,
            (true, _) => {}
            (false, b'"') if field_starts => quoted = true,
            (false, byte) => field_starts = ends_field(*byte),
        }
        at += 1;
    }
    !quoted
}

fn places(header: &[String], columns: &[String]) -> Result<Vec<usize>, OpenError> {
    let place = |column: &String| header.iter().position(|name| name == column);
    let missing: Vec<String> = columns.iter().filter(|column| place(column).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(OpenError::MissingColumns { missing, header: header.to_vec() });
    }
    Ok(columns.iter().filter_map(place).collect())
}
