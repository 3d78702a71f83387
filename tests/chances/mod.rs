//! Runs of `hostile/random_nt.c`, which asks Windows for whatever chance gives.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use emu::profiles::{Profile, by_name};
use wait4::Wait4;

use super::bounded::{emu, here, run};
use super::compilers::installed;

/// What the program says when it has made all its calls.
const CAME_TO_ITS_END: i32 = 77;
const LIMIT: Duration = Duration::from_secs(60);
/// What emu may take of the host, in MiB; the guest has half as much.
const MEMORY: u64 = 256;

/// Calls that may end or stop who makes them, or take away the ground it stands on.
const RISKY: [&str; 45] = [
    "NtAlertThreadByThreadIdEx",
    "NtAlpcSendWaitReceivePort",
    "NtAssignProcessToJobObject",
    "NtCallbackReturn",
    "NtContinue",
    "NtContinueEx",
    "NtCreateThread",
    "NtCreateThreadEx",
    "NtCreateWorkerFactory",
    "NtDebugActiveProcess",
    "NtFreeVirtualMemory",
    "NtListenPort",
    "NtProtectVirtualMemory",
    "NtQueueApcThread",
    "NtQueueApcThreadEx",
    "NtQueueApcThreadEx2",
    "NtRaiseException",
    "NtReadVirtualMemory",
    "NtReadVirtualMemoryEx",
    "NtRegisterThreadTerminatePort",
    "NtReleaseKeyedEvent",
    "NtReplyWaitReceivePort",
    "NtReplyWaitReceivePortEx",
    "NtReplyWaitReplyPort",
    "NtRequestWaitReplyPort",
    "NtSetContextThread",
    "NtSetInformationJobObject",
    "NtSetInformationProcess",
    "NtSetInformationThread",
    "NtSetInformationWorkerFactory",
    "NtSetLdtEntries",
    "NtSuspendProcess",
    "NtSuspendThread",
    "NtTerminateJobObject",
    "NtTerminateProcess",
    "NtTerminateThread",
    "NtUnmapViewOfSection",
    "NtUnmapViewOfSectionEx",
    "NtVdmControl",
    "NtWaitForAlertByThreadId",
    "NtWaitForKeyedEvent",
    "NtWaitForWorkViaWorkerFactory",
    "NtWaitLowEventPair",
    "NtWorkerFactoryWorkerReady",
    "NtWriteVirtualMemory",
];

/// The calls that `random_nt.c` makes by name.
fn named() -> BTreeSet<String> {
    let sources = ["random_nt.c", "takes.h"].map(|name| {
        let path = here("tests/hostile").join(name);
        std::fs::read_to_string(path).expect("it can be read")
    });
    let name = |text: &str| text.split_once(',').map(|(name, _)| name.to_owned());
    let calls = sources
        .iter()
        .flat_map(|text| text.split("CALL(Nt").skip(1));
    calls
        .filter_map(name)
        .map(|name| format!("Nt{name}"))
        .collect()
}

/// The letter that `random_nt.c` has for an argument.
fn kind(ctype: &str, name: &str) -> char {
    let ctype = ctype.trim_start_matches("const ");
    match ctype {
        _ if name.ends_with("Timeout") || name == "DelayInterval" => 't',
        "HANDLE" => 'h',
        "PHANDLE" => 'H',
        "POBJECT_ATTRIBUTES" | "PCOBJECT_ATTRIBUTES" => 'o',
        "PUNICODE_STRING" | "PCUNICODE_STRING" => 'u',
        "PCLIENT_ID" => 'c',
        "PLARGE_INTEGER" => 'l',
        "PPORT_MESSAGE" => 'm',
        "ACCESS_MASK" => 'a',
        "BOOLEAN" => 'y',
        _ if name.ends_with("ControlCode") => 'd',
        _ if name.contains("Protect") && !ctype.starts_with('P') => 'g',
        _ if ctype.ends_with("_ROUTINE") => 'f',
        _ if ctype.ends_with("CLASS") || ctype.ends_with("_LEVEL") => 'k',
        _ if ctype.starts_with('P') || ctype.ends_with('*') || ctype.starts_with("LP") => 'p',
        _ if name.contains("Length") || name.contains("Size") => 's',
        _ if name.contains("Flags") || name.contains("Options") || name.contains("Mask") => 'w',
        _ => 'v',
    }
}

