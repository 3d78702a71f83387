//! Which processes are there?

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Process;
use crate::kernel::task::Tid;

/// The highest number of a task.   [proc(5), /proc/sys/kernel/pid_max: 32768 by default]
pub const PID_MAX: Tid = 32_768;
/// Where numbers begin again.   [Linux kernel/pid.c, RESERVED_PIDS]
const RESERVED: Tid = 300;
/// The process that adopts orphans. It is outside of what the guest can see.
pub const INIT: Tid = 1;

/// All processes, those that ended and nobody has asked about among them, and the numbers of all tasks.
#[derive(Default)]
pub struct Processes {
    all: BTreeMap<Tid, Rc<RefCell<Process>>>,
    /// Who has which parent, and who is in which group and session: what their own fields say.
    children: Relation,
    groups: Relation,
    sessions: Relation,
    /// Numbers of threads that are not their process's first.
    threads: BTreeSet<Tid>,
    last: Tid,
    /// How many tasks have been made.
    made: u64,
}

/// Numbers of processes by what they have in common.
#[derive(Default)]
struct Relation(BTreeMap<Tid, BTreeSet<Tid>>);

impl Relation {
    fn add(&mut self, common: Tid, pid: Tid) {
        self.0.entry(common).or_default().insert(pid);
    }

    fn remove(&mut self, common: Tid, pid: Tid) {
        if let Some(members) = self.0.get_mut(&common) {
            members.remove(&pid);
            if members.is_empty() {
                self.0.remove(&common);
            }
        }
    }

    fn of(&self, common: Tid) -> impl Iterator<Item = &Tid> {
        self.0.get(&common).into_iter().flatten()
    }

    fn has(&self, common: Tid) -> bool {
        self.0.contains_key(&common)
    }
}

impl Processes {
    /// A process by its number.
    pub fn get(&self, pid: Tid) -> Option<&Rc<RefCell<Process>>> {
        self.all.get(&pid)
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Rc<RefCell<Process>>> {
        self.all.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The number given last.
    pub fn last(&self) -> Tid {
        self.last
    }

    /// How many tasks have been made since the start.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// A number that no task, process, group or session has. `None` when all are taken.
    pub fn number(&mut self) -> Option<Tid> {
        let mut number = self.last;
        for _ in 0..PID_MAX {
            number = if number + 1 >= PID_MAX {
                RESERVED
            } else {
                number + 1
            };
            if !self.is_taken(number) {
                self.last = number;
                self.made += 1;
                return Some(number);
            }
        }
        None
    }

    fn is_taken(&self, number: Tid) -> bool {
        self.all.contains_key(&number)
            || self.threads.contains(&number)
            || self.groups.has(number)
            || self.sessions.has(number)
    }

    /// A new process.
    pub fn insert(&mut self, process: &Rc<RefCell<Process>>) {
        let (pid, parent, group, session) = {
            let process = process.borrow();
            (process.pid, process.parent, process.group, process.session)
        };
        self.last = self.last.max(pid);
        self.made = self.made.max(1);
        self.children.add(parent, pid);
        self.groups.add(group, pid);
        self.sessions.add(session, pid);
        self.all.insert(pid, process.clone());
    }

    /// A process that somebody has asked about is gone.
    pub fn remove(&mut self, pid: Tid) {
        if let Some(process) = self.all.remove(&pid) {
            let process = process.borrow();
            self.children.remove(process.parent, pid);
            self.groups.remove(process.group, pid);
            self.sessions.remove(process.session, pid);
        }
    }

    /// A process gets another parent.
    pub fn set_parent(&mut self, process: &mut Process, parent: Tid) {
        if self.all.contains_key(&process.pid) {
            self.children.remove(process.parent, process.pid);
            self.children.add(parent, process.pid);
        }
        process.parent = parent;
    }

    /// A process goes to another group.
    pub fn set_group(&mut self, process: &mut Process, group: Tid) {
        if self.all.contains_key(&process.pid) {
            self.groups.remove(process.group, process.pid);
            self.groups.add(group, process.pid);
        }
        process.group = group;
    }

    /// A process goes to another session.
    pub fn set_session(&mut self, process: &mut Process, session: Tid) {
        if self.all.contains_key(&process.pid) {
            self.sessions.remove(process.session, process.pid);
            self.sessions.add(session, process.pid);
        }
        process.session = session;
    }

    /// A thread got a number.
    pub fn add_thread(&mut self, tid: Tid) {
        self.threads.insert(tid);
    }

    /// A thread ended.
    pub fn remove_thread(&mut self, tid: Tid) {
        self.threads.remove(&tid);
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> usize {
        self.all.len() + self.threads.len()
    }

    /// The children of a process, by number.
    pub fn children(&self, parent: Tid) -> impl Iterator<Item = &Rc<RefCell<Process>>> {
        self.children.of(parent).filter_map(|pid| self.all.get(pid))
    }

    /// The processes of a group, by number.
    pub fn group(&self, group: Tid) -> impl Iterator<Item = &Rc<RefCell<Process>>> {
        self.groups.of(group).filter_map(|pid| self.all.get(pid))
    }
}
