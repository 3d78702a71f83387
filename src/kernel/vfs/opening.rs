//! How does a file come to be open? By its path, or by being made.

use super::watch::Change;
use std::cell::RefCell;
use std::rc::Rc;

use super::change::Special;
use super::content::Content;
use super::device::Device;
use super::directory;
use super::entry::Entry;
use super::error::FsError;
use super::generated::MadeKind;
use super::node::{Body, Meta, Node};
use super::object::FileObject;
use super::open::{Handle, OpenFile, OpenFlags};
use super::pipe::{Pipe, PipeEnd};
use super::walk::{Last, Limits, Walker};
use super::{Seals, Vfs};
use crate::kernel::host::{HostFile, Stream};

impl Walker<'_> {
    /// Opens a path, or makes what is to be opened.
    pub fn open(
        &self,
        start: &Rc<Entry>,
        path: &[u8],
        flags: OpenFlags,
        mode: u16,
        limits: Limits,
    ) -> Result<Rc<OpenFile>, FsError> {
        self.vfs.space().room_for_file()?;
        let follow = !flags.contains(OpenFlags::NOFOLLOW);
        if flags.contains(OpenFlags::UNNAMED) {
            let directory = self.find_within(start, path, follow, limits)?;
            if !directory.node.is_directory() {
                return Err(FsError::NotDirectory);
            }
            let linkable = !flags.contains(OpenFlags::EXCLUSIVE);
            let entry = self.make_unnamed(&directory, mode, linkable)?;
            return self.open_entry(&entry, flags, true);
        }
        if !flags.contains(OpenFlags::CREATE) {
            let entry = self.find_within(start, path, follow, limits)?;
            return self.open_entry(&entry, flags, false);
        }
        let exclusive = flags.contains(OpenFlags::EXCLUSIVE);
        let place = self.place_to_create(start, path, follow && !exclusive, limits)?;
        let Last::Name(_) = place.last else {
            return Err(if exclusive {
                FsError::Exists
            } else {
                FsError::IsDirectory
            });
        };
        if let Some(entry) = &place.found {
            if exclusive {
                return Err(FsError::Exists);
            }
            if entry.node.is_directory() {
                return Err(FsError::IsDirectory);
            }
            return self.open_entry(entry, flags, false);
        }
        match self.may_add(&place.directory) {
            // What can't be made in a generated directory can't be opened.
            Err(FsError::NotPermitted) => return Err(FsError::Access),
            result => result?,
        }
        let mode = mode & 0o7777 & !self.context.umask;
        let entry = self.make_node(&place, mode, Special::Regular)?;
        self.open_entry(&entry, flags, true)
    }

    /// Opens what is at an entry. What was just made for the opener needs no permission.
    pub fn open_entry(
        &self,
        entry: &Rc<Entry>,
        flags: OpenFlags,
        fresh: bool,
    ) -> Result<Rc<OpenFile>, FsError> {
        let node = &entry.node;
        let directory = node.is_directory();
        if flags.contains(OpenFlags::DIRECTORY) && !directory && !fresh {
            return Err(FsError::NotDirectory);
        }
        if flags.contains(OpenFlags::PATH) {
            return Ok(self.vfs.opened(entry, Handle::Path, flags));
        }
        if node.is_symlink() {
            return Err(FsError::Loop);
        }
        let write = flags.contains(OpenFlags::WRITE);
        if directory && (write || flags.contains(OpenFlags::TRUNCATE)) {
            return Err(FsError::IsDirectory);
        }
        let truncate = flags.contains(OpenFlags::TRUNCATE);
        let access =
            u8::from(flags.contains(OpenFlags::READ)) * 4 + u8::from(write || truncate) * 2;
        if !fresh && !self.who.may(node, access) {
            return Err(FsError::Access);
        }
        if flags.contains(OpenFlags::NOATIME) && !self.who.owns(node) {
            return Err(FsError::NotPermitted);
        }
        let read = flags.contains(OpenFlags::READ);
        let handle = match &node.body {
            Body::Directory(_) => Handle::Directory,
            Body::File(content) => {
                if write || truncate {
                    node.check_not_running()?;
                }
                let file = self.host_file(entry, write || truncate)?;
                if truncate && !fresh {
                    content.truncate(&node.fs, file.as_ref(), 0)?;
                    node.touch(self.now);
                    entry.tell(Change::WRITTEN);
                }
                Handle::File(file)
            }
            Body::Made(made) => match made.kind {
                MadeKind::Directory => Handle::Directory,
                MadeKind::Link => return Err(FsError::Loop),
                MadeKind::File => {
                    let content = if read {
                        self.generator.content(made.key)?
                    } else {
                        Vec::new()
                    };
                    Handle::Made(made.key, RefCell::new(content))
                }
            },
            Body::Device(
                device @ (Device::Tty
                | Device::Console
                | Device::Terminal(_)
                | Device::Ptmx
                | Device::Slave(_)),
            ) => self.open_terminal(*device)?,
            Body::Device(Device::Unknown { .. }) => return Err(FsError::NoDevice),
            Body::Device(device) => Handle::Device(*device),
            Body::Pipe(pipe) => {
                let blocks = !flags.contains(OpenFlags::NONBLOCK) || entry.is_nowhere();
                if write && !read && pipe.readers() == 0 && !blocks {
                    return Err(FsError::NoDevice);
                }
                Handle::Pipe(PipeEnd::open(pipe, read, write))
            }
            Body::Stream(stream) => Handle::Stream(*stream),
            Body::BlockDevice { .. } | Body::Socket | Body::Foreign(_) | Body::Anonymous => {
                return Err(FsError::NoDevice);
            }
            Body::Symlink(_) => return Err(FsError::Loop),
        };
        let content = matches!(handle, Handle::File(_));
        let file = self.vfs.opened(entry, handle, flags);
        if content && write {
            file.begin_writing()?;
        }
        entry.tell(Change::OPENED);
        Ok(file)
    }

    fn host_file(
        &self,
        entry: &Rc<Entry>,
        write: bool,
    ) -> Result<Option<Rc<dyn HostFile>>, FsError> {
        let fs = &entry.node.fs;
        match &fs.host {
            Some(tree) if fs.is_live() => {
                if entry.is_removed() {
                    return Err(FsError::Stale);
                }
                let file = tree.open(&entry.tree_path(), write)?;
                directory::refresh(&entry.node, &file.stat()?);
                Ok(Some(file))
            }
            _ => Ok(None),
        }
    }
}

