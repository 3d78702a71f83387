//! Linux on 32-bit ARM, EABI.

use emu_cpu::Arch;
use emu_cpu::arm::{R0, R1, R2, R3, R4, R5, R6, R7};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::page::{Page, Place, Symbol};
use crate::{Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

/// What every call of EABI leaves to the old ABI.   [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE]
const OABI_BASE: u32 = 0x90_0000;
/// A kernel with `CONFIG_OABI_COMPAT` takes every immediate but 0 for the old ABI's, one without it none. Here both find
/// what they look for.
const OABI_LAST: u32 = 0x9f_ffff;

pub(crate) const EABI: Entry = Entry {
    name: "svc",
    trap: TrapPattern::SvcBeside(OABI_BASE, OABI_LAST),
    abi: Abi {
        model: DataModel::Ilp32,
        word: Word::Bits32,
        number: Number::Reg(R7),
        slots: &[
            Slot::Reg(R0),
            Slot::Reg(R1),
            Slot::Reg(R2),
            Slot::Reg(R3),
            Slot::Reg(R4),
            Slot::Reg(R5),
        ],
        // [AAPCS32, 6.5, C.3: a doubleword goes to an even register]
        pairs: Pairs::EvenSlot,
        ret: Return::NegErrno(R0),
        unreadable: Unreadable::Fails,
    },
    system: System::Linux(&linux::ARM),
    resume: Resume::Next,
    clobbers: &[],
    indirect: &[],
    // [Linux arch/arm/kernel/traps.c: arm_syscall, the private calls' base and 0x7ff]
    unknown_signals: false,
    illegal_from: Some(0x0f_0800),
};

/// The old ABI, on kernels with `CONFIG_OABI_COMPAT`. Private calls are 0x9f0001 and so on.
pub(crate) const OABI: Entry = Entry {
    name: "swi",
    trap: TrapPattern::SvcFrom(OABI_BASE, OABI_LAST),
    abi: Abi {
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
        ..EABI.abi
    },
    system: System::Linux(&linux::ARM_OABI),
    ..EABI
};

pub(crate) static LINUX_ARM: Profile = Profile {
    name: "linux_arm",
    aliases: &["linux_armel", "linux_armhf"],
    arch: Arch::Arm,
    entries: &[EABI, OABI],
    process: ProcessLayout {
        // [Linux security/Kconfig, LSM_MMAP_MIN_ADDR: 32768 on ARM, and on ARM64 that runs its programs]
        low: 0x8000,
        high: 0xbf00_0000,
        stack_top: 0xbf00_0000,
        mmap_top: 0xb6ff_f000,
        pie_base: 0x0040_0000,
        stack_align: 8,
        arguments: None,
    },
    pages: &[
        Page {
            place: Place::Fixed(0xffff_0000),
            label: "[vectors]",
            // Addresses and contracts of the helpers: Linux Documentation/arm/kernel_user_helpers.rst
            pieces: &[
                // 0xffff0f60 cmpxchg64: push {r4-r7}; ldrd r4,[r0]; ldrd r6,[r1]; dmb ish;
                // 1: ldrexd r0,[r2]; eors r3,r0,r4; eorseq r3,r1,r5; strexdeq r3,r6,[r2]; teqeq r3,#1; beq 1b;
                // dmb ish; rsbs r0,r3,#0; pop {r4-r7}; bx lr
                (
                    0xf60,
                    &[
                        0xf0, 0x00, 0x2d, 0xe9, 0xd0, 0x40, 0xc0, 0xe1, 0xd0, 0x60, 0xc1, 0xe1,
                        0x5b, 0xf0, 0x7f, 0xf5, 0x9f, 0x0f, 0xb2, 0xe1, 0x04, 0x30, 0x30, 0xe0,
                        0x05, 0x30, 0x31, 0x00, 0x96, 0x3f, 0xa2, 0x01, 0x01, 0x00, 0x33, 0x03,
                        0xf9, 0xff, 0xff, 0x0a, 0x5b, 0xf0, 0x7f, 0xf5, 0x00, 0x00, 0x73, 0xe2,
                        0xf0, 0x00, 0xbd, 0xe8, 0x1e, 0xff, 0x2f, 0xe1,
                    ],
                ),
                // 0xffff0fa0 memory barrier: dmb ish; bx lr
                (0xfa0, &[0x5b, 0xf0, 0x7f, 0xf5, 0x1e, 0xff, 0x2f, 0xe1]),
                // 0xffff0fc0 cmpxchg: dmb ish; 1: ldrex r3,[r2]; subs r3,r3,r0; strexeq r3,r1,[r2]; teqeq r3,#1;
                // beq 1b; rsbs r0,r3,#0; b 0xffff0fa0
                (
                    0xfc0,
                    &[
                        0x5b, 0xf0, 0x7f, 0xf5, 0x9f, 0x3f, 0x92, 0xe1, 0x00, 0x30, 0x53, 0xe0,
                        0x91, 0x3f, 0x82, 0x01, 0x01, 0x00, 0x33, 0x03, 0xfa, 0xff, 0xff, 0x0a,
                        0x00, 0x00, 0x73, 0xe2, 0xef, 0xff, 0xff, 0xea,
                    ],
                ),
                // 0xffff0fe0 get_tls: mrc p15,0,r0,c13,c0,3; bx lr
                (0xfe0, &[0x70, 0x0f, 0x1d, 0xee, 0x1e, 0xff, 0x2f, 0xe1]),
                // 0xffff0ffc: number of helpers
                (0xffc, &[5, 0, 0, 0]),
            ],
            symbols: &[],
        },
        Page {
            place: Place::Anywhere,
            label: "[sigpage]",
            pieces: &[
                // mov r7,#119 (sigreturn); svc 0
                (0x00, &[0x77, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef]),
                // mov r7,#173 (rt_sigreturn); svc 0
                (0x08, &[0xad, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef]),
                // Thumb: movs r7,#119; svc 0
                (0x10, &[0x77, 0x27, 0x00, 0xdf]),
                // Thumb: movs r7,#173; svc 0
                (0x14, &[0xad, 0x27, 0x00, 0xdf]),
            ],
            symbols: &[
                (Symbol::Sigreturn, 0x00),
                (Symbol::RtSigreturn, 0x08),
                (Symbol::ThumbSigreturn, 0x10),
                (Symbol::ThumbRtSigreturn, 0x14),
            ],
        },
    ],
    machine: "armv7l",
    platform: "v7l",
    // HALF THUMB FAST_MULT VFP EDSP NEON VFPv3 TLS VFPv4 IDIVA IDIVT LPAE
    // [Linux arch/arm/include/uapi/asm/hwcap.h: bits 1 2 4 6 7 12 13 15 16 17 18 20]
    hwcap: 1 << 1
        | 1 << 2
        | 1 << 4
        | 1 << 6
        | 1 << 7
        | 1 << 12
        | 1 << 13
        | 1 << 15
        | 1 << 16
        | 1 << 17
        | 1 << 18
        | 1 << 20,
    hwcap2: 0,
    // [Linux arch/arm/kernel/setup.c, c_show; the registers are those of a Cortex-A15 r2p1]
    cpuinfo: "processor\t: 0
model name\t: ARMv7 Processor rev 1 (v7l)
BogoMIPS\t: 125.00
Features\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt lpae
CPU implementer\t: 0x41
CPU architecture: 7
CPU variant\t: 0x2
CPU part\t: 0xc0f
CPU revision\t: 1

Hardware\t: Generic DT based system
Revision\t: 0000
Serial\t\t: 0000000000000000
",
};
