//! What `and`, `or` and `not` are, whatever they join.

/// How many levels of `and`, `or` and `not` a tree may have; its JSON form then stays below the 128 levels that readers of JSON allow.
pub const MAX_DEPTH: usize = 48;

/// Yes-or-no questions joined by `and`, `or` and `not`. There are two answers only: what is not known does not hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree<L> {
    /// All of them; two or more.
    And(Vec<Self>),
    /// At least one of them; two or more.
    Or(Vec<Self>),
    Not(Box<Self>),
    Leaf(L),
}

impl<L> Tree<L> {
    /// Whether the tree holds, when `leaf` says whether each question does.
    pub fn holds(&self, leaf: &impl Fn(&L) -> bool) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(leaf)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(leaf)),
            Self::Not(part) => !part.holds(leaf),
            Self::Leaf(question) => leaf(question),
        }
    }

    /// The questions from left to right.
    pub fn leaves(&self) -> Vec<&L> {
        let mut found = Vec::new();
        self.gather(&mut found);
        found
    }

    fn gather<'a>(&'a self, found: &mut Vec<&'a L>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.gather(found)),
            Self::Not(part) => part.gather(found),
            Self::Leaf(question) => found.push(question),
        }
    }
}

/// What stands at the end of a branch. A leaf may itself hold a tree: a count has its clause.
pub trait Leaf: Sized {
    fn depth(&self) -> usize;
}

impl<L: Leaf> Tree<L> {
    /// Levels; a plain question has 1, a count has those of its clause beside.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => 1 + parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(part) => 1 + part.depth(),
            Self::Leaf(question) => question.depth(),
        }
    }
}
