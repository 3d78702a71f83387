//! Descriptors without an engine: what each profile's own structures and numbers make of it, and calls at random.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{CALLS, Errno};
use proptest::prelude::*;

use crate::kernel::linux::trial::{Came, SCRATCH, Trial};
use crate::kernel::wait::Wait;

const PAGE: u64 = 4096;

fn put(trial: &mut Trial, at: u64, text: &str) -> u64 {
    trial
        .space
        .write(at, text.as_bytes())
        .expect("scratch memory");
    trial
        .space
        .write_u8(at + text.len() as u64, 0)
        .expect("scratch memory");
    at
}

/// `open`, or `openat` where there is none.
fn open(trial: &mut Trial, path: &str, flags: u64) -> Came {
    let path = put(trial, SCRATCH, path);
    let cwd = trial.k().AT_FDCWD;
    trial.call("openat", &[cwd, path, flags, 0o644])
}

#[test]
fn a_pipe_has_its_second_end_where_the_abi_says() {
    for mut trial in Trial::all() {
        if !trial.has("pipe") {
            continue;
        }
        let row = trial.abi().table.by_name("pipe").expect("just seen");
        let result = trial.ok("pipe", &[SCRATCH]);
        if row.params.is_empty() {
            assert_eq!(result, 3, "{}", trial.name());
        } else {
            assert_eq!(result, 0, "{}", trial.name());
            let ends = [
                trial.space.read_u32(SCRATCH),
                trial.space.read_u32(SCRATCH + 4),
            ];
            assert_eq!(ends.map(|end| end.expect("scratch memory")), [3, 4]);
        }
        put(&mut trial, SCRATCH, "through");
        assert_eq!(trial.ok("write", &[4, SCRATCH, 7]), 7);
        assert_eq!(trial.ok("read", &[3, SCRATCH + 100, 100]), 7);
        assert_eq!(
            trial.call("read", &[3, SCRATCH, 1]),
            Came::Waits(Wait::File)
        );
        assert_eq!(trial.ok("close", &[4]), 0);
        assert_eq!(trial.ok("read", &[3, SCRATCH, 1]), 0);
    }
}

#[test]
fn a_long_write_to_a_pipe_goes_on_where_it_waited() {
    for mut trial in Trial::all() {
        trial.ok("pipe2", &[SCRATCH, 0]);
        for (address, len) in [(SCRATCH, 8192), (SCRATCH + 8192, 8192)] {
            trial.space.fill(address, len, 1).expect("scratch memory");
        }
        for _ in 0..3 {
            assert_eq!(trial.ok("write", &[4, SCRATCH, 4 * PAGE]), 4 * PAGE);
        }
        assert_eq!(trial.ok("write", &[4, SCRATCH, 3 * PAGE]), 3 * PAGE);
        let write = [4, SCRATCH, 2 * PAGE];
        assert_eq!(trial.call("write", &write), Came::Waits(Wait::File));
        assert_eq!(trial.again("write", &write), Came::Waits(Wait::File));
        assert_eq!(trial.ok("read", &[3, SCRATCH, PAGE]), PAGE);
        assert_eq!(trial.again("write", &write), Came::Ok(2 * PAGE));
        let mut left = 0;
        for _ in 0..4 {
            left += trial.ok("read", &[3, SCRATCH, 4 * PAGE]);
        }
        assert_eq!(left, 16 * PAGE);
    }
}

