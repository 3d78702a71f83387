//! What the options of the command line grant a guest: who wants more gets Linux's error, or a clear end.

mod bounded;
mod compilers;

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bounded::{Ended, emu, here, run};
use compilers::{ARMHF, MIPS, Target, X64, X86, build, installed};
use expect_test::{Expect, expect};

/// Whatever the guest does, the run is over then.
const LIMIT: Duration = Duration::from_secs(60);

/// One with long words, one with short ones, and one of the other byte order.
const TARGETS: [&Target; 4] = [&X64, &X86, &ARMHF, &MIPS];

fn greedy(target: &Target) -> Option<PathBuf> {
    let there = installed(target.compiler);
    there.then(|| build(target.compiler, &here("tests/limits/greedy.c")).expect("it can be built"))
}

fn guest(target: &Target, options: &[&str], words: &[&str]) -> Option<Ended> {
    let program = greedy(target)?;
    let mut command = emu();
    command
        .args(["-q", "--profile", target.profile])
        .args(options)
        .arg(program)
        .args(words);
    Some(run(&mut command, b"", LIMIT))
}

/// The status, what it printed, and what emu says about it.
#[track_caller]
fn check(options: &[&str], words: &[&str], expected: Expect) {
    let mut found: Option<String> = None;
    for target in TARGETS {
        let Some(ended) = guest(target, options, words) else {
            continue;
        };
        let text = format!("{}\n{}{}", ended.status, ended.out(), ended.err());
        match &found {
            None => {
                expected.assert_eq(&text);
                found = Some(text);
            }
            Some(found) => assert_eq!(text, *found, "{}", target.name),
        }
    }
}

