//! Memberships, moves and timers at the boundary, with a view made by hand.

use std::collections::{BTreeMap, BTreeSet};

use audiences::{Changed, InForce, Members};
use kit::{DAY_MS, Timestamp};
use lang::Occurrence;
use model::{Move, MoveCause, ProfileId};
use serde_json::{Value, json};
use store::Store;

const P: ProfileId = ProfileId(7);

#[derive(Default)]
struct Person {
    traits: BTreeMap<String, Value>,
    orders: Vec<Occurrence>,
}

impl lang::View for Person {
    fn trait_value(&self, name: &str) -> Option<&Value> {
        self.traits.get(name)
    }

    fn occurrences(&self, label: &str) -> &[Occurrence] {
        if label == "Order" { &self.orders } else { &[] }
    }
}

struct World {
    store: Store,
    in_force: InForce,
}

impl World {
    fn with(rules: &[(&str, &str)]) -> Self {
        let store = Store::in_memory(audiences::TABLES);
        let mut in_force = InForce::default();
        for (name, rule) in rules {
            let mut draft = store.draft();
            in_force.define(&mut draft, name, rule, "", day(0)).expect("a good rule");
            store.commit(draft).expect("memory does not fail");
            in_force = InForce::load(&store).expect("memory does not fail");
        }
        Self { store, in_force }
    }

    fn ask(&self, person: &Person, changed: &Changed, now: Timestamp) -> Vec<String> {
        let mut draft = self.store.draft();
        let moves = audiences::evaluate(&mut draft, &self.in_force, P, changed, person, now, MoveCause::Fact);
        self.store.commit(draft).expect("memory does not fail");
        moves.expect("memory does not fail").iter().map(shown).collect()
    }

    fn due(&self, now: Timestamp) -> Vec<String> {
        let due = audiences::due(&self.store, now, 100).expect("memory does not fail");
        due.into_iter().map(|(_, audience)| audience).collect()
    }
}

fn shown(step: &Move) -> String {
    format!("{}{}", if step.entered { "+" } else { "-" }, step.audience)
}

fn day(number: i64) -> Timestamp {
    Timestamp::from_ms(number * DAY_MS)
}

fn parts(labels: &[&str], traits: &[&str]) -> Changed {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Changed::Parts { labels: set(labels), traits: set(traits) }
}

#[test]
fn people_leave_a_window_when_its_time_has_come_and_not_before() {
    let world = World::with(&[("buyers", "count('Order' in last 30 days) >= 1")]);
    let person = Person { orders: vec![Occurrence { time: day(1), seq: 1, properties: None }], ..Person::default() };
    assert_eq!(world.ask(&person, &parts(&["Order"], &[]), day(2)), ["+buyers"]);
    assert_eq!(audiences::next_due(&world.store).expect("memory does not fail"), Some(day(31)));
    assert!(world.due(day(31).minus_ms(1)).is_empty());
    assert_eq!(world.due(day(31)), ["buyers"]);
    let due = Changed::Due(BTreeSet::from(["buyers".to_owned()]));
    assert_eq!(world.ask(&person, &due, day(31)), ["-buyers"]);
    assert!(world.due(day(1_000)).is_empty(), "nothing is left to wait for");
}

#[test]
fn only_audiences_that_ask_for_what_changed_are_asked() {
    let world = World::with(&[("germans", "country = 'DE'"), ("buyers", "count('Order') >= 1")]);
    let mut person = Person::default();
    person.traits.insert("country".to_owned(), json!("DE"));
    person.orders.push(Occurrence { time: day(1), seq: 1, properties: None });
    assert_eq!(world.ask(&person, &parts(&["Order"], &[]), day(2)), ["+buyers"]);
    assert_eq!(world.ask(&person, &parts(&[], &["city"]), day(2)), Vec::<String>::new());
    assert_eq!(world.ask(&person, &parts(&[], &["country"]), day(2)), ["+germans"]);
}

#[test]
fn an_audience_follows_the_one_that_it_mentions() {
    let world =
        World::with(&[("germans", "country = 'DE'"), ("others", "exists(country) and not in audience 'germans'")]);
    let mut person = Person::default();
    person.traits.insert("country".to_owned(), json!("FR"));
    assert_eq!(world.ask(&person, &parts(&[], &["country"]), day(1)), ["+others"]);
    person.traits.insert("country".to_owned(), json!("DE"));
    assert_eq!(world.ask(&person, &parts(&[], &["country"]), day(2)), ["+germans", "-others"]);
}

#[test]
fn a_profile_that_is_no_more_leaves_everything() {
    let world = World::with(&[("buyers", "count('Order' in last 30 days) >= 1")]);
    let person = Person { orders: vec![Occurrence { time: day(1), seq: 1, properties: None }], ..Person::default() };
    world.ask(&person, &Changed::Everything, day(2));
    let mut draft = world.store.draft();
    let moves = audiences::leave(&mut draft, P, day(3)).expect("memory does not fail");
    world.store.commit(draft).expect("memory does not fail");
    assert_eq!(moves.iter().map(shown).collect::<Vec<_>>(), ["-buyers"]);
    assert_eq!(audiences::next_due(&world.store).expect("memory does not fail"), None);
    assert_eq!(Members::load(&world.store).expect("memory does not fail").size("buyers"), 0);
}

#[test]
fn definitions_are_refused_with_reasons() {
    let world = World::with(&[("germans", "country = 'DE'"), ("others", "not in audience 'germans'")]);
    let mut draft = world.store.draft();
    let mut code = |name: &str, rule: &str| {
        let refused = world.in_force.define(&mut draft, name, rule, "", day(0)).expect_err("a bad definition");
        kit::Coded::code(&refused)
    };
    assert_eq!(code("Big Name", "country = 'DE'"), "audience_name_invalid");
    assert_eq!(code("x", "country ="), "rule_invalid");
    assert_eq!(code("x", "in audience 'nobody'"), "rule_invalid");
    assert_eq!(code("germans", "in audience 'others'"), "rule_invalid");
    let in_use = world.in_force.remove(&mut draft, "germans").expect_err("is in use");
    assert_eq!(kit::Coded::code(&in_use), "audience_in_use");
    let taken = world.in_force.check_free("germans").expect_err("has the name");
    assert_eq!(kit::Coded::code(&taken), "audience_exists");
    world.in_force.check_free("belgians").expect("nobody has the name");
}

#[test]
fn a_problem_stands_where_it_is_in_the_text_that_was_given() {
    let world = World::with(&[("germans", "country = 'DE'")]);
    let text = "country   =  'DE'  and in audience 'nobody'";
    let problems = world.in_force.check("x", text).expect_err("there is no such audience");
    let places: Vec<_> = problems.iter().map(|problem| &text[problem.at.clone()]).collect();
    assert_eq!(places, ["'nobody'"]);
}

#[test]
fn bitmaps_follow_moves() {
    let mut members = Members::default();
    let step = |audience: &str, profile, entered| Move {
        audience: audience.to_owned(),
        profile: ProfileId(profile),
        entered,
        at: day(0),
        cause: MoveCause::Fact,
    };
    members.apply(&[step("a", 1, true), step("a", 2, true), step("b", 2, true), step("a", 1, false)]);
    assert_eq!([members.size("a"), members.size("b"), members.size("c")], [1, 1, 0]);
    assert_eq!(members.version(), 4);
}
