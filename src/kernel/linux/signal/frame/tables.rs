//! How does each ABI lay out its frames, and enter handlers?

use emu_cpu::{Reg, arm, arm64, mips, x86, x86_64};
use emu_prototypes::Field;
use emu_prototypes::linux::{Abi, layout};

use super::fxsave::{X87_32, X87_64};
use super::math::Math;

/// Where a register is in `struct sigcontext`.
pub(super) struct Saved {
    pub(super) reg: Reg,
    pub(super) field: fn(&layout::Sigcontext) -> Field,
    /// Its place in an array of registers.
    pub(super) index: u16,
    /// Size of an element of that array; 0 for a field of its own.
    pub(super) element: u16,
    /// Whether it has bits that a frame can't be returned from with.
    pub(super) checked: bool,
}

/// One kind of frame: with `siginfo`, or without.
pub(super) struct Shape {
    /// Bytes before everything else.
    pub(super) lead: u32,
    /// Whether `siginfo` follows.
    pub(super) info: bool,
    /// Whether the registers are in a `ucontext`, and not in a `sigcontext` alone.
    pub(super) ucontext: bool,
    /// Where the rest of the mask is, from the end of a `sigcontext` alone.
    pub(super) mask: u32,
    /// Bytes behind everything.
    pub(super) tail: u32,
    /// How far the stack pointer is from the frame when the guest returns from it.
    pub(super) returned: u32,
    /// `uc_flags`.
    pub(super) uc_flags: u64,
    /// Code at the end of the frame, which nobody runs, but by which debuggers know it: for handlers of A32 or other code,
    /// and for those of Thumb code.
    pub(super) code: [&'static [u8]; 2],
}

/// Whether frames that would overflow the alternative stack are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// No: what is below it is overwritten.
    Never,
    /// When the program is on it already.
    Nested,
    /// Always.
    Always,
}

/// How an ABI enters handlers.
pub(super) struct Frames {
    pub(super) abis: &'static [&'static str],
    pub(super) saved: &'static [Saved],
    /// With `SA_SIGINFO`.
    pub(super) detailed: Shape,
    /// Without, where that is another kind.
    pub(super) plain: Option<Shape>,
    /// Bytes below the stack pointer that are the program's.
    pub(super) red_zone: u64,
    /// The frame lies at a multiple of the first, minus the second.
    pub(super) align: (u64, u64),
    /// Registers of the signal, the `siginfo` and the context.
    pub(super) arguments: [Reg; 3],
    /// The same on the stack, behind the return address.
    pub(super) stack_arguments: bool,
    /// The register of the return address, or none where it is on the stack.
    pub(super) link: Option<Reg>,
    /// A register that holds the handler's address, too.
    pub(super) entry: Option<Reg>,
    /// A register that is cleared.
    pub(super) cleared: Option<Reg>,
    /// The flags, and those of them that a handler starts without.
    pub(super) flags: Option<(Reg, u64)>,
    /// Segments that a handler starts with.
    pub(super) segments: &'static [(Reg, u64)],
    /// Of the flags in a frame: bits that have to have a value, or the frame can't be returned from.
    pub(super) valid: (u64, u64),
    /// Bits that the frame pointer may not have when a handler returns.
    pub(super) unaligned: u64,
    /// Whether handlers need a restorer of the program's.
    pub(super) restorer: bool,
    /// The registers of a frame record behind the frame: the frame pointer, which points to it then, and the link.
    pub(super) record: Option<[Reg; 2]>,
    /// Whether frames that would overflow the alternative stack are refused.
    pub(super) guard: Guard,
    /// The state of floating-point and vector units.
    pub(super) math: Math,
}

const fn own(reg: Reg, field: fn(&layout::Sigcontext) -> Field) -> Saved {
    Saved {
        reg,
        field,
        index: 0,
        element: 0,
        checked: false,
    }
}

const fn checked(reg: Reg, field: fn(&layout::Sigcontext) -> Field) -> Saved {
    Saved {
        checked: true,
        ..own(reg, field)
    }
}

