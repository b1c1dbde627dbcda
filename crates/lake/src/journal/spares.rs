use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use super::blocks::zeros;
use super::disk::{Disk, DiskFile};

/// The name of a segment that is not in use yet.
pub(super) const SPARE: &str = "spare.tmp";

const ZERO_CHUNK_BYTES: usize = 1 << 20;

/// Makes files full of zeros, ahead of need.
///
/// A sync after writing over blocks that exist costs a fraction of one that must also make a file grow; and zeros that
/// are really written also spare the file system the conversion of merely reserved blocks.
///
/// The next file grows with the one that is in use, twice as fast: it is there in time at any rate of appends, and appends never queue behind a
/// flood of zeros.
#[derive(Debug)]
pub(super) struct Spares {
    disk: Arc<dyn Disk>,
    bytes: u64,
    coming: Option<Coming>,
}

/// A file that is being made.
#[derive(Debug)]
struct Coming {
    thread: JoinHandle<io::Result<Box<dyn DiskFile>>>,
    wish: Arc<Wish>,
}

impl Spares {
    pub fn new(disk: Arc<dyn Disk>, bytes: u64) -> Self {
        Self { disk, bytes, coming: None }
    }

    /// Goes on with the next file in the background, now that so much of the present one is used.
    pub fn keep_up(&mut self, used_bytes: u64) {
        if self.coming.is_none() {
            self.coming = self.begin();
        }
        if let Some(coming) = &self.coming {
            coming.wish.want(used_bytes.saturating_mul(2));
        }
    }

    fn begin(&self) -> Option<Coming> {
        let wish = Arc::new(Wish::for_bytes(0));
        let (disk, bytes, wanted) = (self.disk.clone(), self.bytes, wish.clone());
        let helper = std::thread::Builder::new().name("journal-spare".to_owned());
        let thread = helper.spawn(move || zeroed(&*disk, SPARE, bytes, &wanted)).ok()?;
        Some(Coming { thread, wish })
    }

    /// Returns the file called `SPARE`, made now if it was not made before.
    pub fn take(&mut self) -> io::Result<Box<dyn DiskFile>> {
        let coming = self.coming.take().map(|coming| {
            coming.wish.want(u64::MAX);
            coming.thread.join()
        });
        match coming {
            Some(Ok(Ok(file))) => Ok(file),
            _ => zeroed(&*self.disk, SPARE, self.bytes, &Wish::for_all()),
        }
    }
}

impl Drop for Spares {
    fn drop(&mut self) {
        if let Some(coming) = self.coming.take() {
            coming.wish.give_up();
            let _ = coming.thread.join();
            let _ = self.disk.remove(SPARE);
        }
    }
}

/// How much of a file is wanted by now.
#[derive(Debug)]
pub(super) struct Wish {
    /// `None` when nobody wants the file any more.
    bytes: Mutex<Option<u64>>,
    changed: Condvar,
}

impl Wish {
    /// The whole file at once: somebody waits for it.
    pub fn for_all() -> Self {
        Self::for_bytes(u64::MAX)
    }

    fn for_bytes(bytes: u64) -> Self {
        Self { bytes: Mutex::new(Some(bytes)), changed: Condvar::new() }
    }

    fn want(&self, bytes: u64) {
        *self.bytes.lock().expect(UNPOISONED) = Some(bytes);
        self.changed.notify_one();
    }

    fn give_up(&self) {
        *self.bytes.lock().expect(UNPOISONED) = None;
        self.changed.notify_one();
    }

    /// Waits until more than `at` bytes are wanted.
    fn wait_past(&self, at: u64) -> io::Result<()> {
        let bytes = self.bytes.lock().expect(UNPOISONED);
        let bytes = self.changed.wait_while(bytes, |bytes| bytes.is_some_and(|wanted| wanted <= at));
        match *bytes.expect(UNPOISONED) {
            Some(_) => Ok(()),
            None => Err(io::Error::new(io::ErrorKind::Interrupted, "nobody wants the file any more")),
        }
    }
}

const UNPOISONED: &str = "no thread panics while it holds the wish";

/// Makes a file of `bytes` zeros that are on disk, as they are wanted; leaves nothing behind if that fails.
pub(super) fn zeroed(disk: &dyn Disk, name: &str, bytes: u64, wish: &Wish) -> io::Result<Box<dyn DiskFile>> {
    let file = disk.create(name)?;
    let written = write_zeros(&*file, bytes, wish);
    if written.is_err() {
        let _ = disk.remove(name);
    }
    written.map(|()| file)
}

fn write_zeros(file: &dyn DiskFile, bytes: u64, wish: &Wish) -> io::Result<()> {
    let zeros = zeros(ZERO_CHUNK_BYTES.min(bytes as usize));
    let mut at = 0;
    while at < bytes {
        wish.wait_past(at)?;
        let chunk = zeros.len().min((bytes - at) as usize);
        file.write_at(&zeros[..chunk], at)?;
        at += chunk as u64;
        file.sync()?;
    }
    Ok(())
}
