//! Disks that a test may fill, slow down or break under a server.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::world;

/// A library that a server is started with, and that does to its writes what it is told.
#[derive(Debug)]
pub struct Faults {
    library: PathBuf,
    orders: PathBuf,
}

impl Faults {
    /// Compiles the library into `desk`. `None`, and a line that says so, without a C compiler, or where there is no preloading.
    pub fn prepare(desk: &Path) -> Option<Self> {
        if !cfg!(target_os = "linux") || !world::has_program("cc") {
            return None;
        }
        let (library, orders) = (desk.join("faults.so"), desk.join("faults.txt"));
        let source = world::repository("crates/e2e/faults/faults.c");
        let compiled =
            Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").status();
        assert!(compiled.is_ok_and(|status| status.success()), "the library of faults is sound C");
        let faults = Self { library, orders };
        faults.order("");
        Some(faults)
    }

    /// What the process needs in its environment.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("LD_PRELOAD", self.library.clone()), ("FAULTS_FILE", self.orders.clone())]
    }

    /// Tells the disk what it does from now on, e.g. `slow 20`: see `faults/faults.c`. Nothing: a sound disk.
    pub fn order(&self, words: &str) {
        let beside = self.orders.with_extension("new");
        std::fs::write(&beside, words).expect("a file");
        std::fs::rename(&beside, &self.orders).expect("a file beside it");
    }
}

/// A file system of its own in memory, which can be filled. It is unmounted when this is dropped.
#[derive(Debug)]
pub struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts it. `None`, and a line that says so, where one may not.
    pub fn mount(path: &Path, mebibytes: u32) -> Option<Self> {
        std::fs::create_dir_all(path).expect("a folder");
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path).output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        if !is_mounted {
            eprintln!("skipped: a file system cannot be mounted here");
        }
        is_mounted.then(|| Self { path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes whatever room there is.
    pub fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).expect("a name takes no room");
        for size in [1 << 20, 4096] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Gives the room back.
    pub fn free(&self) {
        std::fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}
