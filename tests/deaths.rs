//! What is told of a death, to those who ask for details.

mod bounded;
mod compilers;

use std::path::Path;
use std::time::Duration;

use bounded::{emu, here, run};
use compilers::{ARM64, ARMEL, ARMHF, MIPS, MIPSEL, Target, X64, X86, build, installed};
use expect_test::{Expect, expect};

fn report(program: &Path, how: &[&str]) -> Vec<String> {
    let mut command = emu();
    command.args(["-q", "--verbose"]).arg(program).args(how);
    let ended = run(&mut command, b"", Duration::from_secs(20));
    assert!(ended.status >= 128, "{ended:?}");
    let mut lines = Vec::new();
    for line in ended.err().lines() {
        let text = line.split_once("turn: ").map_or(line, |(_, text)| text);
        lines.push(text.to_owned());
    }
    lines
}

#[track_caller]
fn whole(image: &str, expected: Expect) {
    let lines = report(&here("guest-images").join(image), &[]);
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn a_report_has_registers_code_callers_and_mappings() {
    whole(
        "linux_arm/fault.elf",
        expect![[r#"
              r0 00000000      r1 00000000      r2 00000000      r3 00000000
              r4 00000000      r5 00000000      r6 00000000      r7 00000000
              r8 00000000      r9 00000000     r10 00000000     r11 00000000
             r12 00000000      sp befffeb0      lr 00000000      pc 00400078
            cpsr 00000010
          0x400068: 00 00 00 00              andeq r0, r0, r0
          0x40006c: 06 00 00 00              andeq r0, r0, r6
          0x400070: 04 00 00 00              andeq r0, r0, r4
          0x400074: 00 00 a0 e3              mov r0, #0
        =>0x400078: 00 00 80 e5              str r0, [r0]
          0x40007c: 01 70 a0 e3              mov r7, #1
          0x400080: 01 00 a0 e3              mov r0, #1
          0x400084: 00 00 00 ef              svc #0
        backtrace:
          #0  00400078 (/emu/fault.elf+0x400078)
        mappings:
          00400000-00401000 r-xp 00000000      1 pages /emu/fault.elf <- pc
          b6ffe000-b6fff000 r-xp 00000000      1 pages [sigpage]
          be800000-bf000000 rw-p 00000000   2048 pages [stack] <- sp
          ffff0000-ffff1000 r-xp 00000000      1 pages [vectors]
    "#]],
    );
    whole(
        "linux_mips/fault.elf",
        expect![[r#"
            zero 00000000      at 00000000      v0 00000000      v1 00000000
              a0 00000000      a1 00000000      a2 00000000      a3 00000000
              t0 00000000      t1 00000000      t2 00000000      t3 00000000
              t4 00000000      t5 00000000      t6 00000000      t7 00000000
              s0 00000000      s1 00000000      s2 00000000      s3 00000000
              s4 00000000      s5 00000000      s6 00000000      s7 00000000
              t8 00000000      t9 00000000      k0 00000000      k1 00000000
              gp 00000000      sp 7fff7ec0      fp 00000000      ra 00000000
              pc 00400080      hi 00000000      lo 00000000
          0x400070: 00 00 00 04              sllv $zero, $zero, $zero
          0x400074: 00 00 00 00              nop
          0x400078: 00 00 00 00              nop
          0x40007c: 00 00 00 00              nop
        =>0x400080: ac 00 00 00              sw $zero, ($zero)
          0x400084: 24 02 0f a1              addiu $v0, $zero, 0xfa1
          0x400088: 24 04 00 01              addiu $a0, $zero, 1
          0x40008c: 00 00 00 0c              syscall
        backtrace:
          #0  00400080 (/emu/fault.elf+0x400080)
        mappings:
          00400000-00401000 r-xp 00000000      1 pages /emu/fault.elf <- pc
          77ff7000-77ff8000 r-xp 00000000      1 pages [vdso]
          7f7f8000-7fff8000 rw-p 00000000   2048 pages [stack] <- sp
    "#]],
    );
    whole(
        "linux_x64/jump_null.elf",
        expect![[r#"
             rax 0000000000000000     rbx 0000000000000000     rcx 0000000000000000     rdx 0000000000000000
             rsi 0000000000000000     rdi 0000000000000000     rbp 0000000000000000     rsp 00007fffffffedf0
              r8 0000000000000000      r9 0000000000000000     r10 0000000000000000     r11 0000000000000000
             r12 0000000000000000     r13 0000000000000000     r14 0000000000000000     r15 0000000000000000
             rip 0000000000000000  rflags 0000000000000246
          0x0: nothing is mapped there
        backtrace:
          #0  0000000000000000 (nothing is mapped there)
        mappings:
          00400000-00401000 r-xp 00000000      1 pages /emu/jump_null.elf
          7fffff7ff000-7ffffffff000 rw-p 00000000   2048 pages [stack] <- sp
    "#]],
    );
}

/// The innermost functions, each with the `?` of what is only likely.
#[track_caller]
fn check(target: &Target, how: &str, expected: &[&str]) {
    if !installed(target.compiler) {
        return;
    }
    let program = build(target.compiler, &here("tests/deaths/deep.c")).expect("it can be built");
    let lines = report(&program, &[how]);
    let names: Vec<String> = lines
        .iter()
        .filter(|line| line.starts_with("  #"))
        .map(|line| {
            let name = line.split_whitespace().nth(2).unwrap_or("");
            let name = name.split_once('+').map_or(name, |(name, _)| name);
            let doubt = if line.ends_with('?') { "?" } else { "" };
            format!("{name}{doubt}")
        })
        .collect();
    assert!(names.len() >= expected.len(), "{}: {lines:#?}", target.name);
    assert_eq!(names[..expected.len()], *expected, "{}", target.name);
    let pc = lines.iter().filter(|line| line.starts_with("=>")).count();
    assert_eq!(pc, usize::from(how != "jump"), "{lines:#?}");
}

#[test]
fn callers_are_found_by_tables_or_by_what_the_code_did() {
    for target in [&X64, &X86, &ARM64, &MIPS, &MIPSEL] {
        check(target, "store", &["innermost", "middle", "outer", "main"]);
    }
}

#[test]
fn callers_are_guessed_where_nothing_else_is_left() {
    for target in [&ARMHF, &ARMEL] {
        check(
            target,
            "store",
            &["innermost", "middle?", "outer?", "main?"],
        );
    }
}

#[test]
fn a_call_of_nothing_is_the_callers_fault() {
    for target in [&X64, &X86, &ARMHF, &ARMEL, &ARM64, &MIPS, &MIPSEL] {
        check(target, "jump", &["(nothing", "jump"]);
    }
}

#[test]
fn the_code_that_a_signal_interrupted_is_a_caller() {
    let expected = ["innermost", "middle", "outer", "__restore_rt"];
    check(&X64, "handler", &expected);
}
