use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Content, DEEPEST, Entry, Node, Place, Problem};

/// Reads one YAML document. Anchors and aliases are not taken, so no document can grow by being read.
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
    Ok(tree.root.unwrap_or(Node { place: Place::START, content: Content::Nothing }))
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
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
            Event::Alias(_) | Event::UnresolvedAlias(_) => Err(Problem::at(place, "aliases are not allowed")),
            _ => Ok(()),
        }
    }

    fn start(&mut self, content: Content, place: Place) -> Result<(), Problem> {
        if self.open.len() >= DEEPEST {
            return Err(Problem::at(place, "nested too deeply"));
        }
        self.open.push(Open { node: Node { place, content }, key: None });
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), Problem> {
        let Some(open) = self.open.last_mut() else {
            if self.root.is_some() {
                return Err(Problem::at(node.place, "a file holds one document"));
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

/// A plain scalar is what JSON would say it is, else a text: `no` and `1.2.3` are texts.
fn scalar(text: &str, style: ScalarStyle, place: Place) -> Node {
    let content = match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null") => Content::Nothing,
        (ScalarStyle::Plain, "true") => Content::Bool(true),
        (ScalarStyle::Plain, "false") => Content::Bool(false),
        (ScalarStyle::Plain, _) => match serde_json::from_str(text) {
            Ok(number) => Content::Number(number, text.to_owned()),
            Err(_) => Content::Text(text.to_owned()),
        },
        _ => Content::Text(text.to_owned()),
    };
    Node { place, content }
}

fn key(node: &Node) -> Result<String, Problem> {
    match (&node.content, node.as_written()) {
        (Content::Nothing, _) => Ok("null".to_owned()),
        (_, Some(word)) => Ok(word.to_owned()),
        _ => Err(Problem::at(node.place, "a key must be a word")),
    }
}
