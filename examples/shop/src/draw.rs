use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Seeded chance. The shapes are written here rather than taken from a library, whose next version might draw otherwise.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// Streams of one seed are independent of each other: a household, a bot and the catalogue have one each.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Self(random)
    }

    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a number in `0..n`; `n` is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.word()) * n as u128) >> 64) as usize
    }

    /// Returns a number in `low..high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(usize::try_from(high - low).unwrap_or(1).max(1)) as i64
    }

    /// Returns a number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Picks like names are spread: an item's weight falls with its place, as 1 / (place + `flat`).
    pub fn pick_zipf<'a, T>(&mut self, items: &'a [T], flat: f64) -> &'a T {
        let spread = (items.len() as f64 + flat) / flat;
        let place = flat * spread.powf(self.unit()) - flat;
        &items[(place as usize).min(items.len() - 1)]
    }

    /// Picks an index with the given weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum::<u32>() as usize) as u32;
        weights.iter().position(|&weight| left.checked_sub(weight).map(|rest| left = rest).is_none()).unwrap_or(0)
    }

    /// A standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = ((-2.0 * (1.0 - self.unit()).ln()).sqrt(), std::f64::consts::TAU * self.unit());
        radius * angle.cos()
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Returns a version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.word(), self.word());
        let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
        format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", 0x8000 | (low >> 48) & 0x3fff, low & 0xffff_ffff_ffff)
    }

    /// Returns `digits` hexadecimal digits, at most 32.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = format!("{:016x}{:016x}", self.word(), self.word());
        text.truncate(digits);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_have_their_means() {
        let mut draw = Draw::new(7, 1);
        let mut mean = |shape: fn(&mut Draw) -> f64| (0..20_000).map(|_| shape(&mut draw)).sum::<f64>() / 20_000.0;
        assert!((mean(Draw::unit) - 0.5).abs() < 0.02);
        assert!(mean(Draw::normal).abs() < 0.03);
        assert!((mean(|draw| draw.exponential(3.0)) - 3.0).abs() < 0.1);
        assert!((mean(|draw| draw.weighted(&[1, 0, 3]) as f64) - 1.5).abs() < 0.05);
        assert!((mean(|draw| draw.between(-2, 3) as f64)).abs() < 0.05);
    }

    #[test]
    fn early_items_are_more_frequent_but_none_is_out_of_reach() {
        let (mut draw, items, mut seen) = (Draw::new(7, 2), [0, 1, 2, 3, 4, 5, 6, 7], [0u32; 8]);
        (0..20_000).for_each(|_| seen[*draw.pick_zipf(&items, 2.0)] += 1);
        assert!(seen.is_sorted_by(|a, b| a > b) && seen[7] > 500, "{seen:?}");
    }

    #[test]
    fn ids_have_their_form_and_streams_differ() {
        let id = Draw::new(7, 3).uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert_eq!(Draw::new(7, 3).uuid(), id);
        assert_ne!(Draw::new(7, 4).uuid(), id);
        assert_eq!(Draw::new(7, 3).hex(24).len(), 24);
    }
}
