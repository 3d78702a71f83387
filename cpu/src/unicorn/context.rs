//! What is a saved state?

use std::any::Any;

use super::ffi::RawContext;
use crate::Context;
use crate::arch::Arch;

/// A saved state: the engine's, and what it keeps elsewhere.
pub(super) struct State {
    pub(super) arch: Arch,
    pub(super) raw: RawContext,
    pub(super) pc: u64,
    /// x86: whether the next instruction runs though it is watched.
    pub(super) resumes: bool,
    /// x86: the GDT entries of the thread.
    pub(super) descriptors: [u64; 3],
}

impl State {
    pub(super) fn of(context: &dyn Context, arch: Arch) -> &State {
        let state = context.as_any().downcast_ref::<State>();
        let state = state.expect("a context is used with the backend that made it");
        assert_eq!(
            state.arch, arch,
            "a context is used with the architecture it was made for"
        );
        state
    }

    pub(super) fn of_mut(context: &mut dyn Context, arch: Arch) -> &mut State {
        let state = context.as_any_mut().downcast_mut::<State>();
        let state = state.expect("a context is used with the backend that made it");
        assert_eq!(
            state.arch, arch,
            "a context is used with the architecture it was made for"
        );
        state
    }
}

impl Context for State {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn duplicate(&self) -> Box<dyn Context> {
        Box::new(State {
            arch: self.arch,
            raw: self.raw.duplicate(),
            pc: self.pc,
            resumes: self.resumes,
            descriptors: self.descriptors,
        })
    }
}
