//! What do the headers of a PE image say, and do they make sense?

use emu_cpu::Object;
use emu_cpu::memory::PAGE;
use goblin::pe::data_directories::DataDirectory;
use goblin::pe::header::{COFF_MACHINE_X86, COFF_MACHINE_X86_64, Header};

use super::bad;
use crate::load::LoadError;
use crate::load::image::unreadable;

/// Where the headers have to end.
const MAX_HEADERS: u64 = 1 << 16;
/// A section's entry in the table of sections.
const SECTION: usize = 40;
/// `PE\0\0`, and the file header behind it.
const BEFORE_OPTIONAL: usize = 4 + 20;

/// A PE image whose headers make sense.   [Microsoft, PE Format]
pub(super) struct Pe {
    /// Whether it is a PE32+ image.
    pub(super) wide: bool,
    /// Where it wants to be.
    pub(super) base: u64,
    /// Bytes of memory it takes, in whole pages.
    pub(super) image_size: u32,
    /// Bytes of its headers in the file.
    pub(super) headers_size: u32,
    /// Where it starts, from its base; 0 when it does not.
    pub(super) entry: u32,
    /// `Characteristics` of the file header.
    pub(super) characteristics: u16,
    pub(super) dll_characteristics: u16,
    /// Where `ImageBase` is in the headers.
    pub(super) base_at: u64,
    pub(super) subsystem: u16,
    pub(super) subsystem_version: (u16, u16),
    pub(super) stack_reserve: u64,
    pub(super) sections: Vec<Section>,
    directories: [Option<DataDirectory>; 16],
}

/// A section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    pub(super) name: [u8; 8],
    pub(super) address: u32,
    pub(super) size: u32,
    pub(super) offset: u32,
    pub(super) file_size: u32,
    pub(super) characteristics: u32,
}

/// A data directory by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directory {
    Export = 0,
    Import = 1,
    Relocations = 5,
    Tls = 9,
    Late = 13,
    Clr = 14,
}

/// `Characteristics`.
const RELOCS_STRIPPED: u16 = 1;
const EXECUTABLE: u16 = 2;
const DLL: u16 = 0x2000;
/// `DllCharacteristics`: the image can do without executable data.
const NX_COMPAT: u16 = 0x100;

/// Machines that people have images for.
const MACHINES: &[(u16, &str)] = &[
    (0x1c0, "ARM"),
    (0x1c4, "ARM (Thumb-2)"),
    (0xaa64, "ARM64"),
    (0x200, "Itanium"),
    (0x166, "MIPS"),
    (0x184, "Alpha"),
    (0x1f0, "PowerPC"),
    (0x5064, "RISC-V"),
    (0xebc, "EFI byte code"),
];

impl Pe {
    /// Reads the headers of an image.
    pub(super) fn parse(object: &Object) -> Result<Pe, LoadError> {
        let len = object.len();
        let mut bytes = vec![0; len.min(MAX_HEADERS) as usize];
        let mut done = 0;
        while done < bytes.len() {
            match object
                .read(done as u64, &mut bytes[done..])
                .map_err(unreadable)?
            {
                0 => break,
                count => done += count,
            }
        }
        bytes.truncate(done);
        let truncated = || bad(format!("is truncated: it has {len} bytes"));
        let at = bytes.get(0x3c..0x40).ok_or_else(truncated)?;
        let at = u32::from_le_bytes([at[0], at[1], at[2], at[3]]) as usize;
        let signature = match bytes.get(at..at.saturating_add(4)) {
            Some(signature) => signature,
            None if at as u64 >= len || at == 0 => {
                return Err(bad("is a DOS program, or truncated"));
            }
            None => {
                return Err(bad(
                    "is corrupt: its headers are too far behind its beginning",
                ));
            }
        };
        if signature != b"PE\0\0" {
            return Err(bad("is a DOS program, not one of Windows"));
        }
        let machine = bytes.get(at + 4..at + 6).ok_or_else(truncated)?;
        let machine = u16::from_le_bytes([machine[0], machine[1]]);
        if let Some((_, name)) = MACHINES.iter().find(|(known, _)| *known == machine) {
            return Err(bad(format!(
                "is a Windows image for {name}; no profile runs those"
            )));
        }
        if !matches!(machine, COFF_MACHINE_X86 | COFF_MACHINE_X86_64) {
            return Err(bad(format!(
                "is a Windows image for machine {machine:#x}; no profile runs those"
            )));
        }
        let header = Header::parse_without_dos(&bytes[at..])
            .map_err(|error| bad(format!("is corrupt: {error}")))?;
        let optional = header
            .optional_header
            .ok_or_else(|| bad("is corrupt: it is an object file, not a program"))?;
        let (standard, windows) = (optional.standard_fields, optional.windows_fields);
        let wide = standard.magic == 0x20b;
        if !wide && standard.magic != 0x10b || wide != (machine == COFF_MACHINE_X86_64) {
            return Err(bad(format!(
                "is corrupt: its optional header is {:#x} on machine {machine:#x}",
                standard.magic
            )));
        }
        let table = at + BEFORE_OPTIONAL + usize::from(header.coff_header.size_of_optional_header);
        let count = usize::from(header.coff_header.number_of_sections);
        let table = bytes
            .get(table..table + count * SECTION)
            .ok_or_else(|| bad("is truncated or corrupt: its table of sections is not there"))?;
        let pe = Pe {
            wide,
            base: windows.image_base,
            base_at: (at + BEFORE_OPTIONAL + if wide { 0x18 } else { 0x1c }) as u64,
            image_size: windows.size_of_image,
            headers_size: windows.size_of_headers,
            entry: standard.address_of_entry_point,
            characteristics: header.coff_header.characteristics,
            dll_characteristics: windows.dll_characteristics,
            subsystem: windows.subsystem,
            subsystem_version: (
                windows.major_subsystem_version,
                windows.minor_subsystem_version,
            ),
            stack_reserve: windows.size_of_stack_reserve,
            sections: table.chunks_exact(SECTION).map(section).collect(),
            directories: optional
                .data_directories
                .data_directories
                .map(|directory| directory.map(|(_, directory)| directory)),
        };
        pe.check(len, windows.section_alignment)?;
        Ok(pe)
    }

