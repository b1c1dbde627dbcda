use super::session::Session;
use super::{Desk, ads};
use crate::Error;
use crate::draw::Draw;
use crate::outings::{Device, Outings, Place, Visit};
use crate::people::Household;

/// Writes the events of a household's visits to the website and the app, its orders, and its devices' ads.
pub fn note(desk: &mut Desk, draw: &mut Draw, household: &Household) -> Result<(), Error> {
    let Outings { mut devices, visits } = Outings::draw(draw, desk.settings, household);
    for visit in &visits {
        let device = &mut devices[visit.device];
        if device.forgets_at.is_some_and(|at| at <= visit.starts_ms && device.since_ms.is_some()) {
            desk.hazards.cookies_deleted += 1;
            retire(desk, draw, household, device, visit.starts_ms)?;
            device.forget(draw);
        }
        arrive(desk, draw, visit, device)?;
        Session::begin(desk, draw, household, visit, device)?.run()?;
    }
    let end = desk.settings.end.as_ms();
    devices.iter().try_for_each(|device| retire(desk, draw, household, device, end))
}

/// Marks the device as used by the visitor; a login of somebody else mostly ends here.
fn arrive(desk: &mut Desk, draw: &mut Draw, visit: &Visit, device: &mut Device) -> Result<(), Error> {
    if device.since_ms.is_none() {
        device.since_ms = Some(visit.starts_ms);
        ads::sync(desk, draw, device, visit.starts_ms)?;
    }
    if !device.users.contains(&visit.person) {
        device.users.push(visit.person);
    }
    if device.login.is_some_and(|login| login != visit.person) {
        let stays = !visit.buys && draw.chance(0.3);
        desk.hazards.borrowed_logins += u64::from(stays);
        device.login = device.login.filter(|_| stays);
    }
    Ok(())
}

/// Writes down whose the device was under its present identity, and the ads that it was shown.
fn retire(
    desk: &mut Desk,
    draw: &mut Draw,
    household: &Household,
    device: &Device,
    until_ms: i64,
) -> Result<(), Error> {
    let (Some(since_ms), Some(&first)) = (device.since_ms, device.users.first()) else { return Ok(()) };
    desk.hazards.family_computers += u64::from(device.place == Place::FamilyComputer && device.users.len() > 1);
    desk.hazards.silent_devices += u64::from(!device.ever_login && device.place != Place::Kiosk);
    let advertising_id = device.advertising_id();
    let usable_id = advertising_id.filter(|id| !id.starts_with("00000000"));
    desk.hazards.zero_advertising_ids += u64::from(advertising_id.is_some() && usable_id.is_none());
    ads::note(desk, draw, &household.people[first], device, since_ms, until_ms)?;
    for person in device.users.iter().map(|&user| &household.people[user]) {
        desk.truth_of(household, person, device.source(), &device.anonymous_id)?;
        if let Some(id) = usable_id {
            desk.truth_of(household, person, "maid", id)?;
        }
        if let Some(cookie) = &device.adx_cookie {
            desk.truth_of(household, person, "adx_cookie", cookie)?;
        }
    }
    Ok(())
}
