#![doc = include_str!("../README.md")]

mod backend;
mod draft;
mod fjall;
mod key;
mod memory;
mod passing;
mod read;
mod store;
mod table;

pub use backend::{Backend, Range, StoreError, Write};
pub use draft::Draft;
pub use key::{Key, read_time, read_u32, read_u64};
pub use memory::Memory;
pub use read::{Read, ReadExt, from_bytes};
pub use store::{Snapshot, Store, VIEWS_VERSION};
pub use table::{Erasure, Keep, Table};
