//! The lake at its boundary: one binary, so that it is linked once.

mod faulty;
mod journal;
mod journal_fixture;
mod journal_model;
mod tables;
