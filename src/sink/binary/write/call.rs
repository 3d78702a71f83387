//! Calls, and how they ended.

use emu_prototypes::{Args, MAX_ARGS};

use super::{MORE, Writer};
use crate::event::{CallEvent, End, Tampered};
use crate::sink::binary::state::Site;
use crate::sink::binary::wire::{put, put_signed, put_step};
use crate::sink::binary::{end, has};
use crate::view::View;

impl Writer {
    /// A call, as it began.
    pub(super) fn call(&mut self, call: &CallEvent, view: &View<'_>) {
        let site = Site::of(call);
        let number = match self.sites.get(&site.key()) {
            Some(number) => {
                put(&mut self.record, *number);
                *number
            }
            None => {
                put(&mut self.record, self.state.sites.len() as u64);
                self.site(&site);
                if self.state.add_site(site) {
                    self.sites.clear();
                }
                let number = self.state.sites.len() as u64 - 1;
                self.sites.insert(site.key(), number);
                number
            }
        };
        let count = site.arguments();
        let time = call.time != view.now.time;
        let instructions = call.instructions != view.now.instructions;
        let more = call.args[count..].iter().any(|arg| *arg != 0);
        let bit = |is: bool, bit: u64| if is { bit } else { 0 };
        let bits = bit(time, has::TIME)
            | bit(call.attempts != 1, has::ATTEMPTS)
            | bit(call.fault.is_some(), has::FAULT)
            | bit(call.inside.is_some(), has::INSIDE)
            | bit(more, has::ALL_ARGS)
            | bit(instructions, has::INSTRUCTIONS)
            | bit(call.tampered != Tampered::default(), has::TAMPERED);
        put(&mut self.record, bits);
        let known = &mut self.state.sites[number as usize].1;
        let count = if more { MAX_ARGS } else { count };
        for (arg, before) in call.args.iter().zip(known.iter_mut()).take(count) {
            put_step(&mut self.record, *arg, *before);
            *before = *arg;
        }
        if time {
            put_step(&mut self.record, call.time, view.now.time);
        }
        if call.attempts != 1 {
            put(&mut self.record, call.attempts.into());
        }
        if let Some(fault) = call.fault {
            put(&mut self.record, fault.index.into());
            put(&mut self.record, fault.address);
            put(&mut self.record, fault.fails.into());
        }
        if instructions {
            put(
                &mut self.record,
                call.instructions.map_or(0, |count| count + 1),
            );
        }
        if call.tampered != Tampered::default() {
            let Tampered {
                result,
                args,
                delayed,
            } = call.tampered;
            put(
                &mut self.record,
                u64::from(result) | u64::from(args) << 1 | u64::from(delayed) << 2,
            );
        }
        if let Some(inside) = &call.inside {
            put(&mut self.record, inside.changed.into());
            let row = inside.call.row;
            self.string(row.map_or("", |row| row.name).as_bytes());
            put_args(&mut self.record, &inside.call.args);
        }
    }

    pub(super) fn site(&mut self, site: &Site) {
        self.profile(site.profile);
        let entries = site.profile.entries;
        let entry = entries
            .iter()
            .position(|entry| std::ptr::eq(entry, site.entry));
        put(&mut self.record, entry.unwrap_or(0) as u64);
        put(&mut self.record, site.number.into());
        put(
            &mut self.record,
            site.through.map_or(0, |outer| u64::from(outer) + 1),
        );
        // The reader finds the same row, or it knows other calls than we do.
        let row = site.entry.system.table().row(site.number);
        self.string(row.map_or("", |row| row.name).as_bytes());
        put(&mut self.record, site.pc);
        put_step(&mut self.record, site.return_address, site.pc);
        put(&mut self.record, site.sp);
    }

    pub(super) fn exit(
        &mut self,
        call: &CallEvent,
        ended: End,
        rest: (bool, u64),
        view: &View<'_>,
    ) {
        let (missing, time) = rest;
        let known = match ended {
            // The call is that of another task, which is still in it.
            End::ChildReturn(_) => None,
            _ => self.state.task(call.task).call.take(),
        };
        if !known.is_some_and(|known| same(&known, call)) {
            self.record[0] |= MORE;
            self.call(call, view);
        }
        let how = match ended {
            End::Returned(Ok(_)) => end::VALUE,
            End::Returned(Err(_)) => end::ERROR,
            End::NeverReturns => end::NEVER,
            End::Restarted(_) => end::RESTARTED,
            End::ChildReturn(_) => end::CHILD,
            End::Killed => end::KILLED,
        };
        let bit = |is: bool, bit: u64| if is { bit } else { 0 };
        let late = time != view.now.time;
        put(
            &mut self.record,
            how | bit(missing, end::MISSING)
                | bit(call.second.is_some(), end::SECOND)
                | bit(late, end::TIME),
        );
        match ended {
            End::Returned(Ok(value)) | End::ChildReturn(value) => {
                put_signed(&mut self.record, value as i64);
            }
            End::Returned(Err(errno)) | End::Restarted(errno) => {
                self.string(errno.name().as_bytes());
            }
            End::NeverReturns | End::Killed => {}
        }
        if let Some(second) = call.second {
            put(&mut self.record, second);
        }
        if late {
            put_step(&mut self.record, time, view.now.time);
        }
    }
}

/// All arguments.
fn put_args(record: &mut Vec<u8>, args: &Args) {
    for arg in args {
        put_signed(record, *arg as i64);
    }
}

/// Whether a call is told at its end as it was at its begin.
fn same(known: &CallEvent, call: &CallEvent) -> bool {
    Site::of(known).key() == Site::of(call).key()
        && known.args == call.args
        && known.fault == call.fault
        && known.time == call.time
        && known.instructions == call.instructions
        && known.attempts == call.attempts
        && known.tampered == call.tampered
        && known.inside.is_some() == call.inside.is_some()
}
