//! How does a process of Windows come to be?   [the headers of the crate phnt, ntpsapi.h: NtCreateUserProcess]

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_profiles::Symbol;
use emu_prototypes::linux::Errno;
use emu_prototypes::nt::{self, NtStatus};

use super::super::console::{Console, Part};
use super::super::debug::Debugger;
use super::super::handles::{Handles, Object};
use super::super::path::{self, Named};
use super::super::{Outcome, Process, client_id, job, path::spelled, thread, watched, wow64};
use crate::kernel::linux::process::add_process;
use crate::kernel::task::Tid;
use crate::kernel::vfs::{Nothing, Walker, Who};
use crate::kernel::{Cx, Kernel};
use crate::load::{self, Child, Image, LoadError, Loaded, Parameters, Program, Programs, Request};

/// `ProcessFlags`: the process leaves the jobs of its parent that let it go.
const BREAKAWAY: u32 = 1;
/// `ProcessFlags`: the process gets the handles that may be inherited.
const INHERIT_HANDLES: u32 = 4;
/// `ProcessFlags`: children of the process are not debugged with it.
const NO_DEBUG_INHERIT: u32 = 2;
/// `ThreadFlags`: the thread does not run yet.
const SUSPENDED: u32 = 1;
/// Attributes that are looked at at most; the part of each that says which it is.
const MAX_ATTRIBUTES: u64 = 32;
const NUMBER: u64 = 0xffff;
/// The most handles in a list of those that are inherited.
const MAX_LIST: u64 = 0x1000;

/// `PS_ATTRIBUTE_NUM`.
mod attribute {
    pub(super) const PARENT: u64 = 0;
    pub(super) const DEBUG_OBJECT: u64 = 1;
    pub(super) const CLIENT_ID: u64 = 3;
    pub(super) const TEB_ADDRESS: u64 = 4;
    pub(super) const IMAGE_NAME: u64 = 5;
    pub(super) const IMAGE_INFORMATION: u64 = 6;
    pub(super) const HANDLE_LIST: u64 = 11;
}

/// `PsCreateSuccess` of `PS_CREATE_STATE`.
const SUCCESS: u32 = 6;

/// What the list of attributes asks for.
#[derive(Default)]
struct Asked {
    image: Option<Vec<u16>>,
    /// Where numbers, the thread's block and what is known of the image are told, or 0.
    client_id: u64,
    teb: u64,
    information: (u64, u64),
    /// The only handles that are inherited.
    list: Option<Vec<u64>>,
    /// Who debugs it.
    debugger: Option<Rc<Debugger>>,
}

fn read_attributes(kernel: &mut Kernel, cx: &mut Cx<'_>, list: u64) -> Result<Asked, NtStatus> {
    let mut asked = Asked::default();
    if list == 0 {
        return Ok(asked);
    }
    let word = cx.word();
    let len = cx.read_word(list)?;
    let one = 4 * word;
    for index in 0..(len.saturating_sub(word) / one).min(MAX_ATTRIBUTES) {
        let at = list.wrapping_add(word + index * one);
        let what = cx.read_word(at)? & NUMBER;
        let size = cx.read_word(at.wrapping_add(word))?;
        let value = cx.read_word(at.wrapping_add(2 * word))?;
        match what {
            attribute::PARENT => kernel.own_process(cx, value)?,
            attribute::DEBUG_OBJECT => asked.debugger = Some(kernel.debugger_for(cx, value)?),
            attribute::CLIENT_ID => asked.client_id = value,
            attribute::TEB_ADDRESS => asked.teb = value,
            attribute::IMAGE_INFORMATION => asked.information = (value, size),
            attribute::IMAGE_NAME => {
                asked.image = Some(cx.units(value, size.min(0xfffe) as usize & !1)?);
            }
            attribute::HANDLE_LIST => {
                let mut handles = Vec::new();
                for index in 0..(size / word).min(MAX_LIST) {
                    handles.push(cx.read_word(value.wrapping_add(index * word))?);
                }
                asked.list = Some(handles);
            }
            // Others ask for nothing that there is.
            _ => {}
        }
    }
    Ok(asked)
}

