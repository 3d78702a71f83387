//! What do a process's handles stand for?

use std::cell::RefCell;
use std::rc::Rc;

use super::completion::Completion;
use super::console::Part;
use super::debug::Debugger;
use super::job::Job;
use super::keyed::KeyedEvent;
use super::kinds::Kind;
use super::mailslot::{Mailslot, Writer};
use super::memory::Section;
use super::namespace::{Directory, Link};
use super::pipe::End;
use super::pool::Kept;
use super::port::Port;
use super::registry::Key;
use super::reserve::Reserve;
use super::sync::Dispatcher;
use super::thread::Thread;
use super::timer::Timer;
use super::token::Token;
use super::wait_packet::WaitPacket;
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
    /// A mailslot, to be read.
    Mailslot(Rc<Mailslot>),
    /// A mailslot, to be written to.
    Writer(Rc<Writer>),
    /// A console, or something of it.
    Console(Part),
    /// Who acts, with which rights.
    Token(Rc<Token>),
    /// Processes that belong together.
    Job(Rc<Job>),
    /// A process.
    Process(Rc<RefCell<Process>>),
    /// A thread.
    Thread(Rc<Thread>),
    /// A timer.
    Timer(Rc<Timer>),
    /// What threads meet at.
    KeyedEvent(Rc<KeyedEvent>),
    /// A queue of what has been completed.
    Completion(Rc<Completion>),
    /// A directory of names of objects.
    Directory(Rc<Directory>),
    /// A name that stands for another.
    Link(Rc<Link>),
    /// A port for messages.
    Port(Rc<Port>),
    /// What a debugger waits at.
    Debug(Rc<Debugger>),
    /// Memory that is put aside.
    Reserve(Rc<Reserve>),
    /// What waits for an object on behalf of a port.
    WaitPacket(Rc<WaitPacket>),
}

impl Object {
    /// Where it is in memory: no other object that is there has the same. Only whether two are the same may depend on it.
    pub(super) fn identity(&self) -> usize {
        match self {
            Object::File(file) => Rc::as_ptr(file).addr(),
            Object::Dispatcher(dispatcher) => Rc::as_ptr(dispatcher).addr(),
            Object::Key(key) => Rc::as_ptr(key).addr(),
            Object::Section(section) => Rc::as_ptr(section).addr(),
            Object::Pipe(end) => Rc::as_ptr(end).addr(),
            Object::PipeDevice => 0,
            Object::Console(Part::Console(console)) => Rc::as_ptr(console).addr(),
            Object::Console(Part::Screen(_, buffer)) => Rc::as_ptr(buffer).addr(),
            Object::Console(Part::Connection(connection)) => Rc::as_ptr(connection).addr(),
            Object::Console(Part::Server(server)) => Rc::as_ptr(server).addr(),
            Object::Console(Part::Input | Part::Output) => 0,
            Object::Mailslot(slot) => Rc::as_ptr(slot).addr(),
            Object::Writer(writer) => Rc::as_ptr(writer).addr(),
            Object::Token(token) => Rc::as_ptr(token).addr(),
            Object::Job(job) => Rc::as_ptr(job).addr(),
            Object::Process(process) => Rc::as_ptr(process).addr(),
            Object::Thread(thread) => Rc::as_ptr(thread).addr(),
            Object::Timer(timer) => Rc::as_ptr(timer).addr(),
            Object::KeyedEvent(event) => Rc::as_ptr(event).addr(),
            Object::Completion(port) => Rc::as_ptr(port).addr(),
            Object::Directory(directory) => Rc::as_ptr(directory).addr(),
            Object::Link(link) => Rc::as_ptr(link).addr(),
            Object::Port(port) => Rc::as_ptr(port).addr(),
            Object::Debug(debugger) => Rc::as_ptr(debugger).addr(),
            Object::Reserve(reserve) => Rc::as_ptr(reserve).addr(),
            Object::WaitPacket(packet) => Rc::as_ptr(packet).addr(),
        }
    }

    /// Whether both are the same.
    pub(super) fn is(&self, other: &Object) -> bool {
        match (self, other) {
            (Object::Console(a), Object::Console(b)) => a.is(b),
            _ => {
                std::mem::discriminant(self) == std::mem::discriminant(other)
                    && self.identity() == other.identity()
            }
        }
    }

