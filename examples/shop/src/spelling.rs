//! How a person's particulars come to be written down: by somebody in a hurry.

use crate::Hazards;
use crate::draw::Draw;
use crate::people::Person;
use crate::tables::Tables;

/// The given name, or one of its short forms.
pub fn given_name(
    draw: &mut Draw,
    tables: &Tables,
    hazards: &mut Hazards,
    person: &Person,
    short: f64,
) -> &'static str {
    match tables.nicknames.get(person.given) {
        Some(forms) if draw.chance(short) => {
            hazards.nicknames += 1;
            draw.pick::<&str>(forms)
        }
        _ => person.given,
    }
}

/// The text, with one slip in it at the given probability: two letters swapped, one left out, or one doubled.
pub fn maybe_typo(draw: &mut Draw, hazards: &mut Hazards, text: &str, probability: f64) -> String {
    if text.len() < 4 || !text.is_ascii() || !draw.chance(probability) {
        return text.to_owned();
    }
    let (mut letters, place) = (text.as_bytes().to_vec(), 1 + draw.below(text.len() - 2));
    match draw.below(3) {
        0 => letters.swap(place, place + 1),
        1 => drop(letters.remove(place)),
        _ => letters.insert(place, letters[place]),
    }
    let slipped = String::from_utf8(letters).expect("ASCII letters moved about are ASCII");
    hazards.typos += u64::from(slipped != text);
    slipped
}

/// The address as it was noted: now and then not at all, now and then in capitals.
pub fn maybe_email(draw: &mut Draw, hazards: &mut Hazards, email: &str, missing: f64, upper: f64) -> String {
    if draw.chance(missing) {
        hazards.missing_emails += 1;
        return String::new();
    }
    if draw.chance(upper) {
        hazards.upper_case_emails += 1;
        return email.to_uppercase();
    }
    email.to_owned()
}

/// The number in one of five forms, or nothing.
pub fn maybe_phone(draw: &mut Draw, hazards: &mut Hazards, digits: &str, missing: f64) -> String {
    if draw.chance(missing) {
        hazards.missing_phones += 1;
        return String::new();
    }
    let form = draw.below(5);
    hazards.phone_forms[form] += 1;
    phone_in_form(digits, form)
}

fn phone_in_form(digits: &str, form: usize) -> String {
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    match form {
        0 => format!("({area}) {exchange}-{line}"),
        1 => format!("{area}-{exchange}-{line}"),
        2 => format!("+1{digits}"),
        3 => format!("1 {area} {exchange} {line}"),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_keep_their_digits_in_all_forms() {
        let forms: Vec<String> = (0..5).map(|form| phone_in_form("5325552571", form)).collect();
        assert_eq!(forms, ["(532) 555-2571", "532-555-2571", "+15325552571", "1 532 555 2571", "5325552571"]);
    }

    #[test]
    fn a_slip_moves_one_letter_only() {
        let (mut draw, mut hazards) = (Draw::new(1, 1), Hazards::default());
        for _ in 0..200 {
            let slipped = maybe_typo(&mut draw, &mut hazards, "Whitaker", 1.0);
            assert!((7..=9).contains(&slipped.len()) && slipped.starts_with('W'), "{slipped}");
        }
        assert_eq!(hazards.typos, 200);
        assert_eq!(maybe_typo(&mut draw, &mut hazards, "Lee", 1.0), "Lee");
    }
}
