//! Section `memory`: what is mapped where.

use std::rc::Rc;

use emu_cpu::memory::{Backing, Label, MapError, Object, PAGE, Region, RegionFlags};
use emu_cpu::{FaultKind, Prot};
use emu_prototypes::linux::{self, Errno, Outcome, services};

use super::process::Resource;
use super::reach::Direction;
use crate::kernel::vfs::{Device, FsError, Handle, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// A mapping that is asked for, in canonical form: the offset in bytes.
struct Ask {
    addr: u64,
    len: u64,
    prot: u64,
    flags: u64,
    fd: u64,
    offset: u64,
}

/// A file that can be mapped.
struct Mappable {
    /// Its pages; none for a source of zeros.
    object: Option<Rc<Object>>,
    label: Rc<Label>,
    writable: bool,
}

fn errno(error: MapError) -> Errno {
    match error {
        MapError::Invalid => Errno::EINVAL,
        MapError::Occupied => Errno::EEXIST,
        MapError::Denied => Errno::EACCES,
        _ => Errno::ENOMEM,
    }
}

impl services::Memory<Cx<'_>> for Kernel {
    fn brk(&mut self, cx: &mut Cx<'_>, call: &linux::Brk) -> Outcome {
        let (start, now) = {
            let process = cx.process();
            (process.image.brk_start, process.image.brk)
        };
        let wanted = call.brk;
        // Any failure answers where the heap ends now.   [Linux mm/mmap.c, brk]
        let (Some(new), Some(old)) = (page_up(wanted), page_up(now)) else {
            return Ok(now);
        };
        if wanted < start {
            return Ok(now);
        }
        if new < old && cx.mem.unmap(new, old - new).is_err() {
            return Ok(now);
        }
        if new > old {
            let limits = cx.process().limits.clone();
            let prot = cx.implied(Prot::READ | Prot::WRITE);
            let len = new - old;
            let room = cx.mem.is_free(old, len.saturating_add(PAGE));
            if new > cx.user_end()
                || wanted - start > limits.soft(Resource::Data)
                || !room
                || !cx.commits(len)
                || cx
                    .mem
                    .map(
                        old,
                        len,
                        prot,
                        Backing::Anonymous,
                        Some(Label::named("[heap]")),
                    )
                    .is_err()
            {
                return Ok(now);
            }
        }
        cx.process().image.brk = wanted;
        Ok(wanted)
    }

    fn mmap(&mut self, cx: &mut Cx<'_>, call: &linux::Mmap) -> Outcome {
        if !call.off.is_multiple_of(PAGE) {
            return Err(Errno::EINVAL.into());
        }
        mmap(
            cx,
            &Ask {
                addr: call.addr,
                len: call.len,
                prot: call.prot,
                flags: call.flags,
                fd: call.fd,
                offset: call.off,
            },
        )
    }

    fn mmap2(&mut self, cx: &mut Cx<'_>, call: &linux::Mmap2) -> Outcome {
        mmap(
            cx,
            &Ask {
                addr: call.addr,
                len: call.len,
                prot: call.prot,
                flags: call.flags,
                fd: call.fd,
                offset: call.pgoff.wrapping_mul(PAGE),
            },
        )
    }

    fn old_mmap(&mut self, cx: &mut Cx<'_>, call: &linux::OldMmap) -> Outcome {
        let at = cx.layouts.mmap_arg_struct;
        let args = cx.load(call.arg.address, at.size)?;
        if !args.get(at.offset).is_multiple_of(PAGE) {
            return Err(Errno::EINVAL.into());
        }
        mmap(
            cx,
            &Ask {
                addr: args.get(at.addr),
                len: args.get(at.len),
                prot: args.get(at.prot),
                flags: args.get(at.flags),
                fd: args.get(at.fd),
                offset: args.get(at.offset),
            },
        )
    }

    fn munmap(&mut self, cx: &mut Cx<'_>, call: &linux::Munmap) -> Outcome {
        let len = page_up(call.len).ok_or(Errno::EINVAL)?;
        let end = call.addr.checked_add(len).ok_or(Errno::EINVAL)?;
        if !call.addr.is_multiple_of(PAGE) || len == 0 || end > cx.user_end() {
            return Err(Errno::EINVAL.into());
        }
        cx.mem.unmap(call.addr, len).map_err(errno)?;
        Ok(0)
    }

    fn mprotect(&mut self, cx: &mut Cx<'_>, call: &linux::Mprotect) -> Outcome {
        mprotect(cx, call.start, call.len, call.prot)
    }

    fn mremap(&mut self, cx: &mut Cx<'_>, call: &linux::Mremap) -> Outcome {
        mremap(cx, call)
    }

    fn madvise(&mut self, cx: &mut Cx<'_>, call: &linux::Madvise) -> Outcome {
        madvise(cx, call)
    }

    fn mincore(&mut self, cx: &mut Cx<'_>, call: &linux::Mincore) -> Outcome {
        if !call.start.is_multiple_of(PAGE) {
            return Err(Errno::EINVAL.into());
        }
        let end = call
            .start
            .checked_add(call.len)
            .and_then(page_up)
            .filter(|end| *end <= cx.user_end())
            .ok_or(Errno::ENOMEM)?;
        let mut at = call.start;
        let mut vec = call.vec.address;
        let mut states = Vec::new();
        while at < end {
            states.clear();
            while at < end && states.len() < PAGE as usize {
                if cx.mem.region_at(at).is_none() {
                    return Err(Errno::ENOMEM.into());
                }
                states.push(u8::from(cx.mem.is_present(at)));
                at += PAGE;
            }
            cx.mem.write(vec, &states)?;
            vec = vec.wrapping_add(states.len() as u64);
        }
        Ok(0)
    }

    fn msync(&mut self, cx: &mut Cx<'_>, call: &linux::Msync) -> Outcome {
        let flags = call.flags as u64 & 0xffff_ffff;
        let known = cx.k.MS_ASYNC | cx.k.MS_INVALIDATE | cx.k.MS_SYNC;
        if flags & !known != 0
            || !call.start.is_multiple_of(PAGE)
            || flags & cx.k.MS_ASYNC != 0 && flags & cx.k.MS_SYNC != 0
        {
            return Err(Errno::EINVAL.into());
        }
        let len = page_up(call.len).ok_or(Errno::ENOMEM)?;
        if len > 0 && !cx.mem.is_mapped(call.start, len) {
            return Err(Errno::ENOMEM.into());
        }
        if flags & cx.k.MS_SYNC != 0 {
            self.vfs.write_back()?;
        }
        Ok(0)
    }

    fn mlock(&mut self, cx: &mut Cx<'_>, call: &linux::Mlock) -> Outcome {
        lock(cx, call.start, call.len, true)
    }

    fn mlock2(&mut self, cx: &mut Cx<'_>, call: &linux::Mlock2) -> Outcome {
        let flags = call.flags as u64 & 0xffff_ffff;
        if flags & !cx.k.MLOCK_ONFAULT != 0 {
            return Err(Errno::EINVAL.into());
        }
        lock(cx, call.start, call.len, flags == 0)
    }

    fn munlock(&mut self, cx: &mut Cx<'_>, call: &linux::Munlock) -> Outcome {
        let (start, len) = whole_pages(call.start, call.len).ok_or(Errno::EINVAL)?;
        if len > 0 {
            cx.mem
                .set_flags(start, len, RegionFlags::empty(), RegionFlags::LOCKED)
                .map_err(|_| Errno::ENOMEM)?;
        }
        Ok(0)
    }

    fn mlockall(&mut self, cx: &mut Cx<'_>, call: &linux::Mlockall) -> Outcome {
        let flags = call.flags as u64 & 0xffff_ffff;
        let known = cx.k.MCL_CURRENT | cx.k.MCL_FUTURE | cx.k.MCL_ONFAULT;
        if flags == 0 || flags & !known != 0 || flags == cx.k.MCL_ONFAULT {
            return Err(Errno::EINVAL.into());
        }
        if !cx.capable(cx.k.CAP_IPC_LOCK) {
            let limit = cx.process().limits.soft(Resource::Memlock);
            if limit == 0 {
                return Err(Errno::EPERM.into());
            }
            if flags & cx.k.MCL_CURRENT != 0 && cx.mem.mapped_bytes() > limit {
                return Err(Errno::ENOMEM.into());
            }
        }
        Ok(0)
    }

    fn munlockall(&mut self, _cx: &mut Cx<'_>, _call: &linux::Munlockall) -> Outcome {
        Ok(0)
    }

    // Protection keys: a CPU without them.
    fn pkey_alloc(&mut self, _cx: &mut Cx<'_>, call: &linux::PkeyAlloc) -> Outcome {
        if call.flags != 0 || call.init_val & !3 != 0 {
            return Err(Errno::EINVAL.into());
        }
        Err(Errno::ENOSPC.into())
    }

    fn pkey_free(&mut self, _cx: &mut Cx<'_>, _call: &linux::PkeyFree) -> Outcome {
        Err(Errno::EINVAL.into())
    }

    fn pkey_mprotect(&mut self, cx: &mut Cx<'_>, call: &linux::PkeyMprotect) -> Outcome {
        if call.pkey != -1 {
            return Err(Errno::EINVAL.into());
        }
        mprotect(cx, call.start, call.len, call.prot)
    }

    // Without CONFIG_NUMA.
    fn get_mempolicy(&mut self, _cx: &mut Cx<'_>, _call: &linux::GetMempolicy) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn set_mempolicy(&mut self, _cx: &mut Cx<'_>, _call: &linux::SetMempolicy) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn mbind(&mut self, _cx: &mut Cx<'_>, _call: &linux::Mbind) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn migrate_pages(&mut self, _cx: &mut Cx<'_>, _call: &linux::MigratePages) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn move_pages(&mut self, _cx: &mut Cx<'_>, _call: &linux::MovePages) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn set_mempolicy_home_node(
        &mut self,
        _cx: &mut Cx<'_>,
        _call: &linux::SetMempolicyHomeNode,
    ) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn process_vm_readv(&mut self, cx: &mut Cx<'_>, call: &linux::ProcessVmReadv) -> Outcome {
        let own = (call.lvec.address, call.liovcnt);
        let theirs = (call.rvec.address, call.riovcnt);
        self.reach(cx, call.pid, own, theirs, call.flags, Direction::Read)
    }

    fn process_vm_writev(&mut self, cx: &mut Cx<'_>, call: &linux::ProcessVmWritev) -> Outcome {
        let own = (call.lvec.address, call.liovcnt);
        let theirs = (call.rvec.address, call.riovcnt);
        self.reach(cx, call.pid, own, theirs, call.flags, Direction::Write)
    }

    fn remap_file_pages(&mut self, cx: &mut Cx<'_>, call: &linux::RemapFilePages) -> Outcome {
        remap_file_pages(cx, call)
    }

    fn process_madvise(&mut self, cx: &mut Cx<'_>, call: &linux::ProcessMadvise) -> Outcome {
        if call.flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        crate::kernel::linux::io::ranges(cx, call.vec.address, call.vlen)?;
        super::process::of_pidfd(cx, call.pidfd)?;
        let k = cx.k;
        let known = [
            k.MADV_COLD,
            k.MADV_PAGEOUT,
            k.MADV_WILLNEED,
            k.MADV_COLLAPSE,
        ];
        if !known.contains(&u64::from(call.behavior as u32)) {
            return Err(Errno::EINVAL.into());
        }
        // Advice about the pages of others, one's own process among them, is for those who may set priorities; and
        // nobody would notice it.   [Linux mm/madvise.c, process_madvise]
        cx.administrator(k.CAP_SYS_NICE)?;
        Ok(0)
    }

    /// Only of a process that is about to end, and such a one has let go of its memory already.
    fn process_mrelease(&mut self, cx: &mut Cx<'_>, call: &linux::ProcessMrelease) -> Outcome {
        if call.flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        let process = super::process::of_pidfd(cx, call.pidfd)?;
        let gone = process.borrow().is_zombie();
        Err(if gone { Errno::ESRCH } else { Errno::EINVAL }.into())
    }

    // Without CONFIG_USERFAULTFD.
    fn userfaultfd(&mut self, _cx: &mut Cx<'_>, _call: &linux::Userfaultfd) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    // Newer than the kernel that this one is like.
    fn mseal(&mut self, _cx: &mut Cx<'_>, _call: &linux::Mseal) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn map_shadow_stack(&mut self, _cx: &mut Cx<'_>, _call: &linux::MapShadowStack) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

impl Cx<'_> {
    /// The end of what this call can map: a 32-bit call of a 64-bit program stays below 4 GiB.
    pub(super) fn user_end(&self) -> u64 {
        let end = self.profile.process.high;
        match self.abi.model {
            emu_prototypes::DataModel::Ilp32 => end.min(0xffff_e000),
            _ => end,
        }
    }

    /// What a mapping gets when readable implies executable.
    pub(super) fn implied(&self, prot: Prot) -> Prot {
        let personality = u64::from(self.process().personality);
        if prot.contains(Prot::READ) && personality & self.k.READ_IMPLIES_EXEC != 0 {
            prot | Prot::EXEC
        } else {
            prot
        }
    }

    /// Whether so much more private writable memory is not beyond all reason: Linux's heuristic refuses what all of
    /// RAM could not hold.   [Linux mm/util.c, __vm_enough_memory, OVERCOMMIT_GUESS]
    fn commits(&self, bytes: u64) -> bool {
        bytes <= self.mem.memory().limit()
    }

    /// The file of a descriptor, for a mapping.
    fn mappable(&self, fd: i32, shared: bool, write: bool) -> Result<Mappable, Errno> {
        let file = self.file(fd)?;
        let flags = file.flags();
        let (readable, writable) = (
            flags.contains(OpenFlags::READ),
            flags.contains(OpenFlags::WRITE),
        );
        if !readable || shared && write && !writable {
            return Err(Errno::EACCES);
        }
        let mut writable = writable;
        let object = match file.handle {
            Handle::Device(Device::Zero) => None,
            _ => Some(match file.object(shared && writable) {
                // Sealed against writing, which is not asked for.
                Err(FsError::NotPermitted) if !write => {
                    writable = false;
                    file.object(false)?
                }
                object => object?,
            }),
        };
        let attributes = file.attributes()?;
        let (major, minor) = attributes.device;
        let label = Label::file(
            file.path(),
            u64::from(major) << 8 | u64::from(minor),
            attributes.ino,
            Some(Rc::new(file.entry.clone())),
        );
        Ok(Mappable {
            object,
            label,
            writable,
        })
    }

    fn prot(&self, prot: u64) -> Prot {
        let mut rights = Prot::empty();
        let k = self.k;
        for (flag, right) in [
            (k.PROT_READ, Prot::READ),
            (k.PROT_WRITE, Prot::WRITE),
            (k.PROT_EXEC, Prot::EXEC),
        ] {
            if prot & flag != 0 {
                rights |= right;
            }
        }
        self.implied(rights)
    }

    /// A free place for a mapping whose address is left to us.
    pub(super) fn place(&self, len: u64, flags: u64) -> Option<u64> {
        let process = &self.profile.process;
        if flags & self.k.MAP_32BIT != 0 {
            // arch/x86/kernel/sys_x86_64.c, find_start_end
            return self.mem.find_free_in(len, 0x4000_0000, 0x8000_0000, PAGE);
        }
        let end = self.user_end();
        let top = process.mmap_top.min(end);
        self.mem
            .find_free(len, top, PAGE)
            .or_else(|| self.mem.find_free(len, end, PAGE))
    }
}

fn page_up(value: u64) -> Option<u64> {
    value.checked_next_multiple_of(PAGE)
}

/// The pages that have a byte of a range; `None` for a range that has no end.
fn whole_pages(start: u64, len: u64) -> Option<(u64, u64)> {
    let first = start & !(PAGE - 1);
    let end = page_up(start.checked_add(len)?)?;
    Some((first, end - first))
}

/// [Linux mm/mmap.c, ksys_mmap_pgoff, do_mmap, mmap_region]
fn mmap(cx: &mut Cx<'_>, ask: &Ask) -> Outcome {
    let k = cx.k;
    let flags = ask.flags;
    let anonymous = flags & k.MAP_ANONYMOUS != 0;
    if anonymous && flags & k.MAP_HUGETLB != 0 {
        return Err(Errno::EINVAL.into());
    }
    let kind = flags & k.MAP_TYPE;
    let shared = kind == k.MAP_SHARED || kind == k.MAP_SHARED_VALIDATE;
    let prot = cx.prot(ask.prot);
    let file = if anonymous {
        None
    } else {
        Some(cx.mappable(ask.fd as i32, shared, prot.contains(Prot::WRITE))?)
    };

    if ask.len == 0 {
        return Err(Errno::EINVAL.into());
    }
    let len = page_up(ask.len)
        .filter(|len| *len <= cx.user_end())
        .ok_or(Errno::ENOMEM)?;
    if ask.offset.checked_add(len).is_none() {
        return Err(Errno::EOVERFLOW.into());
    }
    let address = choose(cx, ask.addr, len, flags)?;

    if !shared && kind != k.MAP_PRIVATE || kind == k.MAP_SHARED_VALIDATE && anonymous {
        return Err(Errno::EINVAL.into());
    }
    let mut region_flags = RegionFlags::empty();
    let (backing, label) = match file {
        None if shared => {
            let object = Object::new(cx.mem.memory());
            object.truncate(len).map_err(|_| Errno::ENOMEM)?;
            (
                Backing::Shared { object, offset: 0 },
                Some(Label::named("/dev/zero (deleted)")),
            )
        }
        None => (Backing::Anonymous, None),
        Some(file) => {
            if kind == k.MAP_SHARED_VALIDATE && flags & k.MAP_SYNC != 0 {
                return Err(Errno::EOPNOTSUPP.into());
            }
            if shared && !file.writable {
                region_flags |= RegionFlags::NEVER_WRITE;
            }
            let offset = ask.offset;
            let backing = match file.object {
                Some(object) if shared => Backing::Shared { object, offset },
                Some(object) => Backing::Private { object, offset },
                None if shared => {
                    let object = Object::new(cx.mem.memory());
                    object.truncate(len).map_err(|_| Errno::ENOMEM)?;
                    Backing::Shared { object, offset: 0 }
                }
                None => Backing::Anonymous,
            };
            (backing, Some(file.label))
        }
    };
    if flags & k.MAP_GROWSDOWN != 0 {
        region_flags |= RegionFlags::GROWS_DOWN;
    }
    if flags & k.MAP_NORESERVE != 0 {
        region_flags |= RegionFlags::NO_RESERVE;
    } else if prot.contains(Prot::WRITE) && !shared && !cx.commits(len) {
        return Err(Errno::ENOMEM.into());
    }
    if flags & k.MAP_LOCKED != 0 {
        may_lock(cx, len).map_err(|error| match error {
            Errno::ENOMEM => Errno::EAGAIN,
            other => other,
        })?;
        region_flags |= RegionFlags::LOCKED;
    }
    data_limit(cx, len, prot, shared)?;
    cx.mem
        .map_with(address, len, prot, backing, label, region_flags)
        .map_err(errno)?;
    if flags & (k.MAP_LOCKED | k.MAP_POPULATE) != 0 && flags & k.MAP_NONBLOCK == 0 {
        populate(cx, address, len);
    }
    Ok(address)
}

/// The address of a new mapping.
fn choose(cx: &Cx<'_>, hint: u64, len: u64, flags: u64) -> Result<u64, Errno> {
    let k = cx.k;
    let end = cx.user_end();
    let low = cx.profile.process.low;
    let no_replace = flags & k.MAP_FIXED_NOREPLACE != 0;
    if flags & k.MAP_FIXED != 0 || no_replace {
        if hint > end - len {
            return Err(Errno::ENOMEM);
        }
        if !hint.is_multiple_of(PAGE) {
            return Err(Errno::EINVAL);
        }
        if hint < low && !cx.capable(k.CAP_SYS_RAWIO) {
            return Err(Errno::EPERM);
        }
        if no_replace && !cx.mem.is_free(hint, len) {
            return Err(Errno::EEXIST);
        }
        return Ok(hint);
    }
    if hint != 0 {
        let hint = page_up(hint.max(low)).unwrap_or(end);
        if hint <= end - len && cx.mem.is_free(hint, len) {
            return Ok(hint);
        }
    }
    cx.place(len, flags).ok_or(Errno::ENOMEM)
}

/// RLIMIT_DATA.   [Linux mm/mmap.c, may_expand_vm]
fn data_limit(cx: &Cx<'_>, more: u64, prot: Prot, shared: bool) -> Result<(), Errno> {
    let limit = cx.process().limits.soft(Resource::Data);
    if prot.contains(Prot::WRITE) && !shared && cx.mem.data_bytes().saturating_add(more) > limit {
        return Err(Errno::ENOMEM);
    }
    Ok(())
}

/// Makes a range present, as far as there is memory. Failures are nobody's business.
fn populate(cx: &mut Cx<'_>, start: u64, len: u64) {
    let len = len.min(cx.mem.memory().available());
    let _ = cx.mem.populate(start, len);
}

/// Whether so many more bytes may be locked.
fn may_lock(cx: &Cx<'_>, len: u64) -> Result<(), Errno> {
    if cx.capable(cx.k.CAP_IPC_LOCK) {
        return Ok(());
    }
    let limit = cx.process().limits.soft(Resource::Memlock);
    if limit == 0 {
        return Err(Errno::EPERM);
    }
    let locked: u64 = cx
        .mem
        .regions()
        .filter(|region| region.flags.contains(RegionFlags::LOCKED))
        .map(Region::len)
        .sum();
    if locked.saturating_add(len) > limit {
        Err(Errno::ENOMEM)
    } else {
        Ok(())
    }
}

fn lock(cx: &mut Cx<'_>, start: u64, len: u64, now: bool) -> Outcome {
    let (start, len) = whole_pages(start, len).ok_or(Errno::EINVAL)?;
    may_lock(cx, len)?;
    if len == 0 {
        return Ok(0);
    }
    cx.mem
        .set_flags(start, len, RegionFlags::LOCKED, RegionFlags::empty())
        .map_err(|_| Errno::ENOMEM)?;
    if now {
        let len = len.min(cx.mem.memory().available());
        if let Err(fault) = cx.mem.populate(start, len) {
            return Err(match fault.kind {
                FaultKind::NoMemory => Errno::EAGAIN,
                _ => Errno::ENOMEM,
            }
            .into());
        }
    }
    Ok(0)
}

/// [Linux mm/mprotect.c, do_mprotect_pkey]
fn mprotect(cx: &mut Cx<'_>, start: u64, len: u64, prot: u64) -> Outcome {
    let k = cx.k;
    let grows = prot & (k.PROT_GROWSDOWN | k.PROT_GROWSUP);
    let prot = prot & !grows;
    if grows == k.PROT_GROWSDOWN | k.PROT_GROWSUP || !start.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL.into());
    }
    if len == 0 {
        return Ok(0);
    }
    let end = page_up(len)
        .and_then(|len| start.checked_add(len))
        .filter(|end| *end > start)
        .ok_or(Errno::ENOMEM)?;
    // PROT_BTI and PROT_MTE need CPUs that have them.
    if prot & !(k.PROT_READ | k.PROT_WRITE | k.PROT_EXEC | k.PROT_SEM) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let mut start = start;
    let first = cx.mem.region_at(start).ok_or(Errno::ENOMEM)?;
    if grows == k.PROT_GROWSDOWN {
        if !first.flags.contains(RegionFlags::GROWS_DOWN) {
            return Err(Errno::EINVAL.into());
        }
        start = first.start;
    } else if grows != 0 {
        return Err(Errno::EINVAL.into());
    }
    let rights = cx.prot(prot);
    if cx.mem.is_mapped(start, end - start) {
        cx.mem.protect(start, end - start, rights).map_err(errno)?;
        return Ok(0);
    }
    // Up to the first hole it takes effect all the same.
    while let Some(region) = cx.mem.region_at(start) {
        let part = region.end.min(end) - start;
        cx.mem.protect(start, part, rights).map_err(errno)?;
        start += part;
        if start >= end {
            return Ok(0);
        }
    }
    Err(Errno::ENOMEM.into())
}

