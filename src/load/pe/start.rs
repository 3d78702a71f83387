//! What does NT put into a process before its first instruction?
//!
//! The process's block (PEB), the first thread's (TEB), its stack, and code to which the
//! program's entry point returns. Offsets are those of both widths.   [winternl.h; the headers of the crate phnt, ntpebteb.h,
//! ntrtl.h]

use emu_cpu::memory::{Backing, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, Arch, Reg, x86, x86_64};
use emu_profiles::Profile;

use super::headers::Pe;
use super::image::GRANULARITY;
use super::imports::Modules;
use super::init::{self, Way};
use super::parameters::Parameters;
use super::{bad, modules, no_memory};
use crate::kernel::nt::memory::{Tag, page};
use crate::kernel::nt::thread::end_code;
use crate::kernel::nt::thread::teb::{self, Teb};
use crate::kernel::nt::{FIRST_PROCESS, blocks};
use crate::load::elf::no_room;
use crate::load::{Child, LoadError};

/// What the process is told.
pub(super) struct Plan<'a> {
    /// The program's image, and where it is.
    pub(super) own: (&'a Pe, u64),
    pub(super) path: &'a [u8],
    pub(super) argv: &'a [Vec<u8>],
    pub(super) envp: &'a [Vec<u8>],
    /// Its directory, as a path of its tree.
    pub(super) directory: &'a [u8],
    /// What another process says, when one starts it.
    pub(super) child: Option<&'a Child>,
}

impl Plan<'_> {
    /// The numbers of the process and of its first thread.
    pub(super) fn client(&self) -> (u64, u64) {
        self.child.map_or(FIRST_PROCESS, |child| child.client)
    }

    /// Puts its parameters into the memory of the process, for words of a width, below an address.
    pub(super) fn parameters(
        &self,
        space: &mut AddressSpace,
        (word, top): (u64, u64),
    ) -> Result<u64, LoadError> {
        match self.child {
            Some(child) => child.parameters.put(space, word, top),
            None => Parameters::first(self)?.put(space, word, top),
        }
    }
}

/// How the first thread starts.
pub(super) struct Start {
    pub(super) pc: u64,
    pub(super) sp: u64,
    pub(super) registers: Vec<(Reg, u64)>,
    pub(super) descriptor: Option<(u8, u64)>,
}

/// Where things have been put.
pub(super) struct Places {
    pub(super) parameters: u64,
    /// Limit and base.
    pub(super) stack: (u64, u64),
    /// The lists of images, 0 where the process makes them itself.
    pub(super) lists: u64,
    /// Thread-local storage, 0 without any.
    pub(super) storage: u64,
    /// Pages of the process's block.
    pub(super) peb_pages: u64,
}

/// Where things are in the structures of one width: pointers of 4 bytes, and of 8.
pub(super) struct Offsets {
    pub(super) pointer: u64,
    pub(super) teb: u64,
    pub(super) peb: u64,
    // The process's block.
    mutant: u64,
    image: u64,
    lists: u64,
    parameters: u64,
    processors: u64,
    subsystem: u64,
}

pub(super) const NARROW: Offsets = Offsets {
    pointer: 4,
    teb: blocks(4).0,
    peb: blocks(4).1,
    mutant: 4,
    image: 8,
    lists: 0xc,
    parameters: 0x10,
    processors: 0x64,
    subsystem: 0xb4,
};

pub(super) const WIDE: Offsets = Offsets {
    pointer: 8,
    teb: blocks(8).0,
    peb: blocks(8).1,
    mutant: 8,
    image: 0x10,
    lists: 0x18,
    parameters: 0x20,
    processors: 0xb8,
    subsystem: 0x128,
};

/// Those of a profile.
pub(super) fn offsets(profile: &Profile) -> &'static Offsets {
    if profile.pointer() == 8 {
        &WIDE
    } else {
        &NARROW
    }
}

