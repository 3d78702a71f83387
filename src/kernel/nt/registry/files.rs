//! How do keys get into files, and out of them?   [Microsoft Learn, RegSaveKeyEx, RegRestoreKey, RegLoadKey, RegUnLoadKey;
//! the headers of the crate phnt, ntregapi.h: NtSaveKeyEx, NtRestoreKey, NtLoadKey2, NtUnloadKey2]

use std::path::Path;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::hive::{self, Branch, LATEST, STANDARD, Wrong};
use super::text;
use super::tree::{Key, Making, Registry};
use super::watch;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::executive::system_time;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::ACCESS_SYSTEM_SECURITY;
use crate::kernel::nt::token::privilege;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

/// `Format`: version 1.3, version 1.5, and one that takes what a hive has without looking.   [winnt.h: REG_STANDARD_FORMAT]
pub(super) const STANDARD_FORMAT: u32 = 1;
const LATEST_FORMAT: u32 = 2;
const NO_COMPRESSION: u32 = 4;
/// `Flags`: nothing of it is kept; what is there is taken back; it is not written by and by, which is never done here;
/// whoever has a key of it open; the same when it is unloaded.   [winnt.h: REG_WHOLE_HIVE_VOLATILE, REG_REFRESH_HIVE,
/// REG_NO_LAZY_FLUSH, REG_FORCE_RESTORE, REG_FORCE_UNLOAD]
const NO_LAZY_FLUSH: u32 = 4;
const FORCE_RESTORE: u32 = 8;
const FORCE_UNLOAD: u32 = 1;
/// `FILE_READ_DATA` and `FILE_WRITE_DATA`.
const READ_DATA: u32 = 1;
const WRITE_DATA: u32 = 2;
/// Bytes of a file that is a hive at most.
const MOST: u64 = 128 << 20;
/// Hives that are loaded at once at most.
const MAX_MOUNTS: usize = 256;

/// A key that comes from a file of its own, to which it is written when it is unloaded.
pub(super) struct Mount {
    key: Rc<Key>,
    file: Rc<OpenFile>,
}

fn status(wrong: Wrong) -> NtStatus {
    match wrong {
        Wrong::NoHive => NtStatus::NOT_REGISTRY_FILE,
        Wrong::Corrupt(_) => NtStatus::REGISTRY_CORRUPT,
    }
}

/// The key in front of a file's name, if there is one, and the rest: `HKLM\\Software=FILE`.
pub(crate) fn registry_file(path: &Path) -> (Option<&str>, &Path) {
    let split = path.to_str().and_then(|path| path.split_once('='));
    match split.filter(|(key, _)| text::path(key).is_some()) {
        Some((key, file)) => (Some(key), Path::new(file)),
        None => (None, path),
    }
}

/// A hive does not say where it belongs.
pub(in crate::kernel::nt) fn no_hive(bytes: &[u8]) -> Result<(), String> {
    match bytes.starts_with(hive::SIGNATURE) {
        true => Err("it is a hive. Say at which key, as in `HKLM\\Software=FILE`".to_owned()),
        false => Ok(()),
    }
}

impl Registry {
    /// Puts into a key what a hive has at its top, and all below. What else the key has stays. Answers keys with descriptors
    /// of their own.
    fn fill(
        &mut self,
        key: &Rc<Key>,
        branch: Branch,
        secured: &mut Vec<(Rc<Key>, Vec<u8>)>,
    ) -> Result<(), NtStatus> {
        for value in branch.values {
            self.set(key, value, branch.written)?;
        }
        for child in branch.children {
            let found = self.walk(key, &child.name, true).ok();
            let own = match found {
                Some(own) => own,
                None => {
                    let making = Making {
                        class: child.class.clone(),
                        volatile: key.making.volatile,
                        link: child.link,
                    };
                    self.create(key, &child.name, making, child.written)?
                }
            };
            self.fill(&own, child, secured)?;
        }
        key.written.set(branch.written);
        if !branch.security.is_empty() {
            secured.push((key.clone(), branch.security));
        }
        Ok(())
    }

    /// Adds a hive to the registry from the start: `HKLM\\Software\\Own` says where it belongs.
    pub(in crate::kernel::nt) fn load_hive(
        &mut self,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), String> {
        let branch = hive::read(bytes).map_err(|wrong| match wrong {
            Wrong::NoHive => "expected a hive, which begins with `regf`".to_owned(),
            Wrong::Corrupt(what) => format!("it is a hive that is not whole: {what}"),
        })?;
        let path = text::path(name)
            .ok_or_else(|| format!("`{}` has no known root", name.escape_debug()))?;
        let root = self.root();
        let filled = self
            .make(&root, &path)
            .and_then(|key| self.fill(&key, branch, &mut Vec::new()));
        filled.map_err(|_| "there is no room for it".to_owned())
    }
}

