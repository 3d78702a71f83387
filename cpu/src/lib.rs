//! What did the machine do?
//!
//! A [`Cpu`] runs guest code in an [`AddressSpace`] and *returns* why it stopped: a trap, a fault, an exception, or a
//! used-up budget. Nothing above this crate knows which engine does the work, and no callback runs inside it.

pub mod arch;
#[cfg(feature = "unicorn")]
pub mod disasm;
pub mod memory;
mod reg;
pub mod scripted;
#[cfg(feature = "unicorn")]
pub mod unicorn;

pub use arch::{Arch, Endian};
pub use memory::{Access, AddressSpace, Fault, FaultKind, GuestMemory, Memory, Object, Prot};
pub use reg::{Reg, arm, arm64, mips, x86, x86_64};
#[cfg(feature = "unicorn")]
pub use unicorn::{CpuError, Selectors, new as open, with_selectors as open_with_selectors};

/// Why [`Cpu::run`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The guest asked its operating system for something. The program counter already stands at `next`.
    Trap {
        /// Which instruction asked.
        trap: Trap,
        /// Address of the trapping instruction.
        pc: u64,
        /// Address of the next instruction of the program (the branch target for [`Trap::SyscallInSlot`]). For Thumb code bit 0 is clear: the state is the CPU's own.
        next: u64,
    },
    /// An access that the address space refused. The program counter is at the instruction, nothing was changed.
    Fault(Fault),
    /// An undefined or privileged instruction; the program counter is at it.
    Illegal,
    /// Any other exception.
    Exception(Exception),
    /// The budget given to [`Cpu::run`] is used up; go on by calling it again.
    Quantum,
    /// A [`StopHandle`] was used. The state of the CPU must not be run further.
    Stopped,
}

/// The instruction by which a guest asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trap {
    /// x86 `int n`.
    Interrupt(u8),
    /// x86 `syscall`, MIPS `syscall`.
    Syscall,
    /// MIPS `syscall` in the delay slot of a branch. The CPU's exception program counter is that of the branch then.
    /// [MIPS32 vol. III, EPC and Cause.BD]
    SyscallInSlot,
    /// x86 `sysenter`.
    Sysenter,
    /// ARM and A64 `svc #imm`, with its immediate.
    Svc(u32),
}

/// An exception that is neither a trap to the OS nor a page fault. The program counter is at the instruction, except
/// for [`Exception::Breakpoint`] on x86 and [`Exception::SingleStep`], where it is behind it, as on the real CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// Integer division by zero or overflow of the quotient (x86 `#DE`).
    Divide,
    /// `int3`, `bkpt`, `brk`, MIPS `break` (with its code).
    Breakpoint(u32),
    /// x86 trap flag.
    SingleStep,
    /// x86 `into`/`bound`, MIPS integer overflow.
    Overflow,
    /// MIPS `teq` and friends, with their code.
    TrapCode(u32),
    /// Floating-point exception.
    FloatingPoint(Cause),
    /// Unaligned access that the architecture refuses, with its address.
    Alignment(u64),
    /// x86 `#GP`, port input or output.
    Protection,
    /// Anything else, with the engine's number.
    Other(u32),
}

/// Why a floating-point exception was raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// An operation without a result.
    Invalid,
    /// A division by zero.
    Divide,
    /// The result is too big.
    Overflow,
    /// The result is too small.
    Underflow,
    /// The result had to be rounded.
    Inexact,
}

/// Used from another thread to end a run for good (a wall-clock limit). Cheap to clone.
#[derive(Clone)]
pub struct StopHandle(pub std::sync::Arc<dyn Fn() + Send + Sync>);

impl StopHandle {
    /// Asks the running CPU to stop soon. Its state may not be run further.
    pub fn stop(&self) {
        (self.0)();
    }
}

/// A saved CPU state. It can be restored to any CPU of the same architecture.
pub trait Context: std::any::Any {
    /// For down-casting by the backend that made it.
    fn as_any(&self) -> &dyn std::any::Any;
    /// The same, mutable.
    fn as_any_mut(&mut self) -> &mut dyn std::any::Any;
    /// A copy (fork).
    fn duplicate(&self) -> Box<dyn Context>;
}

/// A CPU in user mode.
pub trait Cpu {
    /// Its architecture.
    fn arch(&self) -> Arch;

    /// Runs `space` from the current program counter until something happens. `blocks` bounds the run to that many
    /// translated blocks of guest code ([`Exit::Quantum`]); `None` costs nothing and runs without bound.
    fn run(&mut self, space: &mut AddressSpace, blocks: Option<u64>) -> Exit;

    /// A register, zero-extended from its natural width; of a wider one the low 64 bits.
    fn reg(&self, reg: Reg) -> u64;
    /// Sets a register; bits above its natural width are dropped.
    fn set_reg(&mut self, reg: Reg, value: u64);
    /// A register of any width up to 128 bits, zero-extended.
    fn wide(&self, reg: Reg) -> u128;
    /// Sets a register of any width; bits above its natural width are dropped.
    fn set_wide(&mut self, reg: Reg, value: u128);
    /// Several registers at once, which is cheaper than one at a time.
    fn regs(&self, regs: &[Reg], out: &mut [u64]) {
        for (slot, reg) in out.iter_mut().zip(regs) {
            *slot = self.reg(*reg);
        }
    }
    /// The program counter. On ARM bit 0 is clear, Thumb state is in CPSR.
    fn pc(&self) -> u64 {
        self.reg(self.arch().row().pc)
    }
    /// Sets the program counter. On ARM bit 0 selects Thumb, as `bx` does.
    fn set_pc(&mut self, value: u64);
    /// The stack pointer.
    fn sp(&self) -> u64 {
        self.reg(self.arch().row().sp)
    }
    /// Sets the stack pointer.
    fn set_sp(&mut self, value: u64) {
        self.set_reg(self.arch().row().sp, value);
    }

    /// Sets the thread pointer the architecture's ABI defines: FS base on x86-64, TPIDRURO on ARM, TPIDR_EL0 on A64,
    /// UserLocal on MIPS. On x86-32 use [`Cpu::set_descriptor`] and the GS selector.
    fn set_tls(&mut self, value: u64);
    /// x86 only: writes GDT entry `index`, one of a thread's own (12 to 14 on Linux), with a raw 8-byte descriptor. False
    /// when it is not one, or there is no GDT.
    fn set_descriptor(&mut self, index: u8, descriptor: u64) -> bool;

    /// Puts all registers into the state a fresh program has (zero; flags, FPU control, CPU mode as Linux gives them).
    fn reset(&mut self);
    /// A new, empty context for [`Cpu::save`].
    fn context(&self) -> Box<dyn Context>;
    /// Saves all user-visible state, descriptors and TLS included.
    fn save(&self, context: &mut dyn Context);
    /// Restores what [`Cpu::save`] saved.
    fn restore(&mut self, context: &dyn Context);

    /// Turns counting of guest instructions on or off. It costs a hook on each block.
    fn count_instructions(&mut self, on: bool);
    /// Instructions run so far, exact to a block; `None` while counting is off.
    fn instructions(&self) -> Option<u64>;
    /// Ends the run when that many instructions have been counted ([`Exit::Quantum`], exact to a block).
    fn limit_instructions(&mut self, limit: Option<u64>);
    /// A handle with which another thread ends the run.
    fn stop_handle(&self) -> StopHandle;
}
