use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::TryStreamExt;
use object_store::{ObjectMeta, ObjectStoreExt};
use tokio::io::AsyncWriteExt;

use super::Place;
use crate::pull::PullError;

/// A folder of a run for what it reads from elsewhere. It is gone with the run.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

/// A file that can be read on this machine.
#[derive(Debug)]
pub(super) struct Local {
    pub path: PathBuf,
    /// What it was when it was fetched.
    pub meta: ObjectMeta,
    /// Whether it is our copy.
    is_copy: bool,
}

impl Scratch {
    /// A folder that no other run has. It is made with its first file.
    pub fn of(dir: &Path, pull: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        Self(dir.join(format!("{pull}-{}", NUMBER.fetch_add(1, Ordering::Relaxed))))
    }

    /// Brings a file here; one that lies on this machine is read where it is. `None` for one that has gone since it was listed.
    pub async fn fetch(&self, place: &Place, file: &ObjectMeta) -> Result<Option<Local>, PullError> {
        if let Some(path) = place.local_path(file) {
            let local = Local { path, meta: file.clone(), is_copy: false };
            return Ok(Some(local).filter(|local| local.path.exists()));
        }
        let got = match place.in_time(place.store.get(&file.location)).await {
            Err(PullError::NotFound { .. }) => return Ok(None),
            got => got?,
        };
        // The name stays, for its ending says what the file is.
        let path = self.0.join(file.location.filename().unwrap_or("file"));
        let meta = got.meta.clone();
        tokio::fs::create_dir_all(&self.0).await?;
        let mut copy = tokio::fs::File::create(&path).await?;
        let local = Local { path, meta, is_copy: true };
        let mut bytes = got.into_stream();
        while let Some(piece) = place.in_time(bytes.try_next()).await? {
            copy.write_all(&piece).await?;
        }
        copy.flush().await?;
        Ok(Some(local))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if self.is_copy {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
