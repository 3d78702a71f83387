//! How 32-bit x86 code asks.

use emu_cpu::Trap;

use crate::machine::{CODE, DATA, SHARED};
use crate::prototype::{Argument, ILP32};
use crate::{Code, Request, Returns, Template};

/// [Linux arch/x86/entry/entry_32.S: eax, then ebx, ecx, edx, esi, edi, ebp]
pub(crate) const INT80: Template = Template {
    name: "int 0x80",
    model: ILP32,
    words: 6,
    takes,
    code: int80,
    returns: Returns::Negative32,
    indirect: None,
};
/// A C library calls the vDSO with arguments as for `int 0x80`.   [Linux arch/x86/entry/vdso/vdso32/system_call.S]
pub(crate) const SYSENTER: Template = Template {
    name: "a call of the vDSO with sysenter",
    code: |request| vdso(request, &[0x89, 0xe5, 0x0f, 0x34], Trap::Sysenter), // mov ebp, esp; sysenter
    ..INT80
};
/// The same where the CPU is AMD's.
pub(crate) const SYSCALL: Template = Template {
    name: "a call of the vDSO with syscall",
    code: |request| vdso(request, &[0x89, 0xcd, 0x0f, 0x05], Trap::Syscall), // mov ebp, ecx; syscall
    ..INT80
};

/// The stubs of Windows XP and later: the number, then a call of what 0x7ffe0300 says.   [KUSER_SHARED_DATA: SystemCall]
pub(crate) const NT_SYSENTER: Template = Template {
    name: "KiFastSystemCall",
    model: ILP32,
    // The kernel copies as many as its table of a call's bytes says: more than any has.   [KiArgumentTable]
    words: 20,
    takes,
    // mov edx, esp; sysenter
    code: |request| nt_shared(request, &[0x89, 0xe2, 0x0f, 0x34], Trap::Sysenter),
    returns: Returns::Status32,
    indirect: None,
};
/// The same where the CPU has no `sysenter`.
pub(crate) const NT_INT2E_SHARED: Template = Template {
    name: "KiIntSystemCall",
    // lea edx, [esp+8]; int 0x2e
    code: |request| {
        nt_shared(
            request,
            &[0x8d, 0x54, 0x24, 8, 0xcd, 0x2e],
            Trap::Interrupt(0x2e),
        )
    },
    ..NT_SYSENTER
};
/// The stubs of Windows NT and 2000.
pub(crate) const NT_INT2E: Template = Template {
    name: "int 0x2e in the stub",
    code: nt_2000,
    ..NT_SYSENTER
};

/// No alignment, for arguments in registers and on the stack alike.   [System V ABI i386, 3: parameter passing]
fn takes(_: usize, argument: &Argument) -> usize {
    if argument.is_wide() { 2 } else { 1 }
}

/// The low word is first.
pub(crate) fn words(arguments: &[Argument]) -> Vec<u32> {
    let mut words = Vec::new();
    for argument in arguments {
        words.push(argument.loose as u32);
        if argument.is_wide() {
            words.push((argument.loose >> 32) as u32);
        }
    }
    words
}

/// Bytes with an address or a number behind them.
fn with(bytes: &mut Vec<u8>, code: &[u8], word: u32) {
    bytes.extend(code);
    bytes.extend(word.to_le_bytes());
}

/// `mov` of the words to ebx, ecx, edx, esi, edi, ebp, and of the number to eax.
fn registers(request: &Request) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (word, code) in words(request.arguments)
        .iter()
        .zip([0xbb, 0xb9, 0xba, 0xbe, 0xbf, 0xbd])
    {
        with(&mut bytes, &[code], *word);
    }
    with(&mut bytes, &[0xb8], request.number);
    bytes
}

/// `mov [DATA], eax; int 0x80`
fn tell(bytes: &mut Vec<u8>) {
    with(bytes, &[0xa3], DATA as u32);
    bytes.extend([0xcd, 0x80]);
}

/// `call` of what comes behind `tell`.
fn call_and_tell(bytes: &mut Vec<u8>) {
    with(bytes, &[0xe8], 7);
    tell(bytes);
}

fn int80(request: &mut Request) -> Code {
    let mut bytes = registers(request);
    bytes.extend([0xcd, 0x80]);
    tell(&mut bytes);
    Code {
        bytes,
        memory: Vec::new(),
        trap: Trap::Interrupt(0x80),
        landing: None,
    }
}

fn vdso(request: &mut Request, asks: &[u8], trap: Trap) -> Code {
    let mut bytes = registers(request);
    call_and_tell(&mut bytes);
    // push ecx; push edx; push ebp
    bytes.extend([0x51, 0x52, 0x55]);
    bytes.extend(asks);
    // Never reached: int 0x80.
    bytes.extend([0xcd, 0x80]);
    let landing = CODE + bytes.len() as u64;
    // pop ebp; pop edx; pop ecx; ret
    bytes.extend([0x5d, 0x5a, 0x59, 0xc3]);
    Code {
        bytes,
        memory: Vec::new(),
        trap,
        landing: Some(landing),
    }
}

/// `push` of the last word first, and a call. Returns how many bytes the callee takes off.   [__stdcall]
fn stdcall(request: &Request, bytes: &mut Vec<u8>) -> u16 {
    let words = words(request.arguments);
    for word in words.iter().rev() {
        with(bytes, &[0x68], *word);
    }
    call_and_tell(bytes);
    4 * words.len() as u16
}

fn nt_shared(request: &mut Request, asks: &[u8], trap: Trap) -> Code {
    let mut bytes = Vec::new();
    let taken = stdcall(request, &mut bytes);
    // mov eax, number; mov edx, 0x7ffe0300; call [edx]; ret taken
    with(&mut bytes, &[0xb8], request.number);
    with(&mut bytes, &[0xba], SHARED as u32 + 0x300);
    bytes.extend([0xff, 0x12, 0xc2]);
    bytes.extend(taken.to_le_bytes());
    let system_call = CODE as u32 + bytes.len() as u32;
    bytes.extend(asks);
    let system_call_return = CODE as u32 + bytes.len() as u32;
    // ret
    bytes.push(0xc3);
    Code {
        bytes,
        memory: vec![
            (SHARED + 0x300, system_call),
            (SHARED + 0x304, system_call_return),
        ],
        trap,
        landing: None,
    }
}

fn nt_2000(request: &mut Request) -> Code {
    let mut bytes = Vec::new();
    let taken = stdcall(request, &mut bytes);
    // mov eax, number; lea edx, [esp+4]; int 0x2e; ret taken
    with(&mut bytes, &[0xb8], request.number);
    bytes.extend([0x8d, 0x54, 0x24, 4, 0xcd, 0x2e, 0xc2]);
    bytes.extend(taken.to_le_bytes());
    Code {
        bytes,
        memory: Vec::new(),
        trap: Trap::Interrupt(0x2e),
        landing: None,
    }
}
