//! `ioctl` on terminals: settings, window, and who is in the foreground.   [ioctl_tty(2)]

use emu_cpu::GuestMemory;
use emu_prototypes::Ptr;
use emu_prototypes::linux::{Errno, Outcome};

use super::settings::{self, Form};
use crate::kernel::host::{Flags, Stream, Terminal, When, Window};
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::terminal::{self, Use};
use crate::kernel::tty::{Flow, Master, News, Slave};
use crate::kernel::vfs::{FsError, Handle};
use crate::kernel::{Cx, Kernel};

/// What a descriptor of a terminal is open on.
pub(super) enum Tty<'a> {
    /// The terminal that emu runs on.
    Host(Stream),
    Slave(&'a Slave),
    Master(&'a Master),
}

impl<'a> Tty<'a> {
    pub(super) fn of(file: &'a OpenFile) -> Option<Tty<'a>> {
        if let Handle::Terminal(input, _) = file.handle {
            return Some(Tty::Host(input));
        }
        if let Some(slave) = file.object_of::<Slave>() {
            return Some(Tty::Slave(slave));
        }
        file.object_of::<Master>().map(Tty::Master)
    }

    /// The terminal's number: a master stands for its slave.
    fn number(&self, file: &OpenFile) -> Option<u32> {
        match self {
            Tty::Master(master) => Some(master.pair.number),
            _ => terminal::of_file(file),
        }
    }

    fn settings(&self, kernel: &Kernel) -> Result<Terminal, Errno> {
        match self {
            Tty::Host(stream) => kernel.host.terminal(*stream).ok_or(Errno::EIO),
            Tty::Slave(slave) => Ok(slave.pair.settings()),
            Tty::Master(master) => Ok(master.pair.settings()),
        }
    }

    fn set(&self, kernel: &Kernel, settings: Terminal, when: When) -> Result<(), Errno> {
        let pair = match self {
            Tty::Host(stream) => {
                let set = kernel.host.set_terminal(*stream, &settings, when);
                return Ok(set.map_err(FsError::from)?);
            }
            Tty::Slave(slave) => &slave.pair,
            Tty::Master(master) => &master.pair,
        };
        if when == When::Flush {
            pair.flush(true, false);
        }
        pair.set(settings);
        Ok(())
    }

    fn window(&self, kernel: &Kernel) -> Result<Window, Errno> {
        match self {
            Tty::Host(stream) => match kernel.linux.terminals.window {
                Some(window) => Ok(window),
                None => kernel.host.window(*stream).ok_or(Errno::EIO),
            },
            Tty::Slave(slave) => Ok(slave.pair.window()),
            Tty::Master(master) => Ok(master.pair.window()),
        }
    }

    fn set_window(
        &self,
        kernel: &mut Kernel,
        cx: &mut Cx<'_>,
        window: Window,
    ) -> Result<(), Errno> {
        match self {
            Tty::Host(_) => {
                // The window itself is the host's; the guest believes what it said.
                if self.window(kernel)? != window {
                    kernel.linux.terminals.window = Some(window);
                    kernel.tell_of_terminal(Some(cx.task), 0, News::Window);
                }
            }
            Tty::Slave(slave) => slave.pair.set_window(window),
            Tty::Master(master) => master.pair.set_window(window),
        }
        Ok(())
    }

    fn flush(&self, kernel: &Kernel, input: bool, output: bool) -> Result<(), Errno> {
        match self {
            Tty::Host(stream) => {
                let flushed = kernel.host.flush_terminal(*stream, input, output);
                flushed.map_err(FsError::from)?;
            }
            Tty::Slave(slave) => slave.pair.flush(input, output),
            Tty::Master(master) => master.pair.flush_master(input, output),
        }
        Ok(())
    }

    pub(super) fn ioctl(
        &self,
        kernel: &mut Kernel,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        cmd: u32,
        arg: u64,
    ) -> Outcome {
        let k = cx.k;
        let is = |constant: u64| constant != 0 && cmd == constant as u32;
        let Some(number) = self.number(file) else {
            // It was hung up.   [Linux drivers/tty/tty_io.c, hung_up_tty_ioctl]
            return Err(match is(k.TIOCSPGRP) {
                true => Errno::ENOTTY,
                false => Errno::EIO,
            }
            .into());
        };
        for (command, form) in [(k.TCGETS, Form::Plain), (k.TCGETS2, Form::Speeds)] {
            if is(command) {
                settings::store(cx, &self.settings(kernel)?, arg, form)?;
                return Ok(0);
            }
        }
        for (command, when, form) in [
            (k.TCSETS, When::Now, Form::Plain),
            (k.TCSETSW, When::Drain, Form::Plain),
            (k.TCSETSF, When::Flush, Form::Plain),
            (k.TCSETS2, When::Now, Form::Speeds),
            (k.TCSETSW2, When::Drain, Form::Speeds),
            (k.TCSETSF2, When::Flush, Form::Speeds),
        ] {
            if is(command) {
                self.check(kernel, cx, number)?;
                let settings = settings::load(cx, arg, form)?;
                self.set(kernel, settings, when)?;
                return Ok(0);
            }
        }
        if is(k.TIOCGWINSZ) {
            let window = self.window(kernel)?;
            let layout = &cx.layouts.winsize;
            let mut image = cx.image(layout.size);
            image
                .put(layout.ws_row, window.rows.into())
                .put(layout.ws_col, window.columns.into())
                .put(layout.ws_xpixel, window.width.into())
                .put(layout.ws_ypixel, window.height.into());
            image.store(cx.mem, arg)?;
            return Ok(0);
        }
        if is(k.TIOCSWINSZ) {
            let layout = &cx.layouts.winsize;
            let image = cx.load(arg, layout.size)?;
            let window = Window {
                rows: image.get(layout.ws_row) as u16,
                columns: image.get(layout.ws_col) as u16,
                width: image.get(layout.ws_xpixel) as u16,
                height: image.get(layout.ws_ypixel) as u16,
            };
            self.set_window(kernel, cx, window)?;
            return Ok(0);
        }
        if is(k.TIOCSPGRP) {
            return self.set_foreground(kernel, cx, number, arg);
        }
        if is(k.TIOCGPGRP) || is(k.TIOCGSID) {
            let is_master = matches!(self, Tty::Master(_));
            if !is_master && cx.process().terminal != Some(number) {
                return Err(Errno::ENOTTY.into());
            }
            let id = match is(k.TIOCGPGRP) {
                true => kernel.linux.terminals.foreground(number),
                false => kernel
                    .linux
                    .terminals
                    .session(number)
                    .ok_or(Errno::ENOTTY)?,
            };
            Ptr::<i32>::new(arg).write(cx.mem, id)?;
            return Ok(0);
        }
        if is(k.TCFLSH) {
            self.check(kernel, cx, number)?;
            let (input, output) = match arg {
                a if a == k.TCIFLUSH => (true, false),
                a if a == k.TCOFLUSH => (false, true),
                a if a == k.TCIOFLUSH => (true, true),
                _ => return Err(Errno::EINVAL.into()),
            };
            self.flush(kernel, input, output)?;
            return Ok(0);
        }
        if is(k.TIOCOUTQ) {
            // What was written is on the other side already.   [Linux drivers/tty/tty_ioctl.c, tty_chars_in_buffer]
            Ptr::<i32>::new(arg).write(cx.mem, 0)?;
            return Ok(0);
        }
        if is(k.TCSBRK) || is(k.TCSBRKP) {
            // All output is sent, and there is no wire to send a break on.   [Linux drivers/tty/tty_io.c, send_break]
            self.check(kernel, cx, number)?;
            return Ok(0);
        }
        if is(k.TCXONC) {
            self.check(kernel, cx, number)?;
            return self.flow(cx, arg);
        }
        if is(k.TIOCSCTTY) {
            return match self {
                Tty::Master(_) => Err(Errno::EPERM.into()),
                _ => kernel.take_terminal(cx, file, number, arg == 1),
            };
        }
        if is(k.TIOCNOTTY) {
            return match self {
                Tty::Master(_) => Err(Errno::ENOTTY.into()),
                _ => kernel.leave_terminal(cx, number),
            };
        }
        if is(k.TIOCSTI) {
            // Nobody may type for others (dev.tty.legacy_tiocsti is off).   [Linux drivers/tty/tty_io.c, tiocsti]
            let own = cx.process().terminal == Some(number);
            return Err(if own { Errno::EIO } else { Errno::EPERM }.into());
        }
        if is(k.TIOCGETD) {
            Ptr::<i32>::new(arg).write(cx.mem, 0)?;
            return Ok(0);
        }
        if is(k.TIOCSETD) {
            return match Ptr::<i32>::new(arg).read(cx.mem)? {
                0 => Ok(0),
                _ => Err(Errno::EINVAL.into()),
            };
        }
        if is(k.TIOCGSOFTCAR) {
            let local = self.settings(kernel)?.flags.contains(Flags::CLOCAL);
            Ptr::<i32>::new(arg).write(cx.mem, local.into())?;
            return Ok(0);
        }
        if is(k.TIOCGDEV) {
            cx.mem.write_u32(arg, terminal::device(number))?;
            return Ok(0);
        }
        if is(k.TIOCCONS) || is(k.TIOCVHANGUP) {
            return Err(Errno::EPERM.into());
        }
        match self {
            Tty::Master(master) => super::pair::of_master(kernel, cx, master, cmd, arg),
            Tty::Slave(slave) => super::pair::of_both(cx, &slave.pair, cmd, arg),
            Tty::Host(_) if is(k.TIOCEXCL) || is(k.TIOCNXCL) => Ok(0),
            // What a terminal does not know.   [Linux drivers/tty/tty_io.c: -ENOTTY for want of anything else]
            Tty::Host(_) => Err(Errno::ENOTTY.into()),
        }
    }

    /// A change from the background has to be allowed; a master is never anybody's terminal.
    fn check(
        &self,
        kernel: &mut Kernel,
        cx: &mut Cx<'_>,
        number: u32,
    ) -> Result<(), emu_prototypes::Stop<Errno>> {
        match self {
            Tty::Master(_) => Ok(()),
            _ => kernel.check_foreground(cx, number, Use::Write),
        }
    }

    /// [Linux drivers/tty/tty_jobctrl.c, tiocspgrp]
    fn set_foreground(
        &self,
        kernel: &mut Kernel,
        cx: &mut Cx<'_>,
        number: u32,
        arg: u64,
    ) -> Outcome {
        match self.check(kernel, cx, number) {
            Err(emu_prototypes::Stop::Fail(Errno::EIO)) => return Err(Errno::ENOTTY.into()),
            checked => checked?,
        }
        let group = Ptr::<i32>::new(arg).read(cx.mem)?;
        if group < 0 {
            return Err(Errno::EINVAL.into());
        }
        let (terminal, session) = {
            let process = cx.process();
            (process.terminal, process.session)
        };
        if terminal != Some(number) || kernel.linux.terminals.session(number) != Some(session) {
            return Err(Errno::ENOTTY.into());
        }
        let mut members = kernel.linux.processes.group(group);
        let first = members.next().ok_or(Errno::ESRCH)?;
        if first.borrow().session != session {
            return Err(Errno::EPERM.into());
        }
        drop(members);
        kernel.linux.terminals.set_foreground(number, group);
        Ok(0)
    }

    fn flow(&self, cx: &Cx<'_>, arg: u64) -> Outcome {
        let k = cx.k;
        let flow = match arg {
            a if a == k.TCOOFF => Flow::OutputOff,
            a if a == k.TCOON => Flow::OutputOn,
            a if a == k.TCIOFF => Flow::InputOff,
            a if a == k.TCION => Flow::InputOn,
            _ => return Err(Errno::EINVAL.into()),
        };
        match self {
            // The host's output is never stopped: its own keys do that.
            Tty::Host(_) => {}
            Tty::Slave(slave) => slave.pair.flow(flow),
            Tty::Master(_) => {}
        }
        Ok(0)
    }
}
