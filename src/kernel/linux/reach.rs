//! How does a task reach into another's memory, and what may it learn of it?   [process_vm_readv(2), ptrace(2)]

use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_cpu::memory::{Backing, RegionFlags};
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::io::{Range, ranges};
use crate::kernel::task::{Task, Tid};
use crate::kernel::vfs::BUFFER;
use crate::kernel::{Cx, Kernel};

/// What goes where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the other into one's own memory.
    Read,
    /// From one's own memory to the other.
    Write,
}

/// The next piece of an array of ranges that is not empty.
struct Pieces {
    ranges: Vec<Range>,
    at: usize,
}

impl Pieces {
    fn next(&mut self) -> Option<Range> {
        while let Some(range) = self.ranges.get(self.at) {
            if range.1 > 0 {
                return Some(*range);
            }
            self.at += 1;
        }
        None
    }

    fn advance(&mut self, count: u64) {
        let range = &mut self.ranges[self.at];
        *range = (range.0.wrapping_add(count), range.1 - count);
    }
}

impl Kernel {
    /// A task by its number, the one that asks included.
    pub(super) fn task<'a>(&'a self, cx: &'a Cx<'_>, tid: Tid) -> Option<&'a Task> {
        match tid {
            tid if tid == cx.task.tid => Some(cx.task),
            _ => self.tasks.get(tid),
        }
    }

    /// Whether a task may look into another.   [Linux kernel/ptrace.c, __ptrace_may_access, PTRACE_MODE_REALCREDS]
    pub(super) fn may_look_into(&self, cx: &Cx<'_>, other: &Task) -> bool {
        if Rc::ptr_eq(&other.linux.process, &cx.task.linux.process) {
            return true;
        }
        let (own, theirs) = (&cx.task.linux.credentials, &other.linux.credentials);
        let same_user = [theirs.euid, theirs.suid, theirs.uid] == [own.uid; 3]
            && [theirs.egid, theirs.sgid, theirs.gid] == [own.gid; 3];
        let open = same_user
            && other.linux.process.borrow().dumpable == 1
            && theirs.permitted & !own.permitted == 0;
        open || cx.capable(cx.k.CAP_SYS_PTRACE)
    }

    /// [Linux mm/process_vm_access.c, process_vm_rw]
    pub(super) fn reach(
        &mut self,
        cx: &mut Cx<'_>,
        pid: Tid,
        own: (u64, u64),
        theirs: (u64, u64),
        flags: u64,
        direction: Direction,
    ) -> Outcome {
        if flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        let own = Pieces {
            ranges: ranges(cx, own.0, own.1)?,
            at: 0,
        };
        if own.ranges.iter().all(|(_, len)| *len == 0) {
            return Ok(0);
        }
        let theirs = Pieces {
            ranges: ranges(cx, theirs.0, theirs.1)?,
            at: 0,
        };
        let other = self.task(cx, pid).ok_or(Errno::ESRCH)?;
        if !self.may_look_into(cx, other) {
            return Err(Errno::EPERM.into());
        }
        let space = other.space.clone();
        let mut buffer = self.vfs.take_buffer();
        let moved = if Rc::ptr_eq(&space, &cx.task.space) {
            move_pieces(cx.mem, None, own, theirs, direction, &mut buffer)
        } else {
            let mut space = space.try_borrow_mut().map_err(|_| Errno::ESRCH)?;
            move_pieces(
                cx.mem,
                Some(&mut space),
                own,
                theirs,
                direction,
                &mut buffer,
            )
        };
        self.vfs.give_buffer(buffer);
        moved
    }
}

