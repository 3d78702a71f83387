//! What does an `OBJECT_ATTRIBUTES` name?   [ntdef.h: OBJECT_ATTRIBUTES, UNICODE_STRING]

use emu_cpu::{Fault, GuestMemory};
use emu_prototypes::nt::NtStatus;

use crate::kernel::Cx;

/// A `UNICODE_STRING`: bytes and where they are.
pub(crate) fn unicode_string(
    memory: &mut dyn GuestMemory,
    word: u64,
    at: u64,
) -> Result<(u16, u64), Fault> {
    let len = memory.read_u16(at)?;
    let buffer = memory.read_word(at.wrapping_add(word), word)?;
    Ok((len, buffer))
}

/// The units of UTF-16 that bytes are.
pub(crate) fn units_of(bytes: &[u8]) -> Vec<u16> {
    let units = bytes.chunks_exact(2);
    units
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
        .collect()
}

/// The name and the directory of an object.
pub(super) struct Attributes {
    /// A handle that the name starts at, or 0.
    pub(super) root: u64,
    /// The name in units of UTF-16.
    pub(super) name: Vec<u16>,
    /// `Attributes`.
    pub(super) flags: u32,
}

impl Cx<'_> {
    /// The units of a `UNICODE_STRING`.
    pub(super) fn unicode(&mut self, at: u64) -> Result<Vec<u16>, NtStatus> {
        let word = self.word();
        let (len, buffer) = unicode_string(self.mem, word, at)?;
        if len % 2 != 0 {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        }
        Ok(self.units(buffer, usize::from(len))?)
    }

    /// Units of text that so many bytes at an address are.
    pub(super) fn units(&mut self, at: u64, len: usize) -> Result<Vec<u16>, Fault> {
        let mut bytes = vec![0; len];
        self.mem.read(at, &mut bytes)?;
        Ok(units_of(&bytes))
    }

    /// `Attributes` of those at an address: what is said of a handle. Nothing where nothing can be read.
    pub(super) fn handle_flags(&mut self, at: u64) -> u32 {
        let word = self.word();
        match at {
            0 => 0,
            at => self.mem.read_u32(at.wrapping_add(3 * word)).unwrap_or(0),
        }
    }

    /// The attributes at an address; `None` where there are none.
    pub(super) fn attributes(&mut self, at: u64) -> Result<Option<Attributes>, NtStatus> {
        if at == 0 {
            return Ok(None);
        }
        let word = self.word();
        let size = if word == 4 { 24 } else { 48 };
        if self.mem.read_u32(at)? != size {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let root = self.read_word(at.wrapping_add(word))?;
        let name = match self.read_word(at.wrapping_add(2 * word))? {
            0 => Vec::new(),
            name => self.unicode(name)?,
        };
        let flags = self.mem.read_u32(at.wrapping_add(3 * word))?;
        Ok(Some(Attributes { root, name, flags }))
    }
}
