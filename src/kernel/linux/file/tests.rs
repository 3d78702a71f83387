//! What `stat` and its relatives store, by the fields of each profile's own structures.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::Errno;

use crate::kernel::layout::Image;
use crate::kernel::linux::trial::{Came, SCRATCH, Trial};

const STRUCTURE: u64 = SCRATCH + 512;

fn put(trial: &mut Trial, text: &str) -> u64 {
    trial
        .space
        .write(SCRATCH, text.as_bytes())
        .expect("scratch memory");
    trial
        .space
        .write_u8(SCRATCH + text.len() as u64, 0)
        .expect("scratch memory");
    SCRATCH
}

fn file(trial: &mut Trial) -> u64 {
    let k = trial.k();
    let path = put(trial, "/tmp/file");
    let fd = trial.ok("openat", &[k.AT_FDCWD, path, k.O_RDWR | k.O_CREAT, 0o640]);
    trial
        .space
        .fill(SCRATCH + 4096, 5000, 7)
        .expect("scratch memory");
    assert_eq!(trial.ok("write", &[fd, SCRATCH + 4096, 5000]), 5000);
    fd
}

fn image(trial: &mut Trial, size: u32) -> Image {
    Image::load(&mut trial.space, STRUCTURE, size).expect("scratch memory")
}

#[test]
fn each_form_of_stat_tells_the_same() {
    for mut trial in Trial::all() {
        let fd = file(&mut trial);
        let k = trial.k();
        let layouts = trial.layouts();
        let mut forms = Vec::new();
        for name in ["fstat", "fstat64", "statx"] {
            if !trial.has(name) {
                continue;
            }
            trial
                .space
                .fill(STRUCTURE, 512, 0xaa)
                .expect("scratch memory");
            let values = match name {
                "fstat" => {
                    trial.ok(name, &[fd, STRUCTURE]);
                    let (image, at) = (image(&mut trial, layouts.stat.size), &layouts.stat);
                    [
                        image.get(at.st_mode),
                        image.get(at.st_size),
                        image.get(at.st_nlink),
                        image.get(at.st_ino),
                        image.get(at.st_mtime),
                        image.get(at.st_blocks),
                    ]
                }
                "fstat64" => {
                    trial.ok(name, &[fd, STRUCTURE]);
                    let (image, at) = (image(&mut trial, layouts.stat64.size), &layouts.stat64);
                    [
                        image.get(at.st_mode),
                        image.get(at.st_size),
                        image.get(at.st_nlink),
                        image.get(at.st_ino),
                        image.get(at.st_mtime),
                        image.get(at.st_blocks),
                    ]
                }
                _ => {
                    let path = put(&mut trial, "/tmp/file");
                    trial.ok(name, &[k.AT_FDCWD, path, 0, k.STATX_ALL, STRUCTURE]);
                    let (image, at) = (image(&mut trial, layouts.statx.size), &layouts.statx);
                    [
                        image.get(at.stx_mode),
                        image.get(at.stx_size),
                        image.get(at.stx_nlink),
                        image.get(at.stx_ino),
                        image.get(at.stx_mtime_tv_sec),
                        image.get(at.stx_blocks),
                    ]
                }
            };
            forms.push(values);
        }
        assert_eq!(
            forms[0][..3],
            [k.S_IFREG | 0o640, 5000, 1],
            "{}",
            trial.name()
        );
        assert_eq!(forms[0][5], 16, "{}", trial.name());
        assert!(
            forms.iter().all(|form| *form == forms[0]),
            "{}: {forms:x?}",
            trial.name()
        );
    }
}

#[test]
fn ids_of_16_bits_leave_an_owner_with_all_ones() {
    let mut trial = Trial::new("linux_x86");
    file(&mut trial);
    let path = put(&mut trial, "/tmp/file");
    trial.ok("chown32", &[path, 70_000, 5]);
    trial.ok("chown", &[path, 0xffff, 6]);
    trial.ok("lstat64", &[path, STRUCTURE]);
    let at = &trial.layouts().stat64;
    let image = image(&mut trial, at.size);
    assert_eq!((image.get(at.st_uid), image.get(at.st_gid)), (70_000, 6));
    trial.ok("chown32", &[path, 0xffff_ffff, 7]);
    trial.ok("oldlstat", &[path, STRUCTURE]);
    let at = &trial.layouts().old_stat;
    let image = self::image(&mut trial, at.size);
    assert_eq!((image.get(at.st_uid), image.get(at.st_gid)), (65_534, 7));
}

