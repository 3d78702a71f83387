//! How does this OS ask on this CPU?
//!
//! A [`Profile`] is data: which instructions trap, where number and arguments are, how wide values travel, how errors
//! come back, where a process lives in its address space. It contains no functions. [`abi`] holds the one piece of code
//! that reads arguments and writes results, for all profiles.

pub mod abi;
mod freebsd_x64;
mod linux_arm;
mod linux_arm64;
mod linux_arm_oabi;
mod linux_mips;
mod linux_mips64;
mod linux_x64;
mod linux_x86;
pub mod own;
pub mod page;
mod system;
mod windows;

use std::sync::LazyLock;

use emu_cpu::{Arch, Cpu, Reg, Trap};
use emu_prototypes::{CallInfo, DataModel, Row, nt};

pub use abi::{Abi, ArgumentFault, Number, Pairs, Return, Slot, Unreadable, Word};
pub use emu_prototypes::Os;
pub use page::{Page, Place, Symbol};
pub use system::{Own, System, freebsd_errno};

/// An OS on a CPU.
#[derive(Debug)]
pub struct Profile {
    /// Its name, such as `linux_arm`.
    pub name: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// The CPU.
    pub arch: Arch,
    /// The ways in which a guest asks. The first one is the usual one.
    pub entries: &'static [Entry],
    /// Where a process lives.
    pub process: ProcessLayout,
    /// Pages the kernel maps into each process: helpers, signal trampolines, vDSO.
    pub pages: &'static [Page],
    /// What `uname -m` says.
    pub machine: &'static str,
    /// `AT_PLATFORM`, empty when the kernel gives none.
    pub platform: &'static str,
    /// `AT_HWCAP`: what the CPU model offers.
    pub hwcap: u64,
    /// `AT_HWCAP2`.
    pub hwcap2: u64,
    /// `/proc/cpuinfo`, as Linux describes the CPU model.
    pub cpuinfo: &'static str,
}

/// A way to ask.
#[derive(Debug)]
pub struct Entry {
    /// How events name it: `int 0x80`, `svc`.
    pub name: &'static str,
    /// The instruction.
    pub trap: TrapPattern,
    /// The convention.
    pub abi: Abi,
    /// Numbers, constants and structures.
    pub system: System,
    /// Where the guest goes on.
    pub resume: Resume,
    /// Registers that the instruction or the kernel changes besides the result.
    pub clobbers: &'static [Clobber],
    /// The numbers of calls whose first argument is the real number, all others moving up by one (O32 `syscall`).
    pub indirect: &'static [u32],
    /// Whether a number without a call, which fails, is a signal besides: `SIGSYS`.
    pub unknown_signals: bool,
    /// Numbers from this one on are no calls that fail but illegal instructions.
    pub illegal_from: Option<u32>,
}

/// Which traps belong to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrapPattern {
    /// Exactly this one.
    Is(Trap),
    /// `svc` with any immediate.   [Linux arch/arm/kernel/entry-common.S: EABI ignores it]
    AnySvc,
    /// `svc` with any immediate but one of those.
    SvcBeside(u32, u32),
    /// `svc` with an immediate from the first to the last: the number of the call is what is above the first.
    SvcFrom(u32, u32),
}

impl TrapPattern {
    /// Whether `trap` belongs to it.
    #[inline]
    pub fn matches(self, trap: Trap) -> bool {
        match self {
            TrapPattern::Is(t) => t == trap,
            TrapPattern::AnySvc => matches!(trap, Trap::Svc(_)),
            TrapPattern::SvcBeside(first, last) => {
                matches!(trap, Trap::Svc(immediate) if immediate < first || immediate > last)
            }
            TrapPattern::SvcFrom(first, last) => {
                matches!(trap, Trap::Svc(immediate) if immediate >= first && immediate <= last)
            }
        }
    }
}

/// Where a guest goes on after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Behind the instruction.
    Next,
    /// At the instruction itself, once more.
    Again,
    /// At a symbol of a kernel page, whatever the instruction's own address; the stack pointer is taken from `stack`.
    Landing {
        /// The symbol.
        symbol: Symbol,
        /// The register that holds the stack pointer at the trap, when it is not the stack pointer itself.
        stack: Option<Reg>,
    },
    /// At the address that is stored at another, with the stack pointer from a register.
    Stored {
        /// Where the address is stored.
        at: u64,
        /// The register with the stack pointer.
        stack: Reg,
    },
}

