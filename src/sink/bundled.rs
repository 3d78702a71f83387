//! Calls that come inside another: `socketcall`, `ipc`. They are told as what they are.

use std::collections::BTreeMap;

use emu_prototypes::CallInfo;
use emu_prototypes::linux::CALLS;

use super::filter::Filter;
use crate::decode::{Asked, indirect};
use crate::event::CallEvent;
use crate::kernel::task::Tid;
use crate::view::View;

/// What is known of such calls from their enter to their exit.
#[derive(Default, Clone)]
pub(super) struct Bundled {
    pending: BTreeMap<Tid, CallEvent>,
}

/// How a call is to be told.
pub(super) enum Told {
    /// As it came.
    AsIs,
    /// As the call it stands for.
    As(Box<CallEvent>),
    /// Not at all: it stands for a call that is not wanted.
    Not,
}

/// Whether a call stands for others.
pub(super) fn is(call: &CallInfo) -> bool {
    indirect::stands_for(call.id).next().is_some()
}

impl Bundled {
    /// Whether the filter wants a call, or one that it may stand for.
    pub(super) fn wants(filter: &Filter, call: Option<&CallInfo>) -> bool {
        let inside = |call: &CallInfo| {
            indirect::stands_for(call.id).any(|inner| filter.wants(CALLS.get(usize::from(inner))))
        };
        filter.wants(call) || call.is_some_and(inside)
    }

    /// A call begins.
    pub(super) fn enter(&mut self, filter: &Filter, call: &CallEvent, view: &mut View<'_>) -> Told {
        if !call.info.is_some_and(is) {
            return if filter.has(call) {
                Told::AsIs
            } else {
                Told::Not
            };
        }
        if let Some(inside) = &call.inside {
            let inner = inside.call.clone();
            let wanted = filter.has(&inner);
            self.pending.insert(call.task, inner.clone());
            return if wanted {
                Told::As(Box::new(inner))
            } else {
                Told::Not
            };
        }
        let Some(inner) =
            Asked::of(call, view.abi).and_then(|asked| indirect::inner(&asked, view.guest))
        else {
            return if filter.has(call) {
                Told::AsIs
            } else {
                Told::Not
            };
        };
        let through = Some(call.number);
        let (info, row, args) = (Some(inner.info), Some(inner.row), inner.args);
        let inner = CallEvent {
            info,
            row,
            args,
            through,
            ..call.clone()
        };
        self.pending.insert(call.task, inner.clone());
        if filter.has(&inner) {
            Told::As(Box::new(inner))
        } else {
            Told::Not
        }
    }

    /// A call ends.
    pub(super) fn exit(&mut self, filter: &Filter, call: &CallEvent) -> Told {
        if !call.info.is_some_and(is) {
            return if filter.has(call) {
                Told::AsIs
            } else {
                Told::Not
            };
        }
        match self.pending.remove(&call.task) {
            Some(inner) if filter.has(&inner) => Told::As(Box::new(CallEvent {
                second: call.second,
                tampered: call.tampered,
                ..inner
            })),
            None if filter.has(call) => Told::AsIs,
            _ => Told::Not,
        }
    }
}
