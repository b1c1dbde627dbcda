use serde_json::{Map, Value, json};

use super::Options;
use super::shape::{Shape, Shapes, Step};

/// Returns the schema of the object at the top.
pub(super) fn of(shapes: &Shapes, options: &Options) -> Value {
    at(shapes, &mut Vec::new(), options)
}

fn at(shapes: &Shapes, path: &mut Vec<Step>, options: &Options) -> Value {
    let Some(shape) = shapes.0.get(path) else { return json!({}) };
    let mut schema = Map::new();
    schema.insert("type".to_owned(), types(shape));
    if let Some(texts) = texts(shape, options) {
        schema.insert("enum".to_owned(), texts);
    }
    if shape.objects > 0 {
        fields(&mut schema, shapes, shape, path, options);
    }
    path.push(Step::Item);
    if shape.lists > 0 && shapes.0.contains_key(path) {
        schema.insert("items".to_owned(), at(shapes, path, options));
    }
    path.pop();
    Value::Object(schema)
}

fn fields(schema: &mut Map<String, Value>, shapes: &Shapes, shape: &Shape, path: &mut Vec<Step>, options: &Options) {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, field) in children(shapes, path) {
        path.push(Step::Field(name.to_owned()));
        properties.insert(name.to_owned(), at(shapes, path, options));
        path.pop();
        let often = field.seen as f64 >= options.required_share * shape.objects as f64;
        if often && shape.objects >= options.required_seen {
            required.push(name);
        }
    }
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if options.closed && !shape.open {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}

fn children<'s>(shapes: &'s Shapes, path: &[Step]) -> Vec<(&'s str, &'s Shape)> {
    let inside = shapes.0.range(path.to_vec()..).take_while(|(other, _)| other.starts_with(path));
    let named = inside.filter(|(other, _)| other.len() == path.len() + 1);
    let named = named.filter_map(|(other, shape)| match other.last() {
        Some(Step::Field(name)) => Some((name.as_str(), shape)),
        _ => None,
    });
    named.collect()
}

fn types(shape: &Shape) -> Value {
    let integers = if shape.numbers > 0 { 0 } else { shape.integers };
    let counts = [
        ("null", shape.nulls),
        ("boolean", shape.booleans),
        ("integer", integers),
        ("number", shape.numbers),
        ("string", shape.strings),
        ("array", shape.lists),
        ("object", shape.objects),
    ];
    let types: Vec<_> = counts.into_iter().filter(|(_, seen)| *seen > 0).map(|(name, _)| name).collect();
    if let [one] = types[..] { json!(one) } else { json!(types) }
}

/// The few texts of a field that has no other values (but null).
fn texts(shape: &Shape, options: &Options) -> Option<Value> {
    let only_texts = !shape.any_text && shape.strings + shape.nulls == shape.seen;
    let few = (1..=options.enum_values).contains(&shape.texts.len());
    let often = shape.texts.values().all(|seen| *seen >= options.enum_seen);
    if !(only_texts && few && often) {
        return None;
    }
    let nulls = (shape.nulls > 0).then_some(Value::Null);
    Some(shape.texts.keys().map(|text| json!(text)).chain(nulls).collect())
}
