//! Images with bytes changed at random, the same each time.

/// Numbers that look random, the same each time.   [Marsaglia, Xorshift RNGs]
pub(crate) struct Shuffle(pub(crate) u64);

impl Shuffle {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    /// The bytes with some of them changed, most in the headers, where most of what matters is; some images end early.
    pub(crate) fn mutated(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(6) {
            let end = if self.below(3) > 0 {
                0x400
            } else {
                bytes.len()
            };
            let at = self.below(end.min(bytes.len()));
            bytes[at] = [0, 0xff, 0x80, self.below(256) as u8][self.below(4)];
        }
        if self.below(8) == 0 {
            bytes.truncate(self.below(bytes.len()) + 1);
        }
        bytes
    }
}
