//! The laboratory: experiments that are right, and what is told of those that are not.

use std::process::Command;

use emu::cpu::{Arch, Endian};
use emu::lab::{self, Answer, call};
use emu::linux::Errno;
use emu::profiles::{Os, Profile};

/// getpid, then exit with its result.
const X86: &[u8] = b"\xb8\x14\0\0\0\xcd\x80\x89\xc3\xb8\x01\0\0\0\xcd\x80";
/// The same: li v0, 4020; syscall; move a0, v0; li v0, 4001; syscall.
const MIPS: &[u8] = b"\x24\x02\x0f\xb4\0\0\0\x0c\0\x40\x20\x25\x24\x02\x0f\xa1\0\0\0\x0c";
/// The same: mov r7, #20; svc 0; mov r7, #1; svc 0.
const ARM: &[u8] = b"\x14\x70\xa0\xe3\0\0\0\xef\x01\x70\xa0\xe3\0\0\0\xef";

#[test]
fn one_experiment_on_three_profiles() {
    lab::guests(["linux_x86", "linux_mips", "linux_arm"])
        .asm_bytes_for("linux_x86", X86)
        .asm_bytes_for("linux_mips", MIPS)
        .asm_bytes_for("linux_arm", ARM)
        .answer("getpid", Answer::Returns(77))
        .expect(call("getpid").returns(77))
        .expect(call("exit").arg("error_code", 77).never_returns())
        .status(77)
        .check();
}

#[test]
fn registers_are_those_of_the_return() {
    lab::guest("linux_mips")
        .asm_bytes(MIPS)
        .answer("getpid", Answer::Fails(Errno::EPERM))
        .expect(
            call("getpid")
                .number(4020)
                .fails(Errno::EPERM)
                .register("v0", 1)
                .register("a3", 1)
                .register("pc", lab::CODE + 8),
        )
        .expect(call("exit").arg("error_code", 1))
        .check();
    lab::guest("linux_x86")
        .asm_bytes(X86)
        .answer("getpid", Answer::Fails(Errno::EPERM))
        .expect(call("getpid").register("eax", 0xffff_ffff))
        .expect(call("exit"))
        .check();
}

#[test]
fn memory_is_that_of_the_return() {
    // mov eax, 122 (uname); mov ebx, 0x100000; int 0x80; mov eax, 1; xor ebx, ebx; int 0x80
    let code = b"\xb8\x7a\0\0\0\xbb\0\0\x10\0\xcd\x80\xb8\x01\0\0\0\x31\xdb\xcd\x80";
    lab::guest("linux_x86")
        .asm_bytes(code.as_slice())
        .data(lab::DATA, vec![0; 390])
        .expect(
            call("uname")
                .returns(0)
                .memory(lab::DATA, b"Linux\0".as_slice())
                .memory_at("name", b"Linux".as_slice()),
        )
        .expect(call("exit"))
        .status(0)
        .check();
}

#[test]
fn what_differs_is_told() {
    let outcomes = lab::guest("linux_arm")
        .asm_bytes(ARM)
        .expect(call("getppid"))
        .expect(call("exit").arg("error_code", 3).register("r0", 3))
        .expect(call("exit"))
        .status(3)
        .run()
        .expect("it can be made");
    let told = outcomes[0].difference().expect("it differs");
    assert_eq!(
        told,
        "linux_arm: - is expected, + is what happened\n\
         + getpid() = 1000\n\
         \x20   getppid is expected\n\
         + exit(1000) has no return\n\
         \x20   error_code is 0x3e8 instead of 0x3\n\
         \x20   it did not return, so r0 was not looked at\n\
         - exit was not called\n\
         - status 3\n\
         + status 232\n"
    );
}

#[test]
fn a_mistake_of_the_experiment_is_named() {
    let wrong = |lab: lab::Lab| lab.run().expect_err("it can't be made").to_string();
    assert_eq!(
        wrong(lab::guest("linux_vax").asm_bytes(ARM)),
        "there is no profile called linux_vax"
    );
    assert_eq!(
        wrong(lab::guest("linux_arm").asm_bytes(ARM).expect(call("opne"))),
        "linux_arm has no call opne"
    );
    let eax = call("exit").register("eax", 0);
    assert_eq!(
        wrong(lab::guest("linux_arm").asm_bytes(ARM).expect(eax)),
        "ARM has no register eax"
    );
}

fn emu(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_emu"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("emu runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

const FILE: &str = r#"
[[case]]
name = "a process asks for its number"
profiles = ["linux_mips", "linux_arm"]
code = { linux_mips = "24020fb4 0000000c 00402025 24020fa1 0000000c", linux_arm = "1470a0e3 000000ef 0170a0e3 000000ef" }
status = 7

[[case.answer]]
call = "getpid"
returns = 7

[[case.expect]]
call = "getpid"
returns = 7

[[case.expect]]
call = "exit"
args = { error_code = 7 }
never_returns = true
"#;

#[test]
fn a_file_says_the_same_without_rust() {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    };
    let right = write("right.toml", FILE);
    let (status, out, err) = emu(&["lab", &right]);
    let ok = "ok    a process asks for its number, linux_mips\n\
              ok    a process asks for its number, linux_arm\n2 right, 0 wrong\n";
    assert_eq!((status, out.as_str(), err.as_str()), (Some(0), ok, ""));
    let wrong = write("wrong.toml", &FILE.replace("status = 7", "status = 8"));
    let (status, out, _) = emu(&["lab", &wrong]);
    assert_eq!(status, Some(1));
    assert!(out.contains("- status 8\n+ status 7\n"), "{out}");
    let bad = write("bad.toml", &FILE.replace("profiles", "profile"));
    let (status, _, err) = emu(&["lab", &bad]);
    assert_eq!(status, Some(125));
    assert!(err.starts_with(&format!("emu: {bad}: line 4: ")), "{err}");
    assert_eq!(err.lines().count(), 1);
}

