//! What do `fxsave` and `fsave` make of the x87 and SSE registers?
//!
//! [Intel SDM vol. 1, 8.1.10 and 10.5.1; Linux arch/x86/include/asm/fpu/types.h]

use emu_cpu::{Reg, x86, x86_64};

/// Bytes of an `fxsave` image.
pub(in crate::kernel::linux) const FXSAVE: usize = 512;
/// Bytes of an `fsave` image: `struct user_i387_ia32_struct`.
pub(in crate::kernel::linux) const FSAVE: usize = 108;

/// Bits of MXCSR that may be set.
const MXCSR_MASK: u32 = 0xffff;

/// The registers, as a mode of the CPU numbers them.
pub(in crate::kernel::linux) struct X87 {
    control: Reg,
    status: Reg,
    tag: Reg,
    mxcsr: Reg,
    opcode: Reg,
    instruction: Reg,
    operand: Reg,
    /// ST0, and seven that follow.
    stack: Reg,
    /// XMM0, and those that follow.
    vectors: Reg,
    vector_count: u8,
}

pub(in crate::kernel::linux) static X87_32: X87 = X87 {
    control: x86::FPCW,
    status: x86::FPSW,
    tag: x86::FPTAG,
    mxcsr: x86::MXCSR,
    opcode: x86::FOP,
    instruction: x86::FIP,
    operand: x86::FDP,
    stack: x86::ST0,
    vectors: x86::XMM0,
    vector_count: 8,
};

pub(in crate::kernel::linux) static X87_64: X87 = X87 {
    control: x86_64::FPCW,
    status: x86_64::FPSW,
    tag: x86_64::FPTAG,
    mxcsr: x86_64::MXCSR,
    opcode: x86_64::FOP,
    instruction: x86_64::FIP,
    operand: x86_64::FDP,
    stack: x86_64::ST0,
    vectors: x86_64::XMM0,
    vector_count: 16,
};

fn nth(first: Reg, n: usize) -> Reg {
    Reg(first.0 + n as u8)
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    if let Some(from) = bytes.get(at..at + N) {
        out.copy_from_slice(from);
    }
    out
}

/// Two bits for each register, 3 for an empty one, from one that is set for each that is not empty. What is in the others
/// is told by their contents.   [Linux arch/x86/kernel/fpu/regset.c, twd_fxsr_to_i387]
fn wide_tags(fxsave: &[u8]) -> u16 {
    let top = usize::from(u16::from_le_bytes(part(fxsave, 2)) >> 11 & 7);
    let mut tags = 0;
    for n in 0..8 {
        let tag = if fxsave[4] >> n & 1 == 0 {
            3
        } else {
            let at = 32 + 16 * ((n + 8 - top) & 7);
            let exponent = u16::from_le_bytes(part(fxsave, at + 8)) & 0x7fff;
            let significand = u64::from_le_bytes(part(fxsave, at));
            match (exponent, significand) {
                (0, 0) => 1,
                (0x7fff | 0, _) => 2,
                (_, significand) if significand >> 63 == 0 => 2,
                _ => 0,
            }
        };
        tags |= tag << (2 * n);
    }
    tags
}

/// One bit for each register that is not empty.
fn narrow_tags(tags: u16) -> u8 {
    (0..8).fold(0, |bits, n| bits | u8::from(tags >> (2 * n) & 3 != 3) << n)
}

impl X87 {
    /// The state as `fxsave` stores it.
    pub(in crate::kernel::linux) fn save(&self, read: &dyn Fn(Reg) -> u128) -> [u8; FXSAVE] {
        let mut image = [0; FXSAVE];
        let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &(read(self.control) as u16).to_le_bytes());
        put(2, &(read(self.status) as u16).to_le_bytes());
        put(4, &[narrow_tags(read(self.tag) as u16)]);
        put(6, &(read(self.opcode) as u16).to_le_bytes());
        put(8, &(read(self.instruction) as u64).to_le_bytes());
        put(16, &(read(self.operand) as u64).to_le_bytes());
        put(24, &(read(self.mxcsr) as u32).to_le_bytes());
        put(28, &MXCSR_MASK.to_le_bytes());
        for n in 0..8 {
            put(32 + 16 * n, &read(nth(self.stack, n)).to_le_bytes()[..10]);
        }
        for n in 0..usize::from(self.vector_count) {
            put(160 + 16 * n, &read(nth(self.vectors, n)).to_le_bytes());
        }
        image
    }

    /// Loads a state as `fxrstor` does. False, and nothing is changed, when MXCSR has bits that there are not.
    pub(in crate::kernel::linux) fn restore(
        &self,
        image: &[u8],
        write: &mut dyn FnMut(Reg, u128),
    ) -> bool {
        let mxcsr = u32::from_le_bytes(part(image, 24));
        if image.len() < FXSAVE || mxcsr & !MXCSR_MASK != 0 {
            return false;
        }
        write(self.control, u16::from_le_bytes(part(image, 0)).into());
        // It says which register ST0 is, and has to be set first.
        write(self.status, u16::from_le_bytes(part(image, 2)).into());
        write(self.opcode, u16::from_le_bytes(part(image, 6)).into());
        write(self.instruction, u64::from_le_bytes(part(image, 8)).into());
        write(self.operand, u64::from_le_bytes(part(image, 16)).into());
        write(self.mxcsr, mxcsr.into());
        for n in 0..8 {
            let value = u128::from_le_bytes(part(image, 32 + 16 * n));
            write(nth(self.stack, n), value & ((1 << 80) - 1));
        }
        write(self.tag, wide_tags(image).into());
        for n in 0..usize::from(self.vector_count) {
            let value = u128::from_le_bytes(part(image, 160 + 16 * n));
            write(nth(self.vectors, n), value);
        }
        true
    }

    /// The state of a program that has not calculated yet.   [Linux arch/x86/kernel/fpu/core.c, fpstate_init_fxstate]
    pub(in crate::kernel::linux) fn clear(&self, write: &mut dyn FnMut(Reg, u128)) {
        let mut image = [0; FXSAVE];
        image[..2].copy_from_slice(&0x37fu16.to_le_bytes());
        image[24..28].copy_from_slice(&0x1f80u32.to_le_bytes());
        self.restore(&image, write);
    }
}

