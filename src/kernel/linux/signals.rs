//! What does Linux know of a task's signals?
//!
//! Signals go by the number that the task's ABI gives them: that is what a guest's set, its handlers and its exit
//! status speak of.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Cause, Cpu, Endian, Exception, Exit, Fault, FaultKind, GuestMemory};
use emu_profiles::Symbol;
use emu_prototypes::Field;
use emu_prototypes::linux::{Abi, Constants};

use super::LinuxTask;
use super::process::{Limits, Resource};
use super::signal::frame::{self, Entering};
use crate::event::ExitStatus;
use crate::kernel::layout::Image;
use crate::kernel::task::{Task, Tid};

/// The highest signal number of any ABI (MIPS; others end at 64).
pub const MAX_SIGNAL: usize = 128;

/// A set of signals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SigSet(u128);

impl SigSet {
    /// No signal.
    pub const EMPTY: SigSet = SigSet(0);

    /// The set of one signal; empty for a number that no signal has.
    pub const fn of(signal: u32) -> SigSet {
        SigSet(if signal >= 1 && signal as usize <= MAX_SIGNAL {
            1 << (signal - 1)
        } else {
            0
        })
    }

    /// A set from the bits of the guest: bit 0 is signal 1.
    pub const fn from_bits(bits: u128) -> SigSet {
        SigSet(bits)
    }

    /// Its bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Whether it has a signal.
    pub const fn contains(self, signal: u32) -> bool {
        self.0 & SigSet::of(signal).0 != 0
    }

    /// Adds a signal.
    pub const fn insert(&mut self, signal: u32) {
        self.0 |= SigSet::of(signal).0;
    }

    /// Removes a signal.
    pub const fn remove(&mut self, signal: u32) {
        self.0 &= !SigSet::of(signal).0;
    }

    /// Signals of either set.
    pub const fn with(self, other: SigSet) -> SigSet {
        SigSet(self.0 | other.0)
    }

    /// Signals of both sets.
    pub const fn common(self, other: SigSet) -> SigSet {
        SigSet(self.0 & other.0)
    }

    /// Its signals without those of `other`.
    pub const fn without(self, other: SigSet) -> SigSet {
        SigSet(self.0 & !other.0)
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its lowest signal.
    pub const fn first(self) -> Option<u32> {
        if self.0 == 0 {
            None
        } else {
            Some(self.0.trailing_zeros() + 1)
        }
    }

    /// Its signals, lowest first.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (1..=MAX_SIGNAL as u32).filter(move |signal| self.contains(*signal))
    }

    /// The same signals as another ABI numbers them.
    pub fn translated(self, from: &Abi, to: &Abi) -> SigSet {
        let mut all = SigSet::EMPTY;
        for signal in self.iter() {
            all.insert(translate(signal, from, to));
        }
        all
    }

    /// Reads a set of `size` bytes, an array of `unsigned long`s of `word` bytes, the first for the lowest signals.
    pub fn load(
        memory: &mut dyn GuestMemory,
        address: u64,
        size: u64,
        word: u64,
    ) -> Result<SigSet, Fault> {
        let mut bits = 0;
        let mut at = 0;
        while at < size.min(16) {
            let part = match word {
                4 => u128::from(memory.read_u32(address.wrapping_add(at))?),
                _ => u128::from(memory.read_u64(address.wrapping_add(at))?),
            };
            bits |= part << (8 * at);
            at += word.clamp(4, 8);
        }
        Ok(SigSet(bits))
    }

    /// Writes a set as [`SigSet::load`] reads it.
    pub fn store(
        self,
        memory: &mut dyn GuestMemory,
        address: u64,
        size: u64,
        word: u64,
    ) -> Result<(), Fault> {
        memory.write(address, &self.to_bytes(size, word, memory.endian()))
    }

