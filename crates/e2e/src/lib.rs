#![doc = include_str!("../README.md")]

mod command;
mod reply;
mod server;
pub mod world;

pub use command::{Ran, binary, run};
pub use reply::Reply;
pub use server::{Ground, Server};
