//! Shared memory: segments, and where they are attached.   [shmget(2), shmat(2), shmctl(2); Linux ipc/shm.c]

use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use emu_cpu::memory::{Backing, Label, Object, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, Prot};
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::form::{Form, places, put_time};
use super::table::{Found, Guarded, Permissions, Table};
use crate::kernel::layout::Image;
use crate::kernel::linux::process::Resource;
use crate::kernel::task::{Task, Tid};
use crate::kernel::{Cx, Kernel};

/// The most segments there may be.   [Linux include/uapi/linux/shm.h, SHMMNI]
const MOST: u32 = 4096;

/// A segment of shared memory.
pub(super) struct Segment {
    permissions: Permissions,
    size: u64,
    pages: Pages,
    accessed: u64,
    detached: u64,
    changed: u64,
    creator: Tid,
    last: Tid,
}

/// Its memory. One that is removed lives as long as somebody has it attached.
enum Pages {
    Kept(Rc<Object>),
    Removed(Weak<Object>),
}

impl Segment {
    fn object(&self) -> Option<Rc<Object>> {
        match &self.pages {
            Pages::Kept(object) => Some(object.clone()),
            Pages::Removed(object) => object.upgrade(),
        }
    }

    fn is(&self, backing: &Backing) -> bool {
        let Backing::Shared { object, .. } = backing else {
            return false;
        };
        match &self.pages {
            Pages::Kept(own) => Rc::ptr_eq(own, object),
            Pages::Removed(own) => own.as_ptr() == Rc::as_ptr(object),
        }
    }

    fn is_gone(&self) -> bool {
        matches!(&self.pages, Pages::Removed(object) if object.strong_count() == 0)
    }

    fn page_count(&self) -> u64 {
        self.size.div_ceil(PAGE)
    }
}

impl Guarded for Segment {
    fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn permissions_mut(&mut self) -> &mut Permissions {
        &mut self.permissions
    }
}

/// All segments.
#[derive(Default)]
pub(super) struct Segments(Table<Segment>);

impl Segments {
    /// Forgets those that were removed and that nobody has attached any more.
    fn sweep(&mut self) -> &mut Table<Segment> {
        let gone: Vec<i32> = (self.0.iter().filter(|segment| segment.is_gone()))
            .map(|segment| segment.permissions.id)
            .collect();
        for id in gone {
            self.0.remove(id);
        }
        &mut self.0
    }

    /// Those that a space has attached.
    fn of_space<'a>(
        &'a mut self,
        space: &'a AddressSpace,
    ) -> impl Iterator<Item = &'a mut Segment> {
        self.0.iter_mut().filter(|segment| {
            let mut regions = space.regions();
            regions.any(|region| segment.is(&region.backing))
        })
    }
}

/// The largest size, and the most pages of all together: as good as none.   [Linux include/uapi/linux/shm.h, SHMMAX]
fn largest(cx: &Cx<'_>) -> u64 {
    match cx.word() {
        4 => u64::from(u32::MAX) - (1 << 24),
        _ => u64::MAX - (1 << 24),
    }
}

impl Kernel {
    pub(super) fn get_segment(
        &mut self,
        cx: &mut Cx<'_>,
        key: i32,
        size: u64,
        flags: i32,
    ) -> Outcome {
        let table = self.linux.ipc.segments.sweep();
        if let Found::Old(id) = table.find(cx, key, flags, |segment| segment.size >= size)? {
            return Ok(id as u64);
        }
        if size < 1 || size > largest(cx) {
            return Err(Errno::EINVAL.into());
        }
        // Without CONFIG_HUGETLBFS.
        if u64::from(flags as u32) & cx.k.SHM_HUGETLB != 0 {
            return Err(Errno::EINVAL.into());
        }
        if size > cx.mem.memory().limit() {
            return Err(Errno::ENOMEM.into());
        }
        let object = Object::new(cx.mem.memory());
        let whole = size.next_multiple_of(PAGE);
        object.truncate(whole).map_err(|_| Errno::ENOMEM)?;
        let (pid, now) = (cx.process().pid, self.seconds());
        let table = &mut self.linux.ipc.segments.0;
        let id = table.add(cx, key, flags, MOST, |permissions| Segment {
            permissions,
            size,
            pages: Pages::Kept(object),
            accessed: 0,
            detached: 0,
            changed: now,
            creator: pid,
            last: 0,
        })?;
        Ok(id as u64)
    }

