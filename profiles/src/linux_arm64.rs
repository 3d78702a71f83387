//! Linux on A64.

use emu_cpu::Arch;
use emu_cpu::arm64::{X0, X1, X2, X3, X4, X5, X8};
use emu_prototypes::{DataModel, linux};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::page::{Page, Place, Symbol};
use crate::{Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

pub(crate) static LINUX_ARM64: Profile = Profile {
    name: "linux_arm64",
    aliases: &["linux_aarch64"],
    arch: Arch::Arm64,
    entries: &[Entry {
        name: "svc",
        trap: TrapPattern::AnySvc,
        abi: Abi {
            model: DataModel::Lp64,
            word: Word::Bits64,
            number: Number::Reg32(X8),
            slots: &[
                Slot::Reg(X0),
                Slot::Reg(X1),
                Slot::Reg(X2),
                Slot::Reg(X3),
                Slot::Reg(X4),
                Slot::Reg(X5),
            ],
            pairs: Pairs::Native,
            ret: Return::NegErrno(X0),
            unreadable: Unreadable::Fails,
        },
        system: System::Linux(&linux::ARM64),
        resume: Resume::Next,
        clobbers: &[],
        indirect: &[],
        unknown_signals: false,
        illegal_from: None,
    }],
    process: ProcessLayout {
        // [Linux security/Kconfig, LSM_MMAP_MIN_ADDR: 32768 on ARM, and on ARM64 that runs its programs]
        low: 0x8000,
        high: 0x1_0000_0000_0000,
        stack_top: 0xffff_ffff_f000,
        mmap_top: 0xffff_f7ff_f000,
        pie_base: 0xaaaa_aaaa_0000,
        stack_align: 16,
        arguments: None,
    },
    pages: &[Page {
        place: Place::Anywhere,
        label: "[vdso]",
        // mov x8,#139 (rt_sigreturn); svc #0
        pieces: &[(0x00, &[0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4])],
        symbols: &[(Symbol::RtSigreturn, 0x00)],
    }],
    machine: "aarch64",
    platform: "aarch64",
    // FP ASIMD AES PMULL SHA1 SHA2 CRC32: what the CPU model (Cortex-A72) has.
    // [Linux arch/arm64/include/uapi/asm/hwcap.h: bits 0 1 3 4 5 6 7]
    hwcap: 1 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7,
    hwcap2: 0,
    // [Linux arch/arm64/kernel/cpuinfo.c, c_show; the registers are those of a Cortex-A72 r0p3]
    cpuinfo: "processor\t: 0
BogoMIPS\t: 125.00
Features\t: fp asimd aes pmull sha1 sha2 crc32
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3

",
};
