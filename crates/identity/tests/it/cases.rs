use expect_test::expect;
use identity::{Hub, IdChange, Rules};
use model::{ProfileId, Verdict};
use serde_json::json;

use crate::{World, record};

fn world() -> World {
    World::new(Rules::default())
}

#[test]
fn a_login_ties_a_device_to_a_person_and_keeps_the_older_name() {
    let mut world = world();
    world.see("anonymous_id:a");
    world.see("user_id:u email:ann@example.com");
    let step = world.see("anonymous_id:a user_id:u");
    assert_eq!(step.gone, [(ProfileId(2), ProfileId(1))]);
    expect![[r#"
        P1: anonymous_id:a user_id:u email:ann@example.com
    "#]]
    .assert_eq(&world.shown());
}

#[test]
fn a_second_user_on_the_same_device_drops_the_least_telling_identifier() {
    let mut world = world();
    world.see("user_id:u1 anonymous_id:a");
    let step = world.see("user_id:u2 email:bob@example.com anonymous_id:a");
    assert!(step.effects.iter().any(|effect| effect == "anonymous_id not linked: limit of `user_id` reached"));
    expect![[r#"
        P1: user_id:u1 anonymous_id:a
        P3: user_id:u2 email:bob@example.com
    "#]]
    .assert_eq(&world.shown());
}

#[test]
fn a_kiosk_stands_alone_and_gives_back_whom_it_had_joined() {
    let mut world = world();
    world.see("user_id:u1 anonymous_id:kiosk");
    world.see("email:carl@example.com anonymous_id:kiosk");
    for user in 2..60 {
        world.see(&format!("user_id:u{user} anonymous_id:kiosk"));
    }
    let shown = world.shown();
    assert!(shown.starts_with("P1: user_id:u1\nP2: anonymous_id:kiosk\nP3: email:carl@example.com\n"), "{shown}");
    assert_eq!(world.profile("anonymous_id:kiosk"), Some(ProfileId(2)));
}

#[test]
fn a_trait_may_show_a_hub() {
    let mut rules = Rules::default();
    let email = rules.kinds.get_mut("email").expect("a default kind");
    email.hubs = vec![Hub { meets: "birth_year".into(), most: 1 }];
    let mut world = World::new(rules);
    world.take(&record("crm_id:1 email:j.smith@example.com", json!({ "birth_year": 1960 })));
    world.take(&record("crm_id:2 email:j.smith@example.com", json!({ "birth_year": 1960 })));
    assert_eq!(world.profile("crm_id:1"), world.profile("crm_id:2"));
    world.take(&record("crm_id:3 email:j.smith@example.com", json!({ "birth_year": 1999 })));
    expect![[r#"
        P1: crm_id:1
        P2: email:j.smith@example.com
        P3: crm_id:2
        P4: crm_id:3
    "#]]
    .assert_eq(&world.shown());
}

#[test]
fn blocked_values_link_nobody_and_own_nothing() {
    let mut world = world();
    for value in ["0000-00", "-1", "null", "Anonymous", "N/A", "undefined"] {
        world.see(&format!("user_id:u-{} anonymous_id:{value}", value.len()));
    }
    let step = world.see("anonymous_id:null");
    assert_eq!((step.owner, step.profile), (None, None));
    assert!(!world.shown().contains("anonymous_id"));
}

#[test]
fn a_blocked_pattern_is_about_the_whole_value() {
    let rules = json!({ "blocked": ["test|none", "x.*"] });
    let mut world = World::new(serde_json::from_value(rules).expect("rules"));
    for value in ["test", "none", "xyz", "contest", "tester", "nonesuch", "ax"] {
        world.see(&format!("user_id:{value}"));
    }
    assert_eq!(world.shown(), "P1: user_id:contest\nP2: user_id:tester\nP3: user_id:nonesuch\nP4: user_id:ax\n");
    for bad in ["a)|(?:b", "("] {
        assert!(serde_json::from_value::<Rules>(json!({ "blocked": [bad] })).is_err(), "{bad}");
    }
    let text = json!({ "blocked": ["test|none"] });
    let rules: Rules = serde_json::from_value(text.clone()).expect("rules");
    assert_eq!(serde_json::to_value(&rules).expect("JSON")["blocked"], text["blocked"], "the text is kept");
}

#[test]
fn identifiers_of_any_length_stay_apart() {
    let mut world = world();
    let long = "x".repeat(100_000);
    world.see(&format!("user_id:{long}"));
    world.see(&format!("user_id:{long}y"));
    world.see(&format!("user_id:{long} email:ann@example.com"));
    assert_eq!(world.profile(&format!("user_id:{long}")), Some(ProfileId(1)));
    assert_eq!(world.profile(&format!("user_id:{long}y")), Some(ProfileId(2)));
    assert_eq!(world.profile("email:ann@example.com"), Some(ProfileId(1)));
}

#[test]
fn a_record_is_owned_by_the_identifier_that_names_it() {
    let mut world = world();
    let step = world.take(&record("crm_id:7 email:ann@example.com user_id:u", json!({})));
    assert_eq!(step.owner, Some(1));
    assert_eq!(world.shown(), "P1: crm_id:7 user_id:u email:ann@example.com\n");
}

#[test]
fn never_parts_and_taking_it_back_restores() {
    let mut world = world();
    world.see("user_id:u email:ann@example.com");
    world.see("email:ann@example.com anonymous_id:a");
    world.see("anonymous_id:a phone:+15325552571");
    let before = world.shown();
    world.say("email:ann@example.com", Verdict::Never, "phone:+15325552571");
    expect![[r#"
        P1: user_id:u email:ann@example.com anonymous_id:a
        P4: phone:+15325552571
    "#]]
    .assert_eq(&world.shown());
    let step = world.say("email:ann@example.com", Verdict::Withdrawn, "phone:+15325552571");
    assert_eq!(step.gone, [(ProfileId(4), ProfileId(1))]);
    assert_eq!(world.shown(), before);
}

#[test]
fn always_joins_what_limits_would_keep_apart() {
    let mut world = world();
    world.see("user_id:u1 email:ann@example.com");
    world.see("user_id:u2 email:ann@work.example");
    world.say("user_id:u1", Verdict::Always, "user_id:u2");
    assert_eq!(world.profile("email:ann@work.example"), Some(ProfileId(1)));
    world.say("user_id:u1", Verdict::Withdrawn, "user_id:u2");
    assert_eq!(world.profile("email:ann@work.example"), Some(ProfileId(3)));
}

#[test]
fn ids_remember_where_they_went() {
    let mut world = world();
    world.see("user_id:u");
    world.see("anonymous_id:a");
    world.see("user_id:u anonymous_id:a");
    world.say("user_id:u", Verdict::Never, "anonymous_id:a");
    let history = identity::history(&world.store, ProfileId(2)).expect("memory does not fail");
    assert_eq!(history, [(3, IdChange::MergedInto(ProfileId(1))), (4, IdChange::PartedFrom(ProfileId(1)))]);
}

#[test]
fn totals_follow() {
    let mut world = world();
    world.see("user_id:u anonymous_id:a");
    world.see("anonymous_id:b");
    let totals = identity::totals(&world.store).expect("memory does not fail");
    assert_eq!((totals.identifiers, totals.profiles, totals.known), (3, 2, 1));
}
