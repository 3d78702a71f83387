//! Threads, what they wait for and by which names, calls left to them, and exceptions: through Wine's libraries, and as the
//! kernel has them.

mod bounded;
mod compilers;
mod wine;

use std::process::Command;

use bounded::{emu, here, run};
use compilers::installed;
use wine::{LIMIT, check};

#[test]
fn threads_agree() {
    check(
        "threads_sync.c",
        &[],
        &[],
        (
            "all: 0\r\n\
         count 2000, guarded 80, at most 2 inside: 1, 1 inits\r\n\
         100 101 102 103 \r\n\
         0 1 2 0 1 2 0 1 2 \r\n\
         any: 1 258 0 258\r\n\
         pulse: 258 0\r\n\
         left: 80 0\r\n\
         signal and wait: 0 0\r\n\
         limit: 0 298\r\n\
         owner: 0 288\r\n",
            0,
        ),
        &["= 0x80 (STATUS_ABANDONED"],
    );
}

#[test]
fn objects_have_names() {
    check(
        "threads_named.c",
        &["-lntdll"],
        &[],
        (
            "event: 1 0\r\n\
         again: 1 183\r\n\
         the same: 0\r\n\
         local: 1 0\r\n\
         set without access: 0 5\r\n\
         other case: 0 2\r\n\
         other kind: 0 6\r\n\
         open other kind: 0 6\r\n\
         gone: 0 2\r\n\
         no path: 0 3\r\n\
         mutex: 1 0\r\n\
         open mutex: 1 0\r\n\
         semaphore: 1 0\r\n\
         open semaphore: 1 0\r\n\
         timer: 1 0\r\n\
         open timer: 1 0\r\n\
         section: 1 0\r\n\
         open section: 1 0\r\n\
         shared: 77\r\n\
         write what may be read: 0 5\r\n\
         read: 77\r\n\
         release: 0 5\r\n\
         flags 1 2 0 1\r\n\
         directory 0 0 c0000035 40000000 c0000024 c0000034 0\r\n\
         names c000003a c000003b c0000024 c000003b\r\n\
         link 0 0 0 0 \\BaseNamedObjects c0000034 0\r\n\
         list 8000001a 3 2226 3372\r\n",
            0,
        ),
        &["= 0x40000000 (STATUS_OBJECT_NAME_EXISTS)"],
    );
}

#[test]
fn timers_calls_and_ports_end_waits() {
    check(
        "threads_time.c",
        &[],
        &[],
        (
            "sleep: 0call 1\r\n\
         call 2\r\n\
         call 10\r\n\
         \x20c0 0 0, 3 calls\r\n\
         call 3\r\n\
         sleeper c0\r\n\
         to the dead: 0\r\n\
         timer 102 0 102\r\n\
         period 102\r\n\
         timer calls a function\r\n\
         sleep c0\r\n\
         now 0\r\n\
         port 0 258\r\n\
         packet 101 1\r\n\
         packet 102 2\r\n\
         packet 103 3\r\n\
         transfer: 1 5 9 1\r\n\
         left: 0\r\n\
         written 5\r\n\
         sleep c0\r\n\
         work 55\r\n\
         pooled 5\r\n\
         ticks: 1\r\n\
         waited 0\r\n",
            0,
        ),
        &[
            "NtQueueApcThread(NtCurrentThread(), ",
            "= 0xc0 (STATUS_USER_APC)",
        ],
    );
}

#[test]
fn threads_are_suspended_and_led_elsewhere() {
    check(
        "threads_control.c",
        &[],
        &[],
        (
            "suspended: 0 1 0\r\n\
         runs: 1 0 1 1 1 2 1\r\n\
         goes on: 1 259 1\r\n\
         led elsewhere: 1 0 42\r\n\
         ended: 1 7 1 1\r\n\
         no thread: 0 87\r\n\
         stays: 258 1 0 12\r\n\
         priority: 1 1 10000000 10000000 the first\r\n\
         505 606 707 5 1\r\n\
         cleared: 1\r\n\
         freed 9\r\n\
         many: 300\r\n\
         fiber 0 of two\r\n\
         back 0 1\r\n\
         fiber 1 of two\r\n\
         back 1 1\r\n\
         fiber 2 of two\r\n\
         back 2 1\r\n",
            0,
        ),
        &["NtSetContextThread("],
    );
}