    /// Whether addresses and sizes fit together.
    fn check(&self, len: u64, alignment: u32) -> Result<(), LoadError> {
        if !alignment.is_power_of_two() || u64::from(alignment) < PAGE {
            return Err(bad(format!(
                "aligns its sections to {alignment:#x}; multiples of pages are expected"
            )));
        }
        if !self.base.is_multiple_of(0x1_0000) {
            return Err(bad(format!(
                "is corrupt: it wants to be at {:#x}, which is no multiple of 64 KiB",
                self.base
            )));
        }
        let headers = u64::from(self.headers_size);
        if headers > len || headers > u64::from(self.image_size) || headers == 0 {
            return Err(bad(format!(
                "is truncated or corrupt: its headers take {headers:#x} bytes"
            )));
        }
        let mut end = headers;
        for (index, section) in self.sections.iter().enumerate() {
            let start = u64::from(section.address);
            if !start.is_multiple_of(u64::from(alignment)) || start < end {
                return Err(bad(format!(
                    "is corrupt: section {index} is at {start:#x}, which is taken or unaligned"
                )));
            }
            end = start + section.memory();
            if end > u64::from(self.image_size).next_multiple_of(PAGE) {
                return Err(bad(format!(
                    "is corrupt: section {index} ends at {end:#x}, behind the image"
                )));
            }
            let in_file = u64::from(section.offset) + u64::from(section.file_size);
            if section.file_size > 0 && in_file > len {
                return Err(bad(format!(
                    "is truncated: section {index} ends at {in_file:#x}, it has {len} bytes"
                )));
            }
        }
        Ok(())
    }

    /// Whether it is a program that gets a console.   [Microsoft, PE Format: IMAGE_SUBSYSTEM_WINDOWS_CUI]
    pub(super) fn has_console(&self) -> bool {
        self.subsystem == 3
    }

    /// Whether it is a program that can be started.
    pub(super) fn check_program(&self) -> Result<(), LoadError> {
        if self.directory(Directory::Clr).is_some() {
            return Err(bad("is a .NET program; only native ones can be run"));
        }
        if self.characteristics & DLL != 0 {
            return Err(bad("is a DLL, not a program"));
        }
        if self.characteristics & EXECUTABLE == 0 {
            return Err(bad(
                "was not linked to its end: it says that it can't be run",
            ));
        }
        // [Microsoft, PE Format, Windows subsystem]
        match self.subsystem {
            2 | 3 => {}
            1 => {
                return Err(bad(
                    "is a driver, or another native image of the kernel's side",
                ));
            }
            10..=13 => return Err(bad("is an EFI program; no profile runs those")),
            other => return Err(bad(format!("is for subsystem {other}, not the console"))),
        }
        if self.entry == 0 || self.entry >= self.image_size {
            return Err(bad(format!("is corrupt: it starts at {:#x}", self.entry)));
        }
        Ok(())
    }

    /// Whether all that is readable can be executed: an old 32-bit image that does not know of anything else.
    pub(super) fn executes_data(&self) -> bool {
        !self.wide && self.dll_characteristics & NX_COMPAT == 0
    }

    /// Whether it can only be where it wants to be. One without a table of relocations may need none.
    pub(super) fn is_fixed(&self) -> bool {
        self.characteristics & RELOCS_STRIPPED != 0
    }

    pub(super) fn directory(&self, directory: Directory) -> Option<DataDirectory> {
        self.directories[directory as usize].filter(|found| found.virtual_address != 0)
    }
}

impl Section {
    /// Bytes of memory it takes, in whole pages. One without a size takes as many as it has in the file.
    pub(super) fn memory(&self) -> u64 {
        let size = match self.size {
            0 => self.file_size,
            size => size,
        };
        u64::from(size).next_multiple_of(PAGE)
    }
}

fn section(entry: &[u8]) -> Section {
    let word =
        |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
    let mut name = [0; 8];
    name.copy_from_slice(&entry[..8]);
    Section {
        name,
        size: word(8),
        address: word(12),
        file_size: word(16),
        offset: word(20),
        characteristics: word(36),
    }
}
