use serde::{Deserialize, Serialize};

/// A value that must never be printed: tokens, write keys, passwords of destinations.
///
/// `Debug` and `Display` show `***`. Serialising writes the value, since secrets must be stored; words on the wire do not use this type.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// Draws a fresh secret of 160 bits from the operating system, as `prefix_` and 32 letters of Crockford's base 32.
    pub fn generate(prefix: &str) -> Result<Self, getrandom::Error> {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut random = [0u8; 32];
        getrandom::fill(&mut random)?;
        let letters: String = random.iter().map(|byte| ALPHABET[usize::from(byte & 31)] as char).collect();
        Ok(Self(format!("{prefix}_{letters}")))
    }

    /// Returns the value itself: only for the place that sends or stores it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_prints() {
        let secret = Secret::new("wk_abc");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    }

    #[test]
    fn generated_secrets_differ() {
        let [one, two] = [(); 2].map(|()| Secret::generate("wk").expect("the system gives random bytes"));
        assert_eq!(one.expose().len(), 35);
        assert_ne!(one.expose(), two.expose());
    }
}
