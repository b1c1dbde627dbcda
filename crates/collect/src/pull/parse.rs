//! From the tree of a definition to a [`Pull`], collecting every problem on the way.

use std::str::FromStr;

use jiff::tz::TimeZone;
use kit::{Digest, MINUTE_MS, SECOND_MS, Secret};
use tokio_postgres::Config;

use super::definition::{Bucket, Cursor, Folder, Keys, Mode, Origin, Postgres, Pull, Relation, Tls};
use super::pattern::Pattern;
use super::schedule::{Schedule, span_ms, time_of_day};
use super::{Problem, postgres};
use crate::document::{self, Content, Entries, Node, Place, Reader};
use crate::files::Mapping;
use crate::sources::is_word;

const KEYS: &[&str] = &["version", "pull", "source", "from", "every", "at", "time_zone", "map"];
const ORIGINS: &[&str] = &["postgres", "folder", "s3"];
const POSTGRES_KEYS: &[&str] =
    &["url", "password", "tls", "ca", "table", "query", "key", "mode", "cursor", "overlap", "deletes"];
const FOLDER_KEYS: &[&str] = &["path", "pattern", "settle"];
const BUCKET_KEYS: &[&str] = &[
    "endpoint",
    "region",
    "bucket",
    "prefix",
    "pattern",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "virtual_hosted",
];
const RESERVED: &str = "dry-run";
const USUAL_OVERLAP_MS: i64 = 5 * MINUTE_MS;
const USUAL_SETTLE_MS: i64 = 10 * SECOND_MS;
const USUAL_REGION: &str = "us-east-1";
/// Shorter pauses would only ask the same again.
const SHORTEST_PAUSE_MS: i64 = 5 * SECOND_MS;

pub(super) fn pull(text: &str) -> (Option<Pull>, Vec<Problem>) {
    let root = match document::read(text) {
        Ok(root) => root,
        Err(problem) => return (None, vec![problem]),
    };
    let mut reader = Reader::default();
    root.note_repeated_keys(&mut reader.problems);
    let pull = read(&mut reader, &root);
    let mut problems = reader.into_problems();
    problems.dedup();
    (pull.filter(|_| problems.is_empty()), problems)
}

fn read(reader: &mut Reader, root: &Node) -> Option<Pull> {
    let mut entries = reader.entries(root, "a pull")?;
    reader.version(&mut entries);
    let name = needed(reader, &mut entries, "pull").and_then(|node| name(reader, node));
    let source = entries.take("source").map(|node| word(reader, node));
    let origin = needed(reader, &mut entries, "from").and_then(|node| origin(reader, node));
    let schedule = schedule(reader, &mut entries);
    let map = needed(reader, &mut entries, "map");
    let mapping = map.and_then(|node| mapping(reader, node, origin.as_ref()));
    reader.finish(entries, KEYS);
    let name = name?;
    let source = source.map_or_else(|| Some(name.clone()), |source| source)?;
    let fingerprint = Digest::of(&[&source, &map?.to_json().to_string()]);
    Some(Pull { name, source, origin: origin?, schedule: schedule?, mapping: mapping?, fingerprint })
}

fn origin(reader: &mut Reader, node: &Node) -> Option<Origin> {
    let mut entries = reader.entries(node, "`from`")?;
    let given: Vec<_> = ORIGINS.iter().filter_map(|key| Some((*key, entries.take(key)?))).collect();
    reader.finish(entries, ORIGINS);
    match given[..] {
        [("postgres", node)] => postgres(reader, node).map(Box::new).map(Origin::Postgres),
        [("folder", node)] => folder(reader, node).map(Origin::Folder),
        [("s3", node)] => bucket(reader, node).map(Box::new).map(Origin::Bucket),
        _ => {
            reader.note(node.place, format!("exactly one of {} is needed", document::quoted(ORIGINS)));
            None
        }
    }
}

