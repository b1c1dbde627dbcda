//! A guess as a mapping file, which says of each line how sure it is and why. It holds no value of a person.

use std::fmt::Write;

use super::super::mapping::{Format, Kind, TimeFormat};
use super::nature::{Found, Nature, Natures};
use super::sample::Sample;
use super::shape::{EventName, Plan};
use super::{Becomes, Decision, Shape};

/// Identifiers in the order of how much they tell; others come after the first.
const TELLING: [&str; 5] = ["user_id", "", "email", "phone", "advertising_id"];
/// Of what a whole name and address are made.
const NAME_ADDRESS: [&[&str]; 3] =
    [&["first_name", "last_name"], &["address.street", "address.city"], &["address.postal_code"]];

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", (share * 100.0).floor())
}

pub(super) fn messages(decision: &Decision, stem: &str) -> String {
    let mut file = head(stem);
    note(&mut file, "", decision.confidence, &decision.reasons);
    file.push_str("segment: {}\n");
    file
}

pub(super) fn mapping(sample: &Sample, plan: &Plan, found: &Natures<'_>, empty: &[String], stem: &str) -> String {
    let mut file = head(stem);
    if let (Format::Csv, Some(delimiter)) = (sample.format, sample.delimiter) {
        let _ = writeln!(file, "delimiter: {}", quoted(&char::from(delimiter).to_string()));
    }
    if let Some((region, share)) = found.region {
        note(&mut file, "", share, &["telephone numbers are valid in this country".to_owned()]);
        let _ = writeln!(file, "phone_region: {region}");
    }
    if !empty.is_empty() {
        let words: Vec<_> = empty.iter().map(|word| quoted(word)).collect();
        let _ = writeln!(file, "# texts that stand where there is no value\nempty: [{}]", words.join(", "));
    }
    let page = Page { plan, columns: &found.columns };
    for decision in plan.decisions.iter().filter(|decision| decision.about == "rows") {
        note(&mut file, "", decision.confidence, &decision.reasons);
    }
    match plan.shape {
        Shape::Events => page.event(&mut file),
        _ => page.record(&mut file),
    }
    page.left_out(&mut file);
    page.suggestions(&mut file);
    file
}

fn head(stem: &str) -> String {
    let name: String = stem.chars().filter(|letter| !letter.is_control()).collect();
    format!(
        "# A guess for `{name}`. Each line says how sure it is (0 to 1) and why: read it, and change what is wrong.\nversion: 1\n"
    )
}

/// What is printed.
struct Page<'p, 's> {
    plan: &'p Plan,
    columns: &'p [Found<'s>],
}

impl Page<'_, '_> {
    fn record(&self, file: &mut String) {
        file.push_str("record:\n");
        match self.plan.key {
            Some(key) => self.line(file, "  key: ", key, &template(self.columns[key].name)),
            None => file.push_str("  # no column tells the rows apart\n  key: \"{row}\"\n"),
        }
        let version = self.only(|becomes| matches!(becomes, Becomes::Version(_)));
        for (at, becomes) in version {
            let Becomes::Version(format) = becomes else { continue };
            self.line(file, "  version: ", at, &time(self.columns[at].name, format));
        }
        if let Some(at) = self.plan.delete {
            self.line(file, "  delete_when: ", at, &self.delete_when(at));
        }
        self.identifiers(file);
        self.named(file, "traits", |becomes| match becomes {
            Becomes::Trait(name, kind) => Some((name, kind)),
            _ => None,
        });
    }

