//! Which acts would make a person look twice, and what shows them?

use std::collections::{BTreeMap, BTreeSet};

use emu_prototypes::linux::Abi;

use super::direct::From;
use super::places::{persists, tells_tracer, temporary};
use crate::kernel::task::Tid;
use crate::sink::acts::{Act, Name};
use crate::sink::family::Family;
use crate::sink::whole::Whole;

/// How many addresses are so many that it looks like a search.
const SEARCH: usize = 16;
/// Addresses that are remembered for that.
const ADDRESSES: usize = 65536;
/// How many times of one kind are shown.
const SHOWN: usize = 5;
/// The most bytes of a line.
const LINE: usize = 500;

/// What shows an act.
#[derive(Clone)]
pub(in crate::sink) struct Evidence {
    pub(in crate::sink) task: Tid,
    pub(in crate::sink) time: u64,
    pub(in crate::sink) line: Name,
}

impl Evidence {
    pub(super) fn new(task: Tid, time: u64, line: &[u8]) -> Self {
        let line = match line.get(..LINE) {
            Some(start) => [start, b"..."].concat(),
            None => line.to_vec(),
        };
        Evidence { task, time, line }
    }
}

/// Acts of one kind.
#[derive(Default)]
pub(in crate::sink) struct Finding {
    pub(in crate::sink) count: u64,
    /// The first of them.
    pub(in crate::sink) evidence: Vec<Evidence>,
}

/// The kinds, the gravest first: an order, and what is done.
type Kind = (u8, &'static str);

const OWN_FILE: Kind = (0, "deletes or renames its own program");
const NAMELESS: Kind = (1, "runs a program that no path leads to");
const PERSISTS: Kind = (2, "writes where programs are started from");
const RULES: Kind = (3, "rules the machine");
const BOTH: Kind = (4, "has memory that can be written and run");
const NO_FILE: Kind = (5, "runs memory that is no file's");
const FROM_MEMORY: Kind = (6, "calls the system from memory that is no file's");
const DIRECT: Kind = (7, "calls the system past the library for it");
const TRACES: Kind = (8, "traces another process");
const TRACED: Kind = (9, "asks to be traced: no debugger can then");
const HIDES: Kind = (10, "looks for a debugger, or hides from it");
const KILLS: Kind = (11, "signals processes that are not its own");
const SEARCHES: Kind = (12, "talks to many addresses");
const TEMPORARY: Kind = (13, "runs a program of a temporary directory");
const RENAMED: Kind = (14, "changes its name in lists of processes");

/// What was found.
#[derive(Default)]
pub(in crate::sink) struct Findings {
    all: BTreeMap<Kind, Finding>,
    addresses: BTreeSet<Name>,
}

impl Findings {
    /// What is done, and what shows it; the gravest first.
    pub(in crate::sink) fn iter(&self) -> impl Iterator<Item = (&'static str, &Finding)> {
        self.all.iter().map(|((_, what), finding)| (*what, finding))
    }

    fn add(&mut self, kind: Kind, evidence: impl FnOnce() -> Evidence) {
        let finding = self.all.entry(kind).or_default();
        finding.count += 1;
        if finding.evidence.len() < SHOWN {
            finding.evidence.push(evidence());
        }
    }

    /// A call from an unusual place.
    pub(super) fn direct(&mut self, from: &From, evidence: Evidence) {
        let kind = match from {
            From::Module(_) => DIRECT,
            From::Memory => FROM_MEMORY,
        };
        self.add(kind, || evidence);
    }

    /// Looks at an act.
    pub(super) fn act(&mut self, act: &Act, whole: &Whole<'_>, family: &Family, abi: &Abi) {
        let task = whole.call.task;
        let process = family.process(task);
        let own = |path: &Name| {
            let program = family.program(process);
            program.is_some_and(|program| !path.is_empty() && *program == **path)
        };
        let kind = match act {
            Act::Opened { path, writes, .. } if *writes => persists(path).then_some(PERSISTS),
            Act::Opened { path, .. } => tells_tracer(path).then_some(HIDES),
            Act::Made { path, .. } => persists(path).then_some(PERSISTS),
            Act::Deleted { path } | Act::Kept { path } => own(path).then_some(OWN_FILE),
            Act::Renamed { from, .. } if own(from) => Some(OWN_FILE),
            Act::Renamed { to, .. } => persists(to).then_some(PERSISTS),
            Act::Executed { nameless: true, .. } => Some(NAMELESS),
            Act::Executed { path, .. } => temporary(path).then_some(TEMPORARY),
            Act::Value { key, value, set } => {
                let path = [key.as_slice(), value].join(&b'\\');
                (*set && persists(&path)).then_some(PERSISTS)
            }
            Act::Connected { to, .. } | Act::Sent { to, .. } => return self.talks(to, whole),
            Act::Killed { target, signal } => {
                let target = i32::try_from(*target).unwrap_or(i32::MAX);
                // A group of its own, its children and their children are.
                let others = target == -1
                    || target > 0
                        && family.process(target) != process
                        && !family.descends(family.process(target), process);
                let harmless = *signal == abi.k.SIGCONT || *signal == abi.k.SIGCHLD;
                (others && !harmless).then_some(KILLS)
            }
            Act::Traced { own: true } => Some(TRACED),
            Act::Traced { own: false } => Some(TRACES),
            Act::Hid { .. } => Some(HIDES),
            Act::Executable { writable: true, .. } => Some(BOTH),
            Act::Executable { .. } => Some(NO_FILE),
            // Threads have names of their own.
            Act::Named { .. } => (task == process).then_some(RENAMED),
            Act::Ruled { .. } => Some(RULES),
            _ => None,
        };
        if let Some(kind) = kind {
            self.add(kind, || of_call(whole));
        }
    }

    fn talks(&mut self, to: &Name, whole: &Whole<'_>) {
        let host = to.iter().rposition(|byte| *byte == b':');
        let host = &to[..host.unwrap_or(to.len())];
        if host == b"unix"
            || self.addresses.len() >= ADDRESSES
            || !self.addresses.insert(to.clone())
        {
            return;
        }
        if self.addresses.len() == SEARCH {
            self.add(SEARCHES, || of_call(whole));
        }
        let count = self.addresses.len() as u64;
        if let Some(finding) = self.all.get_mut(&SEARCHES) {
            finding.count = count;
        }
    }
}

fn of_call(whole: &Whole<'_>) -> Evidence {
    let mut line = Vec::new();
    whole.line(&mut line);
    Evidence::new(whole.call.task, whole.start, &line)
}
