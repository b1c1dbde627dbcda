//! One file a command.

pub mod audiences;
pub mod bench;
pub mod demo;
pub mod import;
pub mod openapi;
pub mod plans;
pub mod pulls;
pub mod quarantine;
pub mod rebuild;
pub mod serve;
pub mod sources;
pub mod sql;
pub mod token;
pub mod trace;
pub mod verify;
