//! The binary form: whatever a run would have shown can be shown of it afterwards, to the last byte.

mod bounded;
mod compilers;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bounded::{emu, here, run};
use compilers::{ALL, Target, X64, build, installed};
use emu::profiles;
use emu::show::replay_from;
use emu::sink::{BinarySink, Descriptors, Filter, JsonSink, Output, Settings, Sink, TextSink};
use emu::{Builder, GuestSource};

const LIMIT: Duration = Duration::from_secs(60);

/// Every guest of the repository, and the profile that its directory is named after.
fn guests() -> Vec<(&'static profiles::Profile, PathBuf)> {
    let mut all = Vec::new();
    for folder in std::fs::read_dir(here("guest-images")).expect("it is there") {
        let folder = folder.expect("it can be read").path();
        let name = folder
            .file_name()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let Some(profile) = profiles::by_name(&name) else {
            continue;
        };
        for file in std::fs::read_dir(&folder).expect("it can be read") {
            let file = file.expect("it can be read").path();
            if file
                .extension()
                .is_some_and(|end| end == "elf" || end == "exe")
            {
                all.push((profile, file));
            }
        }
    }
    all.sort_by(|(_, a), (_, b)| a.cmp(b));
    all
}

/// All that can be told of descriptors.
fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.descriptors = Descriptors::Details;
    settings
}

/// What sinks write for one and the same run: lines, JSON lines, and the binary form.
fn three(profile: &'static profiles::Profile, guest: &Path) -> [Vec<u8>; 3] {
    let text = |output| TextSink::new(output, Filter::all(), settings());
    let json = |output| JsonSink::new(output, Filter::all(), settings());
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("trace");
    let (lines, lines_written) = Output::memory();
    let (objects, objects_written) = Output::memory();
    let askers: Vec<Box<dyn Sink>> = vec![
        Box::new(text(Output::nowhere())),
        Box::new(json(Output::nowhere())),
    ];
    let binary = Output::binary(&file).expect("there is room");
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(guest.to_owned()))
        .profile(profile)
        .max_instructions(3_000_000)
        .sink(Box::new(text(lines)))
        .sink(Box::new(json(objects)))
        .sink(Box::new(BinarySink::new(binary, askers)))
        .build()
        .expect("the guest can be loaded");
    emulator.run().expect("the guest can be run");
    drop(emulator);
    let binary = std::fs::read(&file).expect("it was written");
    [lines_written.take(), objects_written.take(), binary]
}

/// The same, made of the binary form.
fn again(trace: &[u8]) -> Result<[Vec<u8>; 2], emu::Error> {
    let (lines, lines_written) = Output::memory();
    let (objects, objects_written) = Output::memory();
    let mut sinks: [Box<dyn Sink>; 2] = [
        Box::new(TextSink::new(lines, Filter::all(), settings())),
        Box::new(JsonSink::new(objects, Filter::all(), settings())),
    ];
    replay_from("a trace", trace, None, &mut sinks)?;
    Ok([lines_written.take(), objects_written.take()])
}

#[test]
fn every_guest_is_shown_as_it_ran() {
    let guests = guests();
    assert!(
        guests.len() > 300,
        "only {} guests were found",
        guests.len()
    );
    for (profile, guest) in guests {
        let [lines, objects, trace] = three(profile, &guest);
        let shown = again(&trace).unwrap_or_else(|error| panic!("{}: {error}", guest.display()));
        for (live, later) in [lines, objects].iter().zip(&shown) {
            assert_eq!(
                String::from_utf8_lossy(live),
                String::from_utf8_lossy(later),
                "{}",
                guest.display()
            );
        }
    }
}

/// Programs with threads, children, signals, restarted calls, sockets, and several tasks that wait.
const SOURCES: [&str; 5] = [
    "tests/binary/mixed.c",
    "tests/behaviour/thread/process_signal.c",
    "tests/behaviour/process/exec_signals.c",
    "tests/behaviour/signal/handler_info.c",
    "tests/behaviour/socket/tcp_threads.c",
];

