use std::fmt;

const MOST_STEPS: usize = 64;

/// A JSON pointer (RFC 6901), e.g. `/properties/products/0/price`. At most 64 steps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pointer(Vec<String>);

impl Pointer {
    pub fn of(steps: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(steps.into_iter().map(Into::into).collect())
    }

    pub fn steps(&self) -> &[String] {
        &self.0
    }

    #[must_use]
    pub(crate) fn join(&self, step: &str) -> Self {
        Self(self.0.iter().cloned().chain([step.to_owned()]).collect())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "/{}", step.replace('~', "~0").replace('/', "~1")))
    }
}

impl std::str::FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(steps) = text.strip_prefix('/') else {
            return if text.is_empty() { Ok(Self::default()) } else { Err(PointerError) };
        };
        let steps = steps.split('/').map(step).collect::<Option<Vec<_>>>();
        steps.filter(|steps| steps.len() <= MOST_STEPS).map(Self).ok_or(PointerError)
    }
}

/// A text that is no pointer. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pointer is written `/properties/total` (`~1` for `/`, `~0` for `~`), with at most 64 steps")]
pub struct PointerError;

/// `~` stands only before `0` and `1`.
fn step(written: &str) -> Option<String> {
    let sound = written.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    sound.then(|| written.replace("~1", "/").replace("~0", "~"))
}
