//! Linux on MIPS, O32, both byte orders.

use emu_cpu::mips::{A0, A1, A2, A3, V0, V1};
use emu_cpu::{Arch, Trap};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::page::{Page, Place, Symbol};
use crate::{Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

static BIG_ENDIAN: [Entry; 2] = entries(&linux::MIPS_O32);
static LITTLE_ENDIAN: [Entry; 2] = entries(&linux::MIPSEL_O32);

const fn entries(tables: &'static linux::Abi) -> [Entry; 2] {
    let system = System::Linux(tables);
    // Linux adds 4 to the exception's program counter and never looks at Cause.BD, so the guest goes on 4 bytes behind the
    // branch: at the instruction itself.   [Linux arch/mips/kernel/scall32-o32.S; seen on Linux 6.1]
    [
        entry("syscall", Trap::Syscall, Resume::Next, system),
        entry(
            "syscall in a delay slot",
            Trap::SyscallInSlot,
            Resume::Again,
            system,
        ),
    ]
}

const fn entry(name: &'static str, trap: Trap, resume: Resume, system: System) -> Entry {
    Entry {
        name,
        trap: TrapPattern::Is(trap),
        abi: Abi {
            model: DataModel::Ilp32,
            word: Word::Bits32,
            number: Number::Reg(V0),
            slots: &SLOTS,
            pairs: Pairs::EvenSlot,
            ret: Return::ErrorFlag {
                value: V0,
                flag: A3,
                second: V1,
            },
            // [Linux arch/mips/kernel/scall32-o32.S: bad_stack, and bad_stack_a4 and following]
            unreadable: Unreadable::Zero {
                span: 32,
                end: 0x8000_0000,
            },
        },
        system,
        resume,
        clobbers: &[],
        indirect: &[4000],
        unknown_signals: false,
        illegal_from: None,
    }
}

// O32 keeps home slots for a0-a3, so the fifth argument is at 16(sp).   [MIPS O32 psABI, stack frame]
// Seven and eight exist for `syscall` (4000), which moves everything up by one.
static SLOTS: [Slot; 8] = [
    Slot::Reg(A0),
    Slot::Reg(A1),
    Slot::Reg(A2),
    Slot::Reg(A3),
    Slot::Stack(16),
    Slot::Stack(20),
    Slot::Stack(24),
    Slot::Stack(28),
];

const PROCESS: ProcessLayout = ProcessLayout {
    low: 0x1_0000,
    high: 0x7fff_8000,
    stack_top: 0x7fff_8000,
    mmap_top: 0x77ff_8000,
    pie_base: 0x5555_0000,
    stack_align: 8,
    arguments: None,
};

// [Linux arch/mips/kernel/proc.c, show_cpuinfo; a 24Kf]
const CPUINFO: &str = "system type\t\t: emu
machine\t\t\t: Unknown
processor\t\t: 0
cpu model\t\t: MIPS 24Kc V0.0  FPU V0.0
BogoMIPS\t\t: 125.00
wait instruction\t: yes
microsecond timers\t: yes
tlb_entries\t\t: 16
extra interrupt vector\t: yes
hardware watchpoint\t: yes, count: 1, address/irw mask: [0x0ff8]
isa\t\t\t: mips1 mips2 mips32r1 mips32r2
ASEs implemented\t:
shadow register sets\t: 1
kscratch registers\t: 0
package\t\t\t: 0
core\t\t\t: 0
VCED exceptions\t\t: not available
VCEI exceptions\t\t: not available

";

pub(crate) static LINUX_MIPS: Profile = Profile {
    name: "linux_mips",
    aliases: &["linux_mips32"],
    arch: Arch::Mips,
    entries: &BIG_ENDIAN,
    process: PROCESS,
    pages: &[Page {
        place: Place::Anywhere,
        label: "[vdso]",
        // li v0,4119 (sigreturn); syscall; li v0,4193 (rt_sigreturn); syscall
        pieces: &[(
            0x00,
            &[
                0x24, 0x02, 0x10, 0x17, 0, 0, 0, 0x0c, 0x24, 0x02, 0x10, 0x61, 0, 0, 0, 0x0c,
            ],
        )],
        symbols: &[(Symbol::Sigreturn, 0x00), (Symbol::RtSigreturn, 0x08)],
    }],
    machine: "mips",
    platform: "",
    // HWCAP_MIPS_R6 and MSA are not there.   [Linux arch/mips/include/uapi/asm/hwcap.h]
    hwcap: 0,
    hwcap2: 0,
    cpuinfo: CPUINFO,
};

pub(crate) static LINUX_MIPSEL: Profile = Profile {
    name: "linux_mipsel",
    aliases: &["linux_mips32el"],
    arch: Arch::Mipsel,
    entries: &LITTLE_ENDIAN,
    process: PROCESS,
    pages: &[Page {
        place: Place::Anywhere,
        label: "[vdso]",
        pieces: &[(
            0x00,
            &[
                0x17, 0x10, 0x02, 0x24, 0x0c, 0, 0, 0, 0x61, 0x10, 0x02, 0x24, 0x0c, 0, 0, 0,
            ],
        )],
        symbols: &[(Symbol::Sigreturn, 0x00), (Symbol::RtSigreturn, 0x08)],
    }],
    machine: "mips",
    platform: "",
    hwcap: 0,
    hwcap2: 0,
    cpuinfo: CPUINFO,
};
