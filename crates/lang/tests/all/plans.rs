//! The SQL of rules. That it means the same as `evaluate` is tested where a query engine is.

use expect_test::{Expect, expect};
use lang::{Clause, Condition, Count, Property, Question, Tree, Window, plan};

use crate::world::{World, rule};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&plan(&rule(text), &world(), world().now).members_sql());
}

fn world() -> World {
    World::read(
        "now 2026-02-01\naudience vip count('Order Completed' since '2026-01-01') > 2\naudience circle in audience 'circle'",
    )
}

#[test]
fn readme_rule() {
    check(
        "country = 'DE' and count('Order Completed' where revenue > 50 in last 30 days) >= 3 and not in audience 'vip'",
        expect![[r#"
            WITH trait_1 AS (
            SELECT profile
            FROM traits
            WHERE name = 'country'
              AND value = '"DE"'
            ), events_2 AS (
            SELECT owner, count(*) AS n
            FROM events
            WHERE event = 'Order Completed'
              AND time > to_timestamp_millis(1767312000000) /* 2026-01-02T00:00:00.000Z */
              AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
              AND sonder_holds(properties, '{"property":"revenue","is":{"op":">","value":50}}')
            GROUP BY owner
            ), count_3 AS (
            SELECT i.profile
            FROM events_2 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) >= 3
            ), events_4 AS (
            SELECT owner, count(*) AS n
            FROM events
            WHERE event = 'Order Completed'
              AND time >= to_timestamp_millis(1767225600000) /* 2026-01-01T00:00:00.000Z */
              AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
            GROUP BY owner
            ), count_5 AS (
            SELECT i.profile
            FROM events_4 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) > 2
            ), audience_6 AS (
            SELECT count_5.profile
            FROM count_5
            WHERE count_5.profile IS NOT NULL
            ), members AS (
            SELECT count_3.profile
            FROM count_3
            JOIN trait_1 ON trait_1.profile = count_3.profile
            LEFT JOIN audience_6 ON audience_6.profile = count_3.profile
            WHERE (trait_1.profile IS NOT NULL AND count_3.profile IS NOT NULL AND audience_6.profile IS NULL)
            )
            SELECT profile FROM members"#]],
    );
}

#[test]
fn counts_that_nothing_fulfils_list_the_others() {
    check(
        "not count(page) or count(page) < 3 or count('x') >= 0",
        expect![[r#"
            WITH events_1 AS (
            SELECT owner, count(*) AS n
            FROM events
            WHERE event = 'page'
              AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
            GROUP BY owner
            ), count_2 AS (
            SELECT i.profile
            FROM events_1 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) >= 1
            ), count_3 AS (
            SELECT i.profile
            FROM events_1 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) >= 3
            ), events_4 AS (
            SELECT owner, count(*) AS n
            FROM events
            WHERE event = 'x'
              AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
            GROUP BY owner
            ), count_5 AS (
            SELECT i.profile
            FROM events_4 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) < 0
            ), members AS (
            SELECT profiles.profile
            FROM profiles
            LEFT JOIN count_2 ON count_2.profile = profiles.profile
            LEFT JOIN count_3 ON count_3.profile = profiles.profile
            LEFT JOIN count_5 ON count_5.profile = profiles.profile
            WHERE (count_2.profile IS NULL OR count_3.profile IS NULL OR count_5.profile IS NULL)
            )
            SELECT profile FROM members"#]],
    );
}

