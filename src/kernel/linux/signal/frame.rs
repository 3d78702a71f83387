//! What does a handler find on its stack, and what comes back from there?
//!
//! A frame holds what Linux puts there as far as a program can look at it: general registers, the signal mask, the
//! `siginfo`. The state of floating-point and vector units is not in the frame; the kernel keeps it aside and puts it
//! back when the frame is returned from.

use emu_cpu::{AddressSpace, Context, Cpu, Fault, GuestMemory, Reg, arm, arm64, mips, x86, x86_64};
use emu_prototypes::linux::{Abi, layout};
use emu_prototypes::{DataModel, Field};

use crate::kernel::layout::Image;
use crate::kernel::linux::signals::{Action, Info, SigSet};

/// States kept aside at most; handlers nested deeper lose those of the outermost.
const KEPT: usize = 64;

/// The state of the CPU when a handler was entered.
pub struct Kept {
    /// The frame it belongs to.
    frame: u64,
    context: Box<dyn Context>,
}

impl Kept {
    /// A copy, for a new process.
    pub(in crate::kernel::linux) fn duplicate(&self) -> Kept {
        Kept {
            frame: self.frame,
            context: self.context.duplicate(),
        }
    }
}

/// Where a register is in `struct sigcontext`.
struct Saved {
    reg: Reg,
    field: fn(&layout::Sigcontext) -> Field,
    /// Its place in an array of registers.
    index: u16,
    /// Size of an element of that array; 0 for a field of its own.
    element: u16,
}

/// One kind of frame: with `siginfo`, or without.
struct Shape {
    /// Bytes before everything else.
    lead: u32,
    /// Whether `siginfo` follows.
    info: bool,
    /// Whether the registers are in a `ucontext`, and not in a `sigcontext` alone.
    ucontext: bool,
    /// Where the rest of the mask is, from the end of a `sigcontext` alone.
    mask: u32,
    /// Bytes behind everything.
    tail: u32,
    /// How far the stack pointer is from the frame when the guest returns from it.
    returned: u32,
}

/// How an ABI enters handlers.
struct Frames {
    abis: &'static [&'static str],
    saved: &'static [Saved],
    /// With `SA_SIGINFO`.
    detailed: Shape,
    /// Without, where that is another kind.
    plain: Option<Shape>,
    /// Bytes below the stack pointer that are the program's.
    red_zone: u64,
    /// The frame lies at a multiple of the first, minus the second.
    align: (u64, u64),
    /// Registers of the signal, the `siginfo` and the context.
    arguments: [Reg; 3],
    /// The same on the stack, behind the return address.
    stack_arguments: bool,
    /// The register of the return address, or none where it is on the stack.
    link: Option<Reg>,
    /// A register that holds the handler's address, too.
    entry: Option<Reg>,
    /// A register that is cleared.
    cleared: Option<Reg>,
    /// The flags, and those of them that a handler starts without.
    flags: Option<(Reg, u64)>,
}

const fn own(reg: Reg, field: fn(&layout::Sigcontext) -> Field) -> Saved {
    Saved {
        reg,
        field,
        index: 0,
        element: 0,
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
    ],
    // pretcode, sig, pinfo, puc; info, uc, retcode   [arch/x86/include/asm/sigframe.h, rt_sigframe_ia32]
    detailed: Shape {
        lead: 16,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 8,
        returned: 4,
    },
    // pretcode, sig; sc, fpstate_unused, extramask, retcode   [sigframe_ia32; _fpstate_32 has 624 bytes]
    plain: Some(Shape {
        lead: 8,
        info: false,
        ucontext: false,
        mask: 624,
        tail: 624 + 4 + 8,
        returned: 8,
    }),
    red_zone: 0,
    align: (16, 4),
    arguments: [x86::EAX, x86::EDX, x86::ECX],
    stack_arguments: true,
    link: None,
    entry: None,
    cleared: None,
    flags: Some((x86::EFLAGS, EFLAGS_CLEARED)),
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
    ],
    // pretcode; uc, info   [arch/x86/include/asm/sigframe.h, rt_sigframe]
    detailed: Shape {
        lead: 8,
        info: true,
        ucontext: true,
        mask: 0,
        tail: 0,
        returned: 8,
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
        own(arm::CPSR, |c| c.arm_cpsr),
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
    },
    plain: Some(Shape {
        lead: 0,
        info: false,
        ucontext: true,
        mask: 0,
        tail: 16,
        returned: 0,
    }),
    red_zone: 0,
    align: (8, 0),
    arguments: [arm::R0, arm::R1, arm::R2],
    stack_arguments: false,
    link: Some(arm::LR),
    entry: None,
    cleared: None,
    flags: Some((arm::CPSR, CPSR_CLEARED)),
};

