//! The deterministic graph: identifiers, the edges between them, and the profiles that come out.

mod join;
mod replay;
mod rows;
mod step;

use model::Ordinal;
use store::{Read, StoreError};

use crate::Rules;

pub use rows::{
    Edge, IdChange, Member, Node, Refusal, Standing, Totals, Word, component, edges, history, is_hub, node, ordinal,
    totals, words,
};
pub use step::{Step, step};

/// Returns the kind through which an edge links: that of its less telling end.
fn via(read: &dyn Read, rules: &Rules, a: Ordinal, b: Ordinal) -> Result<String, StoreError> {
    let kind = |ordinal| Ok::<_, StoreError>(rows::node(read, ordinal)?.map(|node| node.kind).unwrap_or_default());
    let (one, other) = (kind(a)?, kind(b)?);
    Ok(if rules.kind(&one).priority >= rules.kind(&other).priority { one } else { other })
}
