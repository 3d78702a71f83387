//! Which processes and threads are there?   [winternl.h: SYSTEM_PROCESS_INFORMATION; the headers of the crate phnt, ntexapi.h]

use crate::kernel::linux::process::{INIT, Process};
use crate::kernel::nt::client_id;
use crate::kernel::nt::executive::system_time;
use crate::kernel::nt::process::ended;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// Processes that are told of at most.
const MAX: usize = 0x1000;
/// Base priority of a process, and of its threads.
const PRIORITY: u32 = 8;
/// `THREAD_STATE`: it waits; it runs.
const WAITING: u32 = 5;
const RUNNING: u32 = 2;
/// `KWAIT_REASON`: the user's own.
const USER_REQUEST: u32 = 6;
/// The session of interactive users.
const SESSION: u64 = 1;

/// All that run, one behind the other, for a buffer at an address. The idle process comes first.
pub(super) fn list(kernel: &Kernel, cx: &Cx<'_>, at: u64) -> Vec<u8> {
    let word = cx.word() as usize;
    let mut out = Vec::new();
    idle(&mut out, word);
    let processes = kernel.linux.processes.iter().take(MAX);
    for process in processes {
        let process = process.borrow();
        if ended(&process).is_some() {
            continue;
        }
        // The one before says how long it is.
        let before = out.len();
        let start = before.next_multiple_of(8);
        out.resize(start, 0);
        let previous = previous(&out);
        let len = (start - previous) as u32;
        out[previous..previous + 4].copy_from_slice(&len.to_le_bytes());
        one(kernel, cx, &process, at, word, &mut out);
    }
    out
}

/// Where the last entry begins.
fn previous(out: &[u8]) -> usize {
    let mut at = 0;
    while let Some(next) = out.get(at..at + 4) {
        match u32::from_le_bytes([next[0], next[1], next[2], next[3]]) {
            0 => break,
            len => at += len as usize,
        }
    }
    at
}

fn put(out: &mut Vec<u8>, value: u64, size: usize) {
    out.extend_from_slice(&value.to_le_bytes()[..size]);
}

/// The head of an entry up to where its counters of memory begin.
struct Head {
    threads: u32,
    times: [u64; 3],
    name: (u16, u64),
    numbers: (u64, u64),
    handles: u32,
}

fn head(out: &mut Vec<u8>, word: usize, head: &Head) {
    put(out, 0, 4);
    put(out, head.threads.into(), 4);
    out.resize(out.len() + 24, 0);
    head.times.iter().for_each(|time| put(out, *time, 8));
    let (len, at) = head.name;
    put(out, len.into(), 2);
    put(out, if len == 0 { 0 } else { u64::from(len) + 2 }, 2);
    align(out, word);
    put(out, at, word);
    put(out, PRIORITY.into(), 4);
    align(out, word);
    put(out, head.numbers.0, word);
    put(out, head.numbers.1, word);
    put(out, head.handles.into(), 4);
    put(out, SESSION, 4);
    put(out, 0, word);
}

fn align(out: &mut Vec<u8>, word: usize) {
    out.resize(out.len().next_multiple_of(word), 0);
}

/// Process 0, which is there when nothing runs.
fn idle(out: &mut Vec<u8>, word: usize) {
    let own = Head {
        threads: 0,
        times: [0; 3],
        name: (0, 0),
        numbers: (0, 0),
        handles: 0,
    };
    head(out, word, &own);
    // Counters of memory and of transfers: nothing.
    out.resize(out.len() + 12 * word, 0);
    out.resize(out.len().next_multiple_of(8) + 48, 0);
}

fn one(kernel: &Kernel, cx: &Cx<'_>, process: &Process, at: u64, word: usize, out: &mut Vec<u8>) {
    let pid = process.pid;
    let since = kernel.clock.now().saturating_sub(process.started) / 100;
    let began = system_time(kernel).saturating_sub(since);
    let threads: Vec<Tid> = process.threads.iter().copied().collect();
    let name = process.exe.rsplit(|byte| *byte == b'/').next();
    let name: Vec<u16> = String::from_utf8_lossy(name.unwrap_or_default())
        .encode_utf16()
        .take(260)
        .collect();
    let parent = match process.parent {
        INIT => 0,
        parent => client_id(parent, parent).0,
    };
    let record = kernel.nt.processes.get(&pid);
    let start = out.len();
    let own = Head {
        threads: threads.len() as u32,
        times: [began, process.used.0 / 100, process.used.1 / 100],
        name: (2 * name.len() as u16, 0),
        numbers: (client_id(pid, pid).0, parent),
        handles: record.map_or(0, |record| record.handles.iter().count() as u32),
    };
    head(out, word, &own);
    let own_space = threads.contains(&cx.task.tid);
    let resident = match own_space {
        true => cx.mem.resident(),
        false => kernel
            .task_of(process)
            .map_or(0, |task| task.space.borrow().resident()),
    };
    // Sizes and page faults, the working set, quotas, page files, private pages.
    for value in [
        resident, resident, 0, resident, resident, 0, 0, 0, 0, resident, resident, resident,
    ] {
        put(out, value, word);
    }
    out.resize(out.len().next_multiple_of(8) + 48, 0);
    for tid in threads {
        let running = tid == cx.task.tid;
        out.resize(out.len() + 16, 0);
        put(out, began, 8);
        put(out, 0, 4);
        align(out, word);
        put(out, 0, word);
        let (number, thread) = client_id(pid, tid);
        put(out, number, word);
        put(out, thread, word);
        let state = if running { RUNNING } else { WAITING };
        for value in [PRIORITY, PRIORITY, 0, state, USER_REQUEST] {
            put(out, value.into(), 4);
        }
        out.resize(out.len().next_multiple_of(8), 0);
    }
    // The name comes last, and the head leads to it.
    let place = start + 56 + if word == 8 { 8 } else { 4 };
    let text = at.wrapping_add(out.len() as u64).to_le_bytes();
    out[place..place + word].copy_from_slice(&text[..word]);
    for unit in name.iter().chain(&[0]) {
        put(out, u64::from(*unit), 2);
    }
}
