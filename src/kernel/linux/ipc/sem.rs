//! Sets of semaphores.   [semget(2), semop(2), semctl(2); Linux ipc/sem.c]

use std::rc::Rc;

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::linux::{Errno, Outcome};
use emu_prototypes::{DataModel, Stop};

use super::form::{Form, Places, places, put_time};
use super::set::{LARGEST, Operation, Set, Sleeper, Tried};
use super::table::Found;
use super::undo::UndoList;
use crate::kernel::linux::time;
use crate::kernel::task::Tid;
use crate::kernel::vfs::Stored;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

// [Linux include/uapi/linux/sem.h]
/// The most sets.
const MOST: u32 = 32_000;
/// The most semaphores of a set.
const MOST_OF_SET: i32 = 32_000;
/// The most semaphores of all sets.
const MOST_OF_ALL: u64 = 32_000 * 32_000;
/// The most operations at once.
const MOST_OPERATIONS: u32 = 500;
/// What `SEMUSZ` is.
const UNDO_SIZE: u64 = 20;
/// What a semaphore takes, as the account of what is stored knows it.
const BYTES: u64 = 8;

impl Kernel {
    pub(super) fn get_set(&mut self, cx: &Cx<'_>, key: i32, count: i32, flags: i32) -> Outcome {
        if !(0..=MOST_OF_SET).contains(&count) {
            return Err(Errno::EINVAL.into());
        }
        let wanted = count as usize;
        let table = &mut self.linux.ipc.sets;
        if let Found::Old(id) = table.find(cx, key, flags, |set| set.values.len() >= wanted)? {
            return Ok(id as u64);
        }
        if count == 0 {
            return Err(Errno::EINVAL.into());
        }
        let used: u64 = table.iter().map(|set| set.values.len() as u64).sum();
        if used + wanted as u64 > MOST_OF_ALL {
            return Err(Errno::ENOSPC.into());
        }
        let stored = Stored::take(self.vfs.space(), BYTES * wanted as u64);
        let stored = stored.map_err(|_| Errno::ENOMEM)?;
        let now = self.clock.wall() / super::SECOND;
        let id = table.add(cx, key, flags, MOST, |permissions| {
            Set::new(permissions, wanted, now, stored)
        })?;
        Ok(id as u64)
    }

    /// `timeout` is the address of one and its form.
    pub(super) fn operate(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        (address, count): (u64, u32),
        timeout: (u64, time::Form),
    ) -> Outcome {
        if cx.again {
            return self.operate_again(cx, id);
        }
        if count > MOST_OPERATIONS {
            return Err(Errno::E2BIG.into());
        }
        if count < 1 {
            return Err(Errno::EINVAL.into());
        }
        let operations = operations(cx, address, count)?;
        let timeout = match timeout {
            (0, _) => None,
            (at, form) => Some(cx.get_timespec(at, form)?),
        };
        if id < 0 {
            return Err(Errno::EINVAL.into());
        }
        self.linux.ipc.sets.get(id)?;
        let undo = match operations.iter().any(|operation| operation.undo) {
            true => Some(self.undo_list(cx).number()),
            false => None,
        };
        let (pid, now) = (cx.process().pid, self.seconds());
        let space = self.vfs.space().clone();
        let set = self.linux.ipc.sets.get_mut(id)?;
        if let Some(undo) = undo
            && !set.adjustments.contains_key(&undo)
        {
            let count = set.values.len();
            let stored = Stored::take(&space, BYTES * count as u64);
            let stored = stored.map_err(|_| Errno::ENOMEM)?;
            set.adjustments.insert(undo, (vec![0; count], stored));
        }
        let highest = operations.iter().map(|operation| operation.which).max();
        if highest.is_some_and(|highest| highest >= set.values.len()) {
            return Err(Errno::EFBIG.into());
        }
        let alters = operations.iter().any(|operation| operation.change != 0);
        let wanted = if alters { 0o222 } else { 0o444 };
        set.permissions.check(cx, wanted)?;
        match set.attempt(&operations, undo, pid) {
            Tried::Done => {
                set.operated = now;
                if alters {
                    set.update(now);
                }
                return Ok(0);
            }
            Tried::Fails(errno) => return Err(errno.into()),
            Tried::Blocks(at) if operations[at].nonblocking => return Err(Errno::EAGAIN.into()),
            Tried::Blocks(at) => set.sleepers.push(Sleeper {
                tid: cx.task.tid,
                waker: cx.task.waker.clone(),
                pid,
                operations,
                undo,
                blocked_by: at,
                done: None,
            }),
        }
        let now = self.clock.now();
        cx.task.linux.deadline = timeout.map(|time| now.saturating_add(time));
        Err(wait(cx))
    }

