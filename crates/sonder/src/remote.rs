//! Asking a running server instead of the folder that it has open.

use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where a server writes its address, inside the data folder.
pub const ADDRESS_FILE: &str = "address";

/// A server that has the data folder open.
pub struct Remote {
    base: String,
    token: String,
    client: reqwest::Client,
}

impl Remote {
    /// Finds the server of a data folder. The token comes from `SONDER_TOKEN`.
    pub fn of(dir: &Path) -> anyhow::Result<Self> {
        let address = std::fs::read_to_string(dir.join(ADDRESS_FILE))
            .context("the data folder is open in another process, and no address of a server stands in it")?;
        #[expect(clippy::disallowed_methods, reason = "the binary may read the environment")]
        let token = std::env::var("SONDER_TOKEN").ok();
        let Some(token) = token else {
            bail!("a server has this data folder open; set `SONDER_TOKEN` to ask it");
        };
        Ok(Self {
            base: format!("http://{}", address.trim()),
            token,
            client: reqwest::Client::builder().no_proxy().build()?,
        })
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.answer(self.client.get(format!("{}{path}", self.base))).await
    }

    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> anyhow::Result<T> {
        self.answer(self.client.post(format!("{}{path}", self.base)).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.success(self.client.delete(format!("{}{path}", self.base))).await.map(|_| ())
    }

    /// Begins a download.
    pub async fn download(&self, path: &str) -> anyhow::Result<reqwest::Response> {
        self.success(self.client.get(format!("{}{path}", self.base))).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        Ok(self.success(request).await?.json().await?)
    }

    async fn success(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
        let response = request.bearer_auth(&self.token).send().await.context("the server does not answer")?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        match response.json::<api::ErrorBody>().await {
            Ok(body) => bail!("{} ({})", body.error.message, body.error.code),
            Err(_) => bail!("the server answers {status}"),
        }
    }
}