    /// Whether anybody but who asks has it: a handle, a wait, a section. Of those without a handle of their own that go with
    /// their last one only.
    pub(super) fn is_shared(&self) -> bool {
        match self {
            Object::File(file) => Rc::strong_count(file) > 1,
            Object::Pipe(end) => Rc::strong_count(end) > 1,
            Object::Mailslot(slot) => Rc::strong_count(slot) > 1,
            _ => true,
        }
    }

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
            Object::Key(key) => {
                let path = String::from_utf16_lossy(&key.path());
                format!("Key {path}").into_bytes()
            }
            Object::Pipe(_) | Object::PipeDevice => kind("File \\Device\\NamedPipe"),
            Object::Mailslot(_) | Object::Writer(_) => kind("File \\Device\\Mailslot"),
            Object::Console(part) => super::console::described(part.name()),
            Object::Process(process) => {
                let pid = process.borrow().pid;
                format!("Process {pid}").into_bytes()
            }
            Object::Thread(thread) => format!("Thread {}", thread.tid).into_bytes(),
            other => kind(Kind::of(other).name()),
        }
    }
}

/// What an own handle is: the object, what it may be used for, and what it is called.
#[derive(Clone)]
pub(super) struct Slot {
    pub(super) object: Object,
    /// Access that was granted.
    pub(super) access: u32,
    /// Whether processes that are made inherit it.
    pub(super) inherited: bool,
    /// Whether it can't be closed.
    pub(super) protected: bool,
    /// The object's whole name, when it has one.
    pub(super) name: Option<Rc<Kept<Vec<u16>>>>,
}

impl Slot {
    /// A handle with all access to an object without a name.
    pub(super) fn new(object: Object) -> Slot {
        Slot {
            access: Kind::of(&object).all(),
            object,
            inherited: false,
            protected: false,
            name: None,
        }
    }
}

/// A table of handles: multiples of 4, the lowest free one first.   [Windows Internals, Handles and the process handle table]
#[derive(Default)]
pub(super) struct Handles {
    slots: Vec<Option<Slot>>,
    /// All below are taken.
    taken: usize,
}

impl Handles {
    /// A new handle with all access; `None` when there are too many.
    pub(super) fn insert(&mut self, object: Object) -> Option<u64> {
        self.insert_slot(Slot::new(object))
    }

    /// The same, as it is to be.
    pub(super) fn insert_slot(&mut self, slot: Slot) -> Option<u64> {
        let free = self.slots[self.taken..].iter().position(Option::is_none);
        let at = match free {
            Some(free) => self.taken + free,
            None if self.slots.len() >= MAX_HANDLES => return None,
            None => {
                self.slots.push(None);
                self.slots.len() - 1
            }
        };
        self.slots[at] = Some(slot);
        self.taken = at + 1;
        Some(4 * (at as u64 + 1))
    }

    /// The two lowest bits of a handle are the user's own.   [ntdef.h: OBJ_HANDLE_TAGBITS]
    fn at(handle: u64) -> Option<usize> {
        usize::try_from(handle / 4).ok()?.checked_sub(1)
    }

    /// What a handle stands for.
    pub(super) fn get(&self, handle: u64) -> Option<Object> {
        Some(self.slot(handle)?.object.clone())
    }

    /// A handle.
    pub(super) fn slot(&self, handle: u64) -> Option<&Slot> {
        self.slots.get(Self::at(handle)?)?.as_ref()
    }

    /// A handle, to change it.
    pub(super) fn slot_mut(&mut self, handle: u64) -> Option<&mut Slot> {
        self.slots.get_mut(Self::at(handle)?)?.as_mut()
    }

    /// All handles.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().flatten()
    }

    /// Whether any handle stands for an object.
    pub(super) fn has(&self, object: &Object) -> bool {
        self.iter().any(|slot| slot.object.is(object))
    }

    /// All objects, whose handles are closed.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Object> + use<> {
        let slots = std::mem::take(self).slots;
        slots.into_iter().flatten().map(|slot| slot.object)
    }

    /// Closes a handle.
    pub(super) fn remove(&mut self, handle: u64) -> Option<Object> {
        let at = Self::at(handle)?;
        let slot = self.slots.get_mut(at)?.take()?;
        self.taken = self.taken.min(at);
        Some(slot.object)
    }

    /// Those that a new process may get, under the same numbers; of a list of them when there is one.
    pub(super) fn inherited(&self, list: Option<&[u64]>) -> Handles {
        let listed = |at: usize| {
            let own = |handle: &u64| Self::at(*handle) == Some(at);
            list.is_none_or(|list| list.iter().any(own))
        };
        let slots = self.slots.iter().enumerate().map(|(at, slot)| {
            let slot = slot.as_ref().filter(|slot| slot.inherited)?;
            listed(at).then(|| slot.clone())
        });
        Handles {
            slots: slots.collect(),
            taken: 0,
        }
    }
}
