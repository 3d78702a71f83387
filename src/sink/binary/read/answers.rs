//! What was answered to those who asked.

use std::io::{self, Read};

use emu_prototypes::MAX_ARGS;

use super::Reader;
use super::told::Owned;
use crate::sink::binary::answer;
use crate::sink::binary::keep::Piece;
use crate::sink::binary::wire::wrong;
use crate::view::{Frame, Opened, Place, SocketAbout};

/// A piece of memory whose address is not known yet.
pub(super) struct Pending {
    at: At,
    start: usize,
    len: usize,
}

enum At {
    Argument(usize),
    Behind(i64),
}

impl<R: Read> Reader<R> {
    pub(super) fn place(&mut self) -> io::Result<Option<Place>> {
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

    pub(super) fn opened(&mut self) -> io::Result<Option<Opened>> {
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

    pub(super) fn frame(&mut self) -> io::Result<Frame> {
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
    pub(super) fn answer(&mut self, memory: &mut Vec<Pending>) -> io::Result<()> {
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
    pub(super) fn remember(&mut self, event: &Owned, memory: Vec<Pending>) -> io::Result<()> {
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
}
