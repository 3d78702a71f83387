//! Where are the bytes of a regular file?

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::rc::{Rc, Weak};

use emu_cpu::Object;
use emu_cpu::memory::{PAGE, Pager};

use super::BUFFER;
use super::error::FsError;
use super::space::{FileSystem, Pool, Space};
use crate::kernel::host::{HostFile, Stat, Tree};

/// The bytes of a regular file.
pub struct Content {
    /// Its pages, once somebody asked for them.
    object: OnceCell<Rc<Object>>,
    origin: Origin,
    /// Bytes charged to the account.
    charged: Cell<u64>,
    space: Rc<Space>,
    /// What `fcntl` sealed.
    pub seals: Cell<Seals>,
}

bitflags::bitflags! {
    /// What may no longer be done to a memory file.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Seals: u8 {
        /// Adding seals.
        const SEAL = 1;
        /// Making it shorter.
        const SHRINK = 2;
        /// Making it longer.
        const GROW = 4;
        /// Writing.
        const WRITE = 8;
        /// Writing, other than through mappings that exist.
        const FUTURE_WRITE = 16;
    }
}

enum Origin {
    /// Nothing was there before.
    Memory,
    /// A file of the host, read as needed and never written.
    Host {
        path: Rc<[u8]>,
        size: u64,
        identity: (u64, u64),
    },
    /// A file of the host that is read and written there. Its pages exist only when somebody maps it.
    Live {
        size: Cell<u64>,
        identity: (u64, u64),
        shared: Cell<bool>,
    },
}

impl Content {
    /// An empty file in memory. Whether it can be sealed is for its maker to say.
    pub(super) fn empty(fs: &FileSystem) -> Content {
        Content::make(fs, Origin::Memory)
    }

    /// A file of the host, whose changes stay in memory.
    pub(super) fn of_host(fs: &FileSystem, path: &[u8], stat: &Stat) -> Content {
        let origin = Origin::Host {
            path: path.into(),
            size: stat.size,
            identity: stat.identity,
        };
        Content::make(fs, origin)
    }

    /// A file of the host, changed there.
    pub(super) fn live(fs: &FileSystem, stat: &Stat) -> Content {
        let origin = Origin::Live {
            size: Cell::new(stat.size),
            identity: stat.identity,
            shared: Cell::new(false),
        };
        Content::make(fs, origin)
    }

    fn make(fs: &FileSystem, origin: Origin) -> Content {
        Content {
            object: OnceCell::new(),
            origin,
            charged: Cell::new(0),
            space: fs.space.clone(),
            seals: Cell::new(Seals::SEAL),
        }
    }

