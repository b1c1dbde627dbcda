#![doc = include_str!("../README.md")]

pub mod adapters;
mod document;
pub mod enrich;
mod fields;
pub mod files;
pub mod normalise;
pub mod plans;
pub mod pull;
pub mod quarantine;
pub mod seen;
pub mod sources;
pub mod spec;
mod tables;

pub use tables::TABLES;
