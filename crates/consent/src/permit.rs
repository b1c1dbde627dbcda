use std::ops::Deref;

use kit::Coded;
use model::{Action, Delivery};

use crate::{Decision, Told};

/// A value that may leave the house. Only this crate makes one; it can be neither cloned nor printed.
pub struct Permitted<T>(T);

impl<T> Permitted<T> {
    pub fn value(&self) -> &T {
        &self.0
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Permitted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Permitted<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Permitted(…)")
    }
}

/// Permits a value under a decision about the purpose that it leaves for. Unknown means no.
pub fn permit<T>(value: T, decision: &Decision) -> Result<Permitted<T>, Refusal> {
    match decision {
        Decision::Granted(_) => Ok(Permitted(value)),
        Decision::Denied(_) => Err(Refusal::Denied),
        Decision::Unknown => Err(Refusal::Unknown),
    }
}

/// Permits telling a destination to forget a person, which is right even after a withdrawal.
///
/// Takes only an exit without traits, for the destination that the proof is about, and strikes from it every identifier that the
/// destination was not told about.
pub fn permit_removal(delivery: Delivery, told: &Told) -> Result<Permitted<Delivery>, Refusal> {
    if delivery.action != Action::Exit || !delivery.traits.is_empty() || delivery.destination != told.destination() {
        return Err(Refusal::NoRemoval);
    }
    let mut delivery = delivery;
    delivery.identifiers.retain(|identifier| told.covers(identifier));
    if delivery.identifiers.is_empty() {
        return Err(Refusal::NeverTold);
    }
    Ok(Permitted(delivery))
}

/// Why something may not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("consent for the purpose was denied")]
    Denied,
    #[error("nothing is known about consent for the purpose")]
    Unknown,
    #[error("the destination was never told about the person, so there is nothing to forget")]
    NeverTold,
    #[error("only a plain exit, of the destination that was told, may leave without consent")]
    NoRemoval,
}

impl Coded for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Denied => "consent_denied",
            Self::Unknown => "consent_unknown",
            Self::NeverTold => "never_told",
            Self::NoRemoval => "no_removal",
        }
    }
}
