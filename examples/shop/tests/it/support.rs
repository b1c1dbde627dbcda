//! Worlds to look at, and eyes to look with.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use kit::Timestamp;
use serde_json::Value;
use shop::{File, Settings, Summary, World};

pub fn settings(people: u32, seed: u64) -> Settings {
    Settings { people, seed, end: Timestamp::parse("2026-05-30").unwrap(), days: 180 }
}

/// A world in a folder of its own.
pub struct Home {
    pub dir: tempfile::TempDir,
    pub summary: Summary,
}

impl Home {
    pub fn of(people: u32, seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let summary = World::generate(&settings(people, seed)).unwrap().write_to(dir.path(), &mut |_| ()).unwrap();
        Self { dir, summary }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn rows(&self, file: File) -> Vec<csv::StringRecord> {
        rows(&self.path().join(file.name()))
    }

    pub fn lines(&self, file: File) -> Vec<Value> {
        lines(&self.path().join(file.name()))
    }
}

pub fn text(path: &Path) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

pub fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text(path).as_bytes()).records().map(Result::unwrap).collect()
}

pub fn header(path: &Path) -> Vec<String> {
    text(path).lines().next().unwrap_or_default().split(',').map(str::to_owned).collect()
}

pub fn lines(path: &Path) -> Vec<Value> {
    text(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn write(path: &Path, text: &str) {
    let mut gzip = GzEncoder::new(std::fs::File::create(path).unwrap(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap();
}

pub fn time(value: &Value) -> Timestamp {
    Timestamp::parse(value["timestamp"].as_str().unwrap()).unwrap()
}

/// The world that was made elsewhere: `SONDER_SHARED`, or `shared` beside a folder above; says so where it is absent.
#[expect(clippy::disallowed_methods, reason = "a test may be told where the shared data lies")]
pub fn shared() -> Option<PathBuf> {
    let told = std::env::var("SONDER_SHARED").ok().map(|dir| PathBuf::from(dir).join("data/shop"));
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared/data/shop"));
    let found = told.into_iter().chain(above).find(|dir| dir.join("truth.csv.gz").is_file());
    if found.is_none() {
        eprintln!("skipped: there is no shared/data/shop (set SONDER_SHARED)");
    }
    found
}