fn postgres(reader: &mut Reader, node: &Node) -> Option<Postgres> {
    let mut entries = reader.entries(node, "`postgres`")?;
    let url = needed(reader, &mut entries, "url").and_then(|node| url(reader, node));
    let password = optional_text(reader, &mut entries, "password").map(Secret::new);
    let tls = entries.take("tls").and_then(|node| reader.word(node, &["verify", "off"]));
    let tls = tls.map(|word| if word == "off" { Tls::Off } else { Tls::Verify });
    let ca = entries.take("ca").and_then(|node| certificates(reader, node));
    let rows = relation(reader, &mut entries);
    let key = needed(reader, &mut entries, "key").and_then(|node| columns(reader, node));
    let mode = mode(reader, &mut entries);
    let has_deletes = entries.take("deletes").and_then(|node| reader.word(node, &["key_set"])).is_some();
    reader.finish(entries, POSTGRES_KEYS);
    Some(Postgres { url: url?, password, tls, ca, rows: rows?, key: key?, mode: mode?, has_deletes })
}

/// The address is shown in lists and messages, so it holds no password.
fn url(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    match Config::from_str(text) {
        Ok(config) if config.get_password().is_some() => {
            reader.note(node.place, "the password does not belong into `url`, which is shown (put it into `password`)");
        }
        Ok(config) if config.get_hosts().is_empty() => reader.note(node.place, "`url` names no host"),
        Ok(_) => return Some(text.to_owned()),
        Err(_) => reader.note(node.place, "`url` is written `postgres://user@host:5432/database`"),
    }
    None
}

fn certificates(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    if postgres::certificates(text).is_none() {
        reader.note(node.place, "`ca` holds no certificates (PEM: `-----BEGIN CERTIFICATE-----` …)");
        return None;
    }
    Some(text.to_owned())
}

