//! Runs `cases/*.md`. A page's `world` block holds until the next one.

use std::path::Path;

use lang::{evaluate, explain};

use crate::world::{World, rule};

#[test]
fn every_case_has_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut asked = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("a readable entry").path();
        let page = std::fs::read_to_string(&path).expect("a text file");
        for (line, world, question, expected) in questions(&page) {
            asked += 1;
            let answer = answer(&world, &question);
            if answer != expected {
                wrong.push(format!("{}:{line} `{question}`: {answer}, not {expected}", path.display()));
            }
        }
    }
    assert!(asked > 90, "only {asked} questions were found");
    assert!(wrong.is_empty(), "{} of {asked} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn answer(world: &World, question: &str) -> String {
    let rule = rule(question);
    let outcome = evaluate(&rule, world, world, world.now);
    let explanation = explain(&rule, world, world, world.now);
    assert_eq!((outcome.member, outcome.changes_at), (explanation.holds, explanation.changes_at), "{question}");
    let word = if outcome.member { "yes" } else { "no" };
    outcome.changes_at.map_or(word.to_owned(), |moment| format!("{word} until {moment}"))
}

/// The rows of a page's tables: line, world, question, answer.
fn questions(page: &str) -> Vec<(usize, World, String, String)> {
    let mut found = Vec::new();
    let mut world = World::default();
    let mut lines = page.lines().enumerate();
    while let Some((place, line)) = lines.next() {
        if line == "```world" {
            let block: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            world = World::read(&block.join("\n"));
        } else if let Some((question, answer)) = row(line) {
            found.push((place + 1, world.clone(), question.to_owned(), answer.to_owned()));
        }
    }
    found
}

fn row(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ")
}
