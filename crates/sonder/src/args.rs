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
    /// Saves, shows and infers tracking plans, and tells what broke them.
    #[command(subcommand)]
    Plans(Plans),
    /// Lists, mends and replays events that plans hold back.
    #[command(subcommand)]
    Quarantine(Quarantine),
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
    /// For how many days the way of each event through the rooms is kept for `sonder trace`.
    #[arg(long, value_name = "DAYS", env = "SONDER_TRACE_DAYS", default_value_t = 7)]
    pub trace_days: u32,
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
    #[arg(long, required_unless_present = "guess")]
    pub source: Option<String>,
    /// The mapping file: docs/guide/mapping.md.
    #[arg(long, required_unless_present = "guess", conflicts_with = "guess")]
    pub map: Option<PathBuf>,
    /// Proposes a mapping from the names and the contents of the columns, with how sure each guess is and why. Brings nothing in.
    #[arg(long)]
    pub guess: bool,
    /// Writes the proposed mapping to this file, which must not be there yet, instead of to the standard output.
    #[arg(long, requires = "guess", value_name = "MAP.yaml")]
    pub write_map: Option<PathBuf>,
    /// Brings the file in by the proposed mapping, if every decision that matters is sure enough.
    #[arg(long, requires_all = ["guess", "source"], conflicts_with = "map")]
    pub accept: bool,
    /// What happened, where rows are events and no column says so.
    #[arg(long, requires = "guess", value_name = "NAME")]
    pub event: Option<String>,
    /// Shows samples as they are, personal values too.
    #[arg(long, requires = "guess")]
    pub unmasked: bool,
    /// Prints the report, or the proposal, as JSON.
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
        /// For how many days after a message another one with its id is the same one (30 where nothing is said).
        #[arg(long, value_name = "DAYS")]
        dedupe_days: Option<u32>,
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
pub enum Plans {
    /// Lists the plans in force.
    List,
    /// Saves a plan (YAML or JSON) as its next version, or tells every mistake in it.
    Define { name: String, file: PathBuf },
    /// Prints a plan's text: the one in force, or that of a version.
    Show { name: String, number: Option<u32> },
    /// Takes a plan out of force; its versions, and what it holds back, stay.
    Withdraw { name: String },
    /// Lists how often events broke a plan, in which ways, with message ids.
    Violations { name: String },
    /// Prints a plan of what the events of the last days look like. It is not saved: read it first.
    Infer {
        /// The source whose events are read; all when none is named.
        #[arg(long)]
        source: Option<String>,
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Makes fields that were never seen violations.
        #[arg(long)]
        closed: bool,
    },
    /// Tells what a plan would say of an event (a file with one message of the Segment HTTP API, with its `type`).
    Check {
        file: PathBuf,
        event: PathBuf,
        /// The source that the event is thought to be of.
        #[arg(long)]
        source: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Quarantine {
    /// Lists events that wait, or were replayed or dropped within 30 days.
    List {
        #[arg(long)]
        source: Option<String>,
        #[command(flatten)]
        that: That,
        /// `waiting`, `replayed` or `dropped`; all when none is named.
        #[arg(long)]
        state: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Prints one event, with what it broke, as JSON.
    Show { source: String, number: u64 },
    /// Mends events and puts each into the journal once, in the order of their numbers.
    Replay {
        source: String,
        #[command(flatten)]
        these: These,
        /// The mending file: docs/guide/plans.md.
        #[arg(long)]
        mend: Option<PathBuf>,
        /// Replays whatever the plans in force say.
        #[arg(long)]
        without_plans: bool,
        /// Tells what would happen, and does nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Gives up events that wait.
    Drop {
        source: String,
        #[command(flatten)]
        these: These,
    },
}

/// Which of a source's events that wait: their numbers, or what they have in common.
#[derive(Debug, ClapArgs)]
pub struct These {
    #[arg(required_unless_present_any = ["all", "plan", "kind", "event", "message_id"])]
    pub numbers: Vec<u64>,
    /// All that wait.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub that: That,
}

/// What events in the quarantine have in common.
#[derive(Debug, ClapArgs)]
pub struct That {
    /// The plan that was broken.
    #[arg(long)]
    pub plan: Option<String>,
    /// How it was broken, e.g. `wrong_type`.
    #[arg(long)]
    pub kind: Option<String>,
    /// A track's name, else the kind of event.
    #[arg(long)]
    pub event: Option<String>,
    #[arg(long)]
    pub message_id: Option<String>,
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
    fn what_is_to_be_replayed_is_always_said() {
        let words = |words: &[&str]| Args::try_parse_from([&["sonder", "quarantine"][..], words].concat()).is_ok();
        assert!(words(&["replay", "web", "1", "2", "--dry-run"]) && words(&["drop", "web", "--all"]));
        assert!(words(&["replay", "web", "--kind", "wrong_type", "--mend", "mend.yaml"]));
        assert!(!words(&["replay", "web"]) && !words(&["drop", "web"]));
    }

    #[test]
    fn a_folder_that_is_named_counts_as_named_whatever_its_name() {
        let data = |words: &[&str]| Args::try_parse_from(words).expect("good words").data;
        assert_eq!(data(&["sonder", "demo", "--data", DEFAULT_DATA]), Some(DEFAULT_DATA.into()));
        assert_eq!(data(&["sonder", "--data", "x", "demo"]), Some("x".into()));
    }

    #[test]
    fn an_import_has_a_mapping_or_asks_for_one() {
        let fits = |words: &str| Args::try_parse_from(words.split(' ')).is_ok();
        assert!(fits("sonder import f --source crm --map m.yaml"));
        assert!(fits("sonder import f --guess"));
        assert!(fits("sonder import f --guess --accept --source crm --json"));
        assert!(fits("sonder import f --guess --write-map m.yaml --event Bought --unmasked"));
        assert!(!fits("sonder import f"));
        assert!(!fits("sonder import f --map m.yaml"));
        assert!(!fits("sonder import f --guess --map m.yaml --source crm"));
        assert!(!fits("sonder import f --guess --accept"));
        assert!(!fits("sonder import f --source crm --map m.yaml --accept"));
    }
}
