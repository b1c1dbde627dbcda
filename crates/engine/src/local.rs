use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::{SQLOptions, SessionState};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::DataFrame;
use datafusion::sql::parser::Statement as AnyStatement;
use datafusion::sql::sqlparser::ast::Statement;
use futures_util::TryStreamExt;
use lake::{Answer, BoxFuture, Engine, EngineError, Question, Snapshot};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::session::{self, Room};

/// Answers questions on this machine, on threads of its own, so that a heavy question leaves the server's threads alone.
#[derive(Debug)]
pub struct Local {
    /// Taken out only when the engine is dropped.
    runtime: Option<Runtime>,
    threads: usize,
    /// Holds the memory limit that all questions share, and what was learnt about files.
    environment: Arc<RuntimeEnv>,
}

impl Local {
    /// Starts an engine with so many threads (at least one) and so many bytes for all questions together. What does not
    /// fit is spilled to temporary files where the operator can, and fails as `engine_failed` where it cannot.
    pub fn new(threads: usize, memory_limit_bytes: usize) -> Result<Self, EngineError> {
        let threads = threads.max(1);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("engine")
            .enable_all()
            .build()
            .map_err(|error| EngineError::EngineFailed { message: error.to_string() })?;
        let pool = Arc::new(FairSpillPool::new(memory_limit_bytes));
        let environment = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().map_err(failed)?;
        Ok(Self { runtime: Some(runtime), threads, environment })
    }

    async fn answer(&self, snapshot: Snapshot, question: Question<'_>) -> Result<Answer, EngineError> {
        let Question { sql, deadline, most_rows, joins } = question;
        let room = Room { environment: self.environment.clone(), threads: self.threads, joins };
        let sql = sql.to_owned();
        let runtime = self.runtime.as_ref().expect("the runtime is there until the engine is dropped");
        let asked = async move { tokio::time::timeout(deadline, ask(room, &snapshot, &sql, most_rows)).await };
        match AbortOnDrop(runtime.spawn(asked)).finish().await? {
            Ok(answer) => answer,
            Err(_elapsed) => Err(EngineError::DeadlineExceeded { deadline_ms: deadline.as_millis() as u64 }),
        }
    }
}

impl Engine for Local {
    fn query<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        question: Question<'a>,
    ) -> BoxFuture<'a, Result<Answer, EngineError>> {
        Box::pin(self.answer(snapshot.clone(), question))
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for threads is not allowed on an async thread, where this may well run.
            runtime.shutdown_background();
        }
    }
}

/// Plans and runs one question. The snapshot stays until its files are read.
async fn ask(room: Room, snapshot: &Snapshot, sql: &str, most_rows: Option<usize>) -> Result<Answer, EngineError> {
    let context = session::over(snapshot, room).map_err(failed)?;
    let state = context.state();
    let plan = plan(&state, sql).await?;
    let plan = state.optimize(&plan).map_err(invalid)?;
    let rows = DataFrame::new(state, plan).execute_stream().await.map_err(failed)?;
    let schema = rows.schema();
    let batches = collect(rows, most_rows.unwrap_or(usize::MAX)).await.map_err(failed)?;
    Ok(Answer { schema, batches })
}

/// Takes rows until there are more than enough; what was not asked for is never computed.
async fn collect(mut rows: SendableRecordBatchStream, enough: usize) -> Result<Vec<RecordBatch>, DataFusionError> {
    let (mut batches, mut count) = (Vec::new(), 0);
    while count <= enough
        && let Some(batch) = rows.try_next().await?
    {
        count += batch.num_rows();
        batches.push(batch);
    }
    Ok(batches)
}

/// Understands a question and makes sure that it only reads.
async fn plan(state: &SessionState, sql: &str) -> Result<LogicalPlan, EngineError> {
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect).map_err(invalid)?;
    if !only_reads(&statement) {
        let message = "a question is one `SELECT` (or `WITH`, `EXPLAIN`, `SHOW`, `DESCRIBE`)".to_owned();
        return Err(EngineError::SqlNotReadOnly { message });
    }
    let plan = state.statement_to_plan(statement).await.map_err(invalid)?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(&plan).map_err(|error| EngineError::SqlNotReadOnly { message: root_message(&error) })?;
    Ok(plan)
}

/// Whether a statement is of a kind that can only read; what is inside a query is checked in its plan.
fn only_reads(statement: &AnyStatement) -> bool {
    match statement {
        AnyStatement::Statement(statement) => matches!(
            **statement,
            Statement::Query(_)
                | Statement::ExplainTable { .. }
                | Statement::ShowTables { .. }
                | Statement::ShowColumns { .. }
                | Statement::ShowVariable { .. }
        ),
        AnyStatement::Explain(explained) => only_reads(&explained.statement),
        _ => false,
    }
}

/// A task that ends with the one who waits for it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    async fn finish(mut self) -> Result<T, EngineError> {
        (&mut self.0).await.map_err(|error| EngineError::EngineFailed { message: error.to_string() })
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn invalid(error: DataFusionError) -> EngineError {
    EngineError::SqlInvalid { message: root_message(&error) }
}

fn failed(error: DataFusionError) -> EngineError {
    match error.find_root() {
        DataFusionError::Plan(_) | DataFusionError::SchemaError(..) | DataFusionError::SQL(..) => invalid(error),
        _ => EngineError::EngineFailed { message: root_message(&error) },
    }
}

/// What went wrong first; the names of the steps that it went through say nothing to the one who asked.
fn root_message(error: &DataFusionError) -> String {
    error.find_root().strip_backtrace()
}
