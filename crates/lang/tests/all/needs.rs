//! What the live path's index is told.

use expect_test::expect;
use lang::Needs;

use crate::world::{World, rule};

#[test]
fn own_and_transitive_needs() {
    let world = World::read(
        "audience x count(page in last 3 days) or in audience 'y'\naudience y address.city = 'B' or in audience 'x'",
    );
    let rule = rule(
        "count('Order Completed' where revenue > 1) and not (in audience 'x' or in audience 'none') and plan = 'pro'",
    );
    let own = Needs::of(&rule);
    assert!(!own.has_window);
    assert_eq!(own.labels.into_iter().collect::<Vec<_>>(), ["Order Completed"]);
    assert_eq!(own.trait_names.into_iter().collect::<Vec<_>>(), ["plan"]);
    assert_eq!(rule.audiences().into_iter().collect::<Vec<_>>(), ["none", "x"]);
    expect![[r#"
        Needs {
            labels: {
                "Order Completed",
                "page",
            },
            trait_names: {
                "address",
                "address.city",
                "plan",
            },
            audiences: {
                "none",
                "x",
                "y",
            },
            has_window: true,
        }"#]]
    .assert_eq(&format!("{:#?}", Needs::through(&rule, &world)));
}
