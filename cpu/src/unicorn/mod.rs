//! A [`Cpu`] on stock Unicorn 2.1.
//!
//! The only module that names the engine. Hooks record and stop; [`Cpu::run`] returns what was recorded, so that no
//! code of the kernel runs inside a hook. Each family of quirks has its file:
//!
//! | file | question |
//! | --- | --- |
//! | `tlb` | what does an address translate to, and what may be done there? |
//! | `wx` | when is translated code stale? |
//! | `temporaries` | which code would overflow the translator? |
//! | `shadow` | what does the engine see instead of code that it would abort at? |
//! | `debug` | which addresses does an x86 program have watched? |
//! | `step` | how is one x86 instruction run alone? |
//! | `traps` | what ended the run? |
//! | `x86`, `arm`, `arm64`, `mips` | how is a user-mode CPU of this architecture made, and what do its exceptions mean? |
//! | `selectors` | which segments does a kernel give its programs on x86? |
//! | `count` | how many blocks and instructions ran? |
//! | `context` | what is a saved state? |
//! | `layout` | where are the two fields without an API? |
//! | `ffi` | the engine's calls |

mod arm;
mod arm64;
mod context;
mod count;
mod debug;
mod ffi;
mod layout;
mod mips;
mod registers;
mod selectors;
mod shadow;
mod step;
mod stop;
mod temporaries;
mod tlb;
mod traps;
mod wx;
mod x86;
mod x86_length;

use std::cell::Cell;
use std::rc::Rc;

use unicorn_engine::{Arch as UcArch, HookType, Mode};

use crate::arch::Arch;
use crate::memory::{AddressSpace, Memory};
use crate::reg::Reg;
use crate::{Context, Cpu, Exit, StopHandle};

use context::State;
use ffi::{Handle, RawContext};
use registers::{KEPT, NONE, TPIDRURW};
pub use selectors::Selectors;
use tlb::Shared;

/// Why there is no CPU.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CpuError {
    /// The engine refused a call.
    #[error("the CPU engine refused `{what}` with error {code}")]
    Engine {
        /// Which call.
        what: &'static str,
        /// The engine's error number.
        code: u32,
    },
    /// The engine is not built as this program expects (another version of libunicorn).
    #[error("the CPU engine is not the expected version 2.1: {what}")]
    Layout {
        /// What was found to be different.
        what: &'static str,
    },
    /// The RAM is too big for the architecture's physical addresses.
    #[error("{arch:?} can have at most {most:#x} bytes of RAM, not {size:#x}")]
    TooMuchMemory {
        /// The most there can be.
        most: u64,
        /// The architecture.
        arch: Arch,
        /// The size asked for.
        size: u64,
    },
}

/// Bytes of host memory for translated code. It is reserved, not used, at first.
const CODE_BUFFER: u32 = 128 << 20;

/// A CPU of `arch` whose RAM is `memory`, as Linux has it.
pub fn new(arch: Arch, memory: &Memory) -> Result<Box<dyn Cpu>, CpuError> {
    with_selectors(arch, memory, Selectors::Linux)
}

/// The same as another kernel has it.
pub fn with_selectors(
    arch: Arch,
    memory: &Memory,
    selectors: Selectors,
) -> Result<Box<dyn Cpu>, CpuError> {
    Ok(Box::new(UnicornCpu::new(arch, memory, selectors)?))
}

/// What differs between architectures.
enum Model {
    X86(x86::X86),
    Arm,
    Arm64(arm64::Arm64),
    Mips(mips::Mips),
}

struct UnicornCpu {
    // Dropped in this order: the engine first, then what its hooks point to.
    handle: Handle,
    shared: Rc<Shared>,
    arch: Arch,
    model: Model,
    /// The program counter. The engine's own is written at each start and read at each stop.
    pc: Cell<u64>,
    /// The state of a fresh program.
    fresh: RawContext,
    stop: stop::Stop,
    /// x86: whether anybody has ever watched anything; the instructions that are, and by which register; whether the next
    /// one runs all the same.
    debugs: bool,
    points: Vec<(u64, usize)>,
    resumes: Cell<bool>,
}

