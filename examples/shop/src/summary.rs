use std::collections::BTreeMap;

use kit::Timestamp;
use serde::{Deserialize, Serialize};

/// What a generated world holds. It is also written beside the files, as `world.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    pub people: u64,
    pub seed: u64,
    pub start: Timestamp,
    pub end: Timestamp,
    pub households: u64,
    /// Rows by file name, header lines not counted.
    pub rows: BTreeMap<String, u64>,
    pub hazards: Hazards,
}

impl Summary {
    /// Returns the rows of all files but the truth.
    pub fn facts(&self) -> u64 {
        self.rows.iter().filter(|(file, _)| !file.starts_with("truth")).map(|(_, rows)| rows).sum()
    }
}

/// How often each difficulty was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hazards {
    /// Web devices on which at least two people of one household were seen.
    pub family_computers: u64,
    /// Visits on a family computer that ran under the login of somebody else of the household.
    pub borrowed_logins: u64,
    pub kiosks: u64,
    pub kiosk_users: u64,
    /// Households with one mailbox for all, and the people in them.
    pub shared_mailboxes: u64,
    pub people_with_shared_mailbox: u64,
    /// Records with a nickname, a misspelt name or street, a name as `Last, First`, an e-mail in upper case, no e-mail, no phone.
    pub nicknames: u64,
    pub typos: u64,
    pub reversed_names: u64,
    pub upper_case_emails: u64,
    pub missing_emails: u64,
    pub missing_phones: u64,
    /// Records with a phone number, by the form in which it is written (see `spelling`).
    pub phone_forms: [u64; 5],
    /// Second CRM rows of a person who has one already.
    pub crm_duplicates: u64,
    pub people_who_moved: u64,
    pub bots: u64,
    pub bot_events: u64,
    /// Events that arrive at least an hour after they happened.
    pub late_events: u64,
    /// Events that arrive some seconds late, after younger ones of the same device.
    pub out_of_order_events: u64,
    /// Lines that repeat the `messageId` of an earlier one, with the same body …
    pub repeated_messages: u64,
    /// … and with another one.
    pub changed_messages: u64,
    pub consents_granted: u64,
    pub consents_withdrawn: u64,
    /// Times at which a device lost its cookies and came back under a new `anonymousId`.
    pub cookies_deleted: u64,
    /// Anonymous ids, web and mobile, under which nobody ever signed in.
    pub silent_devices: u64,
    /// Apps that send zeros as their advertising id.
    pub zero_advertising_ids: u64,
    /// Ad impressions of cookies whose device never signed in, or was never synced.
    pub anonymous_impressions: u64,
}
