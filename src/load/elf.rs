//! How does an ELF image come into memory?

use emu_cpu::memory::{Backing, MapError, PAGE};
use emu_cpu::{AddressSpace, Endian, Fault, Object, Prot};
use emu_profiles::{Os, Profile};
use emu_prototypes::linux::Errno;
use goblin::container::{Container, Ctx};
use goblin::elf::header::{EI_CLASS, EI_DATA, EI_OSABI, ELFCLASS32, ELFCLASS64, ELFDATA2LSB};
use goblin::elf::header::{ELFDATA2MSB, ET_CORE, ET_DYN, ET_EXEC, ET_REL};
use goblin::elf::header::{Header, header64};
use goblin::elf::program_header::{PF_R, PF_W, PF_X, PT_GNU_STACK, PT_INTERP, PT_LOAD};
use goblin::elf::program_header::{ProgramHeader, pt_to_str};

use super::image::{self, Kind, unreadable};
use super::{LoadError, Program, Programs};

/// What program headers may take together, in bytes.   [Linux fs/binfmt_elf.c, load_elf_phdrs]
const MAX_HEADERS: u64 = 65536;
/// The longest path of an interpreter.   [PATH_MAX]
const MAX_PATH: u64 = 4096;

/// An ELF image whose headers make sense.
pub(super) struct Elf {
    header: Header,
    segments: Vec<ProgramHeader>,
    interpreter: Option<Vec<u8>>,
    len: u64,
}

/// What an image is loaded as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Program,
    Interpreter,
}

/// Where an image was put.
#[derive(Debug, Clone, Default)]
pub(super) struct Placed {
    /// What was added to its addresses.
    pub(super) bias: u64,
    pub(super) entry: u64,
    /// The program headers in memory.
    pub(super) headers: u64,
    pub(super) header_size: u64,
    pub(super) header_count: u64,
    pub(super) code: (u64, u64),
    pub(super) data: (u64, u64),
    /// The first page behind it.
    pub(super) brk: u64,
}

/// Images that have a known machine and are not for the profile one would think of.
struct Foreign {
    machine: u16,
    class: u8,
    mask: u32,
    flags: u32,
    what: &'static str,
}

/// [ELF x86-64 psABI; MIPS e_flags: EF_MIPS_ABI, EF_MIPS_ARCH; ARM e_flags: EF_ARM_EABIMASK]
const FOREIGN: &[Foreign] = &[
    Foreign {
        machine: 62,
        class: ELFCLASS32,
        mask: 0,
        flags: 0,
        what: "an x32 image",
    },
    Foreign {
        machine: 183,
        class: ELFCLASS32,
        mask: 0,
        flags: 0,
        what: "an ARM64 ILP32 image",
    },
    Foreign {
        machine: 8,
        class: ELFCLASS32,
        mask: 0xf000,
        flags: 0x2000,
        what: "a MIPS O64 image",
    },
    Foreign {
        machine: 8,
        class: ELFCLASS32,
        mask: 0xf000_0000,
        flags: 0x9000_0000,
        what: "a MIPS release 6 image",
    },
    Foreign {
        machine: 8,
        class: ELFCLASS32,
        mask: 0xf000_0000,
        flags: 0xa000_0000,
        what: "a MIPS release 6 image",
    },
    Foreign {
        machine: 8,
        class: ELFCLASS64,
        mask: 0xf000_0000,
        flags: 0xa000_0000,
        what: "a MIPS release 6 image",
    },
];

/// Systems whose images say so.   [ELF gABI, EI_OSABI]
const SYSTEMS: &[(u8, &str)] = &[
    (2, "NetBSD"),
    (6, "Solaris"),
    (7, "AIX"),
    (8, "IRIX"),
    (10, "Tru64"),
    (12, "OpenBSD"),
];

/// FreeBSD's.   [FreeBSD sys/sys/elf_common.h, ELFOSABI_FREEBSD]
const FREEBSD: u8 = 9;