    /// Somebody else may have done what the task waits for.
    fn operate_again(&mut self, cx: &mut Cx<'_>, id: i32) -> Outcome {
        let tid = cx.task.tid;
        let Ok(set) = self.linux.ipc.sets.get_mut(id) else {
            return Err(Errno::EIDRM.into());
        };
        let Some(at) = set.sleepers.iter().position(|sleeper| sleeper.tid == tid) else {
            // It was another set, with the same number.
            return Err(Errno::EIDRM.into());
        };
        if let Some(done) = set.sleepers[at].done {
            set.sleepers.remove(at);
            return done.map(|()| 0).map_err(Stop::from);
        }
        let over = cx
            .task
            .linux
            .deadline
            .is_some_and(|at| at <= self.clock.now());
        if over || cx.is_interrupted() {
            set.sleepers.remove(at);
            let errno = if over { Errno::EAGAIN } else { Errno::EINTR };
            return Err(errno.into());
        }
        Err(wait(cx))
    }

    pub(super) fn control_set(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        which: i32,
        (form, command): (Form, u64),
        argument: u64,
    ) -> Outcome {
        let k = cx.k;
        if id < 0 {
            return Err(Errno::EINVAL.into());
        }
        if command == k.IPC_INFO || command == k.SEM_INFO {
            return self.set_limits(cx, command == k.SEM_INFO, argument);
        }
        if [k.IPC_STAT, k.SEM_STAT, k.SEM_STAT_ANY].contains(&command) {
            let table = &self.linux.ipc.sets;
            let set = match command == k.IPC_STAT {
                true => table.get(id)?,
                false => table.at(id)?,
            };
            if command != k.SEM_STAT_ANY {
                set.permissions.check(cx, 0o444)?;
            }
            describe(cx, set, form).store(cx.mem, argument)?;
            return Ok(match command == k.IPC_STAT {
                true => 0,
                false => set.permissions.id as u64,
            });
        }
        let now = self.seconds();
        if command == k.IPC_SET {
            let (size, fields) = shape(cx, form);
            let change = fields.get(&cx.load(argument, size)?);
            let set = self.linux.ipc.sets.get_mut(id)?;
            set.permissions.check_owner(cx)?;
            set.permissions.change(&change)?;
            set.changed = now;
            return Ok(0);
        }
        if command == k.IPC_RMID {
            self.linux.ipc.sets.get(id)?.permissions.check_owner(cx)?;
            if let Some(set) = self.linux.ipc.sets.remove(id) {
                // Who finds it gone knows that it was removed.
                for sleeper in set.sleepers {
                    sleeper.wake();
                }
            }
            return Ok(0);
        }
        if command == k.SETVAL {
            // `union semun` in one register has its `int` in the upper half on big-endian systems of 64 bits.
            // [Linux ipc/sem.c, ksys_semctl]
            let value = match (cx.abi.model, cx.mem.endian()) {
                (DataModel::Lp64, Endian::Big) => (argument >> 32) as i32,
                _ => argument as u32 as i32,
            };
            return self.set_value(cx, id, which, value);
        }
        let reads = [k.GETALL, k.GETVAL, k.GETPID, k.GETNCNT, k.GETZCNT];
        if command != k.SETALL && !reads.contains(&command) {
            return Err(Errno::EINVAL.into());
        }
        let set = self.linux.ipc.sets.get(id)?;
        let wanted = if command == k.SETALL { 0o222 } else { 0o444 };
        set.permissions.check(cx, wanted)?;
        if command == k.SETALL {
            return self.set_all(cx, id, argument);
        }
        if command == k.GETALL {
            let mut bytes = Vec::with_capacity(2 * set.values.len());
            for value in &set.values {
                bytes.extend(match cx.mem.endian() {
                    emu_cpu::Endian::Little => value.now.to_le_bytes(),
                    emu_cpu::Endian::Big => value.now.to_be_bytes(),
                });
            }
            cx.mem.write(argument, &bytes)?;
            return Ok(0);
        }
        let which = usize::try_from(which).map_err(|_| Errno::EINVAL)?;
        let value = set.values.get(which).ok_or(Errno::EINVAL)?;
        Ok(if command == k.GETVAL {
            u64::from(value.now)
        } else if command == k.GETPID {
            value.last as u64
        } else {
            set.waiting_for(which, command == k.GETZCNT)
        })
    }

    fn set_value(&mut self, cx: &Cx<'_>, id: i32, which: i32, value: i32) -> Outcome {
        let value = u16::try_from(value).ok().filter(|value| *value <= LARGEST);
        let value = value.ok_or(Errno::ERANGE)?;
        let (pid, now) = (cx.process().pid, self.seconds());
        let set = self.linux.ipc.sets.get_mut(id)?;
        let which = usize::try_from(which).map_err(|_| Errno::EINVAL)?;
        let place = set.values.get_mut(which).ok_or(Errno::EINVAL)?;
        set.permissions.check(cx, 0o222)?;
        (place.now, place.last) = (value, pid);
        for (adjustments, _) in set.adjustments.values_mut() {
            adjustments[which] = 0;
        }
        set.changed = now;
        set.update(now);
        Ok(0)
    }

