//! What does a handler find on its stack, and what comes back from there?
//!
//! A frame holds what Linux puts there: all registers, those of floating-point and vector units included, the signal mask,
//! the `siginfo`, the alternative stack, and what is known of the last exception. All of it comes from there when the
//! handler returns; the kernel keeps nothing beside.

pub(in crate::kernel::linux) mod fxsave;
mod math;
mod tables;

use emu_cpu::{AddressSpace, Cpu, GuestMemory};
use emu_prototypes::linux::{Abi, Constants};
use emu_prototypes::{DataModel, Field};

use super::fault::Noted;
use crate::kernel::layout::Image;
use crate::kernel::linux::signals::{Action, Info, SigSet};
use math::{Bad, Restored};
use tables::{Frames, Guard, Saved, Shape};

/// Bytes of a frame, at an offset.
type Part = (u64, Vec<u8>);

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

/// An alternative stack for handlers.   [sigaltstack(2)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AltStack {
    /// Its lowest address.
    pub start: u64,
    /// The flags it was set with.
    pub flags: u32,
    /// Its size, 0 without.
    pub size: u64,
}

impl AltStack {
    /// None, as `execve` and threads leave it, and as a handler finds it that disarms it.
    /// [Linux include/linux/sched/signal.h, sas_ss_reset]
    pub(crate) fn none(k: &Constants) -> AltStack {
        AltStack {
            start: 0,
            flags: k.SS_DISABLE as u32,
            size: 0,
        }
    }

    /// Whether an address is on it.
    fn has(self, sp: u64) -> bool {
        sp > self.start && sp - self.start <= self.size
    }

    /// Whether handlers take it off by beginning, so that nobody can be on it.
    pub(crate) fn disarms(self, k: &Constants) -> bool {
        self.flags & k.SS_AUTODISARM as u32 != 0
    }

    /// Whether a program whose stack pointer this is runs on it.
    pub(crate) fn is_used(self, k: &Constants, sp: u64) -> bool {
        !self.disarms(k) && self.has(sp)
    }

    /// What `sigaltstack` shows of its state.
    pub(crate) fn shown(self, k: &Constants, sp: u64) -> u64 {
        let state = match self.size {
            0 => k.SS_DISABLE,
            _ if self.is_used(k, sp) => k.SS_ONSTACK,
            _ => 0,
        };
        state | u64::from(self.flags) & k.SS_AUTODISARM & 0xffff_ffff
    }
}

/// A handler that is to be entered.
pub(in crate::kernel::linux) struct Entering<'a> {
    pub(in crate::kernel::linux) abi: &'static Abi,
    pub(in crate::kernel::linux) info: &'a Info,
    pub(in crate::kernel::linux) action: &'a Action,
    /// The mask to be restored.
    pub(in crate::kernel::linux) mask: SigSet,
    pub(in crate::kernel::linux) altstack: AltStack,
    /// Where the handler returns to; none when the kernel has no place for that.
    pub(in crate::kernel::linux) restorer: Option<u64>,
    /// What is known of the last exception.
    pub(in crate::kernel::linux) noted: Noted,
}

impl Entering<'_> {
    fn gives_restorer(&self) -> bool {
        self.action.flags & self.abi.k.SA_RESTORER != 0
    }

    /// The address of the frame, and that of the block behind it; where the stack is free.
    fn place(&self, frames: &Frames, size: u64, sp: u64) -> Option<(u64, Option<u64>, u64)> {
        let k = self.abi.k;
        let stack = self.altstack;
        let nested = stack.is_used(k, sp);
        if frames.guard == Guard::Nested && nested && !stack.is_used(k, sp.wrapping_sub(size)) {
            return None;
        }
        let below = sp.wrapping_sub(frames.red_zone);
        let switches =
            self.action.flags & k.SA_ONSTACK != 0 && stack.size > 0 && !stack.is_used(k, below);
        let top = if switches {
            stack.start.wrapping_add(stack.size)
        } else {
            below
        };
        let (end, block) = frames.math.place(top);
        let (multiple, minus) = frames.align;
        let frame =
            (end.wrapping_sub(size).wrapping_add(minus) & !(multiple - 1)).wrapping_sub(minus);
        if frames.guard == Guard::Always && (nested || switches) && !stack.has(frame) {
            return None;
        }
        Some((frame, block, top))
    }
}

