//! Windows of the NT line, 32 and 64 bits.

use emu_cpu::{Endian, Trap, x86, x86_64};
use emu_prototypes::{DataModel, nt};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::known::{Back, Instruction, Known, Numbers, Processor, Way};

/// The profile of a release.
pub(crate) fn known(release: &'static nt::Release) -> Known {
    let wide = release.model == DataModel::Llp64;
    let processor = Processor {
        name: if wide { "x86-64" } else { "x86" },
        bits: if wide { 64 } else { 32 },
        endian: Endian::Little,
    };
    let ways: &[Way] = match wide {
        true => &X64,
        // Windows 2000 knows nothing of `sysenter`.
        false if release.age == nt::X86_2000.age => &X86[1..],
        false => &X86,
    };
    Known {
        name: release.name,
        aliases: release.aliases,
        processor,
        numbers: Numbers::Windows(release),
        ways,
    }
}

static X86: [Way; 2] = [
    // The stub calls what 0x7ffe0300 says: `mov edx,esp; sysenter`. Two return addresses are below the arguments: that into
    // the stub and that into its caller. The kernel returns to what 0x7ffe0304 says, a `ret`.
    // [KUSER_SHARED_DATA: SystemCall, SystemCallReturn]
    Way {
        name: "sysenter",
        trap: Instruction::is(Trap::Sysenter),
        abi: x86_abi(&BEHIND_TWO_ADDRESSES),
        back: Back::Stored {
            at: 0x7ffe_0304,
            stack: x86::EDX,
        },
    },
    // `lea edx,[esp+4]; int 2e`
    Way {
        name: "int 0x2e",
        trap: Instruction::is(Trap::Interrupt(0x2e)),
        abi: x86_abi(&AT_EDX),
        back: Back::Next,
    },
];

const fn x86_abi(slots: &'static [Slot]) -> Abi {
    Abi {
        model: DataModel::Ilp32,
        word: Word::Bits32,
        number: Number::Reg(x86::EAX),
        slots,
        pairs: Pairs::Packed,
        ret: Return::Status(x86::EAX),
        unreadable: Unreadable::Fails,
    }
}

static BEHIND_TWO_ADDRESSES: [Slot; 20] = block(8);
static AT_EDX: [Slot; 20] = block(0);

/// As many words as any call takes, from an offset above edx on.
const fn block(from: u32) -> [Slot; 20] {
    let mut slots = [Slot::Block {
        at: x86::EDX,
        offset: from,
    }; 20];
    let mut at = 0;
    while at < slots.len() {
        slots[at] = Slot::Block {
            at: x86::EDX,
            offset: from + 4 * at as u32,
        };
        at += 1;
    }
    slots
}

static X64: [Way; 2] = [
    Way {
        name: "syscall",
        trap: Instruction::is(Trap::Syscall),
        abi: X64_ABI,
        back: Back::Next,
    },
    // Stubs of Windows 10 choose it when bit 0 of 0x7ffe0308 is set.
    Way {
        name: "int 0x2e",
        trap: Instruction::is(Trap::Interrupt(0x2e)),
        abi: X64_ABI,
        back: Back::Next,
    },
];

const X64_ABI: Abi = Abi {
    model: DataModel::Llp64,
    word: Word::Bits64,
    number: Number::Reg32(x86_64::RAX),
    slots: &X64_SLOTS,
    pairs: Pairs::Native,
    ret: Return::Status(x86_64::RAX),
    unreadable: Unreadable::Fails,
};

// The stub moves the first argument from rcx, which `syscall` overwrites, to r10. The return address and home slots for
// four arguments are below the fifth.   [Microsoft x64 calling convention]
static X64_SLOTS: [Slot; 18] = {
    let mut slots = [Slot::Reg(x86_64::R10); 18];
    slots[1] = Slot::Reg(x86_64::RDX);
    slots[2] = Slot::Reg(x86_64::R8);
    slots[3] = Slot::Reg(x86_64::R9);
    let mut at = 4;
    while at < slots.len() {
        slots[at] = Slot::Stack(0x28 + 8 * (at as u32 - 4));
        at += 1;
    }
    slots
};
