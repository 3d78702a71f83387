//! Calls that are tampered with: `-e inject=` and `-e fault=`, as strace(1) has them.

mod bounded;
mod compilers;
mod tiny;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bounded::{Ended, emu, here, run};
use compilers::{ALL, ARMHF, MIPS, Target, X64, X86, build, installed};
use emu::inject::Rules;
use emu::profiles;
use tiny::unix;

const LIMIT: Duration = Duration::from_secs(30);

fn ran(options: &[&str], guest: &Path, args: &[&str]) -> Ended {
    run(emu().args(options).arg(guest).args(args), b"", LIMIT)
}

/// The trace of a tiny guest.
fn trace(options: &[&str], guest: &str) -> Vec<String> {
    let ended = ran(options, &here("guest-images").join(guest), &[]);
    ended.err().lines().map(str::to_owned).collect()
}

fn program(target: &Target, name: &str) -> Option<PathBuf> {
    let source = here("tests/inject").join(name);
    installed(target.compiler).then(|| build(target.compiler, &source).expect("it compiles"))
}

/// What the program that tells of itself says.
fn told(target: &Target, rules: &[&str], what: &str) -> Option<String> {
    let program = program(target, "told.c")?;
    let options: Vec<&str> = rules.iter().flat_map(|rule| ["-e", *rule]).collect();
    let ended = ran(&options, &program, &[what]);
    assert_eq!(ended.status, 0, "{}: {}", target.name, ended.err());
    Some(ended.out())
}

#[test]
fn every_unix_sees_the_error_and_the_call_is_not_made() {
    for profile in unix() {
        let image = here("guest-images").join(profile.name).join("hello.elf");
        let options = ["-p", profile.name, "-e", "inject=write:error=ENOLCK"];
        let ended = ran(&options, &image, &[]);
        let text = format!("hello from {}\\n", profile.name);
        let call = format!("write(1, \"{text}\", {})", text.len() - 1);
        let line = format!("{call:<39} = -1 ENOLCK (No locks available) (INJECTED)");
        assert_eq!(ended.err().lines().next(), Some(line.as_str()));
        assert_eq!(ended.out(), "", "{}", profile.name);
    }
}

/// Numbers of errors are the guest's own: 35 is EDEADLK on x86 and EAGAIN on FreeBSD, 46 is ENOLCK on MIPS.
/// [Linux include/uapi/asm-generic/errno.h, arch/mips/include/uapi/asm/errno.h; FreeBSD sys/errno.h]
#[test]
fn a_number_of_an_error_is_the_guests() {
    for (guest, number, name) in [
        ("linux_x64/hello.elf", "35", "EDEADLK"),
        ("linux_mips/hello.elf", "46", "ENOLCK"),
        ("linux_mips/hello.elf", "45", "EDEADLK"),
        ("freebsd_x64/hello.elf", "35", "EAGAIN"),
    ] {
        let lines = trace(&["-e", &format!("inject=write:error={number}")], guest);
        assert!(lines[0].contains(&format!("= -1 {name} (")), "{lines:?}");
    }
}

#[test]
fn windows_gets_a_status_by_name_or_number() {
    for profile in [
        "windows_2000_x86",
        "windows_7_x86",
        "windows_7_x64",
        "windows_11_24h2_x64",
    ] {
        for status in ["STATUS_ACCESS_DENIED", "0xC0000022", "0xc0000022"] {
            let rule = format!("inject=NtWriteFile:error={status}");
            let guest = format!("{profile}/hello.exe");
            let lines = trace(&["-p", profile, "-e", &rule], &guest);
            let line = lines.iter().find(|line| line.starts_with("NtWriteFile("));
            let line = line.expect("it is made");
            assert!(
                line.ends_with("= 0xc0000022 (STATUS_ACCESS_DENIED) (INJECTED)"),
                "{line}"
            );
        }
    }
}

#[test]
fn a_users_own_system_has_rules_too() {
    let mine = here("profiles/own/newos_x86.toml");
    let options = [
        "-p",
        mine.to_str().expect("it is text"),
        "-e",
        "inject=put:error=ENOSYS",
    ];
    let lines = trace(&options, "newos_x86/hello.elf");
    let expected = "put(1, \"hello, newos\\n\", 13)            = -1 ENOSYS (Function not implemented) (INJECTED)";
    assert_eq!(lines[0], expected);
}

#[test]
fn numbers_without_a_call_belong_to_all() {
    let lines = trace(
        &["-e", "inject=all:retval=0:when=1"],
        "linux_x64/unknown.elf",
    );
    assert!(
        lines[0].starts_with("syscall_0x") && lines[0].ends_with(" = 0 (INJECTED)"),
        "{lines:?}"
    );
}

