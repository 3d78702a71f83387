//! Callbacks on what a name picks: a call of every operating system that has one, or a family.

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::{Args, CallInfo, Os};

use super::{CallbackId, Callbacks, Context, EnterFn, ExitFn, Listener, RawCall, Ret};
use crate::family::{self, FamilyCall};

impl Callbacks {
    /// The calls of that name, on all operating systems; `own` are those of a user's.
    fn named(name: &str, own: &'static [CallInfo]) -> Vec<&'static CallInfo> {
        let all = Os::all_calls().chain(own);
        all.filter(|info| info.name == name).collect()
    }

    /// One registration on the beginnings of several calls. `None` when there is none.
    fn on_each_enter(
        &mut self,
        calls: &[&'static CallInfo],
        callback: impl FnMut(&mut Context<'_>, &'static CallInfo, &mut Args) + 'static,
    ) -> Option<CallbackId> {
        let (id, state) = (!calls.is_empty()).then(|| self.register())?;
        let callback = Rc::new(RefCell::new(callback));
        for info in calls.iter().copied() {
            let (state, callback) = (state.clone(), callback.clone());
            let run: Box<EnterFn> =
                Box::new(move |cx, args| (callback.borrow_mut())(cx, info, args));
            self.call(info.id).enter.0.push(Listener { id, state, run });
            self.mark_outer(info.id);
        }
        Some(id)
    }

    /// The same on their ends. What is done to the arguments there is forgotten.
    fn on_each_exit(
        &mut self,
        calls: &[&'static CallInfo],
        callback: impl FnMut(&mut Context<'_>, &'static CallInfo, &mut Args, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        let (id, state) = (!calls.is_empty()).then(|| self.register())?;
        let callback = Rc::new(RefCell::new(callback));
        for info in calls.iter().copied() {
            let (state, callback) = (state.clone(), callback.clone());
            let run: Box<ExitFn> = Box::new(move |cx, args, ret| {
                (callback.borrow_mut())(cx, info, &mut args.clone(), ret);
            });
            self.call(info.id).exit.0.push(Listener { id, state, run });
            self.mark_outer(info.id);
        }
        Some(id)
    }

    /// `None` when no operating system has a call of that name.
    pub(crate) fn on_call_enter(
        &mut self,
        name: &str,
        own: &'static [CallInfo],
        mut callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>) + 'static,
    ) -> Option<CallbackId> {
        self.on_each_enter(&Self::named(name, own), move |cx, info, args| {
            callback(cx, &mut RawCall { info, args });
        })
    }

    /// `None` when no operating system has a call of that name.
    pub(crate) fn on_call_exit(
        &mut self,
        name: &str,
        own: &'static [CallInfo],
        mut callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        self.on_each_exit(&Self::named(name, own), move |cx, info, args, ret| {
            callback(cx, &mut RawCall { info, args }, ret);
        })
    }

    /// `None` when no call of Linux has that name.
    pub(crate) fn on_family_enter(
        &mut self,
        name: &str,
        mut callback: impl FnMut(&mut Context<'_>, &mut FamilyCall<'_>) + 'static,
    ) -> Option<CallbackId> {
        self.on_each_enter(&family::members(name), move |cx, info, args| {
            cx.with_family(info, args, |cx, call| callback(cx, call));
        })
    }

    /// `None` when no call of Linux has that name.
    pub(crate) fn on_family_exit(
        &mut self,
        name: &str,
        mut callback: impl FnMut(&mut Context<'_>, &FamilyCall<'_>, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        self.on_each_exit(&family::members(name), move |cx, info, args, ret| {
            cx.with_family(info, args, |cx, call| callback(cx, call, ret));
        })
    }
}