    /// A set as [`SigSet::load`] reads it; `size` is at most 16 bytes.
    pub fn to_bytes(self, size: u64, word: u64, endian: Endian) -> Vec<u8> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < size.min(16) {
            let part = (self.0 >> (8 * bytes.len())) as u64;
            match (word, endian) {
                (4, Endian::Little) => bytes.extend((part as u32).to_le_bytes()),
                (4, Endian::Big) => bytes.extend((part as u32).to_be_bytes()),
                (_, Endian::Little) => bytes.extend(part.to_le_bytes()),
                (_, Endian::Big) => bytes.extend(part.to_be_bytes()),
            }
        }
        bytes
    }
}

impl fmt::Debug for SigSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What to do about a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disposition {
    /// What Linux does by default.
    #[default]
    Default,
    /// Nothing.
    Ignore,
    /// Run the guest's code at this address.
    Handler(u64),
}

impl Disposition {
    /// From `sa_handler`: `SIG_DFL` is 0 and `SIG_IGN` is 1 on every ABI.
    pub const fn from_address(address: u64) -> Disposition {
        match address {
            0 => Disposition::Default,
            1 => Disposition::Ignore,
            address => Disposition::Handler(address),
        }
    }

    /// As `sa_handler`.
    pub const fn address(self) -> u64 {
        match self {
            Disposition::Default => 0,
            Disposition::Ignore => 1,
            Disposition::Handler(address) => address,
        }
    }
}

/// An entry of the table of handlers: `struct sigaction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Action {
    /// What to do.
    pub disposition: Disposition,
    /// `sa_flags`, as the ABI numbers them.
    pub flags: u64,
    /// `sa_restorer`, 0 without.
    pub restorer: u64,
    /// `sa_mask`: blocked while the handler runs.
    pub mask: SigSet,
}

/// The handlers of a process.
#[derive(Debug, Clone)]
pub struct Handlers {
    actions: [Action; MAX_SIGNAL],
}

impl Default for Handlers {
    fn default() -> Handlers {
        Handlers {
            actions: [Action::default(); MAX_SIGNAL],
        }
    }
}

impl Handlers {
    /// The action of a signal; the default one for a number that no signal has.
    pub fn get(&self, signal: u32) -> Action {
        self.index(signal)
            .map_or_else(Action::default, |index| self.actions[index])
    }

    /// Sets the action of a signal.
    pub fn set(&mut self, signal: u32, action: Action) {
        if let Some(index) = self.index(signal) {
            self.actions[index] = action;
        }
    }

    /// What `execve` leaves: ignored signals stay so, handlers are gone.
    pub fn exec(&mut self) {
        for action in &mut self.actions {
            let disposition = match action.disposition {
                Disposition::Ignore => Disposition::Ignore,
                Disposition::Default | Disposition::Handler(_) => Disposition::Default,
            };
            *action = Action {
                disposition,
                ..Action::default()
            };
        }
    }

    /// The same as another ABI numbers signals. Flags and masks mean nothing there: handlers are code of one ABI.
    pub fn translated(&self, from: &Abi, to: &Abi) -> Handlers {
        let mut all = Handlers::default();
        for signal in 1..=MAX_SIGNAL as u32 {
            let disposition = self.get(signal).disposition;
            if from.signal_name(signal).is_some() || u64::from(signal) >= from.k.SIGRTMIN {
                let action = Action {
                    disposition,
                    ..Action::default()
                };
                all.set(translate(signal, from, to), action);
            }
        }
        all
    }

    fn index(&self, signal: u32) -> Option<usize> {
        (signal as usize)
            .checked_sub(1)
            .filter(|index| *index < MAX_SIGNAL)
    }
}

/// What Linux does about a signal by default.   [signal(7), Linux include/linux/signal.h]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The process dies.
    Death,
    /// The process dies, and a core file is written if its size may be more than 0.
    Core,
    /// Nothing.
    Nothing,
    /// The process stops.
    Stop,
}

