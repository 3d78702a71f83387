//! The long suite: servers with their clients, runtimes and python's own tests, as guests.
//!
//! `long/servers/NAME.*` is a script that a root with servers runs, `long/anywhere/NAME.ash` one that busybox is enough for,
//! `NAME.out` what they print. `make test-all` fetches what this needs and runs it.

mod bounded;
mod browser;
mod chances;
mod compilers;
mod debian;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, complete, emu, here, run};
use compilers::{ARM64, ARMHF, MIPSEL, Target, X64, installed};
use debian::root;

const LIMIT: Duration = Duration::from_secs(900);

/// What is wrong with an end that should be that of a script.
fn wrong_with(ended: &Ended, prints: &str) -> Option<String> {
    if ended.status == 0 && ended.out() == prints {
        return None;
    }
    let mut wrong = format!("status {}\n", ended.status);
    let out = ended.out();
    for (number, (found, expected)) in out.lines().zip(prints.lines()).enumerate() {
        if found != expected {
            let _ = writeln!(wrong, "line {}: {found:?}, not {expected:?}", number + 1);
            break;
        }
    }
    let (found, expected) = (out.lines().count(), prints.lines().count());
    let _ = writeln!(wrong, "{found} lines of {expected}\n{}", ended.err());
    Some(wrong)
}

/// Runs a script twice, for what it prints, and for the same trace.
fn script(arch: &str, name: &str) {
    let path = here("tests/long").join(name);
    let interpreter: &[&str] = match name.rsplit('.').next() {
        Some("sh") => &["/usr/bin/bash"],
        Some("py") => &["/usr/bin/python3"],
        Some("pl") => &["/usr/bin/perl"],
        _ => &["/usr/bin/busybox", "ash"],
    };
    let Some(root) = root(arch, interpreter[0].trim_start_matches('/')) else {
        return;
    };
    let prints = std::fs::read_to_string(path.with_extension("out")).expect("it can be read");
    let folder = tempfile::tempdir().expect("there is room for a directory");
    let traces = ["first", "second"].map(|run_name| {
        let trace = folder.path().join(run_name);
        let mut command = emu();
        command.arg("-o").arg(&trace).arg("--bind");
        command.arg(format!("{}:/script", path.display()));
        command.args(["--cwd", "/tmp", "--root"]).arg(&root);
        command.args(interpreter).arg("/script");
        let ended = run(&mut command, b"", LIMIT);
        if let Some(wrong) = wrong_with(&ended, &prints) {
            panic!("{name} on {arch}, {run_name}: {wrong}");
        }
        std::fs::read(trace).expect("it was written")
    });
    assert!(
        traces[0] == traces[1],
        "{name} on {arch}: the traces differ"
    );
    let text = String::from_utf8_lossy(&traces[0]);
    let missing: Vec<&str> = (text.lines())
        .filter(|line| line.contains("<missing>"))
        .collect();
    assert!(missing.is_empty(), "nobody serves {missing:#?}");
}

/// A test for each script and root.
macro_rules! scripts {
    ($($folder:literal: $($name:ident $ending:literal),+ on $roots:tt;)+) => {
        const SCRIPTS: &[&str] = &[$($(concat!($folder, "/", stringify!($name), $ending)),+),+];
        $($(scripts!(@ $name, concat!($folder, "/", stringify!($name), $ending), $roots);)+)+
    };
    (@ $name:ident, $path:expr, [$($test:ident $root:literal),+]) => {
        mod $name {
            $(#[test]
            #[ignore = "long: servers and their clients"]
            fn $test() {
                super::script($root, $path);
            })+
        }
    };
}

scripts! {
    "servers": nginx ".sh", redis ".sh", lighttpd ".sh", tls ".sh", dropbear ".sh", openssh ".sh", make ".sh",
        processes ".sh", strace ".sh", pools ".py", ash ".py", pipes ".pl"
        on [on_amd64 "servers-amd64", on_armhf "servers-armhf"];
    "anywhere": httpd ".ash"
        on [on_amd64 "amd64", on_i386 "i386", on_armhf "armhf", on_armel "armel", on_arm64 "arm64",
            on_mipsel "mipsel", on_mips "mips"];
}

