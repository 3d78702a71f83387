//! What goes to the terminal in which a console is seen, and what comes from there?

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::screen::mode;
use super::{Buffer, Console, Part};
use crate::kernel::host::{Control, Flags, Stream, Terminal, When};
use crate::kernel::vfs::OpenFile;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// Bytes that are taken from a terminal at once.
const PIECE: usize = 4096;

impl Kernel {
    /// Sends text to the terminal of a console. What the run has no room for is lost.
    pub(super) fn send(&mut self, console: &Console, text: &str) {
        let Some(file) = &console.terminal else {
            return;
        };
        let host = self.host.clone();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let environment = self.nt_environment(host.as_ref());
            match file.write(&environment, None, rest, rest.len()) {
                Ok(0) | Err(_) => return,
                Ok(count) => rest = &rest[count..],
            }
        }
    }

    /// Writes text to a screen buffer, and shows it.
    pub(super) fn write_units(
        &mut self,
        console: &Rc<Console>,
        buffer: &Rc<Buffer>,
        units: &[u16],
    ) {
        let mut screen = buffer.screen.borrow_mut();
        let (modes, colours) = (screen.mode, screen.colours);
        let processed = modes & mode::PROCESSED != 0;
        let sequences = processed && modes & mode::SEQUENCES != 0;
        let text = String::from_utf16_lossy(units);
        if sequences {
            let title = buffer.sequences.borrow_mut().write(&mut screen, &text);
            if let Some(title) = title {
                console.state.borrow_mut().title = title.encode_utf16().collect();
            }
        } else {
            for unit in units {
                if !(processed && screen.control(*unit)) {
                    screen.put(*unit);
                }
            }
        }
        screen.settle();
        drop(screen);
        let state = &mut *console.state.borrow_mut();
        if console.terminal.is_none() || !Rc::ptr_eq(&state.active, buffer) {
            return;
        }
        let screen = buffer.screen.borrow();
        let out = match state.shown.follows() && modes & mode::WRAP != 0 {
            true if sequences => text,
            true => state.shown.follow(units, colours, processed),
            false => state.shown.draw(&screen),
        };
        self.send(console, &out);
    }

    /// Shows what was changed at places of somebody's choice.
    pub(super) fn redraw(&mut self, console: &Rc<Console>, buffer: &Rc<Buffer>) {
        let state = &mut *console.state.borrow_mut();
        if console.terminal.is_some() && Rc::ptr_eq(&state.active, buffer) {
            let out = state.shown.draw(&buffer.screen.borrow());
            self.send(console, &out);
        }
    }

    /// Takes what has been typed so far. Answers how often Ctrl+C was among it.
    pub(super) fn take_typed(&mut self, console: &Console) -> usize {
        let Some(file) = console.terminal.clone() else {
            return 0;
        };
        self.set_up(console, &file);
        let host = self.host.clone();
        let mut interrupts = 0;
        let mut bytes = [0; PIECE];
        loop {
            if console.state.borrow().input.ended {
                return interrupts;
            }
            let environment = self.nt_environment(host.as_ref());
            let count = match file.read(&environment, None, &mut bytes) {
                Ok(count) => count,
                Err(crate::kernel::vfs::FsError::WouldBlock) => return interrupts,
                Err(_) => 0,
            };
            let input = &mut console.state.borrow_mut().input;
            input.ended = count == 0;
            interrupts += input.type_in(&bytes[..count]);
        }
    }

    /// Has the terminal send each key at once, and show none. Signals of keys stay the host's as long as the console processes
    /// Ctrl+C, so that whoever runs emu can end it.
    fn set_up(&mut self, console: &Console, file: &OpenFile) {
        let Some((input, _)) = file.terminal() else {
            return;
        };
        let Some(now) = self.host.terminal(input) else {
            return;
        };
        let processed = console.state.borrow().input.mode & super::input::mode::PROCESSED != 0;
        let mut wanted = Terminal {
            flags: now.flags - (Flags::ICANON | Flags::ECHO | Flags::ICRNL | Flags::IXON),
            ..now.clone()
        };
        let signals = console.settings.get_or_init(|| now.clone()).flags & Flags::ISIG;
        // Ctrl+Z says that there is no more.
        wanted.controls[Control::Susp as usize] = 0;
        wanted.flags.remove(Flags::ISIG);
        if processed {
            wanted.flags |= signals;
        }
        if wanted != now {
            let _ = self.host.set_terminal(input, &wanted, When::Now);
        }
    }

    /// Waits until there may be more of what is typed.
    pub(super) fn wait_typed(&self, cx: &mut Cx<'_>, console: &Console) -> Stop<NtStatus> {
        let wait = match self.watch_typed(cx, console, None) {
            Some(stream) => Wait::Input(stream, None),
            None => Wait::File,
        };
        cx.block_as(wait, Interrupted::Never)
    }

    /// Has the task woken by what is typed; answers the stream of the host that this comes from.
    fn watch_typed(&self, cx: &Cx<'_>, console: &Console, until: Option<u64>) -> Option<Stream> {
        cx.wait_in(&console.queue);
        let file = console.terminal.as_ref()?;
        if console.state.borrow().input.ended {
            return None;
        }
        cx.wait_file(file, until);
        file.input()
    }

    /// Takes what has been typed at a console that is waited for.
    pub(in crate::kernel::nt) fn look_at_console(&mut self, cx: &mut Cx<'_>, part: &Part) {
        if let Part::Console(console) = part {
            let interrupts = self.take_typed(console);
            self.interrupted(cx, console, interrupts);
        }
    }

    /// Has the task woken by what is typed at a console that is waited for.
    pub(in crate::kernel::nt) fn watch_console(
        &self,
        cx: &Cx<'_>,
        part: &Part,
        until: Option<u64>,
    ) -> Option<Stream> {
        match part {
            Part::Console(console) => self.watch_typed(cx, console, until),
            _ => None,
        }
    }

    /// Tells the terminal a console's title.
    pub(super) fn show_title(&mut self, console: &Console, title: &[u16]) {
        let title = super::shown::plain(title);
        self.send(console, &format!("\x1b]0;{title}\x07"));
    }

    /// The last process of a console has ended: the terminal is whose it was.
    pub(super) fn give_terminal_back(&mut self, console: &Console) {
        let out = console.state.borrow_mut().shown.leave();
        self.send(console, &out);
        let input = console.terminal.as_ref().and_then(|file| file.terminal());
        if let (Some((input, _)), Some(settings)) = (input, console.settings.get()) {
            let _ = self.host.set_terminal(input, settings, When::Now);
        }
    }
}
