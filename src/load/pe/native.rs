//! How does a program start in an `ntdll.dll` of the guest's own?
//!
//! As NT does it: the program and that library are mapped, the blocks of process and thread are made, and the first thread
//! runs `LdrInitializeThunk`. That maps and binds all other libraries, calls their entry points, and goes on to the program
//! by `NtContinue`. Numbers of calls are read from the library's stubs.
//!
//! The PE half of Wine's ntdll is such a library. What it asks of its Unix half is no call of Windows; that is refused.

use emu_cpu::memory::PAGE;
use emu_cpu::{AddressSpace, Memory};
use emu_profiles::{Profile, Symbol};

use super::exports::Exports;
use super::headers::Pe;
use super::start::{self, Places, Plan};
use super::{bad, comm, image, no_memory, pages, sets, stubs};
use crate::kernel::linux::process::ImageLayout;
use crate::kernel::nt::memory::page;
use crate::kernel::nt::thread::begin::{self, Begin};
use crate::kernel::nt::thread::stack::{END, guard};
use crate::kernel::nt::thread::teb;
use crate::load::{LoadError, Loaded, Program, Programs, Request};

/// What runs first, and what the program's first thread then starts in.
const LOADER: &str = "LdrInitializeThunk";
const THREAD: &str = "RtlUserThreadStart";
/// Who is told of exceptions.
const DISPATCHER: &str = "KiUserExceptionDispatcher";
/// Who makes calls that were left to a thread.
const APC_DISPATCHER: &str = "KiUserApcDispatcher";
/// Where the system's libraries are.
const SYSTEM: &[u8] = b"/windows/system32/";
/// What Wine's libraries call their Unix halves by, and the number of the call that it is here: no library has that many.
const UNIX_CALL: &str = "__wine_unix_call_dispatcher";
const UNIX_CALL_NAME: &str = "NtWineUnixCall";
const UNIX_CALL_NUMBER: u32 = 0xfff;
/// What stands there: handle, function and arguments go to the kernel. Wine's ntdll has no handle, and is refused: by
/// the status with which code that nobody has described is unwound as a function without a frame.   [Wine's ntdll, virtual_unwind]
#[rustfmt::skip]
const DISPATCHER_X64: &[u8] = &[
    0x48, 0x85, 0xc9,               // test rcx,rcx
    0x74, 0x0b,                     // je refuse
    0x49, 0x89, 0xca,               // mov r10,rcx
    0xb8, 0xff, 0x0f, 0, 0,         // mov eax,UNIX_CALL_NUMBER
    0x0f, 0x05,                     // syscall
    0xc3,                           // ret
    0xb8, 0x01, 0, 0, 0xc0,         // refuse: mov eax,STATUS_UNSUCCESSFUL
    0xc3,                           // ret
];
/// The handle has two words, of which the second is 0. Calls find their arguments behind two addresses of return.
#[rustfmt::skip]
const DISPATCHER_X86: &[u8] = &[
    0x8b, 0x44, 0x24, 0x04,         // mov eax,[esp+4]
    0x85, 0xc0,                     // test eax,eax
    0x74, 0x1c,                     // je refuse
    0xff, 0x74, 0x24, 0x10,         // push [esp+16]
    0xff, 0x74, 0x24, 0x10,         // push [esp+16]
    0x50,                           // push eax
    0x50,                           // push eax
    0xb8, 0xff, 0x0f, 0, 0,         // mov eax,UNIX_CALL_NUMBER
    0xba, 0x00, 0x03, 0xfe, 0x7f,   // mov edx,SystemCall
    0xff, 0x12,                     // call [edx]
    0x83, 0xc4, 0x10,               // add esp,16
    0xc2, 0x10, 0x00,               // ret 16
    0xb8, 0x01, 0, 0, 0xc0,         // refuse: mov eax,STATUS_UNSUCCESSFUL
    0xc2, 0x10, 0x00,               // ret 16
];
/// Pages of the process's block: Wine has its options of tracing, which are none, two pages behind its beginning.
const WIDE_PEB_PAGES: u64 = 3;

