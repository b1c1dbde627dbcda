use std::path::Path;

use api::{SqlAnswer, SqlRequest};

use crate::args::{Output, Sql};
use crate::hall::{self, Hall};
use crate::remote::Remote;

pub async fn run(data: &Path, args: &Sql) -> anyhow::Result<()> {
    match Hall::for_a_question(data).await {
        Ok(hall) => {
            let (answer, _) = server::sql(&hall.house, &args.statement, None).await?;
            match args.output {
                Output::Table => println!("{}", answer.to_text()),
                Output::Csv => print!("{}", answer.to_csv()),
                Output::Ndjson => {
                    for row in answer.to_objects() {
                        println!("{}", serde_json::to_string(&row)?);
                    }
                }
            }
            Ok(())
        }
        Err(error) if hall::is_locked(&error) => ask_server(data, args).await,
        Err(error) => Err(error),
    }
}

/// A server gives rows as JSON; that is what is printed, whatever the output asked for.
async fn ask_server(data: &Path, args: &Sql) -> anyhow::Result<()> {
    let request = SqlRequest { sql: args.statement.clone() };
    let answer: SqlAnswer = Remote::of(data)?.post("/v1/sql", &request).await?;
    for row in answer.rows {
        println!("{}", serde_json::to_string(&row)?);
    }
    if answer.truncated {
        eprintln!("more rows were left off: a server sends at most 10,000");
    }
    Ok(())
}
