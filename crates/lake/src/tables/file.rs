use std::fs::{self, File};
use std::path::Path;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::WriterProperties;

use super::LakeError;
use super::table::Table;

/// Rows that are read or written at a time.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// Measured in `reference/engine.md`: sort order matters most; with it, small pages make a point look-up cheap.
const PAGE_ROWS: usize = 20_000;
const GROUP_ROWS: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub rows: u64,
    pub bytes: u64,
}

/// Writes sorted batches to a file that is whole and on disk when it gets its name.
pub(crate) fn write(
    path: &Path,
    table: &Table,
    batches: impl IntoIterator<Item = Result<RecordBatch, LakeError>>,
) -> Result<Written, LakeError> {
    let folder = path.parent().expect("a file of the lake is in a folder");
    fs::create_dir_all(folder).map_err(|error| LakeError::io(folder, error))?;
    let unfinished = path.with_extension("tmp");
    let written = write_unfinished(&unfinished, table, batches);
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
        return written;
    }
    fs::rename(&unfinished, path).map_err(|error| LakeError::io(path, error))?;
    sync_folder(folder)?;
    written
}

/// Reads a file batch by batch.
pub(crate) fn read(path: &Path) -> Result<ParquetRecordBatchReader, LakeError> {
    let file = File::open(path).map_err(|error| LakeError::io(path, error))?;
    Ok(ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS).build()?)
}

pub(crate) fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| LakeError::io(folder, error))
}

fn write_unfinished(
    path: &Path,
    table: &Table,
    batches: impl IntoIterator<Item = Result<RecordBatch, LakeError>>,
) -> Result<Written, LakeError> {
    let file = File::create(path).map_err(|error| LakeError::io(path, error))?;
    let mut writer = ArrowWriter::try_new(file, table.schema(), Some(properties(table)))?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    let file = writer.into_inner()?;
    let bytes = file.sync_all().and_then(|()| file.metadata()).map_err(|error| LakeError::io(path, error))?.len();
    Ok(Written { rows, bytes })
}

fn properties(table: &Table) -> WriterProperties {
    let ascending = |index: usize| SortingColumn { column_idx: index as i32, descending: false, nulls_first: true };
    let zstd = ZstdLevel::try_new(1).expect("zstd has a level 1");
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(zstd))
        .set_dictionary_enabled(true)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_sorting_columns(Some(table.sort_indices().into_iter().map(ascending).collect()))
        .build()
}
