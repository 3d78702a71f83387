//! What have segments, sets and queues in common? Numbers, keys, owners and permissions.   [Linux ipc/util.c]

use std::collections::BTreeMap;

use emu_prototypes::linux::Errno;

use crate::kernel::Cx;

/// Bits of an identifier that are its place in the table; the others tell users of the same place apart.
/// [Linux ipc/util.h, IPCMNI_SHIFT]
const PLACE_BITS: u32 = 15;
const PLACES: u32 = 1 << PLACE_BITS;
/// Places that are gone through before one is used again.   [Linux ipc/util.h, ipc_min_cycle]
const CYCLE: u32 = 64;
/// The key of what nobody else can find by its key.
pub(super) const PRIVATE: i32 = 0;

/// Who may do what with an object.
#[derive(Debug, Clone)]
pub(super) struct Permissions {
    pub(super) key: i32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) cuid: u32,
    pub(super) cgid: u32,
    pub(super) mode: u32,
    pub(super) id: i32,
}

impl Permissions {
    /// How often its place had been used before, as the guest is told.
    pub(super) fn seq(&self) -> u64 {
        u64::from(self.id as u32 >> PLACE_BITS)
    }

    /// Whether a task may access it: `wanted` is in permission bits, those of owner, group and others alike.
    /// [Linux ipc/util.c, ipcperms]
    pub(super) fn check(&self, cx: &Cx<'_>, wanted: u32) -> Result<(), Errno> {
        let wanted = (wanted >> 6 | wanted >> 3 | wanted) & 7;
        let who = &cx.task.linux.credentials;
        let in_group = |gid| who.fsgid == gid || who.groups.contains(&gid);
        let granted = if who.euid == self.cuid || who.euid == self.uid {
            self.mode >> 6
        } else if in_group(self.cgid) || in_group(self.gid) {
            self.mode >> 3
        } else {
            self.mode
        };
        if wanted & !granted & 7 != 0 && !cx.capable(cx.k.CAP_IPC_OWNER) {
            return Err(Errno::EACCES);
        }
        Ok(())
    }

    /// Whether a task may change or remove it.   [Linux ipc/util.c, ipcctl_obtain_check]
    pub(super) fn check_owner(&self, cx: &Cx<'_>) -> Result<(), Errno> {
        let euid = cx.task.linux.credentials.euid;
        if euid == self.cuid || euid == self.uid || cx.capable(cx.k.CAP_SYS_ADMIN) {
            return Ok(());
        }
        Err(Errno::EPERM)
    }

    /// Gives it another owner and other rights.   [Linux ipc/util.c, ipc_update_perm]
    pub(super) fn change(&mut self, change: &Change) -> Result<(), Errno> {
        if change.uid == u32::MAX || change.gid == u32::MAX {
            return Err(Errno::EINVAL);
        }
        self.uid = change.uid;
        self.gid = change.gid;
        self.mode = self.mode & !0o777 | change.mode & 0o777;
        Ok(())
    }
}

/// What `IPC_SET` changes of every kind.
pub(super) struct Change {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mode: u32,
}

/// What has permissions.
pub(super) trait Guarded {
    fn permissions(&self) -> &Permissions;
    fn permissions_mut(&mut self) -> &mut Permissions;
}

/// All objects of a kind.
pub(super) struct Table<T> {
    places: BTreeMap<u32, T>,
    keys: BTreeMap<i32, i32>,
    next: u32,
    last: Option<u32>,
    sequence: u32,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table {
            places: BTreeMap::new(),
            keys: BTreeMap::new(),
            next: 0,
            last: None,
            sequence: 0,
        }
    }
}

/// What a key, with the flags of a `get` call, leads to.
pub(super) enum Found {
    /// It is there.
    Old(i32),
    /// It has to be made.
    New,
}

