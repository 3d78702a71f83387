//! FreeBSD on x86-64.

use emu_cpu::x86_64::{R8, R9, R10, RAX, RDI, RDX, RFLAGS, RSI};
use emu_cpu::{Arch, Trap};
use emu_prototypes::{DataModel, freebsd};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::linux_x64::{LINUX_X64, SYSCALL_CLOBBERS};
use crate::{Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

pub(crate) static FREEBSD_X64: Profile = Profile {
    name: "freebsd_x64",
    aliases: &["freebsd_amd64", "freebsd_x86_64"],
    arch: Arch::X86_64,
    entries: &[Entry {
        name: "syscall",
        trap: TrapPattern::Is(Trap::Syscall),
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
        system: System::FreeBsd(&freebsd::X64),
        resume: Resume::Next,
        // They are so when the call has ended, too.   [FreeBSD sys/amd64/amd64/exception.S: fast_syscall]
        clobbers: SYSCALL_CLOBBERS,
        // `syscall` and `__syscall`   [FreeBSD sys/kern/syscalls.master]
        indirect: &[0, 198],
        // [FreeBSD sys/kern/kern_sig.c, nosys]
        unknown_signals: true,
        illegal_from: None,
    }],
    // [FreeBSD sys/amd64/include/vmparam.h: VM_MAXUSER_ADDRESS_LA48, USRSTACK_LA48; sys/sys/imgact_elf.h: ET_DYN_LOAD_ADDR]
    process: ProcessLayout {
        low: 0x1_0000,
        high: 0x8000_0000_0000,
        stack_top: 0x7fff_ffff_f000,
        mmap_top: 0x7fff_dfff_f000,
        pie_base: 0x0102_1000,
        stack_align: 16,
        // [FreeBSD sys/amd64/amd64/exec_machdep.c, exec_setregs]
        arguments: Some(RDI),
    },
    machine: "amd64",
    platform: "",
    ..LINUX_X64
};
