//! Prototypes, values and results at random.

use std::fmt;

use emu_prototypes::{RowParam, Width};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;

use crate::Returns;
use crate::Template;

/// All there are.
pub(crate) const WIDTHS: [Width; 12] = [
    Width::I8,
    Width::U8,
    Width::I16,
    Width::U16,
    Width::I32,
    Width::U32,
    Width::I64,
    Width::U64,
    Width::Long,
    Width::ULong,
    Width::Ptr,
    Width::IPtr,
];

/// How many bytes a `long` and a pointer have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) long: u32,
    pub(crate) pointer: u32,
}

/// [Linux on 32-bit CPUs and N32; Windows]
pub(crate) const ILP32: Model = Model {
    long: 4,
    pointer: 4,
};
/// [Linux and FreeBSD on 64-bit CPUs]
pub(crate) const LP64: Model = Model {
    long: 8,
    pointer: 8,
};
/// [64-bit Windows]
pub(crate) const LLP64: Model = Model {
    long: 4,
    pointer: 8,
};

/// An argument with its value.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) width: Width,
    /// Its size.
    pub(crate) bytes: u32,
    /// The value, extended to 64 bits as its type says.
    pub(crate) value: u64,
    /// The same with other bits above its size: what a register may hold where a kernel cuts.
    pub(crate) loose: u64,
}

impl Argument {
    /// With 0 as its value.
    pub(crate) fn of(width: Width, model: Model) -> Argument {
        let bytes = match width {
            Width::I8 | Width::U8 => 1,
            Width::I16 | Width::U16 => 2,
            Width::I32 | Width::U32 => 4,
            Width::I64 | Width::U64 => 8,
            Width::Long | Width::ULong => model.long,
            Width::Ptr | Width::IPtr => model.pointer,
        };
        Argument {
            width,
            bytes,
            value: 0,
            loose: 0,
        }
    }

    /// Whether it takes two words of 32 bits.
    pub(crate) fn is_wide(&self) -> bool {
        self.bytes == 8
    }

    /// Whether it is a `long` or a pointer.
    pub(crate) fn is_long(&self) -> bool {
        use Width::{IPtr, Long, Ptr, ULong};
        matches!(self.width, Long | ULong | Ptr | IPtr)
    }

    fn fill(&mut self, rng: &mut ChaCha8Rng) {
        let (raw, above) = (number(rng), number(rng));
        (self.value, self.loose) = match (self.width, self.bytes) {
            (_, 8) => (raw, raw),
            (Width::I8, _) => (raw as i8 as u64, above << 8 | u64::from(raw as u8)),
            (Width::U8, _) => (u64::from(raw as u8), above << 8 | u64::from(raw as u8)),
            (Width::I16, _) => (raw as i16 as u64, above << 16 | u64::from(raw as u16)),
            (Width::U16, _) => (u64::from(raw as u16), above << 16 | u64::from(raw as u16)),
            (Width::I32 | Width::Long | Width::IPtr, _) => {
                (raw as i32 as u64, above << 32 | u64::from(raw as u32))
            }
            _ => (u64::from(raw as u32), above << 32 | u64::from(raw as u32)),
        };
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {:#x} (as {:#x})",
            self.width, self.value, self.loose
        )
    }
}

/// A call.
pub(crate) struct Prototype {
    /// What it was made from: `EMU_SEED`, and which call it is.
    pub(crate) seed: (u64, u64),
    pub(crate) number: u32,
    pub(crate) arguments: Vec<Argument>,
    /// Which field each argument is.
    fields: Vec<u8>,
    /// What the kernel answers.
    pub(crate) result: Result<u64, u16>,
    /// And besides, where there is a second result.
    pub(crate) second: u64,
}

impl Prototype {
    /// With `count` arguments, or as many as there is room for, one of them given.
    pub(crate) fn random(
        rng: &mut ChaCha8Rng,
        seed: (u64, u64),
        template: &Template,
        count: usize,
        (place, width): (usize, Width),
    ) -> Prototype {
        let mut arguments = Vec::new();
        let mut words = 0;
        for at in 0..count {
            // One word has to be left for each that is still to come.
            let left = template.words - words - (count - 1 - at);
            let random = WIDTHS[rng.next_u32() as usize % WIDTHS.len()];
            let width = if at == place { width } else { random };
            let mut argument = Argument::of(width, template.model);
            if (template.takes)(words, &argument) > left {
                argument = Argument::of(Width::U32, template.model);
            }
            argument.fill(rng);
            words += (template.takes)(words, &argument);
            arguments.push(argument);
        }
        let mut fields: Vec<u8> = (0..count as u8).collect();
        for at in (1..count).rev() {
            fields.swap(at, rng.next_u32() as usize % (at + 1));
        }
        let result = match template.returns {
            Returns::Status32 | Returns::Status64 => Ok(number(rng)),
            _ if rng.next_u32().is_multiple_of(3) => Err((1 + rng.next_u32() % 4095) as u16),
            _ => Ok(number(rng)),
        };
        Prototype {
            seed,
            // The private calls of ARM are at 0xf0000.
            number: rng.next_u32() % 0xf_0010,
            arguments,
            fields,
            result,
            second: number(rng),
        }
    }

    /// The arguments as rows of tables have them.
    pub(crate) fn params(&self) -> Vec<RowParam> {
        let each = self.arguments.iter().zip(&self.fields);
        let param = |(argument, field): (&Argument, &u8)| RowParam {
            field: *field,
            width: argument.width,
        };
        each.map(param).collect()
    }

    /// Whether the stack may be beyond 4 GiB.
    pub(crate) fn stack(&self, model: Model) -> bool {
        model.pointer == 8 && self.number.is_multiple_of(2)
    }
}

impl fmt::Display for Prototype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:#x}{:?}, fields {:?}",
            self.number, self.arguments, self.fields
        )
    }
}

/// A number, often one where something changes.
fn number(rng: &mut ChaCha8Rng) -> u64 {
    let raw = rng.next_u64();
    match rng.next_u32() % 4 {
        0 => {
            let edge = 1u64 << (raw % 64);
            match raw >> 32 & 3 {
                0 => edge,
                1 => edge - 1,
                2 => !edge,
                _ => edge.wrapping_neg(),
            }
        }
        1 => raw >> (raw & 63),
        _ => raw,
    }
}
