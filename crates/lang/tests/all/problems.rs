//! What people are told about their mistakes.

use expect_test::{Expect, expect};
use lang::{MAX_LENGTH, check_references, parse};

use crate::world::{World, rule};

fn check(text: &str, expected: Expect) {
    let parsed = parse(text);
    assert_eq!(parsed.rule.is_none(), !parsed.problems.is_empty(), "{text}");
    expected.assert_eq(&shown(text, &parsed.problems));
}

fn shown(text: &str, problems: &[lang::Problem]) -> String {
    let line = |problem: &lang::Problem| {
        let place = text.get(problem.at.clone()).expect("a place in the text");
        let others = problem.alternatives.join(" ");
        format!("{} at {} `{place}`: {} [{others}]\n", problem.code, problem.at.start, problem.message)
    };
    problems.iter().map(line).collect()
}

#[test]
fn three_mistakes_are_three_problems() {
    check(
        "country = and age like 5 or count('x' in last 3 lightyears) >= 2 and vip = true",
        expect![[r#"
        expected_value at 10 `and`: a value should stand here ['a text' a number true time('2026-01-01')]
        expected_operator at 18 `like`: an operator should stand here [= != < <= > >= contains starts with in (…)]
        unknown_unit at 48 `lightyears`: a unit of time should stand here [days hours minutes weeks]
    "#]],
    );
    check(
        "country = DE and count() > 1 and exists(",
        expect![[r#"
        expected_value at 10 `DE`: a text stands in single quotes ['DE']
        expected_label at 23 `)`: the name of an event should stand here ['an event' page screen identify]
        unmatched_parenthesis at 39 `(`: this `(` never closes [)]
        expected_condition at 40 ``: the text ends where a condition should stand [a trait]
    "#]],
    );
    check(
        "(a = 1 or b 2) and c in () and d > true",
        expect![[r#"
        expected_operator at 12 `2`: an operator should stand here [= != < <= > >= contains starts with in (…)]
        empty_list at 21 `in`: `in (…)` needs at least one value []
        no_order at 33 `>`: `true` and `false` have no order: use `=` or `!=` []
    "#]],
    );
}

#[test]
fn habits_of_other_languages_are_understood() {
    check(
        "a == 1 && b <> 2 || !c = 3",
        expect![[r#"
        unknown_operator at 2 `==`: `==` is no operator, write `=` [=]
        unknown_operator at 7 `&&`: `&&` is no operator, write `and` [and]
        unknown_operator at 12 `<>`: `<>` is no operator, write `!=` [!=]
        unknown_operator at 17 `||`: `||` is no operator, write `or` [or]
        unknown_operator at 20 `!`: `!` is no operator, write `not` [not]
    "#]],
    );
    check(
        "country = \"DE\"",
        expect![[r#"
        wrong_quotes at 10 `"DE"`: a text stands in single quotes ['DE']
    "#]],
    );
    check(
        "country not in ('DE')",
        expect![[r#"
        expected_operator at 8 `not`: `not` stands before the whole condition: `not name in (…)` [= != < <= > >= contains starts with in (…)]
    "#]],
    );
    check(
        "'country' = 'DE'",
        expect![[r#"
        expected_condition at 0 `'country'`: a condition starts with a name, which has no single quotes [a trait count(…) exists(…) in audience '…' not (]
    "#]],
    );
}

#[test]
fn joints_and_parentheses() {
    check(
        "a = 1 b = 2",
        expect![[r#"
        expected_joint at 6 `b`: two conditions need `and` or `or` between them [and or]
    "#]],
    );
    check(
        "a = 1)",
        expect![[r#"
        unmatched_parenthesis at 5 `)`: this `)` closes nothing []
    "#]],
    );
    check(
        "((a = 1) and b = 2",
        expect![[r#"
        unmatched_parenthesis at 0 `(`: this `(` never closes [)]
    "#]],
    );
    check(
        "(a = 1 b = 2) and c = 3",
        expect![[r#"
        expected_closing at 7 `b`: this does not belong here [and or )]
    "#]],
    );
    check(
        "and",
        expect![[r#"
        expected_condition at 0 `and`: a condition should stand here [a trait count(…) exists(…) in audience '…' not (]
        expected_condition at 3 ``: the text ends where a condition should stand [a trait count(…) exists(…) in audience '…' not (]
    "#]],
    );
    check(
        "",
        expect![[r#"
        expected_condition at 0 ``: the text ends where a condition should stand [a trait count(…) exists(…) in audience '…' not (]
    "#]],
    );
    check(
        "not",
        expect![[r#"
        expected_condition at 3 ``: the text ends where a condition should stand [a trait count(…) exists(…) in audience '…' not (]
    "#]],
    );
}

#[test]
fn counts_and_windows() {
    check(
        "count('x' where a in last 3 days)",
        expect![[r#"
        expected_opening at 21 `last`: `in` goes on with `(` [(]
    "#]],
    );
    check(
        "count('x' where a >< 3 in last 3 days) > 1.5",
        expect![[r#"
        expected_value at 19 `<`: a value should stand here ['a text' a number true time('2026-01-01')]
        expected_number at 41 `1.5`: a count is compared with a whole number, 0 or more [1]
    "#]],
    );
    check(
        "count('x' in last 0 days) > -1",
        expect![[r#"
        empty_window at 10 `in last 0 days`: a window of no length holds nothing []
        expected_number at 28 `-1`: a count is compared with a whole number, 0 or more [1]
    "#]],
    );
    check(
        "count('x' in 30 days)",
        expect![[r#"
        expected_word at 13 `30`: `in` goes on with `last` here [last]
    "#]],
    );
    check(
        "count('x' since yesterday)",
        expect![[r#"
        expected_time at 16 `yesterday`: a time in single quotes should stand here ['2026-01-31']
    "#]],
    );
    check(
        "count('x' between '2026-02-01' and '2026-01-01')",
        expect![[r#"
        empty_window at 10 `between '2026-02-01' and '2026-01-01'`: the second time of `between` must be after the first []
    "#]],
    );
    check(
        "count('x' between '2026-02-01')",
        expect![[r#"
        expected_word at 30 `)`: `between` needs two times with `and` between them [and]
    "#]],
    );
    check(
        "count('x' in last 99999999 days)",
        expect![[r#"
        window_too_long at 10 `in last 99999999 days`: a sliding window is at most 100 years long []
    "#]],
    );
    check(
        "count('' since 'soon')",
        expect![[r#"
        expected_label at 6 `''`: the name of an event should stand here ['an event' page screen identify]
    "#]],
    );
    check(
        "count 'x'",
        expect![[r#"
        expected_opening at 6 `'x'`: `count` goes on with `(` [(]
    "#]],
    );
}

#[test]
fn values_and_names() {
    check(
        "a = 1e999 or b starts with 3 or c starts 'x'",
        expect![[r#"
        number_too_large at 4 `1e999`: the number is too large []
        expected_text at 27 `3`: `starts with` needs a text ['a text']
        expected_word at 41 `'x'`: `starts` goes on with `with` [with]
    "#]],
    );
    check(
        "a = time('soon') or b = time(3)",
        expect![[r#"
        invalid_time at 9 `'soon'`: this is no time (use RFC 3339 or a date) ['2026-01-31' '2026-01-31T08:00:00Z']
        expected_time at 29 `3`: a time in single quotes should stand here ['2026-01-31']
    "#]],
    );
    check(
        "a = 'open",
        expect![[r#"
        unclosed_quote at 4 `'open`: the quote that opens with `'` never closes []
    "#]],
    );
    check(
        "a = # and \u{201c}b\u{201d} = 2",
        expect![[r#"
        unexpected_character at 4 `#`: these characters mean nothing here []
        unexpected_character at 10 `“`: these characters mean nothing here []
        unexpected_character at 14 `”`: these characters mean nothing here []
    "#]],
    );
    check(
        "\"\" = 1 or in audience x or in last or in audience ''",
        expect![[r#"
        empty_name at 0 `""`: the name is empty [a trait count(…) exists(…) in audience '…' not (]
        wrong_quotes at 22 `x`: an audience's name stands in single quotes ['x']
        expected_word at 30 `last`: `in` goes on with `audience` here [audience]
        expected_name at 50 `''`: the audience's name should stand here ['a name']
    "#]],
    );
}

#[test]
fn too_deep_is_one_clear_problem() {
    let parentheses = format!("{}a = 1{}", "(".repeat(10_000), ")".repeat(10_000));
    let expected = expect![[r#"
        too_deep at 64 `(`: parentheses and `not` are nested in more than 64 levels []
    "#]];
    expected.assert_eq(&shown(&parentheses, &parse(&parentheses).problems));
    let nots = format!("{} a = 1", "not ".repeat(10_000));
    assert_eq!(parse(&nots).problems.len(), 1);
    let levels = format!("{}a = 1{}", "not (b = 2 or ".repeat(30), ")".repeat(30));
    let expected = expect![[r#"
        too_deep at 0 `not`: `and`, `or` and `not` are nested in more than 48 levels []
    "#]];
    expected.assert_eq(&shown(&levels, &parse(&levels).problems));
}

#[test]
fn too_long_and_too_many() {
    let long = format!("a = '{}'", "x".repeat(MAX_LENGTH));
    assert_eq!(parse(&long).problems[0].code, "rule_too_long");
    assert_eq!(parse(&"a and ".repeat(1_000)).problems.len(), 20);
}

#[test]
fn references_are_checked_in_place() {
    let world = World::read(
        "audience a in audience 'b'\naudience b a = 1 or in audience 'c'\naudience c in audience 'b'\naudience fine x = 1",
    );
    let text = "in   audience 'nowhere' and in audience 'a' or not in audience 'fine' or in audience 'me'";
    let problems = parse(text).check_references("me", &world);
    expect![[r#"
        unknown_audience at 14 `'nowhere'`: there is no audience `nowhere` []
        audience_cycle at 40 `'a'`: the audience `b` would contain itself []
        audience_cycle at 85 `'me'`: the audience `me` would contain itself []
    "#]]
    .assert_eq(&shown(text, &problems));
    let codes: Vec<_> = check_references(&rule(text), "me", &world).into_iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["unknown_audience", "audience_cycle", "audience_cycle"]);
    assert_eq!(check_references(&rule("in audience 'fine'"), "me", &world), []);
}

#[test]
fn audiences_stand_inside_each_other_only_so_far() {
    let mut world = World::read("audience a1 x = 1");
    for number in 2..=17 {
        world.audiences.insert(format!("a{number}"), rule(&format!("in audience 'a{}'", number - 1)));
    }
    assert_eq!(check_references(&rule("in audience 'a16'"), "me", &world), []);
    for text in ["in audience 'a17'", "in audience 'a16' and in audience 'a17'"] {
        assert_eq!(check_references(&rule(text), "me", &world)[0].code, "audiences_too_deep");
    }
}