const fn numbered(reg: Reg, field: fn(&layout::Sigcontext) -> Field, index: u16) -> Saved {
    Saved {
        reg,
        field,
        index,
        element: 8,
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
    saved[32] = own(arm64::PSTATE, |c| c.pstate);
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
    },
    plain: Some(Shape {
        lead: 24,
        info: false,
        ucontext: false,
        mask: 0,
        tail: 16,
        returned: 0,
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
};

fn of(abi: &Abi) -> Option<&'static Frames> {
    [&X86, &X64, &ARM, &ARM64, &MIPS]
        .into_iter()
        .find(|frames| frames.abis.contains(&abi.name))
}

/// Offsets in a frame.
struct Offsets {
    info: u64,
    ucontext: u64,
    sigcontext: u64,
    mask: u64,
    size: u64,
}

impl Shape {
    fn offsets(&self, abi: &Abi, context_first: bool) -> Offsets {
        let layouts = abi.layouts;
        let (uc, sc) = (layouts.ucontext, layouts.sigcontext);
        let lead = u64::from(self.lead);
        let info_size = if self.info {
            u64::from(layouts.siginfo.size)
        } else {
            0
        };
        let context_size = u64::from(if self.ucontext { uc.size } else { sc.size });
        let (info, context) = match context_first {
            true => (lead + context_size, lead),
            false => (lead, lead + info_size),
        };
        let (sigcontext, mask) = match self.ucontext {
            true => (
                context + u64::from(uc.uc_mcontext.offset),
                context + u64::from(uc.uc_sigmask.offset),
            ),
            false => (context, context + context_size + u64::from(self.mask)),
        };
        let size = lead + info_size + context_size + u64::from(self.tail);
        Offsets {
            info,
            ucontext: context,
            sigcontext,
            mask,
            size,
        }
    }
}

impl Frames {
    fn shape(&self, detailed: bool) -> &Shape {
        match &self.plain {
            Some(plain) if !detailed => plain,
            _ => &self.detailed,
        }
    }

    /// x86-64 alone has the context before the `siginfo`: it has no arguments on the stack, and no link register.
    fn offsets(&self, abi: &Abi, detailed: bool) -> Offsets {
        let context_first = self.link.is_none() && !self.stack_arguments;
        self.shape(detailed).offsets(abi, context_first)
    }

    fn field(&self, saved: &Saved, abi: &Abi) -> Field {
        let field = (saved.field)(&abi.layouts.sigcontext);
        match saved.element {
            0 => field,
            size => Field::new(field.offset + saved.index * size, size, false),
        }
    }
}

/// A handler that is to be entered.
pub(in crate::kernel::linux) struct Entering<'a> {
    pub(in crate::kernel::linux) abi: &'static Abi,
    pub(in crate::kernel::linux) info: &'a Info,
    pub(in crate::kernel::linux) action: &'a Action,
    /// The mask to be restored.
    pub(in crate::kernel::linux) mask: SigSet,
    /// The alternative stack: address, flags, size; size 0 without.
    pub(in crate::kernel::linux) altstack: (u64, u32, u64),
    /// Where the handler returns to.
    pub(in crate::kernel::linux) restorer: u64,
}

/// Whether an address is on the alternative stack.
pub(crate) fn on_stack((start, _, size): (u64, u32, u64), sp: u64) -> bool {
    size > 0 && sp > start && sp - start <= size
}