/// A register that a call changes besides its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clobber {
    /// It holds the address of the next instruction afterwards (`rcx` after x86-64 `syscall`).
    Next(Reg),
    /// It holds a copy of another register (`r11` takes `rflags`).
    Copy {
        /// The register that changes.
        to: Reg,
        /// The register it is copied from.
        from: Reg,
    },
}

/// Where a process lives in its address space. Addresses are bytes.
#[derive(Debug, Clone, Copy)]
pub struct ProcessLayout {
    /// The lowest address a mapping may have (`vm.mmap_min_addr`).
    pub low: u64,
    /// The end of user space (`TASK_SIZE`).
    pub high: u64,
    /// The end of the stack.
    pub stack_top: u64,
    /// Mappings without a wish go below this, downwards.
    pub mmap_top: u64,
    /// Where position-independent programs are loaded.
    pub pie_base: u64,
    /// Alignment of the stack pointer at the entry point, in bytes.
    pub stack_align: u64,
    /// The register that has the address of the arguments at the entry point. The stack pointer is then what it would be
    /// behind a call: 8 bytes below a multiple of the alignment. Without it, it has that address itself.
    pub arguments: Option<Reg>,
}

/// The profiles of Linux that an image's header may choose.
pub static ALL: &[&Profile] = &[
    &linux_x86::LINUX_X86,
    &linux_x64::LINUX_X64,
    &linux_arm::LINUX_ARM,
    &linux_arm64::LINUX_ARM64,
    &linux_mips::LINUX_MIPS,
    &linux_mips::LINUX_MIPSEL,
    &linux_mips64::LINUX_MIPS64,
    &linux_mips64::LINUX_MIPS64EL,
    &linux_mips64::LINUX_MIPS64N32,
    &linux_mips64::LINUX_MIPS64N32EL,
];

/// The profiles that have to be named.
static NAMED: &[&Profile] = &[&linux_arm_oabi::LINUX_ARM_OABI, &freebsd_x64::FREEBSD_X64];

/// Profiles of releases of Windows, made when one is first looked for.
static WINDOWS: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    nt::RELEASES
        .iter()
        .map(|release| windows::profile(release))
        .collect()
});

/// The profile that the guest's own library of stubs decides on.
static AUTO: LazyLock<Profile> = LazyLock::new(windows::auto);

/// Operating systems of `profiles/own` and `prototypes/own`, read when one is first looked for.
static OWN: LazyLock<Vec<&'static Profile>> = LazyLock::new(|| own::listed!["newos_x86"]);

/// Releases of Windows that stand for the others in a short list.
static USUAL_WINDOWS: &[&str] = &[
    "windows_2000_x86",
    "windows_xpsp3_x86",
    "windows_7_x86",
    "windows_7_x64",
    "windows_10_22h2_x64",
    "windows_11_24h2_x64",
];

/// Profiles that are named and refused, with the reason.
pub static REFUSED: &[(&str, &str)] = &[(
    "linux_riscv64",
    "the CPU engine is built without RISC-V, so that nothing could trap its calls",
)];

/// All profiles.
pub fn all() -> impl Iterator<Item = &'static Profile> {
    let windows = std::iter::once_with(|| WINDOWS.iter()).flatten();
    let own = std::iter::once_with(|| OWN.iter().copied()).flatten();
    ALL.iter().chain(NAMED).copied().chain(windows).chain(own)
}

/// Profiles for a short list: all but most releases of Windows.
pub fn usual() -> impl Iterator<Item = &'static Profile> {
    all().filter(|profile| {
        profile.system().os() != Os::Windows || USUAL_WINDOWS.contains(&profile.name)
    })
}

/// The profile with that name or alias.
///
/// ```
/// let seven = emu_profiles::by_name("windows_7_x64").expect("there is one");
/// assert_eq!(seven.number("NtTerminateProcess"), Some(0x29));
/// assert_eq!(seven.call(0x29).expect("it is there").name, "NtTerminateProcess");
///
/// // What is known of each call: arguments with their types and meanings.
/// let (row, call) = seven.calls().find(|(row, _)| row.name == "NtClose").expect("it is there");
/// assert_eq!((row.number, call.params[0].name, call.params[0].ctype), (0xc, "Handle", "HANDLE"));
/// ```
pub fn by_name(name: &str) -> Option<&'static Profile> {
    let auto = std::iter::once_with(auto);
    all()
        .chain(auto)
        .find(|profile| profile.name == name || profile.aliases.contains(&name))
}

