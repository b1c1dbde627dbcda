//! Small pieces of SQL text.

use kit::Timestamp;

use crate::{Condition, Window};

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
