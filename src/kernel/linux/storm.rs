//! Calls at random, by many tasks, on every profile: nothing that a guest asks breaks the kernel, and the same seed gives
//! the same answers.
//!
//! Tasks fork, share, wait, send signals and end as they would, but run no code: each turn of a task is a call. `STORM_CALLS`
//! in the environment says how many are made in all.

use std::hash::{DefaultHasher, Hash, Hasher};

use emu_cpu::AddressSpace;
use emu_cpu::memory::PAGE;
use emu_prototypes::linux;
use emu_prototypes::{Args, Stop};

use super::trial::{SCRATCH, Trial};
use crate::event::ExitStatus;
use crate::kernel::random::Random;
use crate::kernel::task::{State, Task};
use crate::kernel::{Cx, Fate};

/// Calls of each profile unless the environment says otherwise.
const CALLS: u64 = 840_000;
/// Calls until a kernel is thrown away, so that no mess grows for ever.
const ROUND: u64 = 4_000;
/// Tasks at once.
const TASKS: usize = 12;

/// Numbers that calls stumble over, some of them addresses of mapped memory.
fn number(random: &mut Random) -> u64 {
    match random.below(16) {
        0..5 => random.below(24),
        5 | 6 => SCRATCH + random.below(4 * PAGE),
        7 => SCRATCH + PAGE * random.below(4),
        8 => SCRATCH + 8 * random.below(64),
        9 => 1 << random.below(64),
        10 => (1u64 << random.below(64)).wrapping_sub(1),
        11 => u64::MAX,
        12 => 995 + random.below(16),
        13 => [0xffff_ffff, 0xffff_f000, 0x7fff_f000, 0x20_0000][random.below(4) as usize],
        14 => random.next_u64(),
        _ => u64::MAX - random.below(200),
    }
}

/// Bytes that make sense as paths, structures of small numbers, or nothing.
fn litter(random: &mut Random, space: &mut AddressSpace) {
    let paths: [&[u8]; 8] = [
        b"/tmp/file\0",
        b"/tmp\0",
        b"../../../../etc/passwd\0",
        b"/proc/self/root/../..\0",
        b"/dev/zero\0",
        b"/proc/self/fd/3\0",
        b"fifo\0",
        b"\0",
    ];
    for page in 0..4 {
        let at = SCRATCH + page * PAGE;
        let path = paths[random.below(8) as usize];
        let mut words = [0u8; 512];
        for word in words.chunks_exact_mut(4) {
            let value = match random.below(3) {
                0 => random.below(8) as u32,
                1 => number(random) as u32,
                _ => 0,
            };
            word.copy_from_slice(&value.to_le_bytes());
        }
        // A page that a call has taken away stays away.
        let _ = space.write(at, &words);
        let _ = space.write(at, path);
    }
}

/// One kernel, with tasks that come and go.
struct Storm {
    trial: Trial,
    random: Random,
    seen: DefaultHasher,
}

impl Storm {
    fn new(profile: &str, seed: u64) -> Storm {
        let mut trial = Trial::new(profile);
        trial.kernel.linux.max_tasks = Some(TASKS);
        // The task's own space is the one with the scratch pages, so that tasks share and copy it.
        let space = std::mem::replace(
            &mut trial.space,
            AddressSpace::new(&trial.kernel.memory, trial.task.profile.arch, 0, 0),
        );
        *trial.task.space.borrow_mut() = space;
        Storm {
            trial,
            random: Random::new(seed),
            seen: DefaultHasher::new(),
        }
    }

    /// Makes up to so many calls: how many it could before all tasks had ended, and what came of them.
    fn run(mut self, calls: u64) -> (u64, u64) {
        let first = std::mem::replace(&mut self.trial.task, Trial::new("linux_x64").task);
        self.trial.kernel.tasks.add(first);
        let mut made = 0;
        while made < calls {
            made += 1;
            self.trial.kernel.clock.tick_call();
            self.trial.kernel.catch_up(None);
            let Some(tid) = self.next() else { break };
            let Some(task) = self.trial.kernel.tasks.take(tid) else {
                continue;
            };
            self.trial.kernel.begin_turn();
            self.turn(task);
        }
        let memory = &self.trial.kernel.memory;
        assert!(memory.used() <= memory.limit());
        (made, self.seen.finish())
    }

    /// The next task: somebody who can run, or anybody, as if it had been woken for nothing.
    fn next(&mut self) -> Option<i32> {
        let queue = self.trial.kernel.tasks.run_queue().clone();
        if let Some(tid) = queue.borrow_mut().pop_front() {
            return Some(tid);
        }
        let count = self.trial.kernel.tasks.len() as u64;
        if count == 0 {
            return None;
        }
        let at = self.random.below(count) as usize;
        if self.random.below(4) == 0
            && let Some(due) = self.trial.kernel.next_due()
        {
            self.trial.kernel.clock.wait_until(due);
        }
        self.trial.kernel.tasks.iter().nth(at).map(|task| task.tid)
    }

