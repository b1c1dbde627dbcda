use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, SchemaRef, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::array_value_to_string;
use kit::{SECOND_MS, Timestamp};
use serde_json::{Map, Value};

/// The widest that a column of the text table gets, in characters.
const MAX_COLUMN_CHARS: usize = 60;

/// The rows that answer a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Answer {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The columns' names, in order.
    pub fn columns(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// The single value of an answer with one row and one column, e.g. a count.
    pub fn value(&self) -> Option<Value> {
        let batch = self.batches.iter().find(|batch| batch.num_rows() > 0)?;
        (self.rows() == 1 && batch.num_columns() == 1).then(|| cell(batch.column(0), 0))
    }

    /// Each row as an object. Times are RFC 3339 in UTC, absent values are `null`, numbers stay numbers.
    pub fn to_objects(&self) -> Vec<Map<String, Value>> {
        let mut objects = Vec::with_capacity(self.rows());
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| cell(column, row));
                objects.push(self.columns().into_iter().map(str::to_owned).zip(cells).collect());
            }
        }
        objects
    }

    /// An aligned table for a terminal: numbers to the right, long texts cut with `…`.
    pub fn to_text(&self) -> String {
        let is_number: Vec<bool> = self.schema.fields().iter().map(|field| field.data_type().is_numeric()).collect();
        let mut lines = vec![self.columns().into_iter().map(shorten).collect::<Vec<_>>()];
        lines.extend(self.cells().map(|cells| cells.iter().map(|cell| shorten(cell)).collect()));
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..is_number.len()).map(width).collect();
        let rule = widths.iter().map(|&width| "─".repeat(width)).collect();
        lines.insert(1, rule);
        let mut text = String::new();
        for line in lines {
            let cells = line.iter().zip(&widths).zip(&is_number);
            let padded = cells.map(
                |((cell, &width), &right)| {
                    if right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                },
            );
            text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// Comma-separated values (RFC 4180) with a head; absent values are empty.
    pub fn to_csv(&self) -> String {
        let quoted = |cells: Vec<String>| cells.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(",") + "\r\n";
        let head = quoted(self.columns().into_iter().map(str::to_owned).collect());
        head + &self.cells().map(quoted).collect::<String>()
    }

    fn cells(&self) -> impl Iterator<Item = Vec<String>> {
        let texts = |batch: &RecordBatch, row| batch.columns().iter().map(|column| text_cell(column, row)).collect();
        self.batches.iter().flat_map(move |batch| (0..batch.num_rows()).map(move |row| texts(batch, row)))
    }
}

fn text_cell(column: &dyn Array, row: usize) -> String {
    match cell(column, row) {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// One value as JSON.
fn cell(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Int8 => column.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(row).into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
        DataType::Timestamp(unit, _) => moment(column, *unit, row).to_string().into(),
        DataType::List(_) => list(&column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&column.as_list::<i64>().value(row)),
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            fields.iter().zip(columns).map(|(field, column)| (field.name().clone(), cell(column, row))).collect()
        }
        // Every other kind has a text form; only a damaged array has none.
        _ => array_value_to_string(column, row).map_or(Value::Null, Value::String),
    }
}

fn list(items: &dyn Array) -> Value {
    (0..items.len()).map(|item| cell(items, item)).collect()
}

fn moment(column: &dyn Array, unit: TimeUnit, row: usize) -> Timestamp {
    let ms = match unit {
        TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row).saturating_mul(SECOND_MS),
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(row).div_euclid(1_000),
        TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000_000),
    };
    Timestamp::from_ms(ms)
}

/// Cuts a cell to one line of bounded length.
fn shorten(cell: &str) -> String {
    let line: String = cell.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    if line.chars().count() <= MAX_COLUMN_CHARS {
        return line;
    }
    line.chars().take(MAX_COLUMN_CHARS - 1).chain(['…']).collect()
}

fn quote(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int64Array, ListArray, StringArray, TimestampMillisecondArray};
    use expect_test::expect;

    use super::*;

    fn answer() -> Answer {
        let columns: [(&str, ArrayRef); 5] = [
            ("who", Arc::new(StringArray::from(vec![Some("Ann, \"A\""), None]))),
            ("orders", Arc::new(Int64Array::from(vec![3, 12]))),
            ("spent", Arc::new(Float64Array::from(vec![Some(12.5), Some(f64::NAN)]))),
            ("last", Arc::new(TimestampMillisecondArray::from(vec![1_500, -1]).with_timezone("UTC"))),
            ("days", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1), None]), None]))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)));
        let batch = batch.expect("columns of one length");
        Answer { schema: batch.schema(), batches: vec![batch.slice(0, 0), batch.slice(0, 1), batch.slice(1, 1)] }
    }

    #[test]
    fn is_shown_as_objects_text_and_csv() {
        assert_eq!(answer().rows(), 2);
        let objects = serde_json::to_string(&answer().to_objects()).expect("values are JSON");
        expect![[r#"[{"days":[1,null],"last":"1970-01-01T00:00:01.500Z","orders":3,"spent":12.5,"who":"Ann, \"A\""},{"days":null,"last":"1969-12-31T23:59:59.999Z","orders":12,"spent":null,"who":null}]"#]].assert_eq(&objects);
        expect![[r#"
            who       orders  spent  last                      days
            ────────  ──────  ─────  ────────────────────────  ────────
            Ann, "A"       3   12.5  1970-01-01T00:00:01.500Z  [1,null]
                          12         1969-12-31T23:59:59.999Z
        "#]]
        .assert_eq(&answer().to_text());
        expect![[r#"
            who,orders,spent,last,days
            "Ann, ""A""",3,12.5,1970-01-01T00:00:01.500Z,"[1,null]"
            ,12,,1969-12-31T23:59:59.999Z,
        "#]]
        .assert_eq(&answer().to_csv().replace("\r\n", "\n"));
    }

    #[test]
    fn a_single_value_is_at_hand() {
        let count: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        let batch = RecordBatch::try_from_iter([("n", count)]).expect("one column");
        let answer = Answer { schema: batch.schema(), batches: vec![batch] };
        assert_eq!(answer.value(), Some(Value::from(7)));
        assert_eq!(super::tests::answer().value(), None);
    }
}
