//! From the tree of a mapping file to a [`Mapping`], collecting every problem on the way.

use model::{EventKind, kinds};

use super::{
    Branch, ColumnId, Condition, ConsentMap, EventMap, Format, Identifiers, Kind, Mapping, Part, Problem, RecordMap,
    Target, Template, Test, TimeFormat, Tree, Value,
};
use crate::document::{self, Content, Entries, Entry, Node, Place};
use crate::normalise;

const VALUE_KEYS: &[&str] = &["column", "text", "as", "format", "map", "default"];
const KINDS: &[&str] = &["text", "number", "integer", "boolean", "time", "json"];
const EVENT_KINDS: &[&str] = &["track", "page", "screen", "identify", "group", "consent"];

pub(super) fn mapping(text: &str) -> (Option<Mapping>, Vec<Problem>) {
    match document::read(text) {
        Ok(root) => mapping_of(&root),
        Err(problem) => (None, vec![problem]),
    }
}

pub(super) fn mapping_of(root: &Node) -> (Option<Mapping>, Vec<Problem>) {
    let mut reader = Reader::default();
    root.note_repeated_keys(&mut reader.notes.problems);
    let mapping = reader.mapping(root);
    let problems = reader.notes.into_problems();
    (mapping.filter(|_| problems.is_empty()), problems)
}

/// Reads the tree. A method returns `None` only after it has noted why.
#[derive(Debug, Default)]
struct Reader {
    notes: document::Reader,
    columns: Vec<String>,
    /// Whether some template asks for the number of the row.
    numbers_rows: bool,
}

impl Reader {
    fn mapping(&mut self, root: &Node) -> Option<Mapping> {
        const KEYS: &[&str] = &[
            "version",
            "format",
            "delimiter",
            "phone_region",
            "empty",
            "only_when",
            "skip_when",
            "record",
            "event",
            "segment",
        ];
        let mut entries = self.notes.entries(root, "a mapping")?;
        self.notes.version(&mut entries);
        let format = entries.take("format");
        let format = format.and_then(|node| self.format(node));
        let delimiter = entries.take("delimiter");
        let delimiter = delimiter.and_then(|node| self.delimiter(node));
        let region = entries.take("phone_region");
        let phone_region = region.and_then(|node| self.phone_region(node));
        let empty = self.optional_texts(entries.take("empty"));
        let only_when = self.conditions(entries.take("only_when"));
        let skip_when = self.conditions(entries.take("skip_when"));
        let target = self.target(&mut entries);
        self.notes.finish(entries, KEYS);
        Some(Mapping {
            format,
            delimiter,
            phone_region,
            empty,
            only_when,
            skip_when,
            target: target?,
            columns: std::mem::take(&mut self.columns),
            numbers_rows: self.numbers_rows,
        })
    }

    fn format(&mut self, node: &Node) -> Option<Format> {
        let words = &["csv", "ndjson", "parquet"];
        Some(match self.notes.word(node, words)? {
            "csv" => Format::Csv,
            "ndjson" => Format::Ndjson,
            _ => Format::Parquet,
        })
    }

