//! Signals, and how tasks ended.

use super::Writer;
use crate::event::ExitStatus;
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::nt::exception::Record;
use crate::sink::binary::wire::{put, put_signed};

impl Writer {
    pub(super) fn signal(&mut self, info: &Info, pc: u64) {
        put(&mut self.record, info.signal.into());
        self.string(info.name.as_bytes());
        put_signed(&mut self.record, info.code.into());
        put(&mut self.record, pc);
        let (sender, raw) = (info.sender, info.raw);
        let extra = match info.extra {
            Extra::None => 0,
            Extra::Child { .. } => 1,
            Extra::Timer { .. } => 2,
            Extra::Poll { .. } => 3,
            Extra::Call { .. } => 4,
        };
        let bits = u64::from(info.address.is_some())
            | u64::from(sender.is_some()) << 1
            | u64::from(raw.is_some()) << 2
            | u64::from(info.pc.is_some()) << 3
            | extra << 4;
        put(&mut self.record, bits);
        put(&mut self.record, info.value);
        if let Some(address) = info.address {
            put(&mut self.record, address);
        }
        if let Some((pid, uid)) = sender {
            put_signed(&mut self.record, pid.into());
            put(&mut self.record, uid.into());
        }
        if let Some(raw) = raw {
            self.record.extend_from_slice(&raw);
        }
        if let Some(pc) = info.pc {
            put(&mut self.record, pc);
        }
        match info.extra {
            Extra::None => {}
            Extra::Child {
                status,
                user,
                system,
            } => {
                put_signed(&mut self.record, status.into());
                put(&mut self.record, user);
                put(&mut self.record, system);
            }
            Extra::Timer { id, overrun } => {
                put_signed(&mut self.record, id.into());
                put_signed(&mut self.record, overrun.into());
            }
            Extra::Poll { band, fd } => {
                put_signed(&mut self.record, band);
                put_signed(&mut self.record, fd.into());
            }
            Extra::Call {
                errno,
                address,
                number,
                arch,
            } => {
                put(&mut self.record, errno.into());
                put(&mut self.record, address);
                put(&mut self.record, number.into());
                put(&mut self.record, arch.into());
            }
        }
    }

    pub(super) fn exception(&mut self, record: &Record) {
        put(&mut self.record, record.code.0.into());
        put(&mut self.record, record.address);
        put(&mut self.record, record.information.len() as u64);
        for value in &record.information {
            put(&mut self.record, *value);
        }
    }

    pub(super) fn status(&mut self, status: ExitStatus) {
        match status {
            ExitStatus::Exited(status) => {
                self.record.push(0);
                self.record.push(status);
            }
            ExitStatus::Status(status) => {
                self.record.push(1);
                put(&mut self.record, status.into());
            }
            ExitStatus::Signaled { signal, name, core } => {
                self.record.push(2);
                self.record.push(signal);
                self.string(name.as_bytes());
                self.record.push(core.into());
            }
            ExitStatus::Stopped => self.record.push(3),
        }
    }
}
