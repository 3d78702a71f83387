//! Handles are closed, doubled and asked about; objects are waited for, and have names.

use emu_prototypes::nt::{self, NtStatus, services};

use super::handles::{Object, Slot};
use super::kinds::{ACCESS_SYSTEM_SECURITY, Kind};
use super::named::{OBJ_INHERIT, Wish};
use super::namespace::Namespace;
use super::{Outcome, about, directory};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// `Options`.   [winnt.h: DUPLICATE_CLOSE_SOURCE, DUPLICATE_SAME_ACCESS; ntddk.h: DUPLICATE_SAME_ATTRIBUTES]
const CLOSE_SOURCE: u32 = 1;
const SAME_ACCESS: u32 = 2;
const SAME_ATTRIBUTES: u32 = 4;

impl services::Object<Cx<'_>> for Kernel {
    fn nt_close(&mut self, cx: &mut Cx<'_>, call: &nt::NtClose) -> Outcome {
        // Closing what stands for oneself does nothing.
        if cx.pseudo(call.Handle).is_some() {
            return Ok(0);
        }
        let handles = &mut self.nt_process(cx).handles;
        if handles.slot(call.Handle).is_some_and(|slot| slot.protected) {
            return Err(NtStatus::HANDLE_NOT_CLOSABLE.into());
        }
        let object = handles.remove(call.Handle);
        let object = object.ok_or(NtStatus::INVALID_HANDLE)?;
        if let Object::Key(_) = &object {
            let pid = cx.process().pid;
            self.key_closed((pid, call.Handle));
        }
        let pid = cx.process().pid;
        self.nt_closed(pid, &object);
        // Who polls a socket is told of its end at once.
        self.go_on_in_network(cx);
        Ok(0)
    }

    // The source is closed whether or not it can be doubled. One that can't be closed stays, which is no failure.
    // [Microsoft Learn, DuplicateHandle: DUPLICATE_CLOSE_SOURCE]
    fn nt_duplicate_object(&mut self, cx: &mut Cx<'_>, call: &nt::NtDuplicateObject) -> Outcome {
        let source = self.process_of(cx, call.SourceProcessHandle)?.borrow().pid;
        self.nt_process(cx);
        let outcome = self.double(cx, call, source);
        if call.Options & CLOSE_SOURCE != 0
            && cx.pseudo(call.SourceHandle).is_none()
            && let Some(process) = self.nt.processes.get_mut(&source)
            && let Some(slot) = process.handles.slot(call.SourceHandle)
            && !slot.protected
            && let Some(object) = process.handles.remove(call.SourceHandle)
        {
            self.nt_closed(source, &object);
            self.go_on_in_network(cx);
        }
        outcome
    }

    fn nt_query_security_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQuerySecurityObject,
    ) -> Outcome {
        super::security::query(self, cx, call)
    }

    fn nt_set_security_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetSecurityObject,
    ) -> Outcome {
        super::security::set(self, cx, call)
    }

    fn nt_compare_objects(&mut self, cx: &mut Cx<'_>, call: &nt::NtCompareObjects) -> Outcome {
        let first = self.nt_object(cx, call.FirstObjectHandle)?;
        let second = self.nt_object(cx, call.SecondObjectHandle)?;
        match first.is(&second) {
            true => Ok(0),
            false => Err(NtStatus::NOT_SAME_OBJECT.into()),
        }
    }

    fn nt_query_object(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryObject) -> Outcome {
        about::query(self, cx, call)
    }

    fn nt_set_information_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationObject,
    ) -> Outcome {
        about::set(self, cx, call)
    }

    fn nt_make_temporary_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtMakeTemporaryObject,
    ) -> Outcome {
        self.keep(cx, call.Handle, false)
    }

    fn nt_make_permanent_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtMakePermanentObject,
    ) -> Outcome {
        self.keep(cx, call.Handle, true)
    }

    fn nt_create_directory_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateDirectoryObject,
    ) -> Outcome {
        let wish = Wish::new(
            call.DirectoryHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        let directory = Object::Directory(Namespace::directory(&self.nt.pool, None)?);
        self.nt_make(cx, wish, directory)?.outcome()
    }

    fn nt_create_directory_object_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateDirectoryObjectEx,
    ) -> Outcome {
        // What is not found in it would be looked for in another.
        if call.ShadowDirectoryHandle != 0 {
            return Err(emu_prototypes::Stop::Missing);
        }
        let older = nt::NtCreateDirectoryObject {
            DirectoryHandle: call.DirectoryHandle,
            DesiredAccess: call.DesiredAccess,
            ObjectAttributes: call.ObjectAttributes,
        };
        self.nt_create_directory_object(cx, &older)
    }

    fn nt_open_directory_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtOpenDirectoryObject,
    ) -> Outcome {
        let wish = Wish::new(
            call.DirectoryHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        self.nt_open_named(cx, wish, Kind::Directory)
    }

    fn nt_query_directory_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryDirectoryObject,
    ) -> Outcome {
        directory::query(self, cx, call)
    }

    fn nt_create_symbolic_link_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateSymbolicLinkObject,
    ) -> Outcome {
        let wish = Wish::new(call.LinkHandle, call.DesiredAccess, call.ObjectAttributes);
        self.nt_make_link(cx, wish, call.LinkTarget.address)
    }

    fn nt_open_symbolic_link_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtOpenSymbolicLinkObject,
    ) -> Outcome {
        let wish = Wish::new(call.LinkHandle, call.DesiredAccess, call.ObjectAttributes);
        self.nt_open_named(cx, wish, Kind::SymbolicLink)
    }

    fn nt_query_symbolic_link_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQuerySymbolicLinkObject,
    ) -> Outcome {
        let (string, returned) = (call.LinkTarget.address, call.ReturnedLength.address);
        self.nt_read_link(cx, call.LinkHandle, string, returned)
    }

    fn nt_wait_for_single_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForSingleObject,
    ) -> Outcome {
        let timeout = call.Timeout.address;
        if let Some(outcome) = self.wait_again(cx, timeout) {
            return outcome;
        }
        self.wait_for_single(cx, call.Handle, call.Alertable != 0, timeout)
    }

    fn nt_signal_and_wait_for_single_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSignalAndWaitForSingleObject,
    ) -> Outcome {
        let timeout = call.Timeout.address;
        if let Some(outcome) = self.wait_again(cx, timeout) {
            return outcome;
        }
        self.signal_first(cx, call.SignalHandle, call.WaitHandle)?;
        self.wait_for_single(cx, call.WaitHandle, call.Alertable != 0, timeout)
    }

    fn nt_wait_for_multiple_objects(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForMultipleObjects,
    ) -> Outcome {
        let width = cx.word();
        self.wait_for_multiple(cx, call, width)
    }

    fn nt_wait_for_multiple_objects32(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForMultipleObjects32,
    ) -> Outcome {
        let wide = nt::NtWaitForMultipleObjects {
            Count: call.Count,
            Handles: emu_prototypes::Ptr::new(call.Handles.address),
            WaitType: call.WaitType,
            Alertable: call.Alertable,
            Timeout: call.Timeout,
        };
        self.wait_for_multiple(cx, &wide, 4)
    }
}

