/// A file of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum File {
    WebEvents,
    MobileEvents,
    EmailEvents,
    AdImpressions,
    PosReceipts,
    EcommerceOrderItems,
    EcommerceOrders,
    CookieSyncs,
    Consents,
    SupportTickets,
    CrmContacts,
    EcommerceCustomers,
    LoyaltyMembers,
    Truth,
}

impl File {
    /// The largest first, which is a good order of work.
    pub const ALL: [Self; 14] = [
        Self::WebEvents,
        Self::MobileEvents,
        Self::EmailEvents,
        Self::AdImpressions,
        Self::PosReceipts,
        Self::EcommerceOrderItems,
        Self::EcommerceOrders,
        Self::CookieSyncs,
        Self::Consents,
        Self::SupportTickets,
        Self::CrmContacts,
        Self::EcommerceCustomers,
        Self::LoyaltyMembers,
        Self::Truth,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::WebEvents => "web_events.jsonl.gz",
            Self::MobileEvents => "mobile_events.jsonl.gz",
            Self::EmailEvents => "email_events.jsonl.gz",
            Self::AdImpressions => "ad_impressions.csv.gz",
            Self::PosReceipts => "pos_receipts.csv.gz",
            Self::EcommerceOrderItems => "ecommerce_order_items.csv.gz",
            Self::EcommerceOrders => "ecommerce_orders.csv.gz",
            Self::CookieSyncs => "cookie_syncs.jsonl.gz",
            Self::Consents => "consents.csv.gz",
            Self::SupportTickets => "support_tickets.csv.gz",
            Self::CrmContacts => "crm_contacts.csv.gz",
            Self::EcommerceCustomers => "ecommerce_customers.csv.gz",
            Self::LoyaltyMembers => "loyalty_members.csv.gz",
            Self::Truth => "truth.csv.gz",
        }
    }

    /// The names of the columns of a CSV file; none for lines of JSON.
    pub fn header(self) -> &'static [&'static str] {
        match self {
            Self::WebEvents | Self::MobileEvents | Self::EmailEvents | Self::CookieSyncs => &[],
            Self::AdImpressions => &[
                "impression_id",
                "ts",
                "adx_cookie",
                "ip",
                "user_agent",
                "site",
                "size",
                "price_cpm",
                "content_category",
                "click",
            ],
            Self::PosReceipts => {
                &["receipt_id", "loyalty_id", "store_id", "ts", "product_id", "category", "quantity", "price", "tender"]
            }
            Self::EcommerceOrderItems => &["order_id", "product_id", "category", "price", "quantity"],
            Self::EcommerceOrders => {
                &["order_id", "customer_id", "email", "created_at", "total", "currency", "coupon", "status"]
            }
            Self::Consents => &["email", "purpose", "status", "ts", "source"],
            Self::SupportTickets => &["ticket_id", "email", "phone", "created_at", "topic", "status", "csat"],
            Self::CrmContacts => &[
                "ContactId",
                "FirstName",
                "LastName",
                "Email",
                "Phone",
                "Street",
                "City",
                "State",
                "PostalCode",
                "BirthYear",
                "CreatedOn",
                "LeadSource",
                "DoNotContact",
            ],
            Self::EcommerceCustomers => {
                &["customer_id", "email", "full_name", "created_at", "marketing_opt_in", "default_address"]
            }
            Self::LoyaltyMembers => {
                &["LoyaltyId", "Name", "EmailAddress", "MobileNumber", "Tier", "Points", "JoinDate", "HomeStore"]
            }
            Self::Truth => &["person_id", "source", "source_id", "household"],
        }
    }

    /// Whether the file is an export of rows, in the order of people, rather than a stream in the order of time.
    pub fn is_export(self) -> bool {
        matches!(self, Self::CrmContacts | Self::EcommerceCustomers | Self::LoyaltyMembers | Self::Truth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_in_their_own_place() {
        assert!(File::ALL.iter().enumerate().all(|(place, file)| *file as usize == place));
        assert!(File::ALL.iter().all(|file| file.header().is_empty() == file.name().contains(".jsonl")));
    }
}
