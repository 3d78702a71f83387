//! FreeBSD on x86-64.

use emu_cpu::x86_64::{R8, R9, R10, RAX, RDI, RDX, RFLAGS, RSI};
use emu_cpu::{Endian, Trap};
use emu_prototypes::{DataModel, freebsd};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::known::{Back, Instruction, Known, Numbers, Processor, Way};

pub(crate) static FREEBSD_X64: Known = Known {
    name: "freebsd_x64",
    aliases: &["freebsd_amd64", "freebsd_x86_64"],
    processor: Processor {
        name: "x86-64",
        bits: 64,
        endian: Endian::Little,
    },
    numbers: Numbers::FreeBsd(&freebsd::X64),
    ways: &[Way {
        name: "syscall",
        trap: Instruction::is(Trap::Syscall),
        abi: Abi {
            model: DataModel::Lp64,
            word: Word::Bits64,
            number: Number::Reg32(RAX),
            // [FreeBSD sys/amd64/amd64/trap.c: cpu_fetch_syscall_args; the stub moves rcx to r10]
            slots: &[
                Slot::Reg(RDI),
                Slot::Reg(RSI),
                Slot::Reg(RDX),
                Slot::Reg(R10),
                Slot::Reg(R8),
                Slot::Reg(R9),
                // The seventh and eighth are above the return address.
                Slot::Stack(8),
                Slot::Stack(16),
            ],
            pairs: Pairs::Native,
            // [FreeBSD sys/amd64/amd64/vm_machdep.c: cpu_set_syscall_retval, PSL_C]
            ret: Return::Carry {
                value: RAX,
                flags: RFLAGS,
                second: RDX,
            },
            unreadable: Unreadable::Fails,
        },
        back: Back::Next,
    }],
};
