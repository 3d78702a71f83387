//! Callbacks on what a name picks: a call of every operating system that has one, or a family.

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::{CallInfo, Os};

use super::{CallbackId, Callbacks, Context, EnterFn, ExitFn, Listener, RawCall, Ret};
use crate::family::{self, FamilyCall};

impl Callbacks {
    /// The ids of the calls of that name, on all operating systems; `own` are those of a user's.
    fn named(name: &str, own: &'static [CallInfo]) -> Vec<u16> {
        let all = Os::all_calls().chain(own);
        all.filter(|info| info.name == name)
            .map(|info| info.id)
            .collect()
    }

    /// `None` when no operating system has a call of that name.
    pub(crate) fn on_call_enter(
        &mut self,
        name: &str,
        own: &'static [CallInfo],
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>) + 'static,
    ) -> Option<CallbackId> {
        let calls = Self::named(name, own);
        let (id, state) = (!calls.is_empty()).then(|| self.register())?;
        let callback = Rc::new(RefCell::new(callback));
        for call in calls {
            let (state, callback) = (state.clone(), callback.clone());
            let run: Box<EnterFn> = Box::new(move |cx, args| {
                if let Some(info) = cx.event.info {
                    (callback.borrow_mut())(cx, &mut RawCall { info, args });
                }
            });
            self.call(call).enter.0.push(Listener { id, state, run });
            self.mark_outer(call);
        }
        Some(id)
    }

    /// `None` when no operating system has a call of that name.
    pub(crate) fn on_call_exit(
        &mut self,
        name: &str,
        own: &'static [CallInfo],
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        let calls = Self::named(name, own);
        let (id, state) = (!calls.is_empty()).then(|| self.register())?;
        let callback = Rc::new(RefCell::new(callback));
        for call in calls {
            let (state, callback) = (state.clone(), callback.clone());
            let run: Box<ExitFn> = Box::new(move |cx, args, ret| {
                if let Some(info) = cx.event.info {
                    let args = &mut args.clone();
                    (callback.borrow_mut())(cx, &mut RawCall { info, args }, ret);
                }
            });
            self.call(call).exit.0.push(Listener { id, state, run });
            self.mark_outer(call);
        }
        Some(id)
    }

    /// `None` when no call of Linux has that name.
    pub(crate) fn on_family_enter(
        &mut self,
        name: &str,
        callback: impl FnMut(&mut Context<'_>, &mut FamilyCall<'_>) + 'static,
    ) -> Option<CallbackId> {
        let calls = family::members(name);
        let (id, state) = (!calls.is_empty()).then(|| self.register())?;
        let callback = Rc::new(RefCell::new(callback));
        for call in calls {
            let (state, callback) = (state.clone(), callback.clone());
            let run: Box<EnterFn> = Box::new(move |cx, args| {
                cx.with_family(args, |cx, call| (callback.borrow_mut())(cx, call));
            });
            self.call(call).enter.0.push(Listener { id, state, run });
            self.mark_outer(call);
        }
        Some(id)
    }

    /// `None` when no call of Linux has that name.
    pub(crate) fn on_family_exit(
        &mut self,
        name: &str,
        callback: impl FnMut(&mut Context<'_>, &FamilyCall<'_>, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        let calls = family::members(name);
        let (id, state) = (!calls.is_empty()).then(|| self.register())?;
        let callback = Rc::new(RefCell::new(callback));
        for call in calls {
            let (state, callback) = (state.clone(), callback.clone());
            let run: Box<ExitFn> = Box::new(move |cx, args, ret| {
                let args = &mut args.clone();
                cx.with_family(args, |cx, call| (callback.borrow_mut())(cx, call, ret));
            });
            self.call(call).exit.0.push(Listener { id, state, run });
            self.mark_outer(call);
        }
        Some(id)
    }
}
