use store::{Read, StoreError};

use super::held::{self, Held, State};
use crate::plans::Kind;

/// Rows that one page looks at, whether they fit or not; a page may be short and still have a next one.
const MOST_LOOKED_AT: usize = 20_000;

/// Which events to list; what is absent fits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub source: Option<String>,
    pub state: Option<State>,
    /// The plan that was broken.
    pub plan: Option<String>,
    /// How it was broken.
    pub kind: Option<Kind>,
    /// The event's label: a track's name, else its kind.
    pub event: Option<String>,
    pub message_id: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// By source and number.
    pub events: Vec<Held>,
    /// Where the next page begins; absent at the end.
    pub next: Option<String>,
}

/// Returns a page of events behind a cursor. A cursor that is none begins at the start.
pub fn list(read: &dyn Read, filter: &Filter, cursor: Option<&str>, limit: usize) -> Result<Page, StoreError> {
    let after = cursor.and_then(key_of);
    let mut page = Page::default();
    let mut looked_at = 0;
    held::each(read, filter.source.as_deref(), after.as_ref(), &mut |held| {
        looked_at += 1;
        page.next = Some(format!("{}:{}", held.event.source, held.number));
        if filter.fits(&held) {
            page.events.push(held);
        }
        page.events.len() < limit.max(1) && looked_at < MOST_LOOKED_AT
    })?;
    if page.events.len() < limit.max(1) && looked_at < MOST_LOOKED_AT {
        page.next = None;
    }
    Ok(page)
}

impl Filter {
    fn fits(&self, held: &Held) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        let broke = held
            .broken
            .iter()
            .any(|broken| is(&self.plan, &broken.plan) && self.kind.is_none_or(|kind| broken.has(kind)));
        broke
            && is(&self.source, &held.event.source)
            && self.state.is_none_or(|state| state == held.state)
            && is(&self.event, held.event.label())
            && is(&self.message_id, &held.event.message_id)
    }
}

fn key_of(cursor: &str) -> Option<store::Key> {
    let (source, number) = cursor.rsplit_once(':')?;
    Some(held::key(source, number.parse().ok()?))
}
