use expect_test::{Expect, expect};

use super::{Os, Texts, file};
use crate::emit::tests::small;

/// The errors of the small texts after a change.
fn check(texts: Texts, expected: Expect) {
    let errors = Os::new(&texts).expect_err("something is wrong");
    let text: String = errors.iter().map(|error| format!("{error}\n")).collect();
    expected.assert_eq(&text);
}

fn meanings(mount: &str) -> Texts {
    small().with(file::MEANINGS, &format!("[file]\n{mount}\n[io]\n_sync:\n"))
}

#[test]
fn an_unknown_type_is_told_with_the_nearest_known_one() {
    let signatures =
        "long mount(const char *type, unsigned long flags, lof_t size);\nlong _sync(void);\n";
    check(
        small().with(file::SIGNATURES, signatures),
        expect![[r#"
            signatures.txt:1: expected a known C type, found `lof_t` (did you mean `loff_t`?)
        "#]],
    );
}

#[test]
fn a_call_without_a_section_is_an_error() {
    check(
        small().with(file::MEANINGS, "[file]\nmount:\n"),
        expect![[r#"
            signatures.txt:2: expected `_sync` under a section of meanings.txt, found it nowhere
        "#]],
    );
}

#[test]
fn a_call_stands_in_one_section_only() {
    check(
        small().with(file::MEANINGS, "[file]\nmount:\n_sync:\n[io]\n_sync:\n"),
        expect![[r#"
            meanings.txt:5: expected each call once, found `_sync` again; it stands on line 3
        "#]],
    );
}

#[test]
fn unknown_names_are_told_with_the_nearest_known_ones() {
    check(
        meanings("mount: typo=str flags=flags:mont size=out:flag -> fdd\nmont:\n"),
        expect![[r#"
            meanings.txt:3: expected a call of signatures.txt, found `mont` (did you mean `mount`?)
            meanings.txt:2: expected an argument of `mount`, found `typo` (did you mean `type`?)
            meanings.txt:2: expected a group of groups.txt, found `mont` (did you mean `mount`?)
            meanings.txt:2: expected an argument of the call, found `flag` (did you mean `flags`?)
            meanings.txt:2: expected a meaning, found `fdd` (did you mean `fd`?)
        "#]],
    );
}

#[test]
fn a_meaning_suits_its_argument() {
    check(
        meanings("mount: type=fd flags=<pair"),
        expect![[r#"
            meanings.txt:2: expected a meaning of `const char *type`, found `fd`, which suits no `Ptr<u8>`
            meanings.txt:2: expected a meaning of `unsigned long flags`, found `<pair`, which suits no `u64`
        "#]],
    );
}

#[test]
fn classes_are_those_of_strace() {
    check(
        meanings("mount: %dsc"),
        expect![[r#"
            meanings.txt:2: expected a class of calls, found `%dsc` (did you mean `desc`?)
        "#]],
    );
}

#[test]
fn a_number_stands_for_one_call_of_the_signatures() {
    check(
        small().with("b.txt", "7\tmount\tsys_mount\n7\tmoun\tsys_mount\t=mount\n"),
        expect![[r#"
            b.txt:2: expected each number once, found 7 for `moun` and, on line 1, for `mount`
        "#]],
    );
    check(
        small().with(
            "b.txt",
            "7\tmoun\tsys_mount\n8\tmount\tsys_mount\n9\tmount\tsys_mount\n",
        ),
        expect![[r#"
            b.txt:1: expected a call of signatures.txt, found `moun` (did you mean `mount`?)
            b.txt:3: expected each name once, found `mount` again
        "#]],
    );
}

#[test]
fn a_variant_that_changes_nothing_is_an_error() {
    check(
        small().with(
            "b.txt",
            "7\tmount\tsys_mount\t(const char *type, unsigned long flags, loff_t size)\n",
        ),
        expect![[r#"
            b.txt:1: expected parameters that differ from the signature's, found the same
        "#]],
    );
}

#[test]
fn a_signature_has_a_number_somewhere() {
    check(
        small().with("a.txt", "1\tmount\tsys_mount\n"),
        expect![[r#"
            signatures.txt:2: expected a number of `_sync` on some ABI, found none
        "#]],
    );
}

#[test]
fn facts_are_of_known_abis_and_constants() {
    check(
        small()
            .with(
                file::CONSTANTS,
                "[mount]\nMS_RDONLY\t1\tc=2\nMS_RDONLY\t2\nMS_B\tx\n",
            )
            .with(file::STRUCTS, "[pair]\nsize\t8\nfirst\t0-4\n"),
        expect![[r#"
            constants.txt:3: expected `MS_RDONLY` once, found it on line 2, too
            constants.txt:4: expected a number of at most 64 bits, found `x`
            groups.txt:1: expected constants, found `MS_*`, which is none
            structs.txt:3: expected `OFFSET:SIZE`, `OFFSET:SIZEs` or `OFFSET:SIZEu`, found `0-4`
        "#]],
    );
    check(
        small()
            .with(file::CONSTANTS, "[mount]\nMS_RDONLY\t1\tc=2\nENOENT\t1\n")
            .with(file::STRUCTS, "[pair]\nsize\t8\tab=8\n"),
        expect![[r#"
            constants.txt:2: expected an ABI of abis.txt, found `c`
            structs.txt:1: expected an ABI of abis.txt, found `ab` (did you mean `a`?)
            errors.txt:2: expected a constant of constants.txt, found `ENOSYS`
            errors.txt:3: expected a constant of constants.txt, found `EOTHER`
        "#]],
    );
}

#[test]
fn two_calls_do_not_become_one_struct() {
    check(
        small()
            .with(file::SIGNATURES, "long mount(void);\nlong _mount(void);\n")
            .with("a.txt", "1\tmount\tsys_mount\n2\t_mount\tsys_mount\n")
            .with("b.txt", "")
            .with(file::MEANINGS, "[io]\nmount:\n_mount:\n"),
        expect![[r#"
            signatures.txt:1: expected different names in Rust, found `_mount` and `mount`
        "#]],
    );
}

#[test]
fn an_absent_text_is_an_error() {
    check(
        Texts::default().with(file::SIGNATURES, ""),
        expect![[r#"
            types.txt:0: expected this file, found none
            constants.txt:0: expected this file, found none
            groups.txt:0: expected this file, found none
            errors.txt:0: expected this file, found none
            structs.txt:0: expected this file, found none
            meanings.txt:0: expected this file, found none
        "#]],
    );
}
