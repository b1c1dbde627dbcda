use super::{Desk, text};
use crate::Error;
use crate::draw::Draw;
use crate::people::Person;
use crate::sink::File;
use crate::spelling;

/// Writes a ticket for one in twelve of the people whom the shop knows.
pub fn note(desk: &mut Desk, draw: &mut Draw, person: &Person) -> Result<(), Error> {
    if !person.is_known() || !draw.chance(0.09) {
        return Ok(());
    }
    desk.next.ticket += 1;
    let at_ms = draw.between(person.joined, desk.settings.end.as_ms());
    let email = person.email_given(draw, 0.2);
    let email = spelling::maybe_email(draw, desk.hazards, email, 0.0, 0.02);
    let phone = spelling::maybe_phone(draw, desk.hazards, &person.phone, 0.1);
    let topic = *draw.pick(&["delivery", "product", "refund", "account"]);
    let status = *draw.pick(&["open", "solved"]);
    let (number, stars) = (format!("T{}", desk.next.ticket), draw.between(1, 6).to_string());
    desk.sink.csv(File::SupportTickets, at_ms, &[&number, &email, &phone, &text(at_ms), topic, status, &stars])
}
