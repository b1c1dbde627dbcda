use std::sync::Arc;

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use lang::Condition;

use super::{column, constant, constant_of, json_and_constant, texts, views};

/// `sonder_holds(json, condition)`: the question language's own evaluator on each row. Never null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Holds {
    signature: Signature,
}

impl Holds {
    const NAME: &'static str = "sonder_holds";

    pub fn new() -> Self {
        Self { signature: json_and_constant() }
    }
}

impl ScalarUDFImpl for Holds {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    /// Reads the condition already when the question is planned, where it is there (it may still stand inside a conversion), so
    /// that a wrong one is a wrong question and not a failure halfway.
    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        if let Some(condition) = arguments.scalar_arguments.get(1).copied().flatten() {
            compile(constant(Self::NAME, Some(condition))?)?;
        }
        Ok(Arc::new(Field::new(Self::NAME, DataType::Boolean, false)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let condition = compile(constant_of(Self::NAME, &arguments.args[1])?)?;
        let texts = texts(&arguments.args[0], arguments.number_rows)?;
        let holds = views(&texts).iter().map(|json| Some(condition.holds(json)));
        Ok(column(holds.collect::<BooleanArray>()))
    }
}

fn compile(condition: &str) -> Result<Condition> {
    Condition::from_json(condition).map_err(|error| DataFusionError::Plan(format!("`{}`: {error}", Holds::NAME)))
}
