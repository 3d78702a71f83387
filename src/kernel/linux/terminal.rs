//! Which terminal is whose, and who may use it now? Controlling terminals and job control.   [credentials(7), "Process
//! groups and sessions"; Linux drivers/tty/tty_jobctrl.c]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use super::process::Process;
use super::signal::send::abi_of;
use super::signals::{Disposition, Info};
use crate::kernel::host::{Flags, Window};
use crate::kernel::task::{Task, Tid};
use crate::kernel::tty::{News, Slave};
use crate::kernel::vfs::{Handle, OpenFile, OpenFlags};
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// Major number of the terminals below `/dev/pts`.   [Linux include/uapi/linux/major.h, UNIX98_PTY_SLAVE_MAJOR]
const MAJOR: u32 = 136;
/// The terminal that emu itself runs on, when it does.
const OF_HOST: u32 = 0;

/// The sessions and the groups in the foreground of all terminals, by their numbers below `/dev/pts`.
#[derive(Default)]
pub struct Terminals {
    control: BTreeMap<u32, Control>,
    /// The window of the terminal that emu runs on, when the guest set another.
    pub window: Option<Window>,
}

#[derive(Debug, Clone, Copy)]
struct Control {
    session: Tid,
    foreground: Tid,
}

impl Terminals {
    /// The group in the foreground of a terminal; 0 when there is none.
    pub fn foreground(&self, number: u32) -> Tid {
        self.control.get(&number).map_or(0, |it| it.foreground)
    }

    /// The session whose terminal it is.
    pub fn session(&self, number: u32) -> Option<Tid> {
        self.control.get(&number).map(|it| it.session)
    }

    /// Puts another group into the foreground.
    pub fn set_foreground(&mut self, number: u32, group: Tid) {
        if let Some(control) = self.control.get_mut(&number) {
            control.foreground = group;
        }
    }
}

/// The number of a terminal's device, as programs know it.   [Linux include/linux/kdev_t.h, new_encode_dev]
pub fn device(number: u32) -> u32 {
    number & 0xff | MAJOR << 8 | (number & !0xff) << 12
}

/// The terminal that an open file is, by its number. The master of a pair is none.
pub(super) fn of_file(file: &OpenFile) -> Option<u32> {
    match &file.handle {
        Handle::Terminal(..) => Some(OF_HOST),
        Handle::Object(_) => {
            let slave = file.object_of::<Slave>()?;
            (!slave.is_hung_up()).then_some(slave.pair.number)
        }
        _ => None,
    }
}

/// What a task in the background wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    /// Or to change its settings.
    Write,
}

impl Kernel {
    /// The first process has the terminal that emu runs on.
    pub(crate) fn give_first_terminal(&mut self, process: &Rc<RefCell<Process>>) {
        if self.vfs.has_host_terminal() {
            self.own_terminal(&mut process.borrow_mut(), OF_HOST);
        }
    }

    fn own_terminal(&mut self, process: &mut Process, number: u32) {
        process.terminal = Some(number);
        process.former_foreground = 0;
        let control = Control {
            session: process.session,
            foreground: process.group,
        };
        self.linux.terminals.control.insert(number, control);
    }

    /// Sends a signal to a group, as the kernel does.
    fn signal_group(
        &mut self,
        mut current: Option<&mut Task>,
        group: Tid,
        signal: fn(&Constants) -> u64,
    ) {
        let members: Vec<_> = self.linux.processes.group(group).cloned().collect();
        for member in members {
            self.signal_by_kernel(current.as_deref_mut(), &member, signal);
        }
    }

    fn signal_by_kernel(
        &mut self,
        mut current: Option<&mut Task>,
        process: &Rc<RefCell<Process>>,
        signal: fn(&Constants) -> u64,
    ) {
        let first = process.borrow().threads.first().copied();
        let abi =
            first.and_then(|tid| self.with_task(current.as_deref_mut(), tid, |task| abi_of(task)));
        if let Some(abi) = abi {
            let info = Info::new(abi, signal(abi.k), abi.k.SI_KERNEL);
            // Who has no room for it misses it.
            let _ = self.signal_process(current, process, abi, &info);
        }
    }

