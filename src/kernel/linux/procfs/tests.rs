//! What a program can read below `/proc`.

use std::collections::BTreeSet;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::Errno;

use super::*;
use crate::kernel::linux::trial::{SCRATCH, Trial};

/// Where names are, and what is read.
const NAME: u64 = SCRATCH;
const TEXT: u64 = SCRATCH + 4096;
const SIZE: u64 = 4096;

impl Trial {
    fn at_fdcwd(&self) -> u64 {
        self.k().AT_FDCWD
    }

    fn name_it(&mut self, path: &str) {
        let path = format!("{path}\0");
        self.space.write(NAME, path.as_bytes()).expect("scratch");
    }

    fn open_proc(&mut self, path: &str) -> Result<u64, Errno> {
        self.name_it(path);
        let dir = self.at_fdcwd();
        match self.call("openat", &[dir, NAME, 0, 0]) {
            crate::kernel::linux::trial::Came::Ok(fd) => Ok(fd),
            crate::kernel::linux::trial::Came::Err(errno) => Err(errno),
            other => panic!("{path}: {other:?}"),
        }
    }

    fn read_proc(&mut self, path: &str) -> Result<String, Errno> {
        let fd = self.open_proc(path)?;
        let mut text = Vec::new();
        loop {
            let count = self.ok("read", &[fd, TEXT, SIZE]);
            if count == 0 {
                break;
            }
            let mut part = vec![0; count as usize];
            self.space.read(TEXT, &mut part).expect("scratch");
            text.extend(part);
        }
        self.ok("close", &[fd]);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn link_of(&mut self, path: &str) -> Result<String, Errno> {
        self.name_it(path);
        let dir = self.at_fdcwd();
        match self.call("readlinkat", &[dir, NAME, TEXT, SIZE]) {
            crate::kernel::linux::trial::Came::Ok(count) => {
                let mut text = vec![0; count as usize];
                self.space.read(TEXT, &mut text).expect("scratch");
                Ok(String::from_utf8_lossy(&text).into_owned())
            }
            crate::kernel::linux::trial::Came::Err(errno) => Err(errno),
            other => panic!("{path}: {other:?}"),
        }
    }

    fn names(&mut self, path: &str) -> BTreeSet<String> {
        let fd = self.open_proc(path).expect("a directory");
        let mut names = BTreeSet::new();
        loop {
            let count = self.ok("getdents64", &[fd, TEXT, SIZE]);
            if count == 0 {
                break;
            }
            let mut at = 0;
            let layout = &self.layouts().dirent64;
            while at < count {
                let name = TEXT + at + u64::from(layout.d_name.offset);
                let name = self.space.read_cstr(name, 256).expect("a name");
                names.insert(String::from_utf8_lossy(&name).into_owned());
                let size = TEXT + at + u64::from(layout.d_reclen.offset);
                at += u64::from(self.space.read_u16(size).expect("a size"));
            }
        }
        self.ok("close", &[fd]);
        names
    }

    fn fork(&mut self) -> u64 {
        let signal = self.k().SIGCHLD;
        self.ok("clone", &[signal, 0, 0, 0, 0])
    }
}

#[test]
fn keys_and_places_are_the_same_thing() {
    let one = Whose {
        pid: 32_767,
        thread: None,
    };
    let other = Whose {
        pid: 1,
        thread: Some(32_767),
    };
    let mut inodes = BTreeSet::new();
    for place in [
        Place::Top,
        Place::Machine(FIRST),
        Place::SystemTop,
        Place::System(FIRST),
        Place::Machine(FIRST + TABLE + 3),
        Place::Of(one),
        Place::Of(other),
        Place::Name(one, FIRST),
        Place::Name(other, FIRST),
        Place::Descriptor(one, 0),
        Place::Descriptor(other, (1 << 20) - 1),
        Place::DescriptorInfo(one, 0),
    ] {
        assert_eq!(Place::of(place.key()), place);
        assert!(inodes.insert(place.key().inode()), "{place:?}");
        assert!(place.key().inode() <= u64::from(u32::MAX));
    }
}

#[test]
fn names_stand_once_and_in_directories_that_are_there() {
    fn check<W>(tables: &'static [&'static [Name<W>]], is_directory: fn(&W) -> bool) {
        let mut seen = BTreeSet::new();
        for (number, name) in numbered(tables) {
            assert!(seen.insert(name.path), "{} is there twice", name.path);
            assert_eq!(
                known(tables, number).map(|known| known.path),
                Some(name.path)
            );
            if let Some((directory, _)) = name.path.rsplit_once('/') {
                let parent = numbered(tables).find(|(_, known)| known.path == directory);
                assert!(
                    parent.is_some_and(|(_, known)| is_directory(&known.what)),
                    "{} is in no directory",
                    name.path
                );
            }
        }
    }
    check(MACHINE, |what| matches!(what, Machine::Directory));
    check(SYSTEM, |what| matches!(what, Machine::Directory));
    check(PROCESS, |what| matches!(what, Own::Directory));
}

