//! What is on the stack when a program starts?
//!
//! From the top down: the path, the environment, the arguments, the platform's name, 16 random bytes; then, upwards from
//! the stack pointer, the argument count, pointers to arguments and environment, the auxiliary vector.
//! [Linux fs/exec.c, fs/binfmt_elf.c create_elf_tables]

use emu_cpu::memory::{Backing, Label, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, Endian, Prot};
use emu_profiles::{Os, Profile};
use emu_prototypes::linux::Errno;

use super::LoadError;
use super::elf::{Placed, no_memory, no_room};
use crate::kernel::linux::process::Credentials;
use crate::kernel::random::Random;
use crate::kernel::time::TICKS;

/// The longest single string.   [Linux include/uapi/linux/binfmts.h, MAX_ARG_STRLEN: 32 pages]
pub(crate) const MAX_STRING: usize = 32 * PAGE as usize;
/// What arguments and environment may take together, whatever the stack's limit.   [Linux fs/exec.c, bprm_stack_limits]
pub(crate) const MAX_STRINGS: u64 = 6 << 20;
/// What they may take at least.   [ARG_MAX]
const MIN_STRINGS: u64 = 32 * PAGE;
/// Left free between the stack and the mappings below it, in bytes.
const GUARD: u64 = 1 << 20;
/// The smallest stack.
const MIN_STACK: u64 = 32 * PAGE + MIN_STRINGS;

/// What goes on the stack.
pub(super) struct Plan<'a> {
    pub(super) profile: &'static Profile,
    pub(super) argv: &'a [Vec<u8>],
    pub(super) envp: &'a [Vec<u8>],
    pub(super) execfn: &'a [u8],
    pub(super) credentials: &'a Credentials,
    pub(super) limit: u64,
    pub(super) executable: bool,
    pub(super) program: &'a Placed,
    /// Where the interpreter is, 0 without one.
    pub(super) base: u64,
    pub(super) sysinfo: Option<u64>,
}

/// Where it is.
pub(super) struct Stack {
    pub(super) sp: u64,
    pub(super) arguments: (u64, u64),
    pub(super) environment: (u64, u64),
    pub(super) auxv: Vec<u8>,
}

/// Maps the stack and fills it.
pub(super) fn build(
    space: &mut AddressSpace,
    random: &mut Random,
    plan: &Plan<'_>,
) -> Result<Stack, LoadError> {
    let too_big = || LoadError::new(Errno::E2BIG, "gets too many arguments, or too long ones");
    let process = &plan.profile.process;
    let top = process.stack_top;
    let room = top
        .saturating_sub(process.mmap_top)
        .saturating_sub(GUARD)
        .max(MIN_STACK);
    let size = (plan.limit.clamp(MIN_STACK, room) / PAGE) * PAGE;

    let (word, endian) = (plan.profile.pointer(), plan.profile.arch.endian());
    let strings = || plan.argv.iter().chain(plan.envp);
    if strings().any(|string| string.len() >= MAX_STRING) || plan.execfn.len() >= MAX_STRING {
        return Err(too_big());
    }
    let bytes: u64 = strings().map(|string| string.len() as u64 + 1 + word).sum();
    if bytes > (size / 4).clamp(MIN_STRINGS, MAX_STRINGS) {
        return Err(too_big());
    }

    let prot = Prot::READ
        | Prot::WRITE
        | if plan.executable {
            Prot::EXEC
        } else {
            Prot::empty()
        };
    let label = Some(Label::named("[stack]"));
    if !space.is_free(top - size, size) {
        return Err(LoadError::new(
            Errno::ENOMEM,
            "lies where the stack has to be",
        ));
    }
    space
        .map_with(
            top - size,
            size,
            prot,
            Backing::Anonymous,
            label,
            RegionFlags::GROWS_DOWN,
        )
        .map_err(no_room)?;

    // Strings, in the order of their addresses.
    let mut block = Block::new(top);
    block.push(&vec![0; word as usize]);
    let execfn = block.push_string(plan.execfn);
    let environment_end = execfn;
    let envp: Vec<u64> = plan
        .envp
        .iter()
        .rev()
        .map(|s| block.push_string(s))
        .collect();
    let arguments_end = block.at();
    let argv: Vec<u64> = plan
        .argv
        .iter()
        .rev()
        .map(|s| block.push_string(s))
        .collect();
    let arguments_start = block.at();
    block.align(16);
    let platform = match plan.profile.platform {
        "" => None,
        name => Some(block.push_string(name.as_bytes())),
    };
    let mut seed = [0; 16];
    random.fill(&mut seed);
    let seed = block.push(&seed);

    let places = Places {
        seed,
        execfn,
        platform,
    };
    let auxv = match plan.profile.system().os() {
        Os::FreeBsd => freebsd_auxv(plan, &places),
        _ => linux_auxv(plan, &places),
    };
    let words = 1 + (argv.len() + 1 + envp.len() + 1 + 2 * auxv.len()) as u64;
    let align = process.stack_align.max(16);
    let sp = (block.at() - words * word) & !(align - 1);
    let mut table = Words {
        bytes: Vec::new(),
        endian,
        word,
    };
    table.push(argv.len() as u64);
    argv.iter().rev().for_each(|address| table.push(*address));
    table.push(0);
    envp.iter().rev().for_each(|address| table.push(*address));
    table.push(0);
    let vector = table.bytes.len();
    for (kind, value) in auxv {
        table.push(kind);
        table.push(value);
    }

    space.poke(block.at(), &block.bytes()).map_err(no_memory)?;
    space.poke(sp, &table.bytes).map_err(no_memory)?;
    Ok(Stack {
        sp,
        arguments: (arguments_start, arguments_end),
        environment: (arguments_end, environment_end),
        auxv: table.bytes[vector..].to_vec(),
    })
}

