//! What is a hive, the binary form of a part of the registry?   [M. Suhanov, Windows registry file format specification;
//! Microsoft, Registry Hives; ReactOS sdk/lib/cmlib/cmdata.h: HBASE_BLOCK, HBIN, CM_KEY_NODE, CM_KEY_VALUE]
//!
//! A file of 4096 bytes that say what it is, and bins of cells behind them. A cell is a key, a value, data, or a list of
//! such cells; where another cell is stands in it as an offset behind those first bytes.

mod read;
mod write;

pub(super) use read::{Wrong, read};
pub(super) use write::write;

use std::rc::Rc;

use super::tree::{Key, OVERHEAD, Value};

/// Bytes in front of all bins, and what they begin with; bins are multiples of that, too.
const BASE: usize = 4096;
/// What a file begins with.
pub(super) const SIGNATURE: &[u8] = b"regf";
/// Where fields of the first bytes are: numbers of both writes, times, version, kind of file, root, bytes of bins.
const FIRST: usize = 4;
const SECOND: usize = 8;
const WRITTEN: usize = 12;
const MAJOR: usize = 20;
const MINOR: usize = 24;
const FORMAT: usize = 32;
const ROOT: usize = 36;
const SIZE: usize = 40;
const CLUSTER: usize = 44;
const CHECKSUM: usize = 508;
/// Minor versions: of the standard format, and of the latest one, which has data in pieces.   [ntddk.h: HSYS_MINOR]
pub(super) const STANDARD: u32 = 3;
pub(super) const LATEST: u32 = 5;
/// No cell.
const NONE: u32 = u32::MAX;
/// Bytes of a key's cell in front of its name, and of a value's.
const KEY: usize = 76;
const VALUE: usize = 20;
/// `Flags` of a key: the first one of the hive, which stays; a link; a name in bytes.
const KEY_ROOT: u16 = 0xc;
const KEY_LINK: u16 = 0x10;
const KEY_BYTES: u16 = 0x20;
/// The same of a value.
const VALUE_BYTES: u16 = 1;
/// A size that says that the data is in place of its offset.
const INLINE: u32 = 0x8000_0000;
/// Bytes of data in one cell at most, in the latest format.
const PIECE: usize = 16344;

/// A key with all below it, as a hive has it.
#[derive(Default)]
pub(super) struct Branch {
    pub(super) name: Vec<u16>,
    pub(super) class: Vec<u16>,
    /// When it was last changed, in units of 100 ns since 1601.
    pub(super) written: u64,
    pub(super) link: bool,
    /// A security descriptor, self-relative; nothing for the defaults.
    pub(super) security: Vec<u8>,
    pub(super) values: Vec<Value>,
    pub(super) children: Vec<Branch>,
}

impl Branch {
    /// A key of the registry, but what is volatile.
    pub(super) fn of(key: &Rc<Key>, security: &dyn Fn(&Rc<Key>) -> Vec<u8>) -> Branch {
        let children = key.all_children();
        let kept = children.iter().filter(|child| !child.making.volatile);
        Branch {
            name: key.name(),
            class: key.making.class.clone(),
            written: key.written.get(),
            link: key.making.link,
            security: security(key),
            values: key.all_values(),
            children: kept.map(|child| Branch::of(child, security)).collect(),
        }
    }

    /// What it takes in the registry, about.
    pub(super) fn size(&self) -> u64 {
        let values = self.values.iter();
        let values: u64 = values
            .map(|value| OVERHEAD + 4 * value.name.len() as u64 + value.data.len() as u64)
            .sum();
        let own = OVERHEAD + 4 * self.name.len() as u64 + 2 * self.class.len() as u64;
        own + values + self.children.iter().map(Branch::size).sum::<u64>()
    }
}

/// The sum of the first bytes.
fn checksum(base: &[u8]) -> u32 {
    let words = base[..CHECKSUM].chunks_exact(4);
    let sum = words.fold(0, |sum, word| {
        sum ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]])
    });
    match sum {
        0 => 1,
        NONE => NONE - 1,
        sum => sum,
    }
}

#[cfg(test)]
mod tests {
    use super::{Branch, LATEST, STANDARD, Wrong, read, write};
    use crate::kernel::nt::registry::tree::Value;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn value(name: &str, kind: u32, data: Vec<u8>) -> Value {
        let name = units(name);
        Value { name, kind, data }
    }