#[test]
fn more_tasks_than_granted_are_refused() {
    check(
        &["--max-tasks", "20"],
        &["forks"],
        expect![[r#"
        0
        19 children, then EAGAIN
    "#]],
    );
}

#[test]
fn a_fork_bomb_ends_with_the_time() {
    check(
        &["--max-tasks", "30", "--timeout", "500ms"],
        &["bomb"],
        expect![[r#"
        124
    "#]],
    );
}

#[test]
fn more_open_files_than_granted_are_refused() {
    check(
        &["--max-files", "50"],
        &["files"],
        expect![[r#"
        0
        ENFILE after more than 40: 1
    "#]],
    );
}

#[test]
fn more_memory_than_granted_is_refused() {
    check(
        &["--memory", "64M"],
        &["map"],
        expect![[r#"
        0
        so much at once: ENOMEM
    "#]],
    );
}

#[test]
fn memory_that_was_promised_and_is_not_there_kills() {
    check(
        &["--memory", "64M"],
        &["touch"],
        expect![[r#"
        137
    "#]],
    );
}

#[test]
fn a_full_disk_is_full() {
    check(
        &["--max-disk", "8M"],
        &["disk"],
        expect![[r#"
        0
        7 MiB, then ENOSPC
        at once: ENOSPC
        with a hole: fine
    "#]],
    );
    check(
        &["--memory", "64M"],
        &["disk"],
        expect![[r#"
        0
        31 MiB, then ENOSPC
        at once: ENOSPC
        with a hole: fine
    "#]],
    );
}

#[test]
fn a_flood_of_output_ends_the_run() {
    for target in TARGETS {
        let Some(ended) = guest(target, &["--max-output", "1M"], &["output"]) else {
            continue;
        };
        let written = ended.stdout.len();
        assert!((1 << 20..(1 << 20) + 1000).contains(&written), "{written}");
        assert_eq!(ended.status, 124);
        expect![[""]].assert_eq(&ended.err());
    }
}

#[test]
fn a_loop_ends_with_its_instructions_or_the_time() {
    check(
        &["--max-instructions", "1000000"],
        &["loop"],
        expect![[r#"
        124
    "#]],
    );
    check(
        &["--timeout", "200ms"],
        &["loop"],
        expect![[r#"
        124
    "#]],
    );
}

#[test]
fn what_the_guest_changed_is_listed_and_kept() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().join("root");
    std::fs::create_dir(&root).expect("another one, too");
    for name in ["old", "first", "other"] {
        std::fs::write(root.join(name), name).expect("there is room");
    }
    let saved = folder.path().join("saved");
    let Some(program) = greedy(&X64) else { return };
    std::fs::copy(program, root.join("greedy")).expect("there is room");
    let mut command = emu();
    command.args(["-q", "--fs-diff", "--root"]).arg(&root);
    command.arg("--save-fs").arg(&saved);
    let ended = run(command.args(["/greedy", "change"]), b"", LIMIT);
    assert_eq!(ended.status, 0);
    expect![[r#"
        D /first
        D /old
        A /second
        A /tmp/folder
        A /tmp/folder/link
        A /tmp/new
    "#]]
    .assert_eq(&ended.err());
    let mut names = Vec::new();
    let mut folders = vec![saved.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let entry = entry.expect("each of it");
            let path = entry.path();
            let relative = path.strip_prefix(&saved).expect("it is in there");
            names.push(relative.display().to_string());
            if entry.file_type().expect("it has one").is_dir() {
                folders.push(path);
            }
        }
    }
    names.sort();
    expect![[r#"
        .wh.first
        .wh.old
        second
        tmp
        tmp/folder
        tmp/folder/link
        tmp/new
    "#]]
    .assert_eq(&(names.join("\n") + "\n"));
    assert_eq!(
        std::fs::read(saved.join("tmp/new")).expect("it is there"),
        b"text"
    );
    assert!(root.join("old").exists() && !root.join("second").exists());
    // A directory that is there already is not written to.
    let ended = run(&mut command, b"", LIMIT);
    assert_eq!(ended.status, 125);
    let told = ended.err().replace(&*saved.to_string_lossy(), "SAVED");
    expect![[r#"
        emu: --save-fs SAVED: the directory is not empty; name a new one
    "#]]
    .assert_eq(&told);
}

#[test]
fn the_same_number_gives_the_same_order_of_tasks() {
    let Some(ended) = guest(&X64, &[], &["threads"]) else {
        return;
    };
    let seed = |seed: &str| {
        let ended = guest(&X64, &["--sched-seed", seed], &["threads"]);
        ended.expect("it ran before").out()
    };
    let orders: Vec<String> = ["1", "2", "3", "4"].map(seed).into();
    assert_eq!(orders, ["1", "2", "3", "4"].map(seed));
    assert!(orders.iter().any(|order| *order != ended.out()));
    for order in orders {
        let mut letters = order.into_bytes();
        letters.sort();
        let sorted = String::from_utf8(letters).expect("they are letters");
        assert_eq!(
            sorted,
            ["a", "b", "c", "d"].map(|name| name.repeat(40)).join("")
        );
    }
}

#[test]
fn guest_time_is_its_own_unless_it_is_the_hosts() {
    let begin = Instant::now();
    check(
        &[],
        &["times"],
        expect![[r#"
        0
        a day has 86400 seconds
    "#]],
    );
    assert!(begin.elapsed() < Duration::from_secs(40));
    let seconds = |options: &[&str]| {
        let ended = guest(&X64, options, &["now"])?;
        Some(ended.out().trim().parse::<u64>().expect("a number"))
    };
    let Some(own) = seconds(&[]) else { return };
    let host = SystemTime::now().duration_since(UNIX_EPOCH);
    let host = host.expect("it is later").as_secs();
    assert!(own.abs_diff(host) > 3600, "{own}");
    let real = seconds(&["--time", "real"]).expect("it ran before");
    assert!(real.abs_diff(host) < 60, "{real}");
    // A real day is not over in time.
    let ended = guest(&X64, &["--time", "real", "--timeout", "300ms"], &["times"]);
    assert_eq!(ended.expect("it ran before").status, 124);
}

#[test]
fn the_network_ends_where_it_is_told() {
    check(
        &["--net", "none"],
        &["asks", "198.51.100.1", "80"],
        expect![[r#"
        0
        connect: ENETUNREACH
    "#]],
    );
    check(
        &["--net", "sink"],
        &["asks", "198.51.100.1", "80"],
        expect![[r#"
        0
        connect: fine
        answer: 
    "#]],
    );
    let folder = tempfile::tempdir().expect("a folder can be made");
    let script = folder.path().join("answers");
    std::fs::write(
        &script,
        "tcp 198.51.100.1:80\n  recv \"hello\"\n  send \"welcome\"\n  close\nrefuse 198.51.100.2:80\n",
    )
    .expect("there is room");
    let script = format!("script={}", script.display());
    check(
        &["--net", &script],
        &["asks", "198.51.100.1", "80"],
        expect![[r#"
        0
        connect: fine
        answer: welcome
    "#]],
    );
    check(
        &["--net", &script],
        &["asks", "198.51.100.2", "80"],
        expect![[r#"
        0
        connect: ECONNREFUSED
    "#]],
    );
}

/// An address of the host that is not its loopback's, which a guest would look for in its own network.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: it is only asked which way that would be.
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[test]
fn the_hosts_network_is_there_only_when_asked_for() {
    let Some(address) = own_address().filter(|address| !address.is_loopback()) else {
        println!("left out: the host has no network");
        return;
    };
    let listener = TcpListener::bind((address, 0)).expect("the address is its own");
    let port = listener
        .local_addr()
        .expect("it is bound")
        .port()
        .to_string();
    let address = address.to_string();
    let words = ["asks", &*address, &*port];
    let Some(ended) = guest(&X64, &[], &words) else {
        return;
    };
    assert_eq!(ended.out(), "connect: ENETUNREACH\n");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        write!(stream, "you said {said}").map(|()| said)
    });
    let ended = guest(&X64, &["--net", "host"], &words).expect("it ran before");
    assert_eq!(ended.out(), "connect: fine\nanswer: you said hello\n\n");
    let said = server.join().expect("no panic").expect("no error");
    assert_eq!(said, "hello\n");
}
