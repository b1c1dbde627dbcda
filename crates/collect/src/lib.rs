#![doc = include_str!("../README.md")]

pub mod adapters;
#[cfg(feature = "plans")]
mod document;
pub mod enrich;
#[cfg(feature = "plans")]
mod fields;
pub mod files;
pub mod normalise;
#[cfg(feature = "plans")]
pub mod plans;
#[cfg(feature = "plans")]
pub mod quarantine;
pub mod seen;
pub mod sources;
pub mod spec;
mod tables;

pub use tables::TABLES;