impl Kernel {
    /// Gives a process a handle of what one of another stands for.
    fn double(&mut self, cx: &mut Cx<'_>, call: &nt::NtDuplicateObject, source: Tid) -> Outcome {
        let pseudo = cx.pseudo(call.SourceHandle).is_some();
        let own = self.nt.processes.get(&source);
        let own = own.and_then(|process| process.handles.slot(call.SourceHandle).cloned());
        let mut slot = match own.filter(|_| !pseudo) {
            Some(slot) => slot,
            None if pseudo => Slot::new(self.nt_object(cx, call.SourceHandle)?),
            None => return Err(NtStatus::INVALID_HANDLE.into()),
        };
        if call.TargetHandle.address == 0 {
            return Ok(0);
        }
        let target = self.process_of(cx, call.TargetProcessHandle)?.borrow().pid;
        if call.Options & SAME_ACCESS == 0 {
            // What nobody has by wishing for it is had before, or not.
            let never = ACCESS_SYSTEM_SECURITY & !slot.access;
            let wish = call.DesiredAccess & !never;
            let access = Kind::of(&slot.object).granted(wish);
            // More than it has is looked at as if it was opened.
            slot.access = match access & !slot.access {
                0 => access,
                _ => self.nt_allowed(cx, &slot.object, wish)?,
            };
        }
        if call.Options & SAME_ATTRIBUTES == 0 {
            slot.inherited = call.HandleAttributes & OBJ_INHERIT != 0;
            slot.protected = false;
        }
        if target == cx.process().pid {
            self.nt_give_slot(cx, call.TargetHandle.address, slot)?;
        } else {
            let process = self.nt.processes.get_mut(&target);
            let process = process.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
            let handle = process.handles.insert_slot(slot);
            let handle = handle.ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
            cx.write_word(call.TargetHandle.address, handle)?;
        }
        Ok(0)
    }

    /// Has the name of an object stay without handles, or not.
    fn keep(&mut self, cx: &Cx<'_>, handle: u64, permanent: bool) -> Outcome {
        let handles = &self.nt_process(cx).handles;
        let slot = handles.slot(handle).ok_or(NtStatus::INVALID_HANDLE)?;
        if let Some(name) = slot.name.clone() {
            self.nt.names.keep(&self.nt.pool, &name, permanent)?;
        }
        Ok(0)
    }
}
