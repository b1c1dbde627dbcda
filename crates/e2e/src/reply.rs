use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer of the server.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The text as JSON, `null` where it is none.
    pub body: Value,
}

impl Reply {
    pub(crate) async fn of(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Self { status, headers, text, body })
    }

    /// Whether something was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the code of an error, empty where there is none.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Returns the body of a success.
    pub fn well(self) -> Value {
        assert!(self.is_success(), "{}: {}", self.status, self.text);
        self.body
    }
}
