//! Where do random bytes come from?
//!
//! From a seed: two runs with the same seed see the same bytes.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A stream of random bytes that its seed determines.
#[derive(Debug, Clone)]
pub struct Random {
    stream: ChaCha20Rng,
}

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Random {
        Random {
            stream: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// The next bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.stream.fill_bytes(bytes);
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.stream.next_u64()
    }

    /// A number below a bound, which is not 0. All are as likely as makes no difference.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound.max(1)
    }

    /// A random UUID of version 4, as `/proc/sys/kernel/random/uuid` prints it.
    pub fn uuid(&mut self) -> String {
        let high = self.next_u64() & !0xf000 | 0x4000;
        let low = self.next_u64() & !(3 << 62) | 2 << 62;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (mut one, mut two) = (Random::new(1), Random::new(1));
        let (mut a, mut b) = ([0; 40], [0; 40]);
        one.fill(&mut a);
        two.fill(&mut b);
        assert_eq!(a, b);
        Random::new(2).fill(&mut b);
        assert_ne!(a, b);
    }

    #[test]
    fn a_uuid_tells_its_version() {
        let uuid = Random::new(0).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
    }
}
