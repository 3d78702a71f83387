//! How does a tracer see the registers of a task?
//!
//! [Linux arch/x86/include/asm/user_64.h and user_32.h, arch/arm/include/uapi/asm/ptrace.h,
//! arch/arm64/include/uapi/asm/ptrace.h, arch/mips/include/uapi/asm/ptrace.h and reg.h; the same directories'
//! kernel/ptrace.c]

use emu_cpu::{Arch, Endian, Reg, arm, arm64, mips, x86, x86_64};

use super::Stopped;
use crate::kernel::linux::signal::frame::fxsave::{self, FXSAVE, X87, X87_32, X87_64};

/// A place in a structure of registers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    Reg(Reg),
    /// The number of the call that the task is in, or -1 (`orig_rax`).
    Number,
    /// The first argument of that call (`ORIG_r0`).
    First,
    /// Nothing that can be known or set.
    Zero,
}

use Slot::{First, Number, Zero};

/// A structure of registers: slots of the same size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) slots: &'static [Slot],
    /// Bytes of a slot.
    pub(super) size: usize,
    /// Whether a register of 32 bits is extended by its sign.
    pub(super) signed: bool,
}

const fn r(reg: Reg) -> Slot {
    Slot::Reg(reg)
}

/// `struct user_regs_struct` of x86-64.
static X64: Layout = Layout {
    slots: &[
        r(x86_64::R15),
        r(x86_64::R14),
        r(x86_64::R13),
        r(x86_64::R12),
        r(x86_64::RBP),
        r(x86_64::RBX),
        r(x86_64::R11),
        r(x86_64::R10),
        r(x86_64::R9),
        r(x86_64::R8),
        r(x86_64::RAX),
        r(x86_64::RCX),
        r(x86_64::RDX),
        r(x86_64::RSI),
        r(x86_64::RDI),
        Number,
        r(x86_64::RIP),
        r(x86_64::CS),
        r(x86_64::RFLAGS),
        r(x86_64::RSP),
        r(x86_64::SS),
        r(x86_64::FS_BASE),
        r(x86_64::GS_BASE),
        r(x86_64::DS),
        r(x86_64::ES),
        r(x86_64::FS),
        r(x86_64::GS),
    ],
    size: 8,
    signed: false,
};

/// The same of a task that runs code of 32 bits.
static X64_OF_X86: Layout = Layout {
    slots: &[
        Zero,
        Zero,
        Zero,
        Zero,
        r(x86::EBP),
        r(x86::EBX),
        Zero,
        Zero,
        Zero,
        Zero,
        r(x86::EAX),
        r(x86::ECX),
        r(x86::EDX),
        r(x86::ESI),
        r(x86::EDI),
        Number,
        r(x86::EIP),
        r(x86::CS),
        r(x86::EFLAGS),
        r(x86::ESP),
        r(x86::SS),
        Zero,
        Zero,
        r(x86::DS),
        r(x86::ES),
        r(x86::FS),
        r(x86::GS),
    ],
    size: 8,
    signed: false,
};

/// `struct user_regs_struct` of x86.
static X86: Layout = Layout {
    slots: &[
        r(x86::EBX),
        r(x86::ECX),
        r(x86::EDX),
        r(x86::ESI),
        r(x86::EDI),
        r(x86::EBP),
        r(x86::EAX),
        r(x86::DS),
        r(x86::ES),
        r(x86::FS),
        r(x86::GS),
        Number,
        r(x86::EIP),
        r(x86::CS),
        r(x86::EFLAGS),
        r(x86::ESP),
        r(x86::SS),
    ],
    size: 4,
    signed: false,
};

/// Slots of consecutive registers, between those that come before and behind.
const fn run<const N: usize>(
    before: usize,
    first: Reg,
    count: usize,
    behind: &[Slot],
) -> [Slot; N] {
    let mut slots = [Zero; N];
    let mut n = 0;
    while n < count {
        slots[before + n] = Slot::Reg(Reg(first.0 + n as u8));
        n += 1;
    }
    let mut n = 0;
    while n < behind.len() {
        slots[before + count + n] = behind[n];
        n += 1;
    }
    slots
}

/// `struct pt_regs` of ARM.
static ARM: Layout = Layout {
    slots: &run::<18>(0, arm::R0, 16, &[r(arm::CPSR), First]),
    size: 4,
    signed: false,
};

/// `struct user_pt_regs` of ARM64.
static ARM64: Layout = Layout {
    slots: &run::<34>(
        0,
        arm64::X0,
        31,
        &[r(arm64::SP), r(arm64::PC), r(arm64::PSTATE)],
    ),
    size: 8,
    signed: false,
};

