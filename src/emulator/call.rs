//! One call, from its trap to its end.
//!
//! trap → entry → arguments → enter callbacks → injection → service → exit callbacks → result in registers → sinks

use emu_cpu::{AddressSpace, Cpu, GuestMemory, Trap};
use emu_profiles::{ArgumentFault, Clobber, Entry, Resume};
use emu_prototypes::linux::{self, Errno};
use emu_prototypes::{Args, CallInfo, MAX_ARGS, Row, Stop};

use super::tampered::poked_at_end;
use super::{Emulator, Flow};
use crate::Error;
use crate::callbacks::Site;
use crate::decode::{self, indirect};
use crate::event::{CallEvent, End, Event, ExitStatus, Inside, Tampered};
use crate::kernel::linux::seccomp::{self, Verdict};
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::task::{Pending, Restart, Task};
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Fate};

/// A call as it was asked, before anybody decided anything.
struct Asked {
    entry: &'static Entry,
    /// What is known of the call.
    info: Option<&'static CallInfo>,
    number: u32,
    through: Option<u32>,
    row: Option<&'static Row>,
    args: Args,
    fault: Option<ArgumentFault>,
    pc: u64,
    return_address: u64,
}

impl Asked {
    fn abi(&self) -> &'static linux::Abi {
        self.entry.system.linux()
    }
}

impl Emulator {
    /// A call from its trap to its end, or until it waits.
    #[inline]
    pub(super) fn call(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        entry: &'static Entry,
        (trap, pc, next): (Trap, u64, u64),
    ) -> Result<Flow, Error> {
        self.kernel.clock.tick_call();
        let asked = ask(task, cpu, memory, entry, (trap, pc, next));
        let id = asked.info.map(|info| info.id);
        let mut refused = None;
        if task.linux.seccomp.is_on() {
            refused = refuse(task, cpu, memory, &asked);
        }
        if let Some(Refused::Asks(data)) = refused {
            if self.asking(task, cpu, data) {
                return Ok(Flow::Stops);
            }
            refused = Some(Refused::Fails(Errno::ENOSYS.number(asked.abi())));
        }
        if self.callbacks.listens(id) || self.sinks.wants(id) || self.injections.listens(id) {
            let event = self.event(task, cpu, &asked);
            return self.observed_call(task, cpu, memory, event, refused);
        }
        match refused {
            Some(Refused::Fails(number)) => {
                finish(
                    cpu,
                    entry,
                    if number == 0 { Ok(0) } else { Err(number) },
                    None,
                );
                return Ok(Flow::Returns);
            }
            Some(Refused::Traps) => return Ok(Flow::Returns),
            Some(Refused::Dies(fate)) => return Ok(Flow::Fate(fate)),
            Some(Refused::Asks(_)) | None => {}
        }
        let fails = asked.fault.is_some_and(|fault| fault.fails);
        let (Some(row), false) = (asked.row, fails) else {
            let result = match fails {
                true => Err(Errno::EFAULT),
                false => entry.system.unknown(),
            };
            entry.abi.write_result(cpu, entry.system.result(result));
            unknown(task, entry, asked.row, (asked.number, asked.return_address));
            return Ok(Flow::Returns);
        };
        let mut cx = Cx::new(task, cpu, memory, entry, row, asked.return_address, false);
        let outcome = self.kernel.serve(&mut cx, &asked.args);
        let (wait, second, fate, yields) = (cx.wait, cx.second, cx.fate, cx.yields);
        let result = match outcome {
            Ok(value) => Ok(value),
            Err(Stop::Fail(errno)) => Err(errno),
            Err(Stop::Missing) => Err(Errno::ENOSYS),
            Err(Stop::Resumed) => return Ok(Flow::Returns),
            Err(Stop::Never) => {
                return Ok(Flow::Fate(
                    fate.expect("a service that never returns names the fate"),
                ));
            }
            Err(Stop::Block) => {
                let event = self.event(task, cpu, &asked);
                task.pending = Some(Box::new(Pending {
                    event,
                    observed: false,
                }));
                return Ok(waits(wait));
            }
        };
        finish(cpu, entry, entry.system.result(result), second);
        Ok(if yields { Flow::Yields } else { Flow::Returns })
    }

