//! Signals, and how tasks ended.

use std::io::{self, Read};

use emu_prototypes::linux::Abi;

use super::Reader;
use super::told::Owned;
use crate::event::ExitStatus;
use crate::kernel::linux::signals::{Extra, Info, Raw};
use crate::sink::binary::state::abis;
use crate::sink::binary::wire::wrong;

/// Numbers of signals lie below, on every ABI: MIPS has 127 of them.
const SIGNALS: u32 = 128;

impl<R: Read> Reader<R> {
    pub(super) fn signal(&mut self, abi: &'static Abi) -> io::Result<Owned> {
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

    pub(super) fn status(&mut self, abi: &'static Abi) -> io::Result<ExitStatus> {
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

/// A signal's name, which is one of an ABI's.
pub(super) fn signal_name(abi: &'static Abi, number: Option<u32>, name: &[u8]) -> &'static str {
    let is = |known: &&'static str| known.as_bytes() == name;
    let own = number.and_then(|number| abi.signal_name(number)).filter(is);
    let all = |abi: &'static Abi| (0..SIGNALS).filter_map(|number| abi.signal_name(number));
    let any = || abis().flat_map(all).find(is);
    own.or_else(any).unwrap_or("SIG?")
}
