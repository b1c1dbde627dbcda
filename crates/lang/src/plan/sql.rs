//! Small pieces of SQL text.

use kit::Timestamp;

use crate::{Check, Comparison, Condition, Literal, Window};

/// A text in single quotes; the only way in which anything of a rule enters a query.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A moment of type timestamp(ms), as the lake's `time` is, with its readable form beside it.
pub fn moment(time: Timestamp) -> String {
    format!("to_timestamp_millis({}) /* {time} */", time.as_ms())
}

/// `sonder_holds` on an SQL expression that gives a JSON text.
pub fn holds(json: &str, condition: &Condition) -> String {
    format!("sonder_holds({json}, {})", text(&condition.to_json()))
}

/// A check in plain SQL, on an expression that gives a JSON text as `serde_json` writes it, where plain SQL can say it: texts that are equal,
/// or not, are so as JSON.
pub fn check(json: &str, check: &Check) -> Option<String> {
    let is_there = format!("{json} <> 'null'");
    match check {
        Check::Exists => Some(is_there),
        Check::Compare(Comparison::Equal, Literal::Text(value)) => Some(format!("{json} = {}", json_text(value))),
        Check::Compare(Comparison::NotEqual, Literal::Text(value)) => {
            Some(format!("{is_there} AND {json} <> {}", json_text(value)))
        }
        Check::OneOf(literals) => {
            let texts = literals.iter().map(|literal| match literal {
                Literal::Text(value) => Some(json_text(value)),
                _ => None,
            });
            Some(format!("{json} IN ({})", texts.collect::<Option<Vec<_>>>()?.join(", ")))
        }
        _ => None,
    }
}

fn json_text(value: &str) -> String {
    text(&serde_json::Value::from(value).to_string())
}

/// An SQL expression that gives a JSON object with these fields; the values are SQL expressions that give JSON texts, and not null.
pub fn object(fields: &[(&str, String)]) -> String {
    let mut json = String::new();
    for (place, (key, value)) in fields.iter().enumerate() {
        let before = if place == 0 { "{" } else { "," };
        let key = format!("{before}{}:", serde_json::Value::from(*key));
        json.push_str(&format!("{} || {value} || ", text(&key)));
    }
    json + "'}'"
}

/// The conditions on `time` that make a window.
pub fn window(window: Window, now: Timestamp) -> Vec<String> {
    let mut bounds = match window {
        Window::Always => Vec::new(),
        Window::LastMs(ms) => vec![format!("time > {}", moment(now.minus_ms(ms as i64)))],
        Window::Since(from) => vec![format!("time >= {}", moment(from))],
        Window::Between(from, to) => vec![format!("time >= {}", moment(from)), format!("time < {}", moment(to))],
    };
    bounds.push(format!("time <= {}", moment(now)));
    bounds
}
