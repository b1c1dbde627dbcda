//! The words of the Segment spec that the website and the app use, in the order in which their libraries write them.

use kit::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::ecommerce::Item;
use crate::catalogue::Cents;

/// One call.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line<'a> {
    pub r#type: &'a str,
    pub message_id: String,
    pub anonymous_id: &'a str,
    pub timestamp: Timestamp,
    pub context: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traits: Option<Traits<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Properties<'a> {
    Page {
        url: String,
        path: String,
    },
    Viewed {
        product_id: &'a str,
        name: &'a str,
        category: &'a str,
        price: Cents,
    },
    Added {
        product_id: &'a str,
        price: Cents,
        quantity: u32,
        cart_id: &'a str,
    },
    Checkout {
        #[serde(skip_serializing_if = "Option::is_none")]
        order_id: Option<&'a str>,
        value: Cents,
        currency: &'a str,
        products_count: usize,
    },
    Completed {
        order_id: &'a str,
        revenue: Cents,
        currency: &'a str,
        coupon: Option<&'a str>,
        products_count: usize,
        products: &'a [Item<'a>],
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traits<'a> {
    pub email: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
}

/// What is the same for all calls of a visit.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Context<'a> {
    pub ip: &'a str,
    pub locale: &'a str,
    pub library: Library<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Mobile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Campaign>,
}

#[derive(Debug, Serialize)]
pub struct Library<'a> {
    pub name: &'a str,
    pub version: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mobile<'a> {
    pub r#type: &'a str,
    pub advertising_id: &'a str,
    pub ad_tracking_enabled: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Campaign {
    source: &'static str,
    medium: &'static str,
    name: &'static str,
}

pub const CAMPAIGNS: [Campaign; 6] = [
    Campaign { source: "google", medium: "cpc", name: "spring-sale" },
    Campaign { source: "facebook", medium: "paid_social", name: "lookalike-1" },
    Campaign { source: "newsletter", medium: "email", name: "weekly" },
    Campaign { source: "bing", medium: "cpc", name: "brand" },
    Campaign { source: "affiliate", medium: "referral", name: "coupon-site" },
    Campaign { source: "tiktok", medium: "paid_social", name: "ugc" },
];

impl<'a> Line<'a> {
    pub fn of(kind: &'a str) -> Self {
        Self { r#type: kind, ..Self::default() }
    }

    pub fn track(event: &'a str, properties: Properties<'a>) -> Self {
        Self { event: Some(event), properties: Some(properties), ..Self::of("track") }
    }
}

impl Context<'_> {
    pub fn to_raw(&self) -> Box<RawValue> {
        serde_json::value::to_raw_value(self).expect("our own words are JSON")
    }
}
