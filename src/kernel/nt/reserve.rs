//! Memory that is put aside, so that what it is for can't fail later: a call left to a thread, or a packet at a port.
//! [the headers of the crate phnt, ntpsapi.h: NtAllocateReserveObject, MEMORY_RESERVE_TYPE]

use std::cell::Cell;
use std::rc::Rc;

use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::Object;
use super::named::Wish;
use crate::kernel::{Cx, Kernel};

/// `MemoryReserveUserApc` and `MemoryReserveIoCompletion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Call,
    Packet,
}

/// Such memory. It is used by one call or packet at a time.
#[derive(Debug)]
pub(super) struct Reserve {
    pub(super) what: What,
    used: Rc<Cell<bool>>,
}

/// What uses something that is used once at a time, until it is gone.
#[derive(Debug)]
pub(super) struct Use(Rc<Cell<bool>>);

impl Use {
    /// `None` while somebody else uses it.
    pub(super) fn begin(used: &Rc<Cell<bool>>) -> Option<Use> {
        match used.replace(true) {
            true => None,
            false => Some(Use(used.clone())),
        }
    }

    /// Whether it is that of something.
    pub(super) fn is_of(&self, used: &Rc<Cell<bool>>) -> bool {
        Rc::ptr_eq(&self.0, used)
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Serves `NtAllocateReserveObject`.
pub(super) fn allocate(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAllocateReserveObject,
) -> Outcome {
    let what = match call.Type {
        0 => What::Call,
        1 => What::Packet,
        _ => return Err(NtStatus::INVALID_PARAMETER.into()),
    };
    let reserve = Reserve {
        what,
        used: Rc::default(),
    };
    let wish = Wish {
        handle: call.MemoryReserveHandle.address,
        access: super::kinds::MAXIMUM_ALLOWED,
        attributes: call.ObjectAttributes.address,
    };
    let object = Object::Reserve(Rc::new(reserve));
    kernel.nt_make(cx, wish, object)?.outcome()
}

impl Kernel {
    /// Uses the memory of a handle for something. What is used already can't be.
    pub(super) fn reserved(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        what: What,
    ) -> Result<Use, NtStatus> {
        let reserve = match self.nt_object(cx, handle)? {
            Object::Reserve(reserve) if reserve.what == what => reserve,
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
        };
        Use::begin(&reserve.used).ok_or(NtStatus::INVALID_PARAMETER_2)
    }
}
