use model::{Fact, Identifier, Ordinal};
use serde_json::Value;
use store::{Draft, Key, Range, Read, StoreError, read_u32};

use crate::tables::WORDS;

/// Traits whose words lead to a person.
const SEARCHED_TRAITS: [&str; 7] = ["name", "full_name", "first_name", "last_name", "firstName", "lastName", "email"];

/// Returns identifiers that carry every word of `query` as a prefix, at most `limit`, in no particular order.
///
/// A word is looked up case-insensitively, so `mar john` finds Mark Johnson. Words spread over different identifiers of one person are
/// brought together by `same`, which gives each identifier's profile.
pub fn search(
    read: &dyn Read,
    query: &str,
    limit: usize,
    same: &mut dyn FnMut(Ordinal) -> Result<u32, StoreError>,
) -> Result<Vec<u32>, StoreError> {
    let mut found: Option<Vec<u32>> = None;
    for word in words(query) {
        let mut profiles = Vec::new();
        for ordinal in with_prefix(read, &word)? {
            profiles.push(same(ordinal)?);
        }
        profiles.sort_unstable();
        profiles.dedup();
        found = Some(match found {
            None => profiles,
            Some(before) => before.into_iter().filter(|profile| profiles.binary_search(profile).is_ok()).collect(),
        });
    }
    let mut found = found.unwrap_or_default();
    found.truncate(limit);
    Ok(found)
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

/// How many identifiers one prefix may bring: enough for a page, and no more work than that for `a`.
const IDENTIFIERS_A_WORD: usize = 5_000;

fn with_prefix(read: &dyn Read, word: &str) -> Result<Vec<Ordinal>, StoreError> {
    let mut ordinals = Vec::new();
    read.scan(&WORDS, Range::prefix(word.as_bytes()), &mut |key, _| {
        ordinals.extend(read_u32(key, key.len().saturating_sub(4)));
        Ok(ordinals.len() < IDENTIFIERS_A_WORD)
    })?;
    Ok(ordinals)
}

/// Longest word that is kept; the rest of a longer one adds nothing to finding it.
const WORD_BYTES: usize = 64;

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.map(|word| word.chars().take(WORD_BYTES).collect()).collect()
}