/// Options of the trace.
const FORMS: [&[&str]; 19] = [
    &[],
    &["-y"],
    &["-yy", "-x"],
    &["-X", "verbose", "-e", "raw=write,futex"],
    &["--format", "json", "-yy"],
    &["-T", "-z"],
    &["-Z"],
    &["-e", "%file,%signal"],
    &["-e", "!write"],
    &["-c"],
    &["-tt", "-i", "-n"],
    &["-ttt", "-r", "--color=always"],
    &["--stamp", "insn"],
    &["-P", "/tmp/file-3"],
    &["-e", "signal=SIGCHLD", "-e", "trace=/^(w|k)"],
    &["--format", "json", "-Z", "-e", "trace-fds=1,3"],
    &["-c", "-S", "name", "-e", "%memory"],
    &["--format", "json"],
    &["--format", "json", "-e", "read,write"],
];

/// Options of a run that is to be looked at closely, and options that then show what it was asked to look at.
const CLOSELY: [&str; 8] = ["-v", "-s", "300", "-kk", "-e", "read=3", "-e", "write=1,4"];
const CLOSE: [&[&str]; 6] = [
    &CLOSELY,
    &["-v", "-s", "300"],
    &["-v", "-xx", "-X", "raw"],
    &["-k", "-e", "!close"],
    &["-e", "write=1"],
    &["--format", "json", "-v", "-k"],
];

/// Compares what is shown of a run and of its trace.
fn compared(target: &Target, program: &Path, recorded: &[&str], forms: &[&[&str]]) {
    let folder = tempfile::tempdir().expect("there is room");
    let trace = folder.path().join("trace");
    let live = |options: &[&str], output: &Path| {
        let mut command = emu();
        command
            .args(["--profile", target.profile, "--count-instructions"])
            .args(options);
        run(command.arg("-o").arg(output).arg(program), b"", LIMIT)
    };
    let ended = live(&[&["--format", "bin"], recorded].concat(), &trace);
    for options in forms {
        let file = folder.path().join("live");
        let other = live(options, &file);
        assert_eq!((ended.status, &ended.stdout), (other.status, &other.stdout));
        let shown = run(emu().arg("show").args(*options).arg(&trace), b"", LIMIT);
        assert_eq!((shown.status, shown.err().as_str()), (0, ""));
        let live = std::fs::read_to_string(&file).expect("it is text");
        assert!(!live.is_empty());
        assert_eq!(shown.out(), live, "{options:?} on {}", target.name);
    }
}

#[test]
fn any_options_give_of_a_trace_what_they_give_of_a_run() {
    for target in ALL.iter().filter(|target| installed(target.compiler)) {
        // The others say nothing that depends on the CPU.
        let all = matches!(target.name, "x64" | "x86" | "armhf" | "mips");
        for source in &SOURCES[..if all { SOURCES.len() } else { 1 }] {
            let program = build(target.compiler, &here(source)).expect("it can be built");
            compared(target, &program, &[], &FORMS);
            compared(target, &program, &CLOSELY, &CLOSE);
        }
    }
}

#[test]
fn a_call_takes_few_bytes() {
    if !installed(X64.compiler) {
        return;
    }
    let program = build(X64.compiler, &here("tests/binary/mixed.c")).expect("it can be built");
    let folder = tempfile::tempdir().expect("there is room");
    let trace = folder.path().join("trace");
    let mut command = emu();
    command
        .args(["--format", "bin", "-o"])
        .arg(&trace)
        .arg(program);
    assert_eq!(run(&mut command, b"", LIMIT).status, 0);
    let shown = run(emu().args(["show", "-e", "!none"]).arg(&trace), b"", LIMIT);
    let calls = shown
        .out()
        .lines()
        .filter(|line| line.contains(" = "))
        .count() as u64;
    assert!(calls > 5_000, "{calls} calls");
    let bytes = std::fs::metadata(&trace).expect("it was written").len();
    assert!(bytes <= 40 * calls, "{bytes} bytes for {calls} calls");
}

