use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// Both halves of customer data in one process and one data folder.
#[derive(Debug, Parser)]
#[command(name = "sonder", version, propagate_version = true)]
pub struct Args {
    /// The data folder; `sonder-data` when none is named (a demo then keeps nothing).
    #[arg(long, global = true, env = "SONDER_DATA")]
    pub data: Option<PathBuf>,
    /// Says more (give it twice for everything).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

const DEFAULT_DATA: &str = "sonder-data";

impl Args {
    /// The data folder, named or not.
    pub fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| DEFAULT_DATA.into())
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the house: doors for events, the API, the console.
    Serve(Serve),
    /// Makes a retailer's world, brings it in, unifies it, computes audiences, delivers one of them, and shows it all.
    Demo(Demo),
    /// Brings a file in: CSV, NDJSON or Parquet, packed with gzip or not.
    Import(Import),
    /// Asks one read-only SQL question of the lake.
    Sql(Sql),
    /// Lists, previews, makes and explains audiences.
    #[command(subcommand)]
    Audiences(Audiences),
    /// Lists and makes sources.
    #[command(subcommand)]
    Sources(Sources),
    /// Lists, tries, makes and runs pulls: rows that are fetched from PostgreSQL, folders and buckets.
    #[command(subcommand)]
    Pulls(Pulls),
    /// Shows the way of one event through the rooms, with times.
    Trace { message_id: String },
    /// Makes the administrator's token, and shows it once.
    Token {
        /// Makes another one, though there is one already.
        #[arg(long)]
        afresh: bool,
    },
    /// Drops all views and walks the journal again from its first fact.
    Rebuild,
    /// Reads the whole journal and reports what cannot be read.
    Verify,
    /// Prints the OpenAPI document.
    Openapi,
    /// Measures this machine's ceilings for `./dev bench`.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Debug, ClapArgs)]
pub struct Serve {
    /// Where to listen. Anything but loopback is your decision.
    #[arg(long, env = "SONDER_LISTEN", default_value = "127.0.0.1:4747")]
    pub listen: SocketAddr,
    /// Rules for identifiers (YAML) to put in force. Views are rebuilt when they differ from those before.
    #[arg(long)]
    pub identity: Option<PathBuf>,
    /// What the doors add to events (YAML): user agents, bots, addresses, campaigns, referrers.
    #[arg(long)]
    pub enrich: Option<PathBuf>,
    /// A database of places (`.mmdb`) of your own: city, region, network. May be given more than once.
    #[arg(long)]
    pub geo: Vec<PathBuf>,
    /// Stands the clock at a moment, e.g. of an old world.
    #[arg(long)]
    pub as_of: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub struct Demo {
    /// How many people the world has (1,000 to 1,000,000).
    #[arg(long, default_value_t = 5_000)]
    pub people: u32,
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Uses the world in this folder instead of making one.
    #[arg(long)]
    pub world: Option<PathBuf>,
    /// Ends after the figures, without a server.
    #[arg(long)]
    pub once: bool,
    /// Prints the figures as one JSON object, the last line.
    #[arg(long)]
    pub json: bool,
    #[arg(long, env = "SONDER_LISTEN", default_value = "127.0.0.1:4747")]
    pub listen: SocketAddr,
    /// Deletes the demo that the data folder holds, and starts afresh. A folder that no demo made is left alone.
    #[arg(long)]
    pub afresh: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Import {
    pub file: PathBuf,
    /// The source that the facts are of.
    #[arg(long)]
    pub source: String,
    /// The mapping file: docs/guide/mapping.md.
    #[arg(long)]
    pub map: PathBuf,
    /// Prints the report as JSON.
    #[arg(long)]
    pub json: bool,
    /// Rules for identifiers (YAML) to put in force.
    #[arg(long)]
    pub identity: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub struct Sql {
    pub statement: String,
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    Table,
    Csv,
    Ndjson,
}

#[derive(Debug, Subcommand)]
pub enum Audiences {
    /// Lists audiences with their sizes.
    List,
    /// Gives the exact size of a rule.
    Preview {
        rule: String,
        #[arg(long)]
        json: bool,
        /// Shows the SQL that answers.
        #[arg(long)]
        sql: bool,
    },
    /// Defines an audience and asks it about everyone.
    Create {
        name: String,
        rule: String,
        #[arg(long, default_value = "")]
        description: String,
        /// Writes the audience of this name anew, if there is one.
        #[arg(long)]
        replace: bool,
    },
    /// Tells why a profile (`P17` or `kind:value`) is, or is not, in an audience.
    Why { audience: String, profile: String },
}

#[derive(Debug, Subcommand)]
pub enum Sources {
    List,
    /// Makes a source and shows its write key.
    Create {
        name: String,
        /// The write key that clients have already.
        #[arg(long)]
        write_key: Option<String>,
        /// Lets answers at this source's doors tell who a person is (Unomi's context.json).
        #[arg(long)]
        tells_profiles: bool,
    },
    /// Gives a source one more write key and shows it.
    AddKey {
        name: String,
        /// The write key that clients have already.
        #[arg(long)]
        write_key: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Pulls {
    /// Lists pulls, and how they fare.
    List,
    /// Saves the pull that a file defines (docs/guide/pulls.md).
    Create {
        file: PathBuf,
        /// Puts it in the place of a pull of its name, if there is one.
        #[arg(long)]
        replace: bool,
    },
    /// Counts what the pull that a file defines would bring, and writes nothing.
    DryRun {
        file: PathBuf,
        /// Prints the counts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs a pull now, and waits until it has ended.
    Run {
        name: String,
        /// Prints the counts as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tells how a pull fares, and what its last runs did.
    Show { name: String },
    /// Prints the rows that a run could not read, one JSON object a line.
    Errors {
        name: String,
        /// The number of a run; the last one with such rows without it.
        #[arg(long)]
        run: Option<u64>,
    },
    /// Removes a pull. The facts that it brought stay.
    Remove { name: String },
}

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Preallocated, synced writes of this disk.
    Disk {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long, default_value_t = 100_000)]
        bytes: usize,
        #[arg(long, default_value_t = 2_000)]
        writes: usize,
    },
    /// The server with its doors, but nothing is stored: `parse` reads the bodies, `bare` does not.
    Ceiling {
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_named_counts_as_named_whatever_its_name() {
        let data = |words: &[&str]| Args::try_parse_from(words).expect("good words").data;
        assert_eq!(data(&["sonder", "demo", "--data", DEFAULT_DATA]), Some(DEFAULT_DATA.into()));
        assert_eq!(data(&["sonder", "--data", "x", "demo"]), Some("x".into()));
    }
}
