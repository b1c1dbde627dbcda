#![doc = include_str!("../README.md")]

mod activity;
mod claims;
mod records;
mod search;
mod step;
mod tables;
mod timeline;
mod views;

pub use activity::{Activity, activity};
pub use claims::{Winner, label, traits, winners};
pub use search::{Found, Holders, search};
pub use step::{Left, Step, step};
pub use tables::TABLES;
pub use timeline::{Entry, Place, timeline};
pub use views::{PersonView, Views};
