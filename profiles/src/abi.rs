//! How arguments and results travel: one function reads them, one writes results, for all conventions.

use emu_cpu::{Cpu, Endian, GuestMemory, Reg};
use emu_prototypes::{Args, DataModel, MAX_ARGS, RowParam};

/// A calling convention of an OS.
#[derive(Debug, Clone, Copy)]
pub struct Abi {
    /// Widths of C types.
    pub model: DataModel,
    /// What a slot and a result hold.
    pub word: Word,
    /// Where the number of the call is.
    pub number: Number,
    /// Where arguments are, in order; each holds a machine word of the convention.
    pub slots: &'static [Slot],
    /// How a value wider than a slot is put into slots.
    pub pairs: Pairs,
    /// How the result comes back.
    pub ret: Return,
    /// What becomes of a call with an argument in memory that can't be read.
    pub unreadable: Unreadable,
}

/// What a slot and a result hold, whatever the widths of C types are: N32 has 32-bit pointers and 64-bit words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// 32 bits.
    Bits32,
    /// 64 bits.
    Bits64,
}

impl Word {
    /// Its size in bytes.
    pub const fn bytes(self) -> u8 {
        match self {
            Word::Bits32 => 4,
            Word::Bits64 => 8,
        }
    }
}

/// What becomes of a call with an argument in memory that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It fails with EFAULT.
    Fails,
    /// The argument is 0 and the call is made. But every call, whatever its arguments, fails with EFAULT when the stack
    /// slots reach the end of user space.
    Zero {
        /// Bytes above the stack pointer that the slots take.
        span: u64,
        /// The end of user space.
        end: u64,
    },
}

/// Where the number of a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// In a 32-bit register.
    Reg(Reg),
    /// In the low half of a 64-bit register.
    Reg32(Reg),
    /// In the instruction: see [`crate::TrapPattern::SvcFrom`].
    Instruction,
}

/// A place for one argument word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A register.
    Reg(Reg),
    /// On the stack, that many bytes above the stack pointer.
    Stack(u32),
    /// In memory, at an offset from a register.
    Block {
        /// The register with the address.
        at: Reg,
        /// Offset in bytes.
        offset: u32,
    },
}

/// How a value of two slots travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Every value fits into one slot.
    Native,
    /// In the next two slots, low word first on little-endian, high word first on big-endian CPUs.
    Packed,
    /// The same, but starting at a slot with an even index.
    EvenSlot,
}

/// How a result comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// The value, or the negative error number.
    NegErrno(Reg),
    /// The value or the positive error number, and a flag that tells which: 0 or 1.
    ErrorFlag {
        /// The register of the value.
        value: Reg,
        /// The register of the flag.
        flag: Reg,
        /// The register of a second value (`pipe`).
        second: Reg,
    },
    /// The value or the positive error number, and bit 0 of a register of flags that tells which: 0 or 1.
    Carry {
        /// The register of the value.
        value: Reg,
        /// The register of the flags.
        flags: Reg,
        /// The register of a second value (`pipe`, `fork`).
        second: Reg,
    },
    /// A status of 32 bits that says by itself whether it is an error (`NTSTATUS`).
    Status(Reg),
}

/// An argument that could not be read, because its slot is in memory that can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentFault {
    /// Its position in the profile's order, from 0.
    pub index: u8,
    /// The address of the slot.
    pub address: u64,
    /// Whether the call therefore fails with EFAULT. Otherwise the argument is 0.
    pub fails: bool,
}

impl Abi {
    /// The argument words that `params` fill, extended to 64 bits, each at the index of its field, and the first one that
    /// can't be read: it is 0. `first` is the slot of the first argument: 1 for an indirect call, else 0.
    #[inline]
    pub fn read_args(
        &self,
        cpu: &dyn Cpu,
        memory: &mut dyn GuestMemory,
        params: &[RowParam],
        first: usize,
    ) -> (Args, Option<ArgumentFault>) {
        let mut args: Args = [0; MAX_ARGS];
        let mut fault = self.stack_fault(cpu);
        let mut slot = 0;
        for (index, param) in params.iter().enumerate() {
            let raw = self.read_value(cpu, memory, param, &mut slot, first);
            let raw = raw.unwrap_or_else(|address| {
                let fails = self.unreadable == Unreadable::Fails;
                fault.get_or_insert(ArgumentFault {
                    index: index as u8,
                    address,
                    fails,
                });
                0
            });
            args[usize::from(param.field)] = param.width.extend(self.model, raw);
        }
        (args, fault)
    }

