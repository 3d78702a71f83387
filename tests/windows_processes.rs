//! Processes of Windows: their environment, children, pipes between them, and the commands that Wine has.

mod bounded;
mod compilers;
mod wine;

use bounded::{emu, run};
use wine::{LIMIT, check, wines};

/// Runs one of Wine's own programs of 64 bits. Those of 32 bits that have windows want more of Wine's Unix half.
fn command(before: &[&str], name: &str, arguments: &[&str]) -> Option<(String, i32)> {
    let wine = wines().into_iter().find(|wine| wine.wide)?;
    let program = wine.libraries.join(name).display().to_string();
    let words = [before, &[program.as_str()], arguments].concat();
    let ended = run(&mut wine.emu(&words), b"", LIMIT);
    Some((ended.out(), ended.status))
}

#[test]
fn the_machine_and_its_user_have_names() {
    let told = |name| command(&[], name, &[]);
    if let Some(told) = told("hostname.exe") {
        assert_eq!(told, ("EMU\r\n".into(), 0));
    }
    if let Some(told) = told("whoami.exe") {
        assert_eq!(told, ("EMU\\user\r\n".into(), 0));
    }
}

#[test]
fn a_batch_file_runs() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let text = BATCH.replace('\n', "\r\n");
    std::fs::write(folder.path().join("b.bat"), text).expect("a file");
    let bind = format!("{}:/wd:rw", folder.path().display());
    let before = ["--bind", &bind, "--cwd", "/wd"];
    let expected =
        "sub one\r\nnot there\r\n1\r\n2\r\ntext\r\nmade\r\n5 Windows_NT\r\n3\r\nC:\\wd\r\n";
    if let Some(told) = command(&before, "cmd.exe", &["/c", "b.bat"]) {
        assert_eq!(told, (expected.into(), 0));
    }
}

const BATCH: &str = "@echo off
call :sub one
if exist b.txt (echo there) else echo not there
for %%i in (1 2) do echo %%i
echo text>b.txt
type b.txt
mkdir d
if exist d echo made
set A=5
echo %A% %OS%
cmd /c exit 3
echo %errorlevel%
cd
exit /b 0
:sub
echo sub %1
goto :eof
";

#[test]
fn the_environment_is_that_of_windows() {
    check("environment.c", &[], &[], (ENVIRONMENT, 0), &[]);
}

#[test]
fn processes_start_others() {
    let lines = [
        "NtCreateUserProcess(",
        "NtResumeThread(",
        "NtReadVirtualMemory(",
        "+++ exited with 42 +++",
    ];
    check("children.c", &[], &[], (CHILDREN, 0), &lines);
}

/// As kernel32.dll of older releases makes them. Wine's library lacks the call: another one lends it name and number.
#[test]
fn processes_are_made_of_sections_and_begin_in_their_library() {
    let (name, other) = (b"\0NtCreateProcess\0\0\0\0", b"\0NtCreatePagingFile\0");
    // A 32-bit process on a 64-bit system can't be made so yet.
    for wine in wines().into_iter().filter(|wine| !wine.gate) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let mut library = std::fs::read(wine.libraries.join("ntdll.dll")).expect("a library");
        while let Some(at) = library
            .windows(other.len())
            .position(|found| found == other)
        {
            library[at..at + name.len()].copy_from_slice(name);
        }
        std::fs::write(folder.path().join("ntdll.dll"), library).expect("a file");
        let program = wine.build(folder.path(), "made.c", &["-lntdll"]);
        let folder = folder.path().display().to_string();
        let mut command = emu();
        command.args(["--dll-path", &folder]);
        for libraries in wine.all_libraries() {
            command.arg("--dll-path").arg(libraries);
        }
        let ended = run(command.arg(program), b"", LIMIT);
        assert_eq!(
            (ended.out().as_str(), ended.status),
            (MADE, 0),
            "{}",
            ended.err()
        );
        let line = "NtCreateProcess([";
        assert!(
            ended.err().lines().any(|own| own.starts_with(line)),
            "{}",
            ended.err()
        );
    }
}

const MADE: &str = "\
    section 0\r\n\
    process 0\r\n\
    written 1\r\n\
    thread 0\r\n\
    waits 102\r\n\
    child, 2 words, X=y\r\n\
    resumed 1, ended with 7\r\n\
";

#[test]
fn pipes_have_names_and_messages() {
    check("pipes.c", &[], &[], (PIPES, 0), &["NtCreateNamedPipeFile("]);
}

