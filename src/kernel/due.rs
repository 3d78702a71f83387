//! What is due now? Sleepers and timers.

use super::Kernel;
use super::linux::Alarm;
use super::task::Task;

impl Kernel {
    /// When something happens by itself, in nanoseconds of guest time since the start.
    #[inline]
    pub fn next_due(&self) -> Option<u64> {
        if self.vfs.terminals().has_news() {
            return Some(0);
        }
        match (self.tasks.next_wake(), self.linux.timers.next()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Whether anybody else may have to run before the task whose turn it is asks for something.
    #[inline]
    pub fn is_expected(&self) -> bool {
        !self.tasks.run_queue().borrow().is_empty()
            || self.tasks.input().is_some()
            || self.tasks.waits_for_network()
            || self.next_due().is_some()
            || !self.linux.cpu_watched.is_empty()
    }

    /// Does all that is due. `current` is the task whose turn it is.
    pub fn catch_up(&mut self, mut current: Option<&mut Task>) {
        let now = self.clock.now();
        self.tasks.wake_sleepers(now);
        self.tell_of_terminals(current.as_deref_mut());
        while let Some((at, alarm)) = self.linux.timers.due(now) {
            self.ring(current.as_deref_mut(), alarm, at);
        }
        self.nt_tell_ended(None);
    }

    fn ring(&mut self, current: Option<&mut Task>, alarm: Alarm, at: u64) {
        match alarm {
            Alarm::Wake(waiter) => {
                waiter.wake();
            }
            Alarm::Timer(pid, name) => self.timer_is_due(current, pid, name),
            Alarm::Windows(timer) => self.nt_timer_is_due(&timer, at),
            Alarm::Mailslot(slot) => self.mailslot_is_due(&slot),
        }
    }

    /// CPU time so far of the process whose turn it is, in guest code and in calls, in nanoseconds.
    pub fn used(&self, task: &Task) -> (u64, u64) {
        let used = task.linux.process.borrow().used;
        let now = (self.clock.user(), self.clock.system());
        let since = self.since;
        (
            used.0 + now.0.saturating_sub(since.0),
            used.1 + now.1.saturating_sub(since.1),
        )
    }

    /// The same of the task whose turn it is alone.
    pub fn used_by_thread(&self, task: &Task) -> (u64, u64) {
        let used = task.linux.used;
        let now = (self.clock.user(), self.clock.system());
        let since = self.since;
        (
            used.0 + now.0.saturating_sub(since.0),
            used.1 + now.1.saturating_sub(since.1),
        )
    }

    /// A task gets the CPU.
    pub fn begin_turn(&mut self) {
        self.since = (self.clock.user(), self.clock.system());
    }

    /// CPU time goes to the task that has had its turn so far.
    pub fn account(&mut self, task: &mut Task) {
        let process_used = self.used(task);
        task.linux.used = self.used_by_thread(task);
        task.linux.process.borrow_mut().used = process_used;
        self.begin_turn();
    }
}