/// [Linux mm/mremap.c, mremap, mremap_to, vma_to_resize]
fn mremap(cx: &mut Cx<'_>, call: &linux::Mremap) -> Outcome {
    let k = cx.k;
    let (flags, addr) = (call.flags, call.addr);
    let fixed = flags & k.MREMAP_FIXED != 0;
    let moves = flags & k.MREMAP_MAYMOVE != 0;
    let keeps = flags & k.MREMAP_DONTUNMAP != 0;
    let end = cx.user_end();
    let sizes = page_up(call.old_len).zip(page_up(call.new_len));
    let (old_len, new_len) = sizes.filter(|(_, new)| *new > 0).ok_or(Errno::EINVAL)?;
    if flags & !(k.MREMAP_FIXED | k.MREMAP_MAYMOVE | k.MREMAP_DONTUNMAP) != 0
        || (fixed || keeps) && !moves
        || keeps && old_len != new_len
        || !addr.is_multiple_of(PAGE)
    {
        return Err(Errno::EINVAL.into());
    }
    let old_end = addr.checked_add(old_len).ok_or(Errno::EINVAL)?;
    let region = cx.mem.region_at(addr).ok_or(Errno::EFAULT)?;
    let (region_end, is_data, prot, shared) = (
        region.end,
        region.is_data(),
        region.prot,
        region.backing.is_shared(),
    );
    let copy = (old_len == 0).then(|| region.clone());
    if old_len == 0 && !shared {
        return Err(Errno::EINVAL.into());
    }

    if fixed || keeps {
        let mut target = call.new_addr;
        if fixed {
            if !target.is_multiple_of(PAGE) || new_len > end || target > end - new_len {
                return Err(Errno::EINVAL.into());
            }
            let target_end = target + new_len;
            if addr < target_end && target < old_end {
                return Err(Errno::EINVAL.into());
            }
            if target < cx.profile.process.low {
                return Err(Errno::EPERM.into());
            }
        }
        let kept = old_len.min(new_len);
        if kept > region_end - addr {
            return Err(Errno::EFAULT.into());
        }
        if is_data && new_len > kept && !cx.commits(new_len - kept) {
            return Err(Errno::ENOMEM.into());
        }
        if old_len > new_len {
            cx.mem
                .unmap(addr + new_len, old_len - new_len)
                .map_err(errno)?;
        }
        if !fixed {
            let hint = page_up(target).filter(|hint| {
                *hint != 0 && *hint <= end - new_len && cx.mem.is_free(*hint, new_len)
            });
            target = hint.or_else(|| cx.place(new_len, 0)).ok_or(Errno::ENOMEM)?;
        }
        return relocate(cx, addr, kept, target, new_len, keeps, copy);
    }

    if new_len <= old_len {
        if new_len < old_len {
            cx.mem
                .unmap(addr + new_len, old_len - new_len)
                .map_err(errno)?;
        }
        return Ok(addr);
    }
    if old_len > region_end - addr {
        return Err(Errno::EFAULT.into());
    }
    let more = new_len - old_len;
    if is_data && !cx.commits(more) {
        return Err(Errno::ENOMEM.into());
    }
    data_limit(cx, more, prot, shared)?;
    let new_end = addr.checked_add(new_len);
    if old_len > 0
        && region_end == old_end
        && new_end.is_some_and(|new| new <= end)
        && cx.mem.is_free(old_end, more)
    {
        cx.mem.extend(addr, old_len, new_len).map_err(errno)?;
        return Ok(addr);
    }
    if !moves {
        return Err(Errno::ENOMEM.into());
    }
    let target = cx.place(new_len, 0).ok_or(Errno::ENOMEM)?;
    relocate(cx, addr, old_len, target, new_len, false, copy)
}

