//! Do two tasks share something? `kcmp`.   [kcmp(2); Linux kernel/kcmp.c]

use std::rc::Rc;

use emu_prototypes::linux::{self, Errno, Outcome};

use crate::kernel::linux::LinuxTask;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::task::{Task, Tid};
use crate::kernel::{Cx, Kernel};

pub(super) fn compare(kernel: &Kernel, cx: &Cx<'_>, call: &linux::Kcmp) -> Outcome {
    let k = cx.k;
    let find = |tid: Tid| kernel.task(cx, tid).ok_or(Errno::ESRCH);
    let (first, second) = (find(call.pid1)?, find(call.pid2)?);
    if !kernel.may_look_into(cx, first) || !kernel.may_look_into(cx, second) {
        return Err(Errno::EPERM.into());
    }
    let kind = u64::from(call.r#type as u32);
    // What they have is numbered by the first task that has it: an order that is the same in each run.
    let number = |task: &Task, same: &dyn Fn(&Task) -> bool| {
        let others = kernel.tasks.iter().filter(|other| same(other));
        let all = others.map(|other| other.tid);
        let own = Some(cx.task.tid).filter(|_| same(cx.task));
        u64::from(all.chain(own).min().unwrap_or(task.tid).cast_unsigned())
    };
    let shared = |same: fn(&LinuxTask, &LinuxTask) -> bool| {
        let of = |task: &Task| number(task, &|other| same(&task.linux, &other.linux));
        (of(first), of(second))
    };
    let (a, b) = if kind == k.KCMP_FILE {
        (
            open_file(first, call.idx1)?.id,
            open_file(second, call.idx2)?.id,
        )
    } else if kind == k.KCMP_VM {
        let of = |task: &Task| number(task, &|other| Rc::ptr_eq(&task.space, &other.space));
        (of(first), of(second))
    } else if kind == k.KCMP_FILES {
        shared(|a, b| Rc::ptr_eq(&a.files, &b.files))
    } else if kind == k.KCMP_FS {
        shared(|a, b| Rc::ptr_eq(&a.fs, &b.fs))
    } else if kind == k.KCMP_SIGHAND {
        shared(|a, b| Rc::ptr_eq(&a.handlers, &b.handlers))
    } else if kind == k.KCMP_IO {
        // There are no contexts of input and output: all have none.
        (0, 0)
    } else if kind == k.KCMP_SYSVSEM {
        let same = |a: &LinuxTask, b: &LinuxTask| match (&a.undo, &b.undo) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        match same(&first.linux, &second.linux) {
            true => (0, 0),
            false => shared(|a, b| match (&a.undo, &b.undo) {
                (Some(a), Some(b)) => Rc::ptr_eq(a, b),
                _ => false,
            }),
        }
    } else {
        return Err(Errno::EINVAL.into());
    };
    Ok(match a.cmp(&b) {
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Greater => 2,
    })
}

fn open_file(task: &Task, fd: u64) -> Result<Rc<OpenFile>, Errno> {
    let fd = i32::try_from(fd).map_err(|_| Errno::EBADF)?;
    Ok(task.linux.files.borrow().any(fd)?.clone())
}
