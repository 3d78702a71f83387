//! What has changed in a directory, for who watches it?   [Microsoft Learn, ReadDirectoryChangesW; winnt.h:
//! FILE_NOTIFY_INFORMATION; ntifs.h: FsRtlNotifyFullReportChange]
//!
//! Calls of Windows tell what they have changed. The first call on a directory begins to collect that, for as long as it is
//! open: what nobody has asked for yet is kept, as much of it as that call had room for.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::access;
use super::streams;
use super::units;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::reply::{Reply, asked};
use crate::kernel::vfs::{Entry, OpenFile};
use crate::kernel::wait::{Interrupted, Wait, WaitQueue};
use crate::kernel::{Cx, Kernel};

/// `CompletionFilter`: what is watched.   [winnt.h: FILE_NOTIFY_CHANGE_FILE_NAME and following]
pub(super) mod filter {
    pub(in super::super) const FILE_NAME: u32 = 1;
    pub(in super::super) const DIR_NAME: u32 = 2;
    pub(in super::super) const ATTRIBUTES: u32 = 4;
    pub(in super::super) const SIZE: u32 = 8;
    pub(in super::super) const LAST_WRITE: u32 = 0x10;
    pub(in super::super) const LAST_ACCESS: u32 = 0x20;
    pub(in super::super) const CREATION: u32 = 0x40;
    pub(in super::super) const SECURITY: u32 = 0x100;
    const STREAM_NAME: u32 = 0x200;
    const STREAM_SIZE: u32 = 0x400;
    const STREAM_WRITE: u32 = 0x800;
    pub(in super::super) const VALID: u32 = 0xfff;

    /// Which names are about an entry.
    pub(in super::super) fn name_of(entry: &super::Entry) -> u32 {
        match entry.node.is_directory() {
            true => DIR_NAME,
            false => FILE_NAME,
        }
    }

    /// What a change is called when it is about a stream.
    pub(super) fn of_stream(changed: u32) -> u32 {
        let names = [
            (FILE_NAME, STREAM_NAME),
            (SIZE, STREAM_SIZE),
            (LAST_WRITE, STREAM_WRITE),
        ];
        let own = names.iter().filter(|(file, _)| changed & file != 0);
        own.fold(0, |all, (_, stream)| all | stream)
    }
}

/// What has happened to a name.   [winnt.h: FILE_ACTION_ADDED and following]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Added = 1,
    Removed,
    Modified,
    RenamedFrom,
    RenamedTo,
    AddedStream,
    RemovedStream,
    ModifiedStream,
}

impl Action {
    /// What it is called when it is about a stream.
    fn of_stream(self) -> Action {
        match self {
            Action::Added | Action::RenamedTo => Action::AddedStream,
            Action::Removed | Action::RenamedFrom => Action::RemovedStream,
            _ => Action::ModifiedStream,
        }
    }
}

/// The most bytes that are kept for who does not ask.
const MOST: u32 = 0x1_0000;
/// The most requests of one directory.
const MAX_REQUESTS: usize = 0x100;

/// A directory that is watched, by an open file of it.
struct Watch {
    entry: Rc<Entry>,
    filter: u32,
    recursive: bool,
    /// As much is kept as fits.
    room: u32,
    /// Structures that nobody has asked for yet, and whether there were too many of them.
    kept: Vec<u8>,
    last: Option<(usize, Action)>,
    overflowed: bool,
    requests: VecDeque<(Reply, u64, u32)>,
    queue: WaitQueue,
}

impl Watch {
    /// What a change of a name is called here; `None` when it is not watched.
    fn name(&self, entry: &Rc<Entry>) -> Option<Vec<u16>> {
        let parent = streams::base(entry).parent()?;
        let inside = match self.recursive {
            true => parent.is_within(&self.entry),
            false => Rc::ptr_eq(&parent, &self.entry),
        };
        if !inside {
            return None;
        }
        let path = entry.path_from(&self.entry);
        let backslash = |byte: &u8| if *byte == b'/' { b'\\' } else { *byte };
        let path: Vec<u8> = path.iter().skip(1).map(backslash).collect();
        Some(units(&path))
    }

