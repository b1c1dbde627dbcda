use model::Raw;

use super::cast::As;
use super::{Mend, Problem, Step, is_field};
use crate::document::{self, Content, Entries, Node, Reader, quoted};
use crate::fields::{Pointer, SECTIONS};
use crate::normalise::{Region, RegionError};

const KEYS: &[&str] = &["version", "phone_region", "mend"];
const STEP_KEYS: &[&str] = &["rename", "to", "set", "value", "delete", "cast", "as"];
const STEPS: &[&str] = &["rename", "set", "delete", "cast"];
const MOST_STEPS: usize = 200;

pub(super) fn mend(text: &str) -> (Option<Mend>, Vec<Problem>) {
    let root = match document::read(text) {
        Ok(root) => root,
        Err(problem) => return (None, vec![problem]),
    };
    let mut reader = Reader::default();
    root.note_repeated_keys(&mut reader.problems);
    let mend = read(&mut reader, &root);
    let problems = reader.into_problems();
    (mend.filter(|_| problems.is_empty()), problems)
}

fn read(reader: &mut Reader, root: &Node) -> Option<Mend> {
    let mut entries = reader.entries(root, "a mending file")?;
    reader.version(&mut entries);
    let phone_region = entries.take("phone_region").and_then(|node| region(reader, node)).unwrap_or_default();
    let steps = match entries.take("mend") {
        Some(node) => steps(reader, node),
        None => {
            reader.note(root.place, "`mend` is missing (a list of steps)");
            Vec::new()
        }
    };
    reader.finish(entries, KEYS);
    Some(Mend { steps, phone_region })
}

fn region(reader: &mut Reader, node: &Node) -> Option<Region> {
    let parsed = reader.text(node)?.parse();
    parsed.map_err(|error: RegionError| reader.note(node.place, error.to_string())).ok()
}

fn steps(reader: &mut Reader, node: &Node) -> Vec<Step> {
    let nodes = reader.list(node).unwrap_or_default();
    if nodes.is_empty() || nodes.len() > MOST_STEPS {
        reader.note(node.place, format!("between 1 and {MOST_STEPS} steps are needed"));
        return Vec::new();
    }
    nodes.iter().filter_map(|node| step(reader, node)).collect()
}

fn step(reader: &mut Reader, node: &Node) -> Option<Step> {
    let mut entries = reader.entries(node, "a step")?;
    let given: Vec<_> = STEPS.iter().filter_map(|key| Some((*key, entries.take(key)?))).collect();
    let [(key, at)] = given[..] else {
        reader.note(node.place, format!("exactly one of {} is needed", quoted(STEPS)));
        return None;
    };
    let step = match key {
        "rename" => rename(reader, at, &mut entries),
        "set" => set(reader, at, &mut entries),
        "delete" => field(reader, at).map(|at| Step::Delete { at }),
        _ => cast(reader, at, &mut entries),
    };
    misplaced(reader, entries, key);
    step
}

/// Words of the language that do not belong to this step, and words that are none.
fn misplaced(reader: &mut Reader, mut entries: Entries<'_>, key: &str) {
    for (word, owner) in [("to", "rename"), ("value", "set"), ("as", "cast")] {
        if let Some(node) = entries.take(word) {
            reader.note(node.place, format!("`{word}` belongs to `{owner}`, not to `{key}`"));
        }
    }
    reader.finish(entries, STEP_KEYS);
}

fn rename(reader: &mut Reader, at: &Node, entries: &mut Entries<'_>) -> Option<Step> {
    let from = field(reader, at);
    let to = needed(reader, entries, "rename", "to").and_then(|node| field(reader, node));
    let (from, to) = (from?, to?);
    if to.steps().starts_with(from.steps()) {
        reader.note(at.place, "a field cannot be renamed into itself");
        return None;
    }
    Some(Step::Rename { from, to })
}

fn set(reader: &mut Reader, at: &Node, entries: &mut Entries<'_>) -> Option<Step> {
    let value = needed(reader, entries, "set", "value");
    let is_name = matches!(&at.content, Content::Text(text) if text == "/event" || text == "/name");
    let pointer = if is_name { reader.text(at)?.parse().ok() } else { field(reader, at) };
    let value = value?;
    if is_name && reader.text(value)?.is_empty() {
        reader.note(value.place, "a name cannot be empty");
    }
    let value = Raw::of(&value.to_json()).ok()?;
    Some(Step::Set { at: pointer?, value })
}

fn cast(reader: &mut Reader, at: &Node, entries: &mut Entries<'_>) -> Option<Step> {
    let at = field(reader, at);
    let word = needed(reader, entries, "cast", "as").and_then(|node| reader.word(node, As::WORDS));
    Some(Step::Cast { at: at?, to: As::of(word?)? })
}

fn needed<'n>(reader: &mut Reader, entries: &mut Entries<'n>, step: &str, key: &str) -> Option<&'n Node> {
    let node = entries.take(key);
    if node.is_none() {
        reader.note(entries.place, format!("`{step}` needs `{key}`"));
    }
    node
}

fn field(reader: &mut Reader, node: &Node) -> Option<Pointer> {
    let parsed: Result<Pointer, _> = reader.text(node)?.parse();
    match parsed {
        Ok(pointer) if is_field(&pointer) => Some(pointer),
        Ok(_) => {
            reader
                .note(node.place, format!("a field lies inside one of {}, e.g. `/properties/total`", quoted(SECTIONS)));
            None
        }
        Err(error) => {
            reader.note(node.place, error.to_string());
            None
        }
    }
}
