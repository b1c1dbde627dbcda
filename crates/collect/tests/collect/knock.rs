//! Knocks at a neighbour's door as its client does, and shows what came of it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use collect::adapters::{ALL, Does, Entrance, Method, Outcome, Reply, Request};
use collect::spec::{Accepted, Door, Refusal};
use kit::Timestamp;
use model::{Event, Raw};
use serde_json::Value;

use crate::shared;

/// What came of a request.
#[derive(Debug)]
pub struct Answered {
    pub key: Option<String>,
    pub accepted: Accepted,
    pub reply: Reply,
}

impl Answered {
    pub fn only(&self) -> &Event {
        assert_eq!(self.accepted.refused, []);
        assert_eq!(self.accepted.events.len(), 1);
        &self.accepted.events[0]
    }

    /// The codes of what was refused.
    pub fn codes(&self) -> Vec<&'static str> {
        self.accepted.refused.iter().map(|refused| refused.code).collect()
    }
}

/// Sends a request to the adapter that has this address. Panics where none has.
pub fn knock(method: Method, url: &str, body: &[u8]) -> Result<Answered, Refusal> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let request = Request::new(path, query, &|_| None, body)?;
    let entrance = entrance(method, request.path).unwrap_or_else(|| panic!("no adapter has {method:?} {path}"));
    enter(entrance, &request)
}

pub fn enter(entrance: &Entrance, request: &Request<'_>) -> Result<Answered, Refusal> {
    let (read, answer) = match entrance.does {
        Does::Tell(tell) => {
            return Ok(Answered { key: None, accepted: Accepted::default(), reply: tell(request) });
        }
        Does::Take { read, answer } => (read, answer),
    };
    let received_at = Timestamp::parse("2026-11-23T18:00:00Z").expect("a time");
    let letter = read(request)?;
    let accepted = letter.accept(&Door::live("web".into(), received_at))?;
    let outcome = Outcome { accepted: accepted.events.len(), refused: &accepted.refused, person: None };
    let reply = answer(request, &outcome);
    Ok(Answered { key: letter.key, accepted, reply })
}

pub fn entrance(method: Method, path: &str) -> Option<&'static Entrance> {
    let mut entrances = ALL.iter().flat_map(|adapter| adapter.entrances);
    entrances.find(|entrance| entrance.method == method && is_at(entrance.path, path))
}

fn is_at(pattern: &str, path: &str) -> bool {
    let (wanted, given) = (pattern.split('/'), path.split('/'));
    wanted.clone().count() == given.clone().count() && wanted.zip(given).all(|(a, b)| a == b || a.starts_with('{'))
}

/// A JSON body by POST.
pub fn post(url: &str, body: &Value) -> Answered {
    knock(Method::Post, url, body.to_string().as_bytes()).unwrap_or_else(|refusal| panic!("{url}: {refusal}"))
}

/// Replays the captured requests of a client whose address begins with one of these, in their order.
pub fn replay(client: &str, addresses: &[&str]) -> Option<Vec<Answered>> {
    let requests = captured(client, addresses)?.into_iter();
    Some(requests.map(|(method, url, body)| knock(method, &url, &body).expect("readable")).collect())
}

/// The captured requests of a client: method, address, body.
pub fn captured(client: &str, addresses: &[&str]) -> Option<Vec<(Method, String, Vec<u8>)>> {
    let folder = shared::data(&format!("clients/captures/{client}"))?;
    let files = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("a capture"));
    let captures = texts.map(|text| serde_json::from_str::<Value>(&text).expect("JSON"));
    let requests = captures.filter_map(|capture| request(&capture));
    Some(requests.filter(|(_, url, _)| addresses.iter().any(|address| url.starts_with(address))).collect())
}

fn request(capture: &Value) -> Option<(Method, String, Vec<u8>)> {
    let method = match capture["method"].as_str()? {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => return None,
    };
    let body = capture["body_raw_base64"].as_str().unwrap_or_default();
    Some((method, capture["url"].as_str()?.to_owned(), BASE64_STANDARD.decode(body).expect("base64")))
}

/// Every event of these answers, of which nothing was refused.
pub fn shown(answers: &[Answered]) -> String {
    assert!(answers.iter().all(|answer| answer.accepted.refused.is_empty()), "{answers:?}");
    answers.iter().flat_map(|answer| &answer.accepted.events).map(show).collect()
}

/// An event in full, without its message id where that was made up here.
pub fn show(event: &Event) -> String {
    let mut text = brief(event);
    let parts = [
        ("traits", &event.traits),
        ("properties", &event.properties),
        ("context", &event.context),
        ("integrations", &event.integrations),
    ];
    for (name, raw) in parts {
        if let Some(raw) = raw.as_ref().map(Raw::text) {
            text += &format!("  {name} {raw}\n");
        }
    }
    text
}

/// What it is, who did it, and when.
pub fn brief(event: &Event) -> String {
    let identifiers: Vec<_> = event.identifiers.iter().map(ToString::to_string).collect();
    let name = event.name.as_deref().map(|name| format!(" `{name}`")).unwrap_or_default();
    format!("{}{name} by {} at {}\n", event.kind.as_str(), identifiers.join(", "), event.time)
}

/// The entries of an object, one a line; only those of these names, unless there are none.
pub fn lines(raw: &Option<Raw>, names: &[&str]) -> String {
    let entries = raw.as_ref().map(Raw::object).unwrap_or_default().into_iter();
    let wanted = entries.filter(|(name, _)| names.is_empty() || names.contains(&name.as_str()));
    wanted.map(|(name, value)| format!("{name} {value}\n")).collect()
}
