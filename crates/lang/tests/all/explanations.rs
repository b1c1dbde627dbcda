//! `why`, as it is shown.

use expect_test::expect;
use lang::explain;

use crate::world::{World, rule};

#[test]
fn evidence_for_every_part() {
    let mut lines =
        "now 2026-02-01\ntrait country \"FR\"\naudience home country = 'DE' or not exists(country)\n".to_owned();
    for day in 1..=7 {
        lines.push_str(&format!("event 2026-01-2{day} buy {{\"price\": {day}}}\n"));
    }
    let world = World::read(lines.trim_end());
    let rule =
        rule("count(buy where price >= 2 in last 30 days) > 5 and not (in audience 'home' or in audience 'gone')");
    let explanation = explain(&rule, &world, &world, world.now);
    expect![[r#"
        {
          "text": "count('buy' where price >= 2 in last 30 days) > 5 and not (in audience 'home' or in audience 'gone')",
          "holds": true,
          "changes_at": "2026-02-21T00:00:00.000Z",
          "evidence": [],
          "children": [
            {
              "text": "count('buy' where price >= 2 in last 30 days) > 5",
              "holds": true,
              "changes_at": "2026-02-21T00:00:00.000Z",
              "evidence": [
                {
                  "kind": "count",
                  "event": "buy",
                  "found": 6
                },
                {
                  "kind": "event",
                  "seq": 9,
                  "time": "2026-01-27T00:00:00.000Z"
                },
                {
                  "kind": "event",
                  "seq": 8,
                  "time": "2026-01-26T00:00:00.000Z"
                },
                {
                  "kind": "event",
                  "seq": 7,
                  "time": "2026-01-25T00:00:00.000Z"
                },
                {
                  "kind": "event",
                  "seq": 6,
                  "time": "2026-01-24T00:00:00.000Z"
                },
                {
                  "kind": "event",
                  "seq": 5,
                  "time": "2026-01-23T00:00:00.000Z"
                }
              ],
              "children": []
            },
            {
              "text": "not (in audience 'home' or in audience 'gone')",
              "holds": true,
              "changes_at": null,
              "evidence": [],
              "children": [
                {
                  "text": "in audience 'home' or in audience 'gone'",
                  "holds": false,
                  "changes_at": null,
                  "evidence": [],
                  "children": [
                    {
                      "text": "in audience 'home'",
                      "holds": false,
                      "changes_at": null,
                      "evidence": [
                        {
                          "kind": "audience",
                          "name": "home",
                          "is_known": true
                        }
                      ],
                      "children": [
                        {
                          "text": "country = 'DE' or not exists(country)",
                          "holds": false,
                          "changes_at": null,
                          "evidence": [],
                          "children": [
                            {
                              "text": "country = 'DE'",
                              "holds": false,
                              "changes_at": null,
                              "evidence": [
                                {
                                  "kind": "trait",
                                  "name": "country",
                                  "value": "FR"
                                }
                              ],
                              "children": []
                            },
                            {
                              "text": "not exists(country)",
                              "holds": false,
                              "changes_at": null,
                              "evidence": [],
                              "children": [
                                {
                                  "text": "exists(country)",
                                  "holds": true,
                                  "changes_at": null,
                                  "evidence": [
                                    {
                                      "kind": "trait",
                                      "name": "country",
                                      "value": "FR"
                                    }
                                  ],
                                  "children": []
                                }
                              ]
                            }
                          ]
                        }
                      ]
                    },
                    {
                      "text": "in audience 'gone'",
                      "holds": false,
                      "changes_at": null,
                      "evidence": [
                        {
                          "kind": "audience",
                          "name": "gone",
                          "is_known": false
                        }
                      ],
                      "children": []
                    }
                  ]
                }
              ]
            }
          ]
        }"#]].assert_eq(&serde_json::to_string_pretty(&explanation).expect("it can be written"));
}

#[test]
fn an_audience_is_explained_once() {
    let world = World::read("now 2026-02-01\naudience a x = 1\naudience b in audience 'a' or in audience 'a'");
    let rule = rule("in audience 'b' or in audience 'a'");
    let explanation = explain(&rule, &world, &world, world.now);
    let [b, a] = explanation.children.as_slice() else { panic!("two parts") };
    assert_eq!(a.children, []);
    let [first, second] = b.children[0].children.as_slice() else { panic!("two parts") };
    assert_eq!((first.children.len(), second.children.len()), (1, 0));
}
