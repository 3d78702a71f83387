//! Linux on 64-bit MIPS: N64 and N32, both byte orders.

use emu_cpu::mips::{A0, A1, A2, A3, T0, T1, V0, V1};
use emu_cpu::{Arch, Trap};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::page::{Page, Place, Symbol};
use crate::{Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

static N64: [Entry; 2] = entries(DataModel::Lp64, &linux::MIPS_N64);
static N64EL: [Entry; 2] = entries(DataModel::Lp64, &linux::MIPSEL_N64);
static N32: [Entry; 2] = entries(DataModel::Ilp32, &linux::MIPS_N32);
static N32EL: [Entry; 2] = entries(DataModel::Ilp32, &linux::MIPSEL_N32);

const fn entries(model: DataModel, tables: &'static linux::Abi) -> [Entry; 2] {
    let system = System::Linux(tables);
    // As in O32: Linux adds 4 and never looks at Cause.BD.   [Linux arch/mips/kernel/scall64-n64.S, scall64-n32.S]
    [
        entry("syscall", Trap::Syscall, Resume::Next, model, system),
        entry(
            "syscall in a delay slot",
            Trap::SyscallInSlot,
            Resume::Again,
            model,
            system,
        ),
    ]
}

const fn entry(
    name: &'static str,
    trap: Trap,
    resume: Resume,
    model: DataModel,
    system: System,
) -> Entry {
    Entry {
        name,
        trap: TrapPattern::Is(trap),
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
        system,
        resume,
        clobbers: &[],
        // `syscall` exists in O32 only.   [Linux arch/mips/kernel/syscalls/syscall_n64.tbl, syscall_n32.tbl]
        indirect: &[],
        unknown_signals: false,
        illegal_from: None,
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

// TASK_SIZE64 is 2^40, TASK_SIZE32 as on MIPS32.   [Linux arch/mips/include/asm/processor.h]
const PROCESS_64: ProcessLayout = ProcessLayout {
    low: 0x1_0000,
    high: 0x100_0000_0000,
    stack_top: 0xff_ffff_f000,
    mmap_top: 0xff_f7ff_f000,
    pie_base: 0xaa_aaaa_0000,
    stack_align: 16,
    arguments: None,
};
const PROCESS_32: ProcessLayout = ProcessLayout {
    low: 0x1_0000,
    high: 0x7fff_8000,
    stack_top: 0x7fff_8000,
    mmap_top: 0x77ff_8000,
    pie_base: 0x5555_0000,
    stack_align: 16,
    arguments: None,
};

// [Linux arch/mips/kernel/proc.c, show_cpuinfo; a 5KEf]
const CPUINFO: &str = "system type\t\t: emu
machine\t\t\t: Unknown
processor\t\t: 0
cpu model\t\t: MIPS 5KE V0.0  FPU V0.0
BogoMIPS\t\t: 125.00
wait instruction\t: yes
microsecond timers\t: yes
tlb_entries\t\t: 32
extra interrupt vector\t: yes
hardware watchpoint\t: yes, count: 1, address/irw mask: [0x0ff8]
isa\t\t\t: mips1 mips2 mips3 mips4 mips5 mips32r1 mips32r2 mips64r1 mips64r2
ASEs implemented\t:
shadow register sets\t: 1
kscratch registers\t: 0
package\t\t\t: 0
core\t\t\t: 0
VCED exceptions\t\t: not available
VCEI exceptions\t\t: not available

";

static PAGES_N64: [Page; 1] = [trampoline(&[(
    0x00,
    // li v0,5211 (rt_sigreturn); syscall
    &[0x24, 0x02, 0x14, 0x5b, 0, 0, 0, 0x0c],
)])];
static PAGES_N64EL: [Page; 1] = [trampoline(&[(
    0x00,
    &[0x5b, 0x14, 0x02, 0x24, 0x0c, 0, 0, 0],
)])];
static PAGES_N32: [Page; 1] = [trampoline(&[(
    0x00,
    // li v0,6211 (rt_sigreturn); syscall
    &[0x24, 0x02, 0x18, 0x43, 0, 0, 0, 0x0c],
)])];
static PAGES_N32EL: [Page; 1] = [trampoline(&[(
    0x00,
    &[0x43, 0x18, 0x02, 0x24, 0x0c, 0, 0, 0],
)])];

const fn trampoline(pieces: &'static [(u16, &'static [u8])]) -> Page {
    Page {
        place: Place::Anywhere,
        label: "[vdso]",
        pieces,
        symbols: &[(Symbol::RtSigreturn, 0x00)],
    }
}

const fn profile(
    name: &'static str,
    aliases: &'static [&'static str],
    arch: Arch,
    entries: &'static [Entry; 2],
    process: ProcessLayout,
    pages: &'static [Page; 1],
) -> Profile {
    Profile {
        name,
        aliases,
        arch,
        entries,
        process,
        pages,
        machine: "mips64",
        platform: "",
        // HWCAP_MIPS_R6 and MSA are not there.   [Linux arch/mips/include/uapi/asm/hwcap.h]
        hwcap: 0,
        hwcap2: 0,
        cpuinfo: CPUINFO,
    }
}

pub(crate) static LINUX_MIPS64: Profile = profile(
    "linux_mips64",
    &["linux_mips64n64"],
    Arch::Mips64,
    &N64,
    PROCESS_64,
    &PAGES_N64,
);
pub(crate) static LINUX_MIPS64EL: Profile = profile(
    "linux_mips64el",
    &["linux_mips64eln64", "linux_mips64n64el"],
    Arch::Mips64el,
    &N64EL,
    PROCESS_64,
    &PAGES_N64EL,
);
pub(crate) static LINUX_MIPS64N32: Profile = profile(
    "linux_mips64n32",
    &["linux_mipsn32"],
    Arch::Mips64,
    &N32,
    PROCESS_32,
    &PAGES_N32,
);
pub(crate) static LINUX_MIPS64N32EL: Profile = profile(
    "linux_mips64n32el",
    &["linux_mips64eln32", "linux_mipsn32el"],
    Arch::Mips64el,
    &N32EL,
    PROCESS_32,
    &PAGES_N32EL,
);