    /// A tree with all that a hive can have.
    fn sample() -> Branch {
        let many = (0..1500).map(|index| Branch {
            name: units(&format!("k{index:04}")),
            ..Branch::default()
        });
        Branch {
            name: units("top"),
            class: units("kind"),
            written: 0x01d0_0000_0000_0001,
            security: vec![1; 20],
            values: vec![
                value("", 1, b"a\0\0\0".to_vec()),
                value("number", 4, vec![1, 2, 3, 4]),
                value("empty", 3, Vec::new()),
                value("long", 3, (0..40000u32).map(|byte| byte as u8).collect()),
                value("\u{416}", 7, b"x\0y\0z\0".to_vec()),
            ],
            children: vec![
                Branch {
                    name: units("Many"),
                    children: many.collect(),
                    ..Branch::default()
                },
                Branch {
                    name: units("\u{417}link"),
                    link: true,
                    ..Branch::default()
                },
            ],
            link: false,
        }
    }

    fn told(branch: &Branch, depth: usize, out: &mut String) {
        let name = String::from_utf16_lossy(&branch.name);
        let class = String::from_utf16_lossy(&branch.class);
        let (written, link) = (branch.written, branch.link);
        *out += &format!(
            "{depth} {name} {class} {written} {link} {:?}\n",
            branch.security
        );
        for value in &branch.values {
            let name = String::from_utf16_lossy(&value.name);
            *out += &format!("{name} {} {:?}\n", value.kind, value.data);
        }
        for child in &branch.children {
            told(child, depth + 1, out);
        }
    }

    fn text(branch: &Branch) -> String {
        let mut out = String::new();
        told(branch, 0, &mut out);
        out
    }

    #[test]
    fn what_is_written_is_read_again() {
        let sample = sample();
        for minor in [STANDARD, LATEST] {
            let bytes = write(&sample, minor, 7);
            assert_eq!(bytes.len() % 4096, 0);
            let again = read(&bytes).unwrap_or_else(|_| panic!("a hive of version 1.{minor}"));
            assert!(text(&again) == text(&sample), "version 1.{minor}");
        }
    }

    #[test]
    fn what_is_no_hive_is_said_to_be_none() {
        assert!(matches!(read(b""), Err(Wrong::NoHive)));
        assert!(matches!(
            read(b"Windows Registry Editor"),
            Err(Wrong::NoHive)
        ));
        let bytes = write(&sample(), STANDARD, 7);
        for end in [4, 100, 4095, 4096, 5000, bytes.len() - 1] {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
    }

    /// Neither a panic, nor a loop, nor more memory than there is data.
    #[test]
    fn hives_with_wrong_bytes_end() {
        let mut small = sample();
        small.children[0].children.truncate(20);
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        let mut read_well = 0;
        for minor in [STANDARD, LATEST] {
            let good = write(&small, minor, 7);
            for _ in 0..400 {
                let mut bytes = good.clone();
                for _ in 0..1 + next() % 4 {
                    // Most of what matters is in the first bytes and in the first bin.
                    let most = if next() % 4 == 0 {
                        bytes.len()
                    } else {
                        4096 + 2048
                    };
                    let place = (next() % most as u64) as usize;
                    bytes[place] = match next() % 3 {
                        0 => 0xff,
                        1 => next() as u8,
                        _ => bytes[place] ^ 1 << (next() % 8),
                    };
                }
                let sum = super::checksum(&bytes).to_le_bytes();
                bytes[super::CHECKSUM..super::CHECKSUM + 4].copy_from_slice(&sum);
                read_well += usize::from(read(&bytes).is_ok());
            }
        }
        assert!(read_well > 50, "{read_well}");
    }

    /// A list that names one key again and again, or itself.
    #[test]
    fn cells_that_lead_to_themselves_are_wrong() {
        let good = write(&sample(), STANDARD, 7);
        let find = |what: &[u8]| {
            good.windows(2)
                .position(|pair| pair == what)
                .expect("a list")
        };
        let list = find(b"ri");
        let own = (list - 4096 - 4) as u32;
        let mut bytes = good.clone();
        bytes[list + 4..list + 8].copy_from_slice(&own.to_le_bytes());
        assert!(read(&bytes).is_err());
        let mut bytes = good.clone();
        let first: [u8; 4] = good[list + 4..list + 8].try_into().expect("four bytes");
        bytes[list + 8..list + 12].copy_from_slice(&first);
        assert!(read(&bytes).is_err());
    }
}
