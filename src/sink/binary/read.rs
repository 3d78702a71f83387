//! The reader. A trace may be anybody's: whatever it holds, it is read or refused.

use std::io::{self, BufReader, Read};

use emu_cpu::Endian;
use emu_profiles::{ArgumentFault, Profile};
use emu_prototypes::linux::{Abi, Errno};
use emu_prototypes::nt::NtStatus;
use emu_prototypes::{Args, CallInfo, MAX_ARGS, Row};
use lz4_flex::frame::FrameDecoder;

use super::keep::{Kept, Past, Piece};
use super::state::{Site, State, World, abis, errno};
use super::wire::{Source, wrong};
use super::{ANSWERS, Kind, MAGIC, MORE, TASK, WORLD, answer, end, has};
use crate::event::{CallEvent, End, Event, ExitStatus, Inside, Tampered};
use crate::kernel::linux::signals::{Extra, Info, Raw};
use crate::kernel::nt::exception::Record;
use crate::kernel::task::Tid;
use crate::view::{Frame, Now, Opened, Place, SocketAbout, View};

/// The longest path and the longest note.
const LINE: usize = 1 << 20;
/// Numbers of signals lie below, on every ABI: MIPS has 127 of them.
const SIGNALS: u32 = 128;
/// Things an exception tells at most.   [winnt.h, EXCEPTION_MAXIMUM_PARAMETERS]
const INFORMATION: u64 = 15;

/// Reads events one by one.
pub(crate) struct Reader<R: Read> {
    source: Source<BufReader<FrameDecoder<R>>>,
    state: State,
    kept: Kept,
    /// A profile that is not built in.
    own: Option<&'static Profile>,
    now: Now,
}

/// An event that was read, and what may be looked at with it.
pub(crate) struct Told<'a> {
    pub(crate) event: Owned,
    now: Now,
    abi: &'static Abi,
    world: World,
    kept: &'a Kept,
    state: &'a mut State,
}

/// An event that owns what it tells.
pub(crate) enum Owned {
    Born(Tid, Tid, Option<Tid>),
    Start(Tid, &'static Profile, Vec<u8>),
    Enter(Box<CallEvent>),
    Exit(Box<CallEvent>, End, bool, u64),
    Signal(Tid, Info, u64),
    Exception(Tid, Record),
    Stopped(Tid, &'static str),
    TaskEnd(Tid, ExitStatus),
    Note(String),
}

impl Told<'_> {
    /// What is known of the call, when the event is one of a call.
    pub(crate) fn call(&self) -> Option<Option<&'static CallInfo>> {
        match &self.event {
            Owned::Enter(call) | Owned::Exit(call, ..) => Some(call.info),
            _ => None,
        }
    }

    /// Tells it.
    pub(crate) fn tell<T>(&mut self, tell: impl FnOnce(&Event<'_>, &mut View<'_>) -> T) -> T {
        let task = self.state.task;
        let mut guest = Past {
            kept: self.kept,
            task: self.state.task(task),
            endian: match self.world.big_endian {
                true => Endian::Big,
                false => Endian::Little,
            },
            pointer: self.world.pointer,
        };
        let mut view = View {
            guest: &mut guest,
            abi: self.abi,
            now: self.now,
        };
        let event = match &self.event {
            Owned::Born(task, process, parent) => Event::Born {
                task: *task,
                process: *process,
                parent: *parent,
            },
            Owned::Start(task, profile, path) => Event::Start {
                task: *task,
                profile,
                path,
            },
            Owned::Enter(call) => Event::Enter(call),
            Owned::Exit(call, end, missing, time) => Event::Exit {
                call,
                end: *end,
                missing: *missing,
                time: *time,
            },
            Owned::Signal(task, info, pc) => Event::Signal {
                task: *task,
                info,
                pc: *pc,
            },
            Owned::Exception(task, record) => Event::Exception {
                task: *task,
                record,
            },
            Owned::Stopped(task, signal) => Event::Stopped {
                task: *task,
                signal,
            },
            Owned::TaskEnd(task, status) => Event::TaskEnd {
                task: *task,
                status: *status,
            },
            Owned::Note(text) => Event::Note { text },
        };
        tell(&event, &mut view)
    }
}

impl Drop for Told<'_> {
    /// What is known of a task is forgotten when its end has been told.
    fn drop(&mut self) {
        if let Owned::TaskEnd(task, _) = &self.event {
            self.state.tasks.remove(task);
        }
    }
}

