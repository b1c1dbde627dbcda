//! What a person refused: where anything is denied, no address is kept whole.

use model::Event;

use super::words::{self, Words};

/// Whether a person denied a purpose, or their browser sends Global Privacy Control. A consent that cannot be read denies.
pub(super) fn deny(event: &Event, context: &Words<'_>, gpc_header: bool) -> bool {
    gpc_header || event.consents.iter().any(|change| !change.granted) || deny_in(context)
}

fn deny_in(context: &Words<'_>) -> bool {
    let says_gpc = |words: &Words<'_>| ["gpc", "globalPrivacyControl"].iter().any(|key| words.is_true(key));
    match context.raw("consent") {
        None => says_gpc(context),
        Some(consent) => {
            says_gpc(context) || words::object(consent).is_none_or(|consent| says_gpc(&consent) || refuses(&consent))
        }
    }
}

fn refuses(consent: &Words<'_>) -> bool {
    let Some(preferences) = consent.raw("categoryPreferences") else { return false };
    let denied = |preferences: Words<'_>| preferences.entries().any(|(_, value)| value.get() != "true");
    words::object(preferences).is_none_or(denied)
}