    #[inline(never)]
    fn event(&self, task: &Task, cpu: &dyn Cpu, asked: &Asked) -> CallEvent {
        CallEvent {
            task: task.tid,
            profile: task.profile,
            entry: asked.entry,
            number: asked.number,
            through: asked.through,
            row: asked.row,
            info: asked.info,
            args: asked.args,
            fault: asked.fault,
            pc: asked.pc,
            return_address: asked.return_address,
            sp: cpu.sp(),
            instructions: cpu.instructions(),
            time: self.kernel.clock.now(),
            attempts: again(task, asked.pc, cpu.sp()).map_or(1, |restart| restart.attempts + 1),
            second: None,
            tampered: Tampered::default(),
            inside: None,
        }
    }

    /// What a call stands for, when somebody listens to that or a rule has it.
    fn inside(&self, event: &CallEvent, memory: &mut AddressSpace) -> Option<CallEvent> {
        let abi = event.entry.system.linux();
        let asked = decode::Asked::of(event, abi)?;
        let inner = indirect::inner(&asked, memory)?;
        let id = inner.info.id;
        (self.callbacks.listens_inside(id) || self.injections.has(id)).then(|| CallEvent {
            info: Some(inner.info),
            row: Some(inner.row),
            args: inner.args,
            through: Some(event.number),
            ..event.clone()
        })
    }

    /// A call that somebody watches: its enter.
    #[inline(never)]
    fn observed_call(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        mut event: CallEvent,
        refused: Option<Refused>,
    ) -> Result<Flow, Error> {
        let abi = event.entry.system.shown();
        let id = event.info.map(|info| info.id);
        let mut answer = None;
        if self.callbacks.listens(id) || self.injections.listens(id) {
            let files = task.linux.files.borrow();
            let site = Site {
                cpu,
                memory,
                files: &files,
            };
            let (args, answered) = self.callbacks.enter(site, &event);
            event.args = args;
            answer = answered;
            if let Some(mut inner) = self.inside(&event, memory) {
                let files = task.linux.files.borrow();
                let site = Site {
                    cpu,
                    memory,
                    files: &files,
                };
                let (args, answered) = self.callbacks.enter_inside(site, &inner);
                let changed = args != inner.args;
                inner.args = args;
                answer = answered.or(answer);
                event.inside = Some(Box::new(Inside {
                    call: inner,
                    changed,
                }));
            }
        }
        let what = match (answer, &refused) {
            (None, None) => self.tamper(memory, &mut event),
            _ => None,
        };
        if self.sinks.wants(id) {
            self.show(task, Some(cpu), memory, abi, &Event::Enter(&event))?;
        }
        if let Some(what) = what {
            return self.tampered(task, cpu, memory, event, &what);
        }
        if let Some(ret) = answer {
            let end = End::Returned(ret);
            return self.end(task, cpu, memory, &event, end, false);
        }
        match refused {
            Some(Refused::Fails(number)) => {
                let errno = Errno::from_number(abi, number).unwrap_or(Errno::EPERM);
                let end = End::Returned(if number == 0 { Ok(0) } else { Err(errno) });
                return self.end(task, cpu, memory, &event, end, false);
            }
            Some(Refused::Traps) => {
                return self.end(task, cpu, memory, &event, End::NeverReturns, false);
            }
            Some(Refused::Dies(fate)) => {
                self.end(task, cpu, memory, &event, End::Killed, false)?;
                return Ok(Flow::Fate(fate));
            }
            Some(Refused::Asks(_)) | None => {}
        }
        self.serve(
            task,
            cpu,
            memory,
            Pending {
                event,
                observed: true,
            },
            false,
        )
    }