/// `struct user_pt_regs` of MIPS: registers, LO, HI, EPC, and three of the system's.
const MIPS: Layout = Layout {
    slots: &run::<38>(0, mips::ZERO, 32, &[r(mips::LO), r(mips::HI), r(mips::PC)]),
    size: 8,
    signed: true,
};

/// `elf_gregset_t` of O32, where the registers begin at the sixth place.
static MIPS_SET: Layout = Layout {
    slots: &run::<45>(6, mips::ZERO, 32, &[r(mips::LO), r(mips::HI), r(mips::PC)]),
    size: 4,
    signed: false,
};

/// `struct user_pt_regs` of N64 and N32.
static MIPS64: Layout = Layout {
    signed: false,
    ..MIPS
};

/// `elf_gregset_t` of N64 and N32, where they begin at the first.
static MIPS64_SET: Layout = Layout {
    slots: &run::<45>(0, mips::ZERO, 32, &[r(mips::LO), r(mips::HI), r(mips::PC)]),
    size: 8,
    signed: false,
};

/// What `PTRACE_PEEKUSR` addresses.
#[derive(Debug, Clone, Copy)]
enum User {
    /// Bytes of `struct user`, which begins with the registers.   [Linux arch/x86/include/asm/user_64.h and user_32.h,
    /// arch/arm/include/asm/user.h]
    Bytes(u64),
    /// Registers by number.   [Linux arch/mips/include/uapi/asm/ptrace.h]
    Numbers(&'static [Slot]),
}

/// What `PTRACE_GET_THREAD_AREA` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// Nothing.
    None,
    /// A register.
    Register(Reg),
    /// One of the descriptors of thread-local storage.
    Descriptor,
}

/// How tracers see the tasks on a CPU.
pub struct View {
    arch: Arch,
    /// What `PTRACE_GETREGS` is, by the tracer's CPU.
    plain: &'static [(Arch, &'static Layout)],
    /// What `NT_PRSTATUS` is.
    set: &'static Layout,
    user: User,
    /// Further sets by their notes' numbers.
    units: &'static [(u64, Unit)],
    /// What `PTRACE_GETFPREGS` is.
    math: Option<Unit>,
    x87: Option<&'static X87>,
    pub(super) area: Area,
    /// The register of a call's number, where a tracer changes the number in it.
    pub(super) number: Option<Reg>,
    /// Flags with the trap flag, by which an instruction is run alone.
    pub flags: Option<Reg>,
    /// Whether the result's register says as a call begins that it failed: its number is kept apart.
    pub fails_first: bool,
    /// A register that tells a call's begin (0) from its end (1).   [Linux arch/arm/kernel/ptrace.c and
    /// arch/arm64/kernel/ptrace.c, report_syscall]
    pub phase: Option<Reg>,
}

const NUMBERED: User = {
    const SLOTS: [Slot; 71] = {
        let mut slots: [Slot; 71] = run(0, mips::ZERO, 32, &[]);
        let floats: [Slot; 71] = run(
            32,
            mips::F0,
            32,
            &[
                r(mips::PC),
                Zero,
                Zero,
                r(mips::HI),
                r(mips::LO),
                r(mips::FCSR),
                Zero,
            ],
        );
        let mut n = 32;
        while n < slots.len() {
            slots[n] = floats[n];
            n += 1;
        }
        slots
    };
    User::Numbers(&SLOTS)
};

const fn mips_view(
    arch: Arch,
    plain: &'static [(Arch, &'static Layout)],
    set: &'static Layout,
) -> View {
    View {
        arch,
        plain,
        set,
        user: NUMBERED,
        units: &[(NT_PRFPREG, Unit::Fpu)],
        math: Some(Unit::Fpu),
        x87: None,
        area: Area::Register(mips::USERLOCAL),
        number: Some(mips::V0),
        flags: None,
        fails_first: false,
        phase: None,
    }
}

