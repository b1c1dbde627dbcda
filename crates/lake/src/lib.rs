#![doc = include_str!("../README.md")]

mod answer;
mod engine;
pub mod journal;
mod tables;

pub use answer::Answer;
pub use engine::{BoxFuture, Engine, EngineError, Joins, Question};
pub use tables::{
    Column, ColumnKind, ConsentRow, EventRow, FactRow, FactRows, FileEntry, IdentifierRow, Lake, LakeError, LinkRow,
    MembershipRow, ProfileRow, RecordRow, Row, Snapshot, TABLES, Table, TableKind, TraitRow,
};