#[test]
fn everything_can_be_read_by_its_owner() {
    for mut t in Trial::all() {
        t.fork();
        for pid in ["self", "thread-self", "1001"] {
            for (_, name) in numbered(PROCESS) {
                let path = format!("/proc/{pid}/{}", name.path);
                match name.what {
                    Own::File(_) if name.path == "children" && pid != "thread-self" => {
                        assert_eq!(t.open_proc(&path), Err(Errno::ENOENT), "{path}");
                    }
                    Own::File(_)
                        if pid == "thread-self"
                            && ["timerslack_ns", "coredump_filter", "mountstats"]
                                .contains(&name.path) =>
                    {
                        assert_eq!(t.open_proc(&path), Err(Errno::ENOENT), "{path}");
                    }
                    Own::File(_) if name.path == "stack" => {
                        assert_eq!(t.read_proc(&path), Err(Errno::EPERM), "{path}");
                    }
                    Own::File(_) => {
                        t.read_proc(&path).expect(&path);
                    }
                    Own::Refused => assert_eq!(t.read_proc(&path), Err(Errno::EPERM), "{path}"),
                    _ => {}
                }
            }
        }
        for (_, name) in numbered(MACHINE) {
            let path = format!("/proc/{}", name.path);
            match name.what {
                Machine::File(_) => {
                    t.read_proc(&path).expect(&path);
                }
                Machine::Refused => assert_eq!(t.read_proc(&path), Err(Errno::EPERM), "{path}"),
                Machine::Directory | Machine::Link(_) => {}
            }
        }
    }
}

#[test]
fn the_machine_of_sys_has_one_cpu_and_one_interface() {
    for mut t in Trial::all() {
        let online = t.read_proc("/sys/devices/system/cpu/online");
        assert_eq!(online.as_deref(), Ok("0\n"));
        assert!(t.names("/sys/devices/system/cpu").contains("cpu0"));
        assert!(t.names("/sys/class/net").contains("lo"));
        assert_eq!(t.names("/sys/fs/cgroup").len(), 2);
    }
}

#[test]
fn another_process_is_seen_from_its_start_to_its_end() {
    for mut t in Trial::all() {
        t.task.linux.name = b"parent".to_vec();
        let child = t.fork();
        assert_eq!(child, 1001);
        let top = t.names("/proc");
        for name in ["self", "1000", "1001", "cpuinfo", "sys", "net"] {
            assert!(top.contains(name), "{name}");
        }
        let stat = t.read_proc("/proc/1001/stat").expect("it is there");
        assert!(
            stat.starts_with("1001 (parent) R 1000 1000 1000 0 -1 "),
            "{stat}"
        );
        assert_eq!(stat.split(' ').count(), 52);
        let status = t.read_proc("/proc/1001/status").expect("it is there");
        assert!(
            status.starts_with("Name:\tparent\nUmask:\t0022\nState:\tR (running)\nTgid:\t1001\n")
        );
        assert!(status.contains("\nPPid:\t1000\n"), "{status}");
        assert!(t.names("/proc/1001/task").contains("1001"));
        let fds: BTreeSet<_> = [".", "..", "0", "1", "2"].map(String::from).into();
        assert_eq!(t.names("/proc/1001/fd"), fds);
        assert_eq!(t.link_of("/proc/1001/cwd").as_deref(), Ok("/"));
        assert_eq!(
            t.read_proc("/proc/thread-self/children").as_deref(),
            Ok("1001 ")
        );

        let opened = t.open_proc("/proc/1001/stat").expect("it is there");
        let directory = t.open_proc("/proc/1001").expect("it is there");
        // It ends, and nobody has asked about it yet.
        let mut task = t.kernel.tasks.take(1001).expect("it is there");
        let status = crate::event::ExitStatus::Exited(3);
        t.kernel.end_task(&mut task, status);
        drop(task);
        let stat = t.read_proc("/proc/1001/stat").expect("it is a zombie");
        assert!(
            stat.starts_with("1001 (parent) Z 1000 1000 1000 0 -1 "),
            "{stat}"
        );
        assert!(stat.ends_with(" 768\n"), "{stat}");
        let status = t.read_proc("/proc/1001/status").expect("it is a zombie");
        assert!(status.contains("\nState:\tZ (zombie)\n") && !status.contains("Vm"));
        assert_eq!(t.read_proc("/proc/1001/maps").as_deref(), Ok(""));
        assert_eq!(t.link_of("/proc/1001/exe"), Err(Errno::ENOENT));
        assert!(!t.names("/proc/1001/fd").contains("0"));

        assert_eq!(t.ok("wait4", &[u64::MAX, 0, 0, 0]), 1001);
        assert_eq!(t.read_proc("/proc/1001/stat"), Err(Errno::ENOENT));
        assert_eq!(t.err("read", &[opened, TEXT, SIZE]), Errno::ESRCH);
        t.name_it("stat");
        assert_eq!(t.err("openat", &[directory, NAME, 0, 0]), Errno::ESRCH);
        assert_eq!(t.err("getdents64", &[directory, TEXT, SIZE]), Errno::ENOENT);
        assert!(!t.names("/proc").contains("1001"));
    }
}

