//! The doors for other platforms' clients: one route for each entrance of each adapter.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use collect::adapters::{self, Does, Entrance, Letter, Method, Outcome, Person, Reply, Request};
use collect::enrich::Origin;
use collect::normalise::read_identifier;
use collect::spec::Door;
use lake::journal::AppendReceipt;
use model::{Identifier, Source};

use crate::errors::{DoorError, Problem};
use crate::peer::Peer;
use crate::routes::{App, collect as doors};
use crate::way;

/// Every entrance, with and without a slash at its end.
pub fn router() -> Router<App> {
    let entrances = adapters::ALL.iter().flat_map(|adapter| adapter.entrances);
    let router = entrances.fold(Router::new(), |router, entrance| {
        let slashed = format!("{}/", entrance.path);
        router.route(entrance.path, knock(entrance)).route(&slashed, knock(entrance))
    });
    router.layer(DefaultBodyLimit::max(doors::MOST_BODY_BYTES))
}

fn knock(entrance: &'static Entrance) -> MethodRouter<App> {
    let handler = move |State(app): State<App>,
                        OriginalUri(uri): OriginalUri,
                        peer: Peer,
                        headers: HeaderMap,
                        body: Bytes| async move {
        let authority = uri.authority().map(|authority| authority.as_str());
        let header = |name: &str| {
            let named = headers.get(name).and_then(|value| value.to_str().ok());
            named.or(authority.filter(|_| name == "host"))
        };
        let request = Request::new(uri.path(), uri.query().unwrap_or_default(), &header, &body)
            .map_err(|refusal| Problem::from(DoorError::from(refusal)))?;
        open(&app, entrance, &request, peer).await
    };
    match entrance.method {
        Method::Get => get(handler),
        Method::Post => post(handler),
    }
}

async fn open(app: &App, entrance: &Entrance, request: &Request<'_>, peer: Peer) -> Result<Response, Problem> {
    match entrance.does {
        Does::Tell(tell) => Ok(response(tell(request))),
        Does::Take { read, answer } => {
            let letter = read(request).map_err(DoorError::from)?;
            let source = source(app, request, &letter)?;
            let (received, person) = take(app, request, peer, &source, &letter).await?;
            // What a plan holds back is kept: a client that heard otherwise would send it for ever.
            let accepted = received.accepted as usize + received.held.len();
            let outcome = Outcome { accepted, refused: &received.refused, person };
            Ok(response(answer(request, &outcome)))
        }
    }
}

/// The source of the key that a header carries, else that of the letter's own. Two keys that differ open nothing.
fn source(app: &App, request: &Request<'_>, letter: &Letter) -> Result<Source, Problem> {
    doors::source_of(app, [request.header_key(), letter.key.clone()])
}

async fn take(
    app: &App,
    request: &Request<'_>,
    peer: Peer,
    source: &Source,
    letter: &Letter,
) -> Result<(way::Received, Option<Person>), Problem> {
    let now = app.house.clock.now();
    let taken = letter.accept(&Door::live(source.clone(), now)).map_err(DoorError::from);
    let received = match taken {
        Ok(taken) => way::keep(&app.house, taken, &Origin::of_request(peer.0, request.header)).await,
        Err(refused) => Err(refused),
    };
    let received = received.inspect_err(|error| doors::note_refusal(app, source, error, &request.body))?;
    doors::note(app, source, &received);
    let about = letter.about.as_ref().and_then(|(kind, value)| read_identifier(&format!("{kind}:{value}")));
    let person = match about {
        Some(who) if app.house.tells_profiles(source)? => person(app, received.receipt, &who).await?,
        _ => None,
    };
    Ok((received, person))
}

/// The person as they are once the walker has seen what the letter brought.
async fn person(app: &App, receipt: Option<AppendReceipt>, who: &Identifier) -> Result<Option<Person>, Problem> {
    if let Some(receipt) = receipt {
        app.walker.wait_for(receipt.last_seq).await;
    }
    let read = app.house.store.snapshot();
    let Some(profile) = identity::profile_of(&read, who)? else { return Ok(None) };
    let winners = profiles::winners(&read, &identity::members(&read, profile)?)?;
    let traits = winners.into_iter().map(|(name, winner)| (name, winner.claim.value)).collect();
    let audiences = audiences::memberships(&read, profile)?.into_iter().map(|held| held.audience).collect();
    Ok(Some(Person { profile: profile.to_string(), traits, audiences }))
}

fn response(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, reply.content_type)], Body::from(reply.body)).into_response();
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