/// Builds a frame and lets the CPU run the handler next.
pub(in crate::kernel::linux) fn enter(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    kept: &mut Vec<Kept>,
    entering: &Entering<'_>,
) -> Result<(), Fault> {
    let Entering {
        abi, info, action, ..
    } = *entering;
    let k = abi.k;
    let Some(frames) = of(abi) else { return Ok(()) };
    let detailed = action.flags & k.SA_SIGINFO != 0;
    let shape = frames.shape(detailed);
    let at = frames.offsets(abi, detailed);
    let endian = memory.endian();
    let word: u64 = if abi.model == DataModel::Ilp32 { 4 } else { 8 };

    let sp = cpu.sp();
    let (start, _, size) = entering.altstack;
    let switches = action.flags & k.SA_ONSTACK != 0 && size > 0 && !on_stack(entering.altstack, sp);
    let top = if switches {
        start.wrapping_add(size)
    } else {
        sp.wrapping_sub(frames.red_zone)
    };
    let (multiple, minus) = frames.align;
    let frame = (top.wrapping_sub(at.size).wrapping_add(minus) & !(multiple - 1))
        .wrapping_sub(minus)
        & cpu.arch().address_mask();

    let mut context = Image::new(abi.layouts.sigcontext.size, endian);
    for saved in frames.saved {
        context.put(frames.field(saved, abi), cpu.reg(saved.reg));
    }
    let low = entering.mask.bits() as u64;
    let sc = abi.layouts.sigcontext;
    context.put(sc.oldmask, low);
    if let Some(address) = info.address {
        context.put(sc.cr2, address).put(sc.fault_address, address);
    }
    // The whole frame at once, so that a stack that is too small is left as it was.
    let mut bytes = vec![0; at.size as usize];
    let mut put = |offset: u64, part: &[u8]| {
        let offset = offset as usize;
        if let Some(place) = bytes.get_mut(offset..offset + part.len()) {
            place.copy_from_slice(part);
        }
    };
    if shape.ucontext {
        let uc = abi.layouts.ucontext;
        let mut outer = Image::new(uc.size, endian);
        let (start, flags, size) = entering.altstack;
        let flags = match size {
            0 => k.SS_DISABLE,
            _ if on_stack(entering.altstack, sp) => u64::from(flags) | k.SS_ONSTACK,
            _ => u64::from(flags),
        };
        outer
            .put(uc.uc_stack_ss_sp, start)
            .put(uc.uc_stack_ss_flags, flags)
            .put(uc.uc_stack_ss_size, size);
        put(at.ucontext, outer.bytes());
    }
    put(at.sigcontext, context.bytes());
    let set = u64::from(abi.layouts.sigaction.sa_mask.size);
    let mask = entering.mask.to_bytes(set, word, endian);
    // x86 keeps the first word of the mask in `oldmask` and only the second one behind.
    let mask = if !shape.ucontext && frames.stack_arguments {
        &mask[4..]
    } else {
        &mask[..]
    };
    put(at.mask, mask);
    if shape.info {
        put(at.info, info.image(abi, endian).bytes());
    }
    let values = [u64::from(info.signal), frame + at.info, frame + at.ucontext];
    if frames.link.is_none() {
        let mut words = vec![entering.restorer];
        if frames.stack_arguments {
            words.extend(if detailed { &values[..] } else { &values[..1] });
        }
        for (index, value) in words.into_iter().enumerate() {
            let mut image = Image::new(word as u32, endian);
            image.put(Field::new(0, word as u16, false), value);
            put(index as u64 * word, image.bytes());
        }
    }
    memory.write(frame, &bytes)?;

    let mut state = cpu.context();
    cpu.save(state.as_mut());
    // What the guest has jumped out of is further down on the same stack.
    let own = on_stack(entering.altstack, frame);
    kept.retain(|kept| kept.frame > frame || on_stack(entering.altstack, kept.frame) != own);
    if kept.len() >= KEPT {
        kept.remove(0);
    }
    kept.push(Kept {
        frame,
        context: state,
    });

    let mut arguments = values;
    if !detailed && frames.plain.is_some() {
        // MIPS passes the context also to handlers that did not ask for it.
        arguments = [
            values[0],
            0,
            if frames.entry.is_some() { values[2] } else { 0 },
        ];
    }
    for (reg, value) in frames.arguments.iter().zip(arguments) {
        cpu.set_reg(*reg, value);
    }
    if let Some(reg) = frames.cleared {
        cpu.set_reg(reg, 0);
    }
    if let Some((reg, cleared)) = frames.flags {
        let value = cpu.reg(reg);
        cpu.set_reg(reg, value & !cleared);
    }
    if let Some(link) = frames.link {
        cpu.set_reg(link, entering.restorer);
    }
    let handler = action.disposition.address();
    if let Some(entry) = frames.entry {
        cpu.set_reg(entry, handler);
    }
    cpu.set_sp(frame);
    cpu.set_pc(handler);
    Ok(())
}

/// Takes the registers back from the frame that the stack pointer is at, and gives the mask that was in it.
pub(super) fn leave(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    kept: &mut Vec<Kept>,
    abi: &'static Abi,
    detailed: bool,
) -> Result<SigSet, Fault> {
    let Some(frames) = of(abi) else {
        return Ok(SigSet::EMPTY);
    };
    let shape = frames.shape(detailed);
    let at = frames.offsets(abi, detailed);
    let word: u64 = if abi.model == DataModel::Ilp32 { 4 } else { 8 };
    let frame = cpu.sp().wrapping_sub(u64::from(shape.returned)) & cpu.arch().address_mask();
    let address = |offset: u64| frame.wrapping_add(offset);
    let size = abi.layouts.sigcontext.size;
    let context = Image::load(memory, address(at.sigcontext), size)?;
    let set = u64::from(abi.layouts.sigaction.sa_mask.size);
    let mask = if !shape.ucontext && frames.stack_arguments {
        let low = context.get(abi.layouts.sigcontext.oldmask);
        let high = memory.read_u32(address(at.mask))?;
        SigSet::from_bits(u128::from(low) | u128::from(high) << 32)
    } else {
        SigSet::load(memory, address(at.mask), set, word)?
    };

    if let Some(found) = kept.iter().position(|kept| kept.frame == frame) {
        cpu.restore(kept[found].context.as_ref());
        kept.remove(found);
    }
    for saved in frames.saved {
        let value = context.get(frames.field(saved, abi));
        // Whether the program counter is one of A32 or T32 code is in the flags.
        cpu.set_reg(saved.reg, value);
    }
    Ok(mask)
}
