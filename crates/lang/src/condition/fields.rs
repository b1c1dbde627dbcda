//! Reads some fields of a JSON object's text and steps over the rest without building anything.
//!
//! Faster than a streaming reader that ignores the rest, because what is stepped over is not checked: the text was checked
//! when it arrived. A text that is broken all the same gives fields up to some place, and never a panic.

use serde_json::Value;

/// The wanted fields of one object, in the order in which they were wanted.
#[derive(Debug)]
pub struct Fields<'k> {
    wanted: &'k [Box<str>],
    found: Vec<Option<Value>>,
}

impl<'k> Fields<'k> {
    /// Reads until every wanted field is found, or the object ends. Of equal keys the first counts.
    pub fn read(json: &str, wanted: &'k [Box<str>]) -> Self {
        let mut fields = Self { wanted, found: vec![None; wanted.len()] };
        let mut scanner = Scanner { text: json, place: 0 };
        let mut missing = if scanner.take(b'{') { wanted.len() } else { 0 };
        while missing > 0
            && let Some((key, value)) = scanner.field()
        {
            if let Some(place) = fields.place_of_raw(key).filter(|&place| fields.found[place].is_none()) {
                fields.found[place] = Some(serde_json::from_str(value).unwrap_or_default());
                missing -= 1;
            }
        }
        fields
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.place(key).and_then(|place| self.found[place].as_ref())
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.wanted.iter().position(|wanted| **wanted == *key)
    }

    /// The place of a key as it stands between its quotes.
    fn place_of_raw(&self, key: &str) -> Option<usize> {
        if !key.contains('\\') {
            return self.place(key);
        }
        let key: String = serde_json::from_str(&format!("\"{key}\"")).ok()?;
        self.place(&key)
    }
}

struct Scanner<'t> {
    text: &'t str,
    place: usize,
}

impl<'t> Scanner<'t> {
    /// The next key, as it stands between its quotes, and the text of its value.
    fn field(&mut self) -> Option<(&'t str, &'t str)> {
        self.take(b',');
        let key = self.next_is(b'"').then(|| self.string())??;
        if !self.take(b':') {
            return None;
        }
        self.skip_space();
        let start = self.place;
        self.skip_value()?;
        Some((&key[1..key.len() - 1], &self.text[start..self.place]))
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' | b'[' => self.skip_nested(),
            _ => {
                self.skip_while(|byte| !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace());
                Some(())
            }
        }
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut open = 0;
        loop {
            self.skip_while(|byte| !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'));
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    open += 1;
                    self.place += 1;
                }
                _ => {
                    open -= 1;
                    self.place += 1;
                }
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    /// Takes a string with its quotes; the scanner stands on the opening one.
    fn string(&mut self) -> Option<&'t str> {
        let start = self.place;
        self.place += 1;
        loop {
            self.skip_while(|byte| !matches!(byte, b'"' | b'\\'));
            match self.peek()? {
                b'"' => {
                    self.place += 1;
                    return self.text.get(start..self.place);
                }
                _ => self.place += 2,
            }
        }
    }

    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_space();
        self.peek() == Some(byte)
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.next_is(byte);
        self.place += usize::from(is_there);
        is_there
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| byte.is_ascii_whitespace());
    }

    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.place..).unwrap_or_default();
        self.place += rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len());
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }
}
