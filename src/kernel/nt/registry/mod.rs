//! The registry: keys and values in memory, empty but for the keys that always are there.

mod release;
mod tell;
mod text;
mod tree;

pub(super) use tree::{Key, Registry};

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::handles::Object;
use crate::kernel::{Cx, Kernel};
use tree::Value;

/// `Disposition`.   [winnt.h]
const CREATED: u32 = 1;
const OPENED: u32 = 2;
/// Bytes of one value at most.   [Microsoft, Registry element size limits]
const MAX_VALUE: u32 = 1 << 20;
/// Units of the name of a key, and of a value.
const MAX_KEY_NAME: usize = 255;
const MAX_VALUE_NAME: usize = 16_383;

impl services::Registry<Cx<'_>> for Kernel {
    fn nt_create_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateKey) -> Outcome {
        let (start, name) = self.key_named(cx, call.ObjectAttributes.address)?;
        let now = super::executive::system_time(self);
        let (key, fresh) = match self.nt.registry.find(&start, &name) {
            Ok(key) => (key, false),
            Err(NtStatus::OBJECT_NAME_NOT_FOUND) => {
                let end = name.iter().rposition(|unit| *unit == u16::from(b'\\'));
                let (parent, last) = match end {
                    Some(at) => (self.nt.registry.find(&start, &name[..at])?, &name[at + 1..]),
                    None => (start, &name[..]),
                };
                if last.is_empty() || last.len() > MAX_KEY_NAME {
                    return Err(NtStatus::OBJECT_NAME_INVALID.into());
                }
                (self.nt.registry.create(&parent, last, now)?, true)
            }
            Err(status) => return Err(status.into()),
        };
        if call.Disposition.address != 0 {
            let disposition = if fresh { CREATED } else { OPENED };
            cx.mem.write_u32(call.Disposition.address, disposition)?;
        }
        self.nt_give(
            cx,
            (call.KeyHandle.address, call.ObjectAttributes.address),
            Object::Key(key),
        )?;
        Ok(0)
    }

    fn nt_open_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenKey) -> Outcome {
        self.open_key(cx, call.KeyHandle.address, call.ObjectAttributes.address)
    }

    fn nt_open_key_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenKeyEx) -> Outcome {
        self.open_key(cx, call.KeyHandle.address, call.ObjectAttributes.address)
    }

    fn nt_set_value_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetValueKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle)?;
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
        Ok(0)
    }

    fn nt_query_value_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryValueKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle)?;
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
        let key = self.key(cx, call.KeyHandle)?;
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
        let key = self.key(cx, call.KeyHandle)?;
        let told = tell::key(&key, call.KeyInformationClass);
        let room = (
            call.KeyInformation.address,
            call.Length,
            call.ResultLength.address,
        );
        tell::give(cx, room, told)
    }

    fn nt_enumerate_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtEnumerateKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle)?;
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
        let key = self.key(cx, call.KeyHandle)?;
        let name = cx.optional_unicode(call.ValueName.address)?;
        self.nt.registry.remove_value(&key, &name)?;
        Ok(0)
    }

    fn nt_delete_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtDeleteKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle)?;
        self.nt.registry.remove(&key)?;
        Ok(0)
    }

    fn nt_rename_key(&mut self, cx: &mut Cx<'_>, call: &nt::NtRenameKey) -> Outcome {
        let key = self.key(cx, call.KeyHandle)?;
        let name = cx.unicode(call.NewName.address)?;
        if name.is_empty() || name.len() > MAX_KEY_NAME || name.contains(&u16::from(b'\\')) {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        self.nt.registry.rename(&key, &name)?;
        Ok(0)
    }

    fn nt_set_information_key(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationKey,
    ) -> Outcome {
        let key = self.key(cx, call.KeyHandle)?;
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
        self.key(cx, call.KeyHandle)?;
        Ok(0)
    }
}

impl Kernel {
    fn open_key(&mut self, cx: &mut Cx<'_>, handle: u64, attributes: u64) -> Outcome {
        let (start, name) = self.key_named(cx, attributes)?;
        let key = self.nt.registry.find(&start, &name)?;
        self.nt_give(cx, (handle, attributes), Object::Key(key))?;
        Ok(0)
    }

    fn key(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<Key>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::Key(key) if key.is_deleted() => Err(NtStatus::KEY_DELETED),
            Object::Key(key) => Ok(key),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// Where a name starts, and the rest of it without backslashes at its ends.
    fn key_named(&mut self, cx: &mut Cx<'_>, at: u64) -> Result<(Rc<Key>, Vec<u16>), NtStatus> {
        let attributes = cx.attributes(at)?.ok_or(NtStatus::INVALID_PARAMETER)?;
        let mut name = attributes.name;
        while name.last() == Some(&u16::from(b'\\')) {
            name.pop();
        }
        match attributes.root {
            0 => self.nt.registry.absolute(&name),
            root => Ok((self.key(cx, root)?, name)),
        }
    }
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
