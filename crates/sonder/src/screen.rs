//! What people see: progress and notes on stderr, data on stdout.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::EnvFilter;

/// Libraries say less than we do: their debug lines may quote what people wrote, e.g. the values in a rule's SQL.
const QUIET_LIBRARIES: &str = "info,datafusion=warn,sqlparser=warn";
const OURS_IN_FULL: &str = "info,datafusion=warn,sqlparser=warn,server=debug,activation=debug,collect=debug,lake=debug,\
    store=debug,identity=debug,profiles=debug,audiences=debug,consent=debug,engine=debug,sonder=debug";

pub fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => QUIET_LIBRARIES,
        _ => OURS_IN_FULL,
    };
    let filter = EnvFilter::try_from_env("SONDER_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}

/// Says what went wrong, with the causes, and returns the exit code of a failure.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error}");
    let shown = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string).filter(|cause| !shown.contains(cause.as_str())) {
        eprintln!("  because: {cause}");
    }
    ExitCode::FAILURE
}

/// One step of some work, with a bar on a terminal and a line every few seconds elsewhere.
pub struct Step {
    bar: ProgressBar,
    what: String,
    started: Instant,
    last_line: Instant,
    on_terminal: bool,
}

const LINE_EVERY: Duration = Duration::from_secs(5);

impl Step {
    pub fn start(what: &str) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let target = if on_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = "{spinner:.cyan} {msg:<34} {bar:28.cyan/dim} {percent:>3}%  {elapsed:>4}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is fixed").progress_chars("━━─"));
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        let now = Instant::now();
        Self { bar, what: what.to_owned(), started: now, last_line: now, on_terminal }
    }

    pub fn at(&mut self, done: u64, total: u64) {
        self.bar.set_length(total.max(1));
        self.bar.set_position(done);
        if !self.on_terminal && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            eprintln!("  {} … {}%", self.what, done * 100 / total.max(1));
        }
    }

    /// Ends the step with a line that stays, and returns the seconds that it took.
    pub fn done(self, outcome: &str) -> f64 {
        self.bar.finish_and_clear();
        let seconds = self.started.elapsed().as_secs_f64();
        eprintln!("✓ {:<26} {outcome} ({seconds:.1} s)", self.what);
        seconds
    }
}

/// Writes a number with thousands parted, as `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// The most memory that this process had, in bytes; 0 where the system does not say.
pub fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")).and_then(|kib| kib.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}