#[test]
fn traces_of_two_architectures_are_compared() {
    let guest = |profile: &str, name: &str| format!("guest-images/{profile}/{name}.elf");
    let same = emu(&[
        "diff",
        "--run",
        &guest("linux_x64", "error"),
        &guest("linux_arm", "error"),
    ]);
    let text = "2 calls in both, 0 only in the first, 0 only in the second\n";
    assert_eq!(same, (Some(0), text.to_owned(), String::new()));
    let (status, out, _) = emu(&[
        "diff",
        "--run",
        &guest("linux_x64", "error"),
        &guest("linux_mips", "error"),
    ]);
    assert_eq!(status, Some(1));
    assert!(
        out.starts_with(
            "the first difference is at call 2 of the first and call 2 of the second:\n"
        ),
        "{out}"
    );
    assert!(out.contains("+ getpid() = 1000\n"), "{out}");
    let folder = tempfile::tempdir().expect("there is room");
    let trace = |profile: &str| {
        let path = folder.path().join(profile).display().to_string();
        let hello = guest(profile, "hello");
        let (status, ..) = emu(&["-o", &path, "--format", "json", &hello]);
        assert_eq!(status, Some(0));
        path
    };
    let (a, b) = (trace("linux_x86"), trace("linux_mipsel"));
    let (status, out, err) = emu(&["diff", &a, &b]);
    // They write their own names.
    assert_eq!((status, err.as_str()), (Some(1), ""));
    assert!(
        out.contains("- write(1, \"hello from linux_x86\\n\", 21)"),
        "{out}"
    );
    let (status, _, err) = emu(&["diff", &a, "Cargo.toml"]);
    assert_eq!(status, Some(125));
    assert_eq!(
        err,
        "emu: Cargo.toml: line 1: this is no line of a JSON trace\n"
    );
}

/// The end of a program with status 7 in the fewest instructions, on each way to be asked.
fn end(profile: &Profile) -> Vec<u8> {
    let number = |name: &str| profile.number(name).expect("the call is there");
    let exit = match profile.system().os() {
        Os::Linux | Os::FreeBsd => number("exit"),
        Os::Windows => number("NtTerminateProcess"),
        Os::Own => number("leave"),
    };
    let words = |words: &[u32]| -> Vec<u8> {
        let bytes = |word: &u32| match profile.arch.endian() {
            Endian::Big => word.to_be_bytes(),
            Endian::Little => word.to_le_bytes(),
        };
        words.iter().flat_map(bytes).collect()
    };
    let [a, b, ..] = exit.to_le_bytes();
    match (profile.system().os(), profile.arch) {
        // mov r10, -1; mov edx, 7; mov eax, NUMBER; syscall
        (Os::Windows, Arch::X86_64) => [
            &b"\x49\xc7\xc2\xff\xff\xff\xff\xba\x07\0\0\0\xb8"[..],
            &[a, b, 0, 0, 0x0f, 0x05],
        ]
        .concat(),
        // push 7; push -1; mov edx, esp; mov eax, NUMBER; int 0x2e
        (Os::Windows, _) => [
            &b"\x6a\x07\x6a\xff\x89\xe2\xb8"[..],
            &[a, b, 0, 0, 0xcd, 0x2e],
        ]
        .concat(),
        // mov edi, 7; mov eax, NUMBER; syscall
        (_, Arch::X86_64) => vec![0xbf, 7, 0, 0, 0, 0xb8, a, b, 0, 0, 0x0f, 0x05],
        // mov ebx, 7; mov eax, NUMBER; int 0x40 or 0x80
        (os, Arch::X86) => {
            let vector = if os == Os::Own { 0x40 } else { 0x80 };
            vec![0xbb, 7, 0, 0, 0, 0xb8, a, b, 0, 0, 0xcd, vector]
        }
        // mov r0, #7; svc 0x900000 + NUMBER
        (_, Arch::Arm) if profile.name == "linux_arm_oabi" => {
            words(&[0xe3a0_0007, 0xef90_0000 + exit])
        }
        // mov r0, #7; mov r7, #NUMBER; svc 0
        (_, Arch::Arm) => words(&[0xe3a0_0007, 0xe3a0_7000 + exit, 0xef00_0000]),
        // mov x0, #7; mov x8, #NUMBER; svc 0
        (_, Arch::Arm64) => words(&[0xd280_00e0, 0xd280_0008 + (exit << 5), 0xd400_0001]),
        // li a0, 7; li v0, NUMBER; syscall
        (_, _) => words(&[0x2404_0007, 0x2402_0000 + exit, 0x0000_000c]),
    }
}

#[test]
fn every_profile_has_its_place_in_the_laboratory() {
    for profile in emu::profiles::all() {
        let name = match profile.system().os() {
            Os::Linux | Os::FreeBsd => "exit",
            Os::Windows => "NtTerminateProcess",
            Os::Own => "leave",
        };
        lab::guest(profile.name)
            .asm_bytes(end(profile))
            .expect(call(name).never_returns())
            .status(7)
            .check();
    }
}
