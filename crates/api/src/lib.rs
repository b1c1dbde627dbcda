#![doc = include_str!("../README.md")]

mod activation;
mod audiences;
mod collect;
mod errors;
mod house;
mod imports;
mod plans;
mod profiles;
mod pulls;
mod quarantine;

pub use activation::{
    DeliveryList, DeliveryRow, DestinationKind, DestinationKindList, DestinationList, DestinationRow, FollowedEvents,
    NewDestination, Retried,
};
pub use audiences::{
    AudienceList, AudienceRow, MemberList, MemberRow, NewAudience, Preview, PreviewRequest, Problem, RulePart, Why,
};
pub use collect::{
    Accepted, NewKey, NewSource, Refused, RefusedLately, RefusedList, SourceKey, SourceList, SourceRow, Verdict,
};
pub use errors::{ErrorBody, ErrorDetail};
pub use house::{Home, LiveEffect, LiveEvent, LiveList, MinuteCount, SqlAnswer, SqlRequest, Step, Trace};
pub use imports::{ImportList, ImportReport, ImportRow, MappingList, MappingRow, MappingText};
pub use plans::{
    BrokenPlan, InferPlan, InferredPlan, NewPlan, PlanCheck, PlanCheckRequest, PlanHistory, PlanList, PlanRow,
    PlanText, PlanVersionRow, SavedPlan, SeenSort, TextProblem, TextProblems, Violation, ViolationList, ViolationRow,
};
pub use profiles::{
    Cursor, EventList, EventRow, ExternalId, ExternalIdList, Graph, GraphEdge, GraphNode, LinkRequest, Metadata,
    ProfileAudience, ProfileAudienceList, ProfileList, ProfileRow, TraitList, TraitRow,
};
pub use pulls::{NewPull, PullDetail, PullList, PullProgress, PullReport, PullRow, PullRun, PullSample};
pub use quarantine::{DropRequest, Dropped, HeldFilter, HeldList, HeldRow, ReplayReport, ReplayRequest, Stayed};
