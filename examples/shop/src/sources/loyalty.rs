use super::{Desk, date, ecommerce, text};
use crate::Error;
use crate::draw::Draw;
use crate::outings;
use crate::people::{Household, Person};
use crate::sink::File;
use crate::spelling;

/// Writes the person's membership and what they bought with the card at the tills, if they have one.
pub fn note(desk: &mut Desk, draw: &mut Draw, household: &Household, person: &Person) -> Result<(), Error> {
    let Some(id) = &person.loyalty_id else { return Ok(()) };
    let home_store = store(draw);
    member(desk, draw, person, id, &home_store)?;
    desk.truth_of(household, person, "loyalty", id)?;
    let until = person.left.min(desk.settings.end.as_ms());
    for at_ms in outings::moments(draw, person.receipts_per_day, person.joined, until) {
        receipt(desk, draw, person, id, &home_store, at_ms)?;
    }
    Ok(())
}

fn member(desk: &mut Desk, draw: &mut Draw, person: &Person, id: &str, home_store: &str) -> Result<(), Error> {
    let hazards = &mut *desk.hazards;
    let given = spelling::given_name(draw, desk.tables, hazards, person, 0.1);
    let surname = spelling::maybe_typo(draw, hazards, &person.surname, 0.05);
    let email = person.email_given(draw, 0.5);
    let email = spelling::maybe_email(draw, hazards, email, 0.24, 0.03);
    let phone = spelling::maybe_phone(draw, hazards, &person.phone, 0.0);
    let tier = match person.zeal {
        zeal if zeal > 1.3 => "Gold",
        zeal if zeal > 0.25 => "Silver",
        _ => "Blue",
    };
    let points = (900.0 * (person.zeal + 0.5 * draw.normal()).exp()) as u64;
    let (name, joined) = (format!("{given} {surname}"), date(desk.soon_after_joining(draw, person, 3.0)));
    let row = [id, &name, &email, &phone, tier, &points.to_string(), &joined, home_store];
    desk.sink.csv(File::LoyaltyMembers, 0, &row)
}

fn receipt(desk: &mut Desk, draw: &mut Draw, person: &Person, id: &str, home: &str, at_ms: i64) -> Result<(), Error> {
    let groceries = desk.catalogue.categories.iter().position(|name| *name == "groceries").unwrap_or(0);
    let product = match draw.chance(0.25) {
        true => desk.catalogue.pick(draw, groceries),
        false => ecommerce::product(desk, draw, person),
    };
    desk.next.receipt += 1;
    let (number, at, price) = (desk.next.receipt.to_string(), text(at_ms), product.price.to_string());
    let store = if draw.chance(0.85) { home.to_owned() } else { store(draw) };
    let quantity = if draw.chance(0.08) { "2" } else { "1" };
    let tender = *draw.pick(&["card", "cash", "wallet"]);
    let row = [&*number, id, &store, &at, &product.id, product.category, quantity, &price, tender];
    desk.sink.csv(File::PosReceipts, at_ms, &row)
}

/// One of twelve stores.
fn store(draw: &mut Draw) -> String {
    format!("S{:02}", draw.between(1, 13))
}
