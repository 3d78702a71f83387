//! Who called whom?

use emu_cpu::memory::Prot;
use emu_cpu::{AddressSpace, Arch, Cpu, Endian, Reg, disasm};

use super::modules::Modules;
use super::{exidx, seh, unwind};

/// Frames that are told.
const FRAMES: usize = 32;
/// Words of the stack that are looked at for one return address.
const WORDS: u64 = 2048;
/// Bytes of code before an address in which a function without a name may begin.
const PROLOGUE: u64 = 4096;

/// The name of the page that all processes of Windows have.
const SHARED: &[u8] = b"KUSER_SHARED_DATA";

/// A function that was called and did not return.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) pc: u64,
    pub(super) sp: u64,
    /// By DWARF number, as far as known.
    pub(super) registers: Vec<Option<u64>>,
    /// Whether the counter is a return address: then it may be behind the function.
    pub(super) returned: bool,
}

impl Frame {
    /// An address in the instruction that is being executed.
    pub(super) fn inside(&self, arch: Arch) -> u64 {
        let pc = arch.code_at(self.pc);
        if self.returned {
            pc.wrapping_sub(1)
        } else {
            pc
        }
    }

    fn register(&self, arch: Arch, register: Reg) -> Option<u64> {
        let number = arch.row().dwarf.iter().position(|own| *own == register)?;
        *self.registers.get(number)?
    }

    fn set(&mut self, arch: Arch, register: Reg, value: Option<u64>) {
        let number = arch.row().dwarf.iter().position(|own| *own == register);
        if let Some(own) = number.and_then(|number| self.registers.get_mut(number)) {
            *own = value;
        }
    }

    /// Its caller, when nothing but where it goes on and its stack are known.
    fn caller(&self, arch: Arch, pc: u64, sp: u64) -> Frame {
        let mut caller = self.clone();
        (caller.pc, caller.sp, caller.returned) = (pc, sp, true);
        caller.set(arch, arch.row().sp, Some(sp));
        caller
    }
}

/// A pointer in memory.
pub(super) fn word(memory: &mut AddressSpace, arch: Arch, address: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    let len = arch.pointer() as usize;
    memory.region_at(address)?;
    memory.peek(address, &mut bytes[..len]).ok()?;
    Some(match (arch.endian(), len) {
        (Endian::Little, _) => u64::from_le_bytes(bytes),
        (Endian::Big, _) => u64::from_be_bytes(bytes) >> (64 - 8 * len),
    })
}

/// A function that was called, and whether it certainly was.
pub(super) struct Called {
    /// Where it goes on.
    pub(super) pc: u64,
    /// An address in the instruction that is being executed.
    pub(super) inside: u64,
    pub(super) certain: bool,
}

/// A line for each, the innermost first. What is only likely has a `?`.
pub(super) fn backtrace(
    cpu: &dyn Cpu,
    memory: &mut AddressSpace,
    modules: &mut Modules,
) -> Vec<String> {
    let arch = super::running(cpu);
    let digits = usize::from(arch.row().bits) / 4;
    let frames = frames(cpu, memory, modules);
    let line = |(number, frame): (usize, &Called)| {
        let place = modules.describe(arch, memory, frame.pc, frame.inside);
        let doubt = if frame.certain { "" } else { " ?" };
        format!("  #{number:<2} {:0digits$x} {place}{doubt}", frame.pc)
    };
    let mut lines: Vec<String> = frames.iter().enumerate().map(line).collect();
    if lines.len() == FRAMES {
        lines.push("  ...".to_owned());
    }
    lines
}

