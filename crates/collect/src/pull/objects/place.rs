use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectMeta, ObjectStore, RetryConfig};

use crate::pull::{Bucket, Folder, Pattern, PullError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the next piece of an answer may take. The whole may take as long as it needs.
const PATIENCE: Duration = Duration::from_secs(60);
/// A request is tried again within a run; runs are tried again by their schedule.
const TRIES: usize = 3;
const TRY_FOR: Duration = Duration::from_secs(30);

/// A folder or a bucket: what is listed, and which of it is meant.
#[derive(Debug)]
pub(in crate::pull) struct Place {
    pub store: Arc<dyn ObjectStore>,
    pub prefix: Option<Path>,
    pub pattern: Pattern,
    pub settle_ms: i64,
    /// In words, for errors.
    what: String,
    /// The folder, so that its files can be read where they are.
    folder: Option<Arc<LocalFileSystem>>,
}

impl Place {
    pub fn folder(from: &Folder) -> Result<Self, PullError> {
        let what = from.path.clone();
        let store = LocalFileSystem::new_with_prefix(&from.path)
            .map_err(|_| PullError::NotFound { place: "this machine".to_owned(), what: what.clone() })?;
        let folder = Arc::new(store);
        Ok(Self {
            store: folder.clone(),
            prefix: None,
            pattern: from.pattern.clone(),
            settle_ms: from.settle_ms,
            what,
            folder: Some(folder),
        })
    }

    pub fn bucket(from: &Bucket) -> Result<Self, PullError> {
        let what = match &from.endpoint {
            Some(endpoint) => format!("{endpoint}/{}", from.bucket),
            None => format!("s3://{}", from.bucket),
        };
        let unusable =
            |error: object_store::Error| PullError::Unreachable { place: what.clone(), reason: cause(&error) };
        let store = builder(from).build().map_err(unusable)?;
        let prefix = from.prefix.as_deref().map(Path::from);
        Ok(Self { store: Arc::new(store), prefix, pattern: from.pattern.clone(), settle_ms: 0, what, folder: None })
    }

    /// A file's path below the folder or the prefix.
    pub fn name(&self, file: &ObjectMeta) -> String {
        let path = file.location.as_ref();
        let below = self.prefix.as_ref().and_then(|prefix| path.strip_prefix(prefix.as_ref()));
        below.unwrap_or(path).trim_start_matches('/').to_owned()
    }

    /// Where a file lies on this machine, if it lies here.
    pub fn local_path(&self, file: &ObjectMeta) -> Option<PathBuf> {
        self.folder.as_ref()?.path_to_filesystem(&file.location).ok()
    }

    /// Waits for the next piece of an answer, but not for ever.
    pub async fn in_time<T>(&self, piece: impl Future<Output = object_store::Result<T>>) -> Result<T, PullError> {
        match tokio::time::timeout(PATIENCE, piece).await {
            Ok(piece) => piece.map_err(|error| self.error(error)),
            Err(_) => {
                let reason = format!("nothing came for {} s", PATIENCE.as_secs());
                Err(PullError::Unreachable { place: self.what.clone(), reason })
            }
        }
    }

    fn error(&self, error: object_store::Error) -> PullError {
        let place = self.what.clone();
        match error {
            object_store::Error::NotFound { path, .. } => PullError::NotFound { place, what: path },
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                PullError::Refused { place }
            }
            // A listing that is refused is not told apart by the client, except in its words.
            error => match cause(&error) {
                reason if reason.contains(" 404 ") => PullError::NotFound { place, what: "bucket".to_owned() },
                reason if [" 401 ", " 403 "].iter().any(|status| reason.contains(status)) => {
                    PullError::Refused { place }
                }
                reason => PullError::Unreachable { place, reason },
            },
        }
    }
}

fn builder(from: &Bucket) -> AmazonS3Builder {
    let options = ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout_disabled();
    let retry = RetryConfig { max_retries: TRIES, retry_timeout: TRY_FOR, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_client_options(options)
        .with_retry(retry)
        .with_region(&from.region)
        .with_bucket_name(&from.bucket)
        .with_virtual_hosted_style_request(from.is_virtual_hosted);
    if let Some(endpoint) = &from.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    match &from.keys {
        Some(keys) => {
            builder =
                builder.with_access_key_id(&keys.access_key_id).with_secret_access_key(keys.secret_access_key.expose());
        }
        None => builder = builder.with_skip_signature(true),
    }
    match &from.session_token {
        Some(token) => builder.with_token(token.expose()),
        None => builder,
    }
}

/// The innermost cause: what is around it repeats addresses and requests.
fn cause(error: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    // What follows is the server's page.
    cause.to_string().split(": <").next().unwrap_or_default().to_owned()
}
