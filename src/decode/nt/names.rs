//! Names of values that the headers define.   [winnt.h, wdm.h, ntdef.h, the headers of the crate phnt]

use emu_prototypes::{CallInfo, Classes, nt};

use crate::decode::number;

/// Named bits, or named values.
pub(super) type Table = &'static [(&'static str, u64)];

/// `Attributes` of an `OBJECT_ATTRIBUTES`.
pub(super) const ATTRIBUTES: Table = &[
    ("OBJ_INHERIT", 0x2),
    ("OBJ_PERMANENT", 0x10),
    ("OBJ_EXCLUSIVE", 0x20),
    ("OBJ_CASE_INSENSITIVE", 0x40),
    ("OBJ_OPENIF", 0x80),
    ("OBJ_OPENLINK", 0x100),
    ("OBJ_KERNEL_HANDLE", 0x200),
];

/// Protections of pages.
pub(super) const PROTECTION: Table = &[
    ("PAGE_NOACCESS", 0x1),
    ("PAGE_READONLY", 0x2),
    ("PAGE_READWRITE", 0x4),
    ("PAGE_WRITECOPY", 0x8),
    ("PAGE_EXECUTE", 0x10),
    ("PAGE_EXECUTE_READ", 0x20),
    ("PAGE_EXECUTE_READWRITE", 0x40),
    ("PAGE_EXECUTE_WRITECOPY", 0x80),
    ("PAGE_GUARD", 0x100),
    ("PAGE_NOCACHE", 0x200),
    ("PAGE_WRITECOMBINE", 0x400),
];

/// Ways to allocate and free, states and types of memory.
pub(super) const MEMORY: Table = &[
    ("MEM_COMMIT", 0x1000),
    ("MEM_RESERVE", 0x2000),
    ("MEM_DECOMMIT", 0x4000),
    ("MEM_RELEASE", 0x8000),
    ("MEM_FREE", 0x1_0000),
    ("MEM_PRIVATE", 0x2_0000),
    ("MEM_MAPPED", 0x4_0000),
    ("MEM_RESET", 0x8_0000),
    ("MEM_TOP_DOWN", 0x10_0000),
    ("MEM_WRITE_WATCH", 0x20_0000),
    ("MEM_PHYSICAL", 0x40_0000),
    ("MEM_IMAGE", 0x100_0000),
    ("MEM_LARGE_PAGES", 0x2000_0000),
];

const SHARE: Table = &[
    ("FILE_SHARE_READ", 1),
    ("FILE_SHARE_WRITE", 2),
    ("FILE_SHARE_DELETE", 4),
];

const OPTIONS: Table = &[
    ("FILE_DIRECTORY_FILE", 0x1),
    ("FILE_WRITE_THROUGH", 0x2),
    ("FILE_SEQUENTIAL_ONLY", 0x4),
    ("FILE_NO_INTERMEDIATE_BUFFERING", 0x8),
    ("FILE_SYNCHRONOUS_IO_ALERT", 0x10),
    ("FILE_SYNCHRONOUS_IO_NONALERT", 0x20),
    ("FILE_NON_DIRECTORY_FILE", 0x40),
    ("FILE_CREATE_TREE_CONNECTION", 0x80),
    ("FILE_COMPLETE_IF_OPLOCKED", 0x100),
    ("FILE_NO_EA_KNOWLEDGE", 0x200),
    ("FILE_RANDOM_ACCESS", 0x800),
    ("FILE_DELETE_ON_CLOSE", 0x1000),
    ("FILE_OPEN_BY_FILE_ID", 0x2000),
    ("FILE_OPEN_FOR_BACKUP_INTENT", 0x4000),
    ("FILE_OPEN_REPARSE_POINT", 0x20_0000),
];

pub(super) const FILE_ATTRIBUTES: Table = &[
    ("FILE_ATTRIBUTE_READONLY", 0x1),
    ("FILE_ATTRIBUTE_HIDDEN", 0x2),
    ("FILE_ATTRIBUTE_SYSTEM", 0x4),
    ("FILE_ATTRIBUTE_DIRECTORY", 0x10),
    ("FILE_ATTRIBUTE_ARCHIVE", 0x20),
    ("FILE_ATTRIBUTE_NORMAL", 0x80),
    ("FILE_ATTRIBUTE_TEMPORARY", 0x100),
];

const GENERIC: Table = &[
    ("DELETE", 0x1_0000),
    ("READ_CONTROL", 0x2_0000),
    ("WRITE_DAC", 0x4_0000),
    ("WRITE_OWNER", 0x8_0000),
    ("SYNCHRONIZE", 0x10_0000),
    ("ACCESS_SYSTEM_SECURITY", 0x100_0000),
    ("MAXIMUM_ALLOWED", 0x200_0000),
    ("GENERIC_ALL", 0x1000_0000),
    ("GENERIC_EXECUTE", 0x2000_0000),
    ("GENERIC_WRITE", 0x4000_0000),
    ("GENERIC_READ", 0x8000_0000),
];

