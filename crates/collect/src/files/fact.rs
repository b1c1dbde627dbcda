//! From a row to a fact, as a mapping says.

use kit::{Coded, Digest, Timestamp};
use model::{Change, ConsentChange, Event, Fact, Identifier, Raw, Record};

use super::ImportContext;
use super::mapping::{ConsentMap, EventMap, Identifiers, Mapping, RecordMap, Target, Tree, Value};
use super::rows::{Cells, Unread};
use super::value::{Complaint, Row};
use crate::normalise::{self, IDENTIFIER_CHARS, Region};
use crate::spec::{self, Arrival, Door, Fields};

/// What a row is called, wherever it comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'n> {
    /// Its number, from 1.
    pub number: u64,
    /// Its key where it comes from a table: one key is one message. A row of a file is known by its number and its text.
    pub key: Option<&'n str>,
}

impl Name<'_> {
    /// The id of a message that brings none: the same on every reading, another for every row.
    fn message_id(&self, raw: &str, file: Option<&str>) -> Digest {
        match (self.key, file) {
            (Some(key), _) => Digest::of(&["key", key]),
            (None, Some(file)) => Digest::of(&[file, &self.number.to_string(), raw]),
            (None, None) => Digest::of(&[&self.number.to_string(), raw]),
        }
    }
}

/// Returns the row's fact, or `None` when the mapping skips the row.
pub(super) fn of(
    raw: &str,
    unread: Unread<'_>,
    name: Name<'_>,
    mapping: &Mapping,
    import: &ImportContext,
) -> Result<Option<Fact>, Complaint> {
    let cells = match unread {
        Unread::Cells(cells) => cells,
        Unread::Json => object(raw, mapping)?,
    };
    let row = Row { cells, number: name.number, empty: &mapping.empty, columns: &mapping.columns };
    let skipped = !mapping.skip_when.is_empty() && row.all_hold(&mapping.skip_when);
    if skipped || !row.all_hold(&mapping.only_when) {
        return Ok(None);
    }
    let maker = Maker { row, raw, name, mapping, import };
    let fact = match &mapping.target {
        Target::Record(map) => Fact::Record(maker.record(map)?),
        Target::Event(map) => Fact::Event(maker.event(map)?),
        Target::Segment => Fact::Event(maker.message()?),
    };
    Ok(Some(fact))
}

fn object<'r>(raw: &'r str, mapping: &'r Mapping) -> Result<Cells<'r>, Complaint> {
    let refused = |refusal: spec::Refusal| Complaint::new(refusal.code(), refusal.to_string());
    if !raw.starts_with('{') {
        return Err(Complaint::new("wrong_type", "the row is not a JSON object"));
    }
    // A whole message is checked where it is read.
    let fields = match mapping.target {
        Target::Segment if mapping.columns.is_empty() => Fields::default(),
        _ => {
            spec::check(raw).map_err(refused)?;
            Fields::of(raw)
        }
    };
    Ok(Cells::Object { fields, columns: &mapping.columns })
}

struct Maker<'m> {
    row: Row<'m>,
    raw: &'m str,
    name: Name<'m>,
    mapping: &'m Mapping,
    import: &'m ImportContext,
}

