#![doc = include_str!("../README.md")]

mod activation;
mod audiences;
mod collect;
mod errors;
mod house;
mod profiles;

pub use activation::{
    DeliveryList, DeliveryRow, DestinationKind, DestinationKindList, DestinationList, DestinationRow, FollowedEvents,
    NewDestination, Retried,
};
pub use audiences::{
    AudienceList, AudienceRow, MemberList, MemberRow, NewAudience, Preview, PreviewRequest, Problem, RulePart, Why,
};
pub use collect::{
    Accepted, ImportReport, NewKey, NewSource, Refused, RefusedLately, RefusedList, SourceKey, SourceList, SourceRow,
    Verdict,
};
pub use errors::{ErrorBody, ErrorDetail};
pub use house::{Home, LiveEffect, LiveEvent, LiveList, MinuteCount, SqlAnswer, SqlRequest, Step, Trace};
pub use profiles::{
    Cursor, EventList, EventRow, ExternalId, ExternalIdList, Graph, GraphEdge, GraphNode, LinkRequest, Metadata,
    ProfileAudience, ProfileAudienceList, ProfileList, ProfileRow, TraitList, TraitRow,
};
