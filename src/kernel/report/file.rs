//! What does a file say of its functions: their names, their frames, their lines?

use std::cell::OnceCell;
use std::rc::Rc;

use emu_cpu::{Arch, Object};
use gimli::RunTimeEndian;
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::EM_ARM;
use goblin::elf::program_header::{PT_ARM_EXIDX, PT_LOAD};
use goblin::elf::section_header::{SHT_DYNSYM, SHT_NOBITS, SHT_SYMTAB};
use goblin::elf::sym::{STT_FUNC, STT_NOTYPE, Symtab};
use goblin::elf::{Elf, ProgramHeader, SectionHeader};

use super::image;
use super::lines::Lines;

/// A file longer than this is not looked into.
const LONGEST: u64 = 256 << 20;
/// Symbols of a file that are looked at.
const SYMBOLS: usize = 1 << 20;

/// What is known of a file.
#[derive(Default)]
pub(super) struct File {
    /// Its segments: offset and length in the file, and the address it has by its own account.
    pub(super) segments: Vec<(u64, u64, u64)>,
    /// Where an image of Windows wants to be.
    pub(super) base: Option<u64>,
    /// Functions: begin, length and name, by their begin. As in the file.
    symbols: Vec<(u64, u64, String)>,
    /// The table for unwinding, and the address it has in the file.
    pub(super) unwinding: Option<(u64, Vec<u8>)>,
    /// The index of the table that ARM has for unwinding: its address in the file, and its length.
    pub(super) exceptions: Option<(u64, u64)>,
    /// What 64-bit Windows has for unwinding: begins, ends and descriptions of functions, from the image's base on.
    pub(super) functions: Option<Vec<(u32, u32, u32)>>,
    /// Where its debugging information is.
    pub(super) parts: Vec<Part>,
    /// The lines of its source, once somebody asked.
    lines: OnceCell<Option<Lines>>,
}

/// A section in a file.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) offset: u64,
    pub(super) len: u64,
}

impl Part {
    pub(super) fn read(&self, object: &Object) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(self.len).ok()?];
        let got = object.read(self.offset, &mut bytes).ok()?;
        bytes.truncate(got);
        Some(bytes)
    }
}

/// A function as a table has it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Function {
    pub(super) start: u64,
    /// Of several names, first those with a length, then global ones.
    pub(super) rank: (bool, bool),
    pub(super) len: u64,
    pub(super) name: String,
}

impl File {
    /// The function at an address.
    pub(super) fn symbol(&self, address: u64) -> Option<&(u64, u64, String)> {
        let symbols = &self.symbols;
        let end = symbols.partition_point(|(start, ..)| *start <= address);
        let found = symbols[..end].last()?;
        // One without a length goes as far as the next.
        (found.1 == 0 || address - found.0 < found.1).then_some(found)
    }

    /// The source file and line of an address. `object` is the file itself.
    pub(super) fn line(&self, arch: Arch, object: &Object, address: u64) -> Option<(String, u32)> {
        let endian = match arch.endian() {
            emu_cpu::Endian::Little => RunTimeEndian::Little,
            emu_cpu::Endian::Big => RunTimeEndian::Big,
        };
        let lines = self
            .lines
            .get_or_init(|| Lines::read(object, &self.parts, endian));
        lines.as_ref()?.at(address)
    }

    pub(super) fn set_functions(&mut self, mut functions: Vec<Function>) {
        functions.sort();
        functions.dedup_by_key(|function| function.start);
        self.symbols = functions
            .into_iter()
            .map(|function| (function.start, function.len, function.name))
            .collect();
        self.symbols.shrink_to_fit();
    }
}

/// Reads a file from its object: what the guest sees of it.
pub(super) fn read(arch: Arch, object: &Rc<Object>) -> Option<File> {
    if object.len() > LONGEST {
        return None;
    }
    let mut bytes = vec![0; object.len() as usize];
    object.read(0, &mut bytes).ok()?;
    if bytes.starts_with(b"MZ") {
        return image::read(&bytes);
    }
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
        exceptions: segments
            .iter()
            .find(|segment| segment.p_type == PT_ARM_EXIDX && header.e_machine == EM_ARM)
            .map(|segment| (segment.p_vaddr, segment.p_memsz)),
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

pub(super) fn text(strings: &[u8], at: usize) -> Option<String> {
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
            // Compressed ones are not read.   [gABI, SHF_COMPRESSED]
            if let Some(name) = name
                && name.starts_with(".debug_")
                && section.sh_flags & 0x800 == 0
                && section.sh_type != SHT_NOBITS
            {
                self.parts.push(Part {
                    name,
                    offset: section.sh_offset,
                    len: section.sh_size.min(bytes.len() as u64),
                });
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
                symbols.push(Function {
                    start,
                    rank: (symbol.st_size == 0, symbol.st_bind() == 0),
                    len: symbol.st_size,
                    name,
                });
            }
        }
        self.set_functions(symbols);
    }
}