impl Vfs {
    /// An open file for a handle.
    pub fn opened(&self, entry: &Rc<Entry>, handle: Handle, flags: OpenFlags) -> Rc<OpenFile> {
        let flags = if flags.contains(OpenFlags::PATH) {
            flags & (OpenFlags::PATH | OpenFlags::DIRECTORY | OpenFlags::NOFOLLOW)
        } else {
            flags - OpenFlags::ONCE
        };
        OpenFile::new(self.next_file(), entry, handle, flags)
    }

    /// A pipe: its reading and its writing end.
    pub fn pipe(
        &self,
        flags: OpenFlags,
        (uid, gid): (u32, u32),
        now: i64,
    ) -> Result<(Rc<OpenFile>, Rc<OpenFile>), FsError> {
        self.space().room_for_file()?;
        let pipe = Rc::new(Pipe::default());
        let meta = Meta::new(0o600, uid, gid, now);
        let node = Node::charged(&self.anonymous, Body::Pipe(pipe.clone()), meta)?;
        let entry = Entry::nowhere(format!("pipe:[{}]", node.ino).as_bytes(), node);
        let reader = Handle::Pipe(PipeEnd::open(&pipe, true, false));
        let writer = Handle::Pipe(PipeEnd::open(&pipe, false, true));
        Ok((
            self.opened(&entry, reader, flags | OpenFlags::READ),
            self.opened(&entry, writer, flags | OpenFlags::WRITE),
        ))
    }