    /// Asks the kernel, and tells the end if there is one.
    pub(super) fn serve(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        pending: Pending,
        again: bool,
    ) -> Result<Flow, Error> {
        let Pending {
            mut event,
            observed,
        } = pending;
        let fails = event.fault.is_some_and(|fault| fault.fails);
        let mut yields = false;
        let (outcome, wait, second, fate) = match event.row {
            _ if fails => (Err(Stop::Fail(Errno::EFAULT)), None, None, None),
            Some(row) => {
                let (entry, next) = (event.entry, event.return_address);
                let inside = event.inside.as_ref().filter(|inside| inside.changed);
                let row = inside.and_then(|inside| inside.call.row).unwrap_or(row);
                let mut cx = Cx::new(task, cpu, memory, entry, row, next, again);
                let args = inside.map_or(&event.args, |inside| &inside.call.args);
                let outcome = self.kernel.serve(&mut cx, args);
                let (wait, second, fate, born) = (cx.wait, cx.second, cx.fate, cx.born);
                yields = cx.yields;
                // The new task comes back from this call, too, and those who watch it are told.
                if let Some(birth) = born
                    .filter(|_| observed)
                    .and_then(|tid| self.kernel.tasks.get_mut(tid))
                    .and_then(|task| task.birth.as_mut())
                {
                    birth.told = Some(CallEvent {
                        tampered: Tampered::default(),
                        ..event.clone()
                    });
                }
                (outcome, wait, second, fate)
            }
            None => {
                unknown(
                    task,
                    event.entry,
                    None,
                    (event.number, event.return_address),
                );
                (Err(Stop::Missing), None, None, None)
            }
        };
        let missing = outcome == Err(Stop::Missing);
        let end = match outcome {
            Ok(value) => End::Returned(Ok(value)),
            // The run is over: the guest will not see this.
            Err(Stop::Fail(Errno::EINTR)) if self.limits.timed_out() => End::Killed,
            Err(Stop::Fail(errno)) => End::Returned(Err(errno)),
            Err(Stop::Missing) if event.row.is_none() => {
                End::Returned(event.entry.system.unknown())
            }
            Err(Stop::Missing) => End::Returned(Err(Errno::ENOSYS)),
            Err(Stop::Resumed) => End::NeverReturns,
            Err(Stop::Never) => match &fate {
                Some(Fate::Exit(ExitStatus::Signaled { .. }))
                | Some(Fate::ExitGroup(ExitStatus::Signaled { .. })) => End::Killed,
                _ => End::NeverReturns,
            },
            Err(Stop::Block) => {
                task.pending = Some(Box::new(Pending { event, observed }));
                return Ok(waits(wait));
            }
        };
        let flow = if observed {
            event.second = second;
            self.end(task, cpu, memory, &event, end, missing)?
        } else {
            if let End::Returned(ret) = end {
                finish(cpu, event.entry, event.entry.system.result(ret), second);
            }
            Flow::Returns
        };
        Ok(match fate {
            Some(fate) => Flow::Fate(fate),
            None if yields => Flow::Yields,
            None => flow,
        })
    }

    /// A watched call's end: exit callbacks, registers, sinks.
    pub(super) fn end(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        event: &CallEvent,
        mut end: End,
        missing: bool,
    ) -> Result<Flow, Error> {
        if let End::Returned(ret) = end {
            end = End::Returned(event.entry.system.told(ret));
        }
        let after = self.injections.ends(event.task);
        let poked = after
            .as_ref()
            .and_then(|what| poked_at_end(what, memory, event, end));
        let event = poked.as_ref().unwrap_or(event);
        let abi = event.entry.system.shown();
        let id = event.info.map(|info| info.id);
        if self.callbacks.listens(id) {
            let files = task.linux.files.borrow();
            let site = Site {
                cpu,
                memory,
                files: &files,
            };
            let mut ret = match end {
                End::Returned(ret) => ret,
                _ => Ok(0),
            };
            if let Some(inside) = &event.inside {
                let site = Site {
                    cpu: &mut *site.cpu,
                    memory: &mut *site.memory,
                    files: site.files,
                };
                self.callbacks
                    .exit_inside(site, &inside.call, end, &mut ret);
                if let End::Returned(_) = end {
                    end = End::Returned(ret);
                }
            }
            self.callbacks.exit(site, event, end, &mut ret);
            if let End::Returned(_) = end {
                end = End::Returned(ret);
            }
        }
        if let End::Returned(ret) = end {
            finish(
                cpu,
                event.entry,
                event.entry.system.result(ret),
                event.second,
            );
            if self.callbacks.wants_returns() {
                let files = task.linux.files.borrow();
                let site = Site {
                    cpu,
                    memory,
                    files: &files,
                };
                self.callbacks.returned(site, event, ret);
            }
        }
        if self.sinks.wants(id) {
            let time = self.kernel.clock.now();
            let event = Event::Exit {
                call: event,
                end,
                missing,
                time,
            };
            self.show(task, Some(cpu), memory, abi, &event)?;
        }
        if let Some(time) = after.and_then(|what| what.delay_exit) {
            self.delay(time);
        }
        Ok(Flow::Returns)
    }
}

