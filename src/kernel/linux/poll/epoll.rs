//! Sets of files that are waited for together: `epoll`.   [epoll(7), epoll_ctl(2), epoll_wait(2); Linux fs/eventpoll.c]
//!
//! A member stands in the queue of its file and is told of each change; it then stands in the set's list of those to look
//! at. Who waits looks at these alone, however many files the set has.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::{Rc, Weak};
use std::time::Duration;

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::SignalFile;
use super::wait::Deadline;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::vfs::{Device, FileObject, Handle, OpenFlags, Ready};
use crate::kernel::wait::{Interrupted, Wait, WaitQueue, Wake};
use crate::kernel::{Cx, Kernel};

/// How deep sets may stand in sets.   [Linux fs/eventpoll.c, EP_MAX_NESTS]
const NESTS: usize = 4;
/// On how many paths of so many sets a change may be told.   [Linux fs/eventpoll.c, path_limits]
const PATHS: [u32; NESTS + 1] = [1000, 500, 100, 50, 10];
/// Members of all sets of a process at most, as `/proc/sys/fs/epoll/max_user_watches` would say.
const MOST: usize = 1 << 20;

/// What tells members apart: the descriptor and the open file behind it.
type Name = (i32, u64);

/// A member of a set.
struct Member {
    name: Name,
    file: Weak<OpenFile>,
    set: Weak<Shared>,
    /// What is asked about it, in the bits of `epoll_event`; 0 after it was told once and that was all.
    events: Cell<u64>,
    data: Cell<u64>,
    /// Whether it stands in the list of those to look at.
    listed: Cell<bool>,
}

/// What members and descriptors share.
#[derive(Default)]
struct Shared {
    members: RefCell<BTreeMap<Name, Rc<Member>>>,
    /// Members that may be ready, the first to be told first.
    list: RefCell<VecDeque<Rc<Member>>>,
    queue: WaitQueue,
    /// How many members there are when it is time to look for those that are gone.
    full: Cell<usize>,
    /// As what it stands in other sets.
    within: RefCell<Vec<Weak<Member>>>,
}

/// A set.
pub(in crate::kernel::linux) struct EpollSet(Rc<Shared>);

impl Wake for Member {
    fn wake(&self) -> bool {
        self.wake_for(Ready::all())
    }

    fn wake_for(&self, what: Ready) -> bool {
        let Some(set) = self.set.upgrade() else {
            return false;
        };
        let Some(own) = set.members.borrow().get(&self.name).cloned() else {
            return false;
        };
        if !std::ptr::eq(&*own, self) {
            return false;
        }
        // What nobody asks for is no edge.   [Linux fs/eventpoll.c, ep_poll_callback]
        if found(self, what) != 0 {
            set.look_at(&own);
        }
        true
    }
}

impl Shared {
    /// A member may be ready.
    fn look_at(&self, member: &Rc<Member>) {
        if !member.listed.replace(true) {
            self.list.borrow_mut().push_back(member.clone());
        }
        self.queue.wake_for(Ready::READ);
    }

