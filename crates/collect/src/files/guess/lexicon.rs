//! What the names of columns mean, in several languages: the table `words.txt`, read once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::name::{joined, words_of};
use crate::files::mapping::{Kind, TimeFormat};

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(include_str!("words.txt")));

/// How much a name counts that is another name with more words before it.
const TAIL_STRENGTH: f64 = 0.8;

/// What a column of a known name becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Concept {
    Identifier(String),
    Trait(String, Kind),
    Property(String, Kind),
    Context(String),
    Role(Role),
}

/// What a column says of its whole row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Happened,
    Created,
    Updated,
    Deleted,
    Change,
    EventName,
    MessageId,
    Key,
    Consent,
}

/// A name that was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    pub concept: Concept,
    /// The name in the table, and its language.
    pub name: &'static str,
    pub language: &'static str,
    /// 1 for the whole name, less for the end of a longer one.
    pub strength: f64,
}

/// What a name with `id` at its end is the id of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdOf {
    Person,
    Thing,
    Unknown,
}

/// Returns what a name means.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let lexicon = &*LEXICON;
    let words = words_of(name);
    let numbered = words.len() - words.iter().rev().take_while(|word| is_number(word)).count();
    let whole = [&words[..], &words[..numbered]].into_iter().find_map(|words| lexicon.names.get(&joined(words)));
    if let Some(meaning) = whole {
        return Some(meaning.clone());
    }
    let words = &words[..numbered];
    let tail = (1..words.len()).find_map(|from| Some((from, lexicon.names.get(&joined(&words[from..]))?)));
    let (from, meaning) = tail?;
    let of_a_thing = words[..from].iter().any(|word| lexicon.things.contains(word));
    let only_whole = matches!(meaning.concept, Concept::Role(Role::Key | Role::EventName | Role::Change));
    let fits = !only_whole && (!of_a_thing || matches!(meaning.concept, Concept::Role(_) | Concept::Property(..)));
    fits.then(|| Meaning { strength: TAIL_STRENGTH, ..meaning.clone() })
}

/// Returns whose id a column of this name holds, if it is one.
pub(super) fn id_of(name: &str) -> Option<IdOf> {
    let lexicon = &*LEXICON;
    let words = words_of(name);
    let heads = match words.split_last() {
        Some((last, heads)) if lexicon.ids.contains(last) => heads.to_vec(),
        _ => vec![lexicon.compound_head(words.last()?)?.to_owned()],
    };
    let any = |sort: &HashSet<String>| heads.iter().any(|head| sort.contains(head));
    Some(match (any(&lexicon.things), any(&lexicon.persons)) {
        (true, _) => IdOf::Thing,
        (false, true) => IdOf::Person,
        (false, false) if words.last().is_some_and(|last| ["cookie", "uid"].contains(&last.as_str())) => IdOf::Person,
        (false, false) => IdOf::Unknown,
    })
}

/// Whether a name asks a question that is answered by yes or no.
pub(super) fn is_flag(name: &str) -> bool {
    words_of(name).iter().any(|word| LEXICON.flags.contains(word))
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Debug, Default)]
struct Lexicon {
    names: HashMap<String, Meaning>,
    persons: HashSet<String>,
    things: HashSet<String>,
    ids: HashSet<String>,
    flags: HashSet<String>,
}

