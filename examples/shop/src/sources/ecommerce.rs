use serde::Serialize;

use super::{Desk, text, yes};
use crate::Error;
use crate::catalogue::{Cents, Product};
use crate::draw::Draw;
use crate::people::{Household, Person};
use crate::sink::File;
use crate::spelling;

/// An order, as the checkout saw it.
#[derive(Debug)]
pub struct Order<'a> {
    pub id: String,
    pub items: Vec<Item<'a>>,
    pub coupon: Option<&'static str>,
    pub total: Cents,
}

#[derive(Debug, Serialize)]
pub struct Item<'a> {
    pub product_id: &'a str,
    pub category: &'a str,
    pub price: Cents,
    pub quantity: u32,
}

/// Writes the person's account in the web shop, if there is one.
pub fn note_customer(desk: &mut Desk, draw: &mut Draw, household: &Household, person: &Person) -> Result<(), Error> {
    let Some(id) = &person.customer_id else { return Ok(()) };
    let reversed = draw.chance(0.06);
    desk.hazards.reversed_names += u64::from(reversed);
    let name = match reversed {
        true => format!("{}, {}", person.surname, person.given),
        false => format!("{} {}", person.given, person.surname),
    };
    let email = person.email_given(draw, 0.33);
    let email = spelling::maybe_email(draw, desk.hazards, email, 0.0, 0.01);
    let (created, home) = (text(person.joined), person.home.to_string());
    desk.sink.csv(File::EcommerceCustomers, 0, &[id, &email, &name, &created, yes(person.opted_in), &home])?;
    desk.truth_of(household, person, "ecommerce", id)
}

/// Fills a basket to the person's taste.
pub fn basket<'a>(desk: &mut Desk<'a>, draw: &mut Draw, person: &Person) -> Order<'a> {
    let items: Vec<Item> = (0..1 + draw.weighted(&[60, 32, 8])).map(|_| item(desk, draw, person)).collect();
    let sum: Cents = items.iter().map(|item| Cents(item.price.0 * i64::from(item.quantity))).sum();
    let coupon = draw.chance(if person.bargain_hunter { 0.6 } else { 0.08 }).then_some("SPRING10");
    desk.next.order += 1;
    let total = if coupon.is_some() { sum.ten_percent_off() } else { sum };
    Order { id: desk.next.order.to_string(), items, coupon, total }
}

/// Writes the order and its items.
pub fn note_order(desk: &mut Desk, draw: &mut Draw, person: &Person, order: &Order, at_ms: i64) -> Result<(), Error> {
    let (at, total) = (text(at_ms), order.total.to_string());
    let customer = person.customer_id.as_deref().unwrap_or_default();
    let status = ["delivered", "returned", "cancelled"][draw.weighted(&[92, 6, 2])];
    let email = person.email_given(draw, 0.5);
    let row = [&*order.id, customer, email, &at, &total, "USD", order.coupon.unwrap_or_default(), status];
    desk.sink.csv(File::EcommerceOrders, at_ms, &row)?;
    order.items.iter().try_for_each(|item| {
        let row = [&*order.id, item.product_id, item.category, &item.price.to_string(), &item.quantity.to_string()];
        desk.sink.csv(File::EcommerceOrderItems, at_ms, &row)
    })
}

/// Picks a product, mostly from the categories that the person likes.
pub fn product<'a>(desk: &Desk<'a>, draw: &mut Draw, person: &Person) -> &'a Product {
    let category = match draw.weighted(&[45, 20, 10, 25]) {
        3 => draw.below(desk.catalogue.categories.len()),
        liked => person.tastes[liked],
    };
    desk.catalogue.pick(draw, category)
}

fn item<'a>(desk: &Desk<'a>, draw: &mut Draw, person: &Person) -> Item<'a> {
    let product = product(desk, draw, person);
    let quantity = if draw.chance(0.05) { 2 } else { 1 };
    Item { product_id: &product.id, category: product.category, price: product.price, quantity }
}
