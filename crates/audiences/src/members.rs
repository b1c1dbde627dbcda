use std::collections::HashMap;

use model::Move;
use roaring::RoaringBitmap;
use store::{Range, Read, StoreError, read_u32};

use crate::tables::MEMBERSHIPS;

/// Every audience's members as a bitmap of profile numbers: sizes without a scan.
#[derive(Debug, Clone, Default)]
pub struct Members {
    audiences: HashMap<String, RoaringBitmap>,
    version: u64,
}

impl Members {
    /// Reads the memberships that stand.
    pub fn load(read: &dyn Read) -> Result<Self, StoreError> {
        let mut members = Self::default();
        read.scan(&MEMBERSHIPS, Range::default(), &mut |key, _| {
            let split = key.len().saturating_sub(4);
            let audience = std::str::from_utf8(&key[..split]).unwrap_or_default().trim_end_matches('\0');
            if let Some(profile) = read_u32(key, split) {
                members.audiences.entry(audience.to_owned()).or_default().insert(profile);
            }
            Ok(true)
        })?;
        Ok(members)
    }

    /// Takes in moves that have been committed.
    pub fn apply(&mut self, moves: &[Move]) {
        self.version += moves.len() as u64;
        for step in moves {
            let members = self.audiences.entry(step.audience.clone()).or_default();
            if step.entered {
                members.insert(step.profile.0);
            } else {
                members.remove(step.profile.0);
            }
        }
    }

    /// A number that grows with every move: equal numbers, equal members.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn size(&self, audience: &str) -> u64 {
        self.audiences.get(audience).map_or(0, RoaringBitmap::len)
    }
}
