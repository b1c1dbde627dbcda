#![doc = include_str!("page.md")]

mod encode;
mod options;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use consent::Permitted;
use model::Delivery;

use super::{Context, Destination, Made, Sending, Verdict};
use options::Options;

#[derive(Debug)]
pub(crate) struct File {
    options: Options,
    deliveries_dir: PathBuf,
}

impl Made for File {
    type Options = Options;
    const NAME: &'static str = "file";
    const TITLE: &'static str = "Files";
    const PAGE: &'static str = include_str!("page.md");

    fn make(options: Options, context: &Context) -> Self {
        Self { options, deliveries_dir: context.deliveries_dir.clone() }
    }
}

impl Destination for File {
    fn batch_size(&self) -> usize {
        self.options.batch_size.0 as usize
    }

    fn send<'a>(&'a self, batch: &'a [Permitted<Delivery>]) -> Sending<'a> {
        let batch: Vec<_> = batch.iter().map(Permitted::value).collect();
        Box::pin(async move {
            let verdict = self.write(&batch).await;
            vec![verdict; batch.len()]
        })
    }
}

impl File {
    async fn write(&self, batch: &[&Delivery]) -> Verdict {
        let Some(first) = batch.first() else { return Verdict::Delivered { reason: "nothing to write".to_owned() } };
        let bytes = match encode::encode(self.options.format, batch) {
            Ok(bytes) => bytes,
            Err(reason) => return Verdict::Refused { reason },
        };
        let (folder, name) = (self.folder(&first.destination), self.name(first));
        let reason = name.clone();
        let written = tokio::task::spawn_blocking(move || put(&folder, &name, &bytes)).await;
        match written.unwrap_or_else(|broken| Err(broken.into())) {
            Ok(()) => Verdict::Delivered { reason },
            // The error's kind, without its path.
            Err(error) => Verdict::Retry { reason: error.kind().to_string(), after_ms: None, suspect: false },
        }
    }

    fn folder(&self, destination: &str) -> PathBuf {
        let own = self.options.folder.as_ref().map_or(Path::new(destination), |folder| &folder.0);
        self.deliveries_dir.join(own)
    }

    fn name(&self, first: &Delivery) -> String {
        format!("{:015}-{}.{}", first.at.as_ms(), first.id, self.options.format.name())
    }
}

/// Writes a file beside its name, makes it durable, and only then gives it its name.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".{name}.part"));
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    fs::File::open(folder)?.sync_all()
}
