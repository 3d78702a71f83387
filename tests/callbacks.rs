//! Typed callbacks: what a closure sees and changes, on every profile.

mod quiet;

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use emu::event::{End, Event, ExitStatus};
use emu::linux::{self, Errno};
use emu::profiles::{self, Profile};
use emu::prototypes::{CallInfo, Ptr};
use emu::sink::Sink;
use emu::view::View;
use emu::{Builder, CallbackId, Emulator, GuestSource};
use quiet::{Quiet, quiet};

fn image(profile: &Profile, name: &str) -> PathBuf {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("guest-images");
    images.join(profile.name).join(format!("{name}.elf"))
}

/// An emulator for a tiny guest, and where its output goes.
fn guest(profile: &'static Profile, name: &str) -> (Emulator, Rc<Quiet>) {
    let host = quiet();
    let emulator = Builder::new()
        .guest(GuestSource::Host(image(profile, name)))
        .host(host.clone())
        .build()
        .unwrap_or_else(|error| panic!("{} {name}: {error}", profile.name));
    (emulator, host)
}

/// Does something with a guest of every profile.
fn each(name: &str, mut check: impl FnMut(&'static Profile, Emulator, Rc<Quiet>)) {
    for profile in profiles::ALL {
        let (emulator, host) = guest(profile, name);
        check(profile, emulator, host);
    }
}

fn status(emulator: &mut Emulator) -> u8 {
    emulator
        .run()
        .expect("the run has no failure of ours")
        .code()
}

type Log = Rc<RefCell<Vec<String>>>;

fn log() -> (Log, Log) {
    let log = Log::default();
    (log.clone(), log)
}

// The guest `error` opens /nonexistent, and exits with 0 when that fails with ENOENT.

#[test]
fn an_enter_callback_sees_the_arguments_and_changes_them() {
    each("error", |profile, mut emulator, _| {
        let (seen, log) = log();
        emulator.on_enter(move |cx, call: &mut linux::Openat| {
            let path = cx
                .read_str(call.filename)
                .expect("the guest has a path there");
            log.borrow_mut()
                .push(format!("{} {path} {}", call.dfd, call.flags));
            assert_eq!(cx.end(), None);
            assert_eq!(cx.profile().name, cx.event().profile.name);
            // Below the stack is room for another path.
            let room = cx.event().sp - 1024;
            cx.memory()
                .write(room, b"/dev/null\0")
                .expect("the stack can be written");
            call.filename = Ptr::new(room);
        });
        let (results, log) = self::log();
        emulator.on_exit(move |cx, call: &linux::Openat, ret| {
            let path = cx
                .read_str(call.filename)
                .expect("it is where the other callback put it");
            let file = ret
                .ok()
                .and_then(|fd| cx.path_of(i32::try_from(fd).expect("a descriptor")));
            let file = file.map(|path| String::from_utf8_lossy(&path).into_owned());
            log.borrow_mut().push(format!("{path} {ret:?} {file:?}"));
            assert_eq!(cx.end(), Some(End::Returned(*ret)));
        });
        assert_eq!(
            status(&mut emulator),
            1,
            "{}: it opened something",
            profile.name
        );
        assert_eq!(*seen.borrow(), ["-100 /nonexistent 0"], "{}", profile.name);
        assert_eq!(
            *results.borrow(),
            ["/dev/null Ok(3) Some(\"/dev/null\")"],
            "{}",
            profile.name
        );
    });
}

#[test]
fn an_enter_callback_answers_instead_of_the_kernel() {
    each("error", |profile, mut emulator, _| {
        let (seen, log) = log();
        emulator.on_enter(|cx, _: &mut linux::Openat| cx.answer(Ok(77)));
        emulator
            .on_exit(move |_, _: &linux::Openat, ret| log.borrow_mut().push(format!("{ret:?}")));
        assert_eq!(status(&mut emulator), 1, "{}", profile.name);
        assert_eq!(*seen.borrow(), ["Ok(77)"], "{}", profile.name);
    });
}

#[test]
fn the_last_answer_counts() {
    each("error", |profile, mut emulator, _| {
        emulator.on_enter(|cx, _: &mut linux::Openat| cx.answer(Ok(77)));
        emulator.on_enter(|cx, _: &mut linux::Openat| cx.fail(Errno::ENOENT));
        assert_eq!(status(&mut emulator), 0, "{}", profile.name);
    });
}

#[test]
fn a_call_can_be_skipped() {
    each("hello", |profile, mut emulator, host| {
        emulator.on_enter(|cx, _: &mut linux::Write| cx.skip());
        assert_eq!(status(&mut emulator), 0, "{}", profile.name);
        assert_eq!(host.streams.output(), b"", "{}", profile.name);
    });
}

#[test]
fn a_call_can_be_failed_with_the_errno_of_the_guests_abi() {
    // `unknown` wants ENOSYS, 89 on MIPS and 38 elsewhere; `error` wants ENOENT.
    each("error", |profile, mut emulator, _| {
        emulator.on_enter(|cx, _: &mut linux::Openat| cx.fail(Errno::ENOSYS));
        assert_eq!(status(&mut emulator), 1, "{}", profile.name);
        let (mut emulator, _) = guest(profile, "error");
        emulator.on_enter(|cx, _: &mut linux::Openat| cx.fail(Errno::ENOENT));
        assert_eq!(status(&mut emulator), 0, "{}", profile.name);
    });
}

#[test]
fn an_exit_callback_changes_the_result() {
    each("error", |profile, mut emulator, _| {
        emulator.on_exit(|_, _: &linux::Openat, ret| {
            assert_eq!(*ret, Err(Errno::ENOENT));
            *ret = Err(Errno::EACCES);
        });
        let (seen, log) = log();
        emulator
            .on_exit(move |_, _: &linux::Openat, ret| log.borrow_mut().push(format!("{ret:?}")));
        assert_eq!(status(&mut emulator), 1, "{}", profile.name);
        assert_eq!(
            *seen.borrow(),
            ["Err(EACCES)"],
            "{}: the next one sees the change",
            profile.name
        );
    });
}

#[test]
fn an_exit_callback_reads_what_the_call_wrote() {
    // The guest `pair64` reads the first bytes of its own image with pread64.
    each("pair64", |profile, mut emulator, _| {
        let (seen, log) = log();
        emulator.on_exit(move |cx, call: &linux::Pread64, ret| {
            if let Ok(count @ 1..) = *ret {
                let bytes = cx
                    .read_bytes(call.buf.cast(), count as usize)
                    .expect("it was written");
                log.borrow_mut().push(format!(
                    "{} {:?}",
                    call.pos,
                    String::from_utf8_lossy(&bytes)
                ));
            }
        });
        assert_eq!(status(&mut emulator), 0, "{}", profile.name);
        let class = if profile.pointer() == 8 { 2 } else { 1 };
        assert_eq!(
            *seen.borrow(),
            [format!("1 {:?}", format!("ELF{}", char::from(class)))],
            "{}",
            profile.name
        );
    });
}

#[test]
fn buffers_can_be_changed_before_the_kernel_sees_them() {
    each("hello", |profile, mut emulator, host| {
        emulator.on_enter(|cx, call: &mut linux::Write| {
            let bytes = cx
                .read_bytes(call.buf.cast(), call.count as usize)
                .expect("it is there");
            let room = cx.event().sp - 4096;
            cx.memory()
                .write(room, &bytes.to_ascii_uppercase())
                .expect("the stack can be written");
            call.buf = Ptr::new(room);
        });
        assert_eq!(status(&mut emulator), 0);
        let expected = format!("HELLO FROM {}\n", profile.name.to_uppercase());
        assert_eq!(String::from_utf8_lossy(&host.streams.output()), expected);
    });
}

#[test]
fn an_exit_never_returns_and_its_status_can_be_changed() {
    each("exit", |profile, mut emulator, _| {
        let ends = Rc::new(RefCell::new(Vec::new()));
        let log = ends.clone();
        emulator.on_enter(|_, call: &mut linux::ExitGroup| call.error_code += 1);
        emulator.on_exit(move |cx, call: &linux::ExitGroup, _| {
            log.borrow_mut().push((cx.end(), call.error_code));
        });
        assert_eq!(
            emulator.run().expect("no failure of ours"),
            ExitStatus::Exited(43),
            "{}",
            profile.name
        );
        assert_eq!(
            *ends.borrow(),
            [(Some(End::NeverReturns), 43)],
            "{}",
            profile.name
        );
    });
}

#[test]
fn a_guest_that_may_not_exit_runs_on() {
    // Behind its exit_group the guest has an instruction that kills it, if it comes there.
    each("exit", |profile, mut emulator, _| {
        emulator.on_enter(|cx, _: &mut linux::ExitGroup| cx.fail(Errno::EPERM));
        let status = emulator.run().expect("no failure of ours");
        assert!(
            matches!(status, ExitStatus::Signaled { .. }),
            "{}: {status:?}",
            profile.name
        );
    });
}

#[test]
fn callbacks_on_any_call_see_all_of_them_by_name() {
    each("hello", |profile, mut emulator, _| {
        let (seen, log) = log();
        let enters = log.clone();
        emulator.on_any_enter(move |cx, call| {
            assert!(call.decode().is_some());
            assert_eq!(call.arg("no such argument"), None);
            let first = call.args[0];
            enters.borrow_mut().push(format!(
                "{} {first} {}",
                call.info.name,
                cx.event().attempts
            ));
        });
        emulator.on_any_exit(move |cx, call, ret| {
            log.borrow_mut()
                .push(format!("{} {:?} {ret:?}", call.info.name, cx.end()));
        });
        assert_eq!(status(&mut emulator), 0);
        let count = "hello from \n".len() + profile.name.len();
        let expected = [
            "write 1 1".to_owned(),
            format!("write Some(Returned(Ok({count}))) Ok({count})"),
            "exit 0 1".to_owned(),
            "exit Some(NeverReturns) Ok(0)".to_owned(),
        ];
        assert_eq!(*seen.borrow(), expected, "{}", profile.name);
    });
}

#[test]
fn a_callback_on_any_call_changes_arguments_and_results() {
    each("hello", |profile, mut emulator, host| {
        emulator.on_any_enter(|_, call| {
            if call.info.name == "write" {
                assert_eq!(call.arg("fd"), Some(1));
                call.args[2] = 5;
            }
        });
        let results = Rc::new(Cell::new(0));
        let last = results.clone();
        emulator.on_any_exit(move |_, call, ret| {
            if call.info.name == "write" {
                last.set(ret.expect("it was written"));
                *ret = Err(Errno::EIO);
            }
        });
        assert_eq!(status(&mut emulator), 0);
        assert_eq!(
            (results.get(), host.streams.output().as_slice()),
            (5, &b"hello"[..]),
            "{}",
            profile.name
        );
    });
}

// The guest `socketcall` wants EBADF of connect(0x77, 0x11112222, 0x33) and of a sendto, and tells by its status which
// call went otherwise.

#[test]
fn a_call_inside_another_is_heard_changed_and_answered() {
    let profile = profiles::by_name("linux_x86").expect("there is one");
    let (mut emulator, _) = guest(profile, "socketcall");
    let (heard, log) = log();
    let ends = heard.clone();
    emulator.on_enter(move |_, call: &mut linux::Connect| {
        let (fd, len) = (call.fd, call.addrlen);
        heard
            .borrow_mut()
            .push(format!("{fd:#x} {:#x} {len:#x}", call.uservaddr.address));
    });
    emulator.on_exit(move |_, call: &linux::Connect, ret| {
        ends.borrow_mut().push(format!("{:#x} {ret:?}", call.fd));
    });
    assert_eq!(status(&mut emulator), 0);
    assert_eq!(*log.borrow(), ["0x77 0x11112222 0x33", "0x77 Err(EBADF)"]);

    // Standard output is no socket: the first call fails otherwise.
    let (mut emulator, _) = guest(profile, "socketcall");
    emulator.on_enter(|_, call: &mut linux::Connect| call.fd = 1);
    assert_eq!(status(&mut emulator), 1);

    let (mut emulator, _) = guest(profile, "socketcall");
    emulator.on_enter(|cx, _: &mut linux::Sendto| cx.answer(Ok(3)));
    assert_eq!(status(&mut emulator), 2);

    let (mut emulator, _) = guest(profile, "socketcall");
    emulator.on_exit(|_, _: &linux::Sendto, ret| *ret = Ok(3));
    assert_eq!(status(&mut emulator), 2);
}

#[test]
fn numbers_without_a_call_have_callbacks_of_their_own() {
    each("unknown", |profile, mut emulator, _| {
        let (seen, log) = log();
        let known = Rc::new(Cell::new(0));
        let count = known.clone();
        emulator.on_any_enter(move |_, _| count.set(count.get() + 1));
        let exits = log.clone();
        emulator.on_unknown_enter(move |cx, number, args| {
            assert_eq!(cx.number(), number);
            assert!(cx.event().info.is_none());
            log.borrow_mut()
                .push(format!("enter {number:#x} {} {}", args[0], args[1]));
        });
        emulator.on_unknown_exit(move |cx, number, ret| {
            exits
                .borrow_mut()
                .push(format!("exit {number:#x} {ret:?} {:?}", cx.end()));
        });
        assert_eq!(status(&mut emulator), 0, "{}", profile.name);
        let seen = seen.borrow();
        assert!(
            seen.len() >= 2 && seen.len() % 2 == 0,
            "{}: {seen:?}",
            profile.name
        );
        for pair in seen.chunks(2) {
            let number = pair[0].split(' ').nth(1).expect("it was written so");
            assert_eq!(pair[0], format!("enter {number} 1 2"), "{}", profile.name);
            assert_eq!(
                pair[1],
                format!("exit {number} Err(ENOSYS) Some(Returned(Err(ENOSYS)))")
            );
        }
        assert_eq!(known.get(), 1, "{}: only its exit", profile.name);
    });
}

#[test]
fn a_number_without_a_call_can_be_given_one() {
    each("unknown", |profile, mut emulator, _| {
        emulator.on_unknown_enter(|cx, _, _| cx.answer(Ok(4711)));
        assert_eq!(
            status(&mut emulator),
            1,
            "{}: it wanted ENOSYS",
            profile.name
        );
    });
}

#[test]
fn several_listen_in_the_order_of_their_registration() {
    each("error", |profile, mut emulator, _| {
        let (seen, log) = log();
        let mut ids: Vec<CallbackId> = Vec::new();
        for name in ["first", "second", "third"] {
            let (enter, exit) = (log.clone(), log.clone());
            ids.push(emulator.on_enter(move |cx, _: &mut linux::Openat| {
                enter
                    .borrow_mut()
                    .push(format!("enter {name} {}", cx.id() == cx.id()));
            }));
            ids.push(emulator.on_exit(move |_, _: &linux::Openat, _| {
                exit.borrow_mut().push(format!("exit {name}"));
            }));
        }
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(status(&mut emulator), 0);
        let expected = [
            "enter first true",
            "enter second true",
            "enter third true",
            "exit first",
            "exit second",
            "exit third",
        ];
        assert_eq!(*seen.borrow(), expected, "{}", profile.name);
    });
}

#[test]
fn callbacks_are_removed_and_disabled_from_outside() {
    each("error", |profile, mut emulator, _| {
        let (seen, log) = log();
        let mut listen = |name: &'static str| {
            let log = log.clone();
            emulator.on_enter(move |_, _: &mut linux::Openat| log.borrow_mut().push(name.into()))
        };
        let (one, two, three) = (listen("one"), listen("two"), listen("three"));
        assert!(emulator.remove(one) && !emulator.remove(one), "once");
        assert!(
            !emulator.enable(one) && !emulator.disable(one),
            "it is gone"
        );
        assert!(emulator.disable(two) && emulator.disable(three) && emulator.enable(three));
        assert_eq!(status(&mut emulator), 0);
        assert_eq!(*seen.borrow(), ["three"], "{}", profile.name);
    });
}

