//! Processes of Windows: their environment, children, pipes between them, and the commands that Wine has.

mod bounded;
mod compilers;
mod wine;

use wine::check;

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

#[test]
fn pipes_have_names_and_messages() {
    check("pipes.c", &[], &[], (PIPES, 0), &["NtCreateNamedPipeFile("]);
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