impl<R: Read> Reader<R> {
    /// Begins to read. `own` is a profile that the trace may name beside those that are built in.
    pub(crate) fn new(mut from: R, own: Option<&'static Profile>) -> io::Result<Self> {
        let mut magic = [0; MAGIC.len()];
        let begin = from.read_exact(&mut magic);
        let version = MAGIC.len() - 2;
        match begin {
            Ok(()) if magic == *MAGIC => {}
            Ok(()) if magic[..version] == MAGIC[..version] => {
                return Err(wrong("a trace in a form of another version of emu"));
            }
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => return Err(wrong("not a binary trace: it was not made by --format bin")),
        }
        Ok(Reader {
            source: Source::new(BufReader::with_capacity(1 << 16, FrameDecoder::new(from))),
            state: State::default(),
            kept: Kept::default(),
            own,
            now: Now::default(),
        })
    }

    /// The next event; `None` behind the last one.
    pub(crate) fn next(&mut self) -> io::Result<Option<Told<'_>>> {
        let Some(head) = self.source.first()? else {
            // What is not even begun ends the same way as what is complete.
            return match self.state.world {
                Some(_) => Ok(None),
                None => Err(io::ErrorKind::UnexpectedEof.into()),
            };
        };
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| *kind as u8 == head & 0xf)
            .ok_or_else(|| wrong("an event of a kind that there is not"))?;
        if head & TASK != 0 {
            self.state.task = self.source.small_signed()?;
        }
        let task = self.state.task;
        let (abi, world) = self.world(head)?;
        self.kept.clear();
        // Answers come before the call whose arguments their addresses are.
        let answers = match head & ANSWERS {
            0 => 0,
            _ => self.source.number()?,
        };
        let mut memory = Vec::new();
        for _ in 0..answers {
            self.answer(&mut memory)?;
        }
        let event = match kind {
            Kind::Born => {
                let process = self.source.small_signed()?;
                let parent = Some(self.source.small_signed()?).filter(|parent| *parent != 0);
                Owned::Born(task, process, parent)
            }
            Kind::Start => {
                let profile = self.profile()?;
                Owned::Start(task, profile, self.line()?)
            }
            Kind::Enter => {
                let call = self.call()?;
                self.state.task(task).call = Some(call.clone());
                Owned::Enter(Box::new(call))
            }
            Kind::Exit => self.exit(head & MORE != 0)?,
            Kind::Signal => self.signal(abi)?,
            Kind::Exception => {
                let code = NtStatus(self.source.small()?);
                let address = self.source.number()?;
                let count = self.source.number()?;
                if count > INFORMATION {
                    return Err(wrong("an exception tells too much"));
                }
                let mut information = Vec::new();
                for _ in 0..count {
                    information.push(self.source.number()?);
                }
                let record = Record {
                    code,
                    address,
                    information,
                };
                Owned::Exception(task, record)
            }
            Kind::Stopped => {
                let name = self.string()?;
                Owned::Stopped(task, signal_name(abi, None, &name))
            }
            Kind::TaskEnd => Owned::TaskEnd(task, self.status(abi)?),
            Kind::Note => {
                let text = String::from_utf8(self.line()?);
                Owned::Note(text.map_err(|_| wrong("a note is no text"))?)
            }
        };
        self.remember(&event, memory)?;
        Ok(Some(Told {
            event,
            now: self.now,
            abi,
            world,
            kept: &self.kept,
            state: &mut self.state,
        }))
    }

    fn world(&mut self, head: u8) -> io::Result<(&'static Abi, World)> {
        if head & WORLD != 0 {
            let abi = self.source.small()?;
            let bits = self.source.number()?;
            let world = World {
                abi,
                big_endian: bits & 1 != 0,
                counted: bits & 2 != 0,
                pointer: bits >> 2,
            };
            if !matches!(world.pointer, 4 | 8) {
                return Err(wrong("a pointer of a size that there is not"));
            }
            if self.state.world.is_none() {
                self.now.epoch = self.source.number()?;
            }
            self.state.world = Some(world);
        }
        let world = self.state.world.ok_or_else(|| wrong("no begin"))?;
        let abi = abis().nth(world.abi).ok_or_else(|| wrong("no such ABI"))?;
        self.now.time = self.source.step(self.now.time)?;
        self.now.instructions = match world.counted {
            true => {
                self.state.instructions = self.source.step(self.state.instructions)?;
                Some(self.state.instructions)
            }
            false => None,
        };
        Ok((abi, world))
    }

    fn string(&mut self) -> io::Result<std::rc::Rc<[u8]>> {
        let number = self.source.small()?;
        if let Some(known) = self.state.strings.get(number) {
            return Ok(known.clone());
        }
        if number != self.state.strings.len() {
            return Err(wrong("a string that was not told"));
        }
        let string: std::rc::Rc<[u8]> = self.source.bytes()?.into();
        self.state.strings.add(string.clone());
        Ok(string)
    }

    fn text(&mut self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&self.string()?).into_owned())
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let bytes = self.source.bytes()?;
        match bytes.len() > LINE {
            true => Err(wrong("a line is too long")),
            false => Ok(bytes),
        }
    }

    fn maybe(&mut self) -> io::Result<Option<std::rc::Rc<[u8]>>> {
        match self.source.byte()? {
            0 => Ok(None),
            _ => self.string().map(Some),
        }
    }

    fn place(&mut self) -> io::Result<Option<Place>> {
        let Some(module) = self.maybe()? else {
            return Ok(None);
        };
        let offset = self.source.number()?;
        let in_file = self.source.step(offset)?;
        Ok(Some(Place {
            module,
            offset,
            in_file,
        }))
    }

    fn opened(&mut self) -> io::Result<Option<Opened>> {
        Ok(Some(match self.source.byte()? {
            0 => return Ok(None),
            1 => Opened::Other,
            2 => Opened::Character {
                major: self.source.small()?,
                minor: self.source.small()?,
            },
            3 => Opened::Block {
                major: self.source.small()?,
                minor: self.source.small()?,
            },
            4 => Opened::Process(self.source.small_signed()?),
            5 => {
                let protocol = self.text()?;
                let number = self.source.small()?;
                let inode = self.source.number()?;
                let text = |bytes: Option<std::rc::Rc<[u8]>>| {
                    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                };
                Opened::Socket(SocketAbout {
                    protocol,
                    number,
                    inode,
                    local: text(self.maybe()?),
                    remote: text(self.maybe()?),
                    name: self.string()?.to_vec(),
                })
            }
            _ => return Err(wrong("a descriptor of a kind that there is not")),
        }))
    }

    fn frame(&mut self) -> io::Result<Frame> {
        let address = self.source.number()?;
        let certain = self.source.byte()? != 0;
        let place = self.place()?;
        let function = match self.source.byte()? {
            0 => None,
            _ => Some((self.text()?, self.source.number()?)),
        };
        let line = match self.source.byte()? {
            0 => None,
            _ => Some((self.text()?, self.source.small()?)),
        };
        Ok(Frame {
            address,
            place,
            function,
            line,
            certain,
        })
    }

    /// An answer. Memory that an argument points to gets its address when the call is known.
    fn answer(&mut self, memory: &mut Vec<Pending>) -> io::Result<()> {
        let head = self.source.byte()?;
        let task = self.state.task;
        match head & 7 {
            answer::MEMORY => {
                let at = match (head >> 3).checked_sub(1) {
                    Some(argument) => At::Argument(argument.into()),
                    None => At::Behind(self.source.signed()?),
                };
                let len = self.source.number()?;
                let start = self.kept.bytes.len();
                self.source.append(&mut self.kept.bytes, len)?;
                memory.push(Pending {
                    at,
                    start,
                    len: len as usize,
                });
            }
            answer::DESCRIPTOR => {
                let fd = self.source.small_signed()?;
                let path = self.maybe()?;
                self.state.task(task).descriptors.insert(fd, path);
            }
            answer::OPENED => {
                let fd = self.source.small_signed()?;
                let opened = self.opened()?;
                self.state.task(task).opened.insert(fd, opened);
            }
            answer::HANDLE => {
                let handle = self.source.number()?;
                let object = self.maybe()?;
                self.state.task(task).handles.insert(handle, object);
            }
            answer::DIRECTORY => {
                let directory = self.maybe()?;
                self.state.task(task).directory = Some(directory);
            }
            answer::PLACE => {
                let address = self.source.number()?;
                let place = self.place()?;
                self.state.task(task).know_place(address, place);
            }
            answer::STACK => {
                let mut frames = Vec::new();
                for _ in 0..self.source.number()? {
                    frames.push(self.frame()?);
                }
                self.kept.stack = Some(frames);
            }
            _ => return Err(wrong("an answer to what is not asked")),
        }
        Ok(())
    }

    /// Gives pieces of memory their addresses.
    fn remember(&mut self, event: &Owned, memory: Vec<Pending>) -> io::Result<()> {
        let none = [0; MAX_ARGS];
        let args = match event {
            Owned::Enter(call) | Owned::Exit(call, ..) => &call.args,
            _ => &none,
        };
        let mut last = 0u64;
        for piece in memory {
            let address = match piece.at {
                At::Argument(at) => *args.get(at).ok_or_else(|| wrong("no such argument"))?,
                At::Behind(step) => last.wrapping_add(step as u64),
            };
            last = address.wrapping_add(piece.len as u64);
            self.kept.add(Piece {
                address,
                start: piece.start,
                len: piece.len,
            });
        }
        Ok(())
    }

    fn profile(&mut self) -> io::Result<&'static Profile> {
        let name = self.text()?;
        let own = self.own.filter(|own| own.name == name);
        own.or_else(|| emu_profiles::by_name(&name)).ok_or_else(|| {
            wrong(&format!(
                "the trace is of the profile `{}`, which is not built in: --profile names its file",
                name.escape_debug()
            ))
        })
    }

    fn site(&mut self) -> io::Result<Site> {
        let profile = self.profile()?;
        let entry = profile
            .entries
            .get(self.source.small::<usize>()?)
            .ok_or_else(|| wrong("no such entry"))?;
        let number = self.source.small()?;
        let through = match self.source.number()? {
            0 => None,
            outer => Some((outer - 1) as u32),
        };
        let name = self.string()?;
        let row = entry.system.table().row(number);
        if row.map_or("", |row| row.name).as_bytes() != &name[..] {
            return Err(wrong("a trace of another version of emu, with other calls"));
        }
        let pc = self.source.number()?;
        let return_address = self.source.step(pc)?;
        let sp = self.source.number()?;
        Ok(Site {
            profile,
            entry,
            number,
            through,
            pc,
            return_address,
            sp,
        })
    }

    fn call(&mut self) -> io::Result<CallEvent> {
        let mut number: usize = self.source.small()?;
        if number >= self.state.sites.len() {
            if number != self.state.sites.len() {
                return Err(wrong("a call from where none was"));
            }
            let site = self.site()?;
            self.state.add_site(site);
            number = self.state.sites.len() - 1;
        }
        let bits = self.source.number()?;
        let (site, known) = &mut self.state.sites[number];
        let site = *site;
        let count = match bits & has::ALL_ARGS {
            0 => site.arguments(),
            _ => MAX_ARGS,
        };
        for arg in known.iter_mut().take(count) {
            *arg = self.source.step(*arg)?;
        }
        let mut args = *known;
        args[count..].fill(0);
        let row = site.entry.system.table().row(site.number);
        let time = match bits & has::TIME {
            0 => self.now.time,
            _ => self.source.step(self.now.time)?,
        };
        let attempts = match bits & has::ATTEMPTS {
            0 => 1,
            _ => self.source.small()?,
        };
        let fault = match bits & has::FAULT {
            0 => None,
            _ => Some(ArgumentFault {
                index: self.source.small()?,
                address: self.source.number()?,
                fails: self.source.number()? != 0,
            }),
        };
        let instructions = match bits & has::INSTRUCTIONS {
            0 => self.now.instructions,
            _ => self.source.number()?.checked_sub(1),
        };
        let tampered = match bits & has::TAMPERED {
            0 => Tampered::default(),
            _ => {
                let bits = self.source.number()?;
                Tampered {
                    result: bits & 1 != 0,
                    args: bits & 2 != 0,
                    delayed: bits & 4 != 0,
                }
            }
        };
        let mut call = CallEvent {
            task: self.state.task,
            profile: site.profile,
            entry: site.entry,
            number: site.number,
            through: site.through,
            row,
            info: row.map(|row| site.entry.system.info(row)),
            args,
            fault,
            pc: site.pc,
            return_address: site.return_address,
            sp: site.sp,
            instructions,
            time,
            attempts,
            second: None,
            inside: None,
            tampered,
        };
        if bits & has::INSIDE != 0 {
            call.inside = Some(Box::new(self.inside(&call)?));
        }
        Ok(call)
    }

    /// The call that a call stands for.
    fn inside(&mut self, outer: &CallEvent) -> io::Result<Inside> {
        let changed = self.source.number()? != 0;
        let name = self.string()?;
        let mut args: Args = [0; MAX_ARGS];
        for arg in &mut args {
            *arg = self.source.signed()? as u64;
        }
        let rows = outer.entry.system.table().rows;
        let row: Option<&'static Row> = rows.iter().find(|row| row.name.as_bytes() == &name[..]);
        let row = row.ok_or_else(|| wrong("a call that stands for none"))?;
        Ok(Inside {
            call: CallEvent {
                row: Some(row),
                info: Some(outer.entry.system.info(row)),
                args,
                through: Some(outer.number),
                ..outer.clone()
            },
            changed,
        })
    }

    fn exit(&mut self, told: bool) -> io::Result<Owned> {
        let task = self.state.task;
        let told = match told {
            true => Some(self.call()?),
            false => None,
        };
        let bits = self.source.number()?;
        let how = bits & end::HOW;
        let known = match how {
            end::CHILD => None,
            _ => self.state.task(task).call.take(),
        };
        let call = told.or(known);
        let mut call = call.ok_or_else(|| wrong("the end of a call that did not begin"))?;
        let ended = match how {
            end::VALUE => End::Returned(Ok(self.source.signed()? as u64)),
            end::CHILD => End::ChildReturn(self.source.signed()? as u64),
            end::ERROR => End::Returned(Err(self.errno()?)),
            end::RESTARTED => End::Restarted(self.errno()?),
            end::NEVER => End::NeverReturns,
            end::KILLED => End::Killed,
            _ => return Err(wrong("a call that ended in no way")),
        };
        call.second = match bits & end::SECOND {
            0 => None,
            _ => Some(self.source.number()?),
        };
        let time = match bits & end::TIME {
            0 => self.now.time,
            _ => self.source.step(self.now.time)?,
        };
        let missing = bits & end::MISSING != 0;
        Ok(Owned::Exit(Box::new(call), ended, missing, time))
    }

    fn errno(&mut self) -> io::Result<Errno> {
        errno(&self.string()?).ok_or_else(|| wrong("an error that there is not"))
    }

    fn signal(&mut self, abi: &'static Abi) -> io::Result<Owned> {
        let signal = self.source.small()?;
        let name = self.string()?;
        let code = self.source.small_signed()?;
        let place = self.source.number()?;
        let bits = self.source.number()?;
        let value = self.source.number()?;
        let address = match bits & 1 {
            0 => None,
            _ => Some(self.source.number()?),
        };
        let sender = match bits & 2 {
            0 => None,
            _ => Some((self.source.small_signed()?, self.source.small()?)),
        };
        let raw = match bits & 4 {
            0 => None,
            _ => {
                let mut bytes = Vec::new();
                self.source.append(&mut bytes, size_of::<Raw>() as u64)?;
                Raw::try_from(&bytes[..]).ok()
            }
        };
        let pc = match bits & 8 {
            0 => None,
            _ => Some(self.source.number()?),
        };
        let extra = match bits >> 4 {
            0 => Extra::None,
            1 => Extra::Child {
                status: self.source.small_signed()?,
                user: self.source.number()?,
                system: self.source.number()?,
            },
            2 => Extra::Timer {
                id: self.source.small_signed()?,
                overrun: self.source.small_signed()?,
            },
            3 => Extra::Poll {
                band: self.source.signed()?,
                fd: self.source.small_signed()?,
            },
            4 => Extra::Call {
                errno: self.source.small()?,
                address: self.source.number()?,
                number: self.source.small()?,
                arch: self.source.small()?,
            },
            _ => return Err(wrong("a signal of a kind that there is not")),
        };
        let info = Info {
            signal,
            name: signal_name(abi, Some(signal), &name),
            code,
            address,
            pc,
            sender,
            value,
            extra,
            raw,
        };
        Ok(Owned::Signal(self.state.task, info, place))
    }

    fn status(&mut self, abi: &'static Abi) -> io::Result<ExitStatus> {
        Ok(match self.source.byte()? {
            0 => ExitStatus::Exited(self.source.byte()?),
            1 => ExitStatus::Status(self.source.small()?),
            2 => {
                let signal = self.source.byte()?;
                let name = self.string()?;
                ExitStatus::Signaled {
                    signal,
                    name: signal_name(abi, Some(signal.into()), &name),
                    core: self.source.byte()? != 0,
                }
            }
            3 => ExitStatus::Stopped,
            _ => return Err(wrong("a task that ended in no way")),
        })
    }
}

/// A piece of memory whose address is not known yet.
struct Pending {
    at: At,
    start: usize,
    len: usize,
}

enum At {
    Argument(usize),
    Behind(i64),
}

/// A signal's name, which is one of an ABI's.
fn signal_name(abi: &'static Abi, number: Option<u32>, name: &[u8]) -> &'static str {
    let is = |known: &&'static str| known.as_bytes() == name;
    let own = number.and_then(|number| abi.signal_name(number)).filter(is);
    let all = |abi: &'static Abi| (0..SIGNALS).filter_map(|number| abi.signal_name(number));
    let any = || abis().flat_map(all).find(is);
    own.or_else(any).unwrap_or("SIG?")
}