/// Who called whom, the innermost first: [`FRAMES`] at most.
pub(super) fn frames(
    cpu: &dyn Cpu,
    memory: &mut AddressSpace,
    modules: &mut Modules,
) -> Vec<Called> {
    let arch = super::running(cpu);
    let registers = arch.row().dwarf.iter().map(|own| match *own {
        own if own == arch.row().pc => Some(cpu.pc()),
        own => Some(cpu.reg(own)),
    });
    let mut frame = Frame {
        pc: cpu.pc(),
        sp: cpu.sp(),
        registers: registers.collect(),
        returned: false,
    };
    let mut certain = true;
    let mut all: Vec<Called> = Vec::new();
    loop {
        all.push(Called {
            pc: arch.code_at(frame.pc),
            inside: frame.inside(arch),
            certain,
        });
        if all.len() == FRAMES {
            break;
        }
        let mut walk = Walk {
            arch,
            memory,
            modules,
            frame: &frame,
            first: all.len() == 1,
        };
        let Some((caller, sure)) = walk.caller() else {
            break;
        };
        let moved = caller.sp > frame.sp || (all.len() == 1 && caller.pc != frame.pc);
        if !moved || !is_code(memory, arch.code_at(caller.pc)) {
            break;
        }
        certain &= sure;
        frame = caller;
    }
    all
}

fn is_code(memory: &AddressSpace, address: u64) -> bool {
    let region = memory.region_at(address);
    region.is_some_and(|region| region.prot.contains(Prot::EXEC))
}

struct Walk<'a> {
    arch: Arch,
    memory: &'a mut AddressSpace,
    modules: &'a mut Modules,
    frame: &'a Frame,
    first: bool,
}