/// Moves a mapping, or makes a second one of a shared mapping's pages.
fn relocate(
    cx: &mut Cx<'_>,
    from: u64,
    len: u64,
    to: u64,
    new_len: u64,
    keep: bool,
    copy: Option<Region>,
) -> Outcome {
    match copy {
        None => cx
            .mem
            .move_pages(from, len, to, new_len, keep)
            .map_err(errno)?,
        Some(region) => {
            let offset = region.offset_of(from);
            let backing = match region.backing {
                Backing::Shared { object, .. } => Backing::Shared { object, offset },
                other => other,
            };
            cx.mem
                .map_with(
                    to,
                    new_len,
                    region.prot,
                    backing,
                    region.label,
                    region.flags,
                )
                .map_err(errno)?;
        }
    }
    Ok(to)
}

/// Other pages of the object that is mapped there.   [remap_file_pages(2); Linux mm/mmap.c, remap_file_pages]
fn remap_file_pages(cx: &mut Cx<'_>, call: &linux::RemapFilePages) -> Outcome {
    let start = call.start & !(PAGE - 1);
    let len = call.size & !(PAGE - 1);
    let offset = call.pgoff.checked_mul(PAGE);
    let (Some(end), Some(offset)) = (start.checked_add(len), offset) else {
        return Err(Errno::EINVAL.into());
    };
    if call.prot != 0 || len == 0 || offset.checked_add(len).is_none() {
        return Err(Errno::EINVAL.into());
    }
    let region = cx.mem.region_at(start).ok_or(Errno::EINVAL)?.clone();
    let Backing::Shared { object, .. } = region.backing else {
        return Err(Errno::EINVAL.into());
    };
    // Parts that an earlier call had remapped are one with it as long as they are of the same object, without a hole.
    let mut at = region.end;
    while at < end {
        let next = cx.mem.region_at(at).ok_or(Errno::EINVAL)?;
        let same = next.backing.is_shared()
            && next
                .backing
                .object()
                .is_some_and(|other| Rc::ptr_eq(other, &object))
            && next.prot == region.prot;
        if !same {
            return Err(Errno::EINVAL.into());
        }
        at = next.end;
    }
    let backing = Backing::Shared { object, offset };
    cx.mem
        .map_with(start, len, region.prot, backing, region.label, region.flags)
        .map_err(errno)?;
    Ok(0)
}

