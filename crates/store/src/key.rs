use kit::Timestamp;

/// Builds keys whose byte order is the order of their parts: numbers big-endian, times with the sign bit flipped, texts ended by a zero byte.
#[derive(Debug, Clone, Default)]
pub struct Key(Vec<u8>);

impl Key {
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
    #[must_use]
    pub fn text(mut self, part: &str) -> Self {
        self.0.extend(part.bytes().filter(|byte| *byte != 0));
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
}
