//! The registry: keys and values in memory, empty but for the keys that always are there.
//!
//! Windows of 32 bits have no other view of it. On one of 64 bits a program of 32 bits finds another one below the keys
//! `Wow6432Node`, to which its libraries lead it; the kernel has no part in that.

mod begin;
mod create;
mod files;
mod hive;
mod release;
mod several;
mod tell;
mod text;
mod tree;
mod watch;

pub(super) use files::no_hive;
pub(crate) use files::registry_file;
pub(super) use tree::{Key, Registry};

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::handles::Object;
use super::handles::Slot;
use super::kinds::Kind;
use super::named::OBJ_INHERIT;
use crate::kernel::{Cx, Kernel};
use tree::Value;

/// `CreateOptions`.   [winnt.h: REG_OPTION_OPEN_LINK]
const OPEN_LINK: u32 = 8;
/// `Attributes` of an object.   [ntdef.h: OBJ_OPENLINK]
const OBJ_OPENLINK: u32 = 0x100;
/// What may be done by a handle.   [winnt.h: KEY_QUERY_VALUE and following, DELETE]
const QUERY_VALUE: u32 = 1;
const SET_VALUE: u32 = 2;
const ENUMERATE: u32 = 8;
const DELETE: u32 = 0x1_0000;
/// `KeyNameInformation`, which takes no right.
const NAME_INFORMATION: i32 = 3;
/// Bytes of one value at most.   [Microsoft, Registry element size limits]
const MAX_VALUE: u32 = 1 << 20;
/// Units of the name of a key, and of a value.
const MAX_KEY_NAME: usize = 255;
const MAX_VALUE_NAME: usize = 16_383;