static VIEWS: &[View] = &[
    View {
        arch: Arch::X86,
        plain: &[(Arch::X86, &X86), (Arch::X86_64, &X64_OF_X86)],
        set: &X86,
        user: User::Bytes(284),
        units: &[(NT_PRFPREG, Unit::Fsave), (NT_PRXFPREG, Unit::Fxsave)],
        math: Some(Unit::Fsave),
        x87: Some(&X87_32),
        area: Area::Descriptor,
        number: None,
        flags: Some(x86::EFLAGS),
        fails_first: true,
        phase: None,
    },
    View {
        arch: Arch::X86_64,
        plain: &[(Arch::X86_64, &X64)],
        set: &X64,
        user: User::Bytes(928),
        units: &[(NT_PRFPREG, Unit::Fxsave)],
        math: Some(Unit::Fxsave),
        x87: Some(&X87_64),
        area: Area::None,
        number: None,
        flags: Some(x86_64::RFLAGS),
        fails_first: true,
        phase: None,
    },
    View {
        arch: Arch::Arm,
        plain: &[(Arch::Arm, &ARM)],
        set: &ARM,
        user: User::Bytes(296),
        units: &[(NT_ARM_VFP, Unit::Vfp)],
        math: None,
        x87: None,
        area: Area::Register(arm::TPIDRURO),
        number: None,
        flags: None,
        fails_first: false,
        phase: Some(arm::R12),
    },
    View {
        arch: Arch::Arm64,
        plain: &[],
        set: &ARM64,
        user: User::Bytes(0),
        units: &[
            (NT_PRFPREG, Unit::Fpsimd),
            (NT_ARM_TLS, Unit::Tls),
            (NT_ARM_SYSTEM_CALL, Unit::Call),
        ],
        math: None,
        x87: None,
        area: Area::None,
        number: None,
        flags: None,
        fails_first: false,
        phase: Some(arm64::X7),
    },
    mips_view(Arch::Mips, &[(Arch::Mips, &MIPS)], &MIPS_SET),
    mips_view(Arch::Mipsel, &[(Arch::Mipsel, &MIPS)], &MIPS_SET),
    mips_view(Arch::Mips64, &[(Arch::Mips64, &MIPS64)], &MIPS64_SET),
    mips_view(Arch::Mips64el, &[(Arch::Mips64el, &MIPS64)], &MIPS64_SET),
];

impl View {
    /// The one of a CPU.
    pub fn of(arch: Arch) -> &'static View {
        let view = VIEWS.iter().find(|view| view.arch == arch);
        view.expect("each CPU has a view")
    }

    /// What `PTRACE_GETREGS` of a tracer on a CPU tells, if anything.
    pub(super) fn plain(&self, tracer: Arch) -> Option<&'static Layout> {
        let own = self.plain.iter().find(|(arch, _)| *arch == tracer);
        own.map(|(_, layout)| *layout)
    }

    /// What `NT_PRSTATUS` is.
    pub(super) fn set(&self) -> &'static Layout {
        self.set
    }

    /// What `PTRACE_GETFPREGS` is.
    pub(super) fn math(&self) -> Option<Unit> {
        self.math
    }

    /// A set by its note's number.
    pub(super) fn unit(&self, note: u64) -> Option<Unit> {
        let unit = self.units.iter().find(|(number, _)| *number == note);
        unit.map(|(_, unit)| *unit)
    }

    /// A set, if the CPU has it.
    pub(super) fn has(&self, unit: Unit) -> Option<Unit> {
        let has = self.units.iter().any(|(_, own)| *own == unit);
        has.then_some(unit)
    }

    /// What `PTRACE_PEEKUSR` of a tracer on a CPU reads at an address. `None` where there is nothing.
    pub(super) fn user(&self, tracer: Arch, address: u64) -> Option<Place> {
        let layout = self.plain(tracer)?;
        let index = usize::try_from(address).ok()?;
        // How an address is meant is the tracer's ABI's own.
        match View::of(tracer).user {
            User::Numbers(slots) => slots.get(index).map(|slot| Place::Slot(self.set, *slot)),
            User::Bytes(size) => {
                if !address.is_multiple_of(layout.size as u64) || address >= size {
                    return None;
                }
                Some(match layout.slots.get(index / layout.size) {
                    Some(slot) => Place::Slot(layout, *slot),
                    None => Place::Nothing,
                })
            }
        }
    }
}

/// A place in `struct user`, or what stands for it.
pub(super) enum Place {
    Slot(&'static Layout, Slot),
    /// Something that is always 0 here.
    Nothing,
}

fn number(bytes: &[u8], endian: Endian) -> u64 {
    let mut wide = [0; 8];
    let size = bytes.len().min(8);
    match endian {
        Endian::Little => {
            wide[..size].copy_from_slice(&bytes[..size]);
            u64::from_le_bytes(wide)
        }
        Endian::Big => {
            wide[8 - size..].copy_from_slice(&bytes[..size]);
            u64::from_be_bytes(wide)
        }
    }
}

fn bytes(value: u64, size: usize, endian: Endian) -> Vec<u8> {
    match endian {
        Endian::Little => value.to_le_bytes()[..size].to_vec(),
        Endian::Big => value.to_be_bytes()[8 - size..].to_vec(),
    }
}

impl Layout {
    /// Bytes of the structure.
    pub(super) fn len(&self) -> usize {
        self.size * self.slots.len()
    }

