//! Functions that SQL has here beyond the engine's own. Name and signature never change once released.

mod holds;
mod json;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Signature, Volatility};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

use holds::Holds;
use json::JsonValue;

/// A function, as people are told of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: &'static str,
    pub signature: &'static str,
    pub doc: &'static str,
}

/// Every function that is added to the engine's own.
pub const FUNCTIONS: [Function; 3] = [
    Function {
        name: "sonder_holds",
        signature: "sonder_holds(json, condition) -> boolean",
        doc: "whether a condition of the question language, in its JSON form and constant, holds for a JSON object",
    },
    Function {
        name: "json_text",
        signature: "json_text(json, path) -> text",
        doc: "the value at a constant path such as `'address.city'`: a text as it is, anything else as JSON; null where there is none",
    },
    Function {
        name: "json_number",
        signature: "json_number(json, path) -> double",
        doc: "the number at a constant path; null where there is none, or something else",
    },
];

pub fn register(context: &SessionContext) {
    context.register_udf(ScalarUDF::from(Holds::new()));
    context.register_udf(ScalarUDF::from(JsonValue::text()));
    context.register_udf(ScalarUDF::from(JsonValue::number()));
}

/// A JSON text and a constant text. Parquet gives texts as views, which come first so that they are not converted.
fn json_and_constant() -> Signature {
    let texts = vec![DataType::Utf8View, DataType::Utf8, DataType::LargeUtf8];
    Signature::uniform(2, texts, Volatility::Immutable)
}

/// The first argument, as one text for each row.
fn texts(argument: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    Ok(cast(&argument.to_array(rows)?, &DataType::Utf8View)?)
}

fn views(texts: &ArrayRef) -> &StringViewArray {
    use datafusion::arrow::array::AsArray;
    texts.as_string_view()
}

/// The second argument, which must be the same for all rows.
fn constant<'a>(function: &str, argument: Option<&'a ScalarValue>) -> Result<&'a str> {
    let text = argument.and_then(|value| value.try_as_str().flatten());
    text.ok_or_else(|| DataFusionError::Plan(format!("the second argument of `{function}` must be a constant text")))
}

fn constant_of<'a>(function: &str, argument: &'a ColumnarValue) -> Result<&'a str> {
    match argument {
        ColumnarValue::Scalar(value) => constant(function, Some(value)),
        ColumnarValue::Array(_) => constant(function, None),
    }
}

fn column(array: impl datafusion::arrow::array::Array + 'static) -> ColumnarValue {
    ColumnarValue::Array(Arc::new(array))
}