    fn set_all(&mut self, cx: &mut Cx<'_>, id: i32, array: u64) -> Outcome {
        let (pid, now) = (cx.process().pid, self.seconds());
        let set = self.linux.ipc.sets.get_mut(id)?;
        let mut values = Vec::with_capacity(set.values.len());
        for at in 0..set.values.len() {
            values.push(cx.mem.read_u16(array.wrapping_add(2 * at as u64))?);
        }
        if values.iter().any(|value| *value > LARGEST) {
            return Err(Errno::ERANGE.into());
        }
        for (place, value) in set.values.iter_mut().zip(values) {
            (place.now, place.last) = (value, pid);
        }
        for (adjustments, _) in set.adjustments.values_mut() {
            adjustments.fill(0);
        }
        set.changed = now;
        set.update(now);
        Ok(0)
    }

    fn set_limits(&self, cx: &mut Cx<'_>, used: bool, buf: u64) -> Outcome {
        let table = &self.linux.ipc.sets;
        let at = cx.layouts.seminfo;
        let mut image = cx.image(at.size);
        let all: u64 = table.iter().map(|set| set.values.len() as u64).sum();
        image
            .put(at.semmap, MOST_OF_ALL)
            .put(at.semmni, u64::from(MOST))
            .put(at.semmns, MOST_OF_ALL)
            .put(at.semmnu, MOST_OF_ALL)
            .put(at.semmsl, MOST_OF_SET as u64)
            .put(at.semopm, u64::from(MOST_OPERATIONS))
            .put(at.semume, u64::from(MOST_OPERATIONS))
            .put(at.semvmx, u64::from(LARGEST))
            .put(at.semusz, if used { table.len() as u64 } else { UNDO_SIZE })
            .put(at.semaem, if used { all } else { u64::from(LARGEST) });
        image.store(cx.mem, buf)?;
        Ok(table.highest())
    }

    /// The list of what is undone at the end of the task that asks.
    fn undo_list(&mut self, cx: &mut Cx<'_>) -> Rc<UndoList> {
        let ipc = &mut self.linux.ipc;
        let own = &mut cx.task.linux.undo;
        own.get_or_insert_with(|| ipc.new_undo_list()).clone()
    }

    /// A task that waits for semaphores is gone.
    pub(super) fn forget_sleeper(&mut self, tid: Tid) {
        for set in self.linux.ipc.sets.iter_mut() {
            set.sleepers.retain(|sleeper| sleeper.tid != tid);
        }
    }
}

fn wait<E>(cx: &mut Cx<'_>) -> Stop<E> {
    let wait = cx.task.linux.deadline.map_or(Wait::Ipc, Wait::Until);
    cx.block_as(wait, Interrupted::Fails)
}

fn operations(cx: &mut Cx<'_>, address: u64, count: u32) -> Result<Vec<Operation>, Stop<Errno>> {
    let at = cx.layouts.sembuf;
    let k = cx.k;
    let mut all = Vec::new();
    for index in 0..u64::from(count) {
        let one = cx.load(address.wrapping_add(index * u64::from(at.size)), at.size)?;
        let flags = one.get(at.sem_flg);
        all.push(Operation {
            which: one.get(at.sem_num) as usize,
            change: one.get_signed(at.sem_op) as i32,
            nonblocking: flags & k.IPC_NOWAIT != 0,
            undo: flags & k.SEM_UNDO != 0,
        });
    }
    Ok(all)
}

/// The size of the structure, and where it has its permissions.
fn shape(cx: &Cx<'_>, form: Form) -> (u32, Places) {
    match form {
        Form::Wide => {
            let at = cx.layouts.semid64_ds;
            let places = places!(at, sem_perm_key sem_perm_uid sem_perm_gid sem_perm_cuid sem_perm_cgid sem_perm_mode sem_perm_seq);
            (at.size, places)
        }
        Form::Old => {
            let at = cx.layouts.old_semid_ds;
            let places = places!(at, sem_perm_key sem_perm_uid sem_perm_gid sem_perm_cuid sem_perm_cgid sem_perm_mode sem_perm_seq);
            (at.size, places)
        }
    }
}

fn describe(cx: &Cx<'_>, set: &Set, form: Form) -> crate::kernel::layout::Image {
    let (size, fields) = shape(cx, form);
    let mut image = cx.image(size);
    fields.put(&mut image, &set.permissions, set.permissions.mode);
    let count = set.values.len() as u64;
    match form {
        Form::Wide => {
            let at = cx.layouts.semid64_ds;
            image.put(at.sem_nsems, count);
            put_time(&mut image, at.sem_otime, at.sem_otime_high, set.operated);
            put_time(&mut image, at.sem_ctime, at.sem_ctime_high, set.changed);
        }
        Form::Old => {
            let at = cx.layouts.old_semid_ds;
            image
                .put(at.sem_nsems, count)
                .put(at.sem_otime, set.operated)
                .put(at.sem_ctime, set.changed);
        }
    }
    image
}