    pub(super) fn attach_segment(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        address: u64,
        flags: i32,
    ) -> Outcome {
        let k = cx.k;
        let flag = |flag: u64| u64::from(flags as u32) & flag != 0;
        if id < 0 {
            return Err(Errno::EINVAL.into());
        }
        let mut address = address;
        if address == 0 && flag(k.SHM_REMAP) {
            return Err(Errno::EINVAL.into());
        }
        let fixed = address != 0;
        if !address.is_multiple_of(k.SHMLBA) {
            if !flag(k.SHM_RND) {
                return Err(Errno::EINVAL.into());
            }
            address -= address % k.SHMLBA;
            if address == 0 && flag(k.SHM_REMAP) {
                return Err(Errno::EINVAL.into());
            }
        }
        let mut prot = Prot::READ;
        let mut wanted = 0o444;
        if !flag(k.SHM_RDONLY) {
            prot |= Prot::WRITE;
            wanted |= 0o222;
        }
        if flag(k.SHM_EXEC) {
            prot |= Prot::EXEC;
            wanted |= 0o111;
        }
        let segment = self.linux.ipc.segments.sweep().get(id)?;
        segment.permissions.check(cx, wanted)?;
        let (key, size) = (segment.permissions.key, segment.size);
        let object = segment.object().ok_or(Errno::EIDRM)?;
        let len = size.next_multiple_of(PAGE);
        let end = cx.user_end();
        if fixed {
            let fits = address.checked_add(len);
            if !flag(k.SHM_REMAP) && (fits.is_none() || !cx.mem.is_free(address, len)) {
                return Err(Errno::EINVAL.into());
            }
            if fits.is_none_or(|last| last > end) {
                return Err(Errno::ENOMEM.into());
            }
            if address < cx.profile.process.low {
                return Err(Errno::EPERM.into());
            }
        } else {
            address = cx.place(len, 0).ok_or(Errno::ENOMEM)?;
        }
        let mut region_flags = RegionFlags::empty();
        region_flags.set(RegionFlags::NEVER_WRITE, flag(k.SHM_RDONLY));
        let name = format!("/SYSV{key:08x} (deleted)");
        // The segment's number stands for the inode.   [Linux ipc/shm.c, newseg]
        let label = Label::file(name, 1, u64::from(id as u32), None);
        let backing = Backing::Shared { object, offset: 0 };
        let prot = cx.implied(prot);
        let mapped = cx
            .mem
            .map_with(address, len, prot, backing, Some(label), region_flags);
        mapped.map_err(|_| Errno::ENOMEM)?;
        let (pid, now) = (cx.process().pid, self.seconds());
        let segment = self.linux.ipc.segments.0.get_mut(id)?;
        (segment.accessed, segment.last) = (now, pid);
        Ok(address)
    }

    pub(super) fn detach_segment(&mut self, cx: &mut Cx<'_>, address: u64) -> Outcome {
        if !address.is_multiple_of(PAGE) {
            return Err(Errno::EINVAL.into());
        }
        let table = self.linux.ipc.segments.sweep();
        let mut found: Option<(i32, u64)> = None;
        let mut parts = Vec::new();
        // Whatever `munmap` and `mprotect` left of it.   [Linux ipc/shm.c, ksys_shmdt]
        for region in cx.mem.regions_in(address, u64::MAX - address) {
            if region.start < address || region.backing.offset() != region.start - address {
                continue;
            }
            if let Some((id, end)) = found {
                if region.end > end {
                    break;
                }
                if table
                    .get(id)
                    .is_ok_and(|segment| segment.is(&region.backing))
                {
                    parts.push((region.start, region.len()));
                }
            } else if let Some(segment) = table.iter().find(|one| one.is(&region.backing)) {
                let end = address.saturating_add(segment.page_count() * PAGE);
                found = Some((segment.permissions.id, end));
                parts.push((region.start, region.len()));
            }
        }
        let (id, _) = found.ok_or(Errno::EINVAL)?;
        for (start, len) in parts {
            cx.mem.unmap(start, len).map_err(|_| Errno::ENOMEM)?;
        }
        let (pid, now) = (cx.process().pid, self.seconds());
        if let Ok(segment) = self.linux.ipc.segments.sweep().get_mut(id) {
            (segment.detached, segment.last) = (now, pid);
        }
        Ok(0)
    }

