//! What does a program take from libraries, and where are they?
//!
//! `ntdll.dll` is made by emu. Others come from the guest's tree: from the program's own directory, then from
//! `C:\windows\system32`. What an image would take later, at its first use, it gets at once where the library is there; where it
//! is not, that is left to the image.   [Microsoft, PE Format, .idata; delayimp.h: ImgDelayDescr]

use emu_cpu::memory::Label;
use emu_cpu::{AddressSpace, Memory, Object};
use emu_profiles::Profile;
use emu_prototypes::linux::Errno;

use super::exports::{Export, Exports, Symbol, text};
use super::headers::{Directory, Pe};
use super::sets::{self, Sets};
use super::{bad, image, no_memory, ntdll};
use crate::load::{LoadError, Program, Programs};

/// Libraries of a process at most.
const MAX_LIBRARIES: usize = 128;
/// Imports of an image at most.
const MAX_IMPORTS: usize = 1 << 16;
/// How often an export may lead to another one.
const MAX_FORWARDS: usize = 16;
/// Where libraries are that are not beside the program.
const SYSTEM: &[u8] = b"/windows/system32/";

/// An image of a process.
pub(super) struct Module {
    /// Its name in small letters.
    pub(super) name: String,
    /// Its path in the guest's tree.
    pub(super) path: Vec<u8>,
    pub(super) pe: Pe,
    pub(super) base: u64,
    exports: Exports,
}

/// The images of a process.
pub(super) struct Modules<'a> {
    memory: &'a Memory,
    programs: &'a mut dyn Programs,
    profile: &'static Profile,
    /// The directory of the program, with a slash behind it.
    directory: Vec<u8>,
    /// The program is the first, the others follow in the order in which they were found.
    pub(super) all: Vec<Module>,
    /// In which order they are initialized: first what others need.
    pub(super) order: Vec<usize>,
    /// What sets of functions stand for, once one has been asked for.
    sets: Option<Option<Sets>>,
}

