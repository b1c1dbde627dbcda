//! Where an address is: the country from the registries' own tables, and more from an operator's databases.

use std::fmt;
use std::net::IpAddr;

use maxminddb::Reader;
use serde::{Deserialize, Serialize};

/// Databases of an operator, in the order in which they are asked.
#[derive(Default)]
pub struct Geo {
    databases: Vec<Reader<Vec<u8>>>,
}

/// A file that is no database of addresses.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("database {place} cannot be read: it is no `.mmdb` file, or a broken one")]
pub struct GeoError {
    /// Which one of those given, from 1.
    pub place: usize,
}

impl kit::Coded for GeoError {
    fn code(&self) -> &'static str {
        "invalid_geo_database"
    }
}

impl Geo {
    /// Takes the contents of `.mmdb` files, e.g. one of cities and one of networks; what the first does not say, the next may. Rows are read
    /// in MaxMind's form, which DB-IP's files have too. Errors: `invalid_geo_database`.
    pub fn new(files: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, GeoError> {
        let databases = files.into_iter().enumerate();
        let databases =
            databases.map(|(index, bytes)| Reader::from_source(bytes).map_err(|_| GeoError { place: index + 1 }));
        Ok(Self { databases: databases.collect::<Result<_, _>>()? })
    }

    pub(super) fn place(&self, address: IpAddr) -> Place {
        let mut place = Place::default();
        for database in &self.databases {
            place.add(row(database, address));
        }
        place
    }
}

impl fmt::Debug for Geo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Geo").field("databases", &self.databases.len()).finish()
    }
}

/// Which country a registry gave an address to: ISO 3166-1 alpha-2, or `EU` where it does not say. It is right for about 95 in 100.
pub(super) fn allocated(address: IpAddr) -> Option<&'static str> {
    iptocc::country_code(address)
}

/// Where an address is, as far as is known. Positions and postal codes are left out: they say more than they know.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Who says the country: `database`, `proxy` or `registry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// The largest part of the country, by its English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// ISO 3166-2 without the country.
    #[serde(skip_serializing_if = "Option::is_none")]
    region_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// The number of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    asn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
}

impl Place {
    fn add(&mut self, row: Row<'_>) {
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let largest = row.subdivisions.into_iter().next().unwrap_or_default();
        let fill = |place: &mut Option<String>, text| *place = place.take().or_else(|| owned(text));
        fill(&mut self.country, row.country.iso_code);
        fill(&mut self.region, largest.names.en);
        fill(&mut self.region_code, largest.iso_code);
        fill(&mut self.city, row.city.names.en);
        fill(&mut self.timezone, row.location.time_zone);
        fill(&mut self.organisation, row.autonomous_system_organization);
        self.asn = self.asn.or(row.autonomous_system_number);
        self.source = self.source.or(self.country.is_some().then_some("database"));
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A row that cannot be read says nothing.
fn row(database: &Reader<Vec<u8>>, address: IpAddr) -> Row<'_> {
    let found = database.lookup(address).and_then(|found| found.decode());
    found.ok().flatten().unwrap_or_default()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow)]
    country: Named<'a>,
    #[serde(borrow)]
    subdivisions: Vec<Named<'a>>,
    #[serde(borrow)]
    city: Named<'a>,
    #[serde(borrow)]
    location: Location<'a>,
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named<'a> {
    iso_code: Option<&'a str>,
    #[serde(borrow)]
    names: Names<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Names<'a> {
    en: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    time_zone: Option<&'a str>,
}
