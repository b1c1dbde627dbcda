//! Who is who: read by whoever scores a guess, never by a room of the house.
//!
//! The truth of a world is `truth.csv.gz`: `person_id,source,source_id,household`. The sources that occur, and the identifier kinds of
//! facts that they stand for, are told by [`identifier_of`]:
//!
//! | source | what it is | identifier |
//! |---|---|---|
//! | `crm` | `ContactId` | `crm_id` |
//! | `ecommerce` | `customer_id`, the `userId` of events | `user_id` |
//! | `loyalty` | `LoyaltyId` | `loyalty_id` |
//! | `anonymous_web`, `anonymous_ios`, `anonymous_android` | `anonymousId` | `anonymous_id` |
//! | `adx_cookie` | the ad exchange's cookie | `adx_id` |
//! | `maid` | advertising id of an app | `advertising_id` |
//!
//! E-mails and phones do not occur as sources: they are properties of people, and several people may share one.
//!
//! **Identifiers of several people.** A family computer or a kiosk is listed under each of its users. A pair of identifiers is *true* when
//! at least one person has both. So a family computer may be grouped with any of its users without being wrong, and counts as
//! found with each; but two users of it that are grouped through it are a false pair.

mod audiences;
mod files;
mod pairs;
mod plain_union;
mod score;
mod time;

use std::collections::HashMap;
use std::path::Path;

use crate::Error;

pub use audiences::{Audience, audiences};
pub use plain_union::PlainUnion;
pub use score::{Reach, Score};
pub(crate) use time::youngest_time;

/// Sources whose identifiers name a person that somebody knows, rather than a device.
pub const KNOWN_SOURCES: [&str; 3] = ["crm", "ecommerce", "loyalty"];

/// The household under which a world lists its bots, which are not people.
const BOTS: &str = "bots";

/// Who has which identifiers.
#[derive(Debug, Default)]
pub struct Truth {
    sources: Vec<Box<str>>,
    /// Sorted by source and id.
    ids: Vec<(u16, Box<str>)>,
    /// The owners of identifier `n` are `owners[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    owners: Vec<u32>,
    people: u64,
}

/// Returns the kind and the value under which facts carry the identifier; `None` for a source that no world has.
///
/// ```
/// assert_eq!(shop::truth::identifier_of("maid", "6a45bc21"), Some(("advertising_id", "6a45bc21")));
/// ```
pub fn identifier_of<'a>(source: &str, source_id: &'a str) -> Option<(&'static str, &'a str)> {
    let kind = match source {
        "crm" => "crm_id",
        "ecommerce" => "user_id",
        "loyalty" => "loyalty_id",
        "anonymous_web" | "anonymous_ios" | "anonymous_android" => "anonymous_id",
        "adx_cookie" => "adx_id",
        "maid" => "advertising_id",
        "email" => "email",
        "phone" => "phone",
        _ => return None,
    };
    Some((kind, source_id))
}

impl Truth {
    /// Reads a world's `truth.csv.gz`.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Column`] or [`Error::Row`] when the file is not one.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut draft = Draft::default();
        files::csv(path, ["person_id", "source", "source_id", "household"], |[person, source, id, household]| {
            draft.add(person, source, id, household != BOTS);
        })?;
        Ok(draft.finish())
    }

    /// Builds the truth from rows of `(person, source, source id)`.
    pub fn of<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Self {
        let mut draft = Draft::default();
        rows.into_iter().for_each(|(person, source, id)| draft.add(person, source, id, true));
        draft.finish()
    }

    /// Returns the number of people; bots are not.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// Returns each identifier once, as `(source, source id)`, by source and id.
    pub fn identifiers(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.ids.iter().map(|(source, id)| (&*self.sources[usize::from(*source)], &**id))
    }

    /// Returns numbers for the people who have the identifier: none if it is unknown, several for shared ones.
    pub fn owners(&self, source: &str, source_id: &str) -> &[u32] {
        self.find(source, source_id).map_or(&[], |id| self.owners_of(id))
    }

    fn find(&self, source: &str, id: &str) -> Option<usize> {
        let source = self.sources.iter().position(|known| **known == *source)? as u16;
        self.ids.binary_search_by(|(of, known)| (*of, &**known).cmp(&(source, id))).ok()
    }

    fn owners_of(&self, id: usize) -> &[u32] {
        &self.owners[self.starts[id] as usize..self.starts[id + 1] as usize]
    }
}

/// Rows while they are read.
#[derive(Debug, Default)]
struct Draft {
    sources: Vec<Box<str>>,
    people: HashMap<Box<str>, u32>,
    bots: u64,
    rows: Vec<(u16, Box<str>, u32)>,
}

impl Draft {
    fn add(&mut self, person: &str, source: &str, id: &str, is_human: bool) {
        let source = self.source(source);
        let next = self.people.len() as u32;
        let person = *self.people.entry(person.into()).or_insert(next);
        self.bots += u64::from(!is_human && person == next);
        self.rows.push((source, id.into(), person));
    }

    fn source(&mut self, name: &str) -> u16 {
        let known = self.sources.iter().position(|known| **known == *name);
        known.unwrap_or_else(|| {
            self.sources.push(name.into());
            self.sources.len() - 1
        }) as u16
    }

    fn finish(mut self) -> Truth {
        self.rows.sort_unstable();
        self.rows.dedup();
        let mut truth =
            Truth { sources: self.sources, people: self.people.len() as u64 - self.bots, ..Truth::default() };
        for (source, id, person) in self.rows {
            if truth.ids.last().is_none_or(|last| (last.0, &last.1) != (source, &id)) {
                truth.ids.push((source, id));
                truth.starts.push(truth.owners.len() as u32);
            }
            truth.owners.push(person);
        }
        truth.starts.push(truth.owners.len() as u32);
        truth
    }
}
