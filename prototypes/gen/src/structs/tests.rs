use expect_test::expect;

use super::measure::{list, measure, print};
use super::parse;
use crate::abis::Of;
use crate::compiler::Compiler;

const LIST: &str = "pair: struct pair\n\tfirst inner.second? third?\nnone?: struct none\n\tfield\n";
const PRELUDE: &str =
    "struct pair { int first; struct { unsigned char second; } inner; void *third; };";

#[test]
fn what_a_compiler_measures_is_the_text() {
    let wanted = list("list", LIST).expect("it parses");
    let compiler = Compiler::new("cc").expect("it is a command");
    let mut all = Vec::new();
    for (abi, prelude) in [
        ("a", PRELUDE.to_owned()),
        ("b", PRELUDE.replace("unsigned char", "short")),
    ] {
        match measure(&compiler, &prelude, &wanted) {
            Ok(facts) => all.push(Of {
                abi: abi.to_owned(),
                like: Vec::new(),
                facts,
            }),
            Err(message) => return eprintln!("skipped: {message}"),
        }
    }
    let text = print("Facts only.", &wanted, &all)
        .replace("16\n", "SIZE\n")
        .replace("8:8", "AT:SIZE");
    expect![[r#"
        # Facts only.

        [pair]
        size	SIZE
        first	0:4s
        inner_second	4:1u	b=4:2s
        third	AT:SIZE

        [none]
        size	-
        field	-
    "#]]
    .assert_eq(&text);
    let again = text.replace("SIZE", "8").replace("AT", "8");
    assert_eq!(parse("text", &again).expect("it parses").len(), 2);
}

#[test]
fn what_is_not_optional_must_be_there() {
    let Ok(compiler) = Compiler::new("cc") else {
        return;
    };
    let told = |text: &str| {
        let wanted = list("list", text).expect("it parses");
        measure(&compiler, PRELUDE, &wanted).expect_err("something is not there")
    };
    let message = told("pair: struct pair\n\tfirst fourth\n");
    if !message.starts_with("cc: ") {
        assert_eq!(message, "expected `fourth` in `struct pair`, found none");
        assert_eq!(
            told("none: struct none\n"),
            "expected `struct none`, found none"
        );
    }
}

#[test]
fn fields_stand_under_a_structure() {
    let error = list("list", "\tfirst\n").expect_err("it is wrong");
    assert_eq!(
        error.to_string(),
        "list:1: expected `NAME: TYPE` before any fields"
    );
    let errors = parse("text", "first\t0:4\n[a]\nsize\tx\n").expect_err("it is wrong");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "text:1: expected the `[name]` of a structure first",
            "text:3: expected a size in bytes, found `x`"
        ]
    );
}