fn relation(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<Relation> {
    let place = entries.place;
    match ["table", "query"].map(|key| entries.take(key)) {
        [Some(node), None] => filled(reader, node).map(Relation::Table),
        [None, Some(node)] => {
            let query = filled(reader, node)?;
            Some(Relation::Query(query.trim_end().trim_end_matches(';').to_owned()))
        }
        _ => {
            reader.note(place, "exactly one of `table` and `query` is needed");
            None
        }
    }
}

fn columns(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let columns: Vec<String> = match &node.content {
        Content::Text(column) => vec![column.clone()],
        _ => reader.list(node)?.iter().filter_map(|item| filled(reader, item)).collect(),
    };
    if columns.is_empty() {
        reader.note(node.place, "`key` names the columns that tell rows apart, e.g. `[id]`");
        return None;
    }
    Some(columns)
}

/// After a problem the mode counts as full, so that what comes behind it is looked at as well.
fn mode(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<Mode> {
    let place = entries.place;
    let word = entries.take("mode").map(|node| reader.word(node, &["full", "incremental"]));
    let cursor = entries.take("cursor");
    let overlap = entries.take("overlap");
    match (word.unwrap_or(Some("full"))?, cursor) {
        ("full", None) => {
            if let Some(node) = overlap {
                reader.note(node.place, "`overlap` belongs to `mode: incremental`");
            }
            Some(Mode::Full)
        }
        ("full", Some(node)) => {
            reader.note(node.place, "`cursor` belongs to `mode: incremental`");
            Some(Mode::Full)
        }
        (_, cursor) => {
            let overlap_ms = overlap.map_or(Some(USUAL_OVERLAP_MS), |node| span(reader, node));
            let Some(node) = cursor else {
                reader.note(place, "`mode: incremental` needs a `cursor`: a column that grows with each change");
                return Some(Mode::Full);
            };
            Some(Mode::Incremental(Cursor { column: filled(reader, node)?, overlap_ms: overlap_ms? }))
        }
    }
}

fn folder(reader: &mut Reader, node: &Node) -> Option<Folder> {
    let mut entries = reader.entries(node, "`folder`")?;
    let path = needed(reader, &mut entries, "path").and_then(|node| absolute(reader, node));
    let pattern = pattern(reader, &mut entries);
    let settle_ms = entries.take("settle").map_or(Some(USUAL_SETTLE_MS), |node| span(reader, node));
    reader.finish(entries, FOLDER_KEYS);
    Some(Folder { path: path?, pattern, settle_ms: settle_ms? })
}

fn absolute(reader: &mut Reader, node: &Node) -> Option<String> {
    let path = reader.text(node)?;
    if !std::path::Path::new(path).is_absolute() {
        reader.note(node.place, "`path` must be absolute: the house runs where it was started");
        return None;
    }
    Some(path.to_owned())
}

fn bucket(reader: &mut Reader, node: &Node) -> Option<Bucket> {
    let mut entries = reader.entries(node, "`s3`")?;
    let endpoint = entries.take("endpoint").map(|node| endpoint(reader, node));
    let region = optional_text(reader, &mut entries, "region");
    let bucket = needed(reader, &mut entries, "bucket").and_then(|node| filled(reader, node));
    let prefix = optional_text(reader, &mut entries, "prefix");
    let pattern = pattern(reader, &mut entries);
    let keys = keys(reader, &mut entries);
    let session_token = optional_text(reader, &mut entries, "session_token").map(Secret::new);
    let is_virtual_hosted = entries.take("virtual_hosted").and_then(|node| boolean(reader, node)).unwrap_or(false);
    reader.finish(entries, BUCKET_KEYS);
    Some(Bucket {
        endpoint: endpoint.map_or(Some(None), |endpoint| endpoint.map(Some))?,
        region: region.unwrap_or_else(|| USUAL_REGION.to_owned()),
        bucket: bucket?,
        prefix: prefix.map(|prefix| prefix.trim_matches('/').to_owned()).filter(|prefix| !prefix.is_empty()),
        pattern,
        keys: keys?,
        session_token,
        is_virtual_hosted,
    })
}

fn endpoint(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    let is_http = ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    if !is_http || text.contains('@') {
        reader.note(node.place, "`endpoint` is written `https://host:port`, without a user");
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn keys(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<Option<Keys>> {
    let place = entries.place;
    match ["access_key_id", "secret_access_key"].map(|key| optional_text(reader, entries, key)) {
        [Some(access_key_id), Some(secret)] => {
            Some(Some(Keys { access_key_id, secret_access_key: Secret::new(secret) }))
        }
        [None, None] => Some(None),
        _ => {
            reader.note(place, "`access_key_id` and `secret_access_key` belong together");
            None
        }
    }
}

fn schedule(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<Option<Schedule>> {
    let zone = entries.take("time_zone");
    match ["every", "at"].map(|key| entries.take(key)) {
        [None, None] => match zone {
            None => Some(None),
            Some(node) => lonely_zone(reader, node.place),
        },
        [Some(node), None] => match zone {
            None => every(reader, node).map(Some),
            Some(zone) => lonely_zone(reader, zone.place),
        },
        [None, Some(node)] => daily(reader, node, zone).map(Some),
        [Some(span), Some(node)] => {
            reader.note(node.place, "only one of `every` and `at` can be said");
            (every(reader, span), daily(reader, node, zone)).0.map(Some)
        }
    }
}

fn lonely_zone<T>(reader: &mut Reader, place: Place) -> Option<T> {
    reader.note(place, "`time_zone` belongs to `at`");
    None
}

fn every(reader: &mut Reader, node: &Node) -> Option<Schedule> {
    let every_ms = span(reader, node)?;
    if every_ms < SHORTEST_PAUSE_MS {
        reader.note(node.place, "`every` is at least `5s`");
        return None;
    }
    Some(Schedule::Every { every_ms })
}

fn daily(reader: &mut Reader, node: &Node, zone: Option<&Node>) -> Option<Schedule> {
    let at = time_of_day(reader.text(node)?);
    if at.is_none() {
        reader.note(node.place, "`at` is a time of day, written `\"02:00\"`");
    }
    let zone = zone.map_or(Some(TimeZone::UTC), |node| time_zone(reader, node));
    Some(Schedule::Daily { at: at?, zone: zone? })
}

fn time_zone(reader: &mut Reader, node: &Node) -> Option<TimeZone> {
    let name = reader.text(node)?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        reader.note(node.place, format!("`{name}` is no time zone (write it like `Europe/Berlin`)"));
    }
    zone
}

/// A mapping stands in the definition as it is, or as a text: its problems then have their places inside the text.
fn mapping(reader: &mut Reader, node: &Node, origin: Option<&Origin>) -> Option<Mapping> {
    let (mapping, problems) = match &node.content {
        Content::Text(text) => {
            let (mapping, problems) = Mapping::parse(text);
            let inside = |problem: crate::files::Problem| Problem::at(node.place, format!("in `map`: {problem}"));
            (mapping, problems.into_iter().map(inside).collect::<Vec<_>>())
        }
        _ => {
            let (mapping, problems) = Mapping::of_node(node);
            let same = |problem: crate::files::Problem| {
                Problem::at(Place { line: problem.line, column: problem.column }, problem.message)
            };
            (mapping, problems.into_iter().map(same).collect())
        }
    };
    reader.problems.extend(problems);
    let mapping = mapping?;
    if let Some(Origin::Postgres(postgres)) = origin {
        suits_a_table(reader, node.place, &mapping, postgres);
    }
    Some(mapping)
}

fn suits_a_table(reader: &mut Reader, place: Place, mapping: &Mapping, postgres: &Postgres) {
    if mapping.numbers_rows() {
        reader.note(place, "rows of a table have no number: `{row}` is for files");
    }
    if postgres.has_deletes && !mapping.makes_records() {
        reader.note(place, "`deletes` needs a `record`: what happened cannot be taken back");
    }
}

fn pattern(reader: &mut Reader, entries: &mut Entries<'_>) -> Pattern {
    Pattern::new(optional_text(reader, entries, "pattern").unwrap_or_else(|| Pattern::ALL.to_owned()))
}

fn span(reader: &mut Reader, node: &Node) -> Option<i64> {
    let text = reader.text(node)?;
    let span = span_ms(text);
    if span.is_none() {
        reader.note(node.place, format!("`{text}` is no span of time (write `30s`, `15m`, `6h` or `1d`)"));
    }
    span
}

fn name(reader: &mut Reader, node: &Node) -> Option<String> {
    let name = word(reader, node)?;
    if name == RESERVED {
        reader.note(node.place, format!("`{RESERVED}` is no name for a pull: it is a word of the API"));
        return None;
    }
    Some(name)
}

fn word(reader: &mut Reader, node: &Node) -> Option<String> {
    let name = reader.text(node)?;
    if !is_word(name) {
        let rule = "use a lower-case word of letters, digits, `_` and `-`, at most 64";
        reader.note(node.place, format!("`{name}` is no name ({rule})"));
        return None;
    }
    Some(name.to_owned())
}

fn boolean(reader: &mut Reader, node: &Node) -> Option<bool> {
    match node.content {
        Content::Bool(is) => Some(is),
        _ => {
            reader.note(node.place, "`true` or `false` is expected");
            None
        }
    }
}

fn needed<'n>(reader: &mut Reader, entries: &mut Entries<'n>, key: &str) -> Option<&'n Node> {
    let place = entries.place;
    let node = entries.take(key);
    if node.is_none() {
        reader.note(place, format!("`{key}` is missing"));
    }
    node
}

/// A text that may be absent; one that is no text is noted and counts as absent.
fn optional_text(reader: &mut Reader, entries: &mut Entries<'_>, key: &str) -> Option<String> {
    entries.take(key).and_then(|node| filled(reader, node))
}

/// A text that says something. A number is taken as it is written.
fn filled(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = match &node.content {
        Content::Number(_, written) => written.clone(),
        _ => reader.text(node)?.to_owned(),
    };
    if text.trim().is_empty() {
        reader.note(node.place, "a text is expected, and this one is empty");
        return None;
    }
    Some(text)
}
