//! What kinds of objects are there, and what can be done with each?   [winnt.h, access rights of each kind]

use super::handles::Object;
use super::reserve::What;
use super::sync::State;

/// A kind of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    SymbolicLink,
    Token,
    Job,
    Process,
    Thread,
    Event,
    Mutant,
    Semaphore,
    Timer,
    KeyedEvent,
    Key,
    Section,
    IoCompletion,
    File,
    Port,
    AlpcPort,
    DebugObject,
    CallReserve,
    PacketReserve,
    WaitPacket,
}

/// All kinds, in the order in which they are counted.
pub(super) const KINDS: [Kind; 21] = [
    Kind::Directory,
    Kind::SymbolicLink,
    Kind::Token,
    Kind::Job,
    Kind::Process,
    Kind::Thread,
    Kind::Event,
    Kind::Mutant,
    Kind::Semaphore,
    Kind::Timer,
    Kind::KeyedEvent,
    Kind::Key,
    Kind::Section,
    Kind::IoCompletion,
    Kind::File,
    Kind::Port,
    Kind::AlpcPort,
    Kind::DebugObject,
    Kind::CallReserve,
    Kind::PacketReserve,
    Kind::WaitPacket,
];

/// `DELETE`, `READ_CONTROL`, `WRITE_DAC`, `WRITE_OWNER`; and `SYNCHRONIZE`.
const STANDARD: u32 = 0xf_0000;
pub(super) const SYNCHRONIZE: u32 = 0x10_0000;
const READ_CONTROL: u32 = 0x2_0000;
/// Access that stands for other access.
const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_EXECUTE: u32 = 0x2000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
pub(super) const MAXIMUM_ALLOWED: u32 = 0x0200_0000;
/// A privilege, and nobody's otherwise: of lists of what is recorded.
pub(super) const ACCESS_SYSTEM_SECURITY: u32 = 0x0100_0000;

impl Kind {
    pub(super) fn of(object: &Object) -> Kind {
        match object {
            Object::File(_)
            | Object::Pipe(_)
            | Object::PipeDevice
            | Object::Mailslot(_)
            | Object::Writer(_)
            | Object::Console(_) => Kind::File,
            Object::Token(_) => Kind::Token,
            Object::Job(_) => Kind::Job,
            Object::Dispatcher(dispatcher) => match dispatcher.state {
                State::Event { .. } => Kind::Event,
                State::Mutant { .. } => Kind::Mutant,
                State::Semaphore { .. } => Kind::Semaphore,
            },
            Object::Key(_) => Kind::Key,
            Object::Section(_) => Kind::Section,
            Object::Process(_) => Kind::Process,
            Object::Thread(_) => Kind::Thread,
            Object::Timer(_) => Kind::Timer,
            Object::KeyedEvent(_) => Kind::KeyedEvent,
            Object::Completion(_) => Kind::IoCompletion,
            Object::Directory(_) => Kind::Directory,
            Object::Link(_) => Kind::SymbolicLink,
            Object::Port(port) if port.is_alpc() => Kind::AlpcPort,
            Object::Port(_) => Kind::Port,
            Object::Debug(_) => Kind::DebugObject,
            Object::Reserve(reserve) => match reserve.what {
                What::Call => Kind::CallReserve,
                What::Packet => Kind::PacketReserve,
            },
            Object::WaitPacket(_) => Kind::WaitPacket,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Directory => "Directory",
            Kind::SymbolicLink => "SymbolicLink",
            Kind::Token => "Token",
            Kind::Job => "Job",
            Kind::Process => "Process",
            Kind::Thread => "Thread",
            Kind::Event => "Event",
            Kind::Mutant => "Mutant",
            Kind::Semaphore => "Semaphore",
            Kind::Timer => "Timer",
            Kind::KeyedEvent => "KeyedEvent",
            Kind::Key => "Key",
            Kind::Section => "Section",
            Kind::IoCompletion => "IoCompletion",
            Kind::File => "File",
            Kind::Port => "Port",
            Kind::AlpcPort => "ALPC Port",
            Kind::DebugObject => "DebugObject",
            Kind::CallReserve => "UserApcReserve",
            Kind::PacketReserve => "IoCompletionReserve",
            Kind::WaitPacket => "WaitCompletionPacket",
        }
    }