    fn keep(&mut self, action: Action, name: &[u16]) {
        if self.overflowed {
            return;
        }
        let structure = structure(action, name);
        // The same once more says nothing new.
        if let Some((at, Action::Modified | Action::ModifiedStream)) = self.last
            && self.kept[at + 4..] == structure[4..]
        {
            return;
        }
        let at = self.kept.len().next_multiple_of(4);
        if at + structure.len() > self.room as usize {
            self.overflowed = true;
            self.kept = Vec::new();
            self.last = None;
            return;
        }
        self.kept.resize(at, 0);
        if let Some((last, _)) = self.last {
            let next = (at - last) as u32;
            self.kept[last..last + 4].copy_from_slice(&next.to_le_bytes());
        }
        self.kept.extend(structure);
        self.last = Some((at, action));
    }

    /// What there is to tell who has so much room. `None` when there is nothing.
    fn take(&mut self, room: u32) -> Option<(NtStatus, Vec<u8>)> {
        if !self.overflowed && self.kept.is_empty() {
            return None;
        }
        self.last = None;
        let kept = std::mem::take(&mut self.kept);
        match std::mem::take(&mut self.overflowed) || kept.len() > room as usize {
            true => Some((NtStatus::NOTIFY_ENUM_DIR, Vec::new())),
            false => Some((NtStatus::SUCCESS, kept)),
        }
    }
}

/// A `FILE_NOTIFY_INFORMATION` with nothing behind it.
fn structure(action: Action, name: &[u16]) -> Vec<u8> {
    let words = [0, action as u32, 2 * name.len() as u32];
    let mut out = words.map(u32::to_le_bytes).concat();
    out.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}

/// All directories that are watched, by the number of the open file.
#[derive(Default)]
pub(in crate::kernel::nt) struct Watches(BTreeMap<u64, Watch>);

/// Who is to be told of a name, and what it is called there; whether it is that of a stream.
pub(super) struct Names(Vec<(u64, Vec<u16>)>, bool);

/// Serves `NtNotifyChangeDirectoryFile`.
pub(super) fn notify(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtNotifyChangeDirectoryFile,
) -> Outcome {
    // FILE_LIST_DIRECTORY is the same as reading.
    let file = kernel.file_for(cx, call.FileHandle, access::READ_DATA)?;
    let wish = call.CompletionFilter;
    if !file.node().is_directory() || wish == 0 || wish & !filter::VALID != 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if kernel.nt.opened.is_doomed(&file.entry) {
        return Err(NtStatus::DELETE_PENDING.into());
    }
    let (buffer, length) = (call.Buffer.address, call.Length);
    cx.may_write(buffer, length.into())?;
    // Wine's ReadDirectoryChangesW waits for an event by itself, whatever the handle is, and its FindFirstChangeNotificationW
    // asks for nothing by one whose calls wait.
    let waits = kernel.nt.opened.is_synchronous(&file) && call.Event == 0 && length > 0;
    let watch = kernel.nt.watches.0.entry(file.id).or_insert_with(|| Watch {
        entry: file.entry.clone(),
        filter: wish,
        recursive: call.WatchTree != 0,
        room: length.min(MOST),
        kept: Vec::new(),
        last: None,
        overflowed: false,
        requests: VecDeque::new(),
        queue: WaitQueue::default(),
    });
    let source = Object::File(file.clone());
    if waits {
        let Some((status, bytes)) = watch.take(length) else {
            cx.wait_in(&watch.queue);
            return Err(cx.block_as(Wait::Ipc, Interrupted::Never));
        };
        cx.mem.write(buffer, &bytes)?;
        let done = (status, bytes.len() as u64);
        return kernel.nt_done(cx, &source, asked!(call), done);
    }
    if watch.requests.len() >= MAX_REQUESTS {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::PENDING, 0)?;
    let reply = kernel.nt_later(cx, &source, asked!(call))?;
    if let Some(watch) = kernel.nt.watches.0.get_mut(&file.id) {
        watch.requests.push_back((reply, buffer, length));
    }
    kernel.tell_watch(file.id);
    Err(Stop::Fail(NtStatus::PENDING))
}

/// `DIRECTORY_NOTIFY_INFORMATION_CLASS`: what is told of each change.   [ntifs.h]
const NAMES: i32 = 1;
const EXTENDED: i32 = 2;
const FULL: i32 = 3;

