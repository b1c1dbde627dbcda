//! One form for each address, so that the same mailbox or telephone is the same identifier wherever it comes from.

use model::{Identifier, kinds};

/// The longest value, in characters, that may become an identifier.
pub(crate) const IDENTIFIER_CHARS: usize = 500;

/// The country whose dialling rules a telephone number without a country code follows. The default is the United States.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(phonenumber::country::Id);

impl Default for Region {
    fn default() -> Self {
        Self(phonenumber::country::Id::US)
    }
}

impl std::str::FromStr for Region {
    type Err = RegionError;

    /// Reads an ISO 3166 alpha-2 code in capitals, e.g. `DE`.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        code.parse().map(Self).map_err(|_| RegionError { code: code.to_owned() })
    }
}

/// A text that names no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not a country code (use two capital letters, e.g. `US`)")]
pub struct RegionError {
    code: String,
}

impl kit::Coded for RegionError {
    fn code(&self) -> &'static str {
        "unknown_region"
    }
}

/// Returns the address trimmed and in lower case, or `None` unless it is `something@something` without spaces.
///
/// ```
/// assert_eq!(collect::normalise::email(" Ann@Example.COM ").as_deref(), Some("ann@example.com"));
/// assert_eq!(collect::normalise::email("ann"), None);
/// ```
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, domain) = text.split_once('@')?;
    let odd = |letter: char| letter.is_whitespace() || letter.is_control();
    let whole = !name.is_empty() && !domain.is_empty() && !domain.contains('@');
    (whole && !text.contains(odd) && fits(text)).then(|| text.to_lowercase())
}

/// Returns the number in E.164 (`+15325552571`), or `None` when it is no valid number of its country.
///
/// ```
/// use collect::normalise::{Region, phone};
/// assert_eq!(phone("(201) 555-0123", Region::default()).as_deref(), Some("+12015550123"));
/// assert_eq!(phone("555-0123", Region::default()), None);
/// ```
pub fn phone(text: &str, region: Region) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || !fits(text) {
        return None;
    }
    let number = phonenumber::parse(Some(region.0), text).ok()?;
    let e164 = || number.format().mode(phonenumber::Mode::E164).to_string();
    (number.is_valid() || is_possible_in_north_america(&number)).then(e164)
}

/// Area codes are opened faster than tables of them are shipped: ten digits that could be a number there are taken as one.
fn is_possible_in_north_america(number: &phonenumber::PhoneNumber) -> bool {
    number.code().value() == 1 && (2_000_000_000..10_000_000_000).contains(&number.national().value())
}

/// Returns the words of a text in lower case, parted by single spaces: what stays when writing habits are taken away.
fn words(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let words: Vec<_> = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Reads `kind:value` as a person writes it, in the form in which such identifiers are kept; `None` where there can be none like it: a word is
/// missing, the address is no address, or it is too long.
///
/// ```
/// use collect::normalise::read_identifier;
/// let shown = |text: &str| read_identifier(text).map(|identifier| identifier.to_string());
/// assert_eq!(shown("email: Ann@Example.COM").as_deref(), Some("email:ann@example.com"));
/// assert_eq!(shown("crm_id:urn:7").as_deref(), Some("crm_id:urn:7"));
/// assert_eq!(shown("email:ann"), None);
/// assert_eq!(shown(&format!("crm_id:{}", "7".repeat(70_000))), None);
/// ```
pub fn read_identifier(text: &str) -> Option<Identifier> {
    let given: Identifier = text.parse().ok()?;
    let normal = identifier(given.kind(), given.value(), Region::default()).filter(|_| is_kind(given.kind()))?;
    Some(Identifier::new(given.kind(), normal))
}

/// Returns the value as identifiers of this kind are kept: e-mail and phone by their rules, advertising ids in lower case, others trimmed.
pub(crate) fn identifier(kind: &str, value: &str, region: Region) -> Option<String> {
    let value = value.trim();
    match kind {
        kinds::EMAIL => email(value),
        kinds::PHONE => phone(value, region),
        _ if value.is_empty() || !fits(value) => None,
        kinds::ADVERTISING_ID => Some(value.to_ascii_lowercase()),
        kinds::NAME_ADDRESS => words(value),
        _ => Some(value.to_owned()),
    }
}

/// Whether the word can name a kind of identifier: lower-case letters, digits, `_`, `.` and `-`.
pub(crate) fn is_kind(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    !word.is_empty() && word.len() <= 64 && word.bytes().all(allowed)
}

pub(crate) fn fits(value: &str) -> bool {
    value.len() <= IDENTIFIER_CHARS || value.chars().count() <= IDENTIFIER_CHARS
}
