//! Activation at its boundary: what happens to people on one side, what a receiver hears on the other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall fail")]

mod contract;
mod definitions;
mod deliver;
mod forward;
mod merge;
mod model;
mod plan;
mod receiver;
mod webhook;
mod world;
