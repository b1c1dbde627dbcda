use std::collections::BTreeSet;

use kit::Timestamp;
use model::{Identifier, ProfileId};
use serde::{Deserialize, Serialize};
use store::{Draft, Range, Read, ReadExt, StoreError, read_u32};

use crate::Definition;
use crate::definitions::definitions;
use crate::tables::{STANDINGS, from_json};

/// How a profile stands at a destination, by what was planned so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// Raised with each turn, so that each delivery of a standing has an id of its own.
    pub turn: u64,
    pub state: State,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    #[default]
    Out,
    Entered {
        /// Whom the destination was told about.
        identifiers: BTreeSet<Identifier>,
        since: Timestamp,
    },
    /// In the audience, but refused.
    Blocked { reason: String },
}

/// How a profile should stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    Out,
    In(BTreeSet<Identifier>),
    /// In the audience, but not permitted.
    Refused(&'static str),
}

/// What follows from a changed standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    /// The standing's number of it.
    pub number: u64,
    pub what: What,
    /// Why, where consent is the reason.
    pub reason: &'static str,
}

/// In the order in which they are sent: who leaves may share an identifier with who comes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Exit(BTreeSet<Identifier>),
    Enter(BTreeSet<Identifier>),
    Block,
}

impl Standing {
    pub fn read(read: &dyn Read, definition: &Definition, profile: ProfileId) -> Result<Self, StoreError> {
        let row = read.read_json(&STANDINGS, definition.scope().u32(profile.0).as_slice())?;
        Ok(row.unwrap_or_default())
    }

    pub fn write(&self, draft: &mut Draft<'_>, definition: &Definition, profile: ProfileId) {
        draft.put_json(&STANDINGS, definition.scope().u32(profile.0), self);
    }

    /// Changes the standing into what it should be, and returns what is to be done about it.
    ///
    /// Who gained identifiers enters again; who lost some (its profile was split) leaves with all and enters with the rest.
    pub fn meet(&mut self, wish: Wish, at: Timestamp) -> Vec<Turn> {
        let state = std::mem::take(&mut self.state);
        let (state, turns) = match (state, wish) {
            (State::Entered { identifiers: told, since }, Wish::In(now)) => {
                let turns = match () {
                    () if told == now => vec![],
                    () if told.is_subset(&now) => vec![self.turn(What::Enter(now.clone()), "")],
                    () => vec![self.turn(What::Exit(told), ""), self.turn(What::Enter(now.clone()), "")],
                };
                (State::Entered { identifiers: now, since }, turns)
            }
            (State::Out | State::Blocked { .. }, Wish::In(now)) => {
                let turn = self.turn(What::Enter(now.clone()), "");
                (State::Entered { identifiers: now, since: at }, vec![turn])
            }
            (State::Entered { identifiers, .. }, Wish::Out) => {
                (State::Out, vec![self.turn(What::Exit(identifiers), "")])
            }
            (State::Entered { identifiers, .. }, Wish::Refused(code)) => {
                (State::Blocked { reason: code.to_owned() }, vec![self.turn(What::Exit(identifiers), code)])
            }
            (State::Blocked { reason }, Wish::Refused(code)) if reason == code => (State::Blocked { reason }, vec![]),
            (State::Out | State::Blocked { .. }, Wish::Refused(code)) => {
                (State::Blocked { reason: code.to_owned() }, vec![self.turn(What::Block, code)])
            }
            (State::Out | State::Blocked { .. }, Wish::Out) => (State::Out, vec![]),
        };
        self.state = state;
        turns
    }

    /// Ends the standing of a profile that is now a part of another one, and returns what is to be done about it.
    ///
    /// Identifiers that live on in a survivor who stands as entered are not taken back.
    pub fn give_way(&mut self, survivor: &Self) -> Vec<Turn> {
        let told = match std::mem::take(&mut self.state) {
            State::Entered { identifiers, .. } => identifiers,
            State::Out | State::Blocked { .. } => BTreeSet::new(),
        };
        let lost = match &survivor.state {
            State::Entered { identifiers, .. } => {
                // Nothing of the old standing may be sent any more, not even from the dead letters.
                self.turn += u64::from(self.turn > 0);
                told.difference(identifiers).cloned().collect()
            }
            State::Out | State::Blocked { .. } => told,
        };
        if lost.is_empty() { vec![] } else { vec![self.turn(What::Exit(lost), "")] }
    }

    fn turn(&mut self, what: What, reason: &'static str) -> Turn {
        self.turn += 1;
        Turn { number: self.turn, what, reason }
    }
}

/// Returns every profile that some destination was told about, or that is blocked there.
///
/// Together with all members this is what a `step` must look at after views of a new version were built.
pub fn standing_profiles(read: &dyn Read) -> Result<BTreeSet<ProfileId>, StoreError> {
    let mut found = BTreeSet::new();
    for definition in definitions(read)? {
        let scope = definition.scope();
        for (key, value) in read.rows(&STANDINGS, Range::prefix(scope.as_slice()), usize::MAX)? {
            let standing: Standing = from_json(&STANDINGS, &value)?;
            let profile = read_u32(&key, scope.as_slice().len()).filter(|_| standing.state != State::Out);
            found.extend(profile.map(ProfileId));
        }
    }
    Ok(found)
}
