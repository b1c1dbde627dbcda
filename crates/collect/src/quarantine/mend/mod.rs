//! How held events are put right: steps over JSON pointers.
//!
//! ```yaml
//! version: 1
//! mend:
//!   - { rename: /properties/totl, to: /properties/total }
//!   - { cast: /properties/total, as: number }
//!   - { set: /properties/currency, value: EUR }
//!   - { delete: /properties/debug }
//!   - { set: /event, value: Order Completed }
//! ```

mod cast;
mod parse;

use kit::Coded;
use model::{Event, EventKind, Raw};

use super::Problem;
use crate::fields::{self, Pointer, SECTIONS};
use crate::normalise::Region;
use crate::spec;
use cast::As;

/// A file of steps that was read without problems.
#[derive(Debug, Clone, PartialEq)]
pub struct Mend {
    steps: Vec<Step>,
    /// Whose rules telephone numbers without a country code follow.
    phone_region: Region,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// Nothing happens when the field is absent; a field at the new place is in the way.
    Rename {
        from: Pointer,
        to: Pointer,
    },
    /// Puts a value, whatever was there. `/event` and `/name` are the event's own name.
    Set {
        at: Pointer,
        value: Raw,
    },
    Delete {
        at: Pointer,
    },
    /// Nothing happens when the field is absent or null.
    Cast {
        at: Pointer,
        to: As,
    },
}

impl Mend {
    /// Reads a file, YAML or JSON. Returns the steps unless there are problems, and *all* of these, in the order of their places.
    pub fn parse(text: &str) -> (Option<Self>, Vec<Problem>) {
        parse::mend(text)
    }

    /// Returns the event with every step taken, its message id and times untouched. `/traits/email` and `/traits/phone` bring their identifiers.
    pub fn mended(&self, event: &Event) -> Result<Event, CannotMend> {
        let mut mended = event.clone();
        for (index, step) in self.steps.iter().enumerate() {
            let fault = |fault| CannotMend { step: index + 1, fault };
            step.take(&mut mended).map_err(fault)?;
        }
        let fault = |fault| CannotMend { step: self.steps.len(), fault };
        check(&mended).map_err(fault)?;
        let followed = fields::follow(&mut mended, event.traits.as_ref(), self.phone_region);
        followed.map_err(|_| fault(Fault::NoIdentifier))?;
        Ok(mended)
    }
}

/// Why an event could not be mended, and at which step (from 1). It does not say what the event holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("step {step}: {fault}")]
pub struct CannotMend {
    pub step: usize,
    fault: Fault,
}

impl Coded for CannotMend {
    fn code(&self) -> &'static str {
        match self.fault {
            Fault::NotCastable => "cannot_cast",
            Fault::Taken => "place_taken",
            Fault::NoPlace => "no_such_place",
            Fault::TooDeep => "too_deep",
            Fault::NoIdentifier => "no_identifier",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("the value cannot be read as that type")]
    NotCastable,
    #[error("there is a field at the new place already")]
    Taken,
    #[error("nothing can be put there")]
    NoPlace,
    #[error("the event would be nested too deeply")]
    TooDeep,
    #[error("the event would have no identifier left")]
    NoIdentifier,
}

impl Step {
    fn take(&self, event: &mut Event) -> Result<(), Fault> {
        match self {
            Self::Rename { from, to } => rename(event, from, to),
            Self::Set { at, value } => set(event, at, value),
            Self::Delete { at } => {
                fields::remove(event, at);
                Ok(())
            }
            Self::Cast { at, to } => cast(event, at, *to),
        }
    }
}

fn rename(event: &mut Event, from: &Pointer, to: &Pointer) -> Result<(), Fault> {
    let Some(value) = fields::get(event, from) else { return Ok(()) };
    if fields::get(event, to).is_some() {
        return Err(Fault::Taken);
    }
    fields::remove(event, from);
    if fields::put(event, to, &value) { Ok(()) } else { Err(Fault::NoPlace) }
}

fn set(event: &mut Event, at: &Pointer, value: &Raw) -> Result<(), Fault> {
    if let [own] = at.steps() {
        let has_it = match event.kind {
            EventKind::Track => own == "event",
            EventKind::Page | EventKind::Screen => own == "name",
            _ => false,
        };
        let name = serde_json::from_str(value.text()).ok().filter(|_| has_it);
        event.name = Some(name.ok_or(Fault::NoPlace)?);
        return Ok(());
    }
    if fields::put(event, at, value) { Ok(()) } else { Err(Fault::NoPlace) }
}

fn cast(event: &mut Event, at: &Pointer, to: As) -> Result<(), Fault> {
    let Some(value) = fields::get(event, at).filter(|value| value.text() != "null") else { return Ok(()) };
    let value = to.cast(&value).ok_or(Fault::NotCastable)?;
    if fields::put(event, at, &value) { Ok(()) } else { Err(Fault::NoPlace) }
}

/// What is stored can be read again, whoever reads it.
fn check(event: &Event) -> Result<(), Fault> {
    let sections = [&event.properties, &event.traits, &event.context, &event.integrations];
    let mut texts = sections.into_iter().flatten();
    texts.try_for_each(|raw| spec::check(raw.text())).map_err(|_| Fault::TooDeep)
}

/// Whether a pointer leads to a field: inside a section.
fn is_field(pointer: &Pointer) -> bool {
    pointer.steps().len() >= 2 && SECTIONS.contains(&pointer.steps()[0].as_str())
}
