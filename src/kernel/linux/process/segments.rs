//! Where does an x86 program's thread-local storage lie? In one of three descriptors.

use emu_cpu::GuestMemory;
use emu_prototypes::Row;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome, id};

use crate::kernel::Cx;
use crate::kernel::layout::Image;

/// The first of the three entries.   [Linux arch/x86/include/asm/segment.h, GDT_ENTRY_TLS_MIN of a 64-bit kernel]
const FIRST: u32 = 12;

/// What `struct user_desc` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    base: u32,
    limit: u32,
    /// seg_32bit:1 contents:2 read_exec_only:1 limit_in_pages:1 seg_not_present:1 useable:1
    flags: u32,
}

impl Segment {
    fn bit(self, bit: u32) -> u64 {
        u64::from(self.flags >> bit & 1)
    }

    fn contents(self) -> u64 {
        u64::from(self.flags >> 1 & 3)
    }

    /// [Linux arch/x86/include/asm/desc.h, LDT_empty, LDT_zero]
    fn is_empty(self) -> bool {
        let rest = self.flags & 0x7f;
        self.base == 0 && self.limit == 0 && (rest == 0x28 || rest == 0)
    }

    /// Whether it is a writable or read-only data segment of 32 bits.   [Linux arch/x86/kernel/tls.c, tls_desc_okay]
    fn is_allowed(self) -> bool {
        self.is_empty() || self.bit(0) == 1 && self.contents() <= 1 && self.bit(5) == 0
    }

    /// The descriptor as the CPU has it.   [Intel SDM 3, 3.4.5; Linux arch/x86/include/asm/desc.h, fill_ldt]
    fn descriptor(self) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let (base, limit) = (u64::from(self.base), u64::from(self.limit));
        let kind = 1 | (self.bit(3) ^ 1) << 1 | self.contents() << 2;
        limit & 0xffff
            | (base & 0xff_ffff) << 16
            | kind << 40
            | 1 << 44
            | 3 << 45
            | (self.bit(5) ^ 1) << 47
            | (limit >> 16 & 0xf) << 48
            | self.bit(6) << 52
            | self.bit(0) << 54
            | self.bit(4) << 55
            | base >> 24 << 56
    }

    /// The reverse.   [Linux arch/x86/kernel/tls.c, fill_user_desc]
    fn of_descriptor(descriptor: u64) -> Segment {
        let bit = |from: u32, to: u32| (descriptor >> from & 1) << to;
        let flags = bit(54, 0)
            | (descriptor >> 42 & 3) << 1
            | bit(41, 3) ^ 1 << 3
            | bit(55, 4)
            | bit(47, 5) ^ 1 << 5
            | bit(52, 6);
        Segment {
            base: ((descriptor >> 16 & 0xff_ffff) | descriptor >> 56 << 24) as u32,
            limit: ((descriptor & 0xffff) | (descriptor >> 48 & 0xf) << 16) as u32,
            flags: flags as u32,
        }
    }
}

pub(super) fn set(cx: &mut Cx<'_>, info: u64) -> Outcome {
    let at = cx.layouts.user_desc;
    let image = cx.load(info, at.size)?;
    let segment = Segment {
        base: image.get(at.base_addr) as u32,
        limit: image.get(at.limit) as u32,
        flags: image.get(at.flags) as u32,
    };
    if !segment.is_allowed() {
        return Err(Errno::EINVAL.into());
    }
    let mut entry = image.get(at.entry_number) as u32;
    let chosen = entry == u32::MAX;
    if chosen {
        let free = cx
            .task
            .linux
            .descriptors
            .iter()
            .position(|descriptor| *descriptor == 0);
        entry = FIRST + free.ok_or(Errno::ESRCH)? as u32;
    }
    let index = entry
        .checked_sub(FIRST)
        .filter(|index| *index < 3)
        .ok_or(Errno::EINVAL)?;
    let descriptor = segment.descriptor();
    if !cx.cpu.set_descriptor(entry as u8, descriptor) {
        return Err(Errno::EINVAL.into());
    }
    cx.task.linux.descriptors[index as usize] = descriptor;
    if chosen {
        cx.mem
            .write_u32(info.wrapping_add(u64::from(at.entry_number.offset)), entry)?;
    }
    Ok(0)
}

/// Whether the ABI of the call reaches thread-local storage by descriptors.   [Linux arch/x86/kernel/process.c,
/// set_new_tls]
pub(super) fn has_descriptors(cx: &Cx<'_>) -> bool {
    let sets = |row: &Row| row.call == id::SET_THREAD_AREA;
    cx.word() == 4 && cx.abi.table.rows.iter().any(sets)
}

/// The descriptor that a new thread gets (`CLONE_SETTLS`): which, and what it is.
pub(super) fn of_child(cx: &mut Cx<'_>, info: u64) -> Result<(u8, u64), Errno> {
    let at = cx.layouts.user_desc;
    let image = cx.load(info, at.size)?;
    let segment = Segment {
        base: image.get(at.base_addr) as u32,
        limit: image.get(at.limit) as u32,
        flags: image.get(at.flags) as u32,
    };
    let entry = image.get(at.entry_number) as u32;
    match entry.checked_sub(FIRST) {
        Some(index) if index < 3 && segment.is_allowed() => Ok((entry as u8, segment.descriptor())),
        _ => Err(Errno::EINVAL),
    }
}

pub(super) fn get(cx: &mut Cx<'_>, info: u64) -> Outcome {
    let at = cx.layouts.user_desc;
    let image: Image = cx.load(info, at.size)?;
    let entry = image.get(at.entry_number) as u32;
    let index = entry
        .checked_sub(FIRST)
        .filter(|index| *index < 3)
        .ok_or(Errno::EINVAL)?;
    let descriptor = cx.task.linux.descriptors[index as usize];
    cx.put_descriptor(info, entry, descriptor)?;
    Ok(0)
}

impl Cx<'_> {
    /// Tells of a descriptor as `struct user_desc`.
    pub(in crate::kernel::linux) fn put_descriptor(
        &mut self,
        info: u64,
        entry: u32,
        descriptor: u64,
    ) -> Result<(), Stop<Errno>> {
        let at = self.layouts.user_desc;
        let mut image: Image = self.load(info, at.size)?;
        let segment = Segment::of_descriptor(descriptor);
        image
            .put(at.entry_number, u64::from(entry))
            .put(at.base_addr, u64::from(segment.base))
            .put(at.limit, u64::from(segment.limit))
            .put(at.flags, u64::from(segment.flags));
        image.store(self.mem, info)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_descriptor_of_glibc_is_a_flat_writable_segment() {
        // seg_32bit, limit_in_pages, useable   [glibc sysdeps/i386/nptl/tls.h]
        let segment = Segment {
            base: 0xf7d0_1234,
            limit: 0xf_ffff,
            flags: 0x51,
        };
        assert!(segment.is_allowed());
        assert_eq!(segment.descriptor(), 0xf7df_f3d0_1234_ffff);
        assert_eq!(Segment::of_descriptor(segment.descriptor()), segment);
    }

    #[test]
    fn a_segment_of_16_bits_or_of_code_is_refused() {
        let segment = |flags| Segment {
            base: 1,
            limit: 1,
            flags,
        };
        assert!(!segment(0x50).is_allowed());
        assert!(!segment(0x55).is_allowed());
        assert!(
            Segment {
                base: 0,
                limit: 0,
                flags: 0x28
            }
            .is_allowed()
        );
        assert_eq!(
            Segment {
                base: 0,
                limit: 0,
                flags: 0x28
            }
            .descriptor(),
            0
        );
    }
}