#[test]
fn every_script_is_run() {
    for folder in ["servers", "anywhere"] {
        for entry in std::fs::read_dir(here("tests/long").join(folder)).expect("it is there") {
            let name = entry.expect("it can be read").file_name();
            let name = format!("{folder}/{}", name.to_string_lossy());
            assert!(
                name.ends_with(".out") || SCRIPTS.contains(&&*name),
                "{name} is run by no test"
            );
        }
    }
}

/// Python's own tests that are left out, and why.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("test_socket", "*UDPLITE*", "there is no UDP-Lite"),
    (
        "test_fcntl",
        "test_fcntl_64_bit",
        "there is no dnotify, as without CONFIG_DNOTIFY",
    ),
];

/// Runs modules of python's own tests.
fn python(arch: &str, modules: &[&str]) {
    let Some(root) = root(arch, "usr/lib/python3.11/test/test_os.py") else {
        return;
    };
    let mut command = emu();
    command.args(["-q", "--memory", "4G", "--cwd", "/tmp", "--root"]);
    command
        .arg(&root)
        .args(["-E", "HOME=/tmp", "-E", "LANG=C.UTF-8"]);
    // They ask of their parent, which the first process of a run does not have.
    command.args(["/usr/bin/bash", "-c", "\"$@\"; exit $?", "bash"]);
    command.args(["/usr/bin/python3", "-m", "test", "-u", "network"]);
    for (_, pattern, _) in LEFT_OUT.iter().filter(|(name, ..)| modules.contains(name)) {
        command.args(["-i", pattern]);
    }
    let ended = run(command.args(modules), b"", LIMIT);
    let out = ended.out();
    assert!(
        ended.status == 0 && out.contains("Tests result: SUCCESS"),
        "{arch}: status {}\n{out}\n{}",
        ended.status,
        ended.err()
    );
}

/// A test for each area of python's own tests.
macro_rules! python {
    ($($area:ident: $($module:ident)+;)+) => {$(
        mod $area {
            #[test]
            #[ignore = "long: python's own tests"]
            fn on_amd64() {
                super::python("servers-amd64", &[$(stringify!($module)),+]);
            }

            #[test]
            #[ignore = "long: python's own tests"]
            fn on_armhf() {
                super::python("servers-armhf", &[$(stringify!($module)),+]);
            }
        }
    )+};
}

python! {
    python_threads: test_threading test_threadsignals test_thread test_queue;
    python_processes: test_subprocess test_popen test_wait3 test_wait4 test_fork1 test_posix test_resource;
    python_signals: test_signal test_eintr;
    python_waiting: test_select test_poll test_epoll test_selectors;
    python_sockets: test_socket test_socketserver;
    python_files: test_os test_fcntl test_ioctl test_pty test_openpty test_fileio test_tempfile test_mmap test_time;
}

