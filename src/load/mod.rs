//! What does a program look like when it starts?
//!
//! From an image in the guest's tree to an address space with the program, its interpreter, the kernel's pages and the
//! first stack. The first program and `execve` come through the same [`load`]. A failure is an errno for `execve` and
//! a line for a person.

use std::fmt;
use std::rc::Rc;

use emu_cpu::memory::Label;
use emu_cpu::{AddressSpace, Memory, Object, Reg};
use emu_profiles::{Profile, Symbol};
use emu_prototypes::linux::Errno;

use crate::kernel::linux::process::{Credentials, ImageLayout};
use crate::kernel::random::Random;
use crate::kernel::vfs::Entry;

mod elf;
mod image;
mod pages;
mod pe;
mod script;
mod stack;
#[cfg(test)]
mod tests;
mod tree;

pub use image::{Kind, identify};
pub(crate) use pe::{Image, Parameters, export, is_wide, width};
pub(crate) use stack::{MAX_STRING, MAX_STRINGS};
pub(crate) use tree::{Tree, open_entry};

/// An executable file of the guest's tree, opened.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its bytes.
    pub object: Rc<Object>,
    /// Its absolute path in the tree, device and inode.
    pub label: Rc<Label>,
    /// Its place in the tree, when it is in one.
    pub entry: Option<Rc<Entry>>,
}

/// Where interpreters are found: the guest's tree.
pub trait Programs {
    /// Opens the executable file of a path, as `execve` does: `EACCES` for what is no regular file or not executable.
    fn open(&mut self, path: &[u8]) -> Result<Program, Errno>;

    /// The same of a path whose letters may have another case, as Windows has it.
    fn open_any_case(&mut self, path: &[u8]) -> Result<Program, Errno> {
        self.open(path)
    }
}

/// What shall be loaded.
pub struct Request<'a> {
    /// The program.
    pub program: Program,
    /// Its path as it was asked for, for `AT_EXECFN` and for scripts.
    pub path: &'a [u8],
    /// Arguments.
    pub argv: Vec<Vec<u8>>,
    /// Environment.
    pub envp: Vec<Vec<u8>>,
    /// The only profile that will do, or any.
    pub profile: Option<&'static Profile>,
    /// Who runs it.
    pub credentials: &'a Credentials,
    /// Soft RLIMIT_STACK, in bytes.
    pub stack_limit: u64,
    /// Whether it is the first program of all.
    pub first: bool,
    /// Its directory, as a path of its tree. Windows alone is told of it.
    pub directory: &'a [u8],
    /// How a process of Windows starts it as another one.
    pub child: Option<&'a Child>,
}

/// What a process of Windows says of one that it starts.
#[derive(Debug, Clone)]
pub struct Child {
    pub(crate) parameters: Parameters,
    /// Numbers of the process and of its thread.
    pub(crate) client: (u64, u64),
}

/// A program ready to run.
#[derive(Debug)]
pub struct Loaded {
    /// How it asks.
    pub profile: &'static Profile,
    /// Its memory.
    pub space: AddressSpace,
    /// Where it starts: in the interpreter when it has one. Bit 0 selects Thumb on ARM.
    pub entry: u64,
    /// Its stack pointer.
    pub sp: u64,
    /// Other registers that are not zero at its start.
    pub registers: Vec<(Reg, u64)>,
    /// An x86 descriptor of its first thread: which, and what it is.
    pub descriptor: Option<(u8, u64)>,
    /// Addresses in the kernel's pages.
    pub symbols: Vec<(Symbol, u64)>,
    /// The absolute path of the file that runs (a script's interpreter).
    pub path: Vec<u8>,
    /// The file that runs, which `/proc/self/exe` names.
    pub program: Program,
    /// Its name: the last component of the path it was asked for by, at most 15 bytes.
    pub name: Vec<u8>,
    /// Where everything lies.
    pub image: ImageLayout,
    /// Whether readable memory is executable too, because the image says nothing of its stack
    /// (`READ_IMPLIES_EXEC`).
    pub read_implies_exec: bool,
}

