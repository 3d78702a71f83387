//! Section `system`: the machine, its limits, and what only its administrator may do.

use std::cell::RefCell;
use std::rc::Rc;

use emu_profiles::{Entry, Profile};
use emu_prototypes::linux::{self, Constants, Errno, Outcome, services};
use emu_prototypes::{DataModel, Stop};

use super::process::{Process, Resource, UNLIMITED, find_process};
use crate::kernel::time::SECOND;
use crate::kernel::{Cx, Kernel};

/// What `uname -s` says.
pub(super) const SYSNAME: &str = "Linux";
/// What `uname -n` says.
pub(super) const NODENAME: &str = "emu";
/// What `uname -r` says: the kernel whose tables are served.
pub(super) const RELEASE: &str = "6.1.0";
/// What `uname -v` says.
pub(super) const VERSION: &str = "#1 SMP PREEMPT_DYNAMIC";
/// What `domainname` says.
pub(super) const DOMAINNAME: &str = "(none)";

/// Random bytes are made in pieces of this size.
const CHUNK: usize = 4096;
/// The most that one call gives.   [Linux include/linux/fs.h, MAX_RW_COUNT]
const MAX_COUNT: u64 = 0x7fff_f000;

/// The resource of a number: ABIs count some of them differently.
pub(crate) fn resource(k: &Constants, number: u32) -> Option<Resource> {
    let numbers = [
        (k.RLIMIT_CPU, Resource::Cpu),
        (k.RLIMIT_FSIZE, Resource::Fsize),
        (k.RLIMIT_DATA, Resource::Data),
        (k.RLIMIT_STACK, Resource::Stack),
        (k.RLIMIT_CORE, Resource::Core),
        (k.RLIMIT_RSS, Resource::Rss),
        (k.RLIMIT_NPROC, Resource::Nproc),
        (k.RLIMIT_NOFILE, Resource::Nofile),
        (k.RLIMIT_MEMLOCK, Resource::Memlock),
        (k.RLIMIT_AS, Resource::As),
        (k.RLIMIT_LOCKS, Resource::Locks),
        (k.RLIMIT_SIGPENDING, Resource::Sigpending),
        (k.RLIMIT_MSGQUEUE, Resource::Msgqueue),
        (k.RLIMIT_NICE, Resource::Nice),
        (k.RLIMIT_RTPRIO, Resource::Rtprio),
        (k.RLIMIT_RTTIME, Resource::Rttime),
    ];
    numbers
        .iter()
        .find(|(n, _)| *n == u64::from(number))
        .map(|(_, resource)| *resource)
}

impl Cx<'_> {
    /// Sets a limit as far as it may be set.
    pub(in crate::kernel) fn set_limit(
        &mut self,
        resource: Resource,
        limit: (u64, u64),
    ) -> Result<(), Errno> {
        let process = self.task.linux.process.clone();
        self.set_limit_of(&process, resource, limit)?;
        if resource == Resource::As {
            let soft = limit.0;
            self.mem.set_limit((soft != UNLIMITED).then_some(soft));
        }
        Ok(())
    }

    /// Sets a limit of a process.   [Linux kernel/sys.c, do_prlimit]
    fn set_limit_of(
        &self,
        process: &Rc<RefCell<Process>>,
        resource: Resource,
        (soft, hard): (u64, u64),
    ) -> Result<(), Errno> {
        if soft > hard {
            return Err(Errno::EINVAL);
        }
        if resource == Resource::Nofile && hard > super::files::NR_OPEN {
            return Err(Errno::EPERM);
        }
        let (_, most) = process.borrow().limits.get(resource);
        if hard > most && !self.capable(self.k.CAP_SYS_RESOURCE) {
            return Err(Errno::EPERM);
        }
        process.borrow_mut().limits.set(resource, (soft, hard));
        Ok(())
    }

    /// A limit as `unsigned long`: what does not fit is no limit.
    fn shown_limit(&self, limit: u64) -> u64 {
        limit.min(self.k.RLIM_INFINITY)
    }

    fn taken_limit(&self, shown: u64) -> u64 {
        if shown >= self.k.RLIM_INFINITY {
            UNLIMITED
        } else {
            shown
        }
    }

    /// Whether the caller is the administrator of the machine.
    pub(super) fn administrator(&self, capability: u64) -> Result<(), Stop<Errno>> {
        if self.capable(capability) {
            Err(Stop::Missing)
        } else {
            Err(Errno::EPERM.into())
        }
    }
}

