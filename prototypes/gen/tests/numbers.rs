//! Number tables, and how a variant's parameters find their places.

use emu_prototypes_gen::{declaration, numbers};

fn check(text: &str, expected: &str) {
    let found = match numbers::parse("n.txt", text) {
        Ok(rows) => rows
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "of {text}");
}

#[test]
fn rows_read_as_they_print() {
    check("3\tread\tsys_read", "3\tread\tsys_read");
    check(
        "0xf0002\tcacheflush\t__ARM_NR_cacheflush\t=arm_cacheflush",
        "0x0f0002\tcacheflush\t__ARM_NR_cacheflush\t=arm_cacheflush",
    );
    check(
        "23\tsetuid\tsys_setuid16\t(old_uid_t uid)",
        "23\tsetuid\tsys_setuid16\t(old_uid_t uid)",
    );
    check(
        "42\tpipe\tsysm_pipe\t( void )  # none",
        "42\tpipe\tsysm_pipe\t(void)",
    );
    check(
        "1\ta\tb\t=c\t(int d,const char*e)",
        "1\ta\tb\t=c\t(int d, const char *e)",
    );
}

#[test]
fn a_bad_row_is_named() {
    check(
        "3",
        "n.txt:1: expected a tab and the name of the call, found the end of the line",
    );
    check(
        "3\tread",
        "n.txt:1: expected a tab and the kernel's entry point, found the end of the line",
    );
    check(
        "3 read sys_read",
        "n.txt:1: expected a tab and the name of the call, found the end of the line",
    );
    check("x\tread\tsys_read", "n.txt:1: expected a number, found `x`");
    check(
        "\n3\tread\tsys_read\twhat",
        "n.txt:2: expected `=CALL` or `(PARAMS)`, found `what`",
    );
    check(
        "3\tread\tsys_read\t(int)x",
        "n.txt:1: expected `=CALL` or `(PARAMS)`, found `(int)x`",
    );
    check(
        "3\tread\tsys_read\t(int a b)",
        "n.txt:1: expected `,` or `)`, found `b`",
    );
    check(
        "3\tre-ad\tsys_read",
        "n.txt:1: expected a name, found `re-ad`",
    );
    check(
        "3\tread\tsys_read\n# c\n3\twrite\tsys_write",
        "n.txt:3: expected each number once, found 3 for `write` and, on line 1, for `read`",
    );
}

fn places(signature: &str, variant: &str) -> String {
    let params = |text| {
        declaration::parse_params(text)
            .expect("the test's own text parses")
            .0
    };
    match numbers::places(&params(signature), &params(variant)) {
        Ok(places) => format!("{places:?}"),
        Err(message) => message,
    }
}

#[test]
fn a_variant_permutes_leaves_out_or_renames() {
    assert_eq!(
        places("int a, int b, int c", "int c, int a, int b"),
        "[2, 0, 1]"
    );
    assert_eq!(places("int a, int b, int c", "int b"), "[1]");
    assert_eq!(places("int *fildes", "void"), "[]");
    assert_eq!(
        places("int a, int b, int c", "int a, int x, int y"),
        "[0, 1, 2]"
    );
}

#[test]
fn a_variant_that_could_mean_two_things_is_refused() {
    assert_eq!(
        places("int a, int b", "int b, int x"),
        "expected `b` at its place in `int a, int b`, found it at another among renamed parameters"
    );
    assert_eq!(
        places("int a, int b", "int x"),
        "expected the parameters `int a, int b`, some of them, or as many, found `int x`"
    );
}