/// Direction, resume and trap flag.   [Linux arch/x86/kernel/signal.c, handle_signal]
const EFLAGS_CLEARED: u64 = 1 << 10 | 1 << 16 | 1 << 8;
/// IT state and big-endian data.   [Linux arch/arm/kernel/signal.c, setup_return]
const CPSR_CLEARED: u64 = 0x0600_fc00 | 1 << 9;

static X86: Frames = Frames {
    abis: &["x86"],
    saved: &[
        own(x86::EAX, |c| c.eax),
        own(x86::EBX, |c| c.ebx),
        own(x86::ECX, |c| c.ecx),
        own(x86::EDX, |c| c.edx),
        own(x86::ESI, |c| c.esi),
        own(x86::EDI, |c| c.edi),
        own(x86::EBP, |c| c.ebp),
        own(x86::ESP, |c| c.esp),
        own(x86::EIP, |c| c.eip),
        own(x86::EFLAGS, |c| c.eflags),
        own(x86::CS, |c| c.cs),
        own(x86::SS, |c| c.ss),
        own(x86::DS, |c| c.ds),
        own(x86::ES, |c| c.es),
        own(x86::FS, |c| c.fs),
        own(x86::GS, |c| c.gs),
    ],
    // pretcode, sig, pinfo, puc; info, uc, retcode   [arch/x86/include/asm/sigframe.h, rt_sigframe_ia32]
    detailed: Shape {
        lead: 16,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 8,
        returned: 4,
        uc_flags: 0,
        // mov eax,173; int 0x80
        code: [&[0xb8, 173, 0, 0, 0, 0xcd, 0x80, 0], &[]],
    },
    // pretcode, sig; sc, fpstate_unused, extramask, retcode   [sigframe_ia32; _fpstate_32 has 624 bytes]
    plain: Some(Shape {
        lead: 8,
        info: false,
        ucontext: false,
        mask: 624,
        tail: 624 + 4 + 8,
        returned: 8,
        uc_flags: 0,
        // pop eax; mov eax,119; int 0x80
        code: [&[0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80], &[]],
    }),
    red_zone: 0,
    align: (16, 4),
    arguments: [x86::EAX, x86::EDX, x86::ECX],
    stack_arguments: true,
    link: None,
    entry: None,
    cleared: None,
    flags: Some((x86::EFLAGS, EFLAGS_CLEARED)),
    // [Linux arch/x86/ia32/ia32_signal.c, ia32_setup_frame: __USER32_DS]
    segments: &[(x86::DS, 0x2b), (x86::ES, 0x2b)],
    valid: (0, 0),
    unaligned: 0,
    restorer: false,
    record: None,
    guard: Guard::Always,
    math: Math::Fxsave {
        x87: &X87_32,
        legacy: true,
    },
};

static X64: Frames = Frames {
    abis: &["x64"],
    saved: &[
        own(x86_64::R8, |c| c.r8),
        own(x86_64::R9, |c| c.r9),
        own(x86_64::R10, |c| c.r10),
        own(x86_64::R11, |c| c.r11),
        own(x86_64::R12, |c| c.r12),
        own(x86_64::R13, |c| c.r13),
        own(x86_64::R14, |c| c.r14),
        own(x86_64::R15, |c| c.r15),
        own(x86_64::RDI, |c| c.rdi),
        own(x86_64::RSI, |c| c.rsi),
        own(x86_64::RBP, |c| c.rbp),
        own(x86_64::RBX, |c| c.rbx),
        own(x86_64::RDX, |c| c.rdx),
        own(x86_64::RAX, |c| c.rax),
        own(x86_64::RCX, |c| c.rcx),
        own(x86_64::RSP, |c| c.rsp),
        own(x86_64::RIP, |c| c.rip),
        own(x86_64::RFLAGS, |c| c.eflags),
        own(x86_64::CS, |c| c.cs),
        own(x86_64::SS, |c| c.ss),
    ],
    // pretcode; uc, info   [arch/x86/include/asm/sigframe.h, rt_sigframe]
    detailed: Shape {
        lead: 8,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 0,
        returned: 8,
        // UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS, and no UC_FP_XSTATE without XSAVE.   [signal.c, frame_uc_flags]
        uc_flags: 6,
        code: [&[], &[]],
    },
    plain: None,
    red_zone: 128,
    align: (16, 8),
    arguments: [x86_64::RDI, x86_64::RSI, x86_64::RDX],
    stack_arguments: false,
    link: None,
    entry: None,
    cleared: Some(x86_64::RAX),
    flags: Some((x86_64::RFLAGS, EFLAGS_CLEARED)),
    segments: &[],
    valid: (0, 0),
    unaligned: 0,
    restorer: true,
    record: None,
    guard: Guard::Always,
    math: Math::Fxsave {
        x87: &X87_64,
        legacy: false,
    },
};

