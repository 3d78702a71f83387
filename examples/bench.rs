//! `make bench`: emu against qemu-user on the same machine in the same run.
//!
//! Builds the C programs of `guest-images/bench` for each architecture whose cross compiler is there, runs each under both
//! emulators in turn (A B A B …), and prints medians and their ratio. What is not installed is skipped, and said.
//!
//!     cargo run --release --example bench -- [--runs N] [--arch NAME]… [--only ROW]…

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use emu::{Builder, GuestSource, linux};
use wait4::Wait4;

struct Target {
    arch: &'static str,
    compiler: &'static str,
    qemu: &'static str,
}

const TARGETS: &[Target] = &[
    Target {
        arch: "x64",
        compiler: "x86_64-linux-gnu-gcc",
        qemu: "qemu-x86_64",
    },
    Target {
        arch: "x86",
        compiler: "i686-linux-gnu-gcc",
        qemu: "qemu-i386",
    },
    Target {
        arch: "armhf",
        compiler: "arm-linux-gnueabihf-gcc",
        qemu: "qemu-arm",
    },
    Target {
        arch: "arm64",
        compiler: "aarch64-linux-gnu-gcc",
        qemu: "qemu-aarch64",
    },
    Target {
        arch: "mips",
        compiler: "mips-linux-gnu-gcc",
        qemu: "qemu-mips",
    },
    Target {
        arch: "mipsel",
        compiler: "mipsel-linux-gnu-gcc",
        qemu: "qemu-mipsel",
    },
];

/// How a row runs its program.
#[derive(Clone, Copy, PartialEq)]
enum How {
    /// `emu -q` against plain qemu-user.
    Silent,
    /// One typed callback against plain qemu-user.
    Callback,
    /// A full trace to a file, with these options, against `qemu-user -strace` to a file.
    Trace(&'static [&'static str]),
    /// A trace of calls that the program does not make against plain qemu-user.
    Filtered,
    /// The peak memory of `emu -q`, all processes of the guest together: qemu-user has one of the host's for each.
    Memory,
}

struct Row {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    how: How,
}

const ROWS: &[Row] = &[
    row("1M getppid, silent", "getppid", &["1000000"], How::Silent),
    row(
        "1M getppid, one callback",
        "getppid",
        &["1000000"],
        How::Callback,
    ),
    row(
        "1M getppid, text trace",
        "getppid",
        &["1000000"],
        How::Trace(&[]),
    ),
    row(
        "1M getppid, trace of other calls",
        "getppid",
        &["1000000"],
        How::Filtered,
    ),
    row(
        "1M getppid, JSON trace",
        "getppid",
        &["1000000"],
        How::Trace(&["--format", "json"]),
    ),
    row(
        "1M getppid, binary trace",
        "getppid",
        &["1000000"],
        How::Trace(&["--format", "bin"]),
    ),
    row(
        "100,000 open, read, close: text trace",
        "open",
        &["100000"],
        How::Trace(&[]),
    ),
    row("hello, start to end", "hello", &[], How::Silent),
    row("fib(36)", "fib", &[], How::Silent),
    row("sieve of 20,000,000", "sieve", &[], How::Silent),
    row("100M-step hash", "hash", &[], How::Silent),
    row("float loop", "float", &[], How::Silent),
    row("10,000 mmap, 10 live", "mmap", &["10"], How::Silent),
    row("10,000 mmap, 5,000 live", "mmap", &["5000"], How::Silent),
    row("2,000 fork, exit, wait", "fork", &["2000"], How::Silent),
    row(
        "100,000 pipe ping-pongs of two processes",
        "pingpong",
        &["100000"],
        How::Silent,
    ),
    row(
        "100,000 futex ping-pongs of two threads",
        "futex",
        &["100000"],
        How::Silent,
    ),
    row(
        "1,000 threads created and joined",
        "threads",
        &["1000"],
        How::Silent,
    ),
    row("64 MiB through a pipe", "pipe", &["64"], How::Silent),
    row(
        "100,000 open, read, close",
        "open",
        &["100000"],
        How::Silent,
    ),
    row(
        "stat of 10,000 files, ten times",
        "stat",
        &["10000"],
        How::Silent,
    ),
    row(
        "fib(36) in a child that a shell would wait for",
        "child",
        &[],
        How::Silent,
    ),
    row("1,000 processes of 10 MiB", "forks", &["1000"], How::Memory),
];

const fn row(
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    how: How,
) -> Row {
    Row {
        name,
        program,
        args,
        how,
    }
}

struct Options {
    runs: usize,
    archs: Vec<String>,
    only: Vec<String>,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, guest, rest @ ..] = args.as_slice()
        && mode == "--run-with-callback"
    {
        run_with_callback(guest, rest);
    }
    let options = options(&args);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let emu = std::env::current_exe().expect("an executable has a path");
    let emu = emu
        .ancestors()
        .nth(2)
        .expect("it lies in target/release/examples")
        .join("emu");
    assert!(emu.exists(), "build it first: cargo build --release");
    let out = here.join("target/bench");
    std::fs::create_dir_all(&out).expect("target/bench can be made");
    println!("{}; median of {} runs, in seconds", machine(), options.runs);
    println!();
    println!("| | | emu | qemu-user | emu / qemu-user |");
    println!("|---|---|--:|--:|--:|");
    for target in TARGETS {
        if options.archs.is_empty() || options.archs.iter().any(|a| a == target.arch) {
            bench(target, &options, here, &emu, &out);
        }
    }
}

