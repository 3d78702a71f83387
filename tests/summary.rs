//! What a summary tells of programs that do what makes a person look twice.

mod bounded;
mod compilers;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, emu, here, run};
use compilers::{ARMHF, MIPS, Target, X64, X86, build, installed};
use expect_test::{Expect, expect};

const LIMIT: Duration = Duration::from_secs(60);

/// A summary, without what differs between architectures: addresses, times, counts of calls, sizes of programs.
fn same(summary: &str) -> String {
    let mut lines: Vec<String> = summary.lines().skip(1).map(str::to_owned).collect();
    for line in &mut lines {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for at in 0..words.len() {
            let digits = words[at].chars().filter(char::is_ascii_digit).count();
            let next = words.get(at + 1).cloned().unwrap_or_default();
            if let Some((before, number)) = words[at].split_once("0x")
                && let end = number.find(|letter: char| !letter.is_ascii_hexdigit())
                && let end = end.unwrap_or(number.len())
                && end > 3
            {
                words[at] = format!("{before}ADDRESS{}", &number[end..]);
            } else if at > 0 && words[at - 1] == "at" && words[at].ends_with(':') {
                words[at] = "TIME:".to_owned();
            } else if next == "calls," || (next == "bytes" && digits > 3) {
                words[at] = "N".to_owned();
            }
        }
        *line = words.join(" ").replace("mmap2(", "mmap(");
    }
    lines.join("\n") + "\n"
}

fn check(command: &mut Command, expected: &Expect) {
    let ended = run(command, b"", LIMIT);
    assert_eq!(ended.status, 0, "{}", ended.err());
    expected.assert_eq(&same(&ended.err()));
}

/// A program in a folder of its own.
fn program(target: &Target, folder: &Path) {
    let built = build(target.compiler, &here("tests/summary/acts.c")).expect("it can be built");
    std::fs::copy(built, folder.join("acts")).expect("it can be copied");
}

fn acts(target: &Target, args: &[&str]) -> Ended {
    let folder = tempfile::tempdir().expect("a folder can be made");
    program(target, folder.path());
    let bind = format!("{}:/data", folder.path().display());
    let mut command = emu();
    command.current_dir(folder.path());
    command
        .args(["-q", "--net", "sink", "--bind", &bind])
        .args(args);
    run(command.arg("/data/acts"), b"", LIMIT)
}

