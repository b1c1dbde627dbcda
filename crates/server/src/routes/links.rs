use api::{Accepted, ErrorBody, LinkRequest};
use axum::Json;
use axum::extract::State;
use model::{Fact, Link, Verdict};

use super::App;
use super::profiles::identifier;
use crate::errors::{Body, DoorError, Problem};

/// Says that two identifiers are always, or never, one person, or takes that back. The word is a fact: it can be taken back without a trace.
#[utoipa::path(
    post, path = "/v1/links", tag = "identity", request_body = LinkRequest,
    responses((status = 200, body = Accepted), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn say(State(app): State<App>, Body(said): Body<LinkRequest>) -> Result<Json<Accepted>, Problem> {
    let link = Link {
        a: identifier(&said.a)?,
        b: identifier(&said.b)?,
        verdict: verdict(&said.verdict)?,
        reason: said.reason,
        by: "operator".to_owned(),
        received_at: app.house.clock.now(),
    };
    let receipt = app.house.journal.append(vec![Fact::Link(link)]).await.map_err(DoorError::from)?;
    app.walker.wait_for(receipt.last_seq).await;
    Ok(Json(Accepted { success: true, accepted: 1, quarantined: 0, refused: Vec::new(), verdicts: None }))
}

fn verdict(text: &str) -> Result<Verdict, Problem> {
    match text {
        "always" => Ok(Verdict::Always),
        "never" => Ok(Verdict::Never),
        "withdrawn" => Ok(Verdict::Withdrawn),
        _ => Err(Problem::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "verdict_unknown",
            "a verdict is `always`, `never` or `withdrawn`",
        )),
    }
}