#[test]
fn a_callback_removes_and_disables_itself_and_others() {
    // `pair64` calls pread64 three times.
    each("pair64", |profile, mut emulator, _| {
        let (seen, log) = log();
        let once = log.clone();
        emulator.on_enter(move |cx, _: &mut linux::Pread64| {
            once.borrow_mut().push("removes itself".into());
            let id = cx.id();
            assert!(cx.remove(id) && !cx.remove(id));
        });
        let twice = log.clone();
        let calls = Cell::new(0);
        let third = Rc::new(Cell::new(None));
        let later = third.clone();
        emulator.on_enter(move |cx, _: &mut linux::Pread64| {
            twice
                .borrow_mut()
                .push("disables itself at the second call".into());
            calls.set(calls.get() + 1);
            if calls.get() == 2 {
                let id = cx.id();
                assert!(cx.disable(id));
                assert!(cx.remove(later.get().expect("it was registered")));
            }
        });
        let other = log.clone();
        third.set(Some(emulator.on_enter(move |_, _: &mut linux::Pread64| {
            other.borrow_mut().push("is removed by the second".into());
        })));
        assert_eq!(status(&mut emulator), 0, "{}", profile.name);
        let expected = [
            "removes itself",
            "disables itself at the second call",
            "is removed by the second",
            "disables itself at the second call",
        ];
        assert_eq!(*seen.borrow(), expected, "{}", profile.name);
    });
}