impl<T: Guarded> Table<T> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The highest place in use; 0 when there is none.   [Linux ipc/util.h, ipc_get_maxidx]
    pub(super) fn highest(&self) -> u64 {
        (self.places.last_key_value()).map_or(0, |(place, _)| u64::from(*place))
    }

    /// All of them, by place.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.values()
    }

    /// The same, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.values_mut()
    }

    fn place(id: i32) -> Result<u32, Errno> {
        let id = u32::try_from(id).map_err(|_| Errno::EINVAL)?;
        Ok(id % PLACES)
    }

    /// An object by its number.
    pub(super) fn get(&self, id: i32) -> Result<&T, Errno> {
        let found = self.places.get(&Table::<T>::place(id)?);
        let found = found.filter(|found| found.permissions().id == id);
        found.ok_or(Errno::EINVAL)
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self, id: i32) -> Result<&mut T, Errno> {
        let found = self.places.get_mut(&Table::<T>::place(id)?);
        let found = found.filter(|found| found.permissions().id == id);
        found.ok_or(Errno::EINVAL)
    }

    /// An object by its place alone (`SHM_STAT`).
    pub(super) fn at(&self, place: i32) -> Result<&T, Errno> {
        let found = self.places.get(&Table::<T>::place(place)?);
        found.ok_or(Errno::EINVAL)
    }

    /// What a `get` call means. `fits` says what else has to be right of one that is there.   [Linux ipc/util.c, ipcget]
    pub(super) fn find(
        &self,
        cx: &Cx<'_>,
        key: i32,
        flags: i32,
        fits: impl FnOnce(&T) -> bool,
    ) -> Result<Found, Errno> {
        let flag = |flag: u64| u64::from(flags as u32) & flag != 0;
        if key == PRIVATE {
            return Ok(Found::New);
        }
        let Some(id) = self.keys.get(&key).copied() else {
            return match flag(cx.k.IPC_CREAT) {
                true => Ok(Found::New),
                false => Err(Errno::ENOENT),
            };
        };
        if flag(cx.k.IPC_CREAT) && flag(cx.k.IPC_EXCL) {
            return Err(Errno::EEXIST);
        }
        let found = self.get(id)?;
        if !fits(found) {
            return Err(Errno::EINVAL);
        }
        found.permissions().check(cx, flags as u32)?;
        Ok(Found::Old(id))
    }

    /// Adds an object with the permissions that it will have. `most` is how many there may be.   [Linux ipc/util.c, ipc_addid]
    pub(super) fn add(
        &mut self,
        cx: &Cx<'_>,
        key: i32,
        flags: i32,
        most: u32,
        make: impl FnOnce(Permissions) -> T,
    ) -> Result<i32, Errno> {
        let used = self.places.len() as u32;
        if used >= most {
            return Err(Errno::ENOSPC);
        }
        let end = (used.saturating_mul(3) / 2).clamp(CYCLE, PLACES);
        let free = |place: &u32| !self.places.contains_key(place);
        let place = (self.next..end).find(free);
        let place = place.or_else(|| (0..end).find(free)).ok_or(Errno::ENOSPC)?;
        self.next = place + 1;
        if self.last.is_some_and(|last| place <= last) {
            self.sequence = (self.sequence + 1) % (i32::MAX as u32 / PLACES);
        }
        self.last = Some(place);
        let id = (self.sequence << PLACE_BITS | place) as i32;
        let who = &cx.task.linux.credentials;
        let permissions = Permissions {
            key,
            uid: who.euid,
            gid: who.egid,
            cuid: who.euid,
            cgid: who.egid,
            mode: flags as u32 & 0o777,
            id,
        };
        self.places.insert(place, make(permissions));
        if key != PRIVATE {
            self.keys.insert(key, id);
        }
        Ok(id)
    }

    /// From now on it is not found by its key.
    pub(super) fn forget_key(&mut self, id: i32) {
        if let Ok(object) = self.get_mut(id) {
            let key = std::mem::replace(&mut object.permissions_mut().key, PRIVATE);
            self.keys.remove(&key);
        }
    }

    /// Takes an object away.
    pub(super) fn remove(&mut self, id: i32) -> Option<T> {
        self.forget_key(id);
        self.get(id).ok()?;
        self.places.remove(&Table::<T>::place(id).ok()?)
    }
}