/// Names of machines that no profile runs.   [ELF gABI, e_machine]
const MACHINES: &[(u16, &str)] = &[
    (2, "SPARC"),
    (3, "x86"),
    (4, "m68k"),
    (8, "MIPS"),
    (15, "PA-RISC"),
    (20, "PowerPC"),
    (21, "PowerPC"),
    (22, "S/390"),
    (40, "ARM"),
    (42, "SuperH"),
    (43, "SPARC"),
    (50, "Itanium"),
    (62, "x86-64"),
    (83, "AVR"),
    (94, "Xtensa"),
    (183, "ARM64"),
    (189, "MicroBlaze"),
    (243, "RISC-V"),
    (247, "BPF"),
    (258, "LoongArch"),
    (0x9026, "Alpha"),
];

fn bad(text: impl Into<String>) -> LoadError {
    LoadError::new(Errno::ENOEXEC, text)
}

pub(super) fn no_room(error: MapError) -> LoadError {
    LoadError::new(Errno::ENOMEM, format!("can't be mapped: {error}"))
}

pub(super) fn no_memory(fault: Fault) -> LoadError {
    LoadError::new(Errno::ENOMEM, format!("can't be loaded: {fault}"))
}

impl Elf {
    /// Reads and checks the headers.
    pub(super) fn parse(object: &Object) -> Result<Elf, LoadError> {
        let len = object.len();
        let head = image::head(object)?;
        if image::identify(&head)? != Kind::Elf {
            return Err(bad("is not an ELF image"));
        }
        let header = parse_header(&head, len)?;
        let ctx = context(&header);
        let one = ProgramHeader::size(ctx) as u64;
        let (count, size) = (u64::from(header.e_phnum), u64::from(header.e_phentsize));
        if count == 0 {
            return Err(bad(match header.e_type {
                ET_REL => "is a relocatable object: link it first",
                _ => "is corrupt: it has no program headers",
            }));
        }
        if size != one {
            return Err(bad(format!(
                "is corrupt: its program headers have {size} bytes, not {one}"
            )));
        }
        if count * size > MAX_HEADERS {
            return Err(bad(format!("is corrupt: it has {count} program headers")));
        }
        let mut bytes = vec![0; (count * size) as usize];
        let end = header
            .e_phoff
            .checked_add(count * size)
            .filter(|end| *end <= len);
        if end.is_none() || read(object, header.e_phoff, &mut bytes)? < bytes.len() {
            return Err(bad(format!(
                "is truncated or corrupt: program headers at {:#x}, but it has {len:#x} bytes",
                header.e_phoff
            )));
        }
        let segments = ProgramHeader::parse(&bytes, 0, count as usize, ctx)
            .map_err(|error| bad(format!("is corrupt: {error}")))?;
        let mut elf = Elf {
            header,
            segments,
            interpreter: None,
            len,
        };
        elf.check_type()?;
        elf.interpreter = elf.read_interpreter(object)?;
        elf.check_segments()?;
        if elf.header.e_entry == 0 && elf.header.e_type == ET_DYN {
            return Err(bad("is a shared library: it has no entry point"));
        }
        Ok(elf)
    }

    fn check_type(&self) -> Result<(), LoadError> {
        match self.header.e_type {
            ET_EXEC | ET_DYN => Ok(()),
            ET_REL => Err(bad("is a relocatable object: link it first")),
            ET_CORE => Err(bad("is a core file: it can be looked at, not run")),
            other => Err(bad(format!("is no program: its ELF type is {other:#x}"))),
        }
    }

    fn loads(&self) -> impl Iterator<Item = (usize, &ProgramHeader)> {
        self.segments
            .iter()
            .enumerate()
            .filter(|(_, segment)| segment.p_type == PT_LOAD)
    }