/// What a process is told of the release, Windows 10 22H2: major, minor and build number, platform. Where in its block that
/// is, by width, and how wide.   [the headers of the crate phnt, ntpebteb.h: PEB]
const VERSION: [(u64, u64, u64, u64); 4] = [
    (0xa4, 0x118, 4, 10),
    (0xa8, 0x11c, 4, 0),
    (0xac, 0x120, 2, 19045),
    (0xb0, 0x124, 4, 2),
];
/// `ApiSetMap` in the same block, by width.
const API_SETS: (u64, u64) = (0x38, 0x68);

/// The library of a program, beside it or where the system's are, when there is one for its width.
pub(super) fn find(
    programs: &mut dyn Programs,
    program: &Program,
    wide: bool,
) -> Option<(Program, Pe)> {
    let path = program.label.name.as_ref();
    let end = path.iter().rposition(|byte| *byte == b'/')? + 1;
    [&path[..end], SYSTEM].into_iter().find_map(|directory| {
        let found = programs
            .open_any_case(&[directory, b"ntdll.dll"].concat())
            .ok()?;
        let pe = Pe::parse(&found.object).ok()?;
        (pe.wide == wide).then_some((found, pe))
    })
}

/// Loads a program that starts in a library.
pub(super) fn load(
    memory: &Memory,
    programs: &mut dyn Programs,
    (pe, (library, library_pe)): (&Pe, (Program, Pe)),
    request: Request<'_>,
) -> Result<Loaded, LoadError> {
    let program = request.program;
    // All releases lay out their processes alike; which one it is shows when the library is there.
    let layout = emu_profiles::of_stubs(pe.wide, &[]);
    let process = &layout.process;
    let mut space = AddressSpace::new(memory, layout.arch, process.low, process.high);
    let mut symbols = pages::map(&mut space, layout)?;
    let base = image::map(pe, &mut space, layout, &program)?.base;
    let about =
        |error: LoadError| LoadError::new(error.errno, format!("needs ntdll.dll, which {error}"));
    let at = image::map(&library_pe, &mut space, layout, &library)
        .map_err(about)?
        .base;
    let exports = Exports::read(&mut space, &library_pe, at);
    let numbers = stubs::numbers(&mut space, &exports, pe.wide);
    let mut numbers: Vec<(&str, u32)> = numbers
        .iter()
        .map(|(name, number)| (name.as_str(), *number))
        .collect();
    if numbers.is_empty() {
        return Err(bad("needs ntdll.dll, which has no stubs of calls"));
    }
    let is_wine = exports.address(&mut space, UNIX_CALL).is_some();
    if is_wine {
        numbers.push((UNIX_CALL_NAME, UNIX_CALL_NUMBER));
    }
    let profile = emu_profiles::of_stubs(pe.wide, &numbers);
    let mut find = |name: &str| {
        let address = exports.address(&mut space, name);
        address.ok_or_else(|| bad(format!("needs ntdll.dll, which has no {name}")))
    };
    let (loader, thread) = (find(LOADER)?, find(THREAD)?);
    symbols.extend([
        (Symbol::LoaderStart, loader),
        (Symbol::ThreadStart, thread),
        (Symbol::ExceptionDispatcher, find(DISPATCHER)?),
        (Symbol::ApcDispatcher, find(APC_DISPATCHER)?),
    ]);
    connect(&mut space, profile, &exports)?;

    let envp = with_user(&exports, request.envp);
    // A program is started by the name that Windows has for it, unless it was given another.
    let mut argv = request.argv;
    if let Some(own) = argv.first_mut().filter(|own| own[..] == *request.path) {
        *own = start::dos_path(&program.label.name);
    }
    let plan = Plan {
        own: (pe, base),
        path: &program.label.name,
        argv: &argv,
        envp: &envp,
        directory: request.directory,
        child: request.child,
    };
    let places = Places {
        parameters: plan.parameters(&mut space, profile)?,
        stack: start::stack(&mut space, profile, &plan)?,
        lists: 0,
        storage: 0,
        peb_pages: if pe.wide { WIDE_PEB_PAGES } else { 1 },
    };
    start::fill_blocks(&mut space, &plan, start::offsets(profile), &places)?;
    let sets = api_sets(&mut space, profile, programs)?;
    fill_more(&mut space, profile, sets)?;
    // The first thread's stack has an end, and what is above it is the stack's limit.
    let (common, low) = (start::offsets(profile), places.stack.0);
    guard(&mut space, low, false).map_err(|_| bad("needs more memory than there is"))?;
    let limit = common.teb + 2 * common.pointer;
    put(&mut space, limit, low + END, common.pointer)?;
    let entry = base + u64::from(pe.entry);
    let begin = Begin {
        start: thread,
        function: entry,
        argument: start::offsets(profile).peb,
        library: at,
        top: places.stack.1,
    };
    let (sp, mut registers) = begin::fill(&mut space, profile.arch, &begin).map_err(no_memory)?;
    let (more, descriptor) = teb::registers(profile.arch, start::offsets(profile).teb);
    registers.extend(more);
    Ok(Loaded {
        profile,
        space,
        entry: loader,
        sp,
        registers,
        descriptor,
        symbols,
        path: program.label.name.to_vec(),
        name: comm(request.path),
        image: ImageLayout {
            code: (base, base + u64::from(pe.image_size)),
            stack_start: sp,
            entry,
            console: pe.has_console(),
            ..ImageLayout::default()
        },
        program,
        read_implies_exec: pe.executes_data(),
    })
}

