use std::collections::{BTreeSet, HashMap};

use model::{Fact, Identifier, Ordinal, ProfileId};
use serde_json::Value;
use store::{Draft, Key, Range, Read, StoreError, read_u32};

use crate::tables::WORDS;

/// Traits whose words lead to a person.
const SEARCHED_TRAITS: [&str; 7] = ["name", "full_name", "first_name", "last_name", "firstName", "lastName", "email"];

/// Who holds which identifier, as far as a search asks. The caller answers from the room that knows.
pub trait Holders {
    fn profile(&self, ordinal: Ordinal) -> Result<ProfileId, StoreError>;

    fn members(&self, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError>;
}

/// People that a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub profiles: Vec<ProfileId>,
    /// Whether there are, or may be, more of them.
    pub truncated: bool,
}

/// Returns profiles that carry every word of `query` as a prefix, at most `limit`, oldest first.
///
/// A word is looked up case-insensitively, so `mar john` finds Mark Johnson. Words may be spread over the identifiers of one person.
pub fn search(read: &dyn Read, query: &str, limit: usize, holders: &dyn Holders) -> Result<Found, StoreError> {
    let mut words = words(query);
    words.sort();
    words.dedup();
    let Some(rarest) = rarest(read, &words)? else { return Ok(Found::default()) };
    let rarest = words.swap_remove(rarest);
    // One word alone needs no more people than are shown.
    let enough = if words.is_empty() { limit.saturating_add(1) } else { usize::MAX };
    let mut candidates = Candidates::with(read, &rarest, enough, holders)?;
    if !words.is_empty() {
        candidates.keep_those_with(read, &words, holders)?;
    }
    let truncated = candidates.cut || candidates.profiles.len() > limit;
    Ok(Found { profiles: candidates.profiles.into_iter().take(limit).collect(), truncated })
}

/// Rows of the rarest word that are taken up.
const CANDIDATES: usize = 20_000;
/// Rows of each further word that are looked through: keys only, no question to another room.
const PROBED: usize = 200_000;

/// Returns the place of a word that is among the rarest; `None` when there is no word.
fn rarest(read: &dyn Read, words: &[String]) -> Result<Option<usize>, StoreError> {
    if words.len() > 1 {
        for most in [100, 1_000, CANDIDATES] {
            for (at, word) in words.iter().enumerate() {
                if !each_with_prefix(read, word, most, &mut |_| Ok(true))? {
                    return Ok(Some(at));
                }
            }
        }
    }
    Ok((!words.is_empty()).then_some(0))
}

/// People who may be meant.
struct Candidates {
    profiles: BTreeSet<ProfileId>,
    /// Whether somebody may have been left out.
    cut: bool,
}

impl Candidates {
    /// Takes up the profiles that carry a word, until there are enough.
    fn with(read: &dyn Read, word: &str, enough: usize, holders: &dyn Holders) -> Result<Self, StoreError> {
        let mut profiles = BTreeSet::new();
        let cut = each_with_prefix(read, word, CANDIDATES, &mut |ordinal| {
            profiles.insert(holders.profile(ordinal)?);
            Ok(profiles.len() < enough)
        })?;
        Ok(Self { profiles, cut })
    }

    /// Keeps the profiles that carry all of these words too.
    fn keep_those_with(&mut self, read: &dyn Read, words: &[String], holders: &dyn Holders) -> Result<(), StoreError> {
        let mut members = HashMap::new();
        for profile in &self.profiles {
            members.extend(holders.members(*profile)?.into_iter().map(|ordinal| (ordinal, *profile)));
        }
        for word in words {
            let mut kept = BTreeSet::new();
            self.cut |= each_with_prefix(read, word, PROBED, &mut |ordinal| {
                kept.extend(members.get(&ordinal).filter(|profile| self.profiles.contains(profile)));
                Ok(true)
            })?;
            self.profiles = kept;
        }
        Ok(())
    }
}

/// Visits the identifiers whose words begin like this, at most `most`, until `visit` returns `false`. Returns whether `most` was reached.
fn each_with_prefix(
    read: &dyn Read,
    word: &str,
    most: usize,
    visit: &mut dyn FnMut(Ordinal) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    let mut seen = 0;
    read.scan(&WORDS, Range::prefix(word.as_bytes()), &mut |key, _| {
        seen += 1;
        let go_on = read_u32(key, key.len().saturating_sub(4)).map_or(Ok(true), &mut *visit)?;
        Ok(go_on && seen < most)
    })?;
    Ok(seen == most)
}

/// Writes down the words of a new identifier.
pub(crate) fn note_identifier(draft: &mut Draft<'_>, ordinal: Ordinal, identifier: &Identifier) {
    let value = identifier.value().to_lowercase();
    draft.put_bytes(&WORDS, Key::new().text(&value).u32(ordinal), Vec::new());
    note_words(draft, ordinal, &value);
}

/// Writes down the words of the names that a fact gives to its owner.
pub(crate) fn note_traits(draft: &mut Draft<'_>, owner: Ordinal, fact: &Fact) {
    let traits = match fact {
        Fact::Event(event) => event.traits.as_ref(),
        Fact::Record(record) => record.traits.as_ref(),
        Fact::Link(_) => None,
    };
    let Some(traits) = traits.map(model::Raw::object) else { return };
    for text in SEARCHED_TRAITS.iter().filter_map(|name| traits.get(*name)).filter_map(Value::as_str) {
        note_words(draft, owner, text);
    }
}

fn note_words(draft: &mut Draft<'_>, ordinal: Ordinal, text: &str) {
    for word in words(text) {
        draft.put_bytes(&WORDS, Key::new().text(&word).u32(ordinal), Vec::new());
    }
}

/// Longest word that is kept; the rest of a longer one adds nothing to finding it.
const WORD_BYTES: usize = 64;

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.map(|word| word.chars().take(WORD_BYTES).collect()).collect()
}
