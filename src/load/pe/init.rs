//! What runs before the program: entry points of libraries, and callbacks of thread-local storage, which is set up here.

use emu_cpu::{AddressSpace, Arch};
use emu_profiles::Profile;
use emu_prototypes::nt::NtStatus;

use super::headers::Directory;
use super::imports::{Module, Modules};
use super::start::allocate;
use super::{bad, no_memory};
use crate::kernel::nt::memory::page;
use crate::load::LoadError;

/// `DLL_PROCESS_ATTACH`, the reason of all these calls.
const ATTACH: u8 = 1;
/// Callbacks of one image at most.
const MAX_CALLBACKS: u64 = 64;
/// Bytes of one image's thread-local storage at most.
const MAX_STORAGE: u64 = 64 << 20;

/// A function that is called before the program.
struct Call {
    address: u64,
    base: u64,
    /// Whether the library is one that the program needs from its start.
    reserved: u32,
    /// Whether 0 is a failure.
    answers: bool,
}

/// Where the program goes on.
pub(super) struct Way {
    /// The program's entry point.
    pub(super) entry: u64,
    pub(super) sp: u64,
    pub(super) peb: u64,
    /// What the entry point returns to.
    pub(super) back: u64,
}

/// Sets up thread-local storage: for each image that has some a block, found through an array of pointers.
/// [Microsoft, PE Format, .tls]
pub(super) fn storage(
    space: &mut AddressSpace,
    profile: &Profile,
    modules: &Modules<'_>,
) -> Result<u64, LoadError> {
    let word = profile.pointer();
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    for module in &modules.all {
        let Some(table) = tls(space, word, module)? else {
            continue;
        };
        let len = table.end.saturating_sub(table.start);
        let size = len.saturating_add(table.zeros);
        if size > MAX_STORAGE {
            return Err(bad(format!("has {size:#x} bytes of thread-local storage")));
        }
        let mut block = vec![0; size as usize];
        space
            .peek(table.start, &mut block[..len as usize])
            .map_err(|_| corrupt())?;
        let index = (blocks.len() as u32).to_le_bytes();
        space.poke(table.index, &index).map_err(|_| corrupt())?;
        blocks.push(block);
    }
    if blocks.is_empty() {
        return Ok(0);
    }
    let pointers = (word * blocks.len() as u64).next_multiple_of(16);
    let padded = |block: &Vec<u8>| block.len().next_multiple_of(16) as u64;
    let total = pointers + blocks.iter().map(padded).sum::<u64>();
    let at = allocate(
        space,
        profile.process.mmap_top,
        None,
        total,
        page::READWRITE,
    )?;
    let mut next = at + pointers;
    for (index, block) in blocks.iter().enumerate() {
        let bytes = &next.to_le_bytes()[..word as usize];
        space
            .poke(at + word * index as u64, bytes)
            .map_err(no_memory)?;
        space.poke(next, block).map_err(no_memory)?;
        next += padded(block);
    }
    Ok(at)
}

/// An image's own description of its storage.
struct Tls {
    start: u64,
    end: u64,
    index: u64,
    callbacks: u64,
    zeros: u64,
}

fn tls(space: &mut AddressSpace, word: u64, module: &Module) -> Result<Option<Tls>, LoadError> {
    let Some(directory) = module.pe.directory(Directory::Tls) else {
        return Ok(None);
    };
    let at = module.base + u64::from(directory.virtual_address);
    let mut read = |index: u64| pointer(space, word, at + word * index);
    let (start, end, index, callbacks) = (read(0)?, read(1)?, read(2)?, read(3)?);
    let zeros = read(4)? & 0xffff_ffff;
    Ok(Some(Tls {
        start,
        end,
        index,
        callbacks,
        zeros,
    }))
}

fn pointer(space: &mut AddressSpace, word: u64, at: u64) -> Result<u64, LoadError> {
    let mut bytes = [0; 8];
    space
        .peek(at, &mut bytes[..word as usize])
        .map_err(|_| corrupt())?;
    Ok(u64::from_le_bytes(bytes))
}

fn corrupt() -> LoadError {
    bad("is corrupt: its thread-local storage makes no sense")
}

