#![doc = include_str!("../README.md")]

pub mod adapters;
pub mod enrich;
pub mod files;
pub mod normalise;
pub mod seen;
pub mod sources;
pub mod spec;
mod tables;

pub use tables::TABLES;
