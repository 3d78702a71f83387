//! How does a program find its images? By the lists that the process's block leads to.
//! [winternl.h and the headers of the crate phnt, ntldr.h: PEB_LDR_DATA, LDR_DATA_TABLE_ENTRY]

use emu_cpu::AddressSpace;
use emu_profiles::Profile;

use super::imports::{Module, Modules};
use super::no_memory;
use super::start::{allocate, dos_path, units};
use crate::kernel::nt::memory::page;
use crate::load::LoadError;

/// `Flags`: an image that was initialized, a library.
const IMAGE: u32 = 0x4;
const PROCESSED: u32 = 0x4000;
/// `LoadCount` of what stays.
const STAYS: u16 = 0xffff;

/// Where things are in the structures of one width.
struct Offsets {
    word: u64,
    /// The three lists: in the order of loading, of memory, of initialization.
    lists: [u64; 3],
    data_size: u64,
    links: [u64; 3],
    base: u64,
    full_name: u64,
    base_name: u64,
    flags: u64,
    entry_size: u64,
}

const NARROW: Offsets = Offsets {
    word: 4,
    lists: [0xc, 0x14, 0x1c],
    data_size: 0x30,
    links: [0, 8, 0x10],
    base: 0x18,
    full_name: 0x24,
    base_name: 0x2c,
    flags: 0x34,
    entry_size: 0x80,
};

const WIDE: Offsets = Offsets {
    word: 8,
    lists: [0x10, 0x20, 0x30],
    data_size: 0x58,
    links: [0, 0x10, 0x20],
    base: 0x30,
    full_name: 0x48,
    base_name: 0x58,
    flags: 0x68,
    entry_size: 0x120,
};

/// Builds the lists, and gives where they begin.
pub(super) fn build(
    space: &mut AddressSpace,
    profile: &Profile,
    modules: &Modules<'_>,
) -> Result<u64, LoadError> {
    let offsets = if profile.pointer() == 8 {
        &WIDE
    } else {
        &NARROW
    };
    let all = &modules.all;
    let names: Vec<(Vec<u16>, usize)> = all.iter().map(names).collect();
    let texts: u64 = names
        .iter()
        .map(|(full, _)| 2 * full.len() as u64 + 2)
        .sum();
    let entries = offsets.data_size + offsets.entry_size * all.len() as u64;
    let at = allocate(
        space,
        profile.process.mmap_top,
        None,
        entries + texts,
        page::READWRITE,
    )?;
    let place = |index: usize| at + offsets.data_size + offsets.entry_size * index as u64;
    let mut bytes = vec![0; (entries + texts) as usize];
    let mut put = |address: u64, value: u64, size: u64| {
        let (from, size) = ((address - at) as usize, size as usize);
        bytes[from..from + size].copy_from_slice(&value.to_le_bytes()[..size]);
    };
    put(at, offsets.data_size, 4);
    put(at + 4, 1, 1);
    // The program itself is not among what was initialized.
    let loaded: Vec<usize> = (0..all.len()).collect();
    let initialized: Vec<usize> = modules
        .order
        .iter()
        .copied()
        .filter(|index| *index != 0)
        .collect();
    for (list, order) in [&loaded, &loaded, &initialized].into_iter().enumerate() {
        let head = at + offsets.lists[list];
        let link = |index: &usize| place(*index) + offsets.links[list];
        let ring: Vec<u64> = std::iter::once(head)
            .chain(order.iter().map(link))
            .collect();
        for (index, own) in ring.iter().enumerate() {
            let next = ring[(index + 1) % ring.len()];
            put(*own, next, offsets.word);
            put(next + offsets.word, *own, offsets.word);
        }
    }
    let mut text = at + entries;
    for (index, (module, (full, short))) in all.iter().zip(&names).enumerate() {
        let entry = place(index);
        let start = match module.pe.entry {
            0 => 0,
            entry => module.base + u64::from(entry),
        };
        put(entry + offsets.base, module.base, offsets.word);
        put(entry + offsets.base + offsets.word, start, offsets.word);
        put(
            entry + offsets.base + 2 * offsets.word,
            module.pe.image_size.into(),
            4,
        );
        for (field, skip) in [(offsets.full_name, 0), (offsets.base_name, *short)] {
            let len = 2 * (full.len() - skip) as u64;
            put(entry + field, len, 2);
            put(entry + field + 2, len + 2, 2);
            put(
                entry + field + offsets.word,
                text + 2 * skip as u64,
                offsets.word,
            );
        }
        let library = if index == 0 { 0 } else { IMAGE };
        put(entry + offsets.flags, (library | PROCESSED).into(), 4);
        put(entry + offsets.flags + 4, STAYS.into(), 2);
        for unit in full {
            put(text, (*unit).into(), 2);
            text += 2;
        }
        text += 2;
    }
    space.poke(at, &bytes).map_err(no_memory)?;
    Ok(at)
}

/// The whole name, and where in it the last part begins.
fn names(module: &Module) -> (Vec<u16>, usize) {
    let mut full = units(&dos_path(&module.path));
    full.truncate(0x7ffe);
    let backslash = u16::from(b'\\');
    let short = full
        .iter()
        .rposition(|unit| *unit == backslash)
        .map_or(0, |at| at + 1);
    (full, short)
}
