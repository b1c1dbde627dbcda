//! What each column is by itself: its name and its values together.

use std::collections::HashSet;

use kit::Timestamp;
use model::kinds;

use super::super::mapping::{Kind, TimeFormat};
use super::GuessOptions;
use super::contents::{Contents, Times};
use super::lexicon::{self, Concept, IdOf, Meaning, Role};
use super::name::{kind_of, snake};
use super::print::percent;
use super::sample::Sample;
use crate::normalise::Region;

/// Countries whose dialling rules are tried, the usual one first.
const REGIONS: [&str; 14] = ["US", "DE", "GB", "FR", "ES", "IT", "NL", "AT", "CH", "BE", "AU", "PL", "SE", "IN"];
/// What an operation is called that takes a row away.
const DELETES: [&str; 6] = ["d", "del", "delete", "deleted", "remove", "removed"];

/// What all columns are, and what they have in common.
#[derive(Debug)]
pub(super) struct Natures<'s> {
    pub columns: Vec<Found<'s>>,
    /// Whose dialling rules telephone numbers follow, where it is not the usual country; and the share of numbers that are valid there.
    pub region: Option<(&'static str, f64)>,
}

#[derive(Debug)]
pub(super) struct Found<'s> {
    pub name: &'s str,
    pub nature: Nature,
    pub confidence: f64,
    pub reasons: Vec<String>,
    pub contents: Contents<'s>,
    /// Whether its values may tell of a person.
    pub personal: bool,
    /// Only suggested: whether it may hold a consent.
    pub consent: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Nature {
    /// There is nothing in it, or it cannot be spoken of.
    Nothing,
    /// It tells whom the row is of.
    Identifier(String),
    /// The id of the row, of whatever that is.
    Key,
    MessageId,
    /// The id of a thing.
    Thing {
        property: String,
    },
    /// An id, nobody knows of what.
    UnknownId,
    Time(Role, Times),
    EventName,
    /// These values take the row away; with no words, any value.
    Deleted(Vec<String>),
    Context(String),
    Value {
        as_trait: String,
        as_property: String,
        kind: Kind,
        tells_person: bool,
    },
}

impl Found<'_> {
    pub fn is_identifier(&self) -> bool {
        matches!(self.nature, Nature::Identifier(_))
    }
}

pub(super) fn of_all<'s>(sample: &'s Sample, options: &GuessOptions) -> Natures<'s> {
    let mut names = HashSet::new();
    let seen = sample.columns.iter().map(|column| {
        let first = !column.name.is_empty() && names.insert(column.name.as_str());
        (column.name.as_str(), Contents::of(column), lexicon::meaning(&column.name), first)
    });
    let seen: Vec<_> = seen.collect();
    let phones: Vec<_> =
        seen.iter().filter(|(_, _, meaning, _)| is_phone(meaning.as_ref())).map(|seen| &seen.1).collect();
    let region = region(&phones);
    let usual = region.and_then(|(region, _)| region.parse().ok()).unwrap_or_default();
    let look = Look { now: options.now, region: usual, whole: sample.whole, source: options.source.as_deref() };
    let columns = seen.into_iter().map(|(name, contents, meaning, first)| look.at(name, contents, meaning, first));
    Natures { columns: columns.collect(), region: region.filter(|(region, _)| *region != REGIONS[0]) }
}

fn is_phone(meaning: Option<&Meaning>) -> bool {
    meaning.is_some_and(|meaning| meaning.concept == Concept::Identifier(kinds::PHONE.to_owned()))
}

/// The country by whose rules the most numbers are valid; the usual one unless another is clearly better.
fn region(phones: &[&Contents<'_>]) -> Option<(&'static str, f64)> {
    let share = |region: &str| {
        let region: Region = region.parse().unwrap_or_default();
        phones.iter().map(|contents| contents.phones(region)).sum::<f64>() / phones.len().max(1) as f64
    };
    if phones.is_empty() {
        return None;
    }
    let usual = (REGIONS[0], share(REGIONS[0]));
    if usual.1 > 0.9 {
        return Some(usual);
    }
    let others = REGIONS[1..].iter().map(|region| (*region, share(region)));
    let best = others.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0))).unwrap_or(usual);
    Some(if best.1 > usual.1 + 0.1 { best } else { usual })
}

/// How one column is looked at.
struct Look<'o> {
    now: Timestamp,
    region: Region,
    whole: bool,
    source: Option<&'o str>,
}

