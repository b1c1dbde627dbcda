use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::world;

/// What a command said.
#[derive(Debug)]
pub struct Ran {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `sonder --data DIR ARGS…` to its end.
pub fn run<A: AsRef<OsStr>>(data: &Path, args: &[A]) -> Ran {
    let output = Command::new(binary()).arg("--data").arg(data).args(args).output().expect("the binary can be started");
    Ran {
        success: output.status.success(),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

impl Ran {
    /// Makes sure that the command succeeded.
    pub fn well(self) -> Self {
        assert!(self.success, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Reads the last line of stdout as JSON.
    pub fn json(&self) -> Value {
        let line = self.stdout.lines().next_back().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// Returns `SONDER_BIN`, else the binary beside the folder of this test's own executable.
pub fn binary() -> PathBuf {
    if let Some(path) = world::setting("SONDER_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test has an executable");
    let beside = test.parent().and_then(Path::parent).map(|folder| folder.join("sonder"));
    let beside = beside.filter(|path| path.exists());
    beside.expect("the binary is built first: `cargo build -p sonder`, or name one by `SONDER_BIN`")
}