impl Loaded {
    /// Whether it is a 32-bit program of Windows on a 64-bit system.
    pub(crate) fn is_narrow(&self) -> bool {
        let mut symbols = self.symbols.iter();
        symbols.any(|(symbol, _)| *symbol == Symbol::ProcessBlock)
    }
}

/// Why a program can't be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// What `execve` answers.
    pub errno: Errno,
    text: String,
}

impl LoadError {
    pub(crate) fn new(errno: Errno, text: impl Into<String>) -> LoadError {
        LoadError {
            errno,
            text: text.into(),
        }
    }

    /// The line for a person, about the program under the name the person knows it by.
    pub fn about(&self, shown: &str) -> crate::Error {
        crate::Error::Image(format!("{shown} {}", self.text))
    }
}

/// What is wrong, to be read behind the program's name.
impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for LoadError {}

/// Loads a program. Nothing of the caller's changes, but the random stream moves on.
pub fn load(
    memory: &Memory,
    random: &mut Random,
    programs: &mut dyn Programs,
    request: Request<'_>,
) -> Result<Loaded, LoadError> {
    let head = image::head(&request.program.object)?;
    // A program of another system can run a program of Windows no more than Linux can.
    if identify(&head).is_ok_and(|kind| kind == Kind::Pe)
        && (request.first || request.child.is_some())
    {
        return pe::load(memory, programs, request);
    }
    let name = comm(request.path);
    let (program, argv) = script::resolve(programs, request.program, request.path, request.argv)?;
    let elf = elf::Elf::parse(&program.object)?;
    let profile = elf.profile(request.profile)?;
    let interpreter = match elf.interpreter() {
        None => None,
        Some(path) => Some(elf::open_interpreter(programs, &elf, path)?),
    };

    let process = &profile.process;
    let mut space = AddressSpace::new(memory, profile.arch, process.low, process.high);
    let placed = elf.map(&mut space, profile, &program, elf::Role::Program)?;
    let linker = match &interpreter {
        None => None,
        Some((elf, program)) => {
            Some(elf.map(&mut space, profile, program, elf::Role::Interpreter)?)
        }
    };
    let symbols = pages::map(&mut space, profile)?;
    let stack = stack::build(
        &mut space,
        random,
        &stack::Plan {
            profile,
            argv: &argv,
            envp: &request.envp,
            execfn: request.path,
            credentials: request.credentials,
            limit: request.stack_limit,
            executable: elf.stack_is_executable(),
            program: &placed,
            base: linker.as_ref().map_or(0, |linker| linker.bias),
            sysinfo: symbols
                .iter()
                .find(|(s, _)| *s == Symbol::Sysinfo)
                .map(|(_, a)| *a),
        },
    )?;
    let mut sp = stack.sp;
    let registers: Vec<_> = process.arguments.map(|reg| (reg, sp)).into_iter().collect();
    if !registers.is_empty() {
        sp = ((sp - 8) & !(process.stack_align - 1)) + 8;
    }
    Ok(Loaded {
        profile,
        space,
        entry: linker.as_ref().map_or(placed.entry, |linker| linker.entry),
        sp,
        registers,
        descriptor: None,
        image: ImageLayout {
            console: false,
            code: placed.code,
            data: placed.data,
            brk_start: placed.brk,
            brk: placed.brk,
            stack_start: stack.sp,
            arguments: stack.arguments,
            environment: stack.environment,
            auxv: stack.auxv,
            entry: placed.entry,
        },
        symbols,
        path: program.label.name.to_vec(),
        program,
        name,
        read_implies_exec: elf.read_implies_exec(),
    })
}

/// The name of a task that runs a path.
fn comm(path: &[u8]) -> Vec<u8> {
    let last = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    last[..last.len().min(15)].to_vec()
}
