use serde::de::IgnoredAny;

use super::{Content, DEEPEST, Entry, Node, Place, Problem};

/// Reads one JSON document: first whether it is JSON at all, then each value with its place.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| {
        let place = Place { line: error.line().max(1), column: error.column().max(1) };
        Problem::at(place, "not valid JSON")
    })?;
    Cursor { text, at: 0, place: Place::START }.value(0)
}

/// Walks over a text that is known to be JSON.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    place: Place,
}

impl<'t> Cursor<'t> {
    fn value(&mut self, depth: usize) -> Result<Node, Problem> {
        self.skip_space();
        let place = self.place;
        if depth > DEEPEST {
            return Err(Problem::at(place, "nested too deeply"));
        }
        let content = match self.next_byte() {
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Content::Text(self.string()?),
            _ => scalar(self.word()).ok_or_else(|| Problem::at(place, "not a number that can be read"))?,
        };
        Ok(Node { place, content })
    }

    fn map(&mut self, depth: usize) -> Result<Content, Problem> {
        let mut entries = Vec::new();
        self.advance(1);
        while !self.ends_with(b'}') {
            let place = self.place;
            let key = self.string()?;
            self.skip_space();
            self.advance(1);
            entries.push(Entry { key, place, value: self.value(depth + 1)? });
        }
        Ok(Content::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Content, Problem> {
        let mut items = Vec::new();
        self.advance(1);
        while !self.ends_with(b']') {
            items.push(self.value(depth + 1)?);
        }
        Ok(Content::List(items))
    }

    /// Whether the list or map ends here; else stands at its next value.
    fn ends_with(&mut self, end: u8) -> bool {
        self.skip_space();
        if self.next_byte() == b',' {
            self.advance(1);
            self.skip_space();
        }
        let ends = self.at >= self.text.len() || self.next_byte() == end;
        if ends {
            self.advance(1);
        }
        ends
    }

    fn string(&mut self) -> Result<String, Problem> {
        let bytes = self.text.as_bytes();
        let place = self.place;
        let mut end = self.at + 1;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let written = self.text.get(self.at..=end).unwrap_or_default();
        self.advance(written.len().max(1));
        serde_json::from_str(written).map_err(|_| Problem::at(place, "not a text that can be read"))
    }

    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|letter: char| letter.is_ascii_whitespace() || ",]}".contains(letter));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.advance(word.len().max(1));
        word
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.advance(rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len());
    }

    fn next_byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        for letter in self.text[self.at..end].chars() {
            match letter {
                '\n' => self.place = Place { line: self.place.line + 1, column: 1 },
                _ => self.place.column += 1,
            }
        }
        self.at = end;
    }
}

fn scalar(word: &str) -> Option<Content> {
    Some(match word {
        "null" => Content::Nothing,
        "true" => Content::Bool(true),
        "false" => Content::Bool(false),
        number => Content::Number(serde_json::from_str(number).ok()?, number.to_owned()),
    })
}