/// Builds all that.
pub(super) fn build(
    space: &mut AddressSpace,
    profile: &Profile,
    plan: &Plan<'_>,
    modules: &Modules<'_>,
) -> Result<Start, LoadError> {
    let (pe, base) = plan.own;
    let offsets = offsets(profile);
    let parameters = plan.parameters(space, (profile.pointer(), profile.process.mmap_top))?;
    let stack = stack(space, profile, plan)?;
    let back = way_back(space, profile)?;
    let places = Places {
        parameters,
        stack,
        lists: modules::build(space, profile, modules)?,
        storage: init::storage(space, profile, modules)?,
        peb_pages: 1,
    };
    fill_blocks(space, plan, offsets, &places)?;

    let entry = base + u64::from(pe.entry);
    let top = stack.1;
    // The entry point is a function that gets the process's block. Above the return address are, on x64, the home slots.
    // [kernel32!BaseThreadInitThunk; Microsoft x64 calling convention]
    let (sp, words): (u64, &[u64]) = match profile.arch {
        Arch::X86_64 => (top - 0x28, &[back]),
        _ => (top - 0x10, &[back, offsets.peb]),
    };
    for (at, word) in words.iter().enumerate() {
        let bytes = &word.to_le_bytes()[..offsets.pointer as usize];
        let address = sp + at as u64 * offsets.pointer;
        space.poke(address, bytes).map_err(no_memory)?;
    }
    let way = Way {
        entry,
        sp,
        peb: offsets.peb,
        back,
    };
    let pc = init::code(space, profile, modules, &way)?.unwrap_or(entry);
    let (mut registers, descriptor) = teb::registers(profile.arch, offsets.teb);
    registers.extend(match profile.arch {
        Arch::X86_64 => [(x86_64::RCX, offsets.peb), (x86_64::RDX, entry)],
        _ => [(x86::EBX, offsets.peb), (x86::EAX, entry)],
    });
    Ok(Start {
        pc,
        sp,
        registers,
        descriptor,
    })
}

/// Maps an allocation of its own, where it is wished to be if that is free, else below an address.
pub(super) fn allocate(
    space: &mut AddressSpace,
    top: u64,
    wish: Option<u64>,
    size: u64,
    protect: u32,
) -> Result<u64, LoadError> {
    let size = size.next_multiple_of(PAGE);
    let wish = wish.filter(|at| space.is_free(*at, size));
    let at = wish
        .or_else(|| space.find_free(size, top, GRANULARITY))
        .ok_or_else(|| bad("leaves no room for a stack and its parameters"))?;
    let tag = Tag::private(at, protect);
    space
        .map_with(
            at,
            size,
            tag.prot(false),
            Backing::Anonymous,
            Some(tag.label(b"")),
            RegionFlags::empty(),
        )
        .map_err(no_room)?;
    Ok(at)
}

/// The stack: its limit and its base, which is its upper end.
pub(super) fn stack(
    space: &mut AddressSpace,
    profile: &Profile,
    plan: &Plan<'_>,
) -> Result<(u64, u64), LoadError> {
    let size = stack_size(space, profile.process.high, plan)?;
    let top = profile.process.stack_top;
    let wish = top.checked_sub(size).filter(|at| *at >= 3 * GRANULARITY);
    let at = allocate(space, profile.process.mmap_top, wish, size, page::READWRITE)?;
    Ok((at, at + size))
}

/// How large the stack of a program shall be, which has this much room for all.
pub(super) fn stack_size(
    space: &AddressSpace,
    high: u64,
    plan: &Plan<'_>,
) -> Result<u64, LoadError> {
    let reserve = plan.own.0.stack_reserve;
    let most = (high / 4).min(space.memory().limit() / 2);
    if reserve > most {
        return Err(bad(format!(
            "is corrupt or too large: it asks for a stack of {reserve:#x} bytes"
        )));
    }
    Ok(reserve.max(GRANULARITY).next_multiple_of(GRANULARITY))
}

/// What the entry point returns to: the process ends with what it returns.   [kernel32!BaseThreadInitThunk, RtlExitUserThread]
fn way_back(space: &mut AddressSpace, profile: &Profile) -> Result<u64, LoadError> {
    let code = end_code(profile, "NtTerminateProcess", -1);
    let top = profile.process.mmap_top;
    let at = allocate(space, top, None, PAGE, page::EXECUTE_READ)?;
    space.poke(at, &code).map_err(no_memory)?;
    Ok(at)
}

