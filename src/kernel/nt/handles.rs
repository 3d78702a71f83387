//! What do a process's handles stand for?

use std::rc::Rc;

use super::memory::Section;
use super::registry::Key;
use super::sync::{Dispatcher, State};
use super::thread::Thread;
use crate::kernel::task::Tid;
use crate::kernel::vfs::OpenFile;

/// The most handles of a process.
const MAX_HANDLES: usize = 1 << 16;

/// What a handle stands for.
#[derive(Clone)]
pub(super) enum Object {
    /// An open file or directory.
    File(Rc<OpenFile>),
    /// An event, a mutant or a semaphore.
    Dispatcher(Rc<Dispatcher>),
    /// A key of the registry.
    Key(Rc<Key>),
    /// Memory or a file that can be seen at addresses.
    Section(Rc<Section>),
    /// A process by the number of its first task.
    Process(Tid),
    /// A thread.
    Thread(Rc<Thread>),
}

impl Object {
    /// Its kind and its name, for those who show it: `File C:\\note`, `Key \\REGISTRY\\MACHINE`, `Event`.
    pub(super) fn describe(&self) -> Vec<u8> {
        let kind = |kind: &str| kind.as_bytes().to_vec();
        match self {
            Object::File(file) => {
                let path = file.path();
                match path.first() {
                    Some(b'/') => {
                        let parts = path.iter().map(|byte| match byte {
                            b'/' => b'\\',
                            byte => *byte,
                        });
                        b"File C:".iter().copied().chain(parts).collect()
                    }
                    _ => [b"File ", &path[..]].concat(),
                }
            }
            Object::Dispatcher(dispatcher) => kind(match dispatcher.state {
                State::Event { .. } => "Event",
                State::Mutant { .. } => "Mutant",
                State::Semaphore { .. } => "Semaphore",
            }),
            Object::Key(key) => {
                let path = String::from_utf16_lossy(&key.path());
                format!("Key {path}").into_bytes()
            }
            Object::Section(_) => kind("Section"),
            Object::Process(pid) => format!("Process {pid}").into_bytes(),
            Object::Thread(thread) => format!("Thread {}", thread.tid).into_bytes(),
        }
    }
}

/// A table of handles: multiples of 4, the lowest free one first.   [Windows Internals, Handles and the process handle table]
#[derive(Default)]
pub(super) struct Handles {
    slots: Vec<Option<Object>>,
}

impl Handles {
    /// A new handle; `None` when there are too many.
    pub(super) fn insert(&mut self, object: Object) -> Option<u64> {
        let at = match self.slots.iter().position(Option::is_none) {
            Some(free) => free,
            None if self.slots.len() >= MAX_HANDLES => return None,
            None => {
                self.slots.push(None);
                self.slots.len() - 1
            }
        };
        self.slots[at] = Some(object);
        Some(4 * (at as u64 + 1))
    }

    /// The two lowest bits of a handle are the user's own.   [ntdef.h: OBJ_HANDLE_TAGBITS]
    fn at(handle: u64) -> Option<usize> {
        usize::try_from(handle / 4).ok()?.checked_sub(1)
    }

    /// What a handle stands for.
    pub(super) fn get(&self, handle: u64) -> Option<Object> {
        self.slots.get(Self::at(handle)?)?.clone()
    }

    /// Whether any handle stands for an open file.
    pub(super) fn has_file(&self, file: &Rc<OpenFile>) -> bool {
        let same =
            |object: &Object| matches!(object, Object::File(other) if Rc::ptr_eq(other, file));
        self.slots.iter().flatten().any(same)
    }

    /// Closes a handle.
    pub(super) fn remove(&mut self, handle: u64) -> Option<Object> {
        self.slots.get_mut(Self::at(handle)?)?.take()
    }
}
