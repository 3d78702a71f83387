//! Linux on 64-bit MIPS: N64 and N32, both byte orders.

use emu_cpu::mips::{A0, A1, A2, A3, T0, T1, V0, V1};
use emu_cpu::{Endian, Trap};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::known::{Back, Instruction, Known, Numbers, Processor, Way};

static N64: [Way; 2] = ways(DataModel::Lp64);
static N32: [Way; 2] = ways(DataModel::Ilp32);

const fn ways(model: DataModel) -> [Way; 2] {
    // As in O32: Linux adds 4 and never looks at Cause.BD.   [Linux arch/mips/kernel/scall64-n64.S, scall64-n32.S]
    [
        way("syscall", Trap::Syscall, Back::Next, model),
        way(
            "syscall in a delay slot",
            Trap::SyscallInSlot,
            Back::Again,
            model,
        ),
    ]
}

const fn way(name: &'static str, trap: Trap, back: Back, model: DataModel) -> Way {
    Way {
        name,
        trap: Instruction::is(trap),
        abi: Abi {
            model,
            // N32 has 32-bit pointers in 64-bit registers: a 64-bit value takes one of them.   [MIPSpro N32 ABI Handbook, 2.1]
            word: Word::Bits64,
            number: Number::Reg32(V0),
            slots: &SLOTS,
            pairs: Pairs::Native,
            ret: Return::ErrorFlag {
                value: V0,
                flag: A3,
                second: V1,
            },
            unreadable: Unreadable::Fails,
        },
        back,
    }
}

// $8 and $9 are a4 and a5 here: O32's t0 and t1.
static SLOTS: [Slot; 6] = [
    Slot::Reg(A0),
    Slot::Reg(A1),
    Slot::Reg(A2),
    Slot::Reg(A3),
    Slot::Reg(T0),
    Slot::Reg(T1),
];

const fn mips64(endian: Endian) -> Processor {
    Processor {
        name: "MIPS64",
        bits: 64,
        endian,
    }
}

pub(crate) static ALL: [Known; 4] = [
    Known {
        name: "linux_mips64",
        aliases: &["linux_mips64n64"],
        processor: mips64(Endian::Big),
        numbers: Numbers::Linux(&linux::MIPS_N64),
        ways: &N64,
    },
    Known {
        name: "linux_mips64el",
        aliases: &["linux_mips64eln64", "linux_mips64n64el"],
        processor: mips64(Endian::Little),
        numbers: Numbers::Linux(&linux::MIPSEL_N64),
        ways: &N64,
    },
    Known {
        name: "linux_mips64n32",
        aliases: &["linux_mipsn32"],
        processor: mips64(Endian::Big),
        numbers: Numbers::Linux(&linux::MIPS_N32),
        ways: &N32,
    },
    Known {
        name: "linux_mips64n32el",
        aliases: &["linux_mips64eln32", "linux_mipsn32el"],
        processor: mips64(Endian::Little),
        numbers: Numbers::Linux(&linux::MIPSEL_N32),
        ways: &N32,
    },
];
