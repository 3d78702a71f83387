//! Which bytes is a hive?

use std::collections::BTreeMap;

use super::super::tree::{Value, folded};
use super::{
    BASE, Branch, CHECKSUM, CLUSTER, FIRST, FORMAT, INLINE, KEY, KEY_BYTES, KEY_LINK, KEY_ROOT,
    LATEST, MAJOR, MINOR, NONE, PIECE, ROOT, SECOND, SIGNATURE, SIZE, VALUE, VALUE_BYTES, WRITTEN,
    checksum,
};

/// Bytes in front of a bin's cells.
const BIN: usize = 32;
/// Keys in one list at most.
const LISTED: usize = 500;

struct Writer {
    bins: Vec<u8>,
    /// Where the bin that is being filled ends, and how far it is filled.
    filled: usize,
    latest: bool,
    /// Descriptors: where each is, and how many keys have it.
    securities: BTreeMap<Vec<u8>, (u32, u32)>,
}

/// Writes a hive of version 1.3 or 1.5. `now` is in units of 100 ns since 1601.
pub(in super::super) fn write(top: &Branch, minor: u32, now: u64) -> Vec<u8> {
    let mut writer = Writer {
        bins: Vec::new(),
        filled: 0,
        latest: minor >= LATEST,
        securities: BTreeMap::new(),
    };
    let root = writer.key(top, None);
    writer.join_securities();
    writer.end_bin();
    let mut out = vec![0; BASE];
    out[..4].copy_from_slice(SIGNATURE);
    out[WRITTEN..WRITTEN + 8].copy_from_slice(&now.to_le_bytes());
    for (place, value) in [
        (FIRST, 1),
        (SECOND, 1),
        (MAJOR, 1),
        (MINOR, minor),
        (FORMAT, 1),
        (ROOT, root),
        (SIZE, writer.bins.len() as u32),
        (CLUSTER, 1),
    ] {
        out[place..place + 4].copy_from_slice(&value.to_le_bytes());
    }
    let sum = checksum(&out).to_le_bytes();
    out[CHECKSUM..CHECKSUM + 4].copy_from_slice(&sum);
    out.extend(writer.bins);
    out
}

/// A name in bytes when each letter is one, or in UTF-16.
fn spelled(name: &[u16]) -> (Vec<u8>, bool) {
    let narrow: Option<Vec<u8>> = name.iter().map(|unit| u8::try_from(*unit).ok()).collect();
    match narrow {
        Some(bytes) => (bytes, true),
        None => (
            name.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            false,
        ),
    }
}

/// The sum of a name in lists of the latest format.
fn hash(name: &[u16]) -> u32 {
    folded(name).iter().fold(0, |hash: u32, unit| {
        hash.wrapping_mul(37).wrapping_add((*unit).into())
    })
}

impl Writer {
    /// The rest of a bin is a free cell.
    fn end_bin(&mut self) {
        let left = self.bins.len() - self.filled;
        if left > 0 {
            let size = (left as u32).to_le_bytes();
            self.bins[self.filled..self.filled + 4].copy_from_slice(&size);
            self.filled = self.bins.len();
        }
    }

