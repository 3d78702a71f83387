//! Which program comes next: `execve`.

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::Resource;
use crate::kernel::vfs::{FsError, Running};
use crate::kernel::{Cx, Fate, Kernel};
use crate::load::{self, MAX_STRING, MAX_STRINGS, Program, Request, Tree};

/// A program to be executed.
pub(super) enum Which {
    /// A path, from a directory.
    Path {
        /// The directory, or `AT_FDCWD`.
        directory: i32,
        path: Vec<u8>,
        follow: bool,
    },
    /// What a descriptor is open on.
    Descriptor(i32),
}

/// The strings that an array of pointers names.
fn strings(cx: &mut Cx<'_>, array: u64) -> Result<Vec<Vec<u8>>, Stop<Errno>> {
    let mut all = Vec::new();
    let mut bytes = 0;
    if array == 0 {
        return Ok(all);
    }
    loop {
        let at = array.wrapping_add(cx.word() * all.len() as u64);
        match cx.read_word(at)? {
            0 => return Ok(all),
            pointer => {
                let string = cx.mem.read_cstr(pointer, MAX_STRING)?;
                bytes += string.len() as u64 + 1 + cx.word();
                if string.len() >= MAX_STRING || bytes > MAX_STRINGS {
                    return Err(Errno::E2BIG.into());
                }
                all.push(string);
            }
        }
    }
}

/// [Linux fs/exec.c, do_execveat_common]
pub(super) fn exec(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    which: Which,
    argv: u64,
    envp: u64,
) -> Outcome {
    let mut argv = strings(cx, argv)?;
    let envp = strings(cx, envp)?;
    if argv.is_empty() {
        argv.push(Vec::new());
    }
    let (program, path) = open(kernel, cx, which)?;
    // A script counts as much as the program that reads it.
    let _script = program.entry.as_ref().map(Running::begin).transpose()?;
    let stack_limit = cx.process().limits.soft(Resource::Stack);
    let mut random = kernel.random.clone();
    let credentials = cx.task.linux.credentials.clone();
    let request = Request {
        program,
        path: &path,
        argv,
        envp,
        profile: None,
        credentials: &credentials,
        stack_limit,
        first: false,
        directory: b"/",
        child: None,
    };
    let loaded = kernel.walk(cx, |walker| {
        Ok(load::load(
            &kernel.memory,
            &mut random,
            &mut Tree(walker),
            request,
        ))
    })?;
    let mut loaded = loaded.map_err(|error| error.errno)?;
    if let Some(entry) = &loaded.program.entry {
        Running::begin(entry)?;
    }
    loaded.space.set_limit(cx.task.linux.address_limit());
    kernel.random = random;
    cx.fate = Some(Fate::Exec(Box::new(loaded)));
    Err(Stop::Never)
}

/// The program, and the path it runs under.
fn open(kernel: &Kernel, cx: &Cx<'_>, which: Which) -> Result<(Program, Vec<u8>), Stop<Errno>> {
    match which {
        Which::Descriptor(fd) => {
            let entry = cx.itself(fd)?;
            let program = kernel.walk(cx, |walker| Ok(load::open_entry(walker, &entry)))??;
            Ok((program, format!("/dev/fd/{fd}").into_bytes()))
        }
        Which::Path {
            directory,
            path,
            follow,
        } => {
            let start = cx.start(directory, &path)?;
            let program = kernel.walk(cx, |walker| {
                let entry = walker.find(&start, &path, follow)?;
                if entry.node.is_symlink() {
                    return Err(FsError::Loop);
                }
                Ok(load::open_entry(walker, &entry))
            })??;
            let name = match cx.is_cwd(directory) || path.first() == Some(&b'/') {
                true => path,
                false => [format!("/dev/fd/{directory}/").as_bytes(), &path].concat(),
            };
            Ok((program, name))
        }
    }
}