#[test]
fn what_is_cut_or_no_trace_at_all_is_told() {
    let (profile, guest) = (
        profiles::by_name("linux_arm").expect("there is one"),
        "guest-images/linux_arm/hello.elf",
    );
    let [.., trace] = three(profile, &here(guest));
    assert!(again(&trace).is_ok());
    for end in 0..trace.len() - 4 {
        let error = again(&trace[..end])
            .expect_err("it is not whole")
            .to_string();
        assert!(
            error.contains("cut") || error.contains("not a binary trace"),
            "{end}: {error}"
        );
    }
    let other = [&b"emu trace 9\n"[..], &trace[12..]].concat();
    let error = again(&other)
        .expect_err("it is of another form")
        .to_string();
    assert_eq!(
        error,
        "a trace: a trace in a form of another version of emu"
    );
    for (what, file) in [("a text", "README.md"), ("a program", guest)] {
        let shown = run(emu().arg("show").arg(here(file)), b"", LIMIT);
        assert_eq!(shown.status, 125, "{what}");
        assert!(
            shown
                .err()
                .ends_with("not a binary trace: it was not made by --format bin\n")
        );
    }
    let tampered = ["show", "-e", "fault=read", "x"];
    let refused = run(emu().args(tampered), b"", LIMIT);
    assert_eq!(
        refused.err(),
        "emu: -e fault=read: what has run can't be tampered with\n"
    );
    let nowhere = run(emu().args(["--format", "bin"]).arg(here(guest)), b"", LIMIT);
    assert_eq!(nowhere.err(), "emu: --format bin needs --output\n");
    assert_eq!(nowhere.status, 125);
}

/// Binary traces and JSON traces are compared with each other.
#[test]
fn a_binary_trace_differs_where_the_run_does() {
    let folder = tempfile::tempdir().expect("there is room");
    let trace = |format: &str, guest: &str| {
        let file = folder
            .path()
            .join(format!("{format}-{}", guest.replace('/', "-")));
        let mut command = emu();
        command.args(["--format", format, "-o"]).arg(&file);
        let ended = run(command.arg(here("guest-images").join(guest)), b"", LIMIT);
        assert_eq!(ended.status, 0);
        file
    };
    let diff = |a: &Path, b: &Path| run(emu().arg("diff").arg(a).arg(b), b"", LIMIT);
    let (arm, mips) = ("linux_arm/error.elf", "linux_mips/error.elf");
    let (json, binary) = (trace("json", arm), trace("bin", arm));
    assert_eq!(diff(&json, &binary).status, 0);
    let other = diff(&binary, &trace("bin", mips));
    assert_eq!(other.out(), diff(&json, &trace("json", mips)).out());
    std::fs::write(
        folder.path().join("cut"),
        &std::fs::read(&binary).expect("it is there")[..40],
    )
    .expect("there is room");
    let cut = diff(&json, &folder.path().join("cut"));
    assert_eq!(cut.status, 125);
    assert!(
        cut.err().ends_with("the trace is cut behind 0 events\n"),
        "{}",
        cut.err()
    );
}

/// A trace of a user's own operating system names its profile, whose file is named again.
#[test]
fn a_trace_of_an_own_system_asks_for_its_profile() {
    let folder = tempfile::tempdir().expect("there is room");
    let text = std::fs::read_to_string(here("profiles/own/newos_x86.toml")).expect("it is there");
    let text = text
        .replace("newos_x86", "otheros_x86")
        .replace("../../prototypes/own/", "");
    let profile = folder.path().join("otheros_x86.toml");
    std::fs::write(&profile, text).expect("there is room");
    let prototypes = std::fs::read(here("prototypes/own/newos_x86.txt")).expect("it is there");
    std::fs::write(folder.path().join("otheros_x86.txt"), prototypes).expect("there is room");
    let trace = folder.path().join("trace");
    let guest = here("guest-images/newos_x86/hello.elf");
    let live = run(emu().arg("--profile").arg(&profile).arg(&guest), b"", LIMIT);
    let mut command = emu();
    command
        .arg("--profile")
        .arg(&profile)
        .args(["--format", "bin", "-o"])
        .arg(&trace);
    let ended = run(command.arg(&guest), b"", LIMIT);
    assert_eq!(ended.status, live.status, "{}", ended.err());
    let shown = run(
        emu().arg("show").arg(&trace).arg("--profile").arg(&profile),
        b"",
        LIMIT,
    );
    assert_eq!(shown.out(), live.err());
    let without = run(emu().arg("show").arg(&trace), b"", LIMIT);
    assert!(
        without.err().contains("--profile names its file"),
        "{}",
        without.err()
    );
}
