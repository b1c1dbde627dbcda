use std::collections::BTreeSet;

use kit::Digest;
use model::{Action, Delivery, Identifier};
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::Permitted;
use crate::tables::TOLD;

/// Proof of which identifiers a destination was told about under a permit, and has not yet been told to forget.
#[derive(Debug)]
pub struct Told {
    destination: String,
    identifiers: BTreeSet<Identifier>,
}

impl Told {
    pub fn destination(&self) -> &str {
        &self.destination
    }

    pub fn covers(&self, identifier: &Identifier) -> bool {
        self.identifiers.contains(identifier)
    }
}

/// Returns which of these identifiers a destination was told about.
pub fn told(read: &dyn Read, destination: &str, identifiers: &[Identifier]) -> Result<Told, StoreError> {
    let mut known = BTreeSet::new();
    for identifier in identifiers {
        if read.get(&TOLD, key(destination, identifier).as_slice())?.is_some() {
            known.insert(identifier.clone());
        }
    }
    Ok(Told { destination: destination.to_owned(), identifiers: known })
}

/// Notes whom a destination is about to be told about. Written, and committed, before an enter is sent.
pub fn remember_told(draft: &mut Draft<'_>, enter: &Permitted<Delivery>) {
    if enter.action == Action::Enter {
        for identifier in &enter.identifiers {
            draft.put_bytes(&TOLD, key(&enter.destination, identifier), Vec::new());
        }
    }
}

/// Notes whom a destination has forgotten. Written after an exit was received.
pub fn forget_told(draft: &mut Draft<'_>, exit: &Permitted<Delivery>) {
    if exit.action == Action::Exit {
        for identifier in &exit.identifiers {
            draft.remove(&TOLD, key(&exit.destination, identifier));
        }
    }
}

/// Drops what a destination was told about, because the destination itself is gone.
pub fn forget_destination(draft: &mut Draft<'_>, destination: &str) -> Result<(), StoreError> {
    let prefix = Key::new().text(destination);
    for (key, _) in draft.rows(&TOLD, Range::prefix(prefix.as_slice()), usize::MAX)? {
        draft.remove(&TOLD, key);
    }
    Ok(())
}

fn key(destination: &str, identifier: &Identifier) -> Key {
    Key::new().text(destination).bytes(Digest::of(&[identifier.kind(), identifier.value()]).as_bytes())
}
