#![doc = include_str!("../README.md")]

mod activity;
mod claims;
mod search;
mod step;
mod tables;
mod timeline;
mod views;

pub use activity::{Activity, activity};
pub use claims::{Winner, label, traits, winners};
pub use search::search;
pub use step::{Step, step};
pub use tables::TABLES;
pub use timeline::{Entry, Place, timeline};
pub use views::{PersonView, Views};
