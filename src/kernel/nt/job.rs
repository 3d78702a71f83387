//! Jobs: processes that are counted, limited and ended together.   [winnt.h: JOBOBJECTINFOCLASS]

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::handles::Object;
use super::process::ended;
use super::{Outcome, client_id};
use crate::event::ExitStatus;
use crate::kernel::linux::process::Process;
use crate::kernel::{Cx, Kernel};

const BASIC_ACCOUNTING: i32 = 1;
const BASIC_LIMITS: i32 = 2;
const PROCESSES: i32 = 3;
const UI_RESTRICTIONS: i32 = 4;
const ACCOUNTING: i32 = 8;
const LIMITS: i32 = 9;

/// Limits that are kept, and none of which is enforced but those of ends.
const KNOWN_LIMITS: u32 = 0x7fff;
/// `JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE`, which ends all with the last handle.
const KILL_ON_CLOSE: u32 = 0x2000;
/// `JOB_OBJECT_LIMIT_BREAKAWAY_OK` and `JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK`.   [winnt.h]
const BREAKAWAY: u32 = 0x800;
const SILENT_BREAKAWAY: u32 = 0x1000;
/// The most processes of a job.
const MAX_PROCESSES: usize = 0x1000;

/// A job.
#[derive(Default)]
pub(super) struct Job {
    members: RefCell<Vec<Rc<RefCell<Process>>>>,
    /// How many it has had, and how many were ended with it.
    total: Cell<u32>,
    terminated: Cell<u32>,
    /// `JOBOBJECT_EXTENDED_LIMIT_INFORMATION`, as it was set.
    limits: RefCell<Vec<u8>>,
    restrictions: Cell<u32>,
}

impl Job {
    fn running(&self) -> Vec<Rc<RefCell<Process>>> {
        let members = self.members.borrow();
        let runs = |process: &&Rc<RefCell<Process>>| ended(&process.borrow()).is_none();
        members.iter().filter(runs).cloned().collect()
    }

    /// A child of a member is one, too.
    pub(super) fn join(&self, process: &Rc<RefCell<Process>>) {
        let mut members = self.members.borrow_mut();
        // Those that have ended are kept for their times, as long as there is room.
        if members.len() >= MAX_PROCESSES {
            members.retain(|process| ended(&process.borrow()).is_none());
        }
        members.push(process.clone());
        self.total.set(self.total.get().saturating_add(1));
    }

    /// `LimitFlags`, behind two times of 64 bits.
    fn limit_flags(&self) -> u32 {
        let limits = self.limits.borrow();
        let flags = limits.get(16..20).and_then(|bytes| bytes.try_into().ok());
        flags.map_or(0, u32::from_le_bytes)
    }

    fn has(&self, process: &Rc<RefCell<Process>>) -> bool {
        let members = self.members.borrow();
        members.iter().any(|member| Rc::ptr_eq(member, process))
    }
}

/// Sizes of `JOBOBJECT_BASIC_LIMIT_INFORMATION` and of the longer one around it.
fn sizes(word: u64) -> (usize, usize) {
    if word == 8 { (64, 144) } else { (48, 112) }
}

impl Kernel {
    fn job(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<Job>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::Job(job) => Ok(job),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    fn end_job(&mut self, job: &Job, status: u32, own: Option<&Rc<RefCell<Process>>>) -> bool {
        let mut meets = false;
        for process in job.running() {
            job.terminated.set(job.terminated.get().saturating_add(1));
            match own {
                Some(own) if Rc::ptr_eq(own, &process) => meets = true,
                _ => self.end_process(&process, ExitStatus::Status(status)),
            }
        }
        meets
    }
}

/// The jobs of a child of a process that has these. One that breaks away leaves those that let it go, and is refused by the
/// last of them that does not; some let all go.   [Microsoft Learn, JOBOBJECT_BASIC_LIMIT_INFORMATION]
pub(super) fn of_child(jobs: &[Weak<Job>], breaks_away: bool) -> Result<Vec<Weak<Job>>, NtStatus> {
    let limits = |job: &Weak<Job>| job.upgrade().map_or(0, |job| job.limit_flags());
    if breaks_away && jobs.last().is_some_and(|job| limits(job) & BREAKAWAY == 0) {
        return Err(NtStatus::ACCESS_DENIED);
    }
    let leaves = if breaks_away { BREAKAWAY } else { 0 } | SILENT_BREAKAWAY;
    let stays = |job: &&Weak<Job>| limits(job) & leaves == 0;
    Ok(jobs.iter().filter(stays).cloned().collect())
}

/// Serves `NtCreateJobObject`.
pub(super) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateJobObject,
) -> Outcome {
    let named = cx.attributes(call.ObjectAttributes.address)?;
    if named.is_some_and(|named| !named.name.is_empty()) {
        return Err(Stop::Missing);
    }
    let (_, size) = sizes(cx.word());
    let job = Job {
        limits: RefCell::new(vec![0; size]),
        ..Job::default()
    };
    let job = Object::Job(Rc::new(job));
    kernel.secure_new(cx, call.ObjectAttributes.address, &job)?;
    let places = (call.JobHandle.address, call.ObjectAttributes.address);
    kernel.nt_give(cx, places, job)?;
    Ok(0)
}