impl services::Registry<Cx<'_>> for Kernel {
    fn nt_create_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateKey) -> Outcome {
        create::create(self, cx, call)
    }

    fn nt_open_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenKey) -> Outcome {
        let places = (call.KeyHandle.address, call.ObjectAttributes.address);
        self.open_key(cx, places, (call.DesiredAccess, 0))
    }

    fn nt_open_key_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenKeyEx) -> Outcome {
        let places = (call.KeyHandle.address, call.ObjectAttributes.address);
        self.open_key(cx, places, (call.DesiredAccess, call.OpenOptions))
    }

    fn nt_notify_change_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtNotifyChangeKey) -> Outcome {
        watch::notify(self, cx, call)
    }

    fn nt_notify_change_multiple_keys(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtNotifyChangeMultipleKeys,
    ) -> Outcome {
        // Another one that is watched besides.
        if call.Count != 0 {
            return Err(emu_prototypes::Stop::Missing);
        }
        let one = nt::NtNotifyChangeKey {
            KeyHandle: call.MasterKeyHandle,
            Event: call.Event,
            ApcRoutine: call.ApcRoutine,
            ApcContext: call.ApcContext,
            IoStatusBlock: call.IoStatusBlock,
            CompletionFilter: call.CompletionFilter,
            WatchTree: call.WatchTree,
            Buffer: call.Buffer,
            BufferSize: call.BufferSize,
            Asynchronous: call.Asynchronous,
        };
        watch::notify(self, cx, &one)
    }

    fn nt_query_multiple_value_key(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryMultipleValueKey,
    ) -> Outcome {
        let key = self.key(cx, call.KeyHandle, QUERY_VALUE)?;
        several::query(cx, &key, call)
    }

    fn nt_set_value_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetValueKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, SET_VALUE)?;
        let name = cx.optional_unicode(call.ValueName.address)?;
        if call.DataSize > MAX_VALUE || name.len() > MAX_VALUE_NAME {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let mut data = vec![0; call.DataSize as usize];
        cx.mem.read(call.Data.address, &mut data)?;
        let kind = call.Type;
        let now = super::executive::system_time(self);
        self.nt
            .registry
            .set(&key, Value { name, kind, data }, now)?;
        self.key_changed(&key, watch::LAST_SET);
        Ok(0)
    }

    fn nt_query_value_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryValueKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, QUERY_VALUE)?;
        let name = cx.optional_unicode(call.ValueName.address)?;
        let told = key.value(&name, |value| {
            tell::value(value, call.KeyValueInformationClass)
        });
        let told = told.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
        let room = (
            call.KeyValueInformation.address,
            call.Length,
            call.ResultLength.address,
        );
        tell::give(cx, room, told)
    }

    fn nt_enumerate_value_key(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtEnumerateValueKey,
    ) -> Outcome {
        let key = self.key(cx, call.KeyHandle, QUERY_VALUE)?;
        let told = key.nth_value(call.Index, |value| {
            tell::value(value, call.KeyValueInformationClass)
        });
        let told = told.ok_or(NtStatus::NO_MORE_ENTRIES)?;
        let room = (
            call.KeyValueInformation.address,
            call.Length,
            call.ResultLength.address,
        );
        tell::give(cx, room, told)
    }

    fn nt_query_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryKey) -> Outcome {
        let key = {
            let access = match call.KeyInformationClass {
                NAME_INFORMATION => 0,
                _ => QUERY_VALUE,
            };
            self.key(cx, call.KeyHandle, access)?
        };
        let told = tell::key(&key, call.KeyInformationClass);
        let room = (
            call.KeyInformation.address,
            call.Length,
            call.ResultLength.address,
        );
        tell::give(cx, room, told)
    }

    fn nt_enumerate_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtEnumerateKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, ENUMERATE)?;
        let child = key.nth_child(call.Index).ok_or(NtStatus::NO_MORE_ENTRIES)?;
        let told = tell::key(&child, call.KeyInformationClass);
        let room = (
            call.KeyInformation.address,
            call.Length,
            call.ResultLength.address,
        );
        tell::give(cx, room, told)
    }

    fn nt_delete_value_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtDeleteValueKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, SET_VALUE)?;
        let name = cx.optional_unicode(call.ValueName.address)?;
        self.nt.registry.remove_value(&key, &name)?;
        self.key_changed(&key, watch::LAST_SET);
        Ok(0)
    }

    fn nt_delete_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtDeleteKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, DELETE)?;
        self.nt.registry.remove(&key)?;
        self.key_removed(&key);
        if let Some(parent) = key.parent() {
            self.key_changed(&parent, watch::NAME);
        }
        Ok(0)
    }

    fn nt_rename_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtRenameKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, SET_VALUE)?;
        let name = cx.unicode(call.NewName.address)?;
        if name.is_empty() || name.len() > MAX_KEY_NAME || name.contains(&u16::from(b'\\')) {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        self.nt.registry.rename(&key, &name)?;
        if let Some(parent) = key.parent() {
            self.key_changed(&parent, watch::NAME);
        }
        Ok(0)
    }

    fn nt_set_information_key(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationKey,
    ) -> Outcome {
        let key = self.key(cx, call.KeyHandle, SET_VALUE)?;
        // [wdm.h: KeyWriteTimeInformation]
        if call.KeySetInformationClass != 0 {
            return Err(emu_prototypes::Stop::Missing);
        }
        if call.KeySetInformationLength != 8 {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let time = cx.mem.read_u64(call.KeySetInformation.address)?;
        key.written.set(time);
        Ok(0)
    }

    fn nt_flush_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtFlushKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle, 0)?;
        self.flush_hive(&key)?;
        Ok(0)
    }

    fn nt_save_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtSaveKey) -> Outcome {
        self.save_key(
            cx,
            (call.KeyHandle, call.FileHandle),
            files::STANDARD_FORMAT,
        )
    }

    fn nt_save_key_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtSaveKeyEx) -> Outcome {
        self.save_key(cx, (call.KeyHandle, call.FileHandle), call.Format)
    }

    fn nt_restore_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtRestoreKey) -> Outcome {
        self.restore_key(cx, (call.KeyHandle, call.FileHandle), call.Flags)
    }

    fn nt_load_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtLoadKey) -> Outcome {
        let places = (call.TargetKey.address, call.SourceFile.address);
        self.load_key(cx, places, 0)?;
        Ok(0)
    }

    fn nt_load_key2(&mut self, cx: &mut Cx<'_>, call: &nt::NtLoadKey2) -> Outcome {
        let places = (call.TargetKey.address, call.SourceFile.address);
        self.load_key(cx, places, call.Flags)?;
        Ok(0)
    }

    fn nt_load_key_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtLoadKeyEx) -> Outcome {
        self.load_key_ex(cx, call)
    }

    fn nt_unload_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtUnloadKey) -> Outcome {
        self.unload_key(cx, call.TargetKey.address, 0)
    }

    fn nt_unload_key2(&mut self, cx: &mut Cx<'_>, call: &nt::NtUnloadKey2) -> Outcome {
        self.unload_key(cx, call.TargetKey.address, call.Flags)
    }
}

