//! The command, as a user types it.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use expect_test::{Expect, expect};

fn emu(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_emu"))
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("EMU_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("emu starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Fails with 125 and this one line.
#[track_caller]
fn fails(words: &[&str], expected: Expect) {
    let output = emu(words);
    expected.assert_eq(&text(&output.stderr));
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(125), String::new())
    );
}

const HELLO: &str = "guest-images/linux_arm/hello.elf";

#[test]
fn a_guest_runs_and_its_calls_are_shown_on_standard_error() {
    let output = emu(&[HELLO]);
    assert_eq!(text(&output.stdout), "hello from linux_arm\n");
    expect![[r#"
        write(1, "hello from linux_arm\n", 21)  = 21
        exit(0)                                 = ?
        +++ exited with 0 +++
    "#]]
    .assert_eq(&text(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_trace_goes_where_it_is_told() {
    let quiet = emu(&["-q", HELLO]);
    assert_eq!(
        (text(&quiet.stdout), text(&quiet.stderr)),
        ("hello from linux_arm\n".into(), String::new())
    );

    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("trace");
    let to_file = emu(&[
        "-o",
        file.to_str().expect("the path is text"),
        "-s",
        "5",
        HELLO,
    ]);
    assert!(to_file.stderr.is_empty());
    let written = std::fs::read_to_string(&file).expect("the trace is there");
    assert_eq!(
        written.lines().next(),
        Some(r#"write(1, "hello"..., 21)                = 21"#)
    );

    let some = emu(&["-e", "trace=!write", HELLO]);
    assert!(!text(&some.stderr).contains("write") && text(&some.stderr).contains("exit(0)"));

    let json = emu(&["--format", "json", HELLO]);
    let lines: Vec<serde_json::Value> = text(&json.stderr)
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let events: Vec<_> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap_or("?"))
        .collect();
    assert_eq!(
        events,
        ["born", "start", "enter", "exit", "enter", "exit", "end"]
    );
    assert_eq!(lines[3]["args"][1]["string"], "hello from linux_arm\n");
}

#[test]
fn run_is_the_command_that_needs_no_name() {
    let output = emu(&["run", "-q", HELLO]);
    assert_eq!(text(&output.stdout), "hello from linux_arm\n");
}

#[test]
fn a_wrong_word_gets_one_line_and_the_nearest_right_one() {
    fails(
        &["--profile", "linux_amr", HELLO],
        expect![[r#"
        emu: there is no profile `linux_amr`. Did you mean `linux_arm`?
    "#]],
    );
    fails(
        &["calls", "arm"],
        expect![[r#"
        emu: there is no profile `arm`. `emu profiles --all` lists them
    "#]],
    );
    fails(
        &["--profle", "linux_arm", HELLO],
        expect![[r#"
        emu: unexpected argument '--profle' found; a similar argument exists: '--profile'. Try `emu --help`.
    "#]],
    );
    fails(
        &["-e", "trace=opne", HELLO],
        expect![[r#"
        emu: -e trace: there is no call `opne`. Did you mean `open`?
    "#]],
    );
    fails(
        &["--memory", "lots", HELLO],
        expect![[r#"
        emu: --memory lots: expected a size, such as 512M or 2G
    "#]],
    );
    fails(
        &["--timeout", "1x", HELLO],
        expect![[r#"
        emu: --timeout 1x: expected a time, such as 5s, 200ms or 2m
    "#]],
    );
    fails(
        &["--bind", "x", HELLO],
        expect![[r#"
        emu: --bind x: expected HOST:GUEST or HOST:GUEST:rw, GUEST an absolute path
    "#]],
    );
    fails(
        &["-q"],
        expect![[r#"
        emu: a word is missing. Try `emu --help`.
    "#]],
    );
    fails(
        &["-q", "-o", "x", HELLO],
        expect![[r#"
        emu: the argument '--quiet' cannot be used with '--output <FILE>'. Try `emu --help`.
    "#]],
    );
    fails(
        &["-o", "/nonexistent/x", HELLO],
        expect![[r#"
        emu: /nonexistent/x: No such file or directory
    "#]],
    );
    fails(
        &["/nonexistent"],
        expect![[r#"
        emu: /nonexistent: No such file or directory
    "#]],
    );
    fails(
        &["--cwd", "/nowhere", HELLO],
        expect![[r#"
        emu: --cwd /nowhere: No such file or directory
    "#]],
    );
    fails(
        &[
            "--profile",
            "linux_arm",
            "guest-images/linux_mips/hello.elf",
        ],
        expect![[r#"
        emu: guest-images/linux_mips/hello.elf is a 32-bit big-endian MIPS image; linux_arm runs 32-bit little-endian ARM. Try --profile linux_mips.
    "#]],
    );
}

#[test]
fn without_a_word_there_is_help_and_failure() {
    let output = emu(&[]);
    assert!(text(&output.stderr).contains("Usage: emu [OPTIONS] GUEST [ARGS]..."));
    assert_eq!(
        (output.status.code(), output.stdout.is_empty()),
        (Some(125), true)
    );
}

#[test]
fn help_and_version_are_asked_for() {
    for words in [&["--help"][..], &["help"]] {
        let output = emu(words);
        assert!(text(&output.stdout).contains("Examples:"));
        assert!(text(&output.stdout).lines().all(|line| line.len() <= 100));
        assert_eq!(output.status.code(), Some(0));
    }
    let output = emu(&["--version"]);
    assert_eq!(
        text(&output.stdout),
        concat!("emu ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let output = emu(&["calls", "--help"]);
    assert!(text(&output.stdout).contains("Usage: emu calls"));
}

#[test]
fn profiles_are_listed() {
    let output = emu(&["profiles"]);
    let listed = text(&output.stdout);
    let names: Vec<_> = listed
        .lines()
        .skip(1)
        .filter_map(|line| line.split(' ').next())
        .collect();
    let unix = |name: &&&str| !name.starts_with("windows");
    let known: Vec<_> = emu::profiles::all().map(|profile| profile.name).collect();
    let expected: Vec<_> = known.iter().filter(unix).collect();
    assert_eq!(names.iter().filter(unix).collect::<Vec<_>>(), expected);
    assert!(names.contains(&"windows_7_x64") && names.len() < expected.len() + 10);
    let all = emu(&["profiles", "--all"]);
    assert_eq!(text(&all.stdout).lines().count(), 1 + known.len());
}

#[test]
fn calls_are_listed_with_what_is_done_for_them() {
    let output = emu(&["calls", "linux_mips"]);
    let listed = text(&output.stdout);
    let row = |name: &str| {
        let line = listed
            .lines()
            .find(|line| line.split_whitespace().nth(1) == Some(name));
        line.expect("the call is listed")
            .split_whitespace()
            .collect::<Vec<_>>()
    };
    assert_eq!(row("openat"), ["4288", "openat", "yes", "yes"]);
    assert_eq!(row("reboot")[1], "reboot");
    assert!(
        listed
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("linux_mips: "))
    );
}

#[test]
fn prototypes_are_printed_in_the_classic_form() {
    let output = emu(&["prototypes", "linux_x64"]);
    let listed = text(&output.stdout);
    assert!(listed.lines().any(|line| {
        line == "257 long openat(int dfd, const char *filename, int flags, umode_t mode);"
    }));
}

#[test]
fn the_schema_is_printed() {
    let output = emu(&["schema"]);
    assert_eq!(text(&output.stdout), emu::sink::json::SCHEMA);
}

#[test]
fn nobody_reading_is_no_reason_to_complain() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_emu"))
        .args(["calls", "linux_x64"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("emu starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("emu ends");
    assert_eq!(text(&output.stderr), "");
}

/// Two runs give the same trace, byte for byte.
#[test]
fn the_same_run_gives_the_same_trace() {
    let run = || {
        let output = emu(&["--format", "json", "guest-images/linux_mips/hello.elf"]);
        (output.stdout, output.stderr)
    };
    assert_eq!(run(), run());
}

/// A program of x86-64 that asks for its pid and goes on for ever.
fn endless() -> Vec<u8> {
    // mov eax, 39; syscall; jmp $
    let code = [0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xfe];
    let address = 0x40_0000u64;
    let mut image = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // e_type, e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags, then sizes and counts.
    image.extend([2, 0, 62, 0, 1, 0, 0, 0]);
    for word in [address + 120, 64, 0] {
        image.extend(word.to_le_bytes());
    }
    image.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    // PT_LOAD, to be read and run: offset, address twice, sizes, alignment.
    image.extend([1, 0, 0, 0, 5, 0, 0, 0]);
    let size = 120 + code.len() as u64;
    for word in [0, address, address, size, size, 4096] {
        image.extend(word.to_le_bytes());
    }
    image.extend(code);
    image
}

/// What was traced before a signal ends emu is in the file.
#[test]
fn an_interrupted_trace_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (guest, trace) = (folder.path().join("guest"), folder.path().join("trace"));
    std::fs::write(&guest, endless()).expect("the guest can be written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_emu"))
        .arg("-o")
        .arg(&trace)
        .arg(&guest)
        .stdin(Stdio::null())
        .spawn()
        .expect("emu starts");
    // The file is there as soon as the trace can be lost; a while later the guest has asked.
    while !trace.exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_secs(1));
    let killed = Command::new("kill")
        .arg("-TERM")
        .arg(child.id().to_string())
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    let status = child.wait().expect("emu ends");
    assert_eq!(status.signal(), Some(15));
    let written = std::fs::read_to_string(&trace).expect("the trace is there");
    assert!(written.starts_with("getpid()"), "{written}");
}
