use kit::{Digest, Timestamp};

/// Builds keys whose byte order is the order of their parts: numbers big-endian, times with the sign bit flipped, texts ended by a zero byte.
///
/// Texts come from outside, and a backend takes keys of 64 KiB at most: so a text part longer than [`Key::TEXT_BYTES`] is shortened.
#[derive(Debug, Clone, Default)]
pub struct Key(Vec<u8>);

impl Key {
    /// The longest text part that is kept whole.
    pub const TEXT_BYTES: usize = 512;

    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn u32(mut self, part: u32) -> Self {
        self.0.extend_from_slice(&part.to_be_bytes());
        self
    }

    #[must_use]
    pub fn u64(mut self, part: u64) -> Self {
        self.0.extend_from_slice(&part.to_be_bytes());
        self
    }

    #[must_use]
    pub fn time(self, part: Timestamp) -> Self {
        self.u64(part.as_ms() as u64 ^ SIGN)
    }

    /// A text part; zero bytes in it are dropped, so that none can end it early.
    ///
    /// A longer one than [`Key::TEXT_BYTES`] becomes its beginning and the digest of the whole: still the same key for the same text and
    /// another for another one, still found by its beginning, but no more read back in full.
    #[must_use]
    pub fn text(mut self, part: &str) -> Self {
        let start = self.0.len();
        self.0.extend(part.bytes().filter(|byte| *byte != 0));
        if self.0.len() - start > Self::TEXT_BYTES {
            self.shorten(start);
        }
        self.0.push(0);
        self
    }

    #[must_use]
    pub fn bytes(mut self, part: &[u8]) -> Self {
        self.0.extend_from_slice(part);
        self
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Shortens the text that starts here. The outcome is longer than any text that is kept whole, so that it equals none.
    fn shorten(&mut self, start: usize) {
        let text = String::from_utf8_lossy(&self.0[start..]).into_owned();
        self.0.truncate(start + text.floor_char_boundary(Self::TEXT_BYTES));
        self.0.extend_from_slice(Digest::of(&[&text]).to_string().as_bytes());
    }
}

impl From<Key> for Vec<u8> {
    fn from(key: Key) -> Self {
        key.0
    }
}

const SIGN: u64 = 1 << 63;

/// Reads the number that stands `at` bytes into a key.
pub fn read_u32(key: &[u8], at: usize) -> Option<u32> {
    key.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes)
}

/// Reads the number that stands `at` bytes into a key.
pub fn read_u64(key: &[u8], at: usize) -> Option<u64> {
    key.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes)
}

/// Reads the time that stands `at` bytes into a key.
pub fn read_time(key: &[u8], at: usize) -> Option<Timestamp> {
    read_u64(key, at).map(|bits| Timestamp::from_ms((bits ^ SIGN) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_is_the_order_of_parts() {
        let key = |text: &str, ms: i64| Vec::from(Key::new().text(text).time(Timestamp::from_ms(ms)));
        let ordered = [key("a", -5), key("a", 0), key("a", 7), key("ab", -9), key("b", 1)];
        assert!(ordered.is_sorted());
        assert_eq!(read_time(&ordered[0], 2), Some(Timestamp::from_ms(-5)));
        assert_eq!(read_u32(&[0, 0], 0), None);
    }

    #[test]
    fn no_text_makes_a_key_too_long_and_no_two_texts_make_the_same() {
        let key = |text: &str| Vec::from(Key::new().text(text));
        let whole = "ü".repeat(256);
        assert_eq!(key(&whole), [whole.as_bytes(), b"\0"].concat());
        let long = "ü".repeat(100_000);
        let shortened = String::from_utf8(key(&long)).expect("cut between letters");
        assert!(shortened.starts_with(&whole) && shortened.len() == 545, "{} bytes", shortened.len());
        assert_ne!(key(&long), key(&format!("{long}x")));
        assert_ne!(key(&format!("a{long}")), key(&format!("a{long}x")), "also where a letter stands across the limit");
        assert_ne!(key(&long), key(shortened.trim_end_matches('\0')), "what was shortened cannot be written by hand");
    }
}
