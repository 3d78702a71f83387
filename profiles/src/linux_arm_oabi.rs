//! Linux on 32-bit ARM, the old ABI: before EABI, and on kernels with `CONFIG_OABI_COMPAT`.

use emu_cpu::Endian;
use emu_cpu::arm::{R0, R1, R2, R3, R4, R5, R6};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::known::{Back, Instruction, Known, Numbers, Processor, Way};

pub(crate) static LINUX_ARM_OABI: Known = Known {
    name: "linux_arm_oabi",
    aliases: &[],
    processor: Processor {
        name: "ARM",
        bits: 32,
        endian: Endian::Little,
    },
    numbers: Numbers::Linux(&linux::ARM_OABI),
    ways: &[Way {
        name: "swi",
        // Private calls are 0x9f0001 and so on.   [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE]
        trap: Instruction::Immediate { base: 0x90_0000 },
        abi: Abi {
            model: DataModel::Ilp32,
            word: Word::Bits32,
            number: Number::Instruction,
            slots: &[
                Slot::Reg(R0),
                Slot::Reg(R1),
                Slot::Reg(R2),
                Slot::Reg(R3),
                Slot::Reg(R4),
                Slot::Reg(R5),
                Slot::Reg(R6),
            ],
            // No register stays empty in front of a doubleword.   [Linux arch/arm/kernel/sys_oabi-compat.c: pread64]
            pairs: Pairs::Packed,
            ret: Return::NegErrno(R0),
            unreadable: Unreadable::Fails,
        },
        back: Back::Next,
    }],
};