impl UnicornCpu {
    fn new(arch: Arch, memory: &Memory, selectors: Selectors) -> Result<UnicornCpu, CpuError> {
        let most = match arch {
            Arch::X86 | Arch::X86_64 => x86::TABLE_PHYSICAL,
            Arch::Arm64 => 1 << 40,
            // The engine keeps 32 bits of a physical address.
            Arch::Arm => 1 << 32,
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => shadow::PHYSICAL,
        };
        if memory.size() > most {
            return Err(CpuError::TooMuchMemory {
                arch,
                size: memory.size(),
                most,
            });
        }
        let (uc_arch, mode) = match arch {
            Arch::X86 => (UcArch::X86, Mode::MODE_32),
            Arch::X86_64 => (UcArch::X86, Mode::MODE_64),
            Arch::Arm => (UcArch::ARM, Mode::ARM),
            Arch::Arm64 => (UcArch::ARM64, Mode::ARM),
            Arch::Mips => (UcArch::MIPS, Mode(Mode::MIPS32.0 | Mode::BIG_ENDIAN.0)),
            Arch::Mipsel => (UcArch::MIPS, Mode::MIPS32),
            Arch::Mips64 => (UcArch::MIPS, Mode(Mode::MIPS64.0 | Mode::BIG_ENDIAN.0)),
            Arch::Mips64el => (UcArch::MIPS, Mode::MIPS64),
        };
        let handle = Handle::open(uc_arch, mode)?;
        match arch {
            Arch::X86 | Arch::X86_64 => handle.set_model(x86::MODEL)?,
            Arch::Arm => {
                handle.set_model(arm::MODEL)?;
                handle.set_page_size(4096)?;
            }
            Arch::Arm64 => {
                handle.set_model(arm64::MODEL)?;
                handle.set_page_size(4096)?;
            }
            Arch::Mips | Arch::Mipsel => handle.set_model(mips::MODEL)?,
            Arch::Mips64 | Arch::Mips64el => handle.set_model(mips::MODEL_64)?,
        }
        handle.set_code_buffer(CODE_BUFFER)?;
        handle.enable_exits()?;
        handle.set_virtual_tlb()?;

        let shared = Rc::new(Shared::new(*handle, arch, memory));
        // SAFETY: `on_fill` has the TLB hook's signature and catches panics; `shared` is dropped after the engine.
        unsafe {
            let data = Rc::as_ptr(&shared).cast_mut().cast();
            handle.hook(HookType::TLB_FILL, tlb::on_fill as *mut _, data, 1, 0)?;
        }
        layout::catch_exceptions(&handle);

        // The stubs that put the CPU into user mode run from a page of our own, before the guest's RAM is there.
        let bench = tlb::Bench::new(&handle, &shared)?;
        let model = match arch {
            Arch::X86 | Arch::X86_64 => {
                let x86 = x86::X86::new(&handle, &shared, &bench, arch, selectors)?;
                Model::X86(x86)
            }
            Arch::Arm => {
                arm::set_up(&handle, &bench)?;
                Model::Arm
            }
            Arch::Arm64 => Model::Arm64(arm64::Arm64::new(&handle, &bench)?),
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
                Model::Mips(mips::Mips::new(&handle, &shared, &bench, arch)?)
            }
        };
        bench.close()?;
        // SAFETY: `shared` holds a clone of `memory`, so the arena stays mapped until the engine is closed.
        unsafe { handle.map_ram(memory.base(), memory.size())? };
        handle.flush_tlb();