/// [Linux mm/madvise.c]
fn madvise(cx: &mut Cx<'_>, call: &linux::Madvise) -> Outcome {
    let k = cx.k;
    let advice = call.behavior as u64 & 0xffff_ffff;
    if advice == k.MADV_HWPOISON || advice == k.MADV_SOFT_OFFLINE {
        return Err(Errno::EPERM.into());
    }
    // Merging and huge pages are configured out.
    let known = [
        k.MADV_NORMAL,
        k.MADV_RANDOM,
        k.MADV_SEQUENTIAL,
        k.MADV_WILLNEED,
        k.MADV_DONTNEED,
        k.MADV_DONTNEED_LOCKED,
        k.MADV_FREE,
        k.MADV_REMOVE,
        k.MADV_DONTFORK,
        k.MADV_DOFORK,
        k.MADV_DONTDUMP,
        k.MADV_DODUMP,
        k.MADV_WIPEONFORK,
        k.MADV_KEEPONFORK,
        k.MADV_COLD,
        k.MADV_PAGEOUT,
        k.MADV_POPULATE_READ,
        k.MADV_POPULATE_WRITE,
    ];
    if !known.contains(&advice) || !call.start.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL.into());
    }
    let end = page_up(call.len_in)
        .and_then(|len| call.start.checked_add(len))
        .ok_or(Errno::EINVAL)?;
    if end == call.start {
        return Ok(0);
    }
    let mut at = call.start;
    let mut hole = false;
    while at < end {
        let Some(region) = cx.mem.region_from(at).filter(|region| region.start < end) else {
            hole = true;
            break;
        };
        hole |= region.start > at;
        let start = region.start.max(at);
        let stop = region.end.min(end);
        at = region.end;
        let region = region.clone();
        advise(cx, &region, start, stop - start, advice)?;
    }
    if hole {
        Err(Errno::ENOMEM.into())
    } else {
        Ok(0)
    }
}