/// Addresses that an auxiliary vector tells.
struct Places {
    /// 16 random bytes.
    seed: u64,
    execfn: u64,
    platform: Option<u64>,
}

fn linux_auxv(plan: &Plan<'_>, places: &Places) -> Vec<(u64, u64)> {
    // Not every kernel gives every entry; programs look for the ones they know.
    let abi = plan.profile.system().linux();
    let k = abi.k;
    let who = plan.credentials;
    let secure = who.uid != who.euid || who.gid != who.egid;
    let mut auxv = Vec::new();
    auxv.extend(plan.sysinfo.map(|address| (k.AT_SYSINFO, address)));
    auxv.extend([
        (k.AT_HWCAP, plan.profile.hwcap),
        (k.AT_PAGESZ, PAGE),
        (k.AT_CLKTCK, TICKS),
        (k.AT_PHDR, plan.program.headers),
        (k.AT_PHENT, plan.program.header_size),
        (k.AT_PHNUM, plan.program.header_count),
        (k.AT_BASE, plan.base),
        (k.AT_FLAGS, 0),
        (k.AT_ENTRY, plan.program.entry),
        (k.AT_UID, u64::from(who.uid)),
        (k.AT_EUID, u64::from(who.euid)),
        (k.AT_GID, u64::from(who.gid)),
        (k.AT_EGID, u64::from(who.egid)),
        (k.AT_SECURE, u64::from(secure)),
        (k.AT_RANDOM, places.seed),
        (k.AT_HWCAP2, plan.profile.hwcap2),
        (k.AT_EXECFN, places.execfn),
    ]);
    auxv.extend(places.platform.map(|address| (k.AT_PLATFORM, address)));
    auxv.push((k.AT_NULL, 0));

    auxv
}

/// [FreeBSD sys/sys/elf_common.h, AT_*; sys/kern/imgact_elf.c, elf_freebsd_copyout_auxargs]
fn freebsd_auxv(plan: &Plan<'_>, places: &Places) -> Vec<(u64, u64)> {
    const RELEASE: u64 = 1_400_097;
    vec![
        (3, plan.program.headers),
        (4, plan.program.header_size),
        (5, plan.program.header_count),
        (6, PAGE),
        (8, 0),
        (9, plan.program.entry),
        (7, plan.base),
        // AT_EXECPATH, AT_OSRELDATE, AT_CANARY, AT_CANARYLEN, AT_NCPUS
        (15, places.execfn),
        (18, RELEASE),
        (16, places.seed),
        (17, 16),
        (19, 1),
        (0, 0),
    ]
}

/// Bytes that are put below each other, from an address downwards.
struct Block {
    at: u64,
    /// Backwards.
    bytes: Vec<u8>,
}

impl Block {
    fn new(top: u64) -> Block {
        Block {
            at: top,
            bytes: Vec::new(),
        }
    }

    fn at(&self) -> u64 {
        self.at
    }

    fn push(&mut self, bytes: &[u8]) -> u64 {
        self.bytes.extend(bytes.iter().rev());
        self.at -= bytes.len() as u64;
        self.at
    }

    fn push_string(&mut self, string: &[u8]) -> u64 {
        self.push(&[0]);
        self.push(string)
    }

    fn align(&mut self, align: u64) {
        while !self.at.is_multiple_of(align) {
            self.push(&[0]);
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.iter().rev().copied().collect()
    }
}

/// Machine words one behind the other.
struct Words {
    bytes: Vec<u8>,
    endian: Endian,
    word: u64,
}

impl Words {
    fn push(&mut self, value: u64) {
        match (self.word, self.endian) {
            (4, Endian::Little) => self.bytes.extend((value as u32).to_le_bytes()),
            (4, Endian::Big) => self.bytes.extend((value as u32).to_be_bytes()),
            (_, Endian::Little) => self.bytes.extend(value.to_le_bytes()),
            (_, Endian::Big) => self.bytes.extend(value.to_be_bytes()),
        }
    }
}
