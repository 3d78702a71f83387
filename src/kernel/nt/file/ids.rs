//! Which file has a number?   [wdm.h: FILE_OPEN_BY_FILE_ID; MS-FSA 2.1.5.1, 2.1.5.10.1, 2.1.5.10.5, 2.1.5.10.9; winioctl.h:
//! FILE_OBJECTID_BUFFER]
//!
//! Its own number it has by itself, and whoever opens it by that has been told it before. An object ID is given to it, and
//! kept among its extended attributes.

use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::streams;
use super::volume::SERIAL;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::path::{DRIVES, status};
use crate::kernel::nt::reply::asked;
use crate::kernel::nt::token::privilege;
use crate::kernel::vfs::{Entry, SetAttribute};
use crate::kernel::{Cx, Kernel};

/// `FSCTL_SET_OBJECT_ID`, `FSCTL_GET_OBJECT_ID`, `FSCTL_DELETE_OBJECT_ID`, `FSCTL_CREATE_OR_GET_OBJECT_ID`.
const SET: u32 = 0x9_0098;
const GET: u32 = 0x9_009c;
const DELETE: u32 = 0x9_00a0;
const CREATE_OR_GET: u32 = 0x9_00c0;
/// Bytes of a `FILE_OBJECTID_BUFFER`, and of the ID in front of it.
const BUFFER: usize = 64;
const ID: usize = 16;
/// Where it is kept.
const NAME: &[u8] = b"user.NTOBJECTID";
/// Numbers that are known at most.
const MOST: usize = 1 << 20;

/// Files by what they are opened by besides their names.
#[derive(Default)]
pub(in crate::kernel::nt) struct Ids {
    files: BTreeMap<u64, Weak<Entry>>,
    objects: BTreeMap<[u8; ID], Weak<Entry>>,
}

impl Ids {
    /// Somebody has been told the number of a file.
    pub(super) fn tell(&mut self, entry: &Rc<Entry>) {
        let base = streams::base(entry);
        if self.files.len() >= MOST {
            self.files.retain(|_, known| known.strong_count() > 0);
        }
        if self.files.len() < MOST {
            self.files.insert(base.node.ino, Rc::downgrade(&base));
        }
    }

    /// The file that a name is the number or the object ID of.
    pub(super) fn find(&self, name: &[u16]) -> Result<Rc<Entry>, NtStatus> {
        let bytes: Vec<u8> = without_drive(name)
            .iter()
            .flat_map(|unit| unit.to_le_bytes())
            .collect();
        let alive = |known: &Weak<Entry>| known.upgrade().filter(|entry| !entry.is_removed());
        if let Ok(number) = <[u8; 8]>::try_from(&bytes[..]) {
            let known = self.files.get(&u64::from_le_bytes(number));
            return known.and_then(alive).ok_or(NtStatus::INVALID_PARAMETER);
        }
        let id = <[u8; ID]>::try_from(&bytes[..]);
        let id = id.map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let known = self.objects.get(&id).and_then(alive);
        known.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)
    }
}

/// What is behind `\??\C:\`, or all of it.
fn without_drive(name: &[u16]) -> &[u16] {
    let drives = DRIVES.iter().map(|drives| format!("{drives}C:\\"));
    for drive in drives {
        let drive: Vec<u16> = drive.encode_utf16().collect();
        if let Some(rest) = name.strip_prefix(&drive[..]) {
            return rest;
        }
    }
    name
}

/// Whether a request is about object IDs.
pub(super) fn is_about(code: u32) -> bool {
    matches!(code, SET | GET | DELETE | CREATE_OR_GET)
}

/// Serves the requests about object IDs.
pub(super) fn control(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtFsControlFile) -> Outcome {
    let file = kernel.open_file(cx, call.FileHandle)?;
    let base = streams::base(&file.entry);
    let code = call.FsControlCode;
    let out = call.OutputBuffer.address;
    let own = kernel.nt_walk(|walker| Ok(walker.attribute(&base.node, NAME).ok()));
    let own = own?.and_then(|own| <[u8; BUFFER]>::try_from(&own[..]).ok());
    let gives = matches!(code, GET | CREATE_OR_GET);
    if gives && (call.OutputBufferLength as usize) < BUFFER {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let mut bytes = own.unwrap_or([0; BUFFER]);
    match (code, own) {
        (GET, None) => return Err(NtStatus::OBJECTID_NOT_FOUND.into()),
        (GET | CREATE_OR_GET, Some(_)) => {}
        (CREATE_OR_GET, None) => {
            // The ID, the volume's, the ID once more, and that of a domain, of which there is none.
            kernel.random.fill(&mut bytes[..ID]);
            bytes[ID..ID + 4].copy_from_slice(&SERIAL.to_le_bytes());
            bytes.copy_within(..ID, 2 * ID);
            kernel.keep_object_id(&base, &bytes)?;
        }
        (SET, own) => {
            if !kernel.effective_token(cx).has_enabled(privilege::RESTORE) {
                return Err(NtStatus::ACCESS_DENIED.into());
            }
            if call.InputBufferLength as usize != BUFFER {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            cx.mem.read(call.InputBuffer.address, &mut bytes)?;
            let id: [u8; ID] = bytes[..ID].try_into().expect("an ID is its first bytes");
            if own.is_some()
                || kernel
                    .nt
                    .ids
                    .objects
                    .get(&id)
                    .is_some_and(|known| known.strong_count() > 0)
            {
                return Err(NtStatus::OBJECT_NAME_COLLISION.into());
            }
            kernel.keep_object_id(&base, &bytes)?;
        }
        (DELETE, Some(own)) => {
            kernel.nt_walk(|walker| walker.remove_attribute(&base.node, NAME).map_err(status))?;
            let id: [u8; ID] = own[..ID].try_into().expect("an ID is its first bytes");
            kernel.nt.ids.objects.remove(&id);
        }
        (DELETE, None) => {}
        _ => return Err(Stop::Missing),
    }
    let done = if gives { BUFFER } else { 0 };
    cx.mem.write(out, &bytes[..done])?;
    let source = Object::File(file);
    kernel.nt_done(cx, &source, asked!(call), (NtStatus::SUCCESS, done as u64))
}

impl Kernel {
    fn keep_object_id(&mut self, entry: &Rc<Entry>, bytes: &[u8; BUFFER]) -> Result<(), NtStatus> {
        self.nt_walk(|walker| {
            let done = walker.set_attribute(&entry.node, NAME, bytes, SetAttribute::Any);
            done.map_err(status)
        })?;
        let id: [u8; ID] = bytes[..ID].try_into().expect("an ID is its first bytes");
        self.nt.ids.objects.insert(id, Rc::downgrade(entry));
        Ok(())
    }
}
