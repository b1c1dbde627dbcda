use super::{Desk, date, yes};
use crate::Error;
use crate::draw::Draw;
use crate::people::{Household, Person};
use crate::sink::File;
use crate::spelling;

/// Writes the person's contact, and for one in eleven a second one that somebody else made.
pub fn note(desk: &mut Desk, draw: &mut Draw, household: &Household, person: &Person) -> Result<(), Error> {
    if !person.in_crm {
        return Ok(());
    }
    contact(desk, draw, household, person)?;
    if draw.chance(0.087) {
        desk.hazards.crm_duplicates += 1;
        contact(desk, draw, household, person)?;
    }
    Ok(())
}

fn contact(desk: &mut Desk, draw: &mut Draw, household: &Household, person: &Person) -> Result<(), Error> {
    let id = format!("C-{}", desk.next.contact);
    desk.next.contact += 1;
    let created = date(desk.soon_after_joining(draw, person, 8.0));
    let hazards = &mut *desk.hazards;
    let given = spelling::given_name(draw, desk.tables, hazards, person, 0.12);
    let given = spelling::maybe_typo(draw, hazards, given, 0.02);
    let surname = spelling::maybe_typo(draw, hazards, &person.surname, 0.05);
    let email = person.email_given(draw, 0.3);
    let email = spelling::maybe_email(draw, hazards, email, 0.06, 0.09);
    let phone = spelling::maybe_phone(draw, hazards, &person.phone, 0.21);
    let home = person.former_home.as_ref().unwrap_or(&person.home);
    let street = spelling::maybe_typo(draw, hazards, &home.street, 0.12);
    let birth_year = if draw.chance(0.7) { person.birth_year.to_string() } else { String::new() };
    let lead = *draw.pick(&["Store", "Partner", "Web", "Event"]);
    let row =
        [&*id, &given, &surname, &email, &phone, &street, &home.town, home.state, &home.code, &birth_year, &created];
    let rest = [lead, yes(draw.chance(0.047))];
    desk.sink.csv(File::CrmContacts, 0, &[&row[..], &rest].concat())?;
    desk.truth_of(household, person, "crm", &id)
}