    /// A file was opened: the leader of a session without a terminal gets its terminal that way.
    /// [Linux drivers/tty/tty_jobctrl.c, tty_open_proc_set_tty]
    pub(super) fn terminal_opened(&mut self, cx: &mut Cx<'_>, file: &OpenFile, flags: OpenFlags) {
        if flags.intersects(OpenFlags::NOCTTY | OpenFlags::PATH) {
            return;
        }
        let Some(number) = of_file(file) else {
            return;
        };
        let process = cx.task.linux.process.clone();
        let mut process = process.borrow_mut();
        let leads = process.session == process.pid;
        if leads
            && process.terminal.is_none()
            && self.linux.terminals.session(number).is_none()
            && file.flags().contains(OpenFlags::READ)
        {
            self.own_terminal(&mut process, number);
        }
    }

    /// `TIOCSCTTY`.   [Linux drivers/tty/tty_jobctrl.c, tiocsctty]
    pub(super) fn take_terminal(
        &mut self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        number: u32,
        steal: bool,
    ) -> Outcome {
        let process = cx.task.linux.process.clone();
        let leads = process.borrow().session == process.borrow().pid;
        let session = process.borrow().session;
        let owner = self.linux.terminals.session(number);
        if leads && owner == Some(session) {
            return Ok(0);
        }
        let administrator = cx.capable(cx.k.CAP_SYS_ADMIN);
        if !leads
            || process.borrow().terminal.is_some()
            || owner.is_some() && !(steal && administrator)
            || !file.flags().contains(OpenFlags::READ) && !administrator
        {
            return Err(Errno::EPERM.into());
        }
        if let Some(owner) = owner {
            self.clear_terminal(owner, number);
        }
        self.own_terminal(&mut process.borrow_mut(), number);
        Ok(0)
    }

    /// A session has a terminal no more.
    fn clear_terminal(&mut self, session: Tid, number: u32) {
        for process in self.linux.processes.iter() {
            let mut process = process.borrow_mut();
            if process.session == session && process.terminal == Some(number) {
                process.terminal = None;
            }
        }
    }

    /// `TIOCNOTTY`.   [Linux drivers/tty/tty_jobctrl.c, no_tty, disassociate_ctty]
    pub(super) fn leave_terminal(&mut self, cx: &mut Cx<'_>, number: u32) -> Outcome {
        let process = cx.task.linux.process.clone();
        let (pid, session, own) = {
            let process = process.borrow();
            (process.pid, process.session, process.terminal)
        };
        if own != Some(number) {
            return Err(Errno::ENOTTY.into());
        }
        if pid == session {
            let foreground = self.linux.terminals.foreground(number);
            if foreground != 0 {
                self.signal_group(Some(cx.task), foreground, |k| k.SIGHUP);
                self.signal_group(Some(cx.task), foreground, |k| k.SIGCONT);
            }
            self.linux.terminals.control.remove(&number);
            self.clear_terminal(session, number);
        }
        process.borrow_mut().terminal = None;
        Ok(0)
    }

    /// The leader of a session has ended: who is in the foreground of its terminal is hung up, and the session has none
    /// any more. The task itself is gone already.   [Linux drivers/tty/tty_jobctrl.c, disassociate_ctty]
    pub(super) fn leave_session(&mut self, process: &Rc<RefCell<Process>>) {
        let (pid, session, terminal, former) = {
            let process = process.borrow();
            (
                process.pid,
                process.session,
                process.terminal,
                process.former_foreground,
            )
        };
        if pid != session {
            return;
        }
        match terminal {
            Some(number) => {
                let foreground = self.linux.terminals.foreground(number);
                if foreground != 0 {
                    self.signal_group(None, foreground, |k| k.SIGHUP);
                }
                self.linux.terminals.control.remove(&number);
                self.clear_terminal(session, number);
            }
            None if former != 0 => {
                self.signal_group(None, former, |k| k.SIGHUP);
                self.signal_group(None, former, |k| k.SIGCONT);
            }
            None => {}
        }
    }

    /// Tells those who have to know what happened on terminals.
    pub(crate) fn tell_of_terminals(&mut self, mut current: Option<&mut Task>) {
        while self.vfs.terminals().has_news() {
            for (number, news) in self.vfs.terminals().take_news() {
                self.tell_of_terminal(current.as_deref_mut(), number, news);
            }
        }
    }

