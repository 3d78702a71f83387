//! Linux on x86-64.

use emu_cpu::x86_64::{R8, R9, R10, R11, RAX, RBP, RBX, RCX, RDI, RDX, RFLAGS, RSI};
use emu_cpu::{Arch, Trap};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::{Clobber, Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

/// `syscall` leaves the address of the next instruction and the flags there.   [Intel SDM 2B, SYSCALL]
pub(crate) const SYSCALL_CLOBBERS: &[Clobber] = &[
    Clobber::Next(RCX),
    Clobber::Copy {
        to: R11,
        from: RFLAGS,
    },
];

pub(crate) static LINUX_X64: Profile = Profile {
    name: "linux_x64",
    aliases: &["linux_x86_64", "linux_amd64"],
    arch: Arch::X86_64,
    entries: &[
        // [System V ABI AMD64, A.2.1]
        Entry {
            name: "syscall",
            trap: TrapPattern::Is(Trap::Syscall),
            abi: Abi {
                model: DataModel::Lp64,
                word: Word::Bits64,
                number: Number::Reg32(RAX),
                slots: &[
                    Slot::Reg(RDI),
                    Slot::Reg(RSI),
                    Slot::Reg(RDX),
                    Slot::Reg(R10),
                    Slot::Reg(R8),
                    Slot::Reg(R9),
                ],
                pairs: Pairs::Native,
                ret: Return::NegErrno(RAX),
                unreadable: Unreadable::Fails,
            },
            system: System::Linux(&linux::X64),
            resume: Resume::Next,
            clobbers: SYSCALL_CLOBBERS,
            indirect: &[],
            unknown_signals: false,
            illegal_from: None,
        },
        // The 32-bit table works from 64-bit code too; registers count with their low halves.
        // [Linux arch/x86/entry/entry_64_compat.S, entry_INT80_compat]
        Entry {
            name: "int 0x80",
            trap: TrapPattern::Is(Trap::Interrupt(0x80)),
            abi: Abi {
                model: DataModel::Ilp32,
                word: Word::Bits32,
                number: Number::Reg32(RAX),
                slots: &[
                    Slot::Reg(RBX),
                    Slot::Reg(RCX),
                    Slot::Reg(RDX),
                    Slot::Reg(RSI),
                    Slot::Reg(RDI),
                    Slot::Reg(RBP),
                ],
                pairs: Pairs::Packed,
                ret: Return::NegErrno(RAX),
                unreadable: Unreadable::Fails,
            },
            system: System::Linux(&linux::X86),
            resume: Resume::Next,
            clobbers: &[],
            indirect: &[],
            unknown_signals: false,
            illegal_from: None,
        },
    ],
    process: ProcessLayout {
        low: 0x1_0000,
        high: 0x7fff_ffff_f000,
        stack_top: 0x7fff_ffff_f000,
        mmap_top: 0x7fff_f7ff_f000,
        pie_base: 0x5555_5555_4000,
        stack_align: 16,
        arguments: None,
    },
    pages: &[],
    machine: "x86_64",
    platform: "x86_64",
    hwcap: 0x0f8b_fbff,
    hwcap2: 0,
    // [Linux arch/x86/kernel/cpu/proc.c, show_cpuinfo; a Westmere]
    cpuinfo: "processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 44
model name\t: Westmere E56xx/L56xx/X56xx (Nehalem-C)
stepping\t: 1
microcode\t: 0x1
cpu MHz\t\t: 2000.000
cache size\t: 16384 KB
physical id\t: 0
siblings\t: 1
core id\t\t: 0
cpu cores\t: 1
apicid\t\t: 0
initial apicid\t: 0
fpu\t\t: yes
fpu_exception\t: yes
cpuid level\t: 11
wp\t\t: yes
flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ss syscall nx lm pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 popcnt aes lahf_lm
bugs\t\t:
bogomips\t: 4000.00
clflush size\t: 64
cache_alignment\t: 64
address sizes\t: 40 bits physical, 48 bits virtual
power management:

",
};
