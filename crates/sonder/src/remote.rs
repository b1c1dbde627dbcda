//! Asking a running server instead of the folder that it has open.

use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// What is read of a file at once, to be sent.
const PIECE_BYTES: usize = 64 * 1024;

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

    pub async fn put<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> anyhow::Result<T> {
        self.answer(self.client.put(format!("{}{path}", self.base)).json(body)).await
    }

    /// Deletes what answers without a body.
    pub async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.send(self.client.delete(format!("{}{path}", self.base))).await.map(|_| ())
    }

    /// Puts a text as it is.
    pub async fn put_text<T: DeserializeOwned>(&self, path: &str, text: String) -> anyhow::Result<T> {
        self.answer(self.client.put(format!("{}{path}", self.base)).body(text)).await
    }

    /// Posts a file piece by piece, and tells after each how many bytes were sent so far.
    pub async fn post_file<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        file: File,
        told: impl FnMut(u64) + Send + 'static,
    ) -> anyhow::Result<T> {
        let pieces =
            futures_util::stream::try_unfold((file, 0_u64, told), |(mut file, mut sent, mut told)| async move {
                let mut piece = vec![0_u8; PIECE_BYTES];
                let read = file.read(&mut piece).await?;
                piece.truncate(read);
                sent += read as u64;
                told(sent);
                Ok::<_, std::io::Error>((read > 0).then_some((piece, (file, sent, told))))
            });
        let body = reqwest::Body::wrap_stream(pieces);
        self.answer(self.client.post(format!("{}{path}", self.base)).query(query).body(body)).await
    }

    /// Begins a download.
    pub async fn download(&self, path: &str) -> anyhow::Result<reqwest::Response> {
        self.send(self.client.get(format!("{}{path}", self.base))).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        Ok(self.send(request).await?.json().await?)
    }

    /// Returns the answer where it is a success.
    async fn send(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
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