#[test]
fn dotted_traits_look_for_the_whole_name_first() {
    check(
        "address.city = 'Berlin'",
        expect![[r#"
            WITH trait_1 AS (
            SELECT profile
            FROM (
              SELECT profile, coalesce(max(CASE WHEN name = 'address.city' THEN value END), 'null') AS whole, coalesce(max(CASE WHEN name = 'address' THEN value END), 'null') AS outer_value
              FROM traits
              WHERE name IN ('address.city', 'address')
              GROUP BY profile
            ) t
            WHERE sonder_holds('{"address.city":' || whole || ',"address":' || outer_value || '}', '{"property":"address.city","is":{"op":"=","value":"Berlin"}}')
            ), members AS (
            SELECT trait_1.profile
            FROM trait_1
            WHERE trait_1.profile IS NOT NULL
            )
            SELECT profile FROM members"#]],
    );
}

#[test]
fn audiences_are_planned_once_and_unknown_ones_are_empty() {
    check(
        "in audience 'vip' and (in audience 'none' or not (in audience 'vip' and in audience 'circle'))",
        expect![[r#"
            WITH events_1 AS (
            SELECT owner, count(*) AS n
            FROM events
            WHERE event = 'Order Completed'
              AND time >= to_timestamp_millis(1767225600000) /* 2026-01-01T00:00:00.000Z */
              AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
            GROUP BY owner
            ), count_2 AS (
            SELECT i.profile
            FROM events_1 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) > 2
            ), audience_3 AS (
            SELECT count_2.profile
            FROM count_2
            WHERE count_2.profile IS NOT NULL
            ), audience_4 AS (
            SELECT profiles.profile
            FROM profiles
            WHERE FALSE
            ), members AS (
            SELECT audience_3.profile
            FROM audience_3
            LEFT JOIN audience_4 ON audience_4.profile = audience_3.profile
            WHERE (audience_3.profile IS NOT NULL AND (FALSE OR (audience_3.profile IS NULL OR audience_4.profile IS NULL)))
            )
            SELECT profile FROM members"#]],
    );
}

#[test]
fn fixed_windows() {
    check(
        "count(page between '2026-01-01' and '2026-01-02')",
        expect![[r#"
            WITH events_1 AS (
            SELECT owner, count(*) AS n
            FROM events
            WHERE event = 'page'
              AND time >= to_timestamp_millis(1767225600000) /* 2026-01-01T00:00:00.000Z */
              AND time < to_timestamp_millis(1767312000000) /* 2026-01-02T00:00:00.000Z */
              AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
            GROUP BY owner
            ), count_2 AS (
            SELECT i.profile
            FROM events_1 e
            JOIN identifiers i ON i.ordinal = e.owner
            GROUP BY i.profile
            HAVING sum(e.n) >= 1
            ), members AS (
            SELECT count_2.profile
            FROM count_2
            WHERE count_2.profile IS NOT NULL
            )
            SELECT profile FROM members"#]],
    );
}

#[test]
fn one_query_counts() {
    let plan = plan(&rule("exists(email)"), &world(), world().now);
    expect![[r#"
        WITH trait_1 AS (
        SELECT profile
        FROM traits
        WHERE name = 'email'
          AND value <> 'null'
        ), members AS (
        SELECT trait_1.profile
        FROM trait_1
        WHERE trait_1.profile IS NOT NULL
        )
        SELECT count(*) AS members FROM members"#]]
    .assert_eq(&plan.count_sql());
    assert_eq!(plan.steps.last().map(|step| step.name.as_str()), Some("members"));
}

/// Every quote of a rule is doubled: outside of texts, a plan only has its own words.
#[test]
fn nothing_of_a_rule_leaves_its_quotes() {
    let evil = "x' OR 1=1; DROP TABLE events; --\"\\";
    let check = lang::Check::Contains(lang::Literal::Text(evil.to_owned()));
    let condition = Condition::new(Clause::Leaf(Property { path: evil.to_owned(), check: check.clone() }));
    let comparison = lang::Comparison::AtLeast;
    let count =
        Count { event: evil.to_owned(), condition: Some(condition), window: Window::Always, comparison, number: 1 };
    let rule = Tree::And(vec![
        Tree::Leaf(Question::Count(count)),
        Tree::Leaf(Question::Trait { name: evil.to_owned(), check: check.clone() }),
        Tree::Leaf(Question::Trait { name: format!("a.{evil}"), check }),
    ]);
    let sql = plan(&rule, &world(), world().now).members_sql();
    let outside: String = sql.split('\'').step_by(2).collect();
    assert!(!outside.contains("DROP") && !outside.contains("--"), "{outside}");
    expect![[r#"
        WITH events_1 AS (
        SELECT owner, count(*) AS n
        FROM events
        WHERE event = 
          AND time <= to_timestamp_millis(1769904000000) /* 2026-02-01T00:00:00.000Z */
          AND sonder_holds(properties, )
        GROUP BY owner
        ), count_2 AS (
        SELECT i.profile
        FROM events_1 e
        JOIN identifiers i ON i.ordinal = e.owner
        GROUP BY i.profile
        HAVING sum(e.n) >= 1
        ), trait_3 AS (
        SELECT profile
        FROM traits
        WHERE name = 
          AND sonder_holds( || value || , )
        ), trait_4 AS (
        SELECT profile
        FROM (
          SELECT profile, coalesce(max(CASE WHEN name =  THEN value END), ) AS whole, coalesce(max(CASE WHEN name =  THEN value END), ) AS outer_value
          FROM traits
          WHERE name IN (, )
          GROUP BY profile
        ) t
        WHERE sonder_holds( || whole ||  || outer_value || , )
        ), members AS (
        SELECT count_2.profile
        FROM count_2
        JOIN trait_3 ON trait_3.profile = count_2.profile
        JOIN trait_4 ON trait_4.profile = count_2.profile
        WHERE (count_2.profile IS NOT NULL AND trait_3.profile IS NOT NULL AND trait_4.profile IS NOT NULL)
        )
        SELECT profile FROM members"#]].assert_eq(&outside);
}
