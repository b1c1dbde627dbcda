use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use super::rows;
use crate::Error;

/// A gzip file of one member, without a time or a name in it, so that equal rows give equal bytes.
#[derive(Debug)]
pub struct Gzip {
    path: PathBuf,
    encoder: GzEncoder<BufWriter<std::fs::File>>,
}

impl Gzip {
    /// Begins the file, with a header line if there are columns.
    pub fn create(path: &Path, columns: &[&str]) -> Result<Self, Error> {
        let file = std::fs::File::create(path).map_err(Error::at(path))?;
        let encoder = GzBuilder::new().mtime(0).write(BufWriter::new(file), Compression::new(5));
        let mut gzip = Self { path: path.to_owned(), encoder };
        let mut header = Vec::new();
        if !columns.is_empty() {
            rows::csv(&mut header, columns);
        }
        gzip.write(&header)?;
        Ok(gzip)
    }

    pub fn write(&mut self, row: &[u8]) -> Result<(), Error> {
        self.encoder.write_all(row).map_err(Error::at(&self.path))
    }

    pub fn finish(self) -> Result<(), Error> {
        let at = Error::at(&self.path);
        self.encoder.finish().map_err(&at)?.flush().map_err(&at)
    }
}
