//! Who listens to what: typed callbacks on calls.
//!
//! The type of a closure's parameter picks the call, so one closure serves every profile that has it. A call that nobody
//! listens to costs one look into a table and builds nothing.

mod answer;
mod context;
mod named;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::linux::{AnyCall, Errno};
use emu_prototypes::{Args, Call, CallInfo};

use crate::decode::indirect;
use crate::event::{CallEvent, End};

pub use answer::Answer;
pub use context::Context;
pub(crate) use context::Site;

/// Names a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallbackId(u64);

/// The result of a call: a value, or an error by Linux's name. A status of Windows is a value.
pub type Ret = Result<u64, Errno>;

type EnterFn = dyn FnMut(&mut Context<'_>, &mut Args);
type ExitFn = dyn FnMut(&mut Context<'_>, &Args, &mut Ret);
type AnyEnterFn = dyn FnMut(&mut Context<'_>, &mut RawCall<'_>);
type AnyExitFn = dyn FnMut(&mut Context<'_>, &mut RawCall<'_>, &mut Ret);
type ReturnFn = dyn FnMut(&mut Context<'_>, Ret);
type UnknownEnterFn = dyn FnMut(&mut Context<'_>, u32, &mut Args);
type UnknownExitFn = dyn FnMut(&mut Context<'_>, u32, &mut Ret);

/// A call of any kind, for callbacks on all of them.
#[derive(Debug)]
pub struct RawCall<'a> {
    /// What is known of it.
    pub info: &'static CallInfo,
    /// Its arguments by field; changes reach the kernel.
    pub args: &'a mut Args,
}

impl RawCall<'_> {
    /// The call as a typed value.
    pub fn decode(&self) -> Option<AnyCall> {
        AnyCall::decode(self.info.id, self.args)
    }

    /// An argument by the kernel's parameter name.
    pub fn arg(&self, name: &str) -> Option<u64> {
        self.info
            .params
            .iter()
            .position(|p| p.name == name)
            .map(|index| self.args[index])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled,
    Removed,
}

type States = BTreeMap<CallbackId, Rc<Cell<State>>>;

struct Listener<F: ?Sized> {
    id: CallbackId,
    state: Rc<Cell<State>>,
    run: Box<F>,
}

struct List<F: ?Sized>(Vec<Listener<F>>);

impl<F: ?Sized> Default for List<F> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<F: ?Sized> List<F> {
    /// Runs each enabled listener in order of registration. Listeners change each other's state only through cells, so
    /// one may remove itself or a later one while the list is being walked.
    fn each(&mut self, cx: &mut Context<'_>, mut visit: impl FnMut(&mut F, &mut Context<'_>)) {
        for listener in &mut self.0 {
            if listener.state.get() == State::Enabled {
                cx.current = listener.id;
                visit(&mut listener.run, cx);
            }
        }
        self.0
            .retain(|listener| listener.state.get() != State::Removed);
    }
}

#[derive(Default)]
struct PerCall {
    enter: List<EnterFn>,
    exit: List<ExitFn>,
    /// Somebody listens, or did, to a call that this one may stand for.
    inside: bool,
}

impl PerCall {
    #[inline]
    fn is_silent(&self) -> bool {
        self.enter.0.is_empty() && self.exit.0.is_empty() && !self.inside
    }
}

/// Who listens to the call of an event, if anybody does.
fn called<'a>(calls: &'a mut [PerCall], event: &CallEvent) -> Option<&'a mut PerCall> {
    calls.get_mut(usize::from(event.info?.id))
}

/// The registry.
#[derive(Default)]
pub struct Callbacks {
    next: u64,
    states: States,
    calls: Vec<PerCall>,
    any_enter: List<AnyEnterFn>,
    any_exit: List<AnyExitFn>,
    unknown_enter: List<UnknownEnterFn>,
    unknown_exit: List<UnknownExitFn>,
    returned: List<ReturnFn>,
}

impl Callbacks {
    fn register(&mut self) -> (CallbackId, Rc<Cell<State>>) {
        let id = CallbackId(self.next);
        self.next += 1;
        let state = Rc::new(Cell::new(State::Enabled));
        self.states.insert(id, state.clone());
        (id, state)
    }

    fn listener<F: ?Sized>(&mut self, run: Box<F>) -> (CallbackId, Listener<F>) {
        let (id, state) = self.register();
        (id, Listener { id, state, run })
    }

    /// Who listens to a call; it gets its place when somebody does.
    fn call(&mut self, id: u16) -> &mut PerCall {
        let at = usize::from(id);
        if at >= self.calls.len() {
            self.calls.resize_with(at + 1, PerCall::default);
        }
        &mut self.calls[at]
    }

    /// A call has a listener: those that may stand for it are listened to, too.
    fn mark_outer(&mut self, call: u16) {
        for outer in indirect::OUTER {
            if indirect::stands_for(outer).any(|inner| inner == call) {
                self.call(outer).inside = true;
            }
        }
    }

    pub(crate) fn on_enter<C, F>(&mut self, mut callback: F) -> CallbackId
    where
        C: Call,
        F: FnMut(&mut Context<'_>, &mut C) + 'static,
    {
        let run: Box<EnterFn> = Box::new(move |cx, args| {
            let mut call = C::from_args(args);
            callback(cx, &mut call);
            call.to_args(args);
        });
        let (id, listener) = self.listener(run);
        self.call(C::INFO.id).enter.0.push(listener);
        self.mark_outer(C::INFO.id);
        id
    }

    pub(crate) fn on_exit<C, F>(&mut self, mut callback: F) -> CallbackId
    where
        C: Call,
        C::Ret: Answer,
        F: FnMut(&mut Context<'_>, &C, &mut C::Ret) + 'static,
    {
        let run: Box<ExitFn> = Box::new(move |cx, args, ret| {
            let before = C::Ret::of(*ret);
            let mut own = before.clone();
            callback(cx, &C::from_args(args), &mut own);
            if own != before {
                *ret = own.ret();
            }
        });
        let (id, listener) = self.listener(run);
        self.call(C::INFO.id).exit.0.push(listener);
        self.mark_outer(C::INFO.id);
        id
    }

    pub(crate) fn on_any_enter(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>) + 'static,
    ) -> CallbackId {
        let (id, listener) = self.listener(Box::new(callback) as _);
        self.any_enter.0.push(listener);
        id
    }

    pub(crate) fn on_any_exit(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>, &mut Ret) + 'static,
    ) -> CallbackId {
        let (id, listener) = self.listener(Box::new(callback) as _);
        self.any_exit.0.push(listener);
        id
    }

    pub(crate) fn on_unknown_enter(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, u32, &mut Args) + 'static,
    ) -> CallbackId {
        let (id, listener) = self.listener(Box::new(callback) as _);
        self.unknown_enter.0.push(listener);
        id
    }

    pub(crate) fn on_unknown_exit(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, u32, &mut Ret) + 'static,
    ) -> CallbackId {
        let (id, listener) = self.listener(Box::new(callback) as _);
        self.unknown_exit.0.push(listener);
        id
    }

    pub(crate) fn on_return(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, Ret) + 'static,
    ) -> CallbackId {
        let (id, listener) = self.listener(Box::new(callback) as _);
        self.returned.0.push(listener);
        id
    }

    /// A call's result is in the registers.
    pub(crate) fn returned<'a>(&'a mut self, site: Site<'a>, event: &'a CallEvent, ret: Ret) {
        let end = Some(End::Returned(ret));
        let mut cx = Context::new(site, event, end, &mut self.states);
        self.returned.each(&mut cx, |f, cx| f(cx, ret));
    }

    /// Whether anybody wants to know of that.
    #[inline]
    pub(crate) fn wants_returns(&self) -> bool {
        !self.returned.0.is_empty()
    }

    /// Whether anybody listens to a call, at either end; `None` stands for numbers without a call.
    #[inline]
    pub(crate) fn listens(&self, call: Option<u16>) -> bool {
        match call {
            Some(id) => {
                let call = self.calls.get(usize::from(id));
                !(call.is_none_or(PerCall::is_silent)
                    && self.any_enter.0.is_empty()
                    && self.any_exit.0.is_empty()
                    && self.returned.0.is_empty())
            }
            None => {
                !(self.unknown_enter.0.is_empty()
                    && self.unknown_exit.0.is_empty()
                    && self.returned.0.is_empty())
            }
        }
    }

    /// Whether anybody listens to a call by its name, at either end.
    pub(crate) fn listens_inside(&self, call: u16) -> bool {
        let call = self.calls.get(usize::from(call));
        call.is_some_and(|call| !(call.enter.0.is_empty() && call.exit.0.is_empty()))
    }

    /// The enter callbacks of a call that came inside another, which those of any call hear of.
    pub(crate) fn enter_inside<'a>(
        &'a mut self,
        site: Site<'a>,
        event: &'a CallEvent,
    ) -> (Args, Option<Ret>) {
        let mut args = event.args;
        let mut cx = Context::new(site, event, None, &mut self.states);
        if let Some(call) = called(&mut self.calls, event) {
            call.enter.each(&mut cx, |f, cx| f(cx, &mut args));
        }
        (args, cx.answer)
    }

    /// Its exit callbacks.
    pub(crate) fn exit_inside<'a>(
        &'a mut self,
        site: Site<'a>,
        event: &'a CallEvent,
        end: End,
        ret: &mut Ret,
    ) {
        let mut cx = Context::new(site, event, Some(end), &mut self.states);
        if let Some(call) = called(&mut self.calls, event) {
            call.exit.each(&mut cx, |f, cx| f(cx, &event.args, ret));
        }
    }

    /// Sets the state of a registration. False when it does not exist (any more).
    fn set(states: &mut States, id: CallbackId, state: State) -> bool {
        let Some(cell) = states.get(&id) else {
            return false;
        };
        cell.set(state);
        if state == State::Removed {
            states.remove(&id);
        }
        true
    }

    pub(crate) fn remove(&mut self, id: CallbackId) -> bool {
        let found = Self::set(&mut self.states, id, State::Removed);
        for call in &mut self.calls {
            call.enter.0.retain(|listener| listener.id != id);
            call.exit.0.retain(|listener| listener.id != id);
        }
        self.any_enter.0.retain(|listener| listener.id != id);
        self.any_exit.0.retain(|listener| listener.id != id);
        self.unknown_enter.0.retain(|listener| listener.id != id);
        self.unknown_exit.0.retain(|listener| listener.id != id);
        self.returned.0.retain(|listener| listener.id != id);
        found
    }

    pub(crate) fn enable(&mut self, id: CallbackId, on: bool) -> bool {
        Self::set(
            &mut self.states,
            id,
            if on { State::Enabled } else { State::Disabled },
        )
    }

    /// Runs the enter callbacks of a call. Gives the arguments as they leave them, and the result if they answer instead
    /// of the kernel.
    pub(crate) fn enter<'a>(
        &'a mut self,
        site: Site<'a>,
        event: &'a CallEvent,
    ) -> (Args, Option<Ret>) {
        let mut args = event.args;
        let mut cx = Context::new(site, event, None, &mut self.states);
        match event.info {
            Some(info) => {
                if let Some(call) = called(&mut self.calls, event) {
                    call.enter.each(&mut cx, |f, cx| f(cx, &mut args));
                }
                self.any_enter.each(&mut cx, |f, cx| {
                    f(
                        cx,
                        &mut RawCall {
                            info,
                            args: &mut args,
                        },
                    )
                });
            }
            None => self
                .unknown_enter
                .each(&mut cx, |f, cx| f(cx, event.number, &mut args)),
        }
        (args, cx.answer)
    }

    /// Runs the exit callbacks of a call; they may change `ret`.
    pub(crate) fn exit<'a>(
        &'a mut self,
        site: Site<'a>,
        event: &'a CallEvent,
        end: End,
        ret: &mut Ret,
    ) {
        let mut args = event.args;
        let mut cx = Context::new(site, event, Some(end), &mut self.states);
        match event.info {
            Some(info) => {
                if let Some(call) = called(&mut self.calls, event) {
                    call.exit.each(&mut cx, |f, cx| f(cx, &args, ret));
                }
                self.any_exit.each(&mut cx, |f, cx| {
                    f(
                        cx,
                        &mut RawCall {
                            info,
                            args: &mut args,
                        },
                        ret,
                    )
                });
            }
            None => self
                .unknown_exit
                .each(&mut cx, |f, cx| f(cx, event.number, ret)),
        }
    }
}