/// What Linux does about a signal by default.
pub fn default_action(k: &Constants, signal: u32) -> Effect {
    let signal = u64::from(signal);
    if [k.SIGCHLD, k.SIGCONT, k.SIGURG, k.SIGWINCH].contains(&signal) {
        Effect::Nothing
    } else if [k.SIGSTOP, k.SIGTSTP, k.SIGTTIN, k.SIGTTOU].contains(&signal) {
        Effect::Stop
    } else if [
        k.SIGQUIT, k.SIGILL, k.SIGTRAP, k.SIGABRT, k.SIGFPE, k.SIGSEGV, k.SIGBUS, k.SIGSYS,
        k.SIGXCPU, k.SIGXFSZ, k.SIGEMT,
    ]
    .contains(&signal)
    {
        Effect::Core
    } else {
        Effect::Death
    }
}

/// A signal that is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Its number.
    pub signal: u32,
    /// Its name.
    pub name: &'static str,
    /// `si_code`.
    pub code: i32,
    /// `si_addr`, for faults.
    pub address: Option<u64>,
    /// Where the program counter belongs, when the CPU left it elsewhere.
    pub pc: Option<u64>,
    /// `si_pid` and `si_uid`, when somebody sent it.
    pub sender: Option<(Tid, u32)>,
    /// `si_value`, when it was sent with one.
    pub value: u64,
    /// What else its kind tells.
    pub extra: Extra,
    /// The whole `siginfo_t`, when a program made it: nothing else counts then.
    pub raw: Option<Raw>,
}

/// As much of a `siginfo_t` as Linux keeps: `kernel_siginfo_t` has at most 48 bytes.
pub type Raw = [u8; 48];

/// What only some kinds of signals tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extra {
    /// Nothing.
    #[default]
    None,
    /// Of a child: its status or signal, and its CPU time in guest code and in calls, in ticks.
    Child {
        /// `si_status`.
        status: i32,
        /// `si_utime`.
        user: u64,
        /// `si_stime`.
        system: u64,
    },
    /// Of a timer.
    Timer {
        /// `si_timerid`.
        id: i32,
        /// `si_overrun`.
        overrun: i32,
    },
    /// Of a file that is ready.
    Poll {
        /// `si_band`.
        band: i64,
        /// `si_fd`.
        fd: i32,
    },
    /// Of a call that a filter trapped.
    Call {
        /// `si_errno`.
        errno: u16,
        /// `si_call_addr`.
        address: u64,
        /// `si_syscall`.
        number: u32,
        /// `si_arch`.
        arch: u32,
    },
}

impl Info {
    /// A signal of which only its number and `si_code` are known.
    pub fn new(abi: &Abi, signal: u64, code: u64) -> Info {
        let signal = signal as u32;
        Info {
            signal,
            name: abi.signal_name(signal).unwrap_or("SIG?"),
            code: code as i32,
            address: None,
            pc: None,
            sender: None,
            value: 0,
            extra: Extra::None,
            raw: None,
        }
    }

    /// As another ABI numbers it: signals with a name by that, real-time signals by their distance from the first.
    pub fn translated(mut self, from: &Abi, to: &Abi) -> Info {
        if !std::ptr::eq(from, to) {
            self.signal = translate(self.signal, from, to);
            self.name = to.signal_name(self.signal).unwrap_or(self.name);
            if let Extra::Child { status, .. } = &mut self.extra
                && self.code as u64 != from.k.CLD_EXITED
            {
                *status = translate(status.cast_unsigned(), from, to).cast_signed();
            }
        }
        self
    }