    /// The fault of a stack whose argument slots are not all in user space.
    fn stack_fault(&self, cpu: &dyn Cpu) -> Option<ArgumentFault> {
        let Unreadable::Zero { span, end } = self.unreadable else {
            return None;
        };
        let address = cpu.sp();
        (address.saturating_add(span) >= end).then_some(ArgumentFault {
            index: 4,
            address,
            fails: true,
        })
    }

    fn read_value(
        &self,
        cpu: &dyn Cpu,
        memory: &mut dyn GuestMemory,
        param: &RowParam,
        slot: &mut usize,
        first: usize,
    ) -> Result<u64, u64> {
        let wide = self.pairs != Pairs::Native && param.width.bytes(self.model) > self.word.bytes();
        if !wide {
            let raw = self.read_slot(cpu, memory, *slot + first)?;
            *slot += 1;
            return Ok(raw);
        }
        if self.pairs == Pairs::EvenSlot {
            *slot = slot.next_multiple_of(2);
        }
        let one = self.read_slot(cpu, memory, *slot + first)? & 0xffff_ffff;
        let two = self.read_slot(cpu, memory, *slot + first + 1)? & 0xffff_ffff;
        *slot += 2;
        Ok(match cpu.arch().endian() {
            Endian::Little => two << 32 | one,
            Endian::Big => one << 32 | two,
        })
    }

    /// A slot by its index, for calls of which nothing is known. An index past the last slot reads as zero.
    /// The error is the address that can't be read.
    #[inline]
    pub fn read_slot(
        &self,
        cpu: &dyn Cpu,
        memory: &mut dyn GuestMemory,
        index: usize,
    ) -> Result<u64, u64> {
        match self.slots.get(index) {
            None => Ok(0),
            Some(Slot::Reg(reg)) => Ok(self.cut(cpu.reg(*reg))),
            Some(Slot::Stack(offset)) => self.read_word(memory, cpu.sp(), *offset),
            Some(Slot::Block { at, offset }) => self.read_word(memory, cpu.reg(*at), *offset),
        }
    }

    fn read_word(&self, memory: &mut dyn GuestMemory, base: u64, offset: u32) -> Result<u64, u64> {
        let address = self.cut(base.wrapping_add(u64::from(offset)));
        let word = match self.word {
            Word::Bits32 => memory.read_u32(address).map(u64::from),
            Word::Bits64 => memory.read_u64(address),
        };
        word.map_err(|_| address)
    }

    /// A machine word of the convention: 32 bits of the register when the convention has no more.
    fn cut(&self, raw: u64) -> u64 {
        match self.word {
            Word::Bits32 => raw & 0xffff_ffff,
            Word::Bits64 => raw,
        }
    }

    /// Puts a result into the registers: a value, or the ABI's number of an error. A status is a value. A value is the `long`
    /// of the kernel as it is, also where a 32-bit convention is used on a 64-bit CPU.
    /// [Linux arch/x86/entry/common.c: do_int80_syscall_32]
    #[inline]
    pub fn write_result(&self, cpu: &mut dyn Cpu, result: Result<u64, u16>) {
        match (self.ret, result) {
            (Return::NegErrno(reg), Ok(value)) => cpu.set_reg(reg, value),
            (Return::NegErrno(reg), Err(errno)) => {
                cpu.set_reg(reg, u64::from(errno).wrapping_neg());
            }
            (
                Return::ErrorFlag {
                    value: reg, flag, ..
                },
                Ok(value),
            ) => {
                cpu.set_reg(reg, value);
                cpu.set_reg(flag, 0);
            }
            (
                Return::ErrorFlag {
                    value: reg, flag, ..
                },
                Err(errno),
            ) => {
                cpu.set_reg(reg, u64::from(errno));
                cpu.set_reg(flag, 1);
            }
            (Return::Carry { value, flags, .. }, result) => {
                let (raw, carry) = match result {
                    Ok(raw) => (raw, 0),
                    Err(errno) => (u64::from(errno), 1),
                };
                cpu.set_reg(value, raw);
                cpu.set_reg(flags, cpu.reg(flags) & !1 | carry);
            }
            // The upper half of rax is zero after a write to eax.
            (Return::Status(reg), result) => {
                let status = result.unwrap_or_else(u64::from);
                cpu.set_reg(reg, status & 0xffff_ffff);
            }
        }
    }

    /// The register of a second result, where the convention has one.
    pub fn second_result(&self) -> Option<Reg> {
        match self.ret {
            Return::NegErrno(_) | Return::Status(_) => None,
            Return::ErrorFlag { second, .. } | Return::Carry { second, .. } => Some(second),
        }
    }
}