    /// How often a segment is attached, in all address spaces.
    fn attaches(&self, cx: &Cx<'_>, segment: &Segment) -> u64 {
        let count = |space: &AddressSpace| {
            let regions = space.regions();
            regions.filter(|region| segment.is(&region.backing)).count() as u64
        };
        let mut seen = BTreeSet::from([cx.mem.id()]);
        let mut all = count(cx.mem);
        for task in self.tasks.iter() {
            // The one that can't be looked at is the one whose turn it is.
            if let Ok(space) = task.space.try_borrow()
                && seen.insert(space.id())
            {
                all += count(&space);
            }
        }
        all
    }

    pub(super) fn control_segment(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        (form, command): (Form, u64),
        buf: u64,
    ) -> Outcome {
        let k = cx.k;
        if id < 0 {
            return Err(Errno::EINVAL.into());
        }
        self.linux.ipc.segments.sweep();
        if command == k.IPC_INFO {
            self.segment_limits(cx, form, buf)
        } else if command == k.SHM_INFO {
            self.segment_use(cx, buf)
        } else if [k.IPC_STAT, k.SHM_STAT, k.SHM_STAT_ANY].contains(&command) {
            let table = &self.linux.ipc.segments.0;
            let segment = match command == k.IPC_STAT {
                true => table.get(id)?,
                false => table.at(id)?,
            };
            if command != k.SHM_STAT_ANY {
                segment.permissions.check(cx, 0o444)?;
            }
            let attaches = self.attaches(cx, segment);
            describe(cx, segment, attaches, form).store(cx.mem, buf)?;
            Ok(match command == k.IPC_STAT {
                true => 0,
                false => segment.permissions.id as u64,
            })
        } else if command == k.IPC_SET {
            let (size, fields) = shape(cx, form);
            let change = fields.get(&cx.load(buf, size)?);
            let now = self.seconds();
            let segment = self.linux.ipc.segments.0.get_mut(id)?;
            segment.permissions.check_owner(cx)?;
            segment.permissions.change(&change)?;
            segment.changed = now;
            Ok(0)
        } else if command == k.IPC_RMID {
            let table = &mut self.linux.ipc.segments.0;
            table.get(id)?.permissions.check_owner(cx)?;
            table.forget_key(id);
            let segment = table.get_mut(id)?;
            segment.permissions.mode |= k.SHM_DEST as u32;
            if let Pages::Kept(object) = &segment.pages {
                segment.pages = Pages::Removed(Rc::downgrade(object));
            }
            self.linux.ipc.segments.sweep();
            Ok(0)
        } else if command == k.SHM_LOCK || command == k.SHM_UNLOCK {
            self.lock_segment(cx, id, command == k.SHM_LOCK)
        } else {
            Err(Errno::EINVAL.into())
        }
    }

    /// Nothing is ever paged out; who may ask for it counts.   [Linux ipc/shm.c, shmctl_do_lock]
    fn lock_segment(&mut self, cx: &Cx<'_>, id: i32, lock: bool) -> Outcome {
        let k = cx.k;
        let segment = self.linux.ipc.segments.0.get_mut(id)?;
        if !cx.capable(k.CAP_IPC_LOCK) {
            let limit = cx.process().limits.soft(Resource::Memlock);
            let euid = cx.task.linux.credentials.euid;
            let own = euid == segment.permissions.uid || euid == segment.permissions.cuid;
            if !own || lock && limit == 0 {
                return Err(Errno::EPERM.into());
            }
            if lock && segment.size.next_multiple_of(PAGE) > limit {
                return Err(Errno::ENOMEM.into());
            }
        }
        let locked = k.SHM_LOCKED as u32;
        match lock {
            true => segment.permissions.mode |= locked,
            false => segment.permissions.mode &= !locked,
        }
        Ok(0)
    }

    fn segment_limits(&self, cx: &mut Cx<'_>, form: Form, buf: u64) -> Outcome {
        let most = largest(cx);
        let image = match form {
            Form::Wide => {
                let at = cx.layouts.shminfo64;
                let mut image = cx.image(at.size);
                image
                    .put(at.shmmax, most)
                    .put(at.shmmin, 1)
                    .put(at.shmall, most);
                image
                    .put(at.shmmni, u64::from(MOST))
                    .put(at.shmseg, u64::from(MOST));
                image
            }
            Form::Old => {
                let at = cx.layouts.shminfo;
                let mut image = cx.image(at.size);
                let int = i32::MAX as u64;
                image
                    .put(at.shmmax, most.min(int))
                    .put(at.shmmin, 1)
                    .put(at.shmall, most);
                image
                    .put(at.shmmni, u64::from(MOST))
                    .put(at.shmseg, u64::from(MOST));
                image
            }
        };
        image.store(cx.mem, buf)?;
        Ok(self.linux.ipc.segments.0.highest())
    }

