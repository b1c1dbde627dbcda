//! From the tree of a plan's file to a [`Plan`], collecting every problem on the way.

use std::collections::HashMap;

use super::{Mode, Plan, Problem, Rule, Sources, Target, schema};
use crate::document::{self, Content, Entries, Node, Place, Reader};
use crate::sources::is_word;

const KEYS: &[&str] = &["version", "description", "sources", "mode", "unplanned_events", "rules"];
const RULE_KEYS: &[&str] = &["common", "track", "identify", "group", "page", "screen", "description", "mode", "schema"];
const TARGETS: &[&str] = &["common", "track", "identify", "group", "page", "screen"];
const MODES: &[&str] = &["allow", "warn", "drop_field", "quarantine"];
const WHOLE_EVENT_MODES: &[&str] = &["allow", "warn", "quarantine"];
const MOST_RULES: usize = 2_000;

pub(super) fn plan(name: &str, version: u32, text: &str) -> (Option<Plan>, Vec<Problem>) {
    let root = match document::read(text) {
        Ok(root) => root,
        Err(problem) => return (None, vec![problem]),
    };
    let mut reader = Reader::default();
    root.note_repeated_keys(&mut reader.problems);
    let plan = read(&mut reader, &root, name, version);
    let problems = reader.into_problems();
    (plan.filter(|_| problems.is_empty()), problems)
}

fn read(reader: &mut Reader, root: &Node, name: &str, version: u32) -> Option<Plan> {
    let mut entries = reader.entries(root, "a plan")?;
    reader.version(&mut entries);
    entries.take("description").map(|node| reader.text(node));
    let sources = sources(reader, &mut entries);
    let mode = entries.take("mode").and_then(|node| mode(reader, node, MODES)).unwrap_or(Mode::Warn);
    let unplanned = entries.take("unplanned_events");
    let unplanned_events =
        unplanned.and_then(|node| self::mode(reader, node, WHOLE_EVENT_MODES)).unwrap_or(Mode::Allow);
    let (rules, by_target) = rules(reader, &mut entries, mode);
    reader.finish(entries, KEYS);
    Some(Plan { name: name.to_owned(), version, sources: sources?, mode, unplanned_events, rules, by_target })
}

fn sources(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<Sources> {
    const HELP: &str = "`sources` is `all`, or a list of the sources that the plan applies to";
    let place = entries.place;
    let Some(node) = entries.take("sources") else {
        reader.note(place, format!("`sources` is missing ({HELP})"));
        return None;
    };
    match &node.content {
        Content::Text(word) if word == "all" => Some(Sources::All),
        Content::List(items) if !items.is_empty() => {
            Some(Sources::These(items.iter().filter_map(|item| source(reader, item)).collect()))
        }
        _ => {
            reader.note(node.place, HELP);
            None
        }
    }
}

fn source(reader: &mut Reader, node: &Node) -> Option<String> {
    let name = reader.text(node)?;
    if !is_word(name) {
        reader.note(node.place, format!("`{name}` is no name for a source"));
    }
    Some(name.to_owned())
}

fn mode(reader: &mut Reader, node: &Node, words: &[&str]) -> Option<Mode> {
    let word = reader.word(node, words)?;
    Mode::ALL.into_iter().find(|mode| mode.as_str() == word)
}

fn rules(reader: &mut Reader, entries: &mut Entries<'_>, usual: Mode) -> (Vec<Rule>, HashMap<Target, usize>) {
    let place = entries.place;
    let Some(node) = entries.take("rules") else {
        reader.note(place, "`rules` is missing");
        return Default::default();
    };
    let nodes = reader.list(node).unwrap_or_default();
    if nodes.len() > MOST_RULES {
        reader.note(node.place, format!("a plan has at most {MOST_RULES} rules"));
        return Default::default();
    }
    let mut budget = schema::Budget::default();
    let mut rules: Vec<Rule> = Vec::new();
    let mut by_target = HashMap::new();
    for node in nodes {
        let Some(rule) = rule(reader, node, usual, &mut budget) else { continue };
        if by_target.insert(rule.target.clone(), rules.len()).is_some() {
            reader.note(node.place, format!("there is a rule for `{}` already", rule.target));
        }
        rules.push(rule);
    }
    (rules, by_target)
}

fn rule(reader: &mut Reader, node: &Node, usual: Mode, budget: &mut schema::Budget) -> Option<Rule> {
    let mut entries = reader.entries(node, "a rule")?;
    let target = target(reader, &mut entries);
    entries.take("description").map(|node| reader.text(node));
    let mode = entries.take("mode").and_then(|node| mode(reader, node, MODES)).unwrap_or(usual);
    let compiled = match entries.take("schema") {
        Some(node) => schema::compiled(reader, node, budget),
        None => {
            reader.note(node.place, "a rule needs a `schema`");
            None
        }
    };
    reader.finish(entries, RULE_KEYS);
    let (schema, validator) = compiled?;
    Some(Rule { target: target?, mode, schema, validator })
}

fn target(reader: &mut Reader, entries: &mut Entries<'_>) -> Option<Target> {
    let place = entries.place;
    let given: Vec<_> = TARGETS.iter().filter_map(|key| Some((*key, entries.take(key)?))).collect();
    let [(key, node)] = given[..] else {
        reader.note(place, format!("exactly one of {} is needed", document::quoted(TARGETS)));
        return None;
    };
    let name = reader.text(node)?;
    named(reader, key, name, node.place)
}

fn named(reader: &mut Reader, key: &str, name: &str, place: Place) -> Option<Target> {
    let some = (name != "all").then(|| name.to_owned());
    Some(match (key, some) {
        ("track", _) => Target::Track(name.to_owned()),
        ("page", name) => Target::Page(name),
        ("screen", name) => Target::Screen(name),
        ("identify", None) => Target::Identify,
        ("group", None) => Target::Group,
        ("common", None) => Target::Common,
        _ => {
            reader.note(place, format!("`{key}` has no names (write `{key}: all`)"));
            return None;
        }
    })
}
