//! What is in a process's memory? `/proc/PID/maps` and `smaps`.

use std::fmt::Write as _;
use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_cpu::memory::{PAGE, Prot, Region, RegionFlags};

use super::subject::Subject;
use crate::kernel::vfs::Entry;

/// A region without its name.
fn map_line(region: &Region) -> String {
    let right = |right, letter| {
        if region.prot.contains(right) {
            letter
        } else {
            '-'
        }
    };
    let (major, minor, inode) = match &region.label {
        Some(label) => (label.device >> 8, label.device & 0xff, label.inode),
        None => (0, 0, 0),
    };
    format!(
        "{:08x}-{:08x} {}{}{}{} {:08x} {major:02x}:{minor:02x} {inode}",
        region.start,
        region.end,
        right(Prot::READ, 'r'),
        right(Prot::WRITE, 'w'),
        right(Prot::EXEC, 'x'),
        if region.backing.is_shared() { 's' } else { 'p' },
        region.backing.offset(),
    )
}

/// A region with its name.   [Linux fs/proc/task_mmu.c, show_map_vma]
fn line(region: &Region, pointer: u64, root: &Rc<Entry>) -> Vec<u8> {
    // seq_setwidth(25 + sizeof(void *) * 6 - 1)
    let width = 24 + 6 * pointer as usize;
    let mut line = map_line(region).into_bytes();
    if let Some(label) = &region.label {
        while line.len() < width {
            line.push(b' ');
        }
        line.push(b' ');
        let file = label.file.as_ref().and_then(|file| file.downcast_ref());
        let name = match file {
            Some(entry) => Entry::path_from(entry, root),
            None => label.name.to_vec(),
        };
        for byte in &name {
            match byte {
                b'\n' => line.extend(b"\\012"),
                byte => line.push(*byte),
            }
        }
    }
    line.push(b'\n');
    line
}

/// What is known of the pages of some regions, in bytes.
#[derive(Default)]
struct Sizes {
    resident: u64,
    anonymous: u64,
    shared: u64,
    locked: u64,
}

impl Sizes {
    fn add(&mut self, memory: &AddressSpace, region: &Region) {
        let (present, private) = memory.resident_in(region.start, region.len());
        self.resident += present;
        self.anonymous += private;
        if region.backing.is_shared() {
            self.shared += present;
        }
        if region.flags.contains(RegionFlags::LOCKED) {
            self.locked += present;
        }
    }

    /// [Linux fs/proc/task_mmu.c, __show_smap]. Who else has a page is not counted: all count as this process's.
    fn lines(&self) -> String {
        let mut text = String::new();
        for (name, bytes) in [
            ("Rss", self.resident),
            ("Pss", self.resident),
            ("Pss_Dirty", self.anonymous),
            ("Shared_Clean", self.shared),
            ("Shared_Dirty", 0),
            (
                "Private_Clean",
                self.resident
                    .saturating_sub(self.anonymous)
                    .saturating_sub(self.shared),
            ),
            ("Private_Dirty", self.anonymous),
            ("Referenced", self.resident),
            ("Anonymous", self.anonymous),
            ("LazyFree", 0),
            ("AnonHugePages", 0),
            ("ShmemPmdMapped", 0),
            ("FilePmdMapped", 0),
            ("Shared_Hugetlb", 0),
            ("Private_Hugetlb", 0),
            ("Swap", 0),
            ("SwapPss", 0),
            ("Locked", self.locked),
        ] {
            let _ = writeln!(text, "{:<15} {:>8} kB", format!("{name}:"), bytes / 1024);
        }
        text
    }
}

/// Two letters for each property.   [proc(5), VmFlags]
fn flags(region: &Region) -> String {
    let mut text = String::from("VmFlags:");
    let shared = region.backing.is_shared();
    let has = |flag| region.flags.contains(flag);
    let never = has(RegionFlags::NEVER_WRITE);
    for (on, letters) in [
        (region.prot.contains(Prot::READ), " rd"),
        (region.prot.contains(Prot::WRITE), " wr"),
        (region.prot.contains(Prot::EXEC), " ex"),
        (shared, " sh"),
        (true, " mr"),
        (!never, " mw"),
        (true, " me"),
        (shared && !never, " ms"),
        (has(RegionFlags::GROWS_DOWN), " gd"),
        (has(RegionFlags::LOCKED), " lo"),
        (has(RegionFlags::DONT_FORK), " dc"),
        (has(RegionFlags::NO_RESERVE), " nr"),
        (region.is_data(), " ac"),
        (has(RegionFlags::WIPE_ON_FORK), " wf"),
        (has(RegionFlags::DONT_DUMP), " dd"),
    ] {
        if on {
            text += letters;
        }
    }
    text + " \n"
}

impl Subject<'_> {
    fn pointer(&self) -> u64 {
        let task = self.task.unwrap_or(self.proc.task);
        task.profile.pointer()
    }

    pub(super) fn maps(&self) -> Vec<u8> {
        let (pointer, root) = (
            self.pointer(),
            self.proc.task.linux.fs.borrow().root.clone(),
        );
        let maps = self.memory(|memory| {
            let lines = memory
                .regions()
                .flat_map(|region| line(region, pointer, &root));
            lines.collect()
        });
        maps.unwrap_or_default()
    }

    pub(super) fn smaps(&self) -> Vec<u8> {
        let (pointer, root) = (
            self.pointer(),
            self.proc.task.linux.fs.borrow().root.clone(),
        );
        let smaps = self.memory(|memory| {
            let mut text = Vec::new();
            for region in memory.regions() {
                text.extend(line(region, pointer, &root));
                let mut sizes = Sizes::default();
                sizes.add(memory, region);
                let size = region.len() / 1024;
                let page = PAGE / 1024;
                text.extend(
                    format!(
                        "{:<15} {size:>8} kB\n{:<15} {page:>8} kB\n{:<15} {page:>8} kB\n{}{:<15} {:>8}\n{}",
                        "Size:",
                        "KernelPageSize:",
                        "MMUPageSize:",
                        sizes.lines(),
                        "THPeligible:",
                        0,
                        flags(region)
                    )
                    .bytes(),
                );
            }
            text
        });
        smaps.unwrap_or_default()
    }

    pub(super) fn smaps_rollup(&self) -> String {
        let rollup = self.memory(|memory| {
            let mut sizes = Sizes::default();
            let (mut start, mut end) = (None, 0);
            for region in memory.regions() {
                sizes.add(memory, region);
                start.get_or_insert(region.start);
                end = region.end;
            }
            format!(
                "{:08x}-{end:08x} ---p 00000000 00:00 0                                  [rollup]\n{}",
                start.unwrap_or(0),
                sizes.lines()
            )
        });
        rollup.unwrap_or_default()
    }
}
