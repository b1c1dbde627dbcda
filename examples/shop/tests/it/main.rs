//! The world and its truth, from outside.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod audiences;
mod hazards;
mod score;
mod shared;
mod support;
mod world;
