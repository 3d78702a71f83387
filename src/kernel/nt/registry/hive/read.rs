//! Which keys and values are in the bytes of a hive? All that leads out of them, or round in them, is wrong.

use std::collections::BTreeSet;

use super::super::tree::{MAX_BYTES, MAX_DEPTH, OVERHEAD, Value};
use super::super::{MAX_KEY_NAME, MAX_VALUE_NAME};
use super::{
    BASE, Branch, CHECKSUM, FORMAT, INLINE, KEY, KEY_BYTES, KEY_LINK, MAJOR, MINOR, NONE, PIECE,
    ROOT, SIGNATURE, SIZE, STANDARD, VALUE, VALUE_BYTES, checksum,
};
use crate::kernel::nt::units_of;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Wrong {
    /// It is none.
    NoHive,
    /// It says so, but something in it can't be.
    Corrupt(&'static str),
}

type Read<T> = Result<T, Wrong>;

struct Reader<'a> {
    bins: &'a [u8],
    minor: u32,
    /// Keys that have been read.
    seen: BTreeSet<u32>,
    /// What keys and values may still take.
    room: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Read<u16> {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    let found = found.ok_or(Wrong::Corrupt("a cell ends too early"))?;
    Ok(u16::from_le_bytes(*found))
}

fn u32_at(bytes: &[u8], at: usize) -> Read<u32> {
    let found = bytes.get(at..).and_then(<[u8]>::first_chunk);
    let found = found.ok_or(Wrong::Corrupt("a cell ends too early"))?;
    Ok(u32::from_le_bytes(*found))
}

fn part(bytes: &[u8], at: usize, len: usize) -> Read<&[u8]> {
    let found = bytes.get(at..).and_then(|rest| rest.get(..len));
    found.ok_or(Wrong::Corrupt("a cell ends too early"))
}

/// A name: in bytes each of which is a letter, or in UTF-16.
fn name(bytes: &[u8], narrow: bool) -> Vec<u16> {
    match narrow {
        true => bytes.iter().map(|byte| u16::from(*byte)).collect(),
        false => units_of(bytes),
    }
}

/// Reads a hive.
pub(in super::super) fn read(file: &[u8]) -> Read<Branch> {
    if !file.starts_with(SIGNATURE) {
        return Err(Wrong::NoHive);
    }
    let base = file.get(..BASE).ok_or(Wrong::Corrupt("it is too short"))?;
    if checksum(base) != u32_at(base, CHECKSUM)? {
        return Err(Wrong::Corrupt("its checksum is wrong"));
    }
    let minor = u32_at(base, MINOR)?;
    if u32_at(base, MAJOR)? != 1 || !(2..=6).contains(&minor) || u32_at(base, FORMAT)? != 1 {
        return Err(Wrong::Corrupt("it is of an unknown version"));
    }
    let bins = file[BASE..].get(..u32_at(base, SIZE)? as usize);
    let mut reader = Reader {
        bins: bins.ok_or(Wrong::Corrupt("it is too short"))?,
        minor,
        seen: BTreeSet::new(),
        room: MAX_BYTES,
    };
    reader.key(u32_at(base, ROOT)?, 0)
}

impl<'a> Reader<'a> {
    /// What is in a cell that is in use.
    fn cell(&self, offset: u32) -> Read<&'a [u8]> {
        let rest = self.bins.get(offset as usize..);
        let rest = rest.ok_or(Wrong::Corrupt("a cell is outside of it"))?;
        let size = u32_at(rest, 0)?.cast_signed();
        if !offset.is_multiple_of(8) || size >= 0 {
            return Err(Wrong::Corrupt("a cell is not in use"));
        }
        part(rest, 4, (size.unsigned_abs() as usize).saturating_sub(4))
    }

    fn take(&mut self, bytes: u64) -> Read<()> {
        let left = self.room.checked_sub(bytes + OVERHEAD);
        self.room = left.ok_or(Wrong::Corrupt("there is too much in it"))?;
        Ok(())
    }

    fn key(&mut self, offset: u32, depth: usize) -> Read<Branch> {
        let cell = self.cell(offset)?;
        if !cell.starts_with(b"nk") {
            return Err(Wrong::Corrupt("a key is none"));
        }
        if depth > MAX_DEPTH || !self.seen.insert(offset) {
            return Err(Wrong::Corrupt("keys lead round"));
        }
        let flags = u16_at(cell, 2)?;
        let written = u64::from(u32_at(cell, 4)?) | u64::from(u32_at(cell, 8)?) << 32;
        let own = part(cell, KEY, usize::from(u16_at(cell, 72)?))?;
        let class = match (u32_at(cell, 48)?, usize::from(u16_at(cell, 74)?)) {
            (NONE, _) | (_, 0) => Vec::new(),
            (offset, len) => units_of(part(self.cell(offset)?, 0, len)?),
        };
        let security = match u32_at(cell, 44)? {
            NONE => Vec::new(),
            offset => self.security(offset)?,
        };
        self.take((2 * own.len() + 2 * class.len() + security.len()) as u64)?;
        let is_name = |own: &[u16]| {
            !own.is_empty() && own.len() <= MAX_KEY_NAME && !own.contains(&u16::from(b'\\'))
        };
        let mut branch = Branch {
            name: name(own, flags & KEY_BYTES != 0),
            class,
            written,
            link: flags & KEY_LINK != 0,
            security,
            ..Branch::default()
        };
        if depth > 0 && !is_name(&branch.name) {
            return Err(Wrong::Corrupt("a key's name can't be one"));
        }
        let count = u32_at(cell, 36)? as usize;
        if count > 0 {
            let list = self.cell(u32_at(cell, 40)?)?;
            for index in 0..count {
                branch.values.push(self.value(u32_at(list, 4 * index)?)?);
            }
        }
        if u32_at(cell, 20)? > 0 {
            for child in self.children(u32_at(cell, 28)?)? {
                branch.children.push(self.key(child, depth + 1)?);
            }
        }
        Ok(branch)
    }

    /// The offsets of keys in a list, or in lists of a list.
    fn children(&self, offset: u32) -> Read<Vec<u32>> {
        let cell = self.cell(offset)?;
        if !cell.starts_with(b"ri") {
            return self.listed(cell);
        }
        let mut out = Vec::new();
        for index in 0..usize::from(u16_at(cell, 2)?) {
            let one = self.cell(u32_at(cell, 4 + 4 * index)?)?;
            out.extend(self.listed(one)?);
            if out.len() > self.bins.len() / 8 {
                return Err(Wrong::Corrupt("keys lead round"));
            }
        }
        Ok(out)
    }

    fn listed(&self, cell: &[u8]) -> Read<Vec<u32>> {
        let size = match cell.get(..2) {
            Some(b"li") => 4,
            // With a part of the name, or a sum of it.
            Some(b"lf" | b"lh") => 8,
            _ => return Err(Wrong::Corrupt("a list of keys is none")),
        };
        let count = usize::from(u16_at(cell, 2)?);
        (0..count)
            .map(|index| u32_at(cell, 4 + size * index))
            .collect()
    }

    fn value(&mut self, offset: u32) -> Read<Value> {
        let cell = self.cell(offset)?;
        if !cell.starts_with(b"vk") {
            return Err(Wrong::Corrupt("a value is none"));
        }
        let own = part(cell, VALUE, usize::from(u16_at(cell, 2)?))?;
        let size = u32_at(cell, 4)?;
        if own.len() > 2 * MAX_VALUE_NAME {
            return Err(Wrong::Corrupt("a value's name can't be one"));
        }
        self.take(2 * own.len() as u64 + u64::from(size & !INLINE))?;
        let data = match size & INLINE {
            0 => self.data(u32_at(cell, 8)?, size as usize)?,
            _ if size & !INLINE > 4 => return Err(Wrong::Corrupt("data is not where it is")),
            _ => part(cell, 8, (size & !INLINE) as usize)?.to_vec(),
        };
        Ok(Value {
            name: name(own, u16_at(cell, 16)? & VALUE_BYTES != 0),
            kind: u32_at(cell, 12)?,
            data,
        })
    }

    fn data(&self, offset: u32, size: usize) -> Read<Vec<u8>> {
        if size == 0 {
            return Ok(Vec::new());
        }
        let cell = self.cell(offset)?;
        if self.minor <= STANDARD || size <= PIECE {
            return part(cell, 0, size).map(<[u8]>::to_vec);
        }
        if !cell.starts_with(b"db") {
            return Err(Wrong::Corrupt("data is not where it is"));
        }
        let pieces = self.cell(u32_at(cell, 4)?)?;
        let mut out = Vec::new();
        for index in 0..usize::from(u16_at(cell, 2)?) {
            let piece = self.cell(u32_at(pieces, 4 * index)?)?;
            let count = (size - out.len()).min(PIECE);
            out.extend_from_slice(part(piece, 0, count)?);
        }
        match out.len() == size {
            true => Ok(out),
            false => Err(Wrong::Corrupt("data is not where it is")),
        }
    }

    fn security(&self, offset: u32) -> Read<Vec<u8>> {
        let cell = self.cell(offset)?;
        if !cell.starts_with(b"sk") {
            return Err(Wrong::Corrupt("a security descriptor is none"));
        }
        let size = u32_at(cell, 16)? as usize;
        part(cell, 20, size).map(<[u8]>::to_vec)
    }
}