const FILE_ACCESS: Table = &[
    ("FILE_READ_DATA", 0x1),
    ("FILE_WRITE_DATA", 0x2),
    ("FILE_APPEND_DATA", 0x4),
    ("FILE_READ_EA", 0x8),
    ("FILE_WRITE_EA", 0x10),
    ("FILE_EXECUTE", 0x20),
    ("FILE_READ_ATTRIBUTES", 0x80),
    ("FILE_WRITE_ATTRIBUTES", 0x100),
];

const SECTION: Table = &[
    ("SEC_FILE", 0x80_0000),
    ("SEC_IMAGE_NO_EXECUTE", 0x1100_0000),
    ("SEC_IMAGE", 0x100_0000),
    ("SEC_PROTECTED_IMAGE", 0x200_0000),
    ("SEC_RESERVE", 0x400_0000),
    ("SEC_COMMIT", 0x800_0000),
    ("SEC_NOCACHE", 0x1000_0000),
    ("SEC_WRITECOMBINE", 0x4000_0000),
    ("SEC_LARGE_PAGES", 0x8000_0000),
];

/// Rights to objects, by what a call names the handle that it gives; those with several bits stand for all of them.
const RIGHTS: &[(&str, Table)] = &[
    (
        "KeyHandle",
        &[
            ("KEY_ALL_ACCESS", 0xf_003f),
            ("KEY_READ", 0x2_0019),
            ("KEY_WRITE", 0x2_0006),
            ("KEY_QUERY_VALUE", 0x1),
            ("KEY_SET_VALUE", 0x2),
            ("KEY_CREATE_SUB_KEY", 0x4),
            ("KEY_ENUMERATE_SUB_KEYS", 0x8),
            ("KEY_NOTIFY", 0x10),
            ("KEY_CREATE_LINK", 0x20),
            ("KEY_WOW64_64KEY", 0x100),
            ("KEY_WOW64_32KEY", 0x200),
        ],
    ),
    (
        "SectionHandle",
        &[
            ("SECTION_ALL_ACCESS", 0xf_001f),
            ("SECTION_QUERY", 0x1),
            ("SECTION_MAP_WRITE", 0x2),
            ("SECTION_MAP_READ", 0x4),
            ("SECTION_MAP_EXECUTE", 0x8),
            ("SECTION_EXTEND_SIZE", 0x10),
        ],
    ),
    (
        "ProcessHandle",
        &[
            ("PROCESS_ALL_ACCESS", 0x1f_ffff),
            ("PROCESS_TERMINATE", 0x1),
            ("PROCESS_CREATE_THREAD", 0x2),
            ("PROCESS_SET_SESSIONID", 0x4),
            ("PROCESS_VM_OPERATION", 0x8),
            ("PROCESS_VM_READ", 0x10),
            ("PROCESS_VM_WRITE", 0x20),
            ("PROCESS_DUP_HANDLE", 0x40),
            ("PROCESS_CREATE_PROCESS", 0x80),
            ("PROCESS_SET_QUOTA", 0x100),
            ("PROCESS_SET_INFORMATION", 0x200),
            ("PROCESS_QUERY_INFORMATION", 0x400),
            ("PROCESS_SUSPEND_RESUME", 0x800),
            ("PROCESS_QUERY_LIMITED_INFORMATION", 0x1000),
        ],
    ),
    (
        "ThreadHandle",
        &[
            ("THREAD_ALL_ACCESS", 0x1f_ffff),
            ("THREAD_TERMINATE", 0x1),
            ("THREAD_SUSPEND_RESUME", 0x2),
            ("THREAD_GET_CONTEXT", 0x8),
            ("THREAD_SET_CONTEXT", 0x10),
            ("THREAD_SET_INFORMATION", 0x20),
            ("THREAD_QUERY_INFORMATION", 0x40),
            ("THREAD_SET_THREAD_TOKEN", 0x80),
            ("THREAD_IMPERSONATE", 0x100),
            ("THREAD_DIRECT_IMPERSONATION", 0x200),
            ("THREAD_QUERY_LIMITED_INFORMATION", 0x800),
        ],
    ),
    (
        "TokenHandle",
        &[
            ("TOKEN_ASSIGN_PRIMARY", 0x1),
            ("TOKEN_DUPLICATE", 0x2),
            ("TOKEN_IMPERSONATE", 0x4),
            ("TOKEN_QUERY", 0x8),
            ("TOKEN_QUERY_SOURCE", 0x10),
            ("TOKEN_ADJUST_PRIVILEGES", 0x20),
            ("TOKEN_ADJUST_GROUPS", 0x40),
            ("TOKEN_ADJUST_DEFAULT", 0x80),
            ("TOKEN_ADJUST_SESSIONID", 0x100),
        ],
    ),
    (
        "EventHandle",
        &[
            ("EVENT_ALL_ACCESS", 0x1f_0003),
            ("EVENT_QUERY_STATE", 0x1),
            ("EVENT_MODIFY_STATE", 0x2),
        ],
    ),
    (
        "MutantHandle",
        &[
            ("MUTANT_ALL_ACCESS", 0x1f_0001),
            ("MUTANT_QUERY_STATE", 0x1),
        ],
    ),
    (
        "SemaphoreHandle",
        &[
            ("SEMAPHORE_ALL_ACCESS", 0x1f_0003),
            ("SEMAPHORE_QUERY_STATE", 0x1),
            ("SEMAPHORE_MODIFY_STATE", 0x2),
        ],
    ),
    (
        "TimerHandle",
        &[
            ("TIMER_ALL_ACCESS", 0x1f_0003),
            ("TIMER_QUERY_STATE", 0x1),
            ("TIMER_MODIFY_STATE", 0x2),
        ],
    ),
    (
        "DirectoryHandle",
        &[
            ("DIRECTORY_ALL_ACCESS", 0xf_000f),
            ("DIRECTORY_QUERY", 0x1),
            ("DIRECTORY_TRAVERSE", 0x2),
            ("DIRECTORY_CREATE_OBJECT", 0x4),
            ("DIRECTORY_CREATE_SUBDIRECTORY", 0x8),
        ],
    ),
];

