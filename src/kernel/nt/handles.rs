//! What do a process's handles stand for?

use std::cell::RefCell;
use std::rc::Rc;

use super::job::Job;
use super::memory::Section;
use super::pipe::End;
use super::registry::Key;
use super::sync::{Dispatcher, State};
use super::thread::Thread;
use super::token::Token;
use crate::kernel::linux::process::Process;
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
    /// An end of a pipe.
    Pipe(Rc<End>),
    /// The device of named pipes.
    PipeDevice,
    /// Who acts, with which rights.
    Token(Rc<Token>),
    /// Processes that belong together.
    Job(Rc<Job>),
    /// A process.
    Process(Rc<RefCell<Process>>),
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
            Object::Token(_) => kind("Token"),
            Object::Job(_) => kind("Job"),
            Object::Pipe(_) | Object::PipeDevice => kind("File \\Device\\NamedPipe"),
            Object::Process(process) => {
                let pid = process.borrow().pid;
                format!("Process {pid}").into_bytes()
            }
            Object::Thread(thread) => format!("Thread {}", thread.tid).into_bytes(),
        }
    }
}

/// A table of handles: multiples of 4, the lowest free one first.   [Windows Internals, Handles and the process handle table]
#[derive(Default)]
pub(super) struct Handles {
    slots: Vec<Option<Slot>>,
}

struct Slot {
    object: Object,
    flags: Flags,
}

/// What is said of a handle.   [winternl.h: OBJECT_HANDLE_FLAG_INFORMATION]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// A new process may get it.
    pub(super) inherit: bool,
    /// It can't be closed.
    pub(super) protect: bool,
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
        let flags = Flags::default();
        self.slots[at] = Some(Slot { object, flags });
        Some(4 * (at as u64 + 1))
    }

    /// The two lowest bits of a handle are the user's own.   [ntdef.h: OBJ_HANDLE_TAGBITS]
    fn at(handle: u64) -> Option<usize> {
        usize::try_from(handle / 4).ok()?.checked_sub(1)
    }

    /// What a handle stands for.
    pub(super) fn get(&self, handle: u64) -> Option<Object> {
        let slot = self.slots.get(Self::at(handle)?)?.as_ref()?;
        Some(slot.object.clone())
    }

    /// Closes a handle.
    pub(super) fn remove(&mut self, handle: u64) -> Option<Object> {
        let slot = self.slots.get_mut(Self::at(handle)?)?.take()?;
        Some(slot.object)
    }

    /// What is said of a handle, to be changed.
    pub(super) fn flags(&mut self, handle: u64) -> Option<&mut Flags> {
        let slot = self.slots.get_mut(Self::at(handle)?)?.as_mut()?;
        Some(&mut slot.flags)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// Those that a new process may get, under the same numbers; of a list of them when there is one.
    pub(super) fn inherited(&self, list: Option<&[u64]>) -> Handles {
        let listed = |at: usize| {
            let own = |handle: &u64| Self::at(*handle) == Some(at);
            list.is_none_or(|list| list.iter().any(own))
        };
        let slots = self.slots.iter().enumerate().map(|(at, slot)| {
            let slot = slot.as_ref().filter(|slot| slot.flags.inherit)?;
            listed(at).then(|| Slot {
                object: slot.object.clone(),
                flags: slot.flags,
            })
        });
        Handles {
            slots: slots.collect(),
        }
    }
}
