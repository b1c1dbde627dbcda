use api::{
    Cursor, ErrorBody, EventList, EventRow, ExternalId, ExternalIdList, Graph, GraphEdge, GraphNode, Metadata,
    ProfileAudience, ProfileAudienceList, ProfileList, ProfileRow, TraitList, TraitRow,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use consent::Decision;
use identity::{IdChange, Standing};
use kit::Timestamp;
use model::{Identifier, Ordinal, ProfileId, Raw};
use profiles::{Holders, Place};
use serde::Deserialize;
use serde_json::Value;
use store::{Read, StoreError};

use super::App;
use crate::House;
use crate::errors::{Path, Problem, Query};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// At most 200; 50 when not given.
    pub limit: Option<usize>,
    /// Where the page before said that the next one starts.
    pub next: Option<String>,
}

impl Page {
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(50).clamp(1, 200)
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Words, each the beginning of a name, an e-mail or another identifier. The newest profiles when empty.
    query: Option<String>,
    /// Without a query: `true` leaves out those of whom only devices are known.
    known: Option<bool>,
    limit: Option<usize>,
    next: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    limit: Option<usize>,
    next: Option<String>,
    /// Only events of this source.
    source: Option<String>,
}

/// Finds people.
#[utoipa::path(get, path = "/v1/profiles", tag = "profiles", params(Search), responses((status = 200, body = ProfileList), (status = 400, body = ErrorBody)), security(("token" = [])))]
pub async fn list(State(app): State<App>, Query(search): Query<Search>) -> Result<Json<ProfileList>, Problem> {
    let house = &app.house;
    let read = house.store.snapshot();
    let page = Page { limit: search.limit, next: search.next };
    let query = search.query.unwrap_or_default();
    let (mut found, truncated) = match query.trim() {
        "" => (newest(house, &read, &page, search.known == Some(true))?, false),
        words => search_people(&read, words, page.limit())?,
    };
    let totals = identity::totals(&read)?;
    let total = if search.known == Some(true) { totals.known } else { totals.profiles };
    let has_more = found.len() > page.limit();
    found.truncate(page.limit());
    let next = found.last().filter(|_| has_more).map(ToString::to_string);
    Ok(Json(ProfileList {
        data: found.into_iter().map(|profile| row(house, &read, profile)).collect::<Result<_, _>>()?,
        cursor: Cursor { has_more, limit: page.limit() as u64, next },
        total: u64::from(total),
        truncated,
    }))
}