/// The blocks of the process and of its first thread.
pub(super) fn fill_blocks(
    space: &mut AddressSpace,
    plan: &Plan<'_>,
    offsets: &Offsets,
    places: &Places,
) -> Result<(), LoadError> {
    map_blocks(
        space,
        (offsets.teb, offsets.peb),
        offsets.pointer,
        places.peb_pages,
    )?;
    let own_teb = Teb {
        at: offsets.teb,
        stack: places.stack,
        client: plan.client(),
        process: offsets.peb,
        storage: places.storage,
    };
    teb::fill(space, offsets.pointer, &own_teb).map_err(no_memory)?;
    fill_peb(space, plan, (offsets, offsets.peb), places)
}

/// Maps the blocks of the first thread and of the process.
pub(super) fn map_blocks(
    space: &mut AddressSpace,
    (teb, peb): (u64, u64),
    word: u64,
    peb_pages: u64,
) -> Result<(), LoadError> {
    for (at, pages) in [(teb, teb::pages(word)), (peb, peb_pages)] {
        if !space.is_free(at, pages * PAGE) {
            return Err(bad(
                "lies where the blocks of process and thread have to be",
            ));
        }
        let tag = Tag::private(at, page::READWRITE);
        let label = Some(tag.label(b""));
        space
            .map_with(
                at,
                pages * PAGE,
                tag.prot(false),
                Backing::Anonymous,
                label,
                RegionFlags::empty(),
            )
            .map_err(no_room)?;
    }
    Ok(())
}

/// Fills a block of the process, of one width.
pub(super) fn fill_peb(
    space: &mut AddressSpace,
    plan: &Plan<'_>,
    (offsets, at): (&Offsets, u64),
    places: &Places,
) -> Result<(), LoadError> {
    let (pe, base) = plan.own;
    let word = offsets.pointer;
    let subsystem = at + offsets.subsystem;
    let (major, minor) = pe.subsystem_version;
    for (at, value, size) in [
        (at + offsets.mutant, u64::MAX, word),
        (at + offsets.image, base, word),
        (at + offsets.lists, places.lists, word),
        (at + offsets.parameters, places.parameters, word),
        (at + offsets.processors, 1, 4),
        (subsystem, pe.subsystem.into(), 4),
        (subsystem + 4, major.into(), 4),
        (subsystem + 8, minor.into(), 4),
    ] {
        let bytes = &value.to_le_bytes()[..size as usize];
        space.poke(at, bytes).map_err(no_memory)?;
    }
    Ok(())
}

pub(super) fn units(text: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(text).encode_utf16().collect()
}

/// A path of the guest's tree as a program of Windows knows it: the tree is drive C.
pub(super) fn dos_path(path: &[u8]) -> Vec<u8> {
    let backslash = |byte: &u8| if *byte == b'/' { b'\\' } else { *byte };
    b"C:"
        .iter()
        .copied()
        .chain(path.iter().map(backslash))
        .collect()
}

/// Arguments as one line that programs take apart again.   [Microsoft, Parsing C command-line arguments]
pub(super) fn command_line(argv: &[Vec<u8>]) -> Vec<u8> {
    let mut line = Vec::new();
    for (index, argument) in argv.iter().enumerate() {
        if index > 0 {
            line.push(b' ');
        }
        let plain = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'"');
        if !argument.is_empty() && argument.iter().all(plain) {
            line.extend_from_slice(argument);
            continue;
        }
        line.push(b'"');
        let mut backslashes = 0;
        for byte in argument {
            if *byte == b'"' {
                line.resize(line.len() + backslashes + 1, b'\\');
            }
            backslashes = if *byte == b'\\' { backslashes + 1 } else { 0 };
            line.push(*byte);
        }
        line.resize(line.len() + backslashes, b'\\');
        line.push(b'"');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::command_line;

    fn check(arguments: &[&str], expected: &str) {
        let arguments: Vec<Vec<u8>> = arguments
            .iter()
            .map(|one| one.as_bytes().to_vec())
            .collect();
        assert_eq!(String::from_utf8_lossy(&command_line(&arguments)), expected);
    }

    #[test]
    fn a_command_line_reads_back_as_its_arguments() {
        check(&["a.exe", "b"], "a.exe b");
        check(&["a.exe", "", "b c"], "a.exe \"\" \"b c\"");
        check(&["a.exe", "\"", "x\\ y\\"], "a.exe \"\\\"\" \"x\\ y\\\\\"");
        check(&["a.exe", "b\\c"], "a.exe b\\c");
    }
}
