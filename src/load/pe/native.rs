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
use super::{bad, comm, image, narrow, no_memory, pages, sets, stubs};
use crate::kernel::linux::process::ImageLayout;
use crate::kernel::nt::memory::page;
use crate::kernel::nt::thread::begin::{self, Begin};
use crate::kernel::nt::thread::stack::{END, guard};
use crate::kernel::nt::thread::teb;
use crate::load::{LoadError, Loaded, Program, Programs, Request};

/// What runs first, and what the program's first thread then starts in.
pub(super) const LOADER: &str = "LdrInitializeThunk";
pub(super) const THREAD: &str = "RtlUserThreadStart";
/// Who is told of exceptions.
pub(super) const DISPATCHER: &str = "KiUserExceptionDispatcher";
/// Who makes calls that were left to a thread.
pub(super) const APC_DISPATCHER: &str = "KiUserApcDispatcher";
/// Where the system's libraries are.
pub(super) const SYSTEM: &[u8] = b"/windows/system32/";
/// Where those of 32 bits are on a 64-bit system.   [Microsoft Learn, File System Redirector]
pub(super) const NARROW_SYSTEM: &[u8] = b"/windows/syswow64/";
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
pub(super) const WIDE_PEB_PAGES: u64 = 3;

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

/// The libraries that a program starts in: one, or on a 64-bit system that of the system and the program's own of 32 bits.
pub(super) struct Libraries {
    pub(super) system: (Program, Pe),
    pub(super) narrow: Option<(Program, Pe)>,
}

/// The library of a program, beside it or where the system's are, when there is one for its width; for a 32-bit program
/// also the two that a 64-bit system has.
pub(super) fn find(
    programs: &mut dyn Programs,
    program: &Program,
    wide: bool,
) -> Option<Libraries> {
    let path = program.label.name.as_ref();
    let end = path.iter().rposition(|byte| *byte == b'/')? + 1;
    let mut open = |directory: &[u8], wide: bool| {
        let path = [directory, b"ntdll.dll"].concat();
        let found = programs.open_any_case(&path).ok()?;
        let pe = Pe::parse(&found.object).ok()?;
        (pe.wide == wide).then_some((found, pe))
    };
    let mut own = [&path[..end], SYSTEM].into_iter();
    if let Some(system) = own.find_map(|directory| open(directory, wide)) {
        let narrow = None;
        return Some(Libraries { system, narrow });
    }
    let system = (!wide).then(|| open(SYSTEM, true))??;
    let narrow = Some(open(NARROW_SYSTEM, false)?);
    Some(Libraries { system, narrow })
}

