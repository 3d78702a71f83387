//! Who may write to a program that runs? Nobody.

use std::rc::Rc;

use super::entry::Entry;
use super::error::FsError;
use super::node::Node;

impl Node {
    /// One more open file that can write.   [Linux include/linux/fs.h, get_write_access]
    pub(super) fn begin_writing(&self) -> Result<(), FsError> {
        if self.writers.get() < 0 {
            return Err(FsError::TextBusy);
        }
        self.writers.set(self.writers.get().saturating_add(1));
        Ok(())
    }

    /// One less.
    pub(super) fn end_writing(&self) {
        self.writers.set(self.writers.get() - 1);
    }

    /// Whether it may be changed by its name.
    pub(super) fn check_not_running(&self) -> Result<(), FsError> {
        match self.writers.get() < 0 {
            true => Err(FsError::TextBusy),
            false => Ok(()),
        }
    }
}

/// A program that runs: nobody can open it for writing meanwhile.
#[derive(Debug)]
pub struct Running(Rc<Entry>);

impl Running {
    /// Begins. Somebody who has it open for writing keeps it from being run.   [Linux fs/exec.c, deny_write_access]
    pub fn begin(entry: &Rc<Entry>) -> Result<Running, FsError> {
        let writers = &entry.node.writers;
        if writers.get() > 0 {
            return Err(FsError::TextBusy);
        }
        writers.set(writers.get().saturating_sub(1));
        Ok(Running(entry.clone()))
    }

    /// Its place in the tree.
    pub fn entry(&self) -> &Rc<Entry> {
        &self.0
    }
}

impl Clone for Running {
    fn clone(&self) -> Running {
        let writers = &self.0.node.writers;
        writers.set(writers.get().saturating_sub(1));
        Running(self.0.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let writers = &self.0.node.writers;
        writers.set(writers.get() + 1);
    }
}
