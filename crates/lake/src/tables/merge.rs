use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::LakeError;
use super::file::{BATCH_ROWS, read};
use super::table::Table;

/// Merges sorted files of one table into one sorted stream, holding one batch of each in memory.
///
/// A table's sort columns name one row, so the result depends on the rows alone, not on how they were spread over files.
pub(crate) struct Merge {
    inputs: Vec<Input>,
    /// The first row of each input that has one.
    heads: BinaryHeap<Reverse<(OwnedRow, usize)>>,
    converter: RowConverter,
    keys: Vec<usize>,
    /// Batches that inputs stand in, or that rows of the next output come from.
    batches: Vec<RecordBatch>,
}

struct Input {
    reader: ParquetRecordBatchReader,
    rows: Option<Rows>,
    /// Which batch of `batches`, and which row of it, is the head.
    batch: usize,
    row: usize,
}

impl Merge {
    pub fn new(table: &Table, files: &[PathBuf]) -> Result<Self, LakeError> {
        let (schema, keys) = (table.schema(), table.sort_indices());
        let fields = keys.iter().map(|&key| SortField::new(schema.field(key).data_type().clone())).collect();
        let converter = RowConverter::new(fields)?;
        let heads = BinaryHeap::with_capacity(files.len());
        let mut merge = Self { inputs: Vec::new(), heads, converter, keys, batches: Vec::new() };
        for file in files {
            merge.inputs.push(Input { reader: read(file)?, rows: None, batch: 0, row: 0 });
            merge.load(merge.inputs.len() - 1)?;
        }
        Ok(merge)
    }

    /// Brings the next batch of an input into memory, if it has one.
    fn load(&mut self, index: usize) -> Result<(), LakeError> {
        let input = &mut self.inputs[index];
        input.rows = None;
        while let Some(batch) = input.reader.next().transpose()? {
            if batch.num_rows() > 0 {
                let keys: Vec<_> = self.keys.iter().map(|&key| batch.column(key).clone()).collect();
                input.rows = Some(self.converter.convert_columns(&keys)?);
                (input.batch, input.row) = (self.batches.len(), 0);
                self.batches.push(batch);
                break;
            }
        }
        self.push_head(index);
        Ok(())
    }

    fn push_head(&mut self, index: usize) {
        let input = &self.inputs[index];
        if let Some(rows) = &input.rows {
            self.heads.push(Reverse((rows.row(input.row).owned(), index)));
        }
    }

    /// Takes the smallest row, as its place in `batches`.
    fn take(&mut self) -> Result<Option<(usize, usize)>, LakeError> {
        let Some(Reverse((_, index))) = self.heads.pop() else { return Ok(None) };
        let input = &mut self.inputs[index];
        let place = (input.batch, input.row);
        input.row += 1;
        if input.row < self.batches[input.batch].num_rows() {
            self.push_head(index)
        } else {
            self.load(index)?
        }
        Ok(Some(place))
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, LakeError> {
        let mut places = Vec::with_capacity(BATCH_ROWS);
        while places.len() < BATCH_ROWS {
            match self.take()? {
                Some(place) => places.push(place),
                None => break,
            }
        }
        if places.is_empty() {
            return Ok(None);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let merged = interleave_record_batch(&batches, &places)?;
        self.forget_read_batches();
        Ok(Some(merged))
    }

    fn forget_read_batches(&mut self) {
        let mut kept = Vec::new();
        for input in self.inputs.iter_mut().filter(|input| input.rows.is_some()) {
            kept.push(self.batches[input.batch].clone());
            input.batch = kept.len() - 1;
        }
        self.batches = kept;
    }
}

impl Iterator for Merge {
    type Item = Result<RecordBatch, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().transpose()
    }
}
