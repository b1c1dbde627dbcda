#![doc = include_str!("../README.md")]

mod definitions;
mod evaluate;
mod members;
mod tables;

pub use definitions::{Audience, DefineError, InForce};
pub use evaluate::{Changed, dissolve, drop_timer, due, evaluate, is_member, leave, members, memberships, next_due};
pub use members::Members;
pub use tables::TABLES;