/// Loads a program that starts in a library.
pub(super) fn load(
    memory: &Memory,
    programs: &mut dyn Programs,
    (pe, libraries): (&Pe, Libraries),
    request: Request<'_>,
) -> Result<Loaded, LoadError> {
    let program = request.program;
    let (library, library_pe) = libraries.system;
    let wide = library_pe.wide;
    // All releases lay out their processes alike; which one it is shows when the library is there.
    let layout = emu_profiles::of_stubs(wide, &[]);
    let process = &layout.process;
    let mut space = AddressSpace::new(memory, layout.arch, process.low, process.high);
    let mut symbols = pages::map(&mut space, layout)?;
    let base = image::map(pe, &mut space, layout, &program)?.base;
    let at = image::map(&library_pe, &mut space, layout, &library)
        .map_err(about)?
        .base;
    let exports = Exports::read(&mut space, &library_pe, at);
    let numbers = stubs::numbers(&mut space, &exports, wide);
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
    let profile = emu_profiles::of_stubs(wide, &numbers);
    let thread = need(&mut space, &exports, THREAD)?;
    let loader = need(&mut space, &exports, LOADER)?;
    symbols.extend([
        (Symbol::LoaderStart, loader),
        (Symbol::ThreadStart, thread),
        (
            Symbol::ExceptionDispatcher,
            need(&mut space, &exports, DISPATCHER)?,
        ),
        (
            Symbol::ApcDispatcher,
            need(&mut space, &exports, APC_DISPATCHER)?,
        ),
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
    let entry = base + u64::from(pe.entry);
    let blocks = match &libraries.narrow {
        None => own_blocks(&mut space, profile, &plan, programs)?,
        Some(library) => {
            let own = (library, &exports);
            let blocks = narrow::blocks(&mut space, profile, &plan, programs, own)?;
            symbols.extend(blocks.symbols);
            blocks.common
        }
    };
    let begin = Begin {
        start: thread,
        function: entry,
        argument: blocks.peb,
        library: at,
        top: blocks.top,
    };
    let (sp, mut registers) = begin::fill(&mut space, profile.arch, &begin).map_err(no_memory)?;
    let (more, descriptor) = blocks.registers;
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

/// What is wrong with the library.
pub(super) fn about(error: LoadError) -> LoadError {
    LoadError::new(error.errno, format!("needs ntdll.dll, which {error}"))
}

/// What the library exports under a name.
pub(super) fn need(
    space: &mut AddressSpace,
    exports: &Exports,
    name: &str,
) -> Result<u64, LoadError> {
    let address = exports.address(space, name);
    address.ok_or_else(|| bad(format!("needs ntdll.dll, which has no {name}")))
}

/// What the first thread begins with.
pub(super) struct Blocks {
    /// The process's block.
    pub(super) peb: u64,
    /// The upper end of its stack.
    pub(super) top: u64,
    /// What leads to its own block.
    pub(super) registers: teb::Registers,
}

/// Makes parameters, stack and blocks of a program that is as wide as its system.
fn own_blocks(
    space: &mut AddressSpace,
    profile: &Profile,
    plan: &Plan<'_>,
    programs: &mut dyn Programs,
) -> Result<Blocks, LoadError> {
    let common = start::offsets(profile);
    let word = common.pointer;
    let places = Places {
        parameters: plan.parameters(space, (word, profile.process.mmap_top))?,
        stack: start::stack(space, profile, plan)?,
        lists: 0,
        storage: 0,
        peb_pages: if word == 8 { WIDE_PEB_PAGES } else { 1 },
    };
    start::fill_blocks(space, plan, common, &places)?;
    let sets = api_sets(space, profile, programs, SYSTEM)?;
    fill_more(space, (word, common.peb), sets)?;
    // The first thread's stack has an end, and what is above it is the stack's limit.
    let low = places.stack.0;
    guard(space, low, false).map_err(|_| bad("needs more memory than there is"))?;
    put(space, common.teb + 2 * word, low + END, word)?;
    Ok(Blocks {
        peb: common.peb,
        top: places.stack.1,
        registers: teb::registers(profile.arch, common.teb),
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
    let top = profile.process.mmap_top;
    let own = start::allocate(space, top, None, PAGE, page::EXECUTE_READ)?;
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

pub(super) fn put(
    space: &mut AddressSpace,
    at: u64,
    value: u64,
    size: u64,
) -> Result<(), LoadError> {
    space
        .poke(at, &value.to_le_bytes()[..size as usize])
        .map_err(no_memory)
}

/// What a process that starts by itself finds in a block of this width besides.
pub(super) fn fill_more(
    space: &mut AddressSpace,
    (word, peb): (u64, u64),
    api_sets: u64,
) -> Result<(), LoadError> {
    let wide = word == 8;
    for (narrow_at, wide_at, size, value) in VERSION {
        let at = if wide { wide_at } else { narrow_at };
        put(space, peb + at, value, size)?;
    }
    let at = if wide { API_SETS.1 } else { API_SETS.0 };
    put(space, peb + at, api_sets, word)
}

/// Maps the library that says which libraries stand behind names of API sets, and gives where in it that is; 0 without one.
/// [Microsoft Learn, API set loader operation; a section .apiset of apisetschema.dll]
pub(super) fn api_sets(
    space: &mut AddressSpace,
    profile: &Profile,
    programs: &mut dyn Programs,
    directory: &[u8],
) -> Result<u64, LoadError> {
    let path = [directory, sets::LIBRARY].concat();
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
