//! Where in a frame is the state of floating-point and vector units?

use emu_cpu::{AddressSpace, Cpu, Endian, Fault, GuestMemory, Reg, arm, arm64, mips, x86};
use emu_prototypes::Field;
use emu_prototypes::linux::Abi;

use super::fxsave::{self, FSAVE, FXSAVE, X87};
use super::{Offsets, Part};
use crate::kernel::layout::Image;

/// A kind of place.
pub(super) enum Math {
    /// A block behind the frame, which `sigcontext` points to: what `fxsave` stores, and before it, for programs of 32 bits,
    /// the older form. Handlers begin with a fresh state.
    /// [Linux arch/x86/kernel/fpu/signal.c, copy_fpstate_to_sigframe, __fpu_restore_sig]
    Fxsave { x87: &'static X87, legacy: bool },
    /// Records in `uc_regspace`, at fixed places.   [Linux arch/arm/kernel/signal.c, setup_sigframe; asm/ucontext.h]
    Vfp,
    /// Records in `__reserved`, in any order.   [Linux arch/arm64/kernel/signal.c, setup_sigframe, parse_user_sigframe]
    Fpsimd,
    /// Fields of `sigcontext`, with 32 single registers (FR=0) or double ones (FR=1).   [Linux arch/mips/kernel/signal.c]
    Fpu { wide: bool },
}

/// A frame that can't be returned from.
pub(super) struct Bad;

impl From<Fault> for Bad {
    fn from(_: Fault) -> Bad {
        Bad
    }
}

/// What comes of a state that was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restored {
    Well,
    /// The program has set a cause of an exception that is enabled.
    Raises,
}

/// The header that older programs of 32 bits find before the `fxsave` image: `fsave`, status, magic.
const LEGACY: u64 = FSAVE as u64 + 4;
// [Linux arch/x86/include/uapi/asm/sigcontext.h]
const X86_FXSR_MAGIC: u16 = 0;
const FP_XSTATE_MAGIC1: u32 = 0x4650_5853;
const FP_XSTATE_MAGIC2_SIZE: u32 = 4;
const XFEATURE_MASK_FPSSE: u64 = 3;
/// `sw_reserved` in the `fxsave` image.
const SW_RESERVED: usize = 464;

// [Linux arch/arm/include/asm/ucontext.h]
const DUMMY_MAGIC: u32 = 0xb0d9_ed01;
const IWMMXT_SIZE: u32 = 0x98 + 8;
const VFP_MAGIC: u32 = 0x5646_5001;
const VFP_SIZE: u32 = 288;
/// FPEXC.EN
const FPEXC_EN: u32 = 1 << 30;
/// LEN and STRIDE of FPSCR: handlers begin without.
const FPSCR_VECTOR: u64 = 0x0037_0000;

// [Linux arch/arm64/include/uapi/asm/sigcontext.h]
const FPSIMD_MAGIC: u32 = 0x4650_8001;
const FPSIMD_SIZE: u32 = 528;
const ESR_MAGIC: u32 = 0x4553_5201;
const EXTRA_MAGIC: u32 = 0x4558_5401;

// [Linux arch/mips/include/uapi/asm/sigcontext.h]
const USED_FP: u64 = 1;
const USED_FR1: u64 = 2;
/// Unimplemented operation, which can't be disabled, and the flags of the others.   [MIPS32 vol. I, FCSR]
const FCSR_UNIMPLEMENTED: u64 = 1 << 17;
const FCSR_ENABLES: u64 = 0x1f << 7;

