//! A mapping file as a tree of texts, each with its place, so that every mistake can be shown where it stands.

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle};

use super::Problem;
use crate::document;

const DEEPEST: usize = 16;

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub place: Place,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Nothing,
    /// A scalar as it is written; what it means is the schema's to say.
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub(super) struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

/// Reads one document. Anchors and aliases are not part of a mapping's language, so no document can grow by being read.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    let mut tree = Tree::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at char ").next().unwrap_or_default();
            Problem::at(place(error.marker()), format!("not valid YAML: {reason}"))
        })?;
        tree.take(event, place(&span.start))?;
    }
    Ok(tree.root.unwrap_or(Node { place: Place { line: 1, column: 1 }, content: Content::Nothing }))
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

/// A mapping that stands inside another document: every scalar counts as its text.
impl From<&document::Node> for Node {
    fn from(node: &document::Node) -> Self {
        let content = match &node.content {
            document::Content::Nothing => Content::Nothing,
            document::Content::Bool(is) => Content::Text(is.to_string()),
            document::Content::Number(number) => Content::Text(number.to_string()),
            document::Content::Text(text) => Content::Text(text.clone()),
            document::Content::List(items) => Content::List(items.iter().map(Self::from).collect()),
            document::Content::Map(entries) => Content::Map(entries.iter().map(Entry::from).collect()),
        };
        Self { place: node.place.into(), content }
    }
}

impl From<&document::Entry> for Entry {
    fn from(entry: &document::Entry) -> Self {
        Self { key: entry.key.clone(), place: entry.place.into(), value: (&entry.value).into() }
    }
}

impl From<document::Place> for Place {
    fn from(document::Place { line, column }: document::Place) -> Self {
        Self { line, column }
    }
}

#[derive(Debug, Default)]
struct Tree {
    open: Vec<Open>,
    root: Option<Node>,
}

/// A list or a map whose end has not come yet.
#[derive(Debug)]
struct Open {
    node: Node,
    key: Option<(String, Place)>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, ..) => self.put(scalar(&text, style, place)),
            Event::SequenceStart(..) => self.start(Content::List(Vec::new()), place),
            Event::MappingStart(..) => self.start(Content::Map(Vec::new()), place),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(done) => self.put(done.node),
                None => Ok(()),
            },
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                Err(Problem::at(place, "aliases are not allowed".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, content: Content, place: Place) -> Result<(), Problem> {
        if self.open.len() >= DEEPEST {
            return Err(Problem::at(place, "nested too deeply".to_owned()));
        }
        let node = Node { place, content };
        self.open.push(Open { node, key: None });
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), Problem> {
        let Some(open) = self.open.last_mut() else {
            if self.root.is_some() {
                let message = "a mapping file holds one document".to_owned();
                return Err(Problem::at(node.place, message));
            }
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.node.content, open.key.take()) {
            (Content::List(items), _) => items.push(node),
            (Content::Map(entries), Some((key, place))) => entries.push(Entry { key, place, value: node }),
            (_, _) => open.key = Some((key(&node)?, node.place)),
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle, place: Place) -> Node {
    let nothing = matches!(style, ScalarStyle::Plain) && matches!(text, "" | "~" | "null");
    let content = match nothing {
        true => Content::Nothing,
        false => Content::Text(text.to_owned()),
    };
    Node { place, content }
}

fn key(node: &Node) -> Result<String, Problem> {
    match &node.content {
        Content::Text(text) => Ok(text.clone()),
        Content::Nothing => Ok("null".to_owned()),
        _ => Err(Problem::at(node.place, "a key must be a word".to_owned())),
    }
}
