use kit::Secret;

use super::pattern::Pattern;
use super::schedule::Schedule;
use super::{Problem, parse};
use crate::files::Mapping;

/// A definition that was read without problems: what is pulled, from where, when, and how its rows become facts.
#[derive(Debug, Clone)]
pub struct Pull {
    /// `pull`: its name, a lower-case word.
    pub name: String,
    /// `source`: the source that the facts are of. The pull's name when absent.
    pub source: String,
    /// `from`: where the rows are; exactly one of `postgres`, `folder` and `s3`.
    pub origin: Origin,
    /// `every` or `at`: when it runs. Without either it runs only when it is asked to.
    pub schedule: Option<Schedule>,
    /// `map`: how a row becomes a fact; the mapping language of files (`docs/guide/mapping.md`), as it is or as a text.
    pub mapping: Mapping,
    /// Changes whenever the same row could become another fact.
    pub(super) fingerprint: kit::Digest,
}

impl Pull {
    /// Reads a definition, YAML or JSON. Returns it unless it has problems, and *all* of its problems, in the order of their places.
    pub fn parse(text: &str) -> (Option<Self>, Vec<Problem>) {
        parse::pull(text)
    }
}

/// Where rows are.
#[derive(Debug, Clone)]
pub enum Origin {
    Postgres(Box<Postgres>),
    Folder(Folder),
    Bucket(Box<Bucket>),
}

impl Origin {
    /// The kind, as a definition names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Folder(_) => "folder",
            Self::Bucket(_) => "s3",
        }
    }

    /// Where it is, in words that hold no secret.
    pub fn place(&self) -> String {
        match self {
            Self::Postgres(postgres) => match &postgres.rows {
                Relation::Table(table) => format!("{} table {table}", postgres.url),
                Relation::Query(_) => format!("{} query", postgres.url),
            },
            Self::Folder(folder) => format!("{}/{}", folder.path.trim_end_matches('/'), folder.pattern),
            Self::Bucket(bucket) => {
                let prefix = bucket.prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
                format!("{}/{}/{prefix}{}", bucket.endpoint.as_deref().unwrap_or("s3:/"), bucket.bucket, bucket.pattern)
            }
        }
    }
}

/// `from: { postgres: … }`: the rows of a table or of a query. PostgreSQL 11 or later.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// `url`: `postgres://user@host:5432/database`, without the password; or the words of libpq (`host=… dbname=…`).
    pub url: String,
    /// `password`: of the user. It is never shown again.
    pub password: Option<Secret>,
    /// `tls`: `verify` (the server shows a certificate that is valid for its name) or `off`. Without it `verify`, and `off` on this machine.
    pub tls: Option<Tls>,
    /// `ca`: certificates (PEM) that the server's may be signed by, instead of those that browsers trust.
    pub ca: Option<String>,
    /// `table` (`contacts`, `crm.contacts`) or `query` (one `select`).
    pub rows: Relation,
    /// `key`: the columns that tell rows apart.
    pub key: Vec<String>,
    /// `mode`: `full` reads every row each time and passes over those that have not changed; `incremental` reads those from the cursor on.
    pub mode: Mode,
    /// `deletes: key_set`: what has left the table is taken back: at each run the keys that are there are compared with those known.
    pub has_deletes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    Verify,
    Off,
}

/// What is read of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// With or without its schema.
    Table(String),
    Query(String),
}

/// Which rows a run reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    Full,
    Incremental(Cursor),
}

/// How far an incremental pull has come: rows with the last value are read again (others may have got the same one since), and those that
/// have not changed are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// `cursor`: a column that grows with each change, such as `updated_at`. Rows without a value are not read.
    pub column: String,
    /// `overlap`: of a column of times, how far behind the last value reading starts, for rows that were committed late. `5m` without it.
    pub overlap_ms: i64,
}

/// `from: { folder: … }`: files below a folder of the machine that runs the house.
#[derive(Debug, Clone)]
pub struct Folder {
    /// `path`: absolute.
    pub path: String,
    /// `pattern`: which files, by their path below the folder: `*.csv.gz`, `2026/**/orders-*.ndjson`. All without it.
    pub pattern: Pattern,
    /// `settle`: how long a file must have been left alone before it is read. `10s` without it.
    pub settle_ms: i64,
}

/// `from: { s3: … }`: objects of a bucket that speaks the protocol of S3.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// `endpoint`: e.g. `https://minio.example.com`. Amazon's own without it.
    pub endpoint: Option<String>,
    /// `region`: `us-east-1` without it.
    pub region: String,
    /// `bucket`: its name.
    pub bucket: String,
    /// `prefix`: the folder below which objects are listed.
    pub prefix: Option<String>,
    /// `pattern`: which objects, by their path below the prefix. All without it.
    pub pattern: Pattern,
    /// `access_key_id` and `secret_access_key`: without them requests are anonymous, as public buckets take them.
    pub keys: Option<Keys>,
    /// `session_token`: with keys that last for a while.
    pub session_token: Option<Secret>,
    /// `virtual_hosted`: `true` puts the bucket's name into the host's. Else it is in the path.
    pub is_virtual_hosted: bool,
}

#[derive(Debug, Clone)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: Secret,
}
