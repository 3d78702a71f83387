//! What a rule does to a call, from its enter to its end.

use std::rc::Rc;

use emu_cpu::{AddressSpace, Cpu};

use super::{Emulator, Flow};
use crate::Error;
use crate::event::{CallEvent, End, Tampered};
use crate::inject::{Poke, What};
use crate::kernel::linux::signals::Info;
use crate::kernel::task::{Pending, Task};

impl Emulator {
    /// A call begins that a rule may have. What it does before anybody is told of the call is done.
    pub(super) fn tamper(
        &mut self,
        memory: &mut AddressSpace,
        event: &mut CallEvent,
    ) -> Option<Rc<What>> {
        let call = event.inside.as_ref().map_or(&*event, |inside| &inside.call);
        let what = self.injections.begins(call)?;
        event.tampered = Tampered {
            result: what.result(event.profile).is_some(),
            args: poke(memory, call, &what.poke_enter),
            delayed: what.delay_enter.is_some() || what.delay_exit.is_some(),
        };
        Some(what)
    }

    /// What it does when they are told.
    pub(super) fn tampered(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        event: CallEvent,
        what: &What,
    ) -> Result<Flow, Error> {
        if let Some(time) = what.delay_enter {
            self.delay(time);
        }
        let abi = event.entry.system.linux();
        let signal = what.signal_on(abi);
        if let Some(signal) = signal {
            let info = Info::new(abi, signal.into(), abi.k.SI_KERNEL);
            // One that finds no room in the queue is lost, as one of the kernel's own is.
            let tid = task.tid;
            let _ = self.kernel.signal_task(Some(&mut *task), tid, abi, &info);
        }
        if let Some(ret) = what.result(event.profile) {
            return self.end(task, cpu, memory, &event, End::Returned(ret), false);
        }
        let pending = Pending {
            event,
            observed: true,
        };
        Ok(match self.serve(task, cpu, memory, pending, false)? {
            // It is asked again at once, with the signal that has come before it waited.
            Flow::Waits(..) if signal.is_some() => Flow::Stops,
            flow => flow,
        })
    }

    /// Lets time pass: the guest's clock jumps, or the host's is waited for.
    pub(super) fn delay(&mut self, nanoseconds: u64) {
        let clock = &mut self.kernel.clock;
        clock.wait_until(clock.now().saturating_add(nanoseconds));
    }
}

/// The call as its end tells it, when bytes were put where its arguments point.
pub(super) fn poked_at_end(
    what: &What,
    memory: &mut AddressSpace,
    event: &CallEvent,
    end: End,
) -> Option<CallEvent> {
    let call = event.inside.as_ref().map_or(event, |inside| &inside.call);
    let returned = matches!(end, End::Returned(_));
    (returned && poke(memory, call, &what.poke_exit)).then(|| CallEvent {
        tampered: Tampered {
            args: true,
            ..event.tampered
        },
        ..event.clone()
    })
}

/// Whether any of the bytes could be put where the arguments point.
fn poke(memory: &mut AddressSpace, call: &CallEvent, all: &[Poke]) -> bool {
    let mut done = false;
    for Poke { argument, bytes } in all {
        let field = match call.row {
            Some(row) => row.params.get(*argument).map(|param| param.field.into()),
            None => Some(*argument),
        };
        let address = field.and_then(|field: usize| call.args.get(field)).copied();
        // Not by way of the guest's protection: text that can't be written is overwritten as well.
        match address.map(|address| memory.poke(address, bytes)) {
            Some(Ok(())) => done = true,
            _ => tracing::info!(
                "argument {} of {} points to no memory: nothing is put there",
                argument + 1,
                call.info.map_or("a call", |info| info.name)
            ),
        }
    }
    done
}
