//! Consoles of Windows through Wine's libraries, at a terminal and without one; and the same by Wine.

mod bounded;
mod compilers;
mod pty;
mod wine;

use std::path::Path;
use std::process::Command;

use bounded::run;
use wine::{LIMIT, Wine, wines};

/// Runs a program at a terminal for each width, and by Wine if `real`: what it tells on standard error and its status have
/// to be as expected. Answers what emu's terminals showed.
fn check(
    source: &str,
    args: &[&str],
    typed: &[(&str, &str)],
    (expected, status): (&str, i32),
    real: bool,
) -> Vec<String> {
    let mut shown = Vec::new();
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), source, &[]);
        if real && let Some((mut command, _turn)) = wine.real(&program, args) {
            let own = pty::run(&mut command, typed, LIMIT);
            let told = (own.err.replace("\r\n", "\n"), own.status);
            assert_eq!((told.0.as_str(), told.1), (expected, status), "by Wine");
        }
        let own = pty::run(&mut emu(&wine, &program, args), typed, LIMIT);
        let told = (own.err.replace("\r\n", "\n"), own.status);
        assert_eq!(
            (told.0.as_str(), told.1),
            (expected, status),
            "{}",
            wine.name()
        );
        shown.push(own.terminal);
    }
    shown
}

fn emu(wine: &Wine, program: &Path, args: &[&str]) -> Command {
    let shown = program.display().to_string();
    wine.emu(&[&["-o", "/dev/null", shown.as_str()], args].concat())
}

const CONSOLE: &str = include_str!("windows/console.txt");

#[test]
fn modes_cells_and_input_are_those_of_wine() {
    for shown in check("console.c", &[], &[], (CONSOLE, 0), true) {
        // The terminal is cleared when the first cell is written, and drawn from then on.
        assert!(shown.contains("\x1b]0;a title\x07"), "{shown:?}");
        assert!(shown.contains("\x1b[0;31;44mred"), "{shown:?}");
        assert!(shown.ends_with("\x1b[25;1H\r\n"), "{shown:?}");
    }
}

#[test]
fn without_a_terminal_there_is_a_console_that_nobody_sees() {
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "console.c", &[]);
        let ended = run(&mut emu(&wine, &program, &[]), b"", LIMIT);
        assert_eq!((ended.status, ended.out()), (0, String::new()));
        // It is larger then.   [the console of Windows 10]
        let told = ended.err().replace("\r\n", "\n");
        let differs = |(a, b): &(&str, &str)| a != b;
        let lines: Vec<_> = told.lines().zip(CONSOLE.lines()).filter(differs).collect();
        let expected = [
            (
                "size 120,9001 window 0,0 to 119,29",
                "size 80,25 window 0,0 to 79,24",
            ),
            ("larger 87", "larger 0"),
            ("size 120,9001", "size 100,50"),
            ("outside 0", "outside 87"),
        ];
        assert_eq!(lines, expected, "{}", wine.name());
    }
}

const TYPED: &str = "line 'XEma'\nup 0d 000d 00\n\
    down 41 0061 00\nup 41 0061 00\n\
    down 10 0000 10\ndown 42 0042 10\nup 42 0042 10\nup 10 0000 00\n\
    down 26 0000 00\nup 26 0000 00\n\
    down 11 0000 08\ndown 27 0000 08\nup 27 0000 08\nup 11 0000 00\n\
    down 11 0000 08\ndown 41 0001 08\nup 41 0001 08\nup 11 0000 00\n\
    down 51 0071 00\nup 51 0071 00\n";

#[test]
fn what_is_typed_comes_in() {
    // Wine shows the characters of a text apart from each other.
    let typed = [
        ("e", "Emm\x7fa\x1b[D\x1b[D\x1b[DX\r"),
        ("y", "aB\x1b[A\x1b[1;5C\x01q"),
        ("again?", "\x1a\r"),
    ];
    for shown in check("console_typed.c", &[], &typed, (TYPED, 7), true) {
        assert!(shown.contains("name? XEma\r\r\nkeys: "), "{shown:?}");
    }
    // [Microsoft, ReadFile: Ctrl+Z at the start of a line]
    let ended = [TYPED, "end 1\n"].concat();
    for shown in check("console_typed.c", &["end"], &typed, (&ended, 7), false) {
        assert!(shown.ends_with("again? ^Z\r\r\n"), "{shown:?}");
    }
}

const EVENTS: &str = "set 1\nhandler 0\nsend 1 wait 0\nsend 1 wait 102\nremoved 1\nagain 0 87\n\
    handler 0\nlistens 0: 1 0\nchild: console 1 processes 2 2\nshares 0: 1 3\nnone 8: 1 3\nalloc 0 5\nfree 1\nnone 0 6\n";

#[test]
fn events_and_children_find_their_console() {
    for shown in check("console_events.c", &[], &[], (EVENTS, 0), true) {
        assert_eq!(shown, "from the child\r\r\n");
    }
    // What Windows' documents say and Wine can't do.   [AllocConsole; GenerateConsoleCtrlEvent] A process without a handler
    // ends; in Wine's libraries with 0, in those of Windows with STATUS_CONTROL_C_EXIT.
    let more = "alloc 1\nmode 1 3\n6 hidden\nhandler 1\nsend 1 wait 0\nends 10: 1 0\n";
    check(
        "console_events.c",
        &["more"],
        &[],
        (&[EVENTS, more].concat(), 0),
        false,
    );
}

#[test]
fn whatever_is_asked_a_console_answers() {
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "console_chances.c", &["-lntdll"]);
        for seed in ["1", "2", "3"] {
            let ended = run(&mut emu(&wine, &program, &[seed]), b"", LIMIT);
            let told = (ended.out(), ended.status);
            assert_eq!(told, ("1 1 1\r\n".to_owned(), 0), "{}", ended.err());
            let shown = pty::run(&mut emu(&wine, &program, &[seed]), &[], LIMIT);
            assert_eq!((shown.status, shown.err.as_str()), (0, ""));
        }
    }
}