        let mut fresh = handle.new_context()?;
        handle.save(&mut fresh);
        let stop = stop::Stop::new(&handle);
        Ok(UnicornCpu {
            handle,
            shared,
            arch,
            model,
            pc: Cell::new(0),
            fresh,
            stop,
            debugs: false,
            points: Vec::new(),
            resumes: Cell::new(false),
        })
    }

    /// Goes on with another engine in the same state. On MIPS an unaligned program counter is found in the middle of a
    /// translation, and what the translator has put aside for that block would be taken for the next one's: the host
    /// would crash.
    fn renew(&mut self) {
        let mut state = self
            .handle
            .new_context()
            .expect("the host has memory for a few kilobytes");
        self.handle.save(&mut state);
        let fresh = UnicornCpu::new(self.arch, &self.shared.memory, Selectors::default());
        let fresh = fresh.expect("what could be opened once can be opened again");
        let mut old = std::mem::replace(self, fresh);
        self.handle.restore(&state);
        self.pc.set(old.pc.get());
        self.shared.count.take_over(&old.shared.count);
        std::mem::swap(&mut self.stop, &mut old.stop);
        self.stop.retarget(&self.handle);
    }

    /// The id of a register that the engine keeps.
    fn id(&self, reg: Reg) -> i32 {
        registers::table(self.arch)[usize::from(reg.0)]
    }

    /// Reads the program counter back from the engine.
    fn fetch_pc(&self) -> u64 {
        let pc = self.handle.read(registers::program_counter(self.arch));
        self.pc.set(pc);
        pc
    }

    /// Where the engine starts: on ARM bit 0 says Thumb.
    fn entry(&self) -> u64 {
        match self.arch {
            Arch::Arm => self.pc.get() | arm::thumb_bit(*self.handle),
            _ => self.pc.get(),
        }
    }
}

impl Cpu for UnicornCpu {
    fn arch(&self) -> Arch {
        self.arch
    }

    fn run(&mut self, space: &mut AddressSpace, blocks: Option<u64>) -> Exit {
        if self.stop.requested() {
            return Exit::Stopped;
        }
        self.shared.enter(space);
        self.shared
            .count
            .begin(*self.handle, Rc::as_ptr(&self.shared), blocks);
        if self.debugs {
            self.watch();
        }
        self.stop.entered();
        let exit = self.run_until_exit();
        self.stop.left();
        self.shared.leave();
        if let Some(panic) = self.shared.panic.take() {
            std::panic::resume_unwind(panic);
        }
        exit
    }

    fn reg(&self, reg: Reg) -> u64 {
        match self.id(reg) {
            KEPT => self.pc.get(),
            NONE => 0,
            TPIDRURW => arm::read_tpidrurw(*self.handle),
            id if registers::wide(self.arch, id).is_some() => self.wide(reg) as u64,
            id if self.resumes.get() && registers::is_flags(self.arch, id) => {
                self.handle.read(id) | debug::RESUME
            }
            id => self.handle.read(id),
        }
    }

    fn wide(&self, reg: Reg) -> u128 {
        let id = self.id(reg);
        match registers::wide(self.arch, id) {
            Some(_) => self.handle.read_wide(id),
            None => u128::from(self.reg(reg)),
        }
    }

    fn set_wide(&mut self, reg: Reg, value: u128) {
        let id = self.id(reg);
        match registers::wide(self.arch, id) {
            Some(_) => self.handle.write_wide(id, value),
            None => self.set_reg(reg, value as u64),
        }
    }

    fn set_reg(&mut self, reg: Reg, value: u64) {
        if registers::wide(self.arch, self.id(reg)).is_some() {
            return self.set_wide(reg, u128::from(value));
        }
        let value = if self.arch.row().bits == 32 {
            value & 0xffff_ffff
        } else {
            value
        };
        match self.id(reg) {
            KEPT => self.pc.set(value),
            NONE => {}
            TPIDRURW => arm::write_tpidrurw(*self.handle, value),
            id => match &self.model {
                Model::X86(x86) if x86::is_segment(id) => {
                    x86.set_segment(&self.handle, id, value);
                }
                _ => {
                    if registers::is_flags(self.arch, id) {
                        self.resumes.set(value & debug::RESUME != 0);
                    }
                    if let Model::X86(_) = &self.model {
                        self.debugs |= UnicornCpu::watches_by(id, value);
                    }
                    let mask = registers::writable(self.arch, id);
                    let kept = if mask == u64::MAX {
                        0
                    } else {
                        self.handle.read(id) & !mask
                    };
                    self.handle.write(id, value & mask | kept);
                }
            },
        }
    }