#[test]
fn descriptors_end_at_the_limit() {
    let mut trial = Trial::new("linux_x86");
    let mut last = 0;
    let error = loop {
        match trial.call("dup", &[0]) {
            Came::Ok(fd) => last = fd,
            Came::Err(error) => break error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((last, error), (1023, Errno::EMFILE));
    assert_eq!(trial.err("dup2", &[0, 1024]), Errno::EBADF);
    let flags = trial.k().O_RDWR | trial.k().O_CREAT;
    assert_eq!(
        open(&mut trial, "/tmp/not-made", flags),
        Came::Err(Errno::EMFILE)
    );
    trial.ok("close", &[500]);
    let excl = trial_excl(&trial);
    assert_eq!(open(&mut trial, "/tmp/not-made", excl), Came::Ok(500));
}

fn trial_excl(trial: &Trial) -> u64 {
    trial.k().O_RDWR | trial.k().O_CREAT | trial.k().O_EXCL
}

#[test]
fn a_file_larger_than_31_bits_wants_o_largefile_where_long_has_32() {
    for mut trial in Trial::all() {
        let k = trial.k();
        // N32 has calls of 64 bits, the own ones of its kernel.
        let n32 = trial.abi().name.starts_with("mips64n32");
        let wide = trial.abi().model != emu_prototypes::DataModel::Ilp32 || n32;
        let (large, create) = (k.O_LARGEFILE, k.O_RDWR | k.O_CREAT);
        assert_eq!(open(&mut trial, "/tmp/large", create | large), Came::Ok(3));
        let truncate = if wide { "ftruncate" } else { "ftruncate64" };
        trial.ok(truncate, &[3, 1 << 31]);
        let found = open(&mut trial, "/tmp/large", k.O_RDONLY);
        let expected = if wide {
            Came::Ok(4)
        } else {
            Came::Err(Errno::EOVERFLOW)
        };
        assert_eq!(found, expected, "{}", trial.name());
        if !wide {
            assert_eq!(
                open(&mut trial, "/tmp/large", k.O_RDONLY | large),
                Came::Ok(4)
            );
            assert_eq!(trial.err("lseek", &[4, 0, k.SEEK_END]), Errno::EOVERFLOW);
            trial.ok("_llseek", &[4, 0, 0, SCRATCH, k.SEEK_END]);
            assert_eq!(
                trial.space.read_u64(SCRATCH).expect("scratch memory"),
                1 << 31
            );
            let path = put(&mut trial, SCRATCH, "/tmp/large");
            assert_eq!(trial.err("stat", &[path, SCRATCH + 100]), Errno::EOVERFLOW);
            trial.ok("stat64", &[path, SCRATCH + 100]);
        }
    }
}

#[test]
fn names_of_a_directory_fill_what_there_is_room_for() {
    for mut trial in Trial::all() {
        let k = trial.k();
        let make = k.O_RDWR | k.O_CREAT;
        for name in ["/tmp/a", "/tmp/bb", "/tmp/ccc"] {
            let Came::Ok(fd) = open(&mut trial, name, make) else {
                panic!("{name}")
            };
            trial.ok("close", &[fd]);
        }
        assert_eq!(
            open(&mut trial, "/tmp", k.O_RDONLY | k.O_DIRECTORY),
            Came::Ok(3)
        );
        assert_eq!(trial.err("getdents64", &[3, SCRATCH, 10]), Errno::EINVAL);
        let mut names = Vec::new();
        loop {
            let size = trial.ok("getdents64", &[3, SCRATCH, 60]);
            if size == 0 {
                break;
            }
            let layout = &trial.layouts().dirent64;
            let mut at = SCRATCH;
            while at < SCRATCH + size {
                let length = trial.space.read_u16(at + u64::from(layout.d_reclen.offset));
                let name = trial
                    .space
                    .read_cstr(at + u64::from(layout.d_name.offset), 255);
                names.push(String::from_utf8(name.expect("there")).expect("text"));
                at += u64::from(length.expect("there"));
            }
            assert_eq!(at, SCRATCH + size);
        }
        assert_eq!(names, [".", "..", "a", "bb", "ccc"], "{}", trial.name());
    }
}

/// A value that a guest may pass where anything is expected.
fn value() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..12_u64,
        4 => prop::sample::select(vec![
            SCRATCH, SCRATCH + 64, SCRATCH + 128, SCRATCH + 192, SCRATCH + 256, SCRATCH + 320,
            SCRATCH + 384, SCRATCH + 1024, SCRATCH + 2048, SCRATCH + 4 * PAGE - 3, SCRATCH - 5,
        ]),
        2 => prop::sample::select(vec![
            u64::MAX, u64::MAX - 99, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 63, (1 << 63) - 1,
            0xffff_ffff, 0xffff_ffff_8000_0000, 0x7fff_f000, 4096, 65_536, 1 << 20, 100_000,
        ]),
        1 => any::<u64>(),
        1 => (0..32_u32, 0..32_u32).prop_map(|(a, b)| 1 << a | 1 << b),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_guest_asks_of_files_is_answered(
        profile in 0..emu_profiles::ALL.len(),
        calls in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(value(), 6)), 1..80),
    ) {
        let mut trial = Trial::new(emu_profiles::ALL[profile].name);
        let ours = ["file", "io", "poll"];
        let rows: Vec<_> = trial
            .abi()
            .table
            .rows
            .iter()
            .filter(|row| ours.contains(&CALLS[usize::from(row.call)].section))
            .collect();
        let texts = ["/tmp", "/tmp/a", "a/../b", "/proc/self/fd/3", "/dev/zero", "../../x/", "/tmp/a/b"];
        for (calls, (index, args)) in calls.iter().enumerate() {
            for (n, text) in texts.iter().enumerate() {
                put(&mut trial, SCRATCH + 64 * n as u64, text);
            }
            // Something that may be taken for an array of structures.
            for n in 0..16 {
                let words = [SCRATCH + 1024, 5, SCRATCH + n, 1 << 40, 3, 0, n, u64::MAX];
                let word = words[(calls + n as usize) % words.len()];
                trial.space.write_u64(SCRATCH + 1024 + 8 * n, word).expect("scratch memory");
            }
            let row = rows[index.index(rows.len())];
            trial.call(row.name, args);
        }
    }
}
