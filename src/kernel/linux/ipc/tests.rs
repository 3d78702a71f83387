//! Segments, sets and queues, as a task alone sees them.

use emu_cpu::memory::PAGE;
use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::DataModel;
use emu_prototypes::linux::Errno;

use crate::kernel::layout::Image;
use crate::kernel::linux::trial::{Came, SCRATCH, Trial};
use crate::kernel::wait::Wait;

/// Where structures are kept.
const AT: u64 = SCRATCH + PAGE;
/// A key.
const KEY: u64 = 0x1234;

impl Trial {
    /// Makes an IPC call by its own name, or through `ipc` where there is no other.
    fn ipc(&mut self, name: &str, args: &[u64]) -> Came {
        if self.has(name) {
            return self.call(name, args);
        }
        let k = self.k();
        match name {
            "semop" => self.call("ipc", &[k.SEMOP, args[0], args[2], 0, args[1], 0]),
            _ => panic!("{} has no {name}", self.name()),
        }
    }

    fn flagged(&self, command: u64) -> u64 {
        // ARM's numbers are those of old, and those of 64-bit MIPS.
        match self.name() {
            name if name == "linux_arm" || name.starts_with("linux_mips64") => {
                command | self.k().IPC_64
            }
            _ => command,
        }
    }

    fn image(&mut self, size: u32) -> Image {
        Image::load(&mut self.space, AT, size).expect("scratch")
    }

    /// Puts operations into memory: semaphore, change, flags.
    fn operations(&mut self, all: &[(u16, i16, u64)]) {
        let at = self.layouts().sembuf;
        for (index, (which, change, flags)) in all.iter().enumerate() {
            let mut one = Image::new(at.size, self.space.endian());
            one.put(at.sem_num, u64::from(*which))
                .put(at.sem_op, *change as u64)
                .put(at.sem_flg, *flags);
            let address = AT + index as u64 * u64::from(at.size);
            one.store(&mut self.space, address).expect("scratch");
        }
    }

    fn operate(&mut self, id: u64, all: &[(u16, i16, u64)]) -> Came {
        self.operations(all);
        self.ipc("semop", &[id, AT, all.len() as u64])
    }

    fn value(&mut self, id: u64, which: u64) -> u64 {
        let command = self.k().GETVAL;
        self.ok("semctl", &[id, which, command, 0])
    }

    fn send(&mut self, queue: u64, kind: u64, text: &[u8], flags: u64) -> Came {
        let at = self.layouts().msgbuf;
        let mut head = Image::new(u32::from(at.mtext.offset), self.space.endian());
        head.put(at.mtype, kind);
        head.store(&mut self.space, AT).expect("scratch");
        let to = AT + u64::from(at.mtext.offset);
        self.space.write(to, text).expect("scratch");
        self.call("msgsnd", &[queue, AT, text.len() as u64, flags])
    }