fn advise(
    cx: &mut Cx<'_>,
    region: &Region,
    start: u64,
    len: u64,
    advice: u64,
) -> Result<(), Errno> {
    let k = cx.k;
    let anonymous = matches!(region.backing, Backing::Anonymous);
    let (set, clear) = (RegionFlags::empty(), RegionFlags::empty());
    let (set, clear) = if advice == k.MADV_DONTNEED || advice == k.MADV_FREE {
        if region.flags.contains(RegionFlags::LOCKED) || advice == k.MADV_FREE && !anonymous {
            return Err(Errno::EINVAL);
        }
        return cx.mem.discard(start, len).map_err(|_| Errno::ENOMEM);
    } else if advice == k.MADV_DONTNEED_LOCKED {
        return cx.mem.discard(start, len).map_err(|_| Errno::ENOMEM);
    } else if advice == k.MADV_REMOVE {
        let Backing::Shared { object, .. } = &region.backing else {
            return Err(Errno::EINVAL);
        };
        if region.flags.contains(RegionFlags::LOCKED) {
            return Err(Errno::EINVAL);
        }
        if !region.prot.contains(Prot::WRITE) {
            return Err(Errno::EACCES);
        }
        return object
            .punch(region.offset_of(start), len)
            .map_err(|_| Errno::ENOMEM);
    } else if advice == k.MADV_POPULATE_READ || advice == k.MADV_POPULATE_WRITE {
        if advice == k.MADV_POPULATE_WRITE && !region.prot.contains(Prot::WRITE) {
            return Err(Errno::EINVAL);
        }
        let len = len.min(cx.mem.memory().available());
        return cx
            .mem
            .populate(start, len)
            .map_err(|fault| match fault.kind {
                FaultKind::NoMemory => Errno::ENOMEM,
                _ => Errno::EFAULT,
            });
    } else if advice == k.MADV_DONTFORK {
        (RegionFlags::DONT_FORK, clear)
    } else if advice == k.MADV_DOFORK {
        (set, RegionFlags::DONT_FORK)
    } else if advice == k.MADV_DONTDUMP {
        (RegionFlags::DONT_DUMP, clear)
    } else if advice == k.MADV_DODUMP {
        (set, RegionFlags::DONT_DUMP)
    } else if advice == k.MADV_WIPEONFORK {
        if !anonymous {
            return Err(Errno::EINVAL);
        }
        (RegionFlags::WIPE_ON_FORK, clear)
    } else if advice == k.MADV_KEEPONFORK {
        (set, RegionFlags::WIPE_ON_FORK)
    } else {
        return Ok(());
    };
    cx.mem
        .set_flags(start, len, set, clear)
        .map_err(|_| Errno::ENOMEM)
}

