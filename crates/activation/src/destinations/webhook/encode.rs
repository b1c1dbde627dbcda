use kit::{Digest, Timestamp};
use model::{Action, Delivery, Identifier, ProfileId};
use serde::Serialize;
use serde_json::{Map, Value};

/// The JSON body of a request: an event alone, as it was sent, or all deliveries of a batch, which are for one destination and audience.
pub fn body(batch: &[&Delivery]) -> Vec<u8> {
    if let [Delivery { event: Some(event), .. }] = batch {
        return event.body.text().as_bytes().to_vec();
    }
    let (destination, audience) = batch.first().map_or(("", ""), |first| (&*first.destination, &*first.audience));
    let body = Body { destination, audience, deliveries: batch.iter().map(|delivery| Item::of(delivery)).collect() };
    serde_json::to_vec(&body).expect("plain data always encodes")
}

/// The same for the same deliveries in the same order; an event's is its message id.
pub fn idempotency_key(batch: &[&Delivery]) -> String {
    if let [Delivery { event: Some(event), .. }] = batch {
        return event.message_id.clone();
    }
    let ids: Vec<_> = batch.iter().map(|delivery| delivery.id.as_str()).collect();
    Digest::of(&ids).to_string()
}

#[derive(Serialize)]
struct Body<'a> {
    destination: &'a str,
    audience: &'a str,
    deliveries: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    action: Action,
    profile: ProfileId,
    identifiers: Vec<ExternalId<'a>>,
    traits: &'a Map<String, Value>,
    at: Timestamp,
}

impl<'a> Item<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        Self {
            id: &delivery.id,
            action: delivery.action,
            profile: delivery.profile,
            identifiers: delivery.identifiers.iter().map(ExternalId::of).collect(),
            traits: &delivery.traits,
            at: delivery.at,
        }
    }
}

#[derive(Serialize)]
struct ExternalId<'a> {
    r#type: &'a str,
    id: &'a str,
}

impl<'a> ExternalId<'a> {
    fn of(identifier: &'a Identifier) -> Self {
        Self { r#type: identifier.kind(), id: identifier.value() }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::destinations::tests::{enter, exit, forward};

    #[test]
    fn an_enter_has_traits_and_an_exit_only_identifiers() {
        let body: Value = serde_json::from_slice(&body(&[&enter(1), &exit(2)])).unwrap();
        expect![[r#"
            {
              "audience": "buyers",
              "deliveries": [
                {
                  "action": "enter",
                  "at": "2025-11-24T16:00:00.001Z",
                  "id": "00000000000000000000000000000001",
                  "identifiers": [
                    {
                      "id": "ann@example.com",
                      "type": "email"
                    },
                    {
                      "id": "urn:7",
                      "type": "crm_id"
                    }
                  ],
                  "profile": "P1",
                  "traits": {
                    "name": "Ann \"Nan\" O'Hara, 3rd",
                    "spent": 12.5,
                    "tags": [
                      "a",
                      "ü"
                    ]
                  }
                },
                {
                  "action": "exit",
                  "at": "2025-11-24T16:00:00.002Z",
                  "id": "00000000000000000000000000000002",
                  "identifiers": [
                    {
                      "id": "ann@example.com",
                      "type": "email"
                    },
                    {
                      "id": "urn:7",
                      "type": "crm_id"
                    }
                  ],
                  "profile": "P2",
                  "traits": {}
                }
              ],
              "destination": "ads"
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&body).unwrap());
    }

    #[test]
    fn an_event_is_told_as_it_was_sent() {
        let event = forward(9);
        assert_eq!(body(&[&event]), br#"{"type":"track","event":"e","total":9.50}"#);
        assert_eq!(idempotency_key(&[&event]), "m9");
    }

    #[test]
    fn the_key_follows_the_deliveries() {
        let (one, two) = (enter(1), enter(2));
        assert_eq!(idempotency_key(&[&one, &two]), idempotency_key(&[&one, &two]));
        assert_ne!(idempotency_key(&[&one, &two]), idempotency_key(&[&one]));
        assert_ne!(idempotency_key(&[&one, &two]), idempotency_key(&[&two, &one]));
    }
}