#[test]
fn programs_see_errors_and_values_on_every_cpu() {
    for target in ALL {
        let rules = ["inject=chdir:error=EREMOTEIO:when=1"];
        let Some(said) = told(target, &rules, "error") else {
            continue;
        };
        assert_eq!(said, "-1 EREMOTEIO\n0\n", "{}", target.name);
        let said = told(target, &["inject=chdir:retval=7"], "error").expect("it was there");
        assert!(
            said.starts_with("7 ") && said.ends_with("\n7\n"),
            "{}: {said}",
            target.name
        );
    }
}

/// "Accounting of syscalls that are subject to injection is done per syscall and per tracee."   [strace(1), Tampering]
#[test]
fn invocations_are_counted_for_each_task() {
    for target in [&X64, &X86, &ARMHF, &MIPS] {
        for (when, expected) in [
            ("2", "0 1 0 0 0 0"),
            ("2..4", "0 1 1 1 0 0"),
            ("5+", "0 0 0 0 1 1"),
            ("2+3", "0 1 0 0 1 0"),
            ("1..5+2", "1 0 1 0 1 0"),
        ] {
            let rule = format!("inject=getpgid:retval=7:when={when}");
            let Some(said) = told(target, &[&rule], "count") else {
                continue;
            };
            assert_eq!(
                said,
                format!("parent {expected}\nchild {expected}\n"),
                "{}",
                target.name
            );
        }
    }
}

#[test]
fn the_last_rule_of_a_call_counts() {
    let rules = [
        "inject=%file:error=EIO",
        "inject=chdir:error=ENOTDIR:when=2",
    ];
    if let Some(said) = told(&X64, &rules, "error") {
        assert_eq!(said.lines().last(), Some("-1"));
        assert!(said.starts_with("0 "), "{said}");
    }
}

#[test]
fn a_signal_comes_as_the_call_begins() {
    for target in [&X64, &X86, &ARMHF, &MIPS] {
        let rules = ["inject=read:signal=USR1"];
        let Some(said) = told(target, &rules, "signal") else {
            continue;
        };
        // The first read would wait: it is cut short. The second has what it reads, and only the handler runs.
        assert_eq!(said, "-1 EINTR 1\n1 2\n", "{}", target.name);
    }
    let lines = trace(
        &["-e", "inject=write:signal=SIGTERM"],
        "linux_mips/hello.elf",
    );
    assert!(lines[0].ends_with(" = 22"), "{lines:?}");
    assert_eq!(
        lines[1..],
        [
            "--- SIGTERM {si_signo=SIGTERM, si_code=SI_KERNEL} ---",
            "+++ killed by SIGTERM +++"
        ]
    );
    // A signal and an error.
    let lines = trace(
        &["-e", "inject=write:signal=9:error=EIO"],
        "linux_arm/hello.elf",
    );
    assert!(
        lines[0].ends_with(" = -1 EIO (Input/output error) (INJECTED)"),
        "{lines:?}"
    );
    assert_eq!(
        lines.last().map(String::as_str),
        Some("+++ killed by SIGKILL +++")
    );
}

/// A signal that is ignored does not end the wait of a call: another process does.
#[test]
fn an_ignored_signal_changes_nothing() {
    let lines = trace(
        &["-e", "inject=wait4:signal=SIGURG:when=1"],
        "freebsd_x64/fork.elf",
    );
    assert!(
        lines.iter().any(|line| line.starts_with("--- SIGURG")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains("WEXITSTATUS(s) == 7")),
        "{lines:?}"
    );
}

#[test]
fn a_delay_is_guest_time() {
    for target in [&X64, &X86, &ARMHF, &MIPS] {
        for rule in [
            "inject=chdir:delay_enter=5s",
            "inject=chdir:delay_exit=5000000",
            "inject=chdir:delay_enter=2s:delay_exit=3000ms",
        ] {
            let begin = Instant::now();
            let Some(said) = told(target, &[rule], "delay") else {
                continue;
            };
            assert_eq!(said, "5000\n", "{rule} on {}", target.name);
            assert!(begin.elapsed() < Duration::from_secs(5), "the clock jumps");
        }
    }
    // Only what comes before the end of a call counts as its time.
    let lines = |rule| trace(&["-T", "-e", rule], "linux_mips/hello.elf")[0].clone();
    assert!(lines("inject=write:delay_enter=1.5ms").ends_with(" = 22 (DELAYED) <0.001501>"));
    assert!(lines("inject=write:delay_exit=1.5ms").ends_with(" = 22 (DELAYED) <0.000001>"));
}