impl Kernel {
    /// Whether anybody has a file mapped so that stores reach it, or could.
    pub(super) fn is_mapped_to_write(&self, cx: &Cx<'_>, file: &OpenFile) -> bool {
        let Ok(object) = file.object(false) else {
            return false;
        };
        let maps = |space: &AddressSpace| {
            space.regions().any(|region| match &region.backing {
                Backing::Shared { object: other, .. } => {
                    Rc::ptr_eq(other, &object) && !region.flags.contains(RegionFlags::NEVER_WRITE)
                }
                _ => false,
            })
        };
        // The one that can't be looked at is the one whose turn it is.
        let mut others = self
            .tasks
            .iter()
            .filter_map(|task| task.space.try_borrow().ok());
        maps(cx.mem) || others.any(|space| maps(&space))
    }
}

/// Moves what both sides have, up to the first byte that can't be moved.
fn move_pieces(
    memory: &mut AddressSpace,
    mut other: Option<&mut AddressSpace>,
    mut own: Pieces,
    mut theirs: Pieces,
    direction: Direction,
    buffer: &mut [u8],
) -> Result<u64, Stop<Errno>> {
    let mut done = 0;
    while let (Some((to, room)), Some((from, left))) = (own.next(), theirs.next()) {
        // A page of the other at a time: what is before one that is not there is moved.
        let within = 4096 - from % 4096;
        let count = room.min(left).min(within).min(BUFFER as u64);
        let part = &mut buffer[..count as usize];
        let moved = match direction {
            Direction::Read => {
                let there = match &mut other {
                    Some(other) => other.read(from, part),
                    None => memory.read(from, part),
                };
                there.and_then(|()| memory.write(to, part))
            }
            Direction::Write => memory.read(to, part).and_then(|()| match &mut other {
                Some(other) => other.write(from, part),
                None => memory.write(from, part),
            }),
        };
        if moved.is_err() {
            if done == 0 {
                return Err(Errno::EFAULT.into());
            }
            break;
        }
        own.advance(count);
        theirs.advance(count);
        done += count;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use emu_cpu::GuestMemory;
    use emu_prototypes::linux::Errno;

    use crate::kernel::layout::Image;
    use crate::kernel::linux::trial::{SCRATCH, Trial};

    fn vector(t: &mut Trial, at: u64, ranges: &[(u64, u64)]) {
        let layout = t.layouts().iovec;
        for (index, (base, len)) in ranges.iter().enumerate() {
            let mut one = Image::new(layout.size, t.space.endian());
            one.put(layout.iov_base, *base).put(layout.iov_len, *len);
            let to = at + index as u64 * u64::from(layout.size);
            one.store(&mut t.space, to).expect("scratch");
        }
    }

    #[test]
    fn bytes_go_from_pieces_to_pieces_up_to_what_is_not_there() {
        for mut t in Trial::all() {
            t.space.write(SCRATCH, b"abcdef").expect("scratch");
            let (own, theirs) = (SCRATCH + 100, SCRATCH + 200);
            vector(&mut t, own, &[(SCRATCH + 50, 2), (SCRATCH + 60, 9)]);
            vector(&mut t, theirs, &[(SCRATCH, 3), (SCRATCH + 3, 3)]);
            let read = [1000, own, 2, theirs, 2, 0];
            assert_eq!(t.ok("process_vm_readv", &read), 6, "{}", t.name());
            let mut got = [0; 4];
            t.space.read(SCRATCH + 60, &mut got).expect("scratch");
            assert_eq!(&got, b"cdef");
            vector(&mut t, theirs, &[(SCRATCH, 1), (0x7000_0000, 3)]);
            assert_eq!(t.ok("process_vm_writev", &read), 1);
            vector(&mut t, theirs, &[(0x7000_0000, 3)]);
            let nowhere = [1000, own, 2, theirs, 1, 0];
            assert_eq!(t.err("process_vm_readv", &nowhere), Errno::EFAULT);
            let nobody = [999, own, 2, theirs, 1, 0];
            assert_eq!(t.err("process_vm_readv", &nobody), Errno::ESRCH);
            assert_eq!(t.ok("kcmp", &[1000, 1000, t.k().KCMP_VM, 0, 0]), 0);
            let files = [1000, 1000, t.k().KCMP_FILE, 0, 1];
            assert_ne!(t.ok("kcmp", &files), 0);
        }
    }
}
