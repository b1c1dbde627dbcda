use std::collections::BTreeMap;

use serde_json::Value;

use super::{is_name, names};

const MOST_FIELDS: usize = 200;
const DEEPEST: usize = 5;
/// Distinct texts that are kept of a field, one more than an enum may have.
const MOST_TEXTS: usize = 9;
const MOST_TEXT_CHARS: usize = 32;

/// Every place of some objects with what was seen there. A place comes before what is inside it, so it is kept whenever that is.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Shapes(pub(super) BTreeMap<Vec<Step>, Shape>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Any item of a list.
    Item,
    Field(String),
}

#[derive(Clone, Default, PartialEq)]
pub(super) struct Shape {
    pub seen: u64,
    pub nulls: u64,
    pub booleans: u64,
    pub integers: u64,
    pub numbers: u64,
    pub strings: u64,
    pub lists: u64,
    pub objects: u64,
    /// There were fields or items that are not kept.
    pub open: bool,
    /// The smallest texts, unless some text was long or may be personal.
    pub texts: BTreeMap<String, u64>,
    pub any_text: bool,
}

impl Shapes {
    pub(super) fn see(&mut self, value: &Value) {
        self.see_at(Vec::new(), value, false);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (path, shape) in other.0 {
            self.0.entry(path).or_default().merge(shape);
        }
        self.forget_beyond();
    }

    pub(super) fn fields(&self) -> usize {
        self.0.keys().filter(|path| matches!(path.last(), Some(Step::Field(_)))).count()
    }

    /// `is_personal`: a name on the way says that what is here may tell who somebody is.
    fn see_at(&mut self, path: Vec<Step>, value: &Value, is_personal: bool) {
        let goes_in = path.len() < DEEPEST;
        let shape = self.0.entry(path.clone()).or_default();
        shape.see(value, is_personal);
        match value {
            Value::Object(fields) => {
                let (kept, left): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| goes_in && is_name(name));
                shape.open |= !left.is_empty();
                for (name, value) in kept {
                    let is_personal = is_personal || names::is_personal_field(name);
                    self.see_at(inside(&path, Step::Field(name.clone())), value, is_personal);
                }
            }
            Value::Array(items) if goes_in => {
                items.iter().for_each(|item| self.see_at(inside(&path, Step::Item), item, is_personal));
            }
            Value::Array(_) => shape.open = true,
            _ => {}
        }
        self.forget_beyond();
    }

    fn forget_beyond(&mut self) {
        while self.0.len() > MOST_FIELDS {
            let Some((mut path, _)) = self.0.pop_last() else { return };
            path.pop();
            if let Some(parent) = self.0.get_mut(&path) {
                parent.open = true;
            }
        }
    }
}

impl Shape {
    fn see(&mut self, value: &Value, is_personal: bool) {
        self.seen += 1;
        match value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) => self.booleans += 1,
            Value::Number(number) if number.is_i64() || number.is_u64() => self.integers += 1,
            Value::Number(_) => self.numbers += 1,
            Value::String(text) => {
                self.strings += 1;
                self.see_text(text, is_personal);
            }
            Value::Array(_) => self.lists += 1,
            Value::Object(_) => self.objects += 1,
        }
    }

    fn see_text(&mut self, text: &str, is_personal: bool) {
        let is_long = text.chars().nth(MOST_TEXT_CHARS).is_some();
        if is_long || is_personal || names::is_personal_text(text) {
            self.any_text = true;
        } else {
            *self.texts.entry(text.to_owned()).or_default() += 1;
        }
        self.forget_texts();
    }

    fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.nulls += other.nulls;
        self.booleans += other.booleans;
        self.integers += other.integers;
        self.numbers += other.numbers;
        self.strings += other.strings;
        self.lists += other.lists;
        self.objects += other.objects;
        self.open |= other.open;
        self.any_text |= other.any_text;
        for (text, seen) in other.texts {
            *self.texts.entry(text).or_default() += seen;
        }
        self.forget_texts();
    }

    /// Too many texts are as good as any text.
    fn forget_texts(&mut self) {
        self.any_text |= self.texts.len() >= MOST_TEXTS;
        if self.any_text {
            self.texts.clear();
        }
    }
}

fn inside(path: &[Step], step: Step) -> Vec<Step> {
    path.iter().cloned().chain([step]).collect()
}
