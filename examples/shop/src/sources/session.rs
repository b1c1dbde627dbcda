use kit::{HOUR_MS, SECOND_MS, Timestamp};
use serde_json::value::RawValue;

use super::Desk;
use super::ecommerce::{self, Order};
use super::stream::Arrival;
use super::wire::{Context, Library, Line, Mobile, Properties, Traits};
use crate::Error;
use crate::catalogue::{Cents, Product};
use crate::draw::Draw;
use crate::outings::{Device, Place, Visit};
use crate::people::{Household, Person};
use crate::sink::File;

/// A visit while it happens: pages, products, perhaps a login, perhaps an order.
#[derive(Debug)]
pub struct Session<'s, 'w> {
    desk: &'s mut Desk<'w>,
    draw: &'s mut Draw,
    household: &'s Household,
    visitor: &'s Person,
    device: &'s mut Device,
    buys: bool,
    context: Box<RawValue>,
    now_ms: i64,
    late_ms: i64,
}

/// Weights of seeing 1, 2 … products.
const VIEWS: [u32; 6] = [14, 22, 26, 20, 12, 6];

impl<'s, 'w> Session<'s, 'w> {
    pub fn begin(
        desk: &'s mut Desk<'w>,
        draw: &'s mut Draw,
        household: &'s Household,
        visit: &Visit,
        device: &'s mut Device,
    ) -> Result<Self, Error> {
        let offline = if device.is_app() { 0.04 } else { 0.002 };
        let late_ms = if draw.chance(offline) { draw.between(HOUR_MS, 72 * HOUR_MS) } else { 0 };
        let context = context(draw, device).to_raw();
        let visitor = &household.people[visit.person];
        let now_ms = visit.starts_ms;
        Ok(Self { desk, draw, household, visitor, device, buys: visit.buys, context, now_ms, late_ms })
    }

    pub fn run(mut self) -> Result<(), Error> {
        self.land()?;
        for _ in 0..=self.draw.weighted(&VIEWS) {
            self.view()?;
        }
        if self.signs_in() {
            self.identify()?;
        }
        if self.buys {
            self.buy()?;
        } else if self.draw.chance(0.24) {
            self.abandon_cart()?;
        }
        self.leave();
        Ok(())
    }

    fn land(&mut self) -> Result<(), Error> {
        let category = *self.draw.pick(&self.desk.catalogue.categories);
        let (name, path) = match self.draw.chance(0.7) {
            true => ("Home", "/".to_owned()),
            false => ("Category", format!("/c/{category}")),
        };
        let kind = if self.device.is_app() { "screen" } else { "page" };
        let properties = Properties::Page { url: format!("https://shop.example{path}"), path };
        self.say(Line { name: Some(name), properties: Some(properties), ..Line::of(kind) }).map(drop)
    }

    fn view(&mut self) -> Result<(), Error> {
        let product = ecommerce::product(self.desk, self.draw, self.visitor);
        let (message_id, arrival) = self.say(Line::track("Product Viewed", viewed(product, product.price)))?;
        if !self.draw.chance(0.0004) {
            return Ok(());
        }
        let changed = Line::track("Product Viewed", viewed(product, Cents(product.price.0 + 100)));
        let user_id = self.device.login.and_then(|login| self.household.people[login].customer_id.as_deref());
        let line = Line { message_id, user_id, ..stamped(self.device, &self.context, self.now_ms, changed) };
        arrival.push_changed(self.desk, self.draw, &line)
    }

    /// Customers sign in to buy, and sometimes to look around.
    fn signs_in(&mut self) -> bool {
        if self.device.login.is_some() || self.visitor.customer_id.is_none() || self.now_ms < self.visitor.joined {
            return false;
        }
        let share = if self.device.place == Place::Kiosk { 0.3 } else { 0.16 };
        self.buys || (!self.device.private && self.draw.chance(share))
    }

    fn identify(&mut self) -> Result<(), Error> {
        let index = self.household.people.iter().position(|person| person.number == self.visitor.number);
        self.device.login = index;
        self.device.ever_login = true;
        let (email, visitor) = (self.visitor.email_given(self.draw, 0.2), self.visitor);
        let traits = Traits { email, first_name: visitor.given, last_name: &visitor.surname };
        let user_id = visitor.customer_id.as_deref();
        self.say(Line { traits: Some(traits), user_id, ..Line::of("identify") }).map(drop)
    }