    fn regs(&self, regs: &[Reg], out: &mut [u64]) {
        const AT_ONCE: usize = 16;
        for (regs, out) in regs.chunks(AT_ONCE).zip(out.chunks_mut(AT_ONCE)) {
            let mut ids = [0i32; AT_ONCE];
            for (id, reg) in ids.iter_mut().zip(regs) {
                *id = self.id(*reg);
            }
            let ids = &ids[..regs.len().min(out.len())];
            let narrow = |id: &i32| *id > KEPT && registers::wide(self.arch, *id).is_none();
            if ids.iter().all(narrow) {
                self.handle.read_many(ids, out);
            } else {
                for (slot, reg) in out.iter_mut().zip(regs) {
                    *slot = self.reg(*reg);
                }
            }
        }
    }

    fn pc(&self) -> u64 {
        self.pc.get()
    }

    fn set_pc(&mut self, value: u64) {
        match self.arch {
            Arch::Arm => {
                arm::set_thumb(*self.handle, value & 1 != 0);
                self.pc.set(value & 0xffff_fffe);
            }
            _ if self.arch.row().bits == 32 => self.pc.set(value & 0xffff_ffff),
            _ => self.pc.set(value),
        }
    }

    fn set_tls(&mut self, value: u64) {
        let id = match self.arch {
            Arch::X86 => return,
            Arch::X86_64 => unicorn_engine::RegisterX86::FS_BASE as i32,
            Arch::Arm => unicorn_engine::RegisterARM::C13_C0_3 as i32,
            Arch::Arm64 => unicorn_engine::RegisterARM64::TPIDR_EL0 as i32,
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
                unicorn_engine::RegisterMIPS::CP0_USERLOCAL as i32
            }
        };
        self.handle.write(id, value);
    }

    fn set_descriptor(&mut self, index: u8, descriptor: u64) -> bool {
        match &self.model {
            Model::X86(x86) => x86.set_descriptor(&self.handle, index, descriptor),
            _ => false,
        }
    }

    fn reset(&mut self) {
        self.handle.restore(&self.fresh);
        self.pc.set(0);
        self.resumes.set(false);
        if let Model::X86(x86) = &self.model {
            x86.set_descriptors([0; 3]);
        }
    }

    fn context(&self) -> Box<dyn Context> {
        let mut raw = self
            .handle
            .new_context()
            .expect("the host has memory for a few kilobytes");
        raw.copy_from(&self.fresh);
        Box::new(State {
            arch: self.arch,
            raw,
            pc: 0,
            resumes: false,
            descriptors: [0; 3],
        })
    }

    fn save(&self, context: &mut dyn Context) {
        let state = State::of_mut(context, self.arch);
        self.handle.save(&mut state.raw);
        state.pc = self.pc.get();
        state.resumes = self.resumes.get();
        if let Model::X86(x86) = &self.model {
            state.descriptors = x86.descriptors();
        }
    }

    fn restore(&mut self, context: &dyn Context) {
        let state = State::of(context, self.arch);
        self.handle.restore(&state.raw);
        self.pc.set(state.pc);
        self.resumes.set(state.resumes);
        if let Model::X86(x86) = &self.model {
            x86.set_descriptors(state.descriptors);
        }
    }

    fn count_instructions(&mut self, on: bool) {
        self.shared.count.set_counting(on);
    }

    fn instructions(&self) -> Option<u64> {
        self.shared.count.instructions()
    }

    fn limit_instructions(&mut self, limit: Option<u64>) {
        self.shared.count.set_limit(limit);
    }

    fn stop_handle(&self) -> StopHandle {
        self.stop.handle()
    }
}
