//! How does a key come to be?   [Microsoft Learn, ZwCreateKey]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::tree::Making;
use super::{MAX_KEY_NAME, OPEN_LINK, watch};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::executive::system_time;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::{ACCESS_SYSTEM_SECURITY, Kind};
use crate::kernel::nt::security::Descriptor;
use crate::kernel::{Cx, Kernel};

/// `Disposition`.   [winnt.h]
const CREATED: u32 = 1;
const OPENED: u32 = 2;
/// `CreateOptions`.   [winnt.h: REG_OPTION_VOLATILE and following]
const VOLATILE: u32 = 1;
const CREATE_LINK: u32 = 2;
/// `KEY_CREATE_SUB_KEY`.   [winnt.h]
const CREATE_SUB_KEY: u32 = 4;

/// Serves `NtCreateKey`, which opens what is there.
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtCreateKey) -> Outcome {
    let named = kernel.key_named(cx, call.ObjectAttributes.address)?;
    let now = system_time(kernel);
    let has = |option: u32| call.CreateOptions & option != 0;
    let open_link = named.open_link || has(OPEN_LINK);
    let (start, name) = (named.start, named.name);
    let (key, fresh) = match kernel.nt.registry.walk(&start, &name, open_link) {
        Ok(_) if has(CREATE_LINK) => return Err(NtStatus::OBJECT_NAME_COLLISION.into()),
        Ok(key) => (key, false),
        Err(NtStatus::OBJECT_NAME_NOT_FOUND) => {
            let end = name.iter().rposition(|unit| *unit == u16::from(b'\\'));
            let (parent, last) = match end {
                Some(at) => (
                    kernel.nt.registry.find(&start, &name[..at])?,
                    &name[at + 1..],
                ),
                None => (start, &name[..]),
            };
            if last.is_empty() || last.len() > MAX_KEY_NAME {
                return Err(NtStatus::OBJECT_NAME_INVALID.into());
            }
            // A link that leads nowhere is there, all the same.
            if kernel.nt.registry.walk(&parent, last, true).is_ok() {
                return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
            }
            let making = Making {
                class: cx.optional_unicode(call.Class.address)?,
                volatile: has(VOLATILE),
                link: has(CREATE_LINK),
            };
            let above = Object::Key(parent.clone());
            let system = call.DesiredAccess & ACCESS_SYSTEM_SECURITY;
            kernel.nt_allowed(cx, &above, CREATE_SUB_KEY | system)?;
            let given = cx.security_given(call.ObjectAttributes.address)?;
            let above = kernel.security_of(&above);
            let security = Descriptor::of_new(given, above.as_deref(), (Kind::Key, true));
            let key = kernel.nt.registry.create(&parent, last, making, now)?;
            if let Some(security) = security {
                kernel.set_security_of(&Object::Key(key.clone()), security)?;
            }
            kernel.key_changed(&parent, watch::NAME);
            (key, true)
        }
        Err(status) => return Err(status.into()),
    };
    if call.Disposition.address != 0 {
        let disposition = if fresh { CREATED } else { OPENED };
        cx.mem.write_u32(call.Disposition.address, disposition)?;
    }
    let places = (call.KeyHandle.address, call.ObjectAttributes.address);
    match fresh {
        true => kernel.give_key(cx, places, key, call.DesiredAccess),
        false => kernel.give_allowed(cx, places, key, call.DesiredAccess),
    }
}
