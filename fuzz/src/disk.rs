//! A folder in memory, whose files can be spoilt.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use lake::journal::{Disk, DiskFile};

type Content = Arc<Mutex<Vec<u8>>>;

/// Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<BTreeMap<String, Content>>>);

#[derive(Debug)]
struct MemoryFile(Content);

impl MemoryDisk {
    /// Puts a file there.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.names().insert(name.to_owned(), Arc::new(Mutex::new(bytes)));
    }

    /// Changes the bytes of the first segment.
    pub fn spoil(&self, spoil: impl FnOnce(&mut Vec<u8>)) {
        let names = self.names();
        let segment = names.iter().find(|(name, _)| name.ends_with(".seg"));
        if let Some((_, content)) = segment {
            spoil(&mut lock(content));
        }
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<String, Content>> {
        self.0.lock().expect("no holder panics")
    }

    fn file(&self, name: &str) -> io::Result<Content> {
        self.names().get(name).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for MemoryDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.names().keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.put(name, Vec::new());
        self.open(name)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(MemoryFile(self.file(name)?)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let content = self.names().remove(from).ok_or(io::ErrorKind::NotFound)?;
        self.names().insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.names().remove(name).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_names(&self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for MemoryFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(lock(&self.0).len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = lock(&self.0);
        let rest = content.get(offset as usize..).unwrap_or_default();
        let bytes = rest.len().min(buffer.len());
        buffer[..bytes].copy_from_slice(&rest[..bytes]);
        Ok(bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut content = lock(&self.0);
        let (from, to) = (offset as usize, offset as usize + bytes.len());
        if content.len() < to {
            content.resize(to, 0);
        }
        content[from..to].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

fn lock(content: &Content) -> MutexGuard<'_, Vec<u8>> {
    content.lock().expect("no holder panics")
}
