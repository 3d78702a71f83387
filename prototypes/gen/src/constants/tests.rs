use std::collections::BTreeMap;

use expect_test::expect;

use super::{ByAbi, Values, number, parse, parse_table, print};
use crate::abis::Of;

fn of(abi: &str, like: Option<&str>, value: Option<i128>) -> Of<Option<i128>> {
    Of {
        abi: abi.to_owned(),
        like: like.map(str::to_owned).into_iter().collect(),
        facts: value,
    }
}

fn merge(all: &[Of<Option<i128>>]) -> String {
    ByAbi::merge(all, |value| *value).print(|value: &i128| value.to_string())
}

#[test]
fn the_value_of_most_abis_is_the_usual_one() {
    let all = [
        of("a", None, Some(1)),
        of("b", None, Some(2)),
        of("c", None, Some(2)),
    ];
    assert_eq!(merge(&all), "2\ta=1");
    assert_eq!(merge(&all[..2]), "1\tb=2");
    assert_eq!(
        merge(&[
            of("a", None, None),
            of("b", None, None),
            of("c", None, Some(-7))
        ]),
        "-\tc=-7"
    );
}

#[test]
fn an_abi_like_another_is_named_only_where_it_differs_from_that() {
    let all = |value| {
        [
            of("a", None, Some(1)),
            of("b", None, Some(1)),
            of("m", None, Some(9)),
            of("l", Some("m"), value),
        ]
    };
    assert_eq!(merge(&all(Some(9))), "1\tm=9");
    assert_eq!(merge(&all(Some(1))), "1\tl=1 m=9");
    assert_eq!(merge(&all(None)), "1\tl=- m=9");
    let merged = ByAbi::parse("1\tl=- m=9", number).expect("it parses");
    let on = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        merged.on(&names).copied()
    };
    assert_eq!(
        (on(&["a"]), on(&["m"]), on(&["l", "m"]), on(&["k", "m"])),
        (Some(1), Some(9), None, Some(9))
    );
}

#[test]
fn tables_of_abis_become_one_text() {
    let mut headings = BTreeMap::new();
    let mut table = |abi: &str, text: &str| {
        let facts: Values =
            parse_table(abi, text, &["nr".to_owned()], &mut headings).expect("it parses");
        Of {
            abi: abi.to_owned(),
            like: Vec::new(),
            facts,
        }
    };
    let all = [
        table(
            "a",
            "# comment\nopen\tO_CREAT\t64\nat\tAT_FDCWD\t-100\nnr\tNR\t1\n",
        ),
        table(
            "b",
            "open\tO_CREAT\t64\nopen\tO_LARGE\t32768\nat\tAT_FDCWD\t-100\n",
        ),
        table("c", "open\tO_CREAT\t0x100\n"),
    ];
    let text = print("Facts.\nOnly.", &headings, &all);
    expect![[r#"
        # Facts.
        # Only.

        [at]
        AT_FDCWD	-100	c=-

        [open]
        O_CREAT	64	c=0x100
        O_LARGE	-	b=0x8000
    "#]]
    .assert_eq(&text);
    assert_eq!(parse("text", &text).expect("it parses").len(), 3);
}

#[test]
fn a_table_has_three_columns() {
    let error =
        parse_table("x86", "open\tO_CREAT\n", &[], &mut BTreeMap::new()).expect_err("it is wrong");
    assert_eq!(
        error.to_string(),
        "x86:1: expected a group, a name and a value, separated by tabs"
    );
}