#[test]
fn the_place_of_a_call_is_told() {
    each("error", |profile, mut emulator, _| {
        let (seen, log) = log();
        emulator.on_enter(move |cx, _: &mut linux::Openat| {
            let (pc, back) = (cx.pc(), cx.return_address());
            assert!(back > pc && back - pc <= 4, "{pc:#x} {back:#x}");
            assert_eq!(cx.reg(cx.profile().arch.row().pc), back);
            assert!(cx.instructions().is_none(), "nobody asked to count");
            log.borrow_mut().push(format!(
                "{} {} {}",
                cx.task(),
                cx.entry().name,
                cx.profile().name
            ));
        });
        assert_eq!(status(&mut emulator), 0);
        let expected = format!("1000 {} {}", profile.entries[0].name, profile.name);
        assert_eq!(*seen.borrow(), [expected]);
    });
}

#[test]
fn instructions_are_counted_when_asked_for() {
    for profile in profiles::ALL {
        let counts = Rc::new(RefCell::new(Vec::new()));
        let mut emulator = Builder::new()
            .guest(GuestSource::Host(image(profile, "hello")))
            .host(quiet())
            .count_instructions()
            .build()
            .expect("the guest is there");
        let log = counts.clone();
        emulator.on_any_enter(move |cx, _| {
            log.borrow_mut()
                .push(cx.instructions().expect("they are counted"))
        });
        assert_eq!(status(&mut emulator), 0);
        let counts = counts.borrow();
        assert!(
            counts[0] >= 4 && counts[0] <= 10,
            "{}: {counts:?}",
            profile.name
        );
        assert!(
            counts[1] > counts[0] && counts[1] <= counts[0] + 8,
            "{}: {counts:?}",
            profile.name
        );
    }
}

