//! The JSON form of a rule, and behind `---` an object of which its conditions are asked.
#![no_main]

use lang::{Condition, MAX_LENGTH, Rule, parse};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (json, object) = fuzz::halves(text);
    if let Ok(condition) = Condition::from_json(json) {
        let again = Condition::from_json(&condition.to_json()).expect("it reads back");
        assert_eq!(again.holds(Some(object)), condition.holds(Some(object)));
        condition.holds(None);
    }
    let Ok(rule) = serde_json::from_str::<Rule>(json) else { return };
    let written = serde_json::to_string(&rule).expect("a rule can be written");
    assert_eq!(serde_json::from_str::<Rule>(&written).expect("and read"), rule);
    let text = rule.to_string();
    let parsed = parse(&text);
    assert!(text.len() > MAX_LENGTH || parsed.rule.as_ref() == Some(&rule), "{text}: {:?}", parsed.problems);
});