/// Serves `NtCreateUserProcess`.
pub(super) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateUserProcess,
) -> Outcome {
    let word = cx.word();
    // Where handles go has to be there before anything is made.
    cx.read_word(call.ProcessHandle.address)?;
    cx.read_word(call.ThreadHandle.address)?;
    let asked = read_attributes(kernel, cx, call.AttributeList.address)?;
    let parameters = Parameters::read(cx.mem, word, call.ProcessParameters.address)?;
    let image = asked.image.as_ref().ok_or(NtStatus::INVALID_PARAMETER)?;
    let Named::File(path) = path::absolute(image)? else {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
    };
    let number = kernel.linux.processes.number();
    let pid = number.ok_or(NtStatus::NO_MEMORY)?;
    // As Wine's libraries tell of CREATE_NEW_PROCESS_GROUP.
    let new_group = parameters.console.1 & 1 != 0;
    let inherits = call.ProcessFlags & INHERIT_HANDLES != 0;
    let (handles, parameters, console) = handles(kernel, cx, &asked, parameters, inherits);
    let child = Child {
        parameters,
        client: client_id(pid, pid),
    };
    let own = &kernel.nt_process(cx).jobs;
    let jobs = job::of_child(own, call.ProcessFlags & BREAKAWAY != 0)?;
    let loaded = load(kernel, cx, Source::Path(&path), &child)?;
    let information = match asked.information.0 {
        0 => Vec::new(),
        _ => Image::new(loaded.program.clone())
            .map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?
            .information(word),
    };
    let teb = wow64::first_teb(loaded.is_narrow(), loaded.profile.pointer());
    let process = begin(kernel, cx, pid, loaded)?;
    let own = kernel.nt_process(cx);
    let token = own.token.clone();
    let group = if new_group { pid } else { own.group };
    let inherited = own.debugger.clone().filter(|_| !own.debugged_alone);
    let record = Process {
        handles,
        jobs,
        token,
        console,
        group,
        debugger: asked.debugger.clone().or(inherited),
        debugged_alone: call.ProcessFlags & NO_DEBUG_INHERIT != 0,
        ..Process::default()
    };
    for job in &record.jobs {
        job.upgrade().inspect(|job| job.join(&process));
    }
    kernel.nt.processes.insert(pid, record);
    let suspended = call.ThreadFlags & SUSPENDED != 0;
    let thread = thread::first(kernel, pid, teb, suspended);
    kernel.report_first(cx, &process)?;
    kernel.nt_give(
        cx,
        (call.ProcessHandle.address, 0),
        Object::Process(process),
    )?;
    kernel.nt_give(cx, (call.ThreadHandle.address, 0), Object::Thread(thread))?;
    tell(cx, &asked, pid, teb, &information)?;
    if call.CreateInfo.address != 0 {
        cx.mem
            .write_u32(call.CreateInfo.address.wrapping_add(word), SUCCESS)?;
    }
    Ok(0)
}

fn tell(
    cx: &mut Cx<'_>,
    asked: &Asked,
    pid: Tid,
    teb: u64,
    information: &[u8],
) -> Result<(), NtStatus> {
    if asked.client_id != 0 {
        let (process, thread) = client_id(pid, pid);
        let word = cx.word();
        cx.write_word(asked.client_id, process)?;
        cx.write_word(asked.client_id.wrapping_add(word), thread)?;
    }
    if asked.teb != 0 {
        cx.write_word(asked.teb, teb)?;
    }
    let (at, size) = asked.information;
    if at != 0 {
        let len = information.len().min(size as usize);
        cx.mem.write(at, &information[..len])?;
    }
    Ok(())
}

