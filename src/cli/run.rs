//! `emu [OPTIONS] GUEST [ARGS]…`: runs a program.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use emu::kernel::vfs::Bind;
use emu::profiles::Profile;
use emu::{Builder, GuestSource, Progress, TimeSource};

use super::after::After;
use super::trace::{Trace, Usual};
use super::{Failure, interrupt, progress, values};

const AFTER_HELP: &str = "\
Other commands:
  emu profiles             the operating systems and CPUs there are
  emu calls [PROFILE]      the system calls of a profile: known, decoded, served
  emu prototypes PROFILE   their prototypes, one a line
  emu schema               the JSON Schema of --format json
  emu lab FILE             experiments with tiny guests: calls, results, registers, memory as a file says
  emu show TRACE           shows a trace of --format bin in any form, filtered, summarised
  emu report TRACE         a page to look at a run: one HTML file
  emu summary TRACE        what the program did, on one screen
  emu diff A B             where two traces part, also of different architectures
  emu run …                the same as emu …, for a GUEST with the name of a command

Examples:
  emu guest-images/linux_arm/hello.elf
      runs a program; its header says for which CPU. The trace goes to standard error.
  emu -q --root roots/armhf /bin/busybox ls -la /
      runs a program of a directory that is its whole world; writes stay in memory.
  emu -o trace.jsonl --format json -e trace=%file ./guest
      writes the calls that take file names as JSON lines.
  emu --bind data:/data:rw -E LANG=C --cwd /data ./guest
      shows it one directory of the host, in which it may write.

  emu --net script=answers.txt,talks ./guest
      answers the guest's connections, and keeps what is said in the new directory talks.

A file of answers has lines `tcp HOST:PORT`, `udp HOST:PORT` (HOST a name, an address or *, PORT a
number or *), below each of them indented steps: send \"TEXT\", recv (anything), recv \"TEXT\" (until
that has come), close, again (from the first step); `refuse HOST:PORT`; `dns NAME ADDRESS`; comments
behind #. TEXT has \\n \\r \\t \\0 \\\" \\\\ and \\xHH. The first line that fits counts; what fits none is
taken and kept as by sink.

The exit status is the guest's, or 128 plus the signal that killed it; 124 when --timeout,
--max-instructions, --max-output or --syscall-limit ended the run; 125 when emu itself failed.";

