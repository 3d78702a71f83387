//! What happens in the tree, as a file: `inotify`.   [inotify(7); Linux fs/notify/inotify]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use emu_prototypes::linux::{Constants, Errno, Outcome};

use crate::kernel::linux::files::OpenFile;
use crate::kernel::vfs::{Change, FileObject, Handle, Node, OpenFlags, Ready, Watch};
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// Events that wait at most.   [/proc/sys/fs/inotify/max_queued_events]
const MOST_EVENTS: usize = 16_384;
/// Watches of one file at most, as `/proc/sys/fs/inotify/max_user_watches` bounds them.
const MOST_WATCHES: usize = 65_536;
/// Bytes before the name of an event; names are filled up to a multiple of that.
const HEADER: usize = 16;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Happened {
    watch: i32,
    mask: u32,
    cookie: u32,
    name: Vec<u8>,
}

impl Happened {
    /// Bytes of the name in the event: with its end, filled up.
    fn room(&self) -> usize {
        match self.name.len() {
            0 => 0,
            len => (len + 1).next_multiple_of(HEADER),
        }
    }

    fn size(&self) -> usize {
        HEADER + self.room()
    }
}

/// A file that is read to learn what happened.
pub(in crate::kernel::linux) struct InotifyFile(Rc<Shared>);

#[derive(Default)]
struct Shared {
    events: RefCell<VecDeque<Happened>>,
    watches: RefCell<BTreeMap<i32, Rc<Watcher>>>,
    last: Cell<i32>,
    queue: WaitQueue,
}

/// One watch of one node.
struct Watcher {
    number: i32,
    mask: Cell<u32>,
    node: Weak<Node>,
    shared: Weak<Shared>,
    alive: Cell<bool>,
    bits: &'static Constants,
}

impl Shared {
    fn push(&self, event: Happened, overflow: u32) {
        let mut events = self.events.borrow_mut();
        // The same again is the same.
        if events.back() == Some(&event) {
            return;
        }
        if events.len() < MOST_EVENTS {
            events.push_back(event);
        } else if events.back().is_some_and(|last| last.mask != overflow) {
            events.push_back(Happened {
                watch: -1,
                mask: overflow,
                cookie: 0,
                name: Vec::new(),
            });
        }
        drop(events);
        self.queue.wake();
    }

    /// A watch ends, and says so.
    fn end(&self, watcher: &Watcher) {
        watcher.alive.set(false);
        self.watches.borrow_mut().remove(&watcher.number);
        let k = watcher.bits;
        let event = Happened {
            watch: watcher.number,
            mask: k.IN_IGNORED as u32,
            cookie: 0,
            name: Vec::new(),
        };
        self.push(event, k.IN_Q_OVERFLOW as u32);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for watcher in self.watches.borrow().values() {
            watcher.alive.set(false);
            if let Some(node) = watcher.node.upgrade() {
                node.unwatch();
            }
        }
    }
}

/// The events of a change.
fn mask(k: &Constants, change: Change) -> u32 {
    let mut mask = 0;
    for (what, bits) in [
        (Change::READ, k.IN_ACCESS),
        (Change::WRITTEN, k.IN_MODIFY),
        (Change::ATTRIBUTES, k.IN_ATTRIB),
        (Change::OPENED, k.IN_OPEN),
        (Change::CLOSED_WRITER, k.IN_CLOSE_WRITE),
        (Change::CLOSED_READER, k.IN_CLOSE_NOWRITE),
        (Change::MADE, k.IN_CREATE),
        (Change::REMOVED, k.IN_DELETE),
        (Change::MOVED_FROM, k.IN_MOVED_FROM),
        (Change::MOVED_TO, k.IN_MOVED_TO),
        (Change::MOVED, k.IN_MOVE_SELF),
        (Change::GONE, k.IN_DELETE_SELF),
    ] {
        if change.contains(what) {
            mask |= bits as u32;
        }
    }
    mask
}

impl Watch for Watcher {
    fn tell(&self, change: Change, name: Option<&[u8]>, cookie: u32) {
        let Some(shared) = self.shared.upgrade().filter(|_| self.alive.get()) else {
            return;
        };
        let k = self.bits;
        let events = mask(k, change);
        let unwanted = self.mask.get() & k.IN_EXCL_UNLINK as u32 != 0;
        if unwanted && change.contains(Change::NAMELESS) {
            return;
        }
        if self.mask.get() & events != 0 {
            // What happens to the watched node itself does not say that it is a directory, unless it is read or opened.
            let own = (k.IN_DELETE_SELF | k.IN_MOVE_SELF) as u32;
            let directory = change.contains(Change::DIRECTORY) && events & own == 0;
            let mask = events | if directory { k.IN_ISDIR as u32 } else { 0 };
            let event = Happened {
                watch: self.number,
                mask,
                cookie,
                name: name.unwrap_or_default().to_vec(),
            };
            shared.push(event, k.IN_Q_OVERFLOW as u32);
            if self.mask.get() & k.IN_ONESHOT as u32 != 0 {
                shared.end(self);
                return;
            }
        }
        if change.contains(Change::GONE) && name.is_none() {
            shared.end(self);
        }
    }

    fn is_alive(&self) -> bool {
        self.alive.get()
    }
}

impl FileObject for InotifyFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn ready(&self, _now: u64) -> Ready {
        match self.0.events.borrow().is_empty() {
            true => Ready::empty(),
            false => Ready::READ,
        }
    }

    fn queue(&self) -> &WaitQueue {
        &self.0.queue
    }

    fn available(&self) -> Option<u64> {
        let events = self.0.events.borrow();
        Some(events.iter().map(|event| event.size() as u64).sum())
    }
}

pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, flags: i32) -> Outcome {
    let k = cx.k;
    let flags = u64::from(flags as u32);
    if flags & !(k.IN_CLOEXEC | k.IN_NONBLOCK) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let mut open = OpenFlags::READ;
    open.set(OpenFlags::NONBLOCK, flags & k.IN_NONBLOCK != 0);
    let now = kernel.file_time();
    let handle = Handle::Object(Rc::new(InotifyFile(Rc::default())));
    let file = kernel
        .vfs
        .anonymous_file(b"anon_inode:inotify", handle, open, now)?;
    cx.install(file, flags & k.IN_CLOEXEC != 0)
}

fn shared(cx: &Cx<'_>, fd: i32) -> Result<Rc<Shared>, Errno> {
    let file = cx.file(fd)?;
    let inotify = file.object_of::<InotifyFile>().ok_or(Errno::EINVAL)?;
    Ok(inotify.0.clone())
}

/// [inotify_add_watch(2); Linux fs/notify/inotify/inotify_user.c]
pub(super) fn add(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    fd: i32,
    path: &[u8],
    mask: u32,
) -> Outcome {
    let k = cx.k;
    let wanted = u64::from(mask);
    let has = |flag: u64| wanted & flag != 0;
    if !has(k.IN_ALL_EVENTS) || has(k.IN_MASK_ADD) && has(k.IN_MASK_CREATE) {
        return Err(Errno::EINVAL.into());
    }
    let shared = shared(cx, fd)?;
    let here = cx.k.AT_FDCWD as i32;
    let start = cx.start(here, path)?;
    let follow = !has(k.IN_DONT_FOLLOW);
    let entry = kernel.walk(cx, |walker| {
        let entry = walker.find(&start, path, follow)?;
        match walker.who.may(&entry.node, 4) {
            true => Ok(entry),
            false => Err(crate::kernel::vfs::FsError::Access),
        }
    })?;
    let node = entry.node.clone();
    if has(k.IN_ONLYDIR) && !node.is_directory() {
        return Err(Errno::ENOTDIR.into());
    }
    let events = mask & (k.IN_ALL_EVENTS | k.IN_ONESHOT | k.IN_EXCL_UNLINK) as u32;
    let known = {
        let watches = shared.watches.borrow();
        let same = |watcher: &&Rc<Watcher>| {
            (watcher.node.upgrade()).is_some_and(|other| Rc::ptr_eq(&other, &node))
        };
        watches.values().find(same).cloned()
    };
    if let Some(watcher) = known {
        if has(k.IN_MASK_CREATE) {
            return Err(Errno::EEXIST.into());
        }
        let kept = if has(k.IN_MASK_ADD) {
            watcher.mask.get()
        } else {
            0
        };
        watcher.mask.set(kept | events);
        return Ok(watcher.number as u64);
    }
    if shared.watches.borrow().len() >= MOST_WATCHES {
        return Err(Errno::ENOSPC.into());
    }
    let number = shared.last.get().checked_add(1).ok_or(Errno::ENOSPC)?;
    shared.last.set(number);
    let watcher = Rc::new(Watcher {
        number,
        mask: Cell::new(events),
        node: Rc::downgrade(&node),
        shared: Rc::downgrade(&shared),
        alive: Cell::new(true),
        bits: k,
    });
    shared.watches.borrow_mut().insert(number, watcher.clone());
    node.watch(watcher);
    Ok(number as u64)
}

pub(super) fn remove(cx: &mut Cx<'_>, fd: i32, number: i32) -> Outcome {
    let shared = shared(cx, fd)?;
    let watcher = shared.watches.borrow().get(&number).cloned();
    let watcher = watcher.ok_or(Errno::EINVAL)?;
    shared.end(&watcher);
    if let Some(node) = watcher.node.upgrade() {
        node.unwatch();
    }
    Ok(0)
}

/// Reads as many events as fit, at least one.
pub(in crate::kernel::linux) fn read(
    cx: &mut Cx<'_>,
    file: &OpenFile,
    inotify: &InotifyFile,
    (address, len): (u64, u64),
) -> Outcome {
    let shared = &inotify.0;
    let mut done = 0;
    loop {
        let Some(event) = shared.events.borrow().front().cloned() else {
            break;
        };
        let size = event.size() as u64;
        if done + size > len {
            if done == 0 {
                return Err(Errno::EINVAL.into());
            }
            break;
        }
        let at = cx.layouts.inotify_event;
        let mut image = cx.image(HEADER as u32);
        image
            .put(at.wd, event.watch as u64)
            .put(at.mask, u64::from(event.mask))
            .put(at.cookie, u64::from(event.cookie))
            .put(at.len, event.room() as u64);
        let mut bytes = image.bytes().to_vec();
        bytes.extend_from_slice(&event.name);
        bytes.resize(event.size(), 0);
        if emu_cpu::GuestMemory::write(cx.mem, address.wrapping_add(done), &bytes).is_err() {
            if done == 0 {
                return Err(Errno::EFAULT.into());
            }
            break;
        }
        shared.events.borrow_mut().pop_front();
        done += size;
    }
    if done > 0 {
        return Ok(done);
    }
    if file.nonblocking() {
        return Err(Errno::EAGAIN.into());
    }
    Err(cx.wait_for_file(file))
}
