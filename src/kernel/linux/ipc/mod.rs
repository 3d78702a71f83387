//! Section `ipc`: what processes share by keys and names.

mod form;
mod mq;
mod mqueue;
mod msg;
mod multiplex;
mod sem;
mod set;
mod shm;
mod table;
#[cfg(test)]
mod tests;
mod undo;

use emu_prototypes::linux::{self, Outcome, services};

use form::Form;
use table::Table;
pub use undo::UndoList;

use crate::kernel::linux::time;
use crate::kernel::task::Task;
use crate::kernel::time::SECOND;
use crate::kernel::{Cx, Kernel};

/// All that there is of it.
#[derive(Default)]
pub struct Ipc {
    segments: shm::Segments,
    sets: Table<set::Set>,
    queues: Table<msg::Queue>,
    posix: mqueue::Queues,
    last_undo: u64,
}

impl Kernel {
    /// The wall clock's time in seconds.
    fn seconds(&self) -> u64 {
        self.clock.wall() / SECOND
    }

    /// A task has ended: nothing here waits for it, or with it.
    pub(in crate::kernel::linux) fn leave_ipc(&mut self, task: &mut Task) {
        self.linux.lock_waits.forget(task.tid);
        self.forget_sleeper(task.tid);
        self.forget_receiver(task.tid);
        for queue in self.linux.ipc.posix.live() {
            queue.forget(task.tid);
        }
        self.drop_undo_list(task);
    }
}

impl services::Ipc<Cx<'_>> for Kernel {
    fn shmget(&mut self, cx: &mut Cx<'_>, call: &linux::Shmget) -> Outcome {
        self.get_segment(cx, call.key, call.size, call.shmflg)
    }

    fn shmat(&mut self, cx: &mut Cx<'_>, call: &linux::Shmat) -> Outcome {
        self.attach_segment(cx, call.shmid, call.shmaddr.address, call.shmflg)
    }

    fn shmdt(&mut self, cx: &mut Cx<'_>, call: &linux::Shmdt) -> Outcome {
        self.detach_segment(cx, call.shmaddr.address)
    }

    fn shmctl(&mut self, cx: &mut Cx<'_>, call: &linux::Shmctl) -> Outcome {
        let form = Form::of(cx, call.cmd, Form::is_told(cx));
        self.control_segment(cx, call.shmid, form, call.buf.address)
    }

    fn semget(&mut self, cx: &mut Cx<'_>, call: &linux::Semget) -> Outcome {
        self.get_set(cx, call.key, call.nsems, call.semflg)
    }

    fn semop(&mut self, cx: &mut Cx<'_>, call: &linux::Semop) -> Outcome {
        let operations = (call.tsops.address, call.nsops);
        self.operate(cx, call.semid, operations, (0, time::Form::Own))
    }

    fn semtimedop(&mut self, cx: &mut Cx<'_>, call: &linux::Semtimedop) -> Outcome {
        let operations = (call.tsops.address, call.nsops);
        let timeout = (call.timeout.address, time::Form::Own);
        self.operate(cx, call.semid, operations, timeout)
    }

    fn semtimedop_time64(&mut self, cx: &mut Cx<'_>, call: &linux::SemtimedopTime64) -> Outcome {
        let operations = (call.tsops.address, call.nsops);
        let timeout = (call.timeout.address, time::Form::Wide);
        self.operate(cx, call.semid, operations, timeout)
    }

    fn semctl(&mut self, cx: &mut Cx<'_>, call: &linux::Semctl) -> Outcome {
        let form = Form::of(cx, call.cmd, Form::is_told(cx));
        self.control_set(cx, call.semid, call.semnum, form, call.arg)
    }

    fn msgget(&mut self, cx: &mut Cx<'_>, call: &linux::Msgget) -> Outcome {
        self.get_queue(cx, call.key, call.msgflg)
    }

    fn msgsnd(&mut self, cx: &mut Cx<'_>, call: &linux::Msgsnd) -> Outcome {
        let text = (call.msgp.address, call.msgsz);
        self.send_message_to(cx, call.msqid, text, call.msgflg)
    }

    fn msgrcv(&mut self, cx: &mut Cx<'_>, call: &linux::Msgrcv) -> Outcome {
        let text = (call.msgp.address, call.msgsz);
        self.receive_message_from(cx, call.msqid, text, call.msgtyp, call.msgflg)
    }

    fn msgctl(&mut self, cx: &mut Cx<'_>, call: &linux::Msgctl) -> Outcome {
        let form = Form::of(cx, call.cmd, Form::is_told(cx));
        self.control_queue(cx, call.msqid, form, call.buf.address)
    }

    fn ipc(&mut self, cx: &mut Cx<'_>, call: &linux::Ipc) -> Outcome {
        multiplex::call(self, cx, call)
    }

    fn mq_open(&mut self, cx: &mut Cx<'_>, call: &linux::MqOpen) -> Outcome {
        mq::open(self, cx, call)
    }

    fn mq_unlink(&mut self, cx: &mut Cx<'_>, call: &linux::MqUnlink) -> Outcome {
        mq::unlink(self, cx, call)
    }

    fn mq_timedsend(&mut self, cx: &mut Cx<'_>, call: &linux::MqTimedsend) -> Outcome {
        let text = (call.u_msg_ptr.address, call.msg_len);
        let timeout = (call.u_abs_timeout.address, time::Form::Own);
        self.send_mq(cx, call.mqdes, text, call.msg_prio, timeout)
    }

    fn mq_timedsend_time64(&mut self, cx: &mut Cx<'_>, call: &linux::MqTimedsendTime64) -> Outcome {
        let text = (call.u_msg_ptr.address, call.msg_len);
        let timeout = (call.u_abs_timeout.address, time::Form::Wide);
        self.send_mq(cx, call.mqdes, text, call.msg_prio, timeout)
    }

    fn mq_timedreceive(&mut self, cx: &mut Cx<'_>, call: &linux::MqTimedreceive) -> Outcome {
        let text = (call.u_msg_ptr.address, call.msg_len);
        let timeout = (call.u_abs_timeout.address, time::Form::Own);
        self.receive_mq(cx, call.mqdes, text, call.u_msg_prio.address, timeout)
    }

    fn mq_timedreceive_time64(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::MqTimedreceiveTime64,
    ) -> Outcome {
        let text = (call.u_msg_ptr.address, call.msg_len);
        let timeout = (call.u_abs_timeout.address, time::Form::Wide);
        self.receive_mq(cx, call.mqdes, text, call.u_msg_prio.address, timeout)
    }

    fn mq_notify(&mut self, cx: &mut Cx<'_>, call: &linux::MqNotify) -> Outcome {
        self.ask_notify(cx, call.mqdes, call.u_notification.address)
    }

    fn mq_getsetattr(&mut self, cx: &mut Cx<'_>, call: &linux::MqGetsetattr) -> Outcome {
        self.attributes_of_mq(cx, call)
    }
}
