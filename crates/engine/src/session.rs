use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::config::TableParquetOptions;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::physical_plan::parquet::transform_schema_to_view;
use datafusion::error::Result;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::{SessionConfig, SessionContext};
use lake::{Joins, Snapshot, Table, TableKind};

use crate::functions;

/// Where a question is answered.
#[derive(Debug, Clone)]
pub struct Room {
    pub environment: Arc<RuntimeEnv>,
    pub threads: usize,
    pub joins: Joins,
}

/// Makes a session in which a snapshot's tables and our functions are known, and nothing else can be reached.
pub fn over(snapshot: &Snapshot, room: Room) -> Result<SessionContext> {
    let mut config = SessionConfig::new().with_target_partitions(room.threads).with_information_schema(true);
    config.options_mut().optimizer.join_reordering = room.joins == Joins::AsItSeemsBest;
    let context = SessionContext::new_with_config_rt(config, room.environment);
    for (table, files) in snapshot.tables() {
        context.register_table(table.name, provider(table, &files)?)?;
    }
    functions::register(&context);
    Ok(context)
}

/// A table over exactly these files; one without files is empty.
fn provider(table: &Table, files: &[PathBuf]) -> Result<Arc<dyn TableProvider>> {
    // Parquet's texts are read as views, which saves a copy of each.
    let schema = Arc::new(transform_schema_to_view(&table.schema()));
    if files.is_empty() {
        return Ok(Arc::new(EmptyTable::new(schema)));
    }
    let urls = files.iter().map(|file| url(file)).collect::<Result<Vec<_>>>()?;
    let options = ListingOptions::new(Arc::new(format(table))).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// Facts are large and sorted, so testing a filter while reading skips whole pages of the other columns; for small views it only costs.
fn format(table: &Table) -> ParquetFormat {
    let mut options = TableParquetOptions::new();
    options.global.pushdown_filters = table.kind == TableKind::Facts;
    ParquetFormat::new().with_options(options)
}

/// The address of one file: never a pattern, whatever stands in its path.
fn url(file: &Path) -> Result<ListingTableUrl> {
    let path = std::path::absolute(file)?;
    let mut url = "file://".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'=' => url.push(char::from(byte)),
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    ListingTableUrl::parse(url)
}
