//! Holding what the house found against the truth. This is the only place of the demo that reads the truth.

use std::collections::BTreeMap;
use std::path::Path;

use kit::Timestamp;
use serde_json::{Value, json};
use shop::truth::{self, PlainUnion, Score, Truth};

use super::peak_memory_mb;
use crate::hall::Hall;
use crate::screen::count;

/// The sources whose rows name a person.
const KNOWN: [&str; 3] = ["crm", "ecommerce", "loyalty"];

/// Returns all figures of a run as one JSON object.
pub fn figures(
    hall: &Hall,
    world: &Path,
    end: Timestamp,
    seconds: &BTreeMap<&'static str, f64>,
) -> anyhow::Result<Value> {
    let house = &hall.house;
    let truth = Truth::read(&world.join("truth.csv.gz"))?;
    let mut found = Vec::new();
    for (source, id) in truth.identifiers() {
        let Some((kind, value)) = truth::identifier_of(source, id) else { continue };
        let identifier = model::Identifier::new(kind, value);
        if let Some(profile) = identity::profile_of(&house.store, &identifier)? {
            found.push((source.to_owned(), id.to_owned(), profile.0));
        }
    }
    let assignments = || found.iter().map(|(source, id, profile)| (source.as_str(), id.as_str(), *profile));
    let all = truth.score(assignments());
    let known = truth.score_only(&KNOWN, assignments());
    let reach = truth.reach(&PlainUnion::of_everything(world)?);
    let mut audiences = Vec::new();
    for audience in truth::audiences(world, end)? {
        let size = house.with_members(|members| members.size(audience.name));
        audiences.push(json!({ "name": audience.name, "size": size, "truth": audience.people }));
    }
    let tallies = collect::sources::all(&house.store)?;
    let sum = |part: fn(&collect::sources::Tally) -> u64| tallies.iter().map(|(_, _, tally)| part(tally)).sum::<u64>();
    let totals = identity::totals(&house.store)?;
    let statuses = activation::statuses(&house.store)?;
    let (biggest, identifiers_of_biggest) = biggest(hall)?;
    Ok(json!({
        "people": truth.people(),
        "identifiers": totals.identifiers,
        "facts": {
            "event": sum(|tally| tally.events), "record": sum(|tally| tally.records),
            "link": sum(|tally| tally.links), "repeated": sum(|tally| tally.repeated),
        },
        "profiles": totals.profiles,
        "known_sources": scored(&known),
        "all_identifiers": scored(&all),
        "recall_bound": reach.recall,
        "biggest_profile": { "profile": biggest, "identifiers": identifiers_of_biggest, "people": all.most_people },
        "audiences": audiences,
        "deliveries": {
            "made": statuses.iter().map(|status| status.delivered).sum::<u64>(),
            "blocked": statuses.iter().map(|status| status.blocked).sum::<u64>(),
        },
        "seconds": seconds,
        "peak_memory_mb": peak_memory_mb(),
    }))
}

/// Shows the figures as a person reads them.
pub fn show(figures: &Value) {
    let number = |value: &Value| count(value.as_u64().unwrap_or_default());
    let share = |value: &Value| format!("{:.3}", value.as_f64().unwrap_or_default());
    eprintln!(
        "\n  {} people in truth, {} identifiers, {} profiles",
        number(&figures["people"]),
        number(&figures["identifiers"]),
        number(&figures["profiles"])
    );
    for (name, part) in [("records of known sources", "known_sources"), ("all identifiers", "all_identifiers")] {
        let score = &figures[part];
        eprintln!(
            "  {name:<26} precision {}  recall {}  F1 {}",
            share(&score["precision"]),
            share(&score["recall"]),
            share(&score["f1"])
        );
    }
    eprintln!("  devices that never sign in bound the recall at {}", share(&figures["recall_bound"]));
    for audience in figures["audiences"].as_array().into_iter().flatten() {
        let name = audience["name"].as_str().unwrap_or_default();
        eprintln!("  {name:<26} {:>7} found, {:>7} true", number(&audience["size"]), number(&audience["truth"]));
    }
    let deliveries = &figures["deliveries"];
    eprintln!(
        "  deliveries {} made, {} blocked by consent",
        number(&deliveries["made"]),
        number(&deliveries["blocked"])
    );
    eprintln!("  peak memory {:.0} MB", figures["peak_memory_mb"].as_f64().unwrap_or_default());
}

fn scored(score: &Score) -> Value {
    json!({
        "identifiers": score.identifiers, "missing": score.missing, "pairs": score.pairs_true,
        "precision": score.precision, "recall": score.recall, "f1": score.f1,
    })
}

fn biggest(hall: &Hall) -> anyhow::Result<(String, usize)> {
    let mut biggest = (String::new(), 0);
    identity::each_profile(&hall.house.store, None, &mut |profile, members| {
        if members.len() > biggest.1 {
            biggest = (profile.to_string(), members.len());
        }
        Ok(true)
    })?;
    Ok(biggest)
}