/// What `random_nt.c` includes.
fn header(profile: &Profile) -> String {
    let mut text = String::from("static const struct call calls[] = {\n");
    let mut count = 0;
    for (row, call) in profile.calls() {
        let kinds: String = (call.params.iter())
            .map(|param| kind(param.ctype, param.name))
            .collect();
        let risky = u8::from(RISKY.contains(&row.name));
        let _ = writeln!(
            text,
            "{{{:#x}, \"{}\", \"{kinds}\", {risky}}},",
            row.number, row.name
        );
        count += 1;
    }
    let _ = writeln!(text, "}};\n#define COUNT {count}");
    for name in named() {
        // A release that lacks it answers so.
        let number = profile.number(&name).unwrap_or(0xfff);
        let _ = writeln!(text, "#define NUMBER_{name} {number:#x}");
    }
    text
}

/// Where programs stay, so that a run can be made again.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("chances")
        .join(env!("CARGO_CRATE_NAME"))
        .join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Builds `random_nt.c` for a profile, when a compiler is there.
fn build(folder: &Path, profile: &str) -> Option<PathBuf> {
    let profile = by_name(profile).expect("it is a profile");
    let (compiler, entry) = match profile.pointer() {
        8 => ("x86_64-w64-mingw32-gcc", "start"),
        _ => ("i686-w64-mingw32-gcc", "_start"),
    };
    if !installed(compiler) {
        return None;
    }
    std::fs::write(folder.join("calls.h"), header(profile)).expect("it can be written");
    let out = folder.join(format!("{}.exe", profile.name));
    let mut command = Command::new(compiler);
    command.args(["-O1", "-w", "-nostdlib", "-ffreestanding", "-e", entry]);
    command.arg("-I").arg(folder).arg("-o").arg(&out);
    let ended = run(command.arg(here("tests/hostile/random_nt.c")), b"", LIMIT);
    assert_eq!(ended.status, 0, "{}", ended.err());
    Some(out)
}

/// Runs it, and says what was wrong with its end.
fn one(
    program: &Path,
    profile: &str,
    folder: &Path,
    options: &[&str],
    args: &[&str],
) -> Result<(i32, String), String> {
    let files = ["out", "err"].map(|name| folder.join(name));
    let file = |path: &Path| File::create(path).expect("it can be made");
    let memory = format!("{}M", MEMORY / 2);
    let mut command = emu();
    command.args([
        "--memory",
        &memory,
        "--timeout",
        "50s",
        "--profile",
        profile,
    ]);
    command.args(options).arg(program).args(args);
    command
        .stdin(Stdio::null())
        .stdout(file(&files[0]))
        .stderr(file(&files[1]));
    let mut child = command.spawn().expect("emu runs");
    let used = child.wait4().expect("it can be waited for");
    let [out, err] = files.map(|path| {
        String::from_utf8_lossy(&std::fs::read(path).expect("it was made")).into_owned()
    });
    let last: String = out
        .lines()
        .last()
        .unwrap_or_default()
        .chars()
        .take(100)
        .collect();
    let said: String = err.chars().take(600).collect();
    let peak = used.rusage.maxrss >> 20;
    let status = used.status.code().unwrap_or(1000);
    let problem = match status {
        1000 => Some(format!("{:?}", used.status)),
        _ if err.contains("panicked at") => Some("emu panicked".into()),
        124 if err.contains("--timeout") || used.rusage.utime > Duration::from_secs(49) => {
            Some("does not end".into())
        }
        125 => Some("emu failed".into()),
        _ if peak > MEMORY => Some("takes too much of the host".into()),
        _ => None,
    };
    match problem {
        None => Ok((status, last)),
        Some(problem) => Err(format!(
            "{profile} {args:?}: {problem}, status {status}, {peak} MiB: {last}; {said}\n"
        )),
    }
}

