/// Exponential back-off with equal jitter: after failed attempt `n` (from 1), 50 % to 100 % of `base · 2ⁿ⁻¹`, of `max` at most.
///
/// Source of the shape: Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), "equal jitter".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub base_ms: u64,
    pub max_ms: u64,
    /// How often to try in all, the first time included.
    pub attempts: u32,
}

impl Backoff {
    /// Returns how long to wait after failed attempt number `attempt` (the first is 1), or `None` when it was the last.
    ///
    /// `seed` spreads callers apart; the same seed and attempt give the same wait.
    pub fn wait_ms(&self, attempt: u32, seed: u64) -> Option<u64> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self.base_ms.saturating_mul(1 << attempt.saturating_sub(1).min(20));
        let full = doubled.min(self.max_ms).max(1);
        let half = full / 2;
        Some(half + splitmix(seed ^ u64::from(attempt)) % (full - half + 1))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a well-mixed function of its input.
fn splitmix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_stay_bounded_and_end() {
        let backoff = Backoff { base_ms: 100, max_ms: 1_000, attempts: 6 };
        for seed in 0..50 {
            for attempt in 1..6 {
                let full = (100u64 << (attempt - 1)).min(1_000);
                let wait = backoff.wait_ms(attempt, seed).expect("attempts are left");
                assert!((full / 2..=full).contains(&wait), "attempt {attempt}: {wait} of {full}");
            }
            assert_eq!(backoff.wait_ms(6, seed), None);
        }
    }
}