const DISPOSITION: Table = &[
    ("FILE_SUPERSEDE", 0),
    ("FILE_OPEN", 1),
    ("FILE_CREATE", 2),
    ("FILE_OPEN_IF", 3),
    ("FILE_OVERWRITE", 4),
    ("FILE_OVERWRITE_IF", 5),
];

/// Enumerations that headers have as numbers only.
const KINDS: &[(&str, Table)] = &[
    ("WAIT_TYPE", &[("WaitAll", 0), ("WaitAny", 1)]),
    (
        "REG",
        &[
            ("REG_NONE", 0),
            ("REG_SZ", 1),
            ("REG_EXPAND_SZ", 2),
            ("REG_BINARY", 3),
            ("REG_DWORD", 4),
            ("REG_DWORD_BIG_ENDIAN", 5),
            ("REG_LINK", 6),
            ("REG_MULTI_SZ", 7),
            ("REG_RESOURCE_LIST", 8),
            ("REG_FULL_RESOURCE_DESCRIPTOR", 9),
            ("REG_RESOURCE_REQUIREMENTS_LIST", 10),
            ("REG_QWORD", 11),
        ],
    ),
];

/// The name of a value of an enumeration.
pub(super) fn kind(kind: &str, value: u64) -> Option<&'static str> {
    if let Some((_, table)) = KINDS.iter().find(|(name, _)| *name == kind) {
        return one(table, value);
    }
    nt::enumeration(kind, value as u32)
}

fn one(table: Table, value: u64) -> Option<&'static str> {
    table
        .iter()
        .find(|(_, own)| *own == value)
        .map(|(name, _)| *name)
}

/// Appends named bits: `MEM_COMMIT|MEM_RESERVE`, `MEM_COMMIT|0x1`, `0`.
pub(super) fn set(out: &mut Vec<u8>, table: Table, value: u64) {
    some(out, &[table], value);
}

fn some(out: &mut Vec<u8>, tables: &[Table], value: u64) {
    let mut rest = value;
    let mut separator = "";
    for (name, bit) in tables.iter().copied().flatten() {
        if rest & bit == *bit {
            for part in [separator, name] {
                out.extend_from_slice(part.as_bytes());
            }
            separator = "|";
            rest &= !bit;
        }
    }
    if rest != 0 || separator.is_empty() {
        out.extend_from_slice(separator.as_bytes());
        number::hex(out, rest);
    }
}

/// Appends an argument whose name says which bits or values it has. False when it says nothing.
pub(super) fn flags(out: &mut Vec<u8>, call: &CallInfo, name: &str, value: u64) -> bool {
    let table = match name {
        "AllocationType" | "FreeType" => MEMORY,
        "PageProtection" | "NewProtection" | "SectionPageProtection" => PROTECTION,
        "ShareAccess" => SHARE,
        "CreateOptions" | "OpenOptions" if call.classes.contains(Classes::FILE) => OPTIONS,
        "FileAttributes" => FILE_ATTRIBUTES,
        "DesiredAccess" if call.classes.contains(Classes::FILE) => {
            some(out, &[FILE_ACCESS, GENERIC], value);
            return true;
        }
        "DesiredAccess" => {
            let given = call.params.first().map_or("", |param| param.name);
            let own = RIGHTS.iter().find(|(name, _)| *name == given);
            some(
                out,
                &[own.map_or(&[][..], |(_, rights)| rights), GENERIC],
                value,
            );
            return true;
        }
        "AllocationAttributes" => SECTION,
        "CreateDisposition" => match one(DISPOSITION, value) {
            Some(name) => {
                out.extend_from_slice(name.as_bytes());
                return true;
            }
            None => return false,
        },
        _ => return false,
    };
    set(out, table, value);
    true
}
