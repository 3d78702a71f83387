//! What do `/proc` and `/sys` say?
//!
//! Only what the asking task may know of the guest and of the machine it believes to be on: nothing comes from the host.
//! Here is what stands where; what a file says is in the file of its subject.

mod cpu;
mod fds;
mod limits;
mod machine;
mod maps;
mod memory;
mod mounts;
mod net;
mod process;
mod sockets;
mod stat;
mod status;
mod store;
mod subject;
mod sys;
mod system;
#[cfg(test)]
mod tests;

use emu_cpu::AddressSpace;
use emu_profiles::Profile;
use emu_prototypes::linux::Constants;

use crate::kernel::task::{Task, Tid};
use crate::kernel::vfs::{FsError, Generator, Handle, Key, Made, OpenFile, Target};
use crate::kernel::{Cx, Kernel};

pub(super) use memory::{is_memory, read_memory, write_memory};
pub(super) use store::store;
use subject::Subject;

/// `/proc` as a task sees it.
pub struct Proc<'a> {
    kernel: &'a Kernel,
    task: &'a Task,
    memory: &'a AddressSpace,
    profile: &'static Profile,
    k: &'static Constants,
}

/// A name that is always there, by its path from the top or from a process's directory.
struct Name<W> {
    path: &'static str,
    mode: u16,
    what: W,
}

