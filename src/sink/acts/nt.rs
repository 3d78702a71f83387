//! What Windows's calls did. Handles are known by the names they were opened with.

use std::collections::BTreeMap;

use emu_prototypes::{DataModel, Meaning};

use super::{Act, Did, Made, Name, Seen};
use crate::event::CallEvent;
use crate::kernel::nt::{unicode_string, units_of};
use crate::kernel::task::Tid;
use crate::view::View;

/// Handles whose names are known at once, in all processes.
const HANDLES: usize = 65536;
/// The most units of a name.
const MAX_UNITS: u16 = 1024;
/// Open handles of the standard streams have no names.
const NO_NAME: &[u8] = b"";

// [winnt.h]
const PAGE_EXECUTE: u64 = 0x10;
const PAGE_EXECUTE_READ: u64 = 0x20;
const PAGE_EXECUTE_READWRITE: u64 = 0x40;
const PAGE_EXECUTE_WRITECOPY: u64 = 0x80;
/// Rights that change a file: FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_WRITE, GENERIC_ALL.
const WRITES: u64 = 0x2 | 0x4 | 0x4000_0000 | 0x1000_0000;
/// What happened to a file, in `IO_STATUS_BLOCK.Information`.   [ntifs.h, FILE_CREATED]
const FILE_CREATED: u64 = 2;
// [ntddk.h, FILE_INFORMATION_CLASS]
const FILE_RENAME: u64 = 10;
const FILE_DISPOSITION: u64 = 13;
const FILE_DISPOSITION_EX: u64 = 64;
/// Handles that mean the caller's process.
const OWN_PROCESS: [u64; 2] = [u64::MAX, 0xffff_ffff];

/// Names of open handles.
#[derive(Default)]
pub(super) struct Handles(BTreeMap<(Tid, u64), Name>);

fn word_at(call: &CallEvent, view: &mut View<'_>, at: u64) -> Option<u64> {
    match call.entry.abi.model {
        DataModel::Ilp32 => view.guest.read_u32(at).ok().map(u64::from),
        DataModel::Lp64 | DataModel::Llp64 => view.guest.read_u64(at).ok(),
    }
}

fn word(call: &CallEvent) -> u64 {
    match call.entry.abi.model {
        DataModel::Ilp32 => 4,
        DataModel::Lp64 | DataModel::Llp64 => 8,
    }
}

/// A `UNICODE_STRING`, as UTF-8.
fn text(call: &CallEvent, view: &mut View<'_>, at: u64) -> Option<Name> {
    if at == 0 {
        return None;
    }
    let (length, buffer) = unicode_string(view.guest, word(call), at).ok()?;
    let mut bytes = vec![0; usize::from(length.min(2 * MAX_UNITS) & !1)];
    view.guest.read(buffer, &mut bytes).ok()?;
    Some(String::from_utf16_lossy(&units_of(&bytes)).into_bytes())
}

/// The value of an argument, by its name.
fn arg(call: &CallEvent, name: &str) -> u64 {
    let params = call.info.map_or(&[][..], |info| info.params);
    let at = params.iter().position(|param| param.name == name);
    at.map_or(0, |at| call.args[at])
}

impl Handles {
    fn name(&self, process: Tid, handle: u64) -> Name {
        self.0
            .get(&(process, handle))
            .map_or_else(|| NO_NAME.to_vec(), Name::clone)
    }

