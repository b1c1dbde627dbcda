use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// A receiver on this machine, which does with its set of people what it is told, and answers as it was taught.
#[derive(Debug, Clone)]
pub struct Receiver {
    pub url: String,
    heard: Arc<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    answers: Mutex<VecDeque<Answer>>,
    calls: Mutex<Vec<Call>>,
    people: Mutex<BTreeSet<String>>,
    new_people: Mutex<BTreeSet<String>>,
    called: Notify,
    released: Notify,
}

#[derive(Debug, Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    With(u16, &'static str, String),
    /// Takes the deliveries, and answers only when released.
    Hang,
    /// Takes the deliveries, and says that it failed.
    Lost,
    /// Refuses every batch in which this profile is.
    RefuseProfile(&'static str),
    /// Breaks down at every batch in which this profile is.
    FailProfile(&'static str),
}

impl Receiver {
    pub async fn start() -> Self {
        let heard = Arc::new(Heard::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().route("/hook", post(hear)).with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, heard }
    }

    /// Teaches the next answers; afterwards it is 200 again. `RefuseProfile` and `FailProfile` stay.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.heard.answers.lock().unwrap().extend(answers);
    }

    /// Forgets what was taught.
    pub fn calm(&self) {
        self.heard.answers.lock().unwrap().clear();
    }

    /// Waits for the next call.
    pub fn called(&self) -> Notified<'_> {
        self.heard.called.notified()
    }

    pub fn release(&self) {
        self.heard.released.notify_waiters();
    }

    pub fn calls(&self) -> Vec<Call> {
        self.heard.calls.lock().unwrap().clone()
    }

    /// Who is in the audience as the receiver knows it: identifiers.
    pub fn people(&self) -> Vec<String> {
        self.heard.people.lock().unwrap().iter().cloned().collect()
    }

    /// Whom it was told about since this was last asked.
    pub fn new_people(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.heard.new_people.lock().unwrap())
    }

    /// What was heard, a line a call: `enter P1 1@x, 2@x | exit P3 3@x`.
    pub fn story(&self) -> String {
        self.calls().iter().map(|call| format!("{}\n", told(&call.body))).collect()
    }

    pub fn ids(&self) -> Vec<String> {
        let calls = self.calls();
        let deliveries = calls.iter().flat_map(|call| call.body["deliveries"].as_array().unwrap().clone());
        deliveries.map(|delivery| delivery["id"].as_str().unwrap().to_owned()).collect()
    }
}

async fn hear(State(heard): State<Arc<Heard>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    heard.calls.lock().unwrap().push(Call { headers, body: body.clone() });
    let answer = next_answer(&heard, &body);
    let released = heard.released.notified();
    heard.called.notify_waiters();
    match answer {
        Answer::Status(status) if status >= 300 => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::With(status, name, value) => (StatusCode::from_u16(status).unwrap(), [(name, value)]).into_response(),
        Answer::RefuseProfile(_) => StatusCode::BAD_REQUEST.into_response(),
        Answer::FailProfile(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Status(status) => {
            apply(&heard, &body);
            StatusCode::from_u16(status).unwrap().into_response()
        }
        Answer::Lost => {
            apply(&heard, &body);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Answer::Hang => {
            apply(&heard, &body);
            released.await;
            StatusCode::OK.into_response()
        }
    }
}

fn next_answer(heard: &Heard, body: &Value) -> Answer {
    let mut answers = heard.answers.lock().unwrap();
    if let Some(Answer::RefuseProfile(profile) | Answer::FailProfile(profile)) = answers.front() {
        let named = body["deliveries"].as_array().unwrap().iter().any(|delivery| delivery["profile"] == *profile);
        return if named { answers[0].clone() } else { Answer::Status(200) };
    }
    answers.pop_front().unwrap_or(Answer::Status(200))
}

fn apply(heard: &Heard, body: &Value) {
    let mut people = heard.people.lock().unwrap();
    for delivery in body["deliveries"].as_array().into_iter().flatten() {
        let identifiers = delivery["identifiers"].as_array().unwrap().iter();
        for id in identifiers.map(|identifier| identifier["id"].as_str().unwrap().to_owned()) {
            match delivery["action"].as_str() {
                Some("enter") => {
                    heard.new_people.lock().unwrap().insert(id.clone());
                    people.insert(id)
                }
                _ => people.remove(&id),
            };
        }
    }
}

fn told(body: &Value) -> String {
    let deliveries = body["deliveries"].as_array().unwrap().iter();
    let told = deliveries.map(|delivery| {
        let identifiers = delivery["identifiers"].as_array().unwrap().iter();
        let ids: Vec<_> = identifiers.map(|identifier| identifier["id"].as_str().unwrap()).collect();
        let text = |name: &str| delivery[name].as_str().unwrap().to_owned();
        format!("{} {} {}", text("action"), text("profile"), ids.join(", "))
    });
    told.collect::<Vec<_>>().join(" | ")
}