    /// A new cell: where it is.
    fn cell(&mut self, bytes: &[u8]) -> u32 {
        let size = (bytes.len() + 4).next_multiple_of(8);
        if self.bins.len() - self.filled < size {
            self.end_bin();
            let start = self.bins.len();
            let room = (size + BIN).next_multiple_of(BASE);
            self.bins.resize(start + room, 0);
            self.bins[start..start + 4].copy_from_slice(b"hbin");
            for (place, value) in [(4, start), (8, room)] {
                let at = start + place;
                self.bins[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
            }
            self.filled = start + BIN;
        }
        let at = self.filled;
        let used = (size as u32).wrapping_neg();
        self.bins[at..at + 4].copy_from_slice(&used.to_le_bytes());
        self.bins[at + 4..at + 4 + bytes.len()].copy_from_slice(bytes);
        self.filled += size;
        at as u32
    }

    /// Changes a number in a cell.
    fn patch(&mut self, cell: u32, place: usize, value: u32) {
        let at = cell as usize + 4 + place;
        self.bins[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    /// A cell of offsets; none for no offsets.
    fn offsets(&mut self, all: &[u32]) -> u32 {
        match all {
            [] => NONE,
            all => {
                let bytes: Vec<u8> = all.iter().flat_map(|offset| offset.to_le_bytes()).collect();
                self.cell(&bytes)
            }
        }
    }

    fn key(&mut self, branch: &Branch, parent: Option<u32>) -> u32 {
        let (name, narrow) = spelled(&branch.name);
        let mut flags = if narrow { KEY_BYTES } else { 0 };
        if branch.link {
            flags |= KEY_LINK;
        }
        if parent.is_none() {
            flags |= KEY_ROOT;
        }
        let mut head = vec![0; KEY];
        head[..2].copy_from_slice(b"nk");
        head[2..4].copy_from_slice(&flags.to_le_bytes());
        head[4..12].copy_from_slice(&branch.written.to_le_bytes());
        let class = 2 * branch.class.len().min(0x7fff);
        head[72..74].copy_from_slice(&(name.len() as u16).to_le_bytes());
        head[74..76].copy_from_slice(&(class as u16).to_le_bytes());
        let own = self.cell(&[head, name].concat());
        let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0) as u32;
        let children = &branch.children;
        let values = &branch.values;
        let listed: Vec<u32> = values.iter().map(|value| self.value(value)).collect();
        let fields = [
            (16, parent.unwrap_or(0)),
            (20, children.len() as u32),
            (28, self.children(children, own)),
            (32, NONE),
            (36, values.len() as u32),
            (40, self.offsets(&listed)),
            (44, self.security(&branch.security)),
            (48, self.class(&branch.class)),
            (
                52,
                longest(&mut children.iter().map(|child| 2 * child.name.len())),
            ),
            (
                56,
                longest(&mut children.iter().map(|child| 2 * child.class.len())),
            ),
            (
                60,
                longest(&mut values.iter().map(|value| 2 * value.name.len())),
            ),
            (
                64,
                longest(&mut values.iter().map(|value| value.data.len())),
            ),
        ];
        for (place, value) in fields {
            self.patch(own, place, value);
        }
        own
    }

    fn class(&mut self, class: &[u16]) -> u32 {
        match class {
            [] => NONE,
            class => {
                let bytes: Vec<u8> = class.iter().flat_map(|unit| unit.to_le_bytes()).collect();
                self.cell(&bytes)
            }
        }
    }

    /// Keys, in the order of their names, in a list or in lists of a list.
    fn children(&mut self, children: &[Branch], parent: u32) -> u32 {
        if children.is_empty() {
            return NONE;
        }
        let mut sorted: Vec<&Branch> = children.iter().collect();
        sorted.sort_by_key(|child| folded(&child.name));
        let mut lists = Vec::new();
        for some in sorted.chunks(LISTED) {
            let mark = if self.latest { b"lh" } else { b"lf" };
            let mut bytes = [&mark[..], &(some.len() as u16).to_le_bytes()].concat();
            for child in some {
                let offset = self.key(child, Some(parent));
                bytes.extend(offset.to_le_bytes());
                bytes.extend(match self.latest {
                    true => hash(&child.name).to_le_bytes(),
                    false => {
                        let (name, narrow) = spelled(&child.name);
                        let mut hint = [0; 4];
                        let count = if narrow { name.len().min(4) } else { 0 };
                        hint[..count].copy_from_slice(&name[..count]);
                        hint
                    }
                });
            }
            lists.push(self.cell(&bytes));
        }
        if let [only] = lists[..] {
            return only;
        }
        let mut bytes = [&b"ri"[..], &(lists.len() as u16).to_le_bytes()].concat();
        bytes.extend(lists.iter().flat_map(|list| list.to_le_bytes()));
        self.cell(&bytes)
    }

    fn value(&mut self, value: &Value) -> u32 {
        let (name, narrow) = spelled(&value.name);
        let len = value.data.len();
        let (size, place) = match len {
            0..=4 => {
                let mut place = [0; 4];
                place[..len].copy_from_slice(&value.data);
                (len as u32 | INLINE, u32::from_le_bytes(place))
            }
            _ if self.latest && len > PIECE => (len as u32, self.pieces(&value.data)),
            _ => (len as u32, self.cell(&value.data)),
        };
        let mut head = vec![0; VALUE];
        head[..2].copy_from_slice(b"vk");
        head[2..4].copy_from_slice(&(name.len() as u16).to_le_bytes());
        for (at, field) in [(4, size), (8, place), (12, value.kind)] {
            head[at..at + 4].copy_from_slice(&field.to_le_bytes());
        }
        let flags = if narrow { VALUE_BYTES } else { 0 };
        head[16..18].copy_from_slice(&flags.to_le_bytes());
        self.cell(&[head, name].concat())
    }

    fn pieces(&mut self, data: &[u8]) -> u32 {
        let pieces: Vec<u32> = data.chunks(PIECE).map(|piece| self.cell(piece)).collect();
        let list = self.offsets(&pieces);
        let mut bytes = [&b"db"[..], &(pieces.len() as u16).to_le_bytes()].concat();
        bytes.extend(list.to_le_bytes());
        bytes.extend([0; 4]);
        self.cell(&bytes)
    }

    fn security(&mut self, bytes: &[u8]) -> u32 {
        if bytes.is_empty() {
            return NONE;
        }
        if let Some((cell, count)) = self.securities.get_mut(bytes) {
            *count += 1;
            return *cell;
        }
        let mut head = vec![0; 20];
        head[..2].copy_from_slice(b"sk");
        head[16..20].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        let cell = self.cell(&[&head, bytes].concat());
        self.securities.insert(bytes.to_vec(), (cell, 1));
        cell
    }

    /// Each descriptor says which is next, and which the one before it, in a ring; and how many keys have it.
    fn join_securities(&mut self) {
        let all: Vec<(u32, u32)> = self.securities.values().copied().collect();
        for (index, (cell, count)) in all.iter().enumerate() {
            let (next, _) = all[(index + 1) % all.len()];
            let (last, _) = all[(index + all.len() - 1) % all.len()];
            for (place, value) in [(4, next), (8, last), (12, *count)] {
                self.patch(*cell, place, value);
            }
        }
    }
}