/// The older form of an `fxsave` image, with the segments that the program has.
/// [Linux arch/x86/kernel/fpu/regset.c, __convert_from_fxsr]
pub(in crate::kernel::linux) fn to_fsave(fxsave: &[u8], cs: u16, ds: u16) -> [u8; FSAVE] {
    let mut image = [0; FSAVE];
    let mut put = |at: usize, value: u32| image[at..at + 4].copy_from_slice(&value.to_le_bytes());
    let high = 0xffff_0000;
    put(0, high | u32::from(u16::from_le_bytes(part(fxsave, 0))));
    put(4, high | u32::from(u16::from_le_bytes(part(fxsave, 2))));
    put(8, high | u32::from(wide_tags(fxsave)));
    put(12, u32::from_le_bytes(part(fxsave, 8)));
    put(16, cs.into());
    put(20, u32::from_le_bytes(part(fxsave, 16)));
    put(24, high | u32::from(ds));
    for n in 0..8 {
        image[28 + 10 * n..][..10].copy_from_slice(&part::<10>(fxsave, 32 + 16 * n));
    }
    image
}

/// Puts what the older form has into an `fxsave` image.   [the same, convert_to_fxsr]
pub(in crate::kernel::linux) fn from_fsave(fxsave: &mut [u8; FXSAVE], fsave: &[u8]) {
    let word = |at: usize| u32::from_le_bytes(part(fsave, at));
    fxsave[0..2].copy_from_slice(&part::<2>(fsave, 0));
    fxsave[2..4].copy_from_slice(&part::<2>(fsave, 4));
    fxsave[4] = narrow_tags(word(8) as u16);
    fxsave[5] = 0;
    fxsave[6..8].copy_from_slice(&((word(16) >> 16) as u16).to_le_bytes());
    fxsave[8..16].copy_from_slice(&u64::from(word(12)).to_le_bytes());
    fxsave[16..24].copy_from_slice(&u64::from(word(20)).to_le_bytes());
    for n in 0..8 {
        fxsave[32 + 16 * n..][..10].copy_from_slice(&part::<10>(fsave, 28 + 10 * n));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_was_saved_is_restored() {
        let mut registers: BTreeMap<Reg, u128> = BTreeMap::new();
        let x87 = &X87_64;
        let mut write = |reg, value| {
            registers.insert(reg, value);
        };
        x87.clear(&mut write);
        // Two registers are in use: 1.0 in physical 7, 0.0 in 6, which is ST0.
        write(x87.status, 6 << 11);
        write(nth(x87.stack, 1), 0x3fff << 64 | 1 << 63);
        write(x87.tag, 0b00_01 << 12 | 0xfff);
        write(nth(x87.vectors, 15), u128::MAX);
        let before = registers.clone();
        let image = x87.save(&|reg| registers.get(&reg).copied().unwrap_or(0));
        assert_eq!(image[4], 0b1100_0000);
        assert_eq!(image[400..416], [0xff; 16]);
        assert_eq!(image[32 + 16 + 8..][..2], [0xff, 0x3f]);
        registers.clear();
        assert!(x87.restore(&image, &mut |reg, value| {
            registers.insert(reg, value);
        }));
        assert_eq!(registers, before);

        let older = to_fsave(&image, 0x23, 0x2b);
        assert_eq!(older[8..12], [0xff, 0x1f, 0xff, 0xff], "tags");
        let mut newer = [0; FXSAVE];
        from_fsave(&mut newer, &older);
        assert_eq!(newer[..24], image[..24]);
        assert_eq!(newer[32..160], image[32..160]);
    }

    #[test]
    fn a_control_register_with_unknown_bits_is_refused() {
        let mut image = [0; FXSAVE];
        image[26] = 1;
        assert!(!X87_32.restore(&image, &mut |_, _| panic!("nothing is changed")));
    }
}