    /// As `siginfo_t`.
    pub(crate) fn image(&self, abi: &Abi, endian: Endian) -> Image {
        let at = abi.layouts.siginfo;
        let mut image = Image::new(at.size, endian);
        if let Some(raw) = &self.raw {
            image.put_bytes(Field::new(0, at.size as u16, false), raw);
            // The number is that of the call.   [Linux kernel/signal.c, do_rt_sigqueueinfo]
            image.put(at.si_signo, u64::from(self.signal));
            return image;
        }
        image
            .put(at.si_signo, u64::from(self.signal))
            .put(at.si_code, self.code as u64);
        if let Some(address) = self.address {
            image.put(at.si_addr, address);
        }
        if let Some((pid, uid)) = self.sender {
            image
                .put(at.si_pid, pid as u64)
                .put(at.si_uid, u64::from(uid));
            image.put(at.si_value, self.value);
        }
        match self.extra {
            Extra::None => {}
            Extra::Child {
                status,
                user,
                system,
            } => {
                image
                    .put(at.si_status, status as u64)
                    .put(at.si_utime, user)
                    .put(at.si_stime, system);
            }
            Extra::Timer { id, overrun } => {
                image
                    .put(at.si_tid, id as u64)
                    .put(at.si_overrun, overrun as u64)
                    .put(at.si_value, self.value);
            }
            Extra::Poll { band, fd } => {
                image.put(at.si_band, band as u64).put(at.si_fd, fd as u64);
            }
            Extra::Call {
                errno,
                address,
                number,
                arch,
            } => {
                image
                    .put(at.si_errno, u64::from(errno))
                    .put(at.si_call_addr, address)
                    .put(at.si_syscall, u64::from(number))
                    .put(at.si_arch, u64::from(arch));
            }
        }
        image
    }
}

/// Signals that wait for delivery.
#[derive(Debug, Default)]
pub struct Queue {
    /// Which ones, as others may look at them.
    set: Rc<Cell<SigSet>>,
    /// What is known of them, in the order in which they came.
    raised: Vec<Info>,
}

impl Clone for Queue {
    /// A queue of its own with the same in it.
    fn clone(&self) -> Queue {
        Queue {
            set: Rc::new(Cell::new(self.set())),
            raised: self.raised.clone(),
        }
    }
}

impl Queue {
    /// Which ones wait.
    #[inline]
    pub fn set(&self) -> SigSet {
        self.set.get()
    }

    /// The same, kept up to date.
    pub fn shared(&self) -> Rc<Cell<SigSet>> {
        self.set.clone()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.raised.len()
    }

    /// What waits, in the order in which it came.
    pub fn iter(&self) -> impl Iterator<Item = &Info> {
        self.raised.iter()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.raised.is_empty()
    }

    /// Adds one. Of an ordinary signal only one waits at a time; of a real-time signal as many as were sent.
    /// False when it found no place.
    pub fn add(&mut self, k: &Constants, info: &Info, limit: u64) -> bool {
        let queues = u64::from(info.signal) >= k.SIGRTMIN;
        if self.set().contains(info.signal) && !queues {
            return true;
        }
        if queues && self.raised.len() as u64 >= limit {
            return false;
        }
        self.raised.push(*info);
        self.set.set(self.set().with(SigSet::of(info.signal)));
        true
    }

    /// Has all numbered as another ABI does.
    pub fn translate(&mut self, from: &Abi, to: &Abi) {
        for info in &mut self.raised {
            *info = info.translated(from, to);
        }
        self.set.set(self.set().translated(from, to));
    }

    /// The first of a signal's.
    pub fn peek(&self, signal: u32) -> Option<Info> {
        self.raised
            .iter()
            .find(|info| info.signal == signal)
            .copied()
    }

    /// Takes the first of a signal's.
    pub fn take(&mut self, signal: u32) -> Option<Info> {
        let at = self.raised.iter().position(|info| info.signal == signal)?;
        let info = self.raised.remove(at);
        if !self.raised.iter().any(|info| info.signal == signal) {
            self.set.set(self.set().without(SigSet::of(signal)));
        }
        Some(info)
    }

    /// A timer was due so often while its signal waits. False when it does not wait.
    pub fn overrun(&mut self, timer: i32, more: u64) -> bool {
        for info in &mut self.raised {
            if let Extra::Timer { id, overrun } = &mut info.extra
                && *id == timer
            {
                let more = i32::try_from(more).unwrap_or(i32::MAX);
                *overrun = overrun.saturating_add(more);
                return true;
            }
        }
        false
    }

    /// Forgets all of some signals.
    pub fn forget(&mut self, signals: SigSet) {
        self.raised.retain(|info| !signals.contains(info.signal));
        self.set.set(self.set().without(signals));
    }
}

