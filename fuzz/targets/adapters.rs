//! A request at a neighbour's door: the first byte says which entrance; then `path`, `query`, `authorization` and `user-agent`, a line each; then
//! the body.
#![no_main]

use collect::adapters::{ALL, Does, Entrance, Outcome, Person, Request};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let entrances: Vec<&Entrance> = ALL.iter().flat_map(|adapter| adapter.entrances).collect();
    let entrance = entrances[usize::from(*first) % entrances.len()];
    let mut parts = rest.splitn(5, |byte| *byte == b'\n');
    let [path, query, authorization, agent] = [(); 4].map(|()| text(parts.next()));
    let path = if path.starts_with('/') { path } else { entrance.path };
    let header = |name: &str| match name {
        "authorization" => Some(authorization),
        "user-agent" => Some(agent),
        "origin" | "host" => Some("shop.example"),
        _ => None,
    };
    let Ok(request) = Request::new(path, query, &header, parts.next().unwrap_or_default()) else { return };
    knock(entrance, &request);
});

fn text(part: Option<&[u8]>) -> &str {
    part.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn knock(entrance: &Entrance, request: &Request<'_>) {
    let _ = request.header_key();
    let (read, answer) = match entrance.does {
        Does::Tell(tell) => return assert!((200..600).contains(&tell(request).status)),
        Does::Take { read, answer } => (read, answer),
    };
    let (Ok(letter), door) = (read(request), fuzz::door()) else { return };
    assert!(letter.messages.len() <= door.limits.batch_events);
    let accepted = letter.accept(&door).expect("it is not too long");
    fuzz::check_accepted(&accepted, letter.messages.len(), &door);
    let person = letter.about.is_some().then(Person::default);
    let outcome = Outcome { accepted: accepted.events.len(), refused: &accepted.refused, person };
    assert!((200..600).contains(&answer(request, &outcome).status));
}
