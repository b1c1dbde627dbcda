//! Random rules and worlds, small enough that things meet.

use kit::Timestamp;
use lang::{Check, Comparison, Condition, Count, Literal, Occurrence, Property, Question, Rule, Tree, Window};
use model::Raw;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::World;

/// Times of random worlds are between 0 and this, in milliseconds.
pub const HORIZON_MS: i64 = 60;

/// Any rule, with any names, texts and windows.
pub fn any_rule() -> impl Strategy<Value = Rule> {
    let count = (any_name(), prop::option::of(tree(any_property())), any_window(), comparison(), any::<u32>());
    let count = count.prop_map(|(event, clause, window, comparison, number)| {
        Question::Count(Count { event, condition: clause.map(Condition::new), window, comparison, number })
    });
    let asked = (any_name(), any_check()).prop_map(|(name, check)| Question::Trait { name, check });
    tree(prop_oneof![asked, count, any_name().prop_map(Question::Audience)].boxed())
}

/// A rule about what random worlds hold.
pub fn small_rule() -> impl Strategy<Value = Rule> {
    let audience = prop::sample::select(vec!["x", "y", "z"]).prop_map(|name| Question::Audience(name.to_owned()));
    tree(prop_oneof![1 => small_trait(), 4 => small_count().prop_map(Question::Count), 1 => audience].boxed())
}

pub fn small_trait() -> impl Strategy<Value = Question> {
    (small_name(), small_check()).prop_map(|(name, check)| Question::Trait { name, check })
}

pub fn small_count() -> impl Strategy<Value = Count> {
    let property = (small_name(), small_check()).prop_map(|(path, check)| Property { path, check });
    let clause = prop::option::weighted(0.4, tree(property.boxed()));
    let window = prop_oneof![
        1 => Just(Window::Always),
        4 => (1..30u64).prop_map(Window::LastMs),
        1 => moment().prop_map(Window::Since),
        1 => (moment(), 1..20i64).prop_map(|(from, long)| Window::Between(from, from.plus_ms(long))),
    ];
    (prop::sample::select(vec!["buy", "page"]), clause, window, comparison(), 0..4u32).prop_map(
        |(event, clause, window, comparison, number)| Count {
            event: event.to_owned(),
            condition: clause.map(Condition::new),
            window,
            comparison,
            number,
        },
    )
}

pub fn world() -> impl Strategy<Value = World> {
    let event = (prop::sample::select(vec!["buy", "page"]), moment(), prop::option::of(object()));
    let audiences = (small_count(), small_trait());
    (moment(), object(), prop::collection::vec(event, 0..12), audiences).prop_map(|(now, traits, events, (x, y))| {
        let mut world = World { now, ..World::default() };
        world
            .traits
            .extend(traits.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        for (seq, (label, time, properties)) in events.into_iter().enumerate() {
            let properties = properties.map(|properties| Raw::of(&properties).expect("a JSON value can be written"));
            world.add_occurrence(label, Occurrence { time, seq: seq as u64, properties });
        }
        world.audiences.insert("x".to_owned(), Tree::Leaf(Question::Count(x)));
        let inner = vec![Tree::Leaf(Question::Audience("x".to_owned())), Tree::Leaf(y)];
        world.audiences.insert("y".to_owned(), Tree::Or(inner));
        world
    })
}

/// A JSON object with the names that small rules ask for.
pub fn object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map(small_name(), prop_oneof![small_value(), small_nested()], 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn tree<L: Clone + std::fmt::Debug + 'static>(leaf: BoxedStrategy<L>) -> impl Strategy<Value = Tree<L>> {
    leaf.prop_map(Tree::Leaf).prop_recursive(4, 12, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts.clone().prop_map(Tree::And),
            parts.prop_map(Tree::Or),
            inner.prop_map(|part| Tree::Not(Box::new(part)))
        ]
    })
}

fn any_property() -> BoxedStrategy<Property> {
    (any_name(), any_check()).prop_map(|(path, check)| Property { path, check }).boxed()
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,4}(\\.[a-z0-9_-]{1,3})?",
        "\\PC{1,8}",
        prop::sample::select(vec!["and", "COUNT", "a.", "-", "x y", "\"", "'", "page", "track"])
            .prop_map(str::to_owned)
    ]
}

fn any_check() -> impl Strategy<Value = Check> {
    prop_oneof![
        Just(Check::Exists),
        (comparison(), any_literal()).prop_filter_map("no order", |(comparison, literal)| {
            let is_bool = matches!(literal, Literal::Bool(_));
            let comparison = if is_bool { Comparison::NotEqual } else { comparison };
            Some(Check::Compare(comparison, literal))
        }),
        any_literal().prop_map(Check::Contains),
        ".{0,6}".prop_map(Check::StartsWith),
        prop::collection::vec(any_literal(), 1..4).prop_map(Check::OneOf),
    ]
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        ".{0,8}".prop_map(Literal::Text),
        (-999_999_999_999i64..999_999_999_999, 0..6i32).prop_map(|(digits, places)| {
            let written = format!("{digits}e-{places}");
            Literal::Number(written.parse().expect("a number"))
        }),
        any::<bool>().prop_map(Literal::Bool),
        any_moment().prop_map(Literal::Time),
    ]
}

fn any_window() -> impl Strategy<Value = Window> {
    let unit = prop::sample::select(vec![1, kit::SECOND_MS, kit::HOUR_MS, kit::DAY_MS]);
    prop_oneof![
        Just(Window::Always),
        (1..9_999u64, unit).prop_map(|(number, unit_ms)| Window::LastMs(number * unit_ms as u64)),
        any_moment().prop_map(Window::Since),
        (any_moment(), 1..i64::from(u32::MAX)).prop_map(|(from, long)| Window::Between(from, from.plus_ms(long))),
    ]
}

/// Between the years 1000 and 5000; often midnight.
fn any_moment() -> impl Strategy<Value = Timestamp> {
    let day = -350_000i64..1_100_000;
    (day, prop_oneof![Just(0), 0..kit::DAY_MS]).prop_map(|(day, ms)| Timestamp::from_ms(day * kit::DAY_MS + ms))
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(Comparison::ALL.to_vec())
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0..HORIZON_MS).prop_map(Timestamp::from_ms)
}

fn small_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "a.b", "a.b.c", "b.c"]).prop_map(str::to_owned)
}

fn small_check() -> impl Strategy<Value = Check> {
    let literal = prop_oneof![
        (0..3i32).prop_map(|number| Literal::Number(f64::from(number))),
        "[xy]{1,2}".prop_map(Literal::Text),
        moment().prop_map(Literal::Time),
    ];
    prop_oneof![
        Just(Check::Exists),
        (comparison(), literal.clone()).prop_map(|(comparison, literal)| Check::Compare(comparison, literal)),
        literal.clone().prop_map(Check::Contains),
        "[xy]".prop_map(Check::StartsWith),
        prop::collection::vec(literal, 1..3).prop_map(Check::OneOf),
    ]
}

fn small_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..3i32).prop_map(|number| json!(number)),
        "[xy]{1,2}".prop_map(|text| json!(text)),
        moment().prop_map(|time| json!(time)),
        Just(Value::Null),
        Just(json!([0, "x", 2])),
        Just(json!(true)),
    ]
}

fn small_nested() -> impl Strategy<Value = Value> {
    (small_value(), small_value()).prop_map(|(inner, deep)| json!({"c": inner, "b": {"c": deep}}))
}