/// Runs a program of another CPU and OS and shows each of its system calls.
///
/// The program sees a private world: files that are named here, its own time, random numbers from a seed. Nothing of the
/// host is visible unless it is named. The same call of emu gives the same trace.
#[derive(Debug, Parser)]
#[command(
    name = "emu",
    version,
    override_usage = "emu [OPTIONS] GUEST [ARGS]...",
    after_help = AFTER_HELP,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(super) struct Options {
    /// The program, then its arguments. With --root or --bind, an absolute path names a file the guest sees, when it is
    /// there; otherwise it is a file of the host, which the guest sees under /emu.
    #[arg(value_name = "GUEST", required = true, num_args = 1.., trailing_var_arg = true)]
    guest: Vec<OsString>,

    /// How the program asks its operating system; without it the image's header decides.
    #[arg(short, long, value_name = "NAME", value_parser = values::profile)]
    profile: Option<&'static Profile>,

    #[command(flatten)]
    trace: Trace,

    #[command(flatten)]
    after: After,

    /// A directory that is the guest's `/`. What the guest writes stays in memory.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// A file or directory of the host that the guest sees at a path. With `:rw` its changes go to the host.
    #[arg(long, value_name = "HOST:GUEST[:rw]", value_parser = values::bind)]
    bind: Vec<Bind>,

    /// A .reg file, as regedit writes them, whose keys and values are in the guest's registry from the start. With a key
    /// in front, HKLM\Software=FILE, a hive, as Windows keeps its registry, whose top becomes that key.
    #[arg(long, value_name = "[KEY=]FILE")]
    registry: Vec<PathBuf>,

    /// A directory of the host with libraries of Windows, which the guest sees in C:\Windows\System32. With an
    /// ntdll.dll there, programs start in it, and --profile windows_auto takes the numbers of calls from it. Beside a
    /// directory of 64-bit libraries, one of 32-bit ones is C:\Windows\SysWOW64, and 32-bit programs run by WoW64.
    #[arg(long, value_name = "DIR")]
    dll_path: Vec<PathBuf>,

    /// Sets a variable of the guest's environment, or removes one. It has PATH, HOME=/ and TERM=xterm, or what Windows
    /// gives a user's programs, and nothing of the host's.
    #[arg(short = 'E', long, value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,

    /// The guest's working directory.
    #[arg(long, value_name = "DIR")]
    cwd: Option<OsString>,

    /// The guest's name for itself.
    #[arg(long, value_name = "NAME")]
    argv0: Option<OsString>,

    /// Where the guest's random bytes come from.
    #[arg(long, value_name = "N", default_value = "0", value_parser = values::number)]
    seed: u64,

    /// Lets tasks run in another order than the usual one; the same number gives the same order.
    #[arg(long, value_name = "N", value_parser = values::number)]
    sched_seed: Option<u64>,

    /// What time the guest sees: its own, in which sleeping takes no time, or the host's.
    #[arg(long, value_enum, default_value_t = Time::Virtual)]
    time: Time,

    /// What is outside of the guest's network: `none`; `sink` or `sink=DIR`, where every name has an address, everybody
    /// takes connections, and what is sent is kept in a new directory; `script=FILE` or `script=FILE,DIR`, where a file
    /// says who answers what; or `host`, the real network.
    #[arg(long, value_name = "WORLD", default_value = "none", value_parser = values::network)]
    net: values::Net,

    /// How much memory the guest may use (K, M, G); 2G unless told otherwise, 4G at most.
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    memory: Option<u64>,

    /// How many tasks there may be at once; a guest that makes more is refused with EAGAIN.
    #[arg(long, value_name = "N", default_value = "4096", value_parser = values::number)]
    max_tasks: u64,

    /// How many files may be open at once in all processes together; a guest that opens more is refused with ENFILE.
    #[arg(long, value_name = "N", value_parser = values::number)]
    max_files: Option<u64>,

    /// How much the guest may store in files (K, M, G); half of its memory unless told otherwise.
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    max_disk: Option<u64>,

    /// Ends the run when the guest has written that much (K, M, G) to standard output and standard error.
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    max_output: Option<u64>,

    /// Keeps what the guest changed in its tree in a new directory, as a layer of a container's image: `.wh.NAME` stands
    /// for a NAME that is gone.
    #[arg(long, value_name = "DIR")]
    save_fs: Option<PathBuf>,

    /// Lists on standard error what the guest changed in its tree: A, M or D (added, modified, deleted) and a path a line.
    #[arg(long)]
    fs_diff: bool,

    /// Ends the run after that many instructions.
    #[arg(long, value_name = "N", value_parser = values::number)]
    max_instructions: Option<u64>,

    /// Counts instructions, for the events of --format json; it costs time.
    #[arg(long)]
    count_instructions: bool,

    /// Ends the run after that much time (5s, 200ms, 2m).
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    timeout: Option<Duration>,

    /// What emu itself does; twice for more. Nothing of the trace. EMU_LOG says more exactly, in the form of RUST_LOG.
    #[arg(long, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Time {
    /// A count of what the guest did.
    Virtual,
    /// The host's clock.
    Real,
}