    /// Its length.
    pub fn len(&self) -> u64 {
        match (&self.origin, self.object.get()) {
            (Origin::Live { size, .. }, _) => size.get(),
            (_, Some(object)) => object.len(),
            (Origin::Host { size, .. }, None) => *size,
            (Origin::Memory, None) => 0,
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that are stored, rounded up to pages.
    pub fn allocated(&self) -> u64 {
        match (&self.origin, self.object.get()) {
            (Origin::Host { .. } | Origin::Memory, Some(object)) => object.allocated(),
            _ => self
                .len()
                .checked_next_multiple_of(PAGE)
                .unwrap_or(u64::MAX),
        }
    }

    /// The identity of the live file behind it.
    pub(super) fn live_identity(&self) -> Option<(u64, u64)> {
        match &self.origin {
            Origin::Live { identity, .. } => Some(*identity),
            _ => None,
        }
    }

    /// Where the host's file is in its tree whose bytes these were at first.
    pub(super) fn origin(&self) -> Option<&[u8]> {
        match &self.origin {
            Origin::Host { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Whether the bytes are no longer those of the host's file.
    pub(super) fn differs(&self, fs: &FileSystem, tree: &Rc<dyn Tree>) -> Result<bool, FsError> {
        let (Origin::Host { path, size, .. }, Some(object)) = (&self.origin, self.object.get())
        else {
            return Ok(false);
        };
        if object.len() != *size {
            return Ok(true);
        }
        // What nobody has touched comes from the host itself.
        if object.resident() == 0 && object.allocated() >= size.next_multiple_of(PAGE) {
            return Ok(false);
        }
        let file = tree.open(path, false)?;
        let (mut ours, mut theirs) = (vec![0; BUFFER], vec![0; BUFFER]);
        let mut offset = 0;
        while offset < *size {
            let count = self.read(fs, None, offset, &mut ours)?;
            let mut there = 0;
            while there < count {
                match file.read_at(offset + there as u64, &mut theirs[there..count])? {
                    0 => return Ok(true),
                    more => there += more,
                }
            }
            if count == 0 || ours[..count] != theirs[..count] {
                return Ok(count != 0);
            }
            offset += count as u64;
        }
        Ok(false)
    }

    /// Copies the bytes into an empty file of the host, holes as holes.
    pub(super) fn copy_to(&self, fs: &FileSystem, file: &dyn HostFile) -> Result<(), FsError> {
        let len = self.len();
        file.set_len(len)?;
        let mut buffer = vec![0; BUFFER];
        let mut at = 0;
        while let Some(data) = self.seek(fs, at, false)? {
            let end = self.seek(fs, data, true)?.unwrap_or(len).min(len);
            at = data;
            while at < end {
                let count = (end - at).min(BUFFER as u64) as usize;
                let count = self.read(fs, None, at, &mut buffer[..count])?;
                if count == 0 {
                    return Ok(());
                }
                let mut done = 0;
                while done < count {
                    match file.write_at(at + done as u64, &buffer[done..count])? {
                        0 => return Err(FsError::Io),
                        more => done += more,
                    }
                }
                at += count as u64;
            }
        }
        Ok(())
    }

    /// Takes over what the host says of a live file now.
    pub(super) fn refresh(&self, stat: &Stat) {
        if let Origin::Live { size, .. } = &self.origin {
            size.set(stat.size);
            if let Some(object) = self.object.get()
                && object.len() != stat.size
            {
                // Only lengths can be followed here; pages that are mapped stay as they are.
                let _ = object.truncate(stat.size);
            }
        }
    }

    /// Its pages, which mappings share with `read` and `write`. `live` is the open file of the host of a live one.
    pub(super) fn object(
        &self,
        fs: &FileSystem,
        live: Option<&Rc<dyn HostFile>>,
    ) -> Result<Rc<Object>, FsError> {
        if let Some(object) = self.object.get() {
            return Ok(object.clone());
        }
        let object = match &self.origin {
            Origin::Memory => Object::new(&fs.memory),
            Origin::Host {
                path,
                size,
                identity,
            } => {
                let tree = fs.host.clone().ok_or(FsError::Io)?;
                let pager = HostPager {
                    tree,
                    path: path.clone(),
                    identity: *identity,
                    pool: fs.pool.clone(),
                    open: RefCell::new(None),
                };
                Object::with_pager(&fs.memory, Box::new(pager), *size)
            }
            Origin::Live { size, .. } => {
                let pager = LivePager(live.ok_or(FsError::Io)?.clone());
                Object::with_pager(&fs.memory, Box::new(pager), size.get())
            }
        };
        Ok(self.object.get_or_init(|| object).clone())
    }

    /// Notes that a live file is mapped in such a way that the guest may change it without our seeing it.
    pub(super) fn share(&self) {
        if let Origin::Live { shared, .. } = &self.origin {
            shared.set(true);
        }
    }

    /// Reads; less than asked for means the end.
    pub(super) fn read(
        &self,
        fs: &FileSystem,
        live: Option<&Rc<dyn HostFile>>,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, FsError> {
        if let (Origin::Live { .. }, None, Some(file)) = (&self.origin, self.object.get(), live) {
            return Ok(file.read_at(offset, buf)?);
        }
        if offset >= self.len() {
            return Ok(0);
        }
        Ok(self.object(fs, live)?.read(offset, buf)?)
    }

    /// Writes, making it longer as needed.
    pub(super) fn write(
        &self,
        fs: &FileSystem,
        live: Option<&Rc<dyn HostFile>>,
        offset: u64,
        bytes: &[u8],
    ) -> Result<usize, FsError> {
        let seals = self.seals.get();
        let end = offset
            .checked_add(bytes.len() as u64)
            .ok_or(FsError::TooBig)?;
        if seals.intersects(Seals::WRITE | Seals::FUTURE_WRITE)
            || seals.contains(Seals::GROW) && end > self.len()
        {
            return Err(FsError::NotPermitted);
        }
        if let Origin::Live { size, .. } = &self.origin {
            let file = live.ok_or(FsError::BadDescriptor)?;
            let count = file.write_at(offset, bytes)?;
            size.set(size.get().max(offset + count as u64));
            if let Some(object) = self.object.get() {
                object.write(offset, &bytes[..count])?;
            }
            return Ok(count);
        }
        let object = self.object(fs, None)?;
        let before = object.resident();
        // What is stored already is not charged again, but to know that exactly would cost a walk over the pages.
        let room = self.space.free() / PAGE * PAGE;
        let fits = if bytes.len() as u64 > room {
            let in_place = object.len().saturating_sub(offset).min(bytes.len() as u64);
            (room.max(if object.resident() >= object.len() {
                in_place
            } else {
                0
            })) as usize
        } else {
            bytes.len()
        };
        if fits == 0 && !bytes.is_empty() {
            return Err(FsError::NoSpace);
        }
        let done = object.write(offset, &bytes[..fits]);
        self.charge(object.resident().saturating_sub(before));
        Ok(done?)
    }

    /// Sets the length.
    pub(super) fn truncate(
        &self,
        fs: &FileSystem,
        live: Option<&Rc<dyn HostFile>>,
        len: u64,
    ) -> Result<(), FsError> {
        if len > Object::MAX_LEN {
            return Err(FsError::TooBig);
        }
        let seals = self.seals.get();
        if seals.contains(Seals::SHRINK) && len < self.len()
            || seals.contains(Seals::GROW) && len > self.len()
        {
            return Err(FsError::NotPermitted);
        }
        if let Origin::Live { size, .. } = &self.origin {
            live.ok_or(FsError::BadDescriptor)?.set_len(len)?;
            size.set(len);
            if let Some(object) = self.object.get() {
                object.truncate(len)?;
            }
            return Ok(());
        }
        if len == self.len() {
            return Ok(());
        }
        let object = self.object(fs, None)?;
        let before = object.resident();
        object.truncate(len)?;
        self.settle(before, object.resident());
        Ok(())
    }

    /// Makes a range zero and frees its pages. The length stays.
    pub(super) fn punch(&self, fs: &FileSystem, offset: u64, len: u64) -> Result<(), FsError> {
        if self
            .seals
            .get()
            .intersects(Seals::WRITE | Seals::FUTURE_WRITE)
        {
            return Err(FsError::NotPermitted);
        }
        if matches!(self.origin, Origin::Live { .. }) {
            return Err(FsError::NotSupported);
        }
        let object = self.object(fs, None)?;
        let before = object.resident();
        object.punch(offset, len)?;
        self.settle(before, object.resident());
        Ok(())
    }

    /// The first data, or the first hole, from an offset on; `None` when there is no data, or nothing at all.
    pub(super) fn seek(
        &self,
        fs: &FileSystem,
        offset: u64,
        hole: bool,
    ) -> Result<Option<u64>, FsError> {
        if matches!(self.origin, Origin::Live { .. }) {
            let len = self.len();
            return Ok((offset < len).then_some(if hole { len } else { offset }));
        }
        let object = self.object(fs, None)?;
        Ok(if hole {
            object.next_hole(offset)
        } else {
            object.next_data(offset)
        })
    }

    /// Writes what the guest changed through mappings of a live file to the host.
    pub(super) fn write_back(&self, file: &dyn HostFile) -> Result<(), FsError> {
        let (Origin::Live { size, shared, .. }, Some(object)) = (&self.origin, self.object.get())
        else {
            return Ok(());
        };
        if !shared.get() {
            return Ok(());
        }
        let mut ours = [0; PAGE as usize];
        let mut theirs = [0; PAGE as usize];
        let mut offset = 0;
        while offset < size.get() {
            let count = object.read(offset, &mut ours)?;
            let there = file.read_at(offset, &mut theirs[..count])?;
            if count == 0 {
                break;
            }
            if ours[..count] != theirs[..there] {
                file.write_at(offset, &ours[..count])?;
            }
            offset += count as u64;
        }
        Ok(())
    }

    fn charge(&self, bytes: u64) {
        self.space.owe(bytes);
        self.charged.set(self.charged.get() + bytes);
    }

    fn settle(&self, before: u64, after: u64) {
        if after >= before {
            self.charge(after - before);
        } else {
            let freed = (before - after).min(self.charged.get());
            self.charged.set(self.charged.get() - freed);
            self.space.give(freed);
        }
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.space.give(self.charged.get());
    }
}

/// Reads a file of the host that may be closed and opened again in between.
struct HostPager {
    tree: Rc<dyn Tree>,
    path: Rc<[u8]>,
    identity: (u64, u64),
    pool: Rc<Pool>,
    open: RefCell<Option<Weak<dyn HostFile>>>,
}

impl Pager for HostPager {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let open = self.open.borrow().as_ref().and_then(Weak::upgrade);
        let file = match open {
            Some(file) => file,
            None => {
                let file = self.tree.open(&self.path, false)?;
                if file.stat()?.identity != self.identity {
                    return Err(io::Error::other("the file was replaced on the host"));
                }
                self.pool.keep(&file);
                *self.open.borrow_mut() = Some(Rc::downgrade(&file));
                file
            }
        };
        file.read_at(offset, buf)
    }
}

struct LivePager(Rc<dyn HostFile>);

impl Pager for LivePager {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buf)
    }
}
