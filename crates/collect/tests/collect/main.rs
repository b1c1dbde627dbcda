//! What collect takes and what it refuses, at its boundary: bytes and files in, facts and codes out.

mod captures;
mod files;
mod hostile;
mod mapping;
mod maps;
mod messages;
mod shared;