/// Counts events by kind.
struct Counting {
    wanted: Option<&'static str>,
    counts: Rc<RefCell<Vec<String>>>,
}

impl Sink for Counting {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        call.is_some_and(|info| Some(info.name) == self.wanted)
    }
    fn event(&mut self, event: &Event<'_>, _: &mut View<'_>) -> io::Result<()> {
        self.counts.borrow_mut().push(match event {
            Event::Born { .. } => "born".into(),
            Event::Start { .. } => "start".into(),
            Event::Enter(call) => format!("enter {}", call.info.map_or("?", |info| info.name)),
            Event::Exit { call, end, .. } => {
                format!("exit {} {end:?}", call.info.map_or("?", |info| info.name))
            }
            Event::Signal { info, .. } => format!("signal {}", info.name),
            Event::Exception { record, .. } => format!("exception {}", record.code),
            Event::Stopped { signal, .. } => format!("stopped by {signal}"),
            Event::TaskEnd { status, .. } => format!("end {status:?}"),
            Event::Note { text } => format!("note {text}"),
        });
        Ok(())
    }
    fn finish(&mut self) -> io::Result<()> {
        self.counts.borrow_mut().push("finish".into());
        Ok(())
    }
}

#[test]
fn a_sink_sees_the_signal_and_the_end_of_the_task() {
    let arm = profiles::by_name("linux_arm").expect("the profile");
    let counts = Rc::new(RefCell::new(Vec::new()));
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(image(arm, "fault")))
        .host(quiet())
        .sink(Box::new(Counting {
            wanted: None,
            counts: counts.clone(),
        }))
        .build()
        .expect("the guest is there");
    let status = emulator.run().expect("no failure of ours");
    assert_eq!(
        status,
        ExitStatus::Signaled {
            signal: 11,
            name: "SIGSEGV",
            core: false
        }
    );
    let expected = format!("end {status:?}");
    assert_eq!(
        *counts.borrow(),
        ["born", "start", "signal SIGSEGV", &expected, "finish"]
    );
}

