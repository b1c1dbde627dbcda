//! The graph at its boundary: facts in, profiles out.

mod cases;
mod twin;

use identity::{Rules, Step};
use kit::Timestamp;
use model::{Event, EventKind, Fact, Identifier, Link, ProfileId, Record, Seq, Verdict};
use store::Store;

/// A graph over state in memory, fed fact by fact.
struct World {
    store: Store,
    rules: Rules,
    seq: Seq,
}

impl World {
    fn new(rules: Rules) -> Self {
        Self { store: Store::in_memory(identity::TABLES), rules, seq: 0 }
    }

    fn take(&mut self, fact: &Fact) -> Step {
        self.seq += 1;
        let mut draft = self.store.draft();
        let step = identity::step(&mut draft, &self.rules, fact, self.seq).expect("memory does not fail");
        self.store.commit_through(draft, self.seq).expect("memory does not fail");
        step
    }

    fn see(&mut self, identifiers: &str) -> Step {
        self.take(&event(identifiers))
    }

    fn say(&mut self, a: &str, verdict: Verdict, b: &str) -> Step {
        self.take(&link(a, verdict, b))
    }

    fn profile(&self, identifier: &str) -> Option<ProfileId> {
        identity::profile_of(&self.store, &parse(identifier)).expect("memory does not fail")
    }

    /// Every profile with its identifiers, one a line, oldest first.
    fn shown(&self) -> String {
        let mut lines = Vec::new();
        identity::each_profile(&self.store, None, &mut |profile, members| {
            let name = |ordinal| {
                let node = identity::node(&self.store, ordinal)?.expect("a member is a node");
                Ok::<_, store::StoreError>(node.identifier().to_string())
            };
            let names: Vec<_> = members.iter().map(|member| name(member.ordinal)).collect::<Result<_, _>>()?;
            lines.push(format!("{profile}: {}\n", names.join(" ")));
            Ok(true)
        })
        .expect("memory does not fail");
        lines.reverse();
        lines.concat()
    }
}

fn parse(identifier: &str) -> Identifier {
    identifier.parse().expect("an identifier")
}

/// An event that carries these identifiers, parted by spaces.
fn event(identifiers: &str) -> Fact {
    Fact::Event(Event {
        message_id: String::from("m"),
        source: "web".into(),
        kind: EventKind::Track,
        name: Some(String::from("Seen")),
        identifiers: identifiers.split_whitespace().map(parse).collect(),
        time: Timestamp::from_ms(0),
        received_at: Timestamp::from_ms(0),
        sent_at: None,
        original_timestamp: None,
        traits: None,
        properties: None,
        context: None,
        integrations: None,
        consents: Vec::new(),
        as_sent: None,
    })
}

fn record(identifiers: &str, traits: serde_json::Value) -> Fact {
    Fact::Record(Record {
        source: "crm".into(),
        key: String::from("k"),
        version: Timestamp::from_ms(0),
        change: model::Change::Upsert,
        identifiers: identifiers.split_whitespace().map(parse).collect(),
        traits: Some(model::Raw::of(&traits).expect("JSON")),
        consents: Vec::new(),
        received_at: Timestamp::from_ms(0),
    })
}

fn link(a: &str, verdict: Verdict, b: &str) -> Fact {
    Fact::Link(Link {
        a: parse(a),
        b: parse(b),
        verdict,
        reason: String::from("asked on the phone"),
        by: String::from("operator"),
        received_at: Timestamp::from_ms(0),
    })
}