/// What became of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The task's handler runs next.
    Handled,
    /// Nothing happens.
    Ignored,
    /// The process stops.
    Stopped,
    /// The process is dead.
    Died(ExitStatus),
}

/// How an ABI's kernel names CPU exceptions.
struct Codes {
    abis: &'static [&'static str],
    /// Of SIGILL.
    illegal: fn(&Constants) -> u64,
    /// Of SIGTRAP after a breakpoint instruction.
    breakpoint: fn(&Constants) -> u64,
    /// Whether `si_addr` says where that was.
    breakpoint_at: bool,
    /// Addresses that aren't the sign of this bit in all higher ones are no pages, but protection faults.
    canonical: Option<u32>,
    /// Whether numbers in break and trap instructions tell divisions by zero and overflows.
    numbered: bool,
    /// Whether an overflow is an arithmetic error, and not a protection fault.
    overflow_is_arithmetic: bool,
}

/// [Linux arch/x86/kernel/traps.c, arch/arm/kernel/{traps,ptrace}.c, arch/arm64/kernel/{traps,debug-monitors}.c,
/// arch/mips/kernel/traps.c]
static CODES: &[Codes] = &[
    Codes {
        abis: &["x86"],
        illegal: |k| k.ILL_ILLOPN,
        breakpoint: |k| k.SI_KERNEL,
        breakpoint_at: false,
        canonical: None,
        numbered: false,
        overflow_is_arithmetic: false,
    },
    Codes {
        abis: &["x64"],
        illegal: |k| k.ILL_ILLOPN,
        breakpoint: |k| k.SI_KERNEL,
        breakpoint_at: false,
        canonical: Some(47),
        numbered: false,
        overflow_is_arithmetic: false,
    },
    Codes {
        abis: &["arm"],
        illegal: |k| k.ILL_ILLOPC,
        breakpoint: |k| k.TRAP_BRKPT,
        breakpoint_at: true,
        canonical: None,
        numbered: false,
        overflow_is_arithmetic: true,
    },
    Codes {
        abis: &["arm64"],
        illegal: |k| k.ILL_ILLOPC,
        breakpoint: |k| k.TRAP_BRKPT,
        breakpoint_at: true,
        canonical: None,
        numbered: false,
        overflow_is_arithmetic: true,
    },
    Codes {
        abis: &[
            "mips",
            "mipsel",
            "mips64",
            "mips64el",
            "mips64n32",
            "mips64n32el",
        ],
        illegal: |k| k.SI_KERNEL,
        breakpoint: |k| k.SI_KERNEL,
        breakpoint_at: false,
        canonical: None,
        numbered: true,
        overflow_is_arithmetic: true,
    },
];

/// Numbers in MIPS `break` and `teq`.   [Linux arch/mips/include/uapi/asm/break.h]
const BREAK_OVERFLOW: u32 = 6;
const BREAK_DIVIDE: u32 = 7;

/// [Intel SDM vol. 1, 3.3.7.1]
fn is_canonical(codes: &Codes, address: u64) -> bool {
    codes.canonical.is_none_or(|bit| {
        let high = (address as i64) >> bit;
        high == 0 || high == -1
    })
}