static ARM: Frames = Frames {
    abis: &["arm"],
    saved: &[
        own(arm::R0, |c| c.arm_r0),
        own(arm::R1, |c| c.arm_r1),
        own(arm::R2, |c| c.arm_r2),
        own(arm::R3, |c| c.arm_r3),
        own(arm::R4, |c| c.arm_r4),
        own(arm::R5, |c| c.arm_r5),
        own(arm::R6, |c| c.arm_r6),
        own(arm::R7, |c| c.arm_r7),
        own(arm::R8, |c| c.arm_r8),
        own(arm::R9, |c| c.arm_r9),
        own(arm::R10, |c| c.arm_r10),
        own(arm::R11, |c| c.arm_fp),
        own(arm::R12, |c| c.arm_ip),
        own(arm::SP, |c| c.arm_sp),
        own(arm::LR, |c| c.arm_lr),
        checked(arm::CPSR, |c| c.arm_cpsr),
        own(arm::PC, |c| c.arm_pc),
    ],
    // info; uc, retcode   [arch/arm/include/asm/signal.h, rt_sigframe]
    detailed: Shape {
        lead: 0,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 16,
        returned: 0,
        uc_flags: 0,
        // mov r7,#173; svc 0x9000ad. Thumb: movs r7,#173; svc 0   [arch/arm/kernel/sigreturn_codes.S]
        code: [
            &[
                173, 0x70, 0xa0, 0xe3, 173, 0, 0x90, 0xef, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
            &[173, 0x27, 0, 0xdf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ],
    },
    plain: Some(Shape {
        lead: 0,
        info: false,
        ucontext: true,
        mask: 0,
        tail: 16,
        returned: 0,
        // Tells it from an older frame.   [signal.c, setup_frame]
        uc_flags: 0x5ac3_c35a,
        // mov r7,#119; svc 0x900077. Thumb: movs r7,#119; svc 0, and the next word of the kernel's
        code: [
            &[
                119, 0x70, 0xa0, 0xe3, 119, 0, 0x90, 0xef, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
            &[
                119, 0x27, 0, 0xdf, 173, 0x70, 0xa0, 0xe3, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
        ],
    }),
    red_zone: 0,
    align: (8, 0),
    arguments: [arm::R0, arm::R1, arm::R2],
    stack_arguments: false,
    link: Some(arm::LR),
    entry: None,
    cleared: None,
    flags: Some((arm::CPSR, CPSR_CLEARED)),
    segments: &[],
    // User mode with interrupts.   [arch/arm/include/asm/ptrace.h, valid_user_regs]
    valid: (0x9f, 0x10),
    unaligned: 7,
    restorer: false,
    record: None,
    guard: Guard::Never,
    math: Math::Vfp,
};

const fn numbered(reg: Reg, field: fn(&layout::Sigcontext) -> Field, index: u16) -> Saved {
    Saved {
        reg,
        field,
        index,
        element: 8,
        checked: false,
    }
}

/// Registers 0 to 30 of `regs`, then the rest.
static ARM64_SAVED: [Saved; 34] = {
    let mut saved = [const { own(arm64::SP, |c| c.sp) }; 34];
    let mut index = 0;
    while index < 31 {
        saved[index] = numbered(Reg(arm64::X0.0 + index as u8), |c| c.regs, index as u16);
        index += 1;
    }
    saved[32] = checked(arm64::PSTATE, |c| c.pstate);
    saved[33] = own(arm64::PC, |c| c.pc);
    saved
};

static ARM64: Frames = Frames {
    abis: &["arm64"],
    saved: &ARM64_SAVED,
    // info; uc; then a frame record   [arch/arm64/kernel/signal.c, rt_sigframe]
    detailed: Shape {
        lead: 0,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 16,
        returned: 0,
        uc_flags: 0,
        code: [&[], &[]],
    },
    plain: None,
    red_zone: 0,
    align: (16, 0),
    arguments: [arm64::X0, arm64::X1, arm64::X2],
    stack_arguments: false,
    link: Some(arm64::X30),
    entry: None,
    cleared: None,
    flags: None,
    segments: &[],
    // EL0 of 64 bits, with interrupts.   [arch/arm64/kernel/ptrace.c, valid_native_regs]
    valid: (0x3df, 0),
    unaligned: 15,
    restorer: false,
    record: Some([arm64::X29, arm64::X30]),
    guard: Guard::Never,
    math: Math::Fpsimd,
};

/// Registers 1 to 31 of `sc_regs`, then the rest.
static MIPS_SAVED: [Saved; 34] = {
    let mut saved = [const { own(mips::PC, |c| c.sc_pc) }; 34];
    let mut index = 1;
    while index < 32 {
        saved[index - 1] = numbered(Reg(mips::ZERO.0 + index as u8), |c| c.sc_regs, index as u16);
        index += 1;
    }
    saved[31] = own(mips::HI, |c| c.sc_mdhi);
    saved[32] = own(mips::LO, |c| c.sc_mdlo);
    saved
};

static MIPS: Frames = Frames {
    abis: &["mips", "mipsel"],
    saved: &MIPS_SAVED,
    // room for four arguments, pad; info, uc   [arch/mips/kernel/signal.c, rt_sigframe; asm/sigframe.h, sigframe]
    detailed: Shape {
        lead: 24,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 0,
        returned: 0,
        uc_flags: 0,
        code: [&[], &[]],
    },
    plain: Some(Shape {
        lead: 24,
        info: false,
        ucontext: false,
        mask: 0,
        tail: 16,
        returned: 0,
        uc_flags: 0,
        code: [&[], &[]],
    }),
    // Left for the emulation of floating-point branches.   [arch/mips/kernel/signal.c, get_sigframe]
    red_zone: 32,
    align: (8, 0),
    arguments: [mips::A0, mips::A1, mips::A2],
    stack_arguments: false,
    link: Some(mips::RA),
    entry: Some(mips::T9),
    cleared: None,
    flags: None,
    segments: &[],
    valid: (0, 0),
    unaligned: 0,
    restorer: false,
    record: None,
    guard: Guard::Nested,
    math: Math::Fpu { wide: false },
};

static MIPS64: Frames = Frames {
    abis: &["mips64", "mips64el", "mips64n32", "mips64n32el"],
    saved: &MIPS_SAVED,
    // room for four arguments of 32 bits, pad; info, uc   [arch/mips/kernel/signal.c, rt_sigframe; signal_n32.c, rt_sigframe_n32]
    detailed: Shape {
        lead: 24,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 0,
        returned: 0,
        uc_flags: 0,
        code: [&[], &[]],
    },
    plain: None,
    red_zone: 32,
    // [arch/mips/include/asm/asm.h, ALMASK]
    align: (16, 0),
    arguments: [mips::A0, mips::A1, mips::A2],
    stack_arguments: false,
    link: Some(mips::RA),
    entry: Some(mips::T9),
    cleared: None,
    flags: None,
    segments: &[],
    valid: (0, 0),
    unaligned: 0,
    restorer: false,
    record: None,
    guard: Guard::Nested,
    math: Math::Fpu { wide: true },
};

/// How an ABI enters handlers.
pub(super) fn of(abi: &Abi) -> Option<&'static Frames> {
    [&X86, &X64, &ARM, &ARM64, &MIPS, &MIPS64]
        .into_iter()
        .find(|frames| frames.abis.contains(&abi.name))
}