    /// All access.
    pub(super) fn all(self) -> u32 {
        match self {
            Kind::Directory => STANDARD | 0xf,
            Kind::SymbolicLink => STANDARD | 1,
            Kind::Token => STANDARD | 0x1ff,
            Kind::Job => STANDARD | SYNCHRONIZE | 0x3f,
            Kind::Process | Kind::Thread => STANDARD | SYNCHRONIZE | 0xffff,
            Kind::Event | Kind::Semaphore | Kind::Timer | Kind::IoCompletion => {
                STANDARD | SYNCHRONIZE | 3
            }
            Kind::Mutant | Kind::Port | Kind::AlpcPort => STANDARD | SYNCHRONIZE | 1,
            Kind::KeyedEvent | Kind::CallReserve | Kind::PacketReserve => STANDARD | 3,
            Kind::WaitPacket => STANDARD | 1,
            Kind::DebugObject => STANDARD | SYNCHRONIZE | 0xf,
            Kind::Key => STANDARD | 0x3f,
            Kind::Section => STANDARD | 0x1f,
            Kind::File => STANDARD | SYNCHRONIZE | 0x1ff,
        }
    }

    /// What reading, writing and executing stand for.
    pub(super) fn generic(self) -> [u32; 3] {
        let (read, write, execute) = match self {
            Kind::Directory => (3, 0xc, 3),
            Kind::SymbolicLink => (1, 0, 1),
            Kind::Token => (0x8, 0xe0, 0x4),
            Kind::Job => (4, 0xb, SYNCHRONIZE),
            Kind::Process => (0x410, 0xbeb, SYNCHRONIZE | 0x1001),
            Kind::Thread => (0x48, 0x37, SYNCHRONIZE | 0x804),
            Kind::Event | Kind::Semaphore | Kind::Timer => (1, 2, SYNCHRONIZE),
            Kind::IoCompletion => (1, 2, SYNCHRONIZE),
            Kind::Mutant => (1, 0, SYNCHRONIZE),
            Kind::Port | Kind::AlpcPort => (1, 1, 0),
            Kind::KeyedEvent | Kind::CallReserve | Kind::PacketReserve => (1, 2, 0),
            Kind::WaitPacket => (0, 1, 0),
            Kind::DebugObject => (1, 2, SYNCHRONIZE),
            Kind::Key => (0x19, 6, 0x19),
            Kind::Section => (5, 2, 8),
            Kind::File => (SYNCHRONIZE | 0x89, SYNCHRONIZE | 0x116, SYNCHRONIZE | 0xa0),
        };
        [read, write, execute].map(|access| access | READ_CONTROL)
    }

    /// The same, and what all of it stands for.   [winnt.h: GENERIC_MAPPING]
    pub(super) fn mapping(self) -> [u32; 4] {
        let [read, write, execute] = self.generic();
        [read, write, execute, self.all()]
    }

    /// The access that a wish for it gets: all of it, by its own names.
    pub(super) fn granted(self, wish: u32) -> u32 {
        let [read, write, execute] = self.generic();
        let mut access = wish & (self.all() | SYNCHRONIZE | ACCESS_SYSTEM_SECURITY);
        for (asked, gets) in [
            (GENERIC_READ, read),
            (GENERIC_WRITE, write),
            (GENERIC_EXECUTE, execute),
            (GENERIC_ALL | MAXIMUM_ALLOWED, self.all()),
        ] {
            if wish & asked != 0 {
                access |= gets;
            }
        }
        access
    }
}