/// The signal that a CPU exception raises, with the program counter where the CPU left it.
pub fn from_exit(abi: &Abi, exit: &Exit, pc: u64) -> Info {
    let k = abi.k;
    let codes = CODES
        .iter()
        .find(|codes| codes.abis.contains(&abi.name))
        .unwrap_or(&CODES[0]);
    let arithmetic = |code| (k.SIGFPE, code, true);
    let protection = Exit::Exception(Exception::Protection);
    let exit = match exit {
        Exit::Fault(fault) if !is_canonical(codes, fault.address) => &protection,
        exit => exit,
    };
    // Signal, code, whether the address is that of the instruction.
    let (signal, code, at_pc) = match exit {
        Exit::Fault(fault) => match fault.kind {
            FaultKind::Unmapped => (k.SIGSEGV, k.SEGV_MAPERR, false),
            FaultKind::Denied => (k.SIGSEGV, k.SEGV_ACCERR, false),
            FaultKind::Bus => (k.SIGBUS, k.BUS_ADRERR, false),
            // As the kernel does when memory is used up.
            FaultKind::NoMemory => (k.SIGKILL, k.SI_KERNEL, false),
        },
        Exit::Illegal => (k.SIGILL, (codes.illegal)(k), true),
        Exit::Exception(exception) => match exception {
            Exception::Divide => arithmetic(k.FPE_INTDIV),
            Exception::Overflow if codes.overflow_is_arithmetic => arithmetic(k.FPE_INTOVF),
            Exception::FloatingPoint(cause) => arithmetic(match cause {
                Cause::Invalid => k.FPE_FLTINV,
                Cause::Divide => k.FPE_FLTDIV,
                Cause::Overflow => k.FPE_FLTOVF,
                Cause::Underflow => k.FPE_FLTUND,
                Cause::Inexact => k.FPE_FLTRES,
            }),
            Exception::Breakpoint(BREAK_DIVIDE) | Exception::TrapCode(BREAK_DIVIDE)
                if codes.numbered =>
            {
                arithmetic(k.FPE_INTDIV)
            }
            Exception::Breakpoint(BREAK_OVERFLOW) | Exception::TrapCode(BREAK_OVERFLOW)
                if codes.numbered =>
            {
                arithmetic(k.FPE_INTOVF)
            }
            Exception::Breakpoint(_) => (k.SIGTRAP, (codes.breakpoint)(k), codes.breakpoint_at),
            Exception::TrapCode(_) => (k.SIGTRAP, k.SI_KERNEL, false),
            Exception::SingleStep => (k.SIGTRAP, k.TRAP_TRACE, true),
            Exception::Alignment(_) => (k.SIGBUS, k.BUS_ADRALN, false),
            Exception::Overflow | Exception::Protection => (k.SIGSEGV, k.SI_KERNEL, false),
            Exception::Other(_) => (k.SIGILL, (codes.illegal)(k), true),
        },
        // An instruction by which nobody can ask here.
        Exit::Trap { .. } | Exit::Quantum | Exit::Stopped => (k.SIGSEGV, k.SI_KERNEL, false),
    };
    let address = match exit {
        Exit::Fault(fault) => Some(fault.address),
        Exit::Exception(Exception::Alignment(address)) => Some(*address),
        _ => None,
    };
    let trap = match exit {
        Exit::Trap { pc, .. } => Some(*pc),
        _ => None,
    };
    Info {
        address: address.or(at_pc.then_some(pc)),
        pc: trap,
        ..Info::new(abi, signal, code)
    }
}

/// The number of a signal on another ABI.
pub fn translate(signal: u32, from: &Abi, to: &Abi) -> u32 {
    if let Some(distance) = u64::from(signal).checked_sub(from.k.SIGRTMIN) {
        return to.k.SIGRTMIN.saturating_add(distance).min(to.k._NSIG) as u32;
    }
    let same = |name: &&str| from.signal_name(signal) == Some(*name);
    match to.signals.iter().position(same) {
        Some(number) => number as u32,
        None => signal,
    }
}

/// What a process that a signal kills ends with.
pub(super) fn killed(k: &Constants, info: &Info, limits: &Limits) -> ExitStatus {
    let core = default_action(k, info.signal) == Effect::Core && limits.soft(Resource::Core) > 0;
    ExitStatus::Signaled {
        signal: info.signal as u8,
        name: info.name,
        core,
    }
}