/// Runs the guest and gives its exit status.
pub(super) fn run(options: Options) -> Result<u8, Failure> {
    log(options.verbose);
    let mut builder = Builder::new()
        .seed(options.seed)
        .max_tasks(usize::try_from(options.max_tasks).unwrap_or(usize::MAX))
        .usual_env(options.env.iter().map(|change| change.as_bytes()));
    builder = builder.inject(options.trace.injections(options.profile)?);
    let mut rescues = Vec::new();
    let trace = options.trace.sinks(options.profile, Usual::Stderr)?;
    let after = options.after.sinks(options.trace.limit())?;
    for (sink, waiting) in trace.into_iter().chain(after) {
        builder = builder.sink(sink);
        rescues.extend(waiting);
    }
    interrupt::prepare(rescues);
    if let Some(profile) = options.profile {
        builder = builder.profile(profile);
    }
    let inside = options.root.is_some() || !options.bind.is_empty();
    if let Some(root) = options.root {
        builder = builder.root(root);
    }
    for bind in options.bind {
        builder = builder.bind(bind);
    }
    for path in options.registry {
        builder = builder.registry(path);
    }
    for path in options.dll_path {
        builder = builder.dll_path(path);
    }
    if let Some(cwd) = options.cwd {
        builder = builder.cwd(cwd.into_vec());
    }
    if let Some(name) = options.argv0 {
        builder = builder.argv0(name.into_vec());
    }
    if let Some(bytes) = options.memory {
        builder = builder.memory(bytes);
    }
    if let Some(count) = options.max_files {
        builder = builder.max_files(count);
    }
    if let Some(bytes) = options.max_disk {
        builder = builder.max_disk(bytes);
    }
    if let Some(bytes) = options.max_output {
        builder = builder.max_output(bytes);
    }
    if let Some(path) = options.save_fs {
        builder = builder.save_fs(path);
    }
    if let Some(count) = options.max_instructions {
        builder = builder.max_instructions(count);
    }
    if options.count_instructions || options.trace.counts_instructions() {
        builder = builder.count_instructions();
    }
    if let Some(timeout) = options.timeout {
        builder = builder.timeout(timeout);
    }
    if options.net == values::Net::Host {
        // Whoever looks at malware wants to know that it can get out.
        eprintln!("emu: --net host: the guest reaches the network of this machine");
    }
    builder = builder.network(options.net.open()?);
    if let Some(seed) = options.sched_seed {
        builder = builder.sched_seed(seed);
    }
    if options.time == Time::Real {
        builder = builder.time(TimeSource::Real);
    }
    let progress = shows_progress(&options.trace).then(Arc::<Progress>::default);
    if let Some(progress) = &progress {
        builder = builder.progress(progress.clone());
    }
    let mut words = options.guest.into_iter();
    let guest = PathBuf::from(words.next().unwrap_or_default());
    let guest = if inside {
        GuestSource::Either(guest)
    } else {
        GuestSource::Host(guest)
    };
    let mut emulator = builder
        .guest(guest)
        .args(words.map(OsStringExt::into_vec))
        .build()?;
    let line = progress.map(progress::Line::start);
    let status = emulator.run();
    drop(line);
    let status = status?;
    if options.fs_diff {
        for difference in emulator.differences()? {
            eprintln!("{difference}");
        }
    }
    Ok(status.code())
}

/// Whether standard error is a terminal on which neither the trace nor the guest's output is shown.
fn shows_progress(trace: &Trace) -> bool {
    let (out, err) = (std::io::stdout(), std::io::stderr());
    err.is_terminal() && !out.is_terminal() && !trace.is_on_stderr()
}

/// Emu's own diagnostics, on standard error.
fn log(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("EMU_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    // A second logger in one process is nobody's mistake: the first stays.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .try_init();
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(words: &[&str]) -> Options {
        Options::try_parse_from(std::iter::once(&"emu").chain(words)).expect("the words are valid")
    }

    #[test]
    fn the_options_hang_together() {
        Options::command().debug_assert();
    }

    #[test]
    fn options_behind_the_guest_are_the_guests() {
        let options = parse(&["-q", "busybox", "ls", "-la", "--profile", "x", "--", "-q"]);
        assert!(options.trace.quiet && options.profile.is_none());
        assert_eq!(
            options.guest,
            ["busybox", "ls", "-la", "--profile", "x", "--", "-q"]
        );
    }
}