    /// A call begins.
    pub(super) fn begin(&mut self, process: Tid, call: &CallEvent, view: &mut View<'_>) -> Seen {
        let mut seen = Seen::default();
        let Some(info) = call.info else { return seen };
        for (param, value) in info.params.iter().zip(call.args) {
            match param.ctype {
                "POBJECT_ATTRIBUTES" | "PCOBJECT_ATTRIBUTES" if value != 0 => {
                    let size = word(call);
                    let root = word_at(call, view, value.wrapping_add(size)).unwrap_or(0);
                    let name = word_at(call, view, value.wrapping_add(2 * size)).unwrap_or(0);
                    let Some(name) = text(call, view, name) else {
                        continue;
                    };
                    let root = self.name(process, root);
                    seen.paths.push(match root.as_slice() {
                        NO_NAME => name,
                        root => [root, b"\\", &name].concat(),
                    });
                }
                "PUNICODE_STRING" | "PCUNICODE_STRING" => {
                    seen.argv.extend(text(call, view, value));
                }
                _ if param.meaning == Meaning::Handle && seen.files[0].is_none() => {
                    seen.files[0] = Some(self.name(process, value)).filter(|name| !name.is_empty());
                }
                _ => {}
            }
        }
        match info.name {
            "NtClose" => {
                self.0.remove(&(process, call.args[0]));
            }
            "NtCreateUserProcess" => {
                // [RTL_USER_PROCESS_PARAMETERS.ImagePathName, .CommandLine]
                let at = arg(call, "ProcessParameters");
                let (image, line) = if word(call) == 4 {
                    (0x38, 0x40)
                } else {
                    (0x60, 0x70)
                };
                seen.paths = text(call, view, at.wrapping_add(image))
                    .into_iter()
                    .collect();
                seen.argv = text(call, view, at.wrapping_add(line))
                    .into_iter()
                    .collect();
            }
            "NtSetInformationFile" if call.args[4] == FILE_RENAME => {
                // [FILE_RENAME_INFORMATION: a flag, a handle, a length and the name]
                let size = word(call);
                let at = call.args[2];
                let length = view.guest.read_u32(at.wrapping_add(2 * size)).unwrap_or(0);
                let mut bytes = vec![0; (length as usize).min(2 * usize::from(MAX_UNITS)) & !1];
                if view
                    .guest
                    .read(at.wrapping_add(2 * size + 4), &mut bytes)
                    .is_ok()
                {
                    let name = String::from_utf16_lossy(&units_of(&bytes));
                    seen.argv = vec![name.into_bytes()];
                }
            }
            _ => {}
        }
        seen
    }

    /// A call has ended with success.
    pub(super) fn end(
        &mut self,
        process: Tid,
        call: &CallEvent,
        mut seen: Seen,
        view: &mut View<'_>,
        acts: &mut Vec<Act>,
    ) {
        let Some(info) = call.info else { return };
        let path = seen.paths.pop().filter(|path| !path.is_empty());
        let file = seen.files[0].take();
        let text = seen.argv.pop();
        if let (Some(path), Some("PHANDLE")) = (&path, info.params.first().map(|param| param.ctype))
            && let Some(handle) = word_at(call, view, call.args[0])
            && self.0.len() < HANDLES
        {
            self.0.insert((process, handle), path.clone());
        }
        let moved = |view: &mut View<'_>, out| {
            let at = arg(call, "IoStatusBlock").wrapping_add(word(call));
            let bytes = word_at(call, view, at).unwrap_or(0);
            let name = file.clone()?;
            Some(Act::Moved { name, bytes, out })
        };
        match info.name {
            "NtCreateFile" | "NtOpenFile" => {
                let at = arg(call, "IoStatusBlock").wrapping_add(word(call));
                let created = word_at(call, view, at) == Some(FILE_CREATED);
                let made = match created && info.name == "NtCreateFile" {
                    true => Made::Yes,
                    false => Made::No,
                };
                let writes = arg(call, "DesiredAccess") & WRITES != 0;
                acts.extend(path.map(|path| Act::Opened { path, writes, made }));
            }
            "NtReadFile" => acts.extend(moved(view, false)),
            "NtWriteFile" => acts.extend(moved(view, true)),
            "NtDeleteFile" => acts.extend(path.map(|path| Act::Deleted { path })),
            "NtSetInformationFile" => match (call.args[4], file, text) {
                (FILE_RENAME, Some(from), Some(to)) => acts.push(Act::Renamed { from, to }),
                (FILE_DISPOSITION | FILE_DISPOSITION_EX, Some(path), _) => {
                    let mut wish = [0];
                    let read = view.guest.read(call.args[2], &mut wish);
                    if read.is_ok() && wish[0] & 1 != 0 {
                        acts.push(Act::Deleted { path });
                    }
                }
                _ => {}
            },
            "NtCreateUserProcess" => acts.extend(path.map(|path| Act::Executed {
                path,
                argv: text.into_iter().collect(),
                nameless: false,
            })),
            "NtAllocateVirtualMemory" | "NtAllocateVirtualMemoryEx" => {
                executable(call, view, arg(call, "PageProtection"), acts);
            }
            "NtProtectVirtualMemory" => {
                executable(call, view, arg(call, "NewProtection"), acts);
            }
            "NtSetValueKey" | "NtDeleteValueKey" => acts.push(Act::Value {
                key: file.unwrap_or_default(),
                value: text.unwrap_or_default(),
                set: info.name == "NtSetValueKey",
            }),
            "NtTerminateProcess" if !OWN_PROCESS.contains(&call.args[0]) && call.args[0] != 0 => {
                acts.push(Act::Killed {
                    target: call.args[0] as i64,
                    signal: 0,
                });
            }
            "NtLoadDriver" => acts.push(Act::Ruled {
                how: "loads a driver into the kernel",
                name: text.unwrap_or_default(),
            }),
            _ => {
                seen.paths.extend(path);
                tried(call, &mut seen, acts);
                if let Some(Act::Object { did, .. }) = acts.last_mut() {
                    *did = match info.name.starts_with("NtCreate") {
                        true => Did::Made,
                        false => Did::Opened,
                    };
                }
            }
        }
    }

    /// A process has ended.
    pub(super) fn gone(&mut self, task: Tid) {
        let last = (task, u64::MAX);
        let all: Vec<_> = self.0.range((task, 0)..=last).map(|(at, _)| *at).collect();
        for at in all {
            self.0.remove(&at);
        }
    }
}