impl Kernel {
    /// The five or six fixed fields of `struct utsname`.
    fn names(&self, cx: &Cx<'_>) -> [&'static str; 6] {
        let personality = u64::from(cx.process().personality);
        let narrow = personality & cx.k.PER_MASK == cx.k.PER_LINUX32;
        let machine = narrow.then(|| narrow_machine(cx.profile)).flatten();
        [
            SYSNAME,
            NODENAME,
            RELEASE,
            VERSION,
            machine.unwrap_or(cx.profile.machine),
            DOMAINNAME,
        ]
    }
}

/// What the machine is called by those who want 32 bits of it: as on the profile whose calls it has a second entry for.
/// [Linux kernel/sys.c, override_architecture; COMPAT_UTS_MACHINE]
fn narrow_machine(profile: &Profile) -> Option<&'static str> {
    let same = |other: &Profile, entry: &Entry| {
        std::ptr::eq(other.entries[0].system.table(), entry.system.table())
    };
    let entries = profile.entries.iter().skip(1);
    let mut narrow = entries.filter(|entry| entry.abi.model == DataModel::Ilp32);
    let entry = narrow.next()?;
    emu_profiles::ALL
        .iter()
        .find(|other| same(other, entry))
        .map(|other| other.machine)
}

impl Kernel {
    /// Whether a task may see and set the limits of another process.   [Linux kernel/sys.c, check_prlimit_permission]
    fn may_limit(&mut self, cx: &mut Cx<'_>, process: &Rc<RefCell<Process>>) -> bool {
        let own = cx.task.linux.credentials.clone();
        let Some(other) = self.credentials_of(cx, process) else {
            return false;
        };
        cx.capable(cx.k.CAP_SYS_RESOURCE)
            || [other.uid, other.euid, other.suid]
                .iter()
                .all(|uid| *uid == own.uid)
                && [other.gid, other.egid, other.sgid]
                    .iter()
                    .all(|gid| *gid == own.gid)
    }
}

impl Cx<'_> {
    /// Writes a `struct rusage`: CPU time in guest code and in calls, in nanoseconds, and the most memory in KiB with
    /// the pages that came by faults.
    pub(super) fn put_usage(
        &mut self,
        address: u64,
        (user, system): (u64, u64),
        (most, faults): (u64, u64),
    ) -> Result<(), Stop<Errno>> {
        let at = self.layouts.rusage;
        let mut image = self.image(at.size);
        image
            .put(at.ru_utime_tv_sec, user / SECOND)
            .put(at.ru_utime_tv_usec, user % SECOND / 1000)
            .put(at.ru_stime_tv_sec, system / SECOND)
            .put(at.ru_stime_tv_usec, system % SECOND / 1000)
            .put(at.ru_maxrss, most)
            .put(at.ru_minflt, faults);
        image.store(self.mem, address)?;
        Ok(())
    }
}

impl Kernel {
    /// A limit on addresses counts at once.
    fn limit_space(
        &self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
        resource: Resource,
        soft: u64,
    ) {
        let first = process.borrow().threads.first().copied();
        let task = first.and_then(|tid| self.tasks.get(tid));
        let (Resource::As, Some(task)) = (resource, task) else {
            return;
        };
        let limit = (soft != UNLIMITED).then_some(soft);
        if Rc::ptr_eq(&task.space, &cx.task.space) {
            cx.mem.set_limit(limit);
        } else if let Ok(mut space) = task.space.try_borrow_mut() {
            space.set_limit(limit);
        }
    }
}

