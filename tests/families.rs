//! Families of calls: one callback hears what is the same call under other names, with the same arguments.

mod bounded;
mod tiny;

use std::cell::RefCell;
use std::rc::Rc;

use emu::profiles;
use emu::prototypes::Ptr;
use tiny::{guest, unix};

/// Each profile's guest `error` opens what is not there, by `openat` or by `open`.
#[test]
fn open_is_openat_from_here_on_every_profile() {
    let mut names = Vec::new();
    for profile in unix() {
        let mut emulator = guest(profile, "error.elf");
        let heard = Rc::new(RefCell::new(Vec::new()));
        let (entered, left) = (heard.clone(), heard.clone());
        emulator.on_family_enter("open", move |cx, call| {
            let path = call.arg("filename").expect("it has one");
            let path = cx.read_str(Ptr::new(path)).expect("it is there");
            let dfd = call.arg("dfd").expect("it is known") as i32;
            entered
                .borrow_mut()
                .push(format!("{} {path} from {dfd}", call.family()));
        });
        emulator.on_family_exit("creat", move |_, call, ret| {
            left.borrow_mut().push(call.info.name.to_owned());
            *ret = Ok(9);
        });
        let status = emulator.run().expect("it runs");
        assert_eq!(
            status.code(),
            1,
            "{}: what it got is no error any more",
            profile.name
        );
        let heard = heard.borrow();
        assert_eq!(
            heard[0], "openat /nonexistent from -100",
            "{}",
            profile.name
        );
        names.push(heard[1].clone());
    }
    names.sort();
    names.dedup();
    assert_eq!(names, ["open", "openat"]);
}

/// The guest `args6` maps a page: by `mmap`, by `mmap2` in pages, by the old `mmap` with all arguments in memory.
#[test]
fn mmap_has_six_arguments_whatever_it_is_called() {
    let mut names = Vec::new();
    for profile in unix() {
        let mut emulator = guest(profile, "args6.elf");
        let heard = Rc::new(RefCell::new(Vec::new()));
        let told = heard.clone();
        emulator.on_family_enter("mmap2", move |_, call| {
            let args = ["addr", "len", "prot", "off"].map(|name| call.arg(name));
            told.borrow_mut().push((call.info.name, args));
        });
        emulator.run().expect("it runs");
        for (name, args) in heard.borrow().iter() {
            assert!(args.iter().all(Option::is_some), "{} {name}", profile.name);
            // Its source says 0x66 units of 4096 bytes.
            if profile.name == "linux_x86" {
                assert_eq!((args[0], args[3]), (Some(0x1111_2000), Some(0x6_6000)));
            }
            names.push(*name);
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["mmap", "mmap2", "old_mmap"]);
}

/// A changed argument reaches the kernel where the call has it, and is refused where it has not.
#[test]
fn an_argument_that_the_call_has_can_be_changed() {
    let profile = profiles::by_name("freebsd_x64").expect("it is there");
    let mut emulator = guest(profile, "error.elf");
    emulator.on_family_enter("openat", |cx, call| {
        assert!(!call.set("dfd", 5), "FreeBSD's open has none");
        // Its path is the program's name in memory: "/".
        let sp = cx.event().sp - 64;
        cx.write(Ptr::<u16>::new(sp), u16::from_le_bytes(*b"/\0"))
            .expect("it is there");
        assert!(call.set("filename", sp));
    });
    assert!(
        emulator
            .on_family_enter("no_such_call", |_, _| {})
            .is_none()
    );
    let status = emulator.run().expect("it runs");
    assert_eq!(status.code(), 1, "the directory was opened");
}