    /// Takes a member out.
    fn remove(&self, name: Name) -> Option<Rc<Member>> {
        let member = self.members.borrow_mut().remove(&name)?;
        self.list
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, &member));
        if let Some(file) = member.file.upgrade()
            && let Some(queue) = file.queue()
        {
            let waiter: Rc<dyn Wake> = member.clone();
            queue.remove(&waiter);
        }
        Some(member)
    }

    /// Forgets members whose files are closed, once there are twice as many as were left the last time.
    fn prune(&self) {
        if self.members.borrow().len() < self.full.get() {
            return;
        }
        self.members
            .borrow_mut()
            .retain(|_, member| member.file.strong_count() > 0);
        self.list
            .borrow_mut()
            .retain(|member| member.file.strong_count() > 0);
        self.full.set(2 * self.members.borrow().len().max(64));
    }

    /// Sets that stand in this one, by the numbers of their open files.
    fn inner(&self) -> Vec<(u64, Rc<Shared>)> {
        let members = self.members.borrow();
        let sets = members.values().filter_map(|member| {
            let file = member.file.upgrade()?;
            Some((file.id, file.object_of::<EpollSet>()?.0.clone()))
        });
        sets.collect()
    }

    /// How deep sets stand in this one; `None` when `within` is among them, or it is too deep. Each is looked at once.
    fn depth(
        &self,
        within: &Shared,
        left: usize,
        known: &mut BTreeMap<u64, usize>,
    ) -> Option<usize> {
        if std::ptr::eq(self, within) {
            return None;
        }
        let mut deepest = 0;
        for (id, set) in self.inner() {
            let depth = match known.get(&id) {
                Some(depth) => *depth,
                None => set.depth(within, left.checked_sub(1)?, known)?,
            };
            known.insert(id, depth);
            deepest = deepest.max(depth + 1);
        }
        Some(deepest)
    }

    /// Whether a change in this set is told on few enough paths of sets that it stands in.
    /// [Linux fs/eventpoll.c, reverse_path_check_proc]
    fn has_few_paths(&self, depth: usize, counts: &mut [u32; NESTS + 1]) -> bool {
        let (Some(count), Some(limit)) = (counts.get_mut(depth), PATHS.get(depth)) else {
            return false;
        };
        *count += 1;
        if *count > *limit {
            return false;
        }
        let within = self.within.borrow();
        let mut outer = within
            .iter()
            .filter_map(|member| member.upgrade()?.set.upgrade());
        outer.all(|set| set.has_few_paths(depth + 1, counts))
    }

    /// The same for all sets that stand in this one, too.
    fn all_have_few_paths(&self, seen: &mut BTreeSet<u64>) -> bool {
        self.has_few_paths(0, &mut [0; NESTS + 1])
            && (self.inner().iter())
                .all(|(id, set)| !seen.insert(*id) || set.all_have_few_paths(seen))
    }
}

impl FileObject for EpollSet {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn ready(&self, now: u64) -> Ready {
        let mut list = self.0.list.borrow_mut();
        let mut stay = VecDeque::new();
        let mut ready = Ready::empty();
        while let Some(member) = list.pop_front() {
            let Some(file) = member.file.upgrade() else {
                continue;
            };
            // Of a stream of the host only the host knows, and of signals who asks; who waits for the set itself asks them.
            let by_others = file.input().is_some() || file.object_of::<SignalFile>().is_some();
            let is_ready = found(&member, file.ready_inside(now)) != 0;
            if is_ready || by_others {
                stay.push_back(member);
            } else {
                // It is told of when it changes.   [Linux fs/eventpoll.c, __ep_eventpoll_poll]
                member.listed.set(false);
            }
            if is_ready {
                ready = Ready::READ;
                break;
            }
        }
        while let Some(member) = stay.pop_back() {
            list.push_front(member);
        }
        ready
    }

    fn queue(&self) -> &WaitQueue {
        &self.0.queue
    }
}

/// What a member is ready for, of what is asked about it. The bits are the same on every ABI, and not those of `poll`.
/// [Linux include/uapi/linux/eventpoll.h]
fn found(member: &Member, ready: Ready) -> u64 {
    // EPOLLERR and EPOLLHUP are always told, unless the member was told once and that was all.
    let (error, hangup) = (8, 16);
    let asked = member.events.get();
    if asked == 0 {
        return 0;
    }
    let mut found = 0;
    for (what, bits) in [
        // EPOLLIN, EPOLLRDNORM
        (Ready::READ, 0x41),
        // EPOLLOUT, EPOLLWRNORM
        (Ready::WRITE, 0x104),
        (Ready::HANGUP, hangup),
        (Ready::ERROR, error),
        (Ready::READ_HANGUP, 0x2000),
        (Ready::PRIORITY, 2),
    ] {
        if ready.contains(what) {
            found |= bits;
        }
    }
    found & (asked | error | hangup)
}

/// Whether a file can be waited for at all.
fn can_wait(file: &OpenFile) -> bool {
    match &file.handle {
        Handle::Pipe(_) | Handle::Counter(_) | Handle::Object(_) => true,
        Handle::Stream(_) | Handle::Terminal(..) => true,
        Handle::Device(device) => matches!(device, Device::Random | Device::Urandom),
        Handle::Path | Handle::Directory | Handle::File(_) | Handle::Made(..) => false,
    }
}

pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, flags: i32) -> Outcome {
    let flags = u64::from(flags as u32);
    if flags & !cx.k.EPOLL_CLOEXEC != 0 {
        return Err(Errno::EINVAL.into());
    }
    let now = kernel.file_time();
    let file = kernel.vfs.anonymous_file(
        b"anon_inode:[eventpoll]",
        Handle::Object(Rc::new(EpollSet(Rc::default()))),
        OpenFlags::READ | OpenFlags::WRITE,
        now,
    )?;
    cx.install(file, flags & cx.k.EPOLL_CLOEXEC != 0)
}

/// The set of a descriptor.
fn set(cx: &Cx<'_>, fd: i32) -> Result<Rc<Shared>, Errno> {
    let file = cx.file(fd)?;
    let set = file.object_of::<EpollSet>().ok_or(Errno::EINVAL)?;
    Ok(set.0.clone())
}

/// [Linux fs/eventpoll.c, do_epoll_ctl]
pub(super) fn control(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (epfd, op, fd): (i32, i32, i32),
    event: u64,
) -> Outcome {
    let k = cx.k;
    let op = op as u32 as u64;
    let (mut events, mut data) = (0, 0);
    if op != k.EPOLL_CTL_DEL {
        let at = cx.layouts.epoll_event;
        let image = cx.load(event, at.size)?;
        (events, data) = (image.get(at.events) & 0xffff_ffff, image.get(at.data));
    }
    let own = cx.file(epfd)?;
    let file = cx.file(fd)?;
    if !can_wait(&file) {
        return Err(Errno::EPERM.into());
    }
    if Rc::ptr_eq(&own, &file) {
        return Err(Errno::EINVAL.into());
    }
    let set = set(cx, epfd)?;
    let exclusive = events & k.EPOLLEXCLUSIVE != 0;
    if exclusive && op == k.EPOLL_CTL_MOD {
        return Err(Errno::EINVAL.into());
    }
    if exclusive && op == k.EPOLL_CTL_ADD {
        let allowed = k.EPOLLIN | k.EPOLLOUT | k.EPOLLERR | k.EPOLLHUP;
        let nested = file.object_of::<EpollSet>().is_some();
        if nested || events & !(allowed | k.EPOLLWAKEUP | k.EPOLLET | k.EPOLLEXCLUSIVE) != 0 {
            return Err(Errno::EINVAL.into());
        }
    }
    let name = (fd, file.id);
    // The last descriptor of an open file being closed takes it out of all sets: nobody finds it any more.
    set.prune();
    let known = set.members.borrow().get(&name).cloned();
    if op == k.EPOLL_CTL_ADD {
        if let Some(inner) = file.object_of::<EpollSet>() {
            let depth = inner.0.depth(&set, NESTS, &mut BTreeMap::new());
            let depth = depth.ok_or(Errno::ELOOP)?;
            if depth >= NESTS {
                return Err(Errno::ELOOP.into());
            }
        }
        if known.is_some() {
            return Err(Errno::EEXIST.into());
        }
        if set.members.borrow().len() >= MOST {
            return Err(Errno::ENOSPC.into());
        }
        let member = Rc::new(Member {
            name,
            file: Rc::downgrade(&file),
            set: Rc::downgrade(&set),
            events: Cell::new(events | k.EPOLLERR | k.EPOLLHUP),
            data: Cell::new(data),
            listed: Cell::new(false),
        });
        if let Some(inner) = file.object_of::<EpollSet>() {
            let mut within = inner.0.within.borrow_mut();
            within.retain(|member| member.strong_count() > 0);
            within.push(Rc::downgrade(&member));
            drop(within);
            if !inner.0.all_have_few_paths(&mut BTreeSet::new()) {
                // Nobody keeps the member.
                return Err(Errno::EINVAL.into());
            }
        }
        set.members.borrow_mut().insert(name, member.clone());
        file.watch(member.clone());
        begin(kernel, &set, &member, &file);
        Ok(0)
    } else if op == k.EPOLL_CTL_MOD {
        let member = known.ok_or(Errno::ENOENT)?;
        if member.events.get() & k.EPOLLEXCLUSIVE != 0 {
            return Err(Errno::EINVAL.into());
        }
        member.events.set(events | k.EPOLLERR | k.EPOLLHUP);
        member.data.set(data);
        begin(kernel, &set, &member, &file);
        Ok(0)
    } else if op == k.EPOLL_CTL_DEL {
        set.remove(name).ok_or(Errno::ENOENT)?;
        Ok(0)
    } else {
        Err(Errno::EINVAL.into())
    }
}

