//! Names and texts that may be a person's, and how they are shown.

use crate::fields::Pointer;

const MOST_CHARS: usize = 200;

/// The pointer as it may be shown and counted.
pub(super) fn shown(pointer: &Pointer) -> String {
    let steps = pointer.steps().iter().map(|step| if is_address(step) { "*" } else { step });
    shortened(&Pointer::of(steps).to_string())
}

/// The name of an event as it may be shown and counted.
pub(super) fn shown_event(name: &str) -> String {
    if is_address(name) { "*".to_owned() } else { shortened(name) }
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether the text looks like an e-mail address, a telephone number or some other long number.
pub(super) fn is_address(text: &str) -> bool {
    text.contains('@') || text.chars().filter(char::is_ascii_digit).count() >= 7
}

/// Whether a field's values may tell who somebody is: by the field's name.
pub(super) fn is_personal_field(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "name",
        "mail",
        "phone",
        "mobile",
        "tel",
        "fax",
        "address",
        "street",
        "city",
        "zip",
        "postal",
        "postcode",
        "birth",
        "dob",
        "age",
        "gender",
        "sex",
        "user",
        "customer",
        "person",
        "contact",
        "first",
        "last",
        "surname",
        "nick",
        "login",
        "password",
        "token",
        "secret",
        "key",
        "ip",
        "lat",
        "lon",
        "lng",
        "location",
        "iban",
        "card",
        "account",
        "ssn",
        "passport",
        "tax",
        "id",
        "uuid",
        "guid",
        "salutation",
        "title",
        "company",
        "employer",
        "owner",
        "author",
        "recipient",
        "sender",
        "note",
        "comment",
        "message",
        "url",
        "referrer",
        "path",
        "search",
        "query",
        "health",
        "religion",
        "ethnic",
    ];
    words(name)
        .iter()
        .any(|word| WORDS.contains(&word.as_str()) || WORDS.iter().any(|personal| is_form(word, personal)))
}

/// Whether a text may tell who somebody is: an address, or several words that begin with capitals, as names do.
pub(super) fn is_personal_text(text: &str) -> bool {
    let capitals = text.split_whitespace().filter(|word| word.starts_with(char::is_uppercase)).count();
    is_address(text) || text.contains("://") || capitals >= 2
}

/// `emails` and `username` are forms of `mail` and `name`; `package` is no form of `age`.
fn is_form(word: &str, personal: &str) -> bool {
    personal.len() >= 4 && word.contains(personal)
}

/// The words of `firstName`, `first_name` or `First Name`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (was_lower && letter.is_uppercase()) {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if letter.is_alphanumeric() {
            words.last_mut().expect("there is always a word").extend(letter.to_lowercase());
        }
    }
    words
}
