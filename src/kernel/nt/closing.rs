//! What goes with a handle, when it is closed or its process ends?   [Windows Internals, Object retention; IRP_MJ_CLEANUP]

use std::collections::BTreeSet;

use super::handles::Object;
use super::{completion, job};
use crate::kernel::Kernel;
use crate::kernel::task::Tid;

impl Kernel {
    /// An object has one handle of a process less.
    pub(super) fn nt_closed(&mut self, pid: Tid, object: &Object) {
        if !object.is_cleaned_up() {
            return;
        }
        let process = self.nt.processes.get(&pid);
        let shared = object.is_shared();
        if !(shared && process.is_some_and(|process| process.handles.has(object))) {
            self.left_by(pid, object);
        }
        if !(shared && self.handles_of(object) > 0) {
            self.last_closed(object);
        }
    }

    /// A process of Windows has ended with its last thread: its handles are closed, and those who have one of it know more
    /// than the table of processes.
    pub(crate) fn end_nt_process(&mut self, pid: Tid) {
        let Some(mut process) = self.nt.processes.remove(&pid) else {
            return;
        };
        if let Some(ended) = self.linux.processes.get(pid).cloned() {
            self.leave_packets(&Object::Process(ended));
        }
        self.linux.processes.remove(pid);
        process.network.abandon(self);
        let others = self.nt.processes.values();
        let others: BTreeSet<usize> = others
            .flat_map(|process| process.handles.iter())
            .filter(|slot| slot.object.is_cleaned_up())
            .map(|slot| slot.object.identity())
            .collect();
        let mut seen = BTreeSet::new();
        for object in process.handles.take() {
            if !object.is_cleaned_up() || !seen.insert(object.identity()) {
                continue;
            }
            self.left_by(pid, &object);
            self.cancel_requests(&object, (pid, None), 0);
            if !others.contains(&object.identity()) {
                self.last_closed(&object);
            }
        }
        let console = process.console.clone();
        drop(process);
        if let Some(console) = console {
            self.console_left(&console);
        }
        self.nt_tell_ended(None);
    }

    /// A thread has ended, and its process goes on: what it has asked for, and what is not over yet, is taken back.
    /// [Microsoft Learn, TerminateThread; Wine's server, cancel_terminating_thread_asyncs]
    pub(super) fn cancel_requests_of(&mut self, (pid, tid): (Tid, Tid)) {
        let Some(process) = self.nt.processes.get(&pid) else {
            return;
        };
        let mut seen = BTreeSet::new();
        let slots = process.handles.iter();
        let objects: Vec<Object> = slots
            .map(|slot| &slot.object)
            .filter(|object| {
                let transfers = matches!(
                    object,
                    Object::File(_) | Object::Pipe(_) | Object::Mailslot(_)
                );
                transfers && seen.insert(object.identity())
            })
            .cloned()
            .collect();
        for object in objects {
            self.cancel_requests(&object, (pid, Some(tid)), 0);
        }
        if !self.nt.ended.is_empty() {
            self.nt_tell_ended(None);
        }
    }

    /// A process has no handle of an object any more.
    fn left_by(&mut self, pid: Tid, object: &Object) {
        match object {
            Object::File(file) => {
                self.network_left(pid, file);
                self.locks_left(pid, file);
                if let Some(process) = self.nt.processes.get_mut(&pid) {
                    process.scans.remove(&file.id);
                }
            }
            // Who waits looks whether there is still a handle.
            Object::Completion(port) => completion::closed(port),
            _ => {}
        }
    }

    /// Nobody has a handle of an object any more.
    fn last_closed(&mut self, object: &Object) {
        match object {
            Object::File(file) => {
                self.nt.ports.remove(&file.id);
                self.nt.port_modes.remove(&file.id);
                self.file_closed(file);
            }
            Object::Pipe(end) => self.end_closed(end),
            Object::Mailslot(slot) => self.mailslot_closed(slot),
            Object::Job(job) => job::closed(self, job),
            Object::Process(process) => self.process_closed(process),
            Object::WaitPacket(packet) => self.packet_closed(packet),
            Object::Completion(port) => completion::closed(port),
            Object::Console(part) => self.console_closed(part),
            Object::Port(port) => self.port_closed(port),
            Object::Debug(debugger) => self.debugger_closed(debugger),
            _ => {}
        }
    }
}

impl Object {
    /// Whether something goes with its last handle that does not go by itself.
    fn is_cleaned_up(&self) -> bool {
        matches!(
            self,
            Object::File(_)
                | Object::Pipe(_)
                | Object::Mailslot(_)
                | Object::Job(_)
                | Object::Process(_)
                | Object::Completion(_)
                | Object::Console(_)
                | Object::Port(_)
                | Object::Debug(_)
                | Object::WaitPacket(_)
        )
    }
}