/// What is to be tried.
pub(crate) struct Chances<'a> {
    pub(crate) profiles: &'a [&'a str],
    pub(crate) seeds: RangeInclusive<u32>,
    /// How many calls a run makes.
    pub(crate) count: u32,
}

/// Calls with arguments by chance: runs that have to come to their end, and runs with calls that may end them at any time.
pub(crate) fn by_chance(chances: &Chances<'_>) {
    let mut wrong = String::new();
    let folder = kept("chance");
    let trace = folder.join("trace").display().to_string();
    for profile in chances.profiles {
        let Some(program) = build(&folder, profile) else {
            continue;
        };
        for seed in chances.seeds.clone() {
            let options: &[&str] = match seed % 4 {
                0 => &["-o", &trace, "--format", "json"],
                1 => &["-q"],
                _ => &["-o", &trace],
            };
            for risk in [0, 20, 100] {
                let args = [
                    "calls".into(),
                    seed.to_string(),
                    chances.count.to_string(),
                    risk.to_string(),
                ];
                let args = args.each_ref().map(String::as_str);
                match one(&program, profile, &folder, options, &args) {
                    Ok((CAME_TO_ITS_END, _)) => {}
                    Ok((status, last)) if risk == 0 => {
                        let _ = writeln!(wrong, "{profile} {args:?}: status {status}: {last}");
                    }
                    Ok(_) => {}
                    Err(problem) => wrong.push_str(&problem),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What `hostile/takes.h` takes.
const TAKES: [&str; 24] = [
    "apcs",
    "atoms",
    "attributes",
    "directories",
    "events",
    "files",
    "jobs",
    "keys",
    "links",
    "locks",
    "mailslots",
    "memory",
    "names",
    "packets",
    "pipes",
    "ports",
    "reserves",
    "sections",
    "sockets",
    "threads",
    "tokens",
    "values",
    "views",
    "watches",
];

/// One call again and again: it fails at some time, and emu has not taken more than it may.
pub(crate) fn takes(profiles: &[&str]) {
    let mut wrong = String::new();
    let folder = kept("takes");
    for profile in profiles {
        let Some(program) = build(&folder, profile) else {
            continue;
        };
        for what in TAKES {
            match one(&program, profile, &folder, &["-q"], &["takes", what]) {
                Ok((0, last)) if last.starts_with("took ") && last != "took 0" => {}
                // Who finds no memory where it was promised ends, and so does who gets no further thread.
                Ok(_) if what == "memory" || what == "threads" => {}
                Ok((status, last)) => {
                    let _ = writeln!(wrong, "{profile} {what}: status {status}: {last}");
                }
                Err(problem) => wrong.push_str(&problem),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// All classes with lengths that are about `step` apart.
pub(crate) fn by_class(profiles: &[&str], seeds: RangeInclusive<u32>, step: u32) {
    let mut wrong = String::new();
    let folder = kept("classes");
    for profile in profiles {
        let Some(program) = build(&folder, profile) else {
            continue;
        };
        for seed in seeds.clone() {
            let args = ["classes".into(), seed.to_string(), step.to_string()];
            let args = args.each_ref().map(String::as_str);
            match one(&program, profile, &folder, &["-q"], &args) {
                Ok((CAME_TO_ITS_END, _)) => {}
                Ok((status, last)) => {
                    let _ = writeln!(wrong, "{profile} {args:?}: status {status}: {last}");
                }
                Err(problem) => wrong.push_str(&problem),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