/// What came out of a look.
struct Sight {
    nature: Nature,
    confidence: f64,
    reasons: Vec<String>,
}

impl Sight {
    fn new(nature: Nature, confidence: f64, reason: impl Into<String>) -> Self {
        Self { nature, confidence, reasons: vec![reason.into()] }
    }

    fn and(mut self, reason: impl Into<String>) -> Self {
        self.reasons.push(reason.into());
        self
    }
}

impl Look<'_> {
    fn at<'s>(&self, name: &'s str, contents: Contents<'s>, meaning: Option<Meaning>, first: bool) -> Found<'s> {
        let Sight { nature, confidence, mut reasons } = self.sight(name, &contents, meaning.as_ref(), first);
        if contents.is_constant() {
            reasons.push("the same value in every row that has one".to_owned());
        }
        let personal = match &nature {
            Nature::Nothing => true,
            Nature::Time(..) | Nature::EventName | Nature::Deleted(_) => false,
            Nature::Value { tells_person: true, .. } | Nature::Identifier(_) | Nature::Context(_) => true,
            Nature::Value { kind, .. } => *kind == Kind::Text && !contents.is_category() || *kind == Kind::Json,
            Nature::Key | Nature::MessageId | Nature::Thing { .. } | Nature::UnknownId => !contents.is_category(),
        };
        let role = meaning.as_ref().map(|meaning| &meaning.concept);
        let consent = role == Some(&Concept::Role(Role::Consent)) && contents.distinct <= 5;
        Found { name, nature, confidence, reasons, contents, personal, consent }
    }

    fn sight(&self, name: &str, contents: &Contents<'_>, meaning: Option<&Meaning>, first: bool) -> Sight {
        if name.is_empty() {
            return Sight::new(Nature::Nothing, 0.9, "it has no name");
        }
        if !first {
            return Sight::new(Nature::Nothing, 0.9, "an earlier column has this name");
        }
        if contents.is_empty() {
            return Sight::new(Nature::Nothing, 0.95, "empty in every row seen");
        }
        let by_name = meaning.and_then(|meaning| self.by_name(name, contents, meaning));
        by_name
            .or_else(|| self.by_contents(contents))
            .or_else(|| self.by_id(name, contents, meaning))
            .unwrap_or_else(|| self.value(name, contents, meaning))
    }

    /// Columns that tell of the whole row, or of whom it is.
    fn by_name(&self, name: &str, contents: &Contents<'_>, meaning: &Meaning) -> Option<Sight> {
        let says = says(meaning);
        match &meaning.concept {
            Concept::Identifier(kind) => self.identifier(kind, contents, meaning),
            Concept::Role(role @ (Role::Happened | Role::Created | Role::Updated)) => {
                let times = contents.times(self.now, day_first(meaning))?;
                Some(time_sight(*role, times, meaning))
            }
            Concept::Role(Role::Deleted) => {
                let words = true_words(contents);
                let is_time = || contents.times(self.now, false).is_some();
                let words = if contents.are_booleans() { words } else { is_time().then(Vec::new)? };
                Some(Sight::new(Nature::Deleted(words), 0.85 * meaning.strength, says))
            }
            Concept::Role(Role::Change) => {
                let words = contents.words.iter().map(|(word, _)| *word);
                let deletes = words.filter(|word| DELETES.contains(&word.to_lowercase().as_str()));
                let deletes: Vec<String> = deletes.map(str::to_owned).collect();
                let reason = "its words tell of rows that were taken away";
                (!deletes.is_empty()).then(|| Sight::new(Nature::Deleted(deletes), 0.85, says).and(reason))
            }
            Concept::Role(Role::EventName) if !contents.words.is_empty() && !contents.are_numbers() => {
                let reason = format!("{} different values", contents.distinct);
                Some(Sight::new(Nature::EventName, 0.9, says).and(reason))
            }
            Concept::Role(Role::MessageId) if contents.is_unique() => {
                Some(Sight::new(Nature::MessageId, 0.95, says).and("all values are distinct"))
            }
            Concept::Role(Role::Key) if contents.is_unique() => {
                Some(Sight::new(Nature::Key, 0.9, says).and("all values are distinct"))
            }
            Concept::Role(Role::Key) if contents.is_complete() && !contents.is_constant() && name.len() < 12 => {
                let kind = self.own_kind(name);
                Some(
                    Sight::new(Nature::Identifier(kind), 0.5, says)
                        .and("its values come again: taken for whom the row is of"),
                )
            }
            Concept::Context(name) => Some(Sight::new(Nature::Context(name.clone()), 0.95 * meaning.strength, says)),
            _ => None,
        }
    }

    fn identifier(&self, kind: &str, contents: &Contents<'_>, meaning: &Meaning) -> Option<Sight> {
        let (share, what) = match kind {
            kinds::EMAIL => (contents.emails(), "are e-mail addresses"),
            kinds::PHONE => (contents.phones(self.region), "are telephone numbers"),
            kinds::ADVERTISING_ID => (contents.uuids(), "are UUIDs"),
            _ if contents.is_constant() && contents.rows > 20 => return None,
            _ => return Some(Sight::new(Nature::Identifier(kind.to_owned()), 0.85 * meaning.strength, says(meaning))),
        };
        let confidence = (0.5 + 0.49 * share) * (0.8 + 0.2 * meaning.strength);
        let sight = || {
            Sight::new(Nature::Identifier(kind.to_owned()), confidence, says(meaning))
                .and(format!("{} of values {what}", percent(share)))
        };
        (share >= 0.5).then(sight)
    }

    /// Columns whose values say all, whatever their name.
    fn by_contents(&self, contents: &Contents<'_>) -> Option<Sight> {
        let emails = contents.emails();
        if emails >= 0.9 {
            let reason = format!("{} of values are e-mail addresses", percent(emails));
            return Some(Sight::new(Nature::Identifier(kinds::EMAIL.to_owned()), 0.9 * emails, reason));
        }
        let international = contents.share(|text| text.starts_with('+') && text.len() > 8);
        if international >= 0.9 && contents.phones(self.region) >= 0.9 {
            let reason = "the values are telephone numbers with their country";
            return Some(Sight::new(Nature::Identifier(kinds::PHONE.to_owned()), 0.8, reason));
        }
        if contents.ips() >= 0.95 {
            return Some(Sight::new(Nature::Context("ip".to_owned()), 0.9, "the values are IP addresses"));
        }
        if contents.user_agents() >= 0.9 {
            return Some(Sight::new(Nature::Context("userAgent".to_owned()), 0.9, "the values are names of browsers"));
        }
        None
    }

    fn by_id(&self, name: &str, contents: &Contents<'_>, meaning: Option<&Meaning>) -> Option<Sight> {
        let is_value = meaning.is_some_and(|meaning| matches!(meaning.concept, Concept::Trait(..)));
        if is_value || contents.texts.iter().any(|text| text.len() > 128) {
            return None;
        }
        let said = match meaning.map(|meaning| &meaning.concept) {
            Some(Concept::Property(name, _)) if name.ends_with("_id") || name.ends_with("_no") => Some(name.clone()),
            _ => None,
        };
        // `Numéro de commande`: where the word for an id stands first.
        let of = if said.is_some() { IdOf::Thing } else { lexicon::id_of(name)? };
        match of {
            IdOf::Thing => {
                let property = said.unwrap_or_else(|| snake(name));
                Some(Sight::new(Nature::Thing { property }, 0.9, "the name is of an id of a thing"))
            }
            IdOf::Person if contents.is_constant() && contents.rows > 20 => None,
            IdOf::Person => {
                let kind = kind_of(name);
                Some(Sight::new(Nature::Identifier(kind), 0.8, "the name is of an id of people or devices"))
            }
            IdOf::Unknown => {
                let reason = "the name is of an id; make it an identifier if it is of people";
                Some(Sight::new(Nature::UnknownId, 0.6, reason))
            }
        }
    }

    fn value(&self, name: &str, contents: &Contents<'_>, meaning: Option<&Meaning>) -> Sight {
        let own = snake(name);
        let (as_trait, as_property, wanted, tells_person) = match meaning.map(|meaning| &meaning.concept) {
            Some(Concept::Trait(said, kind)) => {
                (said.clone(), own, Some(kind), said != "address.country" && said != "language")
            }
            Some(Concept::Property(said, kind)) => (own, said.clone(), Some(kind), false),
            _ => (own.clone(), own, None, false),
        };
        let (kind, reason) = self.kind(name, contents, wanted, meaning);
        let nature = Nature::Value { as_trait, as_property, kind, tells_person };
        let said = meaning.filter(|_| wanted.is_some());
        let confidence = said.map_or(0.7, |meaning| 0.95 * meaning.strength);
        match said {
            Some(meaning) => Sight::new(nature, confidence, says(meaning)).and(reason),
            None => Sight::new(nature, confidence, reason),
        }
    }

    /// What a value is in JSON: only what every value can be converted to.
    fn kind(
        &self,
        name: &str,
        contents: &Contents<'_>,
        wanted: Option<&Kind>,
        meaning: Option<&Meaning>,
    ) -> (Kind, &'static str) {
        let number = if self.whole && contents.are_bare_integers() { Kind::Integer } else { Kind::Number };
        match wanted {
            _ if contents.is_json() => return (Kind::Json, "holds lists"),
            Some(Kind::Text) => return (Kind::Text, "taken as it is written"),
            Some(Kind::Integer) if contents.are_integers() => return (Kind::Integer, "whole numbers"),
            Some(Kind::Integer | Kind::Number) if contents.are_numbers() => return (Kind::Number, "numbers"),
            Some(Kind::Integer | Kind::Number) => return (Kind::Text, "not all values are numbers"),
            Some(Kind::Time(_)) => return self.date(contents, meaning),
            _ => {}
        }
        if contents.are_booleans() && is_yes_or_no(name, contents, self.whole) {
            return (Kind::Boolean, "yes or no");
        }
        if contents.are_numbers() {
            return (number, "numbers");
        }
        match contents.times(self.now, false) {
            Some(times) if !times.ambiguous && !contents.share(is_digits).gt(&0.0) => {
                (Kind::Time(times.format), "times")
            }
            _ if contents.is_category() => (Kind::Text, "a few words that come again"),
            _ => (Kind::Text, "texts"),
        }
    }

    /// A day stays as it is written where everyone can read it.
    fn date(&self, contents: &Contents<'_>, meaning: Option<&Meaning>) -> (Kind, &'static str) {
        match contents.times(self.now, meaning.is_some_and(day_first)) {
            Some(Times { format: TimeFormat::Usual, .. }) if contents.share(|text| text.len() == 10) >= 1.0 => {
                (Kind::Text, "dates")
            }
            Some(times) if times.ambiguous => (Kind::Text, "dates in which day and month cannot be told apart"),
            Some(times) => (Kind::Time(times.format), "dates"),
            None => (Kind::Text, "not all values are dates"),
        }
    }

    /// What ids are called that have no name but `id`.
    fn own_kind(&self, name: &str) -> String {
        own_kind(self.source, name)
    }
}