impl Walk<'_> {
    /// The caller, and whether it is certain.
    fn caller(&mut self) -> Option<(Frame, bool)> {
        let (arch, frame) = (self.arch, self.frame);
        if !is_code(self.memory, arch.code_at(frame.pc)) {
            // It called what is not code: nothing has happened since.
            return match arch.row().link {
                Some(link) => Some((
                    frame.caller(arch, frame.register(arch, link)?, frame.sp),
                    true,
                )),
                None => {
                    let pc = word(self.memory, arch, frame.sp)?;
                    Some((frame.caller(arch, pc, frame.sp + arch.pointer()), true))
                }
            };
        }
        let inside = frame.inside(arch);
        if let Some(module) = self.modules.at(arch, self.memory, inside) {
            if let Some(caller) = unwind::caller(arch, self.memory, &module, frame) {
                return caller.map(|caller| (caller, true));
            }
            // Where a function begins nothing is as its table has it.
            let begun =
                !self.first || self.modules.start(arch, self.memory, inside) != Some(inside);
            if begun && let Some(caller) = exidx::caller(arch, self.memory, &module, frame) {
                return Some((caller, true));
            }
            if let Some(caller) = seh::caller(arch, self.memory, &module, frame) {
                return Some((caller, true));
            }
            if module.base().is_some()
                && let Some(caller) = self.stub()
            {
                return Some((caller, true));
            }
        } else if let Some(caller) = self.shared() {
            return Some((caller, true));
        }
        if let Some(caller) = self.prologue(inside) {
            return Some((caller, true));
        }
        if let Some(caller) = self.linked() {
            return Some((caller, false));
        }
        if let Some(caller) = self.framed() {
            return Some((caller, true));
        }
        self.scan().map(|caller| (caller, false))
    }

    /// By what the code of the function did.
    fn prologue(&mut self, inside: u64) -> Option<Frame> {
        let (arch, frame) = (self.arch, self.frame);
        let named = self.modules.start(arch, self.memory, inside);
        let start = named.unwrap_or(inside.saturating_sub(PROLOGUE)) & !3;
        let end = arch.code_at(frame.pc);
        let mut bytes = vec![0; end.checked_sub(start)?.min(1 << 20) as usize];
        self.memory.peek(start, &mut bytes).ok()?;
        let found = disasm::prologue(arch, &bytes)?;
        // Without any it is a leaf, if it is known where it begins.
        if found.size == 0 && (named.is_none() || !self.first) {
            return None;
        }
        let fp = arch.row().dwarf.get(30).copied();
        let fp = fp.and_then(|fp| frame.register(arch, fp));
        let sp = if found.framed { fp? } else { frame.sp };
        let pc = match found.link {
            Some(offset) => word(self.memory, arch, sp.wrapping_add(offset))?,
            None if self.first => frame.register(arch, arch.row().link?)?,
            None => return None,
        };
        if !self.is_return(pc) || found.link.is_none() && self.is_own(pc) {
            return None;
        }
        let mut caller = frame.caller(arch, pc, sp.wrapping_add(found.size));
        if let Some(offset) = found.frame {
            caller.registers[30] = word(self.memory, arch, sp.wrapping_add(offset));
        }
        Some(caller)
    }

    /// Functions of 32-bit Windows that make a call move nothing before it, nor does what they call for that: the return
    /// address is on top.
    fn stub(&mut self) -> Option<Frame> {
        /// Bytes of such a function.
        const LONGEST: u64 = 16;
        let (arch, frame) = (self.arch, self.frame);
        let inside = frame.inside(arch);
        let start = self.modules.start(arch, self.memory, inside)?;
        let pc = word(self.memory, arch, frame.sp)?;
        let counts = inside.wrapping_sub(start) < LONGEST && self.is_return(pc);
        counts.then(|| frame.caller(arch, pc, frame.sp + arch.pointer()))
    }

    /// What they call for that has no file: it is on a page that all processes of 32-bit Windows have.
    fn shared(&mut self) -> Option<Frame> {
        let (arch, frame) = (self.arch, self.frame);
        let label = self.memory.region_at(frame.pc)?.label.as_ref()?;
        if *label.name != *SHARED {
            return None;
        }
        let pc = word(self.memory, arch, frame.sp)?;
        self.is_return(pc)
            .then(|| frame.caller(arch, pc, frame.sp + arch.pointer()))
    }

    /// By the register that calls leave their return address in, which is that of an earlier call where it points into
    /// the function itself.
    fn linked(&mut self) -> Option<Frame> {
        let (arch, frame) = (self.arch, self.frame);
        let link = frame.register(arch, arch.row().link?)?;
        let counts = self.first && self.is_return(link) && !self.is_own(link);
        counts.then(|| {
            let mut caller = frame.caller(arch, link, frame.sp);
            if let Some(register) = arch.row().link {
                caller.set(arch, register, None);
            }
            caller
        })
    }

    /// By the chain of frame pointers.
    fn framed(&mut self) -> Option<Frame> {
        let (arch, frame) = (self.arch, self.frame);
        let register = arch.row().frame?;
        let fp = frame.register(arch, register)?;
        let pc = word(self.memory, arch, fp.checked_add(arch.pointer())?)?;
        if fp < frame.sp || !self.is_return(pc) {
            return None;
        }
        let mut caller = frame.caller(arch, pc, fp.checked_add(2 * arch.pointer())?);
        caller.set(arch, register, word(self.memory, arch, fp));
        Some(caller)
    }

    /// The next word on the stack that may be a return address.
    fn scan(&mut self) -> Option<Frame> {
        let (arch, frame) = (self.arch, self.frame);
        let size = arch.pointer();
        for index in 0..WORDS {
            let at = frame.sp.checked_add(index * size)?;
            let pc = word(self.memory, arch, at)?;
            if self.is_return(pc) {
                return Some(frame.caller(arch, pc, at.checked_add(size)?));
            }
        }
        None
    }

    /// Whether an address is in the function itself.
    fn is_own(&mut self, address: u64) -> bool {
        let address = self.arch.code_at(address);
        let own = self
            .modules
            .start(self.arch, self.memory, self.frame.inside(self.arch));
        own.is_some() && own == self.modules.start(self.arch, self.memory, address)
    }

    /// Whether a call may have left this address.
    fn is_return(&mut self, address: u64) -> bool {
        let at = self.arch.code_at(address);
        let mut before = [0; 8];
        is_code(self.memory, at)
            && at >= 8
            && self.memory.peek(at - 8, &mut before).is_ok()
            && disasm::ends_in_call(self.arch, at != address, &before)
    }
}