#[test]
fn instructions_and_bytes_are_watched() {
    check(
        "watched.c",
        &[],
        &[],
        (WATCHED, 0),
        &["--- STATUS_SINGLE_STEP "],
    );
}

const WATCHED: &str = "\
    set: 1 4\r\n\
    returned 23, told 2 of 1, status 2\r\n\
    other: 1 0\r\n\
    told 2, 21\r\n\
    suspended: 1 4\r\n\
    other: 1 4\r\n\
    told 3\r\n\
    returned 45, told 4\r\n\
    ended: 1 0\r\n\
    written: told 2, status 2, 1000002\r\n\
    accessed: told 2\r\n\
    not watched: told 0\r\n\
    step: told 1\r\n\
";

#[test]
fn requests_end_with_their_thread() {
    check("orphaned.c", &[], &[], (ORPHANED, 0), &[]);
}

const ORPHANED: &str = "\
    pipe: event 0, 0, 0 bytes, error 995\r\n\
    at once: event 0, 1, 3 bytes, error 0\r\n\
    port and event: event 0, 0, 0 bytes, error 995\r\n\
    completed 1: 4 bytes, key 5, 1\r\n\
    directory: event 0, 0, 0 bytes, error 995\r\n\
";

#[test]
fn exceptions_of_cxx_are_caught() {
    check(
        "threads_throw.cpp",
        &[],
        &[],
        (
            "deep is destroyed, 1 under way\r\n\
         deep is destroyed, 1 under way\r\n\
         deep is destroyed, 1 under way\r\n\
         outer is destroyed, 1 under way\r\n\
         caught the bottom\r\n\
         filtered is destroyed, 1 under way\r\n\
         1\r\n\
         filtered is destroyed, 1 under way\r\n\
         derived\r\n\
         2\r\n\
         filtered is destroyed, 1 under way\r\n\
         text\r\n\
         3\r\n\
         filtered is destroyed, 1 under way\r\n\
         2.5\r\n\
         inner 5\r\n\
         again 5\r\n\
         nested 2\r\n\
         another\r\n\
         no memory\r\n\
         kept\r\n\
         out of a callback: 77\r\n\
         sum 19900\r\n\
         deep is destroyed, 1 under way\r\n\
         deep is destroyed, 1 under way\r\n\
         a thread catches the bottom\r\n\
         thread 8\r\n",
            6,
        ),
        &[],
    );
}

#[test]
fn exceptions_of_windows_are_handled() {
    check(
        "threads_seh.c",
        &[],
        &[],
        (
            "division\r\n\
         quotient 8\r\n\
         breakpoint: at it 1\r\n\
         3 steps\r\n\
         guard page: 1, 5\r\n\
         guard page: 0, 4103\r\n\
         outer\r\n\
         inner 0 0\r\n\
         outer again\r\n\
         frame handler c0000005\r\n\
         framed: 3\r\n\
         jumped 0\r\n\
         jumped 4\r\n\
         room 1\r\n\
         overflow 11: 1\r\n\
         nobody handles c0000094\r\n",
            21,
        ),
        &[
            "--- STATUS_STACK_OVERFLOW {",
            "--- STATUS_GUARD_PAGE_VIOLATION {",
            "--- STATUS_SINGLE_STEP {",
        ],
    );
}

#[test]
fn the_kernel_ends_waits() {
    for (compiler, entry, profiles) in [
        (
            "i686-w64-mingw32-gcc",
            "_start",
            ["windows_7_x86", "windows_10_22h2_x86"],
        ),
        (
            "x86_64-w64-mingw32-gcc",
            "start",
            ["windows_7_x64", "windows_10_22h2_x64"],
        ),
    ] {
        if !installed(compiler) {
            continue;
        }
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = folder.path().join("waits.exe");
        let mut command = Command::new(compiler);
        command.current_dir(here("tests/windows")).args([
            "-O1",
            "-w",
            "-nostdlib",
            "-ffreestanding",
            "-e",
            entry,
            "waits.c",
            "-lntdll",
            "-o",
        ]);
        let ended = run(command.arg(&program), b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
        for profile in profiles {
            let mut command = emu();
            command.args(["--profile", profile]).arg(&program);
            let ended = run(&mut command, b"", LIMIT);
            let told = (ended.out(), ended.status);
            let text = format!("{profile}: {}", ended.err());
            assert_eq!(told, ("waits\n".to_owned(), 0), "{text}");
        }
    }
}