    /// The value of a slot.
    pub(super) fn get(&self, stopped: &Stopped, slot: Slot) -> u64 {
        let value = match slot {
            Slot::Reg(reg) => stopped.get(reg) as u64,
            Slot::Number => stopped.number as u64,
            Slot::First => stopped.first,
            Slot::Zero => 0,
        };
        match (self.size, self.signed) {
            (8, true) => value as u32 as i32 as u64,
            (4, _) => value & 0xffff_ffff,
            _ => value,
        }
    }

    /// Sets a slot.
    pub(super) fn put(&self, stopped: &mut Stopped, slot: Slot, value: u64) {
        let narrow = self.size == 4 || stopped.arch.row().bits == 32;
        match slot {
            Slot::Reg(reg) => stopped.set(reg, value.into()),
            // Calls have numbers of 32 bits, and -1 is none.
            Slot::Number => {
                stopped.number = if narrow {
                    (value as i32).into()
                } else {
                    value as i64
                };
            }
            Slot::First => stopped.first = value,
            Slot::Zero => {}
        }
    }

    /// The structure.
    pub(super) fn image(&self, stopped: &Stopped) -> Vec<u8> {
        let endian = stopped.arch.endian();
        let slots = self.slots.iter();
        slots
            .flat_map(|slot| bytes(self.get(stopped, *slot), self.size, endian))
            .collect()
    }

    /// Sets what of the structure there is.
    pub(super) fn take(&self, stopped: &mut Stopped, image: &[u8]) {
        let endian = stopped.arch.endian();
        for (slot, bytes) in self.slots.iter().zip(image.chunks_exact(self.size)) {
            self.put(stopped, *slot, number(bytes, endian));
        }
    }
}

/// A set of registers that is no array of general ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// `struct user_i387_struct`: the form of `fsave`.
    Fsave,
    /// The form of `fxsave`.
    Fxsave,
    /// `struct user_vfp`: 32 registers and FPSCR.
    Vfp,
    /// `struct user_fpsimd_state`.
    Fpsimd,
    /// 32 registers of 64 bits, FCSR and FIR.
    Fpu,
    /// The thread's pointer.
    Tls,
    /// The number of the call that the task is about to make.
    Call,
}

// [Linux include/uapi/linux/elf.h]
const NT_PRFPREG: u64 = 2;
const NT_PRXFPREG: u64 = 0x46e6_2b7f;
const NT_ARM_VFP: u64 = 0x400;
const NT_ARM_TLS: u64 = 0x401;
const NT_ARM_SYSTEM_CALL: u64 = 0x404;

/// FIR of the CPU that there is: single and double precision, and 32 registers of 64 bits.
const FIR: u64 = 0x0073_9300;

impl Unit {
    /// Bytes of an element of it: what is asked for has to be a multiple.
    pub(super) fn element(self) -> usize {
        match self {
            Unit::Tls | Unit::Fpu => 8,
            _ => 4,
        }
    }