impl Kernel {
    fn needs_privilege(&mut self, cx: &Cx<'_>, privilege: u32) -> Result<(), NtStatus> {
        match self.effective_token(cx).has_enabled(privilege) {
            true => Ok(()),
            false => Err(NtStatus::PRIVILEGE_NOT_HELD),
        }
    }

    fn file_of(&mut self, cx: &Cx<'_>, handle: u64, access: u32) -> Result<Rc<OpenFile>, NtStatus> {
        match self.nt_object_for(cx, handle, access)? {
            Object::File(file) => Ok(file),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// The bytes of a hive with a key and all below it.
    fn hive_of(&self, key: &Rc<Key>, minor: u32) -> Vec<u8> {
        let security = |key: &Rc<Key>| self.security_bytes(&Object::Key(key.clone()));
        hive::write(&Branch::of(key, &security), minor, system_time(self))
    }

    /// Fills a key, and gives keys the descriptors that they had.
    fn fill_key(&mut self, key: &Rc<Key>, branch: Branch) -> Result<(), NtStatus> {
        let mut secured = Vec::new();
        self.nt.registry.fill(key, branch, &mut secured)?;
        for (key, bytes) in secured {
            self.set_security_bytes(&Object::Key(key), &bytes)?;
        }
        Ok(())
    }

    /// Whether any handle is of a key, or of one below it.
    fn key_in_use(&self, key: &Rc<Key>, itself: bool) -> bool {
        let processes = self.nt.processes.values();
        let mut slots = processes.flat_map(|process| process.handles.iter());
        slots.any(|slot| match &slot.object {
            Object::Key(own) => (itself || !Rc::ptr_eq(own, key)) && own.is_within(key),
            _ => false,
        })
    }

    /// Serves `NtSaveKey` and `NtSaveKeyEx`: all but what is volatile goes into a file.
    pub(super) fn save_key(
        &mut self,
        cx: &mut Cx<'_>,
        (key, file): (u64, u64),
        format: u32,
    ) -> Outcome {
        self.needs_privilege(cx, privilege::BACKUP)?;
        let minor = match format {
            STANDARD_FORMAT | NO_COMPRESSION => STANDARD,
            LATEST_FORMAT => LATEST,
            _ => return Err(NtStatus::INVALID_PARAMETER.into()),
        };
        let key = self.key(cx, key, 0)?;
        let file = self.file_of(cx, file, WRITE_DATA)?;
        let bytes = self.hive_of(&key, minor);
        self.write_whole(&file, &bytes)?;
        Ok(0)
    }

    /// Serves `NtRestoreKey`: what a key has becomes what is in a file.
    pub(super) fn restore_key(
        &mut self,
        cx: &mut Cx<'_>,
        (key, file): (u64, u64),
        flags: u32,
    ) -> Outcome {
        self.needs_privilege(cx, privilege::RESTORE)?;
        if flags & !(NO_LAZY_FLUSH | FORCE_RESTORE) != 0 {
            return Err(Stop::Missing);
        }
        let key = self.key(cx, key, 0)?;
        let file = self.file_of(cx, file, READ_DATA)?;
        let bytes = self.read_whole(&file, MOST)?;
        let branch = hive::read(&bytes).map_err(status)?;
        if flags & FORCE_RESTORE == 0 && self.key_in_use(&key, false) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        if !self.nt.registry.has_room(branch.size()) {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        for child in key.all_children() {
            self.nt.registry.remove_all(&child)?;
            self.key_removed(&child);
        }
        for value in key.all_values() {
            self.nt.registry.remove_value(&key, &value.name)?;
        }
        self.fill_key(&key, branch)?;
        self.key_changed(&key, watch::NAME | watch::LAST_SET);
        Ok(0)
    }

    /// Serves `NtLoadKeyEx`, which may give a handle of the key besides.
    pub(super) fn load_key_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtLoadKeyEx) -> Outcome {
        let places = (call.TargetKey.address, call.SourceFile.address);
        let key = self.load_key(cx, places, call.Flags)?;
        match call.RootHandle.address {
            0 => Ok(0),
            at => self.give_key(
                cx,
                (at, 0),
                key,
                call.DesiredAccess & !ACCESS_SYSTEM_SECURITY,
            ),
        }
    }

    /// Serves `NtLoadKey` and `NtLoadKey2`: a file becomes a key below those of the machine or of users. One that is not
    /// there is made, with nothing in it.
    pub(super) fn load_key(
        &mut self,
        cx: &mut Cx<'_>,
        (target, source): (u64, u64),
        flags: u32,
    ) -> Result<Rc<Key>, Stop<NtStatus>> {
        self.needs_privilege(cx, privilege::RESTORE)?;
        if flags & !NO_LAZY_FLUSH != 0 {
            return Err(Stop::Missing);
        }
        let named = self.key_named(cx, target)?;
        let end = named
            .name
            .iter()
            .rposition(|unit| *unit == u16::from(b'\\'));
        let (above, last) = match end {
            Some(at) => (&named.name[..at], &named.name[at + 1..]),
            None => (&[][..], &named.name[..]),
        };
        let parent = self.nt.registry.find(&named.start, above)?;
        if last.is_empty() || last.len() > super::MAX_KEY_NAME {
            return Err(NtStatus::OBJECT_NAME_INVALID.into());
        }
        if parent.depth() != 1 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        if self.nt.registry.walk(&parent, last, true).is_ok() {
            return Err(NtStatus::OBJECT_NAME_COLLISION.into());
        }
        if self.nt.registry.mounts.len() >= MAX_MOUNTS {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        let file = self.open_hive_file(cx, source)?;
        let key = match self.load_file(&parent, last, &file) {
            Ok(key) => key,
            Err(status) => {
                self.file_closed(&file);
                return Err(status.into());
            }
        };
        let mount = Mount {
            key: key.clone(),
            file,
        };
        self.nt.registry.mounts.push(mount);
        self.key_changed(&parent, watch::NAME);
        Ok(key)
    }

    fn load_file(
        &mut self,
        parent: &Rc<Key>,
        name: &[u16],
        file: &Rc<OpenFile>,
    ) -> Result<Rc<Key>, NtStatus> {
        let bytes = self.read_whole(file, MOST)?;
        let branch = match bytes.is_empty() {
            true => Branch::default(),
            false => hive::read(&bytes).map_err(status)?,
        };
        if !self.nt.registry.has_room(branch.size()) {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        let making = Making {
            class: branch.class.clone(),
            ..Making::default()
        };
        let now = system_time(self);
        let key = self.nt.registry.create(parent, name, making, now)?;
        if let Err(status) = self.fill_key(&key, branch) {
            self.nt.registry.remove_all(&key)?;
            return Err(status);
        }
        Ok(key)
    }

    /// Serves `NtUnloadKey` and `NtUnloadKey2`: a key goes back into its file. Nobody may have one of its keys open, unless
    /// that is said not to matter.
    pub(super) fn unload_key(&mut self, cx: &mut Cx<'_>, target: u64, flags: u32) -> Outcome {
        self.needs_privilege(cx, privilege::RESTORE)?;
        if flags & !FORCE_UNLOAD != 0 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let named = self.key_named(cx, target)?;
        let key = self.nt.registry.find(&named.start, &named.name)?;
        let mut mounts = self.nt.registry.mounts.iter();
        let at = mounts.position(|mount| Rc::ptr_eq(&mount.key, &key));
        let at = at.ok_or(NtStatus::INVALID_PARAMETER)?;
        if flags & FORCE_UNLOAD == 0 && self.key_in_use(&key, true) {
            return Err(NtStatus::CANNOT_DELETE.into());
        }
        self.flush_hive(&key)?;
        let mount = self.nt.registry.mounts.swap_remove(at);
        let parent = key.parent();
        self.nt.registry.remove_all(&key)?;
        self.key_removed(&key);
        self.file_closed(&mount.file);
        if let Some(parent) = parent {
            self.key_changed(&parent, watch::NAME);
        }
        Ok(0)
    }

    /// Writes the hive that a key is in to its file, when it has one.
    pub(super) fn flush_hive(&mut self, key: &Rc<Key>) -> Result<(), NtStatus> {
        let mut mounts = self.nt.registry.mounts.iter();
        let found = mounts.find(|mount| key.is_within(&mount.key));
        let Some((top, file)) = found.map(|mount| (mount.key.clone(), mount.file.clone())) else {
            return Ok(());
        };
        let bytes = self.hive_of(&top, LATEST);
        self.write_whole(&file, &bytes)
    }
}
