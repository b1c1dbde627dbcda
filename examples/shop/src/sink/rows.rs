use serde::Serialize;

/// Appends a CSV row; a field with a comma, a quote or a line break is quoted.
pub fn csv(row: &mut Vec<u8>, fields: &[&str]) {
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            row.push(b',');
        }
        match field.contains([',', '"', '\n', '\r']) {
            true => row.extend(format!("\"{}\"", field.replace('"', "\"\"")).bytes()),
            false => row.extend(field.bytes()),
        }
    }
    row.push(b'\n');
}

/// Appends a line of JSON.
pub fn json(row: &mut Vec<u8>, line: &impl Serialize) {
    serde_json::to_writer(&mut *row, line)
        .expect("our own lines have text keys, and memory does not fail to be written");
    row.push(b'\n');
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_are_quoted_where_they_must_be() {
        let mut row = Vec::new();
        super::csv(&mut row, &["P1", "", "1 Main Street, Oakham", "say \"hi\""]);
        assert_eq!(String::from_utf8_lossy(&row), "P1,,\"1 Main Street, Oakham\",\"say \"\"hi\"\"\"\n");
    }
}