    fn buy(&mut self) -> Result<(), Error> {
        let order = ecommerce::basket(self.desk, self.draw, self.visitor);
        let cart = self.draw.hex(8);
        for item in &order.items {
            let added = Properties::Added {
                product_id: item.product_id,
                price: item.price,
                quantity: item.quantity,
                cart_id: &cart,
            };
            self.say(Line::track("Product Added", added))?;
        }
        self.say(Line::track("Checkout Started", checkout(Some(&order), order.total, order.items.len())))?;
        self.say(Line::track("Order Completed", completed(&order)))?;
        ecommerce::note_order(self.desk, self.draw, self.visitor, &order, self.now_ms)
    }

    fn abandon_cart(&mut self) -> Result<(), Error> {
        let product = ecommerce::product(self.desk, self.draw, self.visitor);
        let (cart, price) = (self.draw.hex(8), product.price);
        self.say(Line::track(
            "Product Added",
            Properties::Added { product_id: &product.id, price, quantity: 1, cart_id: &cart },
        ))?;
        if self.draw.chance(0.3) {
            self.say(Line::track("Checkout Started", checkout(None, price, 1)))?;
        }
        Ok(())
    }

    fn leave(&mut self) {
        let signs_out = match self.device.place {
            Place::Kiosk => 1.0,
            Place::FamilyComputer => 0.35,
            _ => 0.05,
        };
        if self.draw.chance(signs_out) {
            self.device.login = None;
        }
    }

    /// Sends a line some seconds after the one before, under the login of the device; one in fifty forgets to say whose it is.
    fn say(&mut self, line: Line) -> Result<(String, Arrival), Error> {
        self.now_ms += self.draw.between(8 * SECOND_MS, 70 * SECOND_MS);
        let message_id = self.draw.uuid();
        let login = self.device.login.filter(|_| !self.draw.chance(0.02));
        let user_id = login.and_then(|login| self.household.people[login].customer_id.as_deref()).or(line.user_id);
        let file = if self.device.is_app() { File::MobileEvents } else { File::WebEvents };
        let arrival = Arrival { file, at_ms: self.now_ms, late_ms: self.late_ms };
        let line =
            Line { message_id: message_id.clone(), user_id, ..stamped(self.device, &self.context, self.now_ms, line) };
        arrival.push(self.desk, self.draw, &line)?;
        Ok((message_id, arrival))
    }
}

fn stamped<'l>(device: &'l Device, context: &'l RawValue, now_ms: i64, line: Line<'l>) -> Line<'l> {
    let timestamp = Timestamp::from_ms(now_ms);
    Line { anonymous_id: &device.anonymous_id, timestamp, context: Some(context), ..line }
}

fn context<'a>(draw: &mut Draw, device: &'a Device) -> Context<'a> {
    let (library, kind) = match &device.place {
        Place::Ios(_) => ("analytics-ios", "ios"),
        Place::Android(_) => ("analytics-android", "android"),
        _ => ("analytics.js", "web"),
    };
    let device_of_app = device.advertising_id().map(|advertising_id| Mobile {
        r#type: kind,
        advertising_id,
        ad_tracking_enabled: !advertising_id.starts_with("00000000"),
    });
    Context {
        ip: &device.ip,
        locale: "en-US",
        library: Library { name: library, version: "1.0" },
        user_agent: Some(device.agent).filter(|agent| !agent.is_empty()),
        device: device_of_app,
        campaign: draw.chance(0.4).then(|| *draw.pick(&super::wire::CAMPAIGNS)),
    }
}

fn viewed(product: &Product, price: Cents) -> Properties<'_> {
    Properties::Viewed { product_id: &product.id, name: &product.name, category: product.category, price }
}

fn checkout<'a>(order: Option<&'a Order>, value: Cents, products: usize) -> Properties<'a> {
    Properties::Checkout { order_id: order.map(|order| &*order.id), value, currency: "USD", products_count: products }
}

fn completed<'a>(order: &'a Order<'a>) -> Properties<'a> {
    Properties::Completed {
        order_id: &order.id,
        revenue: order.total,
        currency: "USD",
        coupon: order.coupon,
        products_count: order.items.len(),
        products: &order.items,
    }
}
