//! From what each column is to what all of them become together: records or events, the key, whom they are of.

use std::collections::BTreeSet;

use model::kinds;

use super::super::mapping::{Kind, TimeFormat};
use super::lexicon::Role;
use super::mask::masked;
use super::name::{kind_of, snake, title};
use super::nature::{Found, Nature, Natures, own_kind};
use super::print::percent;
use super::sample::{Sample, Value};
use super::{Becomes, ColumnGuess, Decision, GuessOptions, SAMPLES, Shape};
use crate::normalise::{self, Region};

/// Everything that is decided of a file.
#[derive(Debug)]
pub(super) struct Plan {
    pub shape: Shape,
    pub decisions: Vec<Decision>,
    /// For each column, what it becomes.
    pub becomes: Vec<Vec<Becomes>>,
    /// The column that is the key; the number of the row where there is none.
    pub key: Option<usize>,
    /// The column of the message id; a digest of the row where there is none.
    pub message_id: Option<usize>,
    pub event_name: EventName,
    /// Whether rows that say of nobody are kept under their own number.
    pub keeps_rows_of_nobody: bool,
    pub delete: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EventName {
    Column(usize),
    Text(String),
}

pub(super) fn plan(sample: &Sample, found: &Natures<'_>, options: &GuessOptions, stem: &str) -> Plan {
    let all = All { sample, columns: &found.columns, options };
    let key = all.key();
    let (shape, decision) = all.shape(key);
    let mut plan = Plan {
        shape,
        decisions: vec![decision],
        becomes: vec![Vec::new(); found.columns.len()],
        key,
        message_id: None,
        event_name: all.event_name(stem),
        keeps_rows_of_nobody: false,
        delete: None,
    };
    match shape {
        Shape::Events => all.event(&mut plan, found),
        _ => all.record(&mut plan, found),
    }
    all.values(&mut plan);
    plan
}

/// Returns the columns as a person is shown them.
pub(super) fn columns(sample: &Sample, found: &Natures<'_>, plan: &Plan, unmasked: bool) -> Vec<ColumnGuess> {
    let columns = found.columns.iter().zip(&plan.becomes);
    let shown = columns.map(|(column, becomes)| ColumnGuess {
        column: column.name.to_owned(),
        becomes: becomes.clone(),
        confidence: column.confidence,
        reasons: column.reasons.clone(),
        samples: samples(column, unmasked),
        filled: column.contents.texts.len() as f64 / sample.rows.max(1) as f64,
    });
    shown.collect()
}

fn samples(column: &Found<'_>, unmasked: bool) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for text in &column.contents.texts {
        let shown = if column.personal && !unmasked { masked(text) } else { text.chars().take(40).collect() };
        if !samples.contains(&shown) {
            samples.push(shown);
        }
        if samples.len() == SAMPLES {
            break;
        }
    }
    samples
}

/// All columns of a file, which are decided of together.
struct All<'a, 's> {
    sample: &'a Sample,
    columns: &'a [Found<'s>],
    options: &'a GuessOptions,
}

