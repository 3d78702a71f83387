//! Which function of which mapped file is at an address?

use std::rc::Rc;

use emu_cpu::memory::Label;
use emu_cpu::{AddressSpace, Arch, Object};
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::program_header::PT_LOAD;
use goblin::elf::section_header::{SHT_DYNSYM, SHT_NOBITS, SHT_SYMTAB};
use goblin::elf::sym::{STT_FUNC, STT_NOTYPE, Symtab};
use goblin::elf::{Elf, ProgramHeader, SectionHeader};

/// A file longer than this is not looked into.
const LONGEST: u64 = 256 << 20;
/// Symbols of a file that are looked at.
const SYMBOLS: usize = 1 << 20;

/// A file, where it is mapped.
pub(super) struct Module {
    name: Rc<Label>,
    /// What to add to its addresses.
    bias: u64,
    /// Functions: begin, length and name, by their begin. As in the file, without the bias.
    symbols: Vec<(u64, u64, String)>,
    /// The table for unwinding, and the address it has in the file.
    pub(super) unwinding: Option<(u64, Vec<u8>)>,
}

impl Module {
    pub(super) fn bias(&self) -> u64 {
        self.bias
    }

    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.name.name).into_owned()
    }

    /// The function at an address.
    fn symbol(&self, address: u64) -> Option<&(u64, u64, String)> {
        let address = address.wrapping_sub(self.bias);
        let end = self
            .symbols
            .partition_point(|(start, ..)| *start <= address);
        let found = self.symbols[..end].last()?;
        // One without a length goes as far as the next.
        (found.1 == 0 || address - found.0 < found.1).then_some(found)
    }
}

/// The mapped files, read as they are asked for.
pub(super) struct Modules {
    arch: Arch,
    read: Vec<Option<Module>>,
    objects: Vec<Rc<Object>>,
}

impl Modules {
    pub(super) fn new(arch: Arch) -> Modules {
        Modules {
            arch,
            read: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// The file at an address.
    pub(super) fn at(&mut self, memory: &AddressSpace, address: u64) -> Option<&Module> {
        let region = memory.region_at(address)?;
        let object = region.backing.object()?;
        let known = self
            .objects
            .iter()
            .position(|known| Rc::ptr_eq(known, object));
        let index = match known {
            Some(index) => index,
            None => {
                let name = region.label.as_ref()?;
                self.objects.push(object.clone());
                let (start, offset) = (region.start, region.backing.offset());
                self.read.push(read(self.arch, object, name, start, offset));
                self.objects.len() - 1
            }
        };
        self.read[index].as_ref()
    }

    /// Where the function at an address begins.
    pub(super) fn start(&mut self, memory: &AddressSpace, address: u64) -> Option<u64> {
        let module = self.at(memory, address)?;
        let symbol = module.symbol(address)?;
        Some(symbol.0.wrapping_add(module.bias))
    }

    /// `name+0x12 (/bin/foo)` for an address, `inside` of the function that it belongs to: a return address may already
    /// be that of the next one.
    pub(super) fn describe(&mut self, memory: &AddressSpace, address: u64, inside: u64) -> String {
        // Nothing called what a signal's handler returns to.
        let inside = match self.start(memory, inside) {
            None if memory.region_at(address).is_some() => address,
            _ => inside,
        };
        let Some(module) = self.at(memory, inside) else {
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
fn read(
    arch: Arch,
    object: &Rc<Object>,
    name: &Rc<Label>,
    start: u64,
    offset: u64,
) -> Option<Module> {
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
    let segment = segments.iter().find(|segment| {
        let first = segment.p_offset & !0xfff;
        let end = segment.p_offset.saturating_add(segment.p_filesz);
        segment.p_type == PT_LOAD && (first..end).contains(&offset)
    })?;
    let bias = start
        .wrapping_sub(offset)
        .wrapping_add(segment.p_offset)
        .wrapping_sub(segment.p_vaddr)
        & arch.address_mask();
    let mut module = Module {
        name: name.clone(),
        bias,
        symbols: Vec::new(),
        unwinding: None,
    };
    // A file may have lost its sections.
    let (at, count) = (header.e_shoff as usize, usize::from(header.e_shnum));
    if let Ok(sections) = SectionHeader::parse(&bytes, at, count, ctx) {
        module.look(&bytes, &sections, usize::from(header.e_shstrndx), ctx, arch);
    }
    Some(module)
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

impl Module {
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
