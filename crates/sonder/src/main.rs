//! The binary: reads argv and the environment, and wires everything.

mod args;
mod commands;
mod hall;
mod remote;
mod screen;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

/// Requests allocate and free across threads; the system's allocator took a ninth of the doors' time (`docs/decisions/0007`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    screen::start_logging(args.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return screen::fail(&error.into()),
    };
    match runtime.block_on(run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => screen::fail(&error),
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    let (data, named) = (args.data(), args.data.clone());
    let data = data.as_path();
    match args.command {
        Command::Serve(serve) => commands::serve::run(data, &serve).await,
        Command::Demo(demo) => commands::demo::run(named, &demo).await,
        Command::Import(import) => commands::import::run(data, &import).await,
        Command::Sql(sql) => commands::sql::run(data, &sql).await,
        Command::Audiences(command) => commands::audiences::run(data, command).await,
        Command::Sources(command) => commands::sources::run(data, command).await,
        Command::Plans(command) => commands::plans::run(data, command).await,
        Command::Quarantine(command) => commands::quarantine::run(data, command).await,
        Command::Pulls(command) => commands::pulls::run(data, command).await,
        Command::Trace { message_id } => commands::trace::run(data, &message_id).await,
        Command::Token { afresh } => commands::token::run(data, afresh),
        Command::Rebuild => commands::rebuild::run(data).await,
        Command::Verify => commands::verify::run(data),
        Command::Openapi => commands::openapi::run(),
        Command::Bench(bench) => commands::bench::run(bench).await,
    }
}
