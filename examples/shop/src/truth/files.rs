use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::Error;

/// Reads the named columns of a gzipped CSV file, row by row.
pub fn csv<const N: usize>(path: &Path, columns: [&str; N], mut each: impl FnMut([&str; N])) -> Result<(), Error> {
    let mut reader = csv::Reader::from_reader(open(path)?);
    let unreadable = |row: u64, reason: String| Error::Row { path: path.to_owned(), row, reason };
    let headers = reader.headers().map_err(|error| unreadable(0, error.to_string()))?.clone();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        let missing = || Error::Column { path: path.to_owned(), column: column.to_owned() };
        *place = headers.iter().position(|header| header == column).ok_or_else(missing)?;
    }
    let (mut record, mut row) = (csv::StringRecord::new(), 0);
    while reader.read_record(&mut record).map_err(|error| unreadable(row + 1, error.to_string()))? {
        row += 1;
        each(places.map(|place| &record[place]));
    }
    Ok(())
}

/// Reads a gzipped file line by line.
pub fn lines(path: &Path, mut each: impl FnMut(&str) -> Result<(), String>) -> Result<(), Error> {
    let (mut reader, mut line, mut row) = (BufReader::with_capacity(1 << 16, open(path)?), String::new(), 0);
    while reader.read_line(&mut line).map_err(Error::at(path))? > 0 {
        row += 1;
        each(line.trim_end()).map_err(|reason| Error::Row { path: path.to_owned(), row, reason })?;
        line.clear();
    }
    Ok(())
}

/// Reads the lines of a gzipped file that hold `needle` as JSON of type `T`.
pub fn json<T: serde::de::DeserializeOwned>(path: &Path, needle: &str, mut each: impl FnMut(T)) -> Result<(), Error> {
    lines(path, |line| {
        if line.contains(needle) {
            each(serde_json::from_str(line).map_err(|error| error.to_string())?);
        }
        Ok(())
    })
}

fn open(path: &Path) -> Result<impl Read + use<>, Error> {
    Ok(MultiGzDecoder::new(BufReader::new(File::open(path).map_err(Error::at(path))?)))
}