    fn segment_use(&self, cx: &mut Cx<'_>, buf: u64) -> Outcome {
        let table = &self.linux.ipc.segments.0;
        let resident: u64 = (table.iter().filter_map(Segment::object))
            .map(|object| object.resident() / PAGE)
            .sum();
        let at = cx.layouts.shm_info;
        let mut image = cx.image(at.size);
        image
            .put(at.used_ids, table.len() as u64)
            .put(at.shm_tot, table.iter().map(Segment::page_count).sum())
            .put(at.shm_rss, resident);
        image.store(cx.mem, buf)?;
        Ok(table.highest())
    }

    /// A task has ended, or gets another program: nobody else has its memory, and what was attached there is let go.
    pub(in crate::kernel::linux) fn leave_segments(&mut self, task: &Task) {
        let ipc = &mut self.linux.ipc;
        if ipc.segments.0.len() == 0 {
            return;
        }
        let shared = |other: &Task| Rc::ptr_eq(&other.space, &task.space);
        if self.tasks.iter().any(shared) {
            return;
        }
        let (pid, now) = (
            task.linux.process.borrow().pid,
            self.clock.wall() / super::SECOND,
        );
        if let Ok(space) = task.space.try_borrow() {
            for segment in ipc.segments.of_space(&space) {
                (segment.detached, segment.last) = (now, pid);
            }
        }
    }

    /// A child is about to get a copy of the memory of the task that asks.
    pub(in crate::kernel::linux) fn inherit_segments(&mut self, cx: &Cx<'_>) {
        let (pid, now) = (cx.process().pid, self.seconds());
        for segment in self.linux.ipc.segments.of_space(cx.mem) {
            (segment.accessed, segment.last) = (now, pid);
        }
    }
}

/// The size of the structure, and where it has its permissions.
fn shape(cx: &Cx<'_>, form: Form) -> (u32, super::form::Places) {
    match form {
        Form::Wide => {
            let at = cx.layouts.shmid64_ds;
            let places = places!(at, shm_perm_key shm_perm_uid shm_perm_gid shm_perm_cuid shm_perm_cgid shm_perm_mode shm_perm_seq);
            (at.size, places)
        }
        Form::Old => {
            let at = cx.layouts.old_shmid_ds;
            let places = places!(at, shm_perm_key shm_perm_uid shm_perm_gid shm_perm_cuid shm_perm_cgid shm_perm_mode shm_perm_seq);
            (at.size, places)
        }
    }
}

fn describe(cx: &Cx<'_>, segment: &Segment, attaches: u64, form: Form) -> Image {
    let (size, fields) = shape(cx, form);
    let mut image = cx.image(size);
    fields.put(&mut image, &segment.permissions, segment.permissions.mode);
    let (creator, last) = (segment.creator as u64, segment.last as u64);
    match form {
        Form::Wide => {
            let at = cx.layouts.shmid64_ds;
            image
                .put(at.shm_segsz, segment.size)
                .put(at.shm_cpid, creator)
                .put(at.shm_lpid, last)
                .put(at.shm_nattch, attaches);
            put_time(
                &mut image,
                at.shm_atime,
                at.shm_atime_high,
                segment.accessed,
            );
            put_time(
                &mut image,
                at.shm_dtime,
                at.shm_dtime_high,
                segment.detached,
            );
            put_time(&mut image, at.shm_ctime, at.shm_ctime_high, segment.changed);
        }
        Form::Old => {
            let at = cx.layouts.old_shmid_ds;
            image
                .put(at.shm_segsz, segment.size)
                .put(at.shm_cpid, creator)
                .put(at.shm_lpid, last)
                .put(at.shm_nattch, attaches)
                .put(at.shm_atime, segment.accessed)
                .put(at.shm_dtime, segment.detached)
                .put(at.shm_ctime, segment.changed);
        }
    }
    image
}

/// An attached segment's address goes where `ipc` says.
pub(super) fn give_address(cx: &mut Cx<'_>, to: u64, outcome: Outcome) -> Outcome {
    let address = outcome?;
    cx.write_word(to, address).map_err(Stop::from)?;
    Ok(0)
}