#[cfg(test)]
mod tests {
    use emu_cpu::GuestMemory;

    use super::super::trial::{Came, SCRATCH, Trial};
    use super::*;

    /// `-1`, as a descriptor.
    const NONE: u64 = u64::MAX;

    impl Trial {
        /// The form of `mmap` with arguments in registers that the profile has.
        fn map(&mut self, addr: u64, len: u64, prot: u64, flags: u64) -> Came {
            let name = if self.has("mmap2") { "mmap2" } else { "mmap" };
            self.call(name, &[addr, len, prot, flags, NONE, 0])
        }

        fn private(&self) -> u64 {
            self.k().MAP_PRIVATE | self.k().MAP_ANONYMOUS
        }
    }

    fn mapped(came: Came) -> u64 {
        match came {
            Came::Ok(address) => address,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn mappings_go_downwards_from_the_top_and_fill_holes() {
        for mut t in Trial::all() {
            let (flags, top) = (t.private(), t.task.profile.process.mmap_top);
            let a = mapped(t.map(0, 2 * PAGE, 3, flags));
            assert_eq!(a, top - 2 * PAGE, "{}", t.name());
            let b = mapped(t.map(0, 1, 3, flags));
            assert_eq!(b, a - PAGE);
            t.ok("munmap", &[a, PAGE]);
            assert_eq!(mapped(t.map(0, PAGE, 3, flags)), a);
            assert_eq!(
                mapped(t.map(0x50_0001, PAGE, 3, flags)),
                0x50_1000,
                "a hint is rounded up"
            );
            assert_ne!(
                mapped(t.map(0x50_1000, PAGE, 3, flags)),
                0x50_1000,
                "a hint that is taken"
            );
        }
    }

    #[test]
    fn senseless_mappings_are_refused() {
        for mut t in Trial::all() {
            let (k, flags, end) = (t.k(), t.private(), t.task.profile.process.high);
            let mut check = |addr, len, flags, errno| {
                assert_eq!(
                    t.map(addr, len, 3, flags),
                    Came::Err(errno),
                    "{addr:#x} {len:#x}"
                );
            };
            check(0, 0, flags, Errno::EINVAL);
            check(0, PAGE, k.MAP_ANONYMOUS, Errno::EINVAL);
            check(0, end + PAGE, flags, Errno::ENOMEM);
            check(0x50_0001, PAGE, flags | k.MAP_FIXED, Errno::EINVAL);
            check(end, PAGE, flags | k.MAP_FIXED, Errno::ENOMEM);
            check(0, PAGE, flags | k.MAP_FIXED, Errno::EPERM);
            check(SCRATCH, PAGE, flags | k.MAP_FIXED_NOREPLACE, Errno::EEXIST);
            check(0, 1 << 31, flags, Errno::ENOMEM);
            check(0, PAGE, k.MAP_PRIVATE, Errno::EBADF);
        }
    }

    #[test]
    fn a_reservation_of_a_terabyte_costs_nothing() {
        let mut t = Trial::new("linux_arm64");
        let flags = t.private() | t.k().MAP_NORESERVE;
        let a = mapped(t.map(0, 1 << 40, 0, flags));
        t.ok("mprotect", &[a, PAGE, 3]);
        t.space.write_u8(a, 1).expect("it is writable now");
        assert!(t.kernel.memory.used() < 1 << 20);
        t.ok("munmap", &[a, 1 << 40]);
    }

    #[test]
    fn the_heap_grows_and_shrinks_and_never_runs_into_a_mapping() {
        for mut t in Trial::all() {
            assert_eq!(t.ok("brk", &[0]), 0x20_0000);
            assert_eq!(t.ok("brk", &[0x20_1234]), 0x20_1234);
            t.space.write_u8(0x20_1fff, 7).expect("a whole page");
            assert_eq!(t.ok("brk", &[0x20_0010]), 0x20_0010);
            assert!(t.space.read_u8(0x20_1fff).is_err());
            assert_eq!(t.ok("brk", &[0x20_2000]), 0x20_2000);
            assert_eq!(t.space.read_u8(0x20_1fff), Ok(0), "it comes back empty");
            assert_eq!(t.ok("brk", &[0x1f_0000]), 0x20_2000, "not below its start");
            let flags = t.private() | t.k().MAP_FIXED;
            mapped(t.map(0x21_0000, PAGE, 3, flags));
            assert_eq!(t.ok("brk", &[0x21_0000]), 0x20_2000, "a page is kept free");
            assert_eq!(t.ok("brk", &[0x20_f000]), 0x20_f000);
            assert_eq!(t.ok("brk", &[u64::MAX]), 0x20_f000);
        }
    }

    #[test]
    fn a_limit_of_the_address_space_holds() {
        let mut t = Trial::new("linux_x64");
        let limit = t.space.mapped_bytes() + 4 * PAGE;
        t.space.write_u64(SCRATCH, limit).expect("scratch");
        t.space.write_u64(SCRATCH + 8, limit).expect("scratch");
        let k = t.k();
        t.ok("setrlimit", &[k.RLIMIT_AS, SCRATCH]);
        let flags = t.private();
        mapped(t.map(0, 4 * PAGE, 3, flags));
        assert_eq!(t.map(0, PAGE, 3, flags), Came::Err(Errno::ENOMEM));
        assert_eq!(t.ok("brk", &[0x20_1000]), 0x20_0000);
    }

    #[test]
    fn protection_changes_up_to_the_first_hole() {
        for mut t in Trial::all() {
            let flags = t.private();
            let a = mapped(t.map(0, 4 * PAGE, 3, flags));
            t.ok("munmap", &[a + 2 * PAGE, PAGE]);
            assert_eq!(t.err("mprotect", &[a, 4 * PAGE, 1]), Errno::ENOMEM);
            assert!(t.space.write_u8(a + PAGE, 1).is_err());
            assert!(t.space.write_u8(a + 3 * PAGE, 1).is_ok());
            assert_eq!(t.err("mprotect", &[a + 1, PAGE, 1]), Errno::EINVAL);
            assert_eq!(t.err("mprotect", &[a, PAGE, 0x40]), Errno::EINVAL);
            assert_eq!(t.ok("mprotect", &[a, 0, 3]), 0);
        }
    }

    #[test]
    fn mremap_grows_in_place_moves_and_shrinks() {
        for mut t in Trial::all() {
            let flags = t.private();
            let k = t.k();
            let a = mapped(t.map(0x60_0000, PAGE, 3, flags));
            t.space.write_u8(a, 9).expect("it is writable");
            assert_eq!(t.ok("mremap", &[a, PAGE, 3 * PAGE, 0, 0]), a);
            mapped(t.map(0x60_3000, PAGE, 3, flags));
            assert_eq!(
                t.err("mremap", &[a, 3 * PAGE, 4 * PAGE, 0, 0]),
                Errno::ENOMEM
            );
            let b = t.ok("mremap", &[a, 3 * PAGE, 4 * PAGE, k.MREMAP_MAYMOVE, 0]);
            assert_ne!(a, b);
            assert_eq!(t.space.read_u8(b), Ok(9));
            assert!(t.space.read_u8(a).is_err());
            let fixed = k.MREMAP_MAYMOVE | k.MREMAP_FIXED;
            assert_eq!(
                t.ok("mremap", &[b, 4 * PAGE, PAGE, fixed, 0x70_0000]),
                0x70_0000
            );
            assert_eq!(t.space.read_u8(0x70_0000), Ok(9));
            assert!(t.space.read_u8(0x70_1000).is_err());
            assert!(t.space.read_u8(b + PAGE).is_err());
            assert_eq!(
                t.err("mremap", &[0x70_0000, PAGE, PAGE, k.MREMAP_FIXED, 0]),
                Errno::EINVAL
            );
            assert_eq!(
                t.err("mremap", &[0x79_0000, PAGE, PAGE, 0, 0]),
                Errno::EFAULT
            );
            assert_eq!(
                t.err("mremap", &[0x70_0000, 2 * PAGE, 3 * PAGE, 1, 0]),
                Errno::EFAULT
            );
            assert_eq!(t.err("mremap", &[0x70_0000, PAGE, 0, 0, 0]), Errno::EINVAL);
            assert_eq!(
                t.err("mremap", &[0x70_0000, PAGE, PAGE, fixed, 0x70_0000]),
                Errno::EINVAL
            );
        }
    }

    #[test]
    fn advice_discards_and_tells_holes() {
        for mut t in Trial::all() {
            let (k, flags) = (t.k(), t.private());
            let a = mapped(t.map(0, 3 * PAGE, 3, flags));
            t.space.write_u8(a, 5).expect("it is writable");
            t.ok("madvise", &[a, PAGE, k.MADV_DONTNEED]);
            assert_eq!(t.space.read_u8(a), Ok(0));
            t.ok("munmap", &[a + PAGE, PAGE]);
            assert_eq!(
                t.err("madvise", &[a, 3 * PAGE, k.MADV_DONTNEED]),
                Errno::ENOMEM
            );
            assert_eq!(t.err("madvise", &[a, PAGE, 12345]), Errno::EINVAL);
            assert_eq!(
                t.err("madvise", &[a + 1, PAGE, k.MADV_DONTNEED]),
                Errno::EINVAL
            );
            assert_eq!(t.ok("madvise", &[a, 0, k.MADV_DONTNEED]), 0);
            assert_eq!(t.err("mincore", &[a, 3 * PAGE, SCRATCH]), Errno::ENOMEM);
            t.space.write_u8(a, 5).expect("it is writable");
            t.ok("mincore", &[a, PAGE, SCRATCH]);
            assert_eq!(t.space.read_u8(SCRATCH), Ok(1));
        }
    }

    #[test]
    fn numbers_at_the_end_of_the_address_space_overflow_nothing() {
        for mut t in Trial::all() {
            let most = t.task.profile.arch.address_mask();
            let page = most & !(PAGE - 1);
            for len in [1, PAGE, most, page] {
                for addr in [0, page, page - PAGE] {
                    for name in ["munmap", "mprotect", "madvise", "msync", "mlock", "munlock"] {
                        t.call(name, &[addr, len, 4]);
                    }
                    t.call("mincore", &[addr, len, SCRATCH]);
                    for flags in 0..8 {
                        t.call("mremap", &[addr, len, len, flags, page]);
                        t.call("mremap", &[addr, PAGE, len, flags, page]);
                    }
                    for flags in [t.private(), t.private() | t.k().MAP_FIXED] {
                        t.map(addr, len, 3, flags);
                    }
                }
            }
        }
    }
}
