#![doc = include_str!("../README.md")]

mod functions;
mod local;
mod session;

pub use functions::{FUNCTIONS, Function};
pub use local::Local;