impl Kernel {
    fn open_key(
        &mut self,
        cx: &mut Cx<'_>,
        places: (u64, u64),
        (access, options): (u32, u32),
    ) -> Outcome {
        let named = self.key_named(cx, places.1)?;
        let open_link = named.open_link || options & OPEN_LINK != 0;
        let key = self
            .nt
            .registry
            .walk(&named.start, &named.name, open_link)?;
        self.give_allowed(cx, places, key, access)
    }

    /// A new handle of a key that is there, when that may be used so.
    fn give_allowed(
        &mut self,
        cx: &mut Cx<'_>,
        places: (u64, u64),
        key: Rc<Key>,
        access: u32,
    ) -> Outcome {
        let access = self.nt_allowed(cx, &Object::Key(key.clone()), access)?;
        self.give_key(cx, places, key, access)
    }

    /// A new handle of a key: where it goes, where its attributes are, and for what it may be used.
    fn give_key(
        &mut self,
        cx: &mut Cx<'_>,
        (at, attributes): (u64, u64),
        key: Rc<Key>,
        access: u32,
    ) -> Outcome {
        let mut slot = Slot::new(Object::Key(key));
        slot.access = Kind::Key.granted(access);
        slot.inherited = cx.handle_flags(attributes) & OBJ_INHERIT != 0;
        self.nt_give_slot(cx, at, slot)?;
        Ok(0)
    }

    /// The key of a handle that may be used so.
    fn key(&mut self, cx: &Cx<'_>, handle: u64, access: u32) -> Result<Rc<Key>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::Key(key) if key.is_deleted() => Err(NtStatus::KEY_DELETED),
            Object::Key(key) => {
                self.nt_object_for(cx, handle, access)?;
                Ok(key)
            }
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// What an `OBJECT_ATTRIBUTES` names.
    fn key_named(&mut self, cx: &mut Cx<'_>, at: u64) -> Result<Named, NtStatus> {
        let attributes = cx.attributes(at)?.ok_or(NtStatus::INVALID_PARAMETER)?;
        let mut name = attributes.name;
        while name.last() == Some(&u16::from(b'\\')) {
            name.pop();
        }
        let (start, name) = match attributes.root {
            0 => self.nt.registry.absolute(&name)?,
            root => (self.key(cx, root, 0)?, name),
        };
        Ok(Named {
            start,
            name,
            open_link: attributes.flags & OBJ_OPENLINK != 0,
        })
    }
}

/// Where a name starts, and the rest of it without backslashes at its end; whether a link itself is meant.
struct Named {
    start: Rc<Key>,
    name: Vec<u16>,
    open_link: bool,
}

impl Cx<'_> {
    /// The units of a `UNICODE_STRING` that need not be there.
    fn optional_unicode(&mut self, at: u64) -> Result<Vec<u16>, NtStatus> {
        match at {
            0 => Ok(Vec::new()),
            at => self.unicode(at),
        }
    }
}
