//! Signals.

use std::io;

use super::JsonSink;
use super::fields::{hex_field, number_field, text_field};
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::task::Tid;
use crate::view::View;

impl JsonSink {
    /// A signal comes to a task, which is at `pc`.
    pub(super) fn signal(
        &mut self,
        task: Tid,
        info: &Info,
        pc: u64,
        view: &mut View<'_>,
    ) -> io::Result<()> {
        self.begin("signal");
        self.task(task);
        text_field(&mut self.line, "signal", info.name.as_bytes());
        number_field(&mut self.line, "number", i64::from(info.signal));
        let mut words = Vec::new();
        let model = view.abi.model;
        self.decoder
            .printer(&mut words, view.guest, view.abi, model)
            .signal_code(info.name, info.code);
        text_field(&mut self.line, "code", &words);
        number_field(&mut self.line, "code_number", i64::from(info.code));
        if let Some(address) = info.address {
            hex_field(&mut self.line, "address", address);
        }
        if let Some((pid, uid)) = info.sender {
            number_field(&mut self.line, "pid", i64::from(pid));
            number_field(&mut self.line, "uid", i64::from(uid));
        }
        match info.extra {
            Extra::None => {}
            Extra::Child {
                status,
                user,
                system,
            } => {
                number_field(&mut self.line, "status", i64::from(status));
                number_field(&mut self.line, "utime", user as i64);
                number_field(&mut self.line, "stime", system as i64);
            }
            Extra::Timer { id, overrun } => {
                number_field(&mut self.line, "timer", i64::from(id));
                number_field(&mut self.line, "overrun", i64::from(overrun));
            }
            Extra::Poll { band, fd } => {
                number_field(&mut self.line, "band", band);
                number_field(&mut self.line, "fd", i64::from(fd));
            }
            Extra::Call {
                errno,
                address,
                number,
                arch,
            } => {
                number_field(&mut self.line, "errno", i64::from(errno));
                hex_field(&mut self.line, "call_address", address);
                number_field(&mut self.line, "call", i64::from(number));
                hex_field(&mut self.line, "arch", u64::from(arch));
            }
        }
        if info.value != 0 {
            hex_field(&mut self.line, "value", info.value);
        }
        let mut words = Vec::new();
        self.decoder
            .printer(&mut words, view.guest, view.abi, model)
            .signal_info(info);
        text_field(&mut self.line, "text", &words);
        self.place(pc, view);
        self.end()
    }
}
