//! One small retailer's world: eight sources that do not agree on who anyone is, and the truth about it.
//!
//! ```no_run
//! let end = kit::Timestamp::parse("2026-05-30")?;
//! let world = shop::World::generate(&shop::Settings { people: 5_000, seed: 7, end, days: 180 })?;
//! let summary = world.write_to("world".as_ref(), &mut |step| eprintln!("{} {} of {}", step.what, step.done, step.total))?;
//! assert_eq!(summary.people, 5_000);
//! let truth = shop::truth::Truth::read("world/truth.csv.gz".as_ref())?;
//! let score = truth.score([("crm", "C-100000", 1), ("ecommerce", "cus_d69b7377c292", 1)]);
//! println!("precision {} recall {}", score.precision, score.recall);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In reading order:
//!
//! - [`World`], [`Settings`], [`Summary`]: make a world. A household is drawn (`people`), it goes about (`outings`), each of the
//!   `sources` writes down what it would know of that, and the `sink` puts the rows into the order in which they arrive.
//! - [`truth`]: who is who, how well somebody else guessed it, and how large an audience truly is.
//!
//! Neither half knows the house: the files and the truth are all that both see.

mod draw;
mod error;
mod settings;
mod summary;
mod tables;

mod catalogue;
mod people;
mod spelling;

mod outings;
mod sources;

mod sink;
mod world;

pub mod truth;

pub use error::Error;
pub use settings::Settings;
pub use sink::File;
pub use summary::{Hazards, Summary};
pub use world::{Progress, World};

/// The retailer's audiences: a name, and a rule in the house's question language.
pub const AUDIENCES: [(&str, &str); 4] = [
    ("vip_buyers", "count('Order Placed' where total > 50 in last 90 days) >= 3"),
    ("email_openers", "count('Email Opened' in last 30 days) >= 2"),
    ("lapsed", "count('Order Placed') >= 1 and not count('Order Placed' in last 90 days)"),
    ("loyal_gold", "loyalty_tier = 'Gold'"),
];