/// The handles that a new process has: those that may be inherited, else the standard files alone.
fn handles(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    asked: &Asked,
    mut parameters: Parameters,
    inherits: bool,
) -> (Handles, Parameters, Option<Rc<Console>>) {
    let own = &kernel.nt_process(cx).handles;
    let mut handles = match inherits {
        true => own.inherited(asked.list.as_deref()),
        false => Handles::default(),
    };
    if !inherits {
        for handle in &mut parameters.handles {
            *handle = own
                .get(*handle)
                .and_then(|object| handles.insert(object))
                .unwrap_or(0);
        }
    }
    // A number below 0 asks for another console, or for none.
    let console = match own.get(parameters.console.0) {
        Some(Object::Console(Part::Console(console))) => {
            let reference = Object::Console(Part::Console(console.clone()));
            parameters.console.0 = handles.insert(reference).unwrap_or(0);
            Some(console)
        }
        _ => None,
    };
    (handles, parameters, console)
}

/// Where a program comes from.
pub(super) enum Source<'a> {
    /// A path of the tree.
    Path(&'a [u8]),
    /// An image that somebody has opened.
    Section(Program),
}

/// Loads the program. One that starts without libraries of the guest's own runs on the release of the one that asks.
pub(super) fn load(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    source: Source<'_>,
    child: &Child,
) -> Result<Loaded, NtStatus> {
    let mut random = kernel.random.clone();
    let context: Ref<'_, _> = cx.task.linux.fs.borrow();
    let mut walker = Walker {
        vfs: &kernel.vfs,
        context: &context,
        who: &Who::root(),
        generator: &Nothing,
        now: i64::try_from(kernel.clock.wall()).unwrap_or(i64::MAX),
    };
    let (path, program) = match source {
        Source::Path(path) => {
            let path = spelled(&walker, path)?;
            let opened = walker.open_any_case(&path);
            let program = opened.map_err(|errno| match errno {
                Errno::EACCES => NtStatus::FILE_IS_A_DIRECTORY,
                _ => NtStatus::OBJECT_NAME_NOT_FOUND,
            })?;
            (path, program)
        }
        Source::Section(program) => (program.label.name.to_vec(), program),
    };
    let mut head = [0; 2];
    let read = program.object.read(0, &mut head);
    if !read.is_ok_and(|len| len == 2) || head != *b"MZ" {
        return Err(NtStatus::INVALID_IMAGE_NOT_MZ);
    }
    let own_release = match cx.task.symbol(Symbol::LoaderStart) {
        Some(_) => None,
        None => Some(cx.profile),
    };
    let request = Request {
        program,
        path: &path,
        argv: Vec::new(),
        envp: Vec::new(),
        profile: own_release,
        credentials: &cx.task.linux.credentials,
        stack_limit: 0,
        first: false,
        directory: b"/",
        child: Some(child),
    };
    let loaded = load::load(&kernel.memory, &mut random, &mut walker, request);
    drop(context);
    kernel.random = random;
    loaded.map_err(|error: LoadError| match error.errno {
        Errno::ENOMEM => NtStatus::NO_MEMORY,
        Errno::ENOENT => NtStatus::DLL_NOT_FOUND,
        _ => NtStatus::INVALID_IMAGE_FORMAT,
    })
}

/// Makes the task: its registers are made of those of the one that asks, which come back.
fn begin(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pid: Tid,
    loaded: Loaded,
) -> Result<Rc<RefCell<crate::kernel::linux::process::Process>>, NtStatus> {
    if loaded.profile.arch != cx.profile.arch {
        return Err(NtStatus::IMAGE_MACHINE_TYPE_MISMATCH);
    }
    let mut own = cx.cpu.context();
    cx.cpu.save(own.as_mut());
    let word = cx.word();
    watched::nothing(cx.cpu, word);
    cx.cpu.set_pc(loaded.entry);
    cx.cpu.set_sp(loaded.sp);
    if let Some((index, descriptor)) = loaded.descriptor {
        cx.cpu.set_descriptor(index, descriptor);
    }
    for (reg, value) in &loaded.registers {
        cx.cpu.set_reg(*reg, *value);
    }
    let mut fresh = cx.cpu.context();
    cx.cpu.save(fresh.as_mut());
    cx.cpu.restore(own.as_ref());
    add_process(kernel, cx, pid, fresh, loaded).map_err(|_| NtStatus::NO_MEMORY)
}