/// What a name of the machine is and says.
enum Machine {
    Directory,
    File(fn(&Proc<'_>) -> String),
    Link(fn(&Proc<'_>) -> String),
    /// Nobody may look at it.
    Refused,
}

/// What a name of a process is and says.
enum Own {
    Directory,
    File(fn(&Subject<'_>) -> Result<Vec<u8>, FsError>),
    Link(fn(&Subject<'_>) -> Result<Target, FsError>),
    /// A directory of the descriptors, of what is known of them, or of the threads.
    Descriptors,
    DescriptorInfos,
    Threads,
    /// The memory itself.
    Memory,
    Refused,
}

/// Names of the machine. The key of one is its place here.
static MACHINE: &[&[Name<Machine>]] = &[machine::NAMES, sys::NAMES];
/// Names of `/sys`.
static SYSTEM: &[&[Name<Machine>]] = &[system::NAMES];
/// Names of a process, and of a thread below `task`.
static PROCESS: &[&[Name<Own>]] = &[process::NAMES, net::NAMES];

/// A process as its number names it, or one of its threads below `task`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Whose {
    pid: Tid,
    thread: Option<Tid>,
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    /// A name of the machine, by its number.
    Machine(u64),
    SystemTop,
    /// A name of `/sys`, by its number.
    System(u64),
    /// The directory of a process or thread.
    Of(Whose),
    /// A name of a process, by its number.
    Name(Whose, u64),
    Descriptor(Whose, i32),
    DescriptorInfo(Whose, i32),
}

/// The process whose directory an open file is.
pub(super) fn process_directory(file: &OpenFile) -> Option<Tid> {
    if !matches!(file.handle, Handle::Directory) {
        return None;
    }
    match Place::of(file.node().key()?) {
        Place::Of(Whose { pid, thread: None }) => Some(pid),
        _ => None,
    }
}

// The bits of a key: a number, what kind of number it is, the process, the thread.
const NUMBER: u64 = (1 << 20) - 1;
const KIND_SHIFT: u32 = 20;
const PID_SHIFT: u32 = 24;
const THREAD_SHIFT: u32 = 40;
const KIND_MASK: u64 = 15;
const NUMBER_OF_TASK: u64 = (1 << 16) - 1;

const KIND_NAME: u64 = 0;
const KIND_DIRECTORY: u64 = 1;
const KIND_DESCRIPTOR: u64 = 2;
const KIND_INFO: u64 = 3;

/// Set in the number of a name of `/sys`.
const OF_SYSTEM: u64 = 1 << 19;

/// Key of the first name; those below are kept for tops of trees.
const FIRST: u64 = 16;
/// Names of one table at most.
const TABLE: u64 = 256;

impl Place {
    fn of(key: Key) -> Place {
        let pid = (key.0 >> PID_SHIFT & NUMBER_OF_TASK) as Tid;
        let number = key.0 & NUMBER;
        if pid == 0 {
            return match key {
                Key::PROC => Place::Top,
                Key::SYSTEM => Place::SystemTop,
                _ if number & OF_SYSTEM != 0 => Place::System(number - OF_SYSTEM),
                _ => Place::Machine(number),
            };
        }
        let thread = (key.0 >> THREAD_SHIFT & NUMBER_OF_TASK) as Tid;
        let whose = Whose {
            pid,
            thread: (thread != 0).then_some(thread),
        };
        match key.0 >> KIND_SHIFT & KIND_MASK {
            KIND_NAME => Place::Name(whose, number),
            KIND_DESCRIPTOR => Place::Descriptor(whose, number as i32),
            KIND_INFO => Place::DescriptorInfo(whose, number as i32),
            _ => Place::Of(whose),
        }
    }

    fn key(self) -> Key {
        let of = |whose: Whose, kind: u64, number: u64| {
            let thread = whose.thread.unwrap_or(0) as u64 & NUMBER_OF_TASK;
            let pid = whose.pid as u64 & NUMBER_OF_TASK;
            Key(thread << THREAD_SHIFT | pid << PID_SHIFT | kind << KIND_SHIFT | number & NUMBER)
        };
        match self {
            Place::Top => Key::PROC,
            Place::Machine(number) => Key(number),
            Place::SystemTop => Key::SYSTEM,
            Place::System(number) => Key(number | OF_SYSTEM),
            Place::Of(whose) => of(whose, KIND_DIRECTORY, 0),
            Place::Name(whose, number) => of(whose, KIND_NAME, number),
            Place::Descriptor(whose, fd) => of(whose, KIND_DESCRIPTOR, fd as u64),
            Place::DescriptorInfo(whose, fd) => of(whose, KIND_INFO, fd as u64),
        }
    }
}

/// All names of tables with their numbers.
fn numbered<W>(
    tables: &'static [&'static [Name<W>]],
) -> impl Iterator<Item = (u64, &'static Name<W>)> {
    tables.iter().enumerate().flat_map(|(table, names)| {
        let first = FIRST + TABLE * table as u64;
        (first..).zip(names.iter())
    })
}

/// The name of a number.
fn known<W>(tables: &'static [&'static [Name<W>]], number: u64) -> Option<&'static Name<W>> {
    let number = number.checked_sub(FIRST)?;
    let table = tables.get((number / TABLE) as usize)?;
    table.get((number % TABLE) as usize)
}

/// The last part of a path when what is before it is `directory`.
fn within<'n>(path: &'n str, directory: &str) -> Option<&'n str> {
    let rest = match directory {
        "" => path,
        directory => path.strip_prefix(directory)?.strip_prefix('/')?,
    };
    (!rest.contains('/')).then_some(rest)
}

fn number_of(name: &[u8]) -> Option<Tid> {
    let digits = std::str::from_utf8(name).ok()?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

impl<'a> Proc<'a> {
    /// The view of the task that makes a call.
    pub fn new(kernel: &'a Kernel, cx: &'a Cx<'_>) -> Proc<'a> {
        Proc {
            kernel,
            task: &*cx.task,
            memory: &*cx.mem,
            profile: cx.profile,
            k: cx.k,
        }
    }

    /// The number of the process that asks.
    fn pid(&self) -> Tid {
        self.task.linux.process.borrow().pid
    }

    /// A task, which may be the one that asks.
    fn task_of(&self, tid: Tid) -> Option<&'a Task> {
        match self.task.tid == tid {
            true => Some(self.task),
            false => self.kernel.tasks.get(tid),
        }
    }

    fn made_of_machine(&self, place: Place, name: &Name<Machine>) -> Made {
        let key = place.key();
        let made = match name.what {
            Machine::Directory => Made::directory(key),
            Machine::File(_) | Machine::Refused => Made::file(key),
            Machine::Link(_) => Made::link(key),
        };
        Made {
            mode: name.mode,
            ..made
        }
    }

    /// All names of a directory of the machine.
    fn machine_names(&self, directory: &'static str) -> Vec<(Vec<u8>, Made)> {
        self.names_of(MACHINE, Place::Machine, directory)
    }

    /// All names of a directory of `/sys`.
    fn system_names(&self, directory: &'static str) -> Vec<(Vec<u8>, Made)> {
        self.names_of(SYSTEM, Place::System, directory)
    }

    fn names_of(
        &self,
        tables: &'static [&'static [Name<Machine>]],
        place: fn(u64) -> Place,
        directory: &'static str,
    ) -> Vec<(Vec<u8>, Made)> {
        numbered(tables)
            .filter_map(|(number, name)| {
                let last = within(name.path, directory)?;
                Some((last.into(), self.made_of_machine(place(number), name)))
            })
            .collect()
    }

    fn content_of(&self, name: Option<&Name<Machine>>) -> Result<Vec<u8>, FsError> {
        match name.map(|name| &name.what) {
            Some(Machine::File(make)) => Ok(make(self).into_bytes()),
            Some(Machine::Refused) => Err(FsError::NotPermitted),
            _ => Err(FsError::NotFound),
        }
    }

    /// A name at the top: of the machine, or a number.
    fn top(&self, name: &[u8]) -> Option<Made> {
        if let Some(pid) = number_of(name) {
            let whose = Whose { pid, thread: None };
            return Subject::find(self, whose).map(|subject| subject.made_directory());
        }
        let (number, name) = numbered(MACHINE).find(|(_, known)| known.path.as_bytes() == name)?;
        Some(self.made_of_machine(Place::Machine(number), name))
    }

    fn subject(&self, whose: Whose) -> Result<Subject<'_>, FsError> {
        Subject::find(self, whose).ok_or(FsError::NoProcess)
    }
}

impl Generator for Proc<'_> {
    fn lookup(&self, directory: Key, name: &[u8]) -> Result<Option<Made>, FsError> {
        Ok(match Place::of(directory) {
            Place::Top => self.top(name),
            Place::Machine(_) | Place::System(_) | Place::SystemTop => self
                .list(directory)?
                .into_iter()
                .find(|(known, _)| known == name)
                .map(|(_, made)| made),
            // [Linux fs/proc/base.c, proc_pid_permission]
            Place::Of(whose) => self.subject(whose)?.name_in("", name),
            Place::Name(whose, number) => {
                let (Some(subject), Some(known)) =
                    (Subject::find(self, whose), known(PROCESS, number))
                else {
                    return Ok(None);
                };
                match known.what {
                    Own::Directory => subject.name_in(known.path, name),
                    Own::Descriptors => number_or_zero(name).and_then(|fd| subject.descriptor(fd)),
                    Own::DescriptorInfos => {
                        number_or_zero(name).and_then(|fd| subject.descriptor_info(fd))
                    }
                    Own::Threads => number_of(name).and_then(|tid| subject.thread(tid)),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    fn list(&self, directory: Key) -> Result<Vec<(Vec<u8>, Made)>, FsError> {
        let subject = |whose| Subject::find(self, whose).ok_or(FsError::NotFound);
        Ok(match Place::of(directory) {
            Place::Top => {
                let mut names = self.machine_names("");
                for process in self.kernel.linux.processes.iter() {
                    let pid = process.borrow().pid;
                    if let Some(subject) = Subject::find(self, Whose { pid, thread: None }) {
                        names.push((pid.to_string().into(), subject.made_directory()));
                    }
                }
                names
            }
            Place::Machine(number) => match known(MACHINE, number) {
                Some(name) => self.machine_names(name.path),
                None => Vec::new(),
            },
            Place::SystemTop => self.system_names(""),
            Place::System(number) => match known(SYSTEM, number) {
                Some(name) => self.system_names(name.path),
                None => Vec::new(),
            },
            Place::Of(whose) => subject(whose)?.names_in(""),
            Place::Name(whose, number) => {
                let subject = subject(whose)?;
                let Some(known) = known(PROCESS, number) else {
                    return Ok(Vec::new());
                };
                match known.what {
                    Own::Directory => subject.names_in(known.path),
                    Own::Descriptors => subject.descriptors(Subject::descriptor),
                    Own::DescriptorInfos => subject.descriptors(Subject::descriptor_info),
                    Own::Threads => subject.threads(),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        })
    }

    fn content(&self, file: Key) -> Result<Vec<u8>, FsError> {
        match Place::of(file) {
            Place::Machine(number) => self.content_of(known(MACHINE, number)),
            Place::System(number) => self.content_of(known(SYSTEM, number)),
            Place::DescriptorInfo(whose, fd) => self.subject(whose)?.descriptor_text(fd),
            Place::Name(whose, number) => {
                let subject = self.subject(whose)?;
                match known(PROCESS, number).map(|name| &name.what) {
                    Some(Own::File(make)) => make(&subject),
                    // Who reads it reads memory, and not this.
                    Some(Own::Memory) => Ok(Vec::new()),
                    Some(Own::Refused) => Err(FsError::NotPermitted),
                    _ => Err(FsError::NotFound),
                }
            }
            _ => Err(FsError::NotFound),
        }
    }

    fn link(&self, link: Key) -> Result<Target, FsError> {
        let subject = |whose| Subject::find(self, whose).ok_or(FsError::NotFound);
        match Place::of(link) {
            Place::Machine(number) => match known(MACHINE, number).map(|name| &name.what) {
                Some(Machine::Link(make)) => Ok(Target::Text(make(self).into_bytes())),
                _ => Err(FsError::NotFound),
            },
            Place::Descriptor(whose, fd) => subject(whose)?.descriptor_target(fd),
            Place::Name(whose, number) => match known(PROCESS, number).map(|name| &name.what) {
                Some(Own::Link(find)) => find(&subject(whose)?),
                _ => Err(FsError::NotFound),
            },
            _ => Err(FsError::NotFound),
        }
    }

    fn terminal(&self) -> Option<u32> {
        self.task.linux.process.borrow().terminal
    }
}

/// A descriptor's number as a name.
fn number_or_zero(name: &[u8]) -> Option<i32> {
    match name {
        b"0" => Some(0),
        name => number_of(name),
    }
}