fn nth(first: Reg, n: usize) -> Reg {
    Reg(first.0 + n as u8)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl Math {
    /// Where the frame has to end, and where a block behind it is, given where the stack is free.
    /// [Linux arch/x86/kernel/fpu/signal.c, fpu__alloc_mathframe]
    pub(super) fn place(&self, top: u64) -> (u64, Option<u64>) {
        match self {
            Math::Fxsave { legacy, .. } => {
                let fx = top.wrapping_sub(FXSAVE as u64) & !63;
                let at = if *legacy { fx.wrapping_sub(LEGACY) } else { fx };
                (at, Some(at))
            }
            _ => (top, None),
        }
    }

    /// The parts of a frame with the state, `block` being the offset of the block behind it. Fields of `sigcontext` are put
    /// into `context`.
    pub(super) fn save(
        &self,
        cpu: &dyn Cpu,
        abi: &Abi,
        context: &mut Image,
        at: &Offsets,
        block: u64,
        syndrome: u64,
    ) -> Vec<Part> {
        let sc = &abi.layouts.sigcontext;
        match self {
            Math::Fxsave { x87, legacy } => {
                let mut image = x87.save(&|reg| cpu.wide(reg));
                let size = FXSAVE as u32;
                let header = if *legacy { LEGACY as u32 } else { 0 };
                let mut reserved =
                    words(&[FP_XSTATE_MAGIC1, size + FP_XSTATE_MAGIC2_SIZE + header]);
                reserved.extend(XFEATURE_MASK_FPSSE.to_le_bytes());
                reserved.extend(size.to_le_bytes());
                image[SW_RESERVED..][..reserved.len()].copy_from_slice(&reserved);
                if !*legacy {
                    return vec![(block, image.to_vec())];
                }
                let (cs, ds) = (cpu.reg(x86::CS) as u16, cpu.reg(x86::DS) as u16);
                let mut older = fxsave::to_fsave(&image, cs, ds).to_vec();
                older.extend(&image[2..4]);
                older.extend(X86_FXSR_MAGIC.to_le_bytes());
                vec![(block, older), (block + LEGACY, image.to_vec())]
            }
            Math::Vfp => {
                let mut bytes = words(&[DUMMY_MAGIC, IWMMXT_SIZE]);
                bytes.resize(IWMMXT_SIZE as usize, 0);
                bytes.extend(words(&[VFP_MAGIC, VFP_SIZE]));
                for n in 0..32 {
                    bytes.extend(cpu.reg(nth(arm::D0, n)).to_le_bytes());
                }
                bytes.extend(words(&[cpu.reg(arm::FPSCR) as u32, FPEXC_EN, 0, 0, 0]));
                let space = u64::from(abi.layouts.ucontext.uc_regspace.offset);
                vec![(at.ucontext + space, bytes)]
            }
            Math::Fpsimd => {
                let (status, control) = (cpu.reg(arm64::FPSR), cpu.reg(arm64::FPCR));
                let mut bytes = words(&[FPSIMD_MAGIC, FPSIMD_SIZE, status as u32, control as u32]);
                for n in 0..32 {
                    bytes.extend(cpu.wide(nth(arm64::V0, n)).to_le_bytes());
                }
                if syndrome != 0 {
                    bytes.extend(words(&[ESR_MAGIC, 16]));
                    bytes.extend(syndrome.to_le_bytes());
                }
                vec![(at.sigcontext + u64::from(sc.__reserved.offset), bytes)]
            }
            Math::Fpu { wide: true } => {
                for n in 0..32 {
                    context.put(double(sc.sc_fpregs, n), cpu.reg(nth(mips::F0, n)));
                }
                context
                    .put(sc.sc_fpc_csr, cpu.reg(mips::FCSR))
                    .put(sc.sc_used_math, USED_FP | USED_FR1);
                Vec::new()
            }
            Math::Fpu { wide: false } => {
                for n in (0..32).step_by(2) {
                    let low = cpu.reg(nth(mips::F0, n)) & 0xffff_ffff;
                    let high = cpu.reg(nth(mips::F0, n + 1)) & 0xffff_ffff;
                    context.put(double(sc.sc_fpregs, n), high << 32 | low);
                }
                context
                    .put(sc.sc_fpc_csr, cpu.reg(mips::FCSR))
                    .put(sc.sc_used_math, USED_FP);
                Vec::new()
            }
        }
    }

    /// What a handler begins with, besides its registers.
    pub(super) fn begin(&self, cpu: &mut dyn Cpu) {
        match self {
            Math::Fxsave { x87, .. } => x87.clear(&mut |reg, value| cpu.set_wide(reg, value)),
            Math::Vfp => {
                let status = cpu.reg(arm::FPSCR);
                cpu.set_reg(arm::FPSCR, status & !FPSCR_VECTOR);
            }
            Math::Fpsimd | Math::Fpu { .. } => {}
        }
    }

    /// Takes the state from a frame.
    pub(super) fn restore(
        &self,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        abi: &Abi,
        context: &Image,
        frame: u64,
        at: &Offsets,
    ) -> Result<Restored, Bad> {
        let sc = &abi.layouts.sigcontext;
        match self {
            Math::Fxsave { x87, legacy } => {
                let block = context.get(sc.fpstate);
                let result = restore_fxsave(cpu, memory, x87, *legacy, block);
                if result.is_err() {
                    x87.clear(&mut |reg, value| cpu.set_wide(reg, value));
                }
                result?;
            }
            Math::Vfp => {
                let space = u64::from(abi.layouts.ucontext.uc_regspace.offset);
                restore_vfp(cpu, memory, frame.wrapping_add(at.ucontext + space))?;
            }
            Math::Fpsimd => {
                let space = at.sigcontext + u64::from(sc.__reserved.offset);
                let size = u64::from(sc.__reserved.size);
                let record = find_fpsimd(memory, frame, frame.wrapping_add(space), size)?;
                restore_fpsimd(cpu, memory, record)?;
            }
            Math::Fpu { wide } => {
                return restore_fpu(cpu, memory, sc, context, (frame, at), *wide);
            }
        }
        Ok(Restored::Well)
    }
}

fn double(array: Field, n: usize) -> Field {
    Field::new(array.offset + 8 * n as u16, 8, false)
}

fn restore_fxsave(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    x87: &X87,
    legacy: bool,
    block: u64,
) -> Result<(), Bad> {
    if block == 0 {
        x87.clear(&mut |reg, value| cpu.set_wide(reg, value));
        return Ok(());
    }
    let mut image = [0; FXSAVE];
    if legacy {
        let mut older = [0; FSAVE];
        memory.read(block, &mut older)?;
        memory.read(block.wrapping_add(LEGACY), &mut image)?;
        // What it has counts, for programs that don't know of the newer form.
        fxsave::from_fsave(&mut image, &older);
    } else {
        memory.read(block, &mut image)?;
    }
    match x87.restore(&image, &mut |reg, value| cpu.set_wide(reg, value)) {
        true => Ok(()),
        false => Err(Bad),
    }
}

fn restore_vfp(cpu: &mut dyn Cpu, memory: &mut AddressSpace, space: u64) -> Result<(), Bad> {
    let mut at = space;
    if memory.read_u32(at)? == DUMMY_MAGIC {
        if memory.read_u32(at.wrapping_add(4))? != IWMMXT_SIZE {
            return Err(Bad);
        }
        at = at.wrapping_add(u64::from(IWMMXT_SIZE));
    }
    let header = (memory.read_u32(at)?, memory.read_u32(at.wrapping_add(4))?);
    if header != (VFP_MAGIC, VFP_SIZE) {
        return Err(Bad);
    }
    let mut bytes = [0; VFP_SIZE as usize];
    memory.read(at, &mut bytes)?;
    let image = Image::from_bytes(bytes.to_vec(), Endian::Little);
    for n in 0..32 {
        cpu.set_reg(
            nth(arm::D0, n),
            image.get(Field::new(8 + 8 * n as u16, 8, false)),
        );
    }
    cpu.set_reg(arm::FPSCR, image.get(Field::new(264, 4, false)));
    Ok(())
}

/// The record of the vector registers.
fn find_fpsimd(
    memory: &mut AddressSpace,
    frame: u64,
    mut base: u64,
    mut limit: u64,
) -> Result<u64, Bad> {
    /// Frames are not bigger than that.
    const MOST: u64 = 256 << 10;
    let (mut offset, mut found, mut extra) = (0u64, None, false);
    if base & 15 != 0 {
        return Err(Bad);
    }
    loop {
        if limit.saturating_sub(offset) < 8 || offset & 15 != 0 {
            return Err(Bad);
        }
        let head = base.wrapping_add(offset);
        let magic = memory.read_u32(head)?;
        let size = u64::from(memory.read_u32(head.wrapping_add(4))?);
        if size > limit - offset {
            return Err(Bad);
        }
        match magic {
            0 if size == 0 => return found.ok_or(Bad),
            FPSIMD_MAGIC if found.is_none() && size == u64::from(FPSIMD_SIZE) => found = Some(head),
            ESR_MAGIC => {}
            EXTRA_MAGIC if !extra && size >= 32 => {
                // Only a terminator follows, and then the space it tells of.
                extra = true;
                let data = memory.read_u64(head.wrapping_add(8))?;
                let space = u64::from(memory.read_u32(head.wrapping_add(16))?);
                let end = head.wrapping_add(size);
                let follows = end.wrapping_add(16);
                let most = frame.wrapping_add(MOST).wrapping_sub(follows);
                if limit - offset - size < 16
                    || memory.read_u64(end)? != 0
                    || data != follows
                    || (data | space) & 15 != 0
                    || space > most
                {
                    return Err(Bad);
                }
                (base, limit, offset) = (data, space, 0);
                continue;
            }
            _ => return Err(Bad),
        }
        if size < 8 {
            return Err(Bad);
        }
        offset += size;
    }
}

fn restore_fpsimd(cpu: &mut dyn Cpu, memory: &mut AddressSpace, record: u64) -> Result<(), Bad> {
    let mut bytes = [0; FPSIMD_SIZE as usize];
    memory.read(record, &mut bytes)?;
    let image = Image::from_bytes(bytes.to_vec(), Endian::Little);
    cpu.set_reg(arm64::FPSR, image.get(Field::new(8, 4, false)));
    cpu.set_reg(arm64::FPCR, image.get(Field::new(12, 4, false)));
    for (n, vector) in bytes[16..].chunks_exact(16).enumerate() {
        let vector = vector.try_into().expect("chunks have sixteen bytes");
        cpu.set_wide(nth(arm64::V0, n), u128::from_le_bytes(vector));
    }
    Ok(())
}

fn restore_fpu(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    sc: &emu_prototypes::linux::layout::Sigcontext,
    context: &Image,
    (frame, at): (u64, &Offsets),
    wide: bool,
) -> Result<Restored, Bad> {
    if context.get(sc.sc_used_math) & USED_FP == 0 {
        // The program has none, and gets a fresh one when it wants it.
        for n in 0..32 {
            cpu.set_reg(nth(mips::F0, n), 0);
        }
        cpu.set_reg(mips::FCSR, 0);
        return Ok(Restored::Well);
    }
    let mut control = context.get(sc.sc_fpc_csr);
    let raising = FCSR_UNIMPLEMENTED | (control & FCSR_ENABLES) << 5;
    let raises = control & raising != 0;
    if raises {
        control &= !raising;
        let place = frame.wrapping_add(at.sigcontext + u64::from(sc.sc_fpc_csr.offset));
        memory.write_u32(place, control as u32)?;
    }
    for n in 0..32 {
        if wide {
            cpu.set_reg(nth(mips::F0, n), context.get(double(sc.sc_fpregs, n)));
        }
    }
    for n in (0..32).step_by(2).filter(|_| !wide) {
        let value = context.get(double(sc.sc_fpregs, n));
        cpu.set_reg(nth(mips::F0, n), value & 0xffff_ffff);
        cpu.set_reg(nth(mips::F0, n + 1), value >> 32);
    }
    cpu.set_reg(mips::FCSR, control);
    Ok(if raises {
        Restored::Raises
    } else {
        Restored::Well
    })
}