/// The kind of an identifier whose column says no more than `id`.
pub(super) fn own_kind(source: Option<&str>, name: &str) -> String {
    match source {
        Some(source) => format!("{}_id", kind_of(source)),
        None if kind_of(name).len() <= 4 => "record_id".to_owned(),
        None => kind_of(name),
    }
}

fn time_sight(role: Role, times: Times, meaning: &Meaning) -> Sight {
    let confidence = match (times.ambiguous, times.plausible) {
        (true, _) => 0.5,
        (false, true) => 0.97 * meaning.strength.max(0.9),
        (false, false) => 0.6,
    };
    let all =
        if times.plausible { "all values are times" } else { "all values are times, some before 1990 or to come" };
    let ambiguous = times.ambiguous;
    let sight = Sight::new(Nature::Time(role, times), confidence, says(meaning)).and(all);
    if ambiguous { sight.and("day and month cannot be told apart: say which with `format`") } else { sight }
}

fn says(meaning: &Meaning) -> String {
    let how = if meaning.strength < 1.0 { "ends with" } else { "is" };
    format!("the name {how} `{}` ({})", meaning.name, meaning.language)
}

/// In which languages the day comes first.
fn day_first(meaning: &Meaning) -> bool {
    meaning.language != "en"
}

/// The words of a yes that the column uses, or could.
fn true_words(contents: &Contents<'_>) -> Vec<String> {
    let said = contents.words.iter().map(|(word, _)| *word);
    let is_true = |word: &&str| super::super::value::boolean(word) == Some(true);
    let said: Vec<String> = said.filter(is_true).map(str::to_owned).collect();
    match said.is_empty() {
        true => ["true", "True", "TRUE", "1", "t", "yes"].map(str::to_owned).to_vec(),
        false => said,
    }
}

/// `0` and `1` are numbers too: they are yes and no where the name asks, or where the whole file has nothing else.
fn is_yes_or_no(name: &str, contents: &Contents<'_>, whole: bool) -> bool {
    let only_digits = contents.share(is_digits) > 0.0;
    match only_digits {
        true => contents.distinct == 2 && (lexicon::is_flag(name) || whole) || lexicon::is_flag(name),
        false => contents.distinct == 2 || contents.texts.iter().all(|text| text.len() > 3),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
