//! Calls, and how they ended.

use std::io::{self, Read};

use emu_profiles::ArgumentFault;
use emu_prototypes::linux::Errno;
use emu_prototypes::{Args, MAX_ARGS, Row};

use super::Reader;
use super::told::Owned;
use crate::event::{CallEvent, End, Inside, Tampered};
use crate::sink::binary::state::{Site, errno};
use crate::sink::binary::wire::wrong;
use crate::sink::binary::{end, has};

impl<R: Read> Reader<R> {
    pub(super) fn site(&mut self) -> io::Result<Site> {
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

    pub(super) fn call(&mut self) -> io::Result<CallEvent> {
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
    pub(super) fn inside(&mut self, outer: &CallEvent) -> io::Result<Inside> {
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

    pub(super) fn exit(&mut self, told: bool) -> io::Result<Owned> {
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

    pub(super) fn errno(&mut self) -> io::Result<Errno> {
        errno(&self.string()?).ok_or_else(|| wrong("an error that there is not"))
    }
}