#[test]
fn openat2_tells_sizes_and_flags_that_it_does_not_know() {
    for mut trial in Trial::all() {
        file(&mut trial);
        let k = trial.k();
        let path = put(&mut trial, "tmp/file");
        let at = &trial.layouts().open_how;
        let how = |trial: &mut Trial, flags, mode, resolve, size: u64| {
            let mut image = Image::new(32, trial.space.endian());
            image
                .put(at.flags, flags)
                .put(at.mode, mode)
                .put(at.resolve, resolve);
            image
                .store(&mut trial.space, STRUCTURE)
                .expect("scratch memory");
            trial.call("openat2", &[k.AT_FDCWD, path, STRUCTURE, size])
        };
        assert_eq!(how(&mut trial, k.O_RDONLY, 0, 0, 24), Came::Ok(4));
        assert_eq!(
            how(&mut trial, k.O_RDONLY, 0, k.RESOLVE_BENEATH, 32),
            Came::Ok(5)
        );
        assert_eq!(
            how(&mut trial, k.O_RDONLY, 0, 0, 23),
            Came::Err(Errno::EINVAL)
        );
        assert_eq!(
            how(&mut trial, k.O_RDONLY, 0o600, 0, 24),
            Came::Err(Errno::EINVAL)
        );
        assert_eq!(
            how(&mut trial, k.O_CREAT, 0o10_600, 0, 24),
            Came::Err(Errno::EINVAL)
        );
        assert_eq!(how(&mut trial, 1 << 40, 0, 0, 24), Came::Err(Errno::EINVAL));
        assert_eq!(
            how(&mut trial, k.O_RDONLY, 0, 1 << 40, 24),
            Came::Err(Errno::EINVAL)
        );
        let both = k.RESOLVE_BENEATH | k.RESOLVE_IN_ROOT;
        assert_eq!(
            how(&mut trial, k.O_RDONLY, 0, both, 24),
            Came::Err(Errno::EINVAL)
        );
        trial
            .space
            .write_u8(STRUCTURE + 28, 1)
            .expect("scratch memory");
        let later = trial.call("openat2", &[k.AT_FDCWD, path, STRUCTURE, 32]);
        assert_eq!(later, Came::Err(Errno::E2BIG));
    }
}

#[test]
fn times_are_kept_to_the_nanosecond_and_omitted_ones_stay() {
    for mut trial in Trial::all() {
        let fd = file(&mut trial);
        let k = trial.k();
        let at = &trial.layouts().timespec;
        let (size, endian) = (at.size, trial.space.endian());
        for (index, (seconds, nanoseconds)) in [(1_234, 5), (9_876, 54_321)].into_iter().enumerate()
        {
            let mut image = Image::new(size, endian);
            image.put(at.tv_sec, seconds).put(at.tv_nsec, nanoseconds);
            let to = STRUCTURE + u64::from(size) * index as u64;
            image.store(&mut trial.space, to).expect("scratch memory");
        }
        trial.ok("utimensat", &[fd, 0, STRUCTURE, 0]);
        let mut image = Image::new(size, endian);
        image.put(at.tv_nsec, k.UTIME_OMIT);
        image
            .store(&mut trial.space, STRUCTURE)
            .expect("scratch memory");
        let mut image = Image::new(size, endian);
        image.put(at.tv_sec, 77);
        image
            .store(&mut trial.space, STRUCTURE + u64::from(size))
            .expect("scratch memory");
        trial.ok("utimensat", &[fd, 0, STRUCTURE, 0]);
        let path = put(&mut trial, "/tmp/file");
        trial.ok("statx", &[k.AT_FDCWD, path, 0, k.STATX_ALL, STRUCTURE]);
        let at = &trial.layouts().statx;
        let image = self::image(&mut trial, at.size);
        let times = [
            image.get(at.stx_atime_tv_sec),
            image.get(at.stx_atime_tv_nsec),
            image.get(at.stx_mtime_tv_sec),
            image.get(at.stx_mtime_tv_nsec),
        ];
        assert_eq!(times, [1_234, 5, 77, 0], "{}", trial.name());
    }
}

#[test]
fn a_fifo_is_opened_when_the_other_side_is() {
    use crate::kernel::wait::Wait;
    for mut trial in Trial::all() {
        let k = trial.k();
        let path = put(&mut trial, "/tmp/fifo");
        trial.ok("mknodat", &[k.AT_FDCWD, path, k.S_IFIFO | 0o600, 0]);
        let read = [k.AT_FDCWD, path, k.O_RDONLY, 0];
        assert_eq!(
            trial.call("openat", &read),
            Came::Waits(Wait::File),
            "{}",
            trial.name()
        );
        assert_eq!(trial.again("openat", &read), Came::Waits(Wait::File));
        trial.task.tid += 1;
        assert_eq!(
            trial.call("openat", &[k.AT_FDCWD, path, k.O_WRONLY, 0]),
            Came::Ok(3)
        );
        trial.ok("close", &[3]);
        trial.task.tid -= 1;
        // The writer has come and gone: that is enough.
        assert_eq!(trial.again("openat", &read), Came::Ok(3));
        assert_eq!(trial.ok("read", &[3, SCRATCH, 1]), 0);
    }
}
