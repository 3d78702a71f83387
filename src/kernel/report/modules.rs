//! Which function of which mapped file is at an address?

use std::collections::HashMap;
use std::rc::{Rc, Weak};

use emu_cpu::memory::Label;
use emu_cpu::{AddressSpace, Arch, Object};
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::program_header::PT_LOAD;
use goblin::elf::section_header::{SHT_DYNSYM, SHT_NOBITS, SHT_SYMTAB};
use goblin::elf::sym::{STT_FUNC, STT_NOTYPE, Symtab};
use goblin::elf::{Elf, ProgramHeader, SectionHeader};

use crate::view::Place;

/// A file longer than this is not looked into.
const LONGEST: u64 = 256 << 20;
/// Symbols of a file that are looked at.
const SYMBOLS: usize = 1 << 20;

/// What is known of a file.
#[derive(Default)]
pub(super) struct File {
    /// Its segments: offset and length in the file, and the address it has by its own account.
    segments: Vec<(u64, u64, u64)>,
    /// Functions: begin, length and name, by their begin. As in the file.
    symbols: Vec<(u64, u64, String)>,
    /// The table for unwinding, and the address it has in the file.
    pub(super) unwinding: Option<(u64, Vec<u8>)>,
}

/// A file, where it is mapped.
pub(super) struct Module {
    name: Rc<Label>,
    /// What to add to its addresses.
    bias: u64,
    pub(super) file: Rc<File>,
}

impl Module {
    pub(super) fn bias(&self) -> u64 {
        self.bias
    }

    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.name.name).into_owned()
    }

    /// The function at an address.
    pub(super) fn symbol(&self, address: u64) -> Option<&(u64, u64, String)> {
        let address = address.wrapping_sub(self.bias);
        let symbols = &self.file.symbols;
        let end = symbols.partition_point(|(start, ..)| *start <= address);
        let found = symbols[..end].last()?;
        // One without a length goes as far as the next.
        (found.1 == 0 || address - found.0 < found.1).then_some(found)
    }
}

/// The mapped files, read as they are asked for.
#[derive(Default)]
pub(crate) struct Modules {
    /// By where the object is, which nothing else takes the place of while somebody points to it.
    read: HashMap<*const Object, (Weak<Object>, Option<Rc<File>>)>,
    /// So many are kept before those that are gone are forgotten.
    room: usize,
}

impl Modules {
    /// The file at an address.
    pub(super) fn at(&mut self, arch: Arch, memory: &AddressSpace, address: u64) -> Option<Module> {
        let region = memory.region_at(address)?;
        let object = region.backing.object()?;
        let name = region.label.as_ref()?.clone();
        let file = self.file(arch, object)?;
        let (start, offset) = (region.start, region.backing.offset());
        let (begin, _, own) = file.segments.iter().find(|(begin, len, _)| {
            let first = begin & !0xfff;
            (first..begin.saturating_add(*len)).contains(&offset)
        })?;
        let bias = start
            .wrapping_sub(offset)
            .wrapping_add(*begin)
            .wrapping_sub(*own)
            & arch.address_mask();
        Some(Module { name, bias, file })
    }

    fn file(&mut self, arch: Arch, object: &Rc<Object>) -> Option<Rc<File>> {
        if let Some((_, file)) = self.read.get(&Rc::as_ptr(object)) {
            return file.clone();
        }
        if self.read.len() >= self.room {
            self.read.retain(|_, (object, _)| object.strong_count() > 0);
            self.room = 2 * self.read.len().max(32);
        }
        let file = read(arch, object).map(Rc::new);
        let known = (Rc::downgrade(object), file.clone());
        self.read.insert(Rc::as_ptr(object), known);
        file
    }

    /// What is mapped at an address, and where that is in it.
    pub(crate) fn place(
        &mut self,
        arch: Arch,
        memory: &AddressSpace,
        address: u64,
    ) -> Option<Place> {
        if let Some(module) = self.at(arch, memory, address) {
            return Some(Place {
                module: module.name.name.as_ref().into(),
                offset: address.wrapping_sub(module.bias) & arch.address_mask(),
            });
        }
        let region = memory.region_at(address)?;
        let label = region.label.as_ref()?;
        Some(Place {
            module: label.name.as_ref().into(),
            offset: address - region.start + region.backing.offset(),
        })
    }

    /// Where the function at an address begins.
    pub(super) fn start(&mut self, arch: Arch, memory: &AddressSpace, address: u64) -> Option<u64> {
        let module = self.at(arch, memory, address)?;
        let symbol = module.symbol(address)?;
        Some(symbol.0.wrapping_add(module.bias))
    }

