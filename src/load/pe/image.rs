//! How do an image's sections come into memory?

use std::any::Any;
use std::rc::Rc;

use emu_cpu::memory::{Backing, Label, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, Object};
use emu_profiles::Profile;

use super::headers::{Directory, Pe, Section};
use super::{bad, no_memory};
use crate::kernel::nt::memory::{Tag, page};
use crate::kernel::nt::wow64;
use crate::load::elf::no_room;
use crate::load::image::unreadable;
use crate::load::{LoadError, Program};

/// Bytes that are copied at once.
const PIECE: usize = 1 << 16;
/// Allocations begin at multiples of this.   [SYSTEM_BASIC_INFORMATION, AllocationGranularity]
pub(super) const GRANULARITY: u64 = 0x1_0000;

/// Where an image was put.
pub(super) struct Placed {
    pub(super) base: u64,
}

/// Maps headers and sections, where the image wants to be or, if that is taken and it can be moved, elsewhere.
pub(super) fn map(
    pe: &Pe,
    space: &mut AddressSpace,
    profile: &Profile,
    program: &Program,
) -> Result<Placed, LoadError> {
    let process = &profile.process;
    // What runs in 32 bits has to be there.
    let narrow = !pe.wide && profile.pointer() == 8;
    let high = if narrow { wow64::HIGH } else { process.high };
    let size = u64::from(pe.image_size).next_multiple_of(PAGE);
    if size > space.memory().limit() {
        return Err(bad(format!(
            "is corrupt or too large: it takes {size:#x} bytes of memory"
        )));
    }
    let wished = pe.base >= process.low
        && pe.base.checked_add(size).is_some_and(|end| end <= high)
        && space.is_free(pe.base, size);
    let base = match wished {
        true => pe.base,
        false if pe.is_fixed() => {
            return Err(bad(format!(
                "can't be loaded at {:#x}, and says that it can't be elsewhere",
                pe.base
            )));
        }
        false => {
            // What wants to be below 4 GiB stays there if it can.   [Windows, MiSelectImageBase]
            let low = (pe.base >> 32 == 0).then_some(wow64::HIGH);
            let tops = [low, Some(high)].into_iter().flatten();
            let mut free = tops.map(|top| process.mmap_top.min(top));
            let found = free.find_map(|top| space.find_free(size, top, GRANULARITY));
            found.ok_or_else(|| bad(format!("finds no room for its {size:#x} bytes")))?
        }
    };
    let name = &program.label.name;
    let tag = Tag::image(base);
    let whole = tag.committed(page::READONLY);
    let labelled = |tag: Tag| {
        let file: Rc<dyn Any> = program.object.clone();
        Rc::new(Label {
            file: Some(file),
            ..Label::clone(&tag.label(name))
        })
    };
    let prot = whole.prot(pe.executes_data());
    space
        .map_with(
            base,
            size,
            prot,
            Backing::Anonymous,
            Some(labelled(whole)),
            RegionFlags::empty(),
        )
        .map_err(no_room)?;
    copy(space, &program.object, 0, base, u64::from(pe.headers_size))?;
    for section in &pe.sections {
        let address = base + u64::from(section.address);
        let count = u64::from(section.file_size).min(section.memory());
        copy(
            space,
            &program.object,
            u64::from(section.offset),
            address,
            count,
        )?;
    }
    if base != pe.base {
        relocate(pe, space, base, program.object.len())?;
        // Who looks at the headers finds that nothing is left to be moved.   [Windows since Vista, MiRelocateImage]
        let word = &base.to_le_bytes()[..if pe.wide { 8 } else { 4 }];
        space.poke(base + pe.base_at, word).map_err(no_memory)?;
    }
    for section in &pe.sections {
        let address = base + u64::from(section.address);
        let own = tag.committed(protection(section));
        let len = section.memory();
        if len > 0 {
            let prot = own.prot(pe.executes_data());
            space.protect(address, len, prot).map_err(no_room)?;
            space
                .set_label(address, len, Some(labelled(own)))
                .map_err(no_room)?;
        }
    }
    Ok(Placed { base })
}

/// [Microsoft, PE Format, Section Flags]
fn protection(section: &Section) -> u32 {
    let has = |bit: u32| section.characteristics & bit != 0;
    match (has(0x2000_0000), has(0x8000_0000), has(0x4000_0000)) {
        (true, true, _) => page::EXECUTE_WRITECOPY,
        (true, false, true) => page::EXECUTE_READ,
        (true, false, false) => page::EXECUTE,
        (false, true, _) => page::WRITECOPY,
        (false, false, true) => page::READONLY,
        (false, false, false) => page::NOACCESS,
    }
}

fn copy(
    space: &mut AddressSpace,
    object: &Object,
    offset: u64,
    address: u64,
    count: u64,
) -> Result<(), LoadError> {
    let mut buffer = vec![0; PIECE.min(count as usize)];
    let mut done = 0;
    while done < count {
        let piece = (count - done).min(PIECE as u64) as usize;
        let got = object
            .read(offset + done, &mut buffer[..piece])
            .map_err(unreadable)?;
        if got == 0 {
            break;
        }
        space
            .poke(address + done, &buffer[..got])
            .map_err(no_memory)?;
        done += got as u64;
    }
    Ok(())
}

/// Adds what the image was moved by to all that its relocations name.   [Microsoft, PE Format, .reloc]
fn relocate(pe: &Pe, space: &mut AddressSpace, base: u64, file: u64) -> Result<(), LoadError> {
    let Some(table) = pe.directory(Directory::Relocations) else {
        return Ok(());
    };
    let corrupt = || bad("is corrupt: its relocations make no sense");
    let moved = base.wrapping_sub(pe.base);
    let (start, size) = (u64::from(table.virtual_address), u64::from(table.size));
    if start + size > u64::from(pe.image_size) || size > file {
        return Err(corrupt());
    }
    let mut bytes = vec![0; size as usize];
    space.peek(base + start, &mut bytes).map_err(no_memory)?;
    let mut rest = &bytes[..];
    while let [a, b, c, d, e, f, g, h, entries @ ..] = rest {
        let (at, len) = (
            u32::from_le_bytes([*a, *b, *c, *d]),
            u32::from_le_bytes([*e, *f, *g, *h]),
        );
        if len == 0 {
            break;
        }
        let len = (len as usize)
            .checked_sub(8)
            .filter(|len| *len <= entries.len());
        let len = len.ok_or_else(corrupt)?;
        for entry in entries[..len].chunks_exact(2) {
            let entry = u16::from_le_bytes([entry[0], entry[1]]);
            let offset = u64::from(at) + u64::from(entry & 0xfff);
            // ABSOLUTE fills a block up; HIGHLOW; DIR64.
            let width = match entry >> 12 {
                0 => continue,
                3 => 4,
                10 => 8,
                kind => {
                    return Err(bad(format!(
                        "has relocations of kind {kind}, which are unknown"
                    )));
                }
            };
            if offset + width > u64::from(pe.image_size) {
                return Err(corrupt());
            }
            let mut word = [0; 8];
            let word_bytes = &mut word[..width as usize];
            space.peek(base + offset, word_bytes).map_err(no_memory)?;
            let value = u64::from_le_bytes(word).wrapping_add(moved);
            space
                .poke(base + offset, &value.to_le_bytes()[..width as usize])
                .map_err(no_memory)?;
        }
        rest = &entries[len..];
    }
    Ok(())
}
