//! Named pipes: instances with two ends, what is on its way in them, and who finds them by their names.
//! [Microsoft Learn, Named Pipes; ntifs.h: FILE_PIPE_TYPE_MESSAGE and following]

mod calls;
mod control;
mod requests;
mod transfer;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use crate::kernel::wait::WaitQueue;
pub(super) use calls::{cancel, create, open, query, set};
pub(super) use control::{control, device};
use requests::Request;
pub(super) use transfer::Moved;

/// Bytes that one direction holds before a writer has to wait.
const CAPACITY: usize = 0x1_0000;
/// The most bytes that are written at once.
const MAX_WRITE: u64 = 1 << 20;
/// The most pipes, whatever their names.
const MAX_PIPES: usize = 0x200;

/// All names, in capital letters.
#[derive(Default)]
pub(super) struct Pipes {
    named: BTreeMap<Vec<u16>, Rc<Named>>,
    /// As many others have it as there are pipes.
    alive: Rc<()>,
    /// Who waits for an instance that can be connected to.
    listening: Rc<WaitQueue>,
}

/// What instances of one name have in common.
struct Named {
    /// Whether what is written stays together.
    messages: bool,
    /// `FILE_PIPE_INBOUND`, `FILE_PIPE_OUTBOUND`, `FILE_PIPE_FULL_DUPLEX`.
    configuration: u32,
    most: u32,
    quotas: (u32, u32),
    instances: RefCell<Vec<Weak<Instance>>>,
}

impl Named {
    fn alive(&self) -> Vec<Rc<Instance>> {
        self.instances
            .borrow()
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|instance| instance.server.get())
            .collect()
    }
}

/// `FILE_PIPE_DISCONNECTED_STATE` and following.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Disconnected = 1,
    Listening,
    Connected,
    Closing,
}

/// A pipe between two ends.
struct Instance {
    named: Rc<Named>,
    state: Cell<State>,
    /// Counts it.
    _alive: Rc<()>,
    /// Whether the server's end is still open.
    server: Cell<bool>,
    /// What is on its way to the server, and to the client, by writes.
    queues: [RefCell<VecDeque<Vec<u8>>>; 2],
    /// Who waits for a change.
    changed: WaitQueue,
    /// What is to be completed.
    requests: RefCell<Vec<Request>>,
    /// Who waits for an instance that can be connected to.
    listening: Rc<WaitQueue>,
}

/// An end of a pipe.
pub(super) struct End {
    instance: Rc<Instance>,
    /// Which end it is: 0 that of the server, 1 that of the client.
    side: usize,
    /// Whether a read ends with what one write has written.
    by_message: Cell<bool>,
    /// Whether nothing waits.
    never_waits: Cell<bool>,
    /// Whether calls wait, and not those who made them.
    synchronous: bool,
}

impl End {
    fn incoming(&self) -> &RefCell<VecDeque<Vec<u8>>> {
        &self.instance.queues[self.side]
    }

    fn outgoing(&self) -> &RefCell<VecDeque<Vec<u8>>> {
        &self.instance.queues[1 - self.side]
    }

    fn state(&self) -> State {
        self.instance.state.get()
    }

    /// Bytes that can be read.
    fn available(&self) -> usize {
        self.incoming().borrow().iter().map(Vec::len).sum()
    }

    fn listen(&self) {
        self.instance.state.set(State::Listening);
        for queue in &self.instance.queues {
            queue.borrow_mut().clear();
        }
        self.instance.listening.wake();
    }
}

/// An end is closed with its last handle. What was written can still be read.
impl Drop for End {
    fn drop(&mut self) {
        let instance = &self.instance;
        if self.side == 0 {
            instance.server.set(false);
        }
        // Whom nobody reads has written for nothing.
        self.incoming().borrow_mut().clear();
        if instance.state.get() == State::Connected {
            instance.state.set(State::Closing);
        }
        instance.changed.wake();
    }
}

/// The name below the device of named pipes, in capital letters; empty for the device itself.
pub(super) fn name(path: &[u16]) -> Option<Vec<u16>> {
    const DEVICES: [&str; 4] = [
        "\\Device\\NamedPipe",
        "\\??\\pipe",
        "\\DosDevices\\pipe",
        "\\GLOBAL??\\pipe",
    ];
    let upper = |unit: &u16| match *unit {
        unit @ 0x61..=0x7a => unit - 0x20,
        unit => unit,
    };
    let path: Vec<u16> = path.iter().map(upper).collect();
    DEVICES.iter().find_map(|device| {
        let device: Vec<u16> = device.to_ascii_uppercase().encode_utf16().collect();
        match path.strip_prefix(&device[..])? {
            [] => Some(Vec::new()),
            [0x5c, name @ ..] => Some(name.to_vec()),
            _ => None,
        }
    })
}