fn options(args: &[String]) -> Options {
    let mut options = Options {
        runs: 5,
        archs: Vec::new(),
        only: Vec::new(),
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || {
            args.next()
                .unwrap_or_else(|| panic!("{arg} wants a value"))
                .clone()
        };
        match arg.as_str() {
            "--runs" => options.runs = value().parse().expect("--runs wants a number"),
            "--arch" => options.archs.push(value()),
            "--only" => options.only.push(value()),
            other => panic!("unknown option {other}"),
        }
    }
    options
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{}, {cores} cores",
        name.map_or("unknown CPU", |(_, name)| name)
    )
}

fn bench(target: &Target, options: &Options, here: &Path, emu: &Path, out: &Path) {
    if !have(target.compiler) || !have(target.qemu) {
        println!(
            "| {} | skipped: needs {} and {} | | | |",
            target.arch, target.compiler, target.qemu
        );
        return;
    }
    for row in ROWS {
        if !options.only.is_empty() && !options.only.iter().any(|o| row.name.contains(o.as_str())) {
            continue;
        }
        let guest = out.join(format!("{}-{}", row.program, target.arch));
        let source = here
            .join("guest-images/bench")
            .join(format!("{}.c", row.program));
        let built = Command::new(target.compiler)
            .args(["-static", "-O2", "-pthread", "-o"])
            .args([&guest, &source])
            .status();
        assert!(
            built.is_ok_and(|s| s.success()),
            "{} can't build {}",
            target.compiler,
            row.program
        );
        if row.how == How::Memory {
            let (seconds, peak) = timed(&mut our_command(row, emu, &guest, out));
            let peak = mib(peak);
            println!(
                "| {} | {}, peak memory in MiB ({seconds:.3} s) | {peak:.1} | | |",
                target.arch, row.name
            );
            continue;
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut peaks = (0, 0);
        for _ in 0..options.runs {
            let one = timed(&mut our_command(row, emu, &guest, out));
            let other = timed(&mut their_command(row, target, &guest, out));
            peaks = (peaks.0.max(one.1), peaks.1.max(other.1));
            ours.push(one.0);
            theirs.push(other.0);
        }
        let (a, b) = (median(&mut ours), median(&mut theirs));
        println!(
            "| {} | {} | {a:.3} | {b:.3} | {:.2} |",
            target.arch,
            row.name,
            a / b
        );
        if row.program == "hello" || row.program == "sieve" {
            let (a, b) = (mib(peaks.0), mib(peaks.1));
            let name = format!("{}, peak memory in MiB", row.program);
            println!(
                "| {} | {name} | {a:.1} | {b:.1} | {:.2} |",
                target.arch,
                a / b
            );
        }
    }
}

fn have(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

fn our_command(row: &Row, emu: &Path, guest: &Path, out: &Path) -> Command {
    let mut command = match row.how {
        How::Callback => {
            let mut c = Command::new(std::env::current_exe().expect("an executable has a path"));
            c.arg("--run-with-callback");
            c
        }
        How::Silent | How::Memory => {
            let mut c = Command::new(emu);
            c.arg("-q");
            c
        }
        How::Trace(options) => {
            let mut c = Command::new(emu);
            c.args(options).arg("-o").arg(out.join("emu.trace"));
            c
        }
        How::Filtered => {
            let mut c = Command::new(emu);
            c.args(["-e", "trace=socket", "-o"])
                .arg(out.join("emu.trace"));
            c
        }
    };
    command.arg(guest).args(row.args);
    command
}

fn their_command(row: &Row, target: &Target, guest: &Path, out: &Path) -> Command {
    let mut command = Command::new(target.qemu);
    if let How::Trace(_) = row.how {
        command.arg("-strace");
        command.stderr(File::create(out.join("qemu.trace")).expect("target/bench is writable"));
    }
    // Files that the guest makes are in emu's own tree; here they need a place.
    let place = out.join("files");
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).expect("target/bench is writable");
    command.arg(guest).args(row.args).current_dir(place);
    command
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1 << 20) as f64
}

/// Wall seconds, and peak resident bytes as the host's accounting has it.
fn timed(command: &mut Command) -> (f64, u64) {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .spawn()
        .expect("it was there a moment ago");
    let ended = child.wait4().expect("the child is ours");
    let seconds = start.elapsed().as_secs_f64();
    assert!(
        ended.status.success(),
        "{command:?} failed: {}",
        ended.status
    );
    (seconds, ended.rusage.maxrss)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The guest of the row "one callback": the same run, with somebody listening.
fn run_with_callback(guest: &str, args: &[String]) -> ! {
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(PathBuf::from(guest)))
        .args(args.iter().map(String::as_bytes))
        .build()
        .expect("the guest loads");
    let calls = std::rc::Rc::new(std::cell::Cell::new(0u64));
    let count = calls.clone();
    emulator.on_exit(move |_cx, _call: &linux::Getppid, _ret| count.set(count.get() + 1));
    let status = emulator.run().expect("the guest runs");
    assert!(calls.get() > 0, "nobody called getppid");
    std::process::exit(status.code().into());
}
