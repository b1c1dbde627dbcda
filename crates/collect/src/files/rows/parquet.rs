//! Parquet: each row as a JSON object, one batch in memory at a time. Nulls are absent, times are RFC 3339, binary is hexadecimal.

use std::fs::File;

use arrow::json::LineDelimitedWriter;
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::OpenError;

const BATCH_ROWS: usize = 1024;

#[derive(Debug)]
pub(crate) struct ParquetRows {
    batches: ParquetRecordBatchReader,
    /// The batch at hand as NDJSON.
    text: String,
    start: usize,
    end: usize,
    row: u64,
    pub rows: u64,
}

impl ParquetRows {
    /// Reads the file's footer. Errors: a file that is no Parquet; a column of the mapping that is not there.
    pub fn open(file: File, columns: &[String]) -> Result<Self, OpenError> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
        let header: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let known = |column: &&String| {
            header.contains(column)
                || column.split('.').next().is_some_and(|first| header.iter().any(|name| name == first))
        };
        let missing: Vec<String> = columns.iter().filter(|column| !known(column)).cloned().collect();
        if !missing.is_empty() {
            return Err(OpenError::MissingColumns { missing, header });
        }
        let rows = builder.metadata().file_metadata().num_rows().max(0) as u64;
        let batches = builder.with_batch_size(BATCH_ROWS).build().map_err(unreadable)?;
        Ok(Self { batches, text: String::new(), start: 0, end: 0, row: 0, rows })
    }

    /// Steps to the next row; false at the end. An error says why the rest of the file cannot be read.
    pub fn advance(&mut self) -> Result<bool, String> {
        self.start = self.end;
        while self.start >= self.text.len() {
            let Some(batch) = self.batches.next() else { return Ok(false) };
            self.text = as_json(&batch.map_err(|error| error.to_string())?)?;
            self.start = 0;
        }
        let rest = &self.text[self.start..];
        self.end = self.start + rest.find('\n').map_or(rest.len(), |at| at + 1);
        self.row += 1;
        Ok(true)
    }

    /// The row at hand: its number and its text.
    pub fn current(&self) -> (u64, &str) {
        (self.row, self.text[self.start..self.end].trim_end())
    }
}

fn as_json(batch: &RecordBatch) -> Result<String, String> {
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write(batch).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    String::from_utf8(writer.into_inner()).map_err(|error| error.to_string())
}

fn unreadable(error: parquet::errors::ParquetError) -> OpenError {
    OpenError::NotParquet { reason: error.to_string() }
}