/// Serves `NtNotifyChangeDirectoryFileEx`, when it asks for what the older call tells. Times and sizes are not kept.
pub(super) fn notify_ex(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtNotifyChangeDirectoryFileEx,
) -> Outcome {
    match call.DirectoryNotifyInformationClass {
        NAMES => {}
        EXTENDED | FULL => return Err(Stop::Missing),
        _ => return Err(NtStatus::INVALID_PARAMETER.into()),
    }
    let older = nt::NtNotifyChangeDirectoryFile {
        FileHandle: call.FileHandle,
        Event: call.Event,
        ApcRoutine: call.ApcRoutine,
        ApcContext: call.ApcContext,
        IoStatusBlock: call.IoStatusBlock,
        Buffer: call.Buffer,
        Length: call.Length,
        CompletionFilter: call.CompletionFilter,
        WatchTree: call.WatchTree,
    };
    notify(kernel, cx, &older)
}

impl Kernel {
    /// Who is to be told of a name, as it is now.
    pub(super) fn watched(&self, entry: &Rc<Entry>) -> Names {
        let watches = self.nt.watches.0.iter();
        Names(
            watches
                .filter_map(|(id, watch)| Some((*id, watch.name(entry)?)))
                .collect(),
            entry.stream_of().is_some(),
        )
    }

    /// Something has changed: tells those who watch any of it.
    pub(super) fn tell_change(&mut self, names: &Names, changed: u32, action: Action) {
        let (changed, action) = match names.1 {
            true => (filter::of_stream(changed), action.of_stream()),
            false => (changed, action),
        };
        for (id, name) in &names.0 {
            if let Some(watch) = self.nt.watches.0.get_mut(id)
                && watch.filter & changed != 0
            {
                watch.keep(action, name);
                // The first half of a new name is told with the second one.
                if action != Action::RenamedFrom {
                    self.tell_watch(*id);
                }
            }
        }
    }

    /// The same, of what has a name now.
    pub(super) fn tell_changed(&mut self, entry: &Rc<Entry>, changed: u32, action: Action) {
        if !self.nt.watches.0.is_empty() {
            let names = self.watched(entry);
            self.tell_change(&names, changed, action);
        }
    }

    /// Answers the oldest request with what has been kept.
    fn tell_watch(&mut self, id: u64) {
        let Some(watch) = self.nt.watches.0.get_mut(&id) else {
            return;
        };
        watch.queue.wake();
        let Some((reply, buffer, length)) = watch.requests.pop_front() else {
            return;
        };
        match watch.take(length) {
            Some((status, bytes)) => {
                let information = bytes.len() as u64;
                self.nt_end(reply, status, information, Some((buffer, bytes)));
            }
            None => watch.requests.push_front((reply, buffer, length)),
        }
    }

    /// Nobody watches by an open file any more.
    pub(super) fn watch_closed(&mut self, file: &OpenFile) {
        if let Some(watch) = self.nt.watches.0.remove(&file.id) {
            for (reply, ..) in watch.requests {
                self.nt_end(reply, NtStatus::NOTIFY_CLEANUP, 0, None);
            }
        }
    }

    /// A directory goes: who waits for changes in it waits in vain.
    pub(super) fn watched_goes(&mut self, entry: &Rc<Entry>) {
        let mut gone = Vec::new();
        for watch in self.nt.watches.0.values_mut() {
            if Rc::ptr_eq(&watch.entry, entry) {
                gone.extend(watch.requests.drain(..));
                watch.queue.wake();
            }
        }
        for (reply, ..) in gone {
            self.nt_end(reply, NtStatus::DELETE_PENDING, 0, None);
        }
    }

    /// Takes back requests of an open file, and says how many they were.
    pub(super) fn cancel_watch(
        &mut self,
        file: &OpenFile,
        is_meant: impl Fn(&Reply) -> bool,
    ) -> usize {
        let Some(watch) = self.nt.watches.0.get_mut(&file.id) else {
            return 0;
        };
        let all = std::mem::take(&mut watch.requests);
        let (gone, stay): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(reply, ..)| is_meant(reply));
        watch.requests = stay.into();
        let count = gone.len();
        for (reply, ..) in gone {
            self.nt_end(reply, NtStatus::CANCELLED, 0, None);
        }
        count
    }
}
