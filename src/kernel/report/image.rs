//! What does an image of Windows say of its functions?   [Microsoft, PE Format]

use super::file::{File, Function, Part, text};

/// Functions that are looked at.
const FUNCTIONS: usize = 1 << 20;
/// Bytes of a symbol's record.
const RECORD: usize = 18;
/// Bytes of a section's header.
const SECTION: usize = 40;

/// Reads an image.
pub(super) fn read(bytes: &[u8]) -> Option<File> {
    let image = Image::new(bytes)?;
    let mut file = File::default();
    file.base = Some(image.base);
    file.functions = image.functions();
    let mut functions = image.symbols();
    functions.extend(image.exports());
    for section in &image.sections {
        let len = section.size.min(section.file_size).into();
        file.parts.push(Part {
            name: section.name.clone(),
            offset: section.offset.into(),
            len,
        });
        if section.name == ".eh_frame"
            && let Some(table) = image.range(section.offset, len)
        {
            let at = image.base.wrapping_add(section.address.into());
            file.unwinding = Some((at, table.to_vec()));
        }
    }
    file.set_functions(functions);
    Some(file)
}

struct Image<'a> {
    bytes: &'a [u8],
    /// Where it wants to be.
    base: u64,
    /// Of 32 bits: its functions have `_` in front of their names.
    narrow: bool,
    sections: Vec<Section>,
    exports: u32,
    /// Where the table for unwinding is, and its length.
    exceptions: (u32, u32),
    /// Where symbols are in the file, and how many.
    symbols: (u32, u32),
}

struct Section {
    name: String,
    address: u32,
    size: u32,
    offset: u32,
    file_size: u32,
    executes: bool,
}

impl<'a> Image<'a> {
    fn new(bytes: &'a [u8]) -> Option<Image<'a>> {
        if bytes.get(..2)? != b"MZ" {
            return None;
        }
        let header = word(bytes, 0x3c)? as usize;
        if bytes.get(header..header.checked_add(4)?)? != b"PE\0\0" {
            return None;
        }
        let coff = header + 4;
        let optional = coff + 20;
        let narrow = half(bytes, optional)? == 0x10b;
        let (base, directories) = match narrow {
            true => (word(bytes, optional + 28)?.into(), optional + 96),
            false => {
                let low: u64 = word(bytes, optional + 24)?.into();
                let high: u64 = word(bytes, optional + 28)?.into();
                (high << 32 | low, optional + 112)
            }
        };
        let mut image = Image {
            bytes,
            base,
            narrow,
            sections: Vec::new(),
            exports: word(bytes, directories)?,
            exceptions: (
                word(bytes, directories + 24)?,
                word(bytes, directories + 28)?,
            ),
            symbols: (word(bytes, coff + 8)?, word(bytes, coff + 12)?),
        };
        let first = optional + usize::from(half(bytes, coff + 16)?);
        for index in 0..usize::from(half(bytes, coff + 2)?) {
            let at = first + index * SECTION;
            let Some(name) = bytes.get(at..at + 8) else {
                break;
            };
            image.sections.push(Section {
                name: image.section_name(name),
                size: word(bytes, at + 8)?,
                address: word(bytes, at + 12)?,
                file_size: word(bytes, at + 16)?,
                offset: word(bytes, at + 20)?,
                executes: word(bytes, at + 36)? & 0x2000_0000 != 0,
            });
        }
        Some(image)
    }

    /// A longer name than eight bytes stands in the table of strings: `/4`.
    fn section_name(&self, name: &[u8]) -> String {
        let short = String::from_utf8_lossy(name);
        let short = short.trim_end_matches('\0');
        let place = short.strip_prefix('/').and_then(|at| at.parse().ok());
        place
            .and_then(|at| text(self.strings(), at))
            .unwrap_or_else(|| short.to_owned())
    }

    /// The table of strings behind the symbols.
    fn strings(&self) -> &'a [u8] {
        let (at, count) = self.symbols;
        let start = (count as usize).checked_mul(RECORD);
        let start = start.and_then(|len| len.checked_add(at as usize));
        let strings = start.and_then(|start| self.bytes.get(start..));
        strings.filter(|_| at != 0).unwrap_or_default()
    }