/// Delivers a signal.   [Linux kernel/signal.c, get_signal; arch/*/kernel/signal.c, handle_signal]
pub fn deliver(
    task: &mut Task,
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    info: &Info,
) -> Delivery {
    let abi = task.profile.system().linux();
    let k = abi.k;
    let action = task.linux.handlers.borrow().get(info.signal);
    let limits = task.linux.process.borrow().limits.clone();
    let died = |info| Delivery::Died(killed(k, info, &limits));
    match action.disposition {
        Disposition::Ignore => Delivery::Ignored,
        Disposition::Default => match default_action(k, info.signal) {
            Effect::Nothing => Delivery::Ignored,
            Effect::Stop => Delivery::Stopped,
            Effect::Death | Effect::Core => died(info),
        },
        Disposition::Handler(_) if enter(task, cpu, memory, abi, info, &action) => {
            Delivery::Handled
        }
        // A handler for that may have a stack of its own, unless it is the one that has none.
        // [Linux kernel/signal.c, force_sigsegv]
        Disposition::Handler(_) if u64::from(info.signal) == k.SIGSEGV => died(&segment_fault(abi)),
        Disposition::Handler(_) => {
            task.linux.force(abi, &segment_fault(abi));
            Delivery::Handled
        }
    }
}

/// What kills a task whose frame can't be stored or read.
pub(super) fn segment_fault(abi: &Abi) -> Info {
    Info::new(abi, abi.k.SIGSEGV, abi.k.SI_KERNEL)
}

/// Lets the handler run next. False when that can't be.
fn enter(
    task: &mut Task,
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    abi: &'static Abi,
    info: &Info,
    action: &Action,
) -> bool {
    let k = abi.k;
    let detailed = action.flags & k.SA_SIGINFO != 0;
    let given = action.flags & k.SA_RESTORER != 0;
    let thumb = action.disposition.address() & 1;
    let symbol = |plain, rt| task.symbol(if detailed { rt } else { plain });
    let own = match thumb {
        1 => symbol(Symbol::ThumbSigreturn, Symbol::ThumbRtSigreturn).map(|address| address | 1),
        _ => None,
    };
    let own = own.or_else(|| symbol(Symbol::Sigreturn, Symbol::RtSigreturn));
    let own = own.or_else(|| task.symbol(Symbol::RtSigreturn));
    let linux = &mut task.linux;
    let mask = linux.saved_mask.unwrap_or(linux.mask);
    let entering = Entering {
        abi,
        info,
        action,
        mask,
        altstack: linux.altstack,
        restorer: if given { Some(action.restorer) } else { own },
        noted: linux.noted,
    };
    let entered = frame::enter(cpu, memory, &entering);
    if action.flags & k.SA_RESETHAND != 0 {
        // Whether its frame finds a place or not.   [Linux kernel/signal.c, get_signal]
        let mut handlers = linux.handlers.borrow_mut();
        let kept = Action {
            disposition: Disposition::Default,
            ..*action
        };
        handlers.set(info.signal, kept);
    }
    if !entered {
        return false;
    }
    linux.saved_mask = None;
    linux.mask = linux.mask.with(action.mask);
    if action.flags & k.SA_NODEFER == 0 {
        linux.mask.insert(info.signal);
    }
    if linux.altstack.disarms(k) {
        linux.altstack = frame::AltStack::none(k);
    }
    true
}

impl LinuxTask {
    /// A signal that can't be put off or ignored: it is delivered next, and kills when the program does not want it.
    /// [Linux kernel/signal.c, force_sig_info_to_task]
    pub fn force(&mut self, abi: &Abi, info: &Info) {
        let signal = info.signal;
        {
            let mut handlers = self.handlers.borrow_mut();
            let action = handlers.get(signal);
            if self.mask.contains(signal) || action.disposition == Disposition::Ignore {
                let default = Action {
                    disposition: Disposition::Default,
                    ..action
                };
                handlers.set(signal, default);
                self.mask.remove(signal);
            }
        }
        self.pending.add(abi.k, info, u64::MAX);
    }

    /// A signal came that it ignores.
    pub(super) fn ignore(&mut self, info: &Info) {
        /// Who sends more of them while the task waits tells nothing new.
        const MOST: usize = 64;
        if self.ignored.len() < MOST {
            self.ignored.push(*info);
        }
    }

    /// Signals that wait, for the task or for its process.
    #[inline]
    pub fn waiting(&self) -> SigSet {
        self.pending.set().with(self.process.borrow().pending.set())
    }