/// Serves `NtAssignProcessToJobObject`.
pub(super) fn assign(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAssignProcessToJobObject,
) -> Outcome {
    let job = kernel.job(cx, call.JobHandle)?;
    let process = kernel.process_of(cx, call.ProcessHandle)?;
    if ended(&process.borrow()).is_some() {
        return Err(NtStatus::PROCESS_IS_TERMINATING.into());
    }
    if job.has(&process) {
        return Ok(0);
    }
    if job.running().len() >= MAX_PROCESSES {
        return Err(NtStatus::QUOTA_EXCEEDED.into());
    }
    let pid = process.borrow().pid;
    job.join(&process);
    if let Some(record) = kernel.nt.processes.get_mut(&pid) {
        record.jobs.push(Rc::downgrade(&job));
    }
    Ok(0)
}

/// Serves `NtIsProcessInJob`: in this one, or in any.
pub(super) fn contains(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtIsProcessInJob,
) -> Outcome {
    let process = kernel.process_of(cx, call.ProcessHandle)?;
    let inside = match call.JobHandle {
        0 => {
            let pid = process.borrow().pid;
            let record = kernel.nt.processes.get(&pid);
            record.is_some_and(|record| !record.jobs.is_empty())
        }
        handle => kernel.job(cx, handle)?.has(&process),
    };
    let status = match inside {
        true => NtStatus::PROCESS_IN_JOB,
        false => NtStatus::PROCESS_NOT_IN_JOB,
    };
    Ok(status.0.into())
}

/// Serves `NtTerminateJobObject`.
pub(super) fn terminate(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtTerminateJobObject,
) -> Outcome {
    let job = kernel.job(cx, call.JobHandle)?;
    let status = call.ExitStatus.cast_unsigned();
    if kernel.end_job(&job, status, Some(&cx.task.linux.process)) {
        cx.fate = Some(crate::kernel::Fate::ExitGroup(ExitStatus::Status(status)));
        return Err(Stop::Never);
    }
    Ok(0)
}

/// The last handle of a job is closed.
pub(super) fn closed(kernel: &mut Kernel, job: &Job) {
    if job.limit_flags() & KILL_ON_CLOSE != 0 {
        kernel.end_job(job, 0, None);
    }
}

/// Serves `NtQueryInformationJobObject`. Without a handle the job of the process that asks is meant.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationJobObject,
) -> Outcome {
    let job = match call.JobHandle {
        0 => {
            let jobs = &kernel.nt_process(cx).jobs;
            let job = jobs.last().and_then(std::rc::Weak::upgrade);
            job.ok_or(NtStatus::ACCESS_DENIED)?
        }
        handle => kernel.job(cx, handle)?,
    };
    let word = cx.word();
    let room = call.JobObjectInformationLength as usize;
    let mut status = NtStatus::SUCCESS;
    let bytes = match call.JobObjectInformationClass {
        BASIC_ACCOUNTING | ACCOUNTING => {
            let (user, system) = job.members.borrow().iter().fold((0, 0), |sum, process| {
                let used = process.borrow().used;
                (sum.0 + used.0 / 100, sum.1 + used.1 / 100)
            });
            let mut out = Vec::new();
            for time in [user, system, user, system] {
                out.extend_from_slice(&time.to_le_bytes());
            }
            let running = job.running().len() as u32;
            for count in [0, job.total.get(), running, job.terminated.get()] {
                out.extend_from_slice(&count.to_le_bytes());
            }
            // Transfers are not counted.
            if call.JobObjectInformationClass == ACCOUNTING {
                out.resize(out.len() + 48, 0);
            }
            out
        }
        BASIC_LIMITS => job.limits.borrow()[..sizes(word).0].to_vec(),
        LIMITS => job.limits.borrow().clone(),
        UI_RESTRICTIONS => job.restrictions.get().to_le_bytes().to_vec(),
        PROCESSES => {
            let running = job.running();
            let fits = room.saturating_sub(8) / word as usize;
            let given = running.len().min(fits);
            if given < running.len() {
                status = NtStatus::BUFFER_OVERFLOW;
            }
            let mut out = Vec::new();
            for count in [running.len(), given] {
                out.extend_from_slice(&(count as u32).to_le_bytes());
            }
            for process in &running[..given] {
                let pid = process.borrow().pid;
                let (number, _) = client_id(pid, pid);
                out.extend_from_slice(&number.to_le_bytes()[..word as usize]);
            }
            out
        }
        _ => return Err(Stop::Missing),
    };
    if room < bytes.len() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(call.JobObjectInformation.address, &bytes)?;
    cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
    Ok(status.0.into())
}

/// Serves `NtSetInformationJobObject`.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationJobObject,
) -> Outcome {
    let job = kernel.job(cx, call.JobHandle)?;
    let (basic, whole) = sizes(cx.word());
    let size = match call.JobObjectInformationClass {
        BASIC_LIMITS => basic,
        LIMITS => whole,
        UI_RESTRICTIONS => 4,
        _ => return Err(Stop::Missing),
    };
    if call.JobObjectInformationLength as usize != size {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let mut bytes = vec![0; size];
    cx.mem.read(call.JobObjectInformation.address, &mut bytes)?;
    if call.JobObjectInformationClass == UI_RESTRICTIONS {
        let value = [bytes[0], bytes[1], bytes[2], bytes[3]];
        job.restrictions.set(u32::from_le_bytes(value));
        return Ok(0);
    }
    // Two times, then which limits count.
    let flags = u32::from_le_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]);
    if flags & !KNOWN_LIMITS != 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    job.limits.borrow_mut()[..size].copy_from_slice(&bytes);
    Ok(0)
}
