//! What stands in front of lines and behind them: -t, -r, -n, -i, -T.

use super::{lines, lines_of, program, refused, straces};

#[test]
fn the_time_a_call_took_stands_behind_it() {
    let shown = lines(&["-T", "-e", "getpid"], "freebsd_x64/error.elf");
    assert_eq!(
        shown[0],
        "getpid()                                = 1000 <0.000001>"
    );
}

#[test]
fn the_time_a_call_took_is_as_exact_as_asked_for() {
    let took = |option| {
        let shown = lines(&[option, "-e", "getpid"], "freebsd_x64/error.elf");
        shown[0]
            .split(' ')
            .next_back()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(took("--syscall-times=ns"), "<0.000001000>");
    assert_eq!(took("--syscall-times=ms"), "<0.000>");
    assert_eq!(took("--syscall-times=s"), "<0>");
    refused(
        &["--syscall-times=m"],
        "--syscall-times m: expected s, ms, us or ns",
    );
}

/// Digits become 0: what is left is the form.
fn form(line: &str) -> String {
    let begin = line.split(['(', '+']).next().unwrap_or_default();
    begin
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect()
}

/// Times differ from strace's, their forms don't.
#[test]
fn times_have_the_forms_of_strace() {
    let Some(program) = program("counted.c") else {
        return;
    };
    for options in [
        &["-t"][..],
        &["-tt"],
        &["-t", "-t", "-t"],
        &["-r"],
        &["-t", "-r"],
        &["-ttt", "-r", "-n"],
        &["--relative-timestamps=ns"],
        &["--relative-timestamps=s", "-i"],
        &["--absolute-timestamps"],
        &["--absolute-timestamps=none"],
        &["--timestamps=unix"],
        &["--timestamps=precision:ms"],
        &["--absolute-timestamps=format:unix,precision:ns"],
    ] {
        let words = [&["-e", "getppid"], options].concat();
        let (ours, theirs) = (lines_of(&words, &program), straces(&words, &program));
        // The seconds since 1970 have one digit at the guest's start, which is 1970-01-01.
        let theirs: Vec<String> = theirs.iter().map(|line| form(line)).collect();
        let ours: Vec<String> = ours.iter().map(|line| form(line)).collect();
        let short = |line: &String| line.replace("0000000000", "0");
        let (ours, theirs): (Vec<_>, Vec<_>) = (
            ours.iter().map(short).collect(),
            theirs.iter().map(short).collect(),
        );
        assert_eq!(ours, theirs, "{options:?}");
    }
}

/// Each line tells the guest's time, in which a call takes a microsecond.
#[test]
fn times_are_the_guests() {
    let shown = lines(&["-tt", "-r"], "freebsd_x64/errno.elf");
    let begin = |line: &String| line[..32].to_owned();
    assert_eq!(
        shown.iter().map(begin).collect::<Vec<_>>()[..3],
        [
            "00:00:00.000001 (+     0.000000)",
            "00:00:00.000002 (+     0.000001)",
            "00:00:00.000003 (+     0.000001)"
        ]
    );
    refused(
        &["--absolute-timestamps=foo"],
        "--absolute-timestamps: `foo` is no form of time: expected none, time or unix, and s, ms, us or ns",
    );
}

/// The same program has the same numbers, and is at the same addresses.
#[test]
fn numbers_and_addresses_are_those_of_strace() {
    let Some(program) = program("all_calls.c") else {
        return;
    };
    let begin = |lines: Vec<String>| {
        let from = lines.iter().position(|line| line.contains("] read(-1"));
        let lines = &lines[from.expect("it is there")..];
        let heads = lines.iter().filter_map(|line| line.split_once(['(', '+']));
        // A call that Linux has no more has no name here.
        let parts = heads.map(|(head, _)| {
            head.rsplit_once(' ')
                .map_or(head, |(head, _)| head)
                .to_owned()
        });
        parts.collect::<Vec<_>>()
    };
    let words = ["-n", "-i", "-e", "signal=none"];
    let (ours, theirs) = (
        begin(lines_of(&words, &program)),
        begin(straces(&words, &program)),
    );
    assert!(
        theirs.len() > 300 && theirs[0].starts_with("[   0] [0000000000"),
        "{theirs:?}"
    );
    assert_eq!(ours, theirs);
}

/// A signal tells where it comes, an end does not; addresses of 32 bits are half as long.
#[test]
fn addresses_are_as_wide_as_the_cpus() {
    let shown = lines(&["-i"], "linux_arm/fault.elf");
    let (signal, end) = (&shown[shown.len() - 2], &shown[shown.len() - 1]);
    assert!(
        signal.starts_with("[00") && signal[9..].starts_with("] --- SIGSEGV "),
        "{signal}"
    );
    assert!(end.starts_with("[????????] +++ killed by SIGSEGV"), "{end}");
}

#[test]
fn instructions_may_stand_in_the_place_of_the_time() {
    let count = |options: &[&str], guest| -> Vec<u64> {
        let shown = lines(options, guest);
        let words = shown
            .iter()
            .map(|line| line.split_whitespace().next().unwrap_or_default());
        words
            .map(|word| word.parse().expect("it is a number"))
            .collect()
    };
    let counts = count(&["--stamp", "insn"], "linux_arm/hello.elf");
    let json = lines(
        &["--format", "json", "--count-instructions"],
        "linux_arm/hello.elf",
    );
    let known = |line: &String| {
        let (_, rest) = line.split_once("\"instructions\":")?;
        rest.split(',').next()?.parse::<u64>().ok()
    };
    let mut expected: Vec<u64> = json
        .iter()
        .filter(|line| line.contains("\"enter\""))
        .filter_map(known)
        .collect();
    assert_eq!(expected.len(), 2);
    // The end of the program is where its last call was.
    expected.extend(expected.last().copied());
    assert_eq!(counts, expected);
}