impl Maker<'_> {
    fn record(&self, map: &RecordMap) -> Result<Record, Complaint> {
        let key = self.required(&map.key, "key")?;
        let version = self.time(map.version.as_ref(), "the record's version")?;
        let deleted = !map.delete_when.is_empty() && self.row.all_hold(&map.delete_when);
        Ok(Record {
            source: self.import.source.clone(),
            key,
            version,
            change: if deleted { Change::Delete } else { Change::Upsert },
            identifiers: self.identifiers(&map.identifiers)?,
            traits: if deleted { None } else { self.object(&map.traits)? },
            consents: if deleted { Vec::new() } else { self.consents(&map.consents)? },
            received_at: self.import.received_at,
        })
    }

    fn event(&self, map: &EventMap) -> Result<Event, Complaint> {
        let time = self.time(map.time.as_ref(), "the event's time")?;
        Ok(Event {
            message_id: self.message_id(map.message_id.as_ref())?,
            source: self.import.source.clone(),
            kind: map.kind,
            name: self.name(map)?,
            identifiers: self.identifiers(&map.identifiers)?,
            time,
            received_at: self.import.received_at,
            sent_at: None,
            original_timestamp: None,
            traits: self.object(&map.traits)?,
            properties: self.object(&map.properties)?,
            context: self.object(&map.context)?,
            integrations: None,
            consents: self.consents(&map.consents)?,
            as_sent: None,
        })
    }

    fn message(&self) -> Result<Event, Complaint> {
        let door = Door {
            source: self.import.source.clone(),
            received_at: self.import.received_at,
            limits: self.import.limits,
            phone_region: self.region(),
            arrival: Arrival::Kept { id: self.own_id() },
        };
        spec::message(self.raw, &door).map_err(|refusal| Complaint::new(refusal.code(), refusal.to_string()))
    }

    fn message_id(&self, value: Option<&Value>) -> Result<String, Complaint> {
        let Some(value) = value else {
            return Ok(self.own_id().to_string());
        };
        let id = self.required(value, "message_id")?;
        let limit = self.import.limits.message_id_chars;
        match id.chars().count() > limit {
            true => Err(Complaint::new(
                "message_id_too_long",
                format!("the `message_id` is longer than {limit} characters"),
            )),
            false => Ok(id),
        }
    }

    fn own_id(&self) -> Digest {
        self.name.message_id(self.raw, self.import.file.as_deref())
    }

    fn name(&self, map: &EventMap) -> Result<Option<String>, Complaint> {
        match &map.name {
            Some(value) if map.kind == model::EventKind::Track => self.required(value, "name").map(Some),
            Some(value) => self.row.text(value),
            None => Ok(None),
        }
    }

    fn required(&self, value: &Value, field: &str) -> Result<String, Complaint> {
        let text = self.row.text(value)?.map(|text| text.trim().to_owned());
        let text = text.filter(|text| !text.is_empty()).ok_or_else(|| {
            let place = self.row.place(&value.template);
            Complaint::new("missing_field", format!("`{field}` is empty (from {place})"))
        })?;
        match normalise::fits(&text) {
            true => Ok(text),
            false => Err(Complaint::new(
                "identifier_too_long",
                format!("`{field}` is longer than {IDENTIFIER_CHARS} characters"),
            )),
        }
    }

    /// Returns when the fact is of. One from a far future would outlast all that is true.
    fn time(&self, value: Option<&Value>, what: &str) -> Result<Timestamp, Complaint> {
        let time = value.map(|value| self.row.time(value)).transpose()?.flatten();
        let Some(time) = time else { return Ok(self.import.usual_time) };
        let refused = |reason| Complaint::new("invalid_time", format!("{what} {reason}"));
        spec::plausible(time, self.import.received_at).map(|()| time).map_err(refused)
    }

    /// The identifiers that the row has, each in its normal form; one that has none (`ann@`) is left out.
    fn identifiers(&self, map: &Identifiers) -> Result<Vec<Identifier>, Complaint> {
        let mut found = self.some_identifiers(&map.always)?;
        if found.is_empty() {
            found = self.some_identifiers(&map.fallback)?;
        }
        match found.is_empty() {
            true => Err(Complaint::new("no_identifier", "the row has none of its identifiers")),
            false => Ok(found),
        }
    }

    fn some_identifiers(&self, values: &[(String, Value)]) -> Result<Vec<Identifier>, Complaint> {
        let mut found: Vec<Identifier> = Vec::with_capacity(values.len());
        for (kind, value) in values {
            let text = self.row.text(value)?;
            let normal = text.and_then(|text| normalise::identifier(kind, &text, self.region()));
            let identifier = normal.map(|value| Identifier::new(kind.as_str(), value));
            found.extend(identifier.filter(|identifier| !found.contains(identifier)));
        }
        Ok(found)
    }

    fn consents(&self, maps: &[ConsentMap]) -> Result<Vec<ConsentChange>, Complaint> {
        let changes = maps.iter().map(|map| self.consent(map));
        changes.filter_map(Result::transpose).collect()
    }

    fn consent(&self, map: &ConsentMap) -> Result<Option<ConsentChange>, Complaint> {
        let Some(answer) = self.row.text(&map.answer)? else { return Ok(None) };
        let says = |words: &[String]| words.iter().any(|word| word == answer.trim());
        let granted = match (says(&map.granted), says(&map.denied), says(&map.neither)) {
            (_, true, _) => false,
            (true, _, _) => true,
            (_, _, true) => return Ok(None),
            _ => {
                let place = self.row.place(&map.answer.template);
                let message = format!("{place} has a value that is none of `granted`, `denied` and `neither`");
                return Err(Complaint::new("unknown_value", message));
            }
        };
        let purpose = self.required(&map.purpose, "purpose")?;
        Ok(Some(ConsentChange { purpose, granted }))
    }

    fn object(&self, tree: &Tree) -> Result<Option<Raw>, Complaint> {
        let text = self.row.object(tree)?;
        Ok(text.map(|text| Raw::from_text(text).expect("values are written as JSON")))
    }

    fn region(&self) -> Region {
        self.mapping.phone_region.unwrap_or(self.import.phone_region)
    }
}
