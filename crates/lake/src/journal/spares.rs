use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::disk::{Disk, DiskFile};

/// The name of a segment that is not in use yet.
pub(super) const SPARE: &str = "spare.tmp";

const ZERO_CHUNK_BYTES: usize = 1 << 20;

/// Makes files full of zeros, ahead of need.
///
/// A sync after writing over blocks that exist costs a fraction of one that must also make a file grow; and zeros that
/// are really written also spare the file system the conversion of merely reserved blocks.
#[derive(Debug)]
pub(super) struct Spares {
    disk: Arc<dyn Disk>,
    bytes: u64,
    coming: Option<JoinHandle<io::Result<Box<dyn DiskFile>>>>,
}

impl Spares {
    pub fn new(disk: Arc<dyn Disk>, bytes: u64) -> Self {
        Self { disk, bytes, coming: None }
    }

    /// Begins to make the next file in the background, if that is not under way.
    pub fn prepare(&mut self) {
        if self.coming.is_none() {
            let (disk, bytes) = (self.disk.clone(), self.bytes);
            let helper = std::thread::Builder::new().name("journal-spare".to_owned());
            self.coming = helper.spawn(move || zeroed(&*disk, SPARE, bytes)).ok();
        }
    }

    /// Returns the file called `SPARE`, made now if it was not made before.
    pub fn take(&mut self) -> io::Result<Box<dyn DiskFile>> {
        match self.coming.take().map(JoinHandle::join) {
            Some(Ok(Ok(file))) => Ok(file),
            _ => zeroed(&*self.disk, SPARE, self.bytes),
        }
    }
}

impl Drop for Spares {
    fn drop(&mut self) {
        if let Some(coming) = self.coming.take() {
            let _ = coming.join();
            let _ = self.disk.remove(SPARE);
        }
    }
}

/// Makes a file of `bytes` zeros that are on disk; leaves nothing behind if that fails.
pub(super) fn zeroed(disk: &dyn Disk, name: &str, bytes: u64) -> io::Result<Box<dyn DiskFile>> {
    let file = disk.create(name)?;
    let written = write_zeros(&*file, bytes);
    if written.is_err() {
        let _ = disk.remove(name);
    }
    written.map(|()| file)
}

fn write_zeros(file: &dyn DiskFile, bytes: u64) -> io::Result<()> {
    let zeros = vec![0; ZERO_CHUNK_BYTES.min(bytes as usize)];
    let mut at = 0;
    while at < bytes {
        let chunk = zeros.len().min((bytes - at) as usize);
        file.write_at(&zeros[..chunk], at)?;
        at += chunk as u64;
    }
    file.sync()
}