    fn event(&self, file: &mut String) {
        file.push_str("event:\n");
        match &self.plan.event_name {
            EventName::Column(at) => self.line(file, "  name: ", *at, &template(self.columns[*at].name)),
            EventName::Text(name) => {
                let said = self.plan.decisions.iter().find(|decision| decision.about == "event name");
                said.iter().for_each(|said| note(file, "  ", said.confidence, &said.reasons));
                let _ = writeln!(file, "  name: {}", quoted(&name.replace('{', "{{").replace('}', "}}")));
            }
        }
        if let Some(at) = self.plan.message_id {
            self.line(file, "  message_id: ", at, &template(self.columns[at].name));
        }
        for (at, becomes) in self.only(|becomes| matches!(becomes, Becomes::Time(_))) {
            let Becomes::Time(format) = becomes else { continue };
            self.line(file, "  time: ", at, &time(self.columns[at].name, format));
        }
        self.identifiers(file);
        self.named(file, "properties", |becomes| match becomes {
            Becomes::Property(name, kind) => Some((name, kind)),
            _ => None,
        });
        self.named(file, "context", |becomes| match becomes {
            Becomes::Context(name) => Some((name, &Kind::Text)),
            _ => None,
        });
    }

    fn identifiers(&self, file: &mut String) {
        let all = self.kinds(|becomes| match becomes {
            Becomes::Identifier(kind) => Some(kind),
            _ => None,
        });
        self.kinds_of(file, "identifiers", &all);
        let fallback = self.kinds(|becomes| match becomes {
            Becomes::Fallback(kind) => Some(kind),
            _ => None,
        });
        self.kinds_of(file, "fallback_identifiers", &fallback);
        if self.plan.keeps_rows_of_nobody && fallback.is_empty() {
            let why = "# rows that say of nobody are kept, each under its number in the file";
            let _ = writeln!(file, "  {why}\n  fallback_identifiers:\n    row_id: \"{{row}}\"");
        }
    }

    /// Kinds with their columns, the most telling first.
    fn kinds<'a>(&'a self, which: fn(&'a Becomes) -> Option<&'a String>) -> Vec<(&'a str, Vec<usize>)> {
        let mut kinds: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, becomes) in self.plan.becomes.iter().enumerate() {
            for kind in becomes.iter().filter_map(which) {
                match kinds.iter_mut().find(|(known, _)| known == kind) {
                    Some((_, columns)) => columns.push(at),
                    None => kinds.push((kind, vec![at])),
                }
            }
        }
        let rank = |kind: &str| match kind {
            "anonymous_id" => TELLING.len(),
            kind => TELLING.iter().position(|telling| *telling == kind).unwrap_or(1),
        };
        kinds.sort_by_key(|(kind, columns)| (!columns.iter().any(|at| Some(*at) == self.plan.key), rank(kind)));
        kinds
    }

    fn kinds_of(&self, file: &mut String, section: &str, kinds: &[(&str, Vec<usize>)]) {
        if kinds.is_empty() {
            return;
        }
        let _ = writeln!(file, "  {section}:");
        for (kind, columns) in kinds {
            let values: Vec<_> = columns.iter().map(|at| template(self.columns[*at].name)).collect();
            let values = if values.len() == 1 { values.concat() } else { format!("[{}]", values.join(", ")) };
            self.line(file, &format!("    {kind}: "), columns[0], &values);
        }
    }

    fn named<'a>(&'a self, file: &mut String, section: &str, which: fn(&'a Becomes) -> Option<(&'a String, &'a Kind)>) {
        let mut opened = false;
        for (at, becomes) in self.plan.becomes.iter().enumerate() {
            for (name, kind) in becomes.iter().filter_map(which) {
                if !opened {
                    let _ = writeln!(file, "  {section}:");
                    opened = true;
                }
                self.line(file, &format!("    {}: ", key(name)), at, &value(self.columns[at].name, kind));
            }
        }
    }

    fn only(&self, which: fn(&Becomes) -> bool) -> impl Iterator<Item = (usize, &Becomes)> {
        let all = self.plan.becomes.iter().enumerate();
        all.filter_map(move |(at, becomes)| Some((at, becomes.iter().find(|becomes| which(becomes))?)))
    }

    fn delete_when(&self, at: usize) -> String {
        let column = quoted(self.columns[at].name);
        match &self.columns[at].nature {
            Nature::Deleted(words) if !words.is_empty() => {
                let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                format!("{{ column: {column}, is: [{}] }}", words.join(", "))
            }
            _ => format!("{{ column: {column}, empty: false }}"),
        }
    }

    fn line(&self, file: &mut String, before: &str, at: usize, after: &str) {
        let indent = &before[..before.len() - before.trim_start().len()];
        note(file, indent, self.columns[at].confidence, &self.columns[at].reasons);
        let _ = writeln!(file, "{before}{after}");
    }

    fn left_out(&self, file: &mut String) {
        for (column, becomes) in self.columns.iter().zip(&self.plan.becomes) {
            if becomes.contains(&Becomes::Nothing) {
                let _ = writeln!(file, "# left out: {}: {}", quoted(column.name), column.reasons.join("; "));
            }
        }
    }

    /// What a person has to want stands below as a comment.
    fn suggestions(&self, file: &mut String) {
        for column in self.columns.iter().filter(|column| column.consent) {
            let name = quoted(column.name);
            let _ = writeln!(
                file,
                "# {name} may hold a consent, which is never guessed. If it does, say for what and with which words:\n\
                 #   consents: [{{ purpose: email_marketing, column: {name}, granted: [\"…\"], denied: [\"…\"] }}]"
            );
        }
        if let Some(parts) = self.name_address() {
            let _ = writeln!(
                file,
                "# A whole name and address can join people. If you want that, add to the identifiers:\n\
                 #   name_address: {}",
                quoted(&parts)
            );
        }
    }

    fn name_address(&self) -> Option<String> {
        let column = |wanted: &str| {
            let of = |becomes: &Becomes| matches!(becomes, Becomes::Trait(name, _) if name == wanted);
            let at = self.plan.becomes.iter().position(|all| all.iter().any(of))?;
            is_plain(self.columns[at].name).then(|| format!("{{{}}}", self.columns[at].name))
        };
        let parts: Option<Vec<String>> = NAME_ADDRESS.iter().copied().flatten().map(|name| column(name)).collect();
        parts.map(|parts| parts.join(" "))
    }
}

