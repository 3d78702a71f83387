//! Linux on 32-bit x86.

use emu_cpu::x86::{EAX, EBP, EBX, ECX, EDI, EDX, ESI};
use emu_cpu::{Arch, Reg, Trap};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::page::{Page, Place, Symbol};
use crate::{Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

const SLOTS: [Slot; 6] = [
    Slot::Reg(EBX),
    Slot::Reg(ECX),
    Slot::Reg(EDX),
    Slot::Reg(ESI),
    Slot::Reg(EDI),
    Slot::Reg(EBP),
];

/// `ebp` is the user's stack pointer at `sysenter`, so the sixth argument is where it points to.
/// [Linux arch/x86/entry/vdso/vdso32/system_call.S]
const SYSENTER_SLOTS: [Slot; 6] = [
    SLOTS[0],
    SLOTS[1],
    SLOTS[2],
    SLOTS[3],
    SLOTS[4],
    Slot::Block { at: EBP, offset: 0 },
];

/// `syscall` overwrites `ecx`, so the vDSO passes the second argument in `ebp` and the sixth on the stack.
/// [Linux arch/x86/entry/entry_64_compat.S, entry_SYSCALL_compat]
const SYSCALL_SLOTS: [Slot; 6] = [
    SLOTS[0],
    Slot::Reg(EBP),
    SLOTS[2],
    SLOTS[3],
    SLOTS[4],
    Slot::Stack(0),
];

pub(crate) const fn abi(slots: &'static [Slot], ret: Reg) -> Abi {
    Abi {
        model: DataModel::Ilp32,
        word: Word::Bits32,
        number: Number::Reg(ret),
        slots,
        pairs: Pairs::Packed,
        ret: Return::NegErrno(ret),
        unreadable: Unreadable::Fails,
    }
}

pub(crate) static LINUX_X86: Profile = Profile {
    name: "linux_x86",
    aliases: &["linux_i386", "linux32_x86"],
    arch: Arch::X86,
    entries: &[
        Entry {
            name: "int 0x80",
            trap: TrapPattern::Is(Trap::Interrupt(0x80)),
            abi: abi(&SLOTS, EAX),
            system: System::Linux(&linux::X86),
            resume: Resume::Next,
            clobbers: &[],
            indirect: &[],
            unknown_signals: false,
            illegal_from: None,
        },
        Entry {
            name: "sysenter",
            trap: TrapPattern::Is(Trap::Sysenter),
            abi: abi(&SYSENTER_SLOTS, EAX),
            system: System::Linux(&linux::X86),
            resume: Resume::Landing {
                symbol: Symbol::Landing,
                stack: Some(EBP),
            },
            clobbers: &[],
            indirect: &[],
            unknown_signals: false,
            illegal_from: None,
        },
        Entry {
            name: "syscall",
            trap: TrapPattern::Is(Trap::Syscall),
            abi: abi(&SYSCALL_SLOTS, EAX),
            system: System::Linux(&linux::X86),
            resume: Resume::Landing {
                symbol: Symbol::Landing,
                stack: None,
            },
            clobbers: &[],
            indirect: &[],
            unknown_signals: false,
            illegal_from: None,
        },
    ],
    // The 3 GiB / 1 GiB split of a 32-bit kernel.   [Linux arch/x86/include/asm/page_32_types.h]
    process: ProcessLayout {
        low: 0x1_0000,
        high: 0xc000_0000,
        stack_top: 0xc000_0000,
        mmap_top: 0xb7ff_f000,
        pie_base: 0x5655_5000,
        stack_align: 16,
        arguments: None,
    },
    pages: &[Page {
        place: Place::Anywhere,
        label: "[vdso]",
        pieces: &[
            // push ecx; push edx; push ebp; mov ebp, esp; sysenter; int 0x80
            (
                0x00,
                &[0x51, 0x52, 0x55, 0x89, 0xe5, 0x0f, 0x34, 0xcd, 0x80],
            ),
            // pop ebp; pop edx; pop ecx; ret
            (0x09, &[0x5d, 0x5a, 0x59, 0xc3]),
            // pop eax; mov eax, 119 (sigreturn); int 0x80
            (0x20, &[0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80]),
            // mov eax, 173 (rt_sigreturn); int 0x80
            (0x30, &[0xb8, 0xad, 0, 0, 0, 0xcd, 0x80]),
        ],
        symbols: &[
            (Symbol::Sysinfo, 0x00),
            (Symbol::Landing, 0x09),
            (Symbol::Sigreturn, 0x20),
            (Symbol::RtSigreturn, 0x30),
        ],
    }],
    machine: "i686",
    platform: "i686",
    // CPUID.1:EDX of the CPU model: FPU … SSE2.   [Linux arch/x86/include/asm/elf.h, ELF_HWCAP]
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
fdiv_bug\t: no
f00f_bug\t: no
coma_bug\t: no
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
