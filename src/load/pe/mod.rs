//! How does a program of Windows come into memory?
//!
//! The images of the program and of its libraries, the kernel's pages, and what NT itself puts into a process before its first
//! instruction: the environment and parameters, the process's and the first thread's block, the stack.

mod exports;
mod headers;
mod image;
mod imports;
mod init;
mod modules;
mod narrow;
mod native;
mod ntdll;
mod parameters;
mod section;
mod sets;
mod start;
mod stubs;

use emu_cpu::AddressSpace;
use emu_profiles::Profile;
use emu_prototypes::Os;
use emu_prototypes::linux::Errno;

use super::{LoadError, Loaded, Programs, Request, comm, pages};
use crate::kernel::linux::process::ImageLayout;
use crate::kernel::nt::wow64;
use headers::Pe;
use imports::Modules;
pub(crate) use parameters::Parameters;
pub(crate) use section::Image;

/// The address of what an image in memory exports under a name.
pub(crate) fn export(space: &mut AddressSpace, base: u64, name: &str) -> Option<u64> {
    exports::Exports::of_mapped(space, base)?.address(space, name)
}

/// Whether an image is one of 64 bits, by its 32-bit words at offsets; `None` when it is none for these CPUs.
pub(crate) fn is_wide(mut word: impl FnMut(u64) -> Option<u32>) -> Option<bool> {
    // [Microsoft, PE Format: `MZ`, the offset of the signature, the machine behind that]
    if word(0)? as u16 != 0x5a4d {
        return None;
    }
    let header = word(0x3c)?;
    match word(u64::from(header) + 4)? as u16 {
        wow64::AMD64 => Some(true),
        wow64::I386 => Some(false),
        _ => None,
    }
}

/// Whether a program is one of Windows, and then whether it is one of 64 bits.
pub(crate) fn width(program: &super::Program) -> Option<bool> {
    Some(Pe::parse(&program.object).ok()?.wide)
}

/// Loads a program of Windows. Its calls have other numbers on each release, so that a profile has to be named.
pub(super) fn load(
    memory: &emu_cpu::Memory,
    programs: &mut dyn Programs,
    request: Request<'_>,
) -> Result<Loaded, LoadError> {
    let pe = Pe::parse(&request.program.object)?;
    pe.check_program()?;
    let own = match request.profile {
        Some(profile) if profile.name != emu_profiles::auto().name => None,
        _ => native::find(programs, &request.program, pe.wide),
    };
    if let Some(libraries) = own {
        return native::load(memory, programs, (&pe, libraries), request);
    }
    let (name, program) = (comm(request.path), request.program);
    let profile = profile(&pe, request.profile)?;
    let process = &profile.process;
    let mut space = AddressSpace::new(memory, profile.arch, process.low, process.high);
    let symbols = pages::map(&mut space, profile)?;
    let (executes_data, console) = (pe.executes_data(), pe.has_console());
    let modules = Modules::load(memory, programs, profile, &mut space, (pe, &program))?;
    let start = start::build(
        &mut space,
        profile,
        &start::Plan {
            own: (&modules.all[0].pe, modules.all[0].base),
            path: &program.label.name,
            argv: &request.argv,
            envp: &request.envp,
            directory: request.directory,
            child: request.child,
        },
        &modules,
    )?;
    let own = &modules.all[0];
    let code = (own.base, own.base + u64::from(own.pe.image_size));
    let entry = own.base + u64::from(own.pe.entry);
    Ok(Loaded {
        profile,
        space,
        entry: start.pc,
        sp: start.sp,
        registers: start.registers,
        descriptor: start.descriptor,
        symbols,
        path: program.label.name.to_vec(),
        program,
        name,
        image: ImageLayout {
            code,
            stack_start: start.sp,
            entry,
            console,
            ..ImageLayout::default()
        },
        read_implies_exec: executes_data,
    })
}

/// The profile that runs it, which has to be named.
fn profile(pe: &Pe, wanted: Option<&'static Profile>) -> Result<&'static Profile, LoadError> {
    let bits = if pe.wide { 64 } else { 32 };
    let example = if pe.wide {
        "windows_7_x64"
    } else {
        "windows_7_x86"
    };
    let runs = |profile: &Profile| {
        profile.system().os() == Os::Windows && (profile.pointer() == 8) == pe.wide
    };
    match wanted {
        Some(wanted) if wanted.name == emu_profiles::auto().name => Err(bad(
            "finds no ntdll.dll whose calls could be read. Try --dll-path with a directory that has it.",
        )),
        Some(wanted) if runs(wanted) => Ok(wanted),
        Some(wanted) => Err(bad(format!(
            "is a {bits}-bit Windows program; {} does not run those. Try --profile {example}.",
            wanted.name
        ))),
        None => Err(bad(format!(
            "is a {bits}-bit Windows program, whose calls have other numbers on each release. Try --profile {example}."
        ))),
    }
}

fn bad(text: impl Into<String>) -> LoadError {
    LoadError::new(Errno::ENOEXEC, text)
}

fn no_memory(_: emu_cpu::Fault) -> LoadError {
    LoadError::new(Errno::ENOMEM, "needs more memory than there is")
}