    /// Signals that wait and are not blocked.
    #[inline]
    pub fn deliverable(&self) -> SigSet {
        self.waiting().without(self.mask)
    }

    /// Whether a task that is about to run its program has to look after signals first.
    #[inline]
    pub fn has_signals(&self) -> bool {
        !self.deliverable().is_empty() || self.saved_mask.is_some() || !self.ignored.is_empty()
    }

    /// Whether a signal waits that ends a wait: one with a handler, or one that kills.
    pub fn is_interrupted(&self, k: &Constants) -> bool {
        // Of a task that is traced its tracer decides first.
        let deliverable = self.deliverable();
        if self.halts || self.traced.is_some() || deliverable.is_empty() {
            return self.halts;
        }
        let handlers = self.handlers.borrow();
        deliverable
            .iter()
            .any(|signal| match handlers.get(signal).disposition {
                Disposition::Handler(_) => true,
                Disposition::Ignore => false,
                Disposition::Default => kills(k, signal),
            })
    }

    /// Takes the next signal that can be delivered: those that the task's own instructions raised first, then the lowest,
    /// the task's before its process's. When there is none, a mask that was put aside for the call that is over takes
    /// effect again.   [Linux kernel/signal.c, next_signal, dequeue_signal]
    pub fn next_signal(&mut self, abi: &Abi) -> Option<Info> {
        if let Some(info) = self.take_signal(SigSet::from_bits(u128::MAX).without(self.mask), abi) {
            return Some(info);
        }
        if let Some(mask) = self.saved_mask.take() {
            self.mask = mask;
        }
        None
    }

    /// What [`LinuxTask::next_signal`] would take.
    pub fn peek_signal(&self, abi: &Abi) -> Option<Info> {
        let shared = self.process.borrow();
        let wanted = SigSet::from_bits(u128::MAX).without(self.mask);
        [&self.pending, &shared.pending]
            .into_iter()
            .find_map(|queue| queue.peek(next(queue, wanted, abi)?))
    }

    /// Takes the next signal of a set that waits.
    pub fn take_signal(&mut self, wanted: SigSet, abi: &Abi) -> Option<Info> {
        let mut shared = self.process.borrow_mut();
        [&mut self.pending, &mut shared.pending]
            .into_iter()
            .find_map(|queue| queue.take(next(queue, wanted, abi)?))
    }
}

/// The next signal of a set that waits in a queue: those that instructions raise come first.
fn next(queue: &Queue, wanted: SigSet, abi: &Abi) -> Option<u32> {
    let k = abi.k;
    let mut first = SigSet::EMPTY;
    for signal in [
        k.SIGSEGV, k.SIGBUS, k.SIGILL, k.SIGTRAP, k.SIGFPE, k.SIGSYS, k.SIGKILL,
    ] {
        first.insert(signal as u32);
    }
    let wanted = queue.set().common(wanted);
    wanted.common(first).first().or_else(|| wanted.first())
}

/// Whether a signal kills a process that does nothing about it.
pub fn kills(k: &Constants, signal: u32) -> bool {
    matches!(default_action(k, signal), Effect::Death | Effect::Core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_its_signals() {
        let mut set = SigSet::of(1).with(SigSet::of(128));
        assert!(set.contains(1) && set.contains(128) && !set.contains(2));
        assert_eq!(format!("{set:?}"), "{1, 128}");
        set.remove(1);
        assert_eq!(set.first(), Some(128));
        assert!(SigSet::of(0).is_empty() && SigSet::of(129).is_empty());
    }

    #[test]
    fn exec_keeps_only_ignored_signals() {
        let mut handlers = Handlers::default();
        handlers.set(
            2,
            Action {
                disposition: Disposition::Ignore,
                ..Action::default()
            },
        );
        handlers.set(
            3,
            Action {
                disposition: Disposition::Handler(0x1000),
                ..Action::default()
            },
        );
        handlers.exec();
        assert_eq!(handlers.get(2).disposition, Disposition::Ignore);
        assert_eq!(handlers.get(3), Action::default());
    }
}