#[test]
fn a_call_that_nobody_listens_to_is_not_seen() {
    for profile in profiles::ALL {
        let counts = Rc::new(RefCell::new(Vec::new()));
        let host = quiet();
        let mut emulator = Builder::new()
            .guest(GuestSource::Host(image(profile, "hello")))
            .host(host.clone())
            .sink(Box::new(Counting {
                wanted: Some("exit"),
                counts: counts.clone(),
            }))
            .build()
            .expect("the guest is there");
        let calls = Rc::new(Cell::new(0));
        let count = calls.clone();
        emulator.on_enter(move |_, _: &mut linux::Openat| count.set(count.get() + 1));
        assert_eq!(status(&mut emulator), 0);
        let expected = [
            "born",
            "start",
            "enter exit",
            "exit exit NeverReturns",
            "end Exited(0)",
            "finish",
        ];
        assert_eq!(*counts.borrow(), expected, "{}", profile.name);
        assert_eq!(calls.get(), 0);
        assert!(
            !host.streams.output().is_empty(),
            "the call was served all the same"
        );
    }
}

#[test]
fn a_sink_sees_arguments_as_callbacks_left_them() {
    for profile in profiles::ALL {
        let counts = Rc::new(RefCell::new(Vec::new()));
        let mut emulator = Builder::new()
            .guest(GuestSource::Host(image(profile, "error")))
            .host(quiet())
            .sink(Box::new(Counting {
                wanted: Some("openat"),
                counts: counts.clone(),
            }))
            .build()
            .expect("the guest is there");
        emulator.on_enter(|cx, _: &mut linux::Openat| cx.fail(Errno::EMFILE));
        emulator.on_exit(|_, _: &linux::Openat, ret| *ret = Err(Errno::ENOENT));
        assert_eq!(status(&mut emulator), 0);
        assert_eq!(
            counts.borrow()[2..4],
            ["enter openat", "exit openat Returned(Err(ENOENT))"],
            "{}",
            profile.name
        );
    }
}