    fn turn(&mut self, mut task: Box<Task>) {
        task.state = State::Ready;
        task.birth = None;
        if let Some(status) = task.doom {
            return self.trial.kernel.end_task(&mut task, status);
        }
        let profile = task.profile;
        let entry = &profile.entries[0];
        let abi = entry.system.linux();
        while let Some(info) = task.linux.next_signal(abi) {
            (info.signal, info.code).hash(&mut self.seen);
        }
        let rows = abi.table.rows;
        let mut row = &rows[self.random.below(rows.len() as u64) as usize];
        // Not all of them at once.
        while row.name.starts_with("exit") && self.trial.kernel.tasks.len() < TASKS / 2 {
            row = &rows[self.random.below(rows.len() as u64) as usize];
        }
        let mut args: Args = Default::default();
        for param in row.params {
            let value = number(&mut self.random);
            if let Some(field) = args.get_mut(usize::from(param.field)) {
                *field = param.width.extend(entry.abi.model, value);
            }
        }
        let space = task.space.clone();
        let mut memory = space.borrow_mut();
        if self.random.below(8) == 0 {
            litter(&mut self.random, &mut memory);
        }
        let kernel = &mut self.trial.kernel;
        let cpu = &mut self.trial.cpu;
        let mut cx = Cx::new(&mut task, cpu, &mut memory, entry, row, 0, false);
        let mut outcome = linux::dispatch(kernel, &mut cx, row.call, &args);
        if outcome == Err(Stop::Block) && self.random.below(3) == 0 {
            cx.again = true;
            outcome = linux::dispatch(kernel, &mut cx, row.call, &args);
        }
        let (wait, fate) = (cx.wait, cx.fate.take());
        (task.tid, row.name, outcome.ok(), outcome.is_err()).hash(&mut self.seen);
        drop(memory);
        match (outcome, fate) {
            (_, Some(Fate::Exit(status))) => kernel.end_task(&mut task, status),
            (_, Some(Fate::ExitGroup(status))) => {
                let process = task.linux.process.clone();
                kernel.end_process(&process, status);
                kernel.end_task(&mut task, status);
            }
            (Err(Stop::Block), _) => {
                let (wait, interrupted) = wait.expect("who blocks says for what");
                // Half of them forget what they waited for, as an interrupted call does.
                if self.random.below(2) == 0 {
                    kernel.linux.futexes.forget(task.tid);
                    kernel.tasks.put(task);
                } else {
                    task.state = State::Waiting { wait, interrupted };
                    kernel.tasks.put(task);
                }
            }
            _ => kernel.tasks.put(task),
        }
    }
}

fn storm(profile: &str, seed: u64, calls: u64) -> u64 {
    let mut all = DefaultHasher::new();
    let mut left = calls;
    let mut round = seed << 32;
    while left > 0 {
        let (made, seen) = Storm::new(profile, round).run(left.min(ROUND));
        seen.hash(&mut all);
        left -= made;
        round += 1;
    }
    all.finish()
}

fn calls() -> u64 {
    std::env::var("STORM_CALLS")
        .ok()
        .and_then(|count| count.parse::<u64>().ok())
        .map_or(CALLS, |count| count / emu_profiles::ALL.len() as u64)
}

/// Each profile, twice with the same seed.
fn check(profile: &str) {
    let calls = calls();
    let first = storm(profile, 1, calls / 2);
    assert_eq!(
        first,
        storm(profile, 1, calls / 2),
        "{profile}: the same seed"
    );
    assert_ne!(first, storm(profile, 2, 1_000), "{profile}: another one");
}

#[test]
fn x86_stands_any_calls() {
    check("linux_x86");
}

#[test]
fn x64_stands_any_calls() {
    check("linux_x64");
}

#[test]
fn arm_stands_any_calls() {
    check("linux_arm");
}

#[test]
fn arm64_stands_any_calls() {
    check("linux_arm64");
}

#[test]
fn mips_stands_any_calls() {
    check("linux_mips");
}

#[test]
fn mipsel_stands_any_calls() {
    check("linux_mipsel");
}

#[test]
fn a_storm_makes_and_ends_tasks() {
    let status = ExitStatus::Exited(3);
    let mut storm = Storm::new("linux_arm64", 7);
    let task = std::mem::replace(&mut storm.trial.task, Trial::new("linux_x64").task);
    let process = task.linux.process.clone();
    storm.trial.kernel.tasks.add(task);
    storm.trial.kernel.end_process(&process, status);
    let task = storm.trial.kernel.tasks.take(1000).expect("it is there");
    storm.turn(task);
    assert!(storm.trial.kernel.tasks.is_empty());
}
