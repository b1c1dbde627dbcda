//! A disk in memory that refuses writes and syncs, and loses power, as told.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use lake::journal::{Disk, DiskFile};

const SECTOR_BYTES: usize = 512;

/// Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct FaultyDisk(Arc<Shared>);

/// What the disk refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Writes fail as if the disk were full, after a part of the bytes.
    Write,
    /// Syncs fail; of what was not synced, some is on disk and the rest is forgotten though it can still be read.
    Sync,
}

#[derive(Debug, Default)]
struct Shared {
    world: Mutex<World>,
    gate: Condvar,
}

#[derive(Debug, Default)]
struct World {
    files: Vec<Content>,
    names: BTreeMap<String, usize>,
    names_on_disk: BTreeMap<String, usize>,
    /// Changes of names that are not synced.
    names_dirty: Vec<NameChange>,
    /// A fault that begins after some operations and hits some.
    fault: Option<(Fault, u32, u32)>,
    /// The process is dead: nothing has any effect.
    dead: bool,
    /// Whether syncs wait, and how many do.
    held: bool,
    holding: usize,
    random: u64,
}

/// A file as the process sees it, as it is on disk, and the writes that lie between.
#[derive(Debug, Default)]
struct Content {
    cache: Vec<u8>,
    disk: Vec<u8>,
    dirty: Vec<(usize, Vec<u8>)>,
}

#[derive(Debug, Clone)]
enum NameChange {
    Set(String, usize),
    Remove(String),
}

impl FaultyDisk {
    /// The operation after the next `after` ones of its kind fails, and `times - 1` further ones.
    pub fn fail(&self, fault: Fault, after: u32, times: u32) {
        self.lock().fault = Some((fault, after, times));
    }

    pub fn heal(&self) {
        self.lock().fault = None;
    }

    /// From now on nothing that the process does has an effect.
    pub fn die(&self) {
        self.lock().dead = true;
    }

    /// A new process starts; what the dead one wrote is still in the page cache.
    pub fn revive(&self) {
        let mut world = self.lock();
        world.dead = false;
        world.fault = None;
    }

    /// A new process starts after a loss of power: of everything not synced, any part may be gone.
    pub fn revive_after_power_loss(&self, seed: u64) {
        let mut world = self.lock();
        world.random = seed;
        world.lose_power();
        world.dead = false;
        world.fault = None;
    }

    /// Lets syncs wait, until `release`.
    pub fn hold_syncs(&self) {
        self.lock().held = true;
    }

    pub fn wait_until_a_sync_is_held(&self) {
        let mut world = self.lock();
        while world.holding == 0 {
            world = self.0.gate.wait(world).expect("the world is sane");
        }
    }

    pub fn release(&self) {
        self.lock().held = false;
        self.0.gate.notify_all();
    }

    /// Changes bytes of a file behind everyone's back.
    pub fn edit(&self, name: &str, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut world = self.lock();
        let id = world.names[name];
        let content = &mut world.files[id];
        edit(&mut content.cache);
        content.disk = content.cache.clone();
        content.dirty.clear();
    }

    /// Names of the segments, ascending.
    pub fn segments(&self) -> Vec<String> {
        self.lock().names.keys().filter(|name| name.ends_with(".seg")).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().expect("the world is sane")
    }
}

impl Disk for FaultyDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.lock().names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.lock();
        world.alive()?;
        let id = world.files.len();
        world.files.push(Content::default());
        world.change_name(NameChange::Set(name.to_owned(), id));
        Ok(Box::new(FaultyFile { disk: self.clone(), id }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let world = self.lock();
        let id = *world.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(FaultyFile { disk: self.clone(), id }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.lock();
        world.alive()?;
        let id = *world.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        world.change_name(NameChange::Set(to.to_owned(), id));
        world.change_name(NameChange::Remove(from.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut world = self.lock();
        world.alive()?;
        world.change_name(NameChange::Remove(name.to_owned()));
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut world = self.lock();
        world.alive()?;
        if world.fails(Fault::Sync) {
            return Err(io::Error::other("sync refused"));
        }
        world.names_on_disk = world.names.clone();
        world.names_dirty.clear();
        Ok(())
    }
}

#[derive(Debug)]
struct FaultyFile {
    disk: FaultyDisk,
    id: usize,
}

impl DiskFile for FaultyFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.disk.lock().files[self.id].cache.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let world = self.disk.lock();
        let rest = world.files[self.id].cache.get(offset as usize..).unwrap_or_default();
        // Reads in small bits too, so that callers have to ask again.
        let read = buffer.len().min(rest.len()).min(100_000);
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut world = self.disk.lock();
        world.alive()?;
        let fails = world.fails(Fault::Write);
        let written = if fails { world.draw() as usize % (bytes.len() + 1) } else { bytes.len() };
        let content = &mut world.files[self.id];
        put(&mut content.cache, offset as usize, &bytes[..written]);
        content.dirty.push((offset as usize, bytes[..written].to_vec()));
        if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.disk.lock();
        world.holding += 1;
        self.disk.0.gate.notify_all();
        while world.held {
            world = self.disk.0.gate.wait(world).expect("the world is sane");
        }
        world.holding -= 1;
        world.alive()?;
        if world.fails(Fault::Sync) {
            world.flush_some(self.id);
            return Err(io::Error::other("sync refused"));
        }
        let content = &mut world.files[self.id];
        for (offset, bytes) in std::mem::take(&mut content.dirty) {
            put(&mut content.disk, offset, &bytes);
        }
        Ok(())
    }
}

impl World {
    fn alive(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("the process is dead")) } else { Ok(()) }
    }

    fn fails(&mut self, kind: Fault) -> bool {
        let Some((fault, after, times)) = &mut self.fault else { return false };
        if *fault != kind || *times == 0 {
            return false;
        }
        if *after > 0 {
            *after -= 1;
            return false;
        }
        *times -= 1;
        true
    }

    fn change_name(&mut self, change: NameChange) {
        change.clone().apply(&mut self.names);
        self.names_dirty.push(change);
    }

    fn lose_power(&mut self) {
        for id in 0..self.files.len() {
            self.flush_some(id);
            self.files[id].cache = self.files[id].disk.clone();
        }
        // Changes of names reach the disk in their order.
        let kept = self.draw() as usize % (self.names_dirty.len() + 1);
        for change in self.names_dirty.drain(..).take(kept) {
            change.apply(&mut self.names_on_disk);
        }
        self.names = self.names_on_disk.clone();
    }

    /// Of the writes that were not synced, brings any sectors to disk and forgets the others.
    fn flush_some(&mut self, id: usize) {
        for (offset, bytes) in std::mem::take(&mut self.files[id].dirty) {
            let mut at = 0;
            while at < bytes.len() {
                let end = bytes.len().min(at + SECTOR_BYTES - (offset + at) % SECTOR_BYTES);
                let keep = !self.draw().is_multiple_of(3);
                let disk = &mut self.files[id].disk;
                if keep {
                    put(disk, offset + at, &bytes[at..end]);
                } else if disk.len() < offset + end {
                    disk.resize(offset + end, 0);
                }
                at = end;
            }
        }
    }

    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
}

impl NameChange {
    fn apply(self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Set(name, id) => drop(names.insert(name, id)),
            Self::Remove(name) => drop(names.remove(&name)),
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
}