impl<'a> Modules<'a> {
    /// Maps the program and all it needs, and fills in what they take from each other.
    pub(super) fn load(
        memory: &'a Memory,
        programs: &'a mut dyn Programs,
        profile: &'static Profile,
        space: &mut AddressSpace,
        (pe, program): (Pe, &Program),
    ) -> Result<Modules<'a>, LoadError> {
        let path = program.label.name.to_vec();
        let end = path
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |at| at + 1);
        let mut modules = Modules {
            memory,
            programs,
            profile,
            directory: path[..end].to_vec(),
            all: Vec::new(),
            order: Vec::new(),
            sets: None,
        };
        let name = String::from_utf8_lossy(&path[end..]).to_lowercase();
        modules.map(space, name, pe, program)?;
        let ntdll = modules.ntdll(space)?;
        modules.order.push(ntdll);
        modules.bind(space, 0)?;
        Ok(modules)
    }

    fn map(
        &mut self,
        space: &mut AddressSpace,
        name: String,
        pe: Pe,
        program: &Program,
    ) -> Result<usize, LoadError> {
        if self.all.len() >= MAX_LIBRARIES {
            return Err(bad(format!("needs more than {MAX_LIBRARIES} libraries")));
        }
        let placed = image::map(&pe, space, self.profile, program)?;
        let exports = Exports::read(space, &pe, placed.base);
        self.all.push(Module {
            name,
            path: program.label.name.to_vec(),
            pe,
            base: placed.base,
            exports,
        });
        Ok(self.all.len() - 1)
    }

    /// Maps the library of the release's calls.
    fn ntdll(&mut self, space: &mut AddressSpace) -> Result<usize, LoadError> {
        let size = ntdll::image(self.profile, ntdll::BASE).len() as u64 + 0x1_0000;
        let base = match space.is_free(ntdll::BASE, size) {
            true => ntdll::BASE,
            false => space
                .find_free(size, self.profile.process.mmap_top, image::GRANULARITY)
                .ok_or_else(|| bad("leaves no room for ntdll.dll"))?,
        };
        let bytes = ntdll::image(self.profile, base);
        let object = Object::new(self.memory);
        object
            .write(0, &bytes)
            .map_err(|_| LoadError::new(Errno::ENOMEM, "needs more memory than there is"))?;
        let pe = Pe::parse(&object)?;
        let path = [SYSTEM, ntdll::NAME.as_bytes()].concat();
        let program = Program {
            object,
            label: Label::file(path, 0, 0, None),
            entry: None,
        };
        self.map(space, ntdll::NAME.to_owned(), pe, &program)
    }

    /// Fills in what an image imports, after what those libraries import.
    fn bind(&mut self, space: &mut AddressSpace, index: usize) -> Result<(), LoadError> {
        let (base, name) = (self.all[index].base, self.all[index].name.clone());
        let table = self.all[index].pe.directory(Directory::Import);
        let mut at = table.map_or(0, |table| table.virtual_address);
        let mut left = MAX_IMPORTS;
        while at != 0 {
            let mut descriptor = [0; 20];
            read(space, base, at, &mut descriptor)?;
            let word = |at: usize| {
                u32::from_le_bytes([
                    descriptor[at],
                    descriptor[at + 1],
                    descriptor[at + 2],
                    descriptor[at + 3],
                ])
            };
            let (lookup, library, thunks) = (word(0), word(12), word(16));
            if library == 0 || thunks == 0 {
                break;
            }
            let library = text(space, base, library)
                .ok_or_else(|| bad("is corrupt: its imports make no sense"))?;
            let from = self.library(space, &library, &name)?;
            let lookup = if lookup == 0 { thunks } else { lookup };
            self.fill(space, base, (lookup, thunks), from, &mut left)?;
            at = at.wrapping_add(descriptor.len() as u32);
        }
        self.bind_late(space, index)?;
        self.order.push(index);
        Ok(())
    }

    /// Fills in what an image would take at its first use, as far as it is there.
    fn bind_late(&mut self, space: &mut AddressSpace, index: usize) -> Result<(), LoadError> {
        let (base, name) = (self.all[index].base, self.all[index].name.clone());
        let Some(table) = self.all[index].pe.directory(Directory::Late) else {
            return Ok(());
        };
        let mut at = table.virtual_address;
        let mut left = MAX_IMPORTS;
        for _ in 0..MAX_LIBRARIES {
            let mut words = [0; 8];
            for word in &mut words {
                let mut bytes = [0; 4];
                read(space, base, at, &mut bytes)?;
                *word = u32::from_le_bytes(bytes);
                at = at.wrapping_add(4);
            }
            let [attributes, library, handle, thunks, lookup, ..] = words;
            // Compilers of before 2002 had addresses in it.
            if library == 0 || attributes & 1 == 0 {
                break;
            }
            let Some(library) = text(space, base, library) else {
                break;
            };
            let before = (self.all.len(), self.order.len());
            let Ok(from) = self.library(space, &library, &name) else {
                // Neither is what it would need in turn.
                self.all.truncate(before.0);
                self.order.truncate(before.1);
                continue;
            };
            if self
                .fill(space, base, (lookup, thunks), from, &mut left)
                .is_ok()
                && handle != 0
            {
                let width = self.profile.pointer() as usize;
                let bytes = &self.all[from].base.to_le_bytes()[..width];
                let at = base.wrapping_add(handle.into());
                space.poke(at, bytes).map_err(no_memory)?;
            }
        }
        Ok(())
    }

    /// Fills in one library's imports of an image.
    fn fill(
        &mut self,
        space: &mut AddressSpace,
        base: u64,
        (mut lookup, mut thunks): (u32, u32),
        from: usize,
        left: &mut usize,
    ) -> Result<(), LoadError> {
        let width = self.profile.pointer() as u32;
        loop {
            let mut bytes = [0; 8];
            read(space, base, lookup, &mut bytes[..width as usize])?;
            let value = u64::from_le_bytes(bytes);
            if value == 0 {
                return Ok(());
            }
            *left = left.checked_sub(1).ok_or_else(|| bad("imports too much"))?;
            let symbol = if value >> (8 * width - 1) & 1 == 1 {
                Symbol::Ordinal(value as u16)
            } else {
                // A hint stands in front of the name.
                let name = text(space, base, (value as u32).wrapping_add(2));
                Symbol::Name(name.ok_or_else(|| bad("is corrupt: its imports make no sense"))?)
            };
            let address = self.resolve(space, from, &symbol)?;
            let bytes = &address.to_le_bytes()[..width as usize];
            let at = base.wrapping_add(thunks.into());
            space.poke(at, bytes).map_err(no_memory)?;
            lookup = lookup.wrapping_add(width);
            thunks = thunks.wrapping_add(width);
        }
    }

    /// The address of an export, wherever it leads to.
    fn resolve(
        &mut self,
        space: &mut AddressSpace,
        mut from: usize,
        symbol: &Symbol,
    ) -> Result<u64, LoadError> {
        let mut wanted = symbol.clone();
        for _ in 0..MAX_FORWARDS {
            let name = self.all[from].name.clone();
            match self.all[from].exports.find(space, &wanted) {
                Some(Export::Address(address)) => return Ok(address),
                Some(Export::Forwarded(library, symbol)) => {
                    from = self.library(space, &format!("{library}.dll"), &name)?;
                    wanted = symbol;
                }
                None => {
                    let what = match &wanted {
                        Symbol::Name(name) => name.escape_default().to_string(),
                        Symbol::Ordinal(ordinal) => format!("number {ordinal}"),
                    };
                    return Err(bad(format!("imports {what}, which {name} does not have")));
                }
            }
        }
        Err(bad(
            "imports what leads from one library to another without an end",
        ))
    }

    /// A library by its name, which is loaded when it is not there yet.
    fn library(
        &mut self,
        space: &mut AddressSpace,
        name: &str,
        whose: &str,
    ) -> Result<usize, LoadError> {
        let mut name = name.to_lowercase();
        if !name.contains('.') {
            name.push_str(".dll");
        }
        if sets::is_set(&name)
            && let Some(library) = self.sets().and_then(|sets| sets.library(&name, whose))
        {
            name = library;
        }
        if let Some(at) = self.all.iter().position(|module| module.name == name) {
            return Ok(at);
        }
        let shown = name.escape_default().to_string();
        if name.contains(['/', '\\']) {
            return Err(bad(format!(
                "imports {shown}, which is no name of a library"
            )));
        }
        let program = self.open(name.as_bytes()).map_err(|errno| {
            let hint =
                "Try --root with a tree that has it beside the program or in windows/system32.";
            bad(format!(
                "imports {shown} (for {whose}): {}. {hint}",
                errno.text()
            ))
        })?;
        let about = |error: LoadError| {
            LoadError::new(error.errno, format!("imports {shown}, which {error}"))
        };
        let pe = Pe::parse(&program.object).map_err(about)?;
        if pe.wide != (self.profile.pointer() == 8) || pe.directory(Directory::Clr).is_some() {
            return Err(bad(format!(
                "imports {shown}, which is for another machine"
            )));
        }
        let index = self.map(space, name, pe, &program).map_err(about)?;
        self.bind(space, index)?;
        Ok(index)
    }

    /// The system's table of sets, if it has one.
    fn sets(&mut self) -> Option<&Sets> {
        if self.sets.is_none() {
            let path = [SYSTEM, sets::LIBRARY].concat();
            let program = self.programs.open_any_case(&path).ok();
            let read = |program: Program| {
                let pe = Pe::parse(&program.object).ok()?;
                Sets::read(&pe, &program.object)
            };
            self.sets = Some(program.and_then(read));
        }
        self.sets.as_ref()?.as_ref()
    }

    fn open(&mut self, name: &[u8]) -> Result<Program, Errno> {
        let beside = [&self.directory, name].concat();
        let opened = self.programs.open_any_case(&beside);
        opened.or_else(|_| self.programs.open_any_case(&[SYSTEM, name].concat()))
    }
}

fn read(space: &mut AddressSpace, base: u64, at: u32, bytes: &mut [u8]) -> Result<(), LoadError> {
    let corrupt = || bad("is corrupt: its imports make no sense");
    let address = base.checked_add(at.into()).ok_or_else(corrupt)?;
    space.peek(address, bytes).map_err(|_| corrupt())
}
