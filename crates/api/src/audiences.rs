use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAudience {
    /// A lower-case word, e.g. `vip_buyers`.
    pub name: String,
    /// The rule's text.
    pub rule: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AudienceList {
    pub data: Vec<AudienceRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AudienceRow {
    pub name: String,
    pub description: String,
    /// The rule as canonical text.
    pub rule: String,
    /// The rule as JSON.
    #[schema(value_type = Object)]
    pub rule_json: serde_json::Value,
    /// Members now.
    pub size: u64,
    /// Size as a share of all profiles, 0 to 1.
    pub share: f64,
    /// Destinations that follow it.
    pub destinations: Vec<String>,
    pub created_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    pub rule: String,
}

/// The exact size of a rule over all history. Where the rule has problems, `size` is absent and they are listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// All profiles, of which `size` is a part.
    pub of: u64,
    /// The rule as canonical text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Everything known at this moment is counted.
    pub as_of: String,
    pub took_ms: f64,
    pub problems: Vec<Problem>,
    /// The named SQL steps that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

/// A mistake in a rule's text, with its place in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    pub start: u64,
    pub end: u64,
    pub code: String,
    pub message: String,
    pub alternatives: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MemberList {
    pub data: Vec<MemberRow>,
    pub cursor: super::Cursor,
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberRow {
    pub id: String,
    pub label: String,
    pub since: String,
}

/// Why a profile is, or is not, in an audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Why {
    pub profile: String,
    pub audience: String,
    pub member: bool,
    /// When time alone could change the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_at: Option<String>,
    /// The rule as a tree, each part with what it found.
    pub tree: RulePart,
}

/// One part of a rule with its evidence, as in `Why::tree`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RulePart {
    pub text: String,
    pub holds: bool,
    pub evidence: Vec<String>,
    #[schema(no_recursion)]
    pub children: Vec<RulePart>,
}