/// `windows_auto`, which stands for a profile whose numbers are read from the guest's own `ntdll.dll`: see [`of_stubs`].
pub fn auto() -> &'static Profile {
    &AUTO
}

/// The profile for a Windows of 64 bits (`wide`) or 32 whose `ntdll.dll` has stubs with those numbers, by the names of
/// calls. It is that of a known release when all of them agree with it.
///
/// ```
/// let seven = [("NtClose", 0xc), ("NtTerminateProcess", 0x29), ("NtCreateFile", 0x52)];
/// assert_eq!(emu_profiles::of_stubs(true, &seven).name, "windows_7_x64");
/// let other = [("NtClose", 0x15), ("NtTerminateProcess", 0xc1)];
/// let profile = emu_profiles::of_stubs(true, &other);
/// assert_eq!((profile.name, profile.number("NtClose")), ("windows_auto", Some(0x15)));
/// ```
pub fn of_stubs(wide: bool, stubs: &[(&str, u32)]) -> &'static Profile {
    windows::of_stubs(wide, stubs)
}

/// The profile that runs Linux images of an architecture.
pub fn for_arch(arch: Arch) -> Option<&'static Profile> {
    ALL.iter().copied().find(|p| p.arch == arch)
}

impl Entry {
    /// The number of the call that is being made by a trap, as registers or the instruction have it.
    #[inline]
    pub fn number(&self, cpu: &dyn Cpu, trap: Trap) -> u32 {
        match (self.abi.number, self.trap, trap) {
            (Number::Reg(reg) | Number::Reg32(reg), ..) => cpu.reg(reg) as u32,
            (Number::Instruction, TrapPattern::SvcFrom(base, _), Trap::Svc(immediate)) => {
                immediate.wrapping_sub(base)
            }
            (Number::Instruction, ..) => u32::MAX,
        }
    }
}

impl Profile {
    /// The data model of its programs.
    pub fn model(&self) -> DataModel {
        self.entries[0].abi.model
    }

    /// Width of a pointer of its programs, in bytes: on N32 less than a register has.
    pub fn pointer(&self) -> u64 {
        match self.model() {
            DataModel::Ilp32 => 4,
            DataModel::Lp64 | DataModel::Llp64 => 8,
        }
    }

    /// The entry that a trap belongs to, with its index.
    #[inline]
    pub fn entry(&self, trap: Trap) -> Option<(usize, &'static Entry)>
    where
        Self: 'static,
    {
        self.entries
            .iter()
            .enumerate()
            .find(|(_, entry)| entry.trap.matches(trap))
    }

    /// The number of a call by its name on this profile's usual entry.
    ///
    /// ```
    /// let arm = emu_profiles::by_name("linux_arm").expect("there is one");
    /// assert_eq!(arm.number("openat"), Some(322));
    /// assert_eq!(arm.number("opennat"), None);
    /// ```
    pub fn number(&self, name: &str) -> Option<u32> {
        self.system().table().by_name(name).map(|row| row.number)
    }

    /// The row of a number on this profile's usual entry.
    ///
    /// ```
    /// let arm = emu_profiles::by_name("linux_arm").expect("there is one");
    /// let openat = arm.call(322).expect("it is a call");
    /// assert_eq!((openat.name, openat.entry, openat.params.len()), ("openat", "sys_openat", 4));
    /// ```
    pub fn call(&self, number: u32) -> Option<&'static Row> {
        self.system().table().row(number)
    }

    /// Each number of this profile's usual entry with what is known of its call.
    ///
    /// ```
    /// use emu_profiles::by_name;
    /// use emu_prototypes::Meaning;
    ///
    /// let arm = by_name("linux_arm").expect("there is one");
    /// let paths = |(_, call): &(_, &emu_prototypes::CallInfo)| {
    ///     call.params.iter().any(|param| param.meaning == Meaning::Path)
    /// };
    /// let names: Vec<_> = arm.calls().filter(paths).map(|(row, _)| row.name).collect();
    /// assert_eq!(&names[..3], ["open", "creat", "link"]);
    /// ```
    pub fn calls(&self) -> impl Iterator<Item = (&'static Row, &'static CallInfo)> + use<> {
        let system = self.system();
        let rows = system.table().rows.iter();
        rows.map(move |row| (row, system.info(row)))
    }

    /// What its usual entry asks.
    #[inline]
    pub fn system(&self) -> System {
        self.entries[0].system
    }
}
