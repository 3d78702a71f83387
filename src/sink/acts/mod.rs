//! What do calls do outside of their task: to files, sockets, programs, other tasks, to memory that is run?

mod address;
mod kind;
mod nt;
mod reading;

use std::collections::BTreeMap;

use emu_prototypes::CallInfo;

use super::whole::Whole;
use crate::decode;
use crate::event::CallEvent;
use crate::kernel::task::Tid;
use crate::view::View;
use kind::Kind;
use reading::Reading;

/// Bytes of a path, or of what else has a name.
pub(super) type Name = Vec<u8>;

/// Whether a file that was opened was made by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    No,
    /// It was, unless it was there before.
    Perhaps,
    Yes,
}

/// What was done with an object; of several things the greatest is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Did {
    /// It was to be made or opened, and was not.
    #[default]
    AskedFor,
    Opened,
    Made,
}

/// One thing that a call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// A file was opened.
    Opened {
        path: Name,
        writes: bool,
        made: Made,
    },
    /// Bytes were read or written.
    Moved {
        name: Name,
        bytes: u64,
        out: bool,
    },
    /// A directory, a node or a link was made.
    Made {
        path: Name,
        what: &'static str,
    },
    Deleted {
        path: Name,
    },
    /// A file was to be deleted, and was not.
    Kept {
        path: Name,
    },
    Renamed {
        from: Name,
        to: Name,
    },
    /// Its mode, owner or length.
    Changed {
        path: Name,
        what: &'static str,
    },
    /// A program was started.
    Executed {
        path: Name,
        argv: Vec<Name>,
        /// Whether no path leads to the file any more, or never did.
        nameless: bool,
    },
    /// A socket was made.
    Socket {
        name: Name,
        kind: &'static str,
    },
    Connected {
        name: Name,
        to: Name,
    },
    Bound {
        name: Name,
        to: Name,
    },
    Listened {
        name: Name,
    },
    Accepted {
        name: Name,
        from: Name,
    },
    /// A datagram was sent to an address.
    Sent {
        name: Name,
        to: Name,
    },
    /// The name of a host was asked for.
    Asked {
        host: Name,
    },
    /// A signal was sent to another task: a process, a group (negative), all (-1).
    Killed {
        target: i64,
        signal: u64,
    },
    /// A task wants to be traced, or traces another.
    Traced {
        own: bool,
    },
    /// Looks for a debugger, or hides from it.
    Hid {
        how: &'static str,
    },
    /// Memory became executable.
    Executable {
        address: u64,
        writable: bool,
    },
    /// The task changed its name.
    Named {
        name: Name,
    },
    /// Something that only who rules the machine may.
    Ruled {
        how: &'static str,
        name: Name,
    },
    /// An object of Windows.
    Object {
        kind: &'static str,
        name: Name,
        did: Did,
    },
    /// A value of the registry was set or deleted.
    Value {
        key: Name,
        value: Name,
        set: bool,
    },
}

/// What was seen when a call began, since it may be gone when it ends.
#[derive(Default)]
pub(super) struct Seen {
    paths: Vec<Name>,
    /// What its descriptors are open on.
    files: [Option<Name>; 2],
    argv: Vec<Name>,
    address: Option<Name>,
    hosts: Vec<Name>,
    /// Flags and the like.
    word: u64,
    nameless: bool,
}

/// Makes acts of calls.
#[derive(Default)]
pub(super) struct Acts {
    /// The kind of each call that was seen, by its id.
    kinds: Vec<Option<Kind>>,
    pending: BTreeMap<Tid, Seen>,
    handles: nt::Handles,
}

impl Acts {
    fn kind(&mut self, info: Option<&'static CallInfo>) -> Kind {
        let Some(info) = info else {
            return Kind::Other;
        };
        let at = usize::from(info.id);
        if self.kinds.len() <= at {
            self.kinds.resize(at + 1, None);
        }
        *self.kinds[at].get_or_insert_with(|| kind::of(info))
    }

    /// A call begins.
    pub(super) fn begin(&mut self, process: Tid, call: &CallEvent, view: &mut View<'_>) {
        let kind = self.kind(call.info);
        let seen = match kind {
            Kind::Windows => self.handles.begin(process, call, view),
            Kind::Other | Kind::Socket | Kind::Accept => return,
            _ => Reading { call, view }.begin(kind),
        };
        self.pending.insert(call.task, seen);
    }

    /// A call has ended: what it did, and the path that it was about, whether it did something or not.
    pub(super) fn end(
        &mut self,
        process: Tid,
        whole: &Whole<'_>,
        view: &mut View<'_>,
        acts: &mut Vec<Act>,
    ) -> Option<Name> {
        let call = whole.call;
        let kind = self.kind(call.info);
        let mut seen = self.pending.remove(&call.task).unwrap_or_default();
        let value = match decode::success(call, whole.end) {
            None if call.execs() && !whole.failed => match whole.end {
                crate::event::End::NeverReturns => Some(0),
                _ => None,
            },
            value => value,
        };
        let path = seen.paths.last().cloned();
        match (kind, value) {
            (Kind::Windows, Some(_)) => self.handles.end(process, call, seen, view, acts),
            (Kind::Delete, None) => {
                let path = seen.paths.pop();
                acts.extend(path.map(|path| Act::Kept { path }));
            }
            (Kind::Windows, None) => nt::tried(call, &mut seen, acts),
            // What is done without waiting, and what is only tried, tells as much.
            (Kind::Connect | Kind::Ptrace | Kind::Kill(..), _) => {
                Reading { call, view }.end(kind, value.unwrap_or(0), &mut seen, acts);
            }
            (Kind::SendTo | Kind::SendMessage | Kind::SendMessages | Kind::Write, None) => {
                Reading::tried(&mut seen, acts);
            }
            (_, Some(value)) => Reading { call, view }.end(kind, value, &mut seen, acts),
            _ => {}
        }
        path
    }

    /// A process has ended.
    pub(super) fn gone(&mut self, task: Tid) {
        self.pending.remove(&task);
        self.handles.gone(task);
    }
}