    /// A file in memory without a name (`memfd_create`).
    pub fn memory_file(
        &self,
        name: &[u8],
        sealable: bool,
        (uid, gid): (u32, u32),
        now: i64,
    ) -> Result<Rc<OpenFile>, FsError> {
        self.space().room_for_file()?;
        let content = Content::empty(&self.anonymous);
        if sealable {
            content.seals.set(Seals::empty());
        }
        let meta = Meta {
            links: 0,
            ..Meta::new(0o777, uid, gid, now)
        };
        let node = Node::charged(&self.anonymous, Body::File(content), meta)?;
        let entry = Entry::nowhere(&[b"/memfd:", name, b" (deleted)"].concat(), node);
        let flags = OpenFlags::READ | OpenFlags::WRITE | OpenFlags::LARGE;
        Ok(self.opened(&entry, Handle::File(None), flags))
    }

    /// An open file that is nothing else: a counter, a timer. `name` is what it is shown as.
    pub fn anonymous_file(
        &self,
        name: &[u8],
        handle: Handle,
        flags: OpenFlags,
        now: i64,
    ) -> Result<Rc<OpenFile>, FsError> {
        self.space().room_for_file()?;
        let node = Node::charged(
            &self.anonymous,
            Body::Anonymous,
            Meta::new(0o600, 0, 0, now),
        )?;
        let entry = Entry::nowhere(name, node);
        Ok(self.opened(&entry, handle, flags))
    }

    /// An open socket.
    pub fn socket_file(
        &self,
        socket: Rc<dyn FileObject>,
        flags: OpenFlags,
        (uid, gid): (u32, u32),
        now: i64,
    ) -> Result<Rc<OpenFile>, FsError> {
        let meta = Meta::new(0o777, uid, gid, now);
        let node = Node::charged(&self.anonymous, Body::Socket, meta)?;
        let entry = Entry::nowhere(format!("socket:[{}]", node.ino).as_bytes(), node);
        let flags = flags | OpenFlags::READ | OpenFlags::WRITE;
        Ok(self.opened(&entry, Handle::Object(socket), flags))
    }

    /// The three files a program starts with.
    pub fn standard_files(&self) -> [Rc<OpenFile>; 3] {
        Stream::ALL.map(|stream| {
            if self.host.is_terminal(stream)
                && let Some(entry) = &*self.terminal.borrow()
            {
                let flags = OpenFlags::READ | OpenFlags::WRITE | OpenFlags::LARGE;
                let (input, _) = self.terminal_streams().unwrap_or((stream, stream));
                let (input, output) = match stream {
                    Stream::Input => self.terminal_streams().unwrap_or((stream, stream)),
                    _ => (input, stream),
                };
                return self.opened(entry, Handle::Terminal(input, output), flags);
            }
            let meta = Meta::new(0o600, 0, 0, self.shared.born);
            let node = Node::found(&self.anonymous, Body::Stream(stream), meta);
            let entry = Entry::nowhere(format!("pipe:[{}]", node.ino).as_bytes(), node);
            let flags = match stream {
                Stream::Input => OpenFlags::READ,
                _ => OpenFlags::WRITE,
            };
            self.opened(&entry, Handle::Stream(stream), flags)
        })
    }

    /// Streams by which the terminal is read and written, when there is one.
    pub(super) fn terminal_streams(&self) -> Option<(Stream, Stream)> {
        let terminal = |stream: &Stream| self.host.is_terminal(*stream);
        let first = Stream::ALL.into_iter().find(terminal)?;
        let output = [Stream::Output, Stream::Error]
            .into_iter()
            .find(terminal)
            .unwrap_or(first);
        Some((first, output))
    }
}