/// A Go program, whose runtime asks the kernel itself.
fn go(arch: &str, options: &[&str], natively: bool) {
    let there = Command::new("go").arg("version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(!complete(), "go is not installed");
        println!("left out: go is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("there is room for a directory");
    let program = folder.path().join("program");
    let mut build = Command::new("go");
    build
        .args(["build", "-o"])
        .arg(&program)
        .arg(here("tests/long/go/main.go"))
        .envs([("GOOS", "linux"), ("GOARCH", arch), ("CGO_ENABLED", "0")])
        .env("GO111MODULE", "off")
        .env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"));
    for option in options {
        let (name, value) = option.split_once('=').expect("it has a value");
        build.env(name, value);
    }
    let built = run(&mut build, b"", LIMIT);
    assert!(built.status == 0, "{}", built.err());
    let prints = std::fs::read_to_string(here("tests/long/go/main.out")).expect("it can be read");
    if natively {
        let ended = run(&mut Command::new(&program), b"", LIMIT);
        assert_eq!(wrong_with(&ended, &prints), None, "on the host");
    }
    let traces = ["first", "second"].map(|name| {
        let trace = folder.path().join(name);
        let mut command = emu();
        command.arg("-o").arg(&trace).args(["--cwd", "/tmp"]);
        let ended = run(command.arg(&program), b"", LIMIT);
        assert_eq!(wrong_with(&ended, &prints), None, "{arch}, {name}");
        std::fs::read(trace).expect("it was written")
    });
    assert!(traces[0] == traces[1], "{arch}: the traces differ");
}

#[test]
#[ignore = "long: Go"]
fn go_on_amd64() {
    go("amd64", &[], cfg!(target_arch = "x86_64"));
}

#[test]
#[ignore = "long: Go"]
fn go_on_i386() {
    go("386", &[], false);
}

#[test]
#[ignore = "long: Go"]
fn go_on_arm() {
    go("arm", &["GOARM=7"], false);
}

#[test]
#[ignore = "long: Go"]
fn go_on_arm64() {
    go("arm64", &[], cfg!(target_arch = "aarch64"));
}

#[test]
#[ignore = "long: Go"]
fn go_on_mips() {
    go("mips", &["GOMIPS=softfloat"], false);
}

#[test]
#[ignore = "long: Go"]
fn go_on_mipsel() {
    go("mipsle", &["GOMIPS=softfloat"], false);
}

/// Areas of the programs of `behaviour` that are also built with another C library.
const AREAS: [&str; 3] = ["thread", "signal", "process"];

/// What does not end or crashes on the host too when it is built with musl, or says something else.
const UNDEFINED: [&str; 5] = [
    "create_join",
    "detached",
    "main_exits",
    "restart_never",
    // Its vfork is a fork where it has none in assembly.
    "vfork_order",
];

/// A program, linked with musl.
fn with_musl(target: &Target, root: &Path, source: &Path, folder: &Path) -> Option<PathBuf> {
    let below = |place: &str| {
        let entries = std::fs::read_dir(root.join(place)).expect("it can be listed");
        let mut entries = entries.map(|entry| entry.expect("it can be read").path());
        entries
            .find(|path| path.to_string_lossy().contains("-linux-musl"))
            .expect("musl is there")
    };
    let asked = |what: &str| {
        let output = Command::new(target.compiler).arg(what).output();
        let output = output.expect("it was there before");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let library = below("usr/lib");
    let triplet = target.compiler.trim_end_matches("-gcc");
    let program = folder.join(source.file_stem().expect("it has a name"));
    let mut command = Command::new(target.compiler);
    command.args([
        "-O2",
        "-static",
        "-w",
        "-nostdinc",
        "-nostdlib",
        "-no-pie",
        "-isystem",
    ]);
    command.arg(below("usr/include"));
    command.args(["-isystem", &asked("-print-file-name=include")]);
    // The kernel's headers, which belong to no library.
    for place in [
        format!("/usr/{triplet}/include"),
        "/usr/include".to_owned(),
        format!("/usr/include/{triplet}"),
    ] {
        command.args(["-idirafter", &place]);
    }
    command.arg("-o").arg(&program);
    command.args(["crt1.o", "crti.o"].map(|part| library.join(part)));
    command
        .arg(asked("-print-file-name=crtbeginT.o"))
        .arg(source);
    command.arg("-L").arg(&library);
    command.args([
        "-Wl,--start-group",
        "-lc",
        "-lm",
        "-lgcc",
        "-lgcc_eh",
        "-Wl,--end-group",
    ]);
    command
        .arg(asked("-print-file-name=crtend.o"))
        .arg(library.join("crtn.o"));
    // Some use what only the other library has.
    let built = command.output().expect("it was there before");
    built.status.success().then_some(program)
}

/// Programs of one behaviour each with musl: as on the host.
fn musl(arch: &str, target: &Target) {
    let Some(here_root) = root("musl-amd64", "usr/include/x86_64-linux-musl/stdio.h") else {
        return;
    };
    let Some(there) = root(&format!("musl-{arch}"), "usr/lib") else {
        return;
    };
    if !X64.native || !installed(X64.compiler) || !installed(target.compiler) {
        return;
    }
    let (mut wrong, mut count) = (String::new(), 0);
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("there is room for a directory"));
    for area in AREAS {
        let entries = std::fs::read_dir(here("tests/behaviour").join(area)).expect("it is there");
        let mut sources: Vec<PathBuf> = (entries.map(|entry| entry.expect("it is").path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "c"))
            .collect();
        sources.sort();
        for source in sources {
            if UNDEFINED
                .iter()
                .any(|name| source.ends_with(format!("{name}.c")))
            {
                continue;
            }
            let native = with_musl(&X64, &here_root, &source, folders[0].path());
            let program = with_musl(target, &there, &source, folders[1].path());
            let (Some(native), Some(program)) = (native, program) else {
                continue;
            };
            let empty = tempfile::tempdir().expect("there is room for a directory");
            let limit = Duration::from_secs(60);
            let mut command = Command::new(native);
            let expected = run(command.env_clear().current_dir(empty.path()), b"", limit);
            count += 1;
            let mut command = emu();
            command.args([
                "-q", "--cwd", "/tmp", "-E", "TERM", "-E", "PATH", "-E", "HOME",
            ]);
            let found = run(command.arg(program), b"", limit);
            if (expected.status, expected.out()) != (found.status, found.out()) {
                let difference = wrong_with(&found, &expected.out()).unwrap_or_default();
                let _ = writeln!(wrong, "{}: {difference}", source.display());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 100, "only {count} programs could be built");
}

#[test]
#[ignore = "long: another C library"]
fn musl_on_amd64() {
    musl("amd64", &X64);
}

#[test]
#[ignore = "long: another C library"]
fn musl_on_armhf() {
    musl("armhf", &ARMHF);
}

#[test]
#[ignore = "long: another C library"]
fn musl_on_arm64() {
    musl("arm64", &ARM64);
}

#[test]
#[ignore = "long: another C library"]
fn musl_on_mipsel() {
    musl("mipsel", &MIPSEL);
}

#[test]
#[ignore = "long"]
fn a_page_of_a_million_events_opens() {
    if !installed(X64.compiler) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let html = folder.path().join("run.html");
    let source = here("tests/pages/million.c");
    let program = compilers::build(X64.compiler, &source).expect("it can be built");
    let mut command = emu();
    command.args(["-q", "--report"]).arg(&html).arg(program);
    let ended = run(&mut command, b"", LIMIT);
    assert_eq!(ended.status, 0, "{}", ended.err());
    let Some(browser) = browser::Browser::start() else {
        return;
    };
    browser.open(&html, "");
    browser.wait("document.documentElement.dataset.ready");
    let took = browser.run("return document.documentElement.dataset.ready");
    let size = std::fs::metadata(&html).expect("it was written").len();
    println!("a page of {size} bytes was ready after {took} ms");
    assert!(browser.run("return ev.count").as_u64() > Some(1_000_000));
    browser.click("#tab-events-panel");
    browser.write("#search", "file-3-999");
    // One of four processes, each thousandth of 62500.
    browser.wait("document.getElementById('found').textContent.startsWith('62 of 1,000,')");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Releases of Windows that stand for the others.
fn releases() -> Vec<&'static str> {
    let usual = emu::profiles::usual();
    let windows = usual.filter(|profile| profile.system().os() == emu::prototypes::Os::Windows);
    windows.map(|profile| profile.name).collect()
}

#[test]
#[ignore = "long: more than a million calls"]
fn calls_by_chance_end_in_order_on_each_release_of_windows() {
    chances::by_chance(&chances::Chances {
        profiles: &releases(),
        seeds: 1001..=1012,
        count: 10_000,
    });
}

#[test]
#[ignore = "long: more than a million calls"]
fn every_class_is_asked_for_with_many_lengths() {
    chances::by_class(&releases(), 1001..=1002, 10);
}

#[test]
#[ignore = "long: what takes all there is"]
fn whatever_is_taken_again_and_again_has_an_end_on_each_release() {
    chances::takes(&releases());
}