#[test]
fn a_delay_takes_as_long_as_it_says_with_the_hosts_clock() {
    let begin = Instant::now();
    let options = [
        "--time",
        "real",
        "-q",
        "-e",
        "inject=write:delay_enter=300ms",
    ];
    let ended = ran(&options, &here("guest-images/linux_x64/hello.elf"), &[]);
    assert_eq!(ended.status, 0);
    assert!(begin.elapsed() >= Duration::from_millis(300));
    // The end of the run is not waited for.
    let options = [
        "--time",
        "real",
        "--timeout",
        "300ms",
        "-e",
        "inject=write:delay_enter=1000s",
    ];
    let ended = ran(&options, &here("guest-images/linux_x64/hello.elf"), &[]);
    assert_eq!(ended.status, 124);
}

#[test]
fn bytes_are_put_where_arguments_point() {
    for target in [&X64, &X86, &ARMHF, &MIPS] {
        let enter = "inject=write:poke_enter=@arg2=58595a:when=1";
        let Some(said) = told(target, &[enter], "poke") else {
            continue;
        };
        assert_eq!(said, "XYZ\n", "{}", target.name);
        let exit = "inject=read:poke_exit=@arg2=414243";
        assert_eq!(
            told(target, &[exit], "poke").expect("it was there"),
            "ABC\n",
            "{}",
            target.name
        );
    }
    // Nothing is there: nothing happens, and no mark says that something did.
    let lines = trace(
        &["-e", "inject=write:poke_enter=@arg1=00,@arg7=00"],
        "linux_x64/hello.elf",
    );
    assert!(lines[0].ends_with(" = 21"), "{lines:?}");
}

/// `socketcall` stands for `socket` on i386 and ARM's oldest, and a rule for the one takes it.
#[test]
fn a_rule_has_the_call_that_another_stands_for() {
    for target in [&X64, &X86, &ARMHF, &MIPS] {
        let rules = [
            "inject=socket:error=EMULTIHOP",
            "inject=socketcall:error=EIO",
        ];
        let Some(said) = told(target, &rules, "socket") else {
            continue;
        };
        assert_eq!(said, "-1 EMULTIHOP\n", "{}", target.name);
    }
}

#[test]
fn calls_that_are_not_traced_are_spared() {
    let lines = trace(
        &["-e", "trace=exit", "-e", "inject=write:error=EIO"],
        "linux_mips/hello.elf",
    );
    assert!(lines[0].starts_with("exit(0) "), "{lines:?}");
    let ended = ran(
        &["-q", "-e", "fault=write"],
        &here("guest-images/linux_mips/hello.elf"),
        &[],
    );
    assert_eq!((ended.out(), ended.err()), (String::new(), String::new()));
}

#[test]
fn what_the_guest_cannot_get_is_said_at_once() {
    let check = |guest: &str, rule: &str, why: &str| {
        let guest = here("guest-images").join(guest);
        let ended = ran(&["-e", rule], &guest, &[]);
        assert_eq!(ended.err(), format!("emu: -e {rule}: {why}\n"));
        assert_eq!(ended.status, 125);
    };
    let statuses = "linux_x64 has no such statuses; its errors have names such as ENOENT";
    check(
        "linux_x64/hello.elf",
        "inject=all:error=STATUS_ACCESS_DENIED",
        statuses,
    );
    check(
        "linux_x64/hello.elf",
        "inject=all:error=200",
        "linux_x64 has no error 200",
    );
    check(
        "linux_x64/hello.elf",
        "inject=all:signal=SIGEMT",
        "linux_x64 has no SIGEMT",
    );
    check(
        "linux_x64/hello.elf",
        "fault=all:when=0",
        "when=0: expected FIRST[..LAST][+[STEP]], from 1 to 65535, LAST less",
    );
    let nothing = "expected :error=, :retval=, :signal=, :delay_enter=, :delay_exit=, :poke_enter= or :poke_exit=";
    check("linux_x64/hello.elf", "inject=write", nothing);
}

/// Rules come after callbacks: what one of them answers is as it says.
#[test]
fn a_callback_that_answers_comes_first() {
    let rules = || {
        Rules::new()
            .with("inject=write:error=EIO")
            .expect("it is one")
    };
    let mine = profiles::by_name("linux_mips").expect("it exists");
    let image = here("guest-images/linux_mips/hello.elf");
    let run = |answers: bool| {
        let builder = emu::Builder::new().guest(emu::GuestSource::Host(image.clone()));
        let mut emulator = builder
            .profile(mine)
            .inject(rules())
            .build()
            .expect("it is a guest");
        if answers {
            emulator.on_call_enter("write", |cx, _| cx.answer(Ok(22)));
        }
        let seen = std::rc::Rc::new(std::cell::Cell::new(None));
        let told = seen.clone();
        emulator.on_call_exit("write", move |cx, _, ret| {
            told.set(Some((*ret, cx.event().tampered.result)))
        });
        emulator.run().expect("it runs");
        seen.get().expect("it was called")
    };
    assert_eq!(run(true), (Ok(22), false));
    assert_eq!(run(false), (Err(emu::linux::Errno::EIO), true));
}

