//! Tests that hold the walls of the house. Nothing here ships.
//!
//! | module | holds |
//! |---|---|
//! | `edges` | which crate may use which: the arrows of ARCHITECTURE.md, read from the page itself |
//! | `sources` | lengths of files, unfinished code, `unwrap()` |
//! | `tables` | who writes which table; `docs/reference/tables.md` is generated from the sources |
//! | `portable` | no path of one machine, no download address in a lock file |
//! | `links` | links between the Markdown files |
//!
//! They read files only, so they build in a second: `cargo nextest run -p xtask`.

#[cfg(test)]
mod edges;
#[cfg(test)]
mod links;
#[cfg(test)]
mod portable;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tables;

#[cfg(test)]
mod house;