    fn range(&self, offset: u32, len: u64) -> Option<&'a [u8]> {
        let (start, len) = (offset as usize, usize::try_from(len).ok()?);
        self.bytes.get(start..start.checked_add(len)?)
    }

    /// Where the byte with an address relative to the base is in the file.
    fn place(&self, address: u32) -> Option<usize> {
        let section = self.at(address)?;
        (section.offset as usize).checked_add((address - section.address) as usize)
    }

    fn at(&self, address: u32) -> Option<&Section> {
        self.sections.iter().find(|section| {
            address
                .checked_sub(section.address)
                .is_some_and(|behind| behind < section.size.max(section.file_size))
        })
    }

    fn function(&self, address: u32, rank: (bool, bool), name: &str) -> Option<Function> {
        self.at(address).filter(|section| section.executes)?;
        let plain = name.strip_prefix('_').filter(|_| self.narrow);
        let name = plain.unwrap_or(name);
        (!name.is_empty()).then(|| Function {
            start: self.base.wrapping_add(address.into()),
            rank,
            len: 0,
            name: name.to_owned(),
        })
    }

    /// The table for unwinding, which images of 64 bits have. Without one no function of theirs moves the stack.
    fn functions(&self) -> Option<Vec<(u32, u32, u32)>> {
        if self.narrow {
            return None;
        }
        let (at, len) = self.exceptions;
        let table = self.place(at).filter(|_| at != 0).unwrap_or(usize::MAX);
        let row = |index: usize| {
            let at = table.checked_add(12 * index)?;
            Some((
                word(self.bytes, at)?,
                word(self.bytes, at + 4)?,
                word(self.bytes, at + 8)?,
            ))
        };
        let mut all: Vec<_> = (0..(len as usize / 12).min(FUNCTIONS))
            .map_while(row)
            .collect();
        all.sort_unstable();
        Some(all)
    }

    /// Functions of the table of symbols, where it has not been stripped.
    fn symbols(&self) -> Vec<Function> {
        let (at, count) = self.symbols;
        let mut all = Vec::new();
        let mut index = 0;
        while at != 0 && index < (count as usize).min(FUNCTIONS) {
            let start = (at as usize).saturating_add(index * RECORD);
            let Some(record) = self.bytes.get(start..start.saturating_add(RECORD)) else {
                break;
            };
            index += 1 + usize::from(record[17]);
            let section = usize::from(u16::from_le_bytes([record[12], record[13]]));
            let kind = u16::from_le_bytes([record[14], record[15]]);
            let class = record[16];
            // A function, external or static.
            let (Some(section), 0x20, 2 | 3) = (
                section.checked_sub(1).and_then(|at| self.sections.get(at)),
                kind,
                class,
            ) else {
                continue;
            };
            let name = match word(record, 0) {
                Some(0) => text(self.strings(), word(record, 4).unwrap_or(0) as usize),
                _ => Some(
                    String::from_utf8_lossy(&record[..8])
                        .trim_end_matches('\0')
                        .to_owned(),
                ),
            };
            let value = word(record, 8).unwrap_or(0);
            let address = section.address.wrapping_add(value);
            all.extend(name.and_then(|name| self.function(address, (false, class == 3), &name)));
        }
        all
    }

    /// Functions that it gives to others.
    fn exports(&self) -> Vec<Function> {
        let mut all = Vec::new();
        let found = || {
            let table = self.place(self.exports).filter(|_| self.exports != 0)?;
            let count = (word(self.bytes, table + 24)? as usize).min(FUNCTIONS);
            let functions = self.place(word(self.bytes, table + 28)?)?;
            let names = self.place(word(self.bytes, table + 32)?)?;
            let ordinals = self.place(word(self.bytes, table + 36)?)?;
            Some((count, functions, names, ordinals))
        };
        let Some((count, functions, names, ordinals)) = found() else {
            return all;
        };
        for index in 0..count {
            let one = || {
                let name = text(
                    self.bytes,
                    self.place(word(self.bytes, names + 4 * index)?)?,
                )?;
                let ordinal = usize::from(half(self.bytes, ordinals + 2 * index)?);
                let address = word(self.bytes, functions + 4 * ordinal)?;
                self.at(address).filter(|section| section.executes)?;
                Some(Function {
                    start: self.base.wrapping_add(address.into()),
                    rank: (true, false),
                    len: 0,
                    name,
                })
            };
            all.extend(one());
        }
        all
    }
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}