#[test]
fn memory_is_read_and_written_by_its_address() {
    for mut t in Trial::all() {
        // A call finds the task's memory where the task says it is.
        t.fork();
        let both = t.k().O_RDWR;
        t.name_it("/proc/self/mem");
        let dir = t.at_fdcwd();
        let own = t.ok("openat", &[dir, NAME, both, 0]);
        t.name_it("/proc/1001/mem");
        let other = t.ok("openat", &[dir, NAME, both, 0]);
        let place = SCRATCH + 3 * 4096;
        t.space.write(place, b"ours").expect("scratch");
        for (fd, found) in [(own, b"ours"), (other, b"\0\0\0\0")] {
            t.name_it("");
            t.ok("lseek", &[fd, place, 0]);
            assert_eq!(t.ok("read", &[fd, TEXT, 4]), 4, "{}", t.name());
            let mut text = [0; 4];
            t.space.read(TEXT, &mut text).expect("scratch");
            assert_eq!(&text, found);
            t.space.write(TEXT, b"new!").expect("scratch");
            t.ok("lseek", &[fd, place, 0]);
            assert_eq!(t.ok("write", &[fd, TEXT, 4]), 4);
        }
        let mut text = [0; 4];
        t.space.read(place, &mut text).expect("scratch");
        assert_eq!(&text, b"new!");
        t.ok("lseek", &[other, 0, 0]);
        assert_eq!(t.err("read", &[other, TEXT, 4]), Errno::EIO);
    }
}

#[test]
fn some_things_can_be_told() {
    for mut t in Trial::all() {
        let mut write = |path: &str, text: &[u8]| {
            t.name_it(path);
            let dir = t.at_fdcwd();
            let flags = t.k().O_WRONLY;
            let fd = match t.call("openat", &[dir, NAME, flags, 0]) {
                crate::kernel::linux::trial::Came::Ok(fd) => fd,
                crate::kernel::linux::trial::Came::Err(errno) => return Err(errno),
                other => panic!("{other:?}"),
            };
            t.space.write(TEXT, text).expect("scratch");
            let came = t.call("write", &[fd, TEXT, text.len() as u64]);
            match came {
                crate::kernel::linux::trial::Came::Ok(count) => Ok(count),
                crate::kernel::linux::trial::Came::Err(errno) => Err(errno),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(
            write("/proc/self/comm", b"a very long name indeed\n"),
            Ok(24)
        );
        assert_eq!(write("/proc/self/oom_score_adj", b"7\n"), Ok(2));
        assert_eq!(
            write("/proc/self/oom_score_adj", b"1001"),
            Err(Errno::EINVAL)
        );
        assert_eq!(write("/proc/self/oom_score_adj", b"6"), Err(Errno::EACCES));
        assert_eq!(write("/proc/self/oom_adj", b"15"), Ok(2));
        assert_eq!(write("/proc/self/coredump_filter", b"0x7f"), Ok(4));
        assert_eq!(write("/proc/self/timerslack_ns", b"1234"), Ok(4));
        assert_eq!(write("/proc/self/uid_map", b"0 0 1"), Err(Errno::EPERM));
        assert_eq!(write("/proc/self/stat", b"x"), Err(Errno::EACCES));
        for (path, text) in [
            ("comm", "a very long nam\n"),
            ("oom_score_adj", "1000\n"),
            ("coredump_filter", "0000007f\n"),
            ("timerslack_ns", "1234\n"),
        ] {
            let path = format!("/proc/self/{path}");
            assert_eq!(t.read_proc(&path).as_deref(), Ok(text));
        }
    }
}

#[test]
fn the_cpu_is_the_one_that_runs_the_guest() {
    for (profile, part) in [
        ("linux_x64", "model name\t: Westmere"),
        ("linux_x86", "fdiv_bug\t: no"),
        ("linux_arm", "CPU part\t: 0xc0f"),
        ("linux_arm64", "CPU part\t: 0xd08"),
        ("linux_mips", "cpu model\t\t: MIPS 24Kc"),
        ("linux_mipsel", "isa\t\t\t: mips1 mips2 mips32r1 mips32r2"),
    ] {
        let text = Trial::new(profile).read_proc("/proc/cpuinfo");
        let text = text.expect("it is there");
        assert!(text.contains(part), "{profile}: {text}");
        assert_eq!(text.matches("processor\t").count(), 1);
    }
}