    fn check_segments(&self) -> Result<(), LoadError> {
        let mut ranges: Vec<(u64, u64, usize)> = Vec::new();
        for (index, segment) in self.loads() {
            let corrupt = |what: &str| bad(format!("is corrupt: segment {index} {what}"));
            if segment.p_memsz < segment.p_filesz {
                return Err(corrupt("is larger in the file than in memory"));
            }
            if segment.p_memsz == 0 {
                continue;
            }
            let end = segment
                .p_vaddr
                .checked_add(segment.p_memsz)
                .filter(|end| *end <= u64::MAX - 2 * PAGE)
                .ok_or_else(|| corrupt("does not fit into the address space"))?;
            if segment.p_filesz > 0 {
                if segment.p_vaddr % PAGE != segment.p_offset % PAGE {
                    return Err(corrupt("lies differently in pages of file and memory"));
                }
                let file_end = segment.p_offset.checked_add(segment.p_filesz);
                if file_end.is_none_or(|end| end > self.len) {
                    return Err(bad(format!(
                        "is truncated or corrupt: segment {index} takes {:#x} bytes at {:#x}, but it has {:#x} bytes",
                        segment.p_filesz, segment.p_offset, self.len
                    )));
                }
            }
            if segment.p_align > 1 && !segment.p_align.is_power_of_two() {
                return Err(corrupt("has an alignment that is no power of two"));
            }
            ranges.push((segment.p_vaddr, end, index));
        }
        if ranges.is_empty() {
            return Err(bad("is corrupt: it has nothing to load"));
        }
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            let ((_, end, one), (start, _, two)) = (pair[0], pair[1]);
            if start < end {
                return Err(bad(format!("is corrupt: segments {one} and {two} overlap")));
            }
        }
        Ok(())
    }

    fn read_interpreter(&self, object: &Object) -> Result<Option<Vec<u8>>, LoadError> {
        let Some(segment) = self.segments.iter().find(|s| s.p_type == PT_INTERP) else {
            return Ok(None);
        };
        let corrupt = || {
            bad(format!(
                "is corrupt: {} makes no sense",
                pt_to_str(PT_INTERP)
            ))
        };
        if !(2..=MAX_PATH).contains(&segment.p_filesz) {
            return Err(corrupt());
        }
        let mut path = vec![0; segment.p_filesz as usize];
        if segment.p_offset > self.len || read(object, segment.p_offset, &mut path)? < path.len() {
            return Err(corrupt());
        }
        if path.pop() != Some(0) {
            return Err(corrupt());
        }
        if let Some(end) = path.iter().position(|byte| *byte == 0) {
            path.truncate(end);
        }
        Ok(Some(path))
    }

    /// The path of its interpreter.
    pub(super) fn interpreter(&self) -> Option<&[u8]> {
        self.interpreter.as_deref()
    }

    /// The profile that runs it, which has to be `wanted` if that is given.
    pub(super) fn profile(
        &self,
        wanted: Option<&'static Profile>,
    ) -> Result<&'static Profile, LoadError> {
        let header = &self.header;
        let class = header.e_ident[EI_CLASS];
        if let Some((_, system)) = SYSTEMS
            .iter()
            .find(|(os, _)| *os == header.e_ident[EI_OSABI])
        {
            return Err(bad(format!("is a {system} image; no profile runs those")));
        }
        let foreign = FOREIGN.iter().find(|foreign| {
            foreign.machine == header.e_machine
                && foreign.class == class
                && header.e_flags & foreign.mask == foreign.flags
        });
        if let Some(foreign) = foreign {
            return Err(bad(format!("is {}; no profile runs those", foreign.what)));
        }
        let own = if header.e_ident[EI_OSABI] == FREEBSD {
            emu_profiles::all().find(|own| own.system().os() == Os::FreeBsd && self.is_for(own))
        } else if self.is_of_old_arm() {
            emu_profiles::by_name("linux_arm_oabi")
        } else {
            let mut linux = emu_profiles::ALL.iter().copied();
            linux.find(|own| self.is_for(own))
        };
        match (own, wanted) {
            (Some(own), None) => Ok(own),
            (_, Some(wanted)) if self.is_for(wanted) => Ok(wanted),
            (Some(own), Some(wanted)) => Err(bad(format!(
                "is a {} image; {} runs {}. Try --profile {}.",
                self.describe(),
                wanted.name,
                describe_profile(wanted),
                own.name
            ))),
            (None, Some(wanted)) => Err(bad(format!(
                "is a {} image; {} runs {}, and no other profile runs it either.",
                self.describe(),
                wanted.name,
                describe_profile(wanted)
            ))),
            (None, None) => Err(bad(format!(
                "is a {} image; no profile runs those",
                self.describe()
            ))),
        }
    }

    fn is_for(&self, profile: &Profile) -> bool {
        let row = profile.arch.row();
        let narrow = self.header.e_ident[EI_CLASS] == ELFCLASS32;
        row.elf_machine == self.header.e_machine
            && (profile.pointer() == 4) == narrow
            && (row.bits == 64) == (!narrow || self.is_n32())
            && (row.endian == Endian::Big) == (self.header.e_ident[EI_DATA] == ELFDATA2MSB)
    }

    /// Whether it is for ARM before EABI.   [ELF for the Arm Architecture, EF_ARM_ABIMASK]
    fn is_of_old_arm(&self) -> bool {
        let header = &self.header;
        header.e_machine == 40
            && header.e_ident[EI_CLASS] == ELFCLASS32
            && header.e_ident[EI_DATA] == ELFDATA2LSB
            && header.e_flags & 0xff00_0000 == 0
    }

    /// Whether it has 32-bit pointers in 64-bit registers.   [MIPS e_flags: EF_MIPS_ABI2]
    fn is_n32(&self) -> bool {
        let header = &self.header;
        header.e_machine == 8
            && header.e_ident[EI_CLASS] == ELFCLASS32
            && header.e_flags & 0x20 != 0
    }

    /// Such as `32-bit big-endian MIPS`.
    fn describe(&self) -> String {
        let header = &self.header;
        let bits = if header.e_ident[EI_CLASS] == ELFCLASS64 {
            64
        } else {
            32
        };
        let order = if header.e_ident[EI_DATA] == ELFDATA2MSB {
            "big"
        } else {
            "little"
        };
        match MACHINES
            .iter()
            .find(|(machine, _)| *machine == header.e_machine)
        {
            Some((_, name)) => {
                let abi = if self.is_n32() { " N32" } else { "" };
                format!("{bits}-bit {order}-endian {name}{abi}")
            }
            None => format!("{bits}-bit {order}-endian ELF machine {}", header.e_machine),
        }
    }

    /// Whether its stack can be executed.
    pub(super) fn stack_is_executable(&self) -> bool {
        match self.stack_header() {
            Some(flags) => flags & PF_X != 0,
            None => self.read_implies_exec(),
        }
    }

    /// Whether all that is readable can be executed, as 32-bit systems do for images that say nothing of their stack.
    // arch/x86/include/asm/elf.h, arch/arm/kernel/elf.c, arch/mips/kernel/elf.c: elf_read_implies_exec
    pub(super) fn read_implies_exec(&self) -> bool {
        self.stack_header().is_none() && self.header.e_ident[EI_CLASS] == ELFCLASS32
    }

    fn stack_header(&self) -> Option<u32> {
        self.segments
            .iter()
            .find(|s| s.p_type == PT_GNU_STACK)
            .map(|segment| segment.p_flags)
    }

    /// Maps its segments.
    pub(super) fn map(
        &self,
        space: &mut AddressSpace,
        profile: &Profile,
        program: &Program,
        role: Role,
    ) -> Result<Placed, LoadError> {
        let process = &profile.process;
        let filled = || {
            self.loads()
                .map(|(_, segment)| segment)
                .filter(|s| s.p_memsz > 0)
        };
        let low = filled().map(|s| page_down(s.p_vaddr)).min().unwrap_or(0);
        let high = filled()
            .map(|s| page_up(s.p_vaddr + s.p_memsz))
            .max()
            .unwrap_or(0);
        let size = high - low;
        let room = space.memory().limit().max(1 << 30);
        if size > process.high - process.low
            || filled().map(|s| s.p_memsz).fold(0, u64::saturating_add) > room
        {
            return Err(LoadError::new(
                Errno::ENOMEM,
                format!("is corrupt or too large: it takes {size:#x} bytes of memory"),
            ));
        }
        let align = filled()
            .map(|s| s.p_align)
            .filter(|a| a.is_power_of_two())
            .max()
            .unwrap_or(1)
            .max(PAGE);

        // A program that needs an interpreter has a place of its own; one that needs none may itself be an
        // interpreter, and goes where mappings go, out of the way of what it loads.
        let bias = match (self.header.e_type, role) {
            (ET_DYN, Role::Program) if self.interpreter.is_some() => {
                page_down(process.pie_base.next_multiple_of(align.min(1 << 30))).wrapping_sub(low)
            }
            (ET_DYN, _) => space
                .find_free(size, process.mmap_top, align)
                .ok_or_else(|| no_room(MapError::NoMemory))?
                .wrapping_sub(low),
            _ => 0,
        };
        let (first, last) = (low.wrapping_add(bias), high.wrapping_add(bias));
        if first < process.low || last > process.high || last < first {
            return Err(bad(format!(
                "can't be loaded at {first:#x}: {} has {:#x} to {:#x}",
                profile.name, process.low, process.high
            )));
        }
        if role == Role::Interpreter && !space.is_free(first, size) {
            return Err(bad("is where another image already is"));
        }

        let mut placed = Placed {
            bias,
            entry: mask(profile, self.header.e_entry.wrapping_add(bias)),
            headers: self.headers_at(bias),
            header_size: u64::from(self.header.e_phentsize),
            header_count: u64::from(self.header.e_phnum),
            code: (u64::MAX, 0),
            data: (0, 0),
            brk: 0,
        };
        for segment in filled() {
            self.map_segment(space, program, segment, bias)?;
            let start = segment.p_vaddr.wrapping_add(bias);
            let (file_end, end) = (start + segment.p_filesz, start + segment.p_memsz);
            if segment.p_flags & PF_X != 0 {
                placed.code = (placed.code.0.min(start), placed.code.1.max(file_end));
            }
            if start > placed.data.0 {
                placed.data.0 = start;
            }
            placed.data.1 = placed.data.1.max(file_end);
            placed.brk = placed.brk.max(page_up(end));
        }
        if placed.code.0 == u64::MAX {
            placed.code = (0, 0);
        }
        // A static position-independent program lies among the mappings, where a heap could not grow.
        if self.header.e_type == ET_DYN && self.interpreter.is_none() {
            placed.brk = page_down(process.pie_base);
        }
        Ok(placed)
    }

    fn map_segment(
        &self,
        space: &mut AddressSpace,
        program: &Program,
        segment: &ProgramHeader,
        bias: u64,
    ) -> Result<(), LoadError> {
        let mut prot = Prot::empty();
        for (flag, right) in [(PF_R, Prot::READ), (PF_W, Prot::WRITE), (PF_X, Prot::EXEC)] {
            if segment.p_flags & flag != 0 {
                prot |= right;
            }
        }
        if self.read_implies_exec() && prot.contains(Prot::READ) {
            prot |= Prot::EXEC;
        }
        let start = segment.p_vaddr.wrapping_add(bias);
        let file_end = start + segment.p_filesz;
        let end = start + segment.p_memsz;
        let mut mapped = page_down(start);
        if segment.p_filesz > 0 {
            let backing = Backing::Private {
                object: program.object.clone(),
                offset: page_down(segment.p_offset),
            };
            let len = page_up(file_end) - mapped;
            space
                .map(mapped, len, prot, backing, Some(program.label.clone()))
                .map_err(no_room)?;
            mapped += len;
            // What the file has behind the segment must not be seen where memory begins to be zero.
            if end > file_end && mapped > file_end {
                let tail = vec![0; (mapped - file_end) as usize];
                space.poke(file_end, &tail).map_err(no_memory)?;
            }
        }
        if page_up(end) > mapped {
            let len = page_up(end) - mapped;
            space
                .map(mapped, len, prot, Backing::Anonymous, None)
                .map_err(no_room)?;
        }
        Ok(())
    }

    /// Where the program headers are in memory: in the segment that has their part of the file, or nowhere.
    fn headers_at(&self, bias: u64) -> u64 {
        let offset = self.header.e_phoff;
        let inside = |s: &ProgramHeader| s.p_offset <= offset && offset - s.p_offset < s.p_filesz;
        match self
            .loads()
            .map(|(_, segment)| segment)
            .find(|segment| inside(segment))
        {
            Some(s) => (offset - s.p_offset)
                .wrapping_add(s.p_vaddr)
                .wrapping_add(bias),
            None => 0,
        }
    }
}