/// Shows a profile's traits, each with the source and time of the value that won.
#[utoipa::path(
    get, path = "/v1/profiles/{id}/traits", tag = "profiles",
    params(("id" = String, Path, description = "`P17` or `kind:value`")),
    responses((status = 200, body = TraitList), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn traits(State(app): State<App>, Path(id): Path<String>) -> Result<Json<TraitList>, Problem> {
    let read = app.house.store.snapshot();
    let members = members(&read, &id)?;
    let winners = profiles::winners(&read, &members)?;
    let plain = winners.iter().map(|(name, winner)| (name.clone(), winner.claim.value.clone())).collect();
    let row = |(name, winner): (String, profiles::Winner)| {
        Ok::<_, StoreError>(TraitRow {
            name,
            source: winner.claim.source.to_string(),
            time: winner.claim.time.to_string(),
            identifier: name_of(&read, winner.ordinal)?,
            others: winner.others.into_iter().map(|claim| claim.value).collect(),
            value: winner.claim.value,
        })
    };
    let data = winners.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(Json(TraitList { traits: plain, data }))
}

/// Lists the identifiers by which a profile is known.
#[utoipa::path(
    get, path = "/v1/profiles/{id}/external_ids", tag = "profiles", params(("id" = String, Path)),
    responses((status = 200, body = ExternalIdList), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn external_ids(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ExternalIdList>, Problem> {
    let read = app.house.store.snapshot();
    let mut data = Vec::new();
    for ordinal in members(&read, &id)? {
        data.extend(identity::node(&read, ordinal)?.map(|node| ExternalId {
            kind: node.kind,
            id: node.value,
            first_seen: node.first_seen.to_string(),
            source: node.source.to_string(),
        }));
    }
    Ok(Json(ExternalIdList { data }))
}

/// Shows a profile's timeline, newest first.
#[utoipa::path(
    get, path = "/v1/profiles/{id}/events", tag = "profiles", params(("id" = String, Path), Timeline),
    responses((status = 200, body = EventList), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn events(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Timeline>,
) -> Result<Json<EventList>, Problem> {
    let read = app.house.store.snapshot();
    let members = members(&read, &id)?;
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let before = query.next.as_deref().map(place).transpose()?;
    let keep = |event: &model::Event| query.source.as_deref().is_none_or(|source| source == event.source.as_ref());
    let mut entries = profiles::timeline(&read, &members, before, limit + 1, &keep)?;
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let cursor = |entry: &profiles::Entry| format!("{}.{}", entry.place.time.as_ms(), entry.place.seq);
    let next = entries.last().filter(|_| has_more).map(cursor);
    let data = entries.into_iter().map(|entry| event_row(&read, entry)).collect::<Result<_, _>>()?;
    Ok(Json(EventList { data, cursor: Cursor { has_more, limit: limit as u64, next } }))
}

/// Shows what is known about a profile as a whole.
#[utoipa::path(
    get, path = "/v1/profiles/{id}/metadata", tag = "profiles", params(("id" = String, Path)),
    responses((status = 200, body = Metadata), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn metadata(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Metadata>, Problem> {
    let house = &app.house;
    let read = house.store.snapshot();
    let profile = find_in(&read, &id)?;
    let component = identity::component(&read, profile.0)?;
    let members: Vec<Ordinal> = component.iter().map(|member| member.ordinal).collect();
    let activity = profiles::activity(&read, &members)?;
    let first = identity::node(&read, profile.0)?.map_or(Timestamp::default(), |node| node.first_seen);
    let consents = consent::decisions(&read, &members)?.into_iter();
    Ok(Json(Metadata {
        id: profile.to_string(),
        label: label(&read, profile)?,
        known: identity::is_known(&house.rules, &component),
        created_at: activity.map_or(first, |activity| activity.first.min(first)).to_string(),
        last_seen: activity.map_or(first, |activity| activity.last).to_string(),
        events: activity.map_or(0, |activity| activity.events),
        previous_ids: previous_ids(&read, profile, &members)?,
        consents: consents.map(|(purpose, decision)| (purpose, decision_word(&decision).to_owned())).collect(),
    }))
}

/// Lists the audiences that a profile is in.
#[utoipa::path(
    get, path = "/v1/profiles/{id}/audiences", tag = "profiles", params(("id" = String, Path)),
    responses((status = 200, body = ProfileAudienceList), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn audiences(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ProfileAudienceList>, Problem> {
    let read = app.house.store.snapshot();
    let memberships = audiences::memberships(&read, find_in(&read, &id)?)?.into_iter();
    let row = |one: model::Membership| ProfileAudience { audience: one.audience, since: one.since.to_string() };
    Ok(Json(ProfileAudienceList { data: memberships.map(row).collect() }))
}

/// Shows a profile's identifiers and the evidence between them, refused evidence included.
#[utoipa::path(
    get, path = "/v1/profiles/{id}/graph", tag = "profiles", params(("id" = String, Path)),
    responses((status = 200, body = Graph), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn graph(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Graph>, Problem> {
    /// A hub may have thousands of edges; a picture needs no more than these.
    const MOST_EDGES: usize = 300;
    let read = app.house.store.snapshot();
    let profile = find_in(&read, &id)?;
    let inside = identity::members(&read, profile)?;
    let mut ordinals = inside.clone();
    let mut edges = Vec::new();
    for a in &inside {
        for (b, edge) in identity::edges(&read, *a)? {
            if edges.len() < MOST_EDGES && (!inside.contains(&b) || *a < b) {
                edges.push(graph_edge(name_of(&read, *a)?, name_of(&read, b)?, &edge));
                ordinals.push(b);
            }
        }
        for (b, word) in identity::words(&read, *a)? {
            if !inside.contains(&b) || *a < b {
                edges.push(word_edge(name_of(&read, *a)?, name_of(&read, b)?, &word));
                ordinals.push(b);
            }
        }
    }
    ordinals.sort_unstable();
    ordinals.dedup();
    let mut nodes = Vec::new();
    for ordinal in ordinals {
        nodes.extend(identity::node(&read, ordinal)?.map(|node| GraphNode {
            id: node.identifier().to_string(),
            inside: inside.contains(&ordinal),
            profile: ProfileId(node.root).to_string(),
            kind: node.kind,
            value: node.value,
        }));
    }
    Ok(Json(Graph { nodes, edges }))
}

/// Returns the profile that a path means: `P17` (also when it was merged away) or `kind:value`.
pub(super) fn find(house: &House, id: &str) -> Result<ProfileId, Problem> {
    find_in(&house.store, id)
}

/// Reads a profile's id that a cursor holds.
pub(super) fn parse_id(text: &str) -> Result<ProfileId, Problem> {
    text.parse().map_err(|_| bad_cursor())
}

/// Returns what tells a profile apart best.
pub(super) fn label(read: &dyn Read, profile: ProfileId) -> Result<String, StoreError> {
    let members = identity::members(read, profile)?;
    match profiles::label(&profiles::traits(read, &members)?) {
        Some(label) => Ok(label),
        None => name_of(read, profile.0),
    }
}

fn find_in(read: &dyn Read, id: &str) -> Result<ProfileId, Problem> {
    let found = match id.parse::<ProfileId>() {
        Ok(profile) => identity::holder(read, profile.0)?,
        Err(_) => identity::profile_of(read, &identifier(id)?)?,
    };
    found.ok_or_else(|| Problem::not_found("profile_not_found", "nobody is known by this id"))
}

/// Reads `kind:value` in the form in which identifiers are kept.
pub(super) fn identifier(text: &str) -> Result<Identifier, Problem> {
    let message = "there can be no such identifier: `kind:value` is expected, or `P17` for a profile";
    let problem = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "identifier_invalid", message);
    collect::normalise::read_identifier(text).ok_or_else(problem)
}

fn members(read: &dyn Read, id: &str) -> Result<Vec<Ordinal>, Problem> {
    Ok(identity::members(read, find_in(read, id)?)?)
}

fn newest(house: &House, read: &dyn Read, page: &Page, only_known: bool) -> Result<Vec<ProfileId>, Problem> {
    let before = page.next.as_deref().map(parse_id).transpose()?;
    let mut found = Vec::new();
    identity::each_profile(read, before, &mut |profile, members| {
        if !only_known || identity::is_known(&house.rules, &members) {
            found.push(profile);
        }
        Ok(found.len() <= page.limit())
    })?;
    Ok(found)
}

fn search_people(read: &dyn Read, words: &str, limit: usize) -> Result<(Vec<ProfileId>, bool), Problem> {
    // A whole identifier is the one person, whatever else shares its words.
    if let Some(whole) = collect::normalise::read_identifier(words)
        && let Some(profile) = identity::profile_of(read, &whole)?
    {
        return Ok((vec![profile], false));
    }
    let found = profiles::search(read, words, limit, &ByGraph(read))?;
    Ok((found.profiles, found.truncated))
}

/// Who holds which identifier, by the identity graph.
struct ByGraph<'a>(&'a dyn Read);

impl Holders for ByGraph<'_> {
    fn profile(&self, ordinal: Ordinal) -> Result<ProfileId, StoreError> {
        Ok(identity::holder(self.0, ordinal)?.unwrap_or(ProfileId(ordinal)))
    }

    fn members(&self, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
        identity::members(self.0, profile)
    }
}

fn row(house: &House, read: &dyn Read, profile: ProfileId) -> Result<ProfileRow, StoreError> {
    let component = identity::component(read, profile.0)?;
    let members: Vec<Ordinal> = component.iter().map(|member| member.ordinal).collect();
    let traits = profiles::traits(read, &members)?;
    let mut email = traits.get("email").and_then(Value::as_str).map(str::to_owned);
    if let (None, Some(member)) = (&email, component.iter().find(|member| member.kind == model::kinds::EMAIL)) {
        email = identity::node(read, member.ordinal)?.map(|node| node.value);
    }
    let label = match profiles::label(&traits) {
        Some(label) => label,
        None => name_of(read, profile.0)?,
    };
    Ok(ProfileRow {
        id: profile.to_string(),
        label,
        known: identity::is_known(&house.rules, &component),
        identifiers: members.len() as u64,
        email,
        last_seen: profiles::activity(read, &members)?.map(|activity| activity.last.to_string()),
    })
}

fn event_row(read: &dyn Read, entry: profiles::Entry) -> Result<EventRow, StoreError> {
    let event = entry.event;
    let object = |raw: &Option<Raw>| Value::Object(raw.as_ref().map(Raw::object).unwrap_or_default());
    Ok(EventRow {
        seq: entry.place.seq,
        kind: event.kind.as_str().to_owned(),
        event: event.label().to_owned(),
        source: event.source.to_string(),
        time: event.time.to_string(),
        identifier: name_of(read, entry.owner)?,
        properties: object(&event.properties),
        context: object(&event.context),
        name: event.name,
        message_id: event.message_id,
    })
}

fn previous_ids(read: &dyn Read, profile: ProfileId, members: &[Ordinal]) -> Result<Vec<String>, StoreError> {
    let mut previous = Vec::new();
    for member in members.iter().filter(|member| **member != profile.0) {
        let history = identity::history(read, ProfileId(*member))?;
        if history.iter().any(|(_, change)| matches!(change, IdChange::MergedInto(_))) {
            previous.push(ProfileId(*member).to_string());
        }
    }
    Ok(previous)
}

fn graph_edge(a: String, b: String, edge: &identity::Edge) -> GraphEdge {
    let (accepted, reason) = match &edge.standing {
        Standing::Holds => (true, "together".to_owned()),
        Standing::Refused(refusal) => (false, refusal.to_string()),
    };
    GraphEdge { a, b, accepted, reason, source: edge.source.to_string(), time: edge.time.to_string() }
}

fn word_edge(a: String, b: String, word: &identity::Word) -> GraphEdge {
    let (accepted, said) = match word.verdict {
        model::Verdict::Always => (true, "always"),
        model::Verdict::Never => (false, "never"),
        model::Verdict::Withdrawn => (false, "withdrawn"),
    };
    let reason = if word.reason.is_empty() { said.to_owned() } else { format!("{said}: {}", word.reason) };
    GraphEdge { a, b, accepted, reason, source: word.by.clone(), time: word.time.to_string() }
}

fn decision_word(decision: &Decision) -> &'static str {
    if decision.is_granted() { "granted" } else { "denied" }
}

fn name_of(read: &dyn Read, ordinal: Ordinal) -> Result<String, StoreError> {
    Ok(identity::node(read, ordinal)?.map(|node| node.identifier().to_string()).unwrap_or_default())
}

/// Reads a timeline's cursor: the time and place of the last event of the page before.
fn place(text: &str) -> Result<Place, Problem> {
    let (time, seq) = text.split_once('.').ok_or_else(bad_cursor)?;
    let time = time.parse().map_err(|_| bad_cursor())?;
    Ok(Place { time: Timestamp::from_ms(time), seq: seq.parse().map_err(|_| bad_cursor())? })
}

fn bad_cursor() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "cursor_invalid", "`next` is what the page before gave, unchanged")
}
