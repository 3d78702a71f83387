//! What can be told to the kernel through `/proc/PID`?

use std::rc::Rc;

use super::subject::of_key;
use super::{Proc, Subject};
use crate::kernel::linux::start::TIMER_SLACK;
use crate::kernel::vfs::{FsError, Key};
use crate::kernel::{Cx, Kernel};

/// Bytes of a name, its end not counted.   [Linux include/linux/sched.h, TASK_COMM_LEN]
const NAME: usize = 15;

/// A number as text, with white space around it.
fn number(bytes: &[u8]) -> Result<i64, FsError> {
    let text = std::str::from_utf8(bytes).map_err(|_| FsError::Invalid)?;
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0');
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| FsError::Invalid)
}

/// Takes what is written to a file of a process. What can't be changed says so.
pub(in crate::kernel::linux) fn store(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    key: Key,
    bytes: &[u8],
) -> Result<usize, FsError> {
    let Some((whose, name)) = of_key(key) else {
        return Err(FsError::Access);
    };
    let (tid, process) = {
        let proc = Proc::new(kernel, cx);
        let subject = Subject::find(&proc, whose).ok_or(FsError::NoProcess)?;
        (subject.tid, subject.process.clone())
    };
    match name.path {
        // Only threads of the same process may be named.   [Linux fs/proc/base.c, comm_write]
        "comm" => {
            if !Rc::ptr_eq(&process, &cx.task.linux.process) {
                return Err(FsError::Invalid);
            }
            let end = bytes.iter().position(|byte| *byte == 0);
            let text = &bytes[..end.unwrap_or(bytes.len()).min(NAME)];
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            kernel.with_task(Some(cx.task), tid, |task| task.linux.name = text.to_vec());
        }
        "oom_score_adj" => {
            let score = number(bytes)?;
            let score = i16::try_from(score)
                .ok()
                .filter(|score| (-1000..=1000).contains(score))
                .ok_or(FsError::Invalid)?;
            // Less than it was takes a right.   [Linux fs/proc/base.c, __set_oom_adj]
            if score < process.borrow().oom_score_adj && !cx.capable(cx.k.CAP_SYS_RESOURCE) {
                return Err(FsError::Access);
            }
            process.borrow_mut().oom_score_adj = score;
        }
        "oom_adj" => {
            let adj = number(bytes)?;
            if !(-17..=15).contains(&adj) {
                return Err(FsError::Invalid);
            }
            let score = if adj == 15 { 1000 } else { adj * 1000 / 17 } as i16;
            if score < process.borrow().oom_score_adj && !cx.capable(cx.k.CAP_SYS_RESOURCE) {
                return Err(FsError::Access);
            }
            process.borrow_mut().oom_score_adj = score;
        }
        "coredump_filter" => {
            let filter = u32::try_from(number(bytes)?).map_err(|_| FsError::Invalid)?;
            process.borrow_mut().coredump_filter = filter;
        }
        "timerslack_ns" => {
            let slack = u64::try_from(number(bytes)?).map_err(|_| FsError::Invalid)?;
            let slack = if slack == 0 { TIMER_SLACK } else { slack };
            kernel.with_task(Some(cx.task), tid, |task| task.linux.timer_slack = slack);
        }
        // There is one user name space, whose numbers are set, and no audit.
        "uid_map" | "gid_map" | "projid_map" | "setgroups" | "loginuid" => {
            return Err(FsError::NotPermitted);
        }
        _ => return Err(FsError::Access),
    }
    Ok(bytes.len())
}
