//! A PostgreSQL server of a test's own: fresh data folder, free port, killed with the test.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

pub const PASSWORD: &str = "correct horse";
/// How long anything may take on a slow machine under load. Reached only by what is broken.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub struct PostgresServer {
    process: Child,
    pub port: u16,
    folder: tempfile::TempDir,
}

impl PostgresServer {
    /// Starts a server; `None`, after saying so, where there is no PostgreSQL.
    pub async fn start() -> Option<Self> {
        Self::start_with(|_, _| Vec::new()).await
    }

    /// The same with more settings, which may be made from the data folder and the way to run a program as its owner.
    pub async fn start_with(settings: impl Fn(&Path, &Programs) -> Vec<String>) -> Option<Self> {
        let programs = Programs::find()?;
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        programs.give_away(folder.path(), &data);
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).expect("a file");
        let words = ["--no-sync", "--username=sonder", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"];
        let made = programs.run("initdb").args(words).arg("--pwfile").arg(&password).arg("-D").arg(&data).output();
        let made = made.expect("initdb can be started");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let settings = settings(&data, &programs);
        let port = free_port();
        let log = std::fs::File::create(folder.path().join("log")).expect("a file");
        let mut command = programs.run("postgres");
        command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=20"]);
        for setting in settings {
            command.args(["-c", &setting]);
        }
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let server = Self { process: process.expect("postgres can be started"), port, folder };
        server.opened().await;
        Some(server)
    }

    /// A connection of the test's own.
    pub async fn client(&self) -> Client {
        self.try_client().await.expect("the server takes connections")
    }

    pub async fn execute(&self, statements: &str) {
        self.client().await.batch_execute(statements).await.unwrap_or_else(|error| panic!("{error:?}"));
    }

    /// Where it is, without the password.
    pub fn url(&self) -> String {
        format!("postgres://sonder@127.0.0.1:{}/postgres", self.port)
    }

    async fn opened(&self) {
        let started = Instant::now();
        while let Err(error) = self.try_client().await {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(started.elapsed() < PATIENCE, "the server does not open: {error:?}\n{log}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn try_client(&self) -> Result<Client, tokio_postgres::Error> {
        let mut config: tokio_postgres::Config = self.url().parse().expect("a good address");
        let (client, connection) = config.password(PASSWORD).connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // `SIGINT` disconnects everyone and ends the server with all of its processes.
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// PostgreSQL's programs, and the user that may run them.
#[derive(Debug)]
pub struct Programs {
    dir: PathBuf,
    /// PostgreSQL does not run as root.
    user: Option<u32>,
}

impl Programs {
    fn find() -> Option<Self> {
        // Debian keeps them out of the path, a folder a version.
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut dirs: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
        dirs.sort();
        #[expect(clippy::disallowed_methods, reason = "programs are found by the path")]
        let path = std::env::var("PATH").unwrap_or_default();
        dirs.extend(std::env::split_paths(&path));
        let has_all = |dir: &PathBuf| ["initdb", "postgres"].iter().all(|program| dir.join(program).exists());
        let Some(dir) = dirs.into_iter().rev().find(has_all) else {
            eprintln!("skipped: there is no PostgreSQL (Debian: apt-get install postgresql)");
            return None;
        };
        let user = match id_of(None)? {
            0 => Some(id_of(Some("postgres"))?),
            _ => None,
        };
        Some(Self { dir, user })
    }

    /// A command that runs as the user who may.
    pub fn run(&self, program: &str) -> Command {
        let path = self.dir.join(program);
        match self.user {
            None => Command::new(path),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).args(["--clear-groups", "--"]).arg(path).current_dir("/");
                command
            }
        }
    }

    /// Makes a folder that belongs to that user.
    fn give_away(&self, outer: &Path, data: &Path) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir(data).expect("a folder");
        std::fs::set_permissions(outer, std::fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        self.own(data);
    }

    /// Gives a file to that user, and lets nobody else read it.
    pub fn own(&self, path: &Path) {
        use std::os::unix::fs::PermissionsExt;
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("the file is ours");
        if let Some(user) = self.user {
            std::os::unix::fs::chown(path, Some(user), None).expect("root may give away");
        }
    }
}

fn id_of(user: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg("-u").args(user).output().ok()?;
    let id = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    if id.is_none() {
        eprintln!("skipped: PostgreSQL does not run as root, and there is no user `postgres`");
    }
    id
}

/// A port that nobody listens at. PostgreSQL cannot choose one itself.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
