use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Reply, binary};

/// A running `sonder serve`. It is killed, by its own id, when it is dropped.
#[derive(Debug)]
pub struct Server {
    world: TempDir,
    ground: Ground,
    arguments: Vec<String>,
    process: Option<Child>,
    address: Option<SocketAddr>,
    token: String,
    client: Client,
}

/// What a server stands on, where that is not an empty folder of its own and a plain environment.
#[derive(Debug, Default)]
pub struct Ground {
    /// The data folder.
    pub data: Option<PathBuf>,
    pub environment: Vec<(&'static str, PathBuf)>,
}

/// How long anything may take on a slow machine under load. Reached only by what is broken.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

impl Server {
    /// Starts a server over an empty data folder.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server over an empty data folder with more arguments, e.g. `-vv`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        Self::start_on(Ground::default(), arguments).await
    }

    /// Starts a server on other ground.
    pub async fn start_on(ground: Ground, arguments: &[&str]) -> Self {
        let client = Client::builder().no_proxy().build().expect("a client needs nothing");
        let mut server = Self {
            world: tempfile::tempdir().expect("a folder"),
            ground,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            process: None,
            address: None,
            token: String::new(),
            client,
        };
        server.spawn();
        server.opened().await;
        server.token = server.first_token().await;
        server
    }

    /// Starts the process over the data folder as it is, and does not wait for it.
    pub fn spawn(&mut self) {
        let _ = std::fs::remove_file(self.data().join("address"));
        let log = File::options().create(true).append(true).open(self.log_path()).expect("a file");
        let process = Command::new(binary())
            .arg("--data")
            .arg(self.data())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(&self.arguments)
            .envs(self.ground.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.process = Some(process.expect("the binary can be started"));
    }

    /// Waits until the process listens.
    pub async fn opened(&mut self) {
        let path = self.data().join("address");
        let started = Instant::now();
        self.address = loop {
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            if let Ok(address) = written.parse() {
                break Some(address);
            }
            let ended = self.process.as_mut().and_then(|process| process.try_wait().ok().flatten());
            let gave_up = started.elapsed() > PATIENCE;
            assert!(ended.is_none() && !gave_up, "the server does not open: {ended:?}\n{}", self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        };
    }

    /// Ends the process as a loss of power would: nothing of it runs any more.
    pub fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        process.kill().expect("the process is ours");
        process.wait().expect("the process is ours");
    }

    /// Like [`Server::kill`], while others still talk to the process. Its end is waited for by [`Server::kill`].
    pub fn kill_now(&self) {
        let id = self.process.as_ref().expect("the process was started").id();
        let killed = Command::new("kill").args(["-9", &id.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "the process is ours");
    }

    /// Kills the process and starts another one over the same folder.
    pub async fn restart(&mut self) {
        self.kill();
        self.spawn();
        self.opened().await;
    }

    pub fn data(&self) -> PathBuf {
        self.ground.data.clone().unwrap_or_else(|| self.world.path().join("data"))
    }

    /// Returns a folder for the test's own files.
    pub fn desk(&self) -> &Path {
        self.world.path()
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns what the process wrote on stderr, over all its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    pub fn address(&self) -> SocketAddr {
        self.address.expect("the server was opened")
    }

    /// Begins a request without any key or token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address()))
    }

    /// Makes a source and returns its write key.
    pub async fn source(&self, name: &str) -> String {
        let made = self.post("/v1/sources", &json!({ "name": name })).await.well();
        made["write_key"].as_str().expect("a source has a key").to_owned()
    }

    /// Sends a message through the door `track`, `batch` …, as the clients of the Segment API do.
    pub async fn send(&self, key: &str, door: &str, message: &Value) -> Reply {
        self.send_bytes(key, door, message.to_string().into_bytes()).await
    }

    /// Like [`Server::send`], with any bytes as the body.
    pub async fn send_bytes(&self, key: &str, door: &str, body: Vec<u8>) -> Reply {
        self.try_send(key, door, body).await.expect("the server answers")
    }

    /// Like [`Server::send_bytes`], where the server may die meanwhile.
    pub async fn try_send(&self, key: &str, door: &str, body: Vec<u8>) -> reqwest::Result<Reply> {
        let request = self.request(Method::POST, &format!("/v1/{door}")).basic_auth(key, Some(""));
        Reply::of(request.header("content-type", "application/json").body(body).send().await?).await
    }

    /// Asks the admin API.
    pub async fn get(&self, path: &str) -> Reply {
        answer(self.request(Method::GET, path).bearer_auth(&self.token)).await
    }

    /// Tells the admin API something.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        answer(self.request(Method::POST, path).bearer_auth(&self.token).json(body)).await
    }

    /// Sends a request that was begun elsewhere.
    pub async fn answer(&self, request: RequestBuilder) -> Reply {
        answer(request).await
    }

    /// Asks the lake, and returns the rows.
    pub async fn sql(&self, statement: &str) -> Vec<Value> {
        let answer = self.post("/v1/sql", &json!({ "sql": statement })).await.well();
        answer["rows"].as_array().expect("an answer has rows").clone()
    }

    /// Waits until every durable fact is in the views.
    pub async fn walked(&self) {
        self.until("/v1/home", "everything is walked", |home| home["waiting"] == 0).await;
    }

    /// Asks the admin API until its answer is as wanted, and returns that answer.
    pub async fn until(&self, path: &str, wanted: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let reply = self.get(path).await;
            if reply.is_success() && is_wanted(&reply.body) {
                return reply.body;
            }
            assert!(started.elapsed() < PATIENCE, "{wanted}: {path} still says {}\n{}", reply.text, self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Returns the memory that the process has now, in bytes; `None` where the system does not say.
    pub fn memory_bytes(&self) -> Option<u64> {
        let id = self.process.as_ref()?.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1_024)
    }

    /// The token stands on stderr, once, at the end of its line.
    async fn first_token(&self) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            let line =
                log.split_inclusive('\n').find(|line| line.contains("administrator's token") && line.ends_with('\n'));
            if let Some(token) = line.and_then(|line| line.split_whitespace().next_back()) {
                return token.to_owned();
            }
            assert!(started.elapsed() < PATIENCE, "no token was shown\n{log}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn log_path(&self) -> PathBuf {
        self.world.path().join("stderr.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

async fn answer(request: RequestBuilder) -> Reply {
    let response = request.send().await.expect("the server answers");
    Reply::of(response).await.expect("the answer is whole")
}
