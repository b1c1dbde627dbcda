//! Texts with columns in them: `order-{order_id}`.

/// A column's place in [`super::Mapping::columns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColumnId(pub usize);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(pub Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    Column(ColumnId),
    /// `{row}`: the number of the row in its file, from 1, the header not counted.
    Row,
}

impl Template {
    /// Reads the text; `column` gives each name its id. `{{` and `}}` stand for the braces themselves.
    pub fn read(text: &str, mut column: impl FnMut(&str) -> ColumnId) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let (name, after) = inside(brace, rest)?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(match name {
                "row" => Part::Row,
                name => Part::Column(column(name)),
            });
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    pub fn of_column(column: ColumnId) -> Self {
        Self(vec![Part::Column(column)])
    }

    /// The column, if the template is nothing but one.
    pub fn only_column(&self) -> Option<ColumnId> {
        match self.0.as_slice() {
            [Part::Column(column)] => Some(*column),
            _ => None,
        }
    }
}

fn inside<'t>(brace: &str, rest: &'t str) -> Result<(&'t str, &'t str), &'static str> {
    if brace == "}" {
        return Err("`}` without `{` before it (write `}}` for the brace itself)");
    }
    let (name, after) = rest.split_once('}').ok_or("`{` without `}` after it (write `{{` for the brace itself)")?;
    let name = name.trim();
    if name.is_empty() || name.contains('{') {
        return Err("the name of a column is expected between `{` and `}`");
    }
    Ok((name, after))
}