/// What a call was for tells as much as what it did, of those that look for a debugger or for objects by their names.
pub(super) fn tried(call: &CallEvent, seen: &mut Seen, acts: &mut Vec<Act>) {
    let Some(info) = call.info else { return };
    // [ntddk.h, PROCESSINFOCLASS, THREADINFOCLASS]
    let how = match (info.name, call.args[1]) {
        ("NtQueryInformationProcess", 7) => "asks for its debugger: ProcessDebugPort",
        ("NtQueryInformationProcess", 0x1e) => "asks for its debugger: ProcessDebugObjectHandle",
        ("NtQueryInformationProcess", 0x1f) => "asks for its debugger: ProcessDebugFlags",
        ("NtSetInformationThread", 0x11) => "hides from its debugger: ThreadHideFromDebugger",
        _ => {
            if let (Some(name), Some(kind)) = (seen.paths.pop(), object(info.name)) {
                let did = Did::AskedFor;
                acts.push(Act::Object { kind, name, did });
            }
            return;
        }
    };
    acts.push(Act::Hid { how });
}

/// What kind of object a call makes or opens.
fn object(name: &str) -> Option<&'static str> {
    let kind = name
        .strip_prefix("NtCreate")
        .or_else(|| name.strip_prefix("NtOpen"))?;
    Some(match kind {
        "Mutant" => "mutex",
        "Event" => "event",
        "Semaphore" => "semaphore",
        "Section" => "section",
        "Key" | "KeyEx" | "KeyTransacted" => "key",
        "Timer" => "timer",
        "NamedPipeFile" => "pipe",
        "MailslotFile" => "mailslot",
        "SymbolicLinkObject" => "link",
        _ => return None,
    })
}

fn executable(call: &CallEvent, view: &mut View<'_>, protection: u64, acts: &mut Vec<Act>) {
    let writable = protection & (PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY) != 0;
    if !writable && protection & (PAGE_EXECUTE | PAGE_EXECUTE_READ) == 0 {
        return;
    }
    let address = word_at(call, view, arg(call, "BaseAddress")).unwrap_or(0);
    if writable || view.guest.place(address).is_none() {
        acts.push(Act::Executable { address, writable });
    }
}
