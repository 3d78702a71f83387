//! How is it asked and told who owns an object, and who may use it?   [Microsoft Learn, NtQuerySecurityObject,
//! NtSetSecurityObject, SECURITY_INFORMATION]

use emu_prototypes::nt::{self, NtStatus};

use super::descriptor::{Descriptor, control, part};
use super::list::List;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::{ACCESS_SYSTEM_SECURITY, Kind};
use crate::kernel::nt::token::{self, privilege};
use crate::kernel::{Cx, Kernel};

/// `READ_CONTROL`, `WRITE_DAC` and `WRITE_OWNER`.   [winnt.h]
const READ_CONTROL: u32 = 0x2_0000;
const WRITE_DAC: u32 = 0x4_0000;
const WRITE_OWNER: u32 = 0x8_0000;

/// Parts, and the access that each takes.
type Needs = [(u32, u32); 3];
/// To be read.
const READING: Needs = [
    (
        part::OWNER | part::GROUP | part::DACL | part::LABEL,
        READ_CONTROL,
    ),
    (part::SACL, ACCESS_SYSTEM_SECURITY),
    (0, 0),
];
/// To be written.
const WRITING: Needs = [
    (part::OWNER | part::GROUP | part::LABEL, WRITE_OWNER),
    (
        part::DACL | part::PROTECTED_DACL | part::UNPROTECTED_DACL,
        WRITE_DAC,
    ),
    (
        part::SACL | part::PROTECTED_SACL | part::UNPROTECTED_SACL,
        ACCESS_SYSTEM_SECURITY,
    ),
];

fn needed(parts: u32, needs: &Needs) -> u32 {
    let wanted = needs.iter().filter(|(own, _)| parts & own != 0);
    wanted.fold(0, |all, (_, access)| all | access)
}

/// Serves `NtQuerySecurityObject`.
pub(in crate::kernel::nt) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQuerySecurityObject,
) -> Outcome {
    let parts = call.SecurityInformation;
    let object = kernel.nt_object_for(cx, call.Handle, needed(parts, &READING))?;
    let own = kernel.security_of(&object);
    let bytes = match own {
        Some(own) => own.bytes(parts),
        None => Descriptor::default_of(Kind::of(&object)).bytes(parts),
    };
    cx.returned_length(call.LengthNeeded.address, bytes.len() as u64)?;
    if (call.Length as usize) < bytes.len() {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    cx.mem.write(call.SecurityDescriptor.address, &bytes)?;
    Ok(0)
}

/// Serves `NtSetSecurityObject`: the parts that are meant become those of the descriptor, the others stay.
pub(in crate::kernel::nt) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetSecurityObject,
) -> Outcome {
    let parts = call.SecurityInformation;
    let object = kernel.nt_object_for(cx, call.Handle, needed(parts, &WRITING))?;
    let told = Descriptor::read(cx, call.SecurityDescriptor.address)?;
    let kind = Kind::of(&object);
    let own = kernel.security_of(&object);
    let mut own = own.map_or_else(|| Descriptor::default_of(kind), |own| (*own).clone());
    let has = |bits: u32| parts & bits != 0;
    if has(part::OWNER) {
        let restores = kernel.effective_token(cx).has_enabled(privilege::RESTORE);
        // Only who may own something gets it, unless one may give it to anybody.
        if told.owner.is_empty() || !restores && !token::may_own(&told.owner) {
            return Err(NtStatus::INVALID_OWNER.into());
        }
        own.owner = told.owner;
    }
    if has(part::GROUP) {
        if told.group.is_empty() {
            return Err(NtStatus::INVALID_PRIMARY_GROUP.into());
        }
        own.group = told.group;
    }
    if has(part::DACL) {
        own.dacl = told.dacl;
        if let Some(dacl) = &mut own.dacl {
            dacl.map(kind);
        }
        own.control = own.control & !control::DACL | told.control & control::DACL;
        own.control |= control::DACL_PRESENT;
    }
    if has(part::SACL) {
        let labels = own.sacl.as_ref().map(|list| list.only(true, false));
        own.sacl = joined(
            told.sacl.as_ref().map(|list| list.only(false, true)),
            labels,
        );
        own.control = own.control & !control::SACL | told.control & control::SACL;
    }
    if has(part::LABEL) {
        let others = own.sacl.as_ref().map(|list| list.only(false, true));
        own.sacl = joined(
            others,
            told.sacl.as_ref().map(|list| list.only(true, false)),
        );
    }
    if own.sacl.is_some() {
        own.control |= control::SACL_PRESENT;
    }
    for (bits, flag, set) in [
        (part::PROTECTED_DACL, control::DACL_PROTECTED, true),
        (part::UNPROTECTED_DACL, control::DACL_PROTECTED, false),
        (part::PROTECTED_SACL, control::SACL_PROTECTED, true),
        (part::UNPROTECTED_SACL, control::SACL_PROTECTED, false),
    ] {
        match (has(bits), set) {
            (true, true) => own.control |= flag,
            (true, false) => own.control &= !flag,
            _ => {}
        }
    }
    kernel.set_security_of(&object, own)?;
    if let Object::File(file) = &object {
        kernel.tell_security(file);
    }
    Ok(0)
}

fn joined(first: Option<List>, second: Option<List>) -> Option<List> {
    match (first, second) {
        (Some(mut first), Some(second)) => {
            first.join(second);
            Some(first)
        }
        (first, second) => first.or(second),
    }
}
