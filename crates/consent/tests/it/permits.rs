use consent::{Decision, decision, forget_destination, forget_told, permit, permit_removal, remember_told, told};
use kit::{Coded, Timestamp};
use model::{Action, Delivery, Fact, Identifier, ProfileId};
use proptest::prelude::*;
use serde_json::{Map, json};

use crate::{change, event, store, walk};

/// A decision as it is found after one event.
fn decided(granted: bool) -> Decision {
    let store = store();
    walk(&store, &[(1, Fact::Event(event(1, vec![change("ads", granted)])), 1)]);
    decision(&store, &[1], "ads").unwrap()
}

fn granted() -> Decision {
    decided(true)
}

fn delivery(destination: &str, action: Action, identifiers: &[&str]) -> Delivery {
    Delivery {
        id: "d1".to_owned(),
        destination: destination.to_owned(),
        audience: "buyers".to_owned(),
        profile: ProfileId(1),
        action,
        identifiers: identifiers.iter().map(|value| Identifier::new("email", *value)).collect(),
        traits: Map::new(),
        at: Timestamp::from_ms(1),
        event: None,
    }
}

#[test]
fn only_a_grant_permits() {
    assert_eq!(permit("x", &granted()).map(|permitted| permitted.into_inner()), Ok("x"));
    assert_eq!(permit("x", &decided(false)).unwrap_err().code(), "consent_denied");
    assert_eq!(permit("x", &Decision::Unknown).unwrap_err().code(), "consent_unknown");
}

#[test]
fn a_permit_does_not_print_what_it_holds() {
    let permitted = permit("ann@example.com", &granted()).unwrap();
    assert_eq!(format!("{permitted:?}"), "Permitted(…)");
    assert_eq!((*permitted.value(), permitted.len()), ("ann@example.com", 15));
}

#[test]
fn a_removal_names_only_whom_the_destination_was_told_about() {
    let store = store();
    let mut draft = store.draft();
    let enter = permit(delivery("ads", Action::Enter, &["a@x", "b@x"]), &granted()).unwrap();
    remember_told(&mut draft, &enter);

    let exit = || delivery("ads", Action::Exit, &["a@x", "c@x"]);
    let proof = told(&draft, "ads", &exit().identifiers).unwrap();
    let removal = permit_removal(exit(), &proof).unwrap();
    assert_eq!(removal.identifiers, [Identifier::new("email", "a@x")]);

    forget_told(&mut draft, &removal);
    let proof = told(&draft, "ads", &exit().identifiers).unwrap();
    assert_eq!(permit_removal(exit(), &proof).unwrap_err().code(), "never_told");
}

#[test]
fn a_removal_cannot_carry_anything_else() {
    let store = store();
    let mut draft = store.draft();
    let enter = permit(delivery("ads", Action::Enter, &["a@x"]), &granted()).unwrap();
    remember_told(&mut draft, &enter);
    let proof = told(&draft, "ads", &enter.identifiers).unwrap();

    let mut talkative = delivery("ads", Action::Exit, &["a@x"]);
    talkative.traits.insert("country".to_owned(), json!("DE"));
    for abuse in [delivery("ads", Action::Enter, &["a@x"]), delivery("crm", Action::Exit, &["a@x"]), talkative] {
        assert_eq!(permit_removal(abuse, &proof).unwrap_err().code(), "no_removal");
    }
}

#[test]
fn an_exit_is_no_proof_and_a_gone_destination_has_none() {
    let store = store();
    let mut draft = store.draft();
    let granted = granted();
    let exit = permit(delivery("ads", Action::Exit, &["a@x"]), &granted).unwrap();
    remember_told(&mut draft, &exit);
    assert!(!told(&draft, "ads", &exit.identifiers).unwrap().covers(&exit.identifiers[0]));

    for destination in ["ads", "ads2"] {
        remember_told(&mut draft, &permit(delivery(destination, Action::Enter, &["a@x"]), &granted).unwrap());
    }
    forget_destination(&mut draft, "ads").unwrap();
    assert!(!told(&draft, "ads", &exit.identifiers).unwrap().covers(&exit.identifiers[0]));
    assert!(told(&draft, "ads2", &exit.identifiers).unwrap().covers(&exit.identifiers[0]));
}

proptest! {
    /// Whatever was told, a removal never names another identifier.
    #[test]
    fn removals_stay_within_what_was_told(said in "[a-e]{0,5}", asked in "[a-e]{0,5}") {
        let store = store();
        let mut draft = store.draft();
        let names = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let of = |action, text: &str| delivery("ads", action, &names(text).iter().map(String::as_str).collect::<Vec<_>>());
        remember_told(&mut draft, &permit(of(Action::Enter, &said), &granted()).unwrap());
        let exit = of(Action::Exit, &asked);
        let proof = told(&draft, "ads", &exit.identifiers).unwrap();
        let named = permit_removal(exit, &proof).map(|removal| removal.into_inner().identifiers).unwrap_or_default();
        let expected: Vec<_> = asked.chars().filter(|name| said.contains(*name)).map(|name| Identifier::new("email", name.to_string())).collect();
        prop_assert_eq!(named, expected);
    }
}
