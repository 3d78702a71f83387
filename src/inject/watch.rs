//! Which invocation is it, and is it one that a rule takes?

use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::{CallInfo, Os};

use super::{Rules, What, When};
use crate::decode::indirect;
use crate::event::CallEvent;
use crate::kernel::task::Tid;

/// Calls are counted by what they are; numbers without a call by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Call(u16),
    Number(u32),
}

/// The rules during a run.
#[derive(Default)]
pub(crate) struct Injections {
    all: Vec<(When, Rc<What>)>,
    /// By a call's id, which of them it has.
    calls: Vec<Option<usize>>,
    unknown: Option<usize>,
    /// Calls that have one, or may stand for one that has.
    listened: Vec<bool>,
    /// What each task has called. "Accounting of syscalls that are subject to injection is done per syscall and per
    /// tracee."   [strace(1), Tampering]
    counts: BTreeMap<(Tid, Counted), u64>,
    /// What is still to happen at the end of the call that a task is in.
    due: BTreeMap<Tid, Rc<What>>,
}

impl Injections {
    /// Looks which rule each call has, of which there may be some of a user's own operating system.
    pub(crate) fn new(rules: &Rules, own: &'static [CallInfo]) -> Injections {
        let mut made = Injections::default();
        if rules.is_empty() {
            return made;
        }
        for rule in &rules.rules {
            made.all.push((rule.when, Rc::new(rule.what.clone())));
        }
        let place = |call: Option<&CallInfo>| {
            let found = rules.of(call)?;
            rules
                .rules
                .iter()
                .position(|rule| std::ptr::eq(rule, found))
        };
        made.calls = Os::all_calls()
            .chain(own)
            .map(|call| place(Some(call)))
            .collect();
        made.unknown = place(None);
        made.listened = made.calls.iter().map(Option::is_some).collect();
        for outer in indirect::OUTER {
            let inside = indirect::stands_for(outer).any(|inner| made.has(inner));
            if let Some(listened) = made.listened.get_mut(usize::from(outer)) {
                *listened |= inside;
            }
        }
        made
    }

    /// Whether a call has a rule, or may stand for one that has.
    #[inline]
    pub(crate) fn listens(&self, call: Option<u16>) -> bool {
        match call {
            Some(id) => self
                .listened
                .get(usize::from(id))
                .is_some_and(|listened| *listened),
            None => self.unknown.is_some(),
        }
    }

    /// Whether a call has a rule.
    pub(crate) fn has(&self, call: u16) -> bool {
        self.calls
            .get(usize::from(call))
            .is_some_and(Option::is_some)
    }

    /// A call begins: what is to happen to it. What is left for its end is kept until [`Injections::ends`].
    pub(crate) fn begins(&mut self, call: &CallEvent) -> Option<Rc<What>> {
        let (at, counted) = match call.info {
            Some(info) => (
                *self.calls.get(usize::from(info.id))?,
                Counted::Call(info.id),
            ),
            None => (self.unknown, Counted::Number(call.number)),
        };
        let (when, what) = self.all.get(at?)?;
        let count = self.counts.entry((call.task, counted)).or_default();
        *count += 1;
        if !when.has(*count) {
            return None;
        }
        if what.delay_exit.is_some() || !what.poke_exit.is_empty() {
            self.due.insert(call.task, what.clone());
        }
        Some(what.clone())
    }

    /// The call that a task is in ends.
    #[inline]
    pub(crate) fn ends(&mut self, task: Tid) -> Option<Rc<What>> {
        if self.due.is_empty() {
            return None;
        }
        self.due.remove(&task)
    }

    /// A task is no more; its number may come again.
    pub(crate) fn forget(&mut self, task: Tid) {
        self.due.remove(&task);
        self.counts.retain(|(of, _), _| *of != task);
    }

    /// A task has got another number.
    pub(crate) fn rename(&mut self, from: Tid, to: Tid) {
        if from == to || self.counts.is_empty() {
            return;
        }
        self.forget(to);
        let renamed = |((of, counted), count)| ((if of == from { to } else { of }, counted), count);
        self.counts = std::mem::take(&mut self.counts)
            .into_iter()
            .map(renamed)
            .collect();
    }
}
