use std::collections::HashMap;

use crate::draw::Draw;

/// The word lists that names, places and products are made of.
///
/// They are ours: common given names and surnames by rough frequency, and plain English words. Lists are ordered, frequent words first.
#[derive(Debug)]
pub struct Tables {
    pub given: Vec<&'static str>,
    pub surnames: Vec<&'static str>,
    /// Given name → the short forms in use.
    pub nicknames: HashMap<&'static str, Vec<&'static str>>,
    syllables: [Vec<&'static str>; 3],
    streets: Vec<&'static str>,
    street_kinds: Vec<&'static str>,
    towns: [Vec<&'static str>; 2],
    /// State and the first three digits of its postal codes.
    states: Vec<(&'static str, &'static str)>,
}

impl Tables {
    pub fn load() -> Self {
        let [first, middle, last] = lines(include_str!("../tables/syllables.txt"));
        let (openings, endings) = split_cases(include_str!("../tables/towns.txt"));
        Self {
            given: words(include_str!("../tables/given.txt")),
            surnames: words(include_str!("../tables/surnames.txt")),
            nicknames: include_str!("../tables/nicknames.txt").lines().map(head_and_rest).collect(),
            syllables: [first, middle, last],
            streets: words(include_str!("../tables/streets.txt")),
            street_kinds: words(include_str!("../tables/street_kinds.txt")),
            towns: [openings, endings],
            states: pairs(include_str!("../tables/states.txt")),
        }
    }

    /// Half of the surnames come from the list, the others are made of syllables, so that a million people are not all namesakes.
    pub fn surname(&self, draw: &mut Draw) -> String {
        if draw.chance(0.5) {
            return (*draw.pick_zipf(&self.surnames, 12.0)).to_owned();
        }
        let [first, middle, last] = &self.syllables;
        let inner = if draw.chance(0.3) { *draw.pick(middle) } else { "" };
        format!("{}{inner}{}{}", draw.pick(first), draw.pick(middle), draw.pick(last))
    }

    /// `48 Juniper Lane`, sometimes with a flat.
    pub fn street(&self, draw: &mut Draw) -> String {
        let number = draw.between(1, 9_999);
        let street = format!("{number} {} {}", draw.pick(&self.streets), draw.pick(&self.street_kinds));
        match draw.below(4) {
            0 => format!("{street} Apt. {}", draw.between(1, 950)),
            _ => street,
        }
    }

    pub fn town(&self, draw: &mut Draw) -> String {
        let [openings, endings] = &self.towns;
        format!("{}{}", draw.pick(openings), draw.pick(endings))
    }

    /// Returns a state and a postal code of five digits in it.
    pub fn state_and_code(&self, draw: &mut Draw) -> (&'static str, String) {
        let &(state, code) = draw.pick(&self.states);
        (state, format!("{code}{:02}", draw.below(100)))
    }
}

/// Categories with the middle of their prices in dollars, and their product nouns.
pub fn product_nouns() -> Vec<(&'static str, f64, Vec<&'static str>)> {
    let row = |line: &'static str| {
        let (category, rest) = head_and_rest(line);
        let middle = rest[0].parse().expect("each category has a price");
        (category, middle, rest[1..].to_vec())
    };
    include_str!("../tables/products.txt").lines().map(row).collect()
}

pub fn product_styles() -> Vec<&'static str> {
    words(include_str!("../tables/styles.txt"))
}

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

fn lines<const N: usize>(text: &'static str) -> [Vec<&'static str>; N] {
    let mut lines = text.lines();
    std::array::from_fn(|_| words(lines.next().unwrap_or_default()))
}

fn head_and_rest(line: &'static str) -> (&'static str, Vec<&'static str>) {
    let mut words = words(line);
    (words.remove(0), words)
}

fn pairs(text: &'static str) -> Vec<(&'static str, &'static str)> {
    words(text).chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn split_cases(text: &'static str) -> (Vec<&'static str>, Vec<&'static str>) {
    words(text).into_iter().partition(|word| word.starts_with(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        let tables = Tables::load();
        assert!(tables.given.len() > 300 && tables.surnames.len() > 400 && tables.states.len() == 51);
        assert!(tables.nicknames.values().map(Vec::len).sum::<usize>() > 150);
        assert!(tables.syllables.iter().chain(&tables.towns).all(|part| part.len() > 25));
        let unknown: Vec<_> = tables.nicknames.keys().filter(|name| !tables.given.contains(name)).collect();
        assert!(unknown.is_empty(), "nicknames of nobody: {unknown:?}");
        assert_eq!(product_nouns().len(), 16);
        assert!(product_nouns().iter().all(|(_, _, nouns)| nouns.len() == 10) && product_styles().len() == 40);
    }

    #[test]
    fn made_surnames_are_many() {
        let (tables, mut draw) = (Tables::load(), Draw::new(7, 5));
        let names: std::collections::HashSet<_> = (0..10_000).map(|_| tables.surname(&mut draw)).collect();
        assert!(names.len() > 4_500, "{}", names.len());
    }
}
