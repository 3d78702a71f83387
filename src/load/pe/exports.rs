//! What does an image give to others?

use std::collections::HashMap;

use emu_cpu::AddressSpace;
use goblin::pe::data_directories::DataDirectory;

use super::headers::{Directory, Pe};

/// The most functions of an image: ordinals have 16 bits.
const MAX: u32 = 1 << 16;
/// The longest name that is looked at.
const MAX_NAME: usize = 512;

/// Where an export leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Export {
    /// An address.
    Address(u64),
    /// An export of another library: its name without a suffix, and the name or number there.
    Forwarded(String, Symbol),
}

/// How an export is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Symbol {
    Name(String),
    Ordinal(u16),
}

/// The exports of a mapped image.   [Microsoft, PE Format, .edata]
#[derive(Debug, Default)]
pub(super) struct Exports {
    base: u64,
    first: u32,
    functions: Vec<u32>,
    names: HashMap<String, u16>,
    /// Addresses that are texts of other exports' names.
    forwarders: (u32, u32),
}

impl Exports {
    /// Reads the exports of an image at an address. What can't be read is not there.
    pub(super) fn read(space: &mut AddressSpace, pe: &Pe, base: u64) -> Exports {
        match pe.directory(Directory::Export) {
            Some(directory) => Exports::at(space, base, directory),
            None => Exports::default(),
        }
    }

    /// The same of an image whose headers are only in memory.
    pub(super) fn of_mapped(space: &mut AddressSpace, base: u64) -> Option<Exports> {
        let word = |space: &mut AddressSpace, at: u32| {
            let mut bytes = [0; 4];
            peek(space, base, at, &mut bytes)?;
            Some(u32::from_le_bytes(bytes))
        };
        // [Microsoft, PE Format: the offset of the signature, the magic number of the optional header, its directories]
        let header = word(space, 0x3c)?.checked_add(24)?;
        let directories = match word(space, header)? & 0xffff {
            0x20b => header.checked_add(112)?,
            0x10b => header.checked_add(96)?,
            _ => return None,
        };
        let directory = DataDirectory {
            virtual_address: word(space, directories)?,
            size: word(space, directories.checked_add(4)?)?,
        };
        (directory.virtual_address != 0).then(|| Exports::at(space, base, directory))
    }

    fn at(space: &mut AddressSpace, base: u64, directory: DataDirectory) -> Exports {
        let start = directory.virtual_address;
        let mut header = [0; 40];
        if peek(space, base, start, &mut header).is_none() {
            return Exports::default();
        }
        let word = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let (functions, names) = (word(20).min(MAX), word(24).min(MAX));
        let mut exports = Exports {
            base,
            first: word(16),
            functions: words(space, base, word(28), functions),
            names: HashMap::new(),
            forwarders: (start, start.saturating_add(directory.size)),
        };
        let pointers = words(space, base, word(32), names);
        for (index, pointer) in pointers.into_iter().enumerate() {
            let mut ordinal = [0; 2];
            let at = word(36).wrapping_add(2 * index as u32);
            if peek(space, base, at, &mut ordinal).is_none() {
                break;
            }
            if let Some(name) = text(space, base, pointer) {
                exports.names.insert(name, u16::from_le_bytes(ordinal));
            }
        }
        exports
    }

    /// All names.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.names.keys().cloned()
    }

    /// Whether there is one of a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The address of an export of the image's own.
    pub(super) fn address(&self, space: &mut AddressSpace, name: &str) -> Option<u64> {
        match self.find(space, &Symbol::Name(name.to_owned()))? {
            Export::Address(address) => Some(address),
            Export::Forwarded(..) => None,
        }
    }

    /// What an export leads to.
    pub(super) fn find(&self, space: &mut AddressSpace, symbol: &Symbol) -> Option<Export> {
        let index = match symbol {
            Symbol::Name(name) => u32::from(*self.names.get(name)?),
            Symbol::Ordinal(ordinal) => u32::from(*ordinal).checked_sub(self.first)?,
        };
        let address = *self.functions.get(index as usize)?;
        if address == 0 {
            return None;
        }
        if !(self.forwarders.0..self.forwarders.1).contains(&address) {
            return Some(Export::Address(self.base + u64::from(address)));
        }
        let text = text(space, self.base, address)?;
        let (library, name) = text.rsplit_once('.')?;
        let symbol = match name.strip_prefix('#') {
            Some(number) => Symbol::Ordinal(number.parse().ok()?),
            None => Symbol::Name(name.to_owned()),
        };
        Some(Export::Forwarded(library.to_owned(), symbol))
    }
}

fn peek(space: &mut AddressSpace, base: u64, at: u32, bytes: &mut [u8]) -> Option<()> {
    space.peek(base.checked_add(at.into())?, bytes).ok()
}

fn words(space: &mut AddressSpace, base: u64, at: u32, count: u32) -> Vec<u32> {
    let mut bytes = vec![0; 4 * count as usize];
    if peek(space, base, at, &mut bytes).is_none() {
        return Vec::new();
    }
    let word = |word: &[u8]| u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
    bytes.chunks_exact(4).map(word).collect()
}

/// A text of an image.
pub(super) fn text(space: &mut AddressSpace, base: u64, at: u32) -> Option<String> {
    let bytes = space
        .read_cstr(base.checked_add(at.into())?, MAX_NAME)
        .ok()?;
    String::from_utf8(bytes).ok()
}
