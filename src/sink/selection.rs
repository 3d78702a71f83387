//! What is shown of a run: which calls, and of those which ends? Which signals?

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use emu_prototypes::CallInfo;
use emu_prototypes::linux::Abi;

use super::bundled::{Bundled, Told};
use super::filter::{Filter, nearest};
use super::signals::Signals;
use super::status::Statuses;
use super::touched::Touched;
use crate::event::{CallEvent, End};
use crate::kernel::task::Tid;
use crate::view::View;

/// What `-e` may begin with, besides `trace=`.   [strace(1), -e expr]
const QUALIFIERS: [&str; 4] = ["trace", "signal", "status", "trace-fds"];

/// What a sink shows.
#[derive(Clone)]
pub struct Selection {
    filter: Filter,
    statuses: Statuses,
    signals: Signals,
    touched: Touched,
    /// How many calls are still to be shown; copies count together.
    left: Option<Rc<Cell<u64>>>,
    bundled: Bundled,
    /// Tasks in a call that touches what was asked for.
    touching: BTreeSet<Tid>,
}

impl From<Filter> for Selection {
    fn from(filter: Filter) -> Self {
        Selection {
            filter,
            statuses: Statuses::all(),
            signals: Signals::all(),
            touched: Touched::default(),
            left: None,
            bundled: Bundled::default(),
            touching: BTreeSet::new(),
        }
    }
}

impl Default for Selection {
    fn default() -> Self {
        Filter::all().into()
    }
}

impl Selection {
    /// Takes an expression of `-e`: `trace=SET`, or just `SET`; `signal=SET`, `status=SET`, `trace-fds=SET`. It replaces what
    /// was said of that before. `own` are the calls of a user's own operating system, which may be named as well.
    pub fn qualify(&mut self, expression: &str, own: &'static [CallInfo]) -> Result<(), String> {
        let (qualifier, set) = match expression.split_once('=') {
            Some((qualifier, set)) if !expression.starts_with(['/', '!']) => (qualifier, set),
            _ => ("trace", expression),
        };
        match qualifier {
            "trace" | "t" => self.filter = Filter::parse_with(set, own)?,
            "signal" | "signals" | "s" => self.signals = Signals::parse(set)?,
            "status" => self.statuses = Statuses::parse(set)?,
            "trace-fds" | "trace-fd" | "fds" | "fd" => self.touched.descriptors(set)?,
            other => {
                let hint = nearest(other, QUALIFIERS.into_iter());
                return Err(format!("-e {other}=…: there is no such qualifier{hint}"));
            }
        }
        Ok(())
    }

    /// The same calls, whatever they touch and however they end, and all signals.
    pub fn calls(&self) -> Self {
        Selection {
            left: self.left.clone(),
            ..self.filter.clone().into()
        }
    }

    /// Shows calls that end like that only.
    pub fn with_statuses(mut self, statuses: Statuses) -> Self {
        self.statuses = statuses;
        self
    }

    /// Shows calls that touch this path only, or another one that was named: by an argument, or by a descriptor that is open
    /// on it.
    pub fn with_path(mut self, path: impl Into<Vec<u8>>) -> Self {
        self.touched.path(path.into());
        self
    }

    /// Ends the run when so many calls have been shown.
    pub fn with_limit(mut self, calls: Option<u64>) -> Self {
        self.left = calls.map(|calls| Rc::new(Cell::new(calls)));
        self
    }

    /// Whether it may show a call (`None`: numbers without a call).
    pub fn wants(&self, call: Option<&CallInfo>) -> bool {
        Bundled::wants(&self.filter, call) && self.touched.may_have(call)
    }

    /// Whether only the end of a call says if it is shown.
    pub(super) fn waits(&self) -> bool {
        !self.statuses.is_all()
    }

    /// A call begins.
    pub(super) fn enter(&mut self, call: &CallEvent, view: &mut View<'_>) -> Told {
        let told = self.bundled.enter(&self.filter, call, view);
        if self.touched.is_anything() {
            return told;
        }
        let touches = match &told {
            Told::AsIs => self.touched.has(call, view),
            Told::As(inner) => self.touched.has(inner, view),
            Told::Not => false,
        };
        if !touches {
            self.touching.remove(&call.task);
            return Told::Not;
        }
        self.touching.insert(call.task);
        told
    }

    /// A call ends.
    pub(super) fn exit(&mut self, call: &CallEvent, end: End) -> Told {
        let told = self.bundled.exit(&self.filter, call);
        let child = matches!(end, End::ChildReturn(_));
        if !self.touched.is_anything() && (child || !self.touching.remove(&call.task)) {
            return Told::Not;
        }
        let shown = match &told {
            Told::AsIs => self.statuses.has(call, end),
            Told::As(inner) => self.statuses.has(inner, end),
            Told::Not => false,
        };
        if !shown {
            return Told::Not;
        }
        if let Some(left) = self.left.as_ref().filter(|_| !child) {
            left.set(left.get().saturating_sub(1));
        }
        told
    }

    /// Whether it shows a signal of that name.
    pub(super) fn has_signal(&self, name: &str, abi: &Abi) -> bool {
        self.signals.has(name, abi)
    }

    /// Whether all calls that it was to show have been shown.
    pub(super) fn is_over(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.get() == 0)
    }
}
