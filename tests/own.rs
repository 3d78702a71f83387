//! A user's own operating system, FreeBSD and Linux by one callback, and what is said of a description that is wrong.

mod bounded;
mod tiny;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bounded::{emu, here, run};
use emu::profiles;
use tiny::{guest, unix};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn one_callback_on_write_hears_every_linux_and_freebsd() {
    let mut count = 0;
    for profile in unix() {
        let mut emulator = guest(profile, "hello.elf");
        let heard = Rc::new(RefCell::new(Vec::new()));
        let told = heard.clone();
        let registered = emulator.on_call_enter("write", move |cx, call| {
            let (at, len) = (call.args[1], call.args[2]);
            let bytes = cx.read_bytes(emu::prototypes::Ptr::new(at), len as usize);
            told.borrow_mut()
                .push((call.args[0], bytes.expect("it is there")));
            call.args[2] = 0;
        });
        assert!(registered.is_some());
        emulator.run().expect("it runs");
        let text = format!("hello from {}\n", profile.name).into_bytes();
        assert_eq!(*heard.borrow(), [(1, text)], "{}", profile.name);
        count += 1;
    }
    assert!(count >= 12);
}

#[test]
fn a_callback_answers_a_call_of_a_users_own() {
    let path = here("profiles/own/newos_x86.toml");
    let mine = profiles::own::load(&path).expect("it is right");
    let mut emulator = guest(mine, "hello.elf");
    assert!(
        emulator
            .on_call_enter("nothing_of_that_name", |_, _| {})
            .is_none()
    );
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (entered, left) = (seen.clone(), seen.clone());
    emulator.on_call_enter("print", move |cx, call| {
        entered.borrow_mut().push(format!(
            "{} of {}",
            call.info.name,
            call.arg("count").unwrap_or(0)
        ));
        cx.answer(Ok(12));
    });
    emulator.on_call_exit("print", move |_, _, ret| {
        left.borrow_mut().push(format!("{ret:?}"))
    });
    assert_eq!(emulator.run().expect("it runs").code(), 3);
    assert_eq!(*seen.borrow(), ["print of 12", "Ok(12)"]);
}

#[test]
fn a_description_that_is_wrong_gets_one_line() {
    let folder = tempfile::tempdir().expect("there is room");
    let ask = |what: &str| {
        let mut command = emu();
        let path = folder.path().join(what);
        command
            .arg("--profile")
            .arg(path)
            .arg(here("guest-images/newos_x86/hello.elf"));
        let ended = run(&mut command, b"", LIMIT);
        let text = ended.err();
        assert_eq!((ended.status, text.lines().count()), (125, 1), "{text}");
        text
    };
    assert!(ask("none.toml").contains("No such file or directory"));
    assert!(ask("").contains("has no *.toml file"));
    std::fs::write(folder.path().join("a.toml"), "name = 5").expect("it can be written");
    assert!(ask("a.toml").contains("line 1"));
    std::fs::write(folder.path().join("b.toml"), "").expect("it can be written");
    assert!(ask("").contains("has 2 *.toml files: name one of them"));
}
