use super::{Content, Entry, Node, Place, Problem};

/// Goes through a tree and notes what it does not like. A method returns `None` only after it has noted why.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub problems: Vec<Problem>,
}

/// The entries of one map, which are taken out by name; what is left is unknown.
#[derive(Debug)]
pub(crate) struct Entries<'n> {
    pub place: Place,
    pub what: &'static str,
    pub left: Vec<&'n Entry>,
}

impl<'n> Entries<'n> {
    pub(crate) fn take(&mut self, key: &str) -> Option<&'n Node> {
        let at = self.left.iter().position(|entry| entry.key == key)?;
        Some(&self.left.remove(at).value)
    }
}

impl Reader {
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, what: &'static str) -> Option<Entries<'n>> {
        let Content::Map(all) = &node.content else {
            self.note(node.place, format!("{what} must be a map of keys and values"));
            return None;
        };
        Some(Entries { place: node.place, what, left: all.iter().collect() })
    }

    /// Notes what is left, unless it is a known key that stands there twice (which is noted elsewhere).
    pub(crate) fn finish(&mut self, entries: Entries<'_>, known: &[&str]) {
        for entry in entries.left.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = match known {
                [] => format!("`{}` is unknown: {} takes no keys", entry.key, entries.what),
                _ => format!("`{}` is unknown in {} (known: {})", entry.key, entries.what, quoted(known)),
            };
            self.note(entry.place, message);
        }
    }

    /// Every file says `version: 1`.
    pub(crate) fn version(&mut self, entries: &mut Entries<'_>) {
        let place = entries.place;
        match entries.take("version").map(|node| (node.to_json(), node.place)) {
            Some((version, _)) if version == 1 || version == "1" => {}
            Some((_, place)) => self.note(place, "the only `version` is `1`"),
            None => self.note(place, "`version` is missing (write `version: 1`)"),
        }
    }

    pub(crate) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.content {
            Content::Text(text) => Some(text),
            _ => {
                self.note(node.place, "a text is expected");
                None
            }
        }
    }

    /// A text, or a number or boolean as it is written: for values that are texts whatever they look like.
    pub(crate) fn scalar<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let written = node.as_written();
        if written.is_none() {
            self.note(node.place, "a text is expected");
        }
        written
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.content {
            Content::List(items) => Some(items),
            _ => {
                self.note(node.place, "a list is expected");
                None
            }
        }
    }

    pub(crate) fn word<'n>(&mut self, node: &'n Node, words: &[&str]) -> Option<&'n str> {
        let word = self.scalar(node)?;
        if words.contains(&word) {
            return Some(word);
        }
        self.note(node.place, format!("`{word}` is not one of {}", quoted(words)));
        None
    }

    pub(crate) fn note(&mut self, place: Place, message: impl Into<String>) {
        self.problems.push(Problem::at(place, message));
    }

    /// Every problem, in the order of their places.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }
}

pub(crate) fn quoted(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