/// Opens the interpreter of a program.
pub(super) fn open_interpreter(
    programs: &mut dyn Programs,
    elf: &Elf,
    path: &[u8],
) -> Result<(Elf, Program), LoadError> {
    let shown = String::from_utf8_lossy(path);
    let program = programs.open(path).map_err(|errno| {
        let hint = if errno == Errno::ENOENT {
            ". Try --root with a tree that has it"
        } else {
            ""
        };
        LoadError::new(
            errno,
            format!("needs the interpreter {shown}: {}{hint}", errno.text()),
        )
    })?;
    let library = |error: LoadError| {
        LoadError::new(
            Errno::ELIBBAD,
            format!("needs the interpreter {shown}, which {error}"),
        )
    };
    let interpreter = Elf::parse(&program.object).map_err(library)?;
    let same = |a: &Header, b: &Header| {
        a.e_machine == b.e_machine
            && a.e_ident[EI_CLASS] == b.e_ident[EI_CLASS]
            && a.e_ident[EI_DATA] == b.e_ident[EI_DATA]
    };
    if !same(&elf.header, &interpreter.header) {
        let found = interpreter.describe();
        return Err(library(bad(format!(
            "is a {found} image, the program a {} one",
            elf.describe()
        ))));
    }
    Ok((interpreter, program))
}

