use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::blocks::are_blocks;

/// One folder of files, as the journal uses it. The seam at which tests let writes fail and machines lose power.
pub trait Disk: Debug + Send + Sync + 'static {
    /// The names in the folder, in no order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Makes an empty file, in place of one that has the name already.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file a new name, in place of a file that has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Returns once names, as they are now, survive a loss of power.
    fn sync_names(&self) -> io::Result<()>;
}

/// An open file; positions are bytes from its start.
pub trait DiskFile: Debug + Send + Sync {
    /// How many bytes it has.
    fn bytes(&self) -> io::Result<u64>;
    /// Reads up to `buffer.len()` bytes; 0 means the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all bytes or fails; a failed write may have left any part of them.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Returns once everything written survives a loss of power.
    fn sync(&self) -> io::Result<()>;
}

/// A real folder, held by one process at a time.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked as long as the folder is open.
    _lock: File,
}

impl Folder {
    /// Opens the folder, which is made if it is not there.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        fs::create_dir_all(path).map_err(JournalError::unreadable)?;
        let lock = File::create(path.join("lock")).map_err(JournalError::unreadable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(JournalError::InUse { folder: path.display().to_string() }),
            Err(fs::TryLockError::Error(error)) => Err(JournalError::unreadable(error)),
        }
    }
}

impl Disk for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path.join(name);
        File::options().write(true).create(true).truncate(true).open(&path)?;
        Ok(Box::new(TwoWays::open(&path)?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(TwoWays::open(&self.path.join(name))?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// A real file. Whole blocks pass the kernel's cache by, where the file system can do that: what a journal writes is read once, soon and in order,
/// and a cache would only cost memory and copies. Anything else goes through the cache; the kernel keeps the two ways in step.
#[derive(Debug)]
struct TwoWays {
    cached: File,
    direct: Option<File>,
}

impl TwoWays {
    fn open(path: &Path) -> io::Result<Self> {
        let cached = File::options().read(true).write(true).open(path)?;
        Ok(Self { cached, direct: direct(File::options().read(true).write(true), path) })
    }

    fn direct_for(&self, bytes: &[u8], offset: u64) -> Option<&File> {
        self.direct.as_ref().filter(|_| are_blocks(bytes, offset))
    }
}

#[cfg(target_os = "linux")]
fn direct(options: &mut OpenOptions, path: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_DIRECT).open(path).ok()
}

/// Elsewhere all goes through the cache.
#[cfg(not(target_os = "linux"))]
fn direct(_: &mut OpenOptions, _: &Path) -> Option<File> {
    None
}

/// A file system may take the flag and refuse such reads and writes all the same.
fn is_refused(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

impl DiskFile for TwoWays {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.cached.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if let Some(file) = self.direct_for(buffer, offset) {
            match file.read_at(buffer, offset) {
                Err(error) if is_refused(&error) => {}
                read => return read,
            }
        }
        self.cached.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if let Some(file) = self.direct_for(bytes, offset) {
            match file.write_all_at(bytes, offset) {
                Err(error) if is_refused(&error) => {}
                written => return written,
            }
        }
        self.cached.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.cached.sync_data()
    }
}