/// Wine's libraries find the user's name in a variable of their own, which its Unix half would set.
fn with_user(exports: &Exports, mut envp: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    const OWN: &[u8] = b"WINEUSERNAME=";
    let user = envp.iter().find_map(|one| one.strip_prefix(b"USERNAME="));
    if let Some(user) = user
        && exports.has("__wine_unix_call_dispatcher")
        && !envp.iter().any(|one| one.starts_with(OWN))
    {
        let line = [OWN, user].concat();
        envp.push(line);
    }
    envp
}

/// Gives Wine's library what its Unix half would: the way into the kernel, and something to call in the place of itself.
fn connect(
    space: &mut AddressSpace,
    profile: &Profile,
    exports: &Exports,
) -> Result<(), LoadError> {
    let wide = profile.pointer() == 8;
    let Some(at) = exports.address(space, UNIX_CALL) else {
        return Ok(());
    };
    let code = if wide { DISPATCHER_X64 } else { DISPATCHER_X86 };
    let own = start::allocate(space, profile, None, PAGE, page::EXECUTE_READ)?;
    space.poke(own, code).map_err(no_memory)?;
    put(space, at, own, profile.pointer())?;
    // On x64 a bit of KUSER_SHARED_DATA says that stubs may ask by themselves.
    if !wide && let Some(at) = exports.address(space, "__wine_syscall_dispatcher") {
        let mut way = [0; 4];
        space.peek(SYSTEM_CALL, &mut way).map_err(no_memory)?;
        put(space, at, u32::from_le_bytes(way).into(), 4)?;
    }
    Ok(())
}

/// `KUSER_SHARED_DATA`, `SystemCall` of x86: where the way into the kernel is.
const SYSTEM_CALL: u64 = 0x7ffe_0300;

fn put(space: &mut AddressSpace, at: u64, value: u64, size: u64) -> Result<(), LoadError> {
    space
        .poke(at, &value.to_le_bytes()[..size as usize])
        .map_err(no_memory)
}

/// What a process that starts by itself finds in its blocks besides.
fn fill_more(space: &mut AddressSpace, profile: &Profile, api_sets: u64) -> Result<(), LoadError> {
    let common = start::offsets(profile);
    let wide = common.pointer == 8;
    for (narrow_at, wide_at, size, value) in VERSION {
        let at = if wide { wide_at } else { narrow_at };
        put(space, common.peb + at, value, size)?;
    }
    let at = if wide { API_SETS.1 } else { API_SETS.0 };
    put(space, common.peb + at, api_sets, common.pointer)
}

/// Maps the library that says which libraries stand behind names of API sets, and gives where in it that is; 0 without one.
/// [Microsoft Learn, API set loader operation; a section .apiset of apisetschema.dll]
fn api_sets(
    space: &mut AddressSpace,
    profile: &Profile,
    programs: &mut dyn Programs,
) -> Result<u64, LoadError> {
    let path = [SYSTEM, sets::LIBRARY].concat();
    let Ok(program) = programs.open_any_case(&path) else {
        return Ok(0);
    };
    let Ok(pe) = Pe::parse(&program.object) else {
        return Ok(0);
    };
    let Some(section) = sets::section(&pe) else {
        return Ok(0);
    };
    let base = image::map(&pe, space, profile, &program)?.base;
    Ok(base + u64::from(section.address))
}
