//! The reader. A trace may be anybody's: whatever it holds, it is read or refused.

mod answers;
mod call;
mod life;
mod told;

use std::io::{self, BufReader, Read};

use emu_profiles::Profile;
use emu_prototypes::linux::Abi;
use emu_prototypes::nt::NtStatus;
use lz4_flex::frame::FrameDecoder;

use super::keep::Kept;
use super::state::{State, World, abis};
use super::wire::{Source, wrong};
use super::{ANSWERS, Kind, MAGIC, MORE, TASK, WORLD};
use crate::kernel::nt::exception::Record;
use crate::view::Now;
use life::signal_name;
use told::{Owned, Told};

/// The longest path and the longest note.
const LINE: usize = 1 << 20;
/// Things an exception tells at most.   [winnt.h, EXCEPTION_MAXIMUM_PARAMETERS]
const INFORMATION: u64 = 15;

/// Reads events one by one.
pub(crate) struct Reader<R: Read> {
    pub(super) source: Source<BufReader<FrameDecoder<R>>>,
    pub(super) state: State,
    kept: Kept,
    /// A profile that is not built in.
    own: Option<&'static Profile>,
    now: Now,
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

    fn profile(&mut self) -> io::Result<&'static Profile> {
        let name = self.text()?;
        if let Some(auto) = self.auto(&name)? {
            return Ok(auto);
        }
        let own = self.own.filter(|own| own.name == name);
        own.or_else(|| emu_profiles::by_name(&name)).ok_or_else(|| {
            wrong(&format!(
                "the trace is of the profile `{}`, which is not built in: --profile names its file",
                name.escape_debug()
            ))
        })
    }
}
