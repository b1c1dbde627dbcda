//! Knocks with the headers that a client sends: keys, cookies, hosts.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use collect::adapters::{Does, Letter, Method, Outcome, Person, Reply, Request};
use collect::spec::{Accepted, Door, Refusal};
use kit::Timestamp;
use model::Event;
use serde_json::Value;

use crate::{knock, shared};

/// One request of a client.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    pub is_get: bool,
    pub url: String,
    /// Lower-case name → value.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Who the house says it is.
    pub person: Option<Person>,
}

/// What came of it.
#[derive(Debug)]
pub struct Visited {
    /// The key of a header, and the key of body or address.
    pub keys: (Option<String>, Option<String>),
    pub about: Option<(String, String)>,
    pub accepted: Accepted,
    pub reply: Reply,
}

impl Visit {
    pub fn get(url: &str) -> Self {
        Self { is_get: true, url: url.to_owned(), ..Self::default() }
    }

    pub fn post(url: &str, body: &Value) -> Self {
        Self { url: url.to_owned(), body: body.to_string().into_bytes(), ..Self::default() }
    }

    pub fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.push((header.to_owned(), value.to_owned()));
        self
    }

    /// Errors: those of the reading of the request.
    pub fn try_make(&self) -> Result<Visited, Refusal> {
        let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let header = |name: &str| self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let request = Request::new(path, query, &header, &self.body)?;
        let method = if self.is_get { Method::Get } else { Method::Post };
        let entrance = knock::entrance(method, request.path).unwrap_or_else(|| panic!("no adapter has {path}"));
        let (letter, answer) = match entrance.does {
            Does::Tell(tell) => (Letter::default(), Err(tell(&request))),
            Does::Take { read, answer } => (read(&request)?, Ok(answer)),
        };
        let received_at = Timestamp::parse("2026-11-23T18:00:00Z").expect("a time");
        let accepted = letter.accept(&Door::live("web".into(), received_at))?;
        let outcome =
            Outcome { accepted: accepted.events.len(), refused: &accepted.refused, person: self.person.clone() };
        let reply = answer.map_or_else(|told| told, |answer| answer(&request, &outcome));
        Ok(Visited { keys: (request.header_key(), letter.key), about: letter.about, accepted, reply })
    }

    pub fn make(&self) -> Visited {
        self.try_make().unwrap_or_else(|refusal| panic!("{}: {refusal}", self.url))
    }
}

impl Visited {
    pub fn only(&self) -> &Event {
        assert_eq!(self.accepted.refused, []);
        assert_eq!(self.accepted.events.len(), 1);
        &self.accepted.events[0]
    }

    pub fn codes(&self) -> Vec<&'static str> {
        self.accepted.refused.iter().map(|refused| refused.code).collect()
    }

    pub fn json(&self) -> Value {
        assert_eq!((self.reply.status, self.reply.content_type), (200, "application/json"));
        serde_json::from_slice(&self.reply.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.reply.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    pub fn is_pixel(&self) -> bool {
        self.reply.status == 200 && self.reply.content_type == "image/gif" && self.reply.body.starts_with(b"GIF89a")
    }
}

/// The captured requests of a client to these addresses, as it sent them.
pub fn captured(client: &str, addresses: &[&str]) -> Option<Vec<Visit>> {
    let folder = shared::data(&format!("clients/captures/{client}"))?;
    let files = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("a capture"));
    let visits = texts.filter_map(|text| of_capture(&serde_json::from_str(&text).expect("JSON")));
    Some(visits.filter(|visit| addresses.iter().any(|address| visit.url.starts_with(address))).collect())
}

fn of_capture(capture: &Value) -> Option<Visit> {
    let is_get = match capture["method"].as_str()? {
        "GET" => true,
        "POST" => false,
        _ => return None,
    };
    let headers = capture["headers"].as_object()?.iter();
    let headers = headers.filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())));
    let body = BASE64_STANDARD.decode(capture["body_raw_base64"].as_str().unwrap_or_default()).expect("base64");
    Some(Visit { is_get, url: capture["url"].as_str()?.to_owned(), headers: headers.collect(), body, person: None })
}

/// Every event of these visits in full; nothing may have been refused.
pub fn shown(visits: &[Visit]) -> String {
    let visited = visits.iter().map(Visit::make);
    let events = visited.flat_map(|visited| {
        assert_eq!(visited.accepted.refused, []);
        visited.accepted.events
    });
    events.map(|event| knock::show(&event)).collect()
}
