#![doc = include_str!("../README.md")]

mod decisions;
mod permit;
mod purposes;
mod tables;
mod told;

pub use decisions::{Decision, Given, decision, decisions, step};
pub use permit::{Permitted, Refusal, permit, permit_removal};
pub use purposes::{canonical, mark, mark_record};
pub use tables::TABLES;
pub use told::{Told, forget_destination, forget_told, remember_told, told};
