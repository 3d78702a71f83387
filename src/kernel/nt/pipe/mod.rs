//! Named pipes: instances with two ends, what is on its way in them, and who finds them by their names.
//! [Microsoft Learn, Named Pipes; ntifs.h: FILE_PIPE_TYPE_MESSAGE and following]

mod calls;
mod control;
mod requests;
mod transfer;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use super::completion::Completion;
use super::pool::Kept;
use crate::kernel::Kernel;
use crate::kernel::wait::WaitQueue;
pub(super) use calls::{create, open, query, set};
pub(super) use control::{control, device};
use requests::Request;
pub(super) use transfer::Moved;

/// Bytes that one direction holds before a writer has to wait.
const CAPACITY: usize = 0x1_0000;
/// The most bytes that are written at once.
const MAX_WRITE: u64 = 1 << 20;
/// The most pipes, whatever their names.
const MAX_PIPES: usize = 0x200;

/// What is on its way, by writes.
type Queue = RefCell<VecDeque<Kept<Vec<u8>>>>;

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
    queues: [Queue; 2],
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
    /// Requests that are not over yet.
    under_way: Cell<u32>,
    /// The port that is told of transfers, and what the end is called there.
    pub(super) port: RefCell<Option<(Rc<Completion>, u64)>>,
    /// How that is told.
    pub(super) port_modes: Cell<u32>,
}

impl End {
    fn new(instance: Rc<Instance>, side: usize, synchronous: bool) -> End {
        End {
            instance,
            side,
            by_message: Cell::new(false),
            never_waits: Cell::new(false),
            synchronous,
            under_way: Cell::new(0),
            port: RefCell::default(),
            port_modes: Cell::default(),
        }
    }

    /// What all pipes of its name have in common.
    pub(super) fn shared(&self) -> Rc<dyn Any> {
        self.instance.named.clone()
    }

    /// Requests that are not over yet.
    pub(super) fn under_way(&self) -> &Cell<u32> {
        &self.under_way
    }

    fn incoming(&self) -> &Queue {
        &self.instance.queues[self.side]
    }

    fn outgoing(&self) -> &Queue {
        &self.instance.queues[1 - self.side]
    }

    fn state(&self) -> State {
        self.instance.state.get()
    }

    /// Bytes that can be read.
    fn available(&self) -> usize {
        self.incoming()
            .borrow()
            .iter()
            .map(|piece| piece.len())
            .sum()
    }

    fn listen(&self) {
        self.instance.state.set(State::Listening);
        for queue in &self.instance.queues {
            queue.borrow_mut().clear();
        }
        self.instance.listening.wake();
    }
}

impl End {
    /// It is closed with its last handle. What was written can still be read.
    fn close(&self) {
        let instance = &self.instance;
        if self.side == 0 {
            instance.server.set(false);
        }
        // Whom nobody reads has written for nothing.
        self.incoming().borrow_mut().clear();
        if matches!(instance.state.get(), State::Connected | State::Listening) {
            instance.state.set(State::Closing);
        }
        instance.changed.wake();
    }
}

impl Kernel {
    /// The last handle of an end is closed: whatever waits at either one looks what has become of it.
    pub(super) fn end_closed(&mut self, end: &End) {
        end.close();
        self.complete(&end.instance);
        end.port.take();
    }
}

/// Names of the device.
const DEVICES: [&str; 4] = [
    "\\Device\\NamedPipe",
    "\\??\\pipe",
    "\\DosDevices\\pipe",
    "\\GLOBAL??\\pipe",
];

/// The name below the device of named pipes, in capital letters; empty for the device itself.
pub(super) fn name(path: &[u16]) -> Option<Vec<u16>> {
    below(path, DEVICES)
}

/// The name below a device that has several names, in capital letters; empty for the device itself.
pub(super) fn below<const N: usize>(path: &[u16], devices: [&str; N]) -> Option<Vec<u16>> {
    let upper = |unit: &u16| match *unit {
        unit @ 0x61..=0x7a => unit - 0x20,
        unit => unit,
    };
    let path: Vec<u16> = path.iter().map(upper).collect();
    devices.iter().find_map(|device| {
        let device: Vec<u16> = device.to_ascii_uppercase().encode_utf16().collect();
        match path.strip_prefix(&device[..])? {
            [] => Some(Vec::new()),
            [0x5c, name @ ..] => Some(name.to_vec()),
            _ => None,
        }
    })
}
