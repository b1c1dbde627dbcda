use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::fault;
use crate::pull::{Postgres, PullError, Tls};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that has gone without a word is noticed after this much silence, and a few questions.
const SILENCE: Duration = Duration::from_secs(30);
const ASK_AGAIN: Duration = Duration::from_secs(10);
const ASK_TIMES: u32 = 3;

/// An open connection. Closed when it is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    pub client: Client,
    driver: tokio::task::JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

pub(super) async fn open(from: &Postgres) -> Result<Connection, PullError> {
    let mut config = Config::from_str(&from.url).expect("a definition holds an address that can be read");
    config.application_name("sonder").connect_timeout(CONNECT_TIMEOUT).keepalives_idle(SILENCE);
    config.keepalives_interval(ASK_AGAIN).keepalives_retries(ASK_TIMES);
    if let Some(password) = &from.password {
        config.password(password.expose());
    }
    let failed = |error: tokio_postgres::Error| fault::of_connecting(&from.url, &error);
    let is_off = from.tls.map_or_else(|| is_this_machine(&config), |tls| tls == Tls::Off);
    if is_off {
        let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await.map_err(failed)?;
        return Ok(driven(client, connection));
    }
    let tls = MakeRustlsConnect::new(tls(from)?);
    let (client, connection) = config.ssl_mode(SslMode::Require).connect(tls).await.map_err(failed)?;
    Ok(driven(client, connection))
}

/// Reads certificates from PEM; `None` where there are none, or one that cannot be read.
pub(in crate::pull) fn certificates(pem: &str) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.ok()?).ok()?;
    }
    Some(roots).filter(|roots| !roots.is_empty())
}

fn driven<S, T>(client: Client, connection: tokio_postgres::Connection<S, T>) -> Connection
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // What ends the connection is told to whoever asks next.
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    Connection { client, driver }
}

fn tls(from: &Postgres) -> Result<ClientConfig, PullError> {
    let roots = match &from.ca {
        Some(pem) => certificates(pem).expect("a definition holds certificates that can be read"),
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let failed = |error: rustls::Error| PullError::Tls { place: from.url.clone(), reason: error.to_string() };
    Ok(builder.map_err(failed)?.with_root_certificates(roots).with_no_client_auth())
}

/// Whether every host is reached without leaving the machine.
fn is_this_machine(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}
