//! Times the size of a three-condition audience over the lake of `lake_for_preview`: one half of `./dev bench preview`.
//!
//!     preview FOLDER [THREADS]
//!
//! It asks once to warm up and five times to measure, and prints one JSON object: `size`, `median_ms`, `cpu_ms` (user and
//! system, of the run that is the median), `peak_mb`. With `--sql` it prints the SQL that is asked, with `--explain` how the
//! engine goes about it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use kit::Timestamp;
use lake::{Engine, Lake, Question, Snapshot};

const RULE: &str =
    "country = 'DE' and count('Order Completed' where total > 50 in last 30 days) >= 3 and not exists(unsubscribed)";

/// 180 days after the world of `lake_for_preview` began.
const NOW: &str = "2026-06-30T00:00:00Z";

const NO_AUDIENCES: BTreeMap<String, lang::Rule> = BTreeMap::new();

const RUNS: usize = 5;
const MEMORY_BYTES: usize = 2 << 30;
const DEADLINE: Duration = Duration::from_secs(120);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments();
    let folder = arguments.first().ok_or("say in which folder the lake is")?;
    let threads = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(2);
    let rule = lang::parse(RULE).rule.ok_or("the rule is sound")?;
    let sql = lang::plan(&rule, &NO_AUDIENCES, Timestamp::parse(NOW)?).count_sql();
    if arguments.iter().any(|argument| argument == "--sql") {
        println!("{sql}");
        return Ok(());
    }
    let (engine, snapshot) = (engine::Local::new(threads, MEMORY_BYTES)?, Lake::peek(Path::new(folder))?);
    if arguments.iter().any(|argument| argument == "--explain") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let plan = runtime.block_on(engine.query(&snapshot, question(&format!("EXPLAIN ANALYZE {sql}"))))?;
        for row in plan.to_objects() {
            println!("{}", row["plan"].as_str().unwrap_or_default());
        }
        return Ok(());
    }
    let mut asked = (0..=RUNS).map(|_| ask(&engine, &snapshot, &sql)).collect::<Result<Vec<_>, _>>()?;
    let mut measured = asked.split_off(1);
    measured.sort_by(|a, b| a.wall_ms.total_cmp(&b.wall_ms));
    let median = &measured[RUNS / 2];
    let told = serde_json::json!({
        "size": median.size,
        "median_ms": median.wall_ms,
        "cpu_ms": median.cpu_ms,
        "peak_mb": peak_mb(),
    });
    println!("{told}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "an example is a program of its own")]
fn arguments() -> Vec<String> {
    std::env::args().skip(1).collect()
}

fn question(sql: &str) -> Question<'_> {
    Question::new(sql, DEADLINE).joined_as_written()
}

struct Asked {
    size: serde_json::Value,
    wall_ms: f64,
    cpu_ms: f64,
}

fn ask(engine: &engine::Local, snapshot: &Snapshot, sql: &str) -> Result<Asked, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (started, cpu) = (Instant::now(), cpu_ms());
    let answer = runtime.block_on(engine.query(snapshot, question(sql)))?;
    let (wall_ms, cpu_ms) = (started.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu);
    Ok(Asked { size: answer.value().ok_or("the answer is one number")?, wall_ms, cpu_ms })
}

/// User and system time of the process so far, as Linux counts it: in hundredths of a second.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: Vec<f64> = after_name.split(' ').skip(11).take(2).filter_map(|text| text.parse().ok()).collect();
    ticks.iter().sum::<f64>() * 10.0
}

/// The most memory that the process had.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse::<f64>().ok());
    kb.unwrap_or_default() / 1e3
}