#[test]
fn the_user_is_an_administrator() {
    check("tokens.c", &["-ladvapi32"], &[], (TOKENS, 0), &[]);
}

#[test]
fn jobs_end_their_processes() {
    check("jobs.c", &[], &[], (JOBS, 0), &[]);
}

const ENVIRONMENT: &str = "\
    SystemRoot as expected\r\n\
    windir as expected\r\n\
    OS as expected\r\n\
    SystemDrive as expected\r\n\
    ComSpec as expected\r\n\
    processor_architecture as expected\r\n\
    PATH 1\r\n\
    TEMP 1\r\n\
    TMP 1\r\n\
    USERPROFILE 1\r\n\
    PUBLIC 1\r\n\
    APPDATA 1\r\n\
    OWN=one\r\n\
    3 two\r\n\
    15 C:\\windows\\two\r\n\
    0 203\r\n\
    C:\\windows\r\n\
";

const CHILDREN: &str = "\
    child says a b, 3 words, OWN=none\r\n\
    ended with 7\r\n\
    child says c, 3 words, OWN=x\r\n\
    ended with 7\r\n\
    error 109\r\n\
    read: child says piped, 3 words, OWN=none\r\r\n\
    ended with 7\r\n\
    event 0, ended with 3\r\n\
    cell 41\r\n\
    waits: 258\r\n\
    resumed 1\r\n\
    ended with 42, own cell 41\r\n\
    runs: 1\r\n\
    id: 1\r\n\
    opened: 1\r\n\
    terminated: 1\r\n\
    ended with 9\r\n\
    not made: 2\r\n\
";

const PIPES: &str = "\
    no such pipe: 0, error 2\r\n\
    waited for: 1\r\n\
    connected: 1\r\n\
    no instance left: 0, error 231\r\n\
    mode: 1\r\n\
    transacted: 1\r\n\
    3 ABC\r\n\
    transacted: 0, error 234\r\n\
    4 DEFG\r\n\
    peeked: 1\r\n\
    1 of 2, 1\r\n\
    rest: 1\r\n\
    2 HI\r\n\
    server ended with 109\r\n\
    disconnected: 0, error 233\r\n\
    listens: 0, error 997\r\n\
    event 102\r\n\
    event 0\r\n\
    result: 1\r\n\
    reads: 0, error 997\r\n\
    written: 1\r\n\
    result: 1\r\n\
    5 12345\r\n\
    reads: 0, error 997\r\n\
    cancelled: 1\r\n\
    result: 0, error 995\r\n\
    closed: 0, error 232\r\n\
    closed: 0, error 109\r\n\
    read: 1\r\n\
    3 abc, type 3\r\n\
    read: 1\r\n\
    broken: 0, error 109\r\n\
";

const TOKENS: &str = "\
    user S-1-5-21-0-0-0-1000\r\n\
    group S-1-1-0\r\n\
    \x20 7\r\n\
    group S-1-2-0\r\n\
    \x20 7\r\n\
    group S-1-5-4\r\n\
    \x20 7\r\n\
    group S-1-5-11\r\n\
    \x20 7\r\n\
    group S-1-5-21-0-0-0-513\r\n\
    \x20 f\r\n\
    group S-1-5-32-544\r\n\
    \x20 f\r\n\
    group S-1-5-32-545\r\n\
    \x20 7\r\n\
    group S-1-5-5-0-0\r\n\
    \x20 c0000007\r\n\
    \x2023:3 7:0 8:0 17:0 18:0 12:0 19:0 24:0 9:0 20:0 22:0 11:0 13:0 14:0 10:3 15:0 5:0 25:0 28:0 29:3 30:3\r\n\
    level S-1-16-12288\r\n\
    elevated 1\r\n\
    type 1\r\n\
    class 9: error 87\r\n\
    too small: 0, error 122, 1\r\n\
    thread: 0, error 1008\r\n\
    debug 0, set 1, error 0, before 0\r\n\
    copied 1\r\n\
    debug 1\r\n\
    error 1300\r\n\
    administrator 1\r\n\
    owner S-1-5-32-544\r\n\
";

const JOBS: &str = "\
    in 0\r\n\
    assigned 1\r\n\
    in 1\r\n\
    in 0\r\n\
    asked 1\r\n\
    1 of 1\r\n\
    ended 1\r\n\
    with 5\r\n\
    set 1\r\n\
    listed 1, 1\r\n\
    closed: 0\r\n\
";