/// Builds a frame and lets the CPU run the handler next. False when the stack has no place for it: nothing is changed
/// then.   [Linux arch/*/kernel/signal.c, setup_rt_frame]
pub(in crate::kernel::linux) fn enter(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    entering: &Entering<'_>,
) -> bool {
    let Entering {
        abi, info, action, ..
    } = *entering;
    let k = abi.k;
    let Some(frames) = tables::of(abi) else {
        return false;
    };
    let detailed = action.flags & k.SA_SIGINFO != 0;
    let at = frames.offsets(abi, detailed);
    if frames.restorer && !entering.gives_restorer() {
        return false;
    }
    let Some(restorer) = entering.restorer else {
        return false;
    };
    let sp = cpu.sp();
    let Some((frame, block, top)) = entering.place(frames, at.size, sp) else {
        return false;
    };
    let Some(length) = top.checked_sub(frame) else {
        return false;
    };
    let parts = parts(cpu, memory, frames, entering, (frame, block), restorer);
    // The whole frame at once, so that a stack that is too small is left as it was.
    let mut bytes = vec![0; length as usize];
    for (offset, part) in parts {
        let offset = offset as usize;
        if let Some(place) = bytes.get_mut(offset..offset + part.len()) {
            place.copy_from_slice(&part);
        }
    }
    if memory.write(frame, &bytes).is_err() {
        return false;
    }

    frames.math.begin(cpu);
    let mut arguments = [u64::from(info.signal), frame + at.info, frame + at.ucontext];
    if !detailed && frames.plain.is_some() {
        // MIPS passes the context also to handlers that did not ask for it.
        let context = frames.entry.map_or(0, |_| arguments[2]);
        arguments = [arguments[0], 0, context];
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
    for (reg, selector) in frames.segments {
        cpu.set_reg(*reg, *selector);
    }
    if let Some(link) = frames.link {
        cpu.set_reg(link, restorer);
    }
    if let Some([pointer, _]) = frames.record {
        cpu.set_reg(pointer, frame + at.size - 16);
    }
    let handler = action.disposition.address();
    if let Some(entry) = frames.entry {
        cpu.set_reg(entry, handler);
    }
    cpu.set_sp(frame);
    cpu.set_pc(handler);
    true
}

/// All that is in a frame.
fn parts(
    cpu: &mut dyn Cpu,
    memory: &AddressSpace,
    frames: &Frames,
    entering: &Entering<'_>,
    (frame, block): (u64, Option<u64>),
    restorer: u64,
) -> Vec<Part> {
    let Entering {
        abi, info, action, ..
    } = *entering;
    let detailed = action.flags & abi.k.SA_SIGINFO != 0;
    let shape = frames.shape(detailed);
    let at = frames.offsets(abi, detailed);
    let endian = memory.endian();
    let word: u64 = if abi.model == DataModel::Ilp32 { 4 } else { 8 };
    let sp = cpu.sp();

    let sc = abi.layouts.sigcontext;
    let mut context = Image::new(sc.size, endian);
    for saved in frames.saved {
        context.put(frames.field(saved, abi), cpu.reg(saved.reg));
    }
    let noted = entering.noted;
    context
        .put(sc.oldmask, entering.mask.bits() as u64)
        .put(sc.esp_at_signal, sp)
        .put(sc.trapno, noted.trap)
        .put(sc.err, noted.error)
        .put(sc.cr2, noted.address)
        .put(sc.trap_no, noted.trap)
        .put(sc.error_code, noted.error)
        .put(sc.fault_address, noted.address)
        .put(sc.fpstate, block.unwrap_or(0));
    let behind = block.map_or(0, |block| block.wrapping_sub(frame));
    let math = &frames.math;
    let state = math.save(cpu, abi, &mut context, &at, behind, noted.syndrome);

    let mut parts: Vec<Part> = Vec::new();
    if shape.ucontext {
        let uc = abi.layouts.ucontext;
        let stack = entering.altstack;
        let mut outer = Image::new(uc.size, endian);
        outer
            .put(uc.uc_flags, shape.uc_flags)
            .put(uc.uc_stack_ss_sp, stack.start)
            .put(uc.uc_stack_ss_flags, u64::from(stack.flags))
            .put(uc.uc_stack_ss_size, stack.size);
        parts.push((at.ucontext, outer.bytes().to_vec()));
    }
    parts.push((at.sigcontext, context.bytes().to_vec()));
    parts.extend(state);
    let set = u64::from(abi.layouts.sigaction.sa_mask.size);
    let mask = entering.mask.to_bytes(set, word, endian);
    // x86 keeps the first word of the mask in `oldmask` and only the second one behind.
    let first = if !shape.ucontext && frames.stack_arguments {
        4
    } else {
        0
    };
    parts.push((at.mask, mask[first..].to_vec()));
    if shape.info && detailed {
        parts.push((at.info, info.image(abi, endian).bytes().to_vec()));
    }
    let mut words = Vec::new();
    if frames.link.is_none() {
        words.push((0, restorer));
        if frames.stack_arguments {
            let values = [u64::from(info.signal), frame + at.info, frame + at.ucontext];
            let count = if detailed { 3 } else { 1 };
            let places = (1..).map(|index| index * word);
            words.extend(places.zip(values).take(count));
        }
    }
    if let Some(registers) = frames.record {
        for (index, reg) in registers.into_iter().enumerate() {
            words.push((at.size - 16 + index as u64 * word, cpu.reg(reg)));
        }
    }
    for (offset, value) in words {
        let mut image = Image::new(word as u32, endian);
        image.put(Field::new(0, word as u16, false), value);
        parts.push((offset, image.bytes().to_vec()));
    }
    let thumb = action.disposition.address() & 1 != 0 && !shape.code[1].is_empty();
    let code = shape.code[usize::from(thumb)];
    // ARM has it only where the kernel's own is used.
    if frames.link.is_none() || !entering.gives_restorer() {
        parts.push((at.size - code.len() as u64, code.to_vec()));
    }
    parts
}

/// What came of a return from a handler.
pub(in crate::kernel::linux) struct Left {
    /// The mask that was in the frame, when it could be read.
    pub(in crate::kernel::linux) mask: Option<SigSet>,
    /// The alternative stack that was there, when there is one in such a frame.
    pub(in crate::kernel::linux) altstack: Option<AltStack>,
    /// Whether the frame was a good one.
    pub(in crate::kernel::linux) good: bool,
    /// Whether the program has set a cause of a floating-point exception.
    pub(in crate::kernel::linux) raises: bool,
}

/// Takes all registers back from the frame that the stack pointer is at.
/// [Linux arch/*/kernel/signal.c, restore_sigcontext]
pub(in crate::kernel::linux) fn leave(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    abi: &'static Abi,
    detailed: bool,
) -> Left {
    let mut left = Left {
        mask: None,
        altstack: None,
        good: false,
        raises: false,
    };
    if let Ok(restored) = restore(cpu, memory, abi, detailed, &mut left) {
        left.good = true;
        left.raises = restored == Restored::Raises;
    }
    left
}

fn restore(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    abi: &'static Abi,
    detailed: bool,
    left: &mut Left,
) -> Result<Restored, Bad> {
    let frames = tables::of(abi).ok_or(Bad)?;
    let shape = frames.shape(detailed);
    let at = frames.offsets(abi, detailed);
    let word: u64 = if abi.model == DataModel::Ilp32 { 4 } else { 8 };
    let frame = cpu.sp().wrapping_sub(u64::from(shape.returned)) & cpu.arch().address_mask();
    if frame & frames.unaligned != 0 {
        return Err(Bad);
    }
    let address = |offset: u64| frame.wrapping_add(offset);
    let context = Image::load(memory, address(at.sigcontext), abi.layouts.sigcontext.size)?;
    let set = u64::from(abi.layouts.sigaction.sa_mask.size);
    left.mask = Some(if !shape.ucontext && frames.stack_arguments {
        let low = context.get(abi.layouts.sigcontext.oldmask);
        let high = memory.read_u32(address(at.mask))?;
        SigSet::from_bits(u128::from(low) | u128::from(high) << 32)
    } else {
        SigSet::load(memory, address(at.mask), set, word)?
    });
    for saved in frames.saved {
        let value = context.get(frames.field(saved, abi));
        // Whether the program counter is one of A32 or T32 code is in the flags.
        cpu.set_reg(saved.reg, value);
    }
    if let Some(flags) = frames.saved.iter().find(|saved| saved.checked) {
        let (bits, value) = frames.valid;
        if context.get(frames.field(flags, abi)) & bits != value {
            return Err(Bad);
        }
    }
    let math = &frames.math;
    let restored = math.restore(cpu, memory, abi, &context, frame, &at)?;
    // Frames without `siginfo` have a `ucontext` on ARM, but nobody looks at its stack.
    if shape.ucontext && (detailed || frames.plain.is_none()) {
        let uc = abi.layouts.ucontext;
        let outer = Image::load(memory, address(at.ucontext), uc.size)?;
        left.altstack = Some(AltStack {
            start: outer.get(uc.uc_stack_ss_sp),
            flags: outer.get(uc.uc_stack_ss_flags) as u32,
            size: outer.get(uc.uc_stack_ss_size),
        });
    }
    Ok(restored)
}