    fn delimiter(&mut self, node: &Node) -> Option<u8> {
        match self.notes.scalar(node)?.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Some(*byte),
            _ => {
                self.note(node.place, "`delimiter` must be one ASCII character");
                None
            }
        }
    }

    fn phone_region(&mut self, node: &Node) -> Option<normalise::Region> {
        let parsed = self.notes.scalar(node)?.parse();
        parsed.map_err(|error: normalise::RegionError| self.note(node.place, error.to_string())).ok()
    }

    fn target(&mut self, entries: &mut Entries<'_>) -> Option<Target> {
        let place = entries.place;
        let given = ["record", "event", "segment"].map(|key| entries.take(key));
        match given {
            [Some(node), None, None] => self.record(node).map(Target::Record),
            [None, Some(node), None] => self.event(node).map(Target::Event),
            [None, None, Some(node)] => self.segment(node),
            _ => {
                self.note(place, "exactly one of `record`, `event` and `segment` is needed");
                None
            }
        }
    }

    fn segment(&mut self, node: &Node) -> Option<Target> {
        if !matches!(node.content, Content::Nothing) {
            let entries = self.notes.entries(node, "`segment`")?;
            self.notes.finish(entries, &[]);
        }
        Some(Target::Segment)
    }

    fn record(&mut self, node: &Node) -> Option<RecordMap> {
        const KEYS: &[&str] =
            &["key", "version", "delete_when", "identifiers", "fallback_identifiers", "traits", "consents"];
        let mut entries = self.notes.entries(node, "`record`")?;
        let key = self.required(&mut entries, "key");
        let version = entries.take("version");
        let version = version.and_then(|node| self.time(node));
        let delete_when = self.conditions(entries.take("delete_when"));
        let identifiers = self.all_identifiers(&mut entries);
        let traits = self.tree(entries.take("traits"));
        let consents = self.consents(entries.take("consents"));
        self.notes.finish(entries, KEYS);
        Some(RecordMap { key: key?, version, delete_when, identifiers, traits, consents })
    }

    fn event(&mut self, node: &Node) -> Option<EventMap> {
        const KEYS: &[&str] = &[
            "kind",
            "name",
            "message_id",
            "time",
            "identifiers",
            "fallback_identifiers",
            "traits",
            "properties",
            "context",
            "consents",
        ];
        let mut entries = self.notes.entries(node, "`event`")?;
        let kind = entries.take("kind");
        let kind = kind.map_or(Some(EventKind::Track), |node| self.event_kind(node));
        let name = match kind {
            Some(EventKind::Track) => self.required(&mut entries, "name"),
            _ => entries.take("name").and_then(|node| self.value(node)),
        };
        let message_id = entries.take("message_id").and_then(|node| self.value(node));
        let time = entries.take("time").and_then(|node| self.time(node));
        let identifiers = self.all_identifiers(&mut entries);
        let traits = self.tree(entries.take("traits"));
        let properties = self.tree(entries.take("properties"));
        let context = self.tree(entries.take("context"));
        let consents = self.consents(entries.take("consents"));
        self.notes.finish(entries, KEYS);
        Some(EventMap { kind: kind?, name, message_id, time, identifiers, traits, properties, context, consents })
    }

    fn event_kind(&mut self, node: &Node) -> Option<EventKind> {
        let word = self.notes.word(node, EVENT_KINDS)?;
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    fn all_identifiers(&mut self, entries: &mut Entries<'_>) -> Identifiers {
        let place = entries.place;
        let always = self.identifiers(entries.take("identifiers"));
        let fallback = self.identifiers(entries.take("fallback_identifiers"));
        if always.is_empty() && fallback.is_empty() {
            self.note(place, "`identifiers` needs at least one entry, e.g. `email: \"{Email}\"`");
        }
        Identifiers { always, fallback }
    }

    fn identifiers(&mut self, node: Option<&Node>) -> Vec<(String, Value)> {
        let Some(entries) = node.and_then(|node| self.notes.entries(node, "`identifiers`")) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for entry in entries.left {
            self.identifier_kind(entry);
            let values = match &entry.value.content {
                Content::List(values) => values.iter().collect(),
                _ => vec![&entry.value],
            };
            let values = values.into_iter().filter_map(|node| self.value(node));
            all.extend(values.map(|value| (entry.key.clone(), value)));
        }
        all
    }

    fn identifier_kind(&mut self, entry: &Entry) {
        if entry.key == kinds::GROUP_ID {
            self.note(entry.place, "`group_id` cannot identify a person (put it among the properties)");
        } else if !normalise::is_kind(&entry.key) {
            self.note(
                entry.place,
                format!("`{}` is no kind of identifier (use lower-case letters, digits and `_`)", entry.key),
            );
        }
    }

    fn consents(&mut self, node: Option<&Node>) -> Vec<ConsentMap> {
        let nodes = node.and_then(|node| self.notes.list(node)).unwrap_or_default();
        nodes.iter().filter_map(|node| self.consent(node)).collect()
    }

    fn consent(&mut self, node: &Node) -> Option<ConsentMap> {
        const KEYS: &[&str] = &["purpose", "column", "text", "granted", "denied", "neither"];
        let mut entries = self.notes.entries(node, "a consent")?;
        let purpose = self.required(&mut entries, "purpose");
        let answer = self.template(&mut entries);
        let granted = self.optional_texts(entries.take("granted"));
        let denied = self.optional_texts(entries.take("denied"));
        let neither = self.optional_texts(entries.take("neither"));
        if granted.is_empty() && denied.is_empty() {
            self.note(node.place, "a consent needs `granted` or `denied`, each a list of texts");
        }
        self.notes.finish(entries, KEYS);
        Some(ConsentMap { purpose: purpose?, answer: plain(answer?), granted, denied, neither })
    }

    fn tree(&mut self, node: Option<&Node>) -> Tree {
        let mut tree = Tree::default();
        let Some(entries) = node.and_then(|node| self.notes.entries(node, "a list of names")) else {
            return tree;
        };
        for entry in entries.left {
            let Some(value) = self.value(&entry.value) else { continue };
            if !graft(&mut tree, &entry.key, value) {
                let message = format!("`{}` is there twice, or is empty between its dots", entry.key);
                self.note(entry.place, message);
            }
        }
        tree
    }

    fn conditions(&mut self, node: Option<&Node>) -> Vec<Condition> {
        let nodes = match node {
            None => return Vec::new(),
            Some(node) if matches!(node.content, Content::Map(_)) => std::slice::from_ref(node),
            Some(node) => self.notes.list(node).unwrap_or_default(),
        };
        nodes.iter().filter_map(|node| self.condition(node)).collect()
    }

    fn condition(&mut self, node: &Node) -> Option<Condition> {
        const KEYS: &[&str] = &["column", "text", "is", "is_not", "empty"];
        let mut entries = self.notes.entries(node, "a condition")?;
        let template = self.template(&mut entries);
        let tests = ["is", "is_not", "empty"].map(|key| entries.take(key));
        let test = match tests {
            [Some(is), None, None] => self.texts(is).map(Test::Is),
            [None, Some(is_not), None] => self.texts(is_not).map(Test::IsNot),
            [None, None, Some(empty)] => {
                let word = self.notes.word(empty, &["true", "false"]);
                word.map(|word| Test::Empty(word == "true"))
            }
            _ => {
                self.note(node.place, "exactly one of `is`, `is_not` and `empty` is needed");
                None
            }
        };
        self.notes.finish(entries, KEYS);
        Some(Condition { template: template?, test: test? })
    }

    fn required(&mut self, entries: &mut Entries<'_>, key: &'static str) -> Option<Value> {
        let (place, what) = (entries.place, entries.what);
        match entries.take(key) {
            Some(node) => self.value(node),
            None => {
                self.note(place, format!("{what} needs `{key}`"));
                None
            }
        }
    }

    /// A value that must be a time, whether it says so or not.
    fn time(&mut self, node: &Node) -> Option<Value> {
        let mut value = self.value(node)?;
        match value.kind {
            Kind::Text => value.kind = Kind::Time(TimeFormat::Usual),
            Kind::Time(_) => {}
            _ => self.note(node.place, "this value must be a time"),
        }
        Some(value)
    }

    fn value(&mut self, node: &Node) -> Option<Value> {
        if let Some(text) = node.as_written() {
            return self.read_template(text, node.place).map(plain);
        }
        if matches!(node.content, Content::Map(_)) {
            return self.long_value(node);
        }
        self.note(node.place, "a text like `\"{Column}\"`, or `{ column: … }`, is expected");
        None
    }

    fn long_value(&mut self, node: &Node) -> Option<Value> {
        let mut entries = self.notes.entries(node, "a value")?;
        let template = self.template(&mut entries);
        let kind = entries.take("as");
        let kind = kind.map_or(Some("text"), |node| self.notes.word(node, KINDS));
        let format = entries.take("format");
        let kind = self.kind(kind, format);
        let map = entries.take("map");
        let map = map.and_then(|node| self.pairs(node));
        let default = entries.take("default");
        let default = default.and_then(|node| self.notes.scalar(node).map(str::to_owned));
        self.notes.finish(entries, VALUE_KEYS);
        Some(Value { template: template?, kind: kind?, map, default })
    }

    fn kind(&mut self, word: Option<&str>, format: Option<&Node>) -> Option<Kind> {
        let word = word?;
        if let Some(node) = format.filter(|_| word != "time") {
            self.note(node.place, "`format` belongs to `as: time`");
        }
        Some(match word {
            "number" => Kind::Number,
            "integer" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "json" => Kind::Json,
            "time" => Kind::Time(format.map_or(Some(TimeFormat::Usual), |node| self.time_format(node))?),
            _ => Kind::Text,
        })
    }

    fn time_format(&mut self, node: &Node) -> Option<TimeFormat> {
        Some(match self.notes.scalar(node)? {
            "epoch_s" => TimeFormat::EpochSeconds,
            "epoch_ms" => TimeFormat::EpochMilliseconds,
            pattern if pattern.contains('%') => TimeFormat::Pattern(pattern.to_owned()),
            _ => {
                self.note(node.place, "`format` is `epoch_s`, `epoch_ms` or a pattern like `%m/%d/%Y %H:%M`");
                return None;
            }
        })
    }

    /// `column` (a name as it is) or `text` (a template).
    fn template(&mut self, entries: &mut Entries<'_>) -> Option<Template> {
        let place = entries.place;
        match ["column", "text"].map(|key| entries.take(key)) {
            [Some(node), None] => {
                let column = self.notes.scalar(node)?.to_owned();
                Some(Template::of_column(self.column(&column)))
            }
            [None, Some(node)] => {
                let text = self.notes.scalar(node)?.to_owned();
                self.read_template(&text, node.place)
            }
            _ => {
                self.note(place, "exactly one of `column` and `text` is needed");
                None
            }
        }
    }

    fn read_template(&mut self, text: &str, place: Place) -> Option<Template> {
        let columns = &mut self.columns;
        let template = Template::read(text, |name| intern(columns, name));
        let template = template.map_err(|message| self.note(place, message)).ok()?;
        self.numbers_rows |= template.0.contains(&Part::Row);
        Some(template)
    }

    fn column(&mut self, name: &str) -> ColumnId {
        intern(&mut self.columns, name)
    }

    fn pairs(&mut self, node: &Node) -> Option<Vec<(String, String)>> {
        let entries = self.notes.entries(node, "`map`")?;
        let pairs = entries.left.into_iter().filter_map(|entry| {
            let text = self.notes.scalar(&entry.value)?;
            Some((entry.key.clone(), text.to_owned()))
        });
        Some(pairs.collect())
    }

    fn optional_texts(&mut self, node: Option<&Node>) -> Vec<String> {
        node.and_then(|node| self.texts(node)).unwrap_or_default()
    }

    fn texts(&mut self, node: &Node) -> Option<Vec<String>> {
        if let Some(text) = node.as_written() {
            return Some(vec![text.to_owned()]);
        }
        let nodes = self.notes.list(node).unwrap_or_default();
        let texts = nodes.iter().filter_map(|node| self.notes.scalar(node));
        Some(texts.map(str::to_owned).collect())
    }

    fn note(&mut self, place: Place, message: impl Into<String>) {
        self.notes.note(place, message);
    }
}

fn plain(template: Template) -> Value {
    Value { template, kind: Kind::Text, map: None, default: None }
}

fn intern(columns: &mut Vec<String>, name: &str) -> ColumnId {
    let known = columns.iter().position(|column| column == name);
    ColumnId(known.unwrap_or_else(|| {
        columns.push(name.to_owned());
        columns.len() - 1
    }))
}

/// Puts a value at a dotted name; false when something is there already.
fn graft(tree: &mut Tree, name: &str, value: Value) -> bool {
    let (first, rest) = match name.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    let at = tree.0.iter().position(|(key, _)| key == first);
    match (at, rest) {
        (_, _) if first.is_empty() => false,
        (None, None) => {
            tree.0.push((first.to_owned(), Branch::Value(value)));
            true
        }
        (None, Some(rest)) => {
            let mut inner = Tree::default();
            let placed = graft(&mut inner, rest, value);
            tree.0.push((first.to_owned(), Branch::Tree(inner)));
            placed
        }
        (Some(at), Some(rest)) => match &mut tree.0[at].1 {
            Branch::Tree(inner) => graft(inner, rest, value),
            Branch::Value(_) => false,
        },
        (Some(_), None) => false,
    }
}