fn note(file: &mut String, indent: &str, confidence: f64, reasons: &[String]) {
    let reasons: String =
        reasons.join("; ").chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let _ = writeln!(file, "{indent}# {confidence:.2}: {reasons}");
}

/// Whether a name can stand between braces as it is.
fn is_plain(column: &str) -> bool {
    column != "row" && !column.contains(['{', '}']) && column.trim() == column && !column.is_empty()
}

fn template(column: &str) -> String {
    match is_plain(column) {
        true => quoted(&format!("{{{column}}}")),
        false => format!("{{ column: {} }}", quoted(column)),
    }
}

fn value(column: &str, kind: &Kind) -> String {
    match kind {
        Kind::Text => template(column),
        Kind::Time(format) => time_value(column, format),
        kind => format!("{{ column: {}, as: {} }}", quoted(column), kind.as_str()),
    }
}

/// A time where none but a time can stand.
fn time(column: &str, format: &TimeFormat) -> String {
    if *format == TimeFormat::Usual { template(column) } else { time_value(column, format) }
}

fn time_value(column: &str, format: &TimeFormat) -> String {
    let column = quoted(column);
    match format {
        TimeFormat::Usual => format!("{{ column: {column}, as: time }}"),
        TimeFormat::EpochSeconds => format!("{{ column: {column}, as: time, format: epoch_s }}"),
        TimeFormat::EpochMilliseconds => format!("{{ column: {column}, as: time, format: epoch_ms }}"),
        TimeFormat::Pattern(pattern) => format!("{{ column: {column}, as: time, format: {} }}", quoted(pattern)),
    }
}

/// A name as a key of YAML.
fn key(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.');
    let is_word = name.bytes().all(plain) && name.starts_with(|first: char| first.is_ascii_lowercase());
    if is_word && !["true", "false", "null"].contains(&name) { name.to_owned() } else { quoted(name) }
}

/// A text as YAML and JSON write it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written as JSON")
}
