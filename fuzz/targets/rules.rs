//! The text of a rule: read, written back, planned, asked and explained.
#![no_main]

use std::sync::LazyLock;

use fuzz::person::Person;
use lang::{Needs, Rule, evaluate, explain, parse, plan};

static PERSON: LazyLock<Person> = LazyLock::new(Person::default);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let parsed = parse(text);
    assert_eq!(parsed.rule.is_none(), !parsed.problems.is_empty());
    for problem in &parsed.problems {
        assert!(text.get(problem.at.clone()).is_some(), "{problem:?} is no place");
    }
    if let Some(rule) = parsed.rule {
        check(&rule);
    }
});

fn check(rule: &Rule) {
    let written = rule.to_string();
    let again = parse(&written);
    assert_eq!(again.problems, [], "{written}");
    assert_eq!(again.rule.as_ref(), Some(rule), "{written}");
    let json = serde_json::to_string(rule).expect("a rule can be written");
    assert_eq!(&serde_json::from_str::<Rule>(&json).expect("and read"), rule, "{json}");
    let outcome = evaluate(rule, &*PERSON, &*PERSON, fuzz::NOW);
    let explanation = explain(rule, &*PERSON, &*PERSON, fuzz::NOW);
    assert_eq!((explanation.holds, explanation.changes_at), (outcome.member, outcome.changes_at));
    assert!(outcome.changes_at.is_none_or(|at| at > fuzz::NOW));
    assert!(!plan(rule, &*PERSON, fuzz::NOW).steps.is_empty());
    assert!(Needs::of(rule).audiences.is_subset(&Needs::through(rule, &*PERSON).audiences));
}