impl services::System<Cx<'_>> for Kernel {
    fn uname(&mut self, cx: &mut Cx<'_>, call: &linux::Uname) -> Outcome {
        let at = cx.layouts.utsname;
        let names = self.names(cx);
        let fields = [
            at.sysname,
            at.nodename,
            at.release,
            at.version,
            at.machine,
            at.domainname,
        ];
        let mut image = cx.image(at.size);
        for (field, name) in fields.into_iter().zip(names) {
            image.put_bytes(field, name.as_bytes());
        }
        image.store(cx.mem, call.name.address)?;
        Ok(0)
    }

    fn olduname(&mut self, cx: &mut Cx<'_>, call: &linux::Olduname) -> Outcome {
        self.old_names(cx, call.name.address)
    }

    fn unused109(&mut self, cx: &mut Cx<'_>, call: &linux::Unused109) -> Outcome {
        self.old_names(cx, call.name.address)
    }

    fn oldolduname(&mut self, cx: &mut Cx<'_>, call: &linux::Oldolduname) -> Outcome {
        self.oldest_names(cx, call.name.address)
    }

    fn unused59(&mut self, cx: &mut Cx<'_>, call: &linux::Unused59) -> Outcome {
        self.oldest_names(cx, call.name.address)
    }

    fn sysinfo(&mut self, cx: &mut Cx<'_>, call: &linux::Sysinfo) -> Outcome {
        let at = cx.layouts.sysinfo;
        let memory = &self.memory;
        let (total, free) = (memory.limit(), memory.available());
        // Values that do not fit are counted in larger units.   [Linux kernel/sys.c, do_sysinfo]
        let unit = match cx.word() {
            4 if total > u64::from(u32::MAX) => emu_cpu::memory::PAGE,
            _ => 1,
        };
        let mut image = cx.image(at.size);
        image
            .put(at.uptime, self.clock.monotonic() / SECOND)
            .put(at.totalram, total / unit)
            .put(at.freeram, free / unit)
            .put(at.procs, 1)
            .put(at.mem_unit, unit);
        image.store(cx.mem, call.info.address)?;
        Ok(0)
    }

    fn getrandom(&mut self, cx: &mut Cx<'_>, call: &linux::Getrandom) -> Outcome {
        let k = cx.k;
        let flags = u64::from(call.flags);
        let both = k.GRND_RANDOM | k.GRND_INSECURE;
        if flags & !(both | k.GRND_NONBLOCK) != 0 || flags & both == both {
            return Err(Errno::EINVAL.into());
        }
        let len = call.len.min(MAX_COUNT);
        let mut bytes = [0; CHUNK];
        let mut done = 0;
        while done < len {
            let part = (len - done).min(CHUNK as u64) as usize;
            self.random.fill(&mut bytes[..part]);
            let at = call.ubuf.address.wrapping_add(done);
            let written = match cx.mem.write_partial(at, &bytes[..part]) {
                Ok(written) => written,
                Err(fault) if done == 0 => return Err(fault.into()),
                Err(_) => break,
            };
            done += written as u64;
            if written < part {
                break;
            }
        }
        Ok(done)
    }

    fn getrlimit(&mut self, cx: &mut Cx<'_>, call: &linux::Getrlimit) -> Outcome {
        let resource = resource(cx.k, call.resource).ok_or(Errno::EINVAL)?;
        let (soft, hard) = cx.process().limits.get(resource);
        let at = cx.layouts.rlimit;
        let mut image = cx.image(at.size);
        image
            .put(at.rlim_cur, cx.shown_limit(soft))
            .put(at.rlim_max, cx.shown_limit(hard));
        image.store(cx.mem, call.rlim.address)?;
        Ok(0)
    }

    fn old_getrlimit(&mut self, cx: &mut Cx<'_>, call: &linux::OldGetrlimit) -> Outcome {
        let resource = resource(cx.k, call.resource).ok_or(Errno::EINVAL)?;
        let (soft, hard) = cx.process().limits.get(resource);
        let at = cx.layouts.rlimit;
        let mut image = cx.image(at.size);
        let most = 0x7fff_ffff;
        image
            .put(at.rlim_cur, soft.min(most))
            .put(at.rlim_max, hard.min(most));
        image.store(cx.mem, call.rlim.address)?;
        Ok(0)
    }

    fn setrlimit(&mut self, cx: &mut Cx<'_>, call: &linux::Setrlimit) -> Outcome {
        let at = cx.layouts.rlimit;
        let image = cx.load(call.rlim.address, at.size)?;
        let resource = resource(cx.k, call.resource).ok_or(Errno::EINVAL)?;
        let soft = cx.taken_limit(image.get(at.rlim_cur));
        let hard = cx.taken_limit(image.get(at.rlim_max));
        cx.set_limit(resource, (soft, hard))?;
        if resource == Resource::Cpu {
            self.linux.watch_cpu_limit(&cx.task.linux.process);
        }
        Ok(0)
    }

    fn prlimit64(&mut self, cx: &mut Cx<'_>, call: &linux::Prlimit64) -> Outcome {
        let resource = resource(cx.k, call.resource).ok_or(Errno::EINVAL)?;
        let at = cx.layouts.rlimit64;
        let new = match call.new_rlim.address {
            0 => None,
            address => {
                let image = cx.load(address, at.size)?;
                Some((image.get(at.rlim_cur), image.get(at.rlim_max)))
            }
        };
        let process = find_process(self, cx, call.pid)?;
        let own = Rc::ptr_eq(&process, &cx.task.linux.process);
        if !own && !self.may_limit(cx, &process) {
            return Err(Errno::EPERM.into());
        }
        let (soft, hard) = process.borrow().limits.get(resource);
        match new {
            Some(new) if own => cx.set_limit(resource, new)?,
            Some(new) => {
                cx.set_limit_of(&process, resource, new)?;
                self.limit_space(cx, &process, resource, new.0);
            }
            None => {}
        }
        if resource == Resource::Cpu {
            self.linux.watch_cpu_limit(&process);
        }
        if call.old_rlim.address != 0 {
            let mut image = cx.image(at.size);
            image.put(at.rlim_cur, soft).put(at.rlim_max, hard);
            image.store(cx.mem, call.old_rlim.address)?;
        }
        Ok(0)
    }

    fn getrusage(&mut self, cx: &mut Cx<'_>, call: &linux::Getrusage) -> Outcome {
        let k = cx.k;
        let who = i64::from(call.who) as u64;
        let own = who == k.RUSAGE_SELF || who == k.RUSAGE_THREAD;
        if !own && who != k.RUSAGE_CHILDREN {
            return Err(Errno::EINVAL.into());
        }
        let used = if who == k.RUSAGE_THREAD {
            self.used_by_thread(cx.task)
        } else if own {
            self.used(cx.task)
        } else {
            cx.process().used_by_children
        };
        let memory = if own {
            (
                self.memory.peak() / 1024,
                cx.mem.resident() / emu_cpu::memory::PAGE,
            )
        } else {
            (0, 0)
        };
        cx.put_usage(call.ru.address, used, memory)?;
        Ok(0)
    }

    fn sethostname(&mut self, cx: &mut Cx<'_>, _call: &linux::Sethostname) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn setdomainname(&mut self, cx: &mut Cx<'_>, _call: &linux::Setdomainname) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    /// `kernel.dmesg_restrict` is on.
    fn syslog(&mut self, cx: &mut Cx<'_>, call: &linux::Syslog) -> Outcome {
        if u64::from(call.r#type as u32) > cx.k.SYSLOG_ACTION_SIZE_BUFFER {
            return Err(Errno::EINVAL.into());
        }
        cx.administrator(cx.k.CAP_SYSLOG)?;
        Ok(0)
    }

    fn reboot(&mut self, cx: &mut Cx<'_>, _call: &linux::Reboot) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_BOOT)?;
        Ok(0)
    }

    fn vhangup(&mut self, cx: &mut Cx<'_>, _call: &linux::Vhangup) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_TTY_CONFIG)?;
        Ok(0)
    }

    fn acct(&mut self, cx: &mut Cx<'_>, _call: &linux::Acct) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_PACCT)?;
        Ok(0)
    }

    fn mount(&mut self, cx: &mut Cx<'_>, _call: &linux::Mount) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn umount(&mut self, cx: &mut Cx<'_>, _call: &linux::Umount) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn umount2(&mut self, cx: &mut Cx<'_>, _call: &linux::Umount2) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn mount_setattr(&mut self, cx: &mut Cx<'_>, _call: &linux::MountSetattr) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn move_mount(&mut self, cx: &mut Cx<'_>, _call: &linux::MoveMount) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn open_tree(&mut self, cx: &mut Cx<'_>, call: &linux::OpenTree) -> Outcome {
        // OPEN_TREE_CLONE; without it the call is a kind of open(2), which nobody serves yet.
        if call.flags & 1 == 0 {
            return Err(Stop::Missing);
        }
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn fsopen(&mut self, cx: &mut Cx<'_>, _call: &linux::Fsopen) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn fspick(&mut self, cx: &mut Cx<'_>, _call: &linux::Fspick) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn fsmount(&mut self, cx: &mut Cx<'_>, _call: &linux::Fsmount) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn pivot_root(&mut self, cx: &mut Cx<'_>, _call: &linux::PivotRoot) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn swapon(&mut self, cx: &mut Cx<'_>, _call: &linux::Swapon) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    fn swapoff(&mut self, cx: &mut Cx<'_>, _call: &linux::Swapoff) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Ok(0)
    }

    // Without CONFIG_QUOTACTL.
    fn quotactl(&mut self, _cx: &mut Cx<'_>, _call: &linux::Quotactl) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn quotactl_fd(&mut self, _cx: &mut Cx<'_>, _call: &linux::QuotactlFd) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn init_module(&mut self, cx: &mut Cx<'_>, _call: &linux::InitModule) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_MODULE)?;
        Ok(0)
    }

    fn finit_module(&mut self, cx: &mut Cx<'_>, _call: &linux::FinitModule) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_MODULE)?;
        Ok(0)
    }

    fn delete_module(&mut self, cx: &mut Cx<'_>, _call: &linux::DeleteModule) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_MODULE)?;
        Ok(0)
    }

    fn kexec_load(&mut self, cx: &mut Cx<'_>, _call: &linux::KexecLoad) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_BOOT)?;
        Ok(0)
    }

    fn kexec_file_load(&mut self, cx: &mut Cx<'_>, _call: &linux::KexecFileLoad) -> Outcome {
        cx.administrator(cx.k.CAP_SYS_BOOT)?;
        Ok(0)
    }

    /// `kernel.unprivileged_bpf_disabled` is on.
    fn bpf(&mut self, cx: &mut Cx<'_>, _call: &linux::Bpf) -> Outcome {
        cx.administrator(cx.k.CAP_BPF)?;
        Ok(0)
    }

    /// `kernel.perf_event_paranoid` is 3, as Debian has it.
    fn perf_event_open(&mut self, _cx: &mut Cx<'_>, _call: &linux::PerfEventOpen) -> Outcome {
        Err(Errno::EACCES.into())
    }

    // Landlock is not among the security modules in use.   [Linux security/landlock/syscalls.c]
    fn landlock_create_ruleset(
        &mut self,
        _cx: &mut Cx<'_>,
        _call: &linux::LandlockCreateRuleset,
    ) -> Outcome {
        Err(Errno::EOPNOTSUPP.into())
    }

    fn landlock_add_rule(&mut self, _cx: &mut Cx<'_>, _call: &linux::LandlockAddRule) -> Outcome {
        Err(Errno::EOPNOTSUPP.into())
    }

    fn landlock_restrict_self(
        &mut self,
        _cx: &mut Cx<'_>,
        _call: &linux::LandlockRestrictSelf,
    ) -> Outcome {
        Err(Errno::EOPNOTSUPP.into())
    }

    // Newer than the kernel that this one is like.
    fn statmount(&mut self, _cx: &mut Cx<'_>, _call: &linux::Statmount) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn listmount(&mut self, _cx: &mut Cx<'_>, _call: &linux::Listmount) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn lsm_get_self_attr(&mut self, _cx: &mut Cx<'_>, _call: &linux::LsmGetSelfAttr) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn lsm_set_self_attr(&mut self, _cx: &mut Cx<'_>, _call: &linux::LsmSetSelfAttr) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn lsm_list_modules(&mut self, _cx: &mut Cx<'_>, _call: &linux::LsmListModules) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    // Without CONFIG_SYSFS_SYSCALL.
    fn sysfs(&mut self, _cx: &mut Cx<'_>, _call: &linux::Sysfs) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    /// What it would configure comes from `fsopen` and `fspick`, which are for administrators.
    fn fsconfig(&mut self, cx: &mut Cx<'_>, call: &linux::Fsconfig) -> Outcome {
        if call.fd < 0 {
            return Err(Errno::EINVAL.into());
        }
        cx.file(call.fd)?;
        Err(Errno::EINVAL.into())
    }

    fn seccomp(&mut self, cx: &mut Cx<'_>, call: &linux::Seccomp) -> Outcome {
        super::seccomp::call(self, cx, call.op, call.flags, call.uargs.address)
    }
}

impl Kernel {
    fn old_names(&self, cx: &mut Cx<'_>, address: u64) -> Outcome {
        let at = cx.layouts.old_utsname;
        let fields = [at.sysname, at.nodename, at.release, at.version, at.machine];
        self.put_names(cx, address, at.size, &fields, 64)
    }

    fn oldest_names(&self, cx: &mut Cx<'_>, address: u64) -> Outcome {
        let at = cx.layouts.oldold_utsname;
        let fields = [at.sysname, at.nodename, at.release, at.version, at.machine];
        self.put_names(cx, address, at.size, &fields, 8)
    }

    fn put_names(
        &self,
        cx: &mut Cx<'_>,
        address: u64,
        size: u32,
        fields: &[emu_prototypes::Field],
        longest: usize,
    ) -> Outcome {
        if address == 0 {
            return Err(Errno::EFAULT.into());
        }
        let mut image = cx.image(size);
        for (field, name) in fields.iter().zip(self.names(cx)) {
            image.put_bytes(*field, &name.as_bytes()[..name.len().min(longest)]);
        }
        image.store(cx.mem, address)?;
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use emu_cpu::GuestMemory;

    use super::super::trial::{SCRATCH, Trial};
    use super::*;

    #[test]
    fn the_names_of_the_system_do_not_come_from_the_host() {
        for mut t in Trial::all() {
            t.ok("uname", &[SCRATCH]);
            let at = t.layouts().utsname;
            let mut name = |field: emu_prototypes::Field| {
                t.space
                    .read_cstr(SCRATCH + u64::from(field.offset), 65)
                    .expect("scratch")
            };
            assert_eq!(name(at.sysname), b"Linux");
            assert_eq!(name(at.nodename), b"emu");
            assert_eq!(name(at.machine), t.task.profile.machine.as_bytes());
            assert_eq!(t.err("uname", &[8]), Errno::EFAULT);
        }
    }

    #[test]
    fn who_wants_32_bits_is_told_of_a_machine_that_has_them() {
        let mut t = Trial::new("linux_x64");
        t.ok("personality", &[t.k().PER_LINUX32]);
        t.ok("uname", &[SCRATCH]);
        let machine = SCRATCH + u64::from(t.layouts().utsname.machine.offset);
        assert_eq!(t.space.read_cstr(machine, 65), Ok(b"i686".to_vec()));
    }

    #[test]
    fn limits_are_the_same_in_every_form() {
        for mut t in Trial::all() {
            let k = t.k();
            t.ok("prlimit64", &[0, k.RLIMIT_STACK, 0, SCRATCH]);
            assert_eq!(t.space.read_u64(SCRATCH), Ok(8 << 20), "{}", t.name());
            assert_eq!(t.space.read_u64(SCRATCH + 8), Ok(u64::MAX));
            let at = t.layouts().rlimit;
            let get = if t.has("ugetrlimit") {
                "ugetrlimit"
            } else {
                "getrlimit"
            };
            t.ok(get, &[k.RLIMIT_STACK, SCRATCH]);
            let image = crate::kernel::layout::Image::load(&mut t.space, SCRATCH, at.size);
            let image = image.expect("scratch");
            assert_eq!(image.get(at.rlim_cur), 8 << 20);
            assert_eq!(image.get(at.rlim_max), k.RLIM_INFINITY, "{}", t.name());
            assert_eq!(t.err(get, &[99, SCRATCH]), Errno::EINVAL);
        }
    }

    #[test]
    fn a_hard_limit_only_goes_down() {
        for mut t in Trial::all() {
            let k = t.k();
            let set = |t: &mut Trial, soft: u64, hard: u64| {
                t.space.write_u64(SCRATCH, soft).expect("scratch");
                t.space.write_u64(SCRATCH + 8, hard).expect("scratch");
                t.call("prlimit64", &[0, k.RLIMIT_NOFILE, SCRATCH, 0])
            };
            use super::super::trial::Came;
            assert_eq!(set(&mut t, 10, 20), Came::Ok(0));
            assert_eq!(set(&mut t, 21, 20), Came::Err(Errno::EINVAL));
            assert_eq!(set(&mut t, 10, 21), Came::Err(Errno::EPERM));
            assert_eq!(set(&mut t, 20, 20), Came::Ok(0));
        }
    }

    #[test]
    fn random_bytes_follow_the_seed_and_stop_where_memory_does() {
        for mut t in Trial::all() {
            assert_eq!(t.ok("getrandom", &[SCRATCH, 16, 0]), 16);
            let mut first = [0; 16];
            t.space.read(SCRATCH, &mut first).expect("scratch");
            let mut expected = [0; 16];
            crate::kernel::random::Random::new(0).fill(&mut expected);
            assert_eq!(first, expected);
            let end = SCRATCH + 4 * 4096;
            assert_eq!(t.ok("getrandom", &[end - 10, u32::MAX.into(), 0]), 10);
            assert_eq!(t.err("getrandom", &[end, 1, 0]), Errno::EFAULT);
            assert_eq!(t.err("getrandom", &[SCRATCH, 1, 0x80]), Errno::EINVAL);
        }
    }

    #[test]
    fn only_the_administrator_of_the_machine_may_change_it() {
        for mut t in Trial::all() {
            let names = [
                "mount",
                "umount2",
                "reboot",
                "sethostname",
                "swapon",
                "init_module",
                "bpf",
            ];
            for name in names {
                assert_eq!(t.err(name, &[]), Errno::EPERM, "{name}");
            }
        }
    }
}