/// Reads what the guest asks, and puts the program counter where it goes on.
#[inline]
fn ask(
    task: &Task,
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    entry: &'static Entry,
    (trap, pc, next): (Trap, u64, u64),
) -> Asked {
    let mut number = entry.number(cpu, trap);
    let mut through = None;
    let mut first = 0;
    if entry.indirect.contains(&number) {
        through = Some(number);
        number = entry.abi.read_slot(cpu, memory, 0).unwrap_or(0) as u32;
        first = 1;
    }
    let row = entry.system.table().row(number);
    let (args, fault) = match row {
        Some(row) => entry.abi.read_args(cpu, memory, row.params, first),
        None => (raw_args(cpu, memory, entry, first), None),
    };
    let return_address = match entry.resume {
        Resume::Next => next,
        Resume::Again => pc,
        Resume::Landing { symbol, stack } => {
            if let Some(reg) = stack {
                let sp = cpu.reg(reg);
                cpu.set_sp(sp);
            }
            task.symbol(symbol).unwrap_or(next)
        }
        Resume::Stored { at, stack } => {
            let sp = cpu.reg(stack);
            cpu.set_sp(sp);
            memory.read_u32(at).map_or(next, u64::from)
        }
    };
    if return_address != next {
        cpu.set_pc(return_address);
    }
    for clobber in entry.clobbers {
        match *clobber {
            Clobber::Next(reg) => cpu.set_reg(reg, return_address),
            Clobber::Copy { to, from } => {
                let value = cpu.reg(from);
                cpu.set_reg(to, value);
            }
        }
    }
    Asked {
        entry,
        info: row.map(|row| entry.system.info(row)),
        number,
        through,
        row,
        args,
        fault,
        pc,
        return_address,
    }
}

/// What becomes of a call that a task may not make.
enum Refused {
    /// It fails with this number; 0 is none.
    Fails(u16),
    /// The task has got a signal instead.
    Traps,
    /// The task ends.
    Dies(Fate),
    /// Its tracer decides, who is told this.
    Asks(u16),
}

/// Asks what filters say of a call.
fn refuse(
    task: &mut Task,
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    asked: &Asked,
) -> Option<Refused> {
    let first = usize::from(asked.through.is_some());
    let args = raw_args(cpu, memory, asked.entry, first);
    let seen = seccomp::Seen {
        number: asked.number,
        pc: asked.return_address,
        args: std::array::from_fn(|index| args[index]),
    };
    let call = asked.row.map(|row| row.call);
    match task.linux.seccomp.judge(asked.abi(), call, &seen) {
        Verdict::Allow => None,
        Verdict::Fails(number) => Some(Refused::Fails(number)),
        Verdict::Asks(data) => {
            let traced = task.linux.traced.as_ref();
            let traced = traced.filter(|traced| traced.has(asked.abi().k.PTRACE_O_TRACESECCOMP));
            match traced.and_then(|traced| traced.call) {
                Some(call) if call.allowed => None,
                Some(_) => Some(Refused::Asks(data)),
                None => Some(Refused::Fails(Errno::ENOSYS.number(asked.abi()))),
            }
        }
        Verdict::Traps(value) => {
            let info = seccomp::trapped(asked.abi(), &seen, value);
            task.linux.force(asked.abi(), &info);
            Some(Refused::Traps)
        }
        Verdict::Dies(signal, process) => {
            let status = seccomp::death(task, signal);
            Some(Refused::Dies(match process {
                true => Fate::ExitGroup(status),
                false => Fate::Exit(status),
            }))
        }
    }
}

/// The slots of a convention, for a number of which nothing is known.
fn raw_args(cpu: &mut dyn Cpu, memory: &mut AddressSpace, entry: &Entry, first: usize) -> Args {
    let mut args = [0; MAX_ARGS];
    for (index, arg) in args.iter_mut().enumerate().take(6) {
        *arg = entry.abi.read_slot(cpu, memory, index + first).unwrap_or(0);
    }
    args
}

/// A number without a call may be more than an error.
fn unknown(task: &mut Task, entry: &Entry, row: Option<&Row>, (number, address): (u32, u64)) {
    if row.is_none() && entry.unknown_signals {
        let abi = entry.system.linux();
        let info = Info {
            extra: Extra::Call {
                errno: 0,
                address,
                number,
                arch: abi.k.AUDIT_ARCH as u32,
            },
            ..Info::new(abi, abi.k.SIGSYS, abi.k.SI_KERNEL)
        };
        task.linux.force(abi, &info);
    }
}

fn finish(cpu: &mut dyn Cpu, entry: &'static Entry, result: Result<u64, u16>, second: Option<u64>) {
    entry.abi.write_result(cpu, result);
    if let (Some(value), Some(reg)) = (second, entry.abi.second_result()) {
        cpu.set_reg(reg, value);
    }
}

/// How a call goes on that blocks.
fn waits(wait: Option<(Wait, Interrupted)>) -> Flow {
    let (wait, interrupted) = wait.expect("a service that blocks names the wait");
    Flow::Waits(wait, interrupted)
}

/// The call that a task makes again, when this is it.
fn again(task: &Task, pc: u64, sp: u64) -> Option<Restart> {
    task.restart
        .filter(|restart| restart.pc == pc && restart.sp == sp)
}