    fn x87(stopped: &Stopped) -> &'static X87 {
        let x87 = View::of(stopped.arch).x87;
        x87.expect("only who has one has a set of it")
    }

    /// The structure.
    pub(super) fn image(self, stopped: &Stopped) -> Vec<u8> {
        let endian = stopped.arch.endian();
        let fxsave = || Unit::x87(stopped).save(&|reg| stopped.get(reg));
        let nth = |first: Reg, n: u8| stopped.get(Reg(first.0 + n));
        match self {
            Unit::Fxsave => fxsave().to_vec(),
            Unit::Fsave => {
                let (cs, ds) = (stopped.get(x86::CS), stopped.get(x86::DS));
                fxsave::to_fsave(&fxsave(), cs as u16, ds as u16).to_vec()
            }
            Unit::Vfp => {
                let registers = (0..32).flat_map(|n| (nth(arm::D0, n) as u64).to_le_bytes());
                let status = (stopped.get(arm::FPSCR) as u32).to_le_bytes();
                registers.chain(status).collect()
            }
            Unit::Fpsimd => {
                let registers = (0..32).flat_map(|n| nth(arm64::V0, n).to_le_bytes());
                let words = [stopped.get(arm64::FPSR), stopped.get(arm64::FPCR), 0, 0];
                let words = words
                    .into_iter()
                    .flat_map(|word| (word as u32).to_le_bytes());
                registers.chain(words).collect()
            }
            Unit::Fpu => {
                let registers = (0..32).flat_map(|n| bytes(nth(mips::F0, n) as u64, 8, endian));
                let words = [stopped.get(mips::FCSR) as u64, FIR];
                let words = words.into_iter().flat_map(|word| bytes(word, 4, endian));
                registers.chain(words).collect()
            }
            Unit::Tls => (stopped.get(arm64::TPIDR_EL0) as u64)
                .to_le_bytes()
                .to_vec(),
            Unit::Call => (stopped.number as i32).to_le_bytes().to_vec(),
        }
    }

    /// Sets what of the structure there is. False when it has what can't be.
    pub(super) fn take(self, stopped: &mut Stopped, image: &[u8]) -> bool {
        let endian = stopped.arch.endian();
        // What is left out stays as it is.
        let mut whole = self.image(stopped);
        let count = image.len().min(whole.len());
        whole[..count].copy_from_slice(&image[..count]);
        let wide = |at: usize| {
            let mut value = [0; 16];
            value.copy_from_slice(&whole[at..at + 16]);
            u128::from_le_bytes(value)
        };
        match self {
            Unit::Fxsave => {
                let x87 = Unit::x87(stopped);
                return x87.restore(&whole, &mut |reg, value| stopped.set(reg, value));
            }
            Unit::Fsave => {
                let x87 = Unit::x87(stopped);
                let mut fxsave: [u8; FXSAVE] = x87.save(&|reg| stopped.get(reg));
                fxsave::from_fsave(&mut fxsave, &whole);
                return x87.restore(&fxsave, &mut |reg, value| stopped.set(reg, value));
            }
            Unit::Vfp => {
                for n in 0..32 {
                    let value = number(&whole[8 * n..][..8], endian);
                    stopped.set(Reg(arm::D0.0 + n as u8), value.into());
                }
                stopped.set(arm::FPSCR, number(&whole[256..260], endian).into());
            }
            Unit::Fpsimd => {
                for n in 0..32 {
                    stopped.set(Reg(arm64::V0.0 + n as u8), wide(16 * n));
                }
                stopped.set(arm64::FPSR, number(&whole[512..516], endian).into());
                stopped.set(arm64::FPCR, number(&whole[516..520], endian).into());
            }
            Unit::Fpu => {
                for n in 0..32 {
                    let value = number(&whole[8 * n..][..8], endian);
                    stopped.set(Reg(mips::F0.0 + n as u8), value.into());
                }
                stopped.set(mips::FCSR, number(&whole[256..260], endian).into());
            }
            Unit::Tls => stopped.set(arm64::TPIDR_EL0, number(&whole, endian).into()),
            Unit::Call => stopped.number = (number(&whole, endian) as i32).into(),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_have_the_sizes_that_the_headers_give_them() {
        let sizes = [
            (Arch::X86, 68),
            (Arch::X86_64, 216),
            (Arch::Arm, 72),
            (Arch::Arm64, 272),
            (Arch::Mips, 180),
            (Arch::Mipsel, 180),
            (Arch::Mips64, 360),
            (Arch::Mips64el, 360),
        ];
        for (arch, size) in sizes {
            assert_eq!(View::of(arch).set().len(), size, "{arch:?}");
        }
        assert_eq!(
            View::of(Arch::Mips).plain(Arch::Mips).map(Layout::len),
            Some(304)
        );
        assert!(View::of(Arch::Mips).plain(Arch::Arm).is_none());
    }

    #[test]
    fn what_was_read_can_be_written_back() {
        for arch in Arch::all() {
            let mut stopped = Stopped::empty(arch);
            for n in 0..arch.row().registers.len() {
                stopped.set(Reg(n as u8), 0x1020 + n as u128);
            }
            stopped.number = -1;
            let before = stopped.clone();
            let layout = View::of(arch).set();
            let image = layout.image(&stopped);
            let blank = vec![0; image.len()];
            layout.take(&mut stopped, &blank);
            assert_ne!(layout.image(&stopped), image, "{arch:?}");
            layout.take(&mut stopped, &image);
            assert_eq!(layout.image(&stopped), image, "{arch:?}");
            assert_eq!(stopped.number, before.number, "{arch:?}");
        }
    }
}
