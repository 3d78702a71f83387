//! The words of a line: a call's name and result, what is unusual about it, how a task ended.

use emu_prototypes::MAX_ARGS;
use emu_prototypes::linux::Errno;

use crate::decode::{self, Asked, Decoder, number};
use crate::event::{CallEvent, End, ExitStatus, Tampered};
use crate::view::View;

/// How many slots of a number without a call are shown.
const SLOTS: usize = 6;

/// The name of the call on its profile.
pub(in crate::sink) fn name(out: &mut Vec<u8>, call: &CallEvent) {
    match call.row {
        Some(row) => out.extend_from_slice(row.name.as_bytes()),
        None => decode::unnamed(out, call),
    }
}

/// What a call gave back, and what that says in words. `asked` is the call as the decoder takes it.
pub(in crate::sink) fn result(
    decoder: &mut Decoder,
    text: &mut Vec<u8>,
    asked: Option<Asked<'_>>,
    (call, end): (&CallEvent, End),
    view: &mut View<'_>,
) {
    let model = call.entry.abi.model;
    match (end, asked) {
        (End::Returned(Ok(value)), Some(asked)) => {
            let mut printer = decoder.printer(text, view.guest, view.abi, model);
            printer.success(&asked, value);
        }
        (End::Returned(Ok(value)), None) if decode::nt::is(call) => decode::nt::status(text, value),
        (End::Returned(Ok(value)) | End::ChildReturn(value), _) => {
            number::signed(text, value as i64);
        }
        (End::Returned(Err(errno)), _) => {
            decoder
                .printer(text, view.guest, view.abi, model)
                .error(errno);
        }
        (End::Restarted(errno), _) => restarted(text, errno),
        (End::NeverReturns, _) => {
            text.push(if call.execs() { b'0' } else { b'?' });
        }
        (End::Killed, _) => text.push(b'?'),
    }
    if let (End::Returned(Ok(_)), Some(second)) = (end, call.second) {
        text.extend_from_slice(b" (second result ");
        number::signed(text, second as i64);
        text.push(b')');
    }
}

/// How a task ended: `exited with 0`, `killed by SIGSEGV`.
pub(in crate::sink) fn ended(out: &mut Vec<u8>, status: &ExitStatus) {
    match status {
        ExitStatus::Exited(status) => {
            out.extend_from_slice(b"exited with ");
            number::decimal(out, u64::from(*status));
        }
        ExitStatus::Status(status) => {
            out.extend_from_slice(b"exited with ");
            decode::nt::exit_status(out, *status);
        }
        ExitStatus::Signaled { name, core, .. } => {
            out.extend_from_slice(b"killed by ");
            out.extend_from_slice(name.as_bytes());
            if *core {
                out.extend_from_slice(b" (core dumped)");
            }
        }
        ExitStatus::Stopped => out.extend_from_slice(b"stopped"),
    }
}

/// The slots of a number without a call.
pub(in crate::sink) fn slots(out: &mut Vec<u8>, call: &CallEvent) {
    for (index, value) in call.args.iter().enumerate().take(SLOTS.min(MAX_ARGS)) {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        number::hex(out, *value);
    }
}

/// `? ERESTARTSYS (To be restarted if SA_RESTART is set)`
pub(super) fn restarted(out: &mut Vec<u8>, errno: Errno) {
    // [strace(1), ERRNO and signals]
    let words = match errno.name() {
        "ERESTARTSYS" => "To be restarted if SA_RESTART is set",
        "ERESTARTNOINTR" => "To be restarted",
        "ERESTARTNOHAND" => "To be restarted if no handler",
        "ERESTART_RESTARTBLOCK" => "Interrupted by signal",
        _ => errno.text(),
    };
    for part in ["? ", errno.name(), " (", words, ")"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// What rules did to a call, in strace's words.
pub(super) fn tampered(out: &mut Vec<u8>, call: &CallEvent, end: End) {
    if !matches!(end, End::Returned(_) | End::Restarted(_)) {
        return;
    }
    let Tampered {
        result,
        args,
        delayed,
    } = call.tampered;
    let injected: &[u8] = match (args, result) {
        (false, false) => b"",
        (false, true) => b" (INJECTED)",
        (true, false) => b" (INJECTED: args)",
        (true, true) => b" (INJECTED: args, retval)",
    };
    out.extend_from_slice(injected);
    if delayed {
        out.extend_from_slice(b" (DELAYED)");
    }
}

/// What is unusual about a call.
pub(super) fn marks(out: &mut Vec<u8>, call: &CallEvent, missing: bool) {
    let mut mark = |parts: [&str; 3]| {
        for part in parts {
            out.extend_from_slice(part.as_bytes());
        }
    };
    if missing {
        mark([" <", "missing", ">"]);
    }
    let usual = call
        .profile
        .entries
        .first()
        .map(|entry| entry.system.table());
    if !usual.is_some_and(|table| std::ptr::eq(table, call.entry.system.table())) {
        mark([" <", call.entry.name, ">"]);
    }
    if let Some(outer) = call.through {
        let row = call.entry.system.table().row(outer);
        mark([" <by ", row.map_or("syscall", |row| row.name), ">"]);
    }
}