    /// `name+0x12 (/bin/foo)` for an address, `inside` of the function that it belongs to: a return address may already
    /// be that of the next one.
    pub(super) fn describe(
        &mut self,
        arch: Arch,
        memory: &AddressSpace,
        address: u64,
        inside: u64,
    ) -> String {
        // Nothing called what a signal's handler returns to.
        let inside = match self.start(arch, memory, inside) {
            None if memory.region_at(address).is_some() => address,
            _ => inside,
        };
        let Some(module) = self.at(arch, memory, inside) else {
            let region = memory.region_at(inside);
            let label = region.and_then(|region| region.label.as_ref());
            return match label {
                Some(label) => format!("({})", String::from_utf8_lossy(&label.name)),
                None if region.is_some() => "(anonymous memory)".to_owned(),
                None => "(nothing is mapped there)".to_owned(),
            };
        };
        let relative = address.wrapping_sub(module.bias);
        match module.symbol(inside) {
            Some((start, _, name)) => {
                let offset = relative.wrapping_sub(*start);
                format!("{name}+{offset:#x} ({})", module.name())
            }
            None => format!("({}+{relative:#x})", module.name()),
        }
    }
}

/// Reads a file from its object: what the guest sees of it.
fn read(arch: Arch, object: &Rc<Object>) -> Option<File> {
    if object.len() > LONGEST {
        return None;
    }
    let mut bytes = vec![0; object.len() as usize];
    object.read(0, &mut bytes).ok()?;
    let header = Elf::parse_header(&bytes).ok()?;
    let container = match arch.pointer() {
        8 => Container::Big,
        _ => Container::Little,
    };
    let endian = match arch.endian() {
        emu_cpu::Endian::Little => Endian::Little,
        emu_cpu::Endian::Big => Endian::Big,
    };
    let ctx = Ctx::new(container, endian);
    let (at, count) = (header.e_phoff as usize, usize::from(header.e_phnum));
    let segments = ProgramHeader::parse(&bytes, at, count, ctx).ok()?;
    let mut file = File {
        segments: segments
            .iter()
            .filter(|segment| segment.p_type == PT_LOAD)
            .map(|segment| (segment.p_offset, segment.p_filesz, segment.p_vaddr))
            .collect(),
        ..File::default()
    };
    // A file may have lost its sections.
    let (at, count) = (header.e_shoff as usize, usize::from(header.e_shnum));
    if let Ok(sections) = SectionHeader::parse(&bytes, at, count, ctx) {
        file.look(&bytes, &sections, usize::from(header.e_shstrndx), ctx, arch);
    }
    Some(file)
}

fn contents<'bytes>(bytes: &'bytes [u8], section: &SectionHeader) -> Option<&'bytes [u8]> {
    if section.sh_type == SHT_NOBITS {
        return None;
    }
    let start = usize::try_from(section.sh_offset).ok()?;
    let len = usize::try_from(section.sh_size).ok()?;
    bytes.get(start..start.checked_add(len)?)
}

fn text(strings: &[u8], at: usize) -> Option<String> {
    let rest = strings.get(at..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}

impl File {
    fn look(
        &mut self,
        bytes: &[u8],
        sections: &[SectionHeader],
        names: usize,
        ctx: Ctx,
        arch: Arch,
    ) {
        let names = sections.get(names).and_then(|names| contents(bytes, names));
        let mut symbols = Vec::new();
        for section in sections {
            let name = names.and_then(|names| text(names, section.sh_name));
            if name.as_deref() == Some(".eh_frame")
                && let Some(table) = contents(bytes, section)
            {
                self.unwinding = Some((section.sh_addr, table.to_vec()));
            }
            if !matches!(section.sh_type, SHT_SYMTAB | SHT_DYNSYM) {
                continue;
            }
            let strings = sections
                .get(section.sh_link as usize)
                .and_then(|strings| contents(bytes, strings));
            let (Some(table), Some(strings)) = (contents(bytes, section), strings) else {
                continue;
            };
            let size = if arch.pointer() == 8 { 24 } else { 16 };
            let count = (table.len() / size).min(SYMBOLS);
            let Ok(table) = Symtab::parse(table, 0, count, ctx) else {
                continue;
            };
            for symbol in table.iter() {
                let code = sections
                    .get(symbol.st_shndx)
                    .is_some_and(SectionHeader::is_executable);
                if !code || !matches!(symbol.st_type(), STT_FUNC | STT_NOTYPE) {
                    continue;
                }
                let Some(name) = text(strings, symbol.st_name) else {
                    continue;
                };
                // `$a`, `$t` and `$d` say what kind of code follows.   [AAELF32, mapping symbols]
                if name.is_empty() || name.starts_with('$') {
                    continue;
                }
                // Bit 0 says that it is Thumb code.   [AAELF32, symbol values]
                let start = match symbol.st_type() {
                    STT_FUNC => arch.code_at(symbol.st_value),
                    _ => symbol.st_value,
                };
                // Of several names, first those with a length, then global ones.
                let rank = (symbol.st_size == 0, symbol.st_bind() == 0);
                symbols.push((start, rank, symbol.st_size, name));
            }
        }
        symbols.sort();
        symbols.dedup_by_key(|(start, ..)| *start);
        self.symbols = symbols
            .into_iter()
            .map(|(start, _, len, name)| (start, len, name))
            .collect();
        self.symbols.shrink_to_fit();
    }
}
