//! The house from outside: one file a promise.

mod api;
mod deliveries;
mod doors;
mod fixtures;
mod kill;
mod logs;
mod plans;
mod profile;
mod pulls;
mod rebuild;

mod clients;
mod demo;
mod import;

mod disk;
mod writers;

mod live_is_batch;

// The random rules and worlds of `lang`'s own tests: `live_is_batch` means the same by them.
#[allow(dead_code, reason = "`lang` draws more than is needed here")]
#[path = "../../../lang/tests/all/random.rs"]
mod random;
#[allow(dead_code, reason = "`lang` reads worlds from text, too")]
#[path = "../../../lang/tests/all/world.rs"]
mod world;