impl All<'_, '_> {
    /// The column that tells rows apart: ids of people before any other, and the first of equals.
    fn key(&self) -> Option<usize> {
        let rank = |column: &Found<'_>| match &column.nature {
            _ if !column.contents.is_unique() => 0,
            Nature::Identifier(kind) if kind == kinds::EMAIL || kind == kinds::PHONE => 2,
            Nature::Identifier(_) | Nature::Key => 4,
            Nature::Thing { .. } | Nature::MessageId => 3,
            Nature::UnknownId => 1,
            _ => 0,
        };
        let ranked = self.columns.iter().map(rank).enumerate().filter(|(_, rank)| *rank > 0);
        ranked.max_by_key(|(at, rank)| (*rank, usize::MAX - at)).map(|(at, _)| at)
    }

    fn shape(&self, key: Option<usize>) -> (Shape, Decision) {
        let is = |wanted: fn(&Nature) -> bool| self.columns.iter().any(|column| wanted(&column.nature));
        let named = is(|nature| matches!(nature, Nature::EventName));
        let happened = is(|nature| matches!(nature, Nature::Time(Role::Happened, _)));
        let timed = is(|nature| matches!(nature, Nature::Time(..)));
        let whom = is(|nature| matches!(nature, Nature::Identifier(_)));
        let people = is(|nature| matches!(nature, Nature::Value { tells_person: true, .. }));
        let (shape, confidence, reason) = match key.map(|key| &self.columns[key].nature) {
            Some(Nature::Identifier(_) | Nature::Key) if named && whom => {
                (Shape::Events, 0.85, "a column names what happened")
            }
            Some(Nature::Identifier(_)) if happened && !people => {
                (Shape::Events, 0.8, "it says when things happened, and nothing of people but their ids")
            }
            Some(Nature::Key) if happened && whom && !people => {
                (Shape::Events, 0.85, "it says when things happened, and of whom")
            }
            Some(Nature::Identifier(kind)) if kind == kinds::EMAIL || kind == kinds::PHONE => {
                (Shape::Records, 0.85, "each row has an address of its own")
            }
            Some(Nature::Identifier(_)) => (Shape::Records, 0.95, "each row is of somebody else"),
            Some(Nature::Key) if people || whom => (Shape::Records, 0.88, "each row has an id, and tells of people"),
            Some(Nature::Key) => (Shape::Records, 0.5, "each row has an id, of whatever that is"),
            Some(Nature::Thing { .. } | Nature::MessageId) if timed && whom => {
                (Shape::Events, 0.92, "each row is a thing of its own, with a time and somebody whom it is of")
            }
            Some(Nature::Thing { .. } | Nature::MessageId) if timed || whom || named => {
                (Shape::Events, 0.65, "each row is a thing of its own")
            }
            Some(Nature::Thing { .. }) => (Shape::Records, 0.4, "each row is a thing, and of nobody"),
            _ if people && !timed && !whom => (Shape::Records, 0.5, "the rows tell of people"),
            _ if whom && (timed || named) => (Shape::Events, 0.93, "the same people come again, at different times"),
            _ if timed || named => (Shape::Events, 0.7, "it says when things happened"),
            _ if whom => (Shape::Events, 0.6, "the same people come again"),
            _ => (Shape::Records, 0.2, "nothing tells what a row is"),
        };
        let says = format!("rows are {}", if shape == Shape::Events { "events" } else { "records" });
        (shape, Decision { about: "rows", says, confidence, reasons: vec![reason.to_owned()] })
    }

    fn event_name(&self, stem: &str) -> EventName {
        let column = self.columns.iter().position(|column| column.nature == Nature::EventName);
        match (&self.options.event_name, column) {
            (Some(name), _) => EventName::Text(name.clone()),
            (None, Some(column)) => EventName::Column(column),
            (None, None) => EventName::Text(title(stem)),
        }
    }

    fn record(&self, plan: &mut Plan, found: &Natures<'_>) {
        match plan.key {
            Some(key) => {
                let column = &self.columns[key];
                let bare = matches!(column.nature, Nature::Identifier(_) | Nature::Key | Nature::MessageId);
                plan.becomes[key].push(Becomes::Key);
                self.identify_by_key(plan, key);
                let confidence = column.confidence.max(0.9) * if bare { 1.0 } else { 0.6 } * self.certainty();
                plan.decisions.push(self.decision("key", format!("the key is `{}`", column.name), confidence, key));
            }
            None => {
                plan.keeps_rows_of_nobody = true;
                let says = "no column has a value of its own in each row: the number of the row stands in".to_owned();
                plan.decisions.push(Decision { about: "key", says, confidence: 0.1, reasons: Vec::new() });
            }
        }
        self.identify(plan, found);
        let version = self.time(&[Role::Updated, Role::Created], true);
        if let Some((column, format)) = version {
            plan.becomes[column].push(Becomes::Version(format.clone()));
            let name = snake(self.columns[column].name);
            plan.becomes[column].push(Becomes::Trait(name, Kind::Time(format)));
            let says = format!("`{}` is the version: the latest holds", self.columns[column].name);
            plan.decisions.push(self.decision("time", says, self.columns[column].confidence, column));
        }
        let deletes = self.columns.iter().position(|column| matches!(column.nature, Nature::Deleted(_)));
        if let Some(column) = deletes {
            plan.delete = Some(column);
            plan.becomes[column].push(Becomes::DeleteMarker);
            let says = format!("`{}` takes rows away", self.columns[column].name);
            plan.decisions.push(self.decision("deletes", says, self.columns[column].confidence, column));
        }
    }

    fn event(&self, plan: &mut Plan, found: &Natures<'_>) {
        match &plan.event_name {
            EventName::Column(column) => {
                plan.becomes[*column].push(Becomes::EventName);
                let says = format!("`{}` names what happened", self.columns[*column].name);
                plan.decisions.push(self.decision("event name", says, self.columns[*column].confidence, *column));
            }
            EventName::Text(name) => {
                let told = self.options.event_name.is_some();
                let reason = if told { "as you say" } else { "from the file's name: say what happened" };
                let (confidence, says) = (if told { 1.0 } else { 0.6 }, format!("every row is `{name}`"));
                let reasons = vec![reason.to_owned()];
                plan.decisions.push(Decision { about: "event name", says, confidence, reasons });
            }
        }
        match self.time(&[Role::Happened, Role::Created, Role::Updated], true) {
            Some((column, format)) => {
                plan.becomes[column].push(Becomes::Time(format));
                let says = format!("`{}` is when it happened", self.columns[column].name);
                plan.decisions.push(self.decision("time", says, self.columns[column].confidence, column));
            }
            None => {
                let says = "no column says when it happened: the time of the import stands in".to_owned();
                plan.decisions.push(Decision { about: "time", says, confidence: 0.5, reasons: Vec::new() });
            }
        }
        self.message_id(plan);
        self.identify(plan, found);
    }

    fn message_id(&self, plan: &mut Plan) {
        let Some(key) = plan.key else { return };
        let column = &self.columns[key];
        if !matches!(column.nature, Nature::Thing { .. } | Nature::MessageId | Nature::Key) {
            plan.key = None;
            return;
        }
        plan.message_id = Some(key);
        plan.becomes[key].push(Becomes::MessageId);
        let says = format!("`{}` tells messages apart: of two with one, the first counts", column.name);
        plan.decisions.push(self.decision("message id", says, 0.97 * self.certainty(), key));
    }

    /// The key of a record is its first identifier. One that is no person's comes in where nobody is named.
    fn identify_by_key(&self, plan: &mut Plan, key: usize) {
        let column = &self.columns[key];
        plan.becomes[key].push(match &column.nature {
            Nature::Identifier(kind) => Becomes::Identifier(kind.clone()),
            Nature::Thing { .. } => Becomes::Fallback(kind_of(column.name)),
            _ => Becomes::Identifier(own_kind(self.options.source.as_deref(), column.name)),
        });
    }

    fn identify(&self, plan: &mut Plan, found: &Natures<'_>) {
        for (at, column) in self.columns.iter().enumerate() {
            let Nature::Identifier(kind) = &column.nature else { continue };
            if !plan.becomes[at].iter().any(|becomes| matches!(becomes, Becomes::Identifier(_))) {
                plan.becomes[at].push(Becomes::Identifier(kind.clone()));
            }
        }
        let region = found.region.and_then(|(region, _)| region.parse().ok()).unwrap_or_default();
        let named = self.rows_with_somebody(plan, region);
        if named < self.sample.rows || !self.sample.whole {
            self.fall_back(plan, named);
        }
        plan.decisions.push(self.who(plan, named));
    }

    /// How many rows have an identifier that can be one.
    fn rows_with_somebody(&self, plan: &Plan, region: Region) -> usize {
        let identifies = |at: usize, row: usize| {
            plan.becomes[at].iter().any(|becomes| match (becomes, &self.sample.columns[at].values[row]) {
                (Becomes::Identifier(kind), Value::Text(text) | Value::Json(text)) => {
                    normalise::identifier(kind, text, region).is_some()
                }
                _ => false,
            })
        };
        (0..self.sample.rows).filter(|row| (0..self.columns.len()).any(|at| identifies(at, *row))).count()
    }

    /// Rows that say of nobody are kept under the thing that they are of, else under their number.
    fn fall_back(&self, plan: &mut Plan, named: usize) {
        let already = |becomes: &Becomes| matches!(becomes, Becomes::Fallback(_));
        if plan.becomes.iter().flatten().any(already) {
            return;
        }
        // What many people buy would make one of them all.
        let is_own = |nature: &Nature| matches!(nature, Nature::Thing { property } if property != "product_id");
        let things = self.columns.iter().enumerate().filter(|(_, column)| {
            is_own(&column.nature) && column.contents.is_complete() && !column.contents.is_constant()
        });
        let best = plan.message_id.or_else(|| {
            let first_of_most = |(at, column): &(usize, &Found<'_>)| (column.contents.distinct, usize::MAX - at);
            things.max_by_key(first_of_most).map(|(at, _)| at).filter(|_| plan.shape == Shape::Events)
        });
        match best {
            Some(at) => plan.becomes[at].push(Becomes::Fallback(kind_of(self.columns[at].name))),
            None => plan.keeps_rows_of_nobody |= named < self.sample.rows,
        }
    }

    fn who(&self, plan: &Plan, named: usize) -> Decision {
        let share = named as f64 / self.sample.rows.max(1) as f64;
        let mut columns: Vec<&Found<'_>> = Vec::new();
        for (column, becomes) in self.columns.iter().zip(&plan.becomes) {
            if becomes.iter().any(|becomes| matches!(becomes, Becomes::Identifier(_))) {
                columns.push(column);
            }
        }
        let names: Vec<_> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let surest = columns.iter().map(|column| column.confidence).fold(0.0, f64::max);
        match names.is_empty() {
            true => Decision {
                about: "who",
                says: "no column says of whom a row is".to_owned(),
                confidence: 0.1,
                reasons: Vec::new(),
            },
            false => Decision {
                about: "who",
                says: format!("people are known by {}", names.join(", ")),
                confidence: surest * (0.5 + 0.5 * share),
                reasons: vec![format!("{} of rows have one", percent(share))],
            },
        }
    }

    /// The column of the first of these roles that has one; only what can be a fact's time in every row.
    fn time(&self, roles: &[Role], plausible: bool) -> Option<(usize, TimeFormat)> {
        roles.iter().find_map(|wanted| {
            let times = self.columns.iter().enumerate().filter_map(|(at, column)| match &column.nature {
                Nature::Time(role, times) if role == wanted && times.plausible == plausible => Some((at, times)),
                _ => None,
            });
            let fullest = times.max_by_key(|(at, _)| (self.columns[*at].contents.texts.len(), usize::MAX - at));
            fullest.map(|(at, times)| (at, times.format.clone()))
        })
    }

    /// What is left becomes traits of records, properties of events.
    fn values(&self, plan: &mut Plan) {
        let mut taken = Taken::default();
        let is_event = plan.shape == Shape::Events;
        for (at, column) in self.columns.iter().enumerate() {
            let (as_trait, as_property, kind) = match &column.nature {
                Nature::Nothing => {
                    plan.becomes[at] = vec![Becomes::Nothing];
                    continue;
                }
                Nature::Context(name) if is_event => {
                    plan.becomes[at].push(Becomes::Context(name.clone()));
                    continue;
                }
                Nature::Value { as_trait, as_property, kind, .. } => {
                    (as_trait.clone(), as_property.clone(), kind.clone())
                }
                Nature::Identifier(kind) if !is_event && [kinds::EMAIL, kinds::PHONE].contains(&kind.as_str()) => {
                    (kind.clone(), kind.clone(), Kind::Text)
                }
                Nature::Thing { property } => (snake(column.name), property.clone(), Kind::Text),
                Nature::Time(_, times) => (snake(column.name), snake(column.name), Kind::Time(times.format.clone())),
                _ => (snake(column.name), snake(column.name), Kind::Text),
            };
            let kept_elsewhere = plan.becomes[at].iter().any(|becomes| match becomes {
                Becomes::Key | Becomes::Identifier(_) | Becomes::Fallback(_) if !is_event => {
                    !column.is_identifier() || !["email", "phone"].contains(&as_trait.as_str())
                }
                Becomes::Trait(..) | Becomes::Time(_) | Becomes::EventName | Becomes::DeleteMarker => true,
                Becomes::Identifier(_) => true,
                _ => false,
            });
            if kept_elsewhere {
                continue;
            }
            plan.becomes[at].push(match is_event {
                true => Becomes::Property(taken.name(&as_property), kind),
                false => Becomes::Trait(taken.name(&as_trait), kind),
            });
        }
    }

    fn decision(&self, about: &'static str, says: String, confidence: f64, column: usize) -> Decision {
        Decision { about, says, confidence, reasons: self.columns[column].reasons.clone() }
    }

    /// What holds for some rows of a file need not hold for all.
    fn certainty(&self) -> f64 {
        if self.sample.whole { 1.0 } else { 0.95 }
    }
}

/// Names that are given: none twice, and none inside of another.
#[derive(Debug, Default)]
struct Taken(BTreeSet<String>);

impl Taken {
    fn name(&mut self, wanted: &str) -> String {
        let flat = wanted.replace('.', "_");
        let numbered = (2..).map(|number| format!("{flat}_{number}"));
        let mut names = [wanted.to_owned(), flat.clone()].into_iter().chain(numbered);
        let free = names.find(|name| self.is_free(name)).expect("numbers have no end");
        self.0.insert(free.clone());
        free
    }

    fn is_free(&self, name: &str) -> bool {
        let inside = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
        !self.0.iter().any(|taken| taken == name || inside(taken, name) || inside(name, taken))
    }
}