impl Lexicon {
    fn read(text: &'static str) -> Self {
        let mut lexicon = Self::default();
        let mut section: Vec<&str> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if !line.starts_with(' ') {
                section = line.split(' ').collect();
                continue;
            }
            let (language, names) = line.trim().split_once(": ").expect("a language before its names");
            names.split(", ").for_each(|name| lexicon.take(&section, language, name));
        }
        lexicon
    }

    fn take(&mut self, section: &[&str], language: &'static str, name: &'static str) {
        let key = joined(&words_of(name));
        if let ["word", sort] = section {
            let words = match *sort {
                "person" => &mut self.persons,
                "thing" => &mut self.things,
                "id" => &mut self.ids,
                _ => &mut self.flags,
            };
            words.insert(key);
            return;
        }
        let meaning = Meaning { concept: concept(section), name, language, strength: 1.0 };
        self.names.entry(key).or_insert(meaning);
    }

    /// `kunden` of `kundennummer`: languages that write words together.
    fn compound_head<'w>(&self, word: &'w str) -> Option<&'w str> {
        let heads = self.ids.iter().filter(|id| id.len() > 2).filter_map(|id| word.strip_suffix(id.as_str()));
        let known = |head: &&str| self.persons.contains(*head) || self.things.contains(*head);
        heads.into_iter().find(known)
    }
}

fn concept(section: &[&str]) -> Concept {
    match section {
        ["identifier", kind] => Concept::Identifier((*kind).to_owned()),
        ["trait", name, rest @ ..] => Concept::Trait((*name).to_owned(), kind(rest)),
        ["property", name, rest @ ..] => Concept::Property((*name).to_owned(), kind(rest)),
        ["context", name] => Concept::Context((*name).to_owned()),
        ["role", name] => Concept::Role(role(name)),
        other => panic!("words.txt: `{other:?}` says nothing"),
    }
}

fn kind(rest: &[&str]) -> Kind {
    match rest {
        ["integer"] => Kind::Integer,
        ["number"] => Kind::Number,
        ["boolean"] => Kind::Boolean,
        ["time"] => Kind::Time(TimeFormat::Usual),
        _ => Kind::Text,
    }
}

fn role(name: &str) -> Role {
    match name {
        "happened" => Role::Happened,
        "created" => Role::Created,
        "updated" => Role::Updated,
        "deleted" => Role::Deleted,
        "change" => Role::Change,
        "event_name" => Role::EventName,
        "message_id" => Role::MessageId,
        "key" => Role::Key,
        "consent" => Role::Consent,
        other => panic!("words.txt: there is no role `{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        match meaning(name).map(|meaning| meaning.concept) {
            Some(Concept::Identifier(kind)) => format!("identifier {kind}"),
            Some(Concept::Trait(name, _)) => format!("trait {name}"),
            Some(Concept::Property(name, _)) => format!("property {name}"),
            Some(Concept::Context(name)) => format!("context {name}"),
            Some(Concept::Role(role)) => format!("{role:?}"),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn names_are_known_in_several_languages_and_spellings() {
        for (name, expected) in [
            ("E-Mail_Adresse", "identifier email"),
            ("eMailAdresse", "identifier email"),
            ("Courriel", "identifier email"),
            ("billing_email", "identifier email"),
            ("Email 2", "identifier email"),
            ("Handynummer", "identifier phone"),
            ("Prénom", "trait first_name"),
            ("Straße", "trait address.street"),
            ("Città", "trait address.city"),
            ("fecha de nacimiento", "trait birthday"),
            ("Kundennummer", "identifier user_id"),
            ("klantnummer", "identifier user_id"),
            ("product_name", "nothing"),
            ("store_city", "nothing"),
            ("UnitPrice", "property price"),
            ("InvoiceDate", "Happened"),
            ("aangemaakt op", "Created"),
            ("userID", "identifier user_id"),
        ] {
            assert_eq!(said(name), expected, "{name}");
        }
    }

    #[test]
    fn ids_are_of_persons_or_of_things() {
        for (name, expected) in [
            ("LoyaltyId", Some(IdOf::Person)),
            ("household_id", Some(IdOf::Person)),
            ("adx_cookie", Some(IdOf::Person)),
            ("Mitgliedsnummer", Some(IdOf::Person)),
            ("order_id", Some(IdOf::Thing)),
            ("Rechnungsnummer", Some(IdOf::Thing)),
            ("soc_sec_id", Some(IdOf::Unknown)),
            ("paid", None),
            ("casino", None),
        ] {
            assert_eq!(id_of(name), expected, "{name}");
        }
    }
}
