/// Which paths are meant: `*` and `?` stand for letters of one name, `**` for any number of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern that every path fits.
    pub const ALL: &str = "**";

    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a path, its names separated by `/`, fits.
    pub fn fits(&self, path: &str) -> bool {
        let steps: Vec<&str> = self.0.split('/').collect();
        let names: Vec<&str> = path.split('/').collect();
        fit(&steps, &names, |step, name| match *step {
            "**" => Step::Any,
            step => Step::One(name_fits(step, name)),
        })
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What one part of a pattern takes: exactly one item, if it fits, or any number of them.
enum Step {
    One(bool),
    Any,
}

fn name_fits(step: &str, name: &str) -> bool {
    let steps: Vec<char> = step.chars().collect();
    let letters: Vec<char> = name.chars().collect();
    fit(&steps, &letters, |step, letter| match step {
        '*' => Step::Any,
        '?' => Step::One(true),
        step => Step::One(step == letter),
    })
}

/// Greedy with one way back: the last `Any` takes one item more whenever what follows does not fit. Never slower than pattern times path.
fn fit<S, I>(steps: &[S], items: &[I], takes: impl Fn(&S, &I) -> Step) -> bool
where
    I: Default + Copy,
{
    let (mut step, mut item) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    let probe = I::default();
    let is_any = |step: usize| steps.get(step).is_some_and(|step| matches!(takes(step, &probe), Step::Any));
    while item < items.len() {
        if is_any(step) {
            back = Some((step, item));
            step += 1;
        } else if steps.get(step).is_some_and(|step| matches!(takes(step, &items[item]), Step::One(true))) {
            step += 1;
            item += 1;
        } else if let Some((any, from)) = back {
            back = Some((any, from + 1));
            step = any + 1;
            item = from + 1;
        } else {
            return false;
        }
    }
    (step..steps.len()).all(is_any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_in_their_folder_and_double_stars_do_not() {
        for (pattern, path, fits) in [
            ("**", "a/b/c.csv", true),
            ("*.csv", "a.csv", true),
            ("*.csv", "a/b.csv", false),
            ("**/*.csv", "b.csv", true),
            ("**/*.csv", "a/x/b.csv", true),
            ("2026/**/orders-*.ndjson", "2026/01/02/orders-7.ndjson", true),
            ("2026/**/orders-*.ndjson", "2026/orders-7.ndjson", true),
            ("2026/**/orders-*.ndjson", "2025/orders-7.ndjson", false),
            ("data-??.csv", "data-01.csv", true),
            ("data-??.csv", "data-1.csv", false),
            ("*-*-*.csv", "a-b-c-d.csv", true),
            ("ä*ß", "äöüß", true),
            ("a**b", "axyb", true),
            ("", "a", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = Pattern::new("*a".repeat(200));
        assert!(!pattern.fits(&"a".repeat(20_000).replace('a', "ab")));
    }
}
