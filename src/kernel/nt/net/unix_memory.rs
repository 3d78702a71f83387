//! What does a function of a Unix half find in the guest's memory, and what does it leave there?

use emu_cpu::GuestMemory;
use emu_prototypes::nt::NtStatus;

use crate::kernel::Cx;

/// An error of Winsock.   [winerror.h: ERROR_INSUFFICIENT_BUFFER]
pub(super) const INSUFFICIENT_BUFFER: u64 = 122;
/// Bytes of a name at most.
const MOST_NAME: u64 = 1024;

/// A structure of arguments: most are as wide as pointers.
pub(super) struct Arguments {
    pub(super) at: u64,
    pub(super) word: u64,
}

impl Arguments {
    pub(super) fn word(&self, cx: &mut Cx<'_>, index: u64) -> Result<u64, NtStatus> {
        let at = self.at.wrapping_add(index * self.word);
        Ok(cx.mem.read_word(at, self.word)?)
    }

    /// One that has 32 bits, at an offset by width.
    pub(super) fn u32(&self, cx: &mut Cx<'_>, narrow: u64, wide: u64) -> Result<u32, NtStatus> {
        let at = if self.word == 4 { narrow } else { wide };
        Ok(cx.mem.read_u32(self.at.wrapping_add(at))?)
    }
}

/// What is written to a place of the guest's, with pointers into itself.
pub(super) struct Block {
    pub(super) at: u64,
    pub(super) word: u64,
    pub(super) bytes: Vec<u8>,
}

impl Block {
    pub(super) fn new(at: u64, word: u64, size: u64) -> Block {
        let bytes = vec![0; size as usize];
        Block { at, word, bytes }
    }

    /// Adds bytes, and tells where they are.
    pub(super) fn add(&mut self, more: &[u8]) -> u64 {
        let aligned = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(aligned, 0);
        self.bytes.extend_from_slice(more);
        self.at.wrapping_add(aligned as u64)
    }

    pub(super) fn put(&mut self, at: u64, size: u64, value: u64) {
        let at = at as usize;
        let value = value.to_le_bytes();
        if let Some(place) = self.bytes.get_mut(at..at + size as usize) {
            place.copy_from_slice(&value[..size as usize]);
        }
    }

    pub(super) fn put_word(&mut self, at: u64, value: u64) {
        self.put(at, self.word, value);
    }

    /// Writes it when it fits; tells how long it is else.
    pub(super) fn write(self, cx: &mut Cx<'_>, size_at: u64) -> Result<u64, NtStatus> {
        let room = cx.mem.read_u32(size_at)?;
        if self.bytes.len() > room as usize {
            cx.mem.write_u32(size_at, self.bytes.len() as u32)?;
            return Ok(INSUFFICIENT_BUFFER);
        }
        cx.mem.write(self.at, &self.bytes)?;
        Ok(0)
    }
}

/// The text at an address, up to a zero.
pub(super) fn text(cx: &mut Cx<'_>, at: u64) -> Result<Option<String>, NtStatus> {
    if at == 0 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for index in 0..MOST_NAME {
        let mut byte = [0];
        cx.mem.read(at.wrapping_add(index), &mut byte)?;
        if byte == [0] {
            return Ok(Some(String::from_utf8_lossy(&bytes).into_owned()));
        }
        bytes.push(byte[0]);
    }
    Err(NtStatus::NAME_TOO_LONG)
}

pub(super) fn zero_ended(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}
