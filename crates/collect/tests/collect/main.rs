//! What collect takes and what it refuses, at its boundary: bytes and files in, facts and codes out.

mod adapters_amplitude;
mod adapters_ga4;
mod adapters_hostile;
mod adapters_jitsu;
mod adapters_mixpanel;
mod adapters_posthog;
mod adapters_prebid;
mod adapters_rudderstack;
mod adapters_segment;
mod adapters_snowplow;
mod adapters_spoilt;
mod adapters_unomi;
mod captures;
mod enrich;
mod enrich_captures;
mod enrich_geo;
mod enrich_laws;
mod files;
mod hostile;
mod knock;
mod mapping;
mod maps;
mod messages;
#[cfg(feature = "plans")]
mod plans;
#[cfg(feature = "plans")]
mod plans_hostile;
#[cfg(feature = "plans")]
mod plans_infer;
#[cfg(feature = "plans")]
mod plans_laws;
#[cfg(feature = "plans")]
mod quarantined;
mod shared;
mod sources;
mod visit;