#[test]
fn json_says_what_rules_did() {
    let exits = |rule: &str| {
        let lines = trace(&["--format", "json", "-e", rule], "linux_mips/hello.elf");
        let line = lines
            .iter()
            .find(|line| line.contains("\"exit\"") && line.contains("\"write\""));
        let value: serde_json::Value =
            serde_json::from_str(line.expect("it is told")).expect("it is JSON");
        ["injected", "injected_args", "delayed"]
            .map(|name| value.get(name).is_some_and(|value| value == true))
    };
    assert_eq!(exits("inject=write:error=EIO"), [true, false, false]);
    assert_eq!(
        exits("inject=write:poke_exit=@arg2=00"),
        [false, true, false]
    );
    assert_eq!(
        exits("inject=write:retval=1:delay_exit=1:poke_enter=@arg2=00"),
        [true, true, true]
    );
    assert_eq!(exits("inject=read:error=EIO"), [false, false, false]);
}

/// Lines from the first chdir on, without what differs from run to run.
fn comparable(trace: &str) -> Vec<String> {
    let lines = trace
        .lines()
        .skip_while(|line| !line.starts_with("chdir("))
        // The C library brings its own way back from handlers where there is no vDSO, and strace reads the mask from
        // the frame.
        .filter(|line| !line.contains("sigaction(") && !line.contains("sigreturn("))
        .map(|line| line.replace(" <by socketcall>", ""));
    let plain = |line: String| {
        let mut words: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            let number = word.trim_end_matches([',', ')']);
            let address = number
                .strip_prefix("0x")
                .is_some_and(|digits| digits.len() >= 5)
                || number.starts_with("{sa_handler=0x")
                || number.starts_with("sa_restorer=0x");
            words.push(if address {
                "ADDRESS".to_owned()
            } else {
                word.to_owned()
            });
        }
        words.join(" ")
    };
    lines.map(plain).collect()
}

#[test]
fn lines_are_those_of_strace() {
    if !installed("strace") {
        return;
    }
    for target in [&X64, &X86] {
        let Some(program) = program(target, "calls.c") else {
            continue;
        };
        for rules in [
            &["inject=chdir:error=ENOENT"] as &[&str],
            &["inject=chdir:retval=5:when=2+2"],
            &["inject=chdir:retval=0x1f:when=2..4"],
            &["inject=chdir:signal=SIGUSR1:when=3"],
            &["inject=chdir:signal=SIGURG:when=3"],
            &["inject=chdir:delay_enter=1000:when=3"],
            &["inject=chdir:delay_exit=1000us:when=3"],
            &["inject=chdir:syscall=getpid:error=EIO:when=3"],
            &["fault=chdir:when=3"],
            &["fault=chdir:error=EPERM", "inject=chdir:retval=7:when=2"],
            &["inject=write:poke_enter=@arg2=58595a"],
            &["inject=chdir:poke_enter=@arg1=2f78:when=1"],
            &["inject=read:poke_exit=@arg2=58595a"],
            &["inject=read:poke_exit=@arg2=414243:retval=2"],
            &["inject=read:poke_enter=@arg2=58:poke_exit=@arg2=414243:error=EIO:delay_exit=2ms"],
            &[
                "inject=umask:signal=USR1:error=EIO",
                "inject=nanosleep,clock_nanosleep:signal=USR1:error=EINTR",
            ],
            &["inject=umask:signal=USR2"],
            &[
                "inject=%memory:error=ENOMEM:when=9",
                "inject=socket:error=EPERM",
                "inject=socketcall:error=EIO",
            ],
            &["inject=exit_group:error=1:when=1"],
            &[
                "trace=read,chdir",
                "inject=umask:signal=USR2",
                "inject=%desc:error=EMFILE:when=2",
            ],
        ] {
            let options: Vec<&str> = rules.iter().flat_map(|rule| ["-e", *rule]).collect();
            let folder = tempfile::tempdir().expect("there is room");
            let file = folder.path().join("trace");
            let mut strace = Command::new("strace");
            strace
                .arg("-o")
                .arg(&file)
                .args(&options)
                .arg(&program)
                .env_clear();
            run(&mut strace, b"", LIMIT);
            let known = comparable(&std::fs::read_to_string(&file).expect("strace wrote it"));
            if !known.first().is_some_and(|line| line.starts_with("chdir")) {
                println!(
                    "left out: strace can't run a program of {} here",
                    target.name
                );
                return;
            }
            let mut own = emu();
            own.arg("-o").arg(&file).args(&options).arg(&program);
            run(&mut own, b"", LIMIT);
            let ours = comparable(&std::fs::read_to_string(&file).expect("emu wrote it"));
            assert_eq!(
                ours.join("\n"),
                known.join("\n"),
                "{rules:?} on {}",
                target.name
            );
        }
    }
}