/// A member that is ready already is told, too.
fn begin(kernel: &Kernel, set: &Shared, member: &Rc<Member>, file: &OpenFile) {
    let now = kernel.clock.now();
    if file.input().is_some() || found(member, file.ready_inside(now)) != 0 {
        set.look_at(member);
    }
}

impl Kernel {
    /// [Linux fs/eventpoll.c, do_epoll_wait, ep_send_events]
    pub(super) fn epoll_files(
        &mut self,
        cx: &mut Cx<'_>,
        epfd: i32,
        (address, most): (u64, i32),
        deadline: Deadline,
    ) -> Outcome {
        let at = cx.layouts.epoll_event;
        let most = usize::try_from(most).map_err(|_| Errno::EINVAL)?;
        if most == 0 || most > i32::MAX as usize / at.size as usize {
            return Err(Errno::EINVAL.into());
        }
        let own = cx.file(epfd)?;
        let set = set(cx, epfd)?;
        let told = self.tell_events(cx, &set, address, most)?;
        let now = self.clock.now();
        if told > 0 || deadline.is_over(now) {
            return Ok(told);
        }
        if cx.is_interrupted() {
            return Err(Errno::EINTR.into());
        }
        let until = deadline.end();
        let mut wait = cx.wait_file(&own, until);
        // Input of the host is not told by anybody.
        let streams = set.list.borrow();
        let input = streams.iter().find_map(|member| {
            let file = member.file.upgrade()?;
            (member.events.get() & cx.k.EPOLLIN != 0)
                .then(|| file.input())
                .flatten()
        });
        if let Some(stream) = input {
            wait = Wait::Input(stream, until);
        }
        Err(cx.block_as(wait, Interrupted::Fails))
    }

    /// Tells what is ready, up to so many events.
    fn tell_events(
        &mut self,
        cx: &mut Cx<'_>,
        set: &Shared,
        address: u64,
        most: usize,
    ) -> Result<u64, Stop<Errno>> {
        let at = cx.layouts.epoll_event;
        let now = self.clock.now();
        let k = cx.k;
        let signals = cx.task.linux.waiting();
        let mut told = 0;
        let mut stay = Vec::new();
        let mut failed = None;
        // Each is looked at once, those that are told and stay ready behind the others.
        let count = set.list.borrow().len();
        for _ in 0..count {
            if told as usize >= most {
                break;
            }
            let Some(member) = set.list.borrow_mut().pop_front() else {
                break;
            };
            let Some(file) = member.file.upgrade() else {
                member.listed.set(false);
                continue;
            };
            let streams = file.input().is_some();
            let ready = match streams {
                true => {
                    let now = self.host.readable(
                        file.input().unwrap_or(crate::kernel::host::Stream::Input),
                        Some(Duration::ZERO),
                    );
                    file.ready_inside(0) | if now { Ready::READ } else { Ready::empty() }
                }
                // Who waits asks about signals of its own, but is told as the one that added the member.
                // [Linux fs/signalfd.c, signalfd_poll]
                false => match file.object_of::<SignalFile>() {
                    Some(file) => file.ready_with(signals),
                    None => file.ready_inside(now),
                },
            };
            let events = found(&member, ready);
            if events == 0 {
                if streams {
                    stay.push(member);
                } else {
                    member.listed.set(false);
                }
                continue;
            }
            let mut image = cx.image(at.size);
            image.put(at.events, events).put(at.data, member.data.get());
            let place = address.wrapping_add(told * u64::from(at.size));
            if let Err(fault) = image.store(cx.mem, place) {
                // What could not be told is told the next time.
                stay.push(member);
                failed = Some(fault);
                break;
            }
            told += 1;
            let kept = member.events.get();
            if kept & k.EPOLLONESHOT != 0 {
                member.events.set(0);
                member.listed.set(false);
            } else if kept & k.EPOLLET != 0 && !streams {
                member.listed.set(false);
            } else {
                stay.push(member);
            }
        }
        set.list.borrow_mut().extend(stay);
        match failed {
            Some(fault) if told == 0 => Err(fault.into()),
            _ => Ok(told),
        }
    }
}