#[test]
fn a_guest_runs_once() {
    let (mut emulator, _) = guest(profiles::ALL[0], "hello");
    assert_eq!(status(&mut emulator), 0);
    assert_eq!(
        emulator.run().expect_err("it is over").to_string(),
        "a guest runs once"
    );
}

#[test]
fn many_emulators_live_in_one_process() {
    let mut all: Vec<(Emulator, Rc<Quiet>)> = (0..4)
        .flat_map(|_| profiles::ALL.iter().map(|profile| guest(profile, "hello")))
        .collect();
    for (emulator, _) in all.iter_mut().rev() {
        assert_eq!(status(emulator), 0);
    }
    for (at, (_, host)) in all.iter().enumerate() {
        let expected = format!(
            "hello from {}\n",
            profiles::ALL[at % profiles::ALL.len()].name
        );
        assert_eq!(String::from_utf8_lossy(&host.streams.output()), expected);
    }
}

#[test]
fn emulators_run_in_threads() {
    std::thread::scope(|scope| {
        for profile in profiles::ALL {
            scope.spawn(move || {
                for _ in 0..5 {
                    let (mut emulator, host) = guest(profile, "hello");
                    let seen = Rc::new(Cell::new(0));
                    let count = seen.clone();
                    emulator.on_any_enter(move |_, _| count.set(count.get() + 1));
                    assert_eq!(status(&mut emulator), 0);
                    assert_eq!(seen.get(), 2);
                    assert!(host.streams.output().ends_with(b"\n"));
                }
            });
        }
    });
}

/// All that callbacks see of a run.
fn transcript(profile: &'static Profile, name: &str, seed: u64) -> Vec<String> {
    let (seen, log) = log();
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(image(profile, name)))
        .host(quiet())
        .seed(seed)
        .count_instructions()
        .build()
        .expect("the guest is there");
    emulator.on_any_exit(move |cx, call, ret| {
        let event = cx.event();
        let line = format!(
            "{} {:x?} {ret:?} {:#x} {:#x} {:?} {}",
            call.info.name, call.args, event.pc, event.sp, event.instructions, event.time
        );
        log.borrow_mut().push(line);
    });
    let status = emulator.run().expect("no failure of ours");
    let mut lines = seen.take();
    lines.push(format!("{status:?}"));
    lines
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for profile in profiles::ALL {
        for name in ["args6", "pair64", "fault"] {
            for seed in [0, 1, u64::MAX] {
                let first = transcript(profile, name, seed);
                assert_eq!(
                    first,
                    transcript(profile, name, seed),
                    "{} {name} {seed}",
                    profile.name
                );
            }
        }
    }
}