/// Everything that is called, in its order.
fn calls(
    space: &mut AddressSpace,
    word: u64,
    modules: &Modules<'_>,
) -> Result<Vec<Call>, LoadError> {
    let mut calls = Vec::new();
    for index in &modules.order {
        let module = &modules.all[*index];
        if let Some(table) = tls(space, word, module)?
            && table.callbacks != 0
        {
            for index in 0..MAX_CALLBACKS {
                match pointer(space, word, table.callbacks.wrapping_add(word * index))? {
                    0 => break,
                    address => calls.push(Call {
                        address,
                        base: module.base,
                        reserved: 0,
                        answers: false,
                    }),
                }
            }
        }
        if *index != 0 && module.pe.entry != 0 {
            calls.push(Call {
                address: module.base + u64::from(module.pe.entry),
                base: module.base,
                reserved: 1,
                answers: true,
            });
        }
    }
    Ok(calls)
}

/// Code that makes all these calls and then goes to the program; `None` when there is nothing to call.
pub(super) fn code(
    space: &mut AddressSpace,
    profile: &Profile,
    modules: &Modules<'_>,
    way: &Way,
) -> Result<Option<u64>, LoadError> {
    let calls = calls(space, profile.pointer(), modules)?;
    if calls.is_empty() {
        return Ok(None);
    }
    let code = match profile.arch {
        Arch::X86_64 => wide(&calls, way),
        _ => narrow(&calls, way),
    };
    let at = allocate(
        space,
        profile.process.mmap_top,
        None,
        code.len() as u64,
        page::EXECUTE_READ,
    )?;
    space.poke(at, &code).map_err(no_memory)?;
    Ok(Some(at))
}

/// `test eax,eax; jne` over a jump away with the status of a library that would not start.
fn check(code: &mut Vec<u8>, jump: &[u8]) {
    code.extend_from_slice(&[0x85, 0xc0, 0x75, jump.len() as u8 + 5, 0xb8]);
    code.extend_from_slice(&NtStatus::DLL_INIT_FAILED.0.to_le_bytes());
    code.extend_from_slice(jump);
}

fn narrow(calls: &[Call], way: &Way) -> Vec<u8> {
    let word = |value: u64| (value as u32).to_le_bytes();
    // mov edx,back; jmp edx
    let away = [&[0xba][..], &word(way.back), &[0xff, 0xe2]].concat();
    let mut code = Vec::new();
    for call in calls {
        // push reserved; push 1; push base; mov eax,address; call eax
        code.push(0x68);
        code.extend_from_slice(&call.reserved.to_le_bytes());
        code.extend_from_slice(&[0x6a, ATTACH, 0x68]);
        code.extend_from_slice(&word(call.base));
        code.push(0xb8);
        code.extend_from_slice(&word(call.address));
        code.extend_from_slice(&[0xff, 0xd0]);
        if call.answers {
            check(&mut code, &away);
        }
    }
    // mov esp,sp; mov ebx,peb; mov eax,entry; jmp eax
    for (opcode, value) in [(0xbc, way.sp), (0xbb, way.peb), (0xb8, way.entry)] {
        code.push(opcode);
        code.extend_from_slice(&word(value));
    }
    code.extend_from_slice(&[0xff, 0xe0]);
    code
}

fn wide(calls: &[Call], way: &Way) -> Vec<u8> {
    // mov rdx,back; jmp rdx
    let away = [&[0x48, 0xba][..], &way.back.to_le_bytes(), &[0xff, 0xe2]].concat();
    // sub rsp,0x28
    let mut code = vec![0x48, 0x83, 0xec, 0x28];
    for call in calls {
        // mov rcx,base; mov edx,1; mov r8d,reserved; mov rax,address; call rax
        code.extend_from_slice(&[0x48, 0xb9]);
        code.extend_from_slice(&call.base.to_le_bytes());
        code.extend_from_slice(&[0xba, ATTACH, 0, 0, 0, 0x41, 0xb8]);
        code.extend_from_slice(&call.reserved.to_le_bytes());
        code.extend_from_slice(&[0x48, 0xb8]);
        code.extend_from_slice(&call.address.to_le_bytes());
        code.extend_from_slice(&[0xff, 0xd0]);
        if call.answers {
            check(&mut code, &away);
        }
    }
    // mov rsp,sp; mov rcx,peb; mov rdx,entry; mov rax,entry; jmp rax
    for (opcode, value) in [
        (0xbc, way.sp),
        (0xb9, way.peb),
        (0xba, way.entry),
        (0xb8, way.entry),
    ] {
        code.extend_from_slice(&[0x48, opcode]);
        code.extend_from_slice(&value.to_le_bytes());
    }
    code.extend_from_slice(&[0xff, 0xe0]);
    code
}