fn parse_header(head: &[u8], len: u64) -> Result<Header, LoadError> {
    let truncated = || bad(format!("is truncated: it has {len} bytes"));
    let class = *head.get(EI_CLASS).ok_or_else(truncated)?;
    let order = *head.get(EI_DATA).ok_or_else(truncated)?;
    if !matches!(class, ELFCLASS32 | ELFCLASS64) {
        return Err(bad(format!("is corrupt: its ELF class is {class}")));
    }
    if !matches!(order, ELFDATA2LSB | ELFDATA2MSB) {
        return Err(bad(format!("is corrupt: its ELF byte order is {order}")));
    }
    if head.len()
        < if class == ELFCLASS64 {
            header64::SIZEOF_EHDR
        } else {
            52
        }
    {
        return Err(truncated());
    }
    goblin::elf::Elf::parse_header(head).map_err(|error| bad(format!("is corrupt: {error}")))
}

fn context(header: &Header) -> Ctx {
    let container = match header.e_ident[EI_CLASS] {
        ELFCLASS64 => Container::Big,
        _ => Container::Little,
    };
    let endian = match header.e_ident[EI_DATA] {
        ELFDATA2MSB => goblin::container::Endian::Big,
        _ => goblin::container::Endian::Little,
    };
    Ctx::new(container, endian)
}

fn describe_profile(profile: &Profile) -> String {
    let row = profile.arch.row();
    let order = if row.endian == Endian::Big {
        "big"
    } else {
        "little"
    };
    let bits = 8 * profile.pointer();
    format!("{bits}-bit {order}-endian {}", row.name)
}

fn mask(profile: &Profile, address: u64) -> u64 {
    address & profile.arch.address_mask()
}

/// Reads as much of `bytes` as the object has.
fn read(object: &Object, offset: u64, bytes: &mut [u8]) -> Result<usize, LoadError> {
    let mut done = 0;
    while done < bytes.len() {
        match object
            .read(offset + done as u64, &mut bytes[done..])
            .map_err(unreadable)?
        {
            0 => break,
            n => done += n,
        }
    }
    Ok(done)
}

fn page_down(address: u64) -> u64 {
    address & !(PAGE - 1)
}

/// The caller knows that the address is at least two pages below the end of all numbers.
fn page_up(address: u64) -> u64 {
    page_down(address + (PAGE - 1))
}
