#![doc = include_str!("../README.md")]

pub mod adapters;
mod document;
pub mod enrich;
mod fields;
pub mod files;
pub mod mappings;
pub mod normalise;
pub mod plans;
pub mod pull;
pub mod quarantine;
pub mod seen;
pub mod sources;
pub mod spec;
mod tables;
mod versioned;
pub mod ways;

pub use tables::TABLES;
