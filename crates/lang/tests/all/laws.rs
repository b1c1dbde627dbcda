//! What holds for every rule and every world.

use kit::Timestamp;
use lang::{Check, Clause, Condition, Property, Question, Rule, Tree, evaluate, explain, parse};
use proptest::prelude::*;
use serde_json::json;

use crate::random::{HORIZON_MS, any_rule, object, small_count, small_rule, small_trait, world};
use crate::world::World;

/// Every window of a small rule has passed over every event by then.
const END_MS: i64 = 2 * HORIZON_MS + 10;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_reads_back(rule in any_rule()) {
        let text = rule.to_string();
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.problems, &[], "{}", text);
        prop_assert_eq!(parsed.rule, Some(rule));
    }

    #[test]
    fn json_reads_back(rule in any_rule()) {
        let json = serde_json::to_string(&rule).expect("a rule can be written");
        prop_assert_eq!(serde_json::from_str::<Rule>(&json).expect("and read"), rule, "{}", json);
    }

    #[test]
    fn any_text_is_read_without_panic(text in any_text()) {
        let parsed = parse(&text);
        prop_assert_eq!(parsed.rule.is_none(), !parsed.problems.is_empty());
        for problem in parsed.problems {
            prop_assert!(text.get(problem.at.clone()).is_some(), "{:?} is no place in `{}`", problem, text);
        }
    }

    #[test]
    fn the_answer_stays_until_it_says(rule in small_rule(), world in world()) {
        let outcome = evaluate(&rule, &world, &world, world.now);
        let until = outcome.changes_at.map_or(END_MS, Timestamp::as_ms);
        prop_assert!(until > world.now.as_ms());
        for ms in world.now.as_ms()..until {
            prop_assert_eq!(at(&rule, &world, ms), outcome.member, "{} at {}: {:?}", rule, ms, outcome);
        }
    }

    #[test]
    fn a_lone_count_changes_exactly_when_it_says(count in small_count(), world in world()) {
        let rule = Tree::Leaf(Question::Count(count));
        let outcome = evaluate(&rule, &world, &world, world.now);
        let change = (world.now.as_ms() + 1..END_MS).find(|ms| at(&rule, &world, *ms) != outcome.member);
        prop_assert_eq!(outcome.changes_at.map(Timestamp::as_ms), change, "{}", rule);
    }

    #[test]
    fn an_explanation_says_what_evaluation_says(rule in small_rule(), world in world()) {
        let outcome = evaluate(&rule, &world, &world, world.now);
        let explanation = explain(&rule, &world, &world, world.now);
        prop_assert_eq!((explanation.holds, explanation.changes_at), (outcome.member, outcome.changes_at));
    }

    #[test]
    fn a_count_counts_what_a_plain_loop_counts(count in small_count(), world in world()) {
        let expected = counted(&count, &world);
        let rule = Tree::Leaf(Question::Count(count.clone()));
        let member = count.comparison.accepts(expected.cmp(&count.number));
        prop_assert_eq!(evaluate(&rule, &world, &world, world.now).member, member, "{} of {}", expected, rule);
    }

    /// What `plan` relies on: a trait's value inside an object, asked as a property, gives the live answer.
    #[test]
    fn a_trait_in_an_object_answers_like_a_trait(question in small_trait(), world in world()) {
        let Question::Trait { name, check } = question else { unreachable!("small traits are traits") };
        let root = name.split('.').next().expect("a first part");
        let value = |key: &str| world.traits.get(key).cloned().unwrap_or_default();
        let object = json!({&*name: value(&name), root: value(root)}).to_string();
        let batch = condition(&name, &check).holds(Some(&object));
        let rule = Tree::Leaf(Question::Trait { name, check });
        prop_assert_eq!(batch, evaluate(&rule, &world, &world, world.now).member);
    }

    #[test]
    fn broken_json_is_read_without_panic(text in "[{}\\[\\]\",:a1é\\\\ ]{0,20}", start in "(\\{\"a\":|\\{)?") {
        condition("a", &Check::Exists).holds(Some(&format!("{start}{text}")));
    }

    #[test]
    fn fields_are_read_from_text_as_from_a_tree(question in small_trait(), object in object()) {
        let Question::Trait { name, check } = question else { unreachable!("small traits are traits") };
        let mut world = World::default();
        world.traits.extend(object.as_object().cloned().unwrap_or_default());
        let rule = Tree::Leaf(Question::Trait { name: name.clone(), check: check.clone() });
        let text = serde_json::to_string_pretty(&object).expect("a JSON value can be written");
        prop_assert_eq!(condition(&name, &check).holds(Some(&text)), evaluate(&rule, &world, &world, world.now).member);
    }
}

#[test]
fn texts_that_are_no_objects_have_no_fields() {
    let exists = condition("a", &Check::Exists);
    for text in
        ["", "null", "7", "[{\"a\":1}]", "\"a\"", "{", "{\"b\":{\"a\":1}}", "{\"a\":null}", "{\"a\"", "{\"a\":}"]
    {
        assert!(!exists.holds(Some(text)), "{text}");
    }
    assert!(!exists.holds(None));
    assert!(exists.holds(Some(r#"{"b":[1,{"a":2}],"\u0061":3}"#)));
    assert!(exists.holds(Some(r#" { "b" : "}\",\\" , "c" : [ "]" , {"x":"\"}"} ] , "a" : false } "#)));
    assert!(!exists.holds(Some(r#"{"b":"\",\"a\":1"}"#)));
}

fn at(rule: &Rule, world: &World, ms: i64) -> bool {
    evaluate(rule, world, world, Timestamp::from_ms(ms)).member
}

fn condition(name: &str, check: &Check) -> Condition {
    Condition::new(Clause::Leaf(Property { path: name.to_owned(), check: check.clone() }))
}

/// The definition of a window, word for word, and conditions through their JSON form.
fn counted(count: &lang::Count, world: &World) -> u32 {
    use lang::{View, Window};
    let now = world.now.as_ms();
    let condition = count.condition.as_ref().map(|it| Condition::from_json(&it.to_json()).expect("it reads back"));
    let is_in = |time: i64| match count.window {
        Window::Always => time <= now,
        Window::LastMs(ms) => now - (ms as i64) < time && time <= now,
        Window::Since(from) => from.as_ms() <= time && time <= now,
        Window::Between(from, to) => from.as_ms() <= time && time < to.as_ms() && time <= now,
    };
    let holds = |properties: Option<&str>| condition.as_ref().is_none_or(|condition| condition.holds(properties));
    let events = world.occurrences(&count.event).iter();
    events.filter(|it| is_in(it.time.as_ms()) && holds(it.properties.as_ref().map(model::Raw::text))).count() as u32
}

/// Texts made of the language's own pieces, and any texts at all.
fn any_text() -> impl Strategy<Value = String> {
    const PIECES: [&str; 36] = [
        "and",
        "or",
        "not",
        "in",
        "audience",
        "exists",
        "count",
        "where",
        "last",
        "since",
        "between",
        "days",
        "contains",
        "starts",
        "with",
        "true",
        "time",
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<",
        "==",
        "&&",
        "!",
        "'x'",
        "'2026-01-01'",
        "\"n\"",
        "a.b",
        "3",
        "-1.5e2",
        "'",
        "#",
        "é",
        "-",
    ];
    let words = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30).prop_map(|words| words.join(" "));
    prop_oneof![3 => words, 1 => ".{0,40}", 1 => any_rule().prop_map(|rule| rule.to_string().chars().rev().collect())]
}