    fn receive(&mut self, queue: u64, size: u64, kind: i64, flags: u64) -> Result<String, Errno> {
        let at = self.layouts().msgbuf;
        match self.call("msgrcv", &[queue, AT, size, kind as u64, flags]) {
            Came::Ok(len) => {
                let mut text = vec![0; len as usize];
                let from = AT + u64::from(at.mtext.offset);
                self.space.read(from, &mut text).expect("scratch");
                Ok(String::from_utf8(text).expect("text"))
            }
            Came::Err(errno) => Err(errno),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_segment_is_found_by_its_key_and_lives_until_nobody_has_it() {
    for mut t in Trial::all() {
        let k = t.k();
        let id = t.ok("shmget", &[KEY, 5000, k.IPC_CREAT | 0o600]);
        assert_eq!(t.ok("shmget", &[KEY, 100, 0]), id, "{}", t.name());
        assert_eq!(t.err("shmget", &[KEY, 6000, 0]), Errno::EINVAL);
        let exclusive = k.IPC_CREAT | k.IPC_EXCL;
        assert_eq!(t.err("shmget", &[KEY, 1, exclusive]), Errno::EEXIST);
        let a = t.ok("shmat", &[id, 0, 0]);
        let b = t.ok("shmat", &[id, 0, k.SHM_RDONLY]);
        t.space.write_u32(a + 4, 77).expect("it is writable");
        assert_eq!(t.space.read_u32(b + 4), Ok(77));
        assert!(t.space.write_u32(b, 1).is_err(), "read-only");
        assert_eq!(t.err("mprotect", &[b, PAGE, 3]), Errno::EACCES);
        let stat = t.flagged(k.IPC_STAT);
        t.ok("shmctl", &[id, stat, AT]);
        let at = t.layouts().shmid64_ds;
        let image = t.image(at.size);
        assert_eq!(image.get(at.shm_segsz), 5000);
        assert_eq!(image.get(at.shm_nattch), 2);
        assert_eq!(image.get(at.shm_perm_mode), 0o600);
        assert_eq!(image.get(at.shm_cpid), 1000);
        let remove = t.flagged(k.IPC_RMID);
        t.ok("shmctl", &[id, remove, 0]);
        assert_eq!(t.err("shmget", &[KEY, 1, 0]), Errno::ENOENT);
        assert_eq!(t.space.read_u32(a + 4), Ok(77), "it is still attached");
        t.ok("shmctl", &[id, stat, AT]);
        assert_eq!(t.image(at.size).get(at.shm_perm_mode), 0o600 | k.SHM_DEST);
        t.ok("shmdt", &[a]);
        t.ok("shmdt", &[b]);
        assert_eq!(t.err("shmdt", &[b]), Errno::EINVAL);
        assert_eq!(t.err("shmctl", &[id, stat, AT]), Errno::EINVAL);
        assert!(t.space.read_u32(a).is_err());
    }
}

#[test]
fn a_place_for_a_segment_has_to_suit() {
    for mut t in Trial::all() {
        let k = t.k();
        let id = t.ok("shmget", &[0, PAGE, k.IPC_CREAT | 0o600]);
        let place = 0x4000_0000;
        assert_eq!(t.err("shmat", &[id, place + 1, 0]), Errno::EINVAL);
        let below = t.ok("shmat", &[id, place + 0x123, k.SHM_RND]);
        assert_eq!(below, place, "{}", t.name());
        assert_eq!(t.err("shmat", &[id, place, 0]), Errno::EINVAL, "taken");
        assert_eq!(t.ok("shmat", &[id, place, k.SHM_REMAP]), place);
        assert_eq!(t.err("shmat", &[id, 0, k.SHM_REMAP]), Errno::EINVAL);
        assert_eq!(t.err("shmat", &[id + 1, 0, 0]), Errno::EINVAL);
        assert_eq!(t.err("shmget", &[0, 0, k.IPC_CREAT]), Errno::EINVAL);
        assert_eq!(t.err("shmget", &[0, 1 << 31, 0]), Errno::ENOMEM);
    }
}

#[test]
fn operations_are_done_together_or_not_at_all() {
    for mut t in Trial::all() {
        let k = t.k();
        let id = t.ok("semget", &[KEY, 3, k.IPC_CREAT | 0o600]);
        assert_eq!(
            t.operate(id, &[(0, 2, 0), (1, 1, 0)]),
            Came::Ok(0),
            "{}",
            t.name()
        );
        let nowait = k.IPC_NOWAIT;
        let tried = t.operate(id, &[(0, -1, nowait), (1, -2, nowait)]);
        assert_eq!(tried, Came::Err(Errno::EAGAIN));
        assert_eq!((t.value(id, 0), t.value(id, 1)), (2, 1));
        // The same one twice: the second sees what the first did.
        assert_eq!(t.operate(id, &[(0, -2, 0), (0, 0, nowait)]), Came::Ok(0));
        assert_eq!(t.value(id, 0), 0);
        assert_eq!(t.operate(id, &[(3, 1, 0)]), Came::Err(Errno::EFBIG));
        assert_eq!(t.operate(id, &[(2, 32_767, 0)]), Came::Ok(0));
        assert_eq!(t.operate(id, &[(2, 1, 0)]), Came::Err(Errno::ERANGE));
        assert_eq!(t.operate(id, &[(0, -1, 0)]), Came::Waits(Wait::Ipc));
        let waiting = t.ok("semctl", &[id, 0, k.GETNCNT, 0]);
        assert_eq!(waiting, 1);
        // The `int` of `union semun` is in the upper half where that comes first.
        let high = t.abi().model == DataModel::Lp64 && t.space.endian() == Endian::Big;
        let int = |value: u64| if high { value << 32 } else { value };
        let too_high = t.err("semctl", &[id, 0, k.SETVAL, int(40_000)]);
        assert_eq!(too_high, Errno::ERANGE);
        t.ok("semctl", &[id, 0, k.SETVAL, int(1)]);
        assert_eq!(
            t.value(id, 0),
            0,
            "the one who sets it does what another waits for"
        );
        assert_eq!(t.ok("semctl", &[id, 0, k.GETNCNT, 0]), 0);
        assert_eq!(t.ok("semctl", &[id, 0, k.GETPID, 0]), 1000);
        let many = t.ipc("semop", &[id, AT, 501]);
        assert_eq!(many, Came::Err(Errno::E2BIG));
    }
}

#[test]
fn all_values_of_a_set_at_once() {
    for mut t in Trial::all() {
        let k = t.k();
        let id = t.ok("semget", &[0, 3, 0o600]);
        for (at, value) in [7u16, 8, 9].into_iter().enumerate() {
            let bytes = match t.space.endian() {
                Endian::Little => value.to_le_bytes(),
                Endian::Big => value.to_be_bytes(),
            };
            t.space.write(AT + 2 * at as u64, &bytes).expect("scratch");
        }
        t.ok("semctl", &[id, 0, k.SETALL, AT]);
        assert_eq!((t.value(id, 0), t.value(id, 2)), (7, 9), "{}", t.name());
        t.ok("semctl", &[id, 0, k.GETALL, AT + 100]);
        assert_eq!(t.space.read_u16(AT + 102), Ok(8));
        let stat = t.flagged(k.IPC_STAT);
        t.ok("semctl", &[id, 0, stat, AT]);
        let at = t.layouts().semid64_ds;
        assert_eq!(t.image(at.size).get(at.sem_nsems), 3);
        let remove = t.flagged(k.IPC_RMID);
        t.ok("semctl", &[id, 0, remove, 0]);
        assert_eq!(t.err("semctl", &[id, 0, k.GETVAL, 0]), Errno::EINVAL);
    }
}

#[test]
fn messages_are_chosen_by_their_type() {
    for mut t in Trial::all() {
        let k = t.k();
        let nowait = k.IPC_NOWAIT;
        let id = t.ok("msgget", &[KEY, k.IPC_CREAT | 0o600]);
        for (kind, text) in [(3, "three"), (2, "two"), (3, "again"), (9, "nine")] {
            assert_eq!(
                t.send(id, kind, text.as_bytes(), 0),
                Came::Ok(0),
                "{}",
                t.name()
            );
        }
        let text = |text: &str| Ok(text.to_owned());
        assert_eq!(t.receive(id, 3, 3, nowait), Err(Errno::E2BIG));
        assert_eq!(t.receive(id, 99, 1, nowait | k.MSG_COPY), text("two"));
        assert_eq!(t.receive(id, 99, 0, k.MSG_COPY), Err(Errno::EINVAL));
        assert_eq!(t.receive(id, 99, 3, nowait | k.MSG_EXCEPT), text("two"));
        assert_eq!(t.receive(id, 99, -5, nowait), text("three"));
        assert_eq!(t.receive(id, 2, 9, nowait | k.MSG_NOERROR), text("ni"));
        assert_eq!(t.receive(id, 99, -2, nowait), Err(Errno::ENOMSG));
        assert_eq!(t.receive(id, 99, 0, nowait), text("again"));
        assert_eq!(t.send(id, 0, b"", 0), Came::Err(Errno::EINVAL));
        assert_eq!(t.receive(id + 1, 9, 0, nowait), Err(Errno::EINVAL));
        for _ in 0..16 {
            assert_eq!(t.send(id, 1, &[b'x'; 1024], nowait), Came::Ok(0));
        }
        assert_eq!(t.send(id, 1, b"x", nowait), Came::Err(Errno::EAGAIN));
        let stat = t.flagged(k.IPC_STAT);
        t.ok("msgctl", &[id, stat, AT]);
        let at = t.layouts().msqid64_ds;
        let image = t.image(at.size);
        assert_eq!(image.get(at.msg_qnum), 16);
        assert_eq!(image.get(at.msg_cbytes), 16_384);
        assert_eq!(image.get(at.msg_qbytes), 16_384);
        let remove = t.flagged(k.IPC_RMID);
        t.ok("msgctl", &[id, remove, 0]);
    }
}

#[test]
fn what_is_stored_is_charged_and_given_back() {
    for mut t in Trial::all() {
        let k = t.k();
        let before = t.kernel.vfs.space().used();
        let queue = t.ok("msgget", &[0, 0o600]);
        t.send(queue, 1, &[0; 1000], 0);
        let set = t.ok("semget", &[0, 1000, 0o600]);
        assert!(t.kernel.vfs.space().used() >= before + 9000, "{}", t.name());
        let remove = t.flagged(k.IPC_RMID);
        t.ok("msgctl", &[queue, remove, 0]);
        t.ok("semctl", &[set, 0, remove, 0]);
        assert_eq!(t.kernel.vfs.space().used(), before);
    }
}

#[test]
fn one_call_stands_for_all_where_there_is_one() {
    for mut t in Trial::all().filter(|t| t.has("ipc")) {
        let k = t.k();
        let id = t.ok("ipc", &[k.SHMGET, KEY, PAGE, k.IPC_CREAT | 0o600, 0, 0]);
        t.ok("ipc", &[k.SHMAT, id, 0, AT, 0, 0]);
        let address = u64::from(t.space.read_u32(AT).expect("scratch"));
        t.space.write_u32(address, 5).expect("it is attached");
        let stat = k.IPC_STAT;
        t.ok("ipc", &[k.SHMCTL, id, stat | k.IPC_64, 0, AT, 0]);
        let at = t.layouts().shmid64_ds;
        assert_eq!(t.image(at.size).get(at.shm_nattch), 1, "{}", t.name());
        t.ok("ipc", &[k.SHMCTL, id, stat, 0, AT, 0]);
        let at = t.layouts().old_shmid_ds;
        assert_eq!(
            t.image(at.size).get(at.shm_nattch),
            1,
            "the structure of old"
        );
        t.ok("ipc", &[k.SHMDT, 0, 0, 0, address, 0]);
        let queue = t.ok("ipc", &[k.MSGGET, 0, 0o600, 0, 0, 0]);
        let kind = t.layouts().msgbuf.mtext.offset;
        let mut head = Image::new(u32::from(kind), t.space.endian());
        head.put(t.layouts().msgbuf.mtype, 4);
        head.store(&mut t.space, AT).expect("scratch");
        t.ok("ipc", &[k.MSGSND, queue, 3, 0, AT, 0]);
        t.ok("ipc", &[1 << 16 | k.MSGRCV, queue, 3, 0, AT, 4]);
        let set = t.ok("ipc", &[k.SEMGET, 0, 1, 0o600, 0, 0]);
        t.space.write_u32(AT, 6).expect("scratch");
        t.ok("ipc", &[k.SEMCTL, set, 0, k.SETVAL | k.IPC_64, AT, 0]);
        assert_eq!(t.ok("ipc", &[k.SEMCTL, set, 0, k.GETVAL, AT, 0]), 6);
        assert_eq!(t.err("ipc", &[99, 0, 0, 0, 0, 0]), Errno::ENOSYS);
    }
}

#[test]
fn a_posix_queue_gives_the_highest_priority_first() {
    for mut t in Trial::all() {
        let k = t.k();
        t.space.write(SCRATCH, b"queue\0").expect("scratch");
        let flags = k.O_CREAT | k.O_RDWR | k.O_NONBLOCK;
        let fd = t.ok("mq_open", &[SCRATCH, flags, 0o600, 0]);
        let at = t.layouts().mq_attr;
        t.ok("mq_getsetattr", &[fd, 0, AT]);
        let image = t.image(at.size);
        assert_eq!(image.get(at.mq_flags), k.O_NONBLOCK, "{}", t.name());
        assert_eq!(image.get(at.mq_maxmsg), 10);
        for (text, priority) in [(b"a", 1), (b"b", 7), (b"c", 7)] {
            t.space.write(AT, text).expect("scratch");
            t.ok("mq_timedsend", &[fd, AT, 1, priority, 0]);
        }
        let mut got = Vec::new();
        for _ in 0..3 {
            assert_eq!(t.ok("mq_timedreceive", &[fd, AT, 8192, AT + 8, 0]), 1);
            got.push((
                t.space.read_u8(AT).unwrap(),
                t.space.read_u32(AT + 8).unwrap(),
            ));
        }
        assert_eq!(got, [(b'b', 7), (b'c', 7), (b'a', 1)]);
        let receive = [fd, AT, 8192, 0, 0];
        assert_eq!(t.err("mq_timedreceive", &receive), Errno::EAGAIN);
        assert_eq!(
            t.err("mq_timedreceive", &[fd, AT, 10, 0, 0]),
            Errno::EMSGSIZE
        );
        assert_eq!(
            t.err("mq_timedsend", &[fd, AT, 1, 32_768, 0]),
            Errno::EINVAL
        );
        assert_eq!(t.err("mq_timedsend", &[0, AT, 1, 0, 0]), Errno::EBADF);
        let exclusive = flags | k.O_EXCL;
        let again = t.err("mq_open", &[SCRATCH, exclusive, 0o600, 0]);
        assert_eq!(again, Errno::EEXIST);
        t.ok("mq_unlink", &[SCRATCH]);
        assert_eq!(t.err("mq_unlink", &[SCRATCH]), Errno::ENOENT);
        t.space.write(AT, b"still").expect("scratch");
        t.ok("mq_timedsend", &[fd, AT, 5, 0, 0]);
        t.ok("close", &[fd]);
        t.space.write(SCRATCH, b"a/b\0").expect("scratch");
        assert_eq!(t.err("mq_open", &[SCRATCH, flags, 0o600, 0]), Errno::EACCES);
    }
}
