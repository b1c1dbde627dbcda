use std::path::Path;

use kit::Timestamp;

use crate::catalogue::Catalogue;
use crate::draw::Draw;
use crate::people::{Registry, kiosks};
use crate::sink::{File, Sink};
use crate::sources::{Desk, Numbers};
use crate::tables::Tables;
use crate::{Error, Hazards, Settings, Summary, truth};

/// One retailer with its eight sources, known down to the last person.
#[derive(Debug)]
pub struct World {
    settings: Settings,
}

/// How far [`World::write_to`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// `people` while people are drawn, `files` while their files are put in order.
    pub what: &'static str,
    pub done: u64,
    pub total: u64,
}

/// Written beside the files, so that a world remembers its end.
pub(crate) const SUMMARY_FILE: &str = "world.json";

/// Streams of chance above those of the households, of which there are at most a million.
const CATALOGUE: u64 = 1 << 32;
const BOTS: u64 = 2 << 32;
/// One bot for so many people.
const PEOPLE_PER_BOT: u64 = 500;

impl World {
    /// Checks the settings. Nothing is drawn before [`World::write_to`], which never holds more than a part of the world.
    ///
    /// # Errors
    /// [`Error::People`] and [`Error::Days`] when a setting is out of its range.
    pub fn generate(settings: &Settings) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self { settings: settings.clone() })
    }

    /// Writes the world's files into `dir`, which is made if it is not there; files of the same names are overwritten.
    ///
    /// The same settings give the same bytes. Streams are in the order of arrival, exports in the order of people. Memory holds a few
    /// hundred MB at most; what waits for its turn beyond that lies in hidden files in `dir`, which are gone at the end.
    ///
    /// # Errors
    /// [`Error::Io`] when a file cannot be written.
    pub fn write_to(&self, dir: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Summary, Error> {
        let mut sink = Sink::create(dir, &self.settings)?;
        let mut hazards = Hazards { kiosks: kiosks(self.settings.people).into(), ..Hazards::default() };
        let households = self.draw(&mut sink, &mut hazards, progress)?;
        let total = File::ALL.iter().filter(|file| !file.is_export()).count() as u64;
        let mut done = 0;
        let rows = sink.finish(&mut |_| {
            done += 1;
            progress(Progress { what: "files", done, total });
        })?;
        let Settings { people, seed, end, .. } = self.settings;
        let summary =
            Summary { people: people.into(), seed, start: self.settings.start(), end, households, rows, hazards };
        write_summary(dir, &summary)?;
        Ok(summary)
    }

    /// Returns the moment at which the world in `dir` ends: as its `world.json` says, else the youngest time in its files.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Row`] when a file cannot be read, [`Error::NoEnd`] when there is no time in any.
    pub fn end_of(dir: &Path) -> Result<Timestamp, Error> {
        match read_summary(dir)? {
            Some(summary) => Ok(summary.end),
            None => truth::youngest_time(dir)?.ok_or_else(|| Error::NoEnd { path: dir.to_owned() }),
        }
    }

    /// Draws everybody, and returns the number of households.
    fn draw(&self, sink: &mut Sink, hazards: &mut Hazards, progress: &mut dyn FnMut(Progress)) -> Result<u64, Error> {
        let Settings { people, seed, .. } = self.settings;
        let tables = Tables::load();
        let catalogue = Catalogue::draw(&mut Draw::new(seed, CATALOGUE));
        let mut registry = Registry::new(&self.settings, &tables);
        let (settings, tables, next) = (&self.settings, &tables, Numbers::default());
        let mut desk = Desk { settings, tables, catalogue: &catalogue, sink, hazards, next };
        let (mut households, mut drawn) = (0, 0);
        while drawn < people {
            let mut draw = Draw::new(seed, households);
            let household = registry.household(&mut draw, drawn + 1, people - drawn);
            desk.note(&mut draw, &household)?;
            households += 1;
            report(people, drawn, household.people.len() as u32, progress);
            drawn += household.people.len() as u32;
        }
        let bots = 1..=u64::from(people) / PEOPLE_PER_BOT;
        bots.into_iter().try_for_each(|number| desk.note_bot(&mut Draw::new(seed, BOTS + number), number))?;
        Ok(households)
    }
}

/// Reports each hundredth of the people.
fn report(people: u32, before: u32, more: u32, progress: &mut dyn FnMut(Progress)) {
    let step = (people / 100).max(1);
    let after = before + more;
    if before / step != after / step || after == people {
        progress(Progress { what: "people", done: after.into(), total: people.into() });
    }
}

fn write_summary(dir: &Path, summary: &Summary) -> Result<(), Error> {
    let path = dir.join(SUMMARY_FILE);
    let text = serde_json::to_string_pretty(summary).expect("a summary has text keys and numbers");
    std::fs::write(&path, text + "\n").map_err(Error::at(&path))
}

fn read_summary(dir: &Path) -> Result<Option<Summary>, Error> {
    let path = dir.join(SUMMARY_FILE);
    match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::at(&path)(error)),
        Ok(text) => {
            let unreadable =
                |error: serde_json::Error| Error::Row { path, row: error.line() as u64, reason: error.to_string() };
            serde_json::from_slice(&text).map(Some).map_err(unreadable)
        }
    }
}