const ACTS: Expect = expect![[r#"

    Suspicious
      deletes or renames its own program
        task 1000 at TIME: unlink("/data/acts") = 0
      runs a program that no path leads to
        task 1001 at TIME: execveat(4, "", ["again", "with words"], ADDRESS /* 0 vars */, AT_EMPTY_PATH) = 0
      writes where programs are started from (2 times)
        task 1000 at TIME: mkdir("/etc/cron.d", 0755) = 0
        task 1000 at TIME: rename("cron.txt", "/etc/cron.d/x") = 0
      has memory that can be written and run
        task 1000 at TIME: mmap(NULL, 8192, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ADDRESS
      runs memory that is no file's
        task 1000 at TIME: mprotect(ADDRESS, 4096, PROT_READ|PROT_EXEC) = 0
      asks to be traced: no debugger can then
        task 1000 at TIME: ptrace(PTRACE_TRACEME) = 0
      looks for a debugger, or hides from it
        task 1000 at TIME: openat(AT_FDCWD, "/proc/self/status", O_RDONLY) = 3
      signals processes that are not its own
        task 1000 at TIME: kill(1, SIGKILL) = -1 ESRCH (No such process)
      talks to many addresses (18 times)
        task 1000 at TIME: connect(5, {sa_family=AF_INET, sin_port=htons(23), sin_addr=inet_addr("10.0.0.15")}, 16) = 0
        and 17 more
      changes its name in lists of processes
        task 1000 at TIME: prctl(PR_SET_NAME, "[kworker/0:1]") = 0

    Programs started
      1001 /memfd:x (deleted) "with words"

    Tasks
      1000 /data/acts, the first, N calls, exited with 0
      1001 /memfd:x (deleted), child of 1000, N calls, exited with 7

    Network
      asks for example.org
      udp to 8.8.8.8:53: 29 bytes sent, 0 received
      tcp to 10.0.0.1:23: 6 bytes sent, 0 received
      tcp listens at 0.0.0.0:4444
      tcp to 10.0.0.2:23
      tcp to 10.0.0.3:23
      tcp to 10.0.0.4:23
      tcp to 10.0.0.5:23
      tcp to 10.0.0.6:23
      tcp to 10.0.0.7:23
      and 10 more

    Files changed
      /memfd:x (deleted)                       N bytes written
      /cron.txt                                made, 18 bytes written, renamed to /etc/cron.d/x
      /data/acts                               N bytes read, deleted
      /etc/cron.d                              directory made
      /etc/cron.d/x                            mode changed

    Files read
      /proc/1000/status

    Signals received
      SIGCHLD
      SIGCONT

    Notes
      dns example.org A -> 10.142.41.156
      tcp 10.0.0.1:23
      tcp 10.0.0.2:23
      tcp 10.0.0.3:23
      tcp 10.0.0.4:23
      tcp 10.0.0.5:23
      tcp 10.0.0.6:23
      tcp 10.0.0.7:23
      tcp 10.0.0.8:23
      tcp 10.0.0.9:23
      and 8 more
"#]];

#[test]
fn acts_that_make_a_person_look_twice_are_told_with_what_shows_them() {
    let mut summaries = Vec::new();
    for target in [&ARMHF, &MIPS, &X86, &X64] {
        if !installed(target.compiler) {
            continue;
        }
        let ended = acts(target, &["--behaviour"]);
        assert_eq!(ended.status, 0, "{}: {}", target.name, ended.err());
        summaries.push(same(&ended.err()));
    }
    let Some(first) = summaries.first() else {
        return;
    };
    ACTS.assert_eq(first);
    for summary in &summaries {
        assert_eq!(summary, first);
    }
}

#[test]
fn a_summary_for_programs_has_all_of_it() {
    if !installed(MIPS.compiler) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let trace = folder.path().join("acts.trace");
    let trace = trace.to_str().expect("it is text");
    let source = build(MIPS.compiler, &here("tests/summary/acts.c")).expect("it can be built");
    let mut command = emu();
    command.args(["--format", "bin", "-o", trace, "--net", "sink"]);
    let ended = run(command.arg(source), b"", LIMIT);
    assert_eq!(ended.status, 0, "{}", ended.err());
    let ended = run(
        emu().args(["summary", "--format", "json", trace]),
        b"",
        LIMIT,
    );
    let told: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("it is JSON");
    assert_eq!(told["version"], 1);
    assert_eq!(told["profile"], "linux_mips");
    assert_eq!(told["hosts"][0]["name"], "example.org");
    // The one who listens, the one who asks, and 17 others.
    assert_eq!(told["sockets"].as_array().map(Vec::len), Some(19));
    let made = told["files"].as_array().expect("a list").iter();
    let made: Vec<_> = made.filter(|file| file["made"] == "made").collect();
    assert_eq!(made[0]["path"], "/cron.txt");
    assert_eq!(
        (&made[0]["written"], &made[0]["renamed"]),
        (&18.into(), &"/etc/cron.d/x".into())
    );
    let failed = told["failed"].as_array().expect("a list").iter();
    let failed: Vec<_> = failed
        .filter(|failed| failed["path"] == "/nothing")
        .collect();
    assert_eq!(
        (&failed[0]["error"], &failed[0]["count"]),
        (&"ENOENT".into(), &1.into())
    );
}

#[test]
fn a_trace_tells_what_the_run_told() {
    if !installed(ARMHF.compiler) {
        return;
    }
    let source = build(ARMHF.compiler, &here("tests/summary/acts.c")).expect("it can be built");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut command = emu();
    command.args(["--format", "bin", "-o", &file("trace"), "--net", "sink"]);
    command.args([
        "--behaviour",
        "--report",
        &file("live.html"),
        "--perfetto",
        &file("live.json"),
    ]);
    let live = run(command.arg(source), b"", LIMIT);
    assert_eq!(live.status, 0, "{}", live.err());
    let later = run(emu().args(["summary", &file("trace")]), b"", LIMIT);
    assert_eq!(later.out(), live.err());
    run(
        emu().args(["report", &file("trace"), "-o", &file("later.html")]),
        b"",
        LIMIT,
    );
    let perfetto = [
        "show",
        "--format",
        "perfetto",
        &file("trace"),
        "-o",
        &file("later.json"),
    ];
    run(emu().args(perfetto), b"", LIMIT);
    let read = |name: &str| std::fs::read(file(name)).expect("it was written");
    assert!(read("live.html") == read("later.html"), "the pages differ");
    assert!(
        read("live.json") == read("later.json"),
        "the trace events differ"
    );
}

#[test]
fn calls_that_go_past_the_library_are_told() {
    let libraries = Path::new("/usr/i686-linux-gnu/lib");
    if !installed(X86.compiler) || !libraries.exists() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let program = folder.path().join("past");
    // It takes the library from a file, so it is not built as the others.
    let mut command = Command::new(X86.compiler);
    command.args(["-O1", "-w", "-o"]).arg(&program);
    let built = run(command.arg(here("tests/summary/past.c")), b"", LIMIT);
    assert_eq!(built.status, 0, "{}", built.err());
    let bind = format!("{}:/lib", libraries.display());
    let mut command = emu();
    check(
        command
            .args(["-q", "--behaviour", "--bind", &bind])
            .arg(&program),
        &expect![[r#"

            Suspicious
              runs memory that is no file's
                task 1000 at TIME: mprotect(ADDRESS, 4096, PROT_READ|PROT_EXEC) = 0
              calls the system from memory that is no file's
                task 1000 at TIME: getpid at ADDRESS
              calls the system past the library for it
                task 1000 at TIME: getpid at ADDRESS in /emu/past

            Files read
              /lib/libc.so.6                           512 bytes read
        "#]],
    );
}

#[test]
fn windows_has_keys_and_objects() {
    let compiler = "x86_64-w64-mingw32-gcc";
    if !installed(compiler) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let program = folder.path().join("keys.exe");
    let mut command = Command::new(compiler);
    command.args([
        "-O1",
        "-w",
        "-nostdlib",
        "-ffreestanding",
        "-e",
        "start",
        "-o",
    ]);
    command
        .arg(&program)
        .arg(here("tests/summary/keys.c"))
        .arg("-lntdll");
    let built = run(&mut command, b"", LIMIT);
    assert_eq!(built.status, 0, "{}", built.err());
    let mut command = emu();
    command.args(["-q", "--behaviour", "-p", "windows_7_x64"]);
    check(
        command.arg(&program),
        &expect![[r#"

            Suspicious
              writes where programs are started from
                task 1000 at TIME: NtSetValueKey(0x28, "update", 0, REG_SZ, "C:\dropped.exe", 30) = 0
              has memory that can be written and run
                task 1000 at TIME: NtProtectVirtualMemory(NtCurrentProcess(), [ADDRESS], [4096], PAGE_EXECUTE_READWRITE, [PAGE_READWRITE]) = 0
              looks for a debugger, or hides from it
                task 1000 at TIME: NtQueryInformationProcess(NtCurrentProcess(), ProcessDebugPort, "\0\0\0\0\0\0\0\0", 8, NULL) = 0

            Files changed
              \??\C:\dropped.exe                       made, 2 bytes written, deleted

            Objects
              key made: \Registry\Machine\Software
              key made: \Registry\Machine\Software\Microsoft
              key made: \Registry\Machine\Software\Microsoft\Windows
              key made: \Registry\Machine\Software\Microsoft\Windows\CurrentVersion
              key made: \Registry\Machine\Software\Microsoft\Windows\CurrentVersion\Run
              mutex made: \BaseNamedObjects\only-once

            Registry
              set: \Registry\Machine\Software\Microsoft\Windows\CurrentVersion\Run\update
        "#]],
    );
}

#[test]
fn what_is_no_trace_is_one_line() {
    let check = |words: &[&str], expected: &str| {
        let ended = run(emu().args(words), b"", LIMIT);
        assert_eq!((ended.status, ended.out()), (125, String::new()));
        assert_eq!(ended.err(), expected);
    };
    check(
        &["summary", "nowhere.trace"],
        "emu: nowhere.trace: No such file or directory\n",
    );
    check(
        &["report", "nowhere.trace"],
        "emu: nowhere.trace: No such file or directory\n",
    );
    let image = here("guest-images/linux_arm/hello.elf")
        .display()
        .to_string();
    check(
        &["summary", &image],
        &format!("emu: {image}: not a binary trace: it was not made by --format bin\n"),
    );
}