    pub(super) fn tell_of_terminal(
        &mut self,
        mut current: Option<&mut Task>,
        number: u32,
        news: News,
    ) {
        let Some(control) = self.linux.terminals.control.get(&number).copied() else {
            return;
        };
        let signal: fn(&Constants) -> u64 = match news {
            News::Interrupt => |k| k.SIGINT,
            News::Quit => |k| k.SIGQUIT,
            News::Suspend => |k| k.SIGTSTP,
            News::Window => |k| k.SIGWINCH,
            News::Hangup => {
                // [Linux drivers/tty/tty_jobctrl.c, tty_signal_session_leader]
                self.linux.terminals.control.remove(&number);
                self.clear_terminal(control.session, number);
                if let Some(leader) = self.linux.processes.get(control.session).cloned() {
                    leader.borrow_mut().former_foreground = control.foreground;
                    self.signal_by_kernel(current.as_deref_mut(), &leader, |k| k.SIGHUP);
                    self.signal_by_kernel(current, &leader, |k| k.SIGCONT);
                }
                return;
            }
        };
        if control.foreground != 0 {
            self.signal_group(current, control.foreground, signal);
        }
    }

    /// Whether a task may use its terminal now: from the background only if it ignores the signal that it gets for that.
    /// [Linux drivers/tty/tty_jobctrl.c, __tty_check_change]
    pub(super) fn check_foreground(
        &mut self,
        cx: &mut Cx<'_>,
        number: u32,
        what: Use,
    ) -> Result<(), Stop<Errno>> {
        let (terminal, group) = {
            let process = cx.process();
            (process.terminal, process.group)
        };
        let foreground = self.linux.terminals.foreground(number);
        if terminal != Some(number) || foreground == 0 || foreground == group {
            return Ok(());
        }
        let signal: fn(&Constants) -> u64 = match what {
            Use::Read => |k| k.SIGTTIN,
            Use::Write => |k| k.SIGTTOU,
        };
        let own = signal(abi_of(cx.task).k) as u32;
        let linux = &cx.task.linux;
        let ignores = linux.mask.contains(own)
            || linux.handlers.borrow().get(own).disposition == Disposition::Ignore;
        if ignores {
            return match what {
                Use::Read => Err(Errno::EIO.into()),
                Use::Write => Ok(()),
            };
        }
        if self.is_orphaned(group, None) {
            return Err(Errno::EIO.into());
        }
        if !cx.task.linux.waiting().contains(own) {
            self.signal_group(Some(cx.task), group, signal);
        }
        // It is asked again at once, and finds the signal.
        let now = self.clock.now();
        Err(cx.block_as(Wait::Until(now), Interrupted::Restarts))
    }

    /// What has to be right before a terminal is read.
    pub(super) fn before_reading(
        &mut self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
    ) -> Result<(), Stop<Errno>> {
        match of_file(file) {
            Some(number) => self.check_foreground(cx, number, Use::Read),
            None => Ok(()),
        }
    }

    /// What has to be right before a terminal is written.   [termios(3), TOSTOP]
    pub(super) fn before_writing(
        &mut self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
    ) -> Result<(), Stop<Errno>> {
        let Some(number) = of_file(file) else {
            return Ok(());
        };
        if cx.process().terminal != Some(number) {
            return Ok(());
        }
        let stops = match (&file.handle, file.object_of::<Slave>()) {
            (Handle::Terminal(input, _), _) => {
                let settings = self.host.terminal(*input);
                settings.is_some_and(|settings| settings.flags.contains(Flags::TOSTOP))
            }
            (_, Some(slave)) => slave.pair.settings().flags.contains(Flags::TOSTOP),
            _ => false,
        };
        match stops {
            true => self.check_foreground(cx, number, Use::Write),
            false => Ok(()),
        }
    }

    /// A read has to wait: at a terminal perhaps for a while only (`VTIME` without `VMIN`).
    pub(super) fn wait_for_typing(&mut self, cx: &mut Cx<'_>, file: &OpenFile) -> Outcome {
        let patience = file.object_of::<Slave>().and_then(Slave::patience);
        let Some(patience) = patience else {
            return Err(Stop::Block);
        };
        let now = self.clock.now();
        let until = cx.deadline(|_| Ok(now.saturating_add(patience)))?;
        if until <= now {
            return Ok(0);
        }
        let wait = cx.wait_file(file, Some(until));
        Err(cx.block_as(wait, Interrupted::Restarts))
    }
}
