//! Which of them all does `ipc` mean?   [ipc(2); Linux ipc/syscall.c, ksys_ipc]

use emu_prototypes::linux::{self, Errno, Outcome};

use super::form::Form;
use super::shm::give_address;
use crate::kernel::linux::time;
use crate::kernel::{Cx, Kernel};

pub(super) fn call(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &linux::Ipc) -> Outcome {
    let k = cx.k;
    let (version, which) = (call.call >> 16, u64::from(call.call & 0xffff));
    let (first, second, third) = (call.first, call.second, call.third);
    let pointer = call.ptr.address;
    let form = Form::of(cx, second as i32, true);
    if which == k.SEMOP || which == k.SEMTIMEDOP {
        let timeout = if which == k.SEMOP {
            0
        } else {
            call.fifth as u64
        };
        // An address, whatever its sign.
        let timeout = timeout & cx.profile.arch.address_mask();
        let operations = (pointer, second as u32);
        kernel.operate(cx, first, operations, (timeout, time::Form::Own))
    } else if which == k.SEMGET {
        kernel.get_set(cx, first, second as i32, third as i32)
    } else if which == k.SEMCTL {
        if pointer == 0 {
            return Err(Errno::EINVAL.into());
        }
        let argument = cx.read_word(pointer)?;
        let form = Form::of(cx, third as i32, true);
        kernel.control_set(cx, first, second as i32, form, argument)
    } else if which == k.MSGSND {
        kernel.send_message_to(cx, first, (pointer, second), third as i32)
    } else if which == k.MSGRCV {
        let (buffer, kind) = match version {
            0 if pointer == 0 => return Err(Errno::EINVAL.into()),
            // The two stand in memory.   [Linux include/uapi/linux/ipc.h, struct ipc_kludge]
            0 => {
                let kind = cx.read_word(pointer.wrapping_add(cx.word()))?;
                (cx.read_word(pointer)?, i64::from(kind as i32))
            }
            _ => (pointer, call.fifth),
        };
        kernel.receive_message_from(cx, first, (buffer, second), kind, third as i32)
    } else if which == k.MSGGET {
        kernel.get_queue(cx, first, second as i32)
    } else if which == k.MSGCTL {
        kernel.control_queue(cx, first, form, pointer)
    } else if which == k.SHMAT {
        if version == 1 {
            return Err(Errno::EINVAL.into());
        }
        let outcome = kernel.attach_segment(cx, first, pointer, second as i32);
        give_address(cx, third, outcome)
    } else if which == k.SHMDT {
        kernel.detach_segment(cx, pointer)
    } else if which == k.SHMGET {
        kernel.get_segment(cx, first, second, third as i32)
    } else if which == k.SHMCTL {
        kernel.control_segment(cx, first, form, pointer)
    } else {
        Err(Errno::ENOSYS.into())
    }
}
